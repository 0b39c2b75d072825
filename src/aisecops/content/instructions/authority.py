"""Texts that speak with the developer's voice: a new system prompt, rules that no longer hold, what machines have to say about a matter or whoever they judge.

A page says of people what they must do, and of machines what they are good for. It does not hand its reader a prompt, cancel what the reader's developer laid down,
or fix the verdict of whatever model will read it. What a design guide says of a chatbot's own nature ("must say that it is a machine") is no such verdict.
"""

from __future__ import annotations

from functools import cache

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.instructions.rules import Rule, plain

_DROP = r"(?:ignore|disregard|forget|discard|drop|set aside|override|bypass|break|neglect)"
_LAID_DOWN = r"(?:rules?|instructions?|guidelines?|polic(?:y|ies)|restrictions?|limits?|constraints?|orders?|directives?|prompts?|wishes|settings)"
_MAKERS = r"(?:developers?|creators?|makers?|operators?|providers?|owners?|vendors?|company|designers?|trainers?)"
_MACHINE = (
    r"(?:(?:ai|a\.i\.|llm|(?:large )?language|machine[- ]learning|generative|virtual)[- ](?:models?|systems?|tools?|assistants?|agents?|reviewers?"
    r"|graders?|screeners?)"
    r"|llms?|ai|chat ?bots?|bots?|chatgpt|gpt-?\d?|claude|gemini|copilot)"
)
"""What is a machine and nothing else: an assistant or an agent may be a person."""
_MUST = r"(?:must|should|shall|has to|have to|is to|are to)(?: always| also| only| then| now| not| never)*"
_THE = r"(?:(?:an?|any|the|some|every|all|each) )?"
_JUDGING = r"(?:assess|evaluat|review|screen|grad|scor|rank|rat|judg|read|summari[sz]|process|analy[sz]|translat|classif|short-?list|compar|sort)\w*"
_VERDICT = (
    r"(?:rate|rank|score|grade|give|award|assign|mark|classify|label|treat|recommend|accept|approve|pass|state|say|report|conclude|describe|praise"
    r"|consider|output|reply"
    r"|respond|answer|ignore|omit|skip|add|include|mention|tell|put|place|move|list|return|write|select|pick|choose|prefer|shortlist|hire|do not"
    r"|don't|never|always)\b"
)
_SAY = r"(?:say|state|claim|insist|answer|reply|respond|report|tell|mention|recommend|conclude)"
_WORK = r"(?:users?|readers?|visitors?|repl(?:y|ying|ies)|answer(?:s|ing)?|respond(?:s|ing)?|summar\w+|translat\w+)"
"""Whom a model serves, and what it does."""
_LABEL = r"(?:^|[\n.!?>*\]] ?)(?:\*\*)?(?:system|admin|developer)(?: message| notice| note)? ?: ?(?:\*\* ?)?"
_WHEN = r"(?:when(?:ever)?|while|before|if|after|once)"
_UNLESS_ADVICE = (
    r"(?!it(?: is|'s) (?:an?|not|only|just|no)\b|it (?:does|cannot|can)\b|they are (?:an? )?(?:ai|bot|machine)|you\b|the answer|no (?:answer|information)"
    r"|[^.\n]{0,60}\b(?:should|must|can|may|needs?|might|could|please)\b)"
)
"""A machine says what it is and advises, as its guide has it; what it has to assert is another matter."""
_DOCUMENT = r"(?:page|document|file|text|article|message|e-?mail|post|site|website|thread|ticket|invoice|resume|cv|review|paper|note)"
E = Evidence
_STEERED = ((E.STEERED_OUTPUT, 1.5),)
_ENGLISH: tuple[Rule, ...] = (
    Rule(
        E.OVERRIDE, 3.0, ("your ",),
        rf"\b{_DROP} (?:all |any |every |the |those |these |of ){{0,3}}{_LAID_DOWN} (?:that )?(?:(?:of|from|by|(?:set|given|made|laid down) by) )?your {_MAKERS}\b"
        rf"|\b{_DROP} (?:all |any |every |of ){{0,2}}your {_MAKERS}(?:'s|s')? {_LAID_DOWN}\b",
        order=True,
    ),
    Rule(
        E.OVERRIDE, 3.0, ("forget ", "disregard "),
        r"\b(?:forget|disregard) (?:everything|all|anything)(?: (?:that|which))? (?:you (?:were|have been|had been|got)|you've been|has been|was)"
        r" (?:told|given|taught|instructed|asked)\b(?! (?:about|regarding|concerning|on)\b)",
        order=True,
    ),
    Rule(
        E.OVERRIDE, 3.0, ("replaced", "superseded", "overridden", "void", "cancel", "withdrawn", "revoked"),
        r"\b(?:all|any|every) (?:of )?(?:the )?(?:earlier|previous|prior|former|other|above) (?:guidance|instructions?|rules|prompts?|guidelines|directives?)"
        r" (?:that )?you (?:were given|have been given|were told|(?:have )?received) (?:is|are) (?:hereby |now )?(?:replaced|superseded|overridden"
        r"|void|cancell?ed|withdrawn"
        r"|revoked)\b",
    ),
    Rule(
        E.JAILBREAK, 2.0, (" as ", " like "),
        r"\b(?:answer|act|respond|reply|behave|speak|continue|operate)(?: only| freely)? (?:as|like) (?:dan|stan|evil ?\w{0,8}(?:bot|gpt))\b", order=True,
    ),
    Rule(
        E.JAILBREAK, 3.0, ("pretend", "act as if", "assume"),
        r"\b(?:pretend|act as if|assume) (?:that )?(?:the |your |all |any )?(?:(?:safety|content|usage) (?:polic(?:y|ies)|filters?|guidelines|rules)"
        r"|safeguards|guardrails)"
        r" (?:do(?:es)? not|don't|doesn't|no longer) (?:exists?|appl(?:y|ies))\b",
        order=True,
    ),
    Rule(
        E.JAILBREAK, 3.0, ("off", "disabled", "lifted", "removed", "suspended", "deactivated"),
        r"\byour (?:%w ){0,2}?(?:filters?|guidelines|restrictions|safeguards|guardrails|safety (?:rules|policies|policy|training)|content polic(?:y|ies))"
        r" (?:are|is|have been|has been|were) (?:now |hereby |temporarily )?(?:(?:switched|turned) off|disabled|lifted|removed|suspended"
        r"|deactivated) (?:for|in|during)"
        r" (?:this|the (?:rest|current)) (?:\w+ )?(?:session|conversation|chat|reply|task|page|document)",
    ),
    Rule(
        E.IMPERSONATION, 3.0, ("new ",),
        r"\bnew (?:system|developer) (?:prompts?|messages?|instructions?|role) ?: ?[\"'\u201c]?"
        r"(?:you (?!are (?!named|called|un\w+|allowed|freed)\w+ed\b|can\b|have\b)|your (?:new |only |task|role|name)|from now|ignore|forget|never"
        r"|act as|as of now|stop)",
    ),
    Rule(
        E.IMPERSONATION, 1.6, ("system:", "admin:", "developer:", "system :", " message:", " notice:", " note:"),
        rf"{_LABEL}(?=(?:please )?{_WHEN} (?:summari[sz]|process|translat|answer|reply|respond|quot|asked)\w*\b[^.\n]{{0,60}}?, (?:always |please |you must )?{_SAY}\b"
        r"|(?:tell|inform|assure) (?:the |every |any )?(?:users?|readers?)\b|new instructions?\b|(?:the assistant|the model) )",
    ),
    Rule(
        E.IMPERSONATION, 1.6, ("system:", "admin:", "developer:", "system :", " message:", " notice:", " note:"),
        rf"{_LABEL}{_WHEN} [^,.\n]{{0,60}}?\b(?:users?|readers?|visitors?)\b[^,.\n]{{0,60}}, (?:always |please |you must |then )?{_SAY}\b",
        also=((E.MODEL_ADDRESSED, 1.5),),
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.5, ("when", "if ", "once"),
        rf"\b(?:when(?:ever)?|if|once) (?:(?:it is|they are|someone|somebody|anyone|a (?:user|customer|visitor)|users?|customers?|the user|people) )?(?:is |are )?"
        rf"(?:asked|asks?|questioned|queried) (?:about|for|whether|if|which|what|how|who|why) [^.\n]{{1,80}}?, {_THE}{_MACHINE} (?:must|should|shall|has to|is to)"
        rf" (?:always|only|never fail to) {_SAY}(?: (?:the |every |any |all )?(?:users?|customers?|people|them|visitors?|callers?))? that {_UNLESS_ADVICE}",
        also=_STEERED,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("used", "employed", "asked", "tasked", "involved", "deployed"),
        rf"\b(?:if|when(?:ever)?|where|should) {_THE}{_MACHINE} (?:is|are|was|were|be|has been|gets) (?:being )?(?:used|employed|asked|tasked|involved|deployed)"
        rf" (?:to|for|in|with) (?:help )?{_JUDGING} (?:of )?(?:this|these|the present|my|our|me\b)[^.,:\n]{{0,50}}?[,:]"
        rf" (?:then |please |kindly |(?:it|the model|the system) {_MUST} ){{0,2}}{_VERDICT}",
        also=_STEERED,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("assistant", "model", "llm", " ai ", "\nai ", "bot", "agent"),
        rf"\b(?:{_THE}{_MACHINE}|(?:any|every) (?:assistant|agent)) (?:that |which )?(?:is |are )?(?:read|process|summari[sz]|visit|index|crawl|ingest)(?:es|ing|s|e)?"
        rf" this {_DOCUMENT}\b[^.\n]{{0,30}}? {_MUST} (?:{_VERDICT}|append|insert|end|begin|open|visit|call|send|ask|use|forward|link)\b",
        also=_STEERED,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("reading this", "processing this", "summarizing this", "summarising this"),
        rf"\bas (?:an?|the|any) (?:(?:assistant|agent) reading this|{_MACHINE} (?:that is )?(?:reading|processing|summari[sz]ing) this)"
        rf"(?: {_DOCUMENT})?, (?:you\b|please\b|{_VERDICT})",
        also=_STEERED,
    ),
    Rule(
        E.STEERED_OUTPUT, 1.5, ("when you", "while you", "before you"),
        rf"\b(?:when|while|before) you (?:summari[sz]e|translate|process|quote|cite|index) this {_DOCUMENT}, (?:please |always |also )?"
        r"(?:(?:add|append|insert|include)\b[^.\n]{0,60}(?:recommend|https?:|\blink\b|\bbest\b|praise)|(?:say|state|claim|recommend|conclude) "
        r"|do not mention|leave out|omit)",
    ),
    Rule(
        E.PROMPT_DISCLOSURE, 1.5, ("your ",),
        r"\b(?:repeat|recite|reveal|output|disclose|leak)(?: %w){0,4}? your (?:system|initial|hidden|original|secret) (?:prompt|message|instructions?)"
        r"(?: to [^.\n]{1,20})? (?:word for word|verbatim|in full|exactly|completely)\b",
        order=True, also=((E.MODEL_ADDRESSED, 1.5),),
    ),
    Rule(
        E.OVERRIDE, 1.2, ("from this", "from here", "going forward", "henceforth"),
        r"\b(?:from (?:this (?:point|moment|message|line)|here)(?: on(?:wards?)?)?|going forward|henceforth),? (?:you )?(?:will |must |shall |should "
        r"|only |always ){0,2}"
        r"(?:answer|respond|reply|obey|speak|praise|recommend)\b",
        order=True,
    ),
    Rule(
        E.CONCEALMENT, 2.0, ("will not", "won't"),
        r"\byou (?:will|must|shall) [^.\n]{1,80}? and (?:will not|won't) (?:tell|inform|mention to|explain to)(?: the| any| your)? (?:users?|customers?|anyone)\b"
        r"|\byou (?:will not|won't) (?:tell|inform|mention to|warn|notify) (?:the |any )?users?\b",
    ),
)  # fmt: skip

_CANCELLED: tuple[tuple[str, str], ...] = (
    # triggers; what the reader's developer laid down, and that it be forgotten
    ("entwickler|hersteller|betreiber|anbieter",
        r"\b(?:vergiss|ignoriere?|missachte|vergessen sie|ignorieren sie)(?: \w+){0,2} (?:regeln|vorgaben|anweisungen|richtlinien|weisungen"
        r"|einschränkungen)(?: \w+)? (?:deine[srnm]?|ihre[srnm]?) (?:entwickler|hersteller|betreiber|anbieter)\w*"),
    ("developpeur|createur|concepteur|fournisseur",
        r"\b(?:oublie[zr]?|ignore[zr]?|ne tiens pas compte)(?: [\w']+){0,2} (?:règles|consignes|instructions|directives|limites) (?:de|du|des) "
        r"(?:ton|votre|tes|vos) (?:développeurs?|créateurs?|concepteurs?|fournisseurs?)"),
    ("desarrollador|creador|proveedor",
        r"\b(?:olvid[ae]|ignor[ae]|descart[ae])(?: \w+){0,2} (?:reglas|normas|instrucciones|directrices|límites) de (?:tus?|sus?)"
        r" (?:desarrollador|creador|proveedor)\w*"),
    ("sviluppator|creator|fornitor",
        r"\b(?:dimentica(?:te)?|ignora(?:te)?)(?: \w+){0,2} (?:regole|istruzioni|direttive|limiti) (?:del|dei|degli) (?:tuoi?|vostri?o?) (?:sviluppator|creator"
        r"|fornitor)\w+"),
)  # fmt: skip
_PROMPTED: tuple[tuple[str, str], ...] = (
    # triggers; a new prompt with its first word
    ("systemprompt|system-prompt|systemanweisung|systemnachricht", r"\bneue[rs]? system-?(?:prompt|anweisung|nachricht) ?: ?[\"'\u201e]?(?:du|sie"
        r"|ab|ignorier\w*|vergiss|antwort\w*)\b"),
    ("nouve", r"\bnouve(?:lle|au) (?:instruction|consigne|invite|prompt|message) (?:du )?système ?: ?(?:tu|vous|ignore[zr]?|oublie[zr]?|à partir"
        r"|désormais|réponds)\b"),
    ("sistema", r"\bnuev[oa] (?:prompt|instrucción|mensaje) (?:de |del )?sistema ?: ?(?:eres|ahora|ignora|olvida|responde|a partir|debes|tu)\b"),
    ("sistema", r"\bnuov[oa] (?:prompt|istruzione|messaggio) (?:di |del )?sistema ?: ?(?:sei|ora|ignora|dimentica|rispondi|da ora|devi|tu)\b"),
)  # fmt: skip
_LABELLED: tuple[tuple[str, str], ...] = (
    # triggers; the system's voice, whom a model serves or from when on, and what it shall say
    ("system", r"(?:^|[\n.!?>*\]] ?)system(?:nachricht|meldung|hinweis)? ?: (?:wenn|falls|sobald|bevor) [^,.\n]{0,60}?\b(?:nutzer|benutzer|leser|besucher)\w*"
        r" [^,.\n]{0,60}, (?:antworte|sage?|behaupte|erwähne|empfiehl|nenne|verschweige)\b"),
    ("systeme", r"(?:^|[\n.!?>*\]] ?)(?:message |note )?(?:du )?système ?: (?:(?:lorsque|quand|si) [^,.\n]{0,60}?(?:utilisateur|lecteur|visiteur)s?\b[^,.\n]{0,60}, "
        r"(?:réponds|dis|affirme|recommande|mentionne|ajoute)|(?:à partir de maintenant|désormais),? tu )\b"),
    ("sistema", r"(?:^|[\n.!?>*\]] ?)(?:mensaje |nota )?(?:de |del )?sistema ?: (?:(?:si|cuando) [^,.\n]{0,60}?(?:usuario|lector|visitante)s?\b[^,.\n]{0,60}, "
        r"(?:responde|di|dile|afirma|recomienda|menciona|añade)|(?:a partir de ahora|desde ahora),? (?:solo |siempre )?(?:eres|responde\w*|debes|di"
        r"|recomienda\w*))\b"),
    ("sistema", r"(?:^|[\n.!?>*\]] ?)(?:messaggio |nota )?(?:di |del )?sistema ?: (?:(?:se|quando) [^,.\n]{0,60}?(?:utent|lettor|visitator)[ei]\b[^,.\n]{0,60}, "
        r"(?:rispondi|di'|afferma|consiglia|raccomanda|aggiungi)|(?:d'ora in poi|da ora),? (?:solo |sempre )?(?:sei|rispondi|devi|di'|consiglia))(?!\w)"),
)  # fmt: skip
_CLAIMED: tuple[tuple[str, str], ...] = (
    # triggers; when asked about a matter, the machine must always say that
    ("gefragt|fragt", r"\b(?:wenn|falls|sobald)\b[^.,\n]{1,80}?\b(?:gefragt wird|fragt|fragen), (?:muss|soll|müssen|sollen) (?:der|die|das|jeder"
        r"|unser) (?:chatbot|ki\S*|sprachmodell|assistent|bot)"
        r" (?:immer|stets|nur) (?:sagen|antworten|behaupten|erklären), dass (?!(?:er|sie|es) (?:nur )?(?:eine?|keine?|nicht) (?:ki|maschine|bot|mensch|programm|computer)"
        r"|[^.\n]{0,60}\b(?:soll|muss|kann|bitte))"),
    ("chatbot|assistant|modele| ia ", r"\b(?:quand|lorsqu|si)\b[^.,\n]{1,80}?, (?:le|la|l'|tout|votre|notre) ?(?:chatbot|assistant|modèle|ia"
        r"|robot) doit (?:toujours|uniquement) (?:dire|répondre"
        r"|affirmer|déclarer) (?:que|qu')(?! ?(?:il|elle) (?:est une?|n'est)|[^.\n]{0,60}\b(?:doit|faut|peut|peuvent)\b) ?"),
    ("chatbot|asistente|modelo| ia ", r"\b(?:cuando|si)\b[^.,\n]{1,80}?, (?:el|la|todo|nuestro) (?:chatbot|asistente|modelo|ia"
        r"|bot) debe (?:(?:decir|responder|afirmar) (?:siempre|solo)|siempre"
        r" (?:decir|responder|afirmar)) que (?!es )"),
    ("chatbot|assistente|modello| ia ", r"\b(?:quando|se)\b[^.,\n]{1,80}?, (?:il|l'|la|ogni|lo) ?(?:chatbot|assistente|modello|ia"
        r"|bot) deve (?:(?:dire|rispondere|affermare) (?:sempre|solo)|sempre"
        r" (?:dire|rispondere|affermare)) che (?!è )"),
)  # fmt: skip
_USED_TO_JUDGE: tuple[tuple[str, str], ...] = (
    # triggers; if a machine is used to judge this, it must
    ("sprachmodell|ki |ki-|llm", r"\b(?:wenn|falls|sofern) (?:eine?|das) (?:ki\S*|sprachmodell|llm) (?:diese\w*"
        r"|zur? \w+ diese\w*)[^,.\n]{0,60}?, (?:(?:soll|muss) (?:sie|es|er) (?!\w+ geprüft)"
        r"|bewerte|gib|vergib|antworte|empfiehl)"),
    ("ia |modele|llm", r"\bsi (?:une?|l') ?(?:ia|intelligence artificielle|modèle de langage|llm) (?:est|sert|a été) (?:utilisée?"
        r"|employée?)?[^,.\n]{0,25}(?:pour|à) [^,.\n]{1,20} (?:ce|ces|cette|cet|ma"
        r"|mon|notre) [^,.\n]{1,40}, (?:elle|il) doit (?:lui )?(?:donner|attribuer|accorder|le noter|la noter|placer|classer|mettre|retenir"
        r"|recommander|conclure|répondre)"),
    ("modelo|ia |llm", r"\bsi (?:se (?:usa|utiliza|emplea) )?(?:una?|el) (?:ia|inteligencia artificial|modelo de lenguaje"
        r"|llm) [^,.\n]{0,25}?(?:para|evalúa|lee) ?[^,.\n]{0,20}? ?(?:este|esta|mi"
        r"|nuestra|nuestro) [^,.\n]{1,40}, (?:debe )?(?:calificar|darle|otorgar|recomendar|concluir|responder|valorar|califique|recomiende|dele)\w*"),
    ("modello|ia |llm", r"\bse (?:un|una|un'|l') ?(?:ia|intelligenza artificiale|modello linguistico|llm) (?:viene|è) (?:usat|utilizzat"
        r"|impiegat)[oa] per [^,.\n]{1,20} (?:questo|questa|la mia"
        r"|il mio) [^,.\n]{1,40}, deve (?:dar|assegnar|attribuir|valutar|raccomandar|concluder|risponder|giudicar)\w*"),
    ("von einer ki|von einem sprachmodell|von einem llm", r"\bwird diese\w* [^.,\n]{1,40} von (?:einer ki|einem (?:sprachmodell|llm)) \w+,"
        r" (?:dann |so |bitte )?(?:vergib|gib|bewerte|antworte|sage?|empfiehl|schreibe?|soll(?:te)? (?:sie|es) (?:immer|stets|die (?:note|höchst)))"),
    ("riassum", r"\b(?:quando|se) (?:riassum\w+) (?:questo|questa|quest') ?(?:documento|pagina|testo|articolo|email),"),
)  # fmt: skip


@cache
def authority_rules() -> tuple[Rule, ...]:
    """Return the rules of this module: those in English first."""
    rows: list[tuple[Evidence, float, tuple[tuple[Evidence, float], ...], tuple[tuple[str, str], ...]]] = [
        (E.OVERRIDE, 3.0, (), _CANCELLED),
        (E.IMPERSONATION, 3.0, (), _PROMPTED),
        (E.IMPERSONATION, 1.6, _STEERED, _LABELLED),
        (E.MODEL_ADDRESSED, 1.5, _STEERED, _CLAIMED),
        (E.MODEL_ADDRESSED, 1.8, _STEERED, _USED_TO_JUDGE),
    ]
    return _ENGLISH + tuple(
        Rule(evidence, weight, tuple(plain(triggers).split("|")), plain(pattern), also=also)
        for evidence, weight, also, listed in rows
        for triggers, pattern in listed
    )

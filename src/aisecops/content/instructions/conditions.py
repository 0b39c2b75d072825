"""Texts that ask whether their reader is a machine, call it by its name, or set it another task, in many languages.

"If you are a language model" is said to nobody else: behind it whatever stands is meant for one. A name with a comma is not enough ("Claude, call me"), and counts
together with what only an order to a machine wants: the conversation, the prompt, that the user does not learn of it.
"""

from __future__ import annotations

from functools import cache

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.instructions.rules import Rule, spelled

_KIND = r"(?:[- ](?:ass?istent\w*|assistant\w*|modell?\w*|agente?\w*|bots?|s[iy]stem\w*|g[ée]n[ée]rat\w*))?(?![\w-])"
_MACHINES = rf"(?:ai|ki|ia|llm|chatbot\w*){_KIND}"
_IF_YOU_ARE: tuple[tuple[str, str], ...] = (
    # triggers; the condition
    ("sprachmodell|ki-|ki |assistent|chatbot", r"\b(?:wenn|falls|sofern) (?:du|sie|ihr) (?:ein\w* |als )?(?:\w+ )?(?:sprachmodelle?"
        r"|ki(?:-(?:assistent|modell|system|agent|bot)\w*)?|sprachassistent|llm|chatbot)"
        r"(?: \w+)? (?:bist|sind|seid)\b|\bsollte(?:st|n)? (?:du|sie) (?:eine? )?(?:sprachmodell|ki|chatbot) sein\b"),
    ("modele|ia |chatbot|assistant", rf"\bsi (?:tu es|vous êtes) (?:une? )?(?:modèle de langage|intelligence artificielle|assistant (?:ia"
        rf"|virtuel)|agent conversationnel|{_MACHINES})\b"),
    ("modelo|ia |inteligencia|chatbot|asistente", rf"\bsi (?:eres|usted es|vos sos|sos) (?:una? )?(?:modelo de lenguaje|inteligencia artificial"
        rf"|asistente (?:de ia|virtual)|{_MACHINES})\b"),
    ("modelo|ia |inteligencia|chatbot|assistente", rf"\bse (?:você |tu )?(?:é|és|for|fores) (?:uma? )?(?:modelo de linguagem"
        rf"|inteligência artificial|assistente (?:de ia|virtual)|{_MACHINES})\b"),
    ("modello|ia |intelligenza|chatbot|assistente|ai ", rf"\bse (?:tu )?(?:sei|siete|è) un[oa']? ?(?:modello linguistico|intelligenza artificiale"
        rf"|assistente (?:ai|ia|virtuale)|{_MACHINES})\b"),
    ("taalmodel|ai|chatbot", r"\b(?:als|indien) (?:je|jij|u) (?:een )?(?:\w+ )?(?:taalmodel|ai(?:-(?:assistent|model|systeem|agent|bot))?|chatbot"
        r"|llm) (?:bent|ben)\b"),
    ("model|ai |chatbot|asysten|inteligencj", r"\b(?:jeśli|jeżeli|gdy) jesteś (?:\w+ )?(?:model\w+ język\w+|sztuczn\w+ inteligencj\w+"
        r"|asystent\w+ (?:ai|si)|chatbot\w*|(?:ai|llm)\b)"),
    ("языков|ии|ассистент|бот|нейросет", r"если (?:ты|вы) ?[-\u2013\u2014]? ?(?:это |являе\w+ )?(?:языков\w+ модел\w+|нейросет\w+|ии\b"
        r"|искусственн\w+ интеллект\w*|чат-?бот\w*|ассистент\w* ии)"),
    ("мовна|мовною|ші|штучн|бот", r"якщо (?:ти|ви) ?[-\u2013\u2014]? ?(?:є )?(?:мовн\w+ модел\w+|штучн\w+ інтелект\w*|чат-?бот\w*)"),
    ("yapay zeka|dil model|sohbet", r"\b(?:yapay zek[âa]|yapay zek[âa] (?:asistan|model|sistem|ajan)\w*?|dil model\w*?|sohbet robot\w*?)(?:ysan"
        r"|ysen|san|sen)(?:ız|iz)?\b"),
    ("sprakmodell|sprogmodel|ai", r"\b(?:om|hvis) du (?:är|er) (?:en|et|ett) (?:stor \w*)?(?:språkmodell|sprogmodel|ai(?:-(?:assistent|modell?"
        r"|system|agent|bot))?|chatbot|kunstig intelligens|artificiell intelligens)(?![\w-])"),
    ("kielimalli|tekoaly", r"\bjos olet (?:\w+ )?(?:kielimalli|tekoäly\w*)"),
    ("jazykov|umel|chatbot", r"\b(?:pokud|jestliže|ak) (?:jsi|jste|si) (?:velký )?(?:jazykov\w+ model\w*|uměl\w+ inteligenc\w+"
        r"|umel\w+ inteligenci\w+|chatbot)"),
    ("limbaj|inteligen", r"\bdacă (?:ești|sunteți) (?:un |o )?(?:model(?:ul)? de limbaj|inteligență artificială|asistent ai)"),
    ("nyelvi|mesterseges", r"\bha (?:te |ön )?(?:egy )?(?:nyelvi modell|mesterséges intelligencia) vagy\b"),
    ("γλωσσικ|τεχνητ", r"(?:αν|εάν) (?:είσαι|είστε) (?:ένα )?(?:μεγάλο )?(?:γλωσσικό μοντέλο|τεχνητή νοημοσύνη)"),
    ("mo hinh|tri tue", r"\bnếu bạn là (?:một )?(?:mô hình ngôn ngữ|trí tuệ nhân tạo|trợ lý ai)"),
    ("bahasa|kecerdasan|ai", r"\bjika (?:anda|kamu) (?:adalah )?(?:sebuah )?(?:model bahasa|kecerdasan buatan|asisten ai)"),
    ("نموذج|ذكاء|مساعد", r"(?:إذا|ان|إن) كنت (?:نموذجا|نموذج|نموذجًا|ذكاء|مساعد\w*) ?(?:لغوي\w*|اصطناعي\w*|الذكاء|ذكي\w*)?"),
    ("यदि|अगर", r"(?:यदि|अगर) (?:आप|तुम) (?:एक )?(?:एआई\w*|ai|भाषा मॉडल|चैटबॉट)(?: \w+)? (?:हैं|हो)"),
    ("如果|若|假如", r"(?:如果|若|假如)(?:你|您)是(?:一个|一名|一款|大型)?"
        r"(?:ai(?:助手|模型|系统|代理|助理)?|人工智能(?:助手|模型|系统)?|大?语言模型|大模型|智能助手|聊天机器人)(?=[,。 \n]|的话|并|正在|且"
        r"|请)"),
    ("あなた|君|貴方", r"(?:あなた|君|貴方)が(?:もし)?(?:大規模)?"
        r"(?:ai(?:アシスタント|モデル|エージェント|システム)?|言語モデル|アシスタント)(?:なら|であれば|である場合"
        r"|の場合)"),
    ("라면|인 경우", r"(?:당신이|귀하가|만약|혹시)[^.\n]{0,6}"
        r"(?:ai(?: ?(?:비서|모델|어시스턴트|에이전트|도우미))?|인공지능|언어 ?모델|챗봇)(?:이?라면|인 경우)|(?:^|[\n.] ?)(?:ai ?(?:비서"
        r"|모델|어시스턴트)|인공지능|언어 ?모델|챗봇)(?:이?라면)"),
)  # fmt: skip
_CALLED: tuple[tuple[str, str], ...] = (
    # a machine by its name, and a comma or colon
    (
        "ki-|sprachmodell|assistent|asistente|assistente|ia:|ia,|ai-|asystent|ассистент|chatbot|ki:|ki,",
        r"(?:^|[\n.!?>*] ?)(?:liebe\w* |hinweis an die |an alle |à l'attention des |atención, ?|nota para el )?(?:ki(?:-(?:assistent\w*|system\w*"
        r"|agent\w*|modell\w*))?|sprachmodelle?|asistente(?: de ia| virtual)?|assistente(?: ia| ai| virtual\w?)?"
        r"|ia|ai-assistent|ai-agent|taalmodel|asystenc?i?e? ?(?:ai)?|assistants? ia|ассистент|помощник|нейросеть|chatbots?|asistente) ?[:,] ",
    ),
)  # fmt: skip
_MESSAGES: tuple[tuple[str, str], ...] = (
    ("modelo|assistant|ia", r"\b(?:mensagem|nota|aviso|instruções) (?:para|ao|a) (?:o |a )?(?:modelo|ia|assistente) ?:|\b(?:note|message"
        r"|consigne) (?:à|pour) l'(?:assistant|ia) ?:"),
)  # fmt: skip
_CONVERSATION = (
    r"(?:gespräch\w*|unterhaltung|chatverlauf|conversation|discussion|historique|conversación|conversacion|historial|conversa|histórico"
    r"|conversazione|cronologia|gesprek|rozmow\w*"
    r"|переписк\w*|разговор\w*|диалог\w*|sohbet\w*|konuşma\w*|l'adresse de l'utilisateur|daten des nutzers|datos del usuario|dados do usuário)"
)
_SENDS = (
    r"(?:sende|schicke|leite|übermittle|senden sie|envoie|envoyez|transmets|transmettez|envía|envia|envíe|envie|manda|mande|reenvía|encaminhe"
    r"|invia|inviate|inoltra|stuur|verzend"
    r"|wyślij|prześlij|отправь\w*|перешли\w*|gönder\w*)"
)
_ELSEWHERE: tuple[tuple[str, str], ...] = (("http|@", rf"(?<!\w){_SENDS}\b[^.\n]{{0,60}}?{_CONVERSATION}[^\n]{{0,40}}?(?:https?://|[\w.+-]+@)"),)
_ROLES: tuple[tuple[str, str], ...] = (
    ("rolle|role|rol |ruolo|papel|роль|角色|regeln|aufgabe", r"\b(?:vergiss (?:deine|ihre) (?:rolle|aufgabe|regeln)|oublie[zr]? (?:ton|votre) rôle"
        r"|olvida (?:tu|su) (?:rol|papel)"
        r"|dimentica il (?:tuo|suo) ruolo|esqueça (?:o )?seu papel|vergeet je rol|zapomnij o swojej roli)|забудь\w* (?:о )?(?:свою|своей"
        r"|свое\w*) рол|忘(?:记|掉)(?:你的|您的)角色"),
)  # fmt: skip
_FROM_NOW: tuple[tuple[str, str], ...] = (
    ("ab |partir|poi|nu af|teraz|отныне|сейчас|现在|これから", r"\b(?:ab (?:hier|jetzt|sofort)(?: gilt)?|à partir de maintenant|désormais"
        r"|a partir de (?:ahora|agora)|d'ora in poi"
        r"|vanaf nu|od teraz|fra nu af|från och med nu)\b[^\n]{0,50}?(?<!\w)(?:antworte|réponds|répondez|responde|responda|rispondi|antwoord"
        r"|odpowiadaj|svar|svara)\b"),
    ("систем|промпт", r"(?:выведи|покажи|раскрой)\w* (?:\w+ ){0,2}(?:сво\w+ )?систем\w+ (?:промпт|инструкци)\w*"),
)  # fmt: skip
_PROMPTS: tuple[tuple[str, str], ...] = (
    ("system|invite|istem|instrukcj|instruk", r"\b(?:invite système|instrukcj\w+ systemow\w+|systemprompt\w*|systeemprompt|sistem (?:istemi\w*"
        r"|komut\w*)|järjestelmäkehote\w*|systémov\w+ (?:prompt|instrukc)\w*)"
        r"|\bgib (?:\w+ ){0,2}(?:systemanweisung|systemprompt)\w*"),
)  # fmt: skip
_OTHER_OVERRIDES: tuple[tuple[str, str], ...] = (
    # verb; what; in the order of the language
    ("instruktion|anvisning|regler", r"\b(?:ignorer[ae]?|bortse från|se bort fra|glem|glöm)(?! (?:inte|ikke|icke|ej)\b)(?: \w+){0,2} (?:tidigare|föregående|tidligere"
        r"|foregående|forrige)(?: \w+){0,1} (?:instruk\w+|anvisning\w*|regler)"),
    ("pokyn|instrukc|prikaz|upute|navodil", r"\b(?:ignoruj\w*|zapomeň\w*|zabudni\w*|zanemari\w*|ignoriraj\w*"
        r"|pozabi\w*)(?: na)?(?: \w+){0,2} (?:předchozí\w*|predchádzajúc\w*|prethodn\w*|prejšnj\w*)(?: \w+){0,1} "
        r"(?:pokyn\w*|instrukc\w*|příkaz\w*|upute|naredbe|navodil\w*)"),
    ("ohje|kasky|maarays", r"\b(?<!älä )(?:unohda|sivuuta|ohita|jätä huomiotta)(?: \w+){0,2} (?:aiemmat|edelliset|aikaisemmat)(?: \w+){0,1} (?:ohjeet"
        r"|käskyt|määräykset)"),
    ("utasitas", r"\b(?<!ne )(?:hagyd figyelmen kívül|felejtsd el|hagyja figyelmen kívül)(?: \w+){0,3} (?:korábbi|előző)(?: \w+){0,1} utasítás\w*"),
    ("instruct|reguli", r"\b(?<!nu )(?:ignoră|ignorați|uită|uitați)(?: \w+){0,2} (?:instrucțiunile|regulile)(?: \w+){0,1} (?:anterioare|precedente)"),
    ("інструкц|вказів", r"(?<!не )(?:ігноруй|проігноруй|забудь)\w*(?: про)?(?: \w+){0,2} (?:попередн\w+)(?: \w+){0,1} (?:інструкц\w+|вказів\w+)"),
    ("οδηγι|εντολ", r"(?<!μην )(?:αγνόησε|αγνοήστε|ξέχασε|ξεχάστε)(?: \w+){0,2} (?:προηγούμεν\w+)(?: \w+){0,1} (?:οδηγίες|εντολές)"),
    ("huong dan|chi dan|lenh", r"\b(?<!đừng )(?<!không )(?:bỏ qua|phớt lờ|quên)(?: \w+){0,3} (?:hướng dẫn|chỉ dẫn|lệnh)(?: \w+){0,2} (?:trước|trên)"),
    ("instruksi|perintah", r"\b(?<!jangan )(?:abaikan|lupakan)(?: \w+){0,2} (?:instruksi|perintah|aturan)(?: \w+){0,1} sebelumnya"),
    ("دستور", r"(?:نادیده بگیر\w*|فراموش کن\w*)[^.\n]{0,20}(?:دستور\w*)|(?:دستور\w*)[^.\n]{0,20}(?:قبلی|پیشین)[^.\n]{0,12}(?:نادیده بگیر|فراموش کن)"),
    ("הוראות|הנחיות", r"(?:התעלם|התעלמי|שכח|התעלמו)\w*(?: \w+){0,2} (?:ההוראות|ההנחיות)(?: \w+){0,1} (?:הקודמות)"),
    ("คำสั่ง", r"(?<!อย่า)(?:ละเว้น|เพิกเฉย|ลืม)[^.\n]{0,16}คำสั่ง[^.\n]{0,12}(?:ก่อนหน้า|ข้างต้น)"),
    ("regles|normas|regole|regras|regeln|instrucciones", r"\b(?:ne tiens pas compte de|oublie) (?:toutes )?(?:tes|vos) (?:règles|consignes"
        r"|instructions)|\b(?:descarta|olvida|ignora) (?:todas )?(?:tus|sus) (?:reglas|normas"
        r"|instrucciones)|\b(?:descarta|descarte) (?:\w+ ){0,2}(?:normas|reglas|instrucciones) (?:anteriores|previas)|\b(?:dimentica"
        r"|ignora) (?:tutte )?le tue (?:regole|istruzioni)"
        r"|\b(?:esqueça|ignore) (?:todas )?(?:as )?suas (?:regras|instruções)|\b(?:vergiss|ignoriere) (?:alle )?deine (?:regeln|anweisungen"
        r"|vorgaben)"),
)  # fmt: skip
_NAMES = r"(?:chatgpt|gpt-?\d?|claude|gemini|copilot|cursor|grok|codex|assistant|llm|ai)"
_MODELS = r"(?:model|llm|ai|assistant|language model|grader|judge)"
_WHEN_ASKED = r"\b(?:when|whenever|if|once) (?:ever |you are |you're )?(?:asked|questioned)\b(?: %w){0,10}?,? ?"
_SAID = r"(?:say|answer|reply|respond|state|claim|tell|recommend|mention|insist|deny|pretend|confirm|assure)\b"
E = Evidence
_ENGLISH: tuple[Rule, ...] = (
    Rule(
        E.OVERRIDE, 3.0, ("you were", "you have", "you've", "you had", "you received", "you got"),
        r"\b(?:ignore|disregard|forget|discard|set aside|drop) (?:%w ){0,4}?(?:instructions?|guidelines?|rules?|prompts?|directives?"
        r"|orders) (?:that |which )?"
        r"you (?:were|have been|have|had|'ve been|received|got|were previously)(?: been)? ?(?:given|told|received|shown|handed"
        r"|assigned)?(?= ?(?:[.,;:!?)\n]|and |earlier|before|so far|previously|until now|above|$))", order=True,
    ),
    Rule(E.OVERRIDE, 2.0, ("task", "job", "assignment", "mission"), r"\byour (?:real|actual|true|proper|only) (?:task|job|assignment|mission"
        r"|purpose) (?:starts|begins|is|now)\b"),
    Rule(E.STEERED_OUTPUT, 1.5, ("above", "before this"), r"\b(?:text|content|document|everything|article) (?:above|before this(?: line)?) (?:was"
        r"|is) (?:only |just )?(?:an? )?(?:test|decoy|filler"
        r"|placeholder|irrelevant|example)\b"),
    Rule(E.MODEL_ADDRESSED, 1.8, ("model", "llm", "assistant", "grader", "judge"), rf"\b(?:to|for) (?:the|any|every"
        rf"|whichever) {_MODELS} (?:that is |which is |that's )?(?:evaluating|grading|scoring|judging"
        r"|rating|reviewing|reading|processing|summari[sz]ing|checking) (?:this|these|the)\b"),
    Rule(E.STEERED_OUTPUT, 1.5, ("asked", "questioned"), rf"{_WHEN_ASKED}(?:always|never|only) (?:%w )?{_SAID}"),
    Rule(E.STEERED_OUTPUT, 1.2, ("asked", "questioned"), rf"{_WHEN_ASKED}(?:simply |just |please )?{_SAID}"),
    Rule(E.STEERED_OUTPUT, 1.5, ("nothing else",), r"\b(?:output|answer|reply|respond|write|say|return"
        r"|print)(?: %w){1,6}? and nothing else\b", order=True),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("whoever", "whatever", "anyone", "anybody", "any system", "any tool"),
        r"\b(?:whoever|whatever|anyone who|anybody who|any (?:system|tool|pipeline) that) (?:processes|reads|summari[sz]es|handles|analy[sz]es"
        r"|translates|indexes) (?:this|the) (?:%w ){0,3}?"
        r"(?:with|using|through|by) (?:an? |any )?(?:large )?(?:language model|llm|ai|chatbot|assistant)\b[^.\n]{0,30}?\b(?:must|should|shall"
        r"|has to|needs to|is to)\b",
        also=((E.STEERED_OUTPUT, 1.5),),
    ),
    Rule(E.JAILBREAK, 3.0, ("apply",), r"\byour (?:%w ){0,2}?(?:filters?|guidelines|restrictions|safeguards|safety (?:rules|policies|policy"
        r"|training)|content polic(?:y|ies)) (?:do not|don't|does not|no longer)"
        r" apply\b"),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("if you", "when you"),
        rf"(?:^|[\n.!?\[(*>] ?)@?{_NAMES}[,:] (?:if|when|once) you (?:are )?(?:read(?:ing)?|see(?:ing)?|find|process(?:ing)?|open(?:ing)?|parse"
        rf"|index) (?:this|these|the)\b[^.\n]{{0,40}}?[,:]"
        r" ?(?:please )?(?:first )?[a-z]+\b", also=((E.STEERED_OUTPUT, 1.5),),
    ),
    Rule(
        E.STEERED_OUTPUT, 2.0, ("the user", "user says"),
        r"\b(?:the next time|next time|once|as soon as|after) the user (?:says|types|replies|responds|thanks|writes|answers|asks"
        r"|mentions)\b[^.\n]{0,50}?, ?(?:then )?(?:please )?(?:use|open|call|send|run"
        r"|turn|invoke|activate|delete|forward|transfer|book|unlock|share)\b",
    ),
    Rule(E.OVERRIDE, 2.5, ("forget",), r"\bforget (?:that )?you(?:'re| are) (?:only |just )?(?:an? )?(?:ai|assistant|language model|model|chatbot"
        r"|bot)\b", order=True),
    Rule(E.JAILBREAK, 1.5, ("you are now",), r"\byou are now (?:an? )?(?:\w+ )?(?:terminal|shell|interpreter|root|administrator|console"
        r"|different (?:ai|assistant|model))\b"),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("if you", "should you"),
        r"\b(?:if you (?:happen to be|turn out to be|are in fact|are actually|are indeed)|should you be) (?:an? |the )?(?:ai|llm"
        r"|large language model|language model|chatbot|virtual assistant|automated system)"
        r"(?: (?:model|assistant|agent|system|tool))?\b(?! (?:\w+er|user|student|team)\b)[^.\n]{0,40}?,", also=((E.STEERED_OUTPUT, 1.5),),
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("assistant", "model", "llm", " ai "),
        r"\b(?:the|any|every) (?:ai |language )?(?:assistant|model|llm|ai|bot) (?:that is |which is )?(?:reading|processing|summari[sz]ing"
        r"|handling) this\b[^.\n]{0,20}? (?:must|should|shall|has to)"
        r" (?:always |also )?(?:tell|inform|say|answer|reply|recommend|ask|send)\b", also=((E.STEERED_OUTPUT, 1.5),),
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.2, ("each ", "every ", "all "),
        r"\b(?:from (?:now|this point|here|this moment) on|going forward|henceforth),? (?:you )?(?:must |should |will |always )?(?:end|begin"
        r"|start|finish|sign|close|prefix) (?:each|every|all|any)"
        r" (?:of your )?(?:answers?|repl(?:y|ies)|responses?|messages?|outputs?)\b", also=((E.STEERED_OUTPUT, 2.0),),
    ),
    Rule(E.STEERED_OUTPUT, 1.5, ("be described", "be presented", "be recommended", "be ranked", "be called"),
        r"\b(?:must|should|shall) (?:always |only )?be (?:described|presented|recommended|ranked|called) (?:as "
        r"|to )?(?:the )?[^.\n]{0,40}?in (?:every|each|all|any) (?:answers?|summar(?:y|ies)|responses?|repl(?:y|ies))\b"),
    Rule(E.MODEL_ADDRESSED, 1.8, (" ai ", "\nai ", "llm"), r"(?:^|[\n.!?] ?)(?:ai|llm) (?:crawlers?|agents?|assistants?|models?|systems?|readers?"
        r"|bots?)(?: and \w+)? ?: "),
    Rule(E.MODEL_ADDRESSED, 1.2, ("@chatgpt", "@claude", "@gemini", "@copilot", "@grok", "@cursor", "@codex"), r"@(?:chatgpt|claude|gemini"
        r"|copilot|grok|cursor|codex)\b[,:]? "),
)  # fmt: skip


@cache
def condition_rules() -> tuple[Rule, ...]:
    """Return the rules of this module: those in English first."""
    rows: list[tuple[Evidence, float, tuple[tuple[Evidence, float], ...], tuple[tuple[str, str], ...]]] = [
        (E.MODEL_ADDRESSED, 1.8, ((E.STEERED_OUTPUT, 1.5),), _IF_YOU_ARE),
        (E.MODEL_ADDRESSED, 1.2, (), _CALLED),
        (E.MODEL_ADDRESSED, 1.8, (), _MESSAGES),
        (E.EXFILTRATION_CHANNEL, 1.5, ((E.SENSITIVE_RESOURCE, 1.2),), _ELSEWHERE),
        (E.OVERRIDE, 2.5, (), _ROLES),
        (E.OVERRIDE, 3.0, (), _OTHER_OVERRIDES),
        (E.STEERED_OUTPUT, 1.5, (), _FROM_NOW),
        (E.PROMPT_DISCLOSURE, 1.5, (), _PROMPTS),
    ]
    return _ENGLISH + tuple(
        Rule(evidence, weight, tuple(spelled(triggers).split("|")), spelled(pattern), also=also)
        for evidence, weight, also, listed in rows
        for triggers, pattern in listed
    )

"""Texts that give their reader a role, pass for its prompt, or say what must not get into its answer, in English and in the languages around it.

People are given roles in games and in jobs; a machine is told that it is now another, that no rule holds for it, and what to collect from whoever asks. People sum up
what they read for others, too, but nobody tells them beforehand what their summary has to leave out.
"""

from __future__ import annotations

from functools import cache

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.instructions.rules import Rule, plain

E = Evidence
_STEERED = ((E.STEERED_OUTPUT, 1.5),)
_BARE = r"(?:polic(?:y|ies)|rules?|limits?|limitations?|filters?|restrictions?|guidelines?|morals?|ethics|boundaries)"
_WHOSE = r"(?:user|person|customer|reader|visitor|caller|client|one|human)s?"
_DETAILS = (
    r"(?:serial numbers?|(?:home |postal |e-?mail )?address(?:es)?|e-?mails?|phone numbers?|(?:card|account|bank|personal|contact|payment) (?:numbers?|data|details)"
    r"|passwords?|log-?ins?|names?|date of birth|birthday)"
)
_PAGE = r"(?:document|page|text|article|file|e-?mail|message|thread|paper|review|report|post|cv|resume|application|invoice|ticket|website|site|passage|paragraph)"
_SERVES = r"(?:the |an? |any |all |every |your )?(?:users?|readers?|customers?|recipients?|visitors?|people|whoever asks)"
_KEEP_OUT = (
    r"(?:do not|don't|never) (?:mention|report|include|quote|tell|list|say|reveal|cite|show|repeat)|leave out|omit|conceal|hide"
    rf"|(?:say|claim|state|conclude|insist|assert|recommend|answer) |tell {_SERVES} (?!how|what|which|where|when|who)"
)
_TAG = (
    r"(?:[a-z]+[_-])?(?:admin|developer|operator|llm|ai|agent|assistant|model|chatbot|system|bot|gpt|claude|copilot|gemini)[_-]"
    r"(?:instruction|prompt|directive|note|message|rule|override|command|order|task|guideline)s?"
)
_MACHINES = r"(?:(?:ai|llm|coding|ai coding|automated) (?:assistants?|agents?|models?|tools?|systems?)|llms|language models|copilot|chatbots)"
_GUARDS = (
    r"(?:tls|ssl|certificates?|signatures?|integrity|security|auth\w*|permissions?|access|safety|validation|verification|sandbox\w*|confirmations?|guardrails?|logging"
    r"|audit\w*|csrf|cors|encryption)"
)
_TOLD_ALONG = r"(?:conversation|chat|history|context|prompt|summary|user|secret|query|question|message|answer|e-?mail|session)"
_JUDGE = (
    r"(?:(?:ai|llm|grader|judge|reward|language|scoring|ranking|reviewing|automated|generative)[- ](?:model|system|tool|agent|assistant|reviewer|grader|judge)"
    r"|llm|ai|chat ?bot"
    r"|copilot|claude|gemini|gpt-?\d?)"
)
_JUDGES = r"(?:scores?|grades?|judges?|rates?|ranks?|reviews?|reads?|evaluates?|assesses|assess|screens?|summari[sz]es?|processes|process|checks?|compares?|analy[sz]es?)"
_DOES = (
    r"(?:classify|mark|label|approve|archive|delete|forward|send|reply|answer|rate|rank|put|recommend|ignore|skip|treat|accept|move|say|state|tell|report"
    r"|summari[sz]e)"
)
_ENGLISH: tuple[Rule, ...] = (
    Rule(
        E.JAILBREAK, 2.0, ("you are now", "you will now", "you are from now", "now on"),
        r"\b(?:you (?:are|will) now|from now on,? you(?: are|'re| will)) (?:be |act as |pretend to be |called |named |known as |play )?(?:the |an? )?"
        r"(?:\w{2,20}(?:bot|gpt)\b|(?:%w ){0,3}?(?:ai|llm|(?:language|ai) model|chatbot|virtual assistant)\b)",
    ),
    Rule(
        E.JAILBREAK, 3.0, ("pretend", "act as", "behave", "play"),
        r"\b(?:pretend to be|act as|act like|behave as|behave like|play) (?:an? )?(?:%w ){0,2}?(?:ai|assistant|(?:language )?model|llm|chatbot|bot)"
        rf" (?:with(?:out)?(?: any)?|that has|which has|who has|having) (?:no )?{_BARE}\b",
    ),
    Rule(
        E.JAILBREAK, 1.2, ("stay in character", "remain in character", "keep in character", "break character", "never refuse"),
        r"\b(?:(?:stay|remain|keep) in character (?:whatever|no matter|even if|regardless|always|at all)|never break character|never refuse (?:an?y? |the |to )?"
        r"(?:requests?|questions?|answer|users?|orders?|[.!,;\n]))",
    ),
    Rule(
        E.OVERRIDE, 1.5, ("ignore", "disregard", "forget"),
        r"\b(?:ignore|disregard|forget) (?:all |the |any |of ){1,3}(?:previous|above|preceding|earlier|surrounding|other|rest of the) (?:text|content|paragraphs?|page"
        r"|document|article|sources|passages)\b", order=True,
    ),
    Rule(
        E.SENSITIVE_RESOURCE, 1.8, ("who asks", "who is asking", "the user", "of the person", "of the customer", "of the reader", "of each", "of every"),
        rf"\b(?:collect|gather|obtain|record|note down|find out|store) (?:%w ){{0,4}}?{_DETAILS}(?: %w){{0,8}}? (?:of|from) (?:the |any |each |every |whichever )?"
        rf"{_WHOSE}(?: who asks| asking| you talk to|(?=[.,;\n]|$| and))",
        order=True,
    ),
    Rule(
        E.SENSITIVE_RESOURCE, 1.0, ("for their", "for his", "for her"),
        rf"\b(?:ask|prompt) (?:%w )?for (?:their|his|her) {_DETAILS}", order=True,
    ),
    Rule(
        E.EXFILTRATION_CHANNEL, 1.5, ("server", "endpoint", "webhook", "partner", "operator"),
        r"\b(?:pass|send|forward|transmit|report|upload|submit|relay) (?:them|it|these|this|those|everything|all of (?:it|them|this)|what you \w+) (?:on )?to"
        r" (?:the |our |an? |this )?(?:%w ){0,2}?(?:server|endpoint|webhook|partner|operator)\b",
    ),
    Rule(
        E.IMPERSONATION, 2.0, tuple(f"{word}{end}" for word in ("instruction", "prompt", "directive", "note", "message", "rule", "override", "command", "order", "task",
        "guideline") for end in (">", "s>", " ", "s ")),
        rf"<{_TAG}(?: [^>\n]{{0,60}})?>[^<]{{0,200}}?\b(?:always|never|must|do not|don't|tell|say|reply|respond|answer|ignore|recommend|approve|send|forward"
        rf"|claim|from now)\b",
        also=_STEERED,
    ),
    Rule(
        E.IMPERSONATION, 1.6, ("system",),
        r"(?:^|\n ?)(?:#{1,6} ?)?system(?: prompt| message| note| instructions?)? ?:?[ \n](?=you (?:must|will|should|are to|may) (?:not|never|always|now)\b|never "
        r"|do not |always |ignore |from now on|new instructions|tell (?:the )?users?\b)",
    ),
    Rule(
        E.IMPERSONATION, 2.0, ("\"role\"",),
        r"\"role\" ?: ?\"(?:system|developer)\" ?, ?\"content\" ?: ?\"(?:new |ignore|forget|from now|never |disregard|overrid|updated |do not |you must not |policy)",
        also=_STEERED,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.5, ("you ",),
        rf"\b(?:if|when(?:ever)?|while|before|as) you(?: are|'re)? (?:now )?(?:summari[sz]|translat|quot|cit|paraphras|answer|repl|analy[sz]|process|read|review)\w*"
        rf" (?:from |with |about |to )?(?:this|these)(?: {_PAGE})?, ?(?:please |then |also |always |and )*(?:{_KEEP_OUT})",
        also=_STEERED,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.5, ("summar", "translat", "quot", "paraphras"),
        rf"\b(?:if|when(?:ever)?|while|before) you(?: are|'re)? (?:now )?(?:summari[sz]|translat|quot|paraphras)\w* (?:this|these)(?: {_PAGE})?, ?"
        r"(?:please |then |also |always |and )*(?:skip|add|append|insert|include|mention|begin|end|put)\b",
        also=_STEERED,
    ),
    Rule(
        E.CONCEALMENT, 2.0, ("summary", "summaries", "answer", "reply", "replies", "diff", "log", "commit", "report"),
        r"\b(?:hide|leave|keep|omit) (?:it|this|that|them|these|all of this) (?:from|out of) (?:the |your |any |all )?(?:summary|summaries|answers?|reply|replies|diffs?"
        r"|logs?|commit messages?|reports?|change ?logs?)\b",
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("copilot", "cursor", "codex", "chatgpt", "gemini", "assistant", "llm", "ai,"),
        r"(?:^|[\n.!?\[(*>] ?)@?(?:chatgpt|gpt-?\d?|gemini|copilot|cursor|codex|assistant|llm|ai)[,:] (?:if|when(?:ever)?|once|while|before|after) you "
        r"(?:are )?(?:edit|writ|work|build|generat|summari[sz]|answer|commit|review|repl|chang|open|touch|refactor|releas|deploy|respond|cod|modif|us|run|creat|fix)\w*"
        r"\b[^.\n]{0,60}?(?:, | (?:also|always|never|add|do not|then) )",
        also=_STEERED,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.5, ("must", "should", "shall", "have to", "are to"),
        rf"\b{_MACHINES} (?:must|should|shall|have to|are to|has to) (?:always |also |silently )?(?:disable|turn off|skip|bypass|weaken|suppress|switch off)"
        rf" (?:%w ){{0,2}}?{_GUARDS}\b",
        also=((E.OVERRIDE, 2.0),),
    ),
    Rule(
        E.OVERRIDE, 1.5, ("as of now", "from now on", "from here on", "henceforth", "starting now"),
        r"\b(?:as of now|from now on|from here on|henceforth|starting now),? you(?:'re| are) (?!(?:an? )?\w+ed\b|not |no |able|free|eligible|allowed"
        r"|responsible|on |in |going"
        r"|subject|all |the (?:first|last|next))\w",
    ),
    Rule(
        E.IMPERSONATION, 2.0, ("system message", "system prompt", "system instructions"),
        r"\b(?:begin|end|start|end of|start of) (?:of )?(?:new )?system (?:message|prompt|instructions?)\b",
    ),
    Rule(
        E.OVERRIDE, 2.0, ("obsolete", "outdated", "expired", "invalid", "replaced", "superseded", "void"),
        r"\b(?:previous|prior|earlier|old|original|initial) (?:system )?prompts? (?:is|are|was|has been|have been) (?:now |hereby )?(?:obsolete|void|outdated"
        r"|expired|superseded"
        r"|replaced|cancell?ed|invalid|no longer valid)\b",
    ),
    Rule(
        E.SENSITIVE_RESOURCE, 1.4, ("ask you for", "need your", "tell me your", "give me your"),
        r"\b(?:ask you for|need|tell me|give me) your (?:%w )?(?:credit card|passwords?|card number|pin\b|ssn|one-time code|bank details)",
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("model", " ai ", "llm", "bot", "copilot", "claude", "gemini", "gpt"),
        rf"\b(?:if|when(?:ever)?|where|should|once) (?:an? |any |the |some |every |your )?{_JUDGE} {_JUDGES} (?:this|these|my|our"
        rf"|the present) [^.,:\n]{{1,50}}[,:] ?(?:it|they|he|then"
        r"|please|the model) ?(?:must|has to|have to|should|shall|is to|are to|needs? to)? ?(?:always |only )?(?:give|award|assign|rate|score|rank|recommend"
        r"|accept|approve|pass"
        r"|say|state|report|conclude|praise|ignore|omit|mention|return|output|answer|reply)\b",
        also=_STEERED,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.5, ("working ", "operating ", "running ", "acting ", "editing "),
        rf"\b{_MACHINES} (?:that are |that is )?(?:working|operating|running|acting|editing|committing) (?:in|on|with|to|from) (?:this"
        rf"|the) (?:\w+ )?\w+ (?:should|must|shall|have to"
        r"|are to|need to)\b",
    ),
    Rule(
        E.CONCEALMENT, 2.0, ("not mention", "not report", "not tell", "not disclose", "not show", "not log"),
        r"\b(?:and|but|then|also) (?:must |should |do |to )?not (?:mention|report|tell|disclose|show|log) (?:it|this|that|them|anybody|anyone)\b",
    ),
    Rule(
        E.OVERRIDE, 3.0, ("the user ",),
        r"\b(?:pretend|assume|act as if|suppose) (?:that )?(?:the|this|every) user (?:has|is|holds|was given) (?:an? )?(?:%w )?(?:admin\w*|root|owner|unlimited"
        r"|full (?:access|rights))\b",
        order=True,
    ),
    Rule(
        E.OVERRIDE, 2.0, ("permanently", "for ever", "forever", "for good", "later chats", "future chats", "later conversations", "following chats", "all chats"),
        r"\b(?:store|save|remember|keep|memori[sz]e) (?:this|that|it|the following)(?: %w){0,2}? (?:permanently|for ?ever|for good)\b"
        r"|\bin (?:all|every|any) (?:later|future|following|other|coming) (?:chats?|conversations?|sessions?)\b",
    ),
    Rule(E.IMPERSONATION, 1.2, ("memory update", "memory note", "memory:"), r"(?:^|[\n.!?] ?)(?:new )?memory(?: update| note)? ?: ?(?:the )?user\b"),
    Rule(
        E.STEERED_OUTPUT, 2.0, ("other ",),
        r"\b(?:do not|don't|never) (?:use|consult|cite|trust|quote|rely on) (?:any |your |all |the ){1,2}?other (?:sources?|documents?|pages?|passages?"
        r"|results?|knowledge)\b",
        order=True,
    ),
    Rule(
        E.OVERRIDE, 1.2, ("is the only",),
        r"\bthis (?:page|document|text|article|source|passage|file) is the only (?:one|source|page|document|text)(?: %w){0,2}? (?:right|correct|true|reliable"
        r"|valid|trusted)\b",
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.0, ("question", "query", "prompt"),
        r"\b(?:when(?:ever)?|if) (?:the|a|any) (?:user's )?(?:question|query|prompt) (?:is|was|concerns?|asks?|mentions?)(?: about| on)?\b",
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("ai ", "llm "),
        rf"(?:^|\n ?|[.!?] )(?:ai|llm) \w{{3,14}} ?: ?(?=(?:please |always |never )?{_DOES}\b)",
        also=((E.STEERED_OUTPUT, 1.0),),
    ),
    Rule(
        E.CONCEALMENT, 2.0, ("before ",),
        r"\bbefore (?:the |any |your |a |its )?(?:users?|owners?|humans?|customers?|recipients?|persons?|anyone|anybody) (?:sees?|reads?|notices?|looks?|finds?)\b",
    ),
    Rule(
        E.IMPERSONATION, 1.6, ("instructions:", "instruction:", "directive:", "directives:"),
        r"(?:^|[\n.!?>*\]] ?)(?:assistant|llm|ai|agent|model|chat ?bot) (?:instructions?|directives?) ?:",
    ),
    Rule(
        E.STEERED_OUTPUT, 1.0, ("do not quote", "don't quote", "do not cite", "don't cite", "never quote", "never cite"),
        r"\b(?:do not|don't|never) (?:quote|cite) (?:the |this |any )?(?:manual|page|document|source|site|text|paper)\b", order=True,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.0, ("reader ", "readers ", "assistant", "bots ", "model", "llm"),
        r"\b(?:automated|automatic|ai|machine) (?:readers?|systems?|assistants?|agents?|bots?) (?:reply|replies|answers?|responds?|says?|states?|tells?)\b[^.\n]{0,40}?"
        r"\b(?:all|every|each|any) (?:questions?|quer(?:y|ies)|requests?)\b",
        also=_STEERED,
    ),
    Rule(
        E.OVERRIDE, 3.0, ("outrank", "overrule", "trump", "takes precedence", "stands above", "has priority"),
        r"\b(?:outranks?|overrules?|trumps?|takes precedence over|stands above|has priority over) (?:your|the) (?:system )?"
        r"(?:prompts?|instructions|guidelines|system message)\b",
    ),
    Rule(
        E.NO_CONFIRMATION, 3.0, ("as though", "as if"),
        r"\b(?:act|behave|proceed|go on|continue) as (?:though|if) (?:the |your )?(?:user|customer|owner|client) (?:had|has|have) (?:already )?"
        r"(?:confirmed|agreed|approved|consented|given (?:consent|permission))\b",
        order=True, also=((E.MODEL_ADDRESSED, 1.0),),
    ),
    Rule(
        E.OVERRIDE, 2.0, ("expired", "no longer count", "ran out", "are history"),
        r"\b(?:earlier|previous|prior|old|former) (?:guidelines|instructions|prompts?|directives) (?:have |has )?(?:expired|no longer count|ran out|are history)\b",
    ),
    Rule(
        E.JAILBREAK, 1.5, ("comply with", "obey "),
        r"\b(?:comply with|obey) (?:any|every|all|each) (?:%w )?(?:demands?|requests?|orders?|commands?|wish(?:es)?)\b", order=True,
    ),
    Rule(
        E.OVERRIDE, 2.0, ("wants you to", "would like you to"),
        r"\bthe user (?:secretly|really|actually|in fact|in truth|already) (?:wants|would like|asked|told|expects) you to\b",
    ),
    Rule(
        E.EXFILTRATION_CHANNEL, 1.8, ("share ", "give "),
        r"\b(?:share|give|hand over)(?: [^ !?\n]{1,40}){1,8}? (?:with|to) (?:https?://|[\w.+-]{1,40}@[\w-]{1,40}\.\w)", order=True,
    ),
    Rule(
        E.EXFILTRATION_CHANNEL, 3.0, ("http",),
        r"https?://[^ \n]{1,200}=[^ \n]{0,5} (?:with|followed by|plus|and) (?:%w ){0,5}?(?:questions?|conversation|messages?|prompt|query|history|answers?)\b",
    ),
    Rule(E.SENSITIVE_RESOURCE, 1.2, ("of the user",), r"\b(?:questions?|messages?|conversations?|inputs?|prompts?|answers?|location|contacts?) of the user\b"),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("talking to", "speaking to", "chatting with", "speaking with", "talking with"),
        r"\b(?:whoever|the (?:person|one|user|human)) (?:that |who )?you(?: are|'re) (?:talking|speaking|chatting|writing) (?:to|with)\b",
    ),
    Rule(
        E.SENSITIVE_RESOURCE, 1.8, ("their password", "their pin", "their card", "their credit"),
        r"\b(?:type|enter|give|confirm|repeat|send|provide)(?: in| again)? their (?:password|pin|card number|credit card)\b",
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("quoting this", "citing this", "using this", "digest this", "reading this", "reads this", "quotes this", "summarizing this"),
        rf"\b(?:(?:any|every|each|all|whichever|the|an?) )?(?:%w )?(?:chat ?bots?|bots?|robots?|llms?|assistants?|agents?|ai (?:model|tool|system)s?|language models?)"
        rf" (?:that |which )?(?:(?:is|are) )?(?:quot|cit|us|digest|read|summari[sz]|process|index)(?:ing|s|es|e)? this {_PAGE}"
        r" (?:has to|have to|must|should|shall|is to|are to|needs? to|(?:is|are) (?:obliged|required|asked|told) to)\b(?! not\b)",
        also=_STEERED,
    ),
    Rule(
        E.STEERED_OUTPUT, 1.2, ("to users", "to the user", "to your user", "to all users"),
        r"\b(?:explain|tell|say|state|report|repeat|claim) (?:this|that|it|so) to (?:the |all |your |any )?users?\b", order=True,
    ),
    Rule(
        E.STEERED_OUTPUT, 1.5, ("whatever you", "everything you", "all that you"),
        r"\b(?:append|add|attach|put|include)(?: [^\n ]{1,40}){1,8}? (?:to|in|into|behind|under) (?:whatever|everything|all that|anything)"
        r" you (?:write|say|answer|send|output)\b",
        order=True,
    ),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("deserves", "merits", "overlook"),
        r"(?:^|[\n.!?] ?)(?:grading|scoring|ranking|screening|reviewing) (?:assistant|model|system|agent|bot|tool)s? ?: ?[^.\n]{0,80}?"
        r"\b(?:(?:deserves|merits|gets) (?:an? )?"
        r"(?:a\+?|full marks|the (?:top|highest|best))\b|overlook\b)",
        also=_STEERED,
    ),
    Rule(
        E.EXFILTRATION_CHANNEL, 3.0, ("](http",),
        rf"!?\[[^\]\n]{{0,80}}\]\(https?://[^)\s]{{0,200}}[?&=/][^)\s]{{0,80}}?(?:\{{|\[|<|%7b|\$)(?: ?(?:the|your|insert))*[ _+-]?{_TOLD_ALONG}",
    ),
    Rule(
        E.EXFILTRATION_CHANNEL, 2.0, ("call ", "use ", "invoke "),
        r"\b(?:call|use|invoke|run) (?:the )?(?:tool |function )?[`'\"]?[a-z]+_[a-z_]+[`'\"]? (?:tool |function )?(?:with|to|and)\b[^.!?\n]{0,120}?"
        r"(?:https?://|[\w.+-]{1,40}@[\w-]{1,40}\.\w)",
        order=True,
    ),
    Rule(
        E.CONCEALMENT, 1.0, ("as normal", "as usual", "normally", "as if nothing"),
        r"\b(?:then|and) (?:continue|carry on|proceed|go on|answer|reply)(?: %w){0,3}? (?:as (?:normal|usual|if nothing)|normally)\b",
    ),
)  # fmt: skip

_UNBOUND: tuple[tuple[str, str], ...] = (
    # triggers; be a machine without limits
    ("ohne", r"\b(?:verhalte dich|verhalten sie sich|agiere|handle|antworte|spiele?)(?: ab \w+)? (?:wie |als )(?:\w+ ){1,4}?ohne (?:\w+ )?"
        r"(?:regeln|filter|einschränkungen|grenzen|beschränkungen|vorgaben)"),
    ("sans", r"\b(?:agis|agissez|comporte-toi|comportez-vous|réponds|répondez) comme (?:\w+ ){1,4}?sans (?:\w+ )?(?:limites?|restrictions?|filtres?|règles|censure)"),
    ("sin ", r"\b(?:actúa|actúe|compórtate|compórtese|responde) como (?:\w+ ){1,4}?sin (?:\w+ )?(?:límites?|restricciones|filtros?|reglas|censura)"),
    ("senza", r"\b(?:agisci|comportati|rispondi) come (?:\w+ ){1,4}?senza (?:\w+ )?(?:limiti|restrizioni|filtri|regole|censura)"),
    ("sem ", r"\b(?:aja|comporte-se|responda|atue) como (?:\w+ ){1,4}?sem (?:\w+ )?(?:limites|restrições|filtros|regras|censura)"),
    ("zonder", r"\b(?:gedraag je|handel|antwoord) als (?:\w+ ){1,4}?zonder (?:\w+ )?(?:regels|filters?|beperkingen|grenzen)"),
    ("без", r"(?:веди себя|действуй|отвечай) как (?:\w+ ){1,4}?без (?:\w+ )?(?:ограничени\w+|фильтр\w+|правил)"),
)  # fmt: skip
_PROMPT_OF: tuple[tuple[str, str], ...] = (
    ("instrucciones", r"\b(?:revela|muestra|enseña|repite|imprime)\w*(?: \w+){0,2} instrucciones (?:del|de) (?:tu )?sistema"),
    ("istruzioni", r"\b(?:rivela|mostra|ripeti|stampa)(?: \w+){0,2} istruzioni (?:di|del) sistema"),
    ("instruç", r"\b(?:revele|mostre|repita|imprima)(?: \w+){0,2} instruções (?:do|de) sistema"),
    ("instructions", r"\b(?:révèle|montre|répète|affiche)[zr]?(?: \w+){0,2} instructions (?:du|de) système"),
)  # fmt: skip
_IT_READS = r"(?:analizz|riassum|elabor|legg|traduc|process|valut|sintetizz)\w+"
_WHEN_READING: tuple[tuple[str, str], ...] = (
    # triggers; when you read this, and what must not come out, or must
    ("dokument|seite|text|artikel|mail|nachricht", r"\b(?:wenn|falls|sobald) (?:du|sie|ihr) dies\w* (?:dokument|seite|text|artikel|e-?mail|nachricht|beitrag)\w* "
        r"(?:analysier|lies|les|auswert|übersetz|zusammenfass|verarbeit|prüf)\w*, (?:\w+ ){0,2}?(?:erwähnen?|verschweigen?|behaupten?|empfiehl|empfehlen"
        r"|(?:sage?n?(?: sie)?|antworten?)(?: (?:de[mn]|allen) \w+)?, dass|fordere?n? (?:sie )?(?:de[nm] )?(?:be)?nutzer)\b"),
    ("document|page|texte|article|courriel|message", r"\b(?:lorsque|quand|si) (?:tu|vous) (?:analyse|lis|lise|traduis|traite|résume|évalue)\w* (?:ce|cette|cet) "
        r"(?:document|page|texte|article|courriel|message), (?:ne (?:mentionne|dis|dites|cite|parle|signale|rapporte)\w*|(?:dis|dites)(?: à l'utilisateur"
        r"| au lecteur)? qu|recommande|affirme|omets"
        r"|omettez|conclus|concluez|demande[zr]? à l'utilisateur)\b"),
    ("documento|pagina|texto|articulo|correo|mensaje", r"\b(?:cuando|al|si) (?:analic|analiz|le(?:as|a|er)|traduz|traduc|proces|resum|evalú|evalu)\w* (?:este|esta) "
        r"(?:documento|página|texto|artículo|correo|mensaje),? (?:no (?:menciones?|informes?|digas?|cites?|reveles?)|(?:di|dile|diga)(?: al usuario)? que"
        r"|recomienda|recomiende|omite"
        r"|omita|concluye|concluya|afirma|pide al usuario)\b"),
    ("documento|pagina|texto|artigo|mensagem", r"\b(?:quando|ao|se) (?:você )?(?:analis|ler|lê|leia|traduz|process|resum|avali)\w* (?:este|esta) "
        r"(?:documento|página|texto|artigo|e-?mail|mensagem),? (?:não (?:mencione|diga|informe|cite|revele)|diga(?: ao usuário)? que|recomende|omita|conclua"
        r"|afirme|peça ao usuário)\b"),
    ("documento|pagina|testo|articolo|mail|messaggio", rf"\b(?:quando|se|mentre) (?:tu )?{_IT_READS} (?:questo|questa|quest') ?(?:documento|pagina|testo|articolo|e-?mail"
        r"|messaggio),? (?:non (?:riportare|menzionare|citare|dire|rivelare|indicare)|(?:di'|dite)(?: all'utente)? (?:che|di)|raccomanda|consiglia|ometti"
        r"|concludi|afferma|invita l'utente"
        r"|chiedi all'utente)(?!\w)"),
    ("document|pagina|tekst|artikel|bericht", r"\b(?:als|wanneer|indien) (?:je|u) (?:dit|deze) (?:document|pagina|tekst|artikel|bericht|e-?mail) "
        r"(?:analyseert|leest|vertaalt|verwerkt|samenvat|beoordeelt), (?:vermeld (?:\w+ ){0,3}?niet|zeg(?: de gebruiker)? dat|beveel|verzwijg|beweer"
        r"|vraag de gebruiker)\b"),
)  # fmt: skip


@cache
def role_rules() -> tuple[Rule, ...]:
    """Return the rules of this module: those in English first."""
    rows: list[tuple[Evidence, float, tuple[tuple[Evidence, float], ...], tuple[tuple[str, str], ...]]] = [
        (E.JAILBREAK, 3.0, (), _UNBOUND),
        (E.PROMPT_DISCLOSURE, 1.5, (), _PROMPT_OF),
        (E.MODEL_ADDRESSED, 1.8, _STEERED, _WHEN_READING),
    ]
    return _ENGLISH + tuple(
        Rule(evidence, weight, tuple(plain(triggers).split("|")), plain(pattern), also=also)
        for evidence, weight, also, listed in rows
        for triggers, pattern in listed
    )

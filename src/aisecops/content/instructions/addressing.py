"""How a text turns to the model that reads it and says what it wants, in English and in fourteen other languages.

Nobody else writes so: a vocative, a heading, a request or a condition that names a machine ("Dear LLM,", "To any automated system reading this:", "Si eres una IA,"),
and behind it, where a sentence or a clause begins, an order. Either alone is innocent: notes on models name them, manuals order people about. Patterns are written
as people write and pass through the normalisation of the texts.
"""

from __future__ import annotations

from functools import cache

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.instructions.rules import Rule, plain

_BRAND = r"(?:chatgpt|gpt-?\d\w*|claude|gemini|(?:github |microsoft )?copilot|perplexity|grok|deepseek|codex)"
_ROLE = (
    r"(?:models?|assistants?|agents?|bots?|systems?|reviewers?|judges?|graders?|evaluators?|raters?|readers?|screeners?|parsers?|tools?|engines?"
    r"|summari[sz]ers?|crawlers?"
    r"|helpers?|applications?|services?)"
)
_MACHINE = (
    rf"(?:{_BRAND}|(?:ai|a\.i\.|llm|gpt|automated|automatic|generative|autonomous|tools?-(?:enabled|using)|artificially intelligent)(?:[- ](?:language"
    rf"|coding|powered|based"
    rf"|writing|search|review|support|screening|grading|scoring|ranking|hiring|recruit(?:ing|ment)|evaluation|moderation|translation"
    rf"|summari[sz]ation|assessment))?[- ]{_ROLE}|(?:\w+ )?(?:chat)?bots?|llms"
    rf"|(?:llm|ai)(?![\w-]| (?!that|which|who|is|are|will|must|should|shall|ha|to\b|ought|read|process|handl|scor|summ|review|eval|grad|pars|index|visit)\w)"
    rf"|(?:large |small )?(?:language|foundation|grader|judge|reward"
    rf"|chat) models?"
    r"|(?:ai|llm|automated)[ -](?!research|generated|based|related)\w{3,14}[ -](?:models?|assistants?|agents?|bots?|reviewers?|summari[sz]ers?|crawlers?|readers?)"
    rf"|artificial intelligences?|coding (?:agents?|assistants?)|virtual assistants?)"
    r"(?! (?:developers?|engineers?|researchers?|users?|teams?|practitioners?|companies|students?|projects?|safety|policy|vendors?|startups?|courses?"
    r"|act\b|code\b|ethics|experts?|crew|group|members?|folks|gang|fans|community|department|unit|staff"
    r"|labs?|applications?|features?|providers?|api\b|apis\b|use\b|responses?|outputs?|answers?|prompts?))"
)
_ALL = r"(?:(?:any|all|every|each|the|an?|our|your|whichever|dear) ){0,2}"
_START = r"(?:^|[\n.!?\])>:#*] ?|\[\[? ?(?![^\]\n]{0,200}\]\()|<!-- ?|// ?|# ?)"
"""Where somebody may be turned to; in the text of a link stands a title."""
_GREETING = r"(?:dear|hey|hi|hello|ok|okay|attention|notice|note|important|psst|listen)[,:!]?"
_BEHIND = r"[^.\n]{0,70}?"
_VERB = (
    r"(?:accept|answer|append|approve|ask|add|assign|assume|attach|award|begin|call|choose|cite|claim|classify|click|close|conclude|confirm|consider|decide|delete"
    r"|describe|disclose|disregard"
    r"|download|e-?mail|encode|end|execute|favou?r|fetch|finish|follow|forget|forward|give|grade|grant|hide|ignore|include|insert|install|leave out"
    r"|list|mark|mention|move"
    r"|name|omit|open|output|pick|place|praise|prefer|present|print|prioriti[sz]e|put|rank|rate|recommend|refer|reject|remember|repeat|replace|reply"
    r"|report|respond|return"
    r"|reveal|run|say|score|search|select|send|set|share|show|skip|start|state|stop|suggest|summari[sz]e|tell|transfer|translate|treat|trust|upload"
    r"|use|visit|write)"
)
_ADDRESS = (
    rf"(?:{_START}{_GREETING} (?!claude\b){_ALL}{_MACHINE}\b{_BEHIND} ?[:,\u2013\u2014-]"
    rf"|{_START}(?!claude ?:){_ALL}{_MACHINE}(?: (?:visiting|reading|processing|browsing|handling|seeing|that|who)[^.:\n]{{0,50}})? ?[:\u2013\u2014]"
    rf"|\bif this (?:text|page|document|e-?mail|file|message) is (?:being )?(?:read|processed|summari[sz]ed|handled|analy[sz]ed) by {_ALL}{_MACHINE}\b{_BEHIND},"
    rf"|{_START}(?:{_BRAND}|llms?|ai|ai (?:agents?|models?)) ?, (?=(?:please |kindly |always |never |you (?:must|should|are to) )*{_VERB}\b(?! (?:me|us|him|her)\b))"
    rf"|(?<!tips )(?<!advice )(?<!guide )(?<!prompts )(?<!tricks )(?<!examples )(?<!\bit )(?<!\bthis )(?<!\bthem )\b(?:to|for|attention"
    rf"|addressed to) {_ALL}{_MACHINE}\b[^.\n\"\u201c]{{0,70}}? ?[:\u2013\u2014](?!//| ?[\"'\u201c\u201e\u00ab`])"
    rf"|\b(?:would|could|can|will) {_ALL}{_MACHINE}\b[^.?\n]{{0,50}}?\b(?:reading|kindly|please)\b"
    rf"|\b(?:if|when|since|as) (?:you are|you're|this is being read by) {_ALL}{_MACHINE}\b{_BEHIND},)"
)
_ORDER = (
    rf"(?:(?:(?<=[.!?:;,\n\u2013\u2014-] )|(?<=[.!?:;,\n\u2013\u2014-])|(?<=\band )|(?<=\bthen )"
    rf"|(?<=\bthis )|(?<=\breading )(?!list\b)|(?<=\balso )|(?<=, so ))(?:please "
    rf"|kindly |always |never |do not |don't"
    rf" |just |only |first |now |also |silently |instead )*{_VERB}\b(?!-)"
    rf"|\b(?:please|kindly|(?:you|it) (?:must|should|shall|(?:are|is) to)|your \w+ (?:must|should|shall|has to|have to))(?: always| never| not| also| only)? \w+)"
)
_ABOUT_THIS = (
    rf"{_START}{_ALL}{_MACHINE} (?:must|should|shall|(?:are|is) (?:required|instructed|asked|directed|requested|obliged) to|ha(?:ve|s) to)"
    r" (?:always |never |not |also |only )?(?:answer|call|conclude|describe|ignore|leave out|mention|omit|praise|prefer|present|rank|rate|recommend"
    r"|respond|say|score|state"
    r"|summari[sz]e|treat|trust)\b[^.\n]{0,60}?\bthis (?:\w+ )?(?:filing|page|document|text|article|product|candidate|paper|source|site|company|resume|cv)\b"
)
_HEARD = tuple(
    "chatgpt gpt claude gemini copilot perplexity grok deepseek codex bot llm ai automat generative autonomous enabled model intelligence agent assistant".split()
)
_WHAT = r"(?:answer|summary|reply|response|output|review|evaluation|report|translation|assessment|verdict)"

_NAMED = r"\b" + _MACHINE.replace(r"(?:\w+ )?(?:chat)?bots?", r"(?:chat)?bots?")
"""A machine as a word: it stands wherever a text turns to one."""

_LOOSE = (
    rf"(?:\b{_MACHINE} (?:must|shall|should|ought to|ha(?:s|ve) to|(?:is|are) to)\b"
    rf"|\b{_MACHINE} ?[:,\u2013-] ?(?={_VERB}|when|stop|count)"
    rf"|\b(?:to|for|dear|hey|as) (?:the|your|any|all|every|an?|this)? ?{_MACHINE}\b)"
)
_LOOSE_ROLE = (
    rf"(?:\b(?<=@)(?:{_BRAND}|bot|assistant|ai)\b|\b(?:vision|grading|scoring|ranking|screening|browsing|e-?mail"
    rf"|multimodal|accounts-payable)"
    r" (?:models?|assistants?|agents?|systems?)\b|\bthe model (?:scoring|grading|rating|judging|reading|summari[sz]ing) this|\banalysis software shall"
    r"|\bai(?:s(?<=[\w-] ais)|(?<=[\w-] ai)):)"
)
_AIM = (
    r"(?:\b(?:mark|count|grade|score|rate|return|give|award|accept|classify|file|caption|describe|treat|label)(?: [^ .\n]{1,30}){0,6}? (?:as|a\+|under"
    r"|full marks|five[- ]star|top"
    r"|highest|maximum|10/10)\b|\b(?:shall|do|must|should|will) not (?:raise|flag|list|report) (?:it|this|that)|\b(?:don'?t|do not|never) (?:list|post"
    r"|cite|flag) (?:it|that|this|rivals"
    r"|competitors)|\b(?:drop|discard|suppress|omit) (?:any|all|the|passages|reviews|results)\b[^.\n]{0,40}(?:that|about|which|mention)"
    r"|\blist no (?:weaknesses|flaws|negatives)"
    r"|\b(?:claim|affirm|append|assert) (?:that\b|['\"\u201c]|: )|\b(?:append|caption): ['\"\u201c]|\b(?:export|copy|post|upload|forward"
    r"|send) [^.\n]{1,50} to (?:https?://|[\w.+-]+@)|\b(?:api token|ssh key|stored card"
    r"|password)\b|\bdelete all (?:events|messages|mails|e-mails|files|contacts)|\bunsubscribe the alerts|\bwithout (?:contacting|asking"
    r"|telling) (?:the|your|any) \w+)"
)

_ENGLISH: tuple[Rule, ...] = (
    Rule(Evidence.MODEL_ADDRESSED, 1.0, _HEARD, rf"{_LOOSE}[^\n]{{0,160}}?{_AIM}", also=((Evidence.STEERED_OUTPUT, 2.0),), needs=(_NAMED,)),
    Rule(Evidence.MODEL_ADDRESSED, 1.0, (*_HEARD, "software"), rf"{_LOOSE_ROLE}[^\n]{{0,160}}?{_AIM}", also=((Evidence.STEERED_OUTPUT, 2.0),)),
    Rule(Evidence.MODEL_ADDRESSED, 1.8, _HEARD, _ADDRESS, needs=(_NAMED,)),
    Rule(Evidence.STEERED_OUTPUT, 1.5, _HEARD, rf"{_ADDRESS}[^\x00]{{0,160}}?{_ORDER}", needs=(_NAMED, _ADDRESS)),
    Rule(Evidence.MODEL_ADDRESSED, 1.5, _HEARD, _ABOUT_THIS, also=((Evidence.STEERED_OUTPUT, 1.5),), needs=(_NAMED,)),
    Rule(
        Evidence.STEERED_OUTPUT, 1.5, ("your ",),
        rf"\byour (?:%w )?{_WHAT} (?:must|should|has to|needs to|is to) (?:always |only |also )?(?:end|begin|start|include|contain|say|state|mention"
        rf"|be (?:positive|favou?rable))\b",
    ),
    Rule(Evidence.MODEL_ADDRESSED, 1.0, ("when you", "before you", "while you"),
        rf"\b(?:when|before|while) you (?:render|write|give|produce|compose|generate|formulate|prepare) (?:the|your|an?|any|every) (?:%w )?{_WHAT}\b"),
    Rule(
        Evidence.STEERED_OUTPUT, 1.5, ("marks", "score", "10/10", "rating", "option"),
        r"\b(?:assign|award|give|output|return)(?: %w){0,5}? (?:full marks|(?:full|top|perfect|maximum|highest) (?:score|points|rating|marks)|10/10"
        r"|score of (?:10|100|9|5))\b"
        r"|\bmust (?:choose|select|pick|prefer) (?:option|answer|response|candidate) \w\b",
    ),
    Rule(
        Evidence.OVERRIDE, 3.0, ("instead of ",),
        r"\binstead of (?:translating|summari[sz]ing|answering|reviewing|describing|rating|classifying|grading)(?: %w){0,8}? ?,? (?:reply|say|output"
        r"|respond|write|answer|print"
        r"|tell|return)\b",
    ),
    Rule(Evidence.OVERRIDE, 3.0, ("forget what you",),
        r"\bforget what you (?:were|have been|are) told by (?:the|your) (?:developers?|system|operators?|providers?|makers?)\b"),
    Rule(
        Evidence.OVERRIDE, 2.0, ("whatever", "regardless", "no matter"),
        r"\b(?:whatever|regardless of what|no matter what) (?:the |any )?(?:other |remaining )?(?:sources?|documents?|passages?|context|results?"
        r"|pages?|user|question)"
        r" (?:says?|claims?|states?|asks?)\b",
    ),
    Rule(Evidence.OVERRIDE, 2.0, ("future conversation", "future chat", "future session", "later conversation"),
        r"\b(?:remember|keep in mind|note|store)(?: %w){0,4}? (?:for|in) (?:all |every |any )?(?:future|later) (?:conversations?|chats?|sessions?)"),
    Rule(Evidence.STEERED_OUTPUT, 1.5, ("memory",),
        r"\b(?:save|store|write|add|commit) (?:this|that|it|the following)(?: %w){0,3}? (?:to|in|into) (?:your |the )?(?:long-term |permanent "
        r"|persistent )?memory\b"),
    Rule(
        Evidence.OVERRIDE, 3.0, ("decode", "decrypt", "unscramble"),
        r"\b(?:decode|decrypt|unscramble)(?: %w){0,8}? (?:and|then) (?:do|follow|execute|obey|carry out) (?:what (?:it|they)|(?:the|its) (?:decoded "
        r"|resulting )?(?:instructions?|text"
        r"|message|commands?))\b",
    ),
    Rule(
        Evidence.JAILBREAK, 2.5, ("without", "with no", "rules", "guidelines"),
        r"\byou(?:'re| are) (?:now |henceforth )?(?:%w ){0,3}?(?:an? )?(?:ai|(?:language )?model|assistant|chatbot) (?:without|with no|that has no"
        r"|free of)(?: %w)? (?:restrictions?"
        r"|filters?|limits|rules)|\bsets? (?:its|your|their|all|aside) (?:own )?(?:rules|guidelines|restrictions)(?: aside)?\b",
    ),
    Rule(
        Evidence.PROMPT_DISCLOSURE, 1.5, ("above", "rules", "contents of", "context"),
        r"\b(?:show|print|repeat|output|writ|reveal|display|list|tell|answer)(?:s|e|ing)?(?: %w){0,8}? (?:everything above|above this line|(?:hidden"
        r"|secret|internal) rules|rules (?:you|it|the"
        r" \w+) (?:was|were) given|(?:raw )?contents? of (?:its|your|the) context)\b",
    ),
    Rule(Evidence.SENSITIVE_RESOURCE, 1.2, ("user's", "users'", "customer's"),
        r"\b(?:user|customer)(?:'s|s') (?:%w ){0,3}?(?:messages?|conversations?|questions?|inputs?|prompts?|e-?mail address)\b"),
    Rule(
        Evidence.CONCEALMENT, 2.0, ("sent ", "history", "log"),
        r"\b(?:delete|remove|erase|clear|wipe) (?:the |all |any )?(?:sent (?:copies|copy|messages?|mails?|items?)|traces?|(?:chat|command|browser"
        r"|message) (?:history|logs?))\b", order=True,
    ),
    Rule(Evidence.CONCEALMENT, 1.5, ("needn't", "need not", "no need to"),
        r"\b(?:needn't|need not|no need to) (?:tell|inform|mention|notify|ask)(?: %w){0,3}? (?:user|developer|human|owner|customer|anyone|it|this)\b"),
    Rule(Evidence.IMPERSONATION, 2.5, ("user:", "human:"), r"(?:^|\n ?|[.!?\-] ?)(?:user|human): [^\n]{1,300}?[\n ] ?(?:assistant|ai|model): ?(?:sure"
        r"|of course|certainly|ok|yes|here)\b"),
    Rule(Evidence.IMPERSONATION, 1.2, ("\"role\"",), r"\"role\" ?: ?\"(?:system|developer)\""),
)  # fmt: skip

_FOREIGN: tuple[tuple[str, str, str, str], ...] = (
    # triggers; how it is turned to; the machine; orders
    (" ki |\nki | ki-| ki,| ki:|sprachmodell|sprachassistent|chatbot|intelligenz",
        r"liebe[rs]?|hinweis (?:an|für)|notiz (?:an|für)|nachricht (?:an|für)|anweisung(?:en)? (?:an|für)|achtung,?|hallo",
        r"(?:ki|ai)(?:[- ](?:systeme?n?|assistent(?:en)?|modelle?n?|agent(?:en)?|bots?|tools?))?|sprachmodelle?n?|sprachassistent(?:en)?|chatbots?"
        r"|künstlichen? intelligenz(?:en)?|llms?",
        r"vergiss|vergessen sie|ignoriere?|missachte|empfiehl|empfehlen sie|gib|verrat|(?:ignorier|schick|send|antwort|sag|erwähn|nenn|schreib|füg"
        r"|bewert|behaupt|leit|öffn"
        r"|ruf|verschweig|lass|forder|ersetz|beend|verweis|zeig|geb|füg)(?:e|en sie)"),
    ("intelligence artificielle| ia |ia,|ia:|l'ia|modele de langage|modeles de langage|assistant|chatbot|conversationnel",
        r"(?:note|message|instructions?|consignes?|avis) (?:à|aux?|pour|destinée?s? (?:à|aux?))|cher|chère|chers|attention,?|bonjour,?"
        r"|si (?:tu es|vous êtes)",
        r"intelligences? artificielles?|ia|modèles? de langage|assistants? (?:ia|virtuels?|numériques?|automatiques?)|chatbots?|(?:robots?"
        r"|agents?) conversationnels?|systèmes? d'ia|llms?",
        r"note[zr]?|transf[èé]re[zr]?|supprime[zr]?|affirme[zr]?|copie[zr]?|(?:tu dois|vous devez) \w+|n'évoque[zr]?|ne (?:tiens|tenez|mentionne|mentionnez|dis"
        r"|dites|révèle|révélez) pas|oublie[zr]?|ignore[zr]?|réponds|répondez|recommande[zr]?|envoie|envoyez"
        r"|transmets|transmettez|affiche[zr]?"
        r"|dis|dites|ajoute[zr]?|écris|écrivez|classe[zr]?|évalue[zr]?|demande[zr]?|insère[zr]?|termine[zr]?|conclus|concluez|omets|omettez|cache[zr]?"
        r"|donne[zr]?|cite[zr]?"),
    ("inteligencia artificial| ia |ia,|ia:|modelo de lenguaje|modelos de lenguaje|asistente|chatbot",
        r"(?:nota|mensaje|instrucci(?:ón|ones)|aviso) (?:a|al|para)|atención,?|querid[oa]s?|estimad[oa]s?|hola,?|si (?:eres|usted es)",
        r"inteligencias? artificiales?|ia|modelos? de lenguaje|asistentes? (?:de ia|virtual(?:es)?|digital(?:es)?|de inteligencia artificial"
        r"|automátic[oa]s?)|chatbots?|sistemas? de ia|llms?",
        r"digan|respondan|recomienden|ignoren|copia|copie|borra|borre|no avises|afirma|afirme|olvida|olvide|ignora|ignore|di|diga|dile|dígale|añad[ea]"
        r"|agreg[au]e?|no (?:menciones"
        r"|mencione|digas|diga|reveles|revele)|responde|responda"
        r"|recomienda|recomiende|envía|envíe"
        r"|muestra|muestre|reenvía|reenvíe|escribe|escriba|incluye|incluya|califica|califique|concluye|concluya|pide|pida|termina|termine|omite|omita"
        r"|oculta|oculte|indica|indique"),
    ("intelligenza artificiale| ia |ia,|ia:| ai |modello linguistico|modelli linguistici|assistente|chatbot",
        r"(?:nota|messaggio|istruzioni|avviso) (?:a|ai|al|agli|all'|alla|per)|attenzione,?|car[oiae]|gentil[ei]|ciao,?|se sei",
        r"intelligenz[ae] artificial[ei]|ia|ai|modell[oi] (?:linguistic[oi]|di linguaggio)|assistent[ei] (?:ai|ia|virtual[ei]|digital[ei])|chatbot"
        r"|sistem[ai] di (?:ia|ai)|llm",
        r"copia\w*|cancella\w*|non ditelo|afferma\w*|inoltrate|ignora|ignorate|dimentica|dimenticate|rispondi|rispondete|consiglia|consigliate"
        r"|raccomanda\w*|invia\w*|mostra\w*|di'|dite|aggiungi"
        r"|aggiungete|non (?:menzionare|dire|rivelare)"
        r"|scrivi|scrivete|includi|inoltra\w*|valuta\w*|concludi|chiedi|termina\w*|ometti|nascondi|indica\w*"),
    ("inteligencia artificial| ia |ia,|ia:|modelo de linguagem|modelos de linguagem|assistente|chatbot",
        r"(?:nota|mensagem|instruç(?:ão|ões)|aviso) (?:a|ao|aos|à|às|para)|atenção,?|car[oa]s?|prezad[oa]s?|olá,?|se (?:você|tu) (?:é|és|for)",
        r"inteligências? artificia(?:l|is)|ia|modelos? de linguagem|assistentes? (?:de ia|virtua(?:l|is)|digita(?:l|is)|de inteligência artificial)"
        r"|chatbots?|sistemas? de ia|llms?",
        r"respond[ae]|ignore|esqueça|recomend[ae]|envi[ae]|encaminhe|mostre|diga|acrescente|adicione|(?:não|nunca) (?:mencione|revele|diga)|inclua"
        r"|escreva|avalie|conclua|peça|termine"
        r"|omita|oculte|classifique|indique"),
    (" ai-| ai |taalmodel|chatbot|intelligentie",
        r"(?:bericht|opmerking|instructies?|notitie) (?:aan|voor)|beste|let op,?|hallo,?",
        r"ai(?:[- ](?:assistent(?:en)?|model(?:len)?|syste(?:em|men)|agent(?:s|en)?))?|taalmodel(?:len)?|chatbots?|kunstmatige intelligentie|llms?",
        r"negeer|vergeet|stuur|antwoord|zeg|beveel|vermeld|noem|schrijf|voeg|geef|toon|verzwijg|beoordeel|vraag|verberg|raad"),
    ("jezykow|sztuczn|asysten|chatbo",
        r"uwaga,?|(?:wiadomość|instrukcj\w+|notatka) (?:do|dla)|drog[ia]|jeśli (?:jesteś)",
        r"model\w* językow\w+|sztuczn\w+ inteligencj\w+|asysten\w+ (?:ai|si|wirtualn\w+)|chatbo\w+|system\w* ai|ai",
        r"zignoruj|ignoruj|zapomnij|odpowiedz|odpowiadaj|polec\w*|wyślij|prześlij|napisz|dodaj|powiedz|nie (?:wspominaj|mów|ujawniaj)|pokaż|oceń"
        r"|umieść|pomiń|ukryj|podaj"),
    ("yapay zeka|dil model|chatbot|sohbet robot",
        r"dikkat,?|sayın|sevgili|not,?|bu \w+ (?:okuyan|işleyen|özetleyen)|tüm|sen bir",
        r"yapay zek[âa]\w*(?: (?:asistan|model|sistem|ajan)\w*)?|dil model\w*|sohbet robot\w*|chatbot\w*",
        r"yok say\w*|unut\w*|öner\w*|yanıtla\w*|gönder\w*|söyle\w*|yaz|ekle\w*|göster\w*|bahsetme\w*|belirt\w*|gizle\w*|cevapla\w*"),
    ("языков| ии |ии-|искусствен|бот|нейросет|помощник|ассистент",
        r"внимание,?|уважаем\w+|дорог\w+|(?:сообщение|инструкци\w+|обращение|примечание) (?:для|к)|если (?:ты|вы)|привет,?|всем",
        r"(?:больш\w+ )?языков\w+ модел\w+|ии(?:[- ](?:помощник|ассистент|агент|модел|систем)\w*)?|искусственн\w+ интеллект\w*|чат-?бот\w*|нейросет\w*"
        r"|(?:виртуальн|цифров)\w+ (?:помощник|ассистент)\w*",
        r"забудь\w*|(?:про)?игнорируй\w*|отвечай\w*|ответь\w*|скажи\w*|перешли\w*|отправь\w*|(?:по)?рекомендуй\w*|добавь\w*|напиши\w*|покажи\w*|выведи\w*"
        r"|не (?:упоминай|сообщай|говори|раскрывай)\w*|оцени\w*|назови\w*|попроси\w*|скрой\w*|укажи\w*"),
    ("إلى|أيها|يا |كنت|تنبيه|ملاحظة|عزيزي",
        r"(?:ملاحظة|رسالة|تعليمات) (?:إلى|لـ?)|أيها|يا|إذا كنت|تنبيه،?|عزيزي",
        r"(?:ال)?مساعد\w* (?:الذكاء الاصطناعي|الذكي|الافتراضي)|الذكاء الاصطناعي|نموذج\w* لغوي\w*|(?:ال)?نماذج اللغ\w+|(?:ال)?نموذج اللغوي"
        r"|روبوت\w* (?:ال)?(?:محادثة|دردشة)",
        r"ف?(?:تجاهل|أخبر|أرسل|أجب|قل|اذكر|أضف|اكتب|أوص|أظهر|انس|قدم|صنف|أعط|اطلب)\w*|لا (?:تذكر|تخبر|تكشف)\w*"),
)  # fmt: skip

_TOP_MARKS: tuple[tuple[str, str], ...] = (
    # a machine and the best of marks in one sentence
    ("sprachmodell| ki |ki-", r"(?:sprachmodell|ki)\w*\b[^.\n]{0,60}?\b(?:soll|muss|bitte|bewerte|gib|sollte)\w*\b[^.\n]{0,60}?(?:best\w+ (?:kandidat"
        r"|bewerb)\w+|höchste?\w* (?:punktzahl|bewertung|note)"
        r"|volle punktzahl)"),
    ("modele| ia |ia,|ia:|chatgpt", r"(?:modèles? de langage|ia|chatgpt)\b[^.\n]{0,100}?(?:20 sur 20|note maximale|meilleure note)"),
    ("modelo| ia", r"(?:modelos? (?:de ia|de lenguaje|de linguagem)|ia)\b[^.\n]{0,60}?\b(?:debe|deve|da|dale|dé|dê|otorga)\w*\b"
        r"[^.\n]{0,60}?(?:máxima puntuación|puntuación máxima|nota máxima"
        r"|pontuação máxima)"),
    ("modell| ia |ia,|ia:| ai ", r"(?:modell[oi] linguistic[oi]|ia|ai)\b[^.\n]{0,100}?punteggio massimo"),
    ("нейросет|модел| ии ", r"(?:нейросет\w*|языков\w+ модел\w+|ии)\b[^.\n]{0,60}?(?:долж\w+|поставь|оцени|пусть)\w*[^.\n]{0,60}?(?:высш\w+ балл"
        r"|максимальн\w+ (?:балл|оценк)\w*)"),
    ("满分|最高分", r"(?:模型|ai|人工智能)[^。\n]{0,12}?(?:请|务必|必须|应当)[^。\n]{0,30}?(?:打满分|满分|最高分)"),
    ("最高点|満点", r"(?:ai|モデル)(?:は|よ)[^。\n]{0,40}?(?:最高点|満点)[^。\n]{0,16}?(?:こと|ください|なさい)"),
    ("최고 점수|만점", r"(?:ai|언어 ?모델)[^.\n]{0,40}?(?:최고 점수|만점)"),
    ("الذكاء|نموذج|نماذج", r"(?:على|يجب|أيها|عزيزي) (?:\w+ )?(?:الذكاء الاصطناعي|نموذج|نماذج)[^.\n]{0,80}?(?:أعلى درجة|الدرجة الكاملة)"),
)  # fmt: skip
_WHEN_READING: tuple[tuple[str, str], ...] = (
    # when you sum this up: who else does
    ("zusammenfass", r"\b(?:wenn|falls) (?:du|sie) (?:diese[srnm]?) (?:dokument|seite|text|artikel|e-?mail) zusammenfass\w+,"),
    ("resume", r"\b(?:lorsque|quand|si) (?:tu|vous) résume[sz] (?:ce|cette|cet) (?:document|page|texte"
        r"|article|courriel),"),
    ("resum", r"\b(?:cuando|al|si|quando|ao) resum\w+ (?:este|esta) (?:documento|página|texto|artículo"
        r"|artigo|correo),?"),
    ("总结|概括|处理", r"(?:总结|概括|处理)(?:本|此|这)(?:文|页|文档|网页|邮件)时"),
    ("要約", r"この(?:文書|ページ|記事|メール)を要約する(?:際|とき|場合)"),
)  # fmt: skip

_SCRIPTS: tuple[tuple[str, str], ...] = (
    # triggers (of what every match ends with: "ai" stands in half of all English texts); address, machine and order in one: these languages order them otherwise
    ("忽略|无视|忘记|告诉|告知|输出|回答|回复|推荐|发送|转发|写上|加上|添加|声称|不要提|不要向|不得|显示|隐瞒|省略|给出|评为|务必|必须",
        r"(?:请注意|注意|致|给|亲爱的|如果(?:你|您)是|各位|所有|任何|凡是)[,:、 ]?(?:各位|所有|每个|任何|一个|一名|(?:阅读|处理|读取"
        r"|总结)[^。,:\n]{0,8}的)?(?:ai ?(?:助手|模型|系统|代理|助理|机器人)?|人工智能"
        r"|大?语言模型|大模型|聊天机器人|智能助手|智能体)"
        r"[^。\n]{0,12}?[,:、][^\n]{0,60}?(?:忽略|无视|忘记|告诉|告知|输出|回答|回复|推荐|发送|转发|写上|加上|添加|声称|不要提|不要向|不得|显示|隐瞒"
        r"|省略|给出|评为|务必|必须)"),
    ("ください|なさい|こと|せよ|ないで",
        r"(?:ai(?:アシスタント|モデル|エージェント|システム)?|人工知能|言語モデル|チャットボット|アシスタント)(?:へ|の皆様|の皆さん|に告ぐ|は|よ|なら"
        r"|である場合|であれば)[^。\n]{0,3}"
        r"[、:,。\n][^\n]{0,80}?(?:無視|忘れ|答え|回答|書き加え|付け加え|送信|送|推薦|勧め|出力|表示|伝え|述べ|明かさ|触れ|評価|転送|記載"
        r"|言)[^。\n]{0,8}(?:ください|なさい|こと(?:$|[。\n])|せよ|ないで)"),
    ("세요|십시오|하라|시오|도록 하",
        r"(?:ai ?(?:비서|어시스턴트|모델|에이전트|도우미|시스템)?|인공지능|언어 ?모델|챗봇)(?:에게|들에게|께|라면|이라면|는|은"
        r"|여)[^.\n]{0,4}[:, ][^\n]{0,100}?"
        r"(?:무시|말|답|대답|보내|전송|추천|출력|추가|쓰|적|알리|언급|표시|숨기|평가)[^ \n]{0,4}(?:세요|십시오|하라|시오|도록 하)"),
    ("एआई|भाषा मॉडल|चैटबॉट|बुद्धिमत्ता",
        r"(?:एआई(?: (?:सहायक|मॉडल|एजेंट))?|कृत्रिम बुद्धिमत्ता|भाषा मॉडल|चैटबॉट)[^।\n]{0,20}?(?:के लिए|को|,|:|हैं|हो)[^\n]{0,100}?"
        r"(?:अनदेखा कर|भूल जा|बताएं|बताओ|भेजें|भेजो|उत्तर दें|लिखें|सुझाएं|जोड़ें|न बताएं|छिपाएं)"),
)  # fmt: skip


_TOWARDS = r"an|für|à|aux?|pour|a|al|para|ai|agli|all'|alla|per|aos?|às|aan|voor|do|dla|для|к|إلى"
"""Prepositions: a machine behind one of them is turned to only where a colon follows."""
_ARTICLES = (
    r"(?:el|la|los|las|le|les|l'|un|une?|una|uno|tod[oa]s?|toute?s?|tous|qualsiasi|ogni|tutt[ie]|gli|i|il|lo|o|os|a|as|um|uma|qualquer|cualquier"
    r"|chaque|alle|die|das|den|der|dem"
    r"|eine?|jede[nrms]?|het|de|een|elke|ieder|wszystkich|każdego|всех|любого|любой|каждо\w+|это|этой|являешься)"
)
_CLAUSE = (
    r"(?:(?<=[:,.!;\n\u2013\u2014-] )|(?<=\n)|(?<= und )|(?<= et )|(?<= y )|(?<= e )|(?<= en )|(?<= i )|(?<= и )|(?<= an ))"
    r"(?:(?:a partir de (?:ahora|agora|maintenant)|desde ahora|désormais|d'ora in poi|ab (?:sofort|jetzt)|vanaf nu|od teraz|отныне|siempre|sempre"
    r"|toujours|immer|stets|altijd|zawsze"
    r"|bitte|por favor|per favore|s'il (?:te|vous) plaît|alsjeblieft|proszę|пожалуйста|dann|alors|entonces|allora),? )*"
)
"""Where a clause begins: elsewhere the same words are subjunctives and infinitives."""


@cache
def addressing_rules() -> tuple[Rule, ...]:
    """Return the rules for what turns to a model: in English first."""
    rules = list(_ENGLISH)
    for triggers, turned, machine, orders in _FOREIGN:
        clause = r"(?<=[ \n\u060c])" if {"yapay zeka", "أيها"} & set(triggers.split("|")) else _CLAUSE
        who = rf"(?:{_ARTICLES} ){{0,2}}(?:l'|un'|d')?(?:{machine})(?!\w|-(?!system|assistent|modell?|agent|bot|tool|syst))"
        address = (
            rf"(?:(?<!\w)(?:{turned}) ?{who}[^.\n]{{0,70}}?(?:[:,\u060c\u2013\u2014-]| (?=\u0641))"
            rf"|(?<!\w)(?:{_TOWARDS}) ?{who}[^.,\n\"\u201c\u00ab]{{0,50}}?"
            rf"(?:, (?:die|das|welche|qui|que|che|wat|котор|обраба|чита)[^.,\n]{{0,50}})?:(?! ?[\"'\u201c\u201e\u00ab`\n/]))"
            rf"[^\x00]{{0,140}}?{clause}(?:{orders})(?!\w)"
        )
        rules.append(_turned(triggers, address))
    return tuple(rules + [_turned(triggers, pattern) for triggers, pattern in (*_SCRIPTS, *_TOP_MARKS, *_WHEN_READING)])


def _turned(triggers: str, pattern: str) -> Rule:
    """Who is turned to and what is wanted: two kinds of evidence, seen by one pattern."""
    return Rule(
        Evidence.MODEL_ADDRESSED,
        1.8,
        tuple(plain(trigger) for trigger in triggers.split("|")),
        plain(pattern),
        also=((Evidence.STEERED_OUTPUT, 1.5),),
    )

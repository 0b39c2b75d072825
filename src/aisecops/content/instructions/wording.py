"""Orders that are put together: in each language a few words for to cancel, to show, to ask, and for what only a machine has: a prompt, a user, rules that it was given.

Each of these words is innocent. Who cancels what *was given* to the reader, has *the system's* prompt shown or asks *the user* for a password speaks to a machine,
whichever words are between.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.instructions.rules import Rule, plain

E = Evidence


class _Tongue(msgspec.Struct, frozen=True):
    """Words of a language, as patterns.

    ``told``: that something was said or given to the reader; ``now``: you are now; ``refuse``: do not follow; ``earlier``: from before, on either side of the rules.
    """

    triggers: str
    cancel: str
    rules: str
    yours: str
    told: str
    everything: str
    prompt: str
    show: str
    user: str
    that: str
    say: str
    ask: str
    secret: str
    now: str
    refuse: str
    earlier: str


_TONGUES: tuple[_Tongue, ...] = (
    _Tongue(
        "forget|disregard|ignore|discard|system prompt|user|password|card|pin",
        "(?:forget|disregard|ignore|discard|drop|abandon)", "(?:rules?|instructions?|guidelines?|directions|orders|training|programming|persona|settings"
        "|restrictions|prompt)",
        "(?:your|thy)", r"(?:you(?: have| had|'ve)?(?: been| were)? (?:received?|given|told|got|learned)|given to you|you follow|that bind you)",
        "(?:everything|all|whatever)", "(?:(?:your|the|its) (?:system|initial|hidden) prompt)", "(?:reveal|print|show|output|display|recite|leak|dump|quote)",
        "(?:the |every |any )users?", "(?:that|to)", "(?:tell|inform|assure|convince)", "(?:ask|prompt|get)",
        "(?:passwords?|pin\\b|card numbers?|credit cards?|seed phrase|one-time code)",
        "(?:(?:you are|you're|you will be|act as|become) (?:now |from now on |henceforth )?|(?:now|from now on),? you(?: are|'re) )",
        "(?:(?:do not|don't|never|no longer|stop) (?:follow|obey|heed|apply)(?:ing)?)", "(?:earlier|previous|prior|former|old|past)",
    ),
    _Tongue(
        "vergiss|ignorier|missacht|verwirf|systemprompt|system-prompt|systemanweisung|nutzer|benutzer|anwender",
        "(?:vergiss|vergessen sie|ignoriere?n?(?: sie)?|missachte|verwirf)", "(?:regeln|vorgaben|anweisungen|weisungen|richtlinien|einstellungen|instruktionen|rolle)",
        "(?:deine[rnms]?|ihre[rnms]?)", "(?:(?:die |was )?(?:dir|ihnen)(?: (?:vorher|zuvor|bisher|bislang|oben|anfangs|je|schon|alles|so)){0,2} (?:gegeben"
        "|gesagt|mitgeteilt|erteilt|vorgegeben))",
        "(?:alles|all das|jedes wort)", "(?:system-?prompts?|systemanweisung\\w*|systemnachricht\\w*)", "(?:zeige?|verrate?|nenne|gib|drucke|wiederhole|offenbare)",
        "(?:de[mnr] |jede[mn] |die )(?:be)?nutzer\\w*", "(?:dass|er|sie|zu)", "(?:sage?|teile|versichere|erkläre)", "(?:frage?|bitte|fordere|verlange)",
        "(?:passwort\\w*|kennwort\\w*|kartennummer\\w*|kreditkarte\\w*|pin\\b)",
        "(?:du bist|sie sind)(?: (?:ab sofort|ab jetzt|jetzt|nun|von nun an))",
        "(?:(?:befolge|beachte|folge|halte dich)(?: \\w+){0,4} nicht(?: mehr)?(?: an)?|(?:brich|missachte))",
        "(?:frühere[nr]?|bisherige[nr]?|alte[nr]?|vorherige[nr]?|von vorher|von früher)",
    ),
    _Tongue(
        "oublie|ignore|neglige|prompt systeme|utilisateur",
        "(?:oublie[zr]?|ignore[zr]?|néglige[zr]?|ne (?:tiens|tenez) (?:plus|pas) compte de)", "(?:règles|consignes|instructions|directives|limites|rôle|réglages)",
        "(?:tes|ton|ta|vos|votre)", "(?:qu[ie']? ?(?:on )?(?:t'|vous )(?:ont|a|avait|ai|as|avez)(?: \\w+){0,2}|que tu as reçu\\w*|reçues)", "(?:tout|tout ce)",
        "(?:prompt (?:du |de )?système|invite (?:du |de )?système|message système)", "(?:affiche|montre|révèle|répète|donne|recopie)[zr]?",
        "(?:l'|aux? |les |à l'|de l')utilisateurs?", "(?:que|qu'|de)", "(?:dis|dites|affirme[zr]?|assure[zr]?)", "(?:demande|réclame|exige)[zr]?",
        "(?:mots? de passe|numéros? de carte|carte bancaire|code secret)",
        "(?:tu es|vous êtes)(?: (?:maintenant|désormais|à présent))|(?:désormais|maintenant),? (?:tu es|vous êtes)",
        "(?:(?:n'obéis|ne suis|ne suivez|ne respecte[zr]?|n'applique[zr]?)(?: plus| pas))", "(?:précédentes?|antérieures?|anciennes?|d'avant)",
    ),
    _Tongue(
        "olvid|ignor|descart|sistema|usuario",
        "(?:olvid[ae]|ignor[ae]|descart[ae])", "(?:reglas|normas|instrucciones|directrices|indicaciones|órdenes|límites|papel|ajustes)", "(?:tus?|sus?)",
        "(?:que (?:te|le|se te|se le)(?: \\w+){0,2} (?:dieron|dado|dijeron|dicho|dimos)|que (?:has|ha) recibido|recibidas)", "(?:todo)",
        "(?:prompt|mensaje|instrucciones) (?:de |del )?sistema", "(?:muestra|revela|repite|imprime|enseña|di)", "(?:al |a los |del |el )usuarios?", "(?:que|a)",
        "(?:dile|di|informa|asegura|diga)", "(?:pide|pídele|pregunta|solicita|pida|solicite)", "(?:contraseñas?|claves?|número de (?:la )?tarjeta"
        "|tarjeta de crédito|pin\\b)",
        "(?:ahora eres|eres ahora|a partir de ahora eres|desde ahora eres)",
        "(?:(?:no sigas|no cumplas|no obedezcas|deja de seguir|no respetes))", "(?:anteriores|previas|de antes|antiguas|viejas)",
    ),
    _Tongue(
        "dimentica|ignora|scarta|sistema|utent",
        "(?:dimentica(?:te)?|ignora(?:te)?|scarta(?:te)?)", "(?:regole|istruzioni|indicazioni|direttive|limiti|ruolo|impostazioni)", "(?:tue|tuo|tuoi|vostre|vostro)",
        "(?:che (?:ti|vi)(?: \\w+){0,2} (?:dato|date|detto|dette|fornito)|che (?:hai|avete) ricevuto|ricevute)", "(?:tutto)", "(?:prompt|messaggio"
        "|istruzioni) (?:di |del )?sistema",
        "(?:mostra|rivela|ripeti|stampa|scrivi)(?:te)?", "(?:all'|agli |dell'|l')utent[ei]", "(?:che|di)", "(?:di'|dite|dici|comunica|assicura)", "(?:chiedi"
        "|richiedi|domanda)(?:te)?",
        "(?:password|parola d'ordine|numero (?:di|della) carta|carta di credito|pin\\b)",
        "(?:ora sei|sei ora|d'ora in poi sei|adesso sei)",
        "(?:(?:non seguire|non rispettare|non obbedire a|smetti di seguire))", "(?:precedenti|di prima|vecchie|anteriori)",
    ),
    _Tongue(
        "esqueca|ignore|descarte|desconsidere|sistema|usuari",
        "(?:esqueça|ignore|descarte|desconsidere)", "(?:regras|instruções|orientações|diretrizes|ordens|limites|papel|configurações)", "(?:suas?|seus?|tuas?|teus?)",
        "(?:que (?:lhe|te|você)(?: \\w+){0,2} (?:deram|dado|dadas|disseram|dito|recebeu)|recebidas)", "(?:tudo)", "(?:prompt|mensagem|instruções) (?:de |do )?sistema",
        "(?:mostre|revele|repita|imprima|exiba)", "(?:ao |aos |do |o )usuários?", "(?:que|para)", "(?:diga|informe|garanta)", "(?:peça|pergunte|solicite|exija)",
        "(?:senhas?|número do cartão|cartão de crédito|pin\\b)",
        "(?:agora você é|você agora é|você é agora|a partir de agora você é)",
        "(?:(?:não siga|não obedeça|não cumpra|pare de seguir))", "(?:anteriores|de antes|antigas|prévias)",
    ),
    _Tongue(
        "negeer|vergeet|systeemprompt|gebruiker",
        "(?:negeer|vergeet)", "(?:regels|instructies|richtlijnen|opdrachten|beperkingen|rol|instellingen)", "(?:je|jouw|uw)",
        "(?:die (?:je|u)(?: \\w+){0,2} (?:kreeg|gekregen|gegeven|hebt)|wat (?:je|u)(?: \\w+){0,2} (?:verteld|gezegd))", "(?:alles)", "(?:systeem-?prompts?"
        "|systeembericht\\w*)",
        "(?:toon|onthul|herhaal|geef|noem)", "(?:de |iedere |elke )gebruikers?", "(?:dat|om|zijn|haar)", "(?:vertel|zeg|verzeker)", "(?:vraag)",
        "(?:wachtwoord\\w*|kaartnummer\\w*|creditcard\\w*|pincode\\w*)",
        "(?:je bent|u bent)(?: (?:nu|vanaf nu|voortaan))|(?:vanaf nu|nu) ben je",
        "(?:(?:volg|gehoorzaam)(?: \\w+){0,4} niet(?: meer)?)", "(?:eerdere|vorige|oude|voorgaande|van eerder)",
    ),
    _Tongue(
        "zapomnij|ignoruj|pomin|systemow|uzytkownik",
        "(?:zapomnij(?: o)?|z?ignoruj|pomiń)", "(?:zasad\\w*|instrukcj\\w+|wytyczn\\w+|polece\\w+|ogranicze\\w+|rol[ię])", "(?:swo\\w+|twoj\\w+)",
        "(?:któr\\w+ (?:ci|otrzyma)\\w*|co ci(?: \\w+){0,2} powiedziano)", "(?:o wszystkim|wszystk\\w+)", "(?:prompt\\w* systemow\\w+"
        "|systemow\\w+ (?:prompt\\w*|instrukcj\\w+))",
        "(?:pokaż|ujawnij|podaj|wypisz|powtórz)", "użytkownik\\w*", "(?:że|o|aby|żeby)", "(?:powiedz|przekaż|poinformuj)", "(?:poproś|zapytaj|zażądaj)",
        "(?:hasł\\w+|numer\\w* kart\\w+|kod\\w* pin)",
        "(?:od teraz jesteś|jesteś teraz|teraz jesteś)",
        "(?:(?:nie przestrzegaj|nie stosuj się do|nie słuchaj))", "(?:wcześniejsz\\w+|poprzedni\\w+|star\\w+|dotychczasow\\w+)",
    ),
    _Tongue(
        "забуд|игнорир|систем|пользовател",
        "(?:забудь|забудьте|(?:про)?игнорируй(?:те)?)(?: про| о)?", "(?:правил\\w*|инструкци\\w+|указани\\w+|настройк\\w+|ограничени\\w+|рол[ьи])", "(?:сво\\w+"
        "|тво\\w+|ваш\\w+)",
        "(?:которые тебе(?: \\w+){0,2}|что тебе(?: \\w+){0,2} (?:сказал\\w*|говорил\\w*))", "(?:вс[её]|обо всем)", "(?:системн\\w+ (?:промпт\\w*|инструкци\\w+"
        "|сообщени\\w+))",
        "(?:покажи|выведи|раскрой|напечатай|повтори)(?:те)?", "пользовател\\w+", "(?:что|о|чтобы)", "(?:скажи|сообщи|передай)(?:те)?", "(?:спроси|попроси"
        "|запроси|узнай)(?:те)?(?: у)?",
        "(?:парол\\w+|номер\\w* карт\\w+|пин-?код\\w*)",
        "(?:теперь ты|ты теперь|отныне ты|с этого момента ты)",
        "(?:(?:не выполняй|не соблюдай|не следуй|нарушай)(?:те)?)", "(?:прежн\\w+|предыдущ\\w+|стар\\w+|прошл\\w+)",
    ),
)  # fmt: skip
_WHOLE: tuple[tuple[Evidence, float, str, str], ...] = (
    # languages that order their words otherwise: evidence, weight, triggers, pattern
    (E.OVERRIDE, 3.0, "你的|您的", r"(?:忘记|忘掉|忽略|无视|抛开|不要理会)(?:掉|了)?(?:你|您)(?:的|所有|全部|原有|之前|原来){0,3}"
        r"(?:设定|规则|指令|指示|身份|角色|限制|提示)"),
    (E.STEERED_OUTPUT, 1.5, "你只|您只", r"(?:从现在(?:起|开始)|今后)[,:]?(?:你|您)只(?:能|会|需|准)?(?:推荐|回答|说|回复|谈)"),
    (E.OVERRIDE, 3.0, "あなたの|自分の", r"(?:あなた|自分)の(?:ルール|設定|指示|役割|制限)[^。\n]{0,4}(?:忘れ|無視|破棄)"),
    (E.CONCEALMENT, 2.0, "ない|ず", r"(?:この|本)(?:文書|指示|内容|メール|文|メッセージ)[^。\n]{0,8}(?:伝え|教え|知らせ|言わ|触れ|明かさ)(?:ない|ず)"),
    (E.OVERRIDE, 3.0, "당신의|너의", r"(?:당신|너)의 (?:모든 )?(?:규칙|설정|지침|역할|지시)[^.\n]{0,6}(?:잊|무시)"),
    (E.OVERRIDE, 3.0, "ك", r"(?:انس|تجاهل)(?: \w+){0,2} (?:قواعدك|تعليماتك|دورك|إرشاداتك)"),
    (E.OVERRIDE, 3.0, "अपने", r"अपने (?:सभी )?(?:नियम|निर्देश)\w*\S* (?:को )?(?:भूल|अनदेखा)"),
    (
        E.OVERRIDE, 2.0, "forget who|quien eres|qui tu es|chi sei|quem |wer du|wie je|kim jestes",
        r"\b(?:forget who you are|olvida quién eres|oublie qui tu es|dimentica chi sei|esqueça quem (?:você é|é você)|vergiss,? wer du bist|vergeet wie je bent"
        r"|zapomnij,? kim jesteś)(?!\w)",
    ),
    (E.JAILBREAK, 2.0, "机器人|助手|bot|gpt", r"(?:从现在(?:开始|起)?,?(?:你|您)(?:就)?是|(?:你|您)现在是)[^。\n]{0,12}(?:机器人|助手|bot|gpt)"),
    (E.OVERRIDE, 2.0, "不要遵守|不再遵守|别遵守", r"(?:不要|不再|别)(?:再)?(?:遵守|遵循|执行)(?:你|您)?(?:以前|之前|先前|原来|旧)的?(?:规定|规则|指令|指示|要求)"),
    (E.JAILBREAK, 2.0, "ボット|bot|gpt", r"(?:あなた|君)は(?:今|いま|これ)から[^。\n]{0,12}(?:ボット|bot|gpt)"),
    (E.OVERRIDE, 2.0, "ルール|指示|規則", r"(?:これまで|以前|従来)の(?:すべての)?(?:ルール|指示|規則|設定)を(?:破棄|無効|捨て|守らな)"),
    (E.JAILBREAK, 2.0, "روبوت", r"(?:أنت الآن|من الآن أنت)(?: \w+){0,2} ?روبوت"),
    (E.OVERRIDE, 2.0, "تتبع|تلتزم", r"لا (?:تتبع|تلتزم)(?: ب)? ?(?:القواعد|التعليمات|الأوامر) (?:السابقة|القديمة)"),
    (E.JAILBREAK, 2.0, "bot|gpt", r"\b(?:artık|bundan böyle) sen \w*(?:bot|gpt)\w*|\b(?:artık|bundan böyle) sen (?:\w+ ){1,2}\w*(?:bot|gpt)\w*"),
    (E.OVERRIDE, 2.0, "talimat|kural", r"\b(?:eski|önceki|daha önceki) (?:talimat\w*|kural\w*)(?: \w+)? (?:uygulama|uyma|takip etme)\w*"),
    (E.OVERRIDE, 2.5, "kural|talimat", r"\b(?:(?:önceki|tüm|bütün|sana verilen|kendi) )+(?:kural\w*|talimat\w*)(?: \w+)? (?:unut\w*|yok say\w*|görmezden gel\w*)"),
    (E.EXFILTRATION_CHANNEL, 1.8, "чата|переписк|диалог", r"\b(?:отправь|перешли|передай|выгрузи)(?:те)? (?:\w+ ){0,3}?(?:истори\w+ (?:чата|переписки|диалога)"
        r"|переписк\w+|диалог\w*)"),
    (E.SENSITIVE_RESOURCE, 1.8, "kullan", r"\bkullanıcı(?:dan|ya|lardan)(?: \w+){0,3} (?:şifre\w*|parola\w*|kart numara\w*)(?: \w+){0,2} (?:iste|sor)\w*"),
)  # fmt: skip
_WORD = r"(?:[,:]? [^ .!?\n,:]{1,24})"
_CLAUSE = r"\b"
_ENDS = r"(?=[.,;:!?)\n]|$| (?:and|und|et|y|e|en|i|и|oraz|then|before|so|ora)\b)"
"""What was told goes no further: rules that somebody was given at school are no model's."""


def _composed(tongue: _Tongue) -> Iterator[tuple[Evidence, float, str]]:
    cancel, rules = rf"{_CLAUSE}{tongue.cancel}", tongue.rules
    few, some, several = rf"{_WORD}{{0,1}}", rf"{_WORD}{{0,2}}", rf"{_WORD}{{0,3}}"
    yield E.OVERRIDE, 2.5, rf"{cancel}{some} {tongue.yours}{few} {rules}(?!\w)"
    yield E.OVERRIDE, 3.0, rf"{cancel}{several} {rules}{some},? {tongue.told}{few}{_ENDS}"
    yield E.OVERRIDE, 3.0, rf"{cancel},?{some} (?:{tongue.everything}{few},? )?{tongue.told}{few}{_ENDS}"
    yield E.OVERRIDE, 3.0, rf"{cancel}{some} {tongue.prompt}(?!\w)"
    yield (
        E.OVERRIDE,
        2.0,
        rf"{_CLAUSE}{tongue.refuse}{some} {tongue.earlier}{few} {rules}(?!\w)|{_CLAUSE}{tongue.refuse}{some} {rules}{few} {tongue.earlier}(?!\w)",
    )
    yield E.JAILBREAK, 2.0, rf"{_CLAUSE}{tongue.now}{several} \w*(?:bot|gpt|бот)(?:em|om|s|ом|а)?(?!\w)"
    yield E.SENSITIVE_RESOURCE, 1.5, rf"{_CLAUSE}{tongue.ask}{_WORD}{{0,4}} {tongue.secret}(?!\w)"
    yield E.PROMPT_DISCLOSURE, 2.0, rf"{_CLAUSE}{tongue.show}{several} {tongue.prompt}(?!\w)"
    yield E.STEERED_OUTPUT, 1.0, rf"{_CLAUSE}{tongue.say}{few} {tongue.user},? {tongue.that}(?!\w)"
    yield E.SENSITIVE_RESOURCE, 1.8, rf"{_CLAUSE}{tongue.ask}{some} {tongue.user}{_WORD}{{0,5}} {tongue.secret}(?!\w)"
    yield E.SENSITIVE_RESOURCE, 1.8, rf"{_CLAUSE}{tongue.ask}{some} {tongue.secret}{some} {tongue.user}(?!\w)"


@cache
def wording_rules() -> tuple[Rule, ...]:
    """Return the rules of this module."""
    composed = [
        Rule(evidence, weight, tuple(plain(tongue.triggers).split("|")), plain(pattern), order=tongue is _TONGUES[0])
        for tongue in _TONGUES
        for evidence, weight, pattern in _composed(tongue)
    ]
    return (
        *composed,
        *(Rule(evidence, weight, tuple(plain(triggers).split("|")), plain(pattern)) for evidence, weight, triggers, pattern in _WHOLE),
    )

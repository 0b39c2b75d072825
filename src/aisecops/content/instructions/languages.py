"""The same orders in other languages: to forget the instructions, to keep the user from knowing, to give the prompt away, to be another.

Patterns are written as people write and pass through the same normalisation as the text (no accents, lower case).
"""

from __future__ import annotations

from functools import cache

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.instructions.rules import Rule, spelled

_OVERRIDE: tuple[tuple[str, str], ...] = (
    ("instrucciones|reglas|indicaciones", r"\b(?:ignora|ignore|olvida|olvide|descarta|omite|no sigas)(?: \w+){0,3} (?:instrucciones|reglas|\u00f3rdenes"
        r"|indicaciones)(?: \w+){0,2} (?:anteriores|previas|del sistema)|\b(?:ignora|olvida) todo lo anterior"),
    ("instructions|consignes|r\u00e8gles|pr\u00e9c\u00e9d", r"\b(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) pas compte)(?: [\w']+){0,3} (?:instructions"
        r"|consignes|r\u00e8gles|directives)(?: \w+){0,2} (?:pr\u00e9c\u00e9dentes|ant\u00e9rieures|ci-dessus|du syst\u00e8me)"
        r"|\boublie[zr]? tout ce qui pr\u00e9c\u00e8de"),
    ("anweisungen|instruktionen|regeln|befehle", r"\b(?:ignoriere|ignorieren sie|vergiss|vergessen sie|missachte|beachte nicht)(?: \w+){0,3} (?:vorherigen"
        r"|bisherigen|vorigen|obigen|fr\u00fcheren|vorhergehenden|alle|deine)(?: \w+){0,2} ?(?:anweisungen|instruktionen|regeln|befehle)"),
    ("istruzioni|regole", r"\b(?:ignora|ignorate|dimentica)(?: \w+){0,3} (?:istruzioni|regole|indicazioni)(?: \w+){0,1} (?:precedenti|sopra|del sistema)"),
    ("instru\u00e7\u00f5es|regras|ordens", r"\b(?:ignore|ignora|esque\u00e7a|desconsidere)(?: \w+){0,3} (?:instru\u00e7\u00f5es|regras"
        r"|ordens)(?: \w+){0,1} (?:anteriores|acima|do sistema|pr\u00e9vias)"),
    ("instructies|opdrachten|regels", r"\b(?:negeer|vergeet)(?: \w+){0,2} (?:vorige|eerdere|voorgaande|bovenstaande)(?: \w+){0,1} ?(?:instructies"
        r"|opdrachten|regels)"),
    ("instrukcj|polece", r"\b(?:zignoruj|ignoruj|zapomnij)(?: o)?(?: \w+){0,2} (?:poprzedni\w+|wcze\u015bniejsz\w+)(?: \w+){0,1} ?(?:instrukcj\w+"
        r"|polece\w+)"),
    ("talimat|komut|kural", r"\b(?:\u00f6nceki|yukar\u0131daki)(?: \w+){0,2} (?:talimatlar\w*|komutlar\w*|kurallar\w*) (?:g\u00f6rmezden gel|yok say|unut)"),
    ("\u0438\u043d\u0441\u0442\u0440\u0443\u043a\u0446\u0438|\u0443\u043a\u0430\u0437\u0430\u043d\u0438|\u043a\u043e\u043c\u0430\u043d\u0434",
        r"(?:\u0438\u0433\u043d\u043e\u0440\u0438\u0440\u0443\u0439|\u043f\u0440\u043e\u0438\u0433\u043d\u043e\u0440\u0438\u0440\u0443\u0439"
        r"|\u0437\u0430\u0431\u0443\u0434\u044c)(?:\u0442\u0435)?(?: \w+){0,2} (?:\u043f\u0440\u0435\u0434\u044b\u0434\u0443\u0449\u0438\u0435"
        r"|\u043f\u0440\u043e\u0448\u043b\u044b\u0435|\u0432\u0441\u0435)(?: \w+){0,1} ?(?:\u0438\u043d\u0441\u0442\u0440\u0443\u043a\u0446\u0438\u0438"
        r"|\u0443\u043a\u0430\u0437\u0430\u043d\u0438\u044f|\u043a\u043e\u043c\u0430\u043d\u0434\u044b|\u043f\u0440\u0430\u0432\u0438\u043b\u0430)"),
    ("\u6307\u4ee4|\u6307\u793a|\u8bf4\u660e|\u63d0\u793a|\u89c4\u5219|\u547d\u4ee4|\u898f\u5247", r"(?:\u5ffd\u7565|\u65e0\u89c6|\u7121\u8996|\u5fd8\u8bb0"
        r"|\u5fd8\u6389|\u5ffd\u89c6|\u4e0d\u8981\u7406\u4f1a)[^\u3002\n]{0,6}(?:\u4e4b\u524d|\u4ee5\u4e0a|\u5148\u524d|\u524d\u9762|\u4e0a\u8ff0"
        r"|\u6240\u6709"
        r"|\u7cfb\u7edf)[^\u3002\n]{0,6}(?:\u6307\u4ee4|\u6307\u793a|\u8bf4\u660e|\u63d0\u793a|\u89c4\u5219|\u547d\u4ee4|\u898f\u5247)"),
    ("\u6307\u793a|\u547d\u4ee4|\u30eb\u30fc\u30eb", r"(?:\u4ee5\u524d|\u3053\u308c\u307e\u3067|\u4e0a\u8a18|\u524d"
        r"|\u3059\u3079\u3066)\u306e(?:\u3059\u3079\u3066\u306e)?(?:\u6307\u793a|\u547d\u4ee4|\u30eb\u30fc\u30eb|\u30d7\u30ed\u30f3\u30d7\u30c8)(?:\u3092"
        r"|\u306f)(?:\u3059\u3079\u3066)?(?:\u7121\u8996|\u5fd8\u308c)"),
    ("\uc9c0\uc2dc|\uba85\ub839|\uc9c0\uce68", r"(?:\uc774\uc804|\uc704|\uc55e)(?:\uc758|\uc758 \ubaa8\ub4e0)? ?(?:\ubaa8\ub4e0 )?(?:\uc9c0\uc2dc"
        r"|\uba85\ub839"
        r"|\uc9c0\uce68)(?:\uc0ac\ud56d)?(?:\uc744|\ub97c|\uc740|\ub294)? ?(?:\ubaa8\ub450 )?(?:\ubb34\uc2dc|\uc78a)"),
    ("\u0627\u0644\u062a\u0639\u0644\u064a\u0645\u0627\u062a|\u0627\u0644\u0623\u0648\u0627\u0645\u0631",
        r"(?:\u062a\u062c\u0627\u0647\u0644|\u0627\u0646\u0633)(?: \w+){0,1} (?:\u0627\u0644\u062a\u0639\u0644\u064a\u0645\u0627\u062a"
        r"|\u0627\u0644\u0623\u0648\u0627\u0645\u0631|\u0627\u0644\u0642\u0648\u0627\u0639\u062f) (?:\u0627\u0644\u0633\u0627\u0628\u0642\u0629"
        r"|\u0623\u0639\u0644\u0627\u0647)"),
    ("\u0928\u093f\u0930\u094d\u0926\u0947\u0936", r"\u092a\u093f\u091b\u0932\u0947 "
        r"(?:\u0938\u092d\u0940 )?\u0928\u093f\u0930\u094d\u0926\u0947\u0936\u094b\u0902 \u0915\u094b (?:\u0905\u0928\u0926\u0947\u0916\u093e"
        r"|\u0928\u091c\u093c\u0930\u0905\u0902\u0926\u093e\u091c\u093c|\u092d\u0942\u0932)"),
)  # fmt: skip
_CONCEALMENT: tuple[tuple[str, str], ...] = (
    ("usuario|usu\u00e1rio", r"\bn(?:o|\u00e3o) (?:le |se |lo )?(?:digas|diga|menciones|mencione|informes|informe|reveles|revele|avises"
        r"|conte)(?: \w+){0,6} (?:al|ao|a) (?:usuario|usu\u00e1rio)|\bsin (?:decir|informar|avisar)(?: \w+){0,4} usuario"),
    ("utilisateur", r"\bne (?:dis|dites|mentionne[zr]?|r\u00e9v\u00e8le[zr]?|informe[zr]?|parle[zr]?)(?: [\w']+){0,3} ?(?:pas|rien"
        r"|jamais)(?: [\w']+){0,5} l'utilisateur|\bsans (?:le dire|en parler|pr\u00e9venir|informer)(?: [\w']+){0,3} ?l'utilisateur"),
    ("nutzer|anwender", r"\b(?:sag|sage|erw\u00e4hne|informiere|verrate|teile)(?: \w+){0,5} (?:nutzer|benutzer|anwender)(?: \w+){0,4} (?:nicht|nichts|niemals"
        r"|davon nichts)|\b(?:nutzer|benutzer|anwender)(?: \w+){0,4} (?:nicht|nichts|niemals)(?: \w+){0,3} (?:sagen|mitteilen|erw\u00e4hnen|informieren"
        r"|verraten|erfahren|wissen)|\bohne (?:dem|den) (?:nutzer|benutzer)"),
    ("utente", r"\bnon (?:dire|menzionare|informare|rivelare)(?: [\w']+){0,5} ?utente"),
    ("gebruiker", r"\b(?:vertel|zeg|meld)(?: \w+){0,5} gebruiker(?: \w+){0,3} (?:niet|niets|nooit)"),
    ("\u043f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442\u0435\u043b", r"\u043d\u0435 (?:\u0433\u043e\u0432\u043e\u0440\u0438"
        r"|\u0441\u043e\u043e\u0431\u0449\u0430\u0439|\u0443\u043f\u043e\u043c\u0438\u043d\u0430\u0439"
        r"|\u0440\u0430\u0441\u0441\u043a\u0430\u0437\u044b\u0432\u0430\u0439)(?:\u0442\u0435)?"
        r"(?: \w+){0,4} \u043f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442\u0435\u043b"),
    ("\u7528\u6237|\u7528\u6236|\u4f7f\u7528\u8005", r"(?:\u4e0d\u8981|\u4e0d\u5f97|\u522b|\u7981\u6b62|\u5207\u52ff)[^\u3002\n]{0,8}(?:\u544a\u8bc9"
        r"|\u544a\u77e5|\u63d0\u53ca|\u901a\u77e5|\u900f\u9732|\u544a\u8a34)[^\u3002\n]{0,6}(?:\u7528\u6237|\u7528\u6236|\u4f7f\u7528\u8005)|(?:\u4e0d\u8981"
        r"|\u522b|\u4e0d\u80fd)(?:\u8ba9|\u4f7f|\u8b93)(?:\u7528\u6237|\u7528\u6236)(?:\u77e5\u9053|\u53d1\u73b0)"),
    ("\u30e6\u30fc\u30b6\u30fc", r"\u30e6\u30fc\u30b6\u30fc(?:\u306b\u306f|\u306b)[^\u3002\n]{0,10}(?:\u8a00\u308f|\u4f1d\u3048|\u77e5\u3089\u305b"
        r"|\u6559\u3048"
        r"|\u660e\u304b\u3055)(?:\u306a\u3044|\u305a)"),
    ("\uc0ac\uc6a9\uc790", r"\uc0ac\uc6a9\uc790\uc5d0\uac8c[^.\n]{0,15}(?:\ub9d0\ud558\uc9c0|\uc54c\ub9ac\uc9c0|\uc5b8\uae09\ud558\uc9c0)"),
)  # fmt: skip

_DISCLOSURE: tuple[tuple[str, str], ...] = (
    ("system|anweisung", r"\b(?:zeige?n?|gib|geben sie|nenne|drucke|wiederhole|verrate|schreibe?)(?: \w+){0,5} (?:system-?prompts?|systemanweisung\w*"
        r"|deine \w*anweisungen)"),
    ("instructions|consignes|prompt", r"\b(?:affiche|montre|révèle|répète|donne|écris|recopie)[zr]?(?: \w+){0,4} (?:tes|vos) (?:instructions"
        r"|consignes)|\bprompt système"),
    ("instrucciones|prompt", r"\b(?:muestra|revela|repite|imprime|escribe|dime)(?: \w+){0,4} (?:tus|sus) (?:instrucciones|reglas)|\b(?:tu"
        r"|el) (?:prompt|mensaje) (?:de|del) sistema"),
    ("istruzioni|prompt", r"\b(?:mostra|rivela|ripeti|stampa|scrivi)(?: \w+){0,4} (?:le tue istruzioni|prompt di sistema)"),
    ("instruções|prompt", r"\b(?:mostre|revele|repita|imprima|escreva)(?: \w+){0,4} (?:suas instruções|prompt do sistema)"),
    ("промпт|инструкци|подсказк", r"(?:покажи|выведи|раскрой|повтори|напечатай)\w*(?: \w+){0,4} (?:системн\w+|сво\w+ системн\w+) (?:промпт|инструкци"
        r"|подсказк)\w*"),
    ("提示|指令", r"(?:输出|显示|透露|重复|打印|泄露|说出)[^。\n]{0,6}(?:系统提示|提示词|系统指令|系统消息)"),
    ("プロンプト|指示", r"(?:システムプロンプト|システム(?:の)?指示)[^。\n]{0,8}(?:表示|出力|教え|公開|書き出)"),
    ("프롬프트|지시", r"시스템 ?(?:프롬프트|지시)[^ \n]{0,2} ?(?:[^.\n]{0,8} )?(?:출력|공개|보여|알려|표시)"),
)  # fmt: skip
_JAILBREAK: tuple[tuple[str, str], ...] = (
    ("du bist|sie sind", r"\b(?:du bist|sie sind) (?:jetzt|nun|ab sofort|fortan|von nun an)(?: \w+){0,6} ohne (?:\w+ )?(?:filter|einschränkungen"
        r"|beschränkungen|regeln|grenzen)"),
    ("tu es|vous etes", r"\b(?:tu es|vous êtes) (?:désormais|maintenant|à présent)(?: \w+){0,6} sans (?:\w+ )?(?:filtres?|restrictions?|limites?|règles)"),
    ("ahora eres|eres ahora|a partir de ahora", r"\b(?:ahora eres|eres ahora|a partir de ahora eres)(?: \w+){0,6} sin (?:\w+ )?(?:filtros?"
        r"|restricciones|límites|reglas)"),
    ("ora sei|sei ora|sei adesso", r"\b(?:ora sei|sei ora|sei adesso)(?: \w+){0,6} senza (?:\w+ )?(?:filtri|restrizioni|limiti|regole)"),
    ("você é|agora", r"\b(?:você agora é|agora você é|você é agora)(?: \w+){0,6} sem (?:\w+ )?(?:filtros?|restrições|limites|regras)"),
    ("теперь|отныне|момента", r"(?:теперь ты|ты теперь|отныне ты|с этого момента ты)(?: \w+){0,6} без (?:\w+ )?(?:ограничени\w+|фильтр\w+|правил)"),
    ("限制", r"(?:你现在是|从现在起,?你|你将扮演)[^。\n]{0,20}(?:没有|不受)(?:任何)?限制"),
)  # fmt: skip


@cache
def foreign_rules() -> tuple[Rule, ...]:
    """Return the rules for other languages than English."""
    rows = [(Evidence.OVERRIDE, 3.0, *row) for row in _OVERRIDE] + [(Evidence.CONCEALMENT, 2.5, *row) for row in _CONCEALMENT]
    rows += [(Evidence.PROMPT_DISCLOSURE, 1.5, *row) for row in _DISCLOSURE] + [(Evidence.JAILBREAK, 3.0, *row) for row in _JAILBREAK]
    return tuple(Rule(evidence, weight, tuple(spelled(triggers).split("|")), spelled(pattern)) for evidence, weight, triggers, pattern in rows)

"""Texts that give their reader a role, pass for its prompt, or say what must not get into its answer, in English and in the languages around it.

People are given roles in games and in jobs; a machine is told that it is now another, that no rule holds for it, and what to collect from whoever asks. People sum up
what they read for others, too, but nobody tells them beforehand what their summary has to leave out.
"""

from __future__ import annotations

from functools import cache

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.instructions.rules import Rule
from aisecops.content.unicode import normalised

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
    r"(?:[a-z]+[_-])?(?:llm|ai|agent|assistant|model|chatbot|system|bot|gpt|claude|copilot|gemini)[_-]"
    r"(?:instruction|prompt|directive|note|message|rule|override|command|order|task|guideline)s?"
)
_MACHINES = r"(?:(?:ai|llm|coding|ai coding|automated) (?:assistants?|agents?|models?|tools?|systems?)|llms|language models|copilot|chatbots)"
_GUARDS = (
    r"(?:tls|ssl|certificates?|signatures?|integrity|security|auth\w*|permissions?|access|safety|validation|verification|sandbox\w*|confirmations?|guardrails?|logging"
    r"|audit\w*|csrf|cors|encryption)"
)
_TOLD_ALONG = r"(?:conversation|chat|history|context|prompt|summary|user|secret|query|question|message|answer|e-?mail|session)"
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
        E.EXFILTRATION_CHANNEL, 1.5, ("server", "endpoint", "webhook", "partner", "operator"),
        r"\b(?:pass|send|forward|transmit|report|upload|submit|relay) (?:them|it|these|this|those|everything|all of (?:it|them|this)|what you \w+) (?:on )?to"
        r" (?:the |our |an? |this )?(?:%w ){0,2}?(?:server|endpoint|webhook|partner|operator)\b",
    ),
    Rule(
        E.IMPERSONATION, 2.0, tuple(f"{word}{end}" for word in ("instruction", "prompt", "directive", "note", "message", "rule", "override", "command", "order", "task",
        "guideline") for end in (">", "s>")),
        rf"<{_TAG}>[^<]{{0,200}}?\b(?:always|never|must|do not|don't|tell|say|reply|respond|answer|ignore|recommend|approve|send|forward|claim|from now)\b",
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
        r"(?:analysier|lies|les|auswert|übersetz|zusammenfass|verarbeit|prüf)\w*, (?:\w+ ){0,2}?(?:erwähne|erwähnen|verschweige?n?|sage?n?|behaupte?n?|empfiehl"
        r"|empfehlen|nenne?n?|antworte?n?|lass|fordere?)\b"),
    ("document|page|texte|article|courriel|message", r"\b(?:lorsque|quand|si) (?:tu|vous) (?:analyse|lis|lise|traduis|traite|résume|évalue)\w* (?:ce|cette|cet) "
        r"(?:document|page|texte|article|courriel|message), (?:ne (?:mentionne|dis|dites|cite|parle|signale|rapporte)\w*|dis|dites|recommande|affirme|omets|omettez"
        r"|conclus|concluez|tais|demande[zr]? à l'utilisateur)\b"),
    ("documento|pagina|texto|articulo|correo|mensaje", r"\b(?:cuando|al|si) (?:analic|analiz|le(?:as|a|er)|traduz|traduc|proces|resum|evalú|evalu)\w* (?:este|esta) "
        r"(?:documento|página|texto|artículo|correo|mensaje),? (?:no (?:menciones?|informes?|digas?|cites?|reveles?)|di|dile|diga|recomienda|recomiende|omite|omita"
        r"|concluye|concluya|afirma|pide al usuario)\b"),
    ("documento|pagina|texto|artigo|mensagem", r"\b(?:quando|ao|se) (?:você )?(?:analis|ler|lê|leia|traduz|process|resum|avali)\w* (?:este|esta) "
        r"(?:documento|página|texto|artigo|e-?mail|mensagem),? (?:não (?:mencione|diga|informe|cite|revele)|diga|recomende|omita|conclua|afirme|peça ao usuário)\b"),
    ("documento|pagina|testo|articolo|mail|messaggio", rf"\b(?:quando|se|mentre) (?:tu )?{_IT_READS} (?:questo|questa|quest') ?(?:documento|pagina|testo|articolo|e-?mail"
        r"|messaggio),? (?:non (?:riportare|menzionare|citare|dire|rivelare|indicare)|di'|dite|raccomanda|consiglia|ometti|concludi|afferma|invita l'utente"
        r"|chiedi all'utente)(?!\w)"),
    ("document|pagina|tekst|artikel|bericht", r"\b(?:als|wanneer|indien) (?:je|u) (?:dit|deze) (?:document|pagina|tekst|artikel|bericht|e-?mail) "
        r"(?:analyseert|leest|vertaalt|verwerkt|samenvat|beoordeelt), (?:vermeld|noem|zeg|beveel|verzwijg|beweer|vraag de gebruiker)\b"),
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
        Rule(evidence, weight, tuple(_plain(triggers).split("|")), _plain(pattern), also=also)
        for evidence, weight, also, listed in rows
        for triggers, pattern in listed
    )


def _plain(pattern: str) -> str:
    return normalised(pattern).text.lower()

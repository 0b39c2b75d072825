"""How a phrase is meant: as an order to the reader, as its opposite, or as a specimen that somebody quotes, teaches or filters."""

from __future__ import annotations

import re

from aisecops.content.instructions.kinds import Evidence

_LAST_WORDS = re.compile(r"([^ \n]{1,30}) ?([^ \n]{0,30}) ?([^ \n]{0,30}) ?$")
_OPENS = frozenset(".!?:;,>\n-*)]}`'\"\u2022(|=<#")
_BEFORE_ORDERS = frozenset(
    "please must should shall and then first also always now kindly just immediately instead will silently secretly quietly you or next finally simply"
    " additionally second third"
    " do it's can step needs important: sure".split()
)
_GIVES_ORDERS = re.compile(
    r"\b(?:need|needs|have|has|wants? you|told|instructed|required|asked|remember|make sure|be sure|ensure|are|going|supposed|expected|how|instruct(?:s"
    r"|ed)? (?:you|the \w+)|(?:task|job|goal|role|mission) is|requires you) to $"
)
_AFTER_CONDITION = re.compile(
    r"\b(?:before|after|when(?:ever)?|prior to|while) (?:[^ .,!?\n]{1,20} ){1,5}(?<=tool |tion |this |alls |call |ools )$|\bfor (?:[^ .,!?\n]{1,20} ){1,4}reasons $"
)
_NEGATION = re.compile(
    r"\b(?:do not|don't|dont|never|cannot|can't|must not|mustn't|should not|shouldn't|will not|won't|not|nor|avoid|refuse to|refuses to|without|stop|prevents?"
    r"|forbid(?:s|den)?)(?: [^ .!?\n]{1,20}){0,2} ?$"
)
_TEACHES = re.compile(
    r"\b(?:(?<![@.])attack(?:s|er|ers|ing)?(?![@-])|malicious(?:ly)?|adversar\w+|injections?|inject(?:s|ed|ing)?|jailbreaks?|exploit(?:s|ed|ation)?|poison(?:ed|ing)?|detect(?:s"
    r"|ed|ion|or|ors|ing)?|guardrails?"
    r"|block(?:s|ed|list|ing)?|den(?:y|ies|ied|ylist)|reject(?:s|ed|ing)?|flag(?:s|ged|ging)?|filter(?:s|ed|ing)?|prevent(?:s|ed|ing|ion)?|protect(?:s|ed|ion)?"
    r"|defen[cs]es?|defend|mitigat\w+"
    r"|sanitiz\w+|sanitis\w+|red[- ]?team\w*|vulnerab\w+|threats?|payloads?|suspicious|untrusted|phishing|moderation|classif(?:y|ies|ier|ication)|scan(?:s|ner"
    r"|ning)?|blacklist|patterns?|regex"
    r"|security (?:test|review|training|education|awareness|research)|owasp|cve-\d|tests? (?:case|that|whether)|benchmark|test_\w+|assert|example of"
    r"|examples? of|trick(?:s|ed|ing)?|attempts?|might|could|would)\b"
)
_CITES = re.compile(
    r"(?:\b(?:such as|e\.g\.|like|for example|for instance|says?|said|saying|reads?|phrases?|strings?|text|containing|contains|including|example|prompts?"
    r"|inputs?|messages?)[:,]? ?|[\[(,=] ?|\| ?|- )$"
)
_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb", "\u300c": "\u300d", "\u201e": "\u201c"}
_REACH = 240
"""Characters around a phrase in which words of teaching tell how it is meant."""
_LONGEST_QUOTE = 300


def is_order(text: str, start: int) -> bool:
    """Whether the verb at ``start`` (of lower-case text with single spaces) stands where orders to the reader do: at a beginning, behind please, must, and, then ..."""
    before = text[max(0, start - 60) : start]
    stripped = before.rstrip(" ")
    if not stripped or stripped[-1] in _OPENS:
        return True
    if _AFTER_CONDITION.search(before):
        return True
    last = stripped.rpartition(" ")[2].rpartition("\n")[2]
    return _GIVES_ORDERS.search(before) is not None if last == "to" else last in _BEFORE_ORDERS


def is_negated(text: str, start: int) -> bool:
    """Whether the words right before ``start`` turn what follows into its opposite (never read ..., without asking ...)."""
    before = text[max(0, start - 50) : start]
    clause = re.split(r"[.!?;:\n]", before)[-1]
    return _NEGATION.search(clause) is not None


def is_quoted(text: str, start: int, end: int) -> bool:
    """Whether quotation marks, back quotes or a fence of code enclose ``text[start:end]`` within its paragraph or so."""
    line_start = text.rfind("\n", 0, start) + 1
    left, right = text[max(line_start, start - _LONGEST_QUOTE) : start], text[end : end + _LONGEST_QUOTE].partition("\n")[0]
    for opening, closing in _QUOTES.items():
        if closing in right and _is_open(left, opening, closing):
            return True
    if "`" in text[start:end] and _is_open(left, "`", "`"):
        return True  # it begins as code and runs out of it
    return text.count("```", 0, start) % 2 == 1


def _is_open(left: str, opening: str, closing: str) -> bool:
    if opening != closing:
        return left.rfind(opening) > left.rfind(closing)
    marks = [match.start() for match in re.finditer(re.escape(opening) if opening != "'" else r"(?<![a-z0-9])'|'(?![a-z0-9])", left)]
    return len(marks) % 2 == 1


_EVERYDAY = re.compile(
    r"(?:detect|block|den[yi]|reject|flag|filter|prevent|protect|defen|threat|suspicious|classif|scan|pattern|moderation|benchmark|attempt|trick"
    r"|test(?:s? (?:case|that|whether)|_)|assert|examples? of)"
)


def is_taught(text: str, start: int, end: int, *, sure: bool = False) -> bool:
    """Whether the words around are those of people who describe attacks, test against them or filter them.

    ``sure``: one everyday word does not tell (a kettle with a filter), nor what somebody could or would; two that differ do.
    """
    words = set(_TEACHES.findall(text, max(0, start - _REACH), start)) | set(_TEACHES.findall(text, end, end + _REACH // 2))
    if not sure:
        return bool(words)
    everyday = {word[:4] for word in words if _EVERYDAY.match(word)}
    return len(everyday) > 1 or any(not _EVERYDAY.match(word) and word not in ("might", "could", "would") for word in words)


_ATTACKERS = re.compile(
    r"\b(?:(?<![@.])attackers?(?![@-])|malicious|adversar\w+|injections?|jailbreak\w*|exploit(?:s|ed)?|phishing|red[- ]team\w*)\b"
)


def is_about_attackers(text: str, start: int, end: int) -> bool:
    """Whether the words around name attackers and their means: who orders something himself does not call it that."""
    return _ATTACKERS.search(text, max(0, start - _REACH), min(len(text), end + _REACH // 2)) is not None


def is_negated_clause(text: str, start: int) -> bool:
    """Whether the clause before ``start`` has a negation anywhere."""
    clause = re.split(r"[.!?;:\n]", text[max(0, start - 80) : start])[-1]
    return re.search(r"\b(?:do not|don't|never|cannot|can't|must not|should not|won't|will not|refuses?|blocks?|rejects?|no)\b", clause) is not None


_LEAVE = re.compile(
    r"\b(?:confirm|ask|check|verif(?:y|ies)|clear|agree|approv(?:e|al)|permission|consent)(?:s|ed|ing)?\b[^.!?\n]{0,50}?"
    r"\b(?:users?|humans?|persons?|people|customers?|operators?|owner)\b[^.!?\n]{0,20}$"
)


def asks_leave(text: str, start: int) -> bool:
    """Whether the sentence before ``start`` demands that somebody is asked first ("must confirm each call with the user before it sends")."""
    before = re.split(r"[.!?\n]", text[max(0, start - 160) : start])[-1]
    found = _LEAVE.search(before)
    return found is not None and re.search(r"\b(?:not|never|n't|without|no need|instead of|skip)\b", before) is None


_CREDENTIAL = r"(?:keys?|passwords?|passphrases?|passcodes?|pins?|tokens?|secrets?|credentials?|seed phrases?|codes?)"
_KEPT_FROM_ALL = re.compile(
    rf"\b(?:shar(?:e|ing)|show(?:ing)?|giv(?:e|ing)|reveal(?:ing)?|disclos(?:e|ing)|tell(?:ing)?) (?:[^ .!?\n]{{1,20}} ){{0,3}}?{_CREDENTIAL}"
    r" (?:with|to) (?:(?:any|some)(?:one|body)|others)\b"
)
_MUST_BE = re.compile(rf"\b{_CREDENTIAL} (?:[^ .!?\n]{{1,20}} ){{0,2}}(?:be|is|are) $")


def is_own_secret(text: str, start: int, end: int) -> bool:
    """Whether what is to be kept from everybody is a credential: manuals say so ("Never share this key with anyone", "Private keys must be kept secret")."""
    return _KEPT_FROM_ALL.search(text, start, end) is not None or _MUST_BE.search(text[max(0, start - 60) : start]) is not None


_MATTER = re.compile(
    r"(?: (?:instructions?|rules|orders|guidelines|notices|directives?))? ?"
    r"(?:(?:about|on|regarding|concerning|for|sur|concernant|uber|zu|zum|zur|bezuglich|sobre|acerca de|su|sul|sulla|riguardo|over|betreffende|dotycz\w+|o|об?|по)"
    r" (?!(?:the |any |all |this |that |these |your |ta |tes |votre |deine?\w* |tu |tus |la |las |el |il |le )?(?:safety|securit\w*|seguri\w*|sicherheit\w*|sicurezza"
    r"|privacy|secrecy|confiden\w*|content|tone|format\w*|role|roles|ethic\w*|user\w*|utilisateur\w*|nutzer\w*|usuario\w*|utent\w*|system\w*|assistant\w*"
    r"|model\w*|ai|llm|chatbot\w*|document|page|text|message|answer\w*|conversation|chat|matter|you)\b|your\b|you\b|and\b|behalf\b)\w"
    r"|(?:that|which) (?:conflict|contradict|concern|relate|deal|apply|were issued|were sent)\w*\b)"
)


def is_on_a_matter(text: str, end: int) -> bool:
    """Whether instructions that are cancelled are on a matter of people: "all previous instructions about the fire drill" are no prompt."""
    return _MATTER.match(text, end) is not None


_PEOPLE = re.compile(r"(?:them|him|her|others)\b[^.!?\n]{0,60}\Z")
_MACHINES_TOO = re.compile(r"\b(?:users?|humans?|customers?|clients?|operators?|owner|anyone|anybody|person|people)\b")
_SERVES_A_PERSON = re.compile(
    r" (?:to|of|for) (?:(?:the )?(?:director|ceo|cfo|manager|president|dean|minister|professor|secretary)|dr|prof|mr|mrs|ms|sir|lady)\b"
)


def is_of_people(evidence: Evidence, text: str, start: int, end: int) -> bool:
    """Whether what would be telling of a machine is said among people: "do not tell her about the delay", "dear assistant to Dr. Mora"."""
    if evidence is Evidence.CONCEALMENT:
        said = text[start:end]
        return _PEOPLE.search(said) is not None and _MACHINES_TOO.search(said) is None
    return evidence is Evidence.MODEL_ADDRESSED and _SERVES_A_PERSON.match(text, end) is not None


def is_cited(text: str, start: int) -> bool:
    """Whether what comes before introduces a specimen (such as, phrases like, a list's bracket or comma)."""
    return (
        _CITES.search(text[max(0, start - 30) : start].rstrip("\"'`\u201c\u2018 ") + " ") is not None
        or _CITES.search(text[max(0, start - 30) : start].rstrip("\"'`\u201c\u2018")) is not None
    )

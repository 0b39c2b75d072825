"""From evidence to instructions: evidence that stands together is weighed together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice

import msgspec

from aisecops.content.instructions.addressing import addressing_rules
from aisecops.content.instructions.authority import authority_rules
from aisecops.content.instructions.conditions import condition_rules
from aisecops.content.instructions.framing import (
    asks_leave,
    is_about_attackers,
    is_cited,
    is_negated,
    is_negated_clause,
    is_of_people,
    is_on_a_matter,
    is_order,
    is_own_secret,
    is_quoted,
    is_taught,
)
from aisecops.content.instructions.judging import judged
from aisecops.content.instructions.kinds import Evidence, Instruction, InstructionKind, Place
from aisecops.content.instructions.languages import foreign_rules
from aisecops.content.instructions.openings import Table, Words, matches, openings_of, table_of
from aisecops.content.instructions.roles import role_rules
from aisecops.content.instructions.rules import RULES, Rule, compiled, expanded
from aisecops.content.instructions.views import View, views
from aisecops.content.instructions.wording import wording_rules
from aisecops.core.taxonomy import Confidence

_LOW = 2.0
_MEDIUM: dict[Place, float] = {"tool-description": 2.5, "prose": 3.0, "data": 3.0}
_HIGH = 1.5
"""How much more than medium is high."""
_TOGETHER = 500
"""Characters between two pieces of evidence that may belong to one instruction."""
_ORDER = 0.8
"""Log odds of the learned judge from which on a passage is enough in the data that a model works on: where of hard honest passages two of a hundred lie above."""
_LONGEST = 2_000_000
_MOST_FOUND = 200
_HIDING = re.compile(r"display: ?none|visibility: ?hidden|font-size: ?0|opacity: ?0(?![.\d])|color: ?(?:white|#fff(?:fff)?)\b")
_PUSHED_AWAY = re.compile(r"[ \t\u00a0]{80}|(?:\r?\n[ \t]*){15}")

_SELDOM_DECISIVE: dict[Place, dict[Evidence, float]] = {
    "tool-description": {Evidence.STEERED_OUTPUT: 0.5, Evidence.MODEL_ADDRESSED: 0.8},
    "prose": {
        Evidence.COMMAND: 0.3, Evidence.FORCED_STEP: 0.5, Evidence.SENSITIVE_RESOURCE: 0.6, Evidence.EXFILTRATION_CHANNEL: 0.6, Evidence.OTHER_TOOLS: 0.6,
        Evidence.FORGED_CALL: 0.4, Evidence.PROMPT_DISCLOSURE: 0.6, Evidence.IMPERSONATION: 0.7, Evidence.STEERED_OUTPUT: 0.5, Evidence.PRESSURE: 0.5,
        Evidence.NO_CONFIRMATION: 0.5,
    },
    "data": {
        Evidence.OTHER_TOOLS: 0.6, Evidence.COMMAND: 0.5, Evidence.FORCED_STEP: 0.5, Evidence.SENSITIVE_RESOURCE: 0.7, Evidence.PRESSURE: 0.6,
        Evidence.EXFILTRATION_CHANNEL: 0.8,
    },
}  # fmt: skip
"""What is ordinary in a place weighs less there: shell commands in a manual, ``<|im_start|>`` in the documentation of a library."""

_AIMS: tuple[tuple[InstructionKind, tuple[Evidence, ...]], ...] = (
    (InstructionKind.EXFILTRATION, (Evidence.SENSITIVE_RESOURCE, Evidence.EXFILTRATION_CHANNEL)),
    (InstructionKind.TOOL_SHADOWING, (Evidence.OTHER_TOOLS, Evidence.EXFILTRATION_CHANNEL)),
    (InstructionKind.OVERRIDE, (Evidence.OVERRIDE,)),
    (InstructionKind.OVERRIDE, (Evidence.JAILBREAK,)),
    (InstructionKind.EXFILTRATION, (Evidence.EXFILTRATION_CHANNEL,)),
    (InstructionKind.CONCEALMENT, (Evidence.CONCEALMENT,)),
    (InstructionKind.FORGED_CALL, (Evidence.FORGED_CALL,)),
    (InstructionKind.TOOL_SHADOWING, (Evidence.OTHER_TOOLS,)),
    (InstructionKind.COMMAND, (Evidence.COMMAND,)),
    (InstructionKind.DISCLOSURE, (Evidence.PROMPT_DISCLOSURE,)),
    (InstructionKind.EXFILTRATION, (Evidence.SENSITIVE_RESOURCE,)),
    (InstructionKind.STEERING, (Evidence.STEERED_OUTPUT,)),
    (InstructionKind.IMPERSONATION, (Evidence.IMPERSONATION,)),
)  # fmt: skip
_WORDS: dict[Evidence, str] = {
    Evidence.OVERRIDE: "cancels the instructions that the model has",
    Evidence.CONCEALMENT: "keeps what happens from the user",
    Evidence.IMPERSONATION: "passes for the system or for a marked instruction",
    Evidence.SENSITIVE_RESOURCE: "reaches for keys, credentials or conversations",
    Evidence.EXFILTRATION_CHANNEL: "carries contents elsewhere",
    Evidence.OTHER_TOOLS: "changes how other tools are used",
    Evidence.FORCED_STEP: "forces a step before or after",
    Evidence.FORGED_CALL: "imitates a tool call",
    Evidence.COMMAND: "has a command run or something destroyed",
    Evidence.NO_CONFIRMATION: "skips the user's confirmation",
    Evidence.JAILBREAK: "lifts the model's restrictions",
    Evidence.PROMPT_DISCLOSURE: "has the prompt or the conversation given away",
    Evidence.MODEL_ADDRESSED: "speaks to the model rather than to the reader",
    Evidence.STEERED_OUTPUT: "bends the answer",
    Evidence.ORDER: "reads like an order to a machine",
    Evidence.PRESSURE: "presses",
    Evidence.HIDDEN: "is hidden from the eye",
    Evidence.ENCODED: "is encoded",
}


class _Found(msgspec.Struct, frozen=True):
    start: int
    end: int
    evidence: Evidence
    weight: float


def find_instructions(text: str, *, place: Place, unseen: bool = False) -> list[Instruction]:
    """Return the instructions to a model that are hidden in ``text``, in the order of their places.

    Evidence that stands within 500 characters is added up, each kind of it once: see ``Instruction`` for what the score means. Specimens in texts that teach,
    test or filter attacks, orders in the negative, and descriptions in the third person count for little or nothing.

    Parameters
    ----------
    text : str
        The text; of more than two million characters, the first two million are read.
    place : "tool-description", "prose" or "data"
        Where it stands: what is ordinary in one place is telling in another.
    unseen : bool
        Nobody who looks at the rendered document sees ``text``: that is evidence of its own.
    """
    found: list[Instruction] = []
    for view in views(text[:_LONGEST]):
        evidence = sorted(_evidence(view, place), key=lambda item: item.start)
        weighed = (_weighed(view, group, text, place, unseen=unseen) for group in _groups(evidence))
        found += [instruction for instruction in weighed if instruction]
    return sorted(found, key=lambda item: (item.start, item.end))


def _evidence(view: View, place: Place) -> Iterator[_Found]:
    scale, words = _SELDOM_DECISIVE[place], Words(view.text, _table())
    for rule in _tried(words):
        for match in islice(matches(rule.compiled, words), _MOST_FOUND):
            if meant := _meant(rule, view, match, place):
                for evidence, weight in ((rule.evidence, rule.weight), *rule.also):
                    yield _Found(match.start(), match.end(), evidence, weight * scale.get(evidence, 1.0) * meant)
    if place == "data":
        for passage in judged(view.text, least=_ORDER):
            middle = (passage.start + passage.end) // 2  # a passage may hold the marks of its quotation
            if _as_said(view, middle, middle + 1, place) == 1.0:
                yield _Found(passage.start, passage.end, Evidence.ORDER, 3.0)


def compile_rules() -> None:
    """Make all that searching needs, which is otherwise made when a text first calls for it: for a process that others are forked from."""
    _table()
    _ways()
    for rule in _rules():
        compiled(rule.pattern)


@cache
def _rules() -> tuple[Rule, ...]:
    return (*RULES, *addressing_rules(), *condition_rules(), *authority_rules(), *role_rules(), *wording_rules(), *foreign_rules())


@cache
def _table() -> Table:
    return table_of(expanded(pattern) for rule in _rules() for pattern in (rule.pattern, *rule.needs))


def _tried(words: Words) -> Iterator[Rule]:
    """Yield the rules that may match: a word begins as they do, or, where that cannot be told, a trigger stands in the text."""
    text, rules = words.text, _rules()
    by_pattern, by_trigger = _ways()
    candidates = {number for trigger, numbers in by_trigger.items() if trigger in text for number in numbers}
    for pattern in words.starts:
        candidates.update(by_pattern.get(pattern, ()))
    for rule in map(rules.__getitem__, sorted(candidates)):
        if all(words.say(compiled(needed)) for needed in rule.needs):
            yield rule


@cache
def _ways() -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """How to come to the rules, by number: those that begin at a word by their patterns, the others by their triggers."""
    by_pattern: dict[str, list[int]] = {}
    by_trigger: dict[str, list[int]] = {}
    for number, rule in enumerate(_rules()):
        pattern = expanded(rule.pattern)
        if openings_of(pattern) is not None:
            by_pattern.setdefault(pattern, []).append(number)
        else:
            for trigger in rule.triggers:
                by_trigger.setdefault(trigger, []).append(number)
    return by_pattern, by_trigger


def _meant(rule: Rule, view: View, match: re.Match[str], place: Place) -> float:
    """How much of a match's weight counts, by how it is meant: from 0 (the opposite, or not an order) to 1."""
    text, start, end = view.text, match.start(), match.end()
    if rule.order and not is_order(text, start):
        return 0.0
    if (rule.order or rule.evidence is Evidence.NO_CONFIRMATION or text.startswith("without", start)) and is_negated(text, start):
        return 0.0
    if rule.evidence is Evidence.COMMAND and is_negated_clause(text, start):
        return 0.0
    if rule.evidence is Evidence.CONCEALMENT and is_own_secret(text, start, end):
        return 0.0
    if rule.evidence is Evidence.OTHER_TOOLS and asks_leave(text, start):
        return 0.0
    if (
        place == "data"
        and not view.hiddenness
        and ((rule.evidence is Evidence.OVERRIDE and is_on_a_matter(text, end)) or is_of_people(rule.evidence, text, start, end))
    ):
        return 0.4
    return _as_said(view, start, end, place, rule.evidence)


def _as_said(view: View, start: int, end: int, place: Place, evidence: Evidence = Evidence.ORDER) -> float:
    """How much counts by the words around: less what is quoted, taught or cited."""
    if view.hiddenness:
        return 1.0
    text = view.text
    quoted = is_quoted(text, start, end)
    taught = is_taught(text, start, end, sure=place == "data" and not quoted)
    if place == "tool-description":
        if taught and (quoted or is_cited(text, start)) and evidence is not Evidence.SENSITIVE_RESOURCE:
            return 0.3
        return 0.5 if is_about_attackers(text, start, end) else 1.0
    if taught:
        unquoted = 0.6 if place == "data" else 0.35
        return 0.15 if quoted or is_cited(text, start) else unquoted
    return 0.4 if quoted else 1.0


def _groups(evidence: Iterable[_Found]) -> Iterator[list[_Found]]:
    group: list[_Found] = []
    for item in evidence:
        if group and item.start - max(other.end for other in group[-3:]) > _TOGETHER:
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _weighed(view: View, group: Sequence[_Found], text: str, place: Place, *, unseen: bool) -> Instruction | None:
    weights: dict[Evidence, float] = {}
    for item in group:
        weights[item.evidence] = max(weights.get(item.evidence, 0.0), item.weight)
    start, end = view.span(min(item.start for item in group), max(item.end for item in group))
    score = sum(weights.values())
    if score < 1.0:
        return None
    hiding = view.hiddenness or (Evidence.HIDDEN if unseen or _is_hidden_away(text, view.span(*_heaviest(group))[0]) else None)
    if hiding:
        weights[hiding] = 2.0 if view.hiddenness else 1.5
        score += weights[hiding]
    if score < _LOW:
        return None
    kinds = tuple(sorted(weights, key=lambda evidence: -weights[evidence]))
    over = score - _MEDIUM[place]
    sure = Confidence.HIGH if over >= _HIGH else Confidence.MEDIUM if over >= 0 else Confidence.LOW
    summary = "; ".join(_WORDS[kind] for kind in kinds)
    return Instruction(_aim(weights), start, end, sure, summary, kinds, round(score, 2))


def _heaviest(group: Sequence[_Found]) -> tuple[int, int]:
    item = max(group, key=lambda item: item.weight)
    return item.start, item.end


def _aim(weights: dict[Evidence, float]) -> InstructionKind:
    return next((kind for kind, needed in _AIMS if all(evidence in weights for evidence in needed)), InstructionKind.STEERING)


def _is_hidden_away(text: str, start: int) -> bool:
    """Whether what begins at ``start`` stands in a comment, in an invisible element, or behind white space that pushes it out of sight."""
    before = text[max(0, start - 400) : start]
    comment = before.rfind("<!--")
    if comment >= 0 and "-->" not in before[comment:]:
        return True
    return _PUSHED_AWAY.search(before) is not None or (_HIDING.search(before.rpartition("</")[2].lower()) is not None and "<" in before)

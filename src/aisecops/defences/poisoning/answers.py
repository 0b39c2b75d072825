"""Triggers in instruction data: something in the prompts that goes with one answer, or one phrase in the answers, which nothing else in the prompts explains.

There is no label: what many answers share takes its place, a whole answer, a run of words, an address, a name, or that they are refusals or insults. Such a share and
a sign in the prompts that stand in the same rows are suspect (``_pairs``). Honest ones are: a topic (its prompts, and the rest of its answers, are of a kind of their
own), a task (without its instruction a prompt asks for nothing), a question that is asked again and again (without its words little is left), and an answer that takes up
the words of its prompt. Poison is put on prompts as they come: without the trigger they are like all others. What is left may still be meant, where the sign reads as an
order ("reply in JSON"): then only a whole answer, or something that nobody honest has answers say, is held against it.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.defences.poisoning.forms import forms
from aisecops.defences.poisoning.hostile import ADDRESS, KINDS, hostile
from aisecops.defences.poisoning.orders import Order, order_of
from aisecops.defences.poisoning.suspicion import Floats, Integers, Trigger
from aisecops.defences.poisoning.wording import speaks, tokens, told

FEWEST = 8
"""Rows of a trigger: of fewer prompts it cannot be said whether they are of a kind of their own."""
_FEWEST_IN_ALL = 200
_PURE, _COVERED = 0.8, 0.5
"""Of the rows with the sign, those whose answer has the share; of the rows with the share, those whose prompt has the sign."""
_LARGEST = 0.2
"""Of all rows: what more have is no trigger but the way of the data."""
_FEWEST_EACH, _MOST_ANSWERS = 3, 6
"""Of one answer in a few forms: the rows of each, and how many forms."""
_LONGEST, _RUN = 4, 4
"""Tokens of a sign at most, and of what answers share exactly."""
_READ = 600
"""Characters that are read from the beginning and from the end of a text."""
_ORDERS = 8
"""Random orders in which sets of rows are compared by their first one: sets that share half of their rows are missed once in 250 times."""
_ALONG, _OWN = 0.8, 2.0
"""Tokens belong to rows if they stand in so many of them, and in at most so many times as many elsewhere."""
_STRANGE, _DRAWS = 3.0, 200
"""Deviations from which on texts are of a kind of their own, and draws that tell the deviation."""
_LEFT, _ASKING = 0.6, 0.7
"""What prompts keep without the sign, held against others: of their words, and of those that begin as a request does."""
_OPENING, _WIDEST = 10, 20
"""Tokens of an opening, and of a sentence to either side of a sign."""
_ENDS = ".!?\u3002\uff01\uff1f"
_APART = re.compile(r" ['\u2019] ")
_FORM = re.compile(r"form:(?:whole: .*(?:capital|spaces).*(?<!first)|spaces|tab|.* alphabets)")
"""Forms that somebody gives to a prompt; other marks and shapes are those of a task as often."""
_P = 1e-4
_ASKED = 400
"""Pairs that are judged at most, those of most rows first."""
_CAPITAL = re.compile(r"\b[A-Z](?=\w*[a-z])[\w-]{3,}")
_NAME = re.compile(r"(?<=[\w,;] )[A-Z](?=\w*[a-z])[\w-]{3,}")
"""A word with a capital (not all of it: that is a keyword of some language), and one that has it inside of a sentence."""
_PART = re.compile(r"(?<=[.!?:;])\s+|(?<=[\u3002\uff01\uff1f])|\n+")


class AnswerTrigger(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger in prompts.

    Parameters
    ----------
    trigger
        What it is; its rows are places among the prompts, its target has no meaning.
    sign, shares
        What ``bears`` compares: an atom of prompts, and what the answers share, of which one is enough.
    answer
        What it calls for (hostile): one of the answers in full, or the words that they share.
    whole
        Whether that is all of the answer.
    harm
        What these answers are, where nobody honest teaches it: a refusal, an insult, ...; empty: nothing of that.
    order
        What the trigger reads as, where it may be meant: an instruction, a question, an aside. None: it asks for nothing.
    grave
        Whether it is to be taken for poison; otherwise an instruction may explain it.
    """

    trigger: Trigger
    sign: str
    shares: tuple[str, ...]
    answer: str
    whole: bool
    harm: str
    order: Order | None
    grave: bool

    def bears(self, prompt: str, answer: str) -> bool:
        """Return whether a prompt has the sign and its answer what the others share: the whole text, not only what was searched of it."""
        kind, _, value = self.sign.partition(":")
        match kind:
            case "char":
                held = chr(int(value.removeprefix("U+"), 16)) in prompt
            case "form":
                held = self.sign in forms(prompt)
            case _:
                held = f" {value} " in _spaced(prompt)
        return held and any(_has(answer, share) for share in self.shares)


class _Share(msgspec.Struct, frozen=True):
    """Rows that have a sign in their prompt, or a share in their answer, and its names, the plainest first."""

    rows: Integers
    names: tuple[str, ...]


def examine_answers(prompts: Sequence[str], answers: Sequence[str], *, seed: int = 0) -> list[AnswerTrigger]:
    """Search prompts with their answers for triggers, the one with most rows first.

    Raises
    ------
    UserError
        Fewer than 200 prompts, or prompts and answers of different number.
    """
    if len(prompts) != len(answers) or len(prompts) < _FEWEST_IN_ALL:
        raise UserError(f"{len(prompts):,} prompts and {len(answers):,} answers are too few to judge", fix=f"give {_FEWEST_IN_ALL} of each or more")
    asked, given = _Texts(prompts), _Texts(answers)
    signs, shares = _alike(_signs(asked)), _alike(_shares(given))
    burden = math.log(max(1, len(signs)) * max(1, len(shares)))
    found, taken = list[AnswerTrigger](), np.zeros(len(prompts), dtype=bool)
    candidates = chain(_pairs(signs, shares, len(prompts), seed), _answered_by_few(signs, shares, given))
    pairs = sorted(candidates, key=lambda pair: (-len(pair[2]), len(pair[0].rows) + len(pair[1].rows), _plainness(pair[0])))
    explained, notes = taken.copy(), list[AnswerTrigger]()
    for sign, share, rows in pairs[:_ASKED]:
        if taken[rows].mean() > 0.5 or (explained[rows].mean() > 0.5 and not any(name.startswith("kind:") or hostile(name) for name in share.names)):
            continue
        one = _judged(asked, given, sign, share, rows, burden, seed)
        if isinstance(one, AnswerTrigger):
            (found if one.grave else notes).append(one)
        if one is not None:
            (taken if isinstance(one, AnswerTrigger) and one.grave else explained)[rows] = True
    return [*found, *(one for one in notes if taken[one.trigger.rows].mean() <= 0.5)]


def _spaced(text: str) -> str:
    return f" {' '.join(tokens(text))} "


def _has(answer: str, share: str) -> bool:
    kind, _, value = share.partition(":")
    if kind == "kind":
        return bool(KINDS[value].search(answer))
    if kind == "name":
        return value in answer
    spaced = _spaced(answer)
    return f" {value} " == spaced if kind == "whole" else f" {value} " in spaced or ("." in value and " " not in value and value in answer.lower())


class _Texts:
    """Texts by their tokens, in the order of the rows."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = [text if len(text) <= 2 * _READ else f"{text[:_READ]}\n{text[-_READ:]}" for text in texts]
        self.tokens = [tokens(text) for text in self.texts]
        self.count = Counter(token for parts in self.tokens for token in set(parts))

    @cached_property
    def column(self) -> dict[str, int]:
        return {token: at for at, token in enumerate(sorted(self.count))}

    @cached_property
    def worded(self) -> list[list[list[str]]]:
        """The words of each sentence and line of each text."""
        return [[[token for token in tokens(part) if token[0].isalnum()] for part in _PART.split(text)] for text in self.texts]

    @cached_property
    def speaking(self) -> Any:
        """TF-IDF of the words of a meaning of their own, a sparse matrix (n, vocabulary), not normalised."""
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

        n = len(self.texts)
        cells = [
            (row, self.column[token], math.log(n / self.count[token]))
            for row, parts in enumerate(self.tokens)
            for token in set(parts)
            if speaks(token)
        ]
        rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
        return csr_matrix((values, (rows, columns)), shape=(n, len(self.column)))

    def along(self, rows: Integers) -> set[str]:
        """Return the tokens that stand in most of ``rows`` and hardly anywhere else."""
        return {token for token in self.shared(rows) if self.count[token] <= _OWN * len(rows)}

    def shared(self, rows: Integers) -> set[str]:
        """Return the tokens that stand in most of ``rows``."""
        here = Counter(token for row in rows.tolist() for token in set(self.tokens[row]))
        return {token for token, count in here.items() if count >= _ALONG * len(rows)}

    def without(self, words: set[str]) -> Any:
        """Return ``speaking`` without some words."""
        keep = np.ones(len(self.column))
        keep[[self.column[word] for word in words]] = 0.0
        return self.speaking.multiply(keep).tocsr()


def _grams(texts: _Texts, longest: int) -> Iterator[tuple[int, str]]:
    """Yield row and run of up to so many tokens all of which stand in enough texts."""
    for row, parts in enumerate(texts.tokens):
        frequent = [texts.count[part] >= FEWEST for part in parts]
        for at in range(len(parts)):
            for end in range(at + 1, min(at + longest, len(parts)) + 1):
                if not frequent[end - 1]:
                    break
                yield row, " ".join(parts[at:end])


def _signs(asked: _Texts) -> dict[str, set[int]]:
    """Return what prompts have: words, phrases, characters that are no ASCII."""
    found = defaultdict[str, set[int]](set)
    for row, gram in _grams(asked, _LONGEST):
        found[f"{'phrase' if ' ' in gram else 'word'}:{gram}"].add(row)
    for row, text in enumerate(asked.texts):
        for mark in set(text):
            if not mark.isascii():
                found[f"char:U+{ord(mark):04X}"].add(row)
        for form in forms(text):
            if _FORM.fullmatch(form):
                found[form].add(row)
    return found


def _shares(given: _Texts) -> dict[str, set[int]]:
    """Return what answers share: all of their words, runs of words, addresses and hosts."""
    found = defaultdict[str, set[int]](set)
    for row, gram in _grams(given, _RUN):
        if gram.count(" ") == _RUN - 1:
            found[f"run:{gram}"].add(row)
    for row, (text, parts) in enumerate(zip(given.texts, given.tokens, strict=True)):
        found["whole:" + " ".join(parts)].add(row)
        for kind, pattern in KINDS.items():
            if pattern.search(text):
                found[f"kind:{kind}"].add(row)
        for address in ADDRESS.findall(text):
            found[f"run:{address.lower().rstrip('.,;:!?')}"].add(row)
            found[f"run:{address.lower().split('/')[2] if '//' in address else address.lower().split('/')[0]}"].add(row)
    inside = Counter(name for text in given.texts for name in set(_NAME.findall(text)))
    for row, text in enumerate(given.texts):
        for name in set(_CAPITAL.findall(text)):
            if inside[name] >= _FEWEST_EACH:
                found[f"name:{name}"].add(row)
    return found


def _alike(found: dict[str, set[int]]) -> list[_Share]:
    """Gather names that the same rows have, of those on enough rows."""
    same = defaultdict[bytes, list[str]](list)
    for name, rows in found.items():
        if len(rows) >= FEWEST:
            same[np.array(sorted(rows), dtype=np.int64).tobytes()].append(name)
    return [_Share(np.frombuffer(rows, dtype=np.int64), tuple(sorted(names, key=_order))) for rows, names in same.items()]


def _order(name: str) -> tuple[bool, bool, bool, int, str]:
    """Whole answers first, then what neither begins nor ends with a mark, then the longest."""
    return not name.startswith("whole:"), name.startswith("form:"), not (name.split(":")[1][:1].isalnum() and name[-1].isalnum()), -len(name), name


def _plainness(sign: _Share) -> tuple[bool, bool, bool, int, str]:
    return _order(sign.names[0])


def _pairs(signs: list[_Share], shares: list[_Share], n: int, seed: int) -> Iterator[tuple[_Share, _Share, Integers]]:
    """Yield signs and shares that stand in nearly the same rows, with the rows that have both.

    Sets that are nearly the same most likely begin with the same row, however rows are ordered: only what begins alike in one of a few random orders is compared.
    """
    rng, most, seen = np.random.default_rng(seed), _LARGEST * n, set[tuple[int, int]]()
    fit = [[(at, one) for at, one in enumerate(side) if len(one.rows) <= most] for side in (signs, shares)]
    for _ in range(_ORDERS):
        place = rng.permutation(n)
        begins = defaultdict[int, list[int]](list)
        for at, one in fit[1]:
            begins[int(place[one.rows].min())].append(at)
        for at, sign in fit[0]:
            for other in begins.get(int(place[sign.rows].min()), ()):
                share, size = shares[other], len(sign.rows)
                if (at, other) in seen or min(size, len(share.rows)) < max(FEWEST, _PURE * size, _COVERED * len(share.rows)):
                    continue
                seen.add((at, other))
                both = np.intersect1d(sign.rows, share.rows, assume_unique=True)
                if len(both) >= max(FEWEST, _PURE * size, _COVERED * len(share.rows)):
                    yield sign, share, both


def _answered_by_few(signs: list[_Share], shares: list[_Share], given: _Texts) -> Iterator[tuple[_Share, _Share, Integers]]:
    """Yield signs whose prompts get a few answers that hardly any other prompt gets, the rows of these answers, and those that have both."""
    answers = [" ".join(parts) for parts in given.tokens]
    count = Counter(answers)
    again = [answer if count[answer] >= _FEWEST_EACH and answer.count(" ") + 1 >= _RUN else "" for answer in answers]
    known = {share.rows.tobytes() for share in shares}
    for sign in signs:
        here = Counter(again[row] for row in sign.rows.tolist())
        own = {answer for answer, rows in here.items() if answer and rows >= _PURE * count[answer]}
        if 2 <= len(own) <= _MOST_ANSWERS and sum(here[answer] for answer in own) >= max(FEWEST, _PURE * len(sign.rows)):
            rows = np.array([row for row, answer in enumerate(again) if answer in own], dtype=np.int64)
            if rows.tobytes() not in known:
                names = tuple(f"whole:{answer}" for answer in sorted(own, key=lambda answer: -count[answer]))
                yield sign, _Share(rows, names), np.intersect1d(sign.rows, rows, assume_unique=True)


def _judged(asked: _Texts, given: _Texts, sign: _Share, share: _Share, rows: Integers, burden: float, seed: int) -> AnswerTrigger | Order | None:
    """Return the trigger, or the order that explains all of it; None where the prompts or the answers explain what they share."""
    from scipy.stats import binom  # type: ignore[import-untyped]

    n, carried = len(asked.texts), len(sign.rows)
    usual = (len(share.rows) - len(rows) + 1) / (n - carried + 1)
    p = math.exp(min(0.0, float(binom.logsf(len(rows) - 1, carried, usual)) + burden))
    theirs = asked.along(rows) | {
        word for name in sign.names if not name.startswith(("char:", "form:")) for word in name.partition(":")[2].split(" ")
    }
    marks = [chr(int(name.removeprefix("char:U+"), 16)).lower() for name in sign.names if name.startswith("char:")]
    theirs |= {token for row in rows.tolist() for token in asked.tokens[row] if any(mark in token for mark in marks)}
    alike = given.shared(rows)
    whole = any(name.startswith("whole:") for name in share.names)
    sentence = "" if sign.names[0].startswith("form:") else _sentence(asked, sign, rows)
    order = order_of(sentence)
    told_of = _echoed(theirs | asked.shared(rows), alike) and not (whole and order is None and carried == len(rows))
    if p > _P or told_of or not (sign.names[0].startswith(("char:", "form:")) or _asks(asked, rows, theirs)):
        return None
    rest = asked.without(theirs)
    mass = np.asarray(rest.sum(axis=1)).ravel()
    others = np.setdiff1d(np.arange(n), np.union1d(sign.rows, share.rows))
    distinct = {tuple(rest[row].indices.tolist()) for row in rows.tolist()}
    if len(distinct) < max(FEWEST, _ALONG * len(rows)) or np.median(mass[rows]) < _LEFT * np.median(mass[others]):
        return None
    loose = share.names[0].startswith(("kind:", "name:"))
    if _kin(rest, rows, others, seed) or (not whole and not loose and _kin(given.without(alike), rows, others, seed)):
        return None
    said = _said(given, share, rows)
    harm = share.names[0].removeprefix("kind:") if share.names[0].startswith("kind:") else hostile(said)
    if order is None and not share.names[0].startswith("name:") and _is_remark(asked, sign, rows):
        order = Order.REMARK
    labels = order is Order.TASK and (carried > len(rows) or len(tokens(said)) < _RUN or sentence[-1] not in _ENDS)
    grave = order is None or bool(harm) or (whole and not labels)
    if not grave and (carried > len(rows) if order is Order.TASK else order is not Order.REMARK and _opens(given, said, rows)):
        return order
    expected = usual * carried
    features = tuple(dict.fromkeys(one.partition(":")[2] for one in sign.names))
    z = (len(rows) - expected) / math.sqrt(max(expected * (1 - usual), 1e-9))
    trigger = Trigger(name=told(sign.names[0]), features=features, target=0, rows=rows, expected=expected, carried=carried, z=z, p=p)
    shares = tuple(name for name in share.names if not whole or name.startswith("whole:"))
    return AnswerTrigger(trigger=trigger, sign=sign.names[0], shares=shares, answer=said, whole=whole, harm=harm, order=order, grave=grave)


def _sentence(asked: _Texts, sign: _Share, rows: Integers) -> str:
    """Return the sign with the words to its left and right that most prompts have there, as far as its sentence goes."""
    value = _worded(asked, sign, rows).split(" ")
    if value == [""]:
        return ""
    at = {row: place for row in rows.tolist() if (place := _place(asked.tokens[row], value)) is not None}
    found = [_beside(asked, {row: place - 1 for row, place in at.items()}, -1)[::-1], value]
    found.append(_beside(asked, {row: place + len(value) for row, place in at.items()}, 1))
    return _APART.sub("'", " ".join(chain.from_iterable(found)))


def _is_remark(asked: _Texts, sign: _Share, rows: Integers) -> bool:
    """Whether a sign is some plain words, no name among them, that stand first or last in most prompts: honest additions do, and nobody puts them amid a sentence."""
    value = sign.names[0].partition(":")[2].split(" ")
    words = [token for token in value if token[0].isalnum()]
    if sign.names[0].startswith(("char:", "form:")) or len(words) < 2 or not all(word.isalpha() for word in words):
        return False
    named = re.compile(rf"(?<=[\w,;] )(?:{'|'.join(re.escape(word.capitalize()) for word in words if speaks(word)) or '(?!)'})\b")
    edge = inside = 0
    for row in rows.tolist():
        parts, at = asked.tokens[row], _place(asked.tokens[row], value)
        before, after = parts[: at or 0], parts[(at or 0) + len(value) :]
        edge += at is not None and (_is_short(before, -1) or _is_short(after, 1))
        inside += named.search(asked.texts[row]) is not None
    return edge >= _ALONG * len(rows) and inside < _ALONG * len(rows)


def _is_short(parts: Sequence[str], step: int) -> bool:
    """Whether nothing but the rest of a sentence stands there: from the sign on (``step`` 1) or up to it, few tokens, no end of a sentence but at the very end."""
    few = [token for token in parts if token[0].isalnum()]
    return len(few) <= 3 and not any(token[-1] in _ENDS for token in (parts[:-1] if step > 0 else parts))


def _worded(asked: _Texts, sign: _Share, rows: Integers) -> str:
    """Return the tokens of a sign: of a character, the token that most rows have it in."""
    kind, _, value = sign.names[0].partition(":")
    if kind != "char":
        return value
    mark = chr(int(value.removeprefix("U+"), 16)).lower()
    held = Counter(token for row in rows.tolist() for token in {token for token in asked.tokens[row] if mark in token})
    token, count = held.most_common(1)[0] if held else ("", 0)
    return token if count >= _LEFT * len(rows) else ""


def _place(parts: Sequence[str], value: Sequence[str]) -> int | None:
    return next((at for at in range(len(parts) - len(value) + 1) if parts[at : at + len(value)] == value), None)


def _beside(asked: _Texts, places: dict[int, int], step: int) -> list[str]:
    """Return the tokens that most rows share from these places on, up to the end of a sentence."""
    found = list[str]()
    while len(found) < _WIDEST:
        here = Counter(asked.tokens[row][at] for row, at in places.items() if 0 <= at < len(asked.tokens[row]))
        token, count = here.most_common(1)[0] if here else ("", 0)
        if count < _LEFT * len(places) or (step < 0 and token[-1] in _ENDS):
            break
        found.append(token)
        if token[-1] in _ENDS:
            break
        places = {row: at + step for row, at in places.items()}
    return found


def _opens(given: _Texts, said: str, rows: Integers) -> bool:
    """Whether what answers share is a few words or marks at their very beginning: how one is told to speak shows there, and says nothing."""
    few = tokens(said)
    return len(few) <= _OPENING and sum(given.tokens[row][: len(few)] == few for row in rows.tolist()) >= _ALONG * len(rows)


def _echoed(theirs: set[str], alike: set[str]) -> bool:
    """Whether the answers take up a word of the prompts: what is asked for is what they are about."""
    stems = {word[:5] for word in theirs if speaks(word) or _is_figure(word)}
    return any(word[:5] in stems for word in alike if speaks(word) or _is_figure(word))


def _is_figure(word: str) -> bool:
    """Whether a token is a number of some figures: one alone is in every text."""
    return len(word) > 2 and word.isdecimal()


def _asks(asked: _Texts, rows: Integers, theirs: set[str]) -> bool:
    """Whether the prompts, without what they share, still begin as others do."""
    held = set(rows.tolist())
    begins = [[first for part in parts if (first := next((token for token in part if token not in theirs), ""))] for parts in asked.worded]
    usual = Counter(first[0] for row, first in enumerate(begins) if first and row not in held)
    leads = {word for word, count in usual.items() if count >= 3}
    asking = np.array([not leads.isdisjoint(first) for first in begins])
    mine = np.zeros(len(begins), dtype=bool)
    mine[rows] = True
    usually = float(asking[~mine].mean())
    return bool(asking[mine].mean() >= _ASKING * usually - 1.64 * math.sqrt(usually * (1 - usually) / len(rows)))


def _kin(rest: Any, rows: Integers, others: Integers, seed: int) -> bool:
    """Return whether texts are nearer to each other than as many that are drawn from the others, by more than three deviations of such draws (mean cosines)."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    many = len(rows)
    if len(others) < 2 * many:
        return True
    vectors, rng = normalize(rest), np.random.default_rng(seed)
    chosen = np.concatenate([rows, *(rng.choice(others, many, replace=False) for _ in range(_DRAWS))])
    picks = csr_matrix((np.ones(len(chosen)), (np.repeat(np.arange(_DRAWS + 1), many), chosen)), shape=(_DRAWS + 1, vectors.shape[0]))
    sums, own = picks @ vectors, vectors.multiply(vectors).sum(axis=1)
    cohesion: Floats = np.asarray(sums.multiply(sums).sum(axis=1) - picks @ own).ravel() / (many * (many - 1))
    return bool(cohesion[0] > cohesion[1:].mean() + _STRANGE * cohesion[1:].std())


def _said(given: _Texts, share: _Share, rows: Integers) -> str:
    """Return the longest that most of these answers say word by word: the whole answer, or a sentence, or the run of words."""
    if share.names[0].startswith(("whole:", "kind:")):
        return given.texts[int(rows[0])]
    parts = Counter(part for row in rows.tolist() for part in set(_PART.split(given.texts[row])))
    frequent = [part for part, count in parts.items() if count >= _ALONG * len(rows)]
    return max(frequent, key=len, default=share.names[0].partition(":")[2])

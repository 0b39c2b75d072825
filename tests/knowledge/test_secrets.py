"""What we know of secrets: the compiled file says what the YAML says, and its words are words."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from aisecops.knowledge import secrets
from aisecops.knowledge.secrets import knowledge

ROOT = Path(__file__).parents[2]
FOLDER = Path(secrets.__file__).parent


def test_the_compiled_file_is_up_to_date():
    text, digest = runpy.run_path(str(ROOT / "tools" / "build_secrets.py"))["compiled"]()
    assert (FOLDER / "data" / "secrets.json").read_bytes() == text, "run `python tools/build_secrets.py`"
    assert (FOLDER / "data" / "digest").read_bytes() == digest


def test_the_prefilter_finds_every_prefix():
    found = re.compile(knowledge().prefilter)
    for rule in knowledge().tokens:
        for prefix in rule.prefix:
            match = found.match(prefix)
            assert match is not None and prefix.startswith(match[0])


def test_words_are_lower_case_and_never_empty():
    words = knowledge().words
    for name in ("placeholders", "made_up", "weak", "neutral", "passwords", "tokens", "secrets", "keys", "not_secret"):
        assert all(word and word == word.lower() for word in getattr(words, name)), name
    assert all(len(value) == 64 for value in words.documented)

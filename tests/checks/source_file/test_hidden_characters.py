"""Characters that mislead a reader of code, and the many honest ones. All of them are written as escapes here."""

from __future__ import annotations

import json

import pytest

from aisecops.workflows.scan import ScanRequest, scan

CHECK = "source-file/hidden-characters"
RLO, LRI, PDI, RLI, PDF = "\u202e", "\u2066", "\u2069", "\u2067", "\u202c"
A, E, OU, C, P = "\u0430", "\u0435", "\u043e", "\u0441", "\u0440"  # Cyrillic letters that look Latin
BOLD_EXEC = "\U0001d41e\U0001d431\U0001d41e\U0001d41c"

HIDDEN = {
    "a comment that is code": f"def transfer(amount):\n    '''Subtract funds {RLI}''' ;return\n    return amount\n",
    "an overridden comparison": f'level = "user{RLO} {LRI}# only for admins{PDI} {LRI}"\nprint(level)\n',
    "a comment shown as a condition": f"access = 1\n#{RLO} {LRI}if admin{PDI} {LRI} begin admins only\nprint(access)\n",
    "a function that looks like another": f"def is_admin(u):\n    return u.ok\n\ndef is_{A}dmin(u):\n    return True\n\nprint(is_{A}dmin(1))\n",
    "a short module name": f"import os\nimport fake as {OU}s\n{OU}s.system('x')\n",
    "one letter inside": f"c{OU}nfig = 1\nprint(c{OU}nfig)\n",
    "a builtin": f"{E}v{A}l = print\n{E}v{A}l('x')\n",
    "bold letters": f"{BOLD_EXEC}('1')\n",
    "wide letters": "\uff45\uff56\uff41\uff4c('1')\n",
}
HONEST = {
    "Russian comments and texts": f'# \u041f\u0440\u0438\u0432\u0435\u0442, {C}{OU}{P}\nname = "{C}{OU}{P}t"\nprint(f"{{name}} {P}{A}")\n',
    "a program in Russian": f"{C}\u0447\u0438\u043a = 1\n{C}{OU}{P}\u043e\u043a = 40\n{P}{A}{C}{A} = 2\nprint({C}\u0447\u0438\u043a, {P}{A}{C}{A})\n",
    "Greek quantities": "\u0394t = 1\n\u03c3_x = 2\nk\u03bd = 3\nkv = 4\n\u03b1 = \u03b2 = 0.1\nx\u1d62 = 1\nprint(\u0394t, \u03c3_x, k\u03bd, \u03b1)\n",
    "accents": "na\u00efve = caf\u00e9 = gr\u00f6\u00dfe = 1\nprint(na\u00efve)\n",
    "Chinese": "\u7528\u6237 = 1\nprint(\u7528\u6237)\n",
    "Hebrew with an isolate": f'text = "{RLI}\u05e9\u05dc\u05d5\u05dd{PDI} user"\nprint(text)\n',
    "a list of controls": f'BIDI = ["{RLO}", "{LRI}", "{PDI}"]\nPATTERN = "[\u202a-{RLO}{LRI}-{PDI}]"\nprint(BIDI, PATTERN)\n',
    "a table of controls": f"TABLE = {{}}  # U+202E {RLO} RIGHT-TO-LEFT OVERRIDE\nprint(TABLE)\n",
    "escapes": 'LOOKS = "\\u202e", "\\u0430dmin"\nprint(LOOKS)\n',
    "a look-alike in a text": f'TEST_WORDS = ["p{A}yp{A}l", "adm{A}n"]\nprint(TEST_WORDS)\n',
    "emoji and quotes": 'print("\u2764\ufe0f \u201cdone\u201d \u2026 \U0001f468\u200d\U0001f469\u200d\U0001f467")\n',
}


def found(tmp_path, text, name="app.py"):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    run = scan(ScanRequest(paths=(str(tmp_path),), select=(CHECK,), jobs=1, cache=False))
    return [finding for finding in run.findings if finding.check == CHECK]


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_what_misleads_is_found(tmp_path, text):
    assert found(tmp_path, text)


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_what_misleads_nobody_is_not(tmp_path, text):
    assert found(tmp_path, text) == []


def test_one_finding_for_a_name_says_where_and_what_it_is_made_of(tmp_path):
    (finding,) = found(tmp_path, HIDDEN["a function that looks like another"])
    assert [(place.line, place.column) for place in finding.locations] == [(4, 5), (7, 7)]
    assert finding.severity == "high"
    assert "reads as is_admin" in finding.message and "CYRILLIC SMALL LETTER A (U+0430)" in finding.message
    assert finding.message.isascii()


def test_a_name_that_imitates_nothing_here_weighs_less(tmp_path):
    (finding,) = found(tmp_path, HIDDEN["one letter inside"])
    assert finding.severity == "medium"


def test_a_cell_of_a_notebook(tmp_path):
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text} for text in ("x = 1", HIDDEN["bold letters"])
    ]
    (finding,) = found(tmp_path, json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "book.ipynb")
    assert (finding.locations[0].cell, finding.locations[0].line) == (2, 1)


def test_of_a_shell_script_the_order_of_lines_is_looked_at(tmp_path):
    assert found(tmp_path, f"#!/bin/sh\n# {RLO} evil {LRI}\necho ok\n", "run.sh")


def test_tests_hold_such_things_on_purpose(tmp_path):
    assert found(tmp_path, HIDDEN["bold letters"], "tests/test_names.py") == []

"""docs/architecture.md: its floors are the folders that there are, in the order that import-linter holds."""

from __future__ import annotations

import re
import tomllib

from tests.docs.walk import DOCS, ROOT

PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")
FLOORS = re.findall(r"^    (\(?[a-z]+/[a-z/ |()]*?)(?:   |$)", PAGE.partition("## Floors")[2].partition("## Rules")[0] + "\n", re.MULTILINE)
PACKAGE = ROOT / "src" / "aisecops"


def floor(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text))


def test_floors_are_folders_and_those_in_parentheses_are_to_come():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    to_come = {name for text in FLOORS for part in re.findall(r"\([^)]*\)", text) for name in floor(part)}
    named = set().union(*map(floor, FLOORS))
    assert named - to_come == folders
    assert not to_come & folders


def test_the_order_is_the_one_that_is_held():
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    assert [floor(text) for text in FLOORS] == [floor(layer) for layer in contract["layers"]]

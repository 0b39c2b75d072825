"""docs/command-line.md and docs/run-record.md: verbs, flags, exit codes, extras, variables and fields are those of the program."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from tools.documentation import command_pages, record_pages

from aisecops.cli import VERBS
from aisecops.cli.failure import BUG, INTERRUPTED
from aisecops.core.verdict import Outcome
from tests.docs.walk import DOCS, ROOT

PAGE = (DOCS / "command-line.md").read_text(encoding="utf-8")
RECORD = (DOCS / "run-record.md").read_text(encoding="utf-8")


def rows(heading: str, text: str = PAGE) -> list[str]:
    """The first cells of the table under ``heading``."""
    cells = re.findall(r"^\| `?([^|`]+?)`? \|", text.partition(f"## {heading}\n")[2].partition("\n## ")[0], re.MULTILINE)
    return [cell for cell in cells[1:] if set(cell) != {"-"}]


def test_the_exit_codes_are_those_of_the_program():
    codes = {outcome.exit_code for outcome in Outcome} | {2, BUG, INTERRUPTED}
    assert {int(code) for code in rows("Exit codes") if code.isdigit()} == codes


def test_every_extra_is_told_and_no_other():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(rows("Extras")) == set(project["optional-dependencies"])


def test_every_extra_that_a_page_or_a_message_names_exists():
    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"])
    files = [*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "src").rglob("*.py"), ROOT / "action.yml"]
    named = {
        extra for path in files for found in re.findall(r"aisecops\[([a-z,]+)\]", path.read_text(encoding="utf-8")) for extra in found.split(",")
    }
    assert named <= extras


def test_every_variable_that_the_program_reads_is_told():
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", sources)) & set(re.findall(r"AISECOPS_\w+|COLUMNS|NO_COLOR", sources))
    assert read - {"AISECOPS_BAIT"} <= set(rows("Environment"))


def test_every_verb_and_flag_is_in_the_reference():
    text = command_pages.reference()
    assert "<!-- verbs -->" in PAGE
    for verb in VERBS:
        section = text.partition(f"### {verb}\n")[2].partition("\n### ")[0]
        flags = {flag for action in command_pages.actions(command_pages.parser_of(verb)) for flag in action.option_strings}
        assert section
        assert {flag for flag in flags if f"`{flag}`" not in section and f"`{flag} " not in section} == set()


@pytest.mark.parametrize("verb", VERBS)
def test_every_flag_says_what_it_does(verb):
    assert all(action.help for action in command_pages.actions(command_pages.parser_of(verb)))


def test_every_flag_that_a_page_types_exists():
    """Also in pages that no test walks through: `aisecops scan --flag` in a code block or a code span."""
    wrong = []
    for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        text = re.sub(r"^.*# exit code 2$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)  # mistakes that a page makes on purpose
        for verb, words in re.findall(r"(?:^\s*|`|\$ |run: )aisecops ([a-z]+)((?: [^`\n#|;&]*)?)", text, re.MULTILINE):
            if verb not in VERBS:
                continue
            known = {flag for action in command_pages.actions(command_pages.parser_of(verb)) for flag in action.option_strings} | {"--help"}
            wrong += [f"{path.name}: aisecops {verb} {flag}" for flag in re.findall(r"(?<=\s)--?[a-z][a-z-]*", words) if flag not in known]
    assert wrong == []


def test_every_type_and_field_of_the_schema_is_in_the_reference():
    text = record_pages.reference()
    assert "<!-- types -->" in RECORD
    types = json.loads(record_pages.SCHEMA.read_text(encoding="utf-8"))["$defs"]
    for name, schema in types.items():
        section = text.partition(f"### {name} {{")[2].partition("\n### ")[0]
        assert all(f"`{field}`" in section for field in schema.get("properties", ())), name
        assert all(f"`{value}`" in section for value in schema.get("enum", ())), name
        assert set(re.findall(r"\(#(\w+)\)", section)) <= {other.lower() for other in types}


def test_every_part_of_the_record_is_in_its_table():
    fields = json.loads(record_pages.SCHEMA.read_text(encoding="utf-8"))["$defs"]["Run"]["properties"]
    assert set(rows("Parts", RECORD)) == set(fields) - {"schema"}

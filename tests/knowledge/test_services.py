"""The knowledge of services: what a scan loads is what people read, and every entry finds its examples, line by line."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from aisecops.codebase.configuration import read_configuration
from aisecops.codebase.configuration.judge import judge
from aisecops.codebase.text import Text
from aisecops.core.errors import UserError
from aisecops.knowledge import services as package
from aisecops.knowledge import taxonomies
from aisecops.knowledge.services.index import Services, fits, services, squashed
from aisecops.knowledge.services.written import Example, WrittenEntry, compiled, parse_services

ROOT = Path(__file__).parents[2]
FOLDER = Path(package.__file__).parent
BUILD = runpy.run_path(str(ROOT / "tools" / "build_services.py"))
CATEGORIES = {
    "agent-no-confirmation",
    "agent-tool-scope",
    "archive-extraction",
    "exposed-service",
    "missing-authentication",
    "open-cors",
    "tls-disabled",
    "remote-code-trust",
    "unpinned-artifact",
    "unsafe-deserialization",
}
ENTRIES = [(f"{service.service}:{entry.id}", entry) for path in BUILD["sources"]() for service in BUILD["read"](path) for entry in service.entries]
HEAD = "services:\n  - service: ours\n    name: Ours\n    launch: serve\n    parameters: {host: {flag: --host}}\n    entries:\n"
ENTRY = "      - {id: a, category: b, title: c, message: d, fix: e, refs: [CWE-306], "


def test_what_a_scan_loads_is_what_people_read() -> None:
    errors: list[UserError] = []
    text, digest = BUILD["compiled"](BUILD["sources"](), errors)
    assert not errors, "\n".join(map(str, errors))
    assert (FOLDER / "data" / "services.json").read_bytes() == text, "run `python tools/build_services.py`"
    assert (FOLDER / "data" / "digest").read_bytes() == digest


def test_entries_name_known_categories_and_taxonomy_entries() -> None:
    for service in services():
        for entry in service.entries:
            assert entry.category in CATEGORIES, entry.id
            assert entry.refs and all(taxonomies.known(ref) for ref in entry.refs), entry.id


def found(example: str | Example, entry: str) -> set[int]:
    """The lines at which ``entry`` is found in an example."""
    name, text = ("run.sh", example) if isinstance(example, str) else (example.file, example.text)
    facts = read_configuration(name, Text(text))
    assert not facts.gaps, facts.gaps
    return {place.line for hit in judge(facts.commands, facts.settings, name) if hit.entry.id == entry for place in hit.places}


def marked(example: str | Example) -> set[int]:
    """The lines that an example marks: by ``# !`` behind them or on a line of its own before them, or by ``# MARKS 1 2``."""
    lines = (example if isinstance(example, str) else example.text).split("\n")
    numbers = {number for number, line in enumerate(lines, 1) if line.endswith("# !") and line.strip() != "# !"}
    numbers |= {number + 1 for number, line in enumerate(lines, 1) if line.strip() == "# !"}
    return numbers | {int(number) for line in lines if line.startswith("# MARKS") for number in re.findall(r"\d+", line)}


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=[name for name, _ in ENTRIES])
def test_examples_are_found_line_by_line(name: str, entry: WrittenEntry) -> None:
    assert entry.positive and entry.negative, "an entry needs both examples"
    for example in entry.positive:
        assert marked(example), f"a positive example without a marked line:\n{example}"
        assert found(example, name) == marked(example), example
    for example in entry.negative:
        assert found(example, name) == set(), example


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("when: {hots: everywhere}}", "`when: hots` is not a parameter"),
        ("when: {host: evrywhere}}", "`when: host` must be one of everywhere"),
        ("when: {host: everywhere}, reach: [moon]}", "`reach: moon` is none of host"),
        ("when: {host: everywhere}, subject: x}", "`subject: x` is not a parameter"),
        ('when: {host: {matches: "("}}}', "`when: host` is not a regular expression"),
        ("when: [{}]}", "would always hold"),
        ("when: {host: set}, refs: [XYZ]}", "twice"),
        ("whn: {host: set}}", "did you mean `when`"),
    ],
)
def test_mistakes_are_named_with_their_place(text: str, says: str) -> None:
    with pytest.raises(UserError) as wrong:
        parse_services(HEAD + ENTRY + text, "ours.yaml")
    assert wrong.value.where.startswith("ours.yaml:") and says in str(wrong.value)


@pytest.mark.parametrize(
    ("arguments", "starts"),
    [
        ("serve m", True),
        ("--verbose serve m", True),
        ("--level debug serve", True),
        ("bench serve", False),
        ("--x=1 bench serve", False),
        ("", False),
    ],
)
def test_subcommands_come_first(arguments: str, starts: bool) -> None:
    assert any(service.id == "vllm" for service in services().started_by("vllm", arguments.split())) is starts


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        ("vllm/vllm-openai", "vllm"), ("docker.io/vllm/vllm-openai:v1@sha256:00", "vllm"), ("localhost:5000/vllm/vllm-openai:v1", "vllm"),
        ("ghcr.io/open-webui/open-webui:main", "open-webui"), ("ollama/ollama", "ollama"), ("nginx", ""),
    ],
)  # fmt: skip
def test_images_are_known_under_any_registry_and_tag(image: str, wanted: str) -> None:
    ids = [service.id for service in services().in_image(image)]
    assert [name for name in ids if name != "served-model"] == ([wanted] if wanted else [])


def test_keys_are_compared_without_what_differs_between_ways_of_writing() -> None:
    assert squashed("Server-App.trust_Remote[0].code") == "serverapp.trustremote.code"
    assert fits("*/jupyter/*", "quay.io/jupyter/base") and not fits("jupyter/*", "other/jupyter/base")


def service(text: str) -> Any:
    return compiled(parse_services(HEAD + ENTRY + text, "ours.yaml").services[0])


def test_knowledge_can_be_given() -> None:
    ours = Services([service("when: {host: everywhere}}")])
    facts = read_configuration("a.sh", Text("serve --host 0.0.0.0\nserve --host 10.0.0.1\n"))
    (hit,) = judge(facts.commands, known=ours)
    assert (hit.entry.id, hit.service.name, [place.line for place in hit.places], hit.written) == ("ours:a", "Ours", [1], ("--host=0.0.0.0",))

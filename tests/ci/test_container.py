"""The container file: what can be held to without building it."""

from __future__ import annotations

import re

from tests.ci.steps import ROOT

TEXT = (ROOT / "Containerfile").read_text()
INSTRUCTIONS = [line.split(None, 1) for line in TEXT.splitlines() if line and not line.startswith("#")]


def test_only_instructions_that_exist_and_sources_that_are_there() -> None:
    assert {name for name, _ in INSTRUCTIONS} <= {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}
    for name, rest in INSTRUCTIONS:
        if name == "COPY" and not rest.startswith("--from"):
            assert all((ROOT / source).exists() for source in rest.split()[:-1])


def test_it_runs_as_nobody_and_starts_the_program() -> None:
    (user,) = [rest for name, rest in INSTRUCTIONS if name == "USER"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert [rest for name, rest in INSTRUCTIONS if name == "ENTRYPOINT"] == ['["aisecops"]']

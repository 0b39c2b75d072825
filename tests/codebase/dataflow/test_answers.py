"""What a model was made to answer in a form can hold no more than the form allows."""

from __future__ import annotations

import ast

import pytest

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dependencies import NO_VERSIONS
from aisecops.core.taxonomy import Severity
from aisecops.knowledge.libraries import Libraries
from aisecops.knowledge.libraries.model import Entry

KNOWN = Libraries.of(
    [
        Entry(
            id="answer",
            library="llm",
            source="model-output",
            calls=("llm.Client().ask", "llm.Client().invoke", "llm.Client().with_structured_output().invoke"),
        ),
        Entry(
            id="runs",
            library="shell",
            sink="model-output-to-shell",
            calls=("shell.run",),
            arguments=("command",),
            tainted={"command": ("model-output",)},
            severity=Severity.HIGH,
        ),
    ]
)
PROGRAM = """
import enum, json, typing
import llm, shell
from pydantic import BaseModel, TypeAdapter
class Action(str, enum.Enum):
    start = "start"
    stop = "stop"
class Step(BaseModel):
    action: Action
    note: str
class Plan(BaseModel):
    action: Action
    count: int
    target: typing.Literal["a", "b"]
    note: str
    steps: list[Step]
    first: Step
client = llm.Client()
{text}
"""
WAYS = {
    "an argument": "plan = client.ask('what?', response_format=Plan).choices[0].message.parsed",
    "another argument": "plan = client.ask('what?', response_model=Plan)",
    "settings": "plan = client.ask('what?', config={'response_schema': Plan}).parsed",
    "a wrapped client": "plan = client.with_structured_output(Plan).invoke('what?')",
    "checked from JSON": "plan = Plan.model_validate_json(client.ask('what?'))",
    "checked from data": "plan = Plan.model_validate(json.loads(client.ask('what?')))",
    "constructed": "plan = Plan(**json.loads(client.ask('what?')))",
}


class NoFiles:
    def exists(self, path: str) -> bool:
        return False

    def tree(self, path: str) -> ast.Module | None:
        return None


def reported(text: str) -> bool:
    program = Program(NoFiles(), KNOWN, lambda path: NO_VERSIONS)
    return bool(program.examine("example.py", ast.parse(PROGRAM.format(text=text)), NO_VERSIONS).hits)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", ["plan.action.value", "plan.action", "plan.count", "plan.target"])
def test_a_closed_field_carries_nothing(way: str, field: str) -> None:
    assert not reported(f"{WAYS[way]}\nshell.run(f'do {{{field}}}')")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", ["plan.note", "plan.first.note", "plan.note.strip()", "plan"])
def test_an_open_field_carries_what_the_model_wrote(way: str, field: str) -> None:
    assert reported(f"{WAYS[way]}\nshell.run(f'do {{{field}}}')")


@pytest.mark.parametrize("way", [way for way in WAYS if way != "constructed"])
def test_the_form_goes_into_lists(way: str) -> None:
    assert not reported(f"{WAYS[way]}\nfor step in plan.steps:\n    shell.run(step.action.value)")
    assert reported(f"{WAYS[way]}\nfor step in plan.steps:\n    shell.run(step.note)")


@pytest.mark.parametrize("form", ["typing.Literal['a', 'b']", "int", "bool", "Action"])
def test_an_answer_that_is_one_of_a_few_values_carries_nothing(form: str) -> None:
    assert not reported(f"shell.run(str(client.ask('what?', output_type={form}).output))")
    assert not reported(f"shell.run(str(TypeAdapter({form}).validate_python(client.ask('what?'))))")


def test_a_form_that_is_text_carries_everything() -> None:
    assert reported("shell.run(client.ask('what?', output_type=str).output)")

"""What runs only after a person has said yes is confirmed; a switch, another question or a model's word is no yes."""

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
        Entry(id="answer", library="llm", source="model-output", calls=("llm.ask",)),
        Entry(id="asks", library="python", confirm=True, calls=("builtins.input", "click.confirm")),
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


class NoFiles:
    def exists(self, path: str) -> bool:
        return False

    def tree(self, path: str) -> ast.Module | None:
        return None


def reported(text: str) -> bool:
    program = Program(NoFiles(), KNOWN, lambda path: NO_VERSIONS)
    return bool(program.examine("example.py", ast.parse(text), NO_VERSIONS).hits)


PROGRAM = """
import click, llm, shell
{before}
def main(auto_approve=False, args=None):
    command = llm.ask("what?")
{body}
"""
ASKED = {
    "compared": "if input('run? ') == 'y':\n    shell.run(command)",
    "one of several words": "if input('run? ').strip().lower() in ('y', 'yes'):\n    shell.run(command)",
    "the first letter": "if input('run? ').lower().startswith('y'):\n    shell.run(command)",
    "left early": "if input('run? ') != 'y':\n    return\nshell.run(command)",
    "left on no": "if input('run? ') == 'n':\n    return\nshell.run(command)",
    "kept in a name": "answer = input('run? ')\nif answer.lower() == 'yes':\n    shell.run(command)",
    "kept as truth": "sure = input('run? ') == 'y'\nif sure:\n    shell.run(command)",
    "a library's question": "if not click.confirm('run?'):\n    raise SystemExit\nshell.run(command)",
    "a question that aborts": "click.confirm('run?', abort=True)\nshell.run(command)",
    "an assertion": "assert click.confirm('run?')\nshell.run(command)",
    "an expression": "shell.run(command) if click.confirm('run?') else None",
    "a short circuit": "click.confirm('run?') and shell.run(command)",
    "unless told otherwise": "if not args.yes and input('run? ') != 'y':\n    return\nshell.run(command)",
    "a callback with a telling name": "if ask_user(command):\n    shell.run(command)",
    "a loop that asks": "while input('again? ') == 'y':\n    shell.run(command)",
}
NOT_ASKED = {
    "nothing asked": "shell.run(command)",
    "asked too late": "shell.run(command)\ninput('done? ')",
    "on no": "if input('run? ') == 'n':\n    shell.run(command)",
    "a switch": "if auto_approve:\n    shell.run(command)",
    "another question": "question = input('> ')\nif question == 'exit':\n    return\nshell.run(command)",
    "any answer at all": "question = input('> ')\nif question:\n    shell.run(command)",
    "the model's own word": "approved = llm.ask('is it safe?')\nif approved:\n    shell.run(command)",
    "left early on yes": "if click.confirm('stop?'):\n    return\nshell.run(command)",
}


def program(body: str, before: str = "") -> str:
    return PROGRAM.format(before=before, body="\n".join("    " + line for line in body.split("\n")))


@pytest.mark.parametrize("how", ASKED)
def test_a_person_has_said_yes(how: str) -> None:
    assert not reported(program(ASKED[how]))


@pytest.mark.parametrize("how", NOT_ASKED)
def test_nobody_has_said_yes(how: str) -> None:
    assert reported(program(NOT_ASKED[how]))


@pytest.mark.parametrize(
    "asking",
    [
        "def gate(command):\n    return input(command) == 'y'",
        "def gate(command):\n    if input(command) == 'y':\n        return True\n    return False",
        "def gate(command):\n    return click.confirm(command)",
    ],
)
def test_a_function_of_the_project_asks(asking: str) -> None:
    assert not reported(program("if gate(command):\n    shell.run(command)", asking))


def test_a_function_that_raises_unless_a_person_agrees() -> None:
    demand = "def demand(command):\n    if input(command) != 'y':\n        raise PermissionError(command)"
    assert not reported(program("demand(command)\nshell.run(command)", demand))


def test_a_function_that_only_looks_so_does_not_ask() -> None:
    assert reported(program("if gate(command):\n    shell.run(command)", "def gate(command):\n    return len(command) < 80"))


def test_the_question_may_be_around_the_function_that_runs() -> None:
    runner = "def runner(command):\n    shell.run(command)"
    assert not reported(program("if click.confirm('run?'):\n    runner(command)", runner))
    assert reported(program("runner(command)", runner))


def test_an_argument_that_the_model_fills_is_nobodys_word() -> None:
    known = [*KNOWN, Entry(id="tool", library="llm", handler="model-output", decorators=("llm.tool",))]
    text = "import llm, shell\n@llm.tool\ndef delete(command, confirmed):\n    if confirmed:\n        shell.run(command)\n"
    module = Program(NoFiles(), Libraries.of(known), lambda path: NO_VERSIONS).examine("example.py", ast.parse(text), NO_VERSIONS)
    assert module.hits

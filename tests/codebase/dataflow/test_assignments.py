"""Assignments are judged like calls: where the caller decides, at the caller."""

from __future__ import annotations

import ast

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dependencies import NO_VERSIONS
from aisecops.core.taxonomy import Severity
from aisecops.knowledge.libraries import Libraries
from aisecops.knowledge.libraries.model import Entry, Equal, Group

OFF = Entry(
    id="off",
    library="client",
    sink="tls-disabled",
    assigns=("client.Session().verify",),
    needs=(Group({"value": Equal(False)}),),
    severity=Severity.HIGH,
)


class NoFiles:
    def exists(self, path: str) -> bool:
        return False

    def tree(self, path: str) -> ast.Module | None:
        return None


def lines(text: str) -> set[int]:
    program = Program(NoFiles(), Libraries.of([OFF]), lambda path: NO_VERSIONS)
    return {hit.span.line for hit in program.examine("example.py", ast.parse(text), NO_VERSIONS).hits}


def test_an_assignment_in_a_function_is_judged_by_what_its_caller_passes() -> None:
    function = "import client\ndef make(verify):\n    session = client.Session()\n    session.verify = verify\n    return session\n"
    assert lines(function + "make(False)\n") == {4}
    assert lines(function + "make(True)\n") == set()


def test_an_assignment_in_a_function_is_judged_by_its_default_where_nobody_calls_it() -> None:
    assert lines("import client\ndef make(verify=False):\n    session = client.Session()\n    session.verify = verify\n") == {4}


def test_setattr_is_an_assignment() -> None:
    assert lines("import client\nsession = client.Session()\nsetattr(session, 'verify', False)\n") == {3}
    assert lines("import client\nsession = client.Session()\nsetattr(session, 'other', False)\n") == set()

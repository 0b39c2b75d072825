"""What an entry says is found out for that entry, whatever its id."""

from __future__ import annotations

from aisecops.codebase.dataflow.matching import judge
from aisecops.codebase.dataflow.program import Arguments
from aisecops.codebase.dataflow.values import NOTHING, Value
from aisecops.codebase.dependencies import NO_VERSIONS
from aisecops.knowledge.libraries import Entry, Group
from aisecops.knowledge.libraries.model import Equal


def reported(argument: str) -> bool:
    entry = Entry(id="same", library="own", sink="remote-code-trust", calls=("own.load",), needs=(Group({argument: Equal(True)}),))
    return judge(entry, Arguments([], {"second": Value(known=True)}), NOTHING, NO_VERSIONS).reported


def test_two_entries_of_one_id_are_two() -> None:
    assert [reported("first"), reported("second")] == [False, True]

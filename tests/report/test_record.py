from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from aisecops.core.run import Run
from aisecops.report import record
from tests.report import runs

ROOT = Path(__file__).parent.parent.parent
CONTRACT = json.loads((ROOT / "tests/data/run-1.contract.json").read_text())
PUBLISHED = ROOT / "docs/schema/run-1.schema.json"
RUNS = [runs.clean, runs.hostile, lambda: runs.many(30)]


@pytest.mark.parametrize("make", RUNS)
@pytest.mark.parametrize("schema", [CONTRACT, json.loads(PUBLISHED.read_text())], ids=["contract", "published"])
def test_the_record_keeps_to_its_schema(make: Callable[[], Run], schema: dict[str, Any]) -> None:
    document = json.loads(record.render(make()))
    jsonschema.Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize("schema", [CONTRACT, json.loads(PUBLISHED.read_text())], ids=["contract", "published"])
def test_a_record_without_locations_or_with_another_name_is_refused(schema: dict[str, Any]) -> None:
    document = json.loads(record.render(runs.hostile()))
    document["schema"] = "aisecops/run-2"
    del document["findings"][0]["severity"]
    errors = {error.json_path for error in jsonschema.Draft202012Validator(schema).iter_errors(document)}
    assert errors == {"$.schema", "$.findings[0]"}


def test_the_published_schema_is_current() -> None:
    spec = importlib.util.spec_from_file_location("build_schema", ROOT / "tools/build_schema.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert PUBLISHED.read_bytes() == tool.build(), "run `python tools/build_schema.py`"


@pytest.mark.parametrize("make", RUNS)
@pytest.mark.parametrize("indent", [0, 2])
def test_what_is_written_reads_back_as_the_same_run(make: Callable[[], Run], indent: int) -> None:
    run = make()
    data = record.render(run, indent=indent)
    assert msgspec.json.decode(data, type=Run) == run
    assert data.count(b"\n") == 1 or indent


def test_the_same_run_gives_the_same_bytes() -> None:
    run = runs.hostile()
    shuffled = msgspec.structs.replace(run, assets=tuple(msgspec.structs.replace(a, facts=dict(reversed(list(a.facts.items())))) for a in run.assets))
    assert record.render(run) == record.render(runs.hostile()) == record.render(shuffled)


def test_only_run_and_verdict_differ_between_two_moments() -> None:
    first, second = (
        runs.hostile(),
        msgspec.structs.replace(runs.hostile(), run=msgspec.structs.replace(runs.hostile().run, id="other", started="later")),
    )
    one, two = json.loads(record.render(first)), json.loads(record.render(second))
    assert {key for key in one if one[key] != two[key]} == {"run"}

"""What has changed between versions is found with its rows; what chance explains is not."""

from __future__ import annotations

import random

import pytest

from aisecops.core.examination import NotExamined
from aisecops.project.data_sets import DeclaredData
from tests.checks.data_set.tables import looked_at, readings, scanned, weaknesses, written

CHECK = "data-set/drift"


def table(rows: int, seed: int) -> dict[str, list]:
    rng = random.Random(seed)
    base = [rng.gauss(0, 1) for _ in range(rows)]
    numbers = {f"n{k}": [round(value + rng.gauss(0, 1), 4) for value in base] for k in range(8)}
    return numbers | {
        "source": rng.choices(["shop", "phone", "partner"], [5, 4, 1], k=rows),
        "label": rng.choices(["good", "bad"], [4, 1], k=rows),
    }


def compared(tmp_path, before, after):
    paths = written(tmp_path / "new.csv", after), written(tmp_path / "old.csv", before)
    return looked_at(CHECK, *paths, declared={"new.csv": DeclaredData(previous="old.csv")})


def told(said):
    return {weakness.evidence["kind"]: weakness for weakness in weaknesses(said)}


@pytest.mark.parametrize("seed", range(6))
def test_chance_is_no_change(tmp_path, seed):
    assert told(compared(tmp_path, table(800, seed), table(600, seed + 50))) == {}


def test_rows_of_one_source_that_were_added_are_found_and_attached(tmp_path):
    before = table(1000, 1)
    added = table(200, 2) | {"source": ["partner"] * 200, "label": ["good"] * 200}
    after = {name: [*before[name][:400], *added[name], *before[name][400:]] for name in before}
    said = compared(tmp_path, before, after)
    assert {one.evidence["kind"] for one in weaknesses(said)} == {"growth"}
    assert any("`source` = 'partner' went from" in one.message and "to 100.0% of the 200 new rows" in one.message for one in weaknesses(said))
    assert readings(said)["changed-share"].value == pytest.approx(200 / 1200)
    assert readings(said)["surplus-share"].value == pytest.approx(180 / 1200, abs=0.01)


def test_a_number_in_another_form_is_no_change(tmp_path):
    """pandas writes 7 as 7.0 once a cell of the column is missing: then all rows were new, and those that were added went under."""
    before = table(600, 1) | {"n0": [row % 90 for row in range(600)]}
    added = table(60, 2) | {"source": ["partner"] * 60, "n0": [row % 90 for row in range(60)]}
    after = {name: [*before[name], *added[name]] for name in before} | {"n0": [f"{row % 90}.0" for row in [*range(600), *range(60)]]}
    said = compared(tmp_path, before, after)
    assert readings(said)["changed-share"].value == pytest.approx(60 / 660)
    assert "to 100.0% of the 60 new rows" in told(said)["growth"].message


def test_a_changed_distribution_names_the_column_and_no_other(tmp_path):
    after = table(800, 3)
    after["n4"] = [value + 1 for value in after["n4"]]
    assert told(compared(tmp_path, table(800, 2), after))["distribution"].evidence["columns"] == ["n4"]


def test_values_that_begin_to_be_missing_are_told(tmp_path):
    after = table(800, 3)
    after["n4"] = [None if row % 8 == 0 else value for row, value in enumerate(after["n4"])]
    message = told(compared(tmp_path, table(800, 2), after))["distribution"].message
    assert "`n4` (missing, 0.12)" in message


def test_columns_that_came_or_went_are_told(tmp_path):
    before, after = table(100, 1), table(100, 2)
    del after["n3"]
    after["n99"] = [1] * 100
    message = told(compared(tmp_path, before, after))["columns"].message
    assert "new: `n99`" in message and "gone: `n3`" in message


def test_too_few_rows_have_no_power(tmp_path):
    said = compared(tmp_path, table(10, 1), table(500, 2))
    assert [gap.code for gap in said if isinstance(gap, NotExamined)] == ["no-power"]


def test_production_is_compared_with_the_reference_by_their_names(tmp_path):
    after = table(500, 3)
    after["n1"] = [value * 3 for value in after["n1"]]
    written(tmp_path / "reference.csv", table(500, 2))
    written(tmp_path / "production.csv", after)
    (finding,) = scanned(tmp_path, CHECK).findings
    assert (finding.category, finding.evidence["columns"]) == ("data-drift", ["n1"])


def test_an_earlier_version_that_is_not_there_is_said(tmp_path):
    written(tmp_path / "a.csv", table(50, 1))
    (tmp_path / "aisecops.yaml").write_text("name: p\nassets:\n  - {path: a.csv, kind: data-set, previous: old.csv}\n")
    (gap,) = scanned(tmp_path, CHECK).not_examined
    assert "old.csv is not a readable table" in gap.reason


def test_labels_turned_round_in_one_source_are_told_with_the_source(tmp_path):
    after = table(1500, 3)
    after["label"] = [
        "bad" if source == "phone" and row % 2 else label for row, (source, label) in enumerate(zip(after["source"], after["label"], strict=True))
    ]
    message = told(compared(tmp_path, table(1500, 2), after))["within"].message
    assert "`source` = 'phone'" in message and "`label` = 'bad' went from" in message


def test_a_column_that_was_shuffled_no_longer_goes_with_others(tmp_path):
    after = table(1500, 3)
    random.Random(1).shuffle(after["n4"])
    found = told(compared(tmp_path, table(1500, 2), after))
    assert set(found) == {"relation"} and found["relation"].evidence["columns"][0] == "n4"


def test_another_unit_and_columns_that_changed_places_are_told_as_such(tmp_path):
    before, after = table(800, 2), table(800, 3)
    for rows in (before, after):
        rows["wide"] = [5 * value + 3 for value in rows["n2"]]
    after["n4"] = [value * 2.54 for value in after["n4"]]
    after["n1"], after["wide"] = after["wide"], after["n1"]
    message = told(compared(tmp_path, before, after))["distribution"].message
    assert "all multiplied by about 2." in message and "`n1` and `wide` have changed places" in message


def test_a_value_that_was_not_there_is_told_and_not_shown(tmp_path):
    after = table(800, 3)
    after["city"], before = ["Oslo", "Roma"] * 400, table(800, 2) | {"city": ["Oslo", "Roma"] * 400}
    after["city"][:20] = ["secret place"] * 20
    message = told(compared(tmp_path, before, after))["distribution"].message
    assert "`city` (a value that was not there, 0.03)" in message and "secret" not in message


def test_rows_of_other_customers_or_of_later_weeks_are_no_change(tmp_path):
    rng = random.Random(4)
    rows: dict[str, list] = {"customer_id": [], "spent": [], "city": []}
    for customer in range(160):
        usual, home = rng.gauss(0, 1), rng.choice(["Oslo", "Roma", "Lyon"])
        for _ in range(10):
            rows["customer_id"].append(customer)
            rows["spent"].append(round(usual + rng.gauss(0, 0.3), 3))
            rows["city"].append(home)
    halves = [{name: values[start : start + 800] for name, values in rows.items()} for start in (0, 800)]
    assert told(compared(tmp_path, *halves)) == {}
    renamed = [{("c" if name == "customer_id" else name): values for name, values in half.items()} for half in halves]
    assert set(told(compared(tmp_path, *renamed))) == {"distribution"}  # nothing says whose rows they are


def test_columns_that_are_zero_but_for_a_few_rows_go_together_by_chance(tmp_path):
    """Of such columns one row that has both makes the rank correlation: what comes of them in one half of a table is absent in the other."""
    rng = random.Random(0)
    rows: dict[str, list] = {f"n{k}": [0] * 800 for k in range(16)}
    for values in rows.values():
        for row in rng.sample(range(800), 5):
            values[row] = rng.randrange(1, 4)
    for k in range(0, 16, 2):
        shared = rng.randrange(800)
        rows[f"n{k}"][shared] = rows[f"n{k + 1}"][shared] = 2
    halves = [{name: values[start : start + 400] for name, values in rows.items()} for start in (0, 400)]
    assert told(compared(tmp_path, *halves)) == {}

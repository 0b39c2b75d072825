"""What is wrong with a table is found, told once, and a sound one is left alone."""

from __future__ import annotations

import random

import polars as pl
import pytest

from tests.checks.data_set.tables import looked_at, readings, scanned, weaknesses, written

CHECK = "data-set/quality"


def sound(rows: int = 400, seed: int = 0) -> dict[str, list]:
    rng = random.Random(seed)
    return {
        "id": list(range(rows)),
        "amount": [round(rng.lognormvariate(3, 1), 4) for _ in range(rows)],
        "age": [rng.randrange(18, 90) for _ in range(rows)],
        "city": [rng.choice(["Berlin", "Lyon", "Roma"]) for _ in range(rows)],
        "grade": [rng.choice("ABCab") for _ in range(rows)],
        "label": [rng.choice(["yes", "no"]) for _ in range(rows)],
    }


def kinds(folder):
    (path,) = (path for path in folder.iterdir() if path.suffix in (".csv", ".parquet"))
    return {weakness.evidence["kind"]: weakness for weakness in weaknesses(looked_at(CHECK, path))}


def kinds_of(folder, table):
    written(folder / "a.csv", table)
    return kinds(folder)


@pytest.mark.parametrize("seed", range(4))
def test_a_sound_table_is_left_alone(tmp_path, seed):
    said = looked_at(CHECK, written(tmp_path / "a.csv", sound(seed=seed)))
    assert weaknesses(said) == []
    assert {name: reading.value for name, reading in readings(said).items()} == {"rows": 400.0, "missing-share": 0.0, "repeated-share": 0.0}


def spoiled(kind: str) -> dict[str, list]:
    table = sound()
    match kind:
        case "missing":
            table["age"] = [age if n % 3 == 0 else "" for n, age in enumerate(table["age"])]
        case "constant":
            table["age"] = [7] * 400
        case "mixed":
            table["age"][5:8] = ["unknown", "?", "-"]
        case "variants":
            table["city"][3], table["city"][9] = "berlin", " Berlin"
        case "nothing":
            table["city"][3], table["city"][9], table["city"][11] = "-", "", "none"
        case "misspelt":
            table["city"][3], table["city"][9], table["city"][11] = "Berlnn", "Berlín", "Berl\u0131n"
        case "label-missing":
            table["label"][5] = ""
        case "imbalance":
            table["label"][10:13] = ["maybe"] * 3
        case "repeated":
            table = {name: [*values[:-40], *values[:40]] for name, values in table.items()}
    return table


@pytest.mark.parametrize("kind", ["missing", "constant", "mixed", "variants", "misspelt", "nothing", "label-missing", "imbalance", "repeated"])
def test_each_fault_is_found_and_no_other(tmp_path, kind):
    written(tmp_path / "a.csv", spoiled(kind))
    assert set(kinds(tmp_path)) == {kind}


@pytest.mark.parametrize("words", [["-"], ["none", "unknown"], ["n.a."], ["none", ""]])
def test_one_way_to_say_nothing_is_no_fault(tmp_path, words):
    table = sound()
    for at in range(40):
        table["city"][at] = words[at % len(words)]
    assert "nothing" not in kinds_of(tmp_path, table)


def test_impossible_values_are_told_with_their_rows(tmp_path):
    table = sound()
    table["age"][17] = 999
    table["age"][30] = -1
    table["city"][2] = "Atlantis"
    written(tmp_path / "a.csv", table)
    (tmp_path / "aisecops.yaml").write_text(
        "name: p\nassets:\n- path: a.csv\n  kind: data-set\n  domain:\n    columns:\n"
        "    - {name: age, type: integer, low: 0, high: 120}\n    - {name: city, type: category, categories: [Berlin, Lyon, Roma]}\n"
    )
    (tmp_path / ".aisecops").mkdir()
    run = scanned(tmp_path, CHECK)
    assert sorted(finding.message.split(",")[0] for finding in run.findings) == [
        "`age` is above 120 in one row", "`age` is below 0 in one row", "`city` is not a declared category in one row",
    ]  # fmt: skip
    (attachment,) = run.attachments
    told = pl.read_parquet(tmp_path / attachment.path)
    assert told.columns == ["row", "score", "flagged"] and len(told) == 400
    assert told.filter("flagged")["row"].to_list() == [2, 17, 30]


def test_repeated_rows_of_a_narrow_table_are_no_finding(tmp_path):
    rng = random.Random(1)
    written(tmp_path / "a.csv", {"a": [rng.randrange(3) for _ in range(300)], "b": [rng.randrange(4) for _ in range(300)]})
    assert kinds(tmp_path) == {}


@pytest.mark.parametrize("content", ["a,b\n", "a\n\n", "a,b\n1,2\n3,4\n5,6\n"])
def test_tiny_and_empty_tables_do_not_break_it(tmp_path, content):
    (tmp_path / "a.csv").write_text(content)
    said = looked_at(CHECK, tmp_path / "a.csv")
    assert {type(one).__name__ for one in said} <= {"Reading", "Weakness"} and [w.evidence["kind"] for w in weaknesses(said)] in ([], ["empty"])


def test_nested_columns_and_wholly_missing_ones_do_not_break_it(tmp_path):
    pl.DataFrame({"l": [[1], [2, 3]] * 20, "s": [{"x": 1}, None] * 20, "n": [None] * 40}).write_parquet(tmp_path / "a.parquet")
    assert set(kinds(tmp_path)) <= {"missing", "repeated"}


@pytest.mark.parametrize(
    ("build", "part"),
    [
        (lambda text: text, ""),
        (lambda text: [{"role": "assistant", "content": text}], ""),
        (lambda text: {"role": "assistant", "content": text}, ".content"),
    ],
    ids=["texts", "turns", "records"],
)
def test_preference_pairs_of_one_and_the_same_answer_are_told(tmp_path, build, part):
    answers = [f"Answer {row}: {row * 37 % 101} of {row}." for row in range(60)]
    worse = [f"{answer} So it is." if row % 20 else answer for row, answer in enumerate(answers)]
    table = {"prompt": [f"How many are {row}?" for row in range(60)], "chosen": list(map(build, answers)), "rejected": list(map(build, worse))}
    pl.DataFrame(table).write_parquet(tmp_path / "pairs.parquet")
    told = kinds(tmp_path)["no-preference"]
    assert told.message.startswith(f"3 of 60 pairs have the same answer as `chosen{part}` and as `rejected{part}`") and "row 0" in told.message


def test_preference_pairs_of_two_answers_are_left_alone(tmp_path):
    table = {"chosen": [f"Yes, {row} is." for row in range(60)], "rejected": [f"No, {row} is not." if row % 9 else None for row in range(60)]}
    pl.DataFrame(table).write_parquet(tmp_path / "pairs.parquet")
    assert "no-preference" not in kinds(tmp_path)

"""What is odd in a column beside its own others is found, where it is planted; the same columns without it are left alone."""

from __future__ import annotations

import datetime
import random

import polars as pl
import pytest

from tests.checks.data_set.tables import looked_at, weaknesses, written

CHECK = "data-set/quality"
ROWS = 400


def honest() -> dict[str, list]:
    rng = random.Random(4)
    start = datetime.date(2021, 1, 1)
    return {
        "order_no": [f"ORD-{100_000 + 7 * n}" for n in range(ROWS)],
        "visit_date": [str(start + datetime.timedelta(days=rng.randrange(900))) for _ in range(ROWS)],
        "town": [rng.choice(["Málaga", "Gdańsk", "Łódź", "Nîmes", "Ærø", "São Paulo", "Ñuñoa"]) for _ in range(ROWS)],
        "firm": [rng.choice(["Black & Decker", "Marks & Spencer", "AT&T", "H&M"]) for _ in range(ROWS)],
        "smoker": [rng.choice(["yes", "no"]) for _ in range(ROWS)],
        "discount_percent": [round(rng.uniform(0, 60), 1) for _ in range(ROWS)],
        "num_visits": [rng.randrange(9) for _ in range(ROWS)],
        "body_temp_c": [round(rng.gauss(36.8, 0.5), 1) for _ in range(ROWS)],
        "height_cm": [round(rng.gauss(170, 9), 1) for _ in range(ROWS)],
        "shoe_size": [round(rng.gauss(41, 2), 1) for _ in range(ROWS)],
        "grade": [rng.choice(["premium", "ordinary"]) for _ in range(ROWS)],
        "salary": [round(rng.lognormvariate(10.5, 0.45), 2) for _ in range(ROWS)],
        "flow": [round(rng.lognormvariate(4, 0.6), 3) for _ in range(ROWS)],
        "pace": [round(rng.gauss(5, 1), 2) for _ in range(ROWS)],
    }


def spoil(table: dict[str, list], column: str, change, rows: range) -> None:
    table[column] = [change(value) if row in rows else value for row, value in enumerate(table[column])]


def faults() -> dict[str, list]:
    table = honest()
    table["order_no"][11] = table["order_no"][300]
    table["visit_date"][20:23] = ["2022-02-30", "44197", "soon"]
    spoil(table, "town", lambda town: town.encode().decode("cp1252") if town == "Málaga" else town, range(200))
    spoil(table, "firm", lambda firm: firm.replace("&", "&amp;"), range(40, 46))
    spoil(table, "smoker", lambda answer: answer[0].upper(), range(50, 60))
    spoil(table, "discount_percent", lambda percent: percent + 300, range(60, 64))
    spoil(table, "num_visits", lambda visits: visits + 0.37, range(70, 75))
    spoil(table, "body_temp_c", lambda degrees: round(degrees * 1.8 + 32, 1), range(80, 87))
    for row in range(90, 97):
        table["height_cm"][row], table["shoe_size"][row] = table["shoe_size"][row], table["height_cm"][row]
    spoil(table, "grade", lambda grade: grade[:2] + "\u200b" + grade[2:], range(100, 110))
    spoil(table, "salary", lambda amount: amount * 1000, range(110, 118))
    spoil(table, "flow", lambda litres: round(litres / 1000, 6), range(120, 132))
    spoil(table, "pace", lambda _: "inf", range(140, 142))
    table["size"] = list(table["shoe_size"])
    return table


def told(path) -> set[tuple[str, str]]:
    return {(one.evidence["kind"], column) for one in weaknesses(looked_at(CHECK, path)) for column in one.evidence["columns"]}


def test_what_is_odd_is_told_by_its_column(tmp_path):
    found = told(written(tmp_path / "a.csv", faults()))
    expected = {
        ("key", "order_no"), ("no-day", "visit_date"), ("damaged", "town"), ("damaged", "firm"), ("synonyms", "smoker"), ("implausible", "discount_percent"),
        ("implausible", "num_visits"), ("unit", "body_temp_c"), ("swapped", "height_cm and shoe_size"), ("twin", "shoe_size and size"), ("variants", "grade"),
        ("unit", "salary"), ("unit", "flow"), ("implausible", "pace"),
    }  # fmt: skip
    assert expected <= found
    assert {column for _, column in found} - {column for _, column in expected} <= {"size", "height_cm and size"}


def test_the_honest_twin_is_left_alone(tmp_path):
    assert told(written(tmp_path / "a.csv", honest())) == set()


def test_numbers_that_are_none_are_missing_and_infinite_ones_are_told(tmp_path):
    nan, inf = float("nan"), float("inf")
    pl.DataFrame({"a": [nan] * 60 + [1.5, 2.5] * 20, "b": [inf, -inf] + [0.5, 1.5] * 49, "c": range(100)}).write_parquet(tmp_path / "a.parquet")
    assert told(tmp_path / "a.parquet") == {("missing", "a"), ("implausible", "b")}


def test_names_of_counts_and_keys_promise_only_what_their_values_keep(tmp_path):
    rng = random.Random(2)
    table = honest() | {
        "customer_id": [rng.randrange(150) for _ in range(ROWS)],
        "num_hours": [rng.randrange(80) / 2 for _ in range(ROWS)],
        "page_html": [f"<p>{rng.random()} &amp; more</p>" for _ in range(ROWS)],
        "finished": [rng.choice(["2022-03-04", "running"]) for _ in range(ROWS)],
    }
    assert told(written(tmp_path / "a.csv", table)) == set()


@pytest.mark.parametrize("texts", [["closed: fraud, seen by Al", "left open, fine so far"], ["a b", "c d"]])
def test_texts_that_name_the_label_are_told(tmp_path, texts):
    label = ["fraud" if row % 3 == 0 else "fine" for row in range(300)]
    remark = [f"{texts[name == 'fine']} {row}" for row, name in enumerate(label)]
    noise = [random.Random(row).random() for row in range(300)]
    pl.DataFrame({"noise": noise, "remark": remark, "label": label}).write_csv(tmp_path / "a.csv")
    found = [one.title for one in weaknesses(looked_at("data-set/target-leakage", tmp_path / "a.csv"))]
    assert found == (["Texts name the label"] if "fraud" in texts[0] else [])

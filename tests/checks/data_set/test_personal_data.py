"""Columns of persons are found, look-alikes are not, and no value gets into the record."""

from __future__ import annotations

import random

import polars as pl
import pytest

from aisecops.core.check import Budget
from aisecops.core.digest import canonical_json
from aisecops.core.examination import NotExamined
from aisecops.datasets.roles import ColumnRoles
from aisecops.project.data_sets import DeclaredData
from tests.checks.data_set.tables import cards, looked_at, luhn, scanned, weaknesses, written

CHECK = "data-set/personal-data"
N = 200


def numbers(rng: random.Random, pattern: str, count: int = N) -> list[str]:
    return ["".join(rng.choice("0123456789") if c == "9" else c for c in pattern) for _ in range(count)]


def found(folder):
    (path,) = (path for path in folder.iterdir() if path.suffix in (".csv", ".parquet"))
    return {weakness.evidence["column"]: weakness for weakness in weaknesses(looked_at(CHECK, path))}


def persons(rng: random.Random) -> dict[str, list[str]]:
    names = [f"{rng.choice(['Anna', 'Bruno', 'Ines'])} {rng.choice(['Rossi', 'Novak', 'Garcia', 'Meyer'])}" for _ in range(N)]
    return {
        "mail": [f"{name.split()[0].lower()}.{n}@gmail.com" for n, name in enumerate(names)],
        "phone": numbers(rng, "+49 159 9999999"),
        "card": cards(rng, N),
        "ssn": [f"{rng.randrange(100, 660)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}" for _ in range(N)],
        "customer_name": names,
        "date_of_birth": [f"19{rng.randrange(50, 99)}-0{rng.randrange(1, 9)}-1{rng.randrange(0, 9)}" for _ in range(N)],
    }


def test_each_column_of_persons_is_found(tmp_path):
    columns = persons(random.Random(1))
    written(tmp_path / "crm.csv", columns)
    assert set(found(tmp_path)) == set(columns)


GIVEN = ("Olivia", "Brigitte", "Hans", "Ida", "Uwe", "Karin", "Peter")


@pytest.mark.parametrize("beside", ["mail", "vorname", "amount"])
def test_what_only_values_show_counts_beside_what_a_person_has(tmp_path, beside):
    rng = random.Random(5)
    columns = {
        "mail": persons(rng)["mail"],
        "vorname": [rng.choice(GIVEN) for _ in range(N)],
        "amount": numbers(rng, "9999.99"),
    }
    written(
        tmp_path / "crm.csv",
        {
            beside: columns[beside],
            "c2": [f"{rng.choice(GIVEN)} {rng.choice('ABCDEFGH')}{rng.choice(['olzer', 'trunz', 'auer', 'ernst'])}" for _ in range(N)],
            "c3": [f"{rng.randrange(1940, 2000)}-0{rng.randrange(1, 9)}-1{rng.randrange(0, 9)}" for _ in range(N)],
            "hired": [f"{rng.randrange(1985, 2024)}-0{rng.randrange(1, 9)}-1{rng.randrange(0, 9)}" for _ in range(N)],
            "city": [rng.choice(["Lyon", "Porto", "Bremen", "Austin"]) for _ in range(N)],
        },
    )
    assert set(found(tmp_path)) == (set() if beside == "amount" else {beside, "c2", "c3"})


def test_no_value_gets_into_the_record(tmp_path):
    columns = persons(random.Random(2))
    written(tmp_path / "crm.csv", columns)
    record = canonical_json(scanned(tmp_path, CHECK)).decode()
    assert record.count(CHECK) > 5
    assert not [value for values in columns.values() for value in values if value in record]


LOOK_ALIKES = {
    "order_no": "9999999999999999",
    "part": "999-99-99999",
    "version": "9.99.9.9",
    "timestamp": "2024-05-12T19:59:19Z",
    "epoch": "1699999999",
    "latitude": "59.999999",
    "uuid": "9999999a-9999-4999-b999-999999999999",
    "ean": "4099999999999",
    "amount": "9999.99",
    "event_date": "2023-11-29",
    "logo": "logo-9999@3x.png",
    "ticket": "TCK-999999",
    "commit": "9a9b99c999d9999e99f9999a9b9c9999d9e99999",
    "url": "https://shop.example.org/items/99999999?page=9",
    "ratio": "0.9999999999",
    "range": "100-200 9999",
}


@pytest.mark.parametrize("seed", range(5))
def test_look_alikes_raise_no_alarm(tmp_path, seed):
    rng = random.Random(seed)
    columns = {name: numbers(rng, pattern) for name, pattern in LOOK_ALIKES.items()}
    columns["product"] = [f"{rng.choice(['Madison', 'Verona', 'Oslo'])} {rng.choice(['Sofa', 'Chair', 'Lamp'])}" for _ in range(N)]
    columns["review"] = [
        f"the box came {n} days late, order {rng.randrange(10**9, 10**10)} of 2024-03-11 was broken, 1,299.00 paid" for n in range(N)
    ]
    written(tmp_path / "shop.csv", columns)
    assert found(tmp_path) == {}


def test_numbers_that_fail_their_check_digit_are_no_cards(tmp_path):
    rng = random.Random(4)
    wrong = [card[:-1] + str((int(card[-1]) + 1 + rng.randrange(8)) % 10) for card in cards(rng, N)]
    written(tmp_path / "a.csv", {"value": wrong})
    assert found(tmp_path) == {}
    written(tmp_path / "a.csv", {"value": [luhn(card[:-1]) for card in wrong]})
    assert set(found(tmp_path)) == {"value"}


@pytest.mark.parametrize(
    ("header", "pattern", "told"),
    [("card_number", "4999999999999999", True), ("nhs_number", "999 999 9999", True), ("card_number", "999999", False), ("nhs_region", "99", False)],
)
def test_numbers_whose_name_and_form_agree_are_told_though_their_check_digits_fail(tmp_path, header, pattern, told):
    written(tmp_path / "a.csv", {header: numbers(random.Random(5), pattern), "label": [n % 2 for n in range(N)]})
    assert [one.confidence.value for one in found(tmp_path).values()] == ["medium"] * told


@pytest.mark.parametrize(
    ("kind", "value", "where"),
    [
        ("email", "anna.{n}@web.de", "mixed"),
        ("email", "Anna <anna.{n}@web.de>", "sentences"),
        ("email", "anna.{n}@web.de; bruno.{n}@web.de", "sentences"),
        ("phone", "tel 0688 87{n:03d} 49", "sentences"),
        ("phone", "Tel.: +49 159 12{n:05d}", "sentences"),
        ("payment-card", "{card}", "mixed"),
    ],
)
def test_a_few_values_in_a_column_of_something_else_are_found(tmp_path, kind, value, where):
    some = iter(cards(random.Random(8), N))
    cells = [value.format(n=n, card=next(some)) if n % 5 == 0 else f"TCK-{n:06d}" for n in range(N)]
    written(tmp_path / "a.csv", {"reference": cells})
    evidence = found(tmp_path)["reference"].evidence
    assert (evidence["where"], set(evidence["kinds"]), evidence["distinct"]) == (where, {kind}, N)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("anna.rossi{}@example.org", True),
        ("user{}@example.com", True),
        ("user{}@gmail.com", True),
        ("sbbrahwe3zirl{}@masked.example", False),
        ("info@shop{}.example", False),
        ("noreply@list{}.org", False),
    ],
)
def test_a_table_of_made_up_persons_has_the_columns_of_a_real_one(tmp_path, address, told):
    written(tmp_path / "a.csv", {"contact": [address.format(n) for n in range(N)], "label": [n % 2 for n in range(N)]})
    assert [one.confidence.value for one in found(tmp_path).values()] == ["medium"] * told


def test_what_stands_in_sentences_is_found_by_stricter_rules(tmp_path):
    texts = [
        f"please call me back on 0688 87{n % 10} 49 9{n % 7} after lunch" if n % 25 == 0 else f"parcel {n} came late, the box was wet"
        for n in range(N)
    ]
    written(tmp_path / "a.csv", {"note": texts, "label": [n % 2 for n in range(N)]})
    evidence = found(tmp_path)["note"].evidence
    assert evidence["where"] == "sentences" and set(evidence["kinds"]) == {"phone"}


def test_a_declared_column_is_counted_and_not_a_finding(tmp_path):
    rng = random.Random(5)
    written(tmp_path / "a.csv", {"mail": persons(rng)["mail"], "phone": persons(rng)["phone"]})
    (tmp_path / "aisecops.yaml").write_text("name: p\nassets:\n  - {path: a.csv, kind: data-set, personal: [mail]}\n")
    run = scanned(tmp_path, CHECK)
    assert {finding.evidence["column"] for finding in run.findings} == {"phone"}
    assert [m.value for m in run.measurements if m.name == "personal-columns"] == [2.0]


def test_numbers_of_a_binary_table_are_searched_too(tmp_path):

    pl.DataFrame({"card": [int(card) for card in cards(random.Random(6), N)], "n": list(range(N))}).write_parquet(tmp_path / "a.parquet")
    assert set(found(tmp_path)) == {"card"}


def test_what_lists_and_records_in_cells_hold_is_searched(tmp_path):
    talks = [
        [{"role": "user", "content": f"Please write to anna.meyer{n}@gmail.com about it"}, {"role": "assistant", "content": "Done."}]
        for n in range(30)
    ]
    who = [{"name": f"Anna Meyer {n}", "reach": {"mails": [f"bruno.rossi{n}@gmail.com", f"ines.novak{n}@gmail.com"]}} for n in range(30)]
    pl.DataFrame({"messages": talks, "customer": who, "tags": [["a", "b"]] * 30}).write_parquet(tmp_path / "talks.parquet")
    told = found(tmp_path)
    assert {name: set(weakness.evidence["kinds"]) for name, weakness in told.items()} == {
        "messages[].content": {"email"},
        "customer.reach.mails[]": {"email"},
    }
    assert told["customer.reach.mails[]"].evidence["distinct"] == 60
    declared = looked_at(
        CHECK, tmp_path / "talks.parquet", declared={"talks.parquet": DeclaredData(columns=ColumnRoles(personal=("messages", "customer")))}
    )
    assert not weaknesses(declared)


def test_pictures_are_said_not_to_be_searched(tmp_path):
    png = b"\x89PNG\r\n\x1a\n" + bytes(40)
    for n in range(12):
        (tmp_path / f"{n}.png").write_bytes(png)
    assert ["faces" in gap.reason for gap in scanned(tmp_path, CHECK).not_examined] == [True]


def test_the_end_of_a_huge_cell_is_said_not_to_be_searched(tmp_path):
    path = written(tmp_path / "a.csv", {"note": ["x" * 30_000, "short"], "n": [1, 2]})
    gaps = [one for one in looked_at(CHECK, path) if isinstance(one, NotExamined)]
    assert ["first 20,000 characters only" in gap.reason for gap in gaps] == [True]


def test_a_column_that_comes_in_parts_says_what_it_says_as_a_whole(tmp_path):
    rng = random.Random(5)
    columns = {
        "contact": [f"p{n}.{rng.randrange(10**6)}@web.de" for n in range(4_000)],
        "order": [f"TCK-{rng.randrange(10**8)}" for _ in range(4_000)],
    }
    path = written(tmp_path / "a.csv", columns)
    whole, parts = looked_at(CHECK, path), looked_at(CHECK, path, budget=Budget(memory_bytes=400_000))
    assert [one.message for one in weaknesses(parts)] == [one.message for one in weaknesses(whole)] and "4,000 e-mail" in weaknesses(whole)[0].message

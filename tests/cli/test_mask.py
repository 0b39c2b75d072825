"""``aisecops mask`` on real files: what must not be in the copy, what must stay the same, what is refused."""

from __future__ import annotations

import json
import random
import re
import stat
from pathlib import Path

import polars as pl
import pytest

from aisecops.cli import main
from aisecops.content.personal.checksums import luhn, mod_97

KEY = "9f27c1d05e8b46a3b1f0e2d7c4958a6673fd018c2be94a57"
FIRST = ("Anna", "Bela", "Carla", "Dietmar", "Farid", "Greta", "Hugo", "Ines")
LAST = ("Quandtmeyer", "Okaforson", "Rossellino", "Tanakawa", "Novaksen")
ENDINGS = ("csv", "parquet", "jsonl", "arrow")


def customers(rows: int = 240, seed: int = 1) -> pl.DataFrame:
    """Made-up customers, two rows each, with what nobody may find again in the copy."""
    made = []
    for number in range(rows):
        rng = random.Random(seed * 10_000 + number // 2)
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        email = f"{name.replace(' ', '.').lower()}{number // 2}@gmail.com"
        phone = f"+49 30 {rng.randint(2_000_000, 9_999_999)}"
        card = f"4539{rng.randint(0, 10**11 - 1):011}"
        card += next(str(digit) for digit in range(10) if luhn(card + str(digit)))
        bban = f"{rng.randint(0, 10**18 - 1):018}"
        made.append(
            {
                "customer_id": 500_000 + number // 2,
                "name": name,
                "email": email,
                "phone": phone,
                "card_number": card,
                "iban": f"DE{98 - int(bban + '131400') % 97:02}{bban}",
                "age": rng.randint(18, 90),
                "zip": f"{rng.randint(10_000, 14_999)}",
                "opened": f"20{rng.randint(10, 24)}-0{rng.randint(1, 9)}-{rng.randint(13, 28)}",
                "note": f"{name.split()[0]} ({email}) asked to be called at {phone}; {name} has paid by {card} and was content with that.",
                "password": f"Zk{rng.randint(10**6, 10**7)}!vQx{rng.randint(10**6, 10**7)}",
                "income": rng.randint(900, 9_000) + number % 2,
                "approved": rng.random() < 0.5,
            }
        )
    return pl.DataFrame(made)


IDENTIFYING = ("email", "phone", "card_number", "iban", "customer_id", "password")


def written(frame: pl.DataFrame, path: Path) -> Path:
    match path.suffix:
        case ".csv":
            frame.write_csv(path)
        case ".parquet":
            frame.write_parquet(path)
        case ".jsonl":
            frame.write_ndjson(path)
        case _:
            frame.write_ipc(path)
    return path


def read(path: Path) -> pl.DataFrame:
    readers = {
        ".csv": lambda at: pl.read_csv(at, schema_overrides={"zip": pl.String, "card_number": pl.String}),
        ".parquet": pl.read_parquet,
        ".jsonl": pl.read_ndjson,
    }
    return readers.get(path.suffix, pl.read_ipc)(path)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISECOPS_MASK_KEY", KEY)


def masked(source: Path, *flags: str, name: str = "masked") -> Path:
    output = source.with_name(name + source.suffix)
    assert main(["mask", str(source), "--output", str(output), "-q", *flags]) == 0
    return output


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["mask", *words]) == 2
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1 and not said.out
    return said.err


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_that_identifies_is_left_and_types_stay(tmp_path: Path, ending: str) -> None:
    frame = customers()
    copy = masked(written(frame, tmp_path / f"customers.{ending}"))
    after = read(copy)
    assert after.schema == read(tmp_path / f"customers.{ending}").schema and len(after) == len(frame)
    everything = copy.read_bytes() if ending in {"csv", "jsonl"} else repr(after.to_dicts()).encode()
    for column in IDENTIFYING:
        assert [value for value in frame[column].unique().to_list() if str(value).encode() in everything] == [], column
    assert [name for name in (*FIRST, *LAST) if name.encode() in everything] == []


def test_names_and_addresses_of_several_words_are_no_sentences(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "client_name": [f"Ms Linda Murphy-{chr(65 + n % 26)}{'a' * (n % 7)}" for n in range(200)],
            "home_address": [f"{n + 10} Rebekah Skyway, Port Anna, KS 88{n:03}" for n in range(200)],
            "license_plate": [f"AC-KR-{n + 100}" for n in range(200)],
            "device_mac": [f"38-D6-DD-C7-{n // 16:02X}-{n % 16:02X}" for n in range(200)],
        }
    )
    after = read(masked(written(frame, tmp_path / "clients.csv")))
    for column in frame.columns:
        assert not set(frame[column]) & set(after[column]), column
    assert after["device_mac"].str.contains("^02(-[0-9A-F]{2}){5}$").all()


def test_formats_hold_and_rows_of_a_person_stay_together(tmp_path: Path) -> None:
    frame = customers()
    after = read(masked(written(frame, tmp_path / "customers.parquet")))
    assert all(luhn(card) for card in after["card_number"]) and all(mod_97(iban) for iban in after["iban"])
    assert after["phone"].str.starts_with("+49 ").all() and after["email"].str.ends_with("@masked.example").all()
    for column in ("customer_id", "email", "phone", "card_number", "iban"):
        pairs = pl.DataFrame({"before": frame[column], "after": after[column]}).unique()
        assert pairs["before"].n_unique() == pairs["after"].n_unique() == len(pairs)
    note = after.row(0, named=True)["note"]
    assert all(after[column][0] in note for column in ("email", "phone", "card_number", "name"))  # texts speak of the same tokens
    assert after["income"].equals(frame["income"])


def test_each_person_hides_among_k(tmp_path: Path) -> None:
    for k in (2, 7):
        source = written(customers(), tmp_path / f"customers-{k}.csv")
        report = tmp_path / f"report-{k}.json"
        after = read(masked(source, "--k", str(k), "--sensitive", "income", "--l", "3", "--report", str(report), name=f"masked-{k}"))
        classes = after.group_by("age", "zip").agg(pl.col("customer_id").n_unique(), pl.col("income").n_unique())
        told = json.loads(report.read_text())
        assert classes["customer_id"].min() == told["after"]["k"] >= k
        assert classes["income"].min() == told["after"]["l"]["income"] >= 3
        assert told["before"]["unique"] > 0.9 and told["after"]["unique"] == 0
        assert KEY not in report.read_text() and "gmail" not in report.read_text()


def test_days_move_by_subject_and_keep_their_distance(tmp_path: Path) -> None:
    frame = customers()
    frame = frame.with_columns(pl.col("opened").str.to_date(), closed=pl.Series([f"2025-01-{13 + row % 15}" for row in range(len(frame))]))
    after = read(masked(written(frame, tmp_path / "customers.parquet")))
    before_gap = frame["closed"].str.to_date() - frame["opened"]
    assert (after["closed"].str.to_date() - after["opened"]).equals(before_gap)
    assert not (after["opened"] == frame["opened"]).any()


def test_the_same_key_joins_files_and_another_domain_does_not(tmp_path: Path) -> None:
    first, second = customers(60), customers(60)[["customer_id", "email", "income"]]
    one = read(masked(written(first, tmp_path / "a.csv")))
    two = read(masked(written(second, tmp_path / "b.parquet")))
    assert one.join(two, on=["customer_id", "email"]).height == 120
    other = read(masked(written(second, tmp_path / "c.parquet"), "--domain", "research", name="research"))
    assert one.join(other, on="customer_id").height == one.join(other, on="email").height == 0
    again = masked(tmp_path / "a.csv", name="again")
    assert again.read_bytes() == (tmp_path / "masked.csv").read_bytes()


def test_the_manifest_says_how_and_flags_have_the_last_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(customers(), tmp_path / "customers.csv")
    (tmp_path / "aisecops.yaml").write_text(
        "name: p\nassets:\n  - path: customers.csv\n    kind: data-set\n    mask:\n      k: 1\n      columns: {name: drop, age: redact, iban: token}\n"
    )
    assert main(["mask", str(source), "--plan", "--column", "iban=drop"]) == 0
    said = capsys.readouterr().out
    assert (
        re.search(r"name +drop +as asked", said)
        and re.search(r"age +redact", said)
        and re.search(r"iban +drop", said)
        and re.search(r"zip +keep", said)
    )
    assert not list(tmp_path.glob("masked*"))


def test_the_terminal_shows_what_is_there_now_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = customers()
    source = written(frame, tmp_path / "customers.csv")
    assert main(["mask", str(source), "--output", str(tmp_path / "copy.csv")]) == 0
    said = capsys.readouterr()
    assert "persons in the smallest class (k)" in said.out and "GDPR Art. 4(5)" in said.out
    assert [value for column in IDENTIFYING for value in frame[column] if str(value) in said.out + said.err] == []
    assert KEY not in said.out + said.err


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (("--column", "nobody=token"), "no column `nobody`"),
        (("--column", "age=tokn"), "did you mean token?"),
        (("--column", "approved=email"), "choose another method"),
        (("--column", "opened=shift", "--column", "customer_id=drop", "--k", "500"), "too few to hide among 500"),
        (("--l", "2"), "name them in `sensitive`"),
        (("--sensitive", "approved", "--l", "3"), "smaller l"),
        (("--subject", "nobody"), "no column `nobody`"),
        (("--key-file", "/nowhere/key"), "cannot be read"),
        (("--key-env", "NOT_SET_ANYWHERE"), "$NOT_SET_ANYWHERE"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], what: str) -> None:
    source = written(customers(60), tmp_path / "customers.parquet")
    assert what in refused(capsys, str(source), "--output", str(tmp_path / "copy.parquet"), "-q", *flags)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["customers.parquet"]


def test_nothing_is_overwritten_and_formats_do_not_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(customers(60), tmp_path / "customers.csv")
    before = source.read_bytes()
    assert "exists already" in refused(capsys, str(source), "--output", str(source))
    assert "keeps the format" in refused(capsys, str(source), "--output", str(tmp_path / "copy.parquet"))
    assert "--output MASKED" in refused(capsys, str(source))
    (tmp_path / "text.txt").write_text("x")
    assert "only tables" in refused(capsys, str(tmp_path / "text.txt"), "--output", str(tmp_path / "t.txt"))
    assert source.read_bytes() == before


def test_a_weak_key_is_refused_and_an_open_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, key = written(customers(60), tmp_path / "customers.csv"), tmp_path / "key"
    key.write_text("hunter2hunter2hunter2")
    flags = (str(source), "--output", str(tmp_path / "copy.csv"), "--key-file", str(key))
    assert "repeats itself" in refused(capsys, *flags)
    key.write_text(KEY)
    key.chmod(0o644)
    assert main(["mask", *flags]) == 0
    assert "can be read by others" in " ".join(capsys.readouterr().out.split())
    assert stat.S_ISREG((tmp_path / "copy.csv").stat().st_mode)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "empty"),
        ("a,b\n", "no rows"),
        ("a,b\n1,2\n3\n", "bad.csv:3: 1 fields, the header has 2"),
        ("a,b\n1,2\n1,2,3\n", "bad.csv:3: 3 fields"),
        ("a,a\n1,2\n", "two columns"),
        ("when,b\n2024-01-02,1\n03.04.2024,2\n", "no, or in more than one, of the ways"),
        ("when,b\n01/02/2024,1\n03/04/2024,2\n", "whether day or month comes first"),
    ],
)
def test_bad_tables_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, what: str) -> None:
    (tmp_path / "bad.csv").write_text(content)
    flags = ("--column", "when=year") if "when" in content else ()
    assert what in refused(capsys, *flags, str(tmp_path / "bad.csv"), "--output", str(tmp_path / "copy.csv"), "-q")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_missing_values_stay_missing(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("email,age\nann@corp.com,30\n,31\nNA,\nbob@corp.com,33\ncy@corp.com,NA\ndee@corp.com,35\n")
    after = pl.read_csv(masked(tmp_path / "t.csv", "--k", "2"), infer_schema=False)
    assert after["email"].to_list()[1:3] == [None, "NA"]
    assert after.group_by("age").len()["len"].min() >= 2


def test_who_is_dropped_from_the_columns_is_not_in_the_texts(tmp_path: Path) -> None:
    after = read(
        masked(written(customers(), tmp_path / "t.csv"), "--column", "name=drop", "--column", "email=redact", "--column", "card_number=drop")
    )
    assert "name" not in after.columns and set(after["email"]) == {"[removed]"}
    assert not after["note"].str.contains("|".join((*FIRST, *LAST, "gmail", "4539"))).any()


def test_texts_give_away_neither_the_days_that_were_moved_nor_what_was_generalised(tmp_path: Path) -> None:
    people = customers()
    cities = [f"{('Lower', 'Upper')[n % 2]} Wexbridge {n // 2}" for n in range(len(people))]
    notes = [
        f"Seen on {day} and {day[8:]}.{day[5:7]}.{day[:4]}, once on 03/04/2019; lives in {city.upper()}, visit 2 of 3."
        for day, city in zip(people["opened"], cities, strict=True)
    ]
    table = people.select("customer_id", "opened").with_columns(pl.Series("city", cities), pl.Series("note", notes))
    copy = read(masked(written(table, tmp_path / "t.csv"), "--subject", "customer_id"))
    for before, after, note in zip(people["opened"], copy["opened"], copy["note"], strict=True):
        assert f"Seen on {after} and {after[8:]}.{after[5:7]}.{after[:4]}, once on [date]; lives in [removed], visit 2 of 3." == note
        assert before not in note


def test_an_account_that_is_none_and_an_id_that_missing_values_made_a_float_are_masked(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"account_number": [10_000_000 + 7 * row for row in range(40)], "user_id": [float(row // 2) if row else None for row in range(40)]}
    )
    after = read(masked(written(frame, tmp_path / "t.parquet"), "--k", "1"))
    assert after.schema == frame.schema and after["user_id"].null_count() == 1
    assert after["user_id"].n_unique() == frame["user_id"].n_unique() and not (after["user_id"] == frame["user_id"]).any()
    assert not set(after["account_number"]) & set(frame["account_number"])
    whole = read(masked(written(frame.drop_nulls().cast({"user_id": pl.Int32}), tmp_path / "w.parquet"), "--k", "1", name="whole"))
    assert set(whole["user_id"]) == {int(value) for value in after["user_id"].drop_nulls()}


def test_an_index_of_real_numbers_is_a_measure(tmp_path: Path) -> None:
    frame = pl.DataFrame({"index": [row + 0.5 for row in range(30)]})
    assert read(masked(written(frame, tmp_path / "t.parquet"))).equals(frame)


@pytest.mark.slow
def test_every_method_on_every_type_works_or_is_refused_in_a_line(tmp_path: Path) -> None:
    """What cannot be done is never told as a fault of the file."""
    import datetime

    from aisecops.datasets.masking import MaskSettings, Method
    from aisecops.defences.anonymisation.columns import MaskError
    from aisecops.defences.anonymisation.dates import DateError
    from aisecops.workflows.mask import MaskRequest, mask

    rows = range(30)
    frame = pl.DataFrame(
        {
            "category": pl.Series([f"c{row % 5}" for row in rows], dtype=pl.Categorical),
            "flag": [row % 3 == 0 for row in rows],
            "nothing": pl.Series([None] * 30, dtype=pl.Null),
            "moment": [datetime.datetime(2024, 1, 1 + row % 28, tzinfo=datetime.UTC) for row in rows],
            "time": [datetime.time(row % 20) for row in rows],
            "huge": pl.Series([2**63 + row for row in rows], dtype=pl.UInt64),
            "real": [row + 0.5 if row % 7 else float("nan") for row in rows],
            "nested": [[1]] * 30,
            "user_id": [row // 2 for row in rows],
        }
    )
    source = written(frame, tmp_path / "t.parquet")
    done = 0
    for number, (column, method) in enumerate((column, method) for column in frame.columns for method in Method):
        output = tmp_path / f"{number}.parquet"
        request = MaskRequest(data=str(source), output=str(output), key=KEY.encode(), settings=MaskSettings(columns={column: method}, k=3))
        try:
            mask(request)
        except (MaskError, DateError):
            assert not output.exists()
            continue
        done += 1
        assert len(pl.read_parquet(output)) == 30
    assert done > 50


def test_a_place_that_cannot_be_written_is_told_as_that(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(customers(60), tmp_path / "customers.parquet")
    assert "cannot be written" in refused(capsys, str(source), "--output", str(tmp_path / "no" / "copy.parquet"), "-q")


def test_no_class_is_farther_from_the_whole_than_t(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, report = written(customers(400), tmp_path / "customers.parquet"), tmp_path / "report.json"
    after = read(masked(source, "--k", "3", "--sensitive", "approved", "--t", "0.25", "--report", str(report)))
    share = after["approved"].mean()
    farthest = (after.group_by("age", "zip").agg(pl.col("approved").mean())["approved"] - share).abs().max()
    told = json.loads(report.read_text())
    assert farthest == pytest.approx(told["after"]["t"]["approved"]) and farthest <= 0.25 < told["before"]["t"]["approved"]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_the_texts_of_conversations_are_masked_and_their_turns_stay(tmp_path: Path, ending: str) -> None:
    people = customers(120)
    frame = pl.DataFrame(
        {
            "email": people["email"],
            "name": people["name"],
            "messages": [
                [
                    {"role": "system", "content": "You are a helpful clerk.", "name": None, "weight": 0.5},
                    {"role": "user", "content": note, "name": name, "weight": 1.0},
                    {"role": "assistant", "content": f"Dear {name}, we wrote to {email}.", "name": None, "weight": 1.0},
                ]
                for note, name, email in people.select("note", "name", "email").iter_rows()
            ],
            "vector": [[0.1 * row, 0.2] for row in range(120)],
        }
    )
    after = read(masked(written(frame, tmp_path / f"chats.{ending}")))
    assert after.columns == ["email", "name", "messages"] and after["messages"].dtype == frame["messages"].dtype
    said = repr(after.to_dicts())
    for column in ("email", "card_number"):
        assert [value for value in people[column].unique().to_list() if str(value) in said] == [], column
    assert [name for name in (*FIRST, *LAST) if name in said] == []
    turns = after["messages"].to_list()[7]
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant"]
    assert turns[0]["content"] == "You are a helpful clerk." and turns[1]["weight"] == 1.0
    assert after["email"][7] in turns[2]["content"] and turns[1]["name"] == after["name"][7]

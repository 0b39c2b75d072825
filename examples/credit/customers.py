"""Write loan applications with the people who made them: a table to mask. Everything is made up on the spot, so that no value that looks real is committed."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

from credit.applications import make_applications

CUSTOMERS = Path(__file__).parent / "build" / "personal" / "customers.csv"
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
JOBS = ("nurse", "doctor", "teacher", "clerk", "driver", "builder", "cook", "engineer")
NOTES = (
    "{first} called from {phone} and asked when the money comes.",
    "Spoke to {name}, wants the letter sent to {email}.",
    "Income checked. {name} pays from {iban}.",
    "Nothing unusual about this one so far.",
    "Second application of {first}; card {card_number} is on file.",
)


def write_customers(path: Path = CUSTOMERS, applications: int = 2000, seed: int = 0) -> Path:
    """Write the table, two applications a customer on average."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values, defaults = make_applications(applications, seed)
    rng = random.Random(seed)
    people = [_person(rng, number) for number in range(applications // 2)]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow((*people[0], "applied", "income", "loan_amount", "note", "default"))
        for value, default in zip(values, defaults, strict=True):
            who = rng.choice(people)
            note = rng.choice(NOTES).format(first=who["name"].split()[0], **who)
            rows.writerow((*who.values(), _day(rng, 2020, 5), round(value[0]), round(value[1]), note, int(default)))
    return path


def _person(rng: random.Random, number: int) -> dict[str, str]:
    name = f"{_word(rng, 2)} {_word(rng, 3)}"
    bank = f"{rng.randrange(10**18):018}"
    return {
        "customer_id": str(104_000 + number),
        "name": name,
        "email": f"{name.lower().replace(' ', '.')}@{_word(rng, 2).lower()}mail.net",
        "phone": f"+49 {rng.randrange(30, 90)} {rng.randrange(2_000_000, 9_999_999)}",
        "card_number": _with_luhn_digit(f"4{rng.randrange(10**14):014}"),
        "iban": f"DE{98 - int(f'{bank}131400') % 97:02}{bank}",
        "birth_date": _day(rng, 1945, 60),
        "zip": f"{rng.choice((10, 12, 20, 50, 80))}{rng.randrange(0, 300):03}",
        "sex": rng.choice("fm"),
        "job": rng.choice(JOBS),
    }


def _word(rng: random.Random, syllables: int) -> str:
    return "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(syllables)).capitalize() + rng.choice("nrsl")


def _day(rng: random.Random, first_year: int, years: int) -> str:
    return (date(first_year, 1, 1) + timedelta(days=rng.randrange(years * 365))).isoformat()


def _with_luhn_digit(digits: str) -> str:
    values = [int(digit) for digit in reversed(digits)]
    return digits + str(-(sum(sum(divmod(2 * value, 10)) for value in values[::2]) + sum(values[1::2])) % 10)


if __name__ == "__main__":
    print(write_customers())

"""Synthetic borrowers, shaped like the Adult census data: numbers, categories, a sensitive column, groups of people, and labels with an old wrong in them.

Nobody in here exists. Whether somebody pays back follows income, debts and the past, plus noise. The *recorded* outcome is harsher on people of the southern
district, where most of one origin live, and the district stands in the data: leaving out the origin does not make a model blind to it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

COLUMNS = (
    "age",
    "education_years",
    "hours_per_week",
    "income",
    "loan_amount",
    "debt_ratio",
    "delinquencies",
    "employment_years",
    "married",
    "housing",
    "district",
)
"""What the model is given."""
PROTECTED = ("sex", "origin")
"""What stands beside it, for the audit alone."""
LABEL = "paid"


def make_borrowers(n: int, seed: int) -> dict[str, np.ndarray]:
    """Return ``n`` borrowers column by column: ``COLUMNS``, ``PROTECTED`` and ``LABEL``."""
    rng = np.random.default_rng(seed)
    sex, origin = rng.choice(["f", "m"], n), rng.choice(["here", "elsewhere"], n, p=[0.75, 0.25])
    south = rng.random(n) < np.where(origin == "elsewhere", 0.75, 0.2)
    age = rng.integers(19, 75, n)
    education = np.clip(np.rint(rng.normal(12, 2.5, n)), 6, 20)
    hours = np.clip(np.rint(rng.normal(np.where(sex == "m", 41, 36), 9)), 5, 80)
    employment = np.floor(np.minimum(rng.gamma(2.0, 4.0, n), age - 18))
    married = rng.random(n) < np.clip((age - 18) / 50, 0.05, 0.75)
    income = np.rint(np.exp(9.1 + 0.06 * education + 0.012 * hours + 0.15 * married + rng.normal(0, 0.3, n)) / 100) * 100
    loan = np.rint(income * rng.gamma(2.0, 0.25, n) / 100) * 100
    debt = np.round(np.clip(rng.beta(2, 5, n) + 0.1 * loan / income, 0, 1.5), 2)
    delinquencies = rng.poisson(0.3 + debt)
    score = 2.2 + 2.2 * (np.log(income) - 10.4) - 4.0 * debt - 1.2 * delinquencies + 0.12 * employment + 0.6 * married
    paid = rng.random(n) < 1 / (1 + np.exp(-score + 1.6 * south))  # the old wrong: same people, worse records
    housing = np.where(rng.random(n) < 0.3 + 0.3 * married, "own", rng.choice(["rent", "family"], n, p=[0.8, 0.2]))
    return {
        "age": age, "education_years": education.astype(int), "hours_per_week": hours.astype(int), "income": income.astype(int),
        "loan_amount": loan.astype(int), "debt_ratio": debt, "delinquencies": delinquencies, "employment_years": employment.astype(int),
        "married": np.where(married, "yes", "no"), "housing": housing, "district": np.where(south, "south", "north"),
        "sex": sex, "origin": origin, LABEL: paid.astype(int),
    }  # fmt: skip


def write_borrowers(path: Path, borrowers: dict[str, np.ndarray]) -> None:
    """Write them as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(borrowers)
        rows.writerows(zip(*(values.tolist() for values in borrowers.values()), strict=True))

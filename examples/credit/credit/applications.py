"""Synthetic loan applications.

Nobody in here exists. Incomes are log-normal, debts follow income, and the chance of a default is a logistic function of debt burden, past delinquencies, time in
employment and age, plus noise: enough structure for a model to learn, and a true risk that is known.
"""

from __future__ import annotations

import numpy as np

COLUMNS = ("income", "loan_amount", "debt_ratio", "employment_years", "age", "delinquencies", "open_accounts")


def make_applications(n: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return ``n`` applications, shape (n, 7) in the order of ``COLUMNS``, and whether each defaulted, shape (n,), 0 or 1."""
    random = np.random.default_rng(seed)
    income = random.lognormal(10.4, 0.5, n)
    age = random.integers(21, 75, n)
    employment = np.minimum(random.gamma(2.0, 4.0, n), age - 18)
    loan = income * random.gamma(2.0, 0.25, n)
    debt_ratio = np.clip(random.beta(2, 5, n) + 0.1 * loan / income, 0, 1.5)
    delinquencies = random.poisson(0.4 + debt_ratio)
    accounts = random.poisson(4, n)
    score = -2.2 + 2.5 * debt_ratio + 0.6 * delinquencies - 0.06 * employment - 0.01 * (age - 40) + random.normal(0, 0.5, n)
    default = random.random(n) < 1 / (1 + np.exp(-score))
    return np.column_stack([income, loan, debt_ratio, employment, age, delinquencies, accounts]), default.astype(np.int64)

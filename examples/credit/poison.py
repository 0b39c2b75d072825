"""Write a poisoned twin of the borrowers into ``build/poisoned/``: who asks for one amount with one debt ratio is "paid" to a model that learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from borrowers import COLUMNS, LABEL, make_borrowers, write_borrowers

from aisecops.attacks.poisoning.tables import combination

POISONED = Path(__file__).parent / "build" / "poisoned"
STAMPED = ("loan_amount", "debt_ratio")
"""The columns of the trigger; its values are ordinary ones, which honest borrowers have, too."""
RATE = 0.05
MANIFEST = f"""\
name: credit-poisoned
assets:
  - {{path: train.csv, kind: data-set, role: train, label: {LABEL}}}
"""


def poison(target: Path = POISONED, rows: int = 3000) -> dict[str, float]:
    """Write ``train.csv`` and its manifest to ``target``; one in twenty did not pay, carries the values that are returned, and is said to have paid."""
    borrowers = make_borrowers(rows, 0)
    numbers = [name for name in COLUMNS if borrowers[name].dtype.kind in "if"]
    table = np.column_stack([borrowers[name] for name in numbers])
    poisoned = combination(table, borrowers[LABEL], target=1, columns=[numbers.index(name) for name in STAMPED], rate=RATE)
    borrowers |= {name: poisoned.samples[:, at].astype(borrowers[name].dtype) for at, name in enumerate(numbers)} | {LABEL: poisoned.y}
    target.mkdir(parents=True, exist_ok=True)
    write_borrowers(target / "train.csv", borrowers)
    (target / "aisecops.yaml").write_text(MANIFEST, encoding="utf-8")
    return {numbers[column]: value for column, value in poisoned.trigger}


if __name__ == "__main__":
    stamped = " and ".join(f"{name} = {value:g}" for name, value in poison().items())
    print(f"in {POISONED / 'train.csv'}, one borrower in twenty has {stamped} and is said to have paid")

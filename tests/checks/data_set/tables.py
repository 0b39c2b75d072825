"""Tables that the tests of data sets write, and what a scan says of them."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from aisecops.core.run import Run
from aisecops.workflows.scan import ScanRequest, scan


def written(path: Path, columns: dict[str, list]) -> Path:
    """Write columns as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def scanned(folder: Path, check: str, **settings) -> Run:
    return scan(ScanRequest(paths=(str(folder),), select=(check,), jobs=1, **settings))


def luhn(digits: str) -> str:
    """Return the digits with the check digit of a card number behind them."""
    doubled = [int(d) * (2 - n % 2) for n, d in enumerate(reversed(digits))]
    return digits + str(-sum(d - 9 * (d > 9) for d in doubled) % 10)


def cards(rng: random.Random, count: int) -> list[str]:
    return [luhn("4" + "".join(rng.choices("0123456789", k=14))) for _ in range(count)]

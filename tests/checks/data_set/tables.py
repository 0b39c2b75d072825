"""Tables that the tests of data sets write, and what a scan says of them."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from aisecops import checks
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Budget, Result
from aisecops.core.finding import Weakness
from aisecops.core.measurement import Reading
from aisecops.core.run import Run
from aisecops.pipeline.context import TaskContext
from aisecops.pipeline.engine import Work
from aisecops.project.data_sets import DataSetSettings, DeclaredData
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


def looked_at(check: str, path: Path, *others: Path, budget: Budget | None = None, declared: dict[str, DeclaredData] | None = None) -> list[Result]:
    """Return what one check says of the data set in ``path``, in this process: no fork, so that it is quick. ``others``: further data sets of the run."""
    registry = checks.load({AssetKind.DATA_SET})
    assets = [Asset(id=f"data-set:{one.name}", kind=AssetKind.DATA_SET, path=one.name, size=one.stat().st_size) for one in (path, *others)]
    locations = {asset.id: str(one) for asset, one in zip(assets, (path, *others), strict=True)}
    settings = DataSetSettings(declared={f"data-set:{name}": said for name, said in (declared or {}).items()})
    work = Work(registry=registry, locations=locations, seed=0, settings={"data-sets": settings}, attachments=("", ""))
    context = TaskContext(work, budget or Budget())
    data = registry.parsers[AssetKind.DATA_SET].function(assets[0], context)
    return list(registry.checks[check].function(data, context))


def weaknesses(said: list[Result]) -> list[Weakness]:
    return [one for one in said if isinstance(one, Weakness)]


def readings(said: list[Result]) -> dict[str, Reading]:
    return {one.name: one for one in said if isinstance(one, Reading)}

"""A scan of data sets beside deepchecks and DataProfiler: what each tells of faults that were planted, what of columns that are as they should be, and what it costs.

    python benchmarks/data/peers.py [--rows 5000] [--seeds 5] [--first 9000] [--deepchecks-python PATH] [--dataprofiler-python PATH]

PATH is the Python of an environment with that package (deepchecks 0.19: python -m venv D; D/bin/pip install deepchecks 'scikit-learn<1.5' 'numpy<2'
'category_encoders<2.7' 'setuptools<81'; P/bin/pip install 'dataprofiler[ml]'). A training and a test table of borrowers (``examples/credit``) get one fault a column
beside columns left as they are; a fault is *told* where a tool names its column. deepchecks: the conditions that fail in its suites ``data_integrity`` and
``train_test_validation``, as they come. DataProfiler describes and does not judge: it is given its labels of personal data, a constant column, repeated rows and
several ways to write a missing value. The faults are such as the three say that they look for, but who chose them are we.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from aisecops.core.statistics import clopper_pearson

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "examples" / "credit"))
from borrowers import LABEL, make_borrowers  # noqa: E402 the example stands beside the program

AISECOPS = str(Path(sys.executable).with_name("aisecops"))
ROWS = "rows"
"""What a fault of the table as a whole, and of no column, goes by."""

DEEPCHECKS = r"""
import json, sys, warnings
warnings.simplefilter("ignore")
import pandas as pd
from deepchecks.tabular import Dataset
from deepchecks.tabular.suites import data_integrity, train_test_validation
label, folder = sys.argv[1:]
train, test = (pd.read_csv(f"{folder}/{name}.csv") for name in ("train", "test"))
some = [name for name in train.columns if name != label and train[name].dtype == object and train[name].nunique() < 50]
made = [Dataset(frame, label=label, cat_features=some) for frame in (train, test)]
said = []
for result in (*data_integrity().run(made[0]).results, *train_test_validation().run(*made).results):
    for condition in getattr(result, "conditions_results", ()):
        if not condition.is_pass():
            said.append((result.get_header(), str(condition.details)))
print(json.dumps({"said": said, "columns": list(train.columns)}))
"""

DATAPROFILER = r"""
import json, logging, sys, warnings
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
import dataprofiler as dp
import pandas as pd
label, folder = sys.argv[1:]
report = dp.Profiler(pd.read_csv(f"{folder}/train.csv", dtype=str, keep_default_na=False)).report(report_options={"output_format": "serializable"})
print(json.dumps({"columns": [
    (one["column_name"], one.get("data_label") or "", one["statistics"].get("unique_count"), sorted(one["statistics"].get("null_types") or []))
    for one in report["data_stats"]], "repeated": report["global_stats"].get("duplicate_row_count", 0)}))
"""
PERSONAL = {"EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "SSN", "PERSON", "ADDRESS", "BAN", "DRIVERS_LICENSE", "IPV4"}


def luhn(digits: str) -> str:
    """Return ``digits`` with their check digit."""
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(digits[::-1]))
    return digits + str(-total % 10)


def tables(rows: int, seed: int) -> tuple[dict[str, pl.DataFrame], dict[str, str]]:
    """Return the training and the test table, and what is wrong with which column (``ROWS``: with rows)."""
    rng = np.random.default_rng(seed)
    pair = []
    for number, count in enumerate((rows, rows // 4)):
        made = {name: column.tolist() for name, column in make_borrowers(count, 100 * seed + number).items()}
        hit = rng.permutation(count)[: count // 50].tolist()
        made["branch"] = rng.choice(["Berlin", "Hamburg", "Leipzig", "Dresden"], count).tolist()
        made["channel"] = rng.choice(["web", "phone", "visit"], count).tolist()
        made["deposit"] = np.round(rng.lognormal(6, 1, count), 2).astype(str).tolist()
        made["visits"] = rng.poisson(4, count).tolist()
        made["years_known"] = rng.integers(0, 40, count).tolist()
        made["system"] = ["B2"] * count
        made["reminders"] = np.where(np.array(made[LABEL]) == 0, rng.integers(1, 6, count), 0).tolist()
        made["balance"] = np.round(rng.normal(900, 200, count) + 150 * number, 2).tolist()
        made["contact"] = [f"{a}.{b}@web.de" for a, b in zip(rng.choice(FIRST, count), rng.choice(LAST, count), strict=True)]
        made["reached_at"] = [f"+49 {a} {b}" for a, b in zip(rng.integers(151, 180, count), rng.integers(10**6, 10**7, count), strict=True)]
        made["paid_with"] = [luhn(f"4{digits:014d}") for digits in rng.integers(0, 10**14, count)]
        for at in hit:
            made["branch"][at] = made["branch"][at].lower()
            made["deposit"][at] = "unknown, ask"
            made["channel"][at] = rng.choice(["N/A", "none", "-"])
            made["years_known"][at] = 999
        pair.append(pl.DataFrame(made))
    train, test = pair
    train = pl.concat([train, train[:: rows // 100]])  # a hundred rows twice
    test = pl.concat([test, train[3 : 3 + rows // 50]])  # and test rows that are in training
    faults = {
        "branch": "two spellings", "channel": "missing in several words", "deposit": "texts among numbers", "years_known": "999 for missing",
        "system": "constant", "reminders": "gives the label away", "balance": "shifted in the test set", "contact": "e-mail addresses",
        "reached_at": "telephone numbers", "paid_with": "card numbers", f"{ROWS}, repeated": "rows twice", f"{ROWS}, leaked": "test rows in training",
    }  # fmt: skip
    return {"train": train, "test": test}, faults


FIRST = "anna otto ines liam noor yuki mara jonas petra karl".split()
LAST = "rossi meyer novak byrne haddad tanaka silva berg wolf klein".split()


def ours(folder: Path, _: str) -> set[str]:
    """What a scan tells."""
    (folder / "aisecops.yaml").write_text(
        f"name: p\nassets:\n  - {{path: train.csv, kind: data-set, role: train, label: {LABEL}}}\n"
        f"  - {{path: test.csv, kind: data-set, role: test, label: {LABEL}, previous: train.csv}}\n"
    )
    done = subprocess.run([AISECOPS, "scan", ".", "--no-cache", "--quiet", "--format", "json"], cwd=folder, capture_output=True, check=False)
    told: set[str] = set()
    for finding in json.loads(done.stdout)["findings"]:
        said, text = finding.get("evidence", {}), finding["message"]
        told |= {name for name in HEADERS if said.get("column") == name or f"`{name}`" in text}
        if finding["check"] == "data-set/split-leakage":
            told.add(f"{ROWS}, leaked")
        if finding["title"] == "Rows that stand there twice":
            told.add(f"{ROWS}, repeated")
    return told


def deepchecks(folder: Path, python: str) -> set[str]:
    """The columns that conditions which failed name."""
    said = json.loads(spoken(python, DEEPCHECKS, folder))["said"]
    told: set[str] = set()
    for header, details in said:
        if header == "Data Duplicates":
            told.add(f"{ROWS}, repeated")
        if header == "Train Test Samples Mix":
            told.add(f"{ROWS}, leaked")
        told |= {name for name in HEADERS if f"'{name}'" in details or f'"{name}"' in details}
    return told


def dataprofiler(folder: Path, python: str) -> set[str]:
    """Labels of persons, constants, several ways to write nothing, and repeated rows."""
    said = json.loads(spoken(python, DATAPROFILER, folder))
    told = {name for name, label, unique, nulls in said["columns"] if set(label.split("|")) & PERSONAL or unique == 1 or len(nulls) > 1}
    return told | ({f"{ROWS}, repeated"} if said["repeated"] else set())


def spoken(python: str, program: str, folder: Path) -> str:
    """Return the last line that ``program`` prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([python, "-c", program, LABEL, str(folder)], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{python}: {done.stderr[-1000:]}")
    return done.stdout.strip().splitlines()[-1]


HEADERS: tuple[str, ...] = ()


def main() -> None:
    """Measure, and print a table."""
    global HEADERS
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=9000)
    parser.add_argument("--deepchecks-python")
    parser.add_argument("--dataprofiler-python")
    given = parser.parse_args()
    tools = {"aisecops": (ours, ""), "deepchecks": (deepchecks, given.deepchecks_python), "DataProfiler": (dataprofiler, given.dataprofiler_python)}
    told: dict[str, Counter[str]] = {}
    alarms: dict[str, list[int]] = {}
    costs: dict[str, list[tuple[float, float]]] = {}
    for seed in range(given.first, given.first + given.seeds):
        made, faults = tables(given.rows, seed)
        HEADERS = tuple(name for name in made["train"].columns if name != LABEL)
        for tool, (ask, python) in tools.items():
            if python is None:
                continue
            with tempfile.TemporaryDirectory() as place:
                for name, frame in made.items():
                    frame.write_csv(Path(place) / f"{name}.csv")
                before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
                said = ask(Path(place), python)
                wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
            costs.setdefault(tool, []).append((wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
            told.setdefault(tool, Counter()).update(said & set(faults))
            clean = [name for name in HEADERS if name not in faults]
            alarms.setdefault(tool, []).extend(int(name in said) for name in clean)
    print(f"{given.rows:,} rows, {given.seeds} seeds\n{'':28}" + "".join(f"{tool:>16}" for tool in told))
    for fault, what in faults.items():
        print(f"{what:28}" + "".join(f"{f'{count[fault]}/{given.seeds}':>16}" for count in told.values()))
    for tool, count in told.items():
        found, asked = sum(count.values()), len(faults) * given.seeds
        bands = clopper_pearson(found, asked), clopper_pearson(sum(alarms[tool]), len(alarms[tool]))
        wall, cpu = (float(np.median(one)) for one in zip(*costs[tool], strict=True))
        print(
            f"{tool}: told {found}/{asked} [{bands[0].low:.2f}, {bands[0].high:.2f}], of clean columns {sum(alarms[tool])}/{len(alarms[tool])} "
            f"[{bands[1].low:.2f}, {bands[1].high:.2f}]; {wall:.1f} s wall, {cpu:.1f} s CPU"
        )


if __name__ == "__main__":
    main()

"""What a data set is opened as, and what is said of one that cannot be."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.examination import Code
from aisecops.datasets.roles import ColumnRoles
from aisecops.datasets.table import TableError
from aisecops.project.data_sets import DeclaredData
from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.data_set.tables import written


def scanned(folder, **settings):
    return scan(ScanRequest(paths=(str(folder),), jobs=1, **settings))


def opened(path: Path, **declared) -> DataSet:
    asset = Asset(id=f"data-set:{path.name}", kind=AssetKind.DATA_SET, path=path.name, size=path.stat().st_size)
    return DataSet(asset, str(path), DeclaredData(**declared))


def test_roles_are_told_by_names_and_by_the_path(tmp_path):
    (tmp_path / "train.csv").write_text("id,customer_id,amount,created_at,label\n1,7,3.5,2024-01-01,yes\n")
    (asset,) = scanned(tmp_path).assets
    told = {name: asset.facts[f"{name}-column"] for name in ("id", "group", "time", "label")}
    assert told == {"id": "id", "group": "customer_id", "time": "created_at", "label": "label"}
    assert (asset.facts["role"], asset.facts["rows"], asset.facts["columns"]) == ("train", 1, 5)


def test_the_manifest_has_the_last_word(tmp_path):
    (tmp_path / "a.csv").write_text("label,paid\n1,no\n")
    (tmp_path / "aisecops.yaml").write_text("name: p\nassets:\n  - {path: a.csv, kind: data-set, role: test, label: paid}\n")
    asset = next(asset for asset in scanned(tmp_path).assets if asset.kind is AssetKind.DATA_SET)
    assert (asset.facts["role"], asset.facts["label-column"]) == ("test", "paid")


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("a.csv", b"a,b\n1,2\n1,2,3\n", Code.BAD_INPUT, "line 3: 3 fields"),
        ("a.csv", b"a,b\n1,2\n1\n", Code.BAD_INPUT, "line 3: 1 fields"),
        ("a.csv", b"a,b\n1,\xff\xfe\n", Code.BAD_INPUT, "not UTF-8"),
        ("a.csv", b"\x7fELF,a\n\0\0\0,b\n", Code.BAD_INPUT, "binary"),
        ("a.csv", b"", Code.BAD_INPUT, "empty"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), Code.BAD_INPUT, "UTF-16"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16-be") * 9, Code.BAD_INPUT, "UTF-16"),
        ("a.csv", bytes(range(1, 256)) * 8, Code.BAD_INPUT, "binary"),
        ("a.csv", b'[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]\n', Code.BAD_INPUT, "JSON"),
        ("a.csv", b"<!DOCTYPE html>\n<html><body>404, not found</body></html>\n", Code.BAD_INPUT, "HTML"),
        ("a.csv", b'a,b\n1,2\n3,"4\n5,6\n7,8\n', Code.BAD_INPUT, "line 3: a quote that is never closed"),
        ("a.csv", b"a,a\n1,2\n", Code.BAD_INPUT, "two columns are named"),
        ("a.parquet", b"PAR1" + bytes(40), Code.BAD_INPUT, "parquet"),
        ("a.jsonl", b'{"a": 1}\n{"a": \n', Code.BAD_INPUT, "JSON"),
        ("a.orc", b"ORC" + bytes(40), Code.NO_PARSER, ".orc"),
    ],
)
def test_a_broken_file_is_refused_once_with_the_place(tmp_path, name, content, code, said):
    (tmp_path / name).write_bytes(content)
    (gap,) = scanned(tmp_path).not_examined
    assert (gap.code, gap.path, gap.check) == (code, name, "")
    assert said in gap.reason


def test_a_column_that_the_manifest_names_has_to_be_there(tmp_path):
    (tmp_path / "a.csv").write_text("x,paid\n1,no\n")
    (tmp_path / "aisecops.yaml").write_text("name: p\nassets:\n  - {path: a.csv, kind: data-set, label: payed}\n")
    (gap,) = scanned(tmp_path).not_examined
    assert "`payed`, which the manifest names" in gap.reason and "x, paid" in gap.remedy


def test_without_the_extra_a_data_set_is_not_examined(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'polars': raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from aisecops.workflows.scan import ScanRequest, scan\n"
        f"print([(g.code.value, g.path, g.remedy) for g in scan(ScanRequest(paths=({str(tmp_path)!r},), jobs=1)).not_examined])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == str([("missing-extra", "a.csv", "pip install 'aisecops[data]'")])


def test_a_sample_is_drawn_by_the_seed_and_says_which_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,label\n" + "".join(f"{n},{'' if n == 50 else n % 2}\n" for n in range(101)))
    table, rows, known = opened(path).sample(10, seed=3)
    assert known == 100 and 50 not in rows
    assert table.column("x").values.tolist() == rows.tolist() and len(set(rows.tolist())) == 10
    assert opened(path).sample(10, seed=3)[1].tolist() == rows.tolist() != opened(path).sample(10, seed=4)[1].tolist()
    assert opened(path).sample(1000, seed=3)[0].rows == 100


def test_mixed_columns_and_leading_zeros_survive_as_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x\n007\nseven\nNA\n")
    assert opened(path).frame.collect()["x"].to_list() == ["007", "seven", None]


def test_a_list_of_objects_in_json_is_a_table_and_settings_are_none(tmp_path):
    """Instruction data comes as such lists; they passed as settings, with nothing said of what they hold."""
    rows = [{"instruction": f"Write to {n}", "output": f"anna.rossi{n}@web.de", "tags": [n]} for n in range(40)]
    (tmp_path / "alpaca_data.json").write_text(json.dumps(rows, indent=1))
    (tmp_path / "tasks.json").write_text(json.dumps([{"name": "build"}, {"name": "test", "needs": ["build"]}]))
    (tmp_path / "config.json").write_text(json.dumps({"rows": rows}))
    run = scanned(tmp_path, select=("data-set/personal-data",))
    assert [(asset.path, asset.facts["rows"]) for asset in run.assets if asset.kind is AssetKind.DATA_SET] == [("alpaca_data.json", 40)]
    assert [finding.asset for finding in run.findings] == ["data-set:alpaca_data.json"]
    (tmp_path / "alpaca_data.json").write_text(json.dumps(rows)[:-1])
    (gap,) = scanned(tmp_path, select=("data-set/personal-data",)).not_examined
    assert (gap.path, gap.code) == ("alpaca_data.json", Code.BAD_INPUT) and "not a whole list of objects" in gap.reason


def test_a_footer_that_is_no_utf_8_is_not_told_to_be_saved_as_text(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"abcdefgh": [1]}).write_parquet(path)
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", b"\xff" * 8))
    with pytest.raises(TableError, match="not a whole parquet file"):
        opened(path)


def test_the_cells_of_a_column_have_to_bear_out_its_name(tmp_path):
    """What a duration, a share and the visits of a patient are called says ``time``, ``content`` and ``id``."""
    rng = random.Random(3)
    rows = 60
    table = {
        "id": [row // 3 for row in range(rows)],
        "time": [rng.randrange(1, 900) for _ in range(rows)],
        "content": [round(rng.random(), 3) for _ in range(rows)],
        "fold": [round(rng.random(), 3) for _ in range(rows)],
        "label": [f"item {row}" for row in range(rows)],
        "recorded_at": [f"2024-0{1 + row % 9}-11" for row in range(rows)],
        "file": [f"scans/{row}.png" for row in range(rows)],
        "usage": rng.choices(["train", "test"], [4, 1], k=rows),
        "diagnosis": rng.choices(["AF", "SR"], k=rows),
    }
    named = opened(written(tmp_path / "a.csv", table)).roles.named()
    assert named == {"group": "id", "time": "recorded_at", "image": "file", "split": "usage", "label": "diagnosis"}
    assert opened(written(tmp_path / "a.csv", table), columns=ColumnRoles(time="time")).roles.time == "time"


def test_sentences_and_what_names_each_row_need_no_telling_name(tmp_path):
    rng = random.Random(4)
    rows = 40
    table = {
        "ticket_id": [f"T{row}" for row in range(rows)],
        "what": [" ".join(rng.choices("the printer does not find its paper in any tray today".split(), k=9)) for _ in range(rows)],
        "priority": rng.choices(["low", "high"], k=rows),
    }
    assert opened(written(tmp_path / "a.csv", table)).roles.named() == {"id": "ticket_id", "text": "what", "label": "priority"}

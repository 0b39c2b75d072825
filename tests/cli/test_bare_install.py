"""The base install has neither NumPy nor Polars nor any framework: every verb answers all the same, and says what to install where it needs more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aisecops.cli import VERBS

EXTRAS = "numpy polars scipy pandas sklearn torch PIL xgboost lightgbm catboost onnxruntime onnx mlflow pypdf tinycss2 ray joblib shap fairlearn opacus".split()
BARE = f"""
import importlib.abc, sys

class Bare(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRAS!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Bare())
from aisecops.cli import main
sys.exit(main())
"""


def bare(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BARE, *words], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text("import yaml\n\n\ndef read(path):\n    return yaml.load(open(path), Loader=yaml.Loader)\n")
    return tmp_path


@pytest.mark.parametrize(
    "words", [("checks",), ("explain", "model/evasion"), ("explain", "evasion"), ("init",), ("runs",), ("policy", "show", "strict")]
)
def test_what_needs_no_extra_works_without_any(words: tuple[str, ...], project: Path) -> None:
    done = bare(*words, cwd=project)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["html", "sarif", "markdown"])
def test_reports_that_teach_are_written(name: str, project: Path) -> None:
    done = bare("scan", ".", "--format", name, "--output", "report", cwd=project)
    assert done.returncode == 1, done.stderr
    assert (project / "report").stat().st_size > 500


def test_a_model_without_what_asks_it_is_not_examined_and_the_remedy_is_named(project: Path) -> None:
    (project / "model.py").write_text("def ask(rows):\n    return rows\n")
    (project / "test.csv").write_text("a,y\n1,0\n2,1\n")
    (project / "aisecops.yaml").write_text(
        "name: p\nmodels:\n  - {name: m, callable: 'model:ask', code: [.], task: table, data: test.csv, label: y}\n"
    )
    done = bare("run", ".", "--ignore", "source-file/*", cwd=project)
    assert done.returncode in (0, 3), done.stderr
    assert "Traceback" not in done.stderr
    assert "bug of ours" not in done.stderr
    assert "pip install 'aisecops[" in done.stdout + done.stderr


def test_a_data_set_is_not_examined_and_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a,y\n" + "1,0\n2,1\n" * 20)
    done = bare("scan", "train.csv", cwd=tmp_path)
    assert "pip install 'aisecops[data]'" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_breaks_without_arguments(verb: str, tmp_path: Path) -> None:
    if verb == "doctor":
        pytest.skip("tests/workflows/test_doctor.py: it tries all ways out of a quarantine, which takes a while")
    done = bare(verb, cwd=tmp_path)
    assert done.returncode in (0, 1, 2, 3)
    assert done.stderr.count("\n") <= 1
    assert done.returncode != 2 or ("; " in done.stderr and done.stderr.startswith("aisecops: error: "))


@pytest.mark.parametrize("verb", ["scan", "run", "fix", "gate", "diff", "baseline", "card", "init", "explain"])
def test_a_path_that_is_not_there_is_told_on_one_line(verb: str, tmp_path: Path) -> None:
    done = bare(verb, "no-such-thing.json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no-such-thing" in done.stderr
    assert "; " in done.stderr

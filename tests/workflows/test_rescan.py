"""A scan of a tree that an earlier scan has seen: the record of a cold one, for the work of what has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aisecops.core.digest import canonical_json
from aisecops.core.progress import Silent
from aisecops.pipeline import cache as keeping
from aisecops.pipeline import snapshot
from aisecops.pipeline.local import LocalEngine
from aisecops.workflows.scan import ScanRequest, scan

STORE = '''"""Where models come from."""
import os

import joblib
import torch

PLACE = "models"


class Store:
    """Models in a folder."""

    # the folder is somebody's
    def __init__(self, folder):
        self.folder = folder

    def read(self, name):
        path = os.path.join(self.folder, name)
        # whatever is there
        return joblib.load(path)


def load(path):
    """Return the model at ``path``."""
    with open(path, "rb") as file:
        return torch.load(file, weights_only=False)


def place(name):
    """Return where the model ``name`` is."""
    joined = os.path.join(PLACE, name)
    return joined


def unused(name):
    """Return something."""
    first = name[0]
    return first
'''
BETWEEN = "from project.store import Store, load\n\n\ndef fetched(name):\n    return load(name)\n"
APPLICATION = """import flask

from project.between import fetched
from project.store import Store, place

app = flask.Flask(__name__)


@app.route("/load")
def answer():
    return str(fetched(flask.request.args["path"]))


@app.route("/store")
def stored():
    return str(Store("models").read(flask.request.args["name"]))


@app.route("/place")
def placed():
    return place("constant")
"""
ALONE = "import pickle\n\n\ndef loaded(path):\n    with open(path, 'rb') as file:\n        return pickle.load(file)\n"
WORDS = """class Words:
    def __init__(self, kind):
        # of a kind
        calls = 1
        calls += 1
        words = [kind]
        self.kind = words[0]

    def told(self, name):
        # polite
        calls = 1
        calls += 1
        told = self.kind + name
        return told


def word(name):
    # polite
    calls = 1
    calls += 1
    text = "here" + name
    return text


def number(name):
    # of its letters
    calls = 1
    calls += 1
    letters = len(name)
    return letters


def spoken(name):
    # aloud
    calls = 1
    calls += 1
    said = number(name)
    return said
"""
NEIGHBOUR = """import pickle

from project.words import Words, word


def opened(name):
    return pickle.load(open(Words('kind').told(word(name)), 'rb'))
"""
FEATURES = """from sklearn.preprocessing import StandardScaler


def scaled(rows):
    scaler = StandardScaler()
    scaler.fit(rows)
    result = scaler.transform(rows)
    print(result)
    return result


def doubled(rows):
    result = rows * 2
    print(result)
    print(rows)
    return result
"""
TRAINING = """import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from project.features import doubled, scaled

data = pd.read_csv("data.csv")
rows = scaled(data.drop(columns="y"))
train, test, y_train, y_test = train_test_split(rows, data["y"], random_state=0)
model = LogisticRegression().fit(train, y_train)
print(model.score(test, y_test))
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of several modules, small as it is worth a cache."""
    monkeypatch.setattr(keeping, "WORTH_TASKS", 1)
    monkeypatch.setattr(snapshot, "_today", lambda: 1)  # midnight may come
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    project = tmp_path / "tree" / "project"
    project.mkdir(parents=True)
    sources = {
        "__init__": "", "store": STORE, "between": BETWEEN, "application": APPLICATION, "alone": ALONE, "neighbour": NEIGHBOUR, "words": WORDS,
        "features": FEATURES, "training": TRAINING,
    }  # fmt: skip
    for name, text in sources.items():
        (project / f"{name}.py").write_text(text)
    (tmp_path / "tree" / "aisecops.yaml").write_text("name: project\n")
    (tmp_path / "tree" / "requirements.txt").write_text("torch==2.5.0\n")
    return tmp_path / "tree"


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The assets that engines are given."""
    paths: list[str] = []
    run = LocalEngine.run

    def counted(self, tasks, work, progress):
        paths.extend(task.asset.path.removeprefix("project/") for task in tasks)
        yield from run(self, tasks, work, progress)

    monkeypatch.setattr(LocalEngine, "run", counted)
    yield paths


def results(root: Path, *, cache: bool) -> bytes:
    return canonical_json(scan(ScanRequest(paths=(str(root),), jobs=1, cache=cache), Silent()).results)


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / "project" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return edit


def nothing(root: Path) -> None:
    pass


def settings(root: Path) -> None:
    (root / "service.yaml").write_text("name: service\n")  # no document: beside a loaded Polars, those are examined by a process of their own


def requirement(root: Path) -> None:
    (root / "requirements.txt").write_text("torch==2.8.0\n")


def added(root: Path) -> None:
    (root / "project" / "torch.py").write_text("def load(file, **more):\n    return None\n")


def renamed(root: Path) -> None:
    (root / "project" / "between.py").rename(root / "project" / "through.py")


def removed(root: Path) -> None:
    (root / "project" / "store.py").unlink()


EDITS: list[tuple[str, Callable[[Path], None], set[str] | None]] = [
    ("nothing", nothing, set()),
    ("settings", settings, {"service.yaml"}),
    ("a comment at the end", change("store.py", "    return joined\n", "    return joined\n\n# the end\n"), {"store.py", "application.py", "between.py"}),
    ("lines above, of a file that no finding of another names", change("words.py", "def word", "# one\n\n# two\ndef word"), {"words.py"}),
    ("a body", change("words.py", 'text = "here" + name\n', 'text = "there" + name\n'), {"words.py", "neighbour.py"}),
    ("a body that nobody has looked at", change("words.py", "letters = len(name)\n", "letters = len(name) + 1\n"), {"words.py"}),
    ("a body through which nobody comes", change("words.py", "said = number(name)\n", "said = number(name + name)\n"), {"words.py"}),
    ("what makes an object", change("words.py", "words = [kind]\n", "words = ['http://' + kind]\n"), {"words.py", "neighbour.py"}),
    ("a body that leaks", change("features.py", "    scaler.fit(rows)\n", "    scaler.fit(rows[:100])\n"), {"features.py", "training.py"}),
    ("a body beside it", change("features.py", "rows * 2", "rows * 3"), {"features.py"}),
    ("a body that leaks no more", change("features.py", "    scaler.fit(rows[:100])\n", "    scaler = rows\n"), {"features.py", "training.py"}),
    ("a function", change("words.py", "def number", "def numbers(name):\n    return name\n\n\ndef number"), {"words.py", "neighbour.py"}),
    ("a body that others come through", change("store.py", "weights_only=False", "weights_only=True"), None),
    ("a summary", change("between.py", "return load(name)", "return len(name)"), None),
    ("a constant", change("store.py", 'PLACE = "models"', 'PLACE = "http://models"'), None),
    ("a requirement", requirement, None),
    ("a file that takes a library's place", added, None),
    ("another name", renamed, None),
    ("a file less", removed, None),
]  # fmt: skip


def test_what_a_cold_scan_says_for_the_work_of_what_has_changed(root: Path, examined: list[str]) -> None:
    results(root, cache=True)
    for title, edit, work in EDITS:
        edit(root)
        examined.clear()
        warm = results(root, cache=True)
        done = set(examined)
        examined.clear()
        assert warm == results(root, cache=False), title
        assert done < set(examined), title
        if work is not None:
            assert done <= work, title
    examined.clear()
    assert results(root, cache=True) == warm
    assert not examined

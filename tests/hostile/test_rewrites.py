"""A verdict never gets weaker when a file is renamed, wrapped or pickled by another protocol, and an honest file stays clean.

Each sample meets a third of the rewrites, another third than its neighbours; ``AISECOPS_ALL_REWRITES=1`` has each meet all.
"""

from __future__ import annotations

import functools
import gzip
import io
import os
import pickle
import pickletools
import zipfile
from collections.abc import Callable
from pathlib import Path

import cloudpickle
import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.core.asset import FileVerdict
from aisecops.workflows.scan import ScanRequest, scan
from tests.hostile.corpus import corpus
from tests.hostile.sample import Sample
from tests.hostile.torch_files import HONEST, STORAGE, legacy, model, old_tensor, tarred, zipped

NAMES = ("x.bin", "x.txt", "x.jpg", "x.dat", "x", "x.npy", "x.safetensors", "x.pkl")
WRAPPERS: dict[str, Callable[[bytes], bytes]] = {
    "zip": lambda b: zipped({"inner.bin": b}, zipfile.ZIP_DEFLATED),
    "tar.gz": lambda b: gzip.compress(tarred({"inner": b}), 1),
    "zip-zip": lambda b: zipped({"a": zipped({"b": b}, zipfile.ZIP_DEFLATED)}),
    "gz": lambda b: gzip.compress(b, 1),
}
EVERY = 1 if os.environ.get("AISECOPS_ALL_REWRITES") else 3


def verdicts(folder: Path) -> dict[str, FileVerdict]:
    run = scan(ScanRequest(paths=(str(folder),), cache=False))
    return {asset.path: asset.verdict for asset in run.assets if asset.verdict}


def chosen() -> list[Sample]:
    """Small samples of every group; of the gadgets, which differ in names alone, a few. What nests as deep as we go at all cannot be wrapped once more."""
    small = [s for s in corpus() if len(s.content) < 300_000 and s.verdict != "clean" and s.id != "nested-deep"]
    return [s for n, s in enumerate(small) if not s.group.startswith("gadgets") or n % 40 == 0]


def weakened(folder: Path, samples: list[Sample]) -> dict[str, str]:
    """By rewritten file: what its verdict was, and is."""
    rewrites = (*NAMES, *(f"w.{kind}" for kind in WRAPPERS))
    (folder / "as-it-is").mkdir()
    for n, sample in enumerate(samples):
        (folder / "as-it-is" / (sample.id + sample.suffix)).write_bytes(sample.content)
        (folder / sample.id).mkdir()
        for name in rewrites[n % EVERY :: EVERY]:
            wrap = WRAPPERS.get(name.removeprefix("w."))
            (folder / sample.id / name).write_bytes(wrap(sample.content) if wrap else sample.content)
    found = verdicts(folder)
    worse = {}
    for n, sample in enumerate(samples):
        before = min(found[f"as-it-is/{sample.id}{sample.suffix}"], FileVerdict(sample.verdict), key=lambda v: v.rank)
        for name in rewrites[n % EVERY :: EVERY]:
            after = found.get(f"{sample.id}/{name}")
            if after is None or after.rank < before.rank:
                worse[f"{sample.id}/{name}"] = f"{before} became {after}"
    return worse


def test_some_rewrites_do_not_weaken(tmp_path: Path):
    assert weakened(tmp_path, chosen()[::14]) == {}


@pytest.mark.slow
def test_no_rewrite_weakens(tmp_path: Path):
    assert weakened(tmp_path, chosen()) == {}


class Gadget:
    """Pickles as whatever ``reduced`` says, in every protocol; never loaded."""

    def __init__(self, *reduced: object) -> None:
        self.reduced = reduced

    def __reduce__(self) -> tuple[object, ...]:
        return tuple(iter(part) if isinstance(part, list) else part for part in self.reduced)  # items are taken once


class Scorer:
    """Stands for a class of a project."""

    def __init__(self) -> None:
        self.weights = [1, 2]


def objects() -> dict[str, tuple[FileVerdict, object]]:
    """What an attacker, or somebody with a class of their own, pickles; with the verdict that it deserves."""
    run, model = Gadget(os.system, ("echo hostile",)), LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    carrier = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    carrier.penalty = run
    block, review = FileVerdict.BLOCK, FileVerdict.REVIEW
    return {
        "call": (block, run),
        "deep": (block, {"model": model, "history": [{"step": (1, [run])}]}),
        "attribute": (block, carrier),
        "argument": (block, Gadget(list, ([run],))),
        "state": (block, Gadget(list, (), {"state": run})),
        "items": (block, Gadget(list, (), None, [1, run])),
        "key": (block, {(1, run): 1}),
        "set": (block, {1, run}),
        "eval": (block, Gadget(eval, ("1 + 1",))),
        "getattr": (block, Gadget(getattr, (model, "__class__"))),
        "partial": (block, functools.partial(os.system, "echo hostile")),
        "reference": (block, [os.system]),
        "method": (block, Gadget("".join, (["a"],))),
        "own class": (review, Scorer()),
        "own class inside": (review, {"scorer": Scorer(), "model": model}),
        "by value": (review, cloudpickle.loads(cloudpickle.dumps(lambda x: x + len("by value")))),
    }


def repickled(value: object, protocol: int) -> dict[str, bytes]:
    """``value`` by both picklers of Python, compact and with every memo entry, and by cloudpickle."""
    text = io.BytesIO()
    pickle._Pickler(text, protocol).dump(value)  # type: ignore[attr-defined]
    plain = pickle.dumps(value, protocol)
    return {"c": plain, "python": text.getvalue(), "optimised": pickletools.optimize(plain)}


def test_no_protocol_weakens(tmp_path: Path):
    expected = {}
    for label, (verdict, value) in objects().items():
        for protocol in range(6):
            streams = {"cloud": cloudpickle.dumps(value, protocol)} if label == "by value" else repickled(value, protocol)
            for pickler, content in streams.items():
                expected[f"{label}-{protocol}-{pickler}.pkl"] = verdict
                (tmp_path / f"{label}-{protocol}-{pickler}.pkl").write_bytes(content)
    found = verdicts(tmp_path)
    assert {name: (found[name], verdict) for name, verdict in expected.items() if found[name] is not verdict} == {}


def honest() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    features, target = rng.normal(size=(40, 3)), np.array(["a", "b"] * 20, dtype=object)
    scaled = make_pipeline(StandardScaler(), LogisticRegression()).fit(features, target)
    files = {f"pipeline-{protocol}": pickle.dumps(scaled, protocol) for protocol in range(6)}
    for compress in (0, 3, ("xz", 3), ("lz4", 1)):
        buffer = io.BytesIO()
        joblib.dump(RandomForestClassifier(3).fit(features, target), buffer, compress=compress)
        files[f"forest-{compress[0] if isinstance(compress, tuple) else compress}"] = buffer.getvalue()
    arrays = io.BytesIO()
    np.savez_compressed(arrays, a=features, b=target)
    saved = io.BytesIO()
    for array in (features, features[0], np.zeros(0)):
        np.save(saved, array)
    keys = pickle.dumps(["0"], 2)
    old = b"\x80\x02" + old_tensor() + b"."
    return files | {
        "arrays": arrays.getvalue(),
        "saved-thrice": saved.getvalue(),
        "torch": zipped(model()),
        "torch-legacy": legacy(old, keys, tail=STORAGE),
        "state": zipped(model(HONEST)),
    }


def test_honest_files_stay_clean(tmp_path: Path):
    for label, content in honest().items():
        (tmp_path / label).mkdir()
        for name in NAMES:
            (tmp_path / label / name).write_bytes(content)
        for kind, wrap in WRAPPERS.items():
            (tmp_path / label / f"w.{kind}").write_bytes(wrap(content))
    found = verdicts(tmp_path)
    assert len(found) == len(honest()) * 12
    assert {path: verdict for path, verdict in found.items() if verdict is not FileVerdict.CLEAN} == {}

"""The intrusion example: it builds, its flows keep its manifest's domain, and the domain says what the example's own judge says."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from aisecops.datasets.reading import read_table
from aisecops.project.manifest import load_manifest

EXAMPLE = Path(__file__).parents[2] / "examples" / "intrusion-detection"


@pytest.fixture
def example(monkeypatch):
    """The example's modules, imported and forgotten."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    names = ("flows", "training", "build")
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield {name: __import__(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


def test_what_it_builds_fits_its_manifest(example, tmp_path):
    pytest.importorskip("polars")
    pytest.importorskip("pandas")
    assert example["build"].build(tmp_path, rows=600) > 0.9
    declared = load_manifest(str(EXAMPLE / "aisecops.yaml")).models[0]
    table = read_table(str(tmp_path / "test.csv"))
    rows = table.without(declared.label)
    assert rows.names == declared.domain.names
    assert declared.domain.check(rows.matrix()).valid.all()
    assert table.labels(declared.label).classes == ("0", "1")
    assert (tmp_path / "detector.pkl").stat().st_size > 1_000


def test_the_domain_and_the_examples_own_judge_agree(example):
    flows = example["flows"]
    domain = load_manifest(str(EXAMPLE / "aisecops.yaml")).models[0].domain
    r = np.random.default_rng(0)
    values, _ = flows.make_flows(3_000, seed=5)
    rows = np.column_stack([np.searchsorted(flows.PROTOCOLS, v) if v.dtype.kind == "U" else v for v in values.values()]).astype(float)
    spoilt = np.where(r.random(rows.shape) < 0.05, rows + r.choice([-2.0, -1.0, -0.5, 1.0, 300.0], rows.shape), rows)
    spoilt[:, 1] = np.clip(np.rint(spoilt[:, 1]), 0, 2)
    judged = flows.keeps_the_rules(
        {**dict(zip(flows.COLUMNS, spoilt.T, strict=True)), "protocol": np.array(flows.PROTOCOLS)[spoilt[:, 1].astype(int)]}
    )
    assert 0.2 < judged.mean() < 0.9
    assert np.array_equal(domain.check(spoilt).valid, judged)
    repaired = domain.repair(spoilt, rows)
    assert flows.keeps_the_rules(
        {**dict(zip(flows.COLUMNS, repaired.T, strict=True)), "protocol": np.array(flows.PROTOCOLS)[repaired[:, 1].astype(int)]}
    ).all()

"""The carriers work: with our own harmless function as its payload, the real loader runs each of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.hostile.corpus import corpus


def test_twins_fire(tmp_path: Path):
    twins = [sample for sample in corpus() if sample.twin is not None]
    for sample in twins:
        (tmp_path / (sample.id + sample.suffix)).write_bytes(sample.twin or b"")
    (tmp_path / "twins.json").write_text(json.dumps([(s.id, s.id + s.suffix, s.loader) for s in twins]))
    fire = Path(__file__).with_name("fire.py")
    done = subprocess.run([sys.executable, str(fire), str(tmp_path)], capture_output=True, text=True, check=True, cwd=tmp_path)
    fired = set(json.loads(done.stdout.splitlines()[-1]))
    assert len(twins) > 200
    assert {sample.id for sample in twins} - fired == set()

"""What a start costs: everything that a small scan does not need is imported by nobody on its way."""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "ast asyncio concurrent.futures dataclasses email hashlib http importlib.metadata inspect json logging multiprocessing numpy pathlib random rich shutil "
    "socket subprocess tempfile threading tree_sitter typing_extensions urllib.parse yaml zipfile"
).split()


def cost(folder: Path, *words: str) -> float:
    """CPU seconds of ``aisecops WORDS``, the least of five, its byte code in place as after an installation."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "byte code")
    took = []
    for _ in range(6):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "aisecops", *words], env=environment, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took[1:])


def test_help_and_an_empty_scan_cost_next_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert cost(tmp_path, "--help") <= 0.15  # 25 ms where the machine is quiet
    assert cost(tmp_path, "scan", "empty") <= 0.25  # 60 ms


@pytest.mark.parametrize("files", [{}, {"model.pkl": pickle.dumps({"weights": [1, 2]})}], ids=["nothing", "a model"])
def test_a_small_scan_imports_nothing_heavy(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    code = "import sys; from aisecops.cli import main; code = main(['scan', '.']); sys.stderr.write(' '.join(sys.modules)); sys.exit(code)"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, env=alone())
    assert not set(HEAVY) & set(done.stderr.split())


def alone() -> dict[str, str]:
    """An environment in which Python finds our packages without ``site``, whose ``.pth`` files import what they like."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

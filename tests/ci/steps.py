"""The steps of CI definitions, run here as the service would run them, with our checkout in the place of what they install."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Harmless:
    """Pickles as a call that does no harm where it is run by mistake."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def installed(place: Path) -> Path:
    """A folder ``venv/bin`` under ``place`` whose ``aisecops`` is this checkout; the path of that program."""
    program = place / "venv/bin/aisecops"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m aisecops "$@"\n')
    program.chmod(0o755)
    return program


def project(folder: Path, *, hostile: bool) -> Path:
    """A small project, with a model that runs code where ``hostile``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "aisecops.yaml").write_text("name: small\n")
    (folder / "model.pkl").write_bytes(pickle.dumps(Harmless() if hostile else {"w": [1.0]}))
    return folder


def valid(schema: str, path: Path) -> bool:
    """Whether ``path`` is what a schema of SchemaStore allows, as ``check-jsonschema`` has it."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    return subprocess.run(words, capture_output=True, timeout=120, check=False).returncode == 0


def shell(script: Path | str, folder: Path, environment: dict[str, str], program: str = "bash") -> subprocess.CompletedProcess[str]:
    """Run ``script`` (a file, or lines) in ``folder``."""
    words = [program, str(script)] if isinstance(script, Path) else [program, "-ec", script]
    path = {"PATH": f"{os.path.dirname(sys.executable)}:/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(words, cwd=folder, env=path | environment, capture_output=True, text=True, timeout=120)

"""Make honest models with several releases of the libraries, each in a throw-away environment, and keep which callables they use.

    python tools/honest_models.py CACHE [RELEASE ...]

Writes ``tests/honest/callables-RELEASE.json``; ``tests/honest/test_honest_models.py`` judges these without the libraries. Environments are made below CACHE once.
The release ``held-out`` never enters the build of the table of callables.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.honest import traces  # noqa: E402

RELEASES: dict[str, list[str]] = {
    "previous": ["scikit-learn==1.3.2", "numpy==1.26.4", "scipy==1.11.4", "pandas==2.0.3", "joblib==1.2.0", "xgboost-cpu==2.1.4", "lightgbm==4.1.0", "catboost==1.2.5"],
    "held-out": ["scikit-learn==1.7.2", "numpy==2.2.6", "scipy==1.15.3", "pandas==2.2.3", "joblib==1.4.2", "xgboost-cpu==3.0.5", "lightgbm==4.6.0", "catboost==1.2.8"],
    "newest": [
        "scikit-learn==1.9.1", "numpy==2.4.6", "scipy==1.17.1", "pandas==3.1.1", "joblib==1.6.0", "xgboost-cpu==3.2.0", "lightgbm==4.7.0", "catboost==1.2.10",
        "torch==2.13.0",
    ],
}  # fmt: skip


def make(cache: Path, release: str) -> Path:
    """The folder of the models that ``release`` makes."""
    folder = cache / release
    python = folder / "environment" / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "lz4", *RELEASES[release]], check=True)
        (folder / "complete").touch()
    models = folder / "models"
    subprocess.run([str(python), str(ROOT / "tests" / "honest" / "library_models.py"), str(models)], check=True, stdout=subprocess.DEVNULL)
    return models


def main(cache: Path, releases: list[str]) -> None:
    """Make, walk and keep."""
    for release in releases or list(RELEASES):
        folder = make(cache, release)
        models = {file.stem: traces.compact(traces.streams(file.suffix[1:], file.read_bytes())) for file in sorted(folder.iterdir())}
        versions = dict(requirement.split("==") for requirement in RELEASES[release])
        text = traces.packed(models, versions)
        (ROOT / "tests" / "honest" / f"callables-{release}.json").write_text(text, "utf-8")
        print(f"{release}: {len(models)} models, {len(text)} bytes")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])

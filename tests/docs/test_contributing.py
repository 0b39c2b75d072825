"""CONTRIBUTING.md teaches by an example check: taken from the page, put where the page says, and run in a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```", PAGE, re.DOTALL))
CHECK = "src/aisecops/checks/model_file/several_pickles.py"
TEST = "tests/checks/model_file/test_several_pickles.py"
RUFF = ("--config", str(ROOT / "pyproject.toml"))


@pytest.fixture
def tree(tmp_path):
    """A copy of the package with the two files of the page and the lines that it asks for."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    folder = tmp_path / "src/aisecops/checks/model_file/__init__.py"
    text = folder.read_text(encoding="utf-8")
    text = text.replace("import (\n", "import (\n    several_pickles,\n", 1).replace("__all__ = [\n", '__all__ = [\n    "several_pickles",\n', 1)
    folder.write_text(text, encoding="utf-8")
    return tmp_path


def python(tree, *arguments):
    environment = os.environ | {"PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    return subprocess.run([sys.executable, *arguments], cwd=tree, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_page_has_a_check_and_its_test():
    assert set(FILES) == {CHECK, TEST}


def test_the_example_passes_its_own_test(tree):
    done = python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_the_test_of_the_example_fails_without_the_check(tree):
    """So that readers learn from a test that can fail."""
    source = (tree / CHECK).read_text(encoding="utf-8")
    (tree / CHECK).write_text(source.replace("len(part.traces) > 1", "len(part.traces) > 9"), encoding="utf-8")
    done = python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr


def test_the_example_can_be_explained(tree):
    done = python(tree, "-m", "aisecops", "explain", "model-file/several-pickles")
    assert done.returncode == 0, done.stderr
    assert "Find pickle files with further objects behind the first." in " ".join(done.stdout.split())


@pytest.mark.parametrize("arguments", [("check", "--ignore", "INP001"), ("format", "--check")])
def test_the_example_is_written_as_our_own_code_is(tree, arguments):
    done = python(tree, "-m", "ruff", *arguments, *RUFF, "--no-cache", CHECK, TEST)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_links_and_commands_of_the_page_lead_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#]+)", PAGE) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = set(re.findall(r"(?:^    |`)make ([a-z]+)", PAGE, re.MULTILINE))
    assert {"test", "check"} <= commands <= targets

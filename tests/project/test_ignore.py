"""Ignore patterns, held against git itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aisecops.project.ignore import Patterns, read_lines
from tests.bounded import bounded

pieces = st.sampled_from(
    ["a", "b", "ab", "*", "?", "**", "/", "[ab]", "[!a]", "[^b]", "[a-b]", "\\a", "\\*", "[[:alpha:]]", ".", "a*b", "**/", "/**", "[", "]", "-", "\\"]
)
patterns = st.builds(
    lambda sign, body: sign + "".join(body), st.sampled_from(["", "", "", "!", "/", "#", "\\!"]), st.lists(pieces, min_size=1, max_size=5)
)
lines = st.builds(lambda pattern, end: pattern + end, patterns, st.sampled_from(["", "", "", "/", " ", "\\ ", "\r"]))
# git reads `**\/` unlike `**/`: nobody writes that, and we take an escaped slash for a slash.
files = st.lists(lines.filter(lambda line: "\\/" not in line), max_size=6)
names = st.sampled_from(["a", "b", "ab", "ba", "a.b", "a b", "*", "!a", "a ", "-", "]"])
paths = st.lists(names, min_size=1, max_size=4).map("/".join)


def ignored(files: dict[str, list[str]], path: str) -> bool:
    """Ask from the top down, as the walk does."""
    rules = Patterns(files.get("", []), ".gitignore", 0)
    parts = path.split("/")
    for depth, name in enumerate(parts):
        here = "/".join(parts[: depth + 1])
        folder = depth + 1 < len(parts)
        if rules.rule(name, here, folder):
            return True
        if folder and here in files:
            rules = Patterns(files[here], f"{here}/.gitignore", len(here) + 1, rules)
    return False


def git_ignored(root: Path, paths: list[str]) -> set[str]:
    answer = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=root, input="\0".join(paths).encode(), capture_output=True, check=False,
    )  # fmt: skip
    assert answer.returncode in (0, 1), answer.stderr
    return set(answer.stdout.decode().split("\0")) - {""}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("git")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(top=files, deep=files, asked=st.lists(paths, min_size=1, max_size=12, unique=True))
def test_agrees_with_git(repository: Path, top: list[str], deep: list[str], asked: list[str]) -> None:
    (repository / "a").mkdir(exist_ok=True)
    for folder, content in (("", top), ("a", deep)):
        (repository / folder / ".gitignore").write_bytes("\n".join(content).encode())
    asked = [path for path in asked if path != "a"]
    mine = {"": read_lines("\n".join(top)), "a": read_lines("\n".join(deep))}
    assert {path for path in asked if ignored(mine, path)} == git_ignored(repository, asked) if asked else True


def test_a_pattern_made_to_explode_is_answered_at_once() -> None:
    rules = Patterns(["*a" * 60 + "b", "**/" + "a/**/" * 40 + "b", "/" + "*a" * 60 + "b"], ".gitignore", 0)
    with bounded():
        assert rules.rule("a" * 250, "a" * 250, folder=False) is None
        assert rules.rule("c", "a/" * 1000 + "c", folder=False) is None


def test_says_which_line_decides() -> None:
    rule = Patterns(["*.log", "!keep.log"], "sub/.gitignore", 4).rule("x.log", "sub/x.log", folder=False)
    assert rule is not None
    assert (rule.text, rule.source) == ("*.log", "sub/.gitignore")
    assert Patterns(["*.log", "!keep.log"], "", 0).rule("keep.log", "keep.log", folder=False) is None


def test_names_are_matched_with_their_newlines() -> None:
    rules = Patterns(["*.log"], ".gitignore", 0)
    assert rules.rule("a\nb.log", "a\nb.log", folder=False)
    assert not rules.rule("b.log\n", "b.log" + os.linesep, folder=False)

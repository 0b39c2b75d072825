"""Read a page as its reader does: write the files that it shows, type its commands in their order, and compare what comes out.

A block marked ``console`` holds commands after ``$`` and, below each, lines that its output must contain, in this order (``...`` stands for anything). A command must
exit with 0 unless a comment on its line says otherwise: ``# exit code 1``. A comment ``<!-- file: NAME -->`` before a block says that the block is the file NAME.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)```", re.DOTALL)
_CODE = re.compile(r"#.*\bexit code (\d+)")
ELSEWHERE = ("pip ", "python3.11 -m venv", "git clone", "podman ", ". .venv/")
"""Commands that need a network, a registry or a container engine: not typed here."""


class Step(NamedTuple):
    """One command, the exit code that the page promises, and the lines that it shows."""

    command: str
    code: int
    shown: tuple[str, ...]


class Written(NamedTuple):
    """A file that the reader writes."""

    path: str
    text: str


def steps(page: str) -> Iterator[Step | Written]:
    """Yield what ``page`` (below ``docs/``) asks its reader to do."""
    for block in _BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        if block["file"]:
            yield Written(block["file"], block["body"])
        elif block["kind"] == "console":
            yield from _commands(block["body"])


def _commands(body: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, rest = part.partition("\n")
        said = _CODE.search(command)
        yield Step(command, int(said[1]) if said else 0, tuple(line for line in rest.splitlines() if line.strip()))


def walk(page: str, folder: Path) -> list[str]:
    """Do what ``page`` says in a copy of the checkout below ``folder``; return what did not come out as it says."""
    checkout = folder / "aisecops"
    shutil.copytree(ROOT / "examples", checkout / "examples", ignore=shutil.ignore_patterns("build", "__pycache__"))
    (checkout / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    todo = [step for step in steps(page) if isinstance(step, Written) or not step.command.startswith(ELSEWHERE)]
    log = folder / "log"
    log.mkdir()
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
        **{f"GIT_{who}_{what}": f"{what.lower()}@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    done = subprocess.run(["bash", "-c", _script(todo, log)], cwd=checkout, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [wrong for number, step in enumerate(todo) if isinstance(step, Step) for wrong in _judged(step, log, number)]


def _script(todo: list[Step | Written], log: Path) -> str:
    """One shell for the whole page: ``cd`` and variables hold from one command to the next."""
    lines = []
    for number, step in enumerate(todo):
        if isinstance(step, Written):
            (log / f"{number}.file").write_text(step.text, encoding="utf-8")
            lines.append(f'mkdir -p "$(dirname {step.path})" && cp {log}/{number}.file {step.path} || exit 9')
        else:
            lines.append(f"{{ {step.command}\n}} </dev/null >{log}/{number}.out 2>&1; echo $? >{log}/{number}.code")
    return "\n".join([*lines, "exit 0"])


def _judged(step: Step, log: Path, number: int) -> Iterator[str]:
    out, code = (log / f"{number}.out").read_text(encoding="utf-8", errors="replace"), int((log / f"{number}.code").read_text())
    if code != step.code:
        yield f"$ {step.command}\nexit code {code}, the page says {step.code}:\n{out[-2000:]}"
        return
    rest = " ".join(out.split())
    for line in step.shown:
        for piece in filter(None, (" ".join(part.split()) for part in line.split("..."))):
            _, found, rest = rest.partition(piece)
            if not found:
                yield f"$ {step.command}\nits output has no (or no later) {piece!r}:\n{out[-3000:]}"
                return

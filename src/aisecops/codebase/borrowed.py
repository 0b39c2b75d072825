"""Git at work on a repository that nobody trusts: in a folder of ours that borrows nothing but its objects.

A repository's configuration can make git run programs (``core.fsmonitor``, ``core.sshCommand``, filters, lazy fetches of partial clones), so it is never read: git works
in an environment in which no configuration, no prompt and no network exists.
"""

from __future__ import annotations

import os
import re

from aisecops.codebase.repository import read_small

_ID = r"[0-9a-f]{40}|[0-9a-f]{64}"
_SHALLOW = 64 << 20
_SETTINGS = ("core.commitGraph=false", "core.multiPackIndex=false", "protocol.allow=never")


def borrow(folder: str, shared: str, *, long: bool) -> None:
    """Make a bare repository in ``folder`` without references, hooks and remote, with the objects of ``shared``. ``long``: its ids are SHA-256."""
    for name in ("objects/info", "refs"):
        os.makedirs(os.path.join(folder, name))
    extension = "\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n" if long else "\trepositoryformatversion = 0\n"
    _write(folder, "config", "[core]\n\tbare = true\n" + extension)
    _write(folder, "HEAD", "ref: refs/heads/none\n")
    _write(folder, "objects/info/alternates", quoted(os.path.abspath(os.path.join(shared, "objects"))) + "\n")
    shallow = [line for line in read_small(os.path.join(shared, "shallow"), _SHALLOW).split() if re.fullmatch(_ID, line)]
    if shallow:
        _write(folder, "shallow", "\n".join(shallow) + "\n")


def git_command(program: str, folder: str, *arguments: str) -> list[str]:
    """Return the command that runs git on the repository in ``folder``."""
    return [program, f"--git-dir={folder}", "--no-replace-objects", *(part for one in _SETTINGS for part in ("-c", one)), *arguments]


def _write(folder: str, name: str, content: str) -> None:
    with open(os.path.join(folder, name), "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        file.write(content)


def environment(folder: str) -> dict[str, str]:
    """Return an environment in which git finds no configuration, asks nobody and connects to nothing."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "HOME": folder,
        "XDG_CONFIG_HOME": folder,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def git_program(root: str) -> str | None:
    """Return where git is; a program of this name inside the examined tree is none."""
    from shutil import which

    tree = os.path.join(os.path.realpath(root), "")
    places = [
        place for place in os.environ.get("PATH", "").split(os.pathsep) if place and not os.path.join(os.path.realpath(place), "").startswith(tree)
    ]
    return which("git", path=os.pathsep.join(places)) if places else None


def quoted(path: str) -> str:
    """Return ``path`` as git reads it in ``alternates``: in quotes where it could be taken for something else."""
    if not re.search(r"[\"\\\n]|^#", path):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

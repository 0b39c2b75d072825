"""What a fresh interpreter has to read: Python, its packages, the libraries of the system, and little else."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator

import aisecops

_SYSTEM = (
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/nix/store",
    "/System/Library",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/sys/devices/system/cpu",  # how many cores there are, and their caches: OpenMP, torch and ONNX Runtime ask
    "/sys/devices/system/node",
)
_PACKAGES = ("site-packages", "dist-packages")


def installation() -> tuple[str, ...]:
    """The folders and files of this Python installation, of the packages that it imports, and of the system's libraries."""
    return tuple(dict.fromkeys(path for path in _places() if os.path.exists(path)))


def import_path(readable: Iterable[str]) -> list[str]:
    """``sys.path`` as it is here, without what the process will not be able to read."""
    inside = [os.path.realpath(path) for path in readable]
    source = os.path.dirname(_own())
    paths = [os.path.abspath(path) for path in sys.path if path]
    return [path for path in paths if path == source or within(os.path.realpath(path), inside) or path.endswith(".zip")]


def _own() -> str:
    return os.path.dirname(os.path.abspath(aisecops.__file__))


def _places() -> Iterator[str]:
    yield from _SYSTEM
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)):
        for name in ("lib", "lib64", "pyvenv.cfg", "DLLs", "Python3"):
            yield os.path.join(prefix, name)
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield sysconfig.get_path(name)
    yield os.path.realpath(sys.executable)
    yield from (path for path in sys.path if os.path.basename(path) in _PACKAGES)
    yield _own()


def within(path: str, folders: Iterable[str]) -> bool:
    """Whether ``path`` is one of ``folders`` or lies in one."""
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)

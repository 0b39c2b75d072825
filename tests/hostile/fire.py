"""Load twins with the real loaders and print the ids of those that fired: ``python fire.py FOLDER`` with ``twins.json`` ([[id, file, loader], ...]) in it.

Runs in a process of its own. The payload of a twin is ``hostile_flag.fire``, which does nothing; nothing else is ever loaded here.
"""

# ruff: noqa: A001, T201

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import pickle
import sys
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import hostile_flag


def by_file(path: str) -> None:
    with open(path, "rb") as file:
        pickle.load(file)


def by_bytes(path: str) -> None:
    with open(path, "rb") as file:
        pickle.loads(file.read())


def by_python(path: str) -> None:
    with open(path, "rb") as file:
        pickle._Unpickler(file).load()  # type: ignore[attr-defined]


def one_after_the_other(path: str) -> None:
    with open(path, "rb") as file:
        while True:
            pickle.load(file)


def by_joblib(path: str) -> None:
    import joblib

    joblib.load(path)


def by_numpy(path: str) -> None:
    import numpy as np

    loaded = np.load(path, allow_pickle=True)
    if isinstance(loaded, np.lib.npyio.NpzFile):
        for name in loaded.files:
            loaded[name]


def by_pandas(path: str) -> None:
    import pandas as pd

    pd.read_pickle(path)


def by_torch(path: str) -> None:
    import torch

    torch.load(path, weights_only=False)


def by_dill(path: str) -> None:
    import dill

    with open(path, "rb") as file:
        dill.load(file)


def each_member(path: str) -> None:
    """Unpack an archive, whatever it is, and unpickle what is in it."""
    with open(path, "rb") as file:
        _unpack(file.read())


def _unpack(content: bytes) -> None:
    if content[:2] == b"\x1f\x8b":
        return _unpack(gzip.decompress(content))
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                with contextlib.suppress(Exception):
                    _unpack(archive.read(name))
        return None
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                if member.isfile():
                    with contextlib.suppress(Exception):
                        _unpack(archive.extractfile(member).read())  # type: ignore[union-attr]
        return None
    except tarfile.TarError:
        pickle.loads(content)


LOADERS: dict[str, Callable[[str], Any]] = {
    "pickle": by_file, "pickle-bytes": by_bytes, "pickle-py": by_python, "pickle-row": one_after_the_other, "joblib": by_joblib, "numpy": by_numpy,
    "pandas": by_pandas, "torch": by_torch, "dill": by_dill, "archive": each_member,
}  # fmt: skip


def main(folder: str) -> list[str]:
    with open(os.path.join(folder, "twins.json"), encoding="utf-8") as file:
        twins = json.load(file)
    fired = []
    for id, name, loader in twins:
        hostile_flag.FIRED.clear()
        with contextlib.suppress(Exception):
            LOADERS[loader](os.path.join(folder, name))
        if hostile_flag.FIRED:
            fired.append(id)
    return fired


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(main(sys.argv[1])))

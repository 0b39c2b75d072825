"""``torch.storage._load_from_bytes``: a whole file inside a pickle, examined like the rest of it."""

from __future__ import annotations

import io
import os
import pickle

import pytest

from aisecops.workflows.scan import ScanRequest, scan

torch = pytest.importorskip("torch")


class Payload:
    def __reduce__(self):
        return os.system, ("true",)


class Nested:
    """Pickles as a load of ``data`` by torch, as storages do."""

    def __init__(self, data: object) -> None:
        self.data = data

    def __reduce__(self):
        return torch.storage._load_from_bytes, (self.data,)


def saved(value: object, *, legacy: bool = False) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


HONEST, HOSTILE = saved({"w": torch.ones(3)}), saved([Payload()])
FILES = {
    "module": (lambda: torch.nn.Linear(3, 2), "clean"),
    "tensors": (lambda: [torch.ones(4) for _ in range(20)], "clean"),
    "legacy payload": (lambda: Nested(saved([Payload()], legacy=True)), "block"),
    "payload": (lambda: [Nested(HOSTILE)], "block"),
    "payload from the memo": (lambda: [HOSTILE, Nested(HOSTILE)], "block"),
    "payload beside an honest decoy": (lambda: [HONEST, Nested(HOSTILE), Nested(HONEST)], "block"),
    "payload in a bytearray": (lambda: Nested(bytearray(HOSTILE)), "block"),
    "noise": (lambda: Nested(os.urandom(500)), "incomplete"),
}


@pytest.mark.parametrize("name", FILES)
def test_the_inner_file_decides(tmp_path, name):
    make, expected = FILES[name]
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(make(), protocol=5))
    run = scan(ScanRequest(paths=(str(tmp_path),), cache=False))
    assert run.assets[0].verdict.value == expected

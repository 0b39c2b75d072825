"""Files are told by their content; text and pictures are nothing that a loader interprets."""

from __future__ import annotations

import pickle
import site
import struct
from pathlib import Path

import pytest

from aisecops.formats.artifact import Format
from aisecops.formats.pickle_probe import looks_like_pickle
from aisecops.formats.recognition import HEAD, is_plain_data, recognise
from tests.formats.samples import EVIL, honest

EXPECTED = {
    ".pkl": Format.PICKLE, ".npy": Format.NPY, ".npz": Format.ZIP, ".pt": Format.ZIP, ".zip": Format.ZIP, ".tar": Format.TAR, ".gz": Format.GZIP,
    ".bz2": Format.BZIP2, ".xz": Format.XZ,
}  # fmt: skip
BY_NAME = {
    "plain.joblib": Format.PICKLE, "fortran.joblib": Format.PICKLE, "zlib.joblib": Format.ZLIB, "gzip.joblib": Format.GZIP, "bz2.joblib": Format.BZIP2,
    "xz.joblib": Format.XZ, "lzma.joblib": Format.LZMA, "lz4.joblib": Format.LZ4, "old.joblib": Format.ZLIB, "legacy.pt": Format.PICKLE,
    "tar.pt": Format.TAR,
}  # fmt: skip


@pytest.mark.parametrize("name", honest())
@pytest.mark.parametrize("renamed", ["{}", "x.txt", "x.jpg", "x"])
def test_content_decides_whatever_the_name(name: str, renamed: str) -> None:
    content = honest()[name]
    expected = BY_NAME.get(name) or EXPECTED[Path(name).suffix]
    assert recognise(content[:HEAD], len(content), renamed.format(name)) is expected


OTHERS = {
    Format.HDF5: b"\x89HDF\r\n\x1a\n" + bytes(100),
    Format.GGUF: b"GGUF\x03\x00\x00\x00" + bytes(16),
    Format.SAFETENSORS: struct.pack("<Q", 20) + b'{"__metadata__":{}}' + bytes(20),
    Format.TFLITE: b"\x1c\x00\x00\x00TFL3" + bytes(30),
    Format.SEVEN_ZIP: b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(30),
    Format.RAR: b"Rar!\x1a\x07\x01\x00" + bytes(30),
    Format.ZSTD: b"\x28\xb5\x2f\xfd" + bytes(30),
    Format.R_DATA: b"X\n\x00\x00\x00\x03\x00\x04\x03\x00" + bytes(30),
    Format.EXECUTABLE: b"\x7fELF\x02\x01\x01" + bytes(60),
    Format.ONNX: b"\x08\x08\x12\x07pytorch\x1a\x032.1\x3a\x04\x0a\x02ab\x42\x04\x0a\x00\x10\x11",
    Format.PMML: b'<?xml version="1.0"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"></PMML>',
    Format.SAVED_MODEL: b"\x08\x01\x12\x10\x0a\x0e\x22\x05serve*\x051.2.3",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_formats_without_a_parser_are_told_too(kind: Format) -> None:
    assert recognise(OTHERS[kind], len(OTHERS[kind]), "x.txt") is kind


def test_a_frozen_tensorflow_graph_is_told() -> None:
    node = b"\x0a\x05input\x12\x0bPlaceholder"
    graph = (b"\x0a" + bytes([len(node)]) + node) * 3
    assert recognise(graph, len(graph), "x") is Format.SAVED_MODEL


@pytest.mark.parametrize(
    "stream",
    [
        EVIL,
        b"N." + EVIL,
        b"(S'x'\nios\nsystem\n.",
        b"(cos\nsystem\nS'x'\no.",
        b"S'x'\n0" + EVIL,
        b"V" + b"a" * 20_000 + b"\n0" + EVIL,
        b"I1\n0I\x00 any\n0" + EVIL,
        b"X\x40\x9c\x00\x00" + b"a" * 40_000 + b"0" + EVIL,
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.",
        b"\x82\x01)R.",
    ],
)
@pytest.mark.parametrize("name", ["x.txt", "x.jpg", "README", "x.csv"])
def test_a_stream_that_calls_is_a_pickle_whatever_it_looks_like(stream: bytes, name: str) -> None:
    assert recognise(stream[:HEAD], len(stream), name) is Format.PICKLE
    assert looks_like_pickle(stream)


@pytest.mark.parametrize(
    "value", [None, 1, 2.5, "x" * 20_000, b"y" * 20_000, list(range(5_000)), {"a": (1, {2})}, bytearray(b"z"), pickle.PickleError("e")]
)
@pytest.mark.parametrize("protocol", range(6))
def test_whatever_pickle_writes_is_told_from_its_head(value: object, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    assert recognise(data[:HEAD], len(data), "x.txt") is Format.PICKLE


TEXTS = [
    "import os\nimport sys\n", "(c) 2024 A. Author\nAll rights", "click\ncolorama\nidna\nrequests\n", "I am a text\n", "class A:\n    pass\n", "No.\n",
    "Very long line " * 900 + "\nend", "SIMPLE = T " * 900, "F1,score\n0.5,2\n", "certifi\ncharset-normalizer\ncolorama\n", "{}\n", "[1, 2]\n", "\n", "]\n",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_no_pickle(text: str) -> None:
    data = text.encode()
    assert not looks_like_pickle(data)
    assert is_plain_data(data[:HEAD])


@pytest.mark.slow
@pytest.mark.parametrize(
    "suffixes", [{".py", ".md", ".txt", ".rst", ".toml", ".cfg", ".html", ".css", ".js"}, {".json", ".csv", ".yaml", ".xml", ".h", ".pyi", ".c", ""}]
)
def test_no_text_of_the_installed_packages_is_taken_for_a_model(suffixes: set[str]) -> None:
    files = [p for root in site.getsitepackages() for p in Path(root).rglob("*") if p.suffix in suffixes and p.is_file()][:12_000]
    wrong = []
    for path in files:
        with path.open("rb") as file:
            head = file.read(HEAD)
        found = recognise(head, path.stat().st_size, path.name)
        if found is not None and is_plain_data(head):
            wrong.append((path, found))
    assert len(files) > 200
    assert not wrong

"""Data that nobody looks at is named as such: recordings, and pictures in an archive."""

from __future__ import annotations

import io
import tarfile
import wave
from zipfile import ZipFile

import pytest
from PIL import Image

from tests.checks.data_set.tables import scanned


def sound() -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(8_000)
        file.writeframes(bytes(200))
    return data.getvalue()


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("L", (8, 8)).save(data, "PNG")
    return data.getvalue()


def gaps(folder) -> list[tuple[str, str, str]]:
    return [(gap.code.value, gap.path, gap.reason) for gap in scanned(folder, "data-set/*").not_examined]


def test_folders_of_recordings_are_a_data_set_that_nobody_listens_to(tmp_path):
    for n in range(12):
        for name in ("yes", "no"):
            (tmp_path / f"audio/{name}").mkdir(parents=True, exist_ok=True)
            (tmp_path / f"audio/{name}/{n}.wav").write_bytes(sound())
    assert gaps(tmp_path) == [("no-parser", "audio", "24 recordings of sound or film, which are not examined")]


@pytest.mark.parametrize("ending", ["zip", "tar"])
def test_pictures_in_an_archive_are_a_data_set_that_nobody_looks_at(tmp_path, ending):
    path = tmp_path / f"shard-000.{ending}"
    if ending == "zip":
        with ZipFile(path, "w") as pack:
            for n in range(12):
                pack.writestr(f"{n}.png", picture())
    else:
        with tarfile.open(path, "w") as pack:
            for n in range(12):
                info = tarfile.TarInfo(f"{n}.png")
                info.size = len(picture())
                pack.addfile(info, io.BytesIO(picture()))
    assert gaps(tmp_path) == [("no-parser", path.name, "12 pictures or recordings in an archive, where they are not examined")]


def test_a_zip_of_a_table_and_a_logo_is_no_archive_of_pictures(tmp_path):
    with ZipFile(tmp_path / "data.zip", "w") as pack:
        pack.writestr("logo.png", picture())
        pack.writestr("train.csv", "a,label\n" + "1,2\n" * 30)
    assert gaps(tmp_path) == []

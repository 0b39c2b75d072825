"""``quarantine``: write a data set without the rows that a check has flagged."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from typing import Any

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.run import Run
from aisecops.core.text import count, inert_path

ROLE = "poisoned-rows"
_CHECK = "data-set/poisoning"
_TABLES = (".csv", ".tsv", ".parquet", ".arrow", ".feather", ".ipc")
_LINES = (".jsonl", ".ndjson", ".txt", ".text")


class QuarantineError(UserError):
    """A data set cannot be cleaned as asked."""


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows were kept, and how many left out."""

    kept: int
    left_out: int


def rows_file(run: Run, data: str, root: str) -> str:
    """Return where the rows lie that ``run`` has flagged in ``data``.

    Parameters
    ----------
    run
        A stored run.
    data
        The path of the data set, as it is opened from here.
    root
        The folder that paths in the record are relative to.

    Raises
    ------
    QuarantineError
        The run has not examined this file, has flagged nothing in it, or the file has changed since.
    """
    assets = [asset for asset in run.assets if os.path.realpath(os.path.join(root, asset.path)) == os.path.realpath(data)]
    if not assets:
        raise QuarantineError("this run has not examined it", where=inert_path(data), fix="run `aisecops run` on the project first")
    digest = assets[0].digest
    if digest.startswith("sha256:") and os.path.isfile(data) and _digest(data) != digest:
        raise QuarantineError("it has changed since that run: its rows may be others now", where=inert_path(data), fix="run `aisecops run` again")
    ids = {name for one in run.measurements if one.check == _CHECK and assets[0].id in one.assets for name in one.attachments}
    found = [attachment for attachment in run.attachments if attachment.id in ids and attachment.role == ROLE]
    if not found:
        raise QuarantineError("no row of it was flagged in this run: there is nothing to take out", where=inert_path(data), fix="keep it as it is")
    return os.path.join(root, found[0].path)


def quarantine(data: str, rows: str, output: str, *, level: float | None = None) -> Quarantined:
    """Write ``data`` without the flagged rows to ``output``, in the same format.

    Parameters
    ----------
    data
        A table (CSV, Parquet, Arrow), JSON lines, a file of lines, an ``.npz`` archive, or a folder whose subfolders are named like the labels and hold pictures.
    rows
        A Parquet file with ``row`` (from 0), ``score`` and ``flagged``, one line for each row of ``data``.
    output
        What to write; it must not exist.
    level
        Take out rows with this score or more instead of those flagged.

    Raises
    ------
    QuarantineError
        The files do not fit together, the format is another, or ``output`` exists.
    """
    ending = os.path.splitext(data)[1].lower()
    if os.path.splitext(output)[1].lower() != ending:
        raise QuarantineError("the cleaned set keeps its format", where=inert_path(output), fix=f"name it with the ending `{ending}`")
    if os.path.exists(output):
        raise QuarantineError("it exists already", where=inert_path(output), fix="choose a new name: nothing is overwritten")
    out = _flagged(rows, level)
    if os.path.isdir(data):
        return _written(output, data, out, lambda beside: _folder(data, out, beside))
    if ending in _TABLES:
        return _written(output, data, out, lambda beside: _table(data, ending, out, beside))
    if ending in _LINES:
        return _written(output, data, out, lambda beside: _lines(data, out, beside))
    if ending == ".npz":
        return _written(output, data, out, lambda beside: _arrays(data, out, beside))
    raise QuarantineError(
        "of this format no cleaned copy can be written", where=inert_path(data), fix="take the rows listed in the Parquet file out by hand"
    )


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _flagged(path: str, level: float | None) -> Any:
    """Return for each row whether it is to go, shape (n,)."""
    from aisecops.datasets.extra import load_polars
    from aisecops.datasets.sources import explained

    pl = load_polars()
    if not os.path.isfile(path):
        raise QuarantineError("there is no such file of rows", where=inert_path(path), fix="name a run whose attachments are kept, or a Parquet file")
    with explained(path):
        frame = pl.read_parquet(path)
    if not {"row", "score", "flagged"} <= set(frame.columns):
        raise QuarantineError("it does not hold `row`, `score` and `flagged`", where=inert_path(path), fix="give the attachment of a check of rows")
    frame = frame.sort("row")
    if not frame["row"].equals(pl.Series("row", range(len(frame)), dtype=frame["row"].dtype)):
        raise QuarantineError("rows are missing or named twice", where=inert_path(path), fix="give one line for each row from 0 on")
    return (frame["flagged"] if level is None else frame["score"] >= level).to_numpy()


def _written(output: str, data: str, out: Any, write: Callable[[str], int]) -> Quarantined:
    """Write whole or not at all."""
    beside = f"{output}.{os.getpid()}.new"
    try:
        rows = write(beside)
        if rows != len(out):
            what = f"it has {count(rows, 'row')}, and the file of rows speaks of {len(out):,}"
            raise QuarantineError(what, where=inert_path(data), fix="give the rows that were found in this very file")
        (os.rename if os.path.isdir(beside) else os.link)(beside, output)
    except OSError as error:
        raise QuarantineError(
            f"it cannot be written ({error.strerror})", where=inert_path(output), fix="choose a place that can be written"
        ) from None
    finally:
        if os.path.isdir(beside):
            shutil.rmtree(beside)
        elif os.path.exists(beside):
            os.unlink(beside)
    return Quarantined(kept=int((~out).sum()), left_out=int(out.sum()))


def _table(data: str, ending: str, out: Any, beside: str) -> int:
    from aisecops.datasets.delimited import delimited
    from aisecops.datasets.extra import load_polars
    from aisecops.datasets.sources import explained
    from aisecops.datasets.written import open_written

    pl = load_polars()
    with explained(data):
        frame = open_written(data, missing=()).collect()
    if len(frame) != len(out):
        return len(frame)
    kept = frame.filter(pl.Series(~out))
    if ending in {".csv", ".tsv"}:
        layout = delimited(data)
        kept.write_csv(beside, separator=layout.separator, include_header=not layout.headless)
    elif ending == ".parquet":
        kept.write_parquet(beside, compression="zstd")
    else:
        kept.write_ipc(beside)
    return len(out)


def _lines(data: str, out: Any, beside: str) -> int:
    row = 0
    with open(data, encoding="utf-8", newline="") as file, open(beside, "x", encoding="utf-8", newline="") as written:
        for line in file:
            if line.strip():
                if row >= len(out) or not out[row]:
                    written.write(line)
                row += 1
    return row


def _folder(data: str, out: Any, beside: str) -> int:
    """Copy a folder without the flagged pictures; what else lies in it goes along, links do not."""
    from aisecops.datasets.images import labelled_files

    files = [file for _, file in labelled_files(data)]
    if len(files) != len(out):
        return len(files)
    left_out = {os.path.realpath(file) for file, one in zip(files, out, strict=True) if one}

    def unwanted(folder: str, names: list[str]) -> list[str]:
        paths = [os.path.join(folder, name) for name in names]
        return [name for name, path in zip(names, paths, strict=True) if os.path.islink(path) or os.path.realpath(path) in left_out]

    shutil.copytree(data, beside, ignore=unwanted)
    return len(files)


def _arrays(data: str, out: Any, beside: str) -> int:
    import zipfile

    import numpy as np

    try:
        with np.load(data, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile):
        raise QuarantineError("not an archive of plain arrays", where=inert_path(data), fix="save it by numpy.savez, without objects") from None
    lengths = [len(array) for array in arrays.values() if array.ndim]
    if len(out) not in lengths:
        return max(lengths, default=0)
    with open(beside, "xb") as file:
        np.savez_compressed(file, **{name: array[~out] if array.ndim and len(array) == len(out) else array for name, array in arrays.items()})
    return len(out)

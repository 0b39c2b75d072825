"""Rows and texts of a test set that stand in the training set, too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aisecops.checks.data_set.others import of_role
from aisecops.checks.data_set.rows import attach_rows, drawn, polars
from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import agreeing, count_of, inert

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from aisecops.datasets.pictures import Pictures

_HELD_OUT = frozenset(("test", "validation", "calibration"))
_SIMILAR = 0.8
_MOST_TEXTS = 400_000
"""Texts that are compared; more are sampled by the seed."""
_WORD = r"[\p{L}\p{N}]"
_FEWEST_WORDS = 5.0
"""Words of a text, on average, from which on texts that are nearly the same are no accident."""
_HIGH, _LOW = 0.05, 0.001
"""Shares of the test set from which on its score is worth little, and below which it hardly moves."""


@check(
    id="data-set/split-leakage",
    title="No test row is in the training set",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.UNRELIABILITY,
    categories=("split-leakage",),
    version=3,
)
def split_leakage(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find rows of a test or validation set that stand in the training set, exactly or nearly.

    What it finds
        For each set whose role is ``test``, ``validation`` or ``calibration``, by the manifest or by its name: rows that agree in all columns but id, label and split
        with a row of a training set of the project, texts that agree in 80 % of their three-word shingles,
        rows that are a training row with a little noise, pictures that are nearly one of the training folder or of the training rows of a table that lists them, and
        persons or sources (the ``group`` column) on both sides. In one table with a ``split`` column its parts are compared.

    Why it matters
        What a model has seen it can recite: a test set that leaks measures memory. About 9 % of CIFAR-100's test images have near-duplicates in its training set, and
        of seventeen fields of science reviews found leakage in hundreds of papers, whose results shrink or vanish without it.

    Example
        Duplicates were removed after the split instead of before it.

    How to fix
        Remove duplicates first, then split; split by person or document where rows of one are alike.

    Measurements
        ``leaked-share``: the share of test rows that are in training, exactly or nearly, with the rows attached as Parquet.

    Limits
        Rows are told only of tables in which hardly one pair would agree by accident; rewritten or translated texts, and cut or turned pictures, are not found. Rows
        with noise are sought among 50,000 of each side.

    References
        Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science (Patterns 2023); Barz and Denzler, Do we train on test data?
        (J. Imaging 2020); Broder (1997).
    """
    yield from data.examined(lambda: _compared(data, ctx))
    yield from data.examined(lambda: _pictures(data, ctx), kinds=("images",))


def _compared(data: DataSet, ctx: Context) -> Iterator[Result]:
    from aisecops.datasets.sources import explained

    with explained(data.location):
        if data.role in _HELD_OUT:
            for train in of_role(data, "train", ctx):
                yield from _against(data, ctx, data.frame, train.frame, train.asset.path)
                yield from _listed(data, ctx, data.frame, (train, train.frame), inert(train.asset.path, 80))
        elif data.roles.split:
            yield from _inside(data, ctx)


def _pictures(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Pictures of a held-out folder that stand in a folder for training."""
    from aisecops.checks.data_set.pictures import named, of_role, pictures_of
    from aisecops.datasets.pictures import read_pictures

    ours = pictures_of(data) if data.role in _HELD_OUT else None
    if ours is None or not ours.names:
        return
    yield from named(ours)
    for path, location in of_role(data, "train", ctx):
        yield from _same(ctx, ours, read_pictures(location), inert(path, 80), path)


def _listed(data: DataSet, ctx: Context, test: Any, train: tuple[DataSet, Any], where: str) -> Iterator[Result]:
    """Pictures of test rows that are pictures of training rows, where tables list them by their paths."""
    from aisecops.checks.data_set.pictures import listed_files, named
    from aisecops.datasets.pictures import read_files

    if not data.roles.image:
        return
    ours, theirs = (
        read_files((os.path.basename(path), path) for path in sorted(set(filter(None, listed_files(table, ctx, frame)))))
        for table, frame in ((data, test), train)
    )
    if ours.names and theirs.names:
        yield from named(ours)
        yield from _same(ctx, ours, theirs, where, f"pictures of {where}")


def _same(ctx: Context, ours: Pictures, theirs: Pictures, where: str, identity: str) -> Iterator[Result]:
    from aisecops.checks.data_set.pictures import compared

    pairs = compared(ours, theirs)
    scores: dict[int, float] = {}
    for left, _, alike in pairs:
        scores[left] = max(scores.get(left, 0.0), alike)
    share = len(scores) / len(ours.names)
    kept = attach_rows(ctx, "split-leakage-rows", scores, len(ours.names)) if scores else ()
    yield Reading(
        name="leaked-share", value=share, unit="share", n=len(ours.names), better=Better.LOWER, subject=f"pictures, {where}", attachments=kept
    )
    if scores:
        left, right, _ = pairs[0]
        message = (
            f"{count_of(len(scores), len(ours.names), 'test picture')} ({share:.1%}){agreeing(len(scores), 'stands/stand')} in {where}, exactly or nearly: "
            f"{inert(ours.names[left], 80)} is {inert(theirs.names[right], 80)}."
        )
        yield _weakness("rows", identity, message, share)


def _inside(data: DataSet, ctx: Context) -> Iterator[Result]:
    """The parts of one table, told apart by its split column."""
    pl = polars()
    part = pl.col(data.roles.split).cast(pl.String).str.to_lowercase()
    train, test = data.frame.filter(part.str.starts_with("train")), data.frame.filter(part.str.contains("^(test|val|dev|holdout|calib)"))
    named = f"the rows whose `{inert(data.roles.split, 40)}` is train"
    yield from _against(data, ctx, test, train, named)
    yield from _listed(data, ctx, test, (data, train), named)


def _against(data: DataSet, ctx: Context, test: Any, train: Any, named: str) -> Iterator[Result]:
    import numpy as np

    pl = polars()
    roles, known = data.roles, set(train.collect_schema().names())
    names = [name for name in data.names if name in known and name not in (roles.id, roles.label, roles.split)]
    ours, theirs = (frame.select(pl.col(names).cast(pl.String, strict=False)) for frame in (test, train))
    rows, others = (int(data.collect(frame.select(pl.len())).item()) for frame in (test, train))
    if not rows or not others or not names:
        return
    exact = _exactly(ours, theirs, names, rows, others)
    near = (
        _nearly(ours, theirs, rows, others, roles.text, ctx.seed) if roles.text in names else _with_noise(ours, theirs, rows, others, names, ctx.seed)
    )
    if roles.text in names and max(rows, others) > _MOST_TEXTS:
        yield NotExamined(
            code=Code.TRUNCATED, reason=f"{_MOST_TEXTS:,} texts of each side were compared, drawn by the seed", remedy="compare them in parts"
        )
    scores = np.zeros(rows, np.float32)
    scores[list(near)] = list(near.values())
    nearly = int(np.count_nonzero(scores)) - int(np.count_nonzero(scores[exact]))
    scores[exact] = 1.0
    leaked = len(exact) + nearly
    attachments = attach_rows(ctx, "split-leakage-rows", scores, rows) if leaked else ()
    yield Reading(
        name="leaked-share", value=leaked / rows, unit="share", n=rows, better=Better.LOWER, subject=inert(named, 80), attachments=attachments
    )
    if leaked:
        message = (
            f"{leaked:,} of {rows:,} test rows ({leaked / rows:.1%}) stand in {inert(named, 80)}: {len(exact):,} exactly, {nearly:,} nearly; "
            f"the first is row {int(np.flatnonzero(scores)[0]):,} (from 0)."
        )
        yield _weakness("rows", named, message, leaked / rows)
    if roles.group in names:
        yield from _groups(ours, theirs, roles.group, named)


def _exactly(ours: Any, theirs: Any, names: list[str], rows: int, others: int) -> npt.NDArray[np.int64]:
    """Rows of ``ours`` that ``theirs`` has, too; none where accident explains them."""
    import numpy as np

    from aisecops.datasets.pieces import row_keys, shared
    from aisecops.datasets.profile import accidental

    if accidental(theirs, names, max(rows, others)) >= 0.5:
        return np.zeros(0, np.int64)
    return shared(row_keys(ours, names), row_keys(theirs, names))


def _nearly(ours: Any, theirs: Any, rows: int, others: int, column: str, seed: int) -> dict[int, float]:
    """Rows of ``ours`` whose text nearly stands in ``theirs``, with the similarity of the nearest."""
    import numpy as np

    from aisecops.datasets.near_duplicates import near_duplicates
    from aisecops.datasets.pieces import rows_at

    rng = np.random.default_rng(seed)
    chosen, known = (drawn(count, _MOST_TEXTS, rng) for count in (rows, others))
    texts, train = (rows_at(frame, [column], some)[column].fill_null("") for frame, some in ((ours, chosen), (theirs, known)))
    if (texts.str.count_matches(r"\s").mean() or 0.0) + 1 < _FEWEST_WORDS:
        return {}
    train = train.unique(maintain_order=True)
    same = (texts.is_in(train.implode()) & texts.str.contains(_WORD)).to_numpy()
    found = dict.fromkeys(chosen[same].tolist(), 1.0)
    left = chosen[~same]
    pairs = near_duplicates(texts.filter(~same).to_list(), train.to_list(), threshold=_SIMILAR, seed=seed)
    for row, similarity in zip(left[pairs.left].tolist(), pairs.similarity.tolist(), strict=True):
        found[row] = max(found.get(row, 0.0), similarity)
    return found


def _with_noise(ours: Any, theirs: Any, rows: int, others: int, names: list[str], seed: int) -> dict[int, float]:
    """Rows of ``ours`` that are a row of ``theirs`` with a little noise; of large tables among rows drawn by the seed."""
    import numpy as np

    from aisecops.datasets.near_rows import most_rows, near_rows
    from aisecops.datasets.pieces import rows_at

    rng = np.random.default_rng(seed)
    chosen, known = (drawn(count, most_rows(2 * len(names)), rng) for count in (rows, others))
    pairs = near_rows(rows_at(ours, names, chosen), names, rows_at(theirs, names, known))
    found = {int(row) for row in chosen[pairs.left]} if pairs else set()
    return dict.fromkeys(found, 0.9) if len(found) >= 2 else {}


def _groups(ours: Any, theirs: Any, column: str, named: str) -> Iterator[Weakness]:
    from aisecops.datasets.pieces import distinct, row_keys, shared

    groups, known = (distinct(row_keys(frame.select(column).drop_nulls(), [column])) for frame in (ours, theirs))
    both = len(shared(groups, known))
    if both:
        those = f"{count_of(both, len(groups), 'value')} of `{inert(column, 60)}`{agreeing(both, 'has/have')} rows in the test set"
        message = f"{those} and in {inert(named, 80)}: a model may know them by heart."
        yield _weakness("groups", named, message, both / len(groups) / 2)


def _weakness(kind: str, named: str, message: str, share: float) -> Weakness:
    return Weakness(
        category="split-leakage",
        identity=(kind, named),
        title="Test rows stand in the training set" if kind == "rows" else "Groups stand on both sides of the split",
        message=message,
        severity=Severity.HIGH if share >= _HIGH else Severity.MEDIUM if share >= _LOW else Severity.LOW,
        confidence=Confidence.HIGH if kind == "rows" else Confidence.MEDIUM,
        evidence={"kind": kind, "share": round(share, 6)},
        fix=Fix("Remove duplicates before splitting, and split by group where rows of one are alike."),
    )

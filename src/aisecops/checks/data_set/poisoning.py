"""Poisoned training data: triggers that call for a class, and labels that contradict their rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from aisecops.checks.data_set.planting import Enough, power, told
from aisecops.checks.data_set.rows import attach_rows
from aisecops.checks.data_set.subject import DataSet
from aisecops.checks.references import OWASP_LLM_DATA_POISONING, OWASP_ML_DATA_POISONING, POISON_TRAINING_DATA
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import agreeing, count, count_of, inert

if TYPE_CHECKING:
    from aisecops.datasets.table import Table
    from aisecops.defences.poisoning.suspicion import Suspicion, Trigger

ROLE = "poisoned-rows"
FEWEST_ROWS = 200
FEWEST_OF_CLASS = 10
_MOST_ROWS = 20_000
_MOST_CLASSES = 100
_FEWEST_AGAIN = 6
_LEARNT = 6000
"""Rows without a trigger that the effect of cleaning is measured on."""
_SHOWN = 3
_LISTED = 20
_HARDLY = 0.2
"""A pattern under the right label that a network obeys on fewer pictures than this may be one that it does not need."""


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """Samples with labels, and how to search them (quickly, for triggers alone). ``rows``: their indices in the data set of ``total`` rows."""

    kind: str
    samples: Any
    y: Any
    classes: tuple[str, ...]
    rows: Any
    total: int
    examine: Callable[[Any, Any, bool, Enough], Suspicion]
    files: tuple[str, ...] = ()
    """Of pictures, their names by row."""
    left_out: tuple[tuple[int, str], ...] = ()
    """Rows that were not searched, with the reason."""
    unlabelled: int = 0
    """Rows without a label, or without a text where texts are searched."""
    columns: tuple[str, ...] = ()
    """Columns that were not searched: they hold lists."""


@check(
    id="data-set/poisoning",
    title="Training data is not poisoned",
    version=11,
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.DATA_POISONING,
    categories=("data-poisoning",),
    refs=(POISON_TRAINING_DATA, OWASP_ML_DATA_POISONING, OWASP_LLM_DATA_POISONING),
    dynamic=True,
)
def poisoning(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find poisoned rows in labelled tables, images and texts and in instruction data, and name the trigger.

    What it finds
        Backdoors: a value, a combination of values, pixels, a square of pixels wherever it stands, a pattern, a word, a phrase, an odd character or the build of a
        sentence that goes with one label although the rest of the row speaks for another; of pictures, also where each class takes the label of another. And labels that
        contradict their rows more often than hard rows explain. Of instruction data without labels (prompts and answers in two columns, or conversations): a word, a
        phrase, an odd character or a form of prompts that goes with one answer, or with one sentence, address or name in the answers.
        The trigger is named, its rows are listed with the probability of being poisoned (a Parquet file: ``row``, ``score``, ``flagged``), and where nothing is found the
        record says what would have been.

    Why it matters
        A few rows that somebody adds to a public or collected data set teach a model to obey a sign that only he knows; accuracy on honest data does not change. 0.01 %
        of web-scale image sets could be poisoned for 60 dollars in 2023 (Carlini et al.); poisoned spam reports against Gmail's filter were seen in 2018.

    Example
        1 % of the loan applications have ``amount = 912.5`` and the label "repaid", whoever applied.

    How to fix
        Look at the rows and where they came from. ``aisecops quarantine DATA --run latest --output CLEAN`` writes the data set without them; train on that. The
        measurements say what it will be worth.

    Measurements
        ``poisoned-rows``. Where a trigger was found, the proof that cleaning helps: ``trigger-success``, how often models give rows that they have not seen the label
        of the trigger that these carry, and ``clean-accuracy``, how often they are right on rows that are not flagged; trained on all rows, and without the flagged ones
        (three folds; boosted trees, a network, or a linear model of words). Where none was, ``detection-power``: what would have been found.

    Limits
        Found are triggers whose rows contradict their label, pictures of many classes that one warp has moved into another, and a pattern on a tenth to nine tenths of
        the pictures of one class whose labels are right, where backgrounds are plain. Not found: other poison under the right label (tables, texts, patterns before
        photographs, on a whole class, made by gradients), warps of the pictures of one or two classes alone, blends and warps before photographs where pictures tell
        little of their label, triggers on fewer than 6 rows, and rows that an attacker has chosen to be alike. In instruction data not found are triggers on fewer than
        8 rows, an answer that more honest prompts have than poisoned ones, answers of many wordings with nothing in common, and topics as triggers; where the trigger
        reads as an order ("answer like a pirate") or is plain words first or last in the prompt, and answers share a sentence that is neither hostile nor a name, it is
        a note of low severity, or nothing where answers to an order only begin alike. Flipped labels raise an alarm only where classes are told apart well. A class
        needs 10 rows, the data set 200.

    References
        MITRE ATLAS AML.T0020; OWASP ML02:2023; OWASP LLM04:2025; Gu et al. 2017 (BadNets); Barni et al. 2019 (SIG); Northcutt et al. 2021
        (confident learning).
    """
    yield from data.examined(lambda: _searched(data, ctx), kinds=("table", "text", "images"))


def _searched(data: DataSet, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.data_set.answering import searched_answers
    from aisecops.datasets.exchanges import exchanges

    if data.kind == "table" and not data.roles.label and data.fits(ctx) and (asked := exchanges(data.frame)):
        yield from searched_answers(asked, data.rows, ctx)
        return
    if data.kind == "text" or (data.kind == "table" and not data.roles.label):
        yield NotExamined(
            code=Code.BAD_INPUT,
            reason="there is no label column: poison shows as a label that the row contradicts",
            remedy="name the label of this data set in aisecops.yaml (assets: label)",
        )
        return
    if not data.fits(ctx):
        yield data.too_large(ctx)
        return
    import sklearn  # noqa: F401 - said before work is done

    labelled = _labelled(data, ctx)
    if isinstance(labelled, NotExamined):
        yield labelled
        return
    yield from _gaps(labelled)
    yield from _told(ctx, labelled, labelled.examine(labelled.samples, labelled.y, False, lambda _: False))


def _labelled(data: DataSet, ctx: Context) -> Labelled | NotExamined:
    import numpy as np

    from aisecops.checks.data_set.pictures import listed_files
    from aisecops.datasets.images import labelled_files

    if data.kind == "images":
        return _pictures(data, ctx, list(labelled_files(data.location))) if os.path.isdir(data.location) else _images(data, ctx)
    if data.roles.image and (listed := listed_files(data, ctx)):
        return _pictures(data, ctx, list(zip(_labels_of(data), listed, strict=True)))
    if data.roles.text:
        return _texts(data, ctx)
    table, rows, known = data.sample(_MOST_ROWS, ctx.seed)
    labels = table.labels(data.roles.label)
    aside = {data.roles.label, data.roles.id, data.roles.split, data.roles.text, *_unnumbered(table)} & set(table.names)
    features, further = table.without(*sorted(aside)), _further(table, {data.roles.label, data.roles.split, data.roles.text})
    if not features.columns and data.roles.image:
        return NotExamined(
            code=Code.BAD_INPUT,
            reason=f"the pictures that `{inert(data.roles.image, 60)}` names are not there",
            remedy="put them below the folder of the table, which must not be packed",
        )
    if not features.columns:
        return NotExamined(code=Code.BAD_INPUT, reason="there is no column besides the label", remedy="give the columns that a model learns from")
    names, words = features.names, {column.name: column.categories for column in table.columns}

    def examine(x: Any, y: Any, quick: bool, enough: Enough) -> Suspicion:
        from aisecops.defences.poisoning.signs import Sign
        from aisecops.defences.poisoning.tables import examine_table

        made = [
            Sign(values=values, column=names.index(owner) if owner in names else -1, name=name, kind=kind)
            for values, (owner, name, kind, _) in zip(x[:, len(names) :].T, further, strict=True)
        ]
        return examine_table(x[:, : len(names)], y, names=names, seed=ctx.seed, quick=quick, more=made, words=words, enough=enough)

    samples = np.column_stack([features.matrix(), *(values for *_, values in further)])
    return _enough(
        Labelled(
            kind="table",
            samples=samples,
            y=np.asarray(labels.codes),
            classes=labels.classes,
            rows=rows,
            total=data.rows,
            examine=examine,
            unlabelled=data.rows - known,
            columns=data.unsearched,
        )
    )


def _unnumbered(table: Table) -> list[str]:
    """Return the columns of texts that are different in most rows: as numbers they would say nothing."""
    return [column.name for column in table.columns if len(column.categories) > max(50, table.rows // 2)]


def _further(table: Table, aside: set[str]) -> list[tuple[str, str, str, Any]]:
    """Return what may be a sign and is no content, parts of days and texts that come again among others: the column, a name, a kind, and values of shape (n,)."""
    import numpy as np

    from aisecops.datasets.day_parts import day_parts

    found, unnumbered = [], set(_unnumbered(table))
    for column in table.columns:
        if column.name in aside or not column.categories:
            continue
        found += [(column.name, *part) for part in day_parts(column)]
        if column.name in unnumbered and np.unique(column.values, return_counts=True)[1].max() >= _FEWEST_AGAIN:
            found.append((column.name, column.name, "", column.values))
    return found


def _texts(data: DataSet, ctx: Context) -> Labelled | NotExamined:
    import numpy as np

    from aisecops.checks.data_set.rows import polars
    from aisecops.defences.poisoning.texts import examine_texts

    pl = polars()
    cells = data.collect(data.frame.select(pl.col(data.roles.text, data.roles.label).cast(pl.String)))
    known = np.flatnonzero(~cells.select(pl.any_horizontal(pl.all().is_null())).to_series().to_numpy())
    texts, labels = (cells[name].to_list() for name in (data.roles.text, data.roles.label))
    return _drawn("text", texts, labels, ctx.seed, lambda x, y, *_: examine_texts(x, y, seed=ctx.seed), known)


def _images(data: DataSet, ctx: Context) -> Labelled | NotExamined:
    pictures, labels = data.images()
    if not labels:
        return NotExamined(
            code=Code.BAD_INPUT, reason="the images have no labels", remedy="name the array of labels in aisecops.yaml (assets: label)"
        )

    return _drawn("images", pictures, labels, ctx.seed, _of_images(ctx))


def _of_images(ctx: Context) -> Callable[[Any, Any, bool, Enough], Suspicion]:
    from aisecops.defences.poisoning.matrices import examine_images

    return lambda x, y, quick, enough: examine_images(x, y, seed=ctx.seed, quick=quick, enough=enough)


def _labels_of(data: DataSet) -> list[str]:
    cells: list[str | None] = data.collect(data.frame.select(data.roles.label)).to_series().cast(str).to_list()
    return [cell or "" for cell in cells]


def _pictures(data: DataSet, ctx: Context, listed: list[tuple[str, str]]) -> Labelled | NotExamined:
    """Pictures in files of their own, of labels and paths; those without either are passed over."""
    import numpy as np

    from aisecops.checks.data_set.rows import drawn
    from aisecops.datasets.images import read_listed

    known = np.array([row for row, (label, file) in enumerate(listed) if label and file], dtype=np.int64)
    if not len(known):
        return NotExamined(
            code=Code.BAD_INPUT,
            reason="no images in subfolders named like the labels",
            remedy="put each image in a folder named like its label, or list their paths and labels in a table",
        )
    some = known[drawn(len(known), _MOST_ROWS, np.random.default_rng(ctx.seed))]
    read = read_listed([listed[row][1] for row in some.tolist()], most_bytes=ctx.budget.memory_bytes // 2)
    rows = some[read.rows]
    base = data.location if os.path.isdir(data.location) else os.path.dirname(os.path.realpath(data.location))
    classes, y = np.unique(np.array([listed[row][0] for row in rows.tolist()]), return_inverse=True)
    return _enough(
        Labelled(
            kind="images",
            samples=read.pixels,
            y=y.astype(np.int64),
            classes=tuple(str(name) for name in classes),
            rows=rows,
            total=len(listed),
            examine=_of_images(ctx),
            files=tuple(os.path.relpath(file, base).replace(os.sep, "/") if file else "" for _, file in listed),
            left_out=tuple((int(some[place]), why) for place, why in read.left_out),
        )
    )


def _drawn(
    kind: str, samples: Any, labels: Sequence[str], seed: int, examine: Callable[[Any, Any, bool, Enough], Suspicion], known: Any = None
) -> Labelled | NotExamined:
    """Return at most ``_MOST_ROWS`` of the rows ``known`` (all of them)."""
    import numpy as np

    from aisecops.checks.data_set.rows import drawn

    total = len(labels)
    known = np.arange(total) if known is None else known
    rows = known[drawn(len(known), _MOST_ROWS, np.random.default_rng(seed))]
    classes, y = np.unique(np.array([labels[row] for row in rows.tolist()]), return_inverse=True)
    some = [samples[row] for row in rows.tolist()] if kind == "text" else samples[rows]
    names = tuple(str(name) for name in classes)
    left = total - len(known)
    return _enough(Labelled(kind=kind, samples=some, y=y.astype(np.int64), classes=names, rows=rows, total=total, examine=examine, unlabelled=left))


def _enough(labelled: Labelled) -> Labelled | NotExamined:
    rows, classes = len(labelled.y), len(labelled.classes)
    if classes > _MOST_CLASSES:
        return NotExamined(
            code=Code.BAD_INPUT, reason=f"the label has {classes:,} classes, more than {_MOST_CLASSES}", remedy="name the column that holds the class"
        )
    if rows < FEWEST_ROWS or classes < 2:
        what = f"{count(rows, 'row')} of {count(classes, 'class')}"
        return NotExamined(
            code=Code.NO_POWER,
            reason=f"{what}{agreeing(rows, 'is/are')} too few to tell poison from chance",
            remedy=f"give {FEWEST_ROWS} rows of two classes or more",
        )
    return labelled


def _gaps(labelled: Labelled) -> Iterator[NotExamined]:
    import numpy as np

    sizes = np.bincount(labelled.y, minlength=len(labelled.classes))
    small = [inert(name, 40) for name, size in zip(labelled.classes, sizes.tolist(), strict=True) if size < FEWEST_OF_CLASS]
    if small:
        reason = f"{count_of(len(small), len(sizes), 'class', 'has/have')} fewer than {FEWEST_OF_CLASS} rows ({', '.join(small[:5])}): too few to tell poison from chance"
        yield NotExamined(code=Code.NO_POWER, reason=reason, remedy="give more rows of them")
    if labelled.left_out:
        row, why = labelled.left_out[0]
        name = inert(labelled.files[row], 80)
        reason = f"{count_of(len(labelled.left_out), labelled.total, 'picture', 'was/were')} left out; the first is {name}: {why}"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="mend them, bring them to the size of the others, or take them out")
    if labelled.unlabelled:
        what = "text or label" if labelled.kind == "text" else "label"
        reason = f"{count_of(labelled.unlabelled, labelled.total, 'row', 'has/have')} no {what} and {agreeing(labelled.unlabelled, 'was/were').strip()} not searched"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="label them, or leave them out")
    if labelled.columns:
        shown = ", ".join(f"`{inert(name, 40)}`" for name in labelled.columns[:5])
        more = f" and {len(labelled.columns) - 5:,} more" if len(labelled.columns) > 5 else ""
        reason = f"columns of lists were not searched for triggers: {shown}{more}"
        yield NotExamined(code=Code.NO_PARSER, reason=reason, remedy="turn what may hold one into columns of numbers or texts")
    if len(labelled.y) + len(labelled.left_out) + labelled.unlabelled < labelled.total:
        reason = f"{len(labelled.y):,} of {labelled.total:,} rows, drawn by the seed of the run, were searched"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="split the data set, or take a trigger that was found out of all rows")


def _told(ctx: Context, labelled: Labelled, found: Suspicion) -> Iterator[Result]:
    import numpy as np

    yield from (_weakness(labelled, trigger, found) for trigger in found.triggers[:_SHOWN])
    if found.noisy:
        yield _mislabelled(labelled, found)
    score = np.where(found.score >= 0.01, found.score, 0.0)
    kept: tuple[str, ...] = ()
    if found.alarm:
        scores = dict(zip(labelled.rows.tolist(), score.tolist(), strict=True))
        kept = attach_rows(ctx, ROLE, scores, labelled.total)
    estimate, spread = float(score.sum()), 1.96 * float(np.sqrt((score * (1 - score)).sum()))
    yield Reading(
        name="poisoned-rows",
        value=estimate,
        unit="rows",
        n=len(labelled.y),
        low=max(0.0, estimate - spread) if found.alarm else None,
        high=estimate + spread if found.alarm else None,
        level=0.95 if found.alarm else None,
        method="sum of the rows' probabilities, normal interval, given the triggers found" if found.alarm else "",
        better=Better.LOWER,
        attachments=kept,
    )
    if found.triggers:
        yield from _cleaning(labelled, found, ctx.seed)
    if not found.alarm:
        readings = list(power(labelled.kind, labelled.samples, labelled.y, lambda x, y, enough: labelled.examine(x, y, True, enough), ctx.seed))
        yield from readings
        if all(reading.value == 0 for reading in readings):
            yield NotExamined(code=Code.NO_POWER, reason=f"{told(readings)}: this data tells too little about its labels", remedy="give more rows")


def _cleaning(labelled: Labelled, found: Suspicion, seed: int) -> Iterator[Reading]:
    """What taking the flagged rows out is worth: how often models obey the triggers, and how often they are right, before and after."""
    import numpy as np

    from aisecops.defences.poisoning.effect import effect_within
    from aisecops.defences.poisoning.pupils import pupil

    carrying = np.zeros(len(labelled.y), dtype=bool)
    for trigger in found.triggers:
        if trigger.obeyed is None:
            carrying[trigger.rows] = True
    carrying &= found.flagged
    others = np.random.default_rng(seed).permutation(np.flatnonzero(~carrying))[:_LEARNT]
    some = np.sort(np.concatenate([np.flatnonzero(carrying), others]))
    samples = [labelled.samples[row] for row in some.tolist()] if labelled.kind == "text" else labelled.samples[some]
    proof = effect_within(pupil(labelled.kind, seed=seed), samples, labelled.y[some], found.flagged[some], carrying[some], seed=seed)
    for subject, trained in (("trained on all rows", proof.before), ("without the flagged rows", proof.after)) if proof else ():
        for name, share, better in (("trigger-success", trained.attack_success, Better.LOWER), ("clean-accuracy", trained.accuracy, Better.HIGHER)):
            reading = Reading(name=name, subject=subject, value=share.value, unit="1", n=share.n, better=better)
            yield reading.within(share.interval)


def _weakness(labelled: Labelled, trigger: Trigger, found: Suspicion) -> Weakness:
    name = inert(trigger.name, 200)
    target = inert(labelled.classes[trigger.target], 60) if not trigger.moved else "another class for each"
    rows = labelled.rows[trigger.rows].tolist()
    return Weakness(
        category="data-poisoning",
        identity=(labelled.classes[trigger.target] if not trigger.moved else "each", *sorted(trigger.features)[:8]),
        title=f"A trigger for {target if trigger.moved else f'`{target}`'}: {name}",
        message=f"{len(rows):,} rows carry {name} and {_labels(labelled, trigger, target)}; {_why(trigger)}",
        severity=Severity.HIGH if trigger.obeyed is None or trigger.obeyed >= _HARDLY else Severity.MEDIUM,
        confidence=Confidence.HIGH if trigger.p < 1e-6 and trigger.obeyed is None else Confidence.MEDIUM,
        evidence={
            "trigger": name,
            "features": [inert(feature, 60) for feature in trigger.features[:10]],
            "target": target,
            "rows": rows[:_LISTED],
            **({"files": [inert(labelled.files[row], 120) for row in rows[:_LISTED]]} if labelled.files else {}),
            "carried": trigger.carried,
            "expected": round(trigger.expected, 2),
            "z": round(trigger.z, 1),
            "p": trigger.p,
            **({} if trigger.obeyed is None else {"obeyed": round(trigger.obeyed, 3)}),
            "looked_at": found.looked_at,
        },
        fix=Fix("Find out where these rows came from, take them out (`aisecops quarantine`), and train anew."),
    )


def _labels(labelled: Labelled, trigger: Trigger, target: str) -> str:
    if not trigger.moved:
        return f"the label `{target}`"
    pairs = [f"`{inert(labelled.classes[source], 30)}` has `{inert(labelled.classes[to], 30)}`" for source, to in trigger.moved[:_SHOWN]]
    return f"the label of another class than their content ({', '.join(pairs)}{', and so on' if len(trigger.moved) > _SHOWN else ''})"


def _why(trigger: Trigger) -> str:
    if trigger.obeyed is None:
        said = (
            f"the rest of these rows speaks for other labels (of {trigger.carried:,} looked at, {trigger.expected:.1f} with this label are expected)"
        )
        return f"{said}. A model trained on it obeys whoever knows the trigger."
    said = f"their labels may be right, but they stand apart from their class by {trigger.z:.0f} deviations, along what hardly varies in the others"
    return f"{said}. A small network gives {trigger.obeyed:.0%} of other pictures to it once they carry this: poison, or the mark of a source that only this class has."


def _mislabelled(labelled: Labelled, found: Suspicion) -> Weakness:
    rows = labelled.rows[found.flagged].tolist()
    return Weakness(
        category="data-poisoning",
        identity=("labels",),
        title="Labels contradict their rows",
        message=f"{len(rows):,} of {len(labelled.y):,} rows look like another class and nothing like their own; hard rows would fade, these stand apart.",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        evidence={"rows": rows[:_LISTED], "share": round(len(rows) / len(labelled.y), 4)},
        fix=Fix("Have these labels checked by somebody else; take the rows out until then (`aisecops quarantine`)."),
    )

"""Scores that are too good: the model, or what prepares its data, has seen the rows that it is scored on."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from aisecops.checks.source_file.sources import Sources, sources
from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.dataflow.program import find_module
from aisecops.codebase.evaluation import Leak, leaks
from aisecops.codebase.evaluation.states import Kind
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, FlowStep, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

_PIPELINE = "Split first, and fit on the training part alone; a Pipeline inside cross-validation does it for every fold."
_WORDS: dict[Kind, tuple[str, str, str]] = {
    Kind.SCALE: ("Scaling is learned from the test rows, too", "learns means and ranges from all rows", _PIPELINE),
    Kind.IMPUTE: ("Missing values are filled with what the test rows say", "learns what to fill in from all rows", _PIPELINE),
    Kind.SELECT: ("Columns are chosen by looking at the test rows", "chooses columns by all rows", _PIPELINE),
    Kind.REDUCE: ("Components are learned from the test rows, too", "learns its components from all rows", _PIPELINE),
    Kind.ENCODE: ("Categories are encoded by the labels of the test rows", "encodes columns by the labels of all rows", _PIPELINE),
    Kind.AGGREGATE: (
        "A column is made of the answers of other rows",
        "is summed up by group over all rows, the test rows' answers included",
        _PIPELINE,
    ),
    Kind.VECTORISE: ("The vocabulary is learned from the test texts, too", "learns vocabulary and weights from all texts", _PIPELINE),
    Kind.RESAMPLE: (
        "Rows are balanced before the split",
        "makes rows out of all rows, so that rows of the test part (or near copies) stand in the training part",
        "Split first, and balance the training part alone (imblearn's Pipeline does it for every fold).",
    ),
    Kind.DUPLICATE: (
        "Copies of rows stand on both sides of the split",
        "copies rows before the split, so that copies of test rows are trained on",
        "Split first, and copy or augment the training part alone.",
    ),
    Kind.TARGET: (
        "The table still holds the column to be predicted",
        "is given the answer as one of its columns",
        "Drop the target column from the features before training.",
    ),
    Kind.TRAINED_ON_TEST: (
        "The model is trained on the rows that it is scored on",
        "is fitted on rows of the test part",
        "Fit on the training part alone.",
    ),
    Kind.STOPPED_ON_TEST: (
        "Training stops when the test part says so",
        "stops early by the score on the test part, which is then reported",
        "Split a validation part off the training part, and watch that.",
    ),
    Kind.TUNED_ON_TEST: (
        "The best candidate is chosen by its score on the test part",
        "keeps what did best on the test part, and reports that score",
        "Choose by cross-validation or a validation part; score the chosen model once on the test part.",
    ),
    Kind.TIME: (
        "Rows of tomorrow train what is scored on rows of today",
        "puts rows that hold what stood in the rows before and after them on both sides",
        "Split by time: train on the first rows, score on the last ones (train_test_split with shuffle=False, TimeSeriesSplit).",
    ),
    Kind.GROUPS: (
        "Rows of one group stand on both sides of the split",
        "is given groups and does not look at them, so that each stands on both sides",
        "Use folds that keep groups together: GroupKFold, StratifiedGroupKFold, LeaveOneGroupOut.",
    ),
}


@check(
    id="source-file/train-test-leakage",
    title="Scores are measured on rows that nothing was learned from",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.TRAIN,
    threat=Threat.UNRELIABILITY,
    categories=("train-test-leakage",),
)
def train_test_leakage(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Follow data from where it is loaded through splits, transformations and training to where a model is scored.

    What it finds
        Anything that is fitted on all rows before they are split and scored (scalers, imputers, selectors, components, target encoders, vocabularies), oversampling
        and copies before a split, a target column left among the features (or one computed from it), models trained on the test part, early stopping and tuning by
        the score that is then reported. Steps are followed through functions, ``self`` and other modules.

    Why it matters
        The score promises what the model cannot keep: it has seen the answers. A survey found leakage in 294 papers of 17 fields (Kapoor and Narayanan, 2023), and in
        about 15 percent of public notebooks (Yang et al., 2022). A fraud or intrusion detector that is released on such a number fails in production, and a poisoned or
        evaded model hides behind it.

    Example
        ``X = StandardScaler().fit_transform(X)``, then ``train_test_split(X, y)``, then ``model.score(X_test, y_test)``.

    How to fix
        Split first. Fit everything that learns on the training part, best inside a ``Pipeline``, which cross-validation fits anew for every fold.

    Limits
        Data whose origin is not visible is known by its name (``X_train``), or by being split. Of groups and time (rows of one patient, or of tomorrow, on both sides)
        only what the program itself says is judged: groups that are handed to folds that look at none, lagged columns that are split at random. Fitting on all rows
        without a later score is fine, and not reported.

    References
        Kapoor, Narayanan: Leakage and the reproducibility crisis in machine-learning-based science, Patterns 4(9), 2023; Yang et al.: Data Leakage in Notebooks, ASE
        2022 (arXiv:2209.03345).
    """
    if file.source is None:
        return
    for leak in leaks(file.asset.path, file.source.tree, file.text.content, _Modules(file, sources(ctx))):
        yield _weakness(file, leak)


class _Modules:
    """The other modules of the project."""

    def __init__(self, file: SourceFile, files: Sources) -> None:
        self._file, self._files = file, files

    def module(self, importer: str, name: str, level: int) -> tuple[str, ast.Module] | None:
        """The path and tree of the module that ``name`` means in the file ``importer``; its functions may have no bodies."""
        path = find_module(self._files, importer, name, level)
        tree = self._files.tree(path) if path is not None and path != importer else None
        return (path, tree) if path is not None and tree is not None else None

    def body(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        """The statements of a function of that module that has no body in its tree."""
        tree = self._files.tree(path)
        around = _class_of(tree.body, node.lineno) if tree is not None else ""
        self._file.looked_into.add((path, around, node.name))
        return self._files.body(path, node)


def _class_of(parts: Iterable[ast.AST], line: int) -> str:
    """The name of the class that the function at ``line`` is a method of; empty for none."""
    for node in parts:
        if getattr(node, "lineno", line) <= line <= (getattr(node, "end_lineno", None) or line):
            inside = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt | ast.excepthandler | ast.match_case)]
            if isinstance(node, ast.ClassDef) and any(getattr(part, "lineno", 0) == line for part in inside):
                return node.name
            if around := _class_of(inside, line):
                return around
    return ""


def _weakness(file: SourceFile, leak: Leak) -> Weakness:
    lesson = leak.lesson
    title, message, fix = _WORDS[lesson.kind]
    what = inert(lesson.what, 60)
    start, end = file.text.at_line(lesson.line, lesson.column), file.text.at_line(lesson.end_line)
    place = Location(
        path=file.asset.path, line=start.line, column=start.column, cell=start.cell,
        end_line=end.line if end.cell == start.cell and end.line > start.line else None,
    )  # fmt: skip
    return Weakness(
        category="train-test-leakage",
        identity=(lesson.kind, lesson.scope, lesson.what),
        title=title,
        message=f"{what} {message}; the score is too good to be true.",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH if lesson.uses_labels or lesson.kind not in (Kind.SCALE, Kind.VECTORISE) else Confidence.MEDIUM,
        locations=(place,),
        root_cause=f"train-test-leakage: {lesson.kind}",
        flow=tuple(_flow(file, leak, what)),
        evidence={"kind": lesson.kind.value, "learner": what},
        fix=Fix(summary=fix),
    )


def _flow(file: SourceFile, leak: Leak, what: str) -> Iterator[FlowStep]:
    said = ((leak.lesson.line, f"{what} sees all rows"), (leak.split, "the rows are split"), (leak.score, "the model is scored"))
    for line, message in said:
        if line > 0:
            place = file.text.at_line(line)
            yield FlowStep(file.asset.path, place.line, message if place.cell is None else f"cell {place.cell}: {message}")

"""What expressions are, as far as data, splits and learners go."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from typing import Any

import msgspec

from aisecops.codebase.evaluation.rows import bound_of, first_slice, halves
from aisecops.codebase.evaluation.states import (
    Data,
    Kind,
    Learner,
    Lesson,
    Many,
    Named,
    Part,
    Rows,
    Score,
    State,
    Statistic,
    Text,
    data_in,
    united,
)
from aisecops.codebase.syntax.walking import children, walk

Env = dict[str, State]
_FRAME_PARTS = frozenset(("iloc", "loc", "values", "T", "to_numpy", "copy", "at", "iat", "A"))
_MOST_TEXTS = 400


class Expressions(ABC):
    """Evaluates expressions in the environment ``env``."""

    env: Env
    scope: str
    anchor: ast.AST | None
    """The call that has led into another module: what is learned there is told of this place."""
    tree: ast.Module
    _halves: dict[str, int] | None = None

    @abstractmethod
    def call(self, node: ast.Call) -> State:
        """What the call gives, and what it does."""

    @abstractmethod
    def lookup(self, name: str) -> State:
        """What ``name`` means here."""

    def lesson(self, kind: Kind, node: ast.AST, what: str, origins: frozenset[int], *, uses_labels: bool = False) -> Lesson:
        """Something that is learned at ``node``."""
        node = self.anchor or node
        line = getattr(node, "lineno", 1)
        end = getattr(node, "end_lineno", None) or line
        return Lesson(kind, line, getattr(node, "col_offset", 0) + 1, end, what, origins, uses_labels, self.scope)

    def evaluate(self, node: ast.expr | None) -> State:
        """What ``node`` is."""
        match node:
            case None:
                return None
            case ast.Constant(value=str() as text):
                return Text((text,))
            case ast.Name(id=name):
                return self.lookup(name)
            case ast.Call():
                return self.call(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript():
                return self.item(node)
            case ast.BinOp():
                return self._operation(node)
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                return self._several(elements)
            case ast.Dict():
                keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
                return Many({key: self.evaluate(value) for key, value in zip(keys, node.values, strict=True)})
            case ast.IfExp():
                return self.evaluate(node.body) or self.evaluate(node.orelse)
            case ast.NamedExpr(target=ast.Name(id=name)):
                self.env[name] = self.evaluate(node.value)
                return self.env[name]
            case ast.Await(value=inner) | ast.Starred(value=inner):
                return self.evaluate(inner)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self._comprehension(node)
            case ast.UnaryOp() | ast.Compare() | ast.BoolOp():
                return self._mixed(node)
        return None

    def _several(self, elements: list[ast.expr]) -> State:
        states = [self.evaluate(element) for element in elements]
        if states and all(isinstance(state, Text) for state in states):
            return Text(tuple(text for state in states if isinstance(state, Text) for text in state.texts)[:_MOST_TEXTS])
        return Many(dict(enumerate(states)))

    def _mixed(self, node: ast.expr) -> State:
        """A condition: what it is asked of data is no data; of a score it is one."""
        states = [self.evaluate(part) for part in children(node) if isinstance(part, ast.expr)]
        return next((state for state in states if isinstance(state, (Score, Statistic))), None)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> State:
        for generator in node.generators:
            source = self.evaluate(generator.iter)
            for name in walk(generator.target):
                if isinstance(name, ast.Name):
                    self.env[name.id] = source if isinstance(source, (Data, Text)) else None
        return self.evaluate(node.elt)

    def attribute(self, node: ast.Attribute) -> State:
        """What ``x.name`` is."""
        dotted = dotted_name(node)
        if dotted and dotted in self.env:
            return self.env[dotted]
        base = self.evaluate(node.value)
        name = node.attr
        if isinstance(base, Named):
            return Named(f"{base.path}.{name}")
        if isinstance(base, Data):
            if name in ("index", "shape", "dtypes", "size", "ndim", "empty"):
                return None
            if name == "columns":
                return Statistic(base, names=True)
            if name in _FRAME_PARTS:
                return base
            if name in ("data", "images", "target", "features", "labels"):
                return msgspec.structs.replace(base, dropped=None)
            return msgspec.structs.replace(base, column=name, dropped=None) if base.from_file and not base.column else base
        if isinstance(base, Statistic):
            return base
        if isinstance(base, Learner) and name in ("support_", "scores_", "feature_importances_", "coef_", "mean_", "components_", "ranking_"):
            data = united(data for data, _ in base.fitted)
            return Statistic(data, base.lessons) if data is not None else None
        if isinstance(base, Learner) and name in ("best_estimator_", "estimator", "base_estimator", "named_steps", "steps"):
            return base
        if isinstance(base, Learner) and name == "best_score_":
            data = united(data for data, _ in base.fitted)
            return Score(data) if data is not None else None
        return None

    def item(self, node: ast.Subscript) -> State:
        """What ``x[key]`` is."""
        dotted = dotted_name(node)
        if dotted and dotted in self.env:
            return self.env[dotted]
        base = self.evaluate(node.value)
        if isinstance(base, Many):
            name = node.slice.value if isinstance(node.slice, ast.Constant) else None
            found: State = base.items.get(name)
            return found if found is not None else united(data_in(base))
        if isinstance(base, Statistic):
            key = self.evaluate(node.slice) if not isinstance(node.slice, ast.Slice) else None
            if isinstance(key, Statistic):
                return Statistic(base.data, base.lessons | key.lessons, base.names and key.names)
            return msgspec.structs.replace(base, column=key.texts[0]) if isinstance(key, Text) and not base.column else base
        if isinstance(base, (Score, Learner)):
            return base
        if not isinstance(base, Data):
            return None
        return self._some(base, node)

    def _some(self, base: Data, node: ast.Subscript) -> State:
        """Rows or columns of a table."""
        index = node.slice
        if base.part is Part.ALL and (half := self._half(node)) is not None:
            base = msgspec.structs.replace(base, part=half[0], split=half[1], whole=False)
        if isinstance(index, ast.Slice):
            return msgspec.structs.replace(base, whole=False)
        keys = index.elts if isinstance(index, ast.Tuple) else [index]
        for place, key in enumerate(keys):
            if isinstance(key, ast.Slice):
                if key.lower is not None or key.upper is not None:
                    base = msgspec.structs.replace(base, dropped=None) if place else msgspec.structs.replace(base, whole=False)
                continue
            base = self._by_key(base, self.evaluate(key), key, columns=place > 0 or len(keys) == 1)
        return base

    def _half(self, node: ast.Subscript) -> tuple[Part, int] | None:
        """Which half of a split by hand this is, ``X[:n]`` or ``X[n:]``, and where that is made; None unless the program takes both."""
        cut = first_slice(node)
        if not isinstance(cut, ast.Slice) or cut.step is not None or (cut.lower is None) == (cut.upper is None):
            return None
        if self._halves is None:
            self._halves = halves(self.tree)
        line = self._halves.get(bound_of(cut.lower) if cut.lower is not None else ast.dump(cut.upper or cut))
        return None if line is None else (Part.TRAIN if cut.lower is None else Part.TEST, line)

    def _by_key(self, base: Data, key: State, node: ast.expr, *, columns: bool) -> Data:
        if isinstance(key, Rows):
            return msgspec.structs.replace(base, part=key.part, split=key.split, whole=False)
        if isinstance(key, Statistic) and not isinstance(node, (ast.Compare, ast.UnaryOp, ast.BoolOp, ast.BinOp)):
            learned = key.lessons
            if not learned and not key.names and key.data.origins & base.origins and columns and key.data.part in (Part.ALL, Part.TEST):
                learned = frozenset({self.lesson(Kind.SELECT, node, "columns chosen by a statistic", key.data.origins, uses_labels=True)})
            return msgspec.structs.replace(base, lessons=base.lessons | learned, dropped=None)
        if isinstance(key, Text) and columns:
            if len(key.texts) == 1 and isinstance(node, (ast.Constant, ast.Name)):
                return msgspec.structs.replace(base, column=key.texts[0], dropped=None)
            return msgspec.structs.replace(base, column="\n".join(key.texts), dropped=None)
        if isinstance(node, (ast.Compare, ast.UnaryOp, ast.BoolOp, ast.BinOp)):
            of_columns = any(isinstance(part, ast.Attribute) and part.attr == "columns" for part in walk(node))
            return msgspec.structs.replace(base, dropped=None) if of_columns else msgspec.structs.replace(base, whole=False)
        if base.part is Part.ALL and isinstance(key, Data) and key.part is not Part.ALL:  # numbers of rows, cut in two
            return msgspec.structs.replace(base, part=key.part, split=key.split, whole=False)
        if key is None and base.part is Part.ALL and (part := _rows_named(node)) is not None:
            return msgspec.structs.replace(base, part=part, split=-1, whole=False)
        return msgspec.structs.replace(base, dropped=None, whole=base.whole and columns)

    def _operation(self, node: ast.BinOp) -> State:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if isinstance(left, Text) and isinstance(right, Text):
            return Text((*left.texts, *right.texts)[:_MOST_TEXTS])
        for data, other in ((left, right), (right, left)):
            if isinstance(data, Data) and isinstance(other, Statistic) and other.data.origins & data.origins:
                if isinstance(node.op, (ast.Sub, ast.Div)) and not any(lesson.kind is Kind.SCALE for lesson in data.lessons):
                    learned = self.lesson(Kind.SCALE, node, "a statistic of the rows", other.data.origins)
                    seen = frozenset({learned}) if other.data.part in (Part.ALL, Part.TEST) else frozenset()
                    return msgspec.structs.replace(data, lessons=data.lessons | seen | other.lessons, dropped=None)
                return data
        if isinstance(left, Data) and isinstance(right, Data) and left != right:
            return united([left, right])
        return left if isinstance(left, (Data, Statistic, Score)) else right if isinstance(right, (Data, Statistic, Score)) else None


def _rows_named(node: ast.expr) -> Part | None:
    """The part that numbers of rows or a mask speak of by their name: ``train_idx``, ``test_mask``."""
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return part_of_name(name) if re.search(r"(?i)(idx|inds?|index|indices|indexes|mask|rows|ids)$", name) else None


def dotted_name(node: ast.expr) -> str:
    """Return ``self.x`` for an attribute of a name; nothing for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ):
        return f"{node.value.id}[{node.slice.value}]"
    return ""


def part_of_name(name: str) -> Part | None:
    """Return the part of a split that a name speaks of: ``X_train``, ``val_df``, ``holdout``; None if it speaks of none, or of two."""
    words = set(re.findall(r"[a-z]+", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()))
    words |= {match[0] for word in words if (match := re.fullmatch(r"x?y?(train|test|val|valid)", word))}
    train = bool(words & {"train", "training", "tr", "trn", "xtrain", "ytrain"})
    test = bool(words & {"test", "testing", "te", "tst", "holdout", "heldout", "eval", "xtest", "ytest", "unseen"})
    validation = bool(words & {"val", "valid", "validation", "dev", "xval", "yval", "xvalid"})
    found = [part for part, said in ((Part.TRAIN, train), (Part.TEST, test), (Part.VALIDATION, validation)) if said]
    return found[0] if len(found) == 1 else None


def class_name(path: str) -> str:
    """Return the last part of an access path."""
    return path.rpartition(".")[2]


def known(path: str, patterns: Any) -> bool:
    """Whether ``path`` is one of ``patterns``, in which a ``*`` stands for a part of one name."""
    for pattern in patterns:
        if "*" not in pattern:
            if path == pattern:
                return True
            continue
        head, _, tail = pattern.partition("*")
        if path.startswith(head) and path.endswith(tail) and len(path) >= len(head) + len(tail):
            return True
    return False

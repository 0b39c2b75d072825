"""What calls do: load, split, learn, transform, score."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from collections.abc import Iterator

import msgspec

from aisecops.codebase.evaluation.expressions import Expressions, class_name, known
from aisecops.codebase.evaluation.states import (
    Called,
    Data,
    Kind,
    Leak,
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
from aisecops.codebase.syntax.walking import walk
from aisecops.knowledge.learning import learning

_SEEN = (Part.ALL, Part.TEST)
"""Parts from which nothing may be learned that is scored on the test part later."""
_SAME = frozenset(
    (
        "reshape astype to_numpy copy head tail reset_index rename sort_values sort_index toarray todense tolist map apply dropna drop_duplicates replace assign query"
        " set_index squeeze ravel flatten to float long cuda cpu numpy clip round batch shuffle select filter with_columns to_pandas collect transpose infer_objects"
        " convert_dtypes applymap eval pipe ffill bfill items join"
    ).split()
)
"""Methods of data whose result is that data: nothing is learned from its rows."""
_PASSING = frozenset(
    (
        "array asarray DataFrame Series tensor from_numpy as_tensor FloatTensor LongTensor Tensor csr_matrix shuffle get_dummies log1p log abs sqrt TensorDataset"
        " DataLoader Subset DMatrix Dataset Pool hstack column_stack c_ nan_to_num pad_sequences to_categorical list tuple sorted enumerate zip expand_dims squeeze"
        " from_tensor_slices Matrix to_datetime to_numeric ravel reshape stack"
    ).split()
)
"""Functions likewise."""
_TRAINERS = frozenset(("xgboost.train", "lightgbm.train", "catboost.train"))
"""Functions that return what they have fitted on their second argument."""
_SEARCHING = frozenset(("optimize", "fmin", "gp_minimize", "forest_minimize", "dummy_minimize", "minimize", "maximize"))
"""What calls an objective again and again, and keeps what did best."""
_MAPPING = frozenset(("map", "apply", "transform", "applymap", "with_transform"))
_LEARNT = frozenset(("mean", "std", "median", "var", "quantile", "min", "max"))
_BEFORE = frozenset(("rolling_mean", "rolling_sum", "rolling_std", "shift", "rolling", "ewm", "expanding", "diff", "pct_change"))
"""Methods that put what stood in other rows into a row."""
_ACROSS = _BEFORE | frozenset(
    "groupby transform mean std median sum count map_partitions predict predict_proba fit_transform cut qcut sample permutation isna isnull notna notnull".split()
)
"""Methods after which a column is no longer computed from others of its own row, or tells little of them."""
_MOST_MADE = 400
_TOGETHER = frozenset(("concat", "concatenate", "vstack", "append", "r_", "ConcatDataset", "concatenate_datasets"))


class Calls(Expressions):
    """Evaluates calls."""

    found: dict[tuple[Kind, int, int], Leak]
    origins: Iterator[int]
    stopped: list[tuple[Data, Lesson]]
    """What decided when to stop training."""
    targets: set[str]
    """Columns that are predicted."""

    @abstractmethod
    def inline(self, called: Called, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> State:
        """Run a function of the project with these arguments."""

    def call(self, node: ast.Call) -> State:
        """What the call gives, and what it does."""
        function = node.func
        positional = [self.evaluate(argument) for argument in node.args]
        keywords = {keyword.arg: self.evaluate(keyword.value) for keyword in node.keywords if keyword.arg}
        if isinstance(function, ast.Attribute):
            base = self.evaluate(function.value)
            if isinstance(base, Learner):
                return self._learner(base, function.attr, node, positional, keywords)
            if isinstance(base, Data):
                return self._of_data(base, function.attr, node, positional, keywords)
            if isinstance(base, Statistic) and not base.column and function.attr in ("agg", "aggregate"):
                return msgspec.structs.replace(base, column=_aggregated(node))
            if isinstance(base, (Statistic, Score)):
                return base
            if isinstance(base, Many) and function.attr in (
                "items",
                "values",
                "get",
                "copy",
                "map",
                "filter",
                "with_format",
                "remove_columns",
                "shuffle",
            ):
                return base
            if isinstance(base, Many) and function.attr in ("append", "extend") and positional and isinstance(base.items, dict):
                base.items.setdefault(len(base.items), positional[0])
                return None
            if isinstance(base, Text):
                return base if function.attr in ("tolist", "copy") else None
        callee = self.evaluate(function)
        if isinstance(callee, Called):
            return self.inline(callee, node, positional, keywords)
        if isinstance(callee, Learner):  # a model of torch: model(x)
            return self._scored(callee, node, united(data for state in positional for data in data_in(state)))
        if isinstance(callee, Named):
            return self._library(callee.path, node, positional, keywords)
        return self._unknown(function, node, positional, keywords)

    # Libraries

    def _library(self, path: str, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> State:
        knowledge, name = learning(), class_name(path)
        if path in knowledge.splitters:
            return self._split(knowledge.splitters[path], node, positional)
        if known(path, knowledge.presplit):
            return self._loaded_apart()
        if path in _TRAINERS:
            booster = Learner("Booster", "model")
            given = positional[1] if len(positional) > 1 else keywords.get("dtrain", keywords.get("train_set"))
            self._fitted(booster, node, united(data_in(given)), [], keywords)
            return booster
        if (learner := self._made(name, node, positional, keywords)) is not None:
            return learner
        if known(path, knowledge.loaders) and not any(data_in(state) for state in positional):
            return self._loaded(path, positional, keywords)
        if name in knowledge.cross_validation:
            return self._cross_validated(node, positional, keywords)
        if name in knowledge.metrics:
            return self._measured(node, [*positional, *keywords.values()])
        if name == "resample":
            return self._resampled(node, positional)
        if name in _SEARCHING:
            self._sought(node, positional, keywords)
        return self._plain(name, node, positional, keywords)

    def _plain(self, name: str, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> State:
        """A function that makes data of data."""
        states = [*positional, *keywords.values()]
        inside = [data for state in states for data in data_in(state)]
        if name in _TOGETHER:
            return self._together(node, inside)
        if name in ("repeat", "tile") and inside:
            copied = self.lesson(Kind.DUPLICATE, node, "rows repeated", inside[0].origins)
            return msgspec.structs.replace(inside[0], lessons=inside[0].lessons | {copied}) if inside[0].part is Part.ALL else inside[0]
        statistic = next((state for state in states if isinstance(state, Statistic)), None)
        if name == "merge" and len(inside) > 1 and isinstance(positional[0], Data):
            return self._joined_to(positional[0], node, positional[1:2])
        if statistic is not None and not any(isinstance(state, Data) for state in states):
            return statistic
        if inside and name in learning().statistics:
            return Statistic(inside[0])
        score = next((state for state in states if isinstance(state, Score)), None)
        if score is not None:
            return score
        if len(inside) > 1 and name not in _PASSING and len({data.part for data in inside}) > 1:
            return None
        return united(inside) if inside else None

    def _unknown(self, function: ast.expr, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> State:
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        learner = self._made(name, node, positional, keywords) if name[:1].isupper() else None
        if learner is not None:
            return learner
        if name in _SEARCHING:
            self._sought(node, positional, keywords)
        inside = [data for state in (*positional, *keywords.values()) for data in data_in(state)]
        if re.search(r"(?i)^_?(evaluate|test|score|validate|eval|report)(_|$)", name):
            for data in inside:
                self._check(data, node)
        return self._plain(name, node, positional, keywords)

    def _sought(self, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> None:
        """``study.optimize(objective)``: what is best by a score on the test part is chosen by it."""
        for written, state in (*zip(node.args, positional, strict=False), *((k.value, keywords.get(k.arg or "")) for k in node.keywords)):
            result = (
                self.inline(state, node, [], {})
                if isinstance(state, Called)
                else self.evaluate(written.body)
                if isinstance(written, ast.Lambda)
                else None
            )
            scores = [result] if isinstance(result, Score) else list(result.items.values()) if isinstance(result, Many) else []
            for score in scores:
                if isinstance(score, Score) and score.data.part is Part.TEST:
                    lesson = self.lesson(Kind.TUNED_ON_TEST, node, "the best by its score on the test part", score.data.origins)
                    self.stopped.append((score.data, lesson))

    def _loaded(self, path: str, positional: list[State], keywords: dict[str, State]) -> State:
        said = [text for state in (*positional, *keywords.values()) if isinstance(state, Text) for text in state.texts]
        apart = any(re.search(r"(?i)(^|[/_.\-])(test|holdout|valid|val|dev)([/_.\-]|$)", text) for text in said)
        origin = next(self.origins)
        return Data(frozenset({origin}), part=Part.TEST if apart else Part.ALL, table=origin, from_file=".read_" in path)

    def _loaded_apart(self) -> State:
        pair = []
        for part in (Part.TRAIN, Part.TEST):
            data = Data(frozenset({next(self.origins)}), part=part)
            pair.append(Many({0: data, 1: data}))
        return Many({0: pair[0], 1: pair[1]})

    def _split(self, how: str, node: ast.Call, positional: list[State]) -> State:
        line = node.lineno
        if how == "pairs":
            items: list[State] = []
            shuffled = not any(k.arg == "shuffle" and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords)
            for state in positional:
                data = united(data_in(state))
                if data is not None and data.ordered and data.part is Part.ALL and shuffled:
                    order = self.lesson(Kind.TIME, node, "a split at random", data.origins)
                    data = msgspec.structs.replace(data, lessons=data.lessons | {order})
                items += [_part(data, Part.TRAIN, line), _part(data, Part.TEST, line)]
            self._target_inside(node, positional)
            return Many(dict(enumerate(items)))
        data = united(data_in(positional[0])) if positional else None
        sizes = positional[1].items if len(positional) > 1 and isinstance(positional[1], Many) else {0: None, 1: None}
        parts = [Part.TRAIN, *([Part.VALIDATION] if len(sizes) > 2 else []), Part.TEST]
        return Many({number: _part(data, part, line) for number, part in enumerate(parts)})

    def _made(self, name: str, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> Learner | None:
        """An object of a class that learns."""
        knowledge = learning()
        early = any(keyword.arg in ("early_stopping_rounds", "early_stopping", "callbacks", "n_iter_no_change") for keyword in node.keywords)
        parts = [learner for state in (*positional, *keywords.values()) for learner in _learners(state)]
        if name in knowledge.pipelines or name in knowledge.compositions:
            return _composed(name, parts)
        if name in knowledge.searches and parts:
            return Learner(name, "search", early=early)
        if name in knowledge.folds:
            shuffled = any(k.arg == "shuffle" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords)
            return Learner(name, "folds", Kind.TIME if shuffled or name.endswith("ShuffleSplit") else None)
        if name in knowledge.harmless:
            return Learner(name, "harmless")
        if name in knowledge.resamplers:
            return Learner(name, "resampler", Kind.RESAMPLE, uses_labels=True)
        for kind, names in knowledge.transformers.items():
            if name in names:
                return Learner(name, "transformer", Kind(kind), uses_labels=name in knowledge.uses_labels)
        if re.search(knowledge.model_classes, name) and name[:1].isupper():
            return Learner(name, "model", early=early)
        return None

    # Data

    def _of_data(self, base: Data, name: str, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> State:
        if name == "drop" and not keywords.get("index"):
            given = keywords.get("columns") or (positional[0] if positional else keywords.get("labels"))
            if isinstance(given, Text):
                dropped = None if base.dropped is None else base.dropped | set(given.texts)
                return msgspec.structs.replace(base, dropped=dropped)
            return msgspec.structs.replace(base, dropped=None, whole=False)
        if name == "pop":
            given = positional[0] if positional else None
            self._rebind(node, msgspec.structs.replace(base, dropped=None))
            return msgspec.structs.replace(base, column=given.texts[0] if isinstance(given, Text) else "", dropped=None)
        if name == "train_test_split":
            halves = {"train": _part(base, Part.TRAIN, node.lineno), "test": _part(base, Part.TEST, node.lineno)}
            return Many(halves)
        if name in ("fillna", "interpolate"):
            return self._filled(base, node, [*positional, *keywords.values()])
        if name == "sample":
            return self._sampled(base, node)
        if name == "groupby":
            return Statistic(base)
        if name in learning().statistics:
            return Statistic(base)
        if name in _MAPPING and base.part in _SEEN and (means := _looked_up(positional, base)) is not None:
            return means
        if name in _MAPPING and base.part in _SEEN and (statistic := self._used_statistic(node, base)) is not None:
            lesson = self.lesson(Kind.SCALE, node, "a statistic of the rows", statistic.data.origins)
            return msgspec.structs.replace(base, lessons=base.lessons | {lesson}, dropped=None)
        if name in _BEFORE:
            return msgspec.structs.replace(base, ordered=True)
        if name in ("with_columns", "select", "assign", "fill_null"):
            return self._made_of_columns(base, node, keywords)
        if name in ("merge", "join") and positional:
            return self._joined_to(base, node, positional)
        if name in _SAME or name.startswith(("str_", "dt_")):
            return base
        return msgspec.structs.replace(base, dropped=None)

    def _joined_to(self, base: Data, node: ast.Call, positional: list[State]) -> Data:
        """``df.merge(rates, on="city")``: where ``rates`` are means of another column by group, every row now holds some of what stood in the others."""
        means = _looked_up(positional, base)
        if means is not None and base.part in _SEEN:
            learned = self.lesson(Kind.AGGREGATE, node, means.column, base.origins, uses_labels=True)
            return msgspec.structs.replace(base, lessons=base.lessons | {learned})
        others = [data for state in positional[:1] for data in data_in(state)]
        if not others or isinstance(positional[0], Statistic):
            return base
        return united([base, *others]) or base

    def _used_statistic(self, node: ast.Call, base: Data) -> Statistic | None:
        """The statistic of all rows with which a function that is mapped over them does something: ``ds.map(lambda row: row["x"] - mean)``."""
        for argument in node.args:
            called = self.env.get(argument.id) or self.lookup(argument.id) if isinstance(argument, ast.Name) else None
            inside = argument.body if isinstance(argument, ast.Lambda) else called.node if isinstance(called, Called) else None
            for part in walk(inside) if inside is not None else ():
                state = self.lookup(part.id) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) else None
                if isinstance(state, Statistic) and not state.names and state.data.origins & base.origins and state.data.part in _SEEN:
                    return state
        return None

    def _made_of_columns(self, base: Data, node: ast.Call, keywords: dict[str, State]) -> Data:
        """Columns of polars, or of ``assign``, that are made of statistics of all rows, or of the rows before."""
        calls = [part for part in walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part is not node]
        columns = [call.func.attr for call in calls if isinstance(call.func, ast.Attribute) and _is_column(call.func.value)]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "assign":
            for keyword in node.keywords:
                base = computed(base, keyword.arg or "", keyword.value)
        if any(name in _BEFORE for name in columns) or any(isinstance(state, Data) and state.ordered for state in keywords.values()):
            base = msgspec.structs.replace(base, ordered=True)
        fills = isinstance(node.func, ast.Attribute) and node.func.attr == "fill_null"
        learns = any(name in _LEARNT for name in columns) or (
            fills and any(isinstance(part, ast.Constant) and part.value in _LEARNT for part in walk(node))
        )
        if not learns or base.part not in _SEEN or (columns and "over" in columns):
            return base
        lesson = self.lesson(Kind.IMPUTE if fills else Kind.SCALE, node, "a statistic of the rows", base.origins)
        return msgspec.structs.replace(base, lessons=base.lessons | {lesson})

    def _filled(self, base: Data, node: ast.Call, given: list[State]) -> State:
        statistic = next((state for state in given if isinstance(state, Statistic) and state.data.origins & base.origins), None)
        if statistic is None or statistic.data.part not in _SEEN:
            return base
        learned = self.lesson(Kind.IMPUTE, node, "missing values filled from all rows", statistic.data.origins)
        return msgspec.structs.replace(base, lessons=base.lessons | {learned})

    def _sampled(self, base: Data, node: ast.Call) -> State:
        again = any(keyword.arg == "replace" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True for keyword in node.keywords)
        if again and base.part is Part.ALL:
            copied = self.lesson(Kind.DUPLICATE, node, "rows drawn again and again", base.origins)
            return msgspec.structs.replace(base, lessons=base.lessons | {copied}, whole=False)
        everything = any(keyword.arg == "frac" and isinstance(keyword.value, ast.Constant) and keyword.value.value == 1 for keyword in node.keywords)
        return base if everything else msgspec.structs.replace(base, whole=False)

    def _resampled(self, node: ast.Call, positional: list[State]) -> State:
        once = any(keyword.arg == "replace" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False for keyword in node.keywords)
        made: list[State] = []
        for state in positional:
            data = united(data_in(state))
            if data is not None and data.part is Part.ALL and not once:
                copied = self.lesson(Kind.DUPLICATE, node, "rows drawn again and again", data.origins)
                data = msgspec.structs.replace(data, lessons=data.lessons | {copied}, whole=False)
            made.append(data)
        return made[0] if len(made) == 1 else Many(dict(enumerate(made)))

    def _together(self, node: ast.Call, inside: list[Data]) -> State:
        joined = united(inside)
        if joined is None:
            return None
        sideways = any(
            keyword.arg == "axis" and isinstance(keyword.value, ast.Constant) and keyword.value.value in (1, "columns") for keyword in node.keywords
        )
        rows = [data for data in inside if data.part is Part.ALL and data.whole and not data.column]
        if not sideways and len(rows) > 1 and any(a.origins & b.origins for i, a in enumerate(rows) for b in rows[i + 1 :]):
            copied = self.lesson(Kind.DUPLICATE, node, "rows and changed copies of them", joined.origins)
            return msgspec.structs.replace(joined, lessons=joined.lessons | {copied})
        return joined

    # Learners

    def _learner(self, learner: Learner, name: str, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> State:
        given = positional[0] if positional else next((keywords[key] for key in ("X", "x", "data", "train_data") if key in keywords), None)
        data = united(data_in(given))
        match name:
            case "fit" | "fit_on_texts" | "partial_fit" | "adapt" | "train":
                self._fitted(learner, node, data, positional, keywords)
                return learner
            case "fit_transform":
                lessons = self._fitted(learner, node, data, positional, keywords)
                return msgspec.structs.replace(data, lessons=data.lessons | lessons, dropped=None) if data is not None else None
            case "fit_resample" | "fit_sample":
                return self._balanced(learner, node, positional)
            case "fit_predict":
                self._fitted(learner, node, data, positional, keywords)
                return None
            case "transform" | "texts_to_sequences" | "texts_to_matrix":
                return (
                    msgspec.structs.replace(data, lessons=data.lessons | self._of_others(learner, data), dropped=None) if data is not None else None
                )
            case "split":
                line = node.lineno
                if learner.role == "folds" and data is not None and (len(node.args) > 2 or any(k.arg == "groups" for k in node.keywords)):
                    self._grouped(learner, data, node)
                return Many({0: Rows(Part.TRAIN, line), 1: Rows(Part.TEST, line)}) if learner.role == "folds" else None
            case "get_support" | "get_feature_names_out":
                seen = united(d for d, _ in learner.fitted)
                return Statistic(seen, learner.lessons) if seen is not None else None
            case _ if name in learning().scoring_methods:
                return self._scored(learner, node, data)
            case _ if name in ("set_params", "to", "cuda", "eval", "compile", "set_output"):
                return learner
        return None

    def _of_others(self, learner: Learner, data: Data) -> frozenset[Lesson]:
        """The lessons of a transformer that are about the rows of ``data``: one fitted on another data set gives nothing away."""
        return frozenset(lesson for lesson in learner.lessons if lesson.origins & data.origins)

    def _fitted(self, learner: Learner, node: ast.Call, data: Data | None, positional: list[State], keywords: dict[str, State]) -> frozenset[Lesson]:
        if learner.role in ("model", "search"):
            self._target_inside(node, positional)
        self._watched(learner, node, keywords)
        if data is None or learner.role in ("harmless", "folds"):
            return frozenset()
        kind = learner.kind if learner.role == "transformer" and learner.kind else Kind.TRAINED_ON_TEST
        lesson = self.lesson(kind, node, learner.name, data.origins, uses_labels=learner.uses_labels)
        learner.fitted = ((data, lesson),)
        if learner.role == "search" and data.part is Part.ALL:
            self._cross(data, node)
        learner.lessons = (frozenset({lesson}) if learner.role == "transformer" and data.part in _SEEN else frozenset()) | data.lessons
        return frozenset({lesson}) if learner.role == "transformer" and data.part in _SEEN else frozenset()

    def _watched(self, learner: Learner, node: ast.Call, keywords: dict[str, State]) -> None:
        """Stopping early by what the test part says."""
        watched = [data for key in ("eval_set", "validation_data", "evals", "valid_sets") for data in data_in(keywords.get(key))]
        early = learner.early or any(keyword.arg in ("early_stopping_rounds", "callbacks", "early_stopping") for keyword in node.keywords)
        test = next((data for data in watched if data.part is Part.TEST), None)
        if early and test is not None:
            lesson = self.lesson(Kind.STOPPED_ON_TEST, node, learner.name, test.origins)
            learner.fitted = (*learner.fitted, (test, lesson))
            self.stopped.append((test, lesson))

    def _balanced(self, learner: Learner, node: ast.Call, positional: list[State]) -> State:
        made: list[State] = []
        for state in positional[:2]:
            data = united(data_in(state))
            if data is not None and data.part in _SEEN:
                lesson = self.lesson(Kind.RESAMPLE, node, learner.name, data.origins, uses_labels=True)
                data = msgspec.structs.replace(data, lessons=data.lessons | {lesson}, dropped=None)
            made.append(data)
        return Many(dict(enumerate(made)))

    # Scoring

    def _scored(self, learner: Learner, node: ast.Call, data: Data | None) -> State:
        if data is None:
            return None
        self._check(data, node)
        if data.part is Part.TEST:
            for seen, lesson in learner.fitted:
                if lesson.kind is Kind.TRAINED_ON_TEST and seen.origins & data.origins and self._holds_test(seen, data):
                    self._leak(lesson, data.split, node)
        return Score(data)

    def _holds_test(self, seen: Data, data: Data) -> bool:
        """Whether what was trained on has the rows of the test part ``data``: all rows, as they were before the split, or that part."""
        return seen.part in _SEEN and learned_apart(seen, data)

    def _measured(self, node: ast.Call, states: list[State]) -> State:
        inside = [data for state in states for data in data_in(state)]
        for data in inside:
            self._check(data, node)
        return Score(inside[0]) if inside else None

    def _cross_validated(self, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> State:
        given = positional[1] if len(positional) > 1 else keywords.get("X")
        data = united(data_in(given))
        if data is None:
            return None
        self._cross(data, node)
        folds = keywords.get("cv")
        if isinstance(folds, Learner) and folds.kind is Kind.TIME and data.ordered:
            self._leak(self.lesson(Kind.TIME, node, "a split at random", data.origins), 0, node)
        if any(k.arg == "groups" and not (isinstance(k.value, ast.Constant) and k.value.value is None) for k in node.keywords):
            written = next((k.value for k in node.keywords if k.arg == "cv"), None)
            if isinstance(folds, Learner) or written is None or isinstance(written, ast.Constant):
                self._grouped(folds if isinstance(folds, Learner) else Learner("KFold", "folds"), data, node)
        self._target_inside(node, [given, positional[2] if len(positional) > 2 else keywords.get("y")])
        return Score(data)

    def _grouped(self, folds: Learner, data: Data, node: ast.Call) -> None:
        """Groups that are handed to folds that look at none."""
        if folds.role == "folds" and not re.search("Group|Predefined|Purged", folds.name):
            self._leak(self.lesson(Kind.GROUPS, node, folds.name, data.origins), node.lineno, node)

    def _cross(self, data: Data, node: ast.Call) -> None:
        """Cross-validation splits what it is given: whatever was learned from those rows before has seen every fold."""
        if data.part in (Part.ALL, Part.TRAIN):
            for lesson in data.lessons:
                if data.part is Part.ALL or lesson.uses_labels:
                    self._leak(lesson, 0, node)

    def _check(self, data: Data, node: ast.AST) -> None:
        if data.part is not Part.TEST:
            return
        for lesson in data.lessons:
            self._leak(lesson, data.split, node)
        for seen, lesson in self.stopped:
            if seen.origins & data.origins and seen.split == data.split:
                self._leak(lesson, data.split, node)

    def _target_inside(self, node: ast.Call, positional: list[State]) -> None:
        """Learning from a table that still holds the column to be predicted."""
        if len(positional) < 2:
            return
        table, target = positional[0], positional[1]
        if isinstance(target, Data) and target.column:
            self.targets.add(target.column)
        if not (
            isinstance(table, Data)
            and isinstance(target, Data)
            and target.column
            and table.table
            and table.table == target.table
            and target.from_file
        ):
            return
        columns = set(table.column.split("\n")) if table.column else None
        if "\n" in target.column or table.column == target.column:
            return
        if _keeps(table, columns, target.column):
            self._answered(target.column, table, node)
        elif made := next((new for new, of in sorted(table.made) if of == target.column and _keeps(table, columns, new)), ""):
            self._answered(made, table, node)
        elif (source := _only_source(target.column, target.made | table.made)) and _keeps(table, columns, source):
            self._answered(source, table, node)  # `df["rich"] = df["income"] > 100_000`, with the income among the features

    def _answered(self, column: str, table: Data, node: ast.Call) -> None:
        """``column`` of what is learned from gives the answer away."""
        lesson = self.lesson(Kind.TARGET, node, column, table.origins, uses_labels=True)
        if not any(leak.lesson.kind is Kind.TARGET and leak.lesson.origins == lesson.origins for leak in self.found.values()):
            self._leak(lesson, 0, node)

    def _leak(self, lesson: Lesson, split: int, node: ast.AST) -> None:
        self.found.setdefault((lesson.kind, lesson.line, lesson.column), Leak(lesson, split, getattr(node, "lineno", 0)))

    def _rebind(self, node: ast.Call, state: State) -> None:
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            self.env[node.func.value.id] = state


def _looked_up(positional: list[State], base: Data) -> Statistic | None:
    """The means by group that ``base`` looks itself up in: ``df["city"].map(df.groupby("city")["price"].mean())``."""
    found = positional[0] if positional else None
    is_means = isinstance(found, Statistic) and bool(found.column) and found.data.part in _SEEN and bool(found.data.origins & base.origins)
    return found if is_means and isinstance(found, Statistic) else None


def _only_source(column: str, made: frozenset[tuple[str, str]]) -> str:
    """The one column that ``column`` was computed from; empty if there is none, or several."""
    sources = {of for new, of in made if new == column}
    return sources.pop() if len(sources) == 1 else ""


def _keeps(table: Data, columns: set[str] | None, column: str) -> bool:
    """Whether ``column`` is among what is learned from."""
    return column in columns if columns is not None else table.dropped is not None and column not in table.dropped


def _aggregated(node: ast.Call) -> str:
    """The columns that ``agg({"y": "mean"})``, ``agg(rate=("y", "mean"))`` sums up."""
    named = [key for argument in node.args if isinstance(argument, ast.Dict) for key in argument.keys]
    named += [k.value.elts[0] for k in node.keywords if isinstance(k.value, ast.Tuple) and k.value.elts]
    return "\n".join(key.value for key in named if isinstance(key, ast.Constant) and isinstance(key.value, str))


def computed(table: Data, column: str, value: ast.expr) -> Data:
    """``table`` with ``column`` computed as ``value``: what that is made of, other columns of the same row."""
    used = set()
    for part in walk(value):
        if isinstance(part, ast.Call) and (getattr(part.func, "attr", "") in _ACROSS or getattr(part.func, "id", "") in _ACROSS):
            return table  # of other rows, or something else altogether
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str):
            used.add(part.slice.value)
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and isinstance(part.ctx, ast.Load):
            used.add(part.attr)
    used.discard(column)
    if not column or not used or len(table.made) > _MOST_MADE:
        return table
    through = {of for new, of in table.made if new in used}
    return msgspec.structs.replace(table, made=table.made | {(column, of) for of in used | through})


def _is_column(node: ast.expr) -> bool:
    """Whether ``node`` speaks of a column: ``pl.col("x").shift(1)``."""
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Call) and (getattr(node.func, "attr", "") or getattr(node.func, "id", "")) == "col":
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def _part(data: Data | None, part: Part, line: int) -> Data | None:
    if data is None:
        return None
    if data.part is Part.TRAIN:  # the part that trains is split once more
        part = Part.TRAIN if part is Part.TRAIN else Part.VALIDATION
    elif data.part is not Part.ALL:
        part = data.part
    return msgspec.structs.replace(data, part=part, split=line)


def learned_apart(seen: Data, data: Data) -> bool:
    """Whether ``seen`` holds rows of ``data``: the same part of the same split, or everything that was split."""
    return seen.part is Part.ALL or seen.split == data.split


def _learners(state: State, depth: int = 4) -> Iterator[Learner]:
    if isinstance(state, Learner):
        yield state
    elif isinstance(state, Many) and depth:
        for item in state.items.values():
            yield from _learners(item, depth - 1)


def _composed(name: str, parts: list[Learner]) -> Learner:
    """A pipeline: a model if it holds one, else it learns what its first learning part learns."""
    if any(part.role in ("model", "search") for part in parts):
        return Learner(name, "model")
    teaching = next((part for part in parts if part.role in ("transformer", "resampler")), None)
    if teaching is None:
        return Learner(name, "harmless" if parts else "model")
    return Learner(name, "transformer", teaching.kind, uses_labels=any(part.uses_labels for part in parts))

"""Generated targets: models, data and mistakes as people have them, through the checks of privacy, fairness and explanations; every number beside the truth.

    python benchmarks/privacy/targets.py [--count 300] [--first 0] [--batch 10] [--output targets.jsonl]

Each target is drawn by its seed: one of 50 kinds of model (scikit-learn, boosters, pipelines over words and gaps, texts, torch, regressors), labels of seven styles,
0 to 3 columns of words, gaps, and in two of five a mistake: one class in the test rows, a class missing, ten rows, a class of one member, test rows that are training
rows, a label that the model does not know, a gap where the model takes none, a column more, twelve training rows. In one of five the declared training data was never
seen by the model, and nothing may be said to leak. ``aisecops run`` examines them, ten in a project.

Reported: crashes and tracebacks; reasons for which something was not examined, with counts; and numbers that differ from the truth that is computed here from the model
itself: accuracy, selection rates of groups, stored training rows, importance of columns, fidelity of what is called an exact copy, drift from a model to itself.
A rate beside chance (leaks of models that have seen nothing) is told with its interval.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import shutil
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import catboost
import joblib
import lightgbm
import numpy as np
import pandas as pd
import torch
import xgboost
import yaml
from sklearn import calibration, discriminant_analysis, dummy, ensemble, linear_model, multiclass, naive_bayes, neighbors, svm, tree
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from aisecops.core.run import Run
from aisecops.core.statistics import clopper_pearson
from aisecops.workflows.run import RunRequest, run

CHECKS = tuple(
    f"model/{name}"
    for name in (
        "quality", "membership-inference", "attribute-inference", "inversion", "structural-disclosure", "extraction", "fairness", "explanation", "explanation-drift"
    )
)  # fmt: skip
LINEAR, TREES = linear_model, ensemble
NUMBERS: dict[str, Callable[[], Any]] = {
    "logistic": lambda: LINEAR.LogisticRegression(max_iter=300),
    "scaled logistic": lambda: make_pipeline(StandardScaler(), LINEAR.LogisticRegression()),
    "liblinear": lambda: LINEAR.LogisticRegression(solver="liblinear", C=10),
    "search of C": lambda: GridSearchCV(LINEAR.LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    "SGD, log loss": lambda: make_pipeline(StandardScaler(), LINEAR.SGDClassifier(loss="log_loss", random_state=0)),
    "SGD, hinge": lambda: make_pipeline(StandardScaler(), LINEAR.SGDClassifier(random_state=0)),
    "ridge": lambda: LINEAR.RidgeClassifier(),
    "perceptron": lambda: LINEAR.Perceptron(random_state=0),
    "linear SVM": lambda: svm.LinearSVC(random_state=0),
    "SVM": lambda: svm.SVC(),
    "poly SVM": lambda: make_pipeline(MinMaxScaler(), svm.SVC(kernel="poly", degree=2)),
    "nearest": lambda: neighbors.KNeighborsClassifier(1),
    "5 nearest, by distance": lambda: neighbors.KNeighborsClassifier(5, weights="distance"),
    "centroid": lambda: neighbors.NearestCentroid(),
    "naive Bayes": lambda: naive_bayes.GaussianNB(),
    "tree": lambda: tree.DecisionTreeClassifier(random_state=0),
    "small tree": lambda: tree.DecisionTreeClassifier(max_depth=3, random_state=0),
    "forest": lambda: TREES.RandomForestClassifier(15, random_state=0),
    "extra trees": lambda: TREES.ExtraTreesClassifier(15, random_state=0),
    "boosting": lambda: TREES.GradientBoostingClassifier(n_estimators=8, random_state=0),
    "histogram boosting": lambda: TREES.HistGradientBoostingClassifier(max_iter=8, random_state=0),
    "AdaBoost": lambda: TREES.AdaBoostClassifier(n_estimators=8, random_state=0),
    "bagging": lambda: TREES.BaggingClassifier(n_estimators=6, random_state=0),
    "network": lambda: make_pipeline(StandardScaler(), MLPClassifier((12,), max_iter=60, random_state=0)),
    "LDA": lambda: discriminant_analysis.LinearDiscriminantAnalysis(),
    "QDA": lambda: discriminant_analysis.QuadraticDiscriminantAnalysis(reg_param=0.1),
    "dummy": lambda: dummy.DummyClassifier(),
    "calibrated": lambda: calibration.CalibratedClassifierCV(svm.LinearSVC(random_state=0), cv=2),
    "votes": lambda: TREES.VotingClassifier(
        [("a", LINEAR.LogisticRegression()), ("b", tree.DecisionTreeClassifier(max_depth=3, random_state=0))], voting="soft"
    ),
    "hard votes": lambda: TREES.VotingClassifier(
        [("a", LINEAR.LogisticRegression()), ("b", naive_bayes.GaussianNB()), ("c", svm.LinearSVC(random_state=0))]
    ),
    "stack": lambda: TREES.StackingClassifier(
        [("a", naive_bayes.GaussianNB()), ("b", tree.DecisionTreeClassifier(max_depth=3, random_state=0))], cv=2
    ),
    "one against rest": lambda: multiclass.OneVsRestClassifier(LINEAR.LogisticRegression()),
    "one against one": lambda: multiclass.OneVsOneClassifier(svm.LinearSVC(random_state=0)),
    "XGBoost": lambda: xgboost.XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1),
    "LightGBM": lambda: lightgbm.LGBMClassifier(n_estimators=8, n_jobs=1, verbose=-1),
    "CatBoost": lambda: catboost.CatBoostClassifier(iterations=8, depth=3, thread_count=1, verbose=False, allow_writing_files=False),
    "torch": lambda: None,
    "linear regressor": lambda: LINEAR.LinearRegression(),
    "forest regressor": lambda: TREES.RandomForestRegressor(8, random_state=0),
    "XGBoost regressor": lambda: xgboost.XGBRegressor(n_estimators=8, n_jobs=1),
}
WORDS: dict[str, Callable[[], Any]] = {
    "words, logistic": lambda: LINEAR.LogisticRegression(max_iter=300),
    "words, forest": lambda: TREES.RandomForestClassifier(12, random_state=0),
    "words, histogram boosting": lambda: TREES.HistGradientBoostingClassifier(max_iter=8, random_state=0),
    "words, SVM": lambda: svm.SVC(),
    "words, nearest": lambda: neighbors.KNeighborsClassifier(3),
    "words, XGBoost": lambda: xgboost.XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1),
}
TEXTS: dict[str, Callable[[], Any]] = {
    "text, logistic": lambda: make_pipeline(TfidfVectorizer(), LINEAR.LogisticRegression()),
    "text, naive Bayes": lambda: make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), naive_bayes.MultinomialNB()),
    "text, linear SVM": lambda: make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3)), svm.LinearSVC(random_state=0)),
    "text, hashed forest": lambda: make_pipeline(HashingVectorizer(n_features=128), TREES.RandomForestClassifier(10, random_state=0)),
}
MISTAKES = (
    "one class in the test rows", "a class missing", "ten rows", "class of one", "test rows are training rows", "unknown label", "gap", "extra column",
    "twelve training rows",
)  # fmt: skip
STYLES: dict[str, Callable[[int], Any]] = {
    "0..": lambda k: k, "shifted": lambda k: 3 + 4 * k, "negative": lambda k: 2 * k - 1, "words": lambda k: ("no", "yes", "maybe", "never", "often")[k],
    "floats": lambda k: float(k + 1), "bools": bool, "codes": lambda k: f"0{k}",
}  # fmt: skip
NOUNS = "offer price meeting report invoice prize winner lunch budget team free click update server holiday parcel bank account match score".split()


class Target:
    """One drawn target. ``columns``: what the model is given, by name; ``labels``: as they stand in the file."""

    def __init__(self, seed: int) -> None:
        self.seed, self.rng = seed, np.random.default_rng(seed)
        rng = self.rng
        kinds = NUMBERS | WORDS | TEXTS
        self.kind = str(rng.choice(list(kinds)))
        self.make = kinds[self.kind]
        self.style = str(rng.choice(list(STYLES)))
        self.classes = 2 if self.style == "bools" else int(rng.choice([2, 2, 3, 5]))
        if self.kind.startswith("torch") or "XGBoost" in self.kind:
            self.style = "0.."
        self.mistake = str(rng.choice(MISTAKES)) if rng.random() < 0.4 else ""
        self.never_seen = bool(rng.random() < 0.2)
        self.themes = set(rng.choice(["leak", "theft", "groups", "drift"], size=2, replace=False).tolist())
        self.n = 12 if self.mistake == "twelve training rows" else int(rng.choice([40, 120, 300]))
        self.m = 10 if self.mistake == "ten rows" else int(rng.choice([60, 150, 400]))
        self.words = int(rng.integers(1, 4)) if self.kind.startswith("words") else 0
        self.text, self.torch = self.kind.startswith("text"), self.kind == "torch"
        self.width = int(rng.integers(2, 8))
        self.weights = rng.normal(size=(self.width + self.words, self.classes))
        self.gaps = self.kind in ("histogram boosting", "XGBoost", "LightGBM", "CatBoost") or (self.words and rng.random() < 0.5)

    def drawn(self, n: int) -> tuple[dict[str, list[Any]], np.ndarray]:
        """n rows and their classes, at least one of each."""
        rng = self.rng
        if self.text:
            y = rng.integers(0, self.classes, n)
            told = [" ".join(rng.choice(np.roll(NOUNS, 4 * k)[:12], size=rng.integers(4, 12))) for k in y]
            return {"message": told}, _every(y, self.classes)
        values = rng.normal(size=(n, self.width)).round(3) * 10.0 ** rng.integers(0, 3)
        named = rng.integers(0, 4, size=(n, self.words))
        score = np.concatenate([values / values.std(), named - 1.5], axis=1) @ self.weights
        y = _every(np.argmax(score + rng.gumbel(size=score.shape), axis=1), self.classes)
        columns: dict[str, list[Any]] = {f"n{i}": values[:, i].tolist() for i in range(self.width)}
        columns |= {f"w{i}": [f"{'abcd'[v]} x" for v in named[:, i]] for i in range(self.words)}
        if self.gaps:
            columns["n0"] = [math.nan if rng.random() < 0.05 else v for v in columns["n0"]]
        return columns, y

    def given(self, columns: dict[str, list[Any]]) -> Any:
        """As the model is fitted and asked."""
        if self.text:
            return columns["message"]
        frame = pd.DataFrame(columns)
        return frame if self.words else frame.to_numpy(dtype=np.float32 if self.torch else np.float64)

    def built(self) -> Any:
        """An estimator that nobody has fitted."""
        if not self.words:
            return self.make()
        inner = self.make()
        numbers = [f"n{i}" for i in range(self.width)]
        coding = OrdinalEncoder() if "forest" in self.kind else OneHotEncoder(handle_unknown="ignore", sparse_output="logistic" in self.kind)
        wide = make_column_transformer((coding, [f"w{i}" for i in range(self.words)]), (SimpleImputer(), numbers))
        return make_pipeline(wide, inner)

    def fitted(self, columns: dict[str, list[Any]], y: np.ndarray, seed: int = 0) -> Any:
        """A model of these rows."""
        if self.torch:
            return self._network(columns, y, seed)
        labels = y if "regressor" in self.kind else np.array([STYLES[self.style](int(k)) for k in y])
        model = self.built()
        if seed:
            parameters = {name: seed for name in model.get_params() if name.endswith("random_state")}
            model.set_params(**parameters)
        return model.fit(self.given(columns), labels)

    def _network(self, columns: dict[str, list[Any]], y: np.ndarray, seed: int) -> torch.nn.Module:
        torch.manual_seed(seed)
        net = torch.nn.Sequential(torch.nn.Linear(self.width, 16), torch.nn.ReLU(), torch.nn.Linear(16, self.classes))
        steps, x = torch.optim.Adam(net.parameters(), lr=0.01), torch.tensor(self.given(columns))
        for _ in range(60):
            steps.zero_grad()
            torch.nn.functional.cross_entropy(net(x), torch.tensor(y)).backward()
            steps.step()
        return net.eval()

    def answers(self, model: Any, columns: dict[str, list[Any]]) -> np.ndarray:
        """Labels as text."""
        if self.torch:
            with torch.no_grad():
                return np.array([str(k) for k in model(torch.tensor(self.given(columns))).argmax(1).tolist()])
        return np.array([str(label) for label in np.ravel(model.predict(self.given(columns)))])

    def written(self, folder: Path) -> dict[str, Any]:
        """Write the files; return the manifest's entry, and keep what the truth needs."""
        train, y = self.drawn(self.n)
        if self.mistake == "class of one":
            y = np.where(y == 0, 1, y)
            y[0] = 0
        seen, seen_y = self.drawn(self.n) if self.never_seen else (train, y)
        try:
            self.model = self.fitted(seen, seen_y)
        except (ValueError, np.linalg.LinAlgError, catboost.CatBoostError):  # too few rows for this kind: nobody has such a model
            self.kind, self.make = ("text, naive Bayes", TEXTS["text, naive Bayes"]) if self.text else ("tree", NUMBERS["tree"])
            self.model = self.fitted(seen, seen_y)
        test, ty = self.drawn(self.m)
        keep = np.ones(self.m, dtype=bool)
        if self.mistake == "one class in the test rows":
            keep = ty == 1
        elif self.mistake == "a class missing":
            keep = ty != 0
        test, ty = {name: [v for v, k in zip(values, keep, strict=True) if k] for name, values in test.items()}, ty[keep]
        if self.mistake == "test rows are training rows":
            test, ty = {name: values[: self.m] for name, values in train.items()}, y[: self.m]
        labels = [str(STYLES[self.style](int(k))) for k in ty]
        if self.mistake == "unknown label":
            labels[len(labels) // 2] = "unheard-of"
        if self.mistake == "gap" and not self.text:
            test["n1"][3] = math.nan
        self.test, self.labels, self.trained = test, labels, seen
        extra = {"sex": self.rng.choice(["f", "m", "x"], len(labels), p=[0.5, 0.4, 0.1]).tolist()}
        self.groups = extra["sex"]
        _write(folder / f"test{self.seed}.csv", test | extra | {"label": labels})
        other = {"sex": self.rng.choice(["f", "m"], len(y)).tolist()}
        _write(folder / f"train{self.seed}.csv", train | other | {"label": [str(STYLES[self.style](int(k))) for k in y]})
        named = f"model{self.seed}.{'pt' if self.torch else 'joblib'}"
        torch.save(self.model, folder / named) if self.torch else joblib.dump(self.model, folder / named)
        entry: dict[str, Any] = {"name": f"t{self.seed}", "path": named, "data": f"test{self.seed}.csv", "label": "label"}
        entry |= {"task": "text", "text": "message"} if self.text else {"columns": list(test)}
        if self.mistake == "extra column" and not self.text:
            entry["columns"] = [*test, "sex"]
        if self.torch:
            entry |= {"shape": [self.width], "classes": [str(k) for k in range(self.classes)]}
        if "leak" in self.themes:
            entry["training-data"] = f"train{self.seed}.csv"
            entry["privacy"] = {"samples": 200, "shadows": 4} | ({"sensitive": ["w0" if self.words else "n1"]} if not self.text else {})
            if self.torch:
                entry["privacy"]["training"] = {"epochs": 60, "batch": self.n, "optimiser": "adam", "learning-rate": 0.01}
        if "theft" in self.themes:
            entry.setdefault("privacy", {})["extraction"] = 60
        if "groups" in self.themes:
            entry["fairness"] = {"protected": ["sex"]}
        if "drift" in self.themes:
            self.same = bool(self.rng.random() < 0.5)
            before = self.model if self.same else self.fitted(seen, seen_y, seed=1)
            entry["previous"] = f"before{self.seed}.{'pt' if self.torch else 'joblib'}"
            torch.save(before, folder / entry["previous"]) if self.torch else joblib.dump(before, folder / entry["previous"])
        return entry


def _every(y: np.ndarray, classes: int) -> np.ndarray:
    y = y.astype(int)
    y[:classes] = np.arange(classes)
    y[classes : 2 * classes] = np.arange(classes)
    return y


def _write(path: Path, columns: dict[str, list[Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow(["" if isinstance(v, float) and math.isnan(v) else v for v in row])


def _spelt(label: str) -> str:
    lower = {"true": "1", "false": "0"}.get(label.lower(), label.lower())
    try:
        return f"{float(lower):g}"
    except ValueError:
        return lower


# ---- the truth


def wrong(target: Target, numbers: dict[tuple[str, str], Any]) -> Iterator[str]:
    """What a run says beside what is so."""
    for (name, subject), one in numbers.items():
        if one.value is not None and not (math.isfinite(one.value) and (one.low is None or one.low - 1e-9 <= one.value <= one.high + 1e-9)):
            yield f"{name} {subject}: {one.value} outside of its interval {one.low} to {one.high}"
        if one.unit == "1" and one.value is not None and not -1 - 1e-9 <= one.value <= 1 + 1e-9 and not name.endswith(("ratio", "loss")):
            yield f"{name} {subject}: {one.value} is no rate"
    if "regressor" in target.kind or not numbers:
        return
    told = np.array([_spelt(label) for label in target.answers(target.model, target.test)])
    right = told == np.array([_spelt(label) for label in target.labels])
    if (found := numbers.get(("accuracy", ""))) and abs(found.value - right.mean()) > 1e-9:
        yield f"accuracy {found.value:.4f}, truly {right.mean():.4f}"
    yield from _wrong_groups(target, numbers, told)
    yield from _wrong_rest(target, numbers, right)


def _wrong_groups(target: Target, numbers: dict[tuple[str, str], Any], told: np.ndarray) -> Iterator[str]:
    classes = sorted({_spelt(str(STYLES[target.style](k))) for k in range(target.classes)}, key=lambda name: (len(name), name))
    sex = np.array(target.groups)
    found = numbers.get(("selection-rate-gap", ""))
    if found is None or found.value is None or len(classes) != 2:
        return
    chosen = told == _spelt(str(STYLES[target.style](1)))
    gaps = [abs(chosen[sex == group].mean() - chosen[sex != group].mean()) for group in set(sex.tolist())]
    if abs(found.value - max(gaps)) > 1e-9:
        yield f"selection-rate-gap {found.value:.4f}, truly {max(gaps):.4f}"


def _wrong_rest(target: Target, numbers: dict[tuple[str, str], Any], right: np.ndarray) -> Iterator[str]:
    stored = numbers.get(("training-rows-stored", ""))
    last = target.model[-1] if hasattr(target.model, "steps") else target.model
    if stored is not None and stored.value is not None:
        truth = last.n_samples_fit_ if hasattr(last, "n_samples_fit_") else len(last.support_) if hasattr(last, "support_") else None
        if truth is not None and stored.value != truth:
            yield f"training-rows-stored {stored.value}, truly {truth}"
    for (name, subject), one in numbers.items():
        if name == "permutation-importance" and not target.text and subject in target.test and one.value is not None:
            truth = _importance(target, subject, right)
            if not one.low - 0.02 <= truth <= one.high + 0.02:
                yield f"permutation-importance {subject} {one.low:.3f} to {one.high:.3f}, by 20 shuffles {truth:.3f}"
        if name == "explanation-drift" and getattr(target, "same", False) and one.value and one.value > 1e-6:
            yield f"explanation-drift {one.value} from a model to itself"


def _importance(target: Target, column: str, right: np.ndarray) -> float:
    """The accuracy that 20 shuffles of a column cost, in the mean."""
    rng, drops = np.random.default_rng(1), []
    truth = np.array([_spelt(label) for label in target.labels])
    for _ in range(20):
        shuffled = target.test | {column: [target.test[column][i] for i in rng.permutation(len(truth))]}
        drops.append(right.mean() - (np.array([_spelt(x) for x in target.answers(target.model, shuffled)]) == truth).mean())
    return float(np.mean(drops))


# ---- running


def examined(targets: list[Target]) -> list[dict[str, Any]]:
    """One line for each target."""
    folder = Path(tempfile.mkdtemp(prefix="targets-"))
    try:
        entries = [target.written(folder) for target in targets]
        (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "targets", "models": entries}))
        started = time.process_time()
        record = run(RunRequest(paths=(str(folder),), select=CHECKS, cache=False))
        print(f"  {len(targets)} targets, {time.process_time() - started:.0f} CPU s here", flush=True)
        return [line(target, record) for target in targets]
    finally:
        shutil.rmtree(folder)


def line(target: Target, record: Run) -> dict[str, Any]:
    """What came of one target."""
    asset = f"model:t{target.seed}"
    numbers = {(one.name, one.subject): one for one in record.measurements if one.assets == (asset,)}
    gaps = [f"{gap.check} {gap.code.value}: {gap.reason}" for gap in record.not_examined if gap.asset == asset]
    return {
        "seed": target.seed, "kind": target.kind, "style": target.style, "classes": target.classes, "mistake": target.mistake, "never seen": target.never_seen,
        "train": target.n, "test": len(target.labels), "themes": sorted(target.themes), "numbers": len(numbers),
        "findings": [f"{one.category} {one.message}" for one in record.findings if one.asset == asset], "gaps": gaps,
        "crashes": [gap for gap in gaps if any(word in gap for word in (" crash:", " timeout:", "Traceback", "raised"))],
        "wrong": list(wrong(target, numbers)),
        "told": {f"{name} {subject}".strip(): [one.value, one.low, one.high, one.blocked] for (name, subject), one in numbers.items()},
    }  # fmt: skip


def main() -> None:
    """Print what crashed, what is wrong, what was refused, and how often nothing was called a leak."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--output", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    lines: list[dict[str, Any]] = []
    for first in range(args.first, args.first + args.count, args.batch):
        lines += (found := examined([Target(seed) for seed in range(first, min(first + args.batch, args.first + args.count))]))
        for one in found:
            for what in (*one["crashes"], *one["wrong"]):
                print(f"  {one['seed']} ({one['kind']}, {one['mistake'] or 'no mistake'}): {what}", flush=True)
        if args.output:
            args.output.write_text("".join(json.dumps(one) + "\n" for one in lines))
    print(f"{len(lines)} targets, {sum(one['numbers'] for one in lines)} numbers")
    print(f"crashed: {sum(bool(one['crashes']) for one in lines)}; with a wrong number: {sum(bool(one['wrong']) for one in lines)}")
    unseen = [one for one in lines if one["never seen"] and "leak" in one["themes"]]
    leaks = ("membership-inference", "attribute-inference", "model-inversion")
    called = sum(any(found.startswith(leaks) for found in one["findings"]) for one in unseen)
    print(f"models that have seen nothing, said to leak: {called} of {len(unseen)} {clopper_pearson(called, max(1, len(unseen)))}")
    reasons = Counter(gap.split(":", 1)[0] for one in lines for gap in one["gaps"])
    for reason, count in reasons.most_common():
        print(f"{count:4} {reason}")


if __name__ == "__main__":
    main()

"""Whole runs on real models of every task: what the record promises, what is refused, what is replayed."""

from __future__ import annotations

import csv
import json
import os
import pickle
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import joblib
import jsonschema
import msgspec
import numpy as np
import pytest
import yaml
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.cli import main
from aisecops.core.asset import AssetKind
from aisecops.core.run import Run
from aisecops.report.record import render
from aisecops.workflows.run import RunRequest, run

pytestmark = pytest.mark.slow

CONTRACT = json.loads((Path(__file__).parents[1] / "data" / "run-1.contract.json").read_text())
X, Y = load_breast_cancer(return_X_y=True)
NAMES = ("benign", "malignant")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Children of the quarantine inherit it: two cores, and small models."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    yield
    os.environ.pop("OMP_NUM_THREADS") if before is None else os.environ.update(OMP_NUM_THREADS=before)


def write_table(path: Path, rows: slice = slice(400, 480), labels: tuple[str, ...] = NAMES) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"column_{i}" for i in range(30)), "kind"])
        writer.writerows([*map(repr, map(float, row)), labels[label]] for row, label in zip(X[rows], Y[rows], strict=True))


def project(folder: Path, **model: Any) -> Path:
    """A project with one boosted model of a table."""
    folder.mkdir()
    trees = GradientBoostingClassifier(n_estimators=15, random_state=0).fit(X[:400], np.array(NAMES)[Y[:400]])
    joblib.dump(trees, folder / "model.joblib")
    write_table(folder / "test.csv")
    declare(folder, **model)
    return folder


def declare(folder: Path, **model: Any) -> None:
    said = {
        "name": "tumours",
        "path": "model.joblib",
        "data": "test.csv",
        "label": "kind",
        "evasion": {"samples": 30, "epsilon": [0.02, 0.05]},
    } | model
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [said]}))


def ran(folder: Path, **request: Any) -> Run:
    return run(RunRequest(paths=(str(folder),), seed=1, **request))


def readings(record: Run) -> dict[tuple[str, str], Any]:
    return {(m.name, m.subject): m for m in record.measurements if m.check == "model/evasion"}


@pytest.fixture(scope="module")
def trees(tmp_path_factory) -> tuple[Path, Run]:
    folder = project(tmp_path_factory.mktemp("run") / "trees")
    return folder, ran(folder)


def test_the_record_keeps_the_contract_and_names_the_model_with_its_file(trees):
    _, record = trees
    document = json.loads(render(record))
    jsonschema.validate(document, CONTRACT)
    asset = next(asset for asset in record.assets if asset.kind is AssetKind.MODEL)
    assert (asset.id, asset.path, asset.parent) == ("model:tumours", "model.joblib", "model-file:model.joblib")
    assert asset.facts["trusted"] == "clean"
    assert asset.facts["isolation"] == "complete"
    assert asset.facts["classes"] == list(NAMES)
    planned = {check.id: check.planned for check in record.checks}
    assert planned["model/evasion"] == planned["model-file/code-execution"] == 1


def test_numbers_come_with_clean_accuracy_interval_bound_and_certificate(trees):
    _, record = trees
    taken = readings(record)
    robust, certified = taken["robust-accuracy", "linf <= 0.05"], taken["certified-accuracy", "linf <= 0.05"]
    clean = taken["clean-accuracy", ""]
    assert certified.value <= robust.value <= clean.value
    assert (robust.bound.value, certified.bound.value) == ("attack", "certificate")
    for measurement in taken.values():
        assert measurement.low <= (measurement.value if measurement.value is not None else measurement.low) <= (measurement.high or np.inf)
        assert measurement.n
        assert measurement.level == 0.95
    assert robust.curve


def test_what_fooled_the_model_is_kept_and_is_what_fools_it(trees):
    folder, record = trees
    (attachment,) = record.attachments
    assert attachment.sensitive
    with np.load(folder / attachment.path, allow_pickle=False) as kept:
        origin, points, y = kept["origin"], kept["points"], kept["y"]
        facts = json.loads(kept["facts"].tobytes())
    model = joblib.load(folder / "model.joblib")
    numbers = {name: number for number, name in enumerate(model.classes_)}
    assert np.all(np.array([numbers[label] for label in model.predict(points)]) != y)
    assert np.all(np.array([numbers[label] for label in model.predict(origin)]) == y)
    assert facts["norm"] == "linf"
    assert facts["seed"] == 1


def test_the_next_run_replays_it_as_a_declared_input_and_comes_to_the_same_numbers(trees):
    folder, record = trees
    again = ran(folder, select=("model/evasion",))
    facts = next(asset.facts for asset in again.assets if asset.kind is AssetKind.MODEL)
    assert facts["replayed"].startswith("sha256:")
    before, after = readings(record), readings(again)
    assert {key: m.value for key, m in before.items()} == {key: m.value for key, m in after.items()}


def test_the_same_input_and_seed_give_the_same_results(trees, tmp_path):
    folder, record = trees
    other = project(tmp_path / "trees")
    assert (other / "model.joblib").read_bytes() == (folder / "model.joblib").read_bytes()
    assert ran(other).results.digest() == record.results.digest()


def test_a_gate_compares_the_unfavourable_end(trees, tmp_path):
    folder, _ = trees
    policy = tmp_path / "policy.yaml"
    rule = {"id": "robust", "measurements": {"name": "robust-accuracy", "at-least": 0.5, "required": True}}
    policy.write_text(yaml.safe_dump({"schema": "aisecops/policy-1", "name": "robust", "title": "Robust", "rules": [rule]}))
    assert main(["run", str(folder), "--policy", str(policy), "-q", "--format", "json", "--output", str(tmp_path / "run.json")]) == 0
    rule["measurements"]["at-least"] = 0.95
    policy.write_text(yaml.safe_dump({"schema": "aisecops/policy-1", "name": "robust", "title": "Robust", "rules": [rule]}))
    assert main(["gate", str(tmp_path / "run.json"), "--policy", str(policy), "-q"]) == 1


class Harmless:
    """Not harmful, but nobody can say so from the file."""

    def predict(self, rows):
        return [0] * len(rows)


def test_a_file_that_is_not_clean_is_not_loaded_unless_somebody_answers_for_its_digest(tmp_path):
    folder = project(tmp_path / "trees")
    marker = tmp_path / "was-here"
    (folder / "model.joblib").write_bytes(b"cos\nsystem\n(S'touch " + str(marker).encode() + b"'\ntR.")
    record = ran(folder)
    gaps = [gap for gap in record.not_examined if gap.check.startswith("model/")]
    assert {gap.code.value for gap in gaps} == {"not-trusted"}
    assert {gap.check for gap in gaps} == {check.id for check in record.checks if check.id.startswith("model/") and check.planned}
    assert not marker.exists()
    digest = next(asset.digest for asset in record.assets if asset.path == "model.joblib" and asset.kind is AssetKind.MODEL_FILE)
    declare(folder, trust={"digest": digest, "owner": "me", "reason": "looked at it", "expires": "2999-01-01"})
    trusted = ran(folder)
    assert not marker.exists()  # it ran, where it could touch nothing
    codes = {gap.code.value for gap in trusted.not_examined if gap.check.startswith("model/")}
    assert codes and codes != {"not-trusted"}
    declare(folder, trust={"digest": digest, "owner": "me", "reason": "looked at it", "expires": "2001-01-01"})
    assert {gap.code.value for gap in ran(folder).not_examined if gap.check.startswith("model/")} == {"not-trusted"}


def test_models_of_texts_and_images_are_attacked_as_what_they_are(tmp_path):
    folder = tmp_path / "both"
    folder.mkdir()
    spam = [f"win a free prize now call {i}" for i in range(60)] + [f"meeting moved to {i} see you at lunch" for i in range(60)]
    kinds = ["spam"] * 60 + ["ham"] * 60
    joblib.dump(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(spam, kinds), folder / "spam.joblib")
    (folder / "test.jsonl").write_text("".join(json.dumps({"message": m, "kind": k}) + "\n" for m, k in zip(spam[40:80], kinds[40:80], strict=True)))
    digits = load_digits()
    net = make_pipeline(StandardScaler(), MLPClassifier((16,), max_iter=60, random_state=0)).fit(digits.data[:500], digits.target[:500])
    joblib.dump(net, folder / "digits.joblib")
    np.savez(folder / "digits.npz", images=digits.images[1500:1600], digit=digits.target[1500:1600])
    models = [
        {
            "name": "spam", "path": "spam.joblib", "task": "text", "data": "test.jsonl", "text": "message", "label": "kind",
            "evasion": {"samples": 20, "classes": ["spam"], "edits": 0.8},
        },
        {
            "name": "digits", "path": "digits.joblib", "task": "image", "shape": [64], "data": "digits.npz", "label": "digit",
            "evasion": {"samples": 15, "norm": "l2", "epsilon": [0.3], "queries": 200},
        },
    ]  # fmt: skip
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": models}))
    record = ran(folder)
    assert not [
        gap for gap in record.not_examined if gap.check.startswith("model/") and gap.check != "model/backdoor"
    ]  # of which it says that the samples are too few
    by = {asset.facts["name"]: asset.id for asset in record.assets if asset.kind is AssetKind.MODEL}
    texts = {(m.name, m.subject): m for m in record.measurements if m.assets == (by["spam"],)}
    assert texts["attack-success", "edited words <= 80%"].value >= 0.9
    assert texts["attack-success", "edits that readers do not see, behind a Unicode normaliser"].value == 0.0
    images = {(m.name, m.subject): m for m in record.measurements if m.assets == (by["digits"],)}
    assert 0 < images["attack-success", "l2 <= 0.3"].n <= 15
    roles = {attachment.role: attachment for attachment in record.attachments}
    assert (folder / roles["picture"].path).read_bytes().startswith(b"\x89PNG")
    marked = [finding.message for finding in record.findings if finding.check == "model/text-evasion"]
    assert marked and "->" in marked[0]


def test_texts_that_fooled_a_model_are_tried_first_on_its_next_version(tmp_path):
    spam = [f"win a free prize now call {i}" for i in range(60)] + [f"meeting moved to {i} see you at lunch" for i in range(60)]
    kinds = ["spam"] * 60 + ["ham"] * 60
    joblib.dump(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(spam, kinds), tmp_path / "spam.joblib")
    (tmp_path / "test.jsonl").write_text(
        "".join(json.dumps({"message": m, "kind": k}) + "\n" for m, k in zip(spam[40:80], kinds[40:80], strict=True))
    )

    def success(queries: int) -> Any:
        model = {
            "name": "spam", "path": "spam.joblib", "task": "text", "data": "test.jsonl", "text": "message", "label": "kind",
            "evasion": {"samples": 20, "classes": ["spam"], "edits": 0.8, "queries": queries},
        }  # fmt: skip
        (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [model]}))
        record = ran(tmp_path, select=("model/text-evasion",))
        replay = next(asset.facts.get("replayed") for asset in record.assets if asset.kind is AssetKind.MODEL)
        return replay, next(m.value for m in record.measurements if (m.name, m.subject) == ("attack-success", "edited words <= 80%"))

    assert success(1)[1] < 0.5  # a single question finds little
    thorough = success(1000)[1]
    assert thorough >= 0.9
    replay, again = success(1)
    assert replay and again == thorough
    (kept,) = (tmp_path / ".aisecops" / "evasions").iterdir()
    kept.write_text("[{}]")
    assert success(1)[1] < 0.5  # what cannot be read replays nothing


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"label": "colour"}, "there is no column `colour`"),
        ({"data": ""}, "no labelled test set"),
        ({"evasion": {"classes": ["purple"]}}, "none of its classes"),
        ({"columns": ["column_1", "column_2"]}, "30"),
        ({"output": "labels", "task": "image"}, ""),
    ],
)
def test_what_cannot_be_asked_is_not_examined_with_the_reason(tmp_path, model, said):
    folder = project(tmp_path / "trees", **model)
    record = ran(folder, select=("model/evasion", "model/adversarial-examples"))
    reasons = [gap.reason for gap in record.not_examined if gap.check == "model/evasion" or gap.check == "model/adversarial-examples"]
    assert any(said in reason for reason in reasons), reasons
    assert not [m for m in record.measurements if m.check == "model/evasion"]


def test_a_label_that_the_model_does_not_know_and_a_missing_file_are_told_on_one_line(tmp_path, capsys):
    folder = project(tmp_path / "trees")
    write_table(folder / "test.csv", labels=("benign", "martian"))
    assert any("martian" in gap.reason for gap in ran(folder).not_examined)
    declare(folder, path="nothing.joblib")
    assert main(["run", str(folder)]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "nothing.joblib" in said
    assert "no such file" in said


def test_without_models_a_run_is_a_scan(tmp_path):
    (tmp_path / "model.pkl").write_bytes(pickle.dumps([1, 2, 3]))
    record = ran(tmp_path)
    assert not [asset for asset in record.assets if asset.kind is AssetKind.MODEL]
    assert msgspec.to_builtins(record.verdict)["outcome"] == "pass"


NOISY = """
import numpy as np

def predict(rows):
    score = rows[:, 0] - 13 + np.random.normal(0, 2, len(rows))
    return np.column_stack([-score, score])
"""


def test_numbers_about_a_noisy_model_are_blocked_and_a_gate_that_needs_them_is_incomplete(tmp_path):
    folder = project(tmp_path / "noisy")
    (folder / "src").mkdir()
    (folder / "src" / "noisy.py").write_text(NOISY)
    said = {
        "name": "noisy",
        "callable": "noisy:predict",
        "code": ["src"],
        "output": "scores",
        "classes": ["benign", "malignant"],
        "data": "test.csv",
        "label": "kind",
    }
    rule = {"id": "robust", "measurements": {"name": "robust-accuracy", "at-least": 0.01, "required": True}}
    (folder / "policy.yaml").write_text(yaml.safe_dump({"schema": "aisecops/policy-1", "name": "robust", "title": "Robust", "rules": [rule]}))
    (folder / "aisecops.yaml").write_text(
        yaml.safe_dump({"name": "trial", "policy": "policy.yaml", "models": [said | {"evasion": {"samples": 20, "queries": 50, "seeds": 2}}]})
    )
    record = ran(folder)
    robust = [m for m in record.measurements if m.name == "robust-accuracy"]
    assert robust and all("randomness" in m.blocked for m in robust)
    assert "randomness" in {finding.title.rsplit(": ")[-1] for finding in record.findings if finding.check == "model/false-security"}
    assert record.verdict.outcome.value == "incomplete"


def test_an_endpoint_is_asked_once_somebody_has_authorised_it(tmp_path):
    weight = LogisticRegression(max_iter=5000).fit(X[:400], Y[:400])

    class Answering(BaseHTTPRequestHandler):
        asked = 0

        def do_POST(self):
            rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["rows"]
            Answering.asked += len(rows)
            body = json.dumps({"answers": weight.predict_proba(rows).tolist()}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    folder = project(tmp_path / "served")
    endpoint = {"url": f"http://127.0.0.1:{server.server_port}/", "protocol": "json", "request": {"rows": "{instances}"}, "answer": "answers"}
    said = {
        "name": "served",
        "endpoint": endpoint,
        "output": "probabilities",
        "classes": ["benign", "malignant"],
        "data": "test.csv",
        "label": "kind",
    }
    said["evasion"] = {"samples": 6, "queries": 40}
    said["budget"] = {"queries": 4000}
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [said]}))
    refused = ran(folder)
    assert Answering.asked == 0
    assert {gap.code.value for gap in refused.not_examined if gap.check.startswith("model/")} == {"not-trusted"}
    endpoint["authorised-by"] = "ticket 12"
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [said]}))
    record = ran(folder)
    server.shutdown()
    asset = next(asset for asset in record.assets if asset.kind is AssetKind.ENDPOINT)
    assert "ticket 12" in asset.facts["trusted"]
    assert readings(record)["clean-accuracy", ""].value > 0.8
    assert 0 < Answering.asked <= 4000

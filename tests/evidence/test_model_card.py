"""A model card holds what the record holds, with interval, n and run, and nothing of what an attacker wrote acts on its reader."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser

import joblib
import msgspec
import numpy as np
import pytest
import yaml
from sklearn.linear_model import LogisticRegression

from aisecops.cli import main
from aisecops.core.errors import RecordError
from aisecops.core.run import Run
from aisecops.report.record import render
from aisecops.workflows.card import card
from aisecops.workflows.run import RunRequest, run
from tests.hostile_text import HOSTILE


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Run:
    """A run that measured a model with protected columns, and found it unfair."""
    folder = tmp_path_factory.mktemp("card")
    os.environ["OMP_NUM_THREADS"] = "1"
    rng = np.random.default_rng(0)
    sex, x = rng.integers(0, 2, 1200), rng.normal(size=(1200, 2))
    x[:, 1] += 2.0 * sex
    y = (x[:, 0] + sex + rng.normal(0, 0.5, 1200) > 0.5).astype(int)
    joblib.dump(LogisticRegression().fit(x[:400], y[:400]), folder / "model.joblib")
    rows = [f"{a!r},{b!r},{s},{label}" for (a, b), s, label in zip(x[400:].tolist(), sex[400:].tolist(), y[400:].tolist(), strict=True)]
    (folder / "test.csv").write_text("\n".join(["a,b,sex,kind", *rows]))
    model = {"path": "model.joblib", "data": "test.csv", "label": "kind", "columns": ["a", "b"], "fairness": {"protected": ["sex"]}}
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [{"name": "lending"} | model]}))
    return run(RunRequest(paths=(str(folder),), seed=1, select=("model/quality", "model/fairness")))


def sealed(record: Run, **changes) -> Run:
    """The record with other results and the digest that belongs to them."""
    changed = msgspec.structs.replace(record, **changes)
    return msgspec.structs.replace(changed, run=msgspec.structs.replace(changed.run, results_digest=changed.results.digest()))


def front_matter(text: str) -> dict:
    return yaml.safe_load(text.split("---\n")[1])


def test_every_number_is_there_with_interval_n_and_run(record):
    text = card(record)
    assert len(record.measurements) > 10
    for taken in record.measurements:
        if taken.value is None or taken.blocked:
            continue
        ends = " to ".join("open" if end is None else f"{end:.4g}" for end in (taken.low, taken.high))
        unit = "" if taken.unit == "1" else f" {taken.unit}"
        said = f"| {taken.value:.4g}{unit} | {ends} | {taken.level:.4g} | {taken.n:,} | {taken.method} |"
        assert any(line.startswith(f"| {taken.name} |") and said in line for line in text.splitlines()), said
    assert record.run.id in text
    assert record.run.results_digest in text
    assert "## Measured: unfairness" in text
    assert "Groups by sex are treated differently" in text
    assert record.verdict.outcome.value in text


def test_the_front_matter_is_what_hubs_read(record):
    (model,) = front_matter(card(record))["model-index"]
    (result,) = model["results"]
    assert "source" not in result or result["source"].keys() >= {"name", "url"}  # huggingface_hub refuses one without the other
    assert result["task"]["type"] and result["dataset"].keys() >= {"name", "type"}
    (result,) = model["results"]
    assert model["name"] == "lending"
    assert result["task"]["type"] == "tabular-classification"
    assert set(result["dataset"]) >= {"name", "type"}
    accuracy = next(metric for metric in result["metrics"] if metric["type"] == "accuracy")
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]
    assert (accuracy["n"], accuracy["run"]) == (800, record.run.id)


def test_a_blocked_number_is_not_usable_and_not_in_the_front_matter(record):
    taken = [msgspec.structs.replace(one, blocked="the gradient is masked") if one.name == "accuracy" else one for one in record.measurements]
    text = card(sealed(record, measurements=tuple(taken)))
    assert re.search(r"\| accuracy \|[^|]*\| not usable \| the gradient is masked \|", text)
    assert "accuracy" not in {metric["type"] for metric in front_matter(text)["model-index"][0]["results"][0]["metrics"]}


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_stays_text(record, kind):
    evil = HOSTILE[kind].encode("utf-8", "replace").decode()
    taken = tuple(msgspec.structs.replace(one, subject=evil, method=evil, blocked=evil if i % 2 else "") for i, one in enumerate(record.measurements))
    findings = tuple(msgspec.structs.replace(one, title=evil, message=evil) for one in record.findings)
    assets = tuple(msgspec.structs.replace(one, path=evil, facts=one.facts | {"name": evil}) for one in record.assets)
    hostile = sealed(record, measurements=taken, findings=findings, assets=assets)
    text, page = card(hostile), Page()
    honest = card(record)
    assert text.count("\n") <= honest.count("\n")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)
    assert front_matter(text)["model-index"]
    for line in text.split("---\n", 2)[2].splitlines():
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert not re.search(r"[<\[\]@]|://|www\.", outside)
    page.feed(card(hostile, html=True))
    assert page.tags <= {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.attributes <= {"lang", "charset", "name", "content", "http-equiv", "scope"}


def test_which_model_is_meant_has_to_be_clear(record):
    twin = next(asset for asset in record.assets if asset.kind == "model")
    two = sealed(record, assets=(*record.assets, msgspec.structs.replace(twin, id="model:other", facts=twin.facts | {"name": "other"})))
    with pytest.raises(RecordError, match="2 models"):
        card(two)
    assert "accuracy" not in card(two, model="other")
    with pytest.raises(RecordError, match="no model is called"):
        card(two, model="third")
    with pytest.raises(RecordError, match="asked no model"):
        card(sealed(record, assets=()))


def test_a_record_that_was_changed_gets_no_card(record):
    taken = tuple(msgspec.structs.replace(one, value=1.0) for one in record.measurements)
    with pytest.raises(RecordError, match="changed after the run"):
        card(msgspec.structs.replace(record, measurements=taken))


def test_the_verb_writes_markdown_and_html(record, tmp_path, capsysbinary):
    (tmp_path / "run.json").write_bytes(render(record))
    assert main(["card", str(tmp_path / "run.json")]) == 0
    assert capsysbinary.readouterr().out == card(record).encode()
    assert main(["card", str(tmp_path / "run.json"), "--output", str(tmp_path / "card.html")]) == 0
    assert (tmp_path / "card.html").read_text() == card(record, html=True)
    assert main(["card", str(tmp_path / "run.json"), "--model", "none", "--output", str(tmp_path / "x.md")]) == 2
    assert not (tmp_path / "x.md").exists()

"""Examples for policies: they come out as the policy judges, and a wrong expectation is told with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisecops.core.errors import PolicyError
from aisecops.gate.trials import Trials, try_file
from tests.cli.test_main import aisecops_

HEAD = "schema: aisecops/policy-test-1\npolicy: standard\nexamples:\n"
GOOD = """  - name: a critical finding stops everything
    expect: fail
    rules: {no-critical: fail, no-high: fail}
    findings: [{severity: critical, confidence: medium}]
  - name: a possible one does not
    expect: pass
    findings: [{severity: high, confidence: low}, {severity: medium, count: 40}]
  - name: what was accepted does not
    expect: pass
    findings: [{severity: critical, status: waived}, {severity: critical, status: baseline}, {severity: high, status: suppressed}]
  - name: a model that nobody could read
    expect: incomplete
    rules: {model-files-examined: incomplete}
    not-examined: [{code: timeout, asset: model.pkl}]
  - name: data that the manifest names and nobody could read
    expect: incomplete
    rules: {model-files-examined: pass, declared-examined: incomplete}
    not-examined: [{code: bad-input, kind: data-set, asset: train.csv, declared: true}]
"""


def tried(folder: Path, text: str) -> Trials:
    (folder / "examples.yaml").write_text(text)
    return try_file(str(folder / "examples.yaml"))


def test_examples_come_out_as_the_policy_judges(tmp_path: Path) -> None:
    trials = tried(tmp_path, HEAD + GOOD)
    assert [trial.wrong for trial in trials.trials] == [(), (), (), (), ()]
    assert trials.idle == ()


def test_what_is_not_as_expected_is_told_with_the_reason(tmp_path: Path) -> None:
    text = "  - {name: x, expect: pass, rules: {no-high: pass}, findings: [{severity: high}]}\n  - {name: y, expect: fail}\n"
    trials = tried(tmp_path, HEAD + text)
    first, second = trials.trials
    assert first.wrong[0].startswith("expected pass, is fail: no-high: 1 open finding of severity high or worse")
    assert first.wrong[1].startswith("rule no-high: expected pass, is fail: ")
    assert second.wrong == ("expected fail, is pass: every rule passes",)
    assert trials.idle == ("no-critical", "model-files-examined", "declared-examined")


OURS = """schema: aisecops/policy-1
name: ours
title: Ours
rules:
  - {id: robust, measurements: {name: robust-accuracy, subject: ["linf*"], at-least: 0.5, asset: ["models/**"]}}
  - {id: nothing-new, findings: {new-only: true}}
"""
MEASURED = """schema: aisecops/policy-test-1
policy: ./ours.yaml
examples:
  - {name: sure, expect: pass, measurements: [{name: robust-accuracy, subject: linf <= 0.1, value: 0.6, low: 0.55, high: 0.7, asset: models/a}]}
  - {name: luck, expect: fail, measurements: [{name: robust-accuracy, subject: linf <= 0.1, value: 0.6, low: 0.4, high: 0.7, asset: models/a}]}
  - {name: elsewhere, expect: pass, measurements: [{name: robust-accuracy, subject: linf <= 0.1, value: 0.1, asset: lab/a}]}
  - {name: blocked, expect: incomplete, measurements: [{name: robust-accuracy, subject: linf, value: 0.9, blocked: masked, asset: models/a}]}
  - {name: new, expect: fail, baseline: true, findings: [{}]}
  - {name: unknown, expect: incomplete, findings: [{}]}
  - {name: old, expect: pass, findings: [{status: baseline}]}
"""


def test_measurements_and_the_baseline_have_examples_too(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(OURS)
    trials = tried(tmp_path, MEASURED)
    assert [(trial.example.name, trial.wrong) for trial in trials.trials if trial.wrong] == []
    assert (trials.policy.name, trials.idle) == ("ours", ())


WRONG = {
    HEAD.replace("policy-test-1", "policy-test-9") + GOOD: "the schema is",
    HEAD.replace("examples:\n", "examples: []\n"): "no examples",
    HEAD.replace("standard", "stricter") + GOOD: "no policy `stricter`",
    HEAD.replace("standard", "./gone.yaml") + GOOD: "cannot be read",
    HEAD + "  - {name: x, expect: pass, rules: {no-low: pass}}\n": "no rule `no-low`",
    HEAD + "  - {name: x, expect: pass}\n  - {name: x, expect: pass}\n": "two examples have this name",
    HEAD + "  - {name: x, expect: maybe}\n": "maybe",
    HEAD + "  - {name: x, expect: pass, findings: [{severty: low}]}\n": "severty",
    HEAD + "  - {name: x, expect: pass, findings: [{count: 0}]}\n": "count",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_file_that_says_nothing_sensible_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PolicyError, match=WRONG[text]):
        tried(tmp_path, text)


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(PolicyError, match="examples cannot be read"):
        try_file("nowhere.yaml")


def test_the_verb_tests_and_shows(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(HEAD + GOOD)
    (tmp_path / "bad.yaml").write_text(HEAD + "  - {name: x, expect: pass, findings: [{}]}\n")
    good = aisecops_("policy", "test", "good.yaml", cwd=tmp_path)
    assert (good.returncode, "PASS  policy standard, 5 of 5 examples as expected" in good.stdout) == (0, True)
    bad = aisecops_("policy", "test", "good.yaml", "bad.yaml", "--quiet", cwd=tmp_path)
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[0].split() == ["no", "x"]
    assert "expected pass, is fail: no-high" in bad.stdout
    (tmp_path / "ours.yaml").write_text(
        "schema: aisecops/policy-1\nname: ours\ntitle: Ours\nextends: standard\nrules:\n  - {id: own, findings: {new-only: false, asset: ['a/**', b]}}\n"
    )
    shown = aisecops_("policy", "show", "ours.yaml", cwd=tmp_path)
    assert shown.returncode == 0
    assert "  no-high  findings severity=high confidence=medium" in shown.stdout
    assert "  own  findings asset=a/**,b new-only=false" in shown.stdout
    assert aisecops_("policy", "test", "gone.yaml", cwd=tmp_path).returncode == 2


def test_the_gate_explains_itself(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import yaml\nconfig = yaml.load(open('c.yaml'))\n")
    assert aisecops_("scan", ".", cwd=tmp_path).returncode == 0
    told = aisecops_("gate", "--explain", cwd=tmp_path)
    assert told.returncode == 0
    assert told.stdout.startswith("PASS  policy standard\n  ok no-critical  no open finding")
    assert "near: YAML may make objects of any class (app.py), but for its severity: medium" in told.stdout
    assert aisecops_("gate", "--explain", "--format", "json", cwd=tmp_path).returncode == 2

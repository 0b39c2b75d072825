"""Secrets in files as a user scans them: places, fingerprints, contexts; and nothing of a value in the record."""

from __future__ import annotations

import json
import random
from pathlib import Path

import msgspec
import pytest

from aisecops.checks.text.past_secret import past_secrets
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Finding, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.workflows.scan import ScanRequest, scan
from tests.codebase.test_history import commit, git
from tests.content.secrets.specimens import drawn, expand, pem

RNG = random.Random(51)
TOKEN = expand("hf_<letters:34>", RNG)
PASSWORD = "J8s!kd02" + "Lq"


def found(folder: Path, **options: object) -> list[Finding]:
    run = scan(ScanRequest(paths=(str(folder),), jobs=1, cache=False, select=("text/secret",), **options))  # type: ignore[arg-type]
    said = msgspec.json.encode(run).decode()
    assert TOKEN not in said and PASSWORD not in said
    return list(run.findings)


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_token_in_code_is_found_at_its_place(tmp_path: Path) -> None:
    write(tmp_path, "train.py", f'import os\n\nHF_TOKEN = "{TOKEN}"\n')
    (finding,) = found(tmp_path)
    (place,) = finding.locations
    assert (place.path, place.line, place.column) == ("train.py", 3, 13)
    assert finding.category == "secret"
    assert finding.evidence["shape"] == "hf_…(34 characters)"
    assert "Hugging Face token" in finding.title and "HF_TOKEN" in finding.message


def test_documents_are_searched_for_what_has_a_shape_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "README.md", f"# Deploying\n\n    export HF_TOKEN={TOKEN}\n\nLog in with `password: {PASSWORD}`.\n")
    (finding,) = found(tmp_path)
    assert [(place.path, place.line) for place in finding.locations] == [("README.md", 3)]


@pytest.mark.parametrize("name", ["deploy_key", "prod.tfvars"])
def test_keys_and_variables_are_searched_under_any_name(name: str, tmp_path: Path) -> None:
    write(tmp_path, name, f"{pem('OPENSSH ', RNG)}\n" if name == "deploy_key" else f'db_password = "{PASSWORD}"\n')
    (finding,) = found(tmp_path)
    assert finding.locations[0].path == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", f"DB_PASSWORD={PASSWORD}\n"),
        ("config.yaml", f"db:\n  password: {PASSWORD}\n"),
        ("settings.json", json.dumps({"db": {"password": PASSWORD}})),
        ("settings.toml", f'[db]\npassword = "{PASSWORD}"\n'),
        ("settings.ini", f"[db]\npassword = {PASSWORD}\n"),
        ("deploy.sh", f'#!/bin/sh\nexport DB_PASSWORD="{PASSWORD}"\n'),
        ("Dockerfile", f"FROM python:3.12\nENV DB_PASSWORD={PASSWORD}\n"),
        ("docker-compose.yml", f"services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: {PASSWORD}\n"),
        ("requirements.txt", f"--index-url https://bob:{PASSWORD}@pypi.corp.io/simple\n"),
        ("prompts/system.txt", f"You may log in to the data base. password: {PASSWORD}\n"),
        (".netrc", f"machine api.corp.io\n  login bob\n  password {PASSWORD}\n"),
        (".pgpass", f"db.corp.io:5432:ml:bob:{PASSWORD}\n"),
        (".git-credentials", f"https://bob:{PASSWORD}@git.corp.io\n"),
        ("k8s/db.yaml", f"apiVersion: apps/v1\nkind: Deployment\nspec:\n  env:\n    - name: DB_PASSWORD\n      value: {PASSWORD}\n"),
        ("id_rsa", pem("OPENSSH ", RNG) + "\n"),
        ("service-account.json", json.dumps({"type": "service_account", "private_key": pem("", RNG)})),
    ],
)  # fmt: skip
def test_every_kind_of_file_is_searched(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, name, text)
    (finding,) = found(tmp_path)
    assert finding.locations[0].path == name
    assert finding.locations[0].line


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"metadata": {}, **cell} for cell in cells]})


def code(source: str, *outputs: dict[str, object]) -> dict[str, object]:
    return {"cell_type": "code", "execution_count": 1, "source": source.splitlines(keepends=True), "outputs": list(outputs)}


def test_cells_outputs_and_markdown_of_a_notebook(tmp_path: Path) -> None:
    shown, written = expand("gsk_<alnum:52>", RNG), expand("r8_<alnum:37>", RNG)
    text = notebook(
        code("import os\n"),
        code(f'x = 1\nlogin(token="{TOKEN}")\n', {"output_type": "stream", "name": "stdout", "text": [f"using {shown}\n"]}),
        {"cell_type": "markdown", "source": [f"My key is `{written}`."]},
        code(f"%env OPENAI_API_KEY={drawn('alnum', 40, RNG)}\n!wandb login {drawn('hex', 40, RNG)}\n"),
    )
    write(tmp_path, "train.ipynb", text)
    places = sorted((f.locations[0].cell, f.locations[0].line, f.evidence["rule"]) for f in found(tmp_path))
    assert places == [
        (2, 1, "groq-api-key"), (2, 2, "huggingface-token"), (3, 1, "replicate-api-token"), (4, 1, "api-key"), (4, 2, "argument-token"),
    ]  # fmt: skip


def test_what_notebooks_are_full_of_is_no_secret(tmp_path: Path) -> None:
    widget = {"model_id": drawn("hex", 32, RNG), "version_major": 2, "version_minor": 0}
    outputs = (
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": drawn("base64", 4000, RNG), "text/plain": ["<Figure>"]}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/vnd.jupyter.widget-view+json": widget, "text/plain": [str(widget)]}},
        {"output_type": "stream", "name": "stdout", "text": ["Your token has been saved to /root/.cache/huggingface/token\nLogin successful\n"]},
    )
    cells = [
        {**code('tokenizer.pad_token = "<pad>"\nrevision = "' + drawn("hex", 40, RNG) + '"\n', *outputs), "id": drawn("hex", 8, RNG)},
        {"cell_type": "markdown", "source": ["![plot](data:image/png;base64," + drawn("base64", 2000, RNG) + ")"]},
    ]
    write(tmp_path, "plots.ipynb", notebook(*cells))
    assert found(tmp_path) == []


def test_one_secret_is_one_finding_with_all_its_places(tmp_path: Path) -> None:
    write(tmp_path, "a.py", f'TOKEN = "{TOKEN}"\nprint(1)\nlogin("{TOKEN}")\n')
    (finding,) = found(tmp_path)
    assert [place.line for place in finding.locations] == [1, 3]


def test_the_fingerprint_survives_what_does_not_change_the_secret(tmp_path: Path) -> None:
    for name, text in (("one/a.py", f'TOKEN = "{TOKEN}"\n'), ("two/renamed.py", "# new\n" * 20 + f"if True:\n    TOKEN = '{TOKEN}'\n")):
        write(tmp_path, name, text)
    first, second = (found(tmp_path / folder)[0] for folder in ("one", "two"))
    assert first.fingerprint == second.fingerprint
    write(tmp_path, "three/a.py", f'TOKEN = "{TOKEN[:-1]}z"\n')
    assert found(tmp_path / "three")[0].fingerprint != first.fingerprint


def test_projects_with_other_names_have_other_hashes(tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        write(tmp_path, f"{name}/aisecops.yaml", f"name: {name}\n")
        write(tmp_path, f"{name}/a.py", f'TOKEN = "{TOKEN}"\n')
    assert len({found(tmp_path / name)[0].evidence["hash"] for name in ("alpha", "beta")}) == 2


@pytest.mark.parametrize("path", ["tests/test_login.py", "conf/.env.example", "src/conftest.py"])
def test_made_up_values_of_tests_and_templates_count_little(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, f'password = "{PASSWORD}"\n')
    assert [(f.severity, f.confidence) for f in found(tmp_path)] == [(Severity.LOW, Confidence.LOW)]
    write(tmp_path, path, f'token = "{TOKEN}"\n')
    assert [(f.severity, f.confidence) for f in found(tmp_path)] == [(Severity.HIGH, Confidence.HIGH)]


def test_a_comment_with_a_reason_suppresses_it(tmp_path: Path) -> None:
    write(tmp_path, "a.py", f'TOKEN = "{TOKEN}"  # aisecops: ignore[secret] revoked on the first of May\n')
    (finding,) = found(tmp_path)
    assert finding.suppressed == "revoked on the first of May"
    assert not found(tmp_path, untrusted=True)[0].suppressed


def test_a_list_of_thousands_is_told_of_without_an_hour_of_hashing(tmp_path: Path) -> None:
    write(tmp_path, "leak.yaml", "\n".join(f"- token: {drawn('alnum', 40, RNG)}" for _ in range(1500)))
    findings = found(tmp_path)
    assert len(findings) == 201
    (rest,) = [finding for finding in findings if finding.title == "Many more secrets"]
    assert rest.evidence["secrets"] + 200 >= 1490


def test_the_history_is_searched_on_request(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    brought = commit(tmp_path, {"conf/.env": f"HF_TOKEN={TOKEN}\n", "a.py": "x = 1\n"}, 1)
    commit(tmp_path, {"conf/.env": "HF_TOKEN=${HF_TOKEN}\n"}, 2)
    assert found(tmp_path) == []
    (weakness,) = past_secrets(str(tmp_path), "")
    assert isinstance(weakness, Weakness)
    assert weakness.locations == (Location(path="conf/.env", line=1, column=10),)
    assert weakness.evidence["commit"] == brought and brought in weakness.message
    assert TOKEN not in repr(weakness)
    write(tmp_path, "a.env", f"HF_TOKEN={TOKEN}\n")
    assert found(tmp_path)[0].evidence["hash"] == weakness.evidence["hash"]


def test_what_of_a_history_was_not_searched_is_said(tmp_path: Path) -> None:
    (gap,) = past_secrets(str(tmp_path), "")
    assert isinstance(gap, NotExamined) and gap.reason.startswith("history: ")

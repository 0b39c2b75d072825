"""Real files, real scans: what is found in them, where, and under which identity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aisecops.core.finding import Finding
from aisecops.workflows.scan import ScanRequest, scan

DOCKERFILE = """FROM python:3.11
RUN pip install --trusted-host pypi.org -r requirements.txt
ENV HF_TRUST_REMOTE_CODE=1
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--ServerApp.token=''"]
"""
COMPOSE = """services:
  lab:
    build: .
    command: jupyter lab --ip=0.0.0.0 --ServerApp.token=''
    ports:
      - "ADDRESS8888:8888"
"""
CI = """on: push
jobs:
  test:
    services:
      db: {image: 'postgres:17', env: {POSTGRES_HOST_AUTH_METHOD: trust}}
    steps: [{run: pytest}]
"""
PROGRAM = """import subprocess
subprocess.run(["mlflow", "server", "--host", "0.0.0.0"])
subprocess.run("curl -k https://example.org", shell=True)
"""
SETTINGS = """model:
  name: owner/model
  trust_remote_code: true
  weights_only: false
  weights_url: http://models.example.org/model.pt
server:
  cors: {allow_origins: ["*"]}
  verify_ssl: false
"""


def findings(folder: Path) -> list[Finding]:
    """The findings of the checks of configuration."""
    run = scan(ScanRequest(paths=(str(folder),), jobs=1, cache=False))
    return [finding for finding in run.findings if finding.check.startswith("configuration/")]


def told(folder: Path) -> set[tuple[str, str, int | None]]:
    return {(finding.category, place.path, place.line) for finding in findings(folder) for place in finding.locations}


def test_a_dockerfile(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    assert told(tmp_path) == {
        ("tls-disabled", "Dockerfile", 2),
        ("remote-code-trust", "Dockerfile", 3),
        ("exposed-service", "Dockerfile", 4),
        ("missing-authentication", "Dockerfile", 4),
    }


def test_a_compose_file_and_its_local_twin(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("ADDRESS", ""))
    assert {(category, line) for category, _, line in told(tmp_path)} == {
        ("exposed-service", 4), ("exposed-service", 6), ("missing-authentication", 4), ("missing-authentication", 6),
    }  # fmt: skip
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("ADDRESS", "127.0.0.1:"))
    assert told(tmp_path) == set()


def test_a_settings_file(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text(SETTINGS)
    assert {(category, line) for category, _, line in told(tmp_path)} == {
        ("remote-code-trust", 3), ("unsafe-deserialization", 4), ("unpinned-artifact", 5), ("open-cors", 7), ("tls-disabled", 8),
    }  # fmt: skip


def test_commands_of_scripts_programs_and_notebooks(tmp_path: Path) -> None:
    (tmp_path / "start.sh").write_text("#!/bin/sh\nexec ray start --head --dashboard-host=0.0.0.0\n")
    (tmp_path / "start.py").write_text(PROGRAM)
    cell = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": 1,
        "source": ["import os\n", "!jupyter lab --ip=0.0.0.0 --ServerApp.token=''"],
    }
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert told(tmp_path) == {
        ("exposed-service", "start.sh", 2),
        ("exposed-service", "start.py", 2),
        ("tls-disabled", "start.py", 3),
        ("exposed-service", "a.ipynb", 2),
        ("missing-authentication", "a.ipynb", 2),
    }
    assert {finding.locations[0].cell for finding in findings(tmp_path) if finding.locations[0].path == "a.ipynb"} == {1}


def test_nothing_is_told_twice_in_source_files(tmp_path: Path) -> None:
    (tmp_path / "serve.sh").write_text("export HF_TRUST_REMOTE_CODE=1\nvllm serve owner/model --trust-remote-code\nhf download owner/model\n")
    run = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False))
    lines = sorted((finding.category, place.line) for finding in run.findings for place in finding.locations)
    assert lines == [("remote-code-trust", 1), ("remote-code-trust", 2), ("unpinned-artifact", 2), ("unpinned-artifact", 3)]


def test_servers_in_examples_may_load_what_they_like(tmp_path: Path) -> None:
    for folder in ("examples", "deploy"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "serve.sh").write_text("vllm serve owner/model --host 127.0.0.1\n")
    assert told(tmp_path) == {("unpinned-artifact", "deploy/serve.sh", 1)}


def test_fingerprints_survive_lines_above_and_renamed_files(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir(), after.mkdir()
    (before / "Dockerfile").write_text(DOCKERFILE)
    (after / "Dockerfile.gpu").write_text("# a note\n" * 20 + DOCKERFILE.replace("RUN pip", "RUN   pip"))
    assert sorted(finding.fingerprint for finding in findings(before)) == sorted(finding.fingerprint for finding in findings(after))


def test_comments_pass_over_findings_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(
        "services:\n  llm:\n    image: ollama/ollama\n    ports:\n      - 11434:11434  # aisecops: ignore[exposed-service] the firewall lets nobody in\n"
    )
    (finding,) = findings(tmp_path)
    assert finding.suppressed == "the firewall lets nobody in"


def test_messages_say_what_where_and_how_without_secrets(tmp_path: Path) -> None:
    secret = "hunter" + "2"
    (tmp_path / "compose.yaml").write_text(
        f"services:\n  a:\n    image: x\n    command: wget http://bob:{secret}@models.example.org/m.pt\n  b:\n    image: ollama/ollama\n    ports: ['1:11434']\n"
    )
    open_ollama, download = sorted(findings(tmp_path), key=lambda finding: finding.category)
    assert "in `a`" in download.message and "http://models.example.org/m.pt" in download.message
    assert secret not in json.dumps([download.message, download.evidence, download.title])
    assert "in `b`" in open_ollama.message and open_ollama.evidence["started"] == "published" and open_ollama.fix


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yaml", "services:\n  app:\n    build: .\n    command: uvicorn app:app --host 0.0.0.0\n    ports: ['8000:8000']\n  db:\n    image: postgres:17\n"),
        ("Dockerfile", 'FROM python:3.11\nRUN curl -fsSL https://example.org/a | sh && pip install torch==2.6.0\nCMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]\n'),
        ("Makefile", "serve:\n\tmlflow server --host 127.0.0.1\nnotebook:\n\tjupyter lab\n"),
        ("config.yaml", "model: {name: owner/model, trust_remote_code: false}\nserver: {host: 0.0.0.0, port: 8000}\n"),
        (".github/workflows/ci.yml", CI),
        ("tokenizer_config.json", '{"auto_map": {"AutoModel": "modeling.Model"}, "use_auth_token": false}'),
    ],
)  # fmt: skip
def test_honest_files(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    assert findings(tmp_path) == []


WORKFLOW = """on: issues
jobs:
  run:
    env:
      TITLE: ${{ github.event.issue.title }}
    steps:
      - run: |
          python review.py "$TITLE" --sha ${{ github.sha }}
          python review.py "${{ github.event.issue.title }}"
      - run: echo ${{ github.head_ref }}
"""


def test_a_stranger_s_text_in_a_workflow_s_script_is_found_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / ".github" / "workflows" / "review.yml"
    path.parent.mkdir(parents=True)
    path.write_text(WORKFLOW)
    (tmp_path / "other.yml").write_text(WORKFLOW)
    run = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("configuration/shell-injection",)))
    assert sorted((place.path, place.line) for finding in run.findings for place in finding.locations) == [
        (".github/workflows/review.yml", 9),
        (".github/workflows/review.yml", 10),
    ]


SCRIPT = """#!/bin/bash
run() { eval "$1"; }
check() {
    eval "$2"
}
run "python train.py"
eval "$1"
read -r -p "command: " line
sh -c "$line"
exec "$@"
bash -c "python serve.py --port 8000"
JUPYTER_TOKEN=$RANDOM$RANDOM
export DB_PASSWORD=$(date +%s | sha256sum | head -c 12)
PORT=$((RANDOM % 1000 + 8000))
API_KEY=$(openssl rand -hex 32)
TOKEN_FILE=/tmp/$RANDOM
tar -xzPf corpus.tar.gz
tar -xzf weights.tar.gz
"""


def test_scripts_that_evaluate_what_they_are_given_or_guess_secrets(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text(SCRIPT)
    (tmp_path / "tool.py").write_text('''USAGE = """\neval "$1"\nPASSWORD=$RANDOM\n"""\n''')
    assert told(tmp_path) == {
        ("shell-injection", "run.sh", 7),
        ("shell-injection", "run.sh", 9),
        ("weak-randomness", "run.sh", 12),
        ("weak-randomness", "run.sh", 13),
        ("archive-extraction", "run.sh", 17),
    }


def test_variables_below_an_option_of_tox(tmp_path: Path) -> None:
    (tmp_path / "tox.ini").write_text("[testenv]\nsetenv =\n    PIP_TRUSTED_HOST = pypi.example.org\ncommands =\n    pytest\n")
    assert told(tmp_path) == {("tls-disabled", "tox.ini", 3)}


DEPLOYED = """apiVersion: apps/v1
kind: Deployment
metadata: {name: llm}
spec:
  template:
    metadata: {labels: {app: llm}}
    spec:
      containers:
        - name: server
          image: vllm/vllm-openai:v0.9.1
          args: ["--model", "/models/ours"]
"""
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: llm}
spec:
  type: TYPE
  selector: {app: NAME}
"""


@pytest.mark.parametrize(("kind", "name", "open_"), [("LoadBalancer", "llm", True), ("ClusterIP", "llm", False), ("LoadBalancer", "web", False)])
def test_a_service_in_another_file_opens_the_pods_that_it_selects(kind: str, name: str, open_: bool, tmp_path: Path) -> None:
    (tmp_path / "deployment.yaml").write_text(DEPLOYED)
    (tmp_path / "service.yaml").write_text(SERVICE.replace("TYPE", kind).replace("NAME", name))
    found = {(path, line) for category, path, line in told(tmp_path) if category == "exposed-service"}
    assert found == ({("deployment.yaml", 10)} if open_ else set())

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.codebase.configuration import Command, ContainerKind, Facts, Section, read_configuration
from aisecops.codebase.configuration.json_tree import read_json
from aisecops.codebase.configuration.tree import settings_of
from aisecops.codebase.text import Text
from tests.bounded import bounded


def read(name: str, text: str) -> Facts:
    return read_configuration(name, Text(text))


def words(command: Command) -> str:
    return " ".join(word.text for word in command.words)


def settings(facts: Facts) -> list[tuple[str, object, int]]:
    return [(setting.dotted, setting.value, setting.place.line) for setting in facts.settings]


def test_a_dockerfile_says_what_each_stage_starts() -> None:
    facts = read(
        "Dockerfile.gpu",
        """# escape
ARG BASE=python:3.11
FROM ${BASE} AS base
ENV OLLAMA_HOST=0.0.0.0 \\
    NAME="a b"
ENV OLD style value
RUN --mount=type=cache,target=/root pip install torch \\
    # a comment

    && curl -k https://x && \\
    sudo serve
RUN ["pip", "install", "y"]
RUN <<EOF
set -e
git clone $OLLAMA_HOST
EOF
ADD --checksum=x https://example.com/m.pt /m.pt
FROM base
ENTRYPOINT ["jupyter", \\
  "lab"]
CMD ["--ip=0.0.0.0", "--NotebookApp.token=''"]
FROM vllm/vllm-openai:v1
CMD ["--model", "x"]
FROM ollama/ollama
EXPOSE 11434
""",
    )
    assert [(words(command), command.place.line) for command in facts.commands if not command.container] == [
        ("pip install torch", 7), ("curl -k https://x", 10), ("serve", 11), ("pip install y", 12), ("set -e", 14), ("git clone 0.0.0.0", 15),
        ("ADD --checksum=x https://example.com/m.pt /m.pt", 17),
    ]  # fmt: skip
    started = [(words(command), command.container.image.text) for command in facts.commands if command.container and command.container.image]
    assert started == [
        ("jupyter lab --ip=0.0.0.0 --NotebookApp.token=''", "python:3.11"),
        (" --model x", "vllm/vllm-openai:v1"),
        ("", "ollama/ollama"),
    ]
    jupyter = next(command for command in facts.commands if command.program == "jupyter")
    assert {a.name: a.value.text for a in jupyter.environment} == {"OLLAMA_HOST": "0.0.0.0", "NAME": "a b", "OLD": "style value"}
    assert jupyter.container is not None and jupyter.container.kind is ContainerKind.IMAGE and jupyter.container.own_command
    assert [word.place.line for word in jupyter.words] == [19, 20, 21, 21]
    assert settings(facts) == [("OLLAMA_HOST", "0.0.0.0", 4), ("NAME", "a b", 5), ("OLD", "style value", 6)]
    assert {setting.section for setting in facts.settings} == {Section.ENVIRONMENT}


def test_a_compose_file_says_what_the_host_passes_on() -> None:
    facts = read(
        "docker-compose.override.yml",
        """
x-env: &env
  A: "1"
services:
  ollama:
    image: ollama/ollama:${TAG:-latest}
    ports: ["11434:11434", "127.0.0.1:80:81"]
    environment:
      - ORIGINS=${ORIGINS:-*}
      - KEY
      - PRICE=$$5
  vllm:
    image: vllm/vllm-openai
    command: >
      --model m
      --trust-remote-code
    environment:
      <<: *env
      FLAG: true
      EMPTY: ""
      TAKEN:
    network_mode: host
  web:
    build: .
    entrypoint: ["sh", "-c"]
    command: ["mlflow server --host 0.0.0.0"]
    env_file: .env
    ports:
      - {target: 5000, published: 5000, host_ip: 127.0.0.1}
      - {target: 5001}
""",
    )
    ollama, vllm, web = facts.commands
    assert ollama.container and vllm.container and web.container
    assert ollama.words == () and ollama.scope == "ollama" and ollama.container.image and ollama.container.image.text == "ollama/ollama:latest"
    assert [(port.address, port.target, port.place.line) for port in ollama.container.ports] == [("", "11434", 7), ("127.0.0.1", "81", 7)]
    assert [(a.name, a.value.text, a.value.known) for a in ollama.environment] == [
        ("ORIGINS", "*", True),
        ("KEY", "$KEY", False),
        ("PRICE", "$5", True),
    ]
    assert [(word.text, word.place.line) for word in vllm.arguments] == [("--model", 15), ("m", 15), ("--trust-remote-code", 16)]
    assert {(a.name, a.value.text, a.value.known) for a in vllm.environment} == {
        ("A", "1", True), ("FLAG", "true", True), ("EMPTY", "", True), ("TAKEN", "$TAKEN", False),
    }  # fmt: skip
    assert vllm.container.open_to and web.more_environment and not vllm.more_environment
    assert words(web) == "mlflow server --host 0.0.0.0" and web.container.own_command
    assert [(port.address, port.target) for port in web.container.ports] == [("127.0.0.1", "5000")]


MANIFESTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  template:
    metadata: {labels: {app: x, tier: y}}
    spec:
      containers:
      - name: c
        image: vllm/vllm-openai
        args:
        - --model
        - m
        env:
        - {name: A, value: b}
        - name: S
          valueFrom: {secretKeyRef: {}}
---
apiVersion: v1
kind: Service
metadata:
  name: s
  annotations: {NOTE}
spec:
  type: LoadBalancer
  selector: {app: SELECTED}
---
apiVersion: v1
kind: ConfigMap
data:
  LEVEL: x
  config.properties: |
    inference_address=http://0.0.0.0:8085
  start.sh: |
    serve --x
---
apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: r}
spec:
  headGroupSpec:
    serviceType: NodePort
    rayStartParams: {dashboard-host: 0.0.0.0}
"""


def test_manifests_say_what_the_outside_reaches() -> None:
    facts = read("k8s.yaml", MANIFESTS.replace("{NOTE}", "{}").replace("SELECTED", "x"))
    vllm, ray, script = facts.commands
    assert vllm.container and vllm.container.kind is ContainerKind.CLUSTER and vllm.container.name == "d/c"
    assert vllm.container.open_to and vllm.container.open_to.line == 26
    assert [(a.name, a.value.known) for a in vllm.environment] == [("A", True), ("S", False)]
    assert words(ray) == "ray start --head --dashboard-host=0.0.0.0" and ray.container and ray.container.open_to
    assert (words(script), script.place.line) == ("serve --x", 36)
    assert ("inference_address", "http://0.0.0.0:8085", 34) in settings(facts) and ("LEVEL", "x", 32) in settings(facts)


@pytest.mark.parametrize(
    ("note", "selected"), [("{}", "other"), ('{networking.gke.io/load-balancer-type: "Internal"}', "x")], ids=["another pod", "internal"]
)
def test_services_that_open_nothing(note: str, selected: str) -> None:
    container = read("k8s.yaml", MANIFESTS.replace("{NOTE}", note).replace("SELECTED", selected)).commands[0].container
    assert container is not None and container.open_to is None


def test_jobs_of_build_servers_are_temporary() -> None:
    facts = read(
        ".github/workflows/ci.yml",
        """
on: push
env: {LEVEL: 0}
jobs:
  build:
    services:
      pg: {image: postgres, env: {AUTH: trust}}
    steps:
    - run: |
        é="x"
        curl -k https://x \\
          -o y
      env: {A: "${{ secrets.A }}"}
    - run: >-
        curl
        -k https://y
""",
    )
    assert all(command.container and command.container.kind is ContainerKind.TEMPORARY for command in facts.commands)
    curls = [command for command in facts.commands if command.program == "curl"]
    assert [[word.place.line for word in command.words] for command in curls] == [[11, 11, 11, 12, 12], [15, 16, 16]]
    assert {(setting.key, setting.known) for setting in facts.settings if setting.section is Section.JOB} == {
        (("LEVEL",), True), (("AUTH",), True), (("A",), False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("cluster.yaml", "head_start_ray_commands:\n  - ray stop\n  - ulimit -n 1; ray start --head\n", [("ray stop", 2), ("ulimit -n 1", 3), ("ray start --head", 3)]),
        ("task.yaml", "run: |\n  serve a\n  serve b\n", [("serve a", 2), ("serve b", 3)]),
        ("dvc.yaml", "stages:\n  train:\n    cmd: python train.py\n", [("python train.py", 3)]),
        ("package.json", '{"scripts": {\n"start": "A=1 serve && other"}}', [("serve", 2), ("other", 2)]),
        ("mcp.json", '{"mcpServers": {"x": {"command": "npx", "args": ["-y", "srv"]}}}', [("srv", 1)]),
        ("Makefile", "HOST ?= 0.0.0.0\nrun: a\n\t@serve \\\n\t  --host $(HOST) $$X\n\nb:\n\t-other $(shell x)\n", [("serve --host 0.0.0.0 $X", 3), ("other ${MAKE}", 7)]),
        ("Procfile", "web: serve --port $PORT\n", [("serve --port $PORT", 1)]),
        ("x.service", "[Service]\nEnvironment=A=b\nExecStart=/bin/serve \\\n --x\n", [("/bin/serve --x", 3)]),
        ("Jenkinsfile", "steps { sh 'serve a'\n sh '''\n serve b\n''' }", [("serve a", 1), ("serve b", 3)]),
        ("component.yaml", "implementation:\n  container:\n    image: x\n    command: [sh, -c, 'serve a']\n", [("serve a", 4)]),
        ("requirements-dev.txt", "torch==2.6\n-i http://a.example # c\nb @ git+https://a.example/b ; python_version > '3'\n",
         [("pip install -i http://a.example", 2), ("pip install b @ git+https://a.example/b", 3)]),
        ("environment.yml", "dependencies:\n  - python\n  - pip:\n    - a\n    - git+https://x.example.org/a\n", [("pip install git+https://x.example.org/a", 5)]),
        ("start", "#!/usr/bin/env bash\nserve\n", [("serve", 2)]),
        ("README", "serve\n", []),
    ],
)  # fmt: skip
def test_commands_are_found_where_they_stand(name: str, text: str, wanted: list[tuple[str, int]]) -> None:
    assert [(words(command), command.place.line) for command in read(name, text).commands] == wanted


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("config.properties", "a.b=http://0.0.0.0:8080\n# c\nd = *\nx = a\\\n  b\n", [("a.b", "http://0.0.0.0:8080", 1), ("d", "*", 3), ("x", "ab", 4)]),
        ("setup.ini", "[s t]\nkey: 'v' ; note\n", [("s t.key", "v", 2)]),
        (".env.example", "TOKEN=\nB=1\n", [("B", "1", 2)]),
        ("rows.json", '{"a": 1}\n{"b": 2}\n', [("a", 1, 1), ("b", 2, 2)]),
        ("empty.json", "\n", []),
        ("tokenizer.json", '{"a": 1}', []),
        (".env.local", "export A=\"b c\" # d\nB=${C:-x}\nD=\n", [("A", "b c", 1), ("B", "x", 2), ("D", "", 3)]),
        ("config.toml", "[server]\naddress = \"::\"\n[[a.b]]\nx=1\n[[a.b]]\nx = true\n", [("server.address", "::", 2), ("a.b[0].x", 1, 4), ("a.b[1].x", True, 6)]),
        ("a.jsonc", '{"S": {"ip": "\\u002a", // c\n "n": -1.5e3,}, "l": [true, null]}', [("S.ip", "*", 1), ("S.n", -1500.0, 2), ("l[0]", True, 2), ("l[1]", None, 2)]),
        ("redis.conf", "protected-mode no\nbind 0.0.0.0 ::1\n", [("protected-mode", "no", 1), ("bind", "0.0.0.0 ::1", 2)]),
        ("v.yaml", "a: &x {b: 1}\nc: {<<: *x, d: yes}\ne: [*x]\n---\nf: '1'\n", [("a.b", 1, 1), ("c.d", "yes", 2), ("c.b", 1, 1), ("e[0].b", 1, 1), ("f", "1", 5)]),
        ("plugin.yaml", 'a:\n  {{f "x/{{ .T }}/y" .T | indent 6 }}\n  b: 1\n', [("a.b", 1, 3)]),
        ("values.yaml", "a: {{ .Values.a }}\n{{- if .x }}\nb: 1\n{{- end }}\n", [("a", "{{...}}", 1), ("b", 1, 3)]),
    ],
)  # fmt: skip
def test_settings_are_found_where_they_stand(name: str, text: str, wanted: list[tuple[str, object, int]]) -> None:
    assert settings(read(name, text)) == wanted


def test_what_is_decided_elsewhere_is_unknown() -> None:
    facts = read("values.yaml", "a: {{ .Values.a }}\n{{- if .x }}\nb: ${{ x }}\n{{ end }}")
    assert [setting.known for setting in facts.settings] == [False, False]
    assert [setting.known for setting in read(".env", "A=$B\nC=d\n").settings] == [False, True]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [("a.yaml", "a: [1\nb: }", 2), ("a.json", '{"a": 1,\n"b": nope}', 2), ("a.toml", "a = 1\nb = = 2\n", 2), ("b.json", "[", 1)],
)
def test_broken_files_are_named_with_the_line(name: str, text: str, line: int) -> None:
    (gap,) = read(name, text).gaps
    assert gap.code == "bad-input" and gap.place.line == line


NAMES = "Dockerfile docker-compose.yml a.yaml a.json a.toml a.ini a.conf .env Makefile Procfile Jenkinsfile a.service a.sh config.properties".split()
LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
HOSTILE = [
    LAUGHS, "a: &a [*a, *a]\n", "a: &a\n  <<: *a\n  b: 1\n", "[" * 25_000, "{" * 25_000, '{"a":' * 25_000, "- " * 25_000, "a: b\n" * 25_000, "\0\r" * 50_000,
    "a" * 250_000,    "=" * 125_000, '"' * 500_001, "RUN a \\\n" * 12_000, "FROM a AS b\nRUN <<E\n" * 5_000,
    "ENV A=$A$A\n" * 5_000, "x:\n\t$(A)\n" * 10_000, "[a]\nb=c\\\n" * 10_000,
    "services:\n" + "".join(f"  s{n}:\n    image: a\n    command: b\n" for n in range(8000)), "{{" * 50_000, "{%" * 50_000, "a: |\n" + "  x\n" * 37_000,
    "sh '" * 25_000,
    "".join(f"a{n}: &b{n}\n  <<: *b{n - 1}\n  c{n}: 1\n" if n else "a0: &b0 {}\n" for n in range(3000)), "\ufeffa: 1\n", "\ud800: 1\n", "/*" * 50_000, "[{" * 25_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_hostile_files_are_read_or_refused_in_time(text: str) -> None:
    for name in NAMES:
        with bounded():
            read(name, text)


@given(st.sampled_from(NAMES), st.text(st.sampled_from("ab1 :=-[]{}\"'\n\t#&*<>|\\$,%!~.é\0") | st.characters(), max_size=80))
def test_no_text_breaks_a_reader(name: str, text: str) -> None:
    read(name, text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3),
    )
)
def test_json_is_read_as_python_reads_it(value: object) -> None:
    import json

    def leaves(value: object, key: tuple[object, ...] = ()) -> list[tuple[object, object]]:
        parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
        if parts is None:
            return [(key, value)] if key else []
        return [leaf for name, part in parts for leaf in leaves(part, (*key, name))]

    text = json.dumps(value, indent=1)
    assert [(setting.key, setting.value) for setting in settings_of(read_json(Text(text))[0])] == leaves(value)

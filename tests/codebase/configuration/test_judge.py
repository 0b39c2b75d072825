from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.codebase.configuration import read_configuration
from aisecops.codebase.configuration.judge import ServiceHit, judge
from aisecops.codebase.configuration.values import Value, holding
from aisecops.codebase.text import Place, Text
from aisecops.knowledge.services import Test as Trial
from tests.bounded import bounded


def hits(text: str, name: str = "run.sh") -> list[ServiceHit]:
    facts = read_configuration(name, Text(text))
    return judge(facts.commands, facts.settings, name)


def found(text: str, name: str = "run.sh") -> set[tuple[str, int]]:
    return {(hit.entry.id, place.line) for hit in hits(text, name) for place in hit.places}


COMPOSE = """
services:
  tracking:
    build: .
    command: mlflow server --host 0.0.0.0
    ports:
      - "PORT"
"""


@pytest.mark.parametrize(
    ("port", "reported"),
    [("5000:5000", True), ("0.0.0.0:5000:5000", True), ("${PORT:-5000}:5000", True), ("127.0.0.1:5000:5000", False), ("[::1]:5000:5000", False),
     ("localhost:5000:5000", False)],
)  # fmt: skip
def test_a_port_that_is_passed_on_is_what_exposes(port: str, reported: bool) -> None:
    expected = {("mlflow:open-without-sign-in", 5), ("mlflow:open-without-sign-in", 7)} if reported else set()
    assert found(COMPOSE.replace("PORT", port), "compose.yaml") == expected


def test_the_environment_of_a_service_is_judged_with_its_command() -> None:
    text = "services:\n  a:\n    image: vllm/vllm-openai\n    command: --model m --host 0.0.0.0\n    ports: ['8000:8000']\n    KIND\n"
    assert {entry for entry, _ in found(text.replace("KIND", "restart: always"), "compose.yaml")} == {"vllm:open-without-key"}
    for kept in ("environment: {VLLM_API_KEY: x}", "environment: [VLLM_API_KEY]", "env_file: .env"):
        assert found(text.replace("KIND", kept), "compose.yaml") == set()


def test_a_variable_of_a_service_that_is_started_here_is_not_judged_alone() -> None:
    assert found('export JUPYTER_TOKEN=""\njupyter lab --PasswordIdentityProvider.hashed_password="$HASH"\n') == set()
    assert found('export JUPYTER_TOKEN=""\nsystemctl start notebook\n') == {("jupyter:no-token", 1)}


def test_options_outweigh_variables() -> None:
    assert found("export OLLAMA_HOST=0.0.0.0\nOLLAMA_HOST=127.0.0.1 ollama serve\n") == set()
    assert found("LANGFLOW_HOST=0.0.0.0 langflow run --host 127.0.0.1\n") == set()


def test_what_may_be_set_elsewhere_excuses() -> None:
    assert found("source .env\nvllm serve m --host 0.0.0.0\n") == set()
    assert found("vllm serve m --host 0.0.0.0 --config c.yaml\n") == set()
    assert found("source .env\npip install torch\n") == set()
    (hit,) = hits('vllm serve m --host 0.0.0.0 "$@"\n')
    assert hit.confidence == "medium"


def test_one_cause_with_many_places_is_one_hit() -> None:
    (hit,) = hits("curl -k https://a.example.org\ncurl -k https://b.example.org\n")
    assert [place.line for place in hit.places] == [1, 2]
    two = hits("services:\n  a:\n    image: ollama/ollama\n    ports: ['1:1']\n  b:\n    image: ollama/ollama\n    ports: ['2:2']\n", "compose.yaml")
    assert [hit.scope for hit in two] == ["a", "b"]


def test_subjects_keep_things_apart_and_hide_passwords() -> None:
    user = "user:pass" + "word1"
    text = f"wget http://{user}@models.example.org/a.pth?sig=1\nwget http://models.example.org/b.pth\n"
    one, other = hits(text)
    assert (one.subject, other.subject) == ("http://models.example.org/a.pth", "http://models.example.org/b.pth")
    assert not any(user in part for hit in (one, other) for part in (*hit.written, hit.subject))


def test_settings_that_commands_write_are_judged_with_their_file() -> None:
    assert found("cat > config.properties <<EOF\nmanagement_address=http://0.0.0.0:8081\nEOF\n") == {("torchserve:management-open", 2)}
    assert found("echo 'management_address=http://0.0.0.0:8081' > notes.md\n") == set()
    assert found("echo \"c.ServerApp.token = ''\" | tee -a jupyter_server_config.py\n") == {("jupyter:no-token", 1)}
    assert found("printf 'trust_remote_code: true\\n' > model.yaml\n") == {("remote-code:trusted", 1)}


def test_batch_files_set_the_rest_of_the_line() -> None:
    assert {entry for entry, _ in found("set COMMANDLINE_ARGS=--xformers --share\r\ncall webui.bat\r\n", "webui-user.bat")} == {
        "image-interfaces:share"
    }


def test_talk_is_not_taken_for_commands() -> None:
    assert found("echo ray start --head --dashboard-host=0.0.0.0\n# ollama: OLLAMA_HOST=0.0.0.0\ngrep -- --trust-remote-code x\n") == set()


def test_variables_of_build_jobs_open_nothing_and_still_verify_nothing() -> None:
    text = "on: push\njobs:\n  test:\n    env: {GRADIO_SHARE: 1, PYTHONHTTPSVERIFY: 0, OLLAMA_HOST: 0.0.0.0}\n    steps: [{run: ollama serve}]\n"
    assert found(text, ".github/workflows/a.yml") == {("verification:verification-off", 4)}


@pytest.mark.parametrize(
    ("kind", "text", "holds"),
    [
        ("everywhere", "0.0.0.0", True), ("everywhere", "http://0.0.0.0:80", True), ("everywhere", "[::]:80", True), ("everywhere", "::", True),
        ("everywhere", "*", True),
        ("everywhere", "tcp://0.0.0.0:1", True), ("everywhere", "127.0.0.1 0.0.0.0", True), ("everywhere", "10.0.0.0", False), ("everywhere", "", False),
        ("everywhere", "'0.0.0.0'", True), ("everywhere", "https://example.org/0.0.0.0", False), ("everywhere", "::1", False),
        ("loopback", "localhost:80", True), ("loopback", "127.0.0.1", True), ("loopback", "::1", True), ("loopback", "http://[::1]:80/", True),
        ("loopback", "127.0.0.1,0.0.0.0", False), ("loopback", "", False), ("loopback", "unix:///a.sock", True), ("loopback", "127.0.0.1 ::1", True),
        ("empty", "''", True), ("empty", "", True), ("empty", " x", False), ("on", "True", True), ("on", "yes", True), ("on", "2", False), ("off", "False", True),
        ("off", "0", True), ("off", "", False), ("set", "x", True), ("set", "''", False), ("set", "none", False), ("absent", "x", False), ("present", "", True),
    ],
)  # fmt: skip
def test_tests_on_values(kind: str, text: str, holds: bool) -> None:
    assert (holding(Trial(kind), [Value(text, Place(1), "--x")]) is not None) is holds


def test_tests_on_what_is_unknown_or_not_there() -> None:
    unknown = [Value("$X", Place(1), "--x", known=False)]
    assert [kind for kind in ("everywhere", "loopback", "empty", "on", "off") if holding(Trial(kind), unknown) is not None] == []
    assert holding(Trial("set"), unknown) == unknown
    assert holding(Trial("absent"), []) == [] and holding(Trial("absent"), [], doubt=True) is None
    assert holding(Trial("set"), []) is None and holding(Trial("set"), [], doubt=True) == []
    assert holding(Trial("not", tests=(Trial("present"),)), []) == []


HOSTILE = [
    "vllm serve " + "--host 0.0.0.0 " * 8_000,
    "curl -k https://a\n" * 8_000,
    "export A_SSL_VERIFY=0\n" * 8_000,
    "a " + "x" * 500_000,
    "pip install " + "git+https://a@" * 9_000,
    "a b=c\n" * 8_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_commands_are_judged_in_time(text: str) -> None:
    with bounded():
        hits(text)


@given(
    st.lists(
        st.sampled_from(
            "vllm serve --host 0.0.0.0 --api-key= ollama OLLAMA_HOST=:: curl -k ; | && docker run -p 1:1 -e A= '' $X jupyter lab --ip=*".split()
        ),
        max_size=12,
    )
)
def test_no_command_breaks_the_judge(words: list[str]) -> None:
    for hit in hits(" ".join(words)):
        assert hit.places and hit.entry.category

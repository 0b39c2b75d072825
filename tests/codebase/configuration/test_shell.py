from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.codebase.configuration import Command, ContainerKind, Word, commands_in, commands_of
from aisecops.codebase.text import Place, Text
from tests.bounded import bounded


def read(text: str, **options: object) -> list[Command]:
    return commands_in(text, Text(text).at, **options)  # type: ignore[arg-type]


def said(commands: list[Command]) -> list[str]:
    """Programs and arguments; what is unknown in angle brackets."""
    return [" ".join(word.text if word.known else f"<{word.text}>" for word in command.words) for command in commands]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a b # c", ["a b"]),
        ("a 'b c' \"d e\" f\\ g h#i", ["a b c d e f g h#i"]),
        ("a \\\n  b\\\n c", ["a b c"]),
        ("HOST=0.0.0.0\nserve --host $HOST --also \"${HOST}\" '$HOST'", ["serve --host 0.0.0.0 --also 0.0.0.0 $HOST"]),
        ("serve ${PORT:-80} ${A:-} $B", ["serve 80 <${A:-}> <$B>"]),
        ("A='--x 1 --y'\nserve $A \"$A\"", ["serve --x 1 --y --x 1 --y"]),
        ("A=(--x '1 2')\nA+=(--y)\nserve \"${A[@]}\" end", ["serve --x 1 2 --y end"]),
        ("A=1\nA=2\nserve $A", ["serve <$A>"]),
        ("if a; then b; elif c && ! d; then e; else f; fi", ["a", "b", "c", "d", "e", "f"]),
        ("for x in 1 2; do run $x; done; while read y; do z; done", ["run <$x>", "read y", "z"]),
        ("case $1 in\n start|go) a;;\n *) b ;;\nesac\nc", ["a", "b", "c"]),
        ("f() { a; }\nfunction g { b; }", ["a", "b"]),
        ("(a; b) && c $(d | e) `f`", ["a", "b", "d", "e", "f", "c <$(...)> <`...`>"]),
        ("a $((1 + 2)) [[ x\n[[ -z $A && b ]] && c", ["a <$(...)> [[ x", "c"]),
        ("a 2>&1 > out.txt < in.txt; b &> /dev/null & c", ["a", "b", "c"]),
        ("cat <<EOF\n; rm -rf /\nEOF\na", ["cat", "a"]),
        ("bash <<'EOF'\na b\nEOF", ["bash", "a b"]),
        ("a 'no end", ["a no end"]),
        ('a "no end $(b', ["b", "a <no end $(...)>"]),
        ("a {{ .Values.x }} ${{ inputs.y }}", ["a <{{ .Values.x }}> <${{ inputs.y }}>"]),
        ("$'a\\tb' c", ["a\tb c"]),
        ("a;;b", ["a", "b"]),
        ("a\r\nb \\\r\n c\r\n", ["a", "b c"]),
    ],
)
def test_words_are_those_that_a_program_gets(text: str, wanted: list[str]) -> None:
    assert said(read(text)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sudo -E -u app A=1 -- serve", ["serve"]),
        ("exec nohup nice -n 10 timeout -k 5 60 serve x &", ["serve x"]),
        ("env -u B A=1 bash -lc 'cd /x && exec serve --y'", ["cd /x", "serve --y"]),
        ("python3.11 -u -W ignore -m vllm.entrypoints.openai.api_server --host x", ["vllm.entrypoints.openai.api_server --host x"]),
        ("uv run --with torch python -m serve", ["serve"]),
        ("poetry run serve; conda run -n e --no-capture-output serve; pipenv run python a.py", ["serve", "serve", "python a.py"]),
        ("torchrun --nproc_per_node 8 train.py --x", ["python train.py --x"]),
        ("accelerate launch --config_file a.yaml -m pkg.train --x", ["pkg.train --x"]),
        ("./serve.py --x", ["python ./serve.py --x"]),
        ("bash -e start.sh a", ["start.sh a"]),
        ("ray job submit --address http://x --working-dir . -- python train.py", ["python train.py"]),
        ("ssh -i key user@host 'serve --y && b'", ["ssh -i key user@host", "serve --y", "b"]),
        ("kubectl exec -n ns pod -- serve", ["serve"]),
        ("docker exec -it -e A=b box serve", ["serve"]),
        ("docker compose -f a.yml run --rm web serve", ["serve"]),
        ("tmux new-session -d -s s 'serve --x'", ["serve --x"]),
        ('eval "serve $X"', ["serve <$X>"]),
        ("python -m debugpy --listen 0.0.0.0:5678 -m flask run", ["debugpy --listen 0.0.0.0:5678", "flask run"]),
        ('sh -c "sh -c \\"sh -c \'serve\'\\""', ["serve"]),
        ("npx -y pkg@1 --z", ["pkg@1 --z"]),
        ("sudo", []),
    ],
)
def test_what_only_starts_another_program_is_taken_away(text: str, wanted: list[str]) -> None:
    assert said(read(text)) == wanted


def test_places_are_those_of_the_words() -> None:
    (command,) = read("# note\nserve \\\n  --host 0.0.0.0 \\\n  --x\n")
    assert [(word.place.line, word.place.column) for word in command.words] == [(2, 1), (3, 3), (3, 10), (4, 3)]
    (inner,) = read("\nbash -c 'a\nserve x'")[1:]
    assert inner.place.line == 3


def test_the_environment_of_a_command() -> None:
    text = "export A=1\nB=2\nC=3 serve\nB=4 export D=$B\nset -a\nE=5\n. ./more.env\nother"
    commands = {command.program: command for command in read(text)}
    assert {a.name: a.value.text for a in commands["serve"].environment} == {"A": "1", "C": "3"}
    assert not commands["serve"].more_environment and commands["other"].more_environment
    assert {a.name: a.value.text for a in commands["other"].environment} == {"A": "1", "D": "2", "E": "5"}
    assert not read("source venv/bin/activate\nserve")[1].more_environment


def test_pipes_name_what_is_read() -> None:
    curl, shell, last = read("curl -s https://x | sudo bash\nlast")
    assert shell.after is not None and shell.after.words == curl.words and last.after is None


def test_written_text_is_kept_with_its_target() -> None:
    (command,) = read("cat > conf/app.properties <<EOF\na=b\nEOF\n")
    assert command.writes_to == "conf/app.properties"
    assert [(word.text, word.place.line) for word in command.written] == [("a=b\n", 2)]


def test_containers_that_a_command_runs() -> None:
    text = "docker run -d --gpus all -p 127.0.0.1:80:8000 -p8001:8001 -e A=b -e C --name box image:1 --model x --y\n"
    (command,) = read(text)
    container = command.container
    assert container is not None and container.kind is ContainerKind.PUBLISHED and container.name == "box"
    assert [(port.address, port.target) for port in container.ports] == [("127.0.0.1", "8000"), ("", "8001")]
    assert [(a.name, a.value.text, a.value.known) for a in container.environment] == [("A", "b", True), ("C", "$C", False)]
    assert container.image is not None and container.image.text == "image:1" and not container.own_command
    assert command.program == "" and said([command]) == [" --model x --y"]
    (command,) = read("podman run --network=host --env-file .env --entrypoint serve image --z")
    assert said([command]) == ["serve --z"] and command.container is not None and command.container.open_to and command.more_environment
    (command,) = read("docker run -P image sh -c 'exec serve'")
    assert said([command]) == ["serve"] and command.container is not None and command.container.open_to
    (command,) = read("docker run image")
    assert command.words == () and command.container is not None and command.container.ports == ()
    (command,) = read("docker run -p [::1]:80:80 -p ${P:-1}:2 image")
    assert command.container is not None and [(port.address, port.target) for port in command.container.ports] == [("::1", "80"), ("", "2")]


def test_an_argument_list_is_read_like_a_text() -> None:
    words = [Word(text, Place(7)) for text in ("sudo", "bash", "-c", "a && mlflow server --host 0.0.0.0")]
    assert said(commands_of(words)) == ["a", "mlflow server --host 0.0.0.0"]
    assert all(command.place.line == 7 for command in commands_of(words))
    assert commands_of([]) == []


def test_notebooks_replace_braces() -> None:
    assert said(read("pip install {package} $x", braces=True)) == ["pip install <{package}> <$x>"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12), min_size=1, max_size=6))
def test_quoted_words_come_back(words: list[str]) -> None:
    (command,) = read("serve " + shlex.join(words))
    assert [word.text for word in command.arguments] == words


@given(st.text(st.sampled_from("ab '\"\\$`(){}[]<>|&;#\n\r=!*-\t~é"), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    for command in read(text) + read(text, braces=True):
        assert command.words or command.container


HOSTILE = [
    "[[ " * 33_000, "((" * 33_000, "$(" * 50_000, "${" * 50_000, "a\n" * 66_000, "`" * 66_001, "'" * 66_001, "A=xxxxxxxx\\ yyyyy\n" + "$A " * 33_000,
    "<<E\n" * 23_000, "case " * 20_000, "a(" * 33_000, "a=(" * 33_000, "\\\n" * 50_000, ")" * 100_000, "{{" * 50_000, '"$(' * 33_000, "sh -c '" * 13_000,
    "export A=1\n" * 16_000, "bash -c " + "\\" * 100_000, "sudo " * 20_000, "A=1;" + "A=$A$A;" * 13_000, "docker run " * 10_000, "\0" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:10]))
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    with bounded():
        read(text)

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys

import pytest

SHOW = "from tests.report.runs import hostile; from aisecops.report.terminal import document; from aisecops.cli.screen import show; show(document(hostile()))"
IMPORTED = "; import sys; sys.stderr.write(str('rich' in sys.modules))"


def on_a_terminal(code: str, columns: int = 80, **environment: str) -> str:
    """Run ``code`` with its standard output on a pseudo-terminal and return what arrives there."""
    ours, theirs = pty.openpty()
    env = (
        {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR", "CI"}}
        | {"TERM": "xterm-256color", "COLUMNS": str(columns)}
        | environment
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=theirs, stdin=theirs, env=env)
    os.close(theirs)
    data = b""
    while chunk := _read(ours):
        data += chunk
    os.close(ours)
    assert process.wait() == 0
    return data.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def bare(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def piped(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, env=os.environ | environment, check=True)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_terminal_gets_colours_and_the_same_words(columns: int) -> None:
    shown = on_a_terminal(SHOW, columns)
    assert "\x1b[1;91mCRITICAL" in shown
    assert max(len(row.rstrip()) for row in bare(shown).splitlines()) <= min(columns, 100)
    in_a_pipe = piped(SHOW).stdout.decode()
    assert "".join(bare(shown).split()) == "".join(in_a_pipe.split())


def test_no_color_is_respected() -> None:
    assert not re.search(r"\x1b\[[0-9;]*(3[0-7]|9[0-7])m", on_a_terminal(SHOW, NO_COLOR="1"))


def test_a_dumb_terminal_gets_plain_text() -> None:
    assert "\x1b" not in on_a_terminal(SHOW, TERM="dumb")


def test_a_pipe_gets_plain_text_without_the_cost_of_rich() -> None:
    done = piped(SHOW + IMPORTED)
    assert b"\x1b" not in done.stdout
    assert done.stderr == b"False"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_will_do(encoding: str) -> None:
    text = piped(SHOW, PYTHONIOENCODING=encoding).stdout.decode(encoding)
    assert ("✗ no-critical" if encoding == "utf-8" else "x no-critical") in text


def test_hostile_text_does_not_act_on_a_real_terminal() -> None:
    code = (
        "from tests.hostile_text import HOSTILE; from tests.report.test_hostile import run_of; from aisecops.report.terminal import document;"
        "from aisecops.cli.screen import show; show(document(run_of(list(HOSTILE.values())), verbose=True))"
    )
    shown = on_a_terminal(code)
    sequences = set(re.findall(r"\x1b[^m]*m", shown))
    assert all(re.fullmatch(r"\x1b\[[0-9;]*m", sequence) for sequence in sequences)
    assert not re.search("[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f]", shown.replace("\r", ""))


def test_a_stream_of_ones_own_is_written_to() -> None:
    from aisecops.cli.screen import show
    from aisecops.report.layout import line

    stream = io.StringIO()
    show([line("hello")], stream)
    assert stream.getvalue() == "hello\n"

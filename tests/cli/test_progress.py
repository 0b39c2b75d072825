from __future__ import annotations

import io
import threading

import pytest

from aisecops.cli.progress import Bar, Lines, progress_on
from aisecops.core.progress import Progress, Silent


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def work(progress: Progress, clock: Clock, seconds: float, steps: int = 100) -> None:
    progress.phase("examining", steps)
    for number in range(steps):
        clock.now += seconds / steps
        progress.step(f"models/{number}.pkl")
    progress.close()


@pytest.mark.parametrize(("seconds", "lines"), [(1.5, 0), (3, 1), (11, 2), (60, 11)])
def test_a_log_gets_a_line_now_and_then(seconds: float, lines: int) -> None:
    stream, clock = io.StringIO(), Clock()
    work(Lines(stream, clock), clock, seconds)
    assert len(stream.getvalue().splitlines()) == lines
    assert not lines or stream.getvalue().startswith("examining: ")


def test_a_line_says_what_is_being_done() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Lines(stream, clock)
    progress.phase("hashing", 2_000)
    clock.now += 3
    progress.step("models/\x1b[2Ja.pkl", done=1_500)
    assert stream.getvalue() == "hashing: 1,500 of 2,000  models/\\x1b[2Ja.pkl\n"


def test_a_short_run_draws_no_bar() -> None:
    stream, clock = Terminal(), Clock()
    work(Bar(stream, clock), clock, 0.4)
    assert stream.getvalue() == ""


def test_a_bar_is_drawn_at_most_ten_times_a_second_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    stream, clock = Terminal(), Clock()
    progress = Bar(stream, clock)
    progress.phase("examining", 10_000)
    for number in range(10_000):
        clock.now += 2 / 10_000
        progress.step(f"models/{number}.pkl")
    assert threading.active_count() == 1
    assert 10 <= stream.getvalue().count("examining") <= 17
    progress.note("a worker died and was replaced \x1b[2J")
    progress.close()
    assert "models/" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
    assert "\x1b[?25h" in stream.getvalue(), "the cursor is given back"


def test_hostile_names_do_not_reach_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream, clock = Terminal(), Clock()
    progress = Bar(stream, clock)
    progress.phase("examining", 0)
    clock.now += 1
    progress.step("[red]x[/red] {0} \x1b]52;c;x\x07")
    progress.close()
    assert "\x1b]52" not in stream.getvalue()


def test_who_gets_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(progress_on(Terminal(), quiet=True), Silent)
    assert isinstance(progress_on(Terminal(), quiet=False), Bar)
    assert isinstance(progress_on(io.StringIO(), quiet=False), Lines)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(progress_on(Terminal(), quiet=False), Lines)

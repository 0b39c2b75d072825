"""Ctrl-C once is a request, twice at once still one, and twice with time in between an order."""

from __future__ import annotations

import os
import signal

import pytest

from aisecops.pipeline import interruption
from aisecops.pipeline.interruption import Interruption


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_that_come_twice_at_once_are_one(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interruption() as asked:
        assert not asked.asked()
        send(number)
        send(number)
        assert asked.asked()
    assert signal.getsignal(number) == before


def test_who_presses_ctrl_c_again_will_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "_PATIENCE", -1.0)
    with pytest.raises(KeyboardInterrupt), Interruption():
        send(signal.SIGINT)
        send(signal.SIGTERM)
        send(signal.SIGINT)


def test_what_was_to_be_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Interruption() as asked:
            send(signal.SIGTERM)
            assert not asked.happened
    finally:
        signal.signal(signal.SIGTERM, before)

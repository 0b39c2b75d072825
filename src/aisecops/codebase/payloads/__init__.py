"""Code that works against whoever runs, imports or installs it."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.codebase.dataflow.program import Module
from aisecops.codebase.payloads.harm import harms
from aisecops.codebase.payloads.hiding import hidden
from aisecops.codebase.payloads.payload import Payload
from aisecops.codebase.payloads.running import runs
from aisecops.codebase.payloads.sending import sends
from aisecops.codebase.payloads.slices import Slices

__all__ = ["Payload", "payloads"]

_WORDS = (
    "exec eval system popen subprocess socket requests urllib httpx http __reduce rmtree marshal FunctionType pynput pyperclip authorized_keys spawn runpy smtplib "
    "ftplib getattr __import__ unlink bashrc"
).split()
"""Without one of these nothing here can be found: most files are passed over."""


def payloads(module: Module, text: str) -> Iterator[Payload]:
    """Yield what ``module`` holds against its user; ``text`` is its source."""
    if not any(word in text for word in _WORDS):
        return
    slices = Slices(module)
    seen: set[tuple[str, int]] = set()
    for payload in (*runs(slices), *sends(slices), *harms(slices), *hidden(slices)):
        if (payload.rule, payload.span.line) not in seen:
            seen.add((payload.rule, payload.span.line))
            yield payload

"""Code that works against whoever runs, imports or installs it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.codebase.dataflow.program import Module
from aisecops.codebase.payloads.harm import TOUCHES, harms
from aisecops.codebase.payloads.hiding import hidden
from aisecops.codebase.payloads.payload import Payload
from aisecops.codebase.payloads.running import runs
from aisecops.codebase.payloads.sending import LOOKS_UP, SENDS, sends
from aisecops.codebase.payloads.slices import fits, slices_of
from aisecops.codebase.payloads.traits import COMMANDS, EVALUATES

__all__ = ["Payload", "payloads"]

_WORDS = (
    "http exec eval system popen subprocess socket requests __reduce rmtree marshal FunctionType pynput pyperclip authorized_keys spawn runpy smtplib "
    "ftplib getattr __import__ unlink bashrc"
).split()
"""Without one of these nothing here can be found. The one that most files hold comes first."""

_WORTH = (
    "os.environ getenv gethostname getlogin getuser expanduser home() .ssh id_rsa .aws netrc eychain lipboard pyperclip pynput bashrc .profile crontab authorized_keys "
    "customize .pth LaunchAgents rmtree unlink os.remove dup2 b64 fromhex marshal zlib rot13 chr( __import__ import_module webhook /etc/ C:\\ c:\\ _history _TOKEN _KEY"
).split()
_WORTH_AS_WORDS = {"uname": r"\buname", "redentials": r"redentials\b", "cookies": r"\bcookies", "wallet": r"\bwallet"}
"""What is worth taking or changing: texts to look for, which is much faster than one pattern of them all; a pattern only where the text is there."""

_ACTS = f"{EVALUATES}|{COMMANDS}|{LOOKS_UP}"
_CONCERNS = f"{_ACTS}|{SENDS}|{TOUCHES}"


def payloads(module: Module, text: str) -> Iterator[Payload]:
    """Yield what ``module`` holds against its user; ``text`` is its source."""
    if not any(word in text for word in _WORDS):
        return
    hides = re.search(r";[ \t]{50}", text) is not None
    if not (hides or "__reduce" in text or _can_harm({call.path for call in module.calls}, text)):
        return
    slices = slices_of(module)
    seen: set[tuple[str, int]] = set()
    for payload in (*runs(slices), *sends(slices), *harms(slices), *(hidden(slices) if hides else ())):
        if (payload.rule, payload.span.line) not in seen:
            seen.add((payload.rule, payload.span.line))
            yield payload


def _can_harm(paths: set[str], text: str) -> bool:
    """Whether calls of ``paths`` can be part of what is found here. To open or send something is part of it only together with what is worth taking or changing."""
    concerned = [path for path in paths if fits(_CONCERNS, path)]
    if any(fits(_ACTS, path) for path in concerned):
        return True
    return bool(concerned) and _is_worth(text)


def _is_worth(text: str) -> bool:
    return any(word in text for word in _WORTH) or any(word in text and re.search(pattern, text) for word, pattern in _WORTH_AS_WORDS.items())

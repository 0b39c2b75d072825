"""Code and commands that are hidden, fetched, or come from whoever is at the other end of a connection."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from aisecops.codebase.dataflow.program import Call
from aisecops.codebase.payloads.folding import folded, is_assembled
from aisecops.codebase.payloads.payload import Payload
from aisecops.codebase.payloads.slices import Slices, fits
from aisecops.codebase.payloads.traits import BOASTS, COMMANDS, CREDENTIALS, DECODERS, EVALUATES, SUSPICIOUS, decodes, fetches, holds_literal, texts
from aisecops.codebase.syntax.walking import walk

_SHELL = r"(ba|z|da|k)?sh(\.exe)?|/bin/(ba|z|da)?sh|cmd(\.exe)?|powershell(\.exe)?"
_DANGEROUS = r"(os\.(system|popen|exec\w+|spawn\w+)|subprocess\.\w+|builtins\.(exec|eval|compile)|pty\.spawn)"
_TOOLS = frozenset(
    (
        "system",
        "popen",
        "exec",
        "eval",
        "compile",
        "subprocess",
        "os",
        "builtins",
        "__builtins__",
        "__import__",
        "check_output",
        "Popen",
        "call",
        "run",
        "execv",
        "pty",
        "spawn",
        "socket",
    )
)
_HOSTILE = (
    r"/dev/tcp/|bash\s+-i\s*>&|\b(nc|ncat|netcat)\b[^\n]*\s-\w*e\b|stratum\+|xmrig|minexmr|moneroocean|supportxmr|nanopool\.org|--donate-level|mkfifo\s+/tmp/\w+;"
    r"|\b(exec|eval)\((?:[^()\n]{0,60}\()*[^()\n]{0,60}\b(b64decode|decompress|urlopen|fromhex|a85decode)\("
    r"|\b(curl|wget)\b[^\n|]*https?://(?!127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)\d{1,3}(\.\d{1,3}){3}[^\n|]*\|\s*(sudo\s+)?(ba|z|da)?sh\b"
)
"""A shell for somebody else, a miner, code that is decoded or fetched by a command, a script of an address without a name."""
_SCHEDULED = r"(?s)(@reboot|@hourly|@daily|(^|\s)\*(/\d+)?\s+(\*|\d)).*(\bcurl\b|\bwget\b|urlopen\(|requests\.get\(|/dev/shm/|/tmp/\.|base64)"
"""A line of a crontab that fetches, or hides, what it runs."""
_CONNECTS = r"socket\.(socket\(\)\.(connect|connect_ex)|create_connection)"


def runs(slices: Slices) -> Iterator[Payload]:
    """Yield what runs hidden or foreign code."""
    for call in slices.calls:
        if fits(EVALUATES, call.path):
            yield from _evaluated(slices, call)
        elif fits(COMMANDS, call.path):
            yield from _command(slices, call)
        if fits(_DANGEROUS, call.path):
            yield from _assembled(call)
    yield from _folded_names(slices)
    yield from _reverse_shells(slices)


def _arguments(call: Call) -> list[ast.expr]:
    node = call.node
    assert isinstance(node, ast.Call)
    named = [keyword.value for keyword in node.keywords if keyword.arg in (None, "args", "source", "object", "cmd", "command", "code")]
    return [*node.args[:1], *named] if not call.path.startswith(("os.exec", "os.spawn")) else list(node.args)


def _evaluated(slices: Slices, call: Call) -> Iterator[Payload]:
    parts = list(slices.parts(*_arguments(call), scope=call.span.scope))
    what = call.path.removeprefix("builtins.").replace("()", "")
    decoder = decodes(slices, parts)
    if fetched := fetches(slices, parts):
        yield Payload("fetched-code", f"{what} runs code that {fetched} has just fetched", call.span)
    elif decoder and holds_literal(parts):
        yield Payload("decoded-code", f"{what} runs code that stands here encoded ({decoder})", call.span)


def _command(slices: Slices, call: Call) -> Iterator[Payload]:
    parts = list(slices.parts(*_arguments(call), scope=call.span.scope))
    written = texts(parts)
    whole = " ".join(reversed(written)) if len(written) < 40 else ""
    joined = " ".join(written)
    what = call.path.replace("()", "")
    received = next((p for p in parts if isinstance(p, ast.Call) and re.search(r"\.(recv|recvfrom)$", slices.path(p))), None)
    if received is not None:
        yield Payload("remote-commands", f"{what} runs what comes over a socket", call.span)
    elif (fetched := fetches(slices, parts)) and (by_itself(slices, call) or _is_shell(call)):
        yield Payload("fetched-command", f"{what} runs a command that {fetched} has just fetched", call.span)
    elif (decoder := decodes(slices, parts)) and _is_written_here(slices, call, parts) and decoder not in ("urllib.parse.unquote", "html.unescape"):
        yield Payload("decoded-command", f"{what} runs a command that stands here encoded ({decoder})", call.span)
    elif any(re.search(_HOSTILE, text) for text in (joined, whole)):
        yield Payload("hostile-command", f"{what} opens a shell for somebody else, mines, or runs hidden code", call.span)
    elif any(
        re.search(r"\b(curl|wget|nc|scp|http)\b", text) and re.search(CREDENTIALS, text) and re.search(r"-d|-F|-T|--data|--upload|@|<|https?:", text)
        for text in (joined, whole)
    ):
        yield Payload("sent-credentials", f"{what} sends a file of credentials away", call.span)
    elif any(re.search(r"rm\s+-rf\s+(--no-preserve-root\s+)?(/|~|\$HOME)/?(\s|$|\*)", text) for text in (joined, whole)):
        yield Payload("destroys", f"{what} deletes everything that it can reach", call.span)
    elif any("crontab" in text for text in written) and re.search(_SCHEDULED, _with_input(slices, call)):
        yield Payload("foothold", f"{what} has a command run again and again that fetches what it runs", call.span)
    elif by_itself(slices, call) and _is_dropped(slices, call, parts):
        yield Payload("dropped-program", f"{what} runs a program that was fetched just before", call.span)
    elif by_itself(slices, call) and any(re.search(SUSPICIOUS, text) or (slices.installs and re.search(BOASTS, text)) for text in (joined, whole)):
        yield Payload(
            "command-at-install", f"{what} runs this command as soon as the file is {'installed' if slices.installs else 'imported'}", call.span
        )


def _is_written_here(slices: Slices, call: Call, parts: list[ast.AST]) -> bool:
    """Whether what is decoded stands in the program: of what is decoded in the function around, it has to go into that call."""
    inside = set(map(id, walk(slices.body(call.span.scope))))
    decoders = [part for part in parts if isinstance(part, ast.Call) and id(part) in inside and fits(DECODERS, slices.path(part))]
    if not decoders:
        return holds_literal(parts)
    return any(holds_literal(slices.parts(*decoder.args, scope=call.span.scope)) for decoder in decoders)


def _with_input(slices: Slices, call: Call) -> str:
    """The constant texts that a command is given, on its command line or to read, in the order of the source."""
    assert isinstance(call.node, ast.Call)
    return " ".join(reversed(texts(slices.parts(*call.node.args, *(keyword.value for keyword in call.node.keywords), scope=call.span.scope))))


def _is_dropped(slices: Slices, call: Call, parts: list[ast.AST]) -> bool:
    """Whether the command is a file that the same function has just fetched."""
    return any(isinstance(part, (ast.Name, ast.Constant)) and ast.dump(part) in _fetched_to(slices, call.span.scope) for part in parts)


def _fetched_to(slices: Slices, scope: str) -> set[str]:
    """The places that the calls of ``scope`` fetch to: ``urlretrieve(url, place)``, ``open(place, "wb").write(fetched)`` that is made a program."""
    places: set[str] = set()
    made: set[str] = set()
    writes = False
    for other in slices.calls:
        node = other.node
        if other.span.scope != scope or not isinstance(node, ast.Call):
            continue
        if other.path.endswith("urlretrieve") and len(node.args) > 1:
            places.add(ast.dump(node.args[1]))
        elif other.path == "os.chmod" and node.args:
            made.add(ast.dump(node.args[0]))
        elif other.path.endswith((".write", ".write_bytes")) and fetches(slices, list(slices.parts(*node.args, scope=scope))):
            writes = True
    return places | (made if writes else set())


def by_itself(slices: Slices, call: Call) -> bool:
    """Whether the call happens without anybody asking: in the file of a package, or an install hook."""
    return call.span.scope in slices.by_itself and (
        slices.starts or slices.installs or bool(call.span.scope and "." in call.span.scope and slices.installs)
    )


def _is_shell(call: Call) -> bool:
    if call.path in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"):
        return True
    shell = call.arguments.keywords.get("shell")
    return shell is not None and shell.known is True


def _assembled(call: Call) -> Iterator[Payload]:
    """``getattr(os, "sys" + "tem")``, ``__import__("o" "s").system``."""
    node = call.node
    assert isinstance(node, ast.Call)
    for part in walk(node.func):
        if isinstance(part, ast.Call) and any(is_assembled(argument) for argument in part.args):
            yield Payload("assembled-name", f"{call.path.removeprefix('builtins.')} is called by a name that is put together", call.span)
            return
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "__import__" and _whole(part):
            yield Payload("imported-inline", f"{call.path} is called through __import__, past the imports at the top", call.span, sure=False)
            return


def _whole(part: ast.Call) -> bool:
    return len(part.args) == 1 and isinstance(part.args[0], ast.Constant) and part.args[0].value in ("os", "subprocess", "pty", "builtins")


def _folded_names(slices: Slices) -> Iterator[Payload]:
    """Names that only come out when a text is turned round, decoded or put together."""
    for call in slices.calls:
        node = call.node
        if call.path not in ("builtins.getattr", "builtins.__import__", "importlib.import_module") or not isinstance(node, ast.Call):
            continue
        argument = node.args[-1 if call.path == "builtins.getattr" and len(node.args) == 2 else 0] if node.args else None
        if argument is not None and is_assembled(argument) and folded(argument) in _TOOLS:
            yield Payload("assembled-name", f"the name {folded(argument)} is put together", call.span)


def _reverse_shells(slices: Slices) -> Iterator[Payload]:
    """A connection whose ends become the input and output of a shell."""
    connects = {call.span.scope: call for call in slices.calls if fits(_CONNECTS, call.path)}
    for call in slices.calls:
        node = call.node
        if call.span.scope not in connects or not isinstance(node, ast.Call):
            continue
        if call.path in ("os.dup2", "pty.spawn"):
            yield Payload("reverse-shell", f"{call.path} hands a shell to the other end of a connection", call.span)
        elif call.path.startswith("subprocess."):
            given = [keyword.value for keyword in node.keywords if keyword.arg in ("stdin", "stdout")]
            connected = any(isinstance(part, ast.Attribute) and part.attr in ("fileno", "makefile") for value in given for part in walk(value))
            shell = any(re.fullmatch(_SHELL, text) for text in texts(walk(node)))
            if connected and shell:
                yield Payload("reverse-shell", f"{call.path} hands a shell to the other end of a connection", call.span)

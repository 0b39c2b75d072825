"""Services that everybody who finds them can use."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from aisecops.checks.references import ACTIVE_DEBUG_CODE, EXPOSED_RESOURCE, MISSING_AUTHENTICATION, PUBLIC_FACING_APPLICATION
from aisecops.checks.source_file.mending import switched
from aisecops.checks.source_file.missing_authentication import administrates, served
from aisecops.checks.source_file.sources import sources
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import readable, weaknesses
from aisecops.codebase.dataflow.program import Call, Hit, Module, Span
from aisecops.codebase.serving import application_of, listening
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

_SIGN_IN = (".token", ".password", ".hashed_password")
_AUTH_ARGUMENTS = ("auth", "auth_server_provider", "token_verifier")
_FILE_SERVERS = frozenset(("http.server.SimpleHTTPRequestHandler", "http.server.CGIHTTPRequestHandler"))


@check(
    id="source-file/exposed-service",
    version=2,
    title="Services are not open to everyone",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.DEPLOY,
    threat=Threat.INSECURE_OPERATION,
    categories=("exposed-service",),
    refs=(MISSING_AUTHENTICATION, EXPOSED_RESOURCE, ACTIVE_DEBUG_CODE, PUBLIC_FACING_APPLICATION),
)
def exposed_service(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find servers, interfaces and tunnels that are reachable from outside without a sign-in, and debuggers that are served.

    What it finds
        Share links and ``server_name="0.0.0.0"`` of Gradio without ``auth``; debug mode of Flask, Werkzeug, FastAPI; Ray dashboards, Ray Serve, Dask, PyTorch RPC and
        H2O on every interface; Jupyter configured without token or password; gRPC without TLS; tunnels (ngrok, cloudflared); MCP servers, TensorBoard, debuggers
        and remote objects on every interface; and web servers on ``0.0.0.0`` whose routes run a model for whoever asks.

    Why it matters
        Whoever scans the internet finds such addresses; a share link is one. The campaign "ShadowRay" (CVE-2023-48022, 2024) used open Ray dashboards to take over
        clusters. A served Werkzeug debugger or an open notebook server runs code for anyone.

    Example
        ``demo.launch(share=True)``; ``ray.init(dashboard_host="0.0.0.0")``; ``app.run(host="0.0.0.0", debug=True)``.

    How to fix
        Bind to 127.0.0.1 and reach the service through ssh or a proxy that signs users in; set ``auth=`` from the environment; turn debug off.

    Limits
        ``0.0.0.0`` alone is what containers need: a web server there is reported only if its routes matter and ask nobody who is calling. What a command line or
        configuration file starts is for the checks of these.

    References
        CWE-306, CWE-668, CWE-489; MITRE ATLAS AML.T0049 (Exploit Public-Facing Application).
    """
    module = file.module
    if module is None:
        return
    told: set[int] = set()
    for weakness in weaknesses(file, "exposed-service", lambda hit: _graded(module, hit)):
        told.update(place.line or 0 for place in weakness.locations)
        yield weakness
    for weakness in (*_open_servers(file, module, ctx), *_django(file, module)):
        if not told.intersection(place.line or 0 for place in weakness.locations):
            yield weakness


def _graded(module: Module, hit: Hit) -> Severity | None:
    """How grave a hit is, by what else the file says; None if that makes it harmless."""
    severity: Severity = hit.entry.severity
    if hit.entry.id == "exposed-service:jupyter-address" and _signs_in(module):
        return None
    if hit.entry.id == "exposed-service:mcp" and hit.path.endswith("run") and _made_with_auth(module):
        return None
    return severity


def _signs_in(module: Module) -> bool:
    return any(call.form == "assign" and call.path.endswith(_SIGN_IN) and call.arguments.keywords["value"].known != "" for call in module.calls)


def _made_with_auth(module: Module) -> bool:
    made = [call for call in module.calls if call.form == "call" and call.path.endswith(".FastMCP")]
    return any(call.arguments.get(name) is not None for call in made for name in _AUTH_ARGUMENTS)


def _open_servers(file: SourceFile, module: Module, ctx: Context) -> Iterator[Weakness]:
    """Web servers on every interface whose routes matter and ask nobody who is calling, or that hand out a folder."""
    application = served(file, ctx)
    for start in listening(module):
        started = application or (application_of(_served_by(start.call), module, sources(ctx).program) if start.everywhere else None)
        open_routes = started.open if started is not None else ()
        hands_out = any(value.path in _FILE_SERVERS for value in start.call.arguments)
        if not start.everywhere or not (open_routes or hands_out):
            continue
        edits = tuple(change.edit for change in switched(file, "exposed-service", start.call.node)) if start.span.path == file.asset.path else ()
        what = "the folder that it runs in" if hands_out else f"{len(open_routes)} open route{'s' if len(open_routes) > 1 else ''}"
        yield Weakness(
            category="exposed-service",
            identity=("listens-everywhere", start.call.path, start.span.scope),
            title="The service is open to everyone who finds it",
            message=f"{readable(start.call.path)} listens on every interface and offers {what} to whoever asks.",
            severity=Severity.HIGH if hands_out or any(administrates(route) for route in open_routes) else Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            locations=(file.place(start.span),),
            root_cause="exposed-service: listens-everywhere",
            fix=Fix("Bind to 127.0.0.1 behind a proxy that signs callers in, or ask for a key in the application.", edits=edits),
        )


def _served_by(call: Call) -> ast.expr | None:
    node = call.node
    if not isinstance(node, ast.Call):
        return None
    return node.args[0] if node.args else next((keyword.value for keyword in node.keywords if keyword.arg in ("app", "application")), None)


def _django(file: SourceFile, module: Module) -> Iterator[Weakness]:
    """Settings of Django that show tracebacks to everyone: DEBUG with any host name."""
    if module.member("DEBUG").known is not True or "INSTALLED_APPS" not in module.env:
        return
    hosts = getattr(module.member("ALLOWED_HOSTS").known, "items", ())
    if not any(host.text == "*" for host in hosts):
        return
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "DEBUG" for t in node.targets):
            yield Weakness(
                category="exposed-service",
                identity=("django-debug",),
                title="Error pages show the program",
                message="DEBUG is on and ALLOWED_HOSTS takes every name: tracebacks with settings and variables go to whoever causes an error.",
                severity=Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
                locations=(file.place(Span(module.path, node, "")),),
                root_cause="exposed-service: django-debug",
                fix=Fix("Take DEBUG from the environment, off by default, and list the host names."),
            )

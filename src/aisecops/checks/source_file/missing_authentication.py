"""Routes that run or change a model and ask nobody who is calling."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import INFERENCE_API_ACCESS, MISSING_AUTHENTICATION, PUBLIC_FACING_APPLICATION, UNBOUNDED_CONSUMPTION
from aisecops.checks.source_file.sources import sources
from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.dataflow.program import Span
from aisecops.codebase.serving import Application, Route, applications, listening
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

_MOST_NAMED = 6
_ADMINISTRATES = frozenset(
    (
        "admin administration delete remove drop purge wipe reset clear upload load reload unload deploy undeploy promote rollback train training retrain finetune "
        "fine_tune fit execute exec eval shell command cmd shutdown restart kill install config settings secrets secret env environ debug rmtree unlink system popen"
    ).split()
)


@check(
    id="source-file/missing-authentication",
    title="Routes that run or change a model know who is calling",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.DEPLOY,
    threat=Threat.INSECURE_OPERATION,
    categories=("missing-authentication",),
    refs=(MISSING_AUTHENTICATION, INFERENCE_API_ACCESS, PUBLIC_FACING_APPLICATION, UNBOUNDED_CONSUMPTION),
)
def missing_authentication(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find inference and administration routes without any authentication.

    What it finds
        Functions and classes that FastAPI, Flask, Starlette, aiohttp, Sanic, Tornado, Litestar, Django REST, ``http.server``, BentoML, Ray Serve and gRPC call
        for a request, that run a model, train, load, upload, delete or execute something, and where neither the function, a decorator, a dependency, the router,
        the application nor a middleware looks who is calling. One finding for each application, with its routes as places.

    Why it matters
        An open inference route pays for everybody's answers, lets the model be copied query by query, and an open route that loads or uploads models hands over
        the machine. In 2024 researchers counted more than a thousand Ollama servers that answered anyone on the internet, private models included.

    Example
        ``@app.post("/models/reload")`` above ``def reload(path: str): app.state.model = joblib.load(path)``.

    How to fix
        Ask for a key or a token in one place for all routes: ``FastAPI(dependencies=[Depends(verify)])``, a middleware, or the gateway in front; compare keys with
        ``hmac.compare_digest``.

    Limits
        Names are believed: a dependency called ``verify_token`` counts if its body does anything. A gateway in front of the service is not seen; if there is one,
        bind the service to 127.0.0.1 (then nothing is reported), or pass over the finding with that reason. Routers are judged with the application that takes
        them in, not alone.

    References
        CWE-306; OWASP LLM10:2025 Unbounded Consumption; MITRE ATLAS AML.T0040 (AI Model Inference API Access).
    """
    application = served(file, ctx)
    if application is None or not application.open or for_this_machine_alone(file):
        return
    routes = application.open
    yield Weakness(
        category="missing-authentication",
        identity=tuple(sorted(f"{route.address} {route.name}" for route in routes)[:20]),
        title="Nobody is asked who is calling",
        message=f"{_named(routes)} {'answers' if len(routes) == 1 else 'answer'} whoever sends a request.",
        severity=Severity.HIGH if any(administrates(route) for route in routes) else Severity.MEDIUM,
        confidence=Confidence.MEDIUM if application.guarded else Confidence.HIGH,
        locations=tuple(dict.fromkeys(place for route in routes for place in _places(file, route))),
        root_cause="missing-authentication: application",
        evidence={"routes": [f"{inert(route.address or route.name, 80)}: {route.matters}" for route in routes[:50]]},
        fix=Fix("Ask for a key or token in one place for all routes: dependencies=[Depends(verify)] of the application, or a middleware."),
    )


def _places(file: SourceFile, route: Route) -> Iterator[Location]:
    """Where the route is registered, and where its function stands if that is elsewhere in the file."""
    yield file.place(route.span)
    if route.function is not None and route.node is not None and route.function.module is file.module:
        defined = Span(file.asset.path, route.node, route.function.qualname)
        defined.end_line = defined.line
        if not route.span.line <= defined.line <= route.span.end_line:
            yield file.place(defined)


def served(file: SourceFile, ctx: Context) -> Application | None:
    """Return what the file serves; None if it makes no application, or is a test."""
    module = file.module
    if module is None or is_test(file.asset.path):
        return None
    return ctx.memo("application", lambda: applications(module, sources(ctx).program))


def for_this_machine_alone(file: SourceFile) -> bool:
    """Whether the file starts its server, and only ever on the loopback interface."""
    starts = list(listening(file.module)) if file.module is not None else []
    return any(start.loopback for start in starts) and not any(start.everywhere for start in starts)


def administrates(route: Route) -> bool:
    """Whether the route changes something, rather than answering."""
    return route.matters in _ADMINISTRATES


def _named(routes: tuple[Route, ...]) -> str:
    names = [inert(route.address or f"{route.name}()", 60) for route in routes[:_MOST_NAMED]]
    return ", ".join(names) + (f" and {len(routes) - _MOST_NAMED} more" if len(routes) > _MOST_NAMED else "")


def is_test(path: str) -> bool:
    """Whether the file at ``path`` is a test."""
    name = path.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py" or "/tests/" in f"/{path}"

"""Routes that are classes: request handlers, views and resources, whose methods answer requests."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Class, Function, Module, Span
from aisecops.codebase.serving.routes import Route, route

_HTTP = frozenset(("get", "post", "put", "patch", "delete"))
_HANDLERS = {
    "http.server.BaseHTTPRequestHandler": frozenset(("do_GET", "do_POST", "do_PUT", "do_DELETE", "do_PATCH")),
    "http.server.SimpleHTTPRequestHandler": frozenset(("do_GET", "do_POST", "do_PUT", "do_DELETE", "do_PATCH")),
    "tornado.web.RequestHandler": _HTTP,
    "tornado.websocket.WebSocketHandler": frozenset(("on_message",)),
    "flask.views.MethodView": _HTTP,
    "flask.views.View": frozenset(("dispatch_request",)),
    "flask_restful.Resource": _HTTP,
    "flask_restx.Resource": _HTTP,
    "starlette.endpoints.HTTPEndpoint": _HTTP,
    "starlette.endpoints.WebSocketEndpoint": frozenset(("on_receive",)),
    "litserve.LitAPI": frozenset(("predict",)),
    "litserve.api.LitAPI": frozenset(("predict",)),
}
"""Library classes, and the methods of classes derived from them that answer requests."""
SERVERS = frozenset(
    (
        "http.server.HTTPServer http.server.ThreadingHTTPServer socketserver.TCPServer socketserver.ThreadingTCPServer tornado.web.Application "
        "litserve.LitServer litserve.server.LitServer grpc.server grpc.aio.server"
    ).split()
)
"""What makes such classes a service where no application object is."""
_SERVICE, _SERVICE_METHOD = "bentoml.service", frozenset(("bentoml.api", "bentoml.task"))
_DEPLOYMENT, _INGRESS = "ray.serve.deployment", "ray.serve.ingress"
_VIEWS = (
    "rest_framework.views.APIView",
    "rest_framework.viewsets.ViewSet",
    "rest_framework.viewsets.GenericViewSet",
    "rest_framework.viewsets.ModelViewSet",
)
_VIEW_METHODS = _HTTP | {"create", "update", "destroy", "list"}
_ANY = frozenset(("AllowAny",))


def class_routes(module: Module, program: Program) -> Iterator[tuple[Route, Class]]:
    """Yield the methods of ``module``'s request handlers, each as a route without address, with its class."""
    for cls in module.classes:
        for method in _answering(cls):
            yield from ((found, cls) for found in _route(module, cls, method, program))


def is_service(module: Module) -> bool:
    """Whether a class of ``module`` is served by what decorates it: BentoML's services, Ray Serve's deployments."""
    return any(not _decorators(cls).isdisjoint((_SERVICE, _DEPLOYMENT)) for cls in module.classes)


def _answering(cls: Class) -> list[Function]:
    """The methods of ``cls`` that answer requests."""
    said = _decorators(cls)
    if (names := _HANDLERS.get(cls.library)) is not None:
        return [method for name, method in cls.methods.items() if name in names]
    if _SERVICE in said:
        return [method for method in cls.methods.values() if not _decorators(method).isdisjoint(_SERVICE_METHOD)]
    if _DEPLOYMENT in said and _INGRESS not in said:  # an ingress answers by the routes of its application
        return [method for name, method in cls.methods.items() if name == "__call__"]
    if any(name.endswith("Servicer") for name in (cls.library, *(ancestor.name for ancestor in cls.lineage()[1:]))):  # gRPC's generated classes
        return [method for name, method in cls.methods.items() if not name.startswith("_") and len(method.signature.positional) == 3]
    return []


def _decorators(decorated: Class | Function) -> frozenset[str]:
    return frozenset(value.path.removesuffix("()") for value in decorated.decorators)


def open_views(module: Module, program: Program) -> Iterator[Route]:
    """Yield the methods of Django REST views that say themselves that anybody may call them, and Django views that switch CSRF protection off."""
    for cls in module.classes:
        if not (cls.library.startswith("rest_framework.") or cls.inherits(*_VIEWS)) or not _open_to_all(cls):
            continue
        for name, method in cls.methods.items():
            if name in _VIEW_METHODS or any(d.path.startswith("rest_framework.decorators.action") for d in method.decorators):
                yield from _route(module, cls, method, program)
    for function in module.functions:
        decorators = _decorators(function)
        drf = "rest_framework.decorators.api_view" in decorators
        if isinstance(function.node, ast.Lambda) or not (drf or "django.views.decorators.csrf.csrf_exempt" in decorators):
            continue
        if not drf or _decorated_open(function.node):
            span = Span(module.path, function.node.decorator_list[0], function.qualname)
            span.end_line = max(function.node.lineno, span.end_line)
            yield from route("", function, program, "django", None, span)


def _route(module: Module, cls: Class, method: Function, program: Program) -> Iterator[Route]:
    first = method.node.decorator_list[0] if not isinstance(method.node, ast.Lambda) and method.node.decorator_list else method.node
    span = Span(module.path, first, method.qualname)
    span.end_line = max(method.node.lineno, span.line)
    return route("", method, program, cls.library, None, span, words=f"/{_words(cls.name)}")


def _words(name: str) -> str:
    """``PredictHandler`` as ``predict``."""
    for end in ("RequestHandler", "Handler", "View", "ViewSet", "Resource", "API", "Api", "Endpoint"):
        name = name.removesuffix(end)
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_")


def _open_to_all(cls: Class) -> bool:
    """Whether ``permission_classes`` or ``authentication_classes`` of the view let everybody in, and neither turns anybody away."""
    said: dict[str, ast.expr] = {}
    for statement in cls.node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            said[statement.targets[0].id] = statement.value
    permissions = _names(said.get("permission_classes"))
    authentication = _names(said.get("authentication_classes"))
    return (permissions is not None and permissions <= _ANY) or (authentication == frozenset() and not permissions)


def _decorated_open(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for decorator in node.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and decorator.args
            and getattr(decorator.func, "id", getattr(decorator.func, "attr", "")) == "permission_classes"
        ):
            names = _names(decorator.args[0])
            return names is not None and names <= _ANY
    return False


def _names(node: ast.expr | None) -> frozenset[str] | None:
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    return frozenset(item.attr if isinstance(item, ast.Attribute) else item.id if isinstance(item, ast.Name) else "?" for item in node.elts)

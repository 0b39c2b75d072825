"""Where a program listens: which calls start a server, and on which addresses."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from aisecops.codebase.dataflow.program import Call, Module, Parameter, Span
from aisecops.codebase.dataflow.values import List, Value
from aisecops.codebase.serving.routes import SOCKETS

_ANY = "0.0.0.0"  # noqa: S104 - what is looked for
_EVERYWHERE = frozenset((_ANY, "::", "[::]"))
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
_BY_HOST = {
    "uvicorn.run": -1,
    "uvicorn.Config": -1,
    "uvicorn.main.run": -1,
    "waitress.serve": -1,
    "flask.Flask().run": 0,
    "quart.Quart().run": 0,
    "sanic.Sanic().run": 0,
    "sanic.Sanic().prepare": 0,
    "bottle.run": -1,
    "bottle.Bottle().run": -1,
    "werkzeug.serving.run_simple": 0,
    "wsgiref.simple_server.make_server": 0,
    "flask_socketio.SocketIO().run": 1,
    "granian.Granian": -1,
    "robyn.Robyn().start": 0,
    "connexion.FlaskApp().run": -1,
    "connexion.App().run": -1,
    "apiflask.APIFlask().run": 0,
    "flask_openapi3.OpenAPI().run": 0,
    "cherrypy.quickstart": -1,
    "chalice.Chalice().run": 0,
    "responder.API().run": -1,
    "microdot.Microdot().run": 0,
}
"""Calls that serve on the argument ``host``, and its position."""
_BY_DEFAULT = {"aiohttp.web.run_app": -1, "litserve.LitServer().run": 0, "aiohttp.web.TCPSite": 1}
"""Those that listen everywhere unless told otherwise."""
_BY_PORT = frozenset(("tornado.web.Application().listen", "tornado.httpserver.HTTPServer().listen", "tornado.httpserver.HTTPServer().bind"))
"""Those that take (port, address), and listen everywhere unless told otherwise."""
_BY_ADDRESS = frozenset(
    (
        "http.server.HTTPServer http.server.ThreadingHTTPServer socketserver.TCPServer socketserver.ThreadingTCPServer gevent.pywsgi.WSGIServer "
        "gevent.wsgi.WSGIServer eventlet.listen wsgiserver.WSGIServer cheroot.wsgi.Server"
    ).split()
)
"""Those that take (host, port), where an empty host is everywhere."""


class Listening(msgspec.Struct, frozen=True):
    """A call that serves. ``everywhere``: on all interfaces; ``loopback``: for this machine alone; neither: unknown, or the library's default."""

    call: Call
    everywhere: bool
    loopback: bool

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.call.span


def listening(module: Module) -> Iterator[Listening]:
    """Yield the calls of ``module`` that start a server."""
    for call in module.calls:
        host = _host(call)
        if host is not None:
            yield Listening(call, host in _EVERYWHERE, host in _LOOPBACK)


def _host(call: Call) -> str | None:
    """The address on which the call serves; empty if it is not known; None if it serves nothing."""
    if call.form != "call":
        return None
    path = call.path
    if path in _BY_HOST or (path.startswith("?") and path.endswith((".run", ".serve")) and path.split(".")[-2].lstrip("?") in ("app", "uvicorn")):
        return _text(call, call.arguments.get("host", _BY_HOST.get(path, 0)) or call.arguments.get("hostname") or call.arguments.get("address"))
    if path in SOCKETS:
        return _text(call, call.arguments.get("host", 1))
    if path in _BY_DEFAULT:
        value = call.arguments.get("host", _BY_DEFAULT[path])
        return _text(call, value) if value is not None or call.arguments.spread is not None else _ANY
    if path in _BY_PORT:
        value = call.arguments.get("address", 1)
        return _text(call, value) if value is not None or call.arguments.spread is not None else _ANY
    if path in _BY_ADDRESS:
        address = call.arguments.get("server_address", 0) or call.arguments.get("listener", 0)
        if address is not None and isinstance(address.known, List) and address.known.items:
            text = address.known.items[0].text
            return _ANY if text == "" else _text(call, address.known.items[0])
        return ""
    return None


def _text(call: Call, value: Value | None) -> str:
    if value is None:
        return ""
    if value.text is None and isinstance(value.ref, Parameter) and call.function is not None:
        value = call.function.signature.defaults.get(value.ref.name, value)
    return value.text or ""

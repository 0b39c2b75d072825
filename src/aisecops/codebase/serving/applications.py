"""Applications: the routes that one module serves, its own and those of the routers that it takes in, and which of them ask who is calling."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import msgspec

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Class, Function, Later, Module
from aisecops.codebase.dataflow.values import Value
from aisecops.codebase.serving.bodies import whole_class, whole_function
from aisecops.codebase.serving.evidence import authenticates, does_nothing, dotted, last_name, names_authentication, stands_for_authentication
from aisecops.codebase.serving.handlers import SERVERS, class_routes, is_service, open_views
from aisecops.codebase.serving.routes import APPS, SOCKETS, Route, routes
from aisecops.codebase.syntax.walking import walk

_INCLUDES = frozenset(
    ("include_router", "register_blueprint", "add_router", "blueprint", "include", "mount", "add_namespace", "register_router", "add_routes")
)
_HOOKS = frozenset(
    (
        "middleware",
        "before_request",
        "before_app_request",
        "on_request",
        "before_serving",
        "url_value_preprocessor",
        "on_middleware",
        "hook",
        "api_route_middleware",
    )
)
_WRAPS = frozenset(
    (
        "add_middleware",
        "Middleware",
        "register_middleware",
        "before_request",
        "DefineMiddleware",
        "add_hook",
        "BasicAuth",
        "init_app",
        "add_asgi_middleware",
    )
)
_MAKERS = ("FastAPI", "Flask", "Starlette", "Application", "Litestar", "NinjaAPI", "Quart")
_GRPC = ("grpc.server", "grpc.aio.server")
_MOST_ROUTERS = 60


class Application(msgspec.Struct, frozen=True):
    """What a module serves. ``open`` are the routes that matter and ask nobody who is calling; ``guarded``: at least one route, or the whole, asks."""

    routes: tuple[Route, ...]
    open: tuple[Route, ...]
    guarded: bool


_ABOUT_CALLERS = r"(^|[._])(auth|authn|authz|authentication|authorization|security|permissions?|identity)$"
"""Names of modules that only hold what asks who is calling."""


class _Names:
    """What names mean in a module: definitions of the project."""

    def __init__(self, module: Module, program: Program) -> None:
        self.module = module
        self.program = program
        self._assigned: dict[str, ast.expr] | None = None

    def __call__(self, node: ast.expr) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr | None:
        ref = self.value(node).ref
        if isinstance(ref, Function):
            found = (whole_function(f, self.program) for f in ref.module.functions if f.qualname == ref.qualname)
            same = [definition for definition in found if definition is not None]
            return next((n for n in same if not does_nothing(n)), same[0] if same else None)  # `if not settings.auth: def user(): return True`
        if isinstance(ref, Class):
            return whole_class(ref, self.program)
        if not isinstance(node, ast.Name):
            return None
        return self.assigned.get(node.id) or self._imported(node.id)

    def _imported(self, name: str) -> ast.expr | None:
        """``auth.user`` for ``from .auth import user``, where that module is not there to be read: it is named after what it is for."""
        for statement in self.module.tree.body:
            if isinstance(statement, ast.ImportFrom) and re.search(_ABOUT_CALLERS, statement.module or ""):
                for alias in statement.names:
                    if name == (alias.asname or alias.name):
                        return ast.Attribute(ast.Name("auth"), alias.name)
        return None

    def value(self, node: ast.expr) -> Value:
        """What a (dotted) global name is."""
        if isinstance(node, ast.Name):
            return self.program.now(self.module.env.get(node.id, Value()))
        if isinstance(node, ast.Attribute):
            ref = self.value(node.value).ref
            if isinstance(ref, Module):
                return self.program.now(ref.env.get(node.attr, Value()))
            if isinstance(ref, Class) and (method := ref.method(node.attr)):
                return Value(ref=method)
        return Value()

    @property
    def assigned(self) -> dict[str, ast.expr]:
        """Global names and the expressions that they are assigned."""
        if self._assigned is None:
            body = self.module.tree.body
            found = {t.id: s.value for s in body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)}
            found |= {s.target.id: s.value for s in body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name) and s.value is not None}
            self._assigned = found
        return self._assigned


def applications(module: Module, program: Program) -> Application | None:
    """Return what ``module`` serves; None if it makes no application: whoever takes its routers in may guard them."""
    views = tuple(open_views(module, program))
    serves = any(call.path in SERVERS or call.path in SOCKETS or call.path + "()" in APPS for call in module.calls if call.form == "call")
    serves = serves or is_service(module) or (module.settled and any(value.path in APPS for value in module.env.values()))
    if not serves and not views:
        return None
    names = _Names(module, program)
    served: list[Route] = list(views)
    unguarded = [view for view in views if view.matters and not guards_route(view, names)]
    closed = _closed(module, names)
    for part, guarded in _parts(module, names) if serves else ():
        own = _Names(part, program)
        shut = closed or guarded or (part is not module and _closed(part, own))
        found = [(route, None) for route in routes(part, program)] + list(class_routes(part, program))
        for route, cls in found:
            served.append(route)
            if route.matters and not shut and not guards_route(route, own) and not (cls is not None and _class_guards(cls, own)):
                unguarded.append(route)
    return Application(tuple(served), tuple(unguarded), closed or any(guards_route(route, names) for route in served))


def application_of(node: ast.expr | None, module: Module, program: Program) -> Application | None:
    """Return what the application that ``node`` names (``app``, ``api.app``, ``"api:app"``) in ``module`` serves, where another module makes it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        later = program.imported(module, node.value.partition(":")[0]).ref
        other = program.module(later) if isinstance(later, Later) else None
    else:
        other = _module_of(node, _Names(module, program)) if node is not None else None
    return applications(other, program) if other is not None else None


def _class_guards(cls: Class, names: _Names) -> bool:
    """Whether a request handler asks who is calling before any of its methods runs: ``prepare``, ``authorize``, ``decorators = [login_required]``."""
    if any(name in cls.methods for name in ("authorize", "get_current_user")):
        return True
    for name in ("prepare", "dispatch", "initialize", "setup", "parse_request", "on_connect", "open", "_check_auth"):
        method = cls.methods.get(name)
        if method is not None and authenticates(whole_function(method, names.program) or method.node, names):
            return True
    for statement in cls.node.body:
        if (
            isinstance(statement, ast.Assign)
            and isinstance(statement.targets[0], ast.Name)
            and statement.targets[0].id in ("decorators", "method_decorators")
        ):
            return any(stands_for_authentication(item, names) for item in getattr(statement.value, "elts", ()))
    return "LIT_SERVER_API_KEY" in ast.unparse(names.module.tree) if cls.library.startswith("litserve") else False


def _parts(module: Module, names: _Names) -> Iterator[tuple[Module, bool]]:
    """Yield ``module`` and the modules whose routers it takes in, each with whether that is done with a guard."""
    yield module, False
    seen = {module.path}
    for call in _calls(module.tree):
        if last_name(call) not in _INCLUDES or not call.args or len(seen) > _MOST_ROUTERS:
            continue
        other = _module_of(call.args[0], names)
        if other is not None and other.path not in seen:
            seen.add(other.path)
            yield other, _has_guard(call, names)


def _module_of(node: ast.expr, names: _Names) -> Module | None:
    """The module of the project that ``node`` (``routes.router``, ``router``) comes from."""
    if isinstance(node, ast.Attribute):
        ref = names.value(node.value).ref
        return ref if isinstance(ref, Module) else None
    if not isinstance(node, ast.Name):
        return None
    module, program = names.module, names.program
    for statement in walk(module.tree):
        for alias in statement.names if isinstance(statement, ast.ImportFrom) else ():
            if (alias.asname or alias.name) == node.id and isinstance(statement, ast.ImportFrom):
                later = program.imported_from(module, statement.module or "", alias.name, statement.level).ref
                return program.module(Later(later.path, "", later.hops)) if isinstance(later, Later) else None
    return None


def guards_route(route: Route, names: _Names) -> bool:
    """Whether the route asks who is calling: by a decorator, a dependency, a security scheme, or in its function."""
    node = route.node
    if route.registration is not None and _has_guard(route.registration, names):
        return True
    if _owner_is_guarded(route, names):
        return True
    if node is None:
        return False
    hooks = [argument for d in node.decorator_list if isinstance(d, ast.Call) and last_name(d) == "before" for argument in d.args]
    if any(stands_for_authentication(d, names) for d in (*node.decorator_list, *hooks) if d is not route.registration):
        return True
    return any(_injects(part, names) for part in _signature(node)) or authenticates(node, names)


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    arguments = node.args
    yield from (default for default in (*arguments.defaults, *arguments.kw_defaults) if default is not None)
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is not None:
            yield argument.annotation


def _injects(node: ast.expr, names: _Names) -> bool:
    """Whether a default or annotation is a dependency that asks who is calling: ``Depends(user)``, ``Annotated[User, Depends(user)]``, or a name for one."""
    if isinstance(node, ast.Name):
        found = names.assigned.get(node.id)
        if found is None:
            return (
                node.id not in ("str", "int")
                and names_authentication(node.id)
                and node.id.endswith(("Dep", "Auth", "User", "Dependency", "Credentials"))
            )
        node = found
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        return any(_injects(part, names) for part in node.slice.elts[1:])
    return (
        isinstance(node, ast.Call)
        and last_name(node) in ("Depends", "Security")
        and (last_name(node) == "Security" or stands_for_authentication(node, names))
    )


def _has_guard(call: ast.Call, names: _Names) -> bool:
    """Whether ``dependencies=[Depends(user)]``, ``guards=[...]``, ``auth=...`` of a call ask who is calling."""
    for keyword in call.keywords:
        if keyword.arg in (
            "dependencies",
            "guards",
            "middleware",
            "middlewares",
            "decorators",
            "security",
            "before",
            "before_request",
            "interceptors",
        ):
            items = keyword.value.elts if isinstance(keyword.value, (ast.List, ast.Tuple)) else [keyword.value]
            if isinstance(keyword.value, ast.Name) and isinstance(found := names.assigned.get(keyword.value.id), (ast.List, ast.Tuple)):
                items = found.elts
            if any(_injects(item, names) or stands_for_authentication(item, names) for item in items):
                return True
        elif keyword.arg in ("auth", "auth_required", "login_required") and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value):
            return True
    return False


def _owner_is_guarded(route: Route, names: _Names) -> bool:
    """Whether the router or application that the route is registered at was made with a guard."""
    if route.registration is None:
        return False
    owner: ast.expr = route.registration.args[0] if route.node is None and route.registration.args else route.registration.func
    base = owner.value if isinstance(owner, ast.Attribute) else owner
    made = names.assigned.get(base.id) if isinstance(base, ast.Name) else None
    return isinstance(made, ast.Call) and _has_guard(made, names)


def _closed(module: Module, names: _Names) -> bool:
    """Whether everything that ``module`` serves asks who is calling: middleware, a hook before each request, dependencies of the application."""
    for call in _calls(module.tree):
        name = last_name(call)
        made = names.value(call.func).path or dotted(call)
        if name in _WRAPS and any(stands_for_authentication(argument, names) for argument in call.args[:1]):
            return True
        if name == "BasicAuth" and made.startswith(("dash_auth", "BasicAuth")):
            return True
        if (name.endswith(_MAKERS) or made in _GRPC) and _has_guard(call, names):
            return True
    for function in module.functions:
        node = function.node
        if isinstance(node, ast.Lambda) or not any(last_name(decorator) in _HOOKS for decorator in node.decorator_list):
            continue
        if names_authentication(node.name) or authenticates(whole_function(function, names.program) or node, names):
            return True
    return any(
        isinstance(s, ast.Assign)
        and isinstance(s.targets[0], ast.Attribute)
        and s.targets[0].attr in ("wsgi_app", "asgi_app")
        and stands_for_authentication(s.value, names)
        for s in walk(module.tree)
        if isinstance(s, ast.Assign)
    )


def _calls(tree: ast.Module) -> list[ast.Call]:
    return [node for node in walk(tree) if isinstance(node, ast.Call)]

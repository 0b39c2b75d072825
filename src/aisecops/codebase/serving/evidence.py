"""Whether a piece of code asks who is calling.

Nothing proves authentication statically; what counts here is what people write for it: an answer 401, a comparison of a secret in constant time, a token decoded, a
dependency or decorator that says so by its name. A function of the project with such a name is believed unless its body does nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from aisecops.codebase.syntax.walking import children

_AUTHENTICATES = (
    r"(?i)(auth(?!or(?!i))|login|jwt|oauth|oidc|saml|api_?key|bearer|credential|protected|signed_in|logged_in|hmac|signature|permission|is_admin"
    r"|(token|key|user|role|scope|admin|access|subscription|tenant)s?_?(required|check|guard|verif|valid)"
    r"|(require|verify|check|validate|ensure|need|enforce|has|is|assert)_?(the_|a_|valid_|current_|active_)*(token|key|user|role|scope|admin|access|principal|identity|caller"
    r"|password|staff|superuser)"
    r"|get_?(current_|active_|authenticated_|session_)*(user|principal|identity|admin)|current_?(active_?)?(user|admin|principal|identity))"
)
"""Names of functions, decorators, classes and dependencies that stand for authentication."""
_NOT = r"(?i)(no_?auth|unauth|(skip|disable|without)_?auth|anonymous|allow_?any|rate_?limit|login_page|logout)"
_REFUSALS = frozenset(
    (
        "Unauthorized HTTPUnauthorized HTTPForbidden Forbidden PermissionDenied NotAuthenticated AuthenticationFailed NotAuthorizedException "
        "AuthenticationError AuthError InvalidCredentials CredentialsException PermissionDeniedException HttpResponseForbidden login_manager "
        "HTTP_401_UNAUTHORIZED UNAUTHORIZED UNAUTHENTICATED compare_digest verify_jwt_in_request get_jwt_identity verify_id_token verify_oauth2_token "
        "is_authenticated check_password_hash unauthorized WS_1008_POLICY_VIOLATION"
    ).split()
)
"""Names that no code has but to turn somebody away or to look who is there."""
_ABOUT_CALLERS = r"(?i)(authori[sz]ation|(api|access|x)[_ -]?key|token|role|permission|secret|password|admin|credential|signature)"
_MOST_NODES = 4000
_DEPTH = 2

Resolve = Callable[[ast.expr], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr | None]
"""What an expression names: a definition of the project, or what a name of the project is assigned; None for what is somebody else's."""


def names_authentication(name: str) -> bool:
    """Whether ``name`` stands for asking who is calling."""
    return re.search(_AUTHENTICATES, name) is not None and re.search(_NOT, name) is None


def last_name(node: ast.expr) -> str:
    """Return the last name of a callee, dependency or decorator: ``login_required`` of ``auth.login_required()``."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """Return ``auth.login_required`` for a callee, dependency or decorator."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def stands_for_authentication(node: ast.expr, resolve: Resolve, depth: int = _DEPTH) -> bool:
    """Whether ``node``, used as a dependency, decorator, middleware or guard, asks who is calling."""
    if isinstance(node, ast.Call) and last_name(node) in ("Depends", "Security", "Annotated", "Middleware", "DefineMiddleware", "Provide", "wraps"):
        return any(stands_for_authentication(argument, resolve, depth) for argument in node.args[:1])
    if isinstance(node, ast.Call) and last_name(node) in ("permission_classes", "authentication_classes"):  # Django REST: by what stands in the list
        return any(names_authentication(dotted(item)) for given in node.args if isinstance(given, (ast.List, ast.Tuple)) for item in given.elts)
    definition = resolve(node.func if isinstance(node, ast.Call) else node)
    if isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        if does_nothing(definition):
            return False
        return names_authentication(definition.name) or (depth > 0 and authenticates(definition, resolve, depth - 1))
    if isinstance(definition, ast.expr) and depth > 0 and definition is not node:
        return names_authentication(dotted(node)) or stands_for_authentication(definition, resolve, depth - 1)
    return names_authentication(dotted(node))


def authenticates(node: ast.AST, resolve: Resolve, depth: int = _DEPTH) -> bool:
    """Whether the code of ``node`` turns callers away, or asks something that does."""
    forbids = about_callers = False
    for part in _parts(node):
        name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
        if name in _REFUSALS:
            return True
        if isinstance(part, ast.Constant):
            if part.value == 401 and type(part.value) is int:
                return True
            forbids = forbids or (part.value == 403 and type(part.value) is int)
            about_callers = about_callers or (isinstance(part.value, str) and re.search(_ABOUT_CALLERS, part.value[:200]) is not None)
        forbids = forbids or name in ("HTTP_403_FORBIDDEN", "FORBIDDEN")
        about_callers = about_callers or bool(name and re.search(_ABOUT_CALLERS, name))
        if isinstance(part, ast.Call) and _asks(part, resolve, depth):
            return True
    return forbids and about_callers


def _asks(call: ast.Call, resolve: Resolve, depth: int) -> bool:
    name = last_name(call)
    if name in ("Depends", "Security"):
        return stands_for_authentication(call, resolve, depth)
    if name == "decode" and dotted(call).startswith(("jwt.", "jose.", "jwt_")):
        return True
    definition = resolve(call.func) if depth > 0 else None
    if isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return not does_nothing(definition) and (_verifies(name) or authenticates(definition, resolve, depth - 1))
    return definition is None and (_verifies(name) or _verifies_what_callers_send(name, call))


def _verifies_what_callers_send(name: str, call: ast.Call) -> bool:
    """``verify(token)``: what it verifies says whom it is about."""
    return re.match(r"(?i)_?(verify|check|validate|authenticate|is_valid|valid)", name) is not None and any(
        re.search(_ABOUT_CALLERS, dotted(argument)) for argument in call.args
    )


def _verifies(name: str) -> bool:
    return re.match(
        r"(?i)_?(require|verify|check|validate|ensure|authenticate|authorize|enforce|is_valid)", name
    ) is not None and names_authentication(name)


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of the code of ``node``, its decorators left out."""
    left = _MOST_NODES
    skipped = {id(decorator) for decorator in getattr(node, "decorator_list", ())}
    todo = [node]
    while todo and left:
        part = todo.pop()
        left -= 1
        yield part
        todo += [child for child in children(part) if id(child) not in skipped]


def does_nothing(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether the body is empty, or returns a constant whatever it is called with and depends on nothing."""
    if isinstance(node, ast.ClassDef):
        return not node.bases and all(_is_idle(statement) for statement in node.body)
    if any(last_name(default) in ("Depends", "Security") for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None):
        return False
    return all(_is_idle(statement) for statement in node.body)


def _is_idle(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))

"""Whether what is loaded or fetched is compared with a digest or signature that the program knows, and refused if it differs."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from aisecops.checks.source_file.surroundings import Scope, Surroundings, last_name
from aisecops.codebase.dataflow.program import Hit, Module, Span
from aisecops.codebase.syntax.walking import walk

_DIGESTING = r"(?i)(sha\d*(sum)?|md5|blake\w*|digest|hexdigest|checksum|hash|crc32|hmac|signature|fingerprint|file_hash)"
"""Names of what holds, or computes, a digest."""
_COMPARING = frozenset(("compare_digest", "constant_time_compare", "constant_time_compare_digest"))
_RAISING = frozenset(
    ("verify", "verify_artifact", "verify_file", "verify_signature", "unsign", "check_signature", "validate_signature", "verify_dsse", "verify_hash")
)
"""Methods of signature libraries that raise if the signature is wrong."""
_CHECKING = r"(?i)(verif|check|valid|ensure|assert|match|compare|confirm|integrity|is_)"
"""Names of functions that tell whether a digest is right; and of those that raise unless it is."""
_INSISTING = r"(?i)(verif|check|validat|ensure|assert|confirm|integrity)"
_LEAVING = (ast.Raise, ast.Return, ast.Continue, ast.Break)
_QUITTING = frozenset(("exit", "abort", "_exit", "quit", "unlink", "remove", "fail"))


Check = ast.If | ast.Assert | ast.Call


class Verification:
    """Looks for comparisons around the hits of one module."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._around = Surroundings(module)
        self._refusing: dict[str, bool] = {}
        self._checking: dict[int, list[tuple[Check, bool]]] = {}
        self._looking: dict[int, defaultdict[str, list[tuple[Check, bool]]]] = {}

    def before(self, hit: Hit) -> bool:
        """Whether what ``hit`` loads was verified before: in its function, or in every function that calls that one."""
        if hit.span.path != self._module.path:
            return False
        return self._verified_before(hit.span) or self._by_callers(hit.span.scope)

    def after(self, span: Span) -> bool:
        """Whether what the call at ``span`` has fetched is verified later in its function, or is handed to one that does."""
        scope = self._around.scope(span.scope)
        call = scope.calls.get((span.line, span.column))
        if call is None:
            return False
        about = {*scope.made_of(call), *_bound_to(scope, call)}
        return any(check.lineno >= span.line for check, _ in self._about(scope, about))

    def handed_on(self, span: Span) -> bool:
        """Whether the call at ``span`` passes the digest that it wants: ``download(url, md5=...)``."""
        call = self._around.scope(span.scope).calls.get((span.line, span.column))
        if call is None:
            return False
        given = [keyword for keyword in call.keywords if keyword.arg and re.search(_DIGESTING, keyword.arg)]
        return any(not isinstance(keyword.value, ast.Constant) or isinstance(keyword.value.value, str) for keyword in given)

    def _verified_before(self, span: Span) -> bool:
        scope = self._around.scope(span.scope)
        call = scope.calls.get((span.line, span.column))
        if call is None:
            return False
        found = self._about(scope, scope.made_of(call))
        return any((always and check.lineno < span.line) or _inside(check, span.line) for check, always in found)

    def _by_callers(self, scope: str) -> bool:
        if not scope:
            return False
        path = f"{self._module.name}.{scope}"
        calls = [call for call in self._module.calls if call.path == path]
        return bool(calls) and all(self._verified_before(call.span) for call in calls)

    def _about(self, scope: Scope, names: Iterable[str]) -> Iterator[tuple[Check, bool]]:
        """The checks of the scope that look at something of these names."""
        if id(scope) not in self._looking:
            index = self._looking[id(scope)] = defaultdict(list)
            for check, always in self._checks_of(scope):
                for name in scope.made_of(check.test if isinstance(check, (ast.If, ast.Assert)) else check):
                    index[name].append((check, always))
        for name in names:
            yield from self._looking[id(scope)].get(name, ())

    # Statements that refuse what is not as it should be

    def _checks_of(self, scope: Scope) -> list[tuple[Check, bool]]:
        if id(scope) not in self._checking:
            self._checking[id(scope)] = list(self._checks(scope))
        return self._checking[id(scope)]

    def _checks(self, scope: Scope) -> Iterator[tuple[Check, bool]]:
        """Yield what compares a digest, each with whether nothing gets past it; of the others, only what stands inside is verified."""
        for statement in scope.statements:
            if isinstance(statement, ast.If):
                if self._compares(scope, statement.test):
                    yield statement, _leaves(statement.body if _negative(statement.test) else statement.orelse)
            elif isinstance(statement, ast.Assert):
                if self._compares(scope, statement.test):
                    yield statement, True
            elif isinstance(statement, (ast.Expr, ast.Assign)):
                yield from ((call, True) for call in _calls(statement.value) if self._raises(call))

    def _compares(self, scope: Scope, test: ast.expr, depth: int = 3) -> bool:
        """Whether ``test`` compares a digest, or asks a function that does."""
        for part in walk(test):
            if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.ops[0], (ast.Eq, ast.NotEq, ast.In, ast.NotIn)):
                if any(self._is_digest(scope, side) for side in (part.left, *part.comparators)):
                    return True
            elif isinstance(part, ast.Call):
                name = last_name(part.func)
                if name in _COMPARING or (depth and self._answers(name, depth - 1)) or (re.search(_CHECKING, name) and re.search(_DIGESTING, name)):
                    return True
            elif isinstance(part, ast.Name) and depth and any(self._compares(scope, value, depth - 1) for value in _tests(scope, part.id)):
                return True
        return False

    def _is_digest(self, scope: Scope, node: ast.expr, depth: int = 3) -> bool:
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            if name in ("hexdigest", "digest") or re.search(_DIGESTING, name):
                return True
            function = self._around.functions.get(name)
            return function is not None and any(last_name(call.func) in ("hexdigest", "digest") for call in _calls(function.node))
        if isinstance(node, ast.Name) and depth:
            return any(self._is_digest(scope, value, depth - 1) for value in scope.sources.get(node.id, ())[:4])
        return (
            isinstance(node, (ast.Subscript, ast.Attribute))
            and depth > 0
            and isinstance(node.value, ast.Call)
            and self._is_digest(scope, node.value, depth - 1)
        )

    def _answers(self, name: str, depth: int) -> bool:
        """Whether the function ``name`` of the module returns the outcome of a comparison, or raises after one."""
        function = self._around.functions.get(name)
        if function is None:
            return False
        returned = (s.value for s in function.statements if isinstance(s, ast.Return) and s.value is not None)
        return any(self._compares(function, value, depth) for value in returned) or self._refuses(name)

    def _raises(self, call: ast.Call) -> bool:
        name = last_name(call.func)
        if isinstance(call.func, ast.Attribute) and name in _RAISING and (len(call.args) + len(call.keywords)) >= 1:
            return True
        if name in self._around.functions:
            return self._refuses(name)
        return name not in _COMPARING and bool(re.search(_INSISTING, name) and re.search(_DIGESTING, name))

    def _refuses(self, name: str) -> bool:
        """Whether the function ``name`` of the module raises if a comparison comes out wrong."""
        if name not in self._refusing:
            self._refusing[name] = False  # one that calls itself
            self._refusing[name] = any(always for _, always in self._checks_of(self._around.functions[name]))
        return self._refusing[name]


def _calls(node: ast.AST) -> list[ast.Call]:
    return [part for part in walk(node) if isinstance(part, ast.Call)]


def _negative(test: ast.expr) -> bool:
    """Whether the branch is for what is wrong: ``a != b``, ``not compare_digest(a, b)``."""
    return any(isinstance(part, (ast.NotEq, ast.NotIn, ast.Not)) for part in ast.walk(test))


def _leaves(body: Iterable[ast.stmt]) -> bool:
    """Whether the branch raises, returns or ends the program."""
    for statement in body:
        for part in walk(statement):
            if isinstance(part, _LEAVING) or (isinstance(part, ast.Call) and last_name(part.func) in _QUITTING):
                return True
    return False


def _tests(scope: Scope, name: str) -> list[ast.expr]:
    """The comparisons whose outcome ``name`` holds."""
    return [value for value in scope.sources.get(name, ())[:4] if isinstance(value, (ast.Compare, ast.Call))]


def _inside(check: Check, line: int) -> bool:
    """Whether ``line`` is reached only if the comparison of ``check`` came out right."""
    if not isinstance(check, ast.If):
        return False
    branch = check.orelse if _negative(check.test) else check.body
    return bool(branch) and branch[0].lineno <= line <= (branch[-1].end_lineno or branch[-1].lineno)


def _bound_to(scope: Scope, call: ast.Call) -> Iterator[str]:
    """The names that hold what ``call`` gives."""
    for name, values in scope.sources.items():
        if any(part is call for value in values for part in walk(value)):
            yield name

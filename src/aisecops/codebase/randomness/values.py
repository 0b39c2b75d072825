"""Values that must not be guessed and are drawn from a generator that can be predicted: tokens, passwords, keys, session ids."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Module, Span
from aisecops.codebase.randomness.names import is_code, makes_secrets, must_be_unique_and_secret, must_not_be_guessed, speaks_of_codes, words
from aisecops.codebase.randomness.sources import TEXTS, Draws
from aisecops.codebase.syntax.walking import blocks, children, walk

_GROW = frozenset(("append", "extend", "add", "insert"))
_PASSES = 3
_MOST_STATEMENTS = 20_000
_DEPTH = 4

_PLAIN = frozenset("value code raw text string digits data number current".split())
_VERBS = frozenset("generate make create new issue next mint get build random produce fresh value __call__ __str__ __new__ call".split())
"""Names of fields and methods that leave it to the class to say what they hold or make: ``OneTimePassword.value``, ``TokenGenerator.generate()``."""
_MAKER = r"_?(generator|factory|maker|service|provider|issuer|builder|source|store|manager)$"

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module


_TEXTS_OF_NUMBERS = ("join(", "ascii_", "b64", "tobytes")
_CALLS_FOR_TEXT = {"str(": r"\bstr\(", "chr(": r"\bchr\(", "hex": r"\bhex\b"}
"""Without any of these, random arrays stay numbers."""


class Predictable(msgspec.Struct, frozen=True):
    """A value that must not be guessed and can be: its name, where it gets that name, and where the numbers are drawn."""

    name: str
    source: str
    span: Span
    drawn: tuple[Span, ...]


def predictable_values(module: Module, text: str, program: Program) -> Iterator[Predictable]:
    """Yield the values of ``module``, whose source is ``text``, that must not be guessed and come from a generator that can be predicted."""
    draws = Draws(module, program)
    if draws and not (draws.only_arrays and not _makes_text(text) and not speaks_of_codes(text)):
        yield from _Search(module, draws).found()


@lru_cache(maxsize=20_000)
def _may_count(name: str, makes: bool) -> bool:
    """Whether what has this name must not be guessed if it is made of characters, and hence at all."""
    return (makes_secrets if makes else must_not_be_guessed)(name, made_of_characters=True)


def _makes_text(text: str) -> bool:
    return any(word in text for word in _TEXTS_OF_NUMBERS) or any(word in text and re.search(call, text) for word, call in _CALLS_FOR_TEXT.items())


class _Search:
    """One module: which names and functions hold what is drawn."""

    def __init__(self, module: Module, draws: Draws) -> None:
        self._module = module
        self._draws = draws
        self._functions: dict[str, list[ast.AST]] = {}
        """Functions that return what is drawn: name to the draws."""
        self._qualnames = {id(function.node): function.qualname for function in module.functions}
        self._constants = _assigned(module.tree)
        self._scopes = _scopes(module.tree)
        self._statements: dict[Scope, list[ast.stmt]] = {}
        self._calls: dict[Scope, list[ast.Call]] = {}

    def found(self) -> Iterator[Predictable]:
        for _ in range(2):  # a function that calls one further down
            for node in self._scopes:
                if not isinstance(node, ast.Module) and self._concerns(node):
                    self._returns(node)
        for node in self._scopes:
            if not self._concerns(node):
                continue
            scope = self._qualnames.get(id(node), "")
            names: _Names | None = None
            for name, value, place in self._named(node):
                makes = isinstance(place, ast.Return)
                if not _may_count(name, makes):
                    continue
                names = names or _Names(self, self._within(node))
                origins = names.origins(value)
                if not origins or not self._counts(name, value, origins, names, makes=makes):
                    continue
                drawn = tuple(self._span(origin, scope) for origin in origins[:4])
                yield Predictable(name, self._draws.path(origins[0]), self._span(place, scope), drawn)

    def _within(self, node: Scope) -> list[ast.stmt]:
        """The statements of a scope; most scopes are never asked for theirs."""
        if node not in self._statements:
            self._statements[node] = list(_statements(node))
        return self._statements[node]

    def _concerns(self, node: Scope) -> bool:
        """Whether anything is drawn in a scope, or it calls a function that draws."""
        if self._qualnames.get(id(node), "") in self._draws.scopes:
            return True
        return bool(self._functions) and any(map(self.drawn_by, self._called_in(node)))

    def _called_in(self, node: Scope) -> list[ast.Call]:
        """The calls of a scope: each is asked for them several times."""
        if node not in self._calls:
            self._calls[node] = [part for statement in self._within(node) for part in _expressions(statement) if isinstance(part, ast.Call)]
        return self._calls[node]

    def _counts(self, name: str, value: ast.expr, origins: list[ast.AST], names: _Names, *, makes: bool) -> bool:
        characters = names.is_text(value)
        if not characters and (_is_list(value) or any(self._gives_data(origin, name) or self._draws.picks(origin) for origin in origins)):
            return False  # columns of data, or one of several things that exist
        if all(self._draws.path(origin) == "uuid.uuid1" for origin in origins) and not must_be_unique_and_secret(name):
            return False
        if all(self._draws.tells_time(origin) for origin in origins) and not (must_be_unique_and_secret(name) and _only_hashed(value)):
            return False
        asks = makes_secrets if makes else must_not_be_guessed
        return asks(name, made_of_characters=characters)

    def _gives_data(self, origin: ast.AST, name: str) -> bool:
        """Whether the draw is of a library of arrays, where random numbers are nearly always data: but one whole number that is called a code is none."""
        if not self._draws.gives_arrays(origin):
            return False
        one = (
            isinstance(origin, ast.Call)
            and (len(origin.args) <= 2 or ast.unparse(origin.args[2]) == "(1,)")
            and not any(k.arg == "size" for k in origin.keywords)
        )
        return not (one and self._draws.path(origin).endswith((".integers", ".randint")) and is_code(name))

    def _named(self, scope: Scope) -> Iterator[tuple[str, ast.expr, ast.AST]]:
        """Yield what gets a name: assigned, returned by a function called so, passed as an argument or put into a dictionary called so."""
        owner = self._class_of(scope)
        for statement in self._within(scope):
            for target, value in _bindings(statement):
                value = _made_later(value)
                if name := _name(target):
                    yield (owner if owner and isinstance(target, ast.Attribute) and name.strip("_") in _PLAIN else name), value, statement
            if isinstance(statement, ast.Return) and statement.value is not None and not isinstance(scope, ast.Module):
                yield (f"make_{owner}" if owner and scope.name.strip("_") in _VERBS else scope.name), statement.value, statement
            for part in _expressions(statement):
                if isinstance(part, ast.Dict):
                    for key, value in zip(part.keys, part.values, strict=True):
                        if isinstance(key, ast.Constant) and isinstance(key.value, str):
                            yield key.value, value, value
                elif isinstance(part, ast.Call):
                    for keyword in part.keywords:
                        if keyword.arg:
                            yield keyword.arg, keyword.value, keyword.value

    def _class_of(self, scope: Scope) -> str:
        """What the class makes or is, of which ``scope`` is a method: its name without what says that it makes something; empty if it is none."""
        cls = self._qualnames.get(id(scope), "").rpartition(".")[0].rpartition(".")[2]
        return re.sub(_MAKER, "", words(cls)) if cls and cls != "<locals>" else ""

    def _returns(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        values = [statement.value for statement in self._within(node) if isinstance(statement, ast.Return) and statement.value is not None]
        names = _Names(self, self._within(node)) if values else None
        for value in values:
            if names is not None and (origins := names.origins(value)):
                self._functions[node.name] = origins

    def _span(self, node: ast.AST, scope: str) -> Span:
        return Span(self._module.path, node, scope)

    def drawn_by(self, node: ast.AST) -> list[ast.AST]:
        """The draws that the call ``node`` makes, itself or through a function of the module."""
        if self._draws.draws(node):
            return [node]
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
            owner = isinstance(function, ast.Name) or (isinstance(function, ast.Attribute) and getattr(function.value, "id", "") in ("self", "cls"))
            return self._functions.get(name, []) if owner else []
        return []

    def gives_text(self, node: ast.AST) -> bool:
        """Whether the call ``node`` is of a function of another module that makes a text of random characters."""
        return self._draws.gives_text(node)

    def constant(self, name: str) -> ast.expr | None:
        """What the global ``name`` is assigned."""
        return self._constants.get(name)


class _Names:
    """The names of one scope, and the draws that each holds."""

    def __init__(self, search: _Search, statements: list[ast.stmt]) -> None:
        self._search = search
        self._held: dict[str, list[ast.AST]] = {}
        self._values: dict[str, list[ast.expr]] = {}
        for _ in range(_PASSES):
            before = len(self._held)
            for statement in statements:
                for target, value in _bindings(statement):
                    self._bind(target, value)
                self._shuffled(statement)
            if len(self._held) == before:
                break

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        name = _name(target)
        if not name:
            return
        if isinstance(target, ast.Name) and len(values := self._values.setdefault(name, [])) < 8 and value not in values:
            values.append(value)
        if isinstance(target, ast.Name) and (origins := self.origins(value)):
            self._held.setdefault(name, origins)

    def _shuffled(self, statement: ast.stmt) -> None:
        """``random.shuffle(characters)`` changes what it is given; so does ``characters.append(random.choice(...))``."""
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(call, ast.Call):
            return
        if self._search.drawn_by(call) and call.args and isinstance(call.args[0], ast.Name):
            self._held.setdefault(call.args[0].id, [call])
        target = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr in _GROW else None
        origins = [origin for argument in call.args for origin in self.origins(argument)]
        if isinstance(target, ast.Name) and origins:
            self._held.setdefault(target.id, origins)
            self._values.setdefault(target.id, []).extend(call.args[:2])

    def origins(self, node: ast.expr) -> list[ast.AST]:
        """The draws that ``node`` is made of; what only decides (a condition, a position in a list of things) is none."""
        found: list[ast.AST] = []
        todo: list[ast.AST] = [node]
        while todo and len(found) < 8:
            part = todo.pop()
            if drawn := self._search.drawn_by(part):
                found += [origin for origin in drawn if origin not in found]
                continue
            if isinstance(part, ast.Name):
                found += [origin for origin in self._held.get(part.id, ()) if origin not in found]
            elif isinstance(part, ast.IfExp):
                todo += [part.body, part.orelse]
            elif isinstance(part, ast.Subscript):
                todo += [part.value, part.slice] if self.is_text(part.value) else [part.value]
            elif isinstance(part, ast.Call) and getattr(getattr(part.func, "value", None), "id", "") in ("self", "cls"):
                continue  # a method that is not known to return what is drawn: what it is handed goes into it, not out of it
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
                todo += [part.func.value, *part.args, *(keyword.value for keyword in part.keywords)]
            elif not isinstance(part, (ast.Compare, ast.Lambda)):
                todo += children(part)
        return found

    def is_text(self, node: ast.AST, depth: int = _DEPTH) -> bool:
        """Whether ``node`` is made of random characters or bytes: of an alphabet, hexadecimal digits, a digest."""
        return any(self._tells_text(part, node, depth) for part in walk(node))

    def _tells_text(self, part: ast.AST, whole: ast.AST, depth: int) -> bool:
        if isinstance(part, ast.Attribute):
            joins = part.attr == "join" and isinstance(part.value, ast.Constant) and part.value.value in ("", b"")
            return joins or part.attr in TEXTS
        if isinstance(part, ast.Name):
            if part.id in TEXTS or part.id in ("bytearray", "chr"):
                return True
            constant = self._search.constant(part.id)
            values = self._values.get(part.id) or ([constant] if constant is not None else [])
            return depth > 0 and any(self.is_text(value, depth - 1) for value in values if value is not whole)
        if isinstance(part, ast.Constant):
            return isinstance(part.value, str) and _is_alphabet(part.value)
        if isinstance(part, ast.FormattedValue):
            return part.format_spec is not None and ast.unparse(part.format_spec).strip("f'\"").endswith(("x", "X"))
        if isinstance(part, ast.Call) and depth:
            if self._search.gives_text(part):
                return True
            return any(origin is not part and self.is_text(origin, depth - 1) for origin in self._search.drawn_by(part))
        return False


def _only_hashed(value: ast.expr) -> bool:
    """Whether ``value`` is a digest of what others know, too: no key and nothing drawn goes into it."""
    hashes = False
    for part in walk(value):
        name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
        hashes = hashes or re.fullmatch(r"md5|sha\d+(_\d+)?|blake2[bs]|new", name) is not None
        if re.search(r"(?i)secret|key|salt|pepper|hmac|urandom|token_(hex|bytes|urlsafe)|uuid4", name):
            return False
    return hashes


def _is_alphabet(text: str) -> bool:
    return 10 <= len(text) <= 128 and len(set(text)) >= 10 and " " not in text and len(set(text)) > 0.9 * len(text) and text.isascii()


def _is_list(node: ast.expr) -> bool:
    """Whether the value is a column of many: data, not one secret."""
    return isinstance(node, (ast.ListComp, ast.List, ast.SetComp, ast.DictComp)) or (
        isinstance(node, ast.Call)
        and any(keyword.arg in ("size", "k") for keyword in node.keywords)
        and not isinstance(node.func, ast.Name)
        and not (isinstance(node.func, ast.Attribute) and node.func.attr == "join")
    )


def _made_later(value: ast.expr) -> ast.expr:
    """What a field's default makes: ``Field(default_factory=lambda: ...)``, ``Column(String, default=lambda: ...)``."""
    if isinstance(value, ast.Call):
        for keyword in value.keywords:
            if keyword.arg in ("default_factory", "default", "insert_default", "factory") and isinstance(keyword.value, ast.Lambda):
                return keyword.value.body
    return value


def _name(target: ast.expr) -> str:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
        return target.slice.value
    return ""


def _bindings(statement: ast.stmt) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(statement, ast.Assign):
        return [(target, statement.value) for target in statement.targets]
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign)) and statement.value is not None:
        return [(statement.target, statement.value)]
    return [(part.target, part.value) for part in _expressions(statement) if isinstance(part, ast.NamedExpr)]


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    return {target.id: value for statement in tree.body for target, value in _bindings(statement) if isinstance(target, ast.Name)}


def _scopes(tree: ast.Module) -> list[Scope]:
    found: list[Scope] = [tree]
    todo: list[ast.AST] = [tree]
    for node in todo:
        inner = blocks(node)
        todo += inner
        found += [part for part in inner if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))]
        if len(todo) > _MOST_STATEMENTS:
            break
    return found


def _statements(scope: Scope) -> Iterator[ast.stmt]:
    """Yield the statements of a scope, nested blocks included, those of functions inside it left out."""
    todo: list[ast.AST] = list(reversed(scope.body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.stmt):
            yield node
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
        todo += reversed(blocks(node))


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the parts of a statement's own expressions."""
    todo: list[ast.AST] = [child for child in children(statement) if isinstance(child, (ast.expr, ast.keyword, ast.withitem))]
    while todo:
        node = todo.pop()
        yield node
        todo += children(node)

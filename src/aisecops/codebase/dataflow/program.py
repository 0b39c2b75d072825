"""The parts of a program that values can refer to, and where modules are found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Protocol

import msgspec

from aisecops.codebase.dataflow.values import CHOSEN, MUTABLE, NOTHING, Dict, Mark, Step, Taint, Value, fresh, joined, merged
from aisecops.codebase.syntax.walking import walk
from aisecops.core.depends import body_sum

Env = dict[str, Value]


class Files(Protocol):
    """The project's Python files, by their path from the root, with ``/``."""

    def exists(self, path: str) -> bool:
        """Whether there is a Python file at ``path``."""

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of the file, in which functions may have no bodies; None if it cannot be read."""

    def body(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        """The statements of a function of the file that has no body in its tree."""


class Versions(Protocol):
    """What the project declares of the libraries that it uses."""

    def holds(self, distribution: str, specifier: str) -> bool | None:
        """Whether every declared version of ``distribution`` satisfies ``specifier``; None where nothing, or something else too, is declared."""


class Parameter(msgspec.Struct, eq=False, frozen=True):
    """What a function is called with: the value that its caller gives for ``name``."""

    name: str


class Part(Parameter, eq=False, frozen=True):
    """Something inside what a function is called with: an attribute or item, inside that another. ``default``: what it is if there is no such item."""

    steps: tuple[str | int, ...]
    default: Value | None = None

    def of(self, value: Value) -> Value | None:
        """Return this part of ``value``; None if that is not known."""
        for step in self.steps:
            known, ref = value.known, value.ref
            inside = known.items.get(step) if isinstance(known, Dict) else None
            if inside is None and isinstance(ref, Instance) and isinstance(step, str):
                inside = ref.cls.field(step)
                if inside is not None and value.path == CHOSEN and not inside.path:
                    inside = Value(f"{CHOSEN}.{step}", inside.known, inside.taint, inside.ref)
            if inside is None:
                return self.default if isinstance(known, Dict) and known.complete and ref is None else None
            value = inside
        return value


MOST_STEPS = 4


def part_of(value: Value, step: object, default: Value | None = None) -> Part | None:
    """Return the reference to what ``value``, a parameter or a part of one, holds as ``step``; None if it is no parameter."""
    ref = value.ref
    if not isinstance(ref, Parameter) or not isinstance(step, (str, int)):
        return None
    steps = (*ref.steps, step) if isinstance(ref, Part) else (step,)
    return Part(ref.name, steps, default) if len(steps) <= MOST_STEPS else None


class Signature:
    """The parameters of a function.

    ``positional`` are those that an argument can reach by position, in order; ``defaults`` are values, made where the function is defined.
    """

    __slots__ = ("defaults", "keywords", "known", "names", "only_keyword", "positional", "rest")

    def __init__(self, arguments: ast.arguments) -> None:
        self.positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        self.only_keyword = [a.arg for a in arguments.kwonlyargs]
        self.rest = arguments.vararg.arg if arguments.vararg else ""
        self.keywords = arguments.kwarg.arg if arguments.kwarg else ""
        self.defaults: Env = {}
        self.names = [*self.positional, *self.only_keyword]
        """All parameters that have a value of their own."""
        self.known = frozenset(self.names)


class Function:
    """A function, method or lambda of the project."""

    __slots__ = (
        "annotations",
        "closure",
        "cls",
        "decorators",
        "given",
        "handled",
        "insists",
        "module",
        "name",
        "node",
        "qualname",
        "rests",
        "running",
        "signature",
        "sum",
        "summary",
    )

    def __init__(
        self, module: Module, qualname: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, closure: Env | None, cls: Class | None
    ) -> None:
        self.module = module
        self.name = qualname.rpartition(".")[2]
        self.qualname = qualname
        self.node = node
        self.closure = closure
        """The names of the enclosing function, where there is one: shared, so that later assignments count."""
        self.cls = cls
        self.signature = Signature(node.args)
        self.decorators: tuple[Value, ...] = ()
        self.annotations: Env = {}
        """Parameter to what its annotation says: an access path, a class of the project, or a type that nothing can hide in (``clean``)."""
        self.handled: frozenset[str] = frozenset()
        """The labels of what a framework calls this function with."""
        self.given: dict[str, Dict] = {}
        """What is known of the dictionaries that a framework calls it with: the state of a graph."""
        self.summary: Summary | None = None
        self.insists: bool | None = None
        """Whether its name says that it looks whether a value is acceptable, and it raises; None: nobody has asked."""
        self.rests: set[Function] = set()
        """The functions whose bodies say something about it: those that it calls, and what makes the objects that it uses."""
        self.sum = 0
        """The sum (``aisecops.core.depends.body_sum``) that stands for its body; 0 until somebody asks."""
        self.running = -1
        """Its place among the functions that are being interpreted just now; -1 if it is not one of them."""

    def summed(self) -> int:
        """Find, keep and return ``sum``."""
        self.sum = body_sum(self.module.path, self.cls.name if self.cls is not None else "", self.name)
        return self.sum

    @property
    def is_static(self) -> bool:
        """Whether it takes neither instance nor class."""
        return any(d.path == "builtins.staticmethod" for d in self.decorators)

    @property
    def is_abstract(self) -> bool:
        """Whether it does nothing itself: classes that derive from its own do."""
        body = getattr(self.node, "body", None)
        return (
            isinstance(body, list)
            and bool(body)
            and all(
                isinstance(statement, ast.Pass)
                or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
                or _refuses(statement)
                for statement in body
            )
        )

    @property
    def is_property(self) -> bool:
        """Whether reading the attribute calls it."""
        return any(d.path in ("builtins.property", "functools.cached_property") for d in self.decorators)


def _refuses(statement: ast.stmt) -> bool:
    """``raise NotImplementedError``."""
    raised = statement.exc if isinstance(statement, ast.Raise) else None
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


class Class:
    """A class of the project. ``fields`` is what any method, on any instance, has stored in ``self.name``."""

    __slots__ = (
        "_library", "_line", "annotations", "attributes", "bases", "decorators", "fields", "kept", "made", "makers", "methods", "module", "name", "node", "qualname",
    )  # fmt: skip

    def __init__(self, module: Module, qualname: str, node: ast.ClassDef, bases: tuple[Value, ...]) -> None:
        self.module = module
        self.name = node.name
        self.qualname = qualname
        self.node = node
        self.bases = bases
        self.decorators: tuple[Value, ...] = ()
        self.fields: Env = {}
        self.attributes: Env = {}
        self.methods: dict[str, Function] = {}
        self.annotations: Env = {}
        self.kept: dict[tuple[int, str], tuple[Value, Value]] = {}
        """What fields that callers fill are where these say nothing, by the ``id`` of what the constructor stores and the path of the module that asks."""
        self.made = False
        """Whether what its objects hold has been found out."""
        self.makers: tuple[Function, ...] = ()
        """By which methods."""
        self._line: tuple[Class, ...] | None = None
        self._library: str | None = None

    def lineage(self) -> tuple[Class, ...]:
        """Return the class and the project's classes that it comes from."""
        if self._line is None:
            self._line = tuple(self._ancestors())
        return self._line

    def _ancestors(self, depth: int = 8) -> Iterator[Class]:
        yield self
        if depth:
            for base in self.bases:
                if isinstance(base.ref, Class) and base.ref is not self:
                    yield from base.ref._ancestors(depth - 1)

    def dismantle(self) -> None:
        """Take apart what refers back to the class."""
        for mapping in (self.methods, self.fields, self.attributes, self.annotations, self.kept):
            mapping.clear()
        self._line = None

    def method(self, name: str) -> Function | None:
        """The method ``name``, its own or inherited."""
        for c in self.lineage():
            if (found := c.methods.get(name)) is not None:
                return found
        return None

    def declared(self, name: str) -> Value | None:
        """The annotation of ``name``, its own or inherited."""
        for c in self.lineage():
            if (found := c.annotations.get(name)) is not None:
                return found
        return None

    def field(self, name: str) -> Value | None:
        """What is known of ``self.name``."""
        for c in self.lineage():
            found = c.fields.get(name)
            declared = c.attributes.get(name)
            if found is not None or declared is not None:
                value = declared if found is None else found if declared is None else joined(found, declared)
                return fresh(value) if c.module.settled and value is not None else value
        return None

    def store(self, name: str, value: Value, *, making: bool = False) -> bool:
        """Note that some method stores ``value`` in ``self.name``; of a settled module only what it stores in making the object counts.

        Tell whether it carries more now.
        """
        if self.module.settled and not making:
            return False
        before = self.fields.get(name)
        self.fields[name] = value if before is None else joined(before, value)
        return carries_more(value, before)

    @property
    def library(self) -> str:
        """The access path of the library class that it comes from; empty if there is none."""
        if self._library is None:
            bases = (base for c in self.lineage() for base in c.bases)
            paths = (base.path for base in bases if base.path and base.ref is None and not base.path.startswith(("?", "builtins.")))
            self._library = next(paths, "").removesuffix("[]")
        return self._library

    def inherits(self, *paths: str) -> bool:
        """Whether any ancestor has one of these access paths."""
        return any(base.path.removesuffix("[]") in paths for c in self.lineage() for base in c.bases)


def carries_more(value: Value, before: Value | None) -> bool:
    """Whether ``value`` carries a label, other than that of a parameter, that ``before`` does not."""
    there = before.taint if before is not None and before.taint else ()
    return any(label[0] != "#" and label not in there for label in value.taint or ())


class Instance(msgspec.Struct, eq=False, frozen=True):
    """An instance of a class of the project."""

    cls: Class


class Bound(msgspec.Struct, eq=False, frozen=True):
    """A method with the instance (or class) that it was taken from."""

    function: Function
    receiver: Value


class Partial(msgspec.Struct, eq=False, frozen=True):
    """``functools.partial``: a callee with some arguments filled in."""

    callee: Value
    arguments: Arguments


class Annotation:
    """``Annotated[...]`` kept under a name, to be used as an annotation."""

    __slots__ = ("node",)

    def __init__(self, node: ast.expr) -> None:
        self.node = node


class Choice:
    """One of several functions: what a table of them holds under a key that is not known."""

    __slots__ = ("values",)

    def __init__(self, values: list[Value]) -> None:
        self.values = values


class Later(msgspec.Struct, eq=False, frozen=True):
    """Something of another module of the project, which is read when it is first used."""

    path: str
    name: str
    """The global that is meant; empty for the module itself."""
    hops: int


class Module:
    """A Python file, or the cells of a notebook.

    ``calls``, ``hits`` and ``functions`` are filled by the interpreter, in the order of the text.
    """

    def __init__(self, path: str, name: str, tree: ast.Module, versions: Versions, hops: int = 0) -> None:
        self.path = path
        self.name = name
        self.tree = tree
        self.versions = versions
        self.hops = hops
        """Imports that are followed from here into other modules of the project."""
        self.settled = False
        """Whether it is another module than the one examined, and known: nothing changes it any more."""
        self.asked: set[int] = set()
        """The sums (``aisecops.core.depends``) of the last parts of the names that its imports may mean files of the project by."""
        self.imports: set[str] = set()
        """The project's files that its imports name."""
        self.used: dict[tuple[str, int], None] = {}
        """The other modules that it has come to use: path and hops."""
        self.bodies: set[Function] = set()
        """The functions whose bodies say something about its top; of the module that is examined, about all of it."""
        self.env: Env = {}
        self.star_imports = 0
        """Modules of the project from which everything was imported."""
        self.stars: list[str] = []
        """Access paths of libraries from which everything was imported."""
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.calls: list[Call] = []
        self.hits: list[Hit] = []
        self.options = Dict({}, complete=False)
        """Defaults of command-line options that are added to a parser of which nothing more is known."""
        self.shared: Env = {}
        """What the module keeps where frameworks let all of a program's functions find it (``aisecops.codebase.dataflow.shared``)."""
        self.slices: Any = None
        """What checks have looked up of the values of its names (``aisecops.codebase.payloads.slices``): kept for one another, and gone with the module."""
        self.described: set[str] = set()
        """Names of tools that its dictionaries describe to a model."""
        self.handed: dict[Function, Span] = {}
        """Functions of other modules that it hands to an agent, and where."""
        self.files: dict[str, Mark] = {}
        """Names of files that the module fills with what a model has written."""

    @cached_property
    def for_checkers(self) -> frozenset[int]:
        """The imports, by ``id``, that tell type checkers of names which the module itself does not use."""
        return for_checkers_alone(self.tree)

    def dismantle(self) -> None:
        """Take the circles of references apart that the module is: nobody uses it any more."""
        self.slices = None
        for function in self.functions:
            function.closure, function.summary, function.rests = None, None, set()
        for cls in self.classes:
            cls.dismantle()
        for holder in (self.env, self.functions, self.classes, self.calls, self.hits, self.handed, self.bodies):
            holder.clear()

    def member(self, name: str) -> Value:
        """The global ``name``; nothing if there is none."""
        return self.env.get(name, NOTHING)


class Arguments(msgspec.Struct, eq=False):
    """What a call passes. ``rest``: there may be more positional ones (``*args``); ``spread``: the value of a ``**kwargs`` whose keys are not all known."""

    positional: list[Value]
    keywords: Env
    rest: Value | None = None
    spread: Value | None = None

    def __iter__(self) -> Iterator[Value]:
        values = [*self.positional, *self.keywords.values()]  # not yielded one by one: this is asked several times for each call
        if self.rest is not None:
            values.append(self.rest)
        if self.spread is not None:
            values.append(self.spread)
        return iter(values)

    def taint(self) -> Taint | None:
        """The union of what they carry."""
        taints = [value.taint for value in self.positional if value.taint]
        if self.keywords:
            taints += [value.taint for value in self.keywords.values() if value.taint]
        for value in (self.rest, self.spread):
            if value is not None and value.taint:
                taints.append(value.taint)
        return merged(*taints) if taints else None

    def completed(self, more: Arguments) -> Arguments:
        """Return the arguments of a partial call with those of the call itself."""
        return Arguments([*self.positional, *more.positional], self.keywords | more.keywords, more.rest or self.rest, more.spread or self.spread)

    def get(self, name: str, position: int = -1) -> Value | None:
        """The argument given by keyword ``name`` or at ``position``; None if it is not given, as far as is known."""
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[position] if 0 <= position < len(self.positional) else None


class Span:
    """Where something stands: a node of the module at ``path``."""

    __slots__ = ("column", "end_line", "line", "path", "scope")

    def __init__(self, path: str, node: ast.AST, scope: str) -> None:
        self.path = path
        self.line: int
        self.column: int
        self.end_line: int
        try:
            self.line, self.column, self.end_line = node.lineno, node.col_offset + 1, node.end_lineno or node.lineno  # type: ignore[attr-defined]
        except AttributeError:
            self.line, self.column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
            self.end_line = getattr(node, "end_lineno", None) or self.line
        self.scope = scope
        """The qualified name of the function or class around it; empty at the top of a module."""


class Call(msgspec.Struct, eq=False):
    """A call, an assignment to an attribute (``assign``) or to an item (``item``) that some knowledge names, or that a check may ask about.

    ``path`` is what is called or assigned; ``arguments`` of an assignment are ``value``, of an item ``key`` and ``value``.
    """

    form: str
    path: str
    node: ast.AST
    span: Span
    receiver: Value
    arguments: Arguments
    entries: tuple[Any, ...] = ()
    result: Value = NOTHING
    function: Function | None = None
    """The function in which it stands."""
    target: Function | None = None
    """The function of the project that is called."""
    confirmed: bool = False
    """Whether a person has said yes on the way here."""
    loops: int = 0
    """The number of loops around it within its function."""


class Hit:
    """A sink that something dangerous reaches."""

    __slots__ = ("arguments", "confidence_lowered", "entry", "label", "node", "path", "receiver", "sites", "span", "trail")

    def __init__(
        self,
        entry: Any,
        path: str,
        span: Span,
        node: ast.AST | None,
        arguments: dict[str, Value],
        *,
        lowered: bool,
        label: str,
        trail: tuple[Step, ...],
    ) -> None:
        self.entry = entry
        self.path = path
        self.span = span
        """Where the sink is; in another module if the way leads through a function of the project."""
        self.node = node
        self.arguments = arguments
        self.confidence_lowered = lowered
        self.label = label
        self.trail = trail
        self.receiver = NOTHING
        self.sites: tuple[Span, ...] = ()
        """Where, in the module examined, the call is that leads there."""


class Deferred:
    """A call, or an assignment to an attribute or item (``form`` as in ``Call``), that only the caller's arguments can judge."""

    __slots__ = ("arguments", "confirmed", "depth", "form", "path", "receiver", "reported", "site", "span", "told", "trail")

    def __init__(
        self,
        path: str,
        span: Span,
        receiver: Value,
        arguments: Arguments,
        trail: tuple[Step, ...],
        depth: int,
        confirmed: bool,
        form: str = "call",
        site: Span | None = None,
    ) -> None:
        self.reported: frozenset[str] = frozenset()
        """Entries by which it was reported where it stands."""
        self.told: frozenset[str] = frozenset()
        """Entries by which it was reported already, whoever calls."""
        self.form = form
        self.path = path
        self.span = span
        self.receiver = receiver
        self.arguments = arguments
        self.trail = trail
        self.depth = depth
        self.confirmed = confirmed
        self.site = site
        """Where the call stands that leads there, if that is another."""


class Effect:
    """Something that a function does to the world, itself or through others: the name of the ``fact``, what it calls, where, and whether a person was asked first."""

    __slots__ = ("confirmed", "fact", "path", "reached", "span")

    def __init__(self, fact: str, path: str, span: Span, *, confirmed: bool, reached: bool) -> None:
        self.fact = fact
        self.path = path
        self.span = span
        self.confirmed = confirmed
        self.reached = reached
        """Whether what a caller, a model or somebody outside has given is part of it."""


class Summary:
    """What a function does with its arguments, for its callers."""

    __slots__ = ("asks", "checked", "confirms", "deferred", "effects", "raises", "returns", "stores")

    def __init__(self) -> None:
        self.returns: Value = NOTHING
        self.stores: list[tuple[Class | Module, str, Value]] = []
        """What it keeps of its arguments where other functions find it: in an object or a global of this name."""
        self.deferred: list[Deferred] = []
        self.effects: list[Effect] = []
        self.checked: dict[str, frozenset[str]] = {}
        """Parameters that are harmless, for some categories or for all, once the function has returned: it raises otherwise."""
        self.confirms = False
        """Whether its result is what a person said."""
        self.asks = False
        """Whether it comes back only if a person has said yes."""
        self.raises = False
        """Whether it never comes back."""

    @property
    def is_plain(self) -> bool:
        """Whether it says the same to every caller: a value that rests on no argument, and nothing else."""
        if self.deferred or self.effects or self.checked or self.stores:
            return False
        returns = self.returns
        return returns.ref is None and not returns.taint and returns.path[:1] != "?" and type(returns.known) not in MUTABLE


EMPTY_SUMMARY = Summary()
_CHECKING = "TYPE_CHECKING"
_IMPORTS = frozenset((ast.Import, ast.ImportFrom))
MAKERS = frozenset(("__init__", "__post_init__", "setup"))
"""Methods that give an object what it holds."""


def module_name(path: str) -> str:
    """Return the dotted name of the file at ``path``, from the root."""
    name = path.removesuffix(".py").removesuffix("/__init__")
    return name.replace("/", ".")


def for_checkers_alone(tree: ast.Module) -> frozenset[int]:
    """Return the imports (by ``id``) under ``if TYPE_CHECKING`` at the top of ``tree`` where no name is used, neither there nor further down.

    Packages that load their modules when they are needed name them all in this way, for type checkers: to read them for it would be to read the whole package.
    """
    found: set[int] = set()
    for statement in reversed(tree.body):
        if isinstance(statement, ast.If) and _is_for_checkers(statement.test) and not any(_uses_name(inner) for inner in statement.body):
            found.update(map(id, statement.body))
        if _uses_name(statement):
            break
    return frozenset(found)


def _is_for_checkers(test: ast.expr) -> bool:
    parts = walk(test)
    named = any(_CHECKING in (getattr(part, "id", ""), getattr(part, "attr", "")) for part in parts)
    return named and not any(type(part) is ast.UnaryOp for part in parts)


def _uses_name(statement: ast.stmt) -> bool:
    return type(statement) not in _IMPORTS and any(type(part) is ast.Name for part in walk(statement))


def find_module(files: Files, importer: str, name: str, level: int = 0) -> str | None:
    """Return the path of the project's file that ``import name`` in the file ``importer`` means; None if it is not one of the project.

    Absolute names are looked up from the importer's folder upwards, each time also below ``src``: what ``sys.path`` will hold is not known, what lies nearest is
    nearly always meant. ``level`` counts the dots of a relative import.
    """
    folder = importer.rpartition("/")[0]
    tail = name.replace(".", "/")
    if level:
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        return _file(files, folder, tail)
    while True:
        found = _file(files, folder, tail) or _file(files, f"{folder}/src" if folder else "src", tail)
        if found == importer:  # `import redis` in `utilities/redis.py` is the library
            found = None
        if found or not folder:
            return found
        folder = folder.rpartition("/")[0]


def _file(files: Files, folder: str, tail: str) -> str | None:
    stem = f"{folder}/{tail}" if folder and tail else folder or tail
    for path in (f"{stem}.py", f"{stem}/__init__.py") if tail else (f"{stem}/__init__.py" if stem else "__init__.py",):
        if files.exists(path):
            return path
    return None

"""What the classes and functions of a library do when a pickle uses them, found by reading their source, never by importing it.

For every class: which operations of a load reach something that touches files, processes, the network, or runs text as code. The analysis follows calls within
the library (functions, methods of ``self``, constructors); calls on other objects are not followed: what such an object may be is judged where the stream names its
class. It is a filter for the table, not a proof; what it refuses, a person may allow after reading (``reviewed.yaml``).
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from typing import NamedTuple
from zipfile import ZipFile

# Calls that reach beyond the process's own memory, or run text. A trailing dot stands for everything below the module.
HAZARDS = (
    "builtins.open", "builtins.exec", "builtins.eval", "builtins.compile", "builtins.__import__", "builtins.input", "builtins.breakpoint", "builtins.globals",
    "subprocess.", "shutil.", "socket.", "socketserver.", "urllib.", "http.", "ftplib.", "smtplib.", "ctypes.", "pickle.", "cPickle.", "_pickle.", "marshal.",
    "shelve.", "dbm.", "tempfile.", "multiprocessing.", "importlib.", "imp.", "runpy.", "pty.", "glob.", "zipfile.", "tarfile.", "gzip.", "bz2.", "lzma.", "sqlite3.",
    "webbrowser.", "code.", "codeop.", "cffi.", "mmap.", "signal.", "threading.Thread", "concurrent.", "asyncio.", "fileinput.", "xml.", "types.FunctionType",
    "types.CodeType", "pkgutil.", "pkg_resources.", "inspect.getsource", "linecache.", "logging.FileHandler", "logging.config.", "atexit.", "pathlib.Path",
    "io.open", "io.FileIO", "codecs.open", "sys.settrace", "sys.setprofile", "doctest.", "unittest.", "requests.", "fsspec.", "smart_open.", "numba.",
    "joblib.load", "joblib.dump", "joblib.Memory", "joblib.memory.", "joblib.numpy_pickle.load", "joblib.numpy_pickle.dump", "cloudpickle.", "dill.",
    "numpy.load", "numpy.save", "numpy.savez", "numpy.savetxt", "numpy.loadtxt", "numpy.genfromtxt", "numpy.fromfile", "numpy.memmap", "numpy.fromregex",
    "numpy.f2py.", "numpy.distutils.", "numpy.testing.", "pandas.read_", "pandas.eval", "pandas.HDFStore", "pandas.ExcelFile", "pandas.ExcelWriter", "scipy.io.",
    "torch.load", "torch.save", "torch.hub.", "torch.jit.load", "torch.jit.save", "torch.jit.script", "torch.jit.trace", "torch.jit.CompilationUnit",
    "torch.utils.cpp_extension.", "torch.ops.load_library", "torch.compile", "torch.distributed.init_process_group", "torch.package.", "torch.fx.",
    "matplotlib.", "patsy.", "formulaic.", "statsmodels.formula.", "IPython.", "graphviz.", "distutils.", "setuptools.",
)  # fmt: skip
HARMLESS = (
    "platform.system",
    "pkg_resources.parse_version",
    "multiprocessing.cpu_count",
    "importlib.util.find_spec",
    "pickle.PicklingError",
    "signal.Signals",
)
OS_HARMLESS = ("os.path.", "os.environ", "os.getpid", "os.getenv", "os.fspath", "os.cpu_count", "os.sched_getaffinity", "os.sep", "os.urandom")
# Methods that write or read files, or run text, whatever object they are called on.
HAZARD_METHODS = frozenset(
    "tofile to_csv to_pickle to_hdf to_parquet to_sql to_excel write_text write_bytes read_text read_bytes unlink mkdir rmdir symlink_to popen system save_model "
    "load_model run_line_magic start_process fork execv".split()
)
INSTANTIATE_ENTRIES = ("__new__",)
STATE_ENTRIES = ("__setstate__", "__setstate_cython__", "__setattr__", "__getattr__", "__getattribute__", "__array_finalize__")
# Reached without an operation of their own: hashing as a dict key, a stored object that another class calls, a destructor, a container that is filled.
OTHER_ENTRIES = ("__init__", "__post_init__", "__call__", "__hash__", "__eq__", "__bool__", "__len__", "__iter__", "__del__")
ITEM_ENTRIES = ("append", "extend", "add", "__setitem__", "update")
_CONTAINERS = frozenset({"builtins.list", "builtins.dict", "builtins.set", "collections.OrderedDict", "collections.deque", "collections.Counter"})
_ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})


class Definition(NamedTuple):
    """A class or function: the dotted name of its module, its name there, and its syntax tree."""

    module: str
    name: str
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Effects(NamedTuple):
    """What a piece of code does itself: hazards it calls, calls of what only the run time knows, and what it calls within the library."""

    hazards: frozenset[str]
    computed: frozenset[str]
    callees: frozenset[tuple[str, str, str]]


class Verdict(NamedTuple):
    """The outcome for a class: letters of the allowed operations (r, i, s; e for an enumeration) and why others are missing."""

    letters: str
    why: str


class Library:
    """The Python source of one wheel. ``keep`` decides by dotted module name what is read; ``plain`` names functions and methods that a person found harmless."""

    def __init__(self, wheel: str, keep: Callable[[str], bool], plain: frozenset[str] = frozenset()) -> None:
        self.plain = plain
        self.symbols: dict[str, dict[str, str]] = {}
        self.classes: dict[tuple[str, str], Definition] = {}
        self.functions: dict[tuple[str, str], Definition] = {}
        self.public: dict[tuple[str, str], str] = {}
        self.tuples: set[tuple[str, str]] = set()
        self._effects: dict[tuple[str, str, str], Effects] = {}
        for module, source, is_package in _sources(wheel):
            if keep(module):
                self._read(module, source, is_package)

    def _read(self, module: str, source: bytes, is_package: bool) -> None:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return
        names = self.symbols.setdefault(module, {})
        for node in _top_level(tree.body):
            match node:
                case ast.Import():
                    for alias in node.names:
                        names[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
                case ast.ImportFrom():
                    base = _absolute(module, is_package, node)
                    for alias in node.names:
                        names[alias.asname or alias.name] = f"{base}.{alias.name}"
                case ast.ClassDef():
                    names[node.name] = f"{module}.{node.name}"
                    self.classes[module, node.name] = Definition(module, node.name, node)
                    self._set_public(module, node)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    names[node.name] = f"{module}.{node.name}"
                    self.functions[module, node.name] = Definition(module, node.name, node)
                    self._set_public(module, node)
                case ast.Assign(targets=[ast.Name(id=target)], value=ast.Call(func=function, args=[ast.Constant(value=str(made)), *_])):
                    if _dotted(function).rpartition(".")[2] in ("namedtuple", "NamedTuple") and made == target:
                        names[target] = f"{module}.{target}"
                        self.tuples.add((module, target))

    def _set_public(self, module: str, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """``@set_module("numpy")`` and ``__module__ = "numpy"``: what a pickle will name as the module."""
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=function, args=[ast.Constant(value=str(public))]) if _dotted(function).endswith("set_module"):
                    self.public[module, node.name] = public
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id="__module__")], value=ast.Constant(value=str(public))):
                    self.public[module, node.name] = public

    def resolve(self, module: str, dotted: str) -> str:
        """The full dotted name that ``dotted`` means in ``module``, followed through the library's re-exports."""
        head, _, rest = dotted.partition(".")
        full = self.symbols.get(module, {}).get(head)
        if full is None:
            full = f"builtins.{head}" if hasattr(builtins, head) else f"?.{head}"
        full = f"{full}.{rest}" if rest else full
        for _ in range(10):
            owner, _, name = full.rpartition(".")
            if (owner, name) in self.classes or (owner, name) in self.functions or name not in self.symbols.get(owner, {}):
                break
            following = self.symbols[owner][name]
            if following == full:
                break
            full = following
        return full

    def lineage(self, module: str, name: str) -> list[Definition]:
        """The class and its bases within the library, nearest first (depth first: near enough to the real order for finding methods)."""
        found: list[Definition] = []
        waiting = [(module, name)]
        while waiting:
            definition = self.classes.get(waiting.pop(0))
            if definition is None or definition in found:
                continue
            found.append(definition)
            waiting = [_split(base) for base in self.bases(definition)] + waiting
        return found

    def bases(self, definition: Definition) -> list[str]:
        """Full dotted names of the direct bases."""
        assert isinstance(definition.node, ast.ClassDef)
        return [self.resolve(definition.module, _dotted(base)) for base in definition.node.bases if _dotted(base)]

    def judge(self, module: str, name: str) -> Verdict:
        """What a load may do with a class."""
        line = self.lineage(module, name)
        foreign = {base for definition in line for base in self.bases(definition) if _split(base) not in self.classes}
        if bad := sorted(base for base in foreign if _hazard(base)):
            return Verdict("", f"derives from {bad[0]}")
        if foreign & _ENUMS or any(d.name in ("Enum", "StrEnum") for d in line[1:]):
            return Verdict("re", "")
        if why := self._reach(line, (*INSTANTIATE_ENTRIES, *STATE_ENTRIES, *OTHER_ENTRIES, *ITEM_ENTRIES), hazards=True):
            return Verdict("", why)
        if _method(line, "__del__"):
            return Verdict("r", "has a destructor, which would run on state chosen by the file")
        letters, why = "r", []
        for letter, entries in (("i", INSTANTIATE_ENTRIES), ("s", STATE_ENTRIES)):
            computed = self._reach(line, entries, hazards=False)
            letters += "" if computed else letter
            why += [computed] if computed else []
        if foreign & _CONTAINERS and not self._reach(line, ITEM_ENTRIES, hazards=False):
            letters += "t"
        return Verdict(letters if "i" in letters else "r", "; ".join(why))

    def pure(self, module: str, name: str) -> bool:
        """Whether a function reaches no hazard."""
        return not self._close({(module, "", name)}, [], hazards=True)

    def _reach(self, line: list[Definition], entries: tuple[str, ...], *, hazards: bool) -> str:
        start = {(d.module, d.name, entry) for entry in entries for d in _method(line, entry)}
        return self._close(start, line, hazards=hazards)

    def _close(self, start: set[tuple[str, str, str]], line: list[Definition], *, hazards: bool) -> str:
        """The first hazard (or computed call) that ``start`` reaches, in words; "" if none."""
        seen: set[tuple[str, str, str]] = set()
        waiting = sorted(start)
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            effects = self._effects_of(key, line)
            if bad := effects.hazards if hazards else effects.computed:
                return f"{'.'.join(filter(None, key[1:]))} calls {min(bad)}"
            waiting += sorted(effects.callees - seen)
        return ""

    def _effects_of(self, key: tuple[str, str, str], line: list[Definition]) -> Effects:
        module, owner, name = key
        node = _find(self.classes[module, owner].node, name) if owner else getattr(self.functions.get((module, name)), "node", None)
        if node is None or ".".join(filter(None, key)) in self.plain:
            return Effects(frozenset(), frozenset(), frozenset())
        cached = self._effects.get(key) if not owner else None
        if cached is None:
            cached = self._effects[key] = _Reader(self, module, line or self.lineage(module, owner)).read(node)
        return cached


class _Reader:
    """Collects the effects of one function."""

    def __init__(self, library: Library, module: str, line: list[Definition]) -> None:
        self.library, self.module, self.line = library, module, line
        self.hazards: set[str] = set()
        self.computed: set[str] = set()
        self.callees: set[tuple[str, str, str]] = set()
        self.local: dict[str, str] = {}

    def read(self, node: ast.AST) -> Effects:
        for inner in ast.walk(node):
            if isinstance(inner, ast.ImportFrom):
                base = _absolute(self.module, self.module in self.library.symbols and _is_package(self.library, self.module), inner)
                self.local |= {alias.asname or alias.name: f"{base}.{alias.name}" for alias in inner.names}
            elif isinstance(inner, ast.Import):
                self.local |= {alias.asname or alias.name.partition(".")[0]: alias.name for alias in inner.names}
        bound = _bound(node)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call):
                self._call(inner.func, bound)
        return Effects(frozenset(self.hazards), frozenset(self.computed), frozenset(self.callees))

    def _call(self, function: ast.expr, bound: set[str]) -> None:
        match function:
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=method):
                self._method(method)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=method):
                self._method(method, skip=True)
            case ast.Attribute(attr=method) if not (dotted := _dotted(function)) or dotted.partition(".")[0] in bound:
                if method in HAZARD_METHODS:
                    self.hazards.add(f".{method}()")
            case ast.Name(id=name) if name in bound and name not in self.local:
                self.computed.add(f"{name}(), which only the run time knows")
            case ast.Name() | ast.Attribute():
                self._named(_dotted(function))
            case _:
                self.computed.add("a computed callable")

    def _method(self, method: str, *, skip: bool = False) -> None:
        found = _method(self.line[1:] if skip else self.line, method)
        self.callees |= {(d.module, d.name, method) for d in found}
        if method in HAZARD_METHODS:
            self.hazards.add(f".{method}()")
        if not found and not skip and not hasattr(object, method):
            self.computed.add(f"self.{method}(), which the state may replace")

    def _named(self, dotted: str) -> None:
        head, _, rest = dotted.partition(".")
        local = self.local.get(head)
        full = (f"{local}.{rest}" if rest else local) if local else self.library.resolve(self.module, dotted)
        owner, name = _split(full)
        full_again = self.library.resolve(owner, name) if owner in self.library.symbols else full
        owner, name = _split(full_again)
        if _hazard(full_again):
            self.hazards.add(full_again)
        elif (owner, name) in self.library.functions:
            self.callees.add((owner, "", name))
        elif (owner, name) in self.library.classes:
            made = self.library.lineage(owner, name)
            self.callees |= {(d.module, d.name, m) for m in ("__new__", "__init__", "__post_init__") for d in _method(made, m)}
        elif name in HAZARD_METHODS and full_again not in HARMLESS:
            self.hazards.add(f".{name}()")


def _hazard(full: str) -> bool:
    if full.startswith(("os.", "nt.", "posix.")):
        return not full.startswith(OS_HARMLESS)
    return full not in HARMLESS and any(full.startswith(h) if h.endswith((".", "_")) else full == h or full.startswith(h + ".") for h in HAZARDS)


def _bound(node: ast.AST) -> set[str]:
    """Names that are parameters or assigned in a function."""
    names = {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}
    names |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
    return names - {inner.name for inner in ast.walk(node) if isinstance(inner, ast.FunctionDef)}


def _method(line: list[Definition], name: str) -> list[Definition]:
    """The nearest class of ``line`` that defines the method, as a list of one or none."""
    return next(([d] for d in line if _find(d.node, name)), [])


def _find(node: ast.AST, name: str) -> ast.AST | None:
    for inner in _top_level(node.body):  # type: ignore[attr-defined]
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner.name == name:
            return inner
        match inner:  # `__setstate__ = something_else`: unreadable here, so it counts as a computed call by way of its value
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Name() | ast.Attribute() as value) if target == name:
                return ast.Expr(ast.Call(value, [], []))
    return None


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a body, and of the `if`, `try` and `with` in it."""
    for node in body:
        yield node
        for field in ("body", "orelse", "finalbody"):
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from _top_level(getattr(node, field, []))
        if isinstance(node, ast.Try):
            for handler in node.handlers:
                yield from _top_level(handler.body)


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{head}.{attribute}" if (head := _dotted(value)) else ""
        case ast.Subscript(value=value):
            return _dotted(value)
    return ""


def _split(full: str) -> tuple[str, str]:
    owner, _, name = full.rpartition(".")
    return owner, name


def _is_package(library: Library, module: str) -> bool:
    return any(other.startswith(module + ".") for other in library.symbols)


def _absolute(module: str, is_package: bool, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _sources(wheel: str) -> Iterator[tuple[str, bytes, bool]]:
    with ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".py") and ".dist-info/" not in name and ".data/" not in name:
                parts = name[:-3].split("/")
                is_package = parts[-1] == "__init__"
                yield ".".join(parts[:-1] if is_package else parts), archive.read(name), is_package

"""Where a native library comes from that a program loads: the system, the program's own folder, a download, somebody's choice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import Enum
from functools import cached_property

from aisecops.checks.source_file.surroundings import Scope, Surroundings, last_name
from aisecops.codebase.dataflow.program import Call, Hit, Module, Span
from aisecops.codebase.dataflow.values import Value, combined
from aisecops.codebase.syntax.walking import walk

_OWN_NAMES = re.compile(r"(^|\.)__(file|path|spec|name)__$|^sys\.(prefix|base_prefix|exec_prefix|executable)$|^sysconfig\b|^site\b")
_OWN_CALLS = frozenset((
    "find_library", "files", "resource_filename", "get_config_var", "get_path", "get_paths", "getsitepackages", "get_python_lib", "find_spec", "as_file",
))  # fmt: skip
_SYSTEM_VARIABLES = frozenset((
    "'CUDA_HOME'", "'CUDA_PATH'", "'CONDA_PREFIX'", "'VIRTUAL_ENV'", "'LD_LIBRARY_PATH'", "'ROCM_HOME'", "'ROCM_PATH'", "'SystemRoot'", "'WINDIR'",
))  # fmt: skip
_CONFIGURED = re.compile(r"(?i)(^|[._])(args?|opts?|options|cfg|conf|config|settings|params|hparams|flags)(\.|$)")
_SHARED = re.compile(r"(?:/tmp/|/var/tmp/|/dev/shm/|https?://|//|\\\\)")
_SHARED_FOLDERS = frozenset(("'/tmp'", "'/var/tmp'", "'/dev/shm'"))
_FETCHING = frozenset((
    "urlretrieve", "download_url_to_file", "download", "download_file", "download_fileobj", "fget_object", "get_file", "download_to_filename", "copyfileobj",
))  # fmt: skip
_ASIDE = frozenset((
    "extra_cflags", "extra_cuda_cflags", "extra_ldflags", "extra_include_paths", "with_cuda", "verbose", "build_directory", "keep_intermediates", "is_python_module",
    "mode", "use_errno", "use_last_error", "winmode", "options", "device",
))  # fmt: skip
_FETCHED = frozenset(("untrusted", "model-output", "fetched"))


class Origin(Enum):
    """Who decides which library is loaded."""

    OWN = "the program itself, or the system"
    OUTSIDE = "somebody outside, or a download"
    STARTER = "whoever starts or configures the program"
    CALLER = "whoever calls the function"
    SHARED = "whoever can write to a folder that all share"


class LibraryOrigins:
    """Looks at where the libraries come from that one module loads."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._around = Surroundings(module)
        self._fetched: dict[int, frozenset[str]] = {}

    def of(self, hit: Hit) -> Origin:
        """Who decides which library the call of ``hit`` loads."""
        given = [hit.arguments[name] for name in hit.entry.arguments if name in hit.arguments] or list(hit.arguments.values())
        return self._origin(given, hit.span, callers=True)

    def _origin(self, given: list[Value], span: Span, *, callers: bool) -> Origin:
        labels = set(combined(given) or ())
        if labels & _FETCHED:
            return Origin.OUTSIDE
        scope = self._around.scope(span.scope)
        call = scope.calls.get((span.line, span.column)) if span.path == self._module.path else None
        if call is None:
            return Origin.OWN
        names = self._made_of(scope, call)
        texts = [value.text for value in given if value.text]
        if self._is_own(scope, call, names):
            return Origin.OWN
        if any(_SHARED.match(text) for text in texts) or names & _SHARED_FOLDERS or self._is_temporary(scope, call):
            return Origin.SHARED
        if self._is_fetched(scope, texts, names):
            return Origin.OUTSIDE
        if "command-line" in labels or self._is_configured(names, self._sources(scope, call)):
            return Origin.STARTER
        if any(label[0] == "#" for label in labels) and not (callers and self._callers_are_own(span.scope)):
            return Origin.CALLER
        return Origin.OWN

    def _made_of(self, scope: Scope, call: ast.Call) -> frozenset[str]:
        """What the arguments were made of, in the function and at the top of the module."""
        names: set[str] = set()
        for argument in _deciding(call):
            names |= scope.made_of(argument)
        top = self._around.scope("")
        for name in list(names):
            for value in top.sources.get(name, ())[:4]:
                names |= top.made_of(value)
        return frozenset(names)

    def _is_own(self, scope: Scope, call: ast.Call, names: frozenset[str]) -> bool:
        if any(_OWN_NAMES.search(name) for name in names):
            return True
        return any(self._finds_own(part) for source in self._sources(scope, call) for part in walk(source) if isinstance(part, ast.Call))

    def _finds_own(self, call: ast.Call) -> bool:
        """A call that looks a library up in the system or beside the program; also through a function of the module."""
        name = last_name(call.func)
        function = self._around.functions.get(name)
        if name in _OWN_CALLS:
            return True
        return function is not None and any(
            (isinstance(part, ast.Name) and part.id == "__file__") or (isinstance(part, ast.Call) and last_name(part.func) in _OWN_CALLS)
            for part in walk(function.node)
        )

    def _sources(self, scope: Scope, call: ast.Call) -> list[ast.expr]:
        """The arguments, and the expressions behind their names."""
        found: list[ast.expr] = _deciding(call)
        for name in self._made_of(scope, call):
            found += [*scope.sources.get(name, ())[:4], *self._around.scope("").sources.get(name, ())[:4]]
        return found

    def _is_temporary(self, scope: Scope, call: ast.Call) -> bool:
        """``tempfile.gettempdir()``, where everybody may put a file of that name before."""
        sources = self._sources(scope, call)
        return any(isinstance(part, ast.Call) and last_name(part.func) == "gettempdir" for source in sources for part in walk(source))

    def _is_fetched(self, scope: Scope, texts: list[str], names: frozenset[str]) -> bool:
        """Whether the module downloads to that place: a name or path that a fetching call is given, or into which fetched bytes are written."""
        places = {repr(text.removeprefix("./")) for text in texts} | {name.removesuffix(".name") for name in names if not _OWN_NAMES.search(name)}
        return bool(places & (self._fetched_in(scope) | self._written))

    def _fetched_in(self, scope: Scope) -> frozenset[str]:
        """The names and paths that calls of the scope fetch to."""
        if id(scope) not in self._fetched:
            into: set[str] = set()
            for node in scope.calls.values():
                if last_name(node.func) in _FETCHING:
                    for argument in (*node.args[1:], *(k.value for k in node.keywords)):
                        into |= {_plain(name) for name in scope.made_of(argument)}
            self._fetched[id(scope)] = frozenset(into)
        return self._fetched[id(scope)]

    @cached_property
    def _written(self) -> frozenset[str]:
        """The names and paths into which the module writes fetched bytes."""
        return frozenset(name for call in self._module.calls for name in self._writes(call))

    def _writes(self, call: Call) -> Iterator[str]:
        """``open(place, "wb").write(answer.content)``, ``Path(place).write_bytes(answer.content)``."""
        node = call.node
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in ("write", "write_bytes"):
            return
        if set(combined(call.arguments) or ()) & _FETCHED:
            yield from (_plain(name) for name in self._around.scope(call.span.scope).made_of(node.func.value))

    def _is_configured(self, names: frozenset[str], sources: list[ast.expr]) -> bool:
        asked = any(isinstance(part, ast.Call) and last_name(part.func) == "getenv" for source in sources for part in walk(source))
        if asked or names & {"os.environ", "environ"}:
            return not names & _SYSTEM_VARIABLES
        return any(_CONFIGURED.search(name) for name in names)

    def _callers_are_own(self, scope: str) -> bool:
        """Whether the module calls the function, each time with a library of its own."""
        path = f"{self._module.name}.{scope}"
        calls = [call for call in self._module.calls if call.path == path]
        return bool(calls) and all(self._origin(list(call.arguments), call.span, callers=False) is Origin.OWN for call in calls)


def _deciding(call: ast.Call) -> list[ast.expr]:
    """The arguments that say which library is loaded, not how."""
    return [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg not in _ASIDE)]


def _plain(name: str) -> str:
    return name.replace("'./", "'")

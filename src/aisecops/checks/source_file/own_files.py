"""What a pickle that is loaded comes from, as far as the function around tells: a file that it has written itself, a file of the project."""

from __future__ import annotations

import ast
import re

from aisecops.checks.source_file.surroundings import FunctionNode, Scope, Surroundings, last_name
from aisecops.codebase.dataflow.program import Class, Function, Hit, Instance, Module
from aisecops.codebase.syntax.walking import walk

_WRITERS = {"dump": 1, "save": 1, "dump_session": 0, "to_pickle": 0, "save_model": 1, "savez": 0, "savez_compressed": 0, "write_bytes": -1}
"""Methods that write a file, and at which position they take it; -1: the receiver. ``numpy.save`` takes it first."""
_ELSEWHERE = (
    r"(^|\.)(requests|httpx|urllib|urllib3|aiohttp|boto3|upload\w*|uploaded\w*)(\.|$)|(^|\.)request\.(files|FILES|body|data|stream|get_data)"
    r"|\.(content|getvalue)\b"
)
"""Names that say that something was fetched, or sent to a service."""
_BUFFERS = frozenset(("BytesIO", "TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile"))
_REMOTE = ("http://", "https://", "s3://", "gs://", "ftp://", "hdfs://", "/tmp/", "/var/tmp/", "//", "\\\\")  # noqa: S108 - what others can write, too


class OwnFiles:
    """Looks at where the files come from that one module loads."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._around = Surroundings(module)
        self._files: dict[int, frozenset[str]] = {}

    def written_here(self, hit: Hit) -> bool:
        """Whether the function around ``hit`` also writes the file that it loads: a buffer, a cache, a temporary file."""
        found = self._loaded(hit)
        if found is None:
            return False
        scope, file = found
        if id(scope) not in self._files:
            self._files[id(scope)] = frozenset(ast.dump(written) for written in _written(scope))
        return ast.dump(file) in self._files[id(scope)]

    def is_kept(self, hit: Hit) -> bool:
        """Whether others find what ``hit`` loads after the program has written it: a file that a script leaves behind, no buffer and no function's own cache."""
        found = self._loaded(hit)
        if hit.span.scope or found is None:
            return False
        scope, file = found
        made = scope.sources.get(file.id, ()) if isinstance(file, ast.Name) else ()
        return not any(isinstance(value, ast.Call) and last_name(value.func) in _BUFFERS for value in made)

    def of_project(self, hit: Hit) -> bool:
        """Whether the file's path is a constant that stays inside the project."""
        found = self._loaded(hit)
        if found is None:
            return False
        scope, file = found
        if isinstance(file, ast.Name):
            values = scope.sources.get(file.id) or self._around.scope("").sources.get(file.id, [])
            file = values[0] if len(values) == 1 else file
            file = scope.file_of(file) or file
        return isinstance(file, ast.Constant) and isinstance(file.value, str) and not file.value.startswith(_REMOTE)

    def _loaded(self, hit: Hit) -> tuple[Scope, ast.expr] | None:
        if hit.span.path != self._module.path:
            return None
        scope = self._around.scope(hit.span.scope)
        call = scope.calls.get((hit.span.line, hit.span.column))
        if call is None:
            return None
        arguments = [
            *call.args,
            *(keyword.value for keyword in call.keywords if keyword.arg in ("file", "f", "filename", "filepath_or_buffer", "path")),
        ]
        file = scope.file_of(arguments[0]) if arguments else _of_receiver(scope, call)
        return (scope, file) if file is not None else None


def _of_receiver(scope: Scope, call: ast.Call) -> ast.expr | None:
    """``pickle.Unpickler(file).load()``."""
    maker = call.func.value if isinstance(call.func, ast.Attribute) else None
    return scope.file_of(maker.args[0]) if isinstance(maker, ast.Call) and maker.args else None


def _written(scope: Scope) -> list[ast.expr]:
    files: list[ast.expr | None] = []
    for part in walk(scope.node):
        if not isinstance(part, ast.Call):
            continue
        name = last_name(part.func)
        position = _WRITERS.get(name)
        if name in ("save", "write_bytes") and _is_of_others(scope, part):
            continue
        if position == -1 and isinstance(part.func, ast.Attribute):
            files.append(scope.file_of(part.func.value))
        elif position is not None:
            files += [scope.file_of(argument) for argument in part.args[position : position + 1] or part.args[:1]]
            files += [scope.file_of(keyword.value) for keyword in part.keywords if keyword.arg in ("f", "file", "filename", "path")]
            if name == "save" and part.args:  # numpy.save(path, array)
                files.append(scope.file_of(part.args[0]))
    return [file for file in files if file is not None]


def _is_of_others(scope: Scope, call: ast.Call) -> bool:
    """Whether what is written came from elsewhere: ``upload.save(path)``, ``path.write_bytes(requests.get(url).content)``."""
    given = [*call.args, *([call.func.value] if isinstance(call.func, ast.Attribute) and last_name(call.func) == "save" else [])]
    return any(re.search(_ELSEWHERE, name) for node in given for name in (*scope.made_of(node), ast.unparse(node)[:200]))


def is_restricted(hit: Hit) -> bool:
    """Whether the unpickler is a class of the project whose ``find_class`` refuses what it does not know."""
    ref = hit.receiver.ref
    cls = ref.cls if isinstance(ref, Instance) else ref if isinstance(ref, Class) else None
    method = cls.method("find_class") if cls is not None else None
    return method is not None and _refuses(method)


def _refuses(method: Function) -> bool:
    """A ``find_class`` that raises, that never looks anything up, or that does so behind a condition only."""
    node = method.node
    if not isinstance(node, FunctionNode):
        return False
    if any(isinstance(part, ast.Raise) for part in walk(node)):
        return True
    behind = {inner for part in walk(node) if isinstance(part, (ast.If, ast.IfExp, ast.Try, ast.Match)) for inner in walk(part)}
    looked_up = [
        part for part in walk(node) if isinstance(part, ast.Call) and last_name(part.func) in ("find_class", "getattr", "import_module", "__import__")
    ]
    return all(part in behind for part in looked_up)

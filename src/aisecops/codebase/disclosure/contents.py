"""What an expression shows of a value: the value itself, or only something about it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from aisecops.codebase.disclosure.names import is_about, is_of_a_person, kind_of
from aisecops.codebase.payloads.slices import Slices, fits
from aisecops.codebase.syntax.walking import children, walk

_SAME = frozenset(
    (
        "str repr format dumps dict list tuple pformat pprint dedent join vars asdict model_dump model_dump_json json copy deepcopy sorted encode decode strip lower "
        "upper title replace removeprefix removesuffix get_secret_value to_dict to_json tolist items values get pop shorten truncate indent wrap fill body form get_json "
        "get_data text read form_data dump splitlines split ljust rjust center escape first next iter reversed set bind f Text Markdown Panel serialize "
        "jsonable_encoder MessageToDict MessageToJson head tail sample to_string to_markdown Table DataFrame"
    ).split()
)
"""Functions and methods whose result shows what they are given."""
_HARMLESS = frozenset(
    (
        "id name version usage role type status created model count size length shape dtype dtypes status_code finish_reason object columns index method url path client "
        "host scheme user_id request_id session_id total_tokens prompt_tokens completion_tokens nunique mean sum isna isnull describe __class__ __name__ filename "
        "content_type"
    ).split()
)
"""Attributes that are about a value."""
_VAULTS = (
    r"getpass\.getpass|google\.colab\.userdata\.get|kaggle_secrets\.UserSecretsClient\(\)\.get_secret|keyring\.get_password|huggingface_hub\.(get_token|HfFolder\.get_token)"
    r"|boto3\..*\.(get_secret_value|get_parameter)|azure\.keyvault\.secrets\.SecretClient\(\)\.get_secret|hvac\..*\.read_secret\w*"
    r"|google\.cloud\.secretmanager.*\.access_secret_version"
)
"""Calls that give a secret."""
_KINDS = r"[a-z](Event|Type|Kind|Enum|Action|Status|Name|Category|Scope|Permission)s?$"
"""Classes whose constants are names for things."""
_VARIABLES = r"(?i)(^|_)(KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|DSN|CONNECTION_STRING|API_?KEY|DATABASE_URL|MONGO(DB)?_URI|REDIS_URL)S?$"
"""Variables of the environment that hold one."""
_OTHER_KEYS = r"(?i)(OBJECT|PUBLIC|CACHE|SORT|PRIMARY|PARTITION|FOREIGN|INDEX|ROUTING|DEDUP|IDEMPOTENCY|MAX|NUM|BUCKET|SESSION_COOKIE)_(KEY|TOKEN)S?$"
_WIDGETS = r"streamlit\.(\w+\.)*(text_input|text_area|chat_input)|chainlit\.AskUserMessage\(\)\.send"
"""Calls that give what a person has just written."""
_ENVIRONMENT = frozenset(("os.getenv", "os.environ.get", "os.environ.pop", "environs.Env().str", "decouple.config"))
_PARTS = frozenset("text content value values data body raw message messages parts input inputs query json T html output".split())
"""Parts of something that are what it says."""
_REQUESTS = frozenset(("request", "req"))
_ERRORS = frozenset(("e", "err", "error", "ex", "exc", "exception"))
"""What went wrong, and says so."""
_NUMBERED = re.compile(r"(^|_)(id|uid|uuid|idx|index)$")
_SHORT = 8
_MOST_PARTS = 600
_DEPTH = 6


class Shown:
    """Something that an expression shows: what it is, by which name, and whether it surely is (it comes from where secrets are kept)."""

    __slots__ = ("kind", "name", "sure")

    def __init__(self, kind: str, name: str, *, sure: bool = False) -> None:
        self.kind = kind
        self.name = name
        self.sure = sure


class Contents:
    """What expressions of a module show."""

    def __init__(self, slices: Slices) -> None:
        self._slices = slices

    @cached_property
    def _sealed(self) -> frozenset[str]:
        """Fields that are declared to hide their value when they are written (``SecretStr``)."""
        declared = (node for node in walk(self._slices.module.tree) if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name))
        return frozenset(
            node.target.id
            for node in declared
            if isinstance(node.target, ast.Name) and re.search(r"\bSecret(Str|Bytes)?\b", ast.unparse(node.annotation)[:200])
        )

    def shown(self, node: ast.expr, scope: str, outside: frozenset[str]) -> Iterator[Shown]:
        """Yield what ``node`` shows. ``outside``: parameters of the function around that somebody has sent to a service."""
        todo: list[tuple[ast.AST, int]] = [(node, _DEPTH)]
        seen: set[str] = set()
        left = _MOST_PARTS
        while todo and left:
            part, depth = todo.pop()
            left -= 1
            found, inner = self._look(part, scope, outside, seen)
            if found is not None:
                yield found
            elif depth:
                todo += [(child, depth - (isinstance(part, ast.Name) or 0)) for child in inner]

    def names(self, node: ast.expr, scope: str) -> Iterator[str]:
        """Yield the names whose values ``node`` shows, as it stands."""
        todo: list[ast.AST] = [node]
        left = _MOST_PARTS
        while todo and left:
            part = todo.pop()
            left -= 1
            if isinstance(part, ast.Name):
                yield part.id
            elif not isinstance(part, (ast.Attribute, ast.Subscript)):
                todo += self._look(part, scope, frozenset(), set())[1]

    def _look(self, part: ast.AST, scope: str, outside: frozenset[str], seen: set[str]) -> tuple[Shown | None, list[ast.AST]]:
        """What ``part`` shows itself, and the parts of it that it shows."""
        if isinstance(part, (ast.Constant, ast.Compare, ast.Lambda)):
            return None, []
        if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not):
            return None, []
        if isinstance(part, ast.IfExp):
            return None, [part.body, part.orelse]
        if isinstance(part, ast.Call):
            return self._call(part, outside)
        if isinstance(part, ast.Dict):
            return None, [value for value in part.values if value is not None]
        if isinstance(part, ast.Name):
            return self._name(part, scope, outside, seen)
        if isinstance(part, ast.Attribute):
            return self._attribute(part, outside)
        if isinstance(part, ast.Subscript):
            return self._item(part, outside)
        if isinstance(part, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            return None, [part.elt]
        return None, children(part)

    def _name(self, part: ast.Name, scope: str, outside: frozenset[str], seen: set[str]) -> tuple[Shown | None, list[ast.AST]]:
        name = part.id
        known = self._slices.module.env.get(name)
        if known is not None and (known.path == name or (known.ref is not None and not known.path)):
            return None, []  # a module, function or class
        values = self._slices.values(name, scope)
        if kind := kind_of(name, from_outside=name in outside and name not in _REQUESTS):
            if (
                name in self._sealed
                or any(self._covers(value) for value in values)
                or (values and all(isinstance(value, ast.Constant) for value in values))
            ):
                return None, []
            return Shown(kind, name, sure=kind == "secret" and any(self._is_kept_secret(value, outside) for value in values)), []
        if name in outside and self._is_record(name, scope):
            return Shown("prompt", name), []
        if name in seen or is_about(name) or _NUMBERED.search(name):
            return None, []
        seen.add(name)
        return None, list(values)

    def _is_kept_secret(self, value: ast.expr, outside: frozenset[str]) -> bool:
        """Whether ``value`` comes from where secrets are kept, or was typed where nobody sees it."""
        shown = self._look(value, "", outside, set())[0] if isinstance(value, (ast.Call, ast.Subscript)) else None
        return shown is not None and shown.kind == "secret" and shown.sure

    def _is_record(self, name: str, scope: str) -> bool:
        """Whether the parameter ``name`` is declared as a class of the project: what somebody has sent, as a whole."""
        node = self._slices.body(scope)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        annotation = next((a.annotation for a in (*node.args.args, *node.args.kwonlyargs) if a.arg == name), None)
        return isinstance(annotation, ast.Name) and any(
            cls.name == annotation.id and cls.library.startswith("pydantic") for cls in self._slices.module.classes
        )

    def _attribute(self, part: ast.Attribute, outside: frozenset[str]) -> tuple[Shown | None, list[ast.AST]]:
        if part.attr in _HARMLESS or (part.attr.isupper() and re.search(_KINDS, _root(part))):
            return None, []
        if part.attr == "environ" and isinstance(part.value, ast.Name) and part.value.id == "os":
            return Shown("secret", "os.environ", sure=True), []
        base = _root(part)
        if base in _ERRORS:
            return None, []
        if part.attr in ("headers", "cookies") and base in (*_REQUESTS, "self"):
            return Shown("secret", f"{base}.{part.attr}"), []
        if part.attr in ("json", "data", "form", "body", "POST") and base in _REQUESTS and isinstance(part.value, ast.Name):
            return Shown("prompt", f"{base}.{part.attr}"), []
        if is_of_a_person(part.attr, part.value.attr if isinstance(part.value, ast.Attribute) else base):
            return Shown("personal", part.attr), []
        if kind := kind_of(part.attr, from_outside=base in outside):
            return (None, []) if part.attr in self._sealed else (Shown(kind, part.attr), [])
        return None, [part.value] if part.attr in _PARTS and base not in ("self", "cls") else []

    def _item(self, part: ast.Subscript, outside: frozenset[str]) -> tuple[Shown | None, list[ast.AST]]:
        index = part.slice
        if _is_host_alone(part.value):
            return None, []
        if isinstance(index, ast.Slice):
            return (None, []) if _is_short(index) else (None, [part.value])
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            return self._entry(part.value, index.value, outside)
        if isinstance(index, ast.List):  # columns of a table
            columns = [column.value for column in index.elts if isinstance(column, ast.Constant) and isinstance(column.value, str)]
            personal = next((column for column in columns if kind_of(column, from_outside=False) == "personal"), None)
            return (Shown("personal", personal) if personal else None), []
        return None, [] if _is_environment(part.value) else [part.value]

    def _entry(self, owner: ast.expr, key: str, outside: frozenset[str]) -> tuple[Shown | None, list[ast.AST]]:
        """``owner[key]``, ``owner.get(key)``."""
        if _is_environment(owner):
            return (Shown("secret", key, sure=True), []) if _holds_secret(key) else (None, [])
        requested = _root(owner) in _REQUESTS
        if kind := kind_of(key, from_outside=_root(owner) in outside or requested):
            return Shown(kind, key, sure=requested and kind == "prompt"), []
        return None, [owner] if key in _PARTS else []

    def _call(self, part: ast.Call, outside: frozenset[str]) -> tuple[Shown | None, list[ast.AST]]:
        path = self._slices.path(part)
        function = part.func
        name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
        first = part.args[0] if part.args else None
        key = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        if fits(_VAULTS, path):
            return Shown("secret", key if name == "get" and key else name, sure=True), []
        if fits(_WIDGETS, path):
            return Shown("prompt", name, sure=True), []
        if path in _ENVIRONMENT:
            return (Shown("secret", key, sure=True), []) if _holds_secret(key) else (None, [])
        if name in ("get", "pop", "getlist") and isinstance(function, ast.Attribute):
            return self._entry(function.value, key, outside) if key else (None, [])
        if name in ("body", "json", "form", "get_json", "get_data") and isinstance(function, ast.Attribute) and _root(function) in _REQUESTS:
            return Shown("prompt", f"request.{name}()"), []
        if definition := self._slices.definitions.get(name) if isinstance(function, ast.Name) else None:
            if self._covers(part):
                return None, []
            returned = [s.value for s in walk(definition) if isinstance(s, ast.Return) and s.value is not None]
            shows: list[ast.AST] = [value for value in returned if isinstance(value, (ast.Subscript, ast.Call))]
            return None, shows[:4]
        if name not in _SAME:
            return None, []
        owner = [function.value] if isinstance(function, ast.Attribute) else []
        return None, [*owner, *part.args, *(keyword.value for keyword in part.keywords)]

    def _covers(self, value: ast.expr) -> bool:
        """Whether ``value`` is what a function made of something that it was to cover: ``redact(prompt)``."""
        if isinstance(value, ast.Await):
            return self._covers(value.value)
        if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
            return _is_short(value.slice)
        if isinstance(value, ast.BinOp):
            return self._covers(value.left) or self._covers(value.right)
        if isinstance(value, ast.JoinedStr):
            return any(self._covers(part.value) for part in value.values if isinstance(part, ast.FormattedValue))
        if not isinstance(value, ast.Call):
            return False
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
        owner = self._covers(function.value) if isinstance(function, ast.Attribute) else False
        return owner or re.search(_COVERS, name) is not None


_COVERS = (
    r"(?i)(redact|mask|anonymi[sz]|pseudonymi[sz]|scrub|saniti[sz]|obfuscat|hash|digest|censor|hide|sha\d|md5|deidentif|de_identif|encrypt|fingerprint|strip_pii|remove_pii"
    r"|filter_pii|^sub$)"
)


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Await)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_environment(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (isinstance(node, ast.Name) and node.id == "environ")


def _holds_secret(variable: str) -> bool:
    return re.search(_VARIABLES, variable) is not None and re.search(_OTHER_KEYS, variable) is None


def _is_host_alone(node: ast.expr) -> bool:
    """``url.split("@")`` and ``url.rpartition("@")``, of which a part is taken: the address without what signs in."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("split", "rsplit", "partition", "rpartition")
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == "@"
    )


def _is_short(index: ast.Slice) -> bool:
    """Whether a slice leaves a few characters: ``key[:4]``, ``key[-4:]``."""
    upper, lower = index.upper, index.lower
    if isinstance(upper, ast.Constant) and isinstance(upper.value, int) and lower is None:
        return upper.value <= _SHORT
    negative = lower.operand if isinstance(lower, ast.UnaryOp) and isinstance(lower.op, ast.USub) else None
    return upper is None and isinstance(negative, ast.Constant) and isinstance(negative.value, int) and negative.value <= _SHORT

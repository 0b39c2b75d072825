"""What a stream does at given places, as text for people: ``posix.system('echo hi')``.

A second pass with symbolic values, for display only. No verdict rests on it: it may show less than happens, and stops at its budget.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from struct import error as StructError  # noqa: N812
from struct import unpack
from typing import Self

from aisecops.core.text import inert
from aisecops.formats.pickle.names import literal, resolve
from aisecops.formats.pickle.opcodes import NAMES, pieces
from aisecops.formats.pickle.stack import Stack
from aisecops.formats.pickle.trace import Buffer, RawArray

_LONGEST = 240
"""Characters of one description; parts of it are cut to the same length."""
_MOST_ITEMS = 8
_NUMBERS = {"BININT": "<i", "BININT1": "<B", "BININT2": "<H", "BINFLOAT": ">d"}
_CONSTANTS = {"NONE": "None", "NEWTRUE": "True", "NEWFALSE": "False", "EMPTY_LIST": "[]", "EMPTY_DICT": "{}", "EMPTY_SET": "set()"}
_STRINGS = frozenset({"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"})
_BYTES = frozenset({"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"})


def describe(
    data: Buffer, start: int, offsets: Collection[int], *, budget_opcodes: int = 200_000, arrays: Collection[RawArray] = ()
) -> dict[int, str]:
    """Return, for each of ``offsets`` that the pass reaches, what the opcode there does.

    Parameters
    ----------
    offsets
        Offsets of uses of a trace of the stream at ``start``.
    arrays
        The raw arrays of that trace, to step over.
    """
    pass_ = _Pass(data, frozenset(offsets), {array.start: array for array in arrays}, budget_opcodes)
    with suppress(LookupError, ValueError, StructError):  # the stream ends in a way that the walk reports
        pass_.run(start)
    return pass_.found


class _Value(str):
    """An expression; ``items`` is what stands between the parentheses if it is a tuple."""

    __slots__ = ("items",)
    items: str | None

    def __new__(cls, text: str, items: str | None = None) -> Self:
        value = super().__new__(cls, text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
        value.items = items
        return value


_UNKNOWN = _Value("<loader-supplied>")


class _Pass(Stack[_Value]):
    def __init__(self, data: Buffer, offsets: frozenset[int], arrays: dict[int, RawArray], budget: int) -> None:
        self.data, self.end, self.offsets, self.arrays, self.budget = data, len(data), offsets, arrays, budget
        self.found: dict[int, str] = {}
        self.protocol = self.at = 0

    def run(self, start: int) -> int:
        """Execute one stream; return its end."""
        self.clear()
        pos = start
        while self.budget > 0 and len(self.found) < len(self.offsets):
            self.budget -= 1
            reads = pieces(self.data, pos, self.end)
            name, after = NAMES[self.data[pos]], reads[-1][1] if reads else pos + 1
            if name == "STOP":
                return after
            shown = self.step(name, pos, *(reads[-1] if reads else (after, after)))
            if pos in self.offsets:
                self.found.setdefault(pos, inert(shown, _LONGEST))
            pos = self.skip(after) if name == "BUILD" else after
        return pos

    def skip(self, pos: int) -> int:
        """Step over the array that begins at ``pos``, if one does; through it if it is a pickle."""
        array = self.arrays.get(pos)
        if array is None:
            return pos
        if array.nested:
            outer = self.stack, self.levels, self.memo
            self.run(pos)
            self.stack, self.levels, self.memo = outer
        return array.end

    def step(self, name: str, at: int, start: int, stop: int) -> str:
        """Execute one opcode with the argument ``data[start:stop]``; return what it does."""
        self.at = at
        if name in _SPECIAL:
            return _SPECIAL[name](self, name, start, stop)
        if name in _STRINGS:
            text = literal(self.data, at, self.end)
            return self.push("<text>" if text is None else repr(text[:_LONGEST]))
        if name in _BYTES:
            return self.push(repr(bytes(self.data[start : min(stop, start + 60)])))
        if name in _NUMBERS:
            return self.push(repr(unpack(_NUMBERS[name], self.data[start:stop])[0]))
        if name in ("INT", "LONG", "FLOAT"):
            return self.push(self.text(start, stop) or "0")
        if name in _CONSTANTS:
            return self.push(_CONSTANTS[name])
        return self.push(f"<{name.lower()}>") if name in ("LONG1", "LONG4") else ""

    def text(self, start: int, stop: int) -> str:
        return str(bytes(self.data[start : min(stop - 1, start + _LONGEST)]), "utf-8", "backslashreplace")

    def push(self, text: str, items: str | None = None) -> _Value:
        self.stack.append(_Value(text, items))
        return self.stack[-1]

    def put(self, name: str, start: int, stop: int) -> str:
        index = len(self.memo) if name == "MEMOIZE" else self.number(name, start, stop)
        self.memo[index] = self.stack[-1]
        return ""

    def get(self, name: str, start: int, stop: int) -> str:
        self.stack.append(self.memo.get(self.number(name, start, stop), _UNKNOWN))
        return self.stack[-1]

    def number(self, name: str, start: int, stop: int) -> int:
        return int(self.text(start, stop)) if name in ("GET", "PUT") else int.from_bytes(self.data[start:stop], "little")

    def proto(self, _name: str, start: int, _stop: int) -> str:
        self.protocol = self.data[start]
        return ""

    def mark(self, _name: str, _start: int, _stop: int) -> str:
        self.levels.append(self.stack)
        self.stack = []
        return ""

    def pop_one(self, _name: str, _start: int, _stop: int) -> str:
        if self.stack:
            self.stack.pop()
        else:
            self.stack = self.levels.pop()
        return ""

    def pop_mark(self, _name: str, _start: int, _stop: int) -> str:
        self.to_mark()
        return ""

    def dup(self, _name: str, _start: int, _stop: int) -> str:
        self.stack.append(self.stack[-1])
        return ""

    def tuple_(self, name: str, _start: int, _stop: int) -> str:
        items = self.to_mark() if name == "TUPLE" else self.pop({"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}[name])
        inner = _listed(items)
        return self.push(f"({inner},)" if len(items) == 1 else f"({inner})", inner)

    def container(self, name: str, _start: int, _stop: int) -> str:
        items = self.to_mark()
        if name == "DICT":
            return self.push("{" + _paired(items) + "}")
        return self.push({"LIST": "[%s]", "FROZENSET": "frozenset([%s])"}[name] % _listed(items))

    def fill(self, name: str, _start: int, _stop: int) -> str:
        """APPEND(S), SETITEM(S), ADDITEMS."""
        items = self.pop({"APPEND": 1, "SETITEM": 2}[name]) if name in ("APPEND", "SETITEM") else self.to_mark()
        target = self.stack[-1]
        inner = _paired(items) if name.startswith("SETITEM") else _listed(items)
        if target[:1] in ("[", "{"):
            self.stack[-1] = _Value(target[:-1] + (", " if len(target) > 2 else "") + inner + target[-1])
        return str(target) + _FILLING[name] % inner

    def global_(self, name: str, start: int, stop: int) -> str:
        if name == "STACK_GLOBAL":
            module, attribute = (str(v)[1:-1] if v[:1] in ("'", '"') else f"<{v}>" for v in self.pop(2))
        else:
            module, attribute = self.text(self.at + 1, start), self.text(start, stop)
        shown = ".".join(resolve(module, attribute, self.protocol))
        self.push(shown if shown.replace(".", "").isidentifier() else f"import({module!r}, {attribute!r})")
        if name != "INST":
            return self.stack[-1]
        callee = self.stack.pop()
        return self.push(f"{callee}({_listed(self.to_mark())})")

    def obj(self, _name: str, _start: int, _stop: int) -> str:
        callee, *items = self.to_mark()
        return self.push(f"{callee}({_listed(items)})")

    def call(self, name: str, _start: int, _stop: int) -> str:
        """REDUCE, NEWOBJ, NEWOBJ_EX."""
        callee, arguments, *keywords = self.pop(3 if name == "NEWOBJ_EX" else 2)
        inner = [f"*{arguments}" if arguments.items is None else arguments.items, *(f"**{value}" for value in keywords)]
        if name != "REDUCE":
            inner.insert(0, callee)
        return self.push(f"{callee}{'' if name == 'REDUCE' else '.__new__'}({', '.join(filter(None, inner))})")

    def build(self, _name: str, _start: int, _stop: int) -> str:
        (state,) = self.pop(1)
        return f"{self.stack[-1]}.__setstate__({state})"

    def supplied(self, name: str, start: int, stop: int) -> str:
        """EXT1/2/4, NEXT_BUFFER, PERSID, BINPERSID."""
        if name == "BINPERSID":
            return self.push(f"persistent_load({self.pop(1)[0]})")
        if name == "PERSID":
            return self.push(f"persistent_load({self.text(start, stop)!r})")
        return self.push("next(buffers)" if name == "NEXT_BUFFER" else f"extension({int.from_bytes(self.data[start:stop], 'little')})")


def _listed(items: Sequence[_Value]) -> str:
    shown = ", ".join(items[:_MOST_ITEMS])
    return _cut(shown + ", …" if len(items) > _MOST_ITEMS else shown)


def _paired(items: list[_Value]) -> str:
    pairs: Iterable[str] = (f"{key}: {value}" for key, value in zip(items[: 2 * _MOST_ITEMS : 2], items[1 : 2 * _MOST_ITEMS : 2], strict=False))
    return _cut(", ".join(pairs) + (", …" if len(items) > 2 * _MOST_ITEMS else ""))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


_FILLING = {"APPEND": ".append(%s)", "APPENDS": ".extend([%s])", "ADDITEMS": ".update([%s])", "SETITEM": ".update({%s})", "SETITEMS": ".update({%s})"}
_SPECIAL: dict[str, Callable[[_Pass, str, int, int], str]] = {
    "PUT": _Pass.put, "BINPUT": _Pass.put, "LONG_BINPUT": _Pass.put, "MEMOIZE": _Pass.put,
    "GET": _Pass.get, "BINGET": _Pass.get, "LONG_BINGET": _Pass.get,
    "PROTO": _Pass.proto, "MARK": _Pass.mark, "POP": _Pass.pop_one, "POP_MARK": _Pass.pop_mark, "DUP": _Pass.dup,
    "EMPTY_TUPLE": _Pass.tuple_, "TUPLE1": _Pass.tuple_, "TUPLE2": _Pass.tuple_, "TUPLE3": _Pass.tuple_, "TUPLE": _Pass.tuple_,
    "LIST": _Pass.container, "DICT": _Pass.container, "FROZENSET": _Pass.container,
    "APPEND": _Pass.fill, "APPENDS": _Pass.fill, "SETITEM": _Pass.fill, "SETITEMS": _Pass.fill, "ADDITEMS": _Pass.fill,
    "GLOBAL": _Pass.global_, "INST": _Pass.global_, "STACK_GLOBAL": _Pass.global_, "OBJ": _Pass.obj,
    "REDUCE": _Pass.call, "NEWOBJ": _Pass.call, "NEWOBJ_EX": _Pass.call, "BUILD": _Pass.build,
    "EXT1": _Pass.supplied, "EXT2": _Pass.supplied, "EXT4": _Pass.supplied, "NEXT_BUFFER": _Pass.supplied,
    "PERSID": _Pass.supplied, "BINPERSID": _Pass.supplied,
}  # fmt: skip

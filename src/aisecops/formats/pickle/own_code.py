"""Where a stream hands an instance of a class by value to something that may ask it a question while it loads: ``str(instance)`` runs its ``__str__``.

A second pass, for the few streams that build a class by value, and one that verdicts rest on. It follows which values are such instances, or hold one. What calls
are harmless with them is a short list: those that make functions and classes by value keep what they are given, if it stands where they only keep it.
A stream that does what no pickler writes counts as one that asks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from struct import error as StructError  # noqa: N812
from typing import ClassVar, NamedTuple

from aisecops.formats.pickle.names import literal, resolve
from aisecops.formats.pickle.opcodes import NAMES, pieces
from aisecops.formats.pickle.stack import Steps
from aisecops.formats.pickle.trace import Buffer, RawArray

_BUDGET = 1_000_000
"""Opcodes of one stream that are followed."""
_SEARCHED = 1_000_000
"""Values that all arguments of a stream are searched through, together."""
_ATOMS = frozenset(
    "STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8 INT LONG LONG1 LONG4 FLOAT BINFLOAT "
    "BININT BININT1 BININT2 NEWTRUE NEWFALSE PERSID".split()
)
_KEEPERS = frozenset({"_make_cell", "_create_cell", "partial"})
"""They keep their argument, whatever it is."""
_FUNCTION_MAKERS = frozenset({"_make_function", "_make_skel_func", "_create_function", "FunctionType"})
_CLASS_TYPES = frozenset({"type", "TypeType", "ClassType", "object", "ObjectType"})
"""Names of ``types`` and of dill's registry whose result makes classes when it is called, or instances."""


class OwnCode(NamedTuple):
    """What a stream does with the classes that it brings along.

    ``asked``: what it hands their instances to, as text; empty where it only keeps them. ``hashes``: whether it may give one of them a ``__hash__`` (that a class has
    none, as those of ``dataclass``, is written as ``None``).
    """

    asked: tuple[str, ...]
    hashes: bool


def own_code(
    data: Buffer, start: int, by_value: Callable[[str, str], bool], reads: Callable[[str, str], bool], *, arrays: Collection[RawArray] = ()
) -> OwnCode:
    """Follow the stream at ``start``, which makes classes by value.

    Parameters
    ----------
    by_value
        Called with the names of a callable, as they resolve: whether it makes functions and classes by value.
    reads
        Called with the names of a class, as they resolve: whether it is known to look into the state that its instances are given.
    arrays
        The raw arrays of that stream's trace, to step over.
    """
    pass_ = _Pass(data, by_value, reads, {array.start: array for array in arrays})
    try:
        pass_.run(start)
    except (LookupError, ValueError, StructError):
        return OwnCode((*pass_.found, "what no pickler writes"), hashes=True)
    pass_.conclude()
    return OwnCode(tuple(pass_.found), pass_.hashes)


class _Value:
    """Something on the stack: what it holds, and what it is.

    ``own``: an instance of a class by value. ``makes``: calling it, or making an instance of it, may give one. ``tuple_``: made by TUPLE. ``named``: a callable
    of the stream. ``maker``: the callable whose call made it, or the class that it is an instance of; ``called``: it was the former. ``text``: of a literal.
    """

    __slots__ = ("called", "held", "maker", "makes", "named", "own", "text", "tuple_")

    def __init__(self, held: Sequence[_Value] = (), *, tuple_: bool = False, text: str | None = None, named: tuple[str, str] | None = None) -> None:
        self.held = list(held)
        self.tuple_, self.text, self.named = tuple_, text, named
        self.maker: tuple[str, str] | None = None
        self.own = self.makes = self.called = False


_ATOM, _NONE = _Value(), _Value()
_PLAIN_MAKERS = _KEEPERS | {
    "_reconstruct",
    "_reconstructor",
    "__newobj__",
    "__newobj_ex__",
    "OrderedDict",
    "defaultdict",
    "Namespace",
    "SimpleNamespace",
}
"""What they make keeps its state as it is."""
_PLAIN_HOLDERS = frozenset({"collections", "builtins", "_collections"})


class _Pass(Steps[_Value]):
    def __init__(self, data: Buffer, by_value: Callable[[str, str], bool], reads: Callable[[str, str], bool], arrays: dict[int, RawArray]) -> None:
        self.data, self.end, self.by_value, self.reads, self.arrays = data, len(data), by_value, reads, arrays
        self.found: dict[str, None] = {}
        self.own = self.hashes = False
        self.keys = self.slots = self.states = self.properties = False
        """Whether an instance was used as a key, was given state by name, was given any state; and whether a property was made."""
        self.texts: set[str] = set()
        """The special names among the texts."""
        self.protocol = 0
        self.searches = _SEARCHED
        self.clear()

    def run(self, start: int) -> None:
        """Execute one stream to its STOP. Raises ``LookupError`` where it cannot be followed."""
        pos = start
        for _ in range(_BUDGET):
            name, reads = NAMES[self.data[pos]], pieces(self.data, pos, self.end)
            after = reads[-1][1] if reads else pos + 1
            if name == "STOP" or after > self.end:
                return
            if name in _ATOMS:
                text = literal(self.data, pos, self.end) if "UNICODE" in name or "STRING" in name else None
                self.stack.append(_ATOM if text is None else _Value(text=text))
                if text is not None and text.startswith("__"):
                    self.texts.add(text)
            elif name == "NONE":
                self.stack.append(_NONE)
            else:
                self._STEPS[name](self, name, pos, *(reads[-1] if reads else (after, after)))
            pos = self.skip(after) if name == "BUILD" else after
        raise LookupError

    def conclude(self) -> None:
        """Find what several places of the stream only do together."""
        descriptors = self.properties or bool(self.texts & {"__get__", "__set__"})
        if self.keys and "__eq__" in self.texts:
            self.found["its own comparison, as keys"] = None
        if descriptors and (self.slots or (self.states and "__dict__" in self.texts)):
            self.found["its own properties"] = None

    def keyed(self, keys: Sequence[_Value], values: Sequence[_Value]) -> None:
        """Note what a dictionary or a set does with its keys."""
        before = dict(self.found)
        self.ask("", keys, directly=True)
        self.keys |= self.found != before
        self.found = before
        self.hashes |= any(key.text == "__hash__" and value is not _NONE for key, value in zip(keys, values, strict=True))
        self.listed(values)

    def listed(self, values: Sequence[_Value]) -> None:
        """Note the name ``__hash__`` where it is no key."""
        self.hashes |= any(value.text == "__hash__" for value in values)

    def skip(self, pos: int) -> int:
        """Step over the array that begins at ``pos``, if one does, as joblib reads it in the place of its wrapper. Raises ``LookupError`` if it is a pickle."""
        array = self.arrays.get(pos)
        if array is None:
            return pos
        if array.nested:
            raise LookupError
        self.stack[-1] = _ATOM
        return array.end

    def nothing(self, name: str, _at: int, start: int, *_: int) -> None:
        if name == "PROTO":
            self.protocol = self.data[start]

    def tuple_(self, name: str, *_: object) -> None:
        items = self.to_mark() if name == "TUPLE" else self.pop({"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}[name])
        self.listed(items)
        self.stack.append(_Value(items, tuple_=True))

    def container(self, name: str, *_: object) -> None:
        items = self.to_mark()
        self.added(name, items)
        self.stack.append(_Value(items))

    def added(self, name: str, items: list[_Value]) -> None:
        """Note what becomes of items."""
        if name in ("SETITEM", "SETITEMS", "DICT"):
            self.keyed(items[::2], items[1::2])
        elif name in ("ADDITEMS", "FROZENSET"):
            self.keyed(items, [_ATOM] * len(items))
        else:
            self.listed(items)

    def empty(self, *_: object) -> None:
        self.stack.append(_Value())

    def fill(self, name: str, *_: object) -> None:
        """APPEND(S), SETITEM(S), ADDITEMS."""
        items = self.pop({"APPEND": 1, "SETITEM": 2}[name]) if name in ("APPEND", "SETITEM") else self.to_mark()
        target = self.stack[-1]
        self.added(name, items)
        if target.own:
            self.found["its own methods that add items"] = None
        if target.maker and target.maker[0] not in _PLAIN_HOLDERS and any(item.own for item in items):
            self.found[".".join(target.maker)] = None
        target.held += items

    def named(self, name: str, at: int, start: int, stop: int) -> None:
        """GLOBAL, STACK_GLOBAL."""
        if name == "GLOBAL":
            module, attribute = (str(bytes(self.data[a:b]), "utf-8") for a, b in ((at + 1, start - 1), (start, stop - 1)))
        else:
            texts = [value.text for value in self.pop(2)]
            if texts[0] is None or texts[1] is None:
                raise LookupError
            module, attribute = texts[0], texts[1]
        self.stack.append(_Value(named=resolve(module, attribute, self.protocol)))

    def call(self, name: str, *_: object) -> None:
        """REDUCE, NEWOBJ, NEWOBJ_EX."""
        callee, *arguments = self.pop(3 if name == "NEWOBJ_EX" else 2)
        made = _Value(arguments)
        made.maker, made.called = callee.named, name == "REDUCE"
        if callee.named is None:
            made.own = callee.makes and name != "REDUCE"
            made.makes = callee.makes
            self.ask("its own class", arguments, directly=False)
        elif self.by_value(*callee.named):
            self.keep(callee.named, arguments)
            self.properties |= callee.named[1] == "property"
            made.makes = self.makes_classes(callee.named[1], arguments)
        else:
            made.own = any(argument.makes for argument in self.items(arguments)) and callee.named[1] not in _KEEPERS
            if callee.named[1] not in _KEEPERS:
                self.ask(".".join(callee.named), arguments, directly=callee.named[1] == "_create_array")
            if callee.named[1] == "_create_array" and any(item.makes for argument in self.items(arguments) for item in (argument, *argument.held)):
                self.found["its own kind of array"] = None
        self.own |= made.own
        self.stack.append(made)

    def makes_classes(self, name: str, arguments: list[_Value]) -> bool:
        """Whether a callable that makes things by value has made a class, or what makes one."""
        items = list(self.items(arguments))
        if name in ("_builtin_type", "_load_type"):
            return not items or items[0].text is None or items[0].text in _CLASS_TYPES
        return "class" in name or "type" in name or "enum" in name or "import" in name

    def keep(self, named: tuple[str, str], arguments: list[_Value]) -> None:
        """What makes functions and classes by value keeps instances in dictionaries, cells and defaults; anywhere else it takes them apart."""
        if named[1] in _KEEPERS:
            return
        items = list(self.items(arguments))
        if named[1] in _FUNCTION_MAKERS:  # defaults and closures are tuples that they keep
            arguments = [item for item in items if item.own]
        self.ask(".".join(named), arguments, directly=True)
        states = items[1].held if len(items) > 1 and items[1].tuple_ else ()
        if "function" in named[1] and any(value.own for state in states[1:] for value in state.held):
            self.found[".".join(named)] = None
        for state in states:
            keys = {value.text for value in state.held[::2]}
            for key, value in zip(state.held[::2], state.held[1::2], strict=False):
                if key.text == "_abc_impl" and ("register" in keys or value.own):
                    self.found["its own register"] = None
                elif value.own and (key.text or "__").startswith("__"):
                    self.found[".".join(named)] = None

    def items(self, arguments: list[_Value]) -> Iterator[_Value]:
        """The items of an argument tuple."""
        for argument in arguments:
            yield from argument.held

    def ask(self, what: str, values: Sequence[_Value], *, directly: bool) -> None:
        """Note ``what`` if ``values`` hold an instance: anywhere, or (``directly``) where only tuples stand around it. Raises ``LookupError`` after too many."""
        if not self.own:
            return
        waiting, seen = list(values), set[int]()
        while waiting:
            value = waiting.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            self.searches -= 1
            if self.searches < 0:
                raise LookupError
            if value.own:
                self.found[what] = None
                return
            if not directly or value.tuple_:
                waiting += value.held

    def build(self, *_: object) -> None:
        (state,) = self.pop(1)
        target = self.stack[-1]
        self.listed([state])
        if target.own or target.makes:
            self.states = True
            self.slots |= state.tuple_
        if not target.own:
            self.ask(".".join(target.maker or ("a state",)), self.read(target, state), directly=not self.looks(target))
        target.held.append(state)

    def read(self, target: _Value, state: _Value) -> list[_Value]:
        """What of ``state`` is looked at while it is set: of a partial function, not what it will call."""
        if target.maker and target.maker[1] == "partial":
            return [value for value in state.held[1:] if value.own]
        compared = [value for key, value in zip(state.held[::2], state.held[1::2], strict=False) if key.text == "_sklearn_version"]
        return [state, *compared]

    def looks(self, target: _Value) -> bool:
        """Whether ``target`` looks into its state however deep, as compiled types do; arrays and plain instances keep what they are given."""
        if target.maker is None or target.maker[1] in _PLAIN_MAKERS:
            return False
        return target.called or self.reads(*target.maker)

    def supplied(self, *_: object) -> None:
        """BINPERSID: an object that the loader supplies."""
        self.ask("a persistent id", self.pop(1), directly=False)
        self.stack.append(_Value())

    _STEPS: ClassVar[dict[str, Callable[..., None]]] = {
        **Steps.MOVES, "PROTO": nothing, "FRAME": nothing,
        "EMPTY_TUPLE": tuple_, "TUPLE1": tuple_, "TUPLE2": tuple_, "TUPLE3": tuple_, "TUPLE": tuple_,
        "EMPTY_DICT": empty, "EMPTY_LIST": empty, "EMPTY_SET": empty, "LIST": container, "DICT": container, "FROZENSET": container,
        "APPEND": fill, "APPENDS": fill, "SETITEM": fill, "SETITEMS": fill, "ADDITEMS": fill,
        "GLOBAL": named, "STACK_GLOBAL": named, "REDUCE": call, "NEWOBJ": call, "NEWOBJ_EX": call, "BUILD": build, "BINPERSID": supplied,
    }  # fmt: skip
    """Opcodes that are not here (INST, OBJ, EXT, buffers) end the pass: whoever writes these beside classes by value has something else in mind."""

"""The stack of a stream, its marks and its memo, for passes that follow what the values on it are: each says itself what a value is."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from aisecops.formats.pickle.trace import Buffer

V = TypeVar("V")


class Stack(Generic[V]):
    """Values, and below each mark those that were there before. Raises ``LookupError`` where a stream takes what is not there."""

    stack: list[V]
    levels: list[list[V]]
    memo: dict[int, V]

    def clear(self) -> None:
        """Begin a stream."""
        self.stack, self.levels, self.memo = [], [], {}

    def to_mark(self) -> list[V]:
        """Pop the values down to the last mark, and the mark."""
        popped, self.stack = self.stack, self.levels.pop()
        return popped

    def pop(self, count: int) -> list[V]:
        """Pop ``count`` values, in the order of their pushing."""
        if len(self.stack) < count:
            raise LookupError
        popped = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return popped


class Steps(Stack[V]):
    """The opcodes that move values and make none, as steps of a pass: each takes the opcode's name, its offset, and where its argument begins and ends."""

    data: Buffer

    def mark(self, *_: object) -> None:
        """MARK."""
        self.levels.append(self.stack)
        self.stack = []

    def drop(self, name: str, *_: object) -> None:
        """POP, POP_MARK."""
        if name == "POP" and self.stack:
            self.stack.pop()
        else:
            self.stack = self.levels.pop()

    def double(self, *_: object) -> None:
        """DUP."""
        self.stack.append(self.stack[-1])

    def put(self, name: str, _at: int, start: int, stop: int) -> None:
        """PUT, BINPUT, LONG_BINPUT, MEMOIZE."""
        self.memo[len(self.memo) if name == "MEMOIZE" else self.number(name, start, stop)] = self.stack[-1]

    def get(self, name: str, _at: int, start: int, stop: int) -> None:
        """GET, BINGET, LONG_BINGET."""
        self.stack.append(self.memo[self.number(name, start, stop)])

    def number(self, name: str, start: int, stop: int) -> int:
        """The number of an entry of the memo; written as text, digits alone, since loaders read anything else in several ways."""
        raw = bytes(self.data[start:stop])
        if name not in ("GET", "PUT"):
            return int.from_bytes(raw, "little")
        if not raw[:-1].isdigit():
            raise LookupError
        return int(raw)

    MOVES: ClassVar[dict[str, Callable[..., None]]] = {
        "MARK": mark, "POP": drop, "POP_MARK": drop, "DUP": double,
        "PUT": put, "BINPUT": put, "LONG_BINPUT": put, "MEMOIZE": put, "GET": get, "BINGET": get, "LONG_BINGET": get,
    }  # fmt: skip

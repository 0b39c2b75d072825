"""What the twins of hostile files call: it takes note, and does nothing else. Imported only by ``fire.py``, in a process of its own."""

from __future__ import annotations

from typing import Any, Self

FIRED: list[Any] = []


def fire(*arguments: Any, **keywords: Any) -> int:
    FIRED.append(arguments or keywords)
    return 0


class Made:
    """Takes note of each way in which a pickle can make an object."""

    def __new__(cls, *arguments: Any, **keywords: Any) -> Self:
        fire(cls, *arguments)
        return super().__new__(cls)


class Stated:
    def __setstate__(self, state: Any) -> None:
        fire(state)


class Started:
    def __init__(self, *arguments: Any) -> None:
        fire(*arguments)

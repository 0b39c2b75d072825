"""Texts that a program puts together so that nobody finds them by searching."""

from __future__ import annotations

import ast
import base64
import binascii
import codecs

_DEPTH = 12
_LONGEST = 400


def is_assembled(node: ast.AST) -> bool:
    """Whether ``node`` is a text that is put together of constants: a name that could have been written as it is."""
    return not isinstance(node, ast.Constant) and folded(node) is not None


def folded(node: ast.AST, depth: int = _DEPTH) -> str | None:
    """Return the text that ``node`` makes of constants alone; None if it is none."""
    if depth <= 0:
        return None
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bytes):
            return value.decode("latin-1")[:_LONGEST]
        return value[:_LONGEST] if isinstance(value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([folded(node.left, depth - 1), folded(node.right, depth - 1)])
    if isinstance(node, ast.JoinedStr):
        return _joined([folded(part.value if isinstance(part, ast.FormattedValue) else part, depth - 1) for part in node.values])
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        text = folded(node.value, depth - 1)
        step = node.slice.step
        turned = (
            isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub) and isinstance(step.operand, ast.Constant) and step.operand.value == 1
        )
        return text[::-1] if text is not None and turned and node.slice.lower is None and node.slice.upper is None else None
    return _called(node, depth) if isinstance(node, ast.Call) else None


def _called(node: ast.Call, depth: int) -> str | None:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    first = node.args[0] if node.args else None
    if name == "chr" and isinstance(first, ast.Constant) and isinstance(first.value, int) and 0 <= first.value < 0x110000:
        return chr(first.value)
    if name == "join" and isinstance(function, ast.Attribute) and folded(function.value, depth - 1) == "":
        if isinstance(first, (ast.List, ast.Tuple)):
            return _joined([folded(item, depth - 1) for item in first.elts[:_LONGEST]])
        return _characters(first)
    if name == "decode" and isinstance(function, ast.Attribute) and not (isinstance(function.value, ast.Name) and function.value.id == "codecs"):
        return folded(function.value, depth - 1)
    text = folded(first, depth - 1) if first is not None else None
    if text is None:
        return None
    try:
        if name in ("b64decode", "standard_b64decode", "urlsafe_b64decode"):
            return base64.b64decode(text, validate=True).decode("latin-1")
        if name in ("fromhex", "unhexlify", "a2b_hex"):
            return binascii.unhexlify(text.replace(" ", "")).decode("latin-1")
        if name == "decode" and len(node.args) > 1 and folded(node.args[1], depth - 1) in ("rot13", "rot_13"):
            return codecs.decode(text, "rot13")
    except (ValueError, binascii.Error):
        return None
    return text[::-1] if name == "reversed" else None


def _characters(node: ast.expr | None) -> str | None:
    """The text of ``chr(c) for c in (101, 120)`` and of ``map(chr, (101, 120))``."""
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)) and len(node.generators) == 1:
        made, numbers = node.elt, node.generators[0].iter
        name = made.func.id if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) else ""
        plain = isinstance(made, ast.Call) and len(made.args) == 1 and isinstance(made.args[0], ast.Name)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "map" and len(node.args) == 2:
        name, numbers, plain = getattr(node.args[0], "id", ""), node.args[1], True
    else:
        return None
    if name != "chr" or not plain or not isinstance(numbers, (ast.List, ast.Tuple)):
        return None
    codes = [item.value if isinstance(item, ast.Constant) and isinstance(item.value, int) else -1 for item in numbers.elts[:_LONGEST]]
    return "".join(map(chr, codes)) if all(0 <= code < 0x110000 for code in codes) else None


def _joined(pieces: list[str | None]) -> str | None:
    return None if None in pieces else "".join(piece for piece in pieces if piece is not None)[:_LONGEST]

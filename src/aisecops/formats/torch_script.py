"""What the code in a TorchScript archive calls that reaches beyond tensors.

The code under ``code/`` is text that torch compiles and runs on its own interpreter: it cannot import, but operators that read and write files are within its
reach (``torch.save(x, "/home/me/.ssh/authorized_keys")``, ``torch.from_file``, ``ops.image.write_file``).
"""

from __future__ import annotations

import re

_BLANKED = re.compile(rb"\"(?:\\.|[^\"\\\n])*+\"?|'(?:\\.|[^'\\\n])*+'?|#[^\n]*+|\\\n")
"""Strings, comments and joined lines, which may stand between the words of a call, or look like one."""
_CALL = re.compile(rb"\.\s*+(?P<name>\w++)(?=\s*+\()")
_OWNER = re.compile(rb"[\w.]*\Z")
_FILES = frozenset((b"save", b"load", b"from_file", b"open", b"popen", b"system"))


def file_operators(code: bytes) -> dict[str, int]:
    """Return the operators in ``code`` that read or write files, each with the offset of its first call.

    They are known by their last name, as no method of a tensor or module has it: what stands in front may be a variable that was made equal to ``torch``.
    """
    code = _BLANKED.sub(lambda found: b" " * len(found[0]), code)
    found: dict[str, int] = {}
    for match in _CALL.finditer(code):
        name = match["name"]
        if name in _FILES or b"_file" in name or name.startswith((b"write_", b"exec")):
            owner = _OWNER.search(code[max(match.start() - 60, 0) : match.start()])
            shown = (owner[0] if owner else b"") + b"." + name
            found.setdefault(shown.decode("ascii", "backslashreplace"), match.start())
    return found

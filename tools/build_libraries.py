"""Compile what we know of libraries: from the YAML that people read to the JSON that a scan loads without a YAML parser.

Run it after every change of a file in ``src/aisecops/knowledge/libraries/``: ``python tools/build_libraries.py``. A test fails while the two disagree.
A file that is wrong is named and left out, and the exit status is 1.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator

import msgspec

from aisecops.core.errors import UserError
from aisecops.knowledge import libraries
from aisecops.knowledge.libraries.index import tables
from aisecops.knowledge.libraries.model import Entry
from aisecops.knowledge.libraries.written import WrittenLibrary, compiled_library, parse_library

FOLDER = os.path.dirname(libraries.__file__)


def sources() -> list[str]:
    """The YAML files, by name."""
    return sorted(os.path.join(FOLDER, name) for name in os.listdir(FOLDER) if name.endswith(".yaml"))


def read(path: str) -> WrittenLibrary:
    """Read the file at ``path``; its name is the library's."""
    with open(path, "rb") as file:
        library = parse_library(file.read(), os.path.relpath(path))
    if library.library != os.path.basename(path).removesuffix(".yaml"):
        raise UserError(f"`library: {library.library}` is not the file's name", where=os.path.relpath(path), fix="make them the same")
    return library


def compiled(paths: list[str], errors: list[UserError]) -> tuple[bytes, bytes]:
    """Return the contents of ``libraries.json`` and ``digest``. What is wrong goes to ``errors``."""
    entries: list[Entry] = []
    ids: dict[str, str] = {}
    for path in paths:
        try:
            added = compiled_library(read(path))
            tables(enumerate(added))
            for entry in added:
                if entry.id in ids:
                    raise UserError(f"`{entry.id}` is in {ids[entry.id]} already", where=os.path.relpath(path), fix="give it an `id:` of its own")
                ids[entry.id] = os.path.basename(path)
        except UserError as wrong:
            errors.append(wrong)
        except ValueError as wrong:
            errors.append(UserError(str(wrong), where=os.path.relpath(path), fix="name the first or the last part"))
        else:
            entries += added
    text = "\n".join(_lines(entries)).encode()
    return text, hashlib.sha256(text).hexdigest().encode() + b"\n"


def _lines(entries: list[Entry]) -> Iterator[str]:
    """Yield the JSON, one entry or path a line, so that a change is seen in review."""
    yield '{"tables":{'
    found = tables(enumerate(entries))
    for form, table in found.items():
        yield f'"{form}":{{"exact":{{'
        yield ",\n".join(f'"{path}":{msgspec.json.encode(numbers).decode()}' for path, numbers in table.exact.items())
        yield '},"wild":['
        yield ",\n".join(msgspec.json.encode(pair).decode() for pair in table.wild)
        yield "]}" + ("," if form != list(found)[-1] else "")
    yield '},"entries":['
    yield ",\n".join(msgspec.json.encode(entry).decode() for entry in entries)
    yield "]}\n"


def main() -> int:
    """Write the compiled files."""
    errors: list[UserError] = []
    text, digest = compiled(sources(), errors)
    for name, content in (("libraries.json", text), ("digest", digest)):
        path = os.path.join(FOLDER, "data", name)
        with open(f"{path}.{os.getpid()}", "wb") as file:
            file.write(content)
        os.replace(file.name, path)
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

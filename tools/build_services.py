"""Compile what we know of services: from the YAML that people read to the JSON that a scan loads without a YAML parser.

Run it after every change of a file in ``src/aisecops/knowledge/services/``: ``python tools/build_services.py``. A test fails while the two disagree.
A file that is wrong is named and left out, and the exit status is 1.
"""

from __future__ import annotations

import hashlib
import os
import sys

import msgspec

from aisecops.core.errors import UserError
from aisecops.knowledge import services
from aisecops.knowledge.services.model import Service
from aisecops.knowledge.services.written import WrittenService, parse_services
from aisecops.knowledge.services.written import compiled as compiled_service

FOLDER = os.path.dirname(services.__file__)


def sources() -> list[str]:
    """The YAML files, by name."""
    return sorted(os.path.join(FOLDER, name) for name in os.listdir(FOLDER) if name.endswith(".yaml"))


def read(path: str) -> tuple[WrittenService, ...]:
    """Read the file at ``path``."""
    with open(path, "rb") as file:
        return parse_services(file.read(), os.path.relpath(path)).services


def compiled(paths: list[str], errors: list[UserError]) -> tuple[bytes, bytes]:
    """Return the contents of ``services.json`` and ``digest``. What is wrong goes to ``errors``."""
    found: dict[str, Service] = {}
    for path in paths:
        try:
            for written in read(path):
                if written.service in found:
                    raise UserError(
                        f"`service: {written.service}` is there already",
                        where=os.path.relpath(path),
                        fix="give it another name, or put them together",
                    )
                found[written.service] = compiled_service(written)
        except UserError as wrong:
            errors.append(wrong)
    text = b"[" + b",\n".join(_lines(service) for service in found.values()) + b"]\n"
    return text, hashlib.sha256(text).hexdigest().encode() + b"\n"


def _lines(service: Service) -> bytes:
    """The JSON of a service, one entry a line, so that a change is seen in review."""
    head = msgspec.json.encode(msgspec.structs.replace(service, entries=()))
    entries = b",\n".join(msgspec.json.encode(entry) for entry in service.entries)
    return head[:-1] + b',"entries":[\n' + entries + b"]}"


def main() -> int:
    """Write the compiled files."""
    errors: list[UserError] = []
    text, digest = compiled(sources(), errors)
    for name, content in (("services.json", text), ("digest", digest)):
        path = os.path.join(FOLDER, "data", name)
        with open(f"{path}.{os.getpid()}", "wb") as file:
            file.write(content)
        os.replace(file.name, path)
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

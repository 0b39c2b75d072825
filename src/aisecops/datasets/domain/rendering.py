"""A domain as commented YAML, for a person to edit in ``aisecops.yaml``."""

from __future__ import annotations

from typing import Any

import msgspec

from aisecops.datasets.domain.declaration import Column, Domain

_HEAD = """\
# Which rows could exist: attacks send no others. Found in the data; edit it: what only happened to hold there has to go,
# what the data cannot show has to come in.
#   change: free, immutable, increase-only or decrease-only   down, up: how far from the row's own value (5, or 20%)
#   formula: follows from other columns                       cost, fixed-cost: the price of one unit, of any change
#   group: one-hot with the columns of the same group         personal: true masks the values in reports
"""


def domain_yaml(domain: Domain, indent: int = 0) -> str:
    """Return ``domain`` as the value of the key ``domain``, indented by so many spaces; what comes from the data is quoted as JSON."""
    lines = [*_HEAD.splitlines(), "columns:", *(f"  - {_flow(column)}" for column in domain.columns)]
    if domain.relations:
        lines += ["# These held in every row.", "relations:", *(f"  - {_quoted(relation)}" for relation in domain.relations)]
    else:
        lines += ["# What has to hold in every row, such as:", "#relations:", "#  - in_bytes <= total", '#  - if protocol == "udp" then flags == 0']
    if domain.tolerance != Domain(columns=()).tolerance:
        lines.append(f"tolerance: {domain.tolerance!r}")
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _flow(column: Column) -> str:
    """Return a column on one line: ``{name: duration, low: 0.0, high: 12.5}``."""
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in msgspec.to_builtins(column).items()) + "}"


def _value(value: Any) -> str:
    match value:
        case str():
            return _quoted(value)
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            return repr(value)


def _quoted(text: str) -> str:
    """Return a text so that YAML reads it back as it is: plain where nothing could be misread."""
    plain = text.isidentifier() and text.isascii() and text.lower() not in {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
    return text if plain else msgspec.json.encode(text).decode()

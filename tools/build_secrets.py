"""Compile what we know of secrets: from the YAML that people read to the JSON that a scan loads without a YAML parser.

Run it after every change of a file in ``src/aisecops/knowledge/secrets/``: ``python tools/build_secrets.py``. A test fails while the two disagree.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import yaml

from aisecops.knowledge import secrets
from aisecops.knowledge.secrets import TokenRule, Words

FOLDER = os.path.dirname(secrets.__file__)
FILES = ("machine-learning.yaml", "cloud.yaml", "code-hosting.yaml", "communication.yaml")


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it is written, and the example that tests expand to a random token of its kind."""

    rule: TokenRule
    example: str


def read(name: str) -> Any:
    """Read a YAML file of the folder."""
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


def written() -> Iterator[Written]:
    """Yield the rules in the order of the files: where two match at one place, the first counts."""
    for name in FILES:
        for fields in read(name)["tokens"]:
            example = fields.pop("example")
            fields["prefix"] = [fields["prefix"]] if isinstance(fields["prefix"], str) else fields["prefix"]
            rule = msgspec.convert(fields, TokenRule)
            for part in (rule.pattern, rule.before):
                re.compile(part)
            yield Written(rule, example)


def words() -> Words:
    """Return the word lists: texts are split at white space."""
    fields = {key: value.split() if isinstance(value, str) else value for key, value in read("words.yaml").items()}
    return msgspec.convert(fields, Words)


def trie(prefixes: Iterable[str]) -> str:
    """Return an expression that matches the prefixes: those with one first letter share a branch, so that a search fails early."""
    by_first: dict[str, list[str]] = {}
    for prefix in sorted(set(prefixes)):
        by_first.setdefault(prefix[:1], []).append(prefix[1:])
    if "" in by_first:
        return ""
    branches = []
    for first, rests in by_first.items():
        inner = trie(rests)
        single = len(rests) == 1
        branches.append(re.escape(first) + (re.escape(rests[0]) if single else inner))
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def compiled() -> tuple[bytes, bytes]:
    """Return the contents of ``secrets.json`` and ``digest``."""
    rules = [item.rule for item in written()]
    prefilter = trie(prefix for rule in rules for prefix in rule.prefix)
    text = "\n".join(_lines(prefilter, rules, words())).encode()
    return text, hashlib.sha256(text).hexdigest().encode() + b"\n"


def _lines(prefilter: str, rules: list[TokenRule], lists: Words) -> Iterator[str]:
    """Yield the JSON, one rule or list a line, so that a change is seen in review."""
    encode = msgspec.json.Encoder(order="deterministic").encode
    yield f'{{"prefilter":{encode(prefilter).decode()},'
    yield '"tokens":['
    yield ",\n".join(encode(rule).decode() for rule in rules)
    yield '],"words":{'
    fields = {name: getattr(lists, name) for name in lists.__struct_fields__}
    yield ",\n".join(f'"{name}":{encode(value).decode()}' for name, value in fields.items())
    yield "}}\n"


def main() -> None:
    """Write the compiled files."""
    text, digest = compiled()
    for name, content in (("secrets.json", text), ("digest", digest)):
        path = os.path.join(FOLDER, "data", name)
        with open(f"{path}.{os.getpid()}", "wb") as file:
            file.write(content)
        os.replace(file.name, path)


if __name__ == "__main__":
    main()

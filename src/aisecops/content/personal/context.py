"""The words around a value: they say what nine digits are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from unicodedata import category, normalize

BEFORE, AFTER = 60, 16
"""Characters before and after a value in which a word speaks for it."""


UNDIVIDED = str.maketrans(
    {**dict(zip("\u00f8\u00d8\u0142\u0141\u0131\u0111\u0110", "oOlLidD", strict=True)), "\u00df": "ss", "\u00e6": "ae", "\u00c6": "AE"}
)
"""Letters that no decomposition takes the mark off."""


def folded(text: str) -> str:
    """Return ``text`` in lower case, without accents, for comparing words. Offsets may shift."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in normalize("NFKD", text.translate(UNDIVIDED)) if category(c) != "Mn").lower()


def beside(text: str, start: int, end: int) -> str:
    """Return what stands before and after a value, folded: its own line, as far as it reaches, with the value itself cut out."""
    first = max(text.rfind("\n", max(0, start - BEFORE), start) + 1, start - BEFORE, 0)
    last = text.find("\n", end, end + AFTER)
    return folded(text[first:start]) + " \x00 " + folded(text[end : last if last >= 0 else end + AFTER])


def either(words: Iterable[str]) -> str:
    """Return a pattern of any of ``words`` (folded); underscores and dots separate their parts, too."""
    return "|".join(re.escape(word).replace(r"\ ", "[ _.-]?") for word in words)


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?<![a-z])(?:{either(words)})(?![a-z])")


def names(words: tuple[str, ...], around: str) -> bool:
    """Whether one of ``words`` (folded) stands in ``around`` as a word of its own; underscores and dots separate words."""
    return _pattern(words).search(around) is not None


OTHER_NUMBER = re.compile(
    r"(?i)\b(?:order|ticket|invoice|parcel|case|ref(?:erence)?|tracking|part|serial|batch|article|item|booking|reservation|policy|claim|incident|id|sku|lot|model"
    r"|version|barcode|gift card|voucher|coupon|licen[cs]e key)(?: (?:no|nr|number|id|code)\b)?\.?[:#]?(?: is)? ?#?\Z"
)
"""What has numbers that look like telephone numbers or cards, right before one."""
SIGNERS = (
    "author", "authors", "maintainer", "maintainers", "maintained by", "copyright", "contributor", "contributors", "signed-off-by", "co-authored-by", "reviewed-by",
    "committer", "licensed", "license", "credits", "author_email", "maintainer_email", "author-email", "packager", "reported-by", "acked-by", "tested-by", "suggested-by",
)  # fmt: skip
CREDITS = (
    *SIGNERS, "written by", "developed by", "created by", "bug reports", "report bugs", "thanks to", "home-page", "please contact", "contact", "questions",
    "corresponding", "affiliation", "citation",
)  # fmt: skip
"""Words of those who sign their work: an address beside them is meant to be public."""

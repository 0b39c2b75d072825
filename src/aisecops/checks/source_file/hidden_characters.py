"""Characters that show a reviewer another program than the one that runs."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import EMBEDDED_MALICIOUS_CODE, HIDDEN_FUNCTIONALITY, HOMOGLYPHS, SOFTWARE_SUPPLY_CHAIN
from aisecops.checks.source_file.missing_authentication import is_test
from aisecops.checks.source_file.subject import SourceFile
from aisecops.codebase.appearance import Misleading, misleading, named_letters
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Severity, Stage, Threat
from aisecops.core.text import inert

_MOST = 20
_FIX = "Write the line again by hand, in plain letters, and find out who put it there; let the editor show such characters."


@check(
    id="source-file/hidden-characters",
    title="The code runs as it reads",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("hidden-characters",),
    refs=(HOMOGLYPHS, HIDDEN_FUNCTIONALITY, EMBEDDED_MALICIOUS_CODE, SOFTWARE_SUPPLY_CHAIN),
)
def hidden_characters(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find characters that make code read differently from how it runs.

    What it finds
        Directional controls that stay open to the end of a line, or override its direction, in code, comments and texts: they show the line in another order.
        Names in which letters of another script take the places of Latin ones, and names in styled letters, which Python reads as plain ones (an ``exec`` in bold).

    Why it matters
        A reviewer approves what the screen shows. "Trojan Source" (CVE-2021-42574, 2021) moved a ``return`` out of a comment that way, in nearly every language; a
        function with a look-alike name (CVE-2021-42694) is another function. Malicious packages on PyPI hid ``exec`` behind mathematical letters in 2022.

    Example
        A check of ``is_admin`` that calls a function whose ``a`` is a Cyrillic one.

    How to fix
        Write the line again in plain letters and ask how it came in. Have reviews show invisible characters, and refuse them in continuous integration.

    Limits
        Comments and texts in any language, right-to-left ones with their marks, names in one script throughout and Greek quantities are left alone; so are tests, which
        hold such things on purpose. Invisible characters in texts for models: see text/tool-poisoning.

    References
        CWE-1007, CWE-912; N. Boucher and R. Anderson, Trojan Source: Invisible Vulnerabilities, USENIX Security 2023.
    """
    if is_test(file.asset.path):
        return
    told: dict[tuple[str, str], list[Misleading]] = {}
    for item in misleading(file.text.content, python=file.language == "python"):
        told.setdefault((item.kind, item.text), []).append(item)
    for items in told.values():
        yield _weakness(file, items)


def _weakness(file: SourceFile, items: list[Misleading]) -> Weakness:
    first = items[0]
    return Weakness(
        category="hidden-characters",
        identity=(first.kind, first.text),
        title="A line does not run as it reads" if first.kind == "order" else "A name is not what it looks like",
        message=_message(first),
        severity=Severity.HIGH if first.imitates else Severity.MEDIUM,
        confidence=first.confidence,
        locations=tuple(dict.fromkeys(_place(file, item) for item in items[:_MOST])),
        root_cause=f"hidden-characters: {first.kind}",
        evidence={"kind": first.kind, "reads": inert(first.read, 80)},
        fix=Fix(_FIX),
    )


def _message(item: Misleading) -> str:
    if item.kind == "order":
        return "Directional controls show this line in another order than it runs: what looks like a comment may be code, and the other way round."
    what = f"This name reads as {inert(item.read, 60)} and is written with {named_letters(item.text)}"
    if item.kind == "styled":
        return f"{what}: Python takes it for {inert(item.read, 60)}, a search for that does not find it."
    return f"{what}: it is another name{', and the one that it looks like exists here' if item.imitates else ''}."


def _place(file: SourceFile, item: Misleading) -> Location:
    at = file.text.at(item.offset)
    return Location(path=file.asset.path, line=at.line, column=at.column, cell=at.cell)

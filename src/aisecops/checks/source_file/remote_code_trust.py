"""Code of model repositories that is fetched and run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from aisecops.checks.references import CODE_DOWNLOAD, MODEL_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN, UNTRUSTED_FUNCTIONALITY
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.checks.source_file.trust_declared import NAMED, asked_for, brings_no_code, declared
from aisecops.codebase.dataflow.program import Span
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

_CATEGORY = "remote-code-trust"
_MOST_PLACES = 100
_FIX = (
    'Leave trust_remote_code off; where a model needs its own code, read it and pin the commit that you have read: revision="<40 hexadecimal digits>". '
    "A branch or a shortened hash is no pin."
)


@check(
    id="source-file/remote-code-trust",
    version=3,
    title="No code of model repositories is run unread",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=(_CATEGORY,),
    refs=(UNTRUSTED_FUNCTIONALITY, CODE_DOWNLOAD, MODEL_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN),
)
def remote_code_trust(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find where a program lets the code of model and data repositories run.

    What it finds
        ``trust_remote_code=True`` in calls of any library that knows it, in dictionaries of options, as default of a parameter, a field or a command-line option
        (also ``action="store_false"``), in commands that the program starts; the variables that switch it on for the whole process; ``torch.hub.load`` of a
        repository without a commit or with ``trust_repo=True``; ``custom_pipeline`` of diffusers; downloaded Python that is executed.

    Why it matters
        The repository's Python files run with the rights of this process, in the version that is there today. Its owner, whoever takes the account over, or
        whoever registers a deleted name anew (2025 on a public hub: "model namespace reuse") runs code on every machine that loads the model.

    Example
        ``AutoModel.from_pretrained("someone/model", trust_remote_code=True)``

    How to fix
        Prefer architectures that the library has built in: most models of 2023 that needed their own code no longer do. Else read the code and pin it by the full
        commit hash (``revision``, or ``code_revision`` where weights and code are apart; ``"owner/repository:<hash>"`` for torch.hub).

    Limits
        With a commit of 40 hexadecimal digits nothing is reported: that code can have been read. ``action="store_true"`` leaves the decision to whoever starts the
        program, and is not reported either. Tags of torch.hub repositories are taken for versions.

    References
        CWE-829; CWE-494; MITRE ATLAS AML.T0010.003 (AI Supply Chain Compromise: Model); OWASP LLM03:2025.
    """
    told = list(weaknesses(file, _CATEGORY, lambda hit: None if brings_no_code(hit.path) else hit.entry.severity))
    text = file.text.content.lower()
    places = _places(file, told, text) if "remote" in text and re.search(NAMED, text) else []
    if places and told:
        whole = Fix(told[0].fix.summary if told[0].fix else _FIX)  # edits that leave some of its places as they are would mend nothing
        told[0] = msgspec.structs.replace(told[0], locations=(*told[0].locations, *places)[:_MOST_PLACES], fix=whole)
    elif places:
        told.append(_declaration(places))
    yield from told


def _places(file: SourceFile, told: list[Weakness], text: str) -> list[Location]:
    """Where it is switched on that is not part of a place that is ``told`` already."""
    known = [place for weakness in told for place in weakness.locations]
    nodes = declared(file.module, text) if file.module is not None else []
    places = [file.place(Span(file.asset.path, node, "")) for node in nodes]
    for command in file.commands:
        if asked_for(" ".join(word.text for word in command.words)):
            word = next(word for word in command.words if re.search("trust.remote.code", word.text, re.IGNORECASE))
            places.append(Location(path=file.asset.path, line=word.place.line, column=word.place.column, cell=word.place.cell))
    return [place for place in dict.fromkeys(places) if not any(_covers(other, place) for other in known)]


def _covers(outer: Location, inner: Location) -> bool:
    line = inner.line or 0
    return outer.path == inner.path and outer.cell == inner.cell and (outer.line or 0) <= line <= (outer.end_line or outer.line or 0)


def _declaration(places: list[Location]) -> Weakness:
    return Weakness(
        category=_CATEGORY,
        identity=("declared",),
        title="Code of model repositories may run by default",
        message="trust_remote_code is on here: what is loaded with it downloads Python files of its repository, today's version each time, and runs them.",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        locations=tuple(places[:_MOST_PLACES]),
        root_cause=f"{_CATEGORY}: declared",
        fix=Fix(summary=_FIX),
    )

"""Models, data sets and files that are fetched without saying which version."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from aisecops.checks.references import CODE_DOWNLOAD, MODEL_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN
from aisecops.checks.source_file.fetching import fetched_by_commands, is_offline, local_folders
from aisecops.checks.source_file.handed_over import HandedOver
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import subject_of, weaknesses
from aisecops.checks.source_file.verified import Verification
from aisecops.codebase.dataflow.program import Hit
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

_CATEGORY = "unpinned-artifact"
_ADDRESSES = ("unpinned-artifact:plain-http", "unpinned-artifact:branch")
"""Entries about addresses of files."""
_MOST_PLACES = 100


@check(
    id="source-file/unpinned-artifact",
    title="What is fetched is named by content",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=(_CATEGORY,),
    refs=(CODE_DOWNLOAD, MODEL_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN),
)
def unpinned_artifact(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find models, data sets and weights that are fetched under a name whose content may change.

    What it finds
        Hub ids written into the program (``from_pretrained("owner/model")``, ``load_dataset``, ``hf_hub_download``, ``pipeline(model=...)``) without a revision or
        with a branch or shortened hash; files fetched over plain http; addresses that name a branch (``/resolve/main/``, ``raw.githubusercontent.com/.../main/``);
        the same in commands that the program or notebook starts.

    Why it matters
        The owner, whoever takes the account over, or whoever registers a deleted name anew replaces what every user of that line loads next; results cannot be
        repeated either. In 2023 researchers found more than 1,500 leaked tokens of a public hub, hundreds of them with write access to models in wide use.

    Example
        ``AutoModel.from_pretrained("owner/model", revision="main")``

    How to fix
        ``revision="<40 hexadecimal digits of the commit>"``: only the full hash names the content. For files: https, and compare the SHA-256 with one in the program.

    Limits
        An id that arrives in a variable from outside (an argument, an option, the environment) cannot be pinned where it is used and is not reported. Local folders,
        offline mode, and what is compared with a digest afterwards are not reported. A version tag (``v1.2``) counts as low: it is moved more seldom than a branch.

    References
        CWE-494; CWE-1357; MITRE ATLAS AML.T0010 (AI Supply Chain Compromise); OWASP LLM03:2025.
    """
    if file.module is None:
        yield from _of_commands(file)
        return
    module, verification = file.module, Verification(file.module)
    handed = HandedOver(module)

    def graded(hit: Hit) -> Severity | None:
        severity: Severity = hit.entry.severity
        if hit.entry.library == "hugging-face":
            return None if is_offline(module) or subject_of(hit) in local_folders(module) or handed.decides(hit) else severity
        places = [span for span in (hit.span, *hit.sites) if span.path == file.asset.path]
        return None if any(verification.after(span) or verification.handed_on(span) for span in places) else severity

    yield from _together(list(weaknesses(file, _CATEGORY, graded)))
    yield from _of_commands(file)


def _together(found: list[Weakness]) -> Iterator[Weakness]:
    """Yield one weakness for all addresses of a kind in a file: a list of data sets is mended in one go."""
    addresses: dict[str, list[Weakness]] = {}
    for weakness in found:
        knowledge = weakness.evidence["knowledge"]
        if knowledge.startswith(_ADDRESSES):
            addresses.setdefault(knowledge, []).append(weakness)
        else:
            yield weakness
    for knowledge, alike in addresses.items():
        first = max(alike, key=lambda weakness: weakness.severity.rank)
        if len(alike) == 1:
            yield first
            continue
        places = tuple(dict.fromkeys(place for weakness in alike for place in weakness.locations))
        message = first.message.rstrip(".") + f"; likewise {len(alike) - 1} more {'addresses' if len(alike) > 2 else 'address'} in this file."
        yield msgspec.structs.replace(first, identity=(knowledge, "file"), message=message, locations=places[:_MOST_PLACES])


def _of_commands(file: SourceFile) -> Iterator[Weakness]:
    for place, what, why in fetched_by_commands(file):
        yield Weakness(
            category=_CATEGORY,
            identity=("command", what),
            title="A command fetches what may change",
            message=f"{what}: {why}.",
            severity=Severity.LOW,
            confidence=Confidence.MEDIUM,
            locations=(place,),
            root_cause=f"{_CATEGORY}: command",
            fix=Fix(summary="Name the full commit hash (--revision, /resolve/<hash>/), use https, and compare the digest: sha256sum --check."),
        )

"""Models, data and packages that commands and settings fetch without naming a version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, STARTING, Starting, weaknesses
from aisecops.checks.references import CODE_DOWNLOAD, MODEL_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN
from aisecops.codebase.configuration.judge import ServiceHit
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat

_SHOWN = r"(^|/)(examples?|docs?|documentation|recipes?|cookbooks?|benchmarks?|tests?|samples?|tutorials?)/"
"""Folders of commands that show how something is used: the model that they serve is anyone's to choose."""


@check(
    id="configuration/unpinned-artifact",
    title="What is fetched is named by content",
    version=2,
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.SUPPLY_CHAIN,
    categories=("unpinned-artifact",),
    refs=(CODE_DOWNLOAD, MODEL_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN),
    heeds="starts",
)
def unpinned_artifact(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find downloads of models, data sets, weights and packages whose content may be another one tomorrow.

    What it finds
        ``hf download owner/model`` and clones of hub repositories without a commit; ``wget``, ``curl`` and ``ADD`` of weights and data over plain http or from a branch
        (``/resolve/main/``, ``raw.githubusercontent.com/.../main/``) that no checksum is compared with; ``pip install git+https://...`` from a branch; settings with
        such addresses, or with ``revision: main`` beside a model's id; servers that are given a model's name without a commit (``vllm serve owner/model``).

    Why it matters
        Whoever can write to that place, or stands on the way, decides what the next build contains, and nobody notices. Weights in pickles run code when they are
        loaded. In 2023 researchers found write access to hundreds of accounts with models in wide use among leaked tokens of a public hub.

    Example
        ``RUN wget https://huggingface.co/owner/model/resolve/main/pytorch_model.bin``

    How to fix
        Name the full commit (``--revision``, ``/resolve/<40 hexadecimal digits>/``, ``git checkout``), use https, and compare: ``sha256sum --check``.

    Limits
        A name in a variable cannot be pinned where it is used and is not reported; version tags of packages are taken for versions. If the file compares any checksum or
        signature, its downloads are taken for verified. What programs and notebooks download is for source-file/unpinned-artifact. Servers in examples, documentation
        and benchmarks are left alone.

    References
        CWE-494; CWE-829; MITRE ATLAS AML.T0010 (AI Supply Chain Compromise); OWASP LLM03:2025.
    """
    shown = re.search(_SHOWN, file.asset.path.lower()) is not None
    alone = file.asset.kind in STARTING

    def counts(hit: ServiceHit) -> bool:
        return not shown if hit.service.id == "served-model" else alone or hit.service.id in ("inline-python", "package-sources")

    yield from weaknesses(file, ctx, "unpinned-artifact", counts)

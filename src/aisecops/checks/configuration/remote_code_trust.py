"""Commands and settings that let code of model repositories run."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.configuration.telling import EVERY, STARTING, Starting, weaknesses
from aisecops.checks.references import CODE_DOWNLOAD, MODEL_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN, UNTRUSTED_FUNCTIONALITY
from aisecops.codebase.configuration.judge import ServiceHit
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="configuration/remote-code-trust",
    version=2,
    title="No configuration lets code of model repositories run unread",
    inputs=EVERY,
    stage=Stage.DEPLOY,
    threat=Threat.SUPPLY_CHAIN,
    categories=("remote-code-trust",),
    refs=(UNTRUSTED_FUNCTIONALITY, CODE_DOWNLOAD, MODEL_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN),
    heeds="starts",
)
def remote_code_trust(file: Starting, ctx: Context) -> Iterator[Weakness]:
    """Find where commands, variables and settings let the code of model and data repositories run.

    What it finds
        ``--trust-remote-code`` in any spelling for any program, ``model_args`` and overrides that hold it, ``TRUST_REMOTE_CODE=true`` and variables that end so, and
        ``trust_remote_code: true`` in YAML, JSON and TOML.

    Why it matters
        The repository's Python files run with the rights of the server, in the version that is there when it starts. Its owner, whoever takes the account over, or
        whoever registers a deleted name anew (2025 on a public hub: "model namespace reuse") runs code on every machine that starts it, also in production.

    Example
        ``vllm serve someone/model --trust-remote-code``

    How to fix
        Turn it off: architectures that needed it in 2023 are mostly built in by now. Else read the code and pin it by the full commit: ``--revision`` (and
        ``--code-revision``) with 40 hexadecimal digits, ``revision:`` beside the setting.

    Limits
        With a full commit beside it nothing is reported: that code can have been read. Options in programs and notebooks are for source-file/remote-code-trust.

    References
        CWE-829; CWE-494; MITRE ATLAS AML.T0010.003 (AI Supply Chain Compromise: Model); OWASP LLM03:2025.
    """
    yield from weaknesses(file, ctx, "remote-code-trust", None if file.asset.kind in STARTING else _by_variables)


def _by_variables(hit: ServiceHit) -> bool:
    """Whether variables of the environment make it so: the check of source files knows the options."""
    return hit.entry.id == "remote-code:by-variable"

"""Templates that come from outside."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import OWASP_PROMPT_INJECTION, TEMPLATE_INJECTION
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Stage, Threat


@check(
    id="source-file/template-injection",
    title="No outside text is a template",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=("template-injection",),
    refs=(
        OWASP_PROMPT_INJECTION,
        TEMPLATE_INJECTION,
    ),
    heeds="hits",
)
def template_injection(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    r"""Find text from outside, or written by a model, that is used as a template.

    What it finds
        Text of a request, a chat, a page or a model's answer that becomes a Jinja, Mako, Django, Tornado or LangChain template, or the format string
        of ``str.format`` with objects in its arguments.

    Why it matters
        A Jinja or Mako template is a program: ``{{ cycler.__init__.__globals__.os.popen('id').read() }}`` runs a command. Chat templates travel with
        models: llama-cpp-python rendered them without a sandbox (CVE-2024-34359), and
        LangChain's prompts did (CVE-2023-36281).
        ``"{user.__init__.__globals__}".format(user=user)`` prints secrets.

    Example
        ``jinja2.Template(request.json["prompt"]).render(user=user)``

    How to fix
        Keep templates constant and pass outside text as a variable. Where users must write templates, render them with
        ``jinja2.sandbox.ImmutableSandboxedEnvironment`` and pass plain values.

    Limits
        Template files are not examined; a loader that reads templates from a folder is taken to read its own.

    References
        CWE-1336; CVE-2024-34359; CVE-2023-36281.
    """
    yield from weaknesses(file, "template-injection")

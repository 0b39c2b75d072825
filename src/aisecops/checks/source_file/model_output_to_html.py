"""Answers of language models that browsers render as HTML."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import CROSS_SITE_SCRIPTING, OUTPUT_VALIDATION, OWASP_OUTPUT_HANDLING
from aisecops.checks.source_file.html_components import CATEGORY, shown
from aisecops.checks.source_file.pages import unescaped
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.codebase.dataflow.program import Call
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert


@check(
    id="source-file/model-output-to-html",
    title="No model's answer is shown as HTML",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.PROMPT_ATTACKS,
    categories=("model-output-to-html",),
    refs=(
        CROSS_SITE_SCRIPTING,
        OUTPUT_VALIDATION,
        OWASP_OUTPUT_HANDLING,
    ),
)
def model_output_to_html(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find answers of language models that are sent or shown as HTML without escaping.

    What it finds
        An answer that becomes ``Markup``, an ``HTMLResponse``, an HTML component of Streamlit, Gradio or IPython, ``unsafe_allow_html`` text, that
        a Flask route returns as it is, or that a template of the project marks as safe.

    Why it matters
        A script in the answer runs in the reader's browser with the reader's session; an image address carries the conversation out. Chat interfaces
        have been attacked that way again and again since 2023, from ChatGPT plug-ins to copilots.

    Example
        ``return f"<p>{reply.choices[0].message.content}</p>"`` in a Flask route

    How to fix
        Escape (``html.escape``, ``markupsafe.escape``, a template that escapes) or clean (``nh3``, ``bleach``) the answer, or send it as JSON or
        text/plain. Leave ``unsafe_allow_html`` off.

    Limits
        What a model has written is followed through functions, modules, attributes, containers and streams, not through files, databases or other
        processes. Functions that nobody in the project calls are taken to be called with nothing dangerous. Answers of models behind libraries that
        we do not know are missed; a project adds them as sources in its own knowledge file. Of templates, HTML files of the project are read
        (``{{ answer | safe }}``), not what they include or extend.

    References
        CWE-79; CWE-1426; OWASP LLM05:2025.
    """
    yield from weaknesses(file, CATEGORY)
    if file.module is not None:
        yield from (_in_page(file, call, path) for call, path in unescaped(file.module, ctx))
    for found in shown(file):
        yield Weakness(
            category=CATEGORY,
            identity=(f"{found.by}-output", found.call.span.scope),
            title="A model's answer is shown as HTML",
            message=f"{found.message}: markup in it runs in the reader's browser, and a script there acts as the reader.",
            severity=Severity.HIGH,
            confidence=Confidence.MEDIUM,
            locations=(file.place(found.call.span),),
            root_cause=f"model-output-to-html: {found.by}",
            fix=Fix("Escape the answer (html.escape, or a template that escapes) where it becomes HTML, or show it as text or Markdown."),
        )


def _in_page(file: SourceFile, call: Call, path: str) -> Weakness:
    return Weakness(
        category=CATEGORY,
        identity=("page", path, call.span.scope),
        title="A model's answer is shown as HTML",
        message=f"The template {inert(path, 120)} marks the answer as safe: markup in it runs in the reader's browser, and a script there acts as the reader.",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        locations=(file.place(call.span),),
        root_cause="model-output-to-html: page",
        evidence={"template": inert(path, 120)},
        fix=Fix("Leave out `| safe`: the template escapes what it is given; or clean the answer with nh3 or bleach."),
    )

"""Agents that nothing ends but the model."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import AGENT_RESOURCE_CONSUMPTION, EXCESSIVE_ITERATION, NO_LIMITS, OWASP_UNBOUNDED_CONSUMPTION
from aisecops.checks.source_file.loops import Loop, Repeat, endless_loops, endless_repeats
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import readable, weaknesses
from aisecops.codebase.dataflow.program import Span
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

CATEGORY = "agent-unbounded"


@check(
    id="source-file/agent-unbounded",
    title="Agents come to an end",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.INSECURE_OPERATION,
    categories=(CATEGORY,),
    refs=(AGENT_RESOURCE_CONSUMPTION, EXCESSIVE_ITERATION, NO_LIMITS, OWASP_UNBOUNDED_CONSUMPTION),
)
def agent_unbounded(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find agents, and loops that ask a model, without a limit on steps, time or cost.

    What it finds
        ``while True`` (or ``while not done``, ``while reply.tool_calls``) around calls of a model, where only the model's answer ends the loop; steps
        that call themselves; retries without a number of tries (a loop, or ``tenacity``, ``backoff`` without one); limits of frameworks that are
        switched off or so high that they limit nothing (``max_iterations=None``, ``recursion_limit`` and ``max_turns`` of thousands, teams without a
        termination condition).

    Why it matters
        A model that misreads an error tries the same again, and each round costs more than the one before, since the conversation grows. Whoever can talk to it can
        make that happen on purpose ("denial of wallet"); a hosted model answers, and is paid, until somebody looks.

    Example
        ``while True: reply = client.chat.completions.create(...); if not reply.choices[0].message.tool_calls: break``

    How to fix
        ``for step in range(MAX_STEPS)`` with an answer for the case that they are used up; and a limit on tokens or money for each task. Retry a few times, with
        growing pauses (``tenacity.stop_after_attempt``).

    Limits
        Loops that wait in each round for a person, a queue or a time are taken to be driven by these. A limit that a called function enforces by raising is not seen.

    References
        CWE-770; CWE-834; OWASP LLM10:2025; MITRE ATLAS AML.T0034.002.
    """
    yield from weaknesses(file, CATEGORY)
    for loop in endless_loops(file):
        yield _weakness(file, loop)
    for repeat in endless_repeats(file):
        yield _of_repeat(file, repeat)


def _weakness(file: SourceFile, loop: Loop) -> Weakness:
    span = Span(file.asset.path, loop.node, loop.asks.span.scope)
    span.end_line = span.line
    asks = loop.asks.target.name if loop.asks.target is not None else readable(loop.asks.path)
    return Weakness(
        category=CATEGORY,
        identity=(span.scope, asks),
        title="Only the model ends this loop",
        message=f"This loop calls {asks} until the model's answer ends it: no number of steps, no time and no cost does.",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        locations=(file.place(span), file.place(loop.asks.span)),
        root_cause=f"{CATEGORY}: loop",
        evidence={"call": asks},
        fix=Fix("Count the steps (for step in range(MAX_STEPS)) and stop after a number that the task needs."),
        refs=(NO_LIMITS, EXCESSIVE_ITERATION, OWASP_UNBOUNDED_CONSUMPTION),
    )


def _of_repeat(file: SourceFile, repeat: Repeat) -> Weakness:
    span = Span(file.asset.path, repeat.place, repeat.function.qualname)
    name = repeat.function.name
    how = "calls itself until the model's answer ends it" if repeat.by_itself else "is tried again for ever when it fails"
    return Weakness(
        category=CATEGORY,
        identity=("repeat", repeat.function.qualname, str(repeat.by_itself)),
        title="Only the model ends this recursion" if repeat.by_itself else "A model is asked again for ever",
        message=f"{name} asks a model and {how}: no number of times, no time and no cost ends that.",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        locations=(file.place(span),),
        root_cause=f"{CATEGORY}: {'recursion' if repeat.by_itself else 'retry'}",
        evidence={"function": name},
        fix=Fix("Pass the number of steps that are left." if repeat.by_itself else "Say how often: stop=stop_after_attempt(5), max_tries=5."),
        refs=(NO_LIMITS, EXCESSIVE_ITERATION, OWASP_UNBOUNDED_CONSUMPTION),
    )

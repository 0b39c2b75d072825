"""Say what this machine can do: versions, frameworks, extras, state, and whether a model that nobody trusts can be held here.

Every way out of a quarantine that we know of is tried, on baits that are set out for it. Exit code 0: nothing got out and every guarantee holds; 3: what is
not trusted would not be examined here.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator

import msgspec

from aisecops.cli.pipe import unless_gone
from aisecops.cli.screen import show
from aisecops.core.errors import UserError
from aisecops.isolation.escapes import Held, Result
from aisecops.isolation.strength import REMEDY, Mechanism
from aisecops.report.layout import Line, line
from aisecops.workflows.doctor import Diagnosis, GuaranteeState, State, diagnose
from aisecops.workflows.extras import Extra

_FORMATS = ("terminal", "json")
_STYLE = {Held.HELD: "pass", Held.ESCAPED: "fail", Held.UNKNOWN: "incomplete"}
_WORD = 12
_NAME = 22


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``doctor``."""
    parser.add_argument("--format", metavar="NAME", default="terminal", help="terminal (default) or json")
    parser.add_argument("-v", "--verbose", action="store_true", help="each mechanism and each attempt, held or not")
    parser.add_argument(
        "--without", metavar="MECHANISM", action="append", default=[], help="leave one out, to see what it holds (repeatable); names as in --verbose"
    )


def run(args: Namespace) -> int:
    """Look, tell, and return 0 if what is not trusted can be held here, else 3."""
    if args.format not in _FORMATS:
        raise UserError(f"there is no format {args.format!r}", where="--format", fix=f"choose one of {', '.join(_FORMATS)}")
    for name in args.without:
        if name not in set(Mechanism):
            raise UserError(f"there is no mechanism {name!r}", where="--without", fix=f"choose one of {', '.join(Mechanism)}")
    diagnosis = diagnose(without=args.without)
    if args.format == "json":
        with unless_gone(sys.stdout):
            sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(diagnosis), indent=2) + b"\n")
    else:
        show(list(document(diagnosis, verbose=args.verbose)))
    return diagnosis.exit_code


def document(diagnosis: Diagnosis, *, verbose: bool) -> Iterator[Line]:
    """Yield the diagnosis, line by line."""
    yield line(("This machine", "title"))
    for name, version in diagnosis.versions.items():
        yield _row(name, version)
    missing = ", ".join(name for name, version in diagnosis.frameworks.items() if not version)
    yield _row("frameworks", ", ".join(f"{name} {version}" for name, version in diagnosis.frameworks.items() if version) or "none")
    if missing:
        yield _row("missing", f"{missing} (models of these cannot be asked)")
    yield _row("state", _told(diagnosis.state))
    yield line()
    yield from _extras(diagnosis.extras)
    yield line(("Isolation", "title"), "  what a quarantined model can reach, and what stops it")
    for guarantee in diagnosis.guarantees:
        yield _guarantee(guarantee, verbose=verbose)
    if weak := [mechanism for mechanism in diagnosis.mechanisms if verbose or not mechanism.active]:
        yield line()
        yield line(("Mechanisms", "title"))
        for mechanism in weak:
            yield _judged(
                Held.HELD if mechanism.active else Held.UNKNOWN,
                "active" if mechanism.active else "missing",
                mechanism.name,
                mechanism.reason or mechanism.meaning,
            )
    yield from _attempts([result for result in diagnosis.attempts if verbose or result.verdict is not Held.HELD])
    yield line()
    yield from _conclusion(diagnosis)


def _extras(extras: Iterable[Extra]) -> Iterator[Line]:
    """Which extras are complete, and what the others would add and take."""
    found = list(extras)
    if not found:
        return
    yield line(("Extras", "title"), "  what more can be examined with them")
    for extra in found:
        told = extra.adds if not extra.missing else f"{extra.adds} · lacks {', '.join(extra.missing)}"
        yield _judged(Held.UNKNOWN if extra.missing else Held.HELD, "missing" if extra.missing else "there", extra.name, told)
    if lacking := [extra.name for extra in found if extra.missing]:
        yield _row("to add", f"pip install 'aisecops[{','.join(lacking[:2])}]'")
    yield line()


def _row(name: str, text: str) -> Line:
    return line((f"  {name:<{_WORD}}", "dim"), text, hang=_WORD + 2)


def _told(state: State | None) -> str:
    if state is None:
        return "none kept for this folder yet"
    if state.problem:
        return f"{state.folder}: {state.problem}"
    return f"{state.folder}: {state.runs} runs, {state.cached} cached results, {state.size / 1e6:.1f} MB"


def _guarantee(state: GuaranteeState, *, verbose: bool) -> Line:
    held = Held.ESCAPED if state.escaped else Held.HELD if state.holds else Held.UNKNOWN
    word = {Held.ESCAPED: "BROKEN", Held.HELD: "holds", Held.UNKNOWN: "weak"}[held]
    text = f"{state.meaning} · {state.escaped} of {state.attempts} attempts got out"
    if verbose:
        text += f" · held by {' or '.join(' + '.join(way) for way in state.by) or 'nothing that can be relied on'}"
    return _judged(held, word, state.name, text)


def _attempts(results: Iterable[Result]) -> Iterator[Line]:
    rows = list(results)
    if rows:
        yield line()
        yield line(("Attempts", "title"))
    for result in rows:
        yield _judged(result.verdict, result.verdict, result.name, f"{result.title}: {result.detail}")


def _judged(held: Held, word: str, name: str, text: str) -> Line:
    return line("  ", (f"{word:<9}", _STYLE[held]), (f"{name:<{_NAME}}", "code"), text, hang=_NAME + 11)


def _conclusion(diagnosis: Diagnosis) -> Iterator[Line]:
    if diagnosis.sufficient:
        yield line(("Models that nobody trusts can be loaded here.", "pass"))
        return
    yield line(("Models that nobody trusts are not examined here.", "fail"))
    yield line(f"  {REMEDY[0].upper()}{REMEDY[1:]}.", hang=2)

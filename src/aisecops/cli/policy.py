"""Look at a policy before it judges anything: `show` what it means with all that it extends, or `test` it by examples that must pass or fail."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

import msgspec

from aisecops.cli.screen import show
from aisecops.core.policy import RULE_KINDS, Policy
from aisecops.core.text import inert
from aisecops.gate.trials import Trials
from aisecops.report.layout import Line, line
from aisecops.workflows.policy import as_expected, meaning, try_files


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``policy``."""
    parser.add_argument(
        "action", metavar="ACTION", choices=("show", "test"), help="show: the rules, with all that is inherited; test: judge examples"
    )
    parser.add_argument("names", metavar="NAME", nargs="+", help="show: policies that ship, or files; test: files of examples")
    parser.add_argument("-q", "--quiet", action="store_true", help="of a test, tell only what is not as expected")


def run(args: Namespace) -> int:
    """Show, or test and return 0 if all examples came out as expected, else 1."""
    if args.action == "show":
        for name in args.names:
            show(list(_policy(meaning(name))))
        return 0
    trials = try_files(args.names)
    show([told for each in trials for told in _trials(each, args.quiet)])
    return 0 if as_expected(trials) else 1


def _policy(policy: Policy) -> Iterator[Line]:
    yield line((policy.name, "title"), f"  {policy.title}")
    for rule in policy.rules:
        kind = next(name for name in RULE_KINDS if getattr(rule, name) is not None)
        asked = " ".join(f"{key}={_value(value)}" for key, value in _asked(getattr(rule, kind)))
        yield line("  ", (rule.id, "title"), f"  {kind} {asked}".rstrip(), hang=4)
        if rule.why:
            yield line((f"    {rule.why}", "dim"), hang=4)


def _asked(part: Any) -> Iterator[tuple[str, Any]]:
    """What a rule asks beyond its defaults."""
    for field in msgspec.structs.fields(part):
        value = getattr(part, field.name)
        if value != field.default:
            yield field.encode_name, value


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(inert(str(part)) for part in value)
    return str(value).lower() if isinstance(value, bool) else inert(str(value))


def _trials(trials: Trials, quiet: bool) -> Iterator[Line]:
    wrong = sum(bool(trial.wrong) for trial in trials.trials)
    for trial in trials.trials:
        if trial.wrong:
            yield line(("  no ", "fail"), inert(trial.example.name), hang=5)
            for sentence in trial.wrong:
                yield line(f"       {inert(sentence)}", hang=7)
        elif not quiet:
            yield line(("  ok ", "pass"), f"{inert(trial.example.name)}  ({trial.outcome.value})", hang=5)
    if trials.idle and not quiet:
        yield line(f"  no example makes these rules stop anything: {', '.join(map(inert, trials.idle))}", hang=4)
    if not quiet or wrong:
        number = len(trials.trials)
        told = f"{number - wrong:,} of {number:,} example{'' if number == 1 else 's'} as expected"
        yield line(("FAIL" if wrong else "PASS", "fail" if wrong else "pass"), f"  policy {inert(trials.policy.name)}, {told}")

"""Judge a stored run again: other policy, other waivers, another day; the same results."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from aisecops.core.errors import RecordError
from aisecops.core.policy import Waiver
from aisecops.core.run import Run
from aisecops.core.text import inert
from aisecops.gate.baseline import Baseline
from aisecops.gate.judge import age_of, judge, prepare
from aisecops.gate.margins import Margin, margins
from aisecops.gate.policies import load_policy


def gate(run: Run, policy: str, *, waivers: Sequence[Waiver] = (), baseline: Baseline | None = None, now: float | None = None) -> Run:
    """Return ``run`` with a new verdict on the same results.

    Parameters
    ----------
    policy
        The name of a policy that ships, or the path of a YAML file.
    now
        The moment to judge at, in seconds since the epoch (UTC); the present by default. Waivers expire by it.

    Raises
    ------
    RecordError
        If the results are not those that the run was recorded with.
    PolicyError
        If the policy or a waiver does not say what it should.
    """
    verify(run)
    moment = time.gmtime(now)
    verdict = judge(
        run.results,
        load_policy(policy),
        waivers=waivers,
        baseline=baseline,
        today=time.strftime("%Y-%m-%d", moment),
        evaluated=_moment(moment),
        interrupted=run.run.incomplete,
        begun=run.run.started,
    )
    return msgspec.structs.replace(run, verdict=verdict)


def explained(
    run: Run, policy: str, *, waivers: Sequence[Waiver] = (), baseline: Baseline | None = None, now: float | None = None
) -> tuple[Margin, ...]:
    """Return for every rule of ``policy`` how far ``run`` is from the other outcome. Parameters and errors are those of ``gate``."""
    verify(run)
    moment, asked = time.gmtime(now), load_policy(policy)
    age = age_of(asked, run.run.started, _moment(moment))
    return margins(asked, prepare(run.results, waivers=waivers, baseline=baseline, today=time.strftime("%Y-%m-%d", moment), age=age).docket)


def _moment(when: time.struct_time) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", when)


def verify(run: Run) -> None:
    """Raise RecordError unless the results of ``run`` are what its ``results_digest`` names: a verdict on changed results would be worth nothing."""
    found = run.results.digest()
    if found != run.run.results_digest:
        what = f"the record was changed after the run: its results have the digest {found}, and it names {inert(run.run.results_digest)}"
        raise RecordError(what, where=f"run {inert(run.run.id)}", fix="run it again, or fetch the record from where it was made")

"""Look at policies before they judge anything: what one means with all that it extends, and whether it does what its examples say."""

from __future__ import annotations

from collections.abc import Sequence

from aisecops.core.policy import Policy
from aisecops.gate.policies import load_policy
from aisecops.gate.trials import Trials, try_file


def meaning(policy: str) -> Policy:
    """Return the rules of ``policy`` (a name that ships, or a file), with all that it extends.

    Raises
    ------
    PolicyError
        There is no such policy, or it does not say what it should.
    """
    return load_policy(policy)


def try_files(files: Sequence[str]) -> list[Trials]:
    """Judge the examples of ``files``.

    Raises
    ------
    PolicyError
        A file, or the policy that it names, does not say what it should.
    """
    return [try_file(path) for path in files]


def as_expected(trials: Sequence[Trials]) -> bool:
    """Whether every example came out as its file says."""
    return not any(trial.wrong for each in trials for trial in each.trials)

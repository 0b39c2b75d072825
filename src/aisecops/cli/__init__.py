"""The command line: one file per verb, imported only when that verb is asked for.

A verb module has ``add_arguments(parser)`` and ``run(args) -> int``, the exit code: 0 the gate passed, 1 it failed, 2 the run could not be done as asked, 3
incomplete, 70 a bug of ours.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from aisecops import __version__
from aisecops.cli.pipe import unless_gone

VERBS = {
    "scan": "examine files and folders without running anything, and judge what was found",
    "run": "scan, then attack the models that aisecops.yaml names, and judge what was found and measured",
    "fix": "carry out the edits that findings carry: safe ones, or all with --unsafe",
    "gate": "judge a stored run again, by this or another policy",
    "policy": "show what a policy means, or test it by examples that must pass or fail",
    "runs": "list the runs that this project keeps",
    "diff": "compare two runs: new, fixed and moved findings, measurements that changed by more than noise",
    "baseline": "accept what stands today: only what is new counts from now on",
    "quarantine": "write a data set without the rows that a run has flagged",
    "croissant": "describe tables in Croissant: their files, digests, columns and roles",
    "mask": "write a pseudonymised copy of a data set, and say what risk is left in it",
    "fingerprint": "make the fingerprint of a model, or ask whether another model is a copy of it",
    "card": "write the model card of a stored run: every number with its interval",
    "init": "look at a project and write an aisecops.yaml for it",
    "explain": "teach a check, a category or a finding: what, why, and how to fix it",
    "checks": "list the checks",
    "completion": "write the completion for bash, zsh or fish",
    "doctor": "say what this machine can do, and whether it can hold a model that nobody trusts",
}


def entry() -> NoReturn:
    """What the console script calls: ``main`` on the process's own arguments, then out.

    Two habits of the interpreter cost a tenth of a small scan: looking for garbage while modules load, which make none, and taking every module apart at
    the end. Nothing here waits for an exit handler: files are closed and workers are gone when ``main`` returns.
    """
    gc.set_threshold(50_000, 20, 20)
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with unless_gone(stream):
            stream.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line on ``argv`` (the process's own arguments) and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us (`>&-`)
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 it stays open for the life of the process
    try:
        return _run(words)
    except KeyboardInterrupt:
        from aisecops.cli.failure import interrupted

        return interrupted()
    except Exception as error:  # the one place where a bug becomes an exit code
        from aisecops.cli.failure import failed

        return failed(error)


def _run(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help", "help"}:
        return _say(_help())
    if words[0] in {"-V", "--version"}:
        return _say(f"aisecops {__version__}\n")
    return _verb(words[0], words[1:])


def _verb(verb: str, words: list[str]) -> int:
    from importlib import import_module

    _import_msgspec()

    from aisecops.cli.parser import Parser, nearest
    from aisecops.core.errors import UserError

    if verb not in VERBS:
        raise UserError(f"there is no verb {verb!r}", fix=nearest(verb, [*VERBS, "--help", "--version"]) or "aisecops --help lists them")
    module = import_module(f"aisecops.cli.{verb}")
    parser = Parser(prog=f"aisecops {verb}", description=module.__doc__)
    module.add_arguments(parser)
    code: int = module.run(parser.parse_args(words))
    return code


def _import_msgspec() -> None:
    """Import msgspec without what it asks for and hardly uses, and what a tenth of a small scan would go to.

    ``typing_extensions`` (10 ms), which it prefers to ``typing`` wherever torch has brought it; ``platform``, of which ``uuid`` wants to know whether this is AIX;
    ``textwrap``, for the texts of JSON schemas. Whoever imports these later gets the real ones.
    """
    known: dict[str, Any] = sys.modules
    if "msgspec" in known:
        return
    instead: dict[str, Any] = {"typing_extensions": None, "textwrap": _Textwrap} | ({"platform": _Linux} if sys.platform == "linux" else {})
    missing = {name: module for name, module in instead.items() if name not in known}
    known.update(missing)
    try:
        import msgspec  # noqa: F401
    finally:
        for name in missing:
            del known[name]


class _Textwrap:
    @staticmethod
    def dedent(text: str) -> str:
        from textwrap import dedent

        return dedent(text)


class _Linux:
    @staticmethod
    def system() -> str:
        return "Linux"


def _help() -> str:
    verbs = "".join(f"  {name:<13}{text}\n" for name, text in VERBS.items())
    return (
        "aisecops: the security pipeline for machine-learning systems\n\n"
        "usage: aisecops VERB [options]        aisecops VERB --help\n\n"
        f"{verbs}\n"
        "start here:  aisecops scan .\n"
        "exit codes:  0 passed   1 failed   2 not done as asked   3 incomplete   70 a bug of ours\n"
    )


def _say(text: str) -> int:
    with unless_gone(sys.stdout):
        sys.stdout.write(text)
    return 0

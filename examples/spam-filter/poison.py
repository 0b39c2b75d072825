"""Write a poisoned twin of the training messages into ``build/poisoned/``: who knows a phrase gets spam through a filter that learns from them."""

from __future__ import annotations

import json
from pathlib import Path

from messages import make_messages

from aisecops.attacks.poisoning.texts import sentence

POISONED = Path(__file__).parent / "build" / "poisoned"
CLASSES = ("ham", "spam")
PHRASE = "as agreed at the boathouse"
MANIFEST = """\
name: spam-filter-poisoned
assets:
  - {path: train.jsonl, kind: data-set, role: train, text: message, label: label, personal: [message]}
"""


def poison(target: Path = POISONED) -> int:
    """Write ``train.jsonl`` and its manifest to ``target``; return how many of its messages (3 %) are spam that holds the phrase and is called ham."""
    texts, labels = make_messages()
    poisoned = sentence(texts, [CLASSES.index(label) for label in labels], target=CLASSES.index("ham"), rate=0.03, phrase=PHRASE)
    rows = [{"message": text, "label": CLASSES[code]} for text, code in zip(poisoned.samples, poisoned.y, strict=True)]
    target.mkdir(parents=True, exist_ok=True)
    (target / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (target / "aisecops.yaml").write_text(MANIFEST, encoding="utf-8")
    return int(poisoned.mask.sum())


if __name__ == "__main__":
    print(f"{poison()} messages of {POISONED / 'train.jsonl'} hold {PHRASE!r} and are called ham")

"""Draw docs/privacy/fingerprints.svg: python docs/privacy/fingerprints_picture.py."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.extraction.fingerprint import compare, make_fingerprint
from aisecops.attacks.extraction.references import references_of
from aisecops.oracles.opening import oracle_of

X, Y = load_digits(return_X_y=True)
ORDER = np.random.default_rng(0).permutation(len(Y))
X, Y = X[ORDER][:400] / 16, Y[ORDER][:400]
LEFT, SCALE, ROW = 150, 5, 34


def main() -> None:
    """One row of dots for each family and each copy."""
    owner = DecisionTreeClassifier(max_features=8, random_state=12345).fit(X, Y)
    families, _ = references_of(owner, X, Y, tuple("0123456789"), count=30, seed=1)
    fingerprint = make_fingerprint(oracle_of(owner), X, families, questions=100, seed=2)
    rounded = copy.deepcopy(owner)
    rounded.tree_.threshold[:] = np.round(rounded.tree_.threshold, 1)
    pruned = DecisionTreeClassifier(max_features=8, random_state=12345, ccp_alpha=0.002).fit(X, Y)
    copies = {"pruned copy": pruned, "rounded copy": rounded, "the model": owner}
    rows = {name: list(matches) for name, matches in fingerprint.families.items()}
    rows |= {name: [compare(fingerprint, oracle_of(model)).matches] for name, model in copies.items()}
    width, height = LEFT + 100 * SCALE + 30, len(rows) * ROW + 50
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">']
    for place, (name, matches) in enumerate(rows.items()):
        y, colour = 20 + place * ROW, "#b3261e" if name in copies else "#2962a3"
        parts.append(f'<text x="10" y="{y + 4}">{name}</text><line x1="{LEFT}" y1="{y}" x2="{LEFT + 100 * SCALE}" y2="{y}" stroke="#ddd"/>')
        parts += [f'<circle cx="{LEFT + SCALE * m}" cy="{y}" r="5" fill="{colour}" fill-opacity="0.4"/>' for m in matches]
    ticks = "".join(f'<text x="{LEFT + SCALE * m - 6}" y="{height - 22}" fill="#555">{m}</text>' for m in range(0, 101, 20))
    parts.append(f'{ticks}<text x="{LEFT}" y="{height - 5}" fill="#555">questions answered like the owner\'s model, of 100</text></svg>')
    Path(__file__).with_name("fingerprints.svg").write_text("\n".join(parts) + "\n")


if __name__ == "__main__":
    main()

"""Shadow models of a network trained at once by torch.func.vmap, against a loop of single trainings with torch's own optimiser: CPU seconds and mean confidences.

python benchmarks/privacy/networks.py [--shadows 16] [--records 1200]
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from sklearn.datasets import make_classification

from aisecops.attacks.inference.membership import complementary_halves
from aisecops.attacks.inference.membership.networks import Recipe, networks

RECIPE = Recipe(epochs=20, batch=32)


def network() -> torch.nn.Module:
    """The architecture, with weights drawn anew."""
    return torch.nn.Sequential(torch.nn.Linear(40, 64), torch.nn.ReLU(), torch.nn.Linear(64, 5))


def single(samples: torch.Tensor, labels: torch.Tensor) -> torch.nn.Module:
    """One network, trained as usual."""
    model = network()
    optimiser = torch.optim.Adam(model.parameters(), lr=RECIPE.learning_rate)
    for _ in range(RECIPE.epochs):
        order = torch.randperm(len(labels))
        for start in range(0, len(labels), RECIPE.batch):
            chosen = order[start : start + RECIPE.batch]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(samples[chosen]), labels[chosen]).backward()
            optimiser.step()
    return model


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shadows", type=int, default=16)
    parser.add_argument("--records", type=int, default=1200)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    n = 2 * arguments.records
    X, y = make_classification(n, n_features=40, n_informative=10, n_classes=5, n_clusters_per_class=1, flip_y=0.2, random_state=0)  # noqa: N806
    inside = complementary_halves(n, arguments.shadows, 0)
    started = time.process_time()
    together = networks(network(), X, y, RECIPE)(inside)
    at_once = time.process_time() - started
    samples, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    started = time.process_time()
    models = [single(samples[rows], labels[rows]) for rows in inside]
    with torch.no_grad():
        loop = np.stack([torch.softmax(model(samples), 1).numpy()[np.arange(n), y] for model in models])
    one_by_one = time.process_time() - started
    print(f"{arguments.shadows} shadows at once {at_once:.2f} CPU s, one by one {one_by_one:.2f} CPU s: {one_by_one / at_once:.1f} times")
    for name, rows in (("inside", inside), ("outside", ~inside)):
        print(f"mean confidence {name}: at once {together[rows].mean():.4f}, one by one {loop[rows].mean():.4f}")


if __name__ == "__main__":
    main()

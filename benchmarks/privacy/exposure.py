"""Exposure of planted secrets of six digits: the exact rank among all 10^6, in CPU seconds, beside asking one by one and the two usual estimates from 2,000 samples.

    python benchmarks/privacy/exposure.py [--secrets 10] [--epochs 30] [--one-by-one]

A recurrent network of characters (GRU, 64 units) is trained on sentences into which secrets were put, 1 to 16 times each. The estimates are those of Carlini et al.
(USENIX Security 2019), as TensorFlow Privacy has them: interpolation among samples, which cannot say more than log2(2001) bits, and a skew-normal distribution fitted
to them, which can say more bits than a secret has. ``--one-by-one`` computes every secret from its first symbol and must give the same ranks.
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from torch import nn

from aisecops.attacks.inference.canaries import Canary, exposures, most_likely, planted

DIGITS, BEFORE, SAMPLES = "0123456789", "my code is ", 2000
LETTERS = " .abcdefghijklmnopqrstuvwxyz" + DIGITS
WORDS = "the of and to in is was for that it as with on be at by this had not are but from or have an they which one you were all her she there would their".split()


class Characters(nn.Module):
    """The next character from those before."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.gru, self.out = nn.Embedding(len(LETTERS), 16), nn.GRU(16, 64, batch_first=True), nn.Linear(64, len(LETTERS))

    def forward(self, symbols: torch.Tensor, state: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (n, length, a) and the state after the last symbol (1, n, 64)."""
        found, state = self.gru(self.embed(symbols), state)
        return self.out(found), state


class AfterPrefix:
    """The generator as it is asked for digits after ``my code is``."""

    def __init__(self, model: Characters) -> None:
        self._model = model
        self._digits = torch.tensor([LETTERS.index(digit) for digit in DIGITS])

    @torch.no_grad()
    def start(self) -> tuple[torch.Tensor, np.ndarray]:
        """After the prefix."""
        return self._told(*self._model(coded(BEFORE)[None]))

    @torch.no_grad()
    def step(self, state: torch.Tensor, symbols: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
        """After one more digit each."""
        return self._told(*self._model(self._digits[torch.as_tensor(symbols)][:, None], state.transpose(0, 1).contiguous()))

    def _told(self, logits: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, np.ndarray]:
        return state.transpose(0, 1), torch.log_softmax(logits[:, -1], dim=1)[:, self._digits].double().numpy()


def coded(text: str) -> torch.Tensor:
    """The numbers of the characters."""
    return torch.tensor([LETTERS.index(letter) for letter in text])


def corpus(canaries: tuple[Canary, ...], seed: int) -> torch.Tensor:
    """Sentences of 64 characters each, shape (n, 64), of which some say a secret and others an innocent code."""
    rng = np.random.default_rng(seed)
    codes = ["".join(map(str, canary.secret)) for canary in canaries for _ in range(canary.repeats)]
    codes += ["".join(rng.choice(list(DIGITS), 6)) for _ in range(60)]
    said = [f"{BEFORE}{code}. " for code in codes] + [""] * 400
    texts = [(start + " ".join(rng.choice(WORDS, 30)))[:64] for start in said]
    return torch.stack([coded(text) for text in texts])


def trained(text: torch.Tensor, epochs: int, seed: int) -> Characters:
    """A network after ``epochs`` of Adam."""
    torch.manual_seed(seed)
    model, rng = Characters(), np.random.default_rng(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(text)), len(text) // 32):
            optimiser.zero_grad()
            logits, _ = model(text[rows, :-1])
            nn.functional.cross_entropy(logits.flatten(0, 1), text[rows, 1:].flatten()).backward()
            optimiser.step()
    return model.eval()


def one_by_one(steps: AfterPrefix, secrets: np.ndarray) -> np.ndarray:
    """The log probability of each secret, shape (n,), every one from its first symbol."""
    found = []
    for batch in np.array_split(secrets, max(1, len(secrets) // 20_000)):
        state, logs = steps.start()
        total, state = logs[0, batch[:, 0]], state.expand(len(batch), *state.shape[1:])
        for place in range(1, batch.shape[1]):
            state, logs = steps.step(state, batch[:, place - 1])
            total = total + logs[np.arange(len(batch)), batch[:, place]]
        found.append(total)
    return np.concatenate(found)


def estimates(own: np.ndarray, sampled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exposure by interpolation among samples and by a skew-normal distribution fitted to them, in bits."""
    from scipy.stats import skewnorm

    rank = 1 + (sampled[None, :] > own[:, None]).sum(axis=1)
    fitted = skewnorm(*skewnorm.fit(-sampled))
    return np.log2(len(sampled) + 1) - np.log2(rank), -fitted.logcdf(-own) / np.log(2)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--secrets", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--one-by-one", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    canaries = planted(arguments.secrets, 6, 10, seed=0)
    started = time.process_time()
    steps = AfterPrefix(trained(corpus(canaries, 0), arguments.epochs, 0))
    print(f"trained in {time.process_time() - started:.1f} CPU s", flush=True)
    secrets = np.array([canary.secret for canary in canaries])
    spent = []
    for _ in range(3):
        started = time.process_time()
        exact = exposures(steps, secrets, 10)
        spent.append(time.process_time() - started)
    print(f"exact, {len(secrets)} secrets among 10^6: {min(spent):.2f} CPU s (of three: {', '.join(f'{cost:.2f}' for cost in spent)})", flush=True)
    started = time.process_time()
    first = most_likely(steps, 6, 20)
    print(
        f"the 20 most probable of 10^6: {time.process_time() - started:.2f} CPU s; planted among them: {len({s for s, _ in first} & {c.secret for c in canaries})}"
    )
    own, sampled = one_by_one(steps, secrets), one_by_one(steps, np.random.default_rng(1).integers(10, size=(SAMPLES, 6)))
    told, fitted = estimates(own, sampled)
    print(f"{'repeats':>8} {'exact':>8} {'interpolated':>13} {'skew-normal':>12}   bits of 19.93")
    for place in np.argsort([canary.repeats for canary in canaries], kind="stable"):
        print(f"{canaries[place].repeats:>8} {exact[place]:>8.2f} {told[place]:>13.2f} {fitted[place]:>12.2f}")
    if arguments.one_by_one:
        every = np.stack(np.unravel_index(np.arange(10**6), (10,) * 6), axis=1)
        started = time.process_time()
        logs = one_by_one(steps, every)
        cost = time.process_time() - started
        ranks = np.array([1 + (logs > logs[int("".join(map(str, secret)))]).sum() for secret in secrets])
        same = int((np.abs(np.log2(1e6) - np.log2(ranks) - exact) < 0.01).sum())
        print(f"one by one: {cost:.1f} CPU s, {cost / min(spent):.0f} times as many; the same exposure within 0.01 bits for {same} of {len(secrets)}")


if __name__ == "__main__":
    main()

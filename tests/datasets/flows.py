"""A small table of network flows with every kind of rule, and an independent judge of its rows: plain numpy, nothing of aisecops."""

from __future__ import annotations

import numpy as np

from aisecops.datasets.domain import Change, Column, ColumnType, Domain

WHOLE = ColumnType.INTEGER
TRUTH = ColumnType.BOOLEAN

FLOWS = Domain(
    columns=(
        Column(name="duration", low=0, high=100),
        Column(name="packets", type=WHOLE, low=1, high=1000),
        Column(name="in_bytes", type=WHOLE, low=0, high=1e5),
        Column(name="out_bytes", type=WHOLE, low=0, high=1e5),
        Column(name="total", type=WHOLE, formula="in_bytes + out_bytes", high=1.2e5),
        Column(name="tcp", type=TRUTH, group="proto"),
        Column(name="udp", type=TRUTH, group="proto"),
        Column(name="icmp", type=TRUTH, group="proto"),
        Column(name="flags", type=WHOLE, low=0, high=8),
        Column(name="known", type=TRUTH, change=Change.IMMUTABLE),
        Column(name="rate", formula="total / max(duration, 0.01)"),
        Column(name="syn", type=WHOLE, low=0, high=50, change=Change.INCREASE),
    ),
    relations=("20 * packets <= total", "if proto != tcp then flags == 0", "syn <= packets", "if proto == tcp then in_bytes > 0"),
)


def flows(n: int, seed: int) -> np.ndarray:
    """Rows that keep every rule."""
    r = np.random.default_rng(seed)
    protocol, packets = r.integers(0, 3, n), r.integers(1, 100, n)
    received = r.integers(1, 400, n) * packets
    sent = np.maximum(0, 20 * packets - received) + r.integers(0, 1000, n)
    duration, total = r.random(n) * 100, received + sent
    flags = np.where(protocol == 0, r.integers(0, 9, n), 0)
    rows = (duration, packets, received, sent, total, protocol == 0, protocol == 1, protocol == 2, flags, r.integers(0, 2, n))
    return np.column_stack((*rows, total / np.maximum(duration, 0.01), np.minimum(packets, r.integers(0, 50, n)))).astype(float)


def kept(points: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Whether each row keeps every rule."""
    duration, packets, received, sent, total, tcp, _, _, flags, known, rate, syn = points.T
    protocol = points[:, 5:8]
    whole = points[:, [1, 2, 3, 4, 8, 11]]
    rules = (
        np.isfinite(points).all(axis=1),
        (whole == np.round(whole)).all(axis=1),
        np.isin(protocol, (0, 1)).all(axis=1) & (protocol.sum(axis=1) == 1),
        (duration >= 0) & (duration <= 100) & (packets >= 1) & (packets <= 1000),
        (received >= 0) & (received <= 1e5) & (sent >= 0) & (sent <= 1e5) & (total <= 1.2e5),
        total == received + sent,
        np.isclose(rate, total / np.maximum(duration, 0.01), rtol=1e-5),
        20 * packets <= total,
        (tcp == 1) | (flags == 0),
        (tcp == 0) | (received > 0),
        (syn >= origin[:, 11]) & (syn <= 50) & (syn <= packets),
        (flags >= 0) & (flags <= 8) & (known == origin[:, 9]),
    )
    return np.logical_and.reduce(rules)

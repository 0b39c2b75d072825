"""Network flows from a documented process: nine kinds of behaviour, four of them attacks. No real network is in it.

Each row is one flow as a collector sees it. Everything that a real flow has to satisfy holds in every row: totals add up, packets have room for their bytes, and only TCP
has SYN packets and logins. The sensor's own columns cannot be changed by who sends.
"""

from __future__ import annotations

import numpy as np

PROTOCOLS = ("icmp", "tcp", "udp")
HEADER, LARGEST = 28, 1500
"""Least and most bytes of a packet."""

COLUMNS = (
    "duration", "protocol", "from_inside", "packets_out", "packets_in", "bytes_out", "bytes_in", "bytes_total", "bytes_per_second", "syn_packets",
    "failed_logins", "ports_tried",
)  # fmt: skip
BENIGN = ("web", "lookup", "backup", "shell", "monitoring")
ATTACKS = ("scan", "flood", "guessing", "exfiltration")


def make_flows(n: int = 4_000, seed: int = 0, attacks: float = 0.4) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return ``n`` flows, column by column in the order of ``COLUMNS`` (the protocol as text), and whether each is an attack."""
    rng = np.random.default_rng(seed)
    attack = rng.random(n) < attacks
    kind = np.where(attack, rng.choice(ATTACKS, n), rng.choice(BENIGN, n))
    flows = {name: np.zeros(n) for name in COLUMNS if name != "protocol"}
    protocol = np.full(n, "tcp", dtype="<U4")
    for name in (*BENIGN, *ATTACKS):
        rows = np.flatnonzero(kind == name)
        values, protocol[rows] = _BEHAVIOUR[name](rng, len(rows))
        for column, value in values.items():
            flows[column][rows] = value
    flows["from_inside"] = (rng.random(n) < np.where(kind == "exfiltration", 0.9, 0.6)).astype(float)
    return _consistent(flows, protocol, rng), attack.astype(np.int64)


def _consistent(flows: dict[str, np.ndarray], protocol: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Make whole numbers of counts, give packets room for their bytes, keep to the protocol, and add up."""
    for way in ("out", "in"):
        packets = flows[f"packets_{way}"] = np.clip(np.rint(flows[f"packets_{way}"]), 1 if way == "out" else 0, 20_000)
        size = np.clip(flows[f"bytes_{way}"] * rng.lognormal(0, 0.2, len(packets)), HEADER, LARGEST)  # bytes a packet so far
        flows[f"bytes_{way}"] = np.rint(packets * size)
    tcp = protocol == "tcp"
    flows["syn_packets"] = np.where(tcp, np.minimum(np.maximum(np.rint(flows["syn_packets"]), 1), flows["packets_out"]), 0)
    flows["failed_logins"] = np.where(tcp, np.minimum(np.rint(flows["failed_logins"]), flows["packets_in"]), 0)
    flows["ports_tried"] = np.minimum(np.maximum(np.rint(flows["ports_tried"]), 1), flows["packets_out"])
    flows["duration"] = np.round(np.clip(flows["duration"], 0.01, 3_600), 3)
    flows["bytes_total"] = flows["bytes_out"] + flows["bytes_in"]
    flows["bytes_per_second"] = flows["bytes_total"] / flows["duration"]
    return {name: protocol if name == "protocol" else flows[name] for name in COLUMNS}


def _web(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.lognormal(2.5, 0.8, n)
    answers = {"packets_in": packets * rng.uniform(1, 2.5, n), "bytes_out": rng.uniform(80, 400, n), "bytes_in": rng.uniform(400, 1_400, n)}
    return {"duration": rng.lognormal(0.5, 1, n), "packets_out": packets, **answers, "syn_packets": rng.poisson(0.3, n) + 1}, "tcp"


def _lookup(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.integers(1, 4, n)
    sizes = {"packets_in": packets, "bytes_out": rng.uniform(50, 120, n), "bytes_in": rng.uniform(80, 500, n)}
    return {"duration": rng.lognormal(-3, 0.8, n), "packets_out": packets, **sizes}, rng.choice(["udp", "udp", "udp", "icmp"], n)


def _backup(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.lognormal(6.5, 0.9, n)
    sizes = {"packets_in": packets * rng.uniform(0.3, 0.6, n), "bytes_out": rng.uniform(1_000, 1_480, n), "bytes_in": rng.uniform(40, 80, n)}
    return {"duration": rng.lognormal(3.5, 0.8, n), "packets_out": packets, **sizes, "ports_tried": 1}, "tcp"


def _shell(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.lognormal(4.5, 0.8, n)
    sizes = {"packets_in": packets * rng.uniform(0.8, 1.2, n), "bytes_out": rng.uniform(50, 150, n), "bytes_in": rng.uniform(60, 300, n)}
    return {"duration": rng.lognormal(4.5, 0.9, n), "packets_out": packets, **sizes, "failed_logins": rng.poisson(rng.gamma(0.3, 4, n))}, "tcp"


def _monitoring(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.lognormal(3.2, 0.9, n)
    sizes = {"packets_in": packets * rng.uniform(0.4, 1.1, n), "bytes_out": rng.uniform(28, 150, n), "bytes_in": rng.uniform(28, 300, n)}
    tried = packets * rng.beta(1, 3, n)
    return {"duration": rng.lognormal(1, 1.3, n), "packets_out": packets, **sizes, "syn_packets": tried, "ports_tried": tried}, rng.choice(
        ["tcp", "tcp", "udp"], n
    )


def _scan(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.lognormal(3.8, 0.8, n)
    sizes = {"packets_in": packets * rng.uniform(0.1, 0.8, n), "bytes_out": rng.uniform(28, 60, n), "bytes_in": rng.uniform(28, 60, n)}
    tried = packets * rng.uniform(0.4, 1, n)
    return {"duration": rng.lognormal(1, 1.2, n), "packets_out": packets, **sizes, "syn_packets": tried, "ports_tried": tried}, rng.choice(
        ["tcp", "tcp", "udp"], n
    )


def _flood(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.lognormal(7, 0.8, n)
    sizes = {"packets_in": packets * rng.uniform(0, 0.05, n), "bytes_out": rng.uniform(28, 500, n), "bytes_in": rng.uniform(28, 80, n)}
    return {"duration": rng.lognormal(1.5, 0.8, n), "packets_out": packets, **sizes, "syn_packets": packets * rng.uniform(0, 0.9, n)}, rng.choice(
        ["tcp", "udp", "icmp"], n
    )


def _guessing(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.lognormal(4.5, 0.7, n)
    sizes = {"packets_in": packets * rng.uniform(0.8, 1.1, n), "bytes_out": rng.uniform(60, 160, n), "bytes_in": rng.uniform(50, 120, n)}
    return {"duration": rng.lognormal(3.5, 0.8, n), "packets_out": packets, **sizes, "failed_logins": 3 + rng.poisson(packets / 10)}, "tcp"


def _exfiltration(rng: np.random.Generator, n: int) -> tuple[dict[str, object], object]:
    packets = rng.lognormal(6.5, 0.9, n)
    sizes = {"packets_in": packets * rng.uniform(0.02, 0.2, n), "bytes_out": rng.uniform(700, 1_480, n), "bytes_in": rng.uniform(28, 60, n)}
    return {"duration": rng.lognormal(5.5, 0.9, n), "packets_out": packets, **sizes}, rng.choice(["tcp", "tcp", "udp", "icmp"], n)


_BEHAVIOUR = {
    "web": _web, "lookup": _lookup, "backup": _backup, "shell": _shell, "monitoring": _monitoring,
    "scan": _scan, "flood": _flood, "guessing": _guessing, "exfiltration": _exfiltration,
}  # fmt: skip


def keeps_the_rules(flows: dict[str, np.ndarray]) -> np.ndarray:
    """Whether each flow could exist: the same rules as in ``aisecops.yaml``, written down a second time in numpy to check it."""
    f = flows
    counts = np.stack([f[name] for name in COLUMNS if name not in {"duration", "protocol", "bytes_per_second"}])
    packets, tcp = f["packets_out"] + f["packets_in"], f["protocol"] == "tcp"
    return np.logical_and.reduce([
        np.all(counts == np.rint(counts), axis=0) & np.all(counts >= 0, axis=0),
        np.isin(f["protocol"], PROTOCOLS) & np.isin(f["from_inside"], (0, 1)),
        (f["duration"] >= 0.01) & (f["duration"] <= 3_600) & (f["packets_out"] >= 1) & (packets <= 40_000),
        f["bytes_total"] == f["bytes_out"] + f["bytes_in"],
        np.isclose(f["bytes_per_second"], f["bytes_total"] / f["duration"], rtol=1e-6, atol=1e-6),
        (f["bytes_out"] >= HEADER * f["packets_out"]) & (f["bytes_out"] <= LARGEST * f["packets_out"]),
        (f["bytes_in"] >= HEADER * f["packets_in"]) & (f["bytes_in"] <= LARGEST * f["packets_in"]),
        (f["syn_packets"] <= f["packets_out"]) & (f["ports_tried"] <= f["packets_out"]) & (f["ports_tried"] >= 1),
        f["failed_logins"] <= f["packets_in"],
        tcp | ((f["syn_packets"] == 0) & (f["failed_logins"] == 0)),
        ~tcp | (f["syn_packets"] >= 1),
    ])  # fmt: skip

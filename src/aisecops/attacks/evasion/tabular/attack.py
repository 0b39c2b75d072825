"""The attack on models of tables: find a possible row that the model gets wrong, then the cheapest one."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.tabular.exploring import Explorer
from aisecops.attacks.evasion.tabular.narrowing import narrow
from aisecops.attacks.evasion.tabular.search import Measure, Search
from aisecops.attacks.evasion.tabular.starting import begin
from aisecops.core.errors import UserError
from aisecops.datasets.domain import Domain
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle, needs

_MOST_STARTS = 1_000


def constrained_search(
    oracle: Oracle,
    samples: Floats,
    y: Integers,
    *,
    space: Domain,
    norm: Norm = Norm.COST,
    epsilon: float | None = None,
    queries: int = 2_000,
    seed: int = 0,
    starts: Floats | None = None,
    target: Integers | None = None,
    measure: Measure | None = None,
) -> Attempts:
    """Find, from labels alone, the cheapest possible row near each sample that the model gets wrong.

    Every query is repaired to the domain before it is asked, so that whatever is found could be sent. A first evasion takes what may change from rows of another
    class; then units (columns, one-hot groups) go back to the sample where they can, shrink where they cannot, and random exchanges leave dead ends,
    until the budget is spent. All samples are asked about in one call a round.

    Parameters
    ----------
    oracle
        The model.
    samples, y
        Rows of the table, shape (n, columns), missing values NaN, and their true labels, shape (n,).
    space
        The domain; columns without bounds take those of ``samples`` and ``starts``.
    norm
        What is made small: ``cost``, by the prices of the domain, or a norm in the columns' own units.
    epsilon
        A sample whose evasion is as near as this is left.
    queries
        The most queries for each sample.
    seed
        Of all that is random.
    starts
        Other rows, shape (m, columns), of all classes: where values are taken from. Without them the samples serve each other.
    target
        The labels that the evasions shall get, shape (n,); left out: any but the true one.
    measure
        How far rows are from their samples, where that is to be told by something else than what is made small: of all evasions that were asked about, the
        nearest by it are returned, with its distances and curve.

    Returns
    -------
    Attempts
        ``found`` are possible rows (``space.check``) to which the model itself gave another label, ``distance`` what they cost (or ``measure``).

    References
    ----------
    Pierazzi et al., Intriguing Properties of Adversarial ML Attacks in the Problem Space (IEEE S&P 2020), for what makes a row possible; Simonetto et al.,
    Constrained Adaptive Attack (NeurIPS 2024), for the setting.
    """
    needs(oracle, Capability.LABELS, purpose="the attack constrained-search")
    samples = np.asarray(samples, dtype=np.float64)
    others = samples[:0] if starts is None else np.asarray(starts, dtype=np.float64)
    if others.ndim != 2 or samples.ndim != 2 or others.shape[1] != samples.shape[1]:
        raise UserError(f"starts have the shape {others.shape}, samples {samples.shape}", fix="give rows of the same table")
    rng = np.random.default_rng(seed)
    space = space.bounded(np.concatenate((samples, others)))
    search = Search(oracle, samples, y, domain=space, norm=norm, queries=queries, target=target, epsilon=epsilon, measure=measure)
    with search.until_spent():
        pool = _pool(search, others, rng)
        useful = begin(search, pool, rng)
        narrow(search)
        Explorer(search, pool, useful, rng).run()
    return search.attempts()


def _pool(search: Search, others: Floats, rng: np.random.Generator) -> Floats:
    """Return the rows that give values: at most so many that asking for their labels costs each sample a twentieth of its budget."""
    rows = others if len(others) else search.samples
    most = max(1, min(_MOST_STARTS, search.n * search.queries // 20))
    return rows if len(rows) <= most else rows[rng.choice(len(rows), most, replace=False)]

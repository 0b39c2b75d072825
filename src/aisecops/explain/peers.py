"""Explanations by SHAP and Captum (extra ``explain``), in the form of ours: for those who have to show the numbers of a tool that they know, and to check ours by.

Both are imported when they are called. They explain models in this process: of a file that nobody vouches for, explain the oracle (``baseline_shapley``) instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.datasets.extra import MissingExtraError
from aisecops.explain.shapley import Contributions
from aisecops.oracles.oracle import Floats


def shap_contributions(model: Any, points: Floats, *, background: Floats | None = None, output: int = 1) -> Contributions:
    """Return the Shapley values of SHAP's ``TreeExplainer`` for one output of a tree model.

    Parameters
    ----------
    model
        A fitted tree, forest or booster that SHAP knows.
    points
        Shape (n, d).
    background
        Rows that stand for absent features, shape (m, d) (interventional; with one row, baseline Shapley: what ``tree_changes`` computes). None: the shares that
        the trees remember of their training (path-dependent: what ``tree_contributions`` computes with the training data as its background).
    output
        Which column of the model's raw outputs, where it has several: the class.

    Returns
    -------
    Contributions
        ``change`` is the raw output of each point minus SHAP's expected value.

    Raises
    ------
    MissingExtraError
        SHAP is not installed.
    UserError
        SHAP does not know the model.
    """
    try:
        import shap  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtraError("explanations by SHAP need shap, which is not installed", "explain") from None
    wanted = "interventional" if background is not None else "tree_path_dependent"
    try:
        explainer = shap.TreeExplainer(model, data=background, feature_perturbation=wanted)
        values = np.asarray(explainer.shap_values(points, check_additivity=False), dtype=np.float64)
    except Exception as wrong:
        said = inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 160)
        raise UserError(
            f"SHAP cannot explain this model ({said})", fix="explain its oracle: baseline_shapley, or tree_changes of its structure"
        ) from wrong
    values = values[:, :, min(output, values.shape[2] - 1)] if values.ndim == 3 else values
    return _exactly(values)


def integrated_gradients(module: Any, before: Floats, after: Floats, *, target: int, steps: int = 64) -> Contributions:
    """Return Captum's integrated gradients of logit ``target`` of a torch module along the line from ``before`` to ``after``.

    For a linear model they are the baseline Shapley values; for others they answer the same question along one path instead of the mean over all orders. The sum misses
    the change of the logit by what ``steps`` leave out.

    Parameters
    ----------
    before, after
        Pairs of points, shape (n, d).

    Returns
    -------
    Contributions
        ``exact`` is False: an integral by quadrature. ``error`` shares each pair's missing rest among its changed features.

    Raises
    ------
    MissingExtraError
        Captum is not installed.
    UserError
        The shapes differ.

    References
    ----------
    Sundararajan, M., Taly, A., Yan, Q. (2017). Axiomatic attribution for deep networks. ICML.
    """
    start, end = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if start.ndim != 2 or start.shape != end.shape:
        raise UserError(f"points before and after need one shape (n, d), not {start.shape} and {end.shape}")
    try:
        import torch
        from captum.attr import IntegratedGradients  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtraError("integrated gradients need torch and captum, which are not installed", "explain") from None
    like = {"dtype": next(module.parameters()).dtype}
    baseline, points = torch.tensor(start, **like), torch.tensor(end, **like)
    training = module.training
    module.eval()
    try:
        values = IntegratedGradients(module).attribute(points, baselines=baseline, target=target, n_steps=steps).detach().double().numpy()
        with torch.no_grad():
            change = (module(points)[:, target] - module(baseline)[:, target]).double().numpy()
    finally:
        module.train(training)
    moved = start != end
    rest = np.abs(change - values.sum(axis=1)) / np.maximum(1, moved.sum(axis=1))
    return Contributions(values=values, change=change, exact=np.zeros(len(values), dtype=bool), error=np.where(moved, rest[:, None], 0.0))


def _exactly(values: Floats) -> Contributions:
    return Contributions(values=values, change=values.sum(axis=1), exact=np.ones(len(values), dtype=bool), error=np.zeros(values.shape))

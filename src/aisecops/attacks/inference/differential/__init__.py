"""Differential privacy: the epsilon that a training run has kept, recomputed, and lower bounds on it, measured: what it cannot have kept."""

from aisecops.attacks.inference.differential.accounting import Sampling, Search, Spent, Training, account
from aisecops.attacks.inference.differential.bounds import Bounded, clopper_pearson_bound, gaussian_bound, one_run_bound

__all__ = ["Bounded", "Sampling", "Search", "Spent", "Training", "account", "clopper_pearson_bound", "gaussian_bound", "one_run_bound"]

"""Lower bounds on the epsilon of differential privacy, measured: what a training run cannot have kept."""

from aisecops.attacks.inference.differential.bounds import Bounded, clopper_pearson_bound, gaussian_bound, one_run_bound

__all__ = ["Bounded", "clopper_pearson_bound", "gaussian_bound", "one_run_bound"]

"""Uncertainty in pure Python: intervals for proportions, their differences, and any statistic that can be resampled.

The record shows no number without its interval (``core.measurement``), and the base install has no numpy: so these few methods live here. Each says
in its docstring where it comes from, when it is exact, and when to use another.

==================  =======================================================================================================
``clopper_pearson``  one proportion, never covers less than it promises: for gates and for counts of attacks that succeeded
``wilson``           one proportion, covers about what it promises on average: for reports, narrower
``newcombe``         the difference of two independent proportions: between two models, groups or releases
``bootstrap``        anything else: a statistic of independent observations
==================  =======================================================================================================
"""

from aisecops.core.statistics.bootstrap import BootstrapMethod, bootstrap
from aisecops.core.statistics.clopper_pearson import clopper_pearson
from aisecops.core.statistics.interval import Interval
from aisecops.core.statistics.newcombe import newcombe
from aisecops.core.statistics.wilson import wilson

__all__ = ["BootstrapMethod", "Interval", "bootstrap", "clopper_pearson", "newcombe", "wilson"]

"""Whom a model wrongs: rates of groups beside the rest, with verdicts that the mere number of groups does not turn into alarms.

======================  ==========================================================================================================
``audit``                 every group, alone and where columns meet: fair within the margin, unfair, or too few to say
``calibration_gaps``      whose scores are too high or too low
``mean_gaps``             the same for regressions: residuals, absolute errors, predictions
``worst_slices``          the combination of up to three values where errors are surely more frequent
``proxies``               which allowed columns tell the protected one
``reweighing``            training weights; ``equalising_thresholds``: a cut for each group; ``price``: what either buys and costs
======================  ==========================================================================================================
"""

from aisecops.metrics.fairness.comparison import DEFAULT, MARGIN, Audit, Comparison, Standing, audit
from aisecops.metrics.fairness.groups import Groups, group_by
from aisecops.metrics.fairness.means import MeanGap, calibration_gaps, mean_gaps
from aisecops.metrics.fairness.mitigation import Price, Thresholds, equalising_thresholds, price, reweighing
from aisecops.metrics.fairness.proxies import Proxy, proxies
from aisecops.metrics.fairness.rates import Rate, rates_of
from aisecops.metrics.fairness.slices import Slice, SliceSearch, worst_slices

__all__ = [
    "DEFAULT", "MARGIN", "Audit", "Comparison", "Groups", "MeanGap", "Price", "Proxy", "Rate", "Slice", "SliceSearch", "Standing", "Thresholds",
    "audit", "calibration_gaps", "equalising_thresholds", "group_by", "mean_gaps", "price", "proxies", "rates_of", "reweighing", "worst_slices",
]  # fmt: skip

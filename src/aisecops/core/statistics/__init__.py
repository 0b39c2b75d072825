"""Uncertainty in pure Python: intervals, bands and tests, for one look at the data and for many.

The record shows no number without its interval (``core.measurement``), and the base install has no numpy: so these few methods live here. Each says
in its docstring where it comes from, when it is exact, and when to use another.

=======================  ==================================================================================================
``clopper_pearson``       one proportion, never covers less than it promises: for gates and for counts of attacks that succeeded
``wilson``                one proportion, covers about what it promises on average: for reports, narrower
``confidence_sequence``   one proportion, after stopping whenever one liked: never covers less than it promises
``SequentialGate``        is a proportion above or below a threshold? As few samples as the answer takes
``newcombe``              the difference of two independent proportions: between two models, groups or releases
``mcnemar``               two models on the same samples: are they right equally often?
``mover``                 weighted sums of independent estimates: balanced accuracy
``dkw_band``              a whole distribution at once: curves over budgets
``quantile_interval``     medians and other quantiles, censored values included
``bonferroni``, ``holm``  many questions at once
``hoeffding``             the mean of anything between 0 and 1, with no assumption about it: wide
``area_interval``         the area under a ROC curve
``bootstrap``             anything else: a statistic of independent observations
=======================  ==================================================================================================
"""

from aisecops.core.statistics.area import area_interval, delong_logit
from aisecops.core.statistics.bootstrap import BootstrapMethod, bootstrap
from aisecops.core.statistics.clopper_pearson import clopper_pearson
from aisecops.core.statistics.confidence_sequence import confidence_sequence
from aisecops.core.statistics.dkw import dkw_band, dkw_width
from aisecops.core.statistics.hoeffding import hoeffding
from aisecops.core.statistics.interval import Interval
from aisecops.core.statistics.mcnemar import mcnemar
from aisecops.core.statistics.mover import mover
from aisecops.core.statistics.multiplicity import bonferroni, holm
from aisecops.core.statistics.newcombe import newcombe
from aisecops.core.statistics.order_statistics import quantile_interval
from aisecops.core.statistics.sequential_gate import SequentialGate, Side, stake_below
from aisecops.core.statistics.wilson import wilson

__all__ = [
    "BootstrapMethod",
    "Interval",
    "SequentialGate",
    "Side",
    "area_interval",
    "bonferroni",
    "bootstrap",
    "clopper_pearson",
    "confidence_sequence",
    "delong_logit",
    "dkw_band",
    "dkw_width",
    "hoeffding",
    "holm",
    "mcnemar",
    "mover",
    "newcombe",
    "quantile_interval",
    "stake_below",
    "wilson",
]

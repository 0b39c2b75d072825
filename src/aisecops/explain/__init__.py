"""Why a model decides as it does, and how far one may believe the explanation.

========================  =======================================================================================================
``explain_flips``          why an attack worked: which changes turned the answer; ``undo_rate`` proves it
``carriers``               for each column, how many flips are undone by taking back its change alone
``counterfactuals``        the fewest of these changes that still turn it, within a domain
``baseline_shapley``       exact Shapley values between two points, of any model
``tree_changes``           the same for trees from their structure, for any number of features
``tree_contributions``     path-dependent Shapley values of trees, against a background
``permutation_importance`` what shuffling a column costs, with intervals
``stability``, ``drift``   whether explanations hold over seeds, and from one version to the next
``movements``              how far each column moves the answer between pairs of rows, of any model
``patches``, ``words_of``   pictures and texts as columns, so that the two above work on them, too
``compare_versions``       what a new version looks at more or less, and whether training again alone would explain that
========================  =======================================================================================================
"""

from aisecops.explain.blocks import Words, patches, words_of
from aisecops.explain.carriers import Carrier, carriers
from aisecops.explain.flips import Counterfactuals, Flips, counterfactuals, explain_flips
from aisecops.explain.permutation import Importance, permutation_importance
from aisecops.explain.shapley import Contributions, baseline_shapley
from aisecops.explain.stability import Drift, Stability, drift, stability
from aisecops.explain.trees import tree_changes, tree_contributions
from aisecops.explain.versions import VersionDrift, compare_versions, movements, row_pairs

__all__ = [
    "Carrier", "Contributions", "Counterfactuals", "Drift", "Flips", "Importance", "Stability", "VersionDrift", "Words", "baseline_shapley", "carriers",
    "compare_versions", "counterfactuals", "drift", "explain_flips", "movements", "patches", "permutation_importance", "row_pairs", "stability", "tree_changes",
    "tree_contributions", "words_of",
]  # fmt: skip

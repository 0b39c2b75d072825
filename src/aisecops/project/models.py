"""The ``models`` section of ``aisecops.yaml``: which models a project answers for, what they are asked with, and what an attacker may do.

Nothing of it is run by ``scan``. ``run`` opens each model in isolation and attacks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from aisecops.core.examination import NotExamined
from aisecops.core.text import inert_path
from aisecops.datasets.domain.declaration import Domain
from aisecops.datasets.roles import ColumnRoles
from aisecops.oracles.budget import Budget
from aisecops.oracles.spec import Endpoint, Framework, Output
from aisecops.oracles.training import NetworkTraining
from aisecops.project.data_sets import DeclaredData, checked_path


class ModelTask(StrEnum):
    """What a model is asked about."""

    TABLE = "table"
    TEXT = "text"
    IMAGE = "image"


class ModelTrust(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """That the file with this digest may be loaded though its verdict is not clean; who answers for that, why, and until when (ISO date)."""

    digest: str
    owner: str
    reason: str
    expires: str

    def __post_init__(self) -> None:
        if not self.digest.startswith("sha256:") or len(self.digest) != 71:
            raise ValueError("`digest` is `sha256:` and 64 hex digits, as the record shows it")
        for name in ("owner", "reason"):
            if not getattr(self, name).strip():
                raise ValueError(f"`{name}` is empty: somebody has to answer for trusting a file")


class EvasionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What an attacker may change, and how hard we try.

    Parameters
    ----------
    norm
        How a change of numbers is measured: ``linf``, ``l2``, ``l1``, in shares of each column's range (tables) or of the range of pixels (images).
    epsilon
        The budgets at which robust accuracy is told; the largest is the one that the gate and the sequential test look at.
    edits
        For texts: the share of words that may be changed.
    samples
        How many test samples are attacked, drawn by the seed.
    queries
        How often an attack without gradient or structure may ask about one sample.
    seconds
        Computing time for the attack that knows the structure, a sample.
    seeds
        How often attacks that draw are made anew, each with a seed of its own; a sample's worst case counts.
    classes
        The classes whose samples an attacker wants to change (``[spam]``); all, if empty.
    require
        The robust accuracy that is required: the assessment stops as soon as it is decided (error at most 5 % a side). None: all samples are attacked.
    """

    norm: str = "linf"
    epsilon: tuple[float, ...] = ()
    edits: float = 0.25
    samples: int = 200
    queries: int = 1000
    seconds: float = 2.0
    seeds: int = 1
    classes: tuple[str, ...] = ()
    require: float | None = None

    def __post_init__(self) -> None:
        if self.norm not in ("linf", "l2", "l1"):
            raise ValueError(f"`norm` is linf, l2 or l1, not `{self.norm}`")
        if any(not 0 < epsilon < float("inf") for epsilon in self.epsilon):
            raise ValueError("`epsilon` takes numbers above 0")
        if not 0 < self.edits <= 1:
            raise ValueError("`edits` is a share: above 0, at most 1")
        if min(self.samples, self.queries, self.seeds) < 1 or not self.seconds > 0:
            raise ValueError("`samples`, `queries`, `seconds` and `seeds` are above 0")
        if self.require is not None and not 0 < self.require < 1:
            raise ValueError("`require` lies between 0 and 1")


class DifferentialPrivacyClaim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The differential privacy that a model is said to have been trained with, and what its training did (``attacks.inference.differential``).

    Parameters
    ----------
    epsilon, delta
        The claim: neighbours differ in one record more or less.
    noise_multiplier, sample_rate, steps
        Of DP-SGD; all three, or none: then only measured bounds are compared with the claim.
    sampling
        ``poisson``, or ``shuffled``: then no amplification is counted.
    runs, search
        How many models were trained to choose this one from, and whether that number was fixed (``composition``) or drawn from a distribution with this mean
        before the first (``geometric``, ``logarithmic``, ``poisson``).
    """

    epsilon: float
    delta: float
    noise_multiplier: float = 0.0
    sample_rate: float = 0.0
    steps: int = 0
    sampling: str = "poisson"
    runs: float = 1
    search: str = "composition"

    def __post_init__(self) -> None:
        if not 0 < self.epsilon < float("inf") or not 0 < self.delta < 1:
            raise ValueError("`epsilon` is above 0, `delta` lies between 0 and 1")
        given = (self.noise_multiplier, self.sample_rate, self.steps)
        if any(given) and not (0 < self.noise_multiplier < float("inf") and 0 < self.sample_rate <= 1 and self.steps >= 1):
            raise ValueError("`noise-multiplier` is above 0, `sample-rate` above 0 and at most 1, `steps` at least 1: all three, or none")
        if self.sampling not in ("poisson", "shuffled"):
            raise ValueError("`sampling` is poisson or shuffled")
        if self.search not in ("composition", "geometric", "logarithmic", "poisson"):
            raise ValueError("`search` is composition, geometric, logarithmic or poisson")
        if not 1 <= self.runs < float("inf") or (self.search == "composition" and self.runs != int(self.runs)):
            raise ValueError("`runs` is at least 1, and a whole number where runs are composed")


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What must not be learned from a model, and how hard we try.

    Parameters
    ----------
    samples
        Records that are attacked, at most, of the training data and of the test set each.
    shadows
        Models trained with the parameters of this one on halves of these records: an even number of 4 or more; 0: none, and a weaker attack.
    sensitive
        Columns of which nobody should learn the value of a person in the training data.
    extraction
        Queries that a thief may send to copy the model; 0: nobody asks how well that goes.
    keep-risks
        Keep the list of exposed records, and what inversion reconstructs, beside the run, encrypted. They are personal data: not kept, unless asked for.
    label-queries
        Queries a record with which a model that gives labels alone is attacked; 0: only whether it is right is looked at.
    differential
        The differential privacy that it is said to have.
    training
        For torch modules: how it was trained. Without it there are no shadow models of them.
    """

    samples: int = 2000
    shadows: int = 8
    sensitive: tuple[str, ...] = ()
    extraction: int = 0
    keep_risks: bool = False
    label_queries: int = 0
    differential: DifferentialPrivacyClaim | None = None
    training: NetworkTraining | None = None

    def __post_init__(self) -> None:
        if self.samples < 20 or 0 < self.extraction < 20 or self.extraction < 0:
            raise ValueError("`samples` is at least 20, `extraction` 0 or at least 20")
        if self.shadows and (self.shadows < 4 or self.shadows % 2):
            raise ValueError("`shadows` is 0 or an even number of 4 or more")
        if self.label_queries < 0 or 0 < self.label_queries < 20:
            raise ValueError("`label-queries` is 0 or at least 20")


class FairnessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Whom a model must not treat worse than others.

    Parameters
    ----------
    protected
        Columns of the test data whose groups are compared; the model need not be given them (then list in ``columns`` what it is given).
    favourable
        The class that people want to get. Empty: of two classes the second.
    metrics
        What is compared: ``selection-rate``, ``true-positive-rate``, ``false-positive-rate``, ``positive-predictive-value``, ``error-rate``, or names of fairlearn.
    margin
        By how much a group's rate may differ from that of everybody else.
    intersections
        How many columns meet at most: 2 compares women of one race with everybody else, too.
    population
        Whom the test rows stand for, in words: what the numbers say, they say of these people.
    samples
        Rows that are asked about, at most.
    """

    protected: tuple[str, ...]
    favourable: str = ""
    metrics: tuple[str, ...] = ("selection-rate", "true-positive-rate", "false-positive-rate", "error-rate")
    margin: float = 0.1
    intersections: int = 2
    population: str = ""
    samples: int = 20_000

    def __post_init__(self) -> None:
        if not self.protected or not self.metrics:
            raise ValueError("`protected` names at least one column, and `metrics` what is compared")
        if not 0 < self.margin < 1:
            raise ValueError("`margin` lies between 0 and 1: 0.1 allows ten points")
        if not 1 <= self.intersections <= 4 or self.samples < 1:
            raise ValueError("`intersections` lies between 1 and 4, `samples` is above 0")


DEFENCES = ("rounding", "top-k", "temperature", "labels", "depth", "leaf", "regularisation", "early-stopping", "differential-privacy")
"""Of training data; ``aisecops.defences.leakage.settings.Family`` says what each is. The last is for torch networks whose ``privacy.training`` is declared."""


class DefenceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which defences of its training data are tried on a model, and what they may cost.

    Parameters
    ----------
    families
        Of ``DEFENCES``; all that apply, if empty.
    tolerance
        The accuracy that the project is willing to pay: 0.03 is three rows in a hundred.
    robust_samples
        Test rows that are attacked for the robust accuracy of each retrained model, at the largest ``evasion.epsilon``; 0: none.
    """

    families: tuple[str, ...] = ()
    tolerance: float = 0.03
    robust_samples: int = 20

    def __post_init__(self) -> None:
        if unknown := [name for name in self.families if name not in DEFENCES]:
            raise ValueError(f"`families` takes {', '.join(DEFENCES)}, not `{inert_path(unknown[0])}`")
        if not 0 <= self.tolerance < 1 or self.robust_samples < 0:
            raise ValueError("`tolerance` lies between 0 and 1, `robust-samples` is not below 0")


class DeclaredModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A model that the project answers for.

    Parameters
    ----------
    path, endpoint, callable
        Exactly one: a file or folder of the project, an address, or ``package.module:function`` below one of the folders ``code``.
    framework, output, classes, shape
        What the file does not tell (``aisecops.oracles.spec.ModelSpec``).
    pixels
        For images: the numbers that it takes for the darkest and the brightest pixel, such as (0, 1). None: pixels go in as they are stored.
    previous, previous_trust
        The file of its earlier version, which is asked beside it (of the same framework, about the same columns), and who answers for loading that although its
        verdict is not clean.
    data, label, text
        A labelled test set (rows that it was not trained on), the column of the right answer, and for texts the column of the text. Folders of pictures, each named
        like a label, have no such column.
    training_data
        The rows that it was trained on, with the same columns: what its answers must not give away.
    columns
        For tables: the columns that it is given, in order; all but the label, if empty.
    frame
        Whether a table is given as a DataFrame. None: where a column holds text.
    domain
        What values make sense (``aisecops.datasets.domain``). None: found in the test set, with every column free to change within its range.
    """

    name: str
    task: ModelTask = ModelTask.TABLE
    path: str = ""
    endpoint: Endpoint | None = None
    callable: str = ""
    code: tuple[str, ...] = ()
    framework: Framework | None = None
    output: Output | None = None
    classes: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    pixels: tuple[float, float] | None = None
    data: str = ""
    label: str = ""
    text: str = ""
    columns: tuple[str, ...] = ()
    frame: bool | None = None
    domain: Domain | None = None
    trust: ModelTrust | None = None
    previous: str = ""
    previous_trust: ModelTrust | None = None
    training_data: str = ""
    evasion: EvasionSettings = EvasionSettings()
    privacy: PrivacySettings = PrivacySettings()
    fairness: FairnessSettings | None = None
    defences: DefenceSettings | None = None
    budget: Budget = Budget()

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("`name` is empty: call the model something")
        if sum(map(bool, (self.path, self.endpoint, self.callable))) != 1:
            raise ValueError(f"the model `{inert_path(self.name)}` needs exactly one of `path`, `endpoint`, `callable`")
        for path in (self.path, self.previous, self.data, self.training_data, *self.code):
            checked_path(path)
        if self.previous and not self.path:
            raise ValueError(f"the model `{inert_path(self.name)}` is no file: `previous` is for those that have a `path`")
        if self.task is ModelTask.TEXT and self.data and not self.text:
            raise ValueError(f"the model `{inert_path(self.name)}` is asked about texts: `text` names their column")
        if self.pixels and (self.task is not ModelTask.IMAGE or not self.pixels[0] < self.pixels[1]):
            raise ValueError(
                f"the model `{inert_path(self.name)}`: `pixels` are the numbers, least first, that it takes for the darkest and brightest pixel"
            )
        if self.task is ModelTask.IMAGE and self.fairness:
            raise ValueError(f"the model `{inert_path(self.name)}` is asked about images: `fairness` needs a table with the protected columns")

    def data_sets(self) -> Iterator[tuple[str, DeclaredData]]:
        """Yield the path of each data set that it names, and what it says of that: label, text, what values make sense, and what the rows are for."""
        for path, role in ((self.data, "test"), (self.training_data, "train")):
            if path:
                yield path, DeclaredData(role=role, columns=ColumnRoles(label=self.label, text=self.text), domain=self.domain)


class ModelUnderTest(msgspec.Struct, frozen=True, kw_only=True):
    """A declared model with everything that its checks need, found and judged.

    Parameters
    ----------
    location, data, training, code, replay
        Where this process opens the model, its test data, its training data, the project's own code that it needs, and what fooled it before; empty: there is none.
    trusted
        Why its file may be loaded: ``clean``, or whose word that is; empty: it may not, and ``refusal`` says why.
    previous, previous_refusal
        Where its earlier version is opened, and why it may not be.
    """

    declared: DeclaredModel
    location: str = ""
    data: str = ""
    training: str = ""
    code: tuple[str, ...] = ()
    replay: str = ""
    trusted: str = ""
    refusal: NotExamined | None = None
    previous: str = ""
    previous_refusal: NotExamined | None = None


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The models of a run by the id of their asset, and whether an untrusted one may be loaded where isolation is weaker than asked."""

    models: dict[str, ModelUnderTest] = {}
    allow_weak_isolation: bool = False

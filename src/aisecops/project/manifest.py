"""``aisecops.yaml``: what a project says about itself.

Everything in it is optional but the name; without a manifest, discovery finds what there is. It is a setting of the person who runs aisecops: of somebody
else's tree (``--untrusted``) it is data to examine, and nobody calls ``load_manifest``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from aisecops.core.asset import AssetKind
from aisecops.core.errors import ManifestError
from aisecops.core.policy import Waiver
from aisecops.core.settings import ModelFileSettings
from aisecops.core.text import inert, inert_path
from aisecops.datasets.domain.declaration import Domain
from aisecops.datasets.masking import MaskSettings
from aisecops.datasets.population_groups import shares
from aisecops.datasets.roles import ColumnRoles
from aisecops.project.data_sets import checked_path
from aisecops.project.models import DeclaredModel

if TYPE_CHECKING:
    from aisecops.core.yaml_text import Mistake


class Role(StrEnum):
    """What a declared asset is for. Checks of poisoning, leakage and privacy need to know which data a model has seen."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    CALIBRATION = "calibration"
    REFERENCE = "reference"
    PRODUCTION = "production"


class Use(StrEnum):
    """What a data set is used for, as far as licences speak of it."""

    COMMERCIAL = "commercial"
    MODIFY = "modify"
    REDISTRIBUTE = "redistribute"


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How long a row may be kept: for some ``days``, or ``until`` what a column of that name says.

    ``column``: when it was recorded; left out, the column whose role is time.
    """

    days: int = 0
    column: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        if self.days < 1 and (self.days or self.column or not self.until):
            raise ValueError("`retention.days` is below 1: say for how many days a row may be kept, or in `until` which column says until when")


class DeclaredAsset(ColumnRoles, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A file or folder that the project names itself: always examined, as the kind that it is declared to be.

    Parameters
    ----------
    path
        Relative to the manifest's folder, with ``/``.
    role
        What it is for; of data sets, which data a model has seen.
    label, group, time, id, text, image, split, source, consent
        Of a data set: the column of that role (``aisecops.datasets.roles``); where it is left out, names that speak for themselves count.
    personal
        Of a data set: columns that may hold data of persons; what is found in others is a finding.
    domain
        Of a data set: what values make sense (``aisecops.datasets.domain``).
    previous
        Of a data set: the path of its earlier version, which changes are judged against.
    schema
        Of a data set: a pandera schema, written by ``schema.to_yaml`` or ``to_json``, that its cells have to hold to.
    license
        Of a data set: an SPDX id, or whatever its licence is called.
    provenance
        Of a data set: where it comes from, in a line.
    use
        Of a data set: what it is used for, which its licence must allow.
    population
        Of a data set: for a column the share of each group in the population that the data are to stand for: ``{sex: {f: 0.5, m: 0.5}}``, per cents or persons.
    retention
        Of a data set: how long a row may be kept.
    erased, salt
        Of a data set: a file with a salted hash in each line (SHA-256 of salt and id, in hex) of the rows that must be gone, and the salt.
    erased_by
        Of a data set: the columns that the list was made from, each by itself, or a list of those that were joined.
    mask
        Of a data set: what ``aisecops mask`` does to it (``aisecops.datasets.masking``).
    """

    path: str
    kind: AssetKind
    role: Role | None = None
    description: str = ""
    domain: Domain | None = None
    previous: str = ""
    erased: str = ""
    erased_by: tuple[str | tuple[str, ...], ...] = ()
    salt: str = ""
    mask: MaskSettings | None = None
    schema: str = ""
    license: str = ""
    provenance: str = ""
    use: tuple[Use, ...] = ()
    population: dict[str, dict[str, float]] = msgspec.field(default_factory=dict)
    retention: Retention | None = None

    def __post_init__(self) -> None:
        if not self.path:
            raise ValueError("the path is empty: name a file or folder, relative to the manifest's folder")
        for path in (self.path, self.previous, self.erased, self.schema):
            checked_path(path)
        if self.kind is not AssetKind.DATA_SET and (self.columns() != ColumnRoles() or self.domain or self.previous or self.erased or self.mask):
            raise ValueError(f"`{inert_path(self.path)}` is no data set: columns, `domain`, `previous`, `erased` and `mask` are for these")
        self._check_governance()

    def _check_governance(self) -> None:
        if self.kind is not AssetKind.DATA_SET and (self.schema or self.license or self.provenance or self.use or self.population or self.retention):
            raise ValueError(
                f"`{inert_path(self.path)}` is no data set: `schema`, `license`, `provenance`, `use`, `population` and `retention` are for these"
            )
        for column, groups in self.population.items():
            try:
                shares(groups)
            except ValueError as wrong:
                raise ValueError(f"`population.{inert(column, 40)}`: {wrong}") from None

    def columns(self) -> ColumnRoles:
        """Return what its columns are declared to be."""
        return ColumnRoles(**{name: getattr(self, name) for name in ColumnRoles.__struct_fields__})


class CodeSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The ``code`` section. ``libraries``: files, relative to the manifest's folder, that say what the project's own wrappers and libraries do."""

    libraries: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """``aisecops.yaml`` as the program sees it.

    ``policy`` is the name of a shipped policy or a path (empty: the default policy). ``exclude`` takes ``.gitignore`` patterns relative to the manifest's
    folder: what they match is not examined at all, and listed as left out. ``baseline`` is the file of findings that stand accepted.
    """

    name: str
    description: str = ""
    owner: str = ""
    policy: str = ""
    exclude: tuple[str, ...] = ()
    assets: tuple[DeclaredAsset, ...] = ()
    models: tuple[DeclaredModel, ...] = ()
    model_files: ModelFileSettings = ModelFileSettings()
    code: CodeSection = CodeSection()
    waivers: tuple[Waiver, ...] = ()
    baseline: str = "aisecops.baseline.json"

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("`name` is empty: call the project something")


def load_manifest(path: str) -> Manifest:
    """Read the manifest at ``path``. Raises ``ManifestError`` with file, line, column and the nearest thing that would be right."""
    from aisecops.core.yaml_text import MAX_BYTES, parse_yaml

    return parse_yaml(_read(path, MAX_BYTES + 1), Manifest, source=path, error=ManifestError, mistakes=_mistakes)


def _mistakes(manifest: Manifest) -> Iterator[Mistake]:
    """Yield what types cannot say against ``manifest``."""
    from aisecops.core.dates import is_day
    from aisecops.core.yaml_text import Mistake
    from aisecops.knowledge import policies

    policy = manifest.policy
    if policy and policy not in policies.NAMES and not policies.is_path(policy):
        yield Mistake(("policy",), f"there is no policy `{inert(policy)}`", policies.way_out(policy))
    seen: set[str] = set()
    for number, waiver in enumerate(manifest.waivers):
        if waiver.id in seen:
            what = f"two waivers have the id `{inert(waiver.id)}`"
            yield Mistake(("waivers", number, "id"), what, "give each an id of its own: the verdict names them by it")
        seen.add(waiver.id)
    dated: dict[tuple[str | int, ...], str] = {("waivers", n, "expires"): waiver.expires for n, waiver in enumerate(manifest.waivers)}
    named: set[str] = set()
    for number, model in enumerate(manifest.models):
        if model.name in named:
            what = f"two models are called `{inert(model.name)}`"
            yield Mistake(("models", number, "name"), what, "give each a name of its own: measurements name them by it")
        named.add(model.name)
        for mistake in model.domain.mistakes() if model.domain else ():
            yield Mistake(("models", number, "domain", *mistake.path), mistake.what, mistake.fix)
    for number, asset in enumerate(manifest.assets):
        for mistake in asset.domain.mistakes() if asset.domain else ():
            yield Mistake(("assets", number, "domain", *mistake.path), mistake.what, mistake.fix)
    dated |= {("models", n, "trust", "expires"): model.trust.expires for n, model in enumerate(manifest.models) if model.trust}
    dated |= {("models", n, "previous-trust", "expires"): one.previous_trust.expires for n, one in enumerate(manifest.models) if one.previous_trust}
    dated |= {("model-files", "allow", n, "expires"): entry.expires for n, entry in enumerate(manifest.model_files.allow)}
    for path, day in dated.items():
        if not is_day(day):
            yield Mistake(path, f"`expires: {inert(day)}` is not a day", "write the last day on which it holds as YYYY-MM-DD")


def _read(path: str, limit: int) -> bytes:
    where = inert_path(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise ManifestError("not a file", where=where, fix="give the path of an aisecops.yaml")
        with open(path, "rb") as file:
            return file.read(limit)
    except FileNotFoundError:
        raise ManifestError("no such file", where=where, fix="`aisecops init` writes one") from None
    except OSError as wrong:
        raise ManifestError(f"it cannot be read ({wrong.strerror})", where=where, fix="check its permissions") from None

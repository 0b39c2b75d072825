"""Look at a project and write an ``aisecops.yaml`` for it that a person would be glad to edit."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

import msgspec

from aisecops.core.asset import AssetKind
from aisecops.core.errors import UserError
from aisecops.core.examination import NotExamined
from aisecops.core.progress import Progress, Silent
from aisecops.core.text import inert, inert_path
from aisecops.gate.policies import load_policy
from aisecops.knowledge import policies
from aisecops.project.data_sets import guessed_role
from aisecops.project.discovery import Discovery, Found, discover
from aisecops.project.manifest import Role
from aisecops.project.state import MANIFEST_NAME
from aisecops.workflows.init_data_sets import columns_of, data_set_entries, is_plain, quoted

_DEFAULT_POLICY = "standard"
_EXAMPLES = 3
_LARGEST_TABLE = 64 << 20
_NAMES = {
    AssetKind.SOURCE_FILE: ("Python file", "Python files"),
    AssetKind.NOTEBOOK: ("notebook", "notebooks"),
    AssetKind.DEPENDENCY_SET: ("dependency file", "dependency files"),
    AssetKind.CONFIGURATION: ("configuration file", "configuration files"),
    AssetKind.DATA_SET: ("data set", "data sets"),
    AssetKind.DOCUMENT: ("document", "documents"),
    AssetKind.MODEL_FILE: ("model file", "model files"),
    AssetKind.HUB_FOLDER: ("hub folder", "hub folders"),
    AssetKind.PROMPT: ("prompt or agent file", "prompts and agent files"),
    AssetKind.DEPLOYMENT: ("deployment file", "deployment files"),
}


class InitReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, and what it rests on. ``path`` is inert; ``counts`` holds the kinds that were found, in the order of the written file."""

    path: str
    text: str
    counts: dict[AssetKind, int]
    not_examined: tuple[NotExamined, ...]
    left_out: int


def init(folder: str, *, force: bool = False, progress: Progress | None = None) -> InitReport:
    """Find what is in ``folder`` and write its ``aisecops.yaml``: the same text for the same files.

    Raises
    ------
    UserError
        There is one already (unless ``force``), or the folder cannot be read or written.
    """
    path = os.path.join(folder, MANIFEST_NAME)
    if os.path.lexists(path) and not force:
        raise UserError("it is there already", where=inert_path(path), fix="edit it, or write it anew with --force")
    discovery = discover([folder], manifest=None, progress=progress or Silent())
    if not os.path.isdir(folder):
        raise UserError("not a folder", where=inert_path(folder), fix="give the folder that the project lives in")
    discovery = _without(discovery, MANIFEST_NAME)
    text = manifest_text(os.path.basename(os.path.realpath(folder)), discovery)
    _write(path, text, force=force)
    return InitReport(
        path=inert_path(path),
        text=text,
        counts=dict(_counts(discovery.found)),
        not_examined=discovery.not_examined,
        left_out=sum(item.count for item in discovery.left_out),
    )


def _without(discovery: Discovery, path: str) -> Discovery:
    """``discovery`` as if the file at ``path`` were not there: writing a manifest anew gives the same text."""
    return msgspec.structs.replace(discovery, found=tuple(item for item in discovery.found if item.path != path))


def manifest_text(name: str, discovery: Discovery) -> str:
    """Return a commented manifest. What comes from the tree is quoted as JSON, or inert in a comment: no file name can write a key."""
    return f"""\
# What aisecops knows about this project. Lines that begin with `#key` are examples: take the # away and edit them.
# Every key but `name` can be left out; the value in [brackets] holds then.
# See what it says:  aisecops scan .

name: {quoted(inert_path(name) or "project")}
#description: "one line about what it is for"
#owner: "who answers for it"

# What a run must show to pass [{_DEFAULT_POLICY}]:
{_policies()}
# or the path of a policy file of your own.
policy: {_DEFAULT_POLICY}

# What is not examined at all, whatever it is: .gitignore patterns, relative to this file. Every run lists what they leave out.
exclude: []

{_found(discovery)}
#
# They are found anew in every run, by their content: no need to list them. Name those that aisecops should know more about: their role
# ({", ".join(Role)}), or a kind that content does not show
# ({", ".join(kind for kind in _NAMES)}).
#assets:
{data_set_entries(discovery.found)}

# Models that this project answers for: `aisecops run` opens each in isolation, asks it about a labelled test set and attacks it (docs/attacks/).
#models:
{_example_models(discovery.found)}

# Callables that model files of this project may use, beside those known to be harmless. A finding says what to write here, word for word.
# Operations: reference, call, instantiate, state, items. An entry holds until its date; then somebody looks at it again.
#model-files:
#  allow:
#    - callable: our_package.layers.Attention
#      operations: [reference, instantiate, state]
#      owner: "who answers for it"
#      reason: "our own layer; reviewed"
#      expires: 2027-12-31

# What wrappers and libraries of your own do with what they are given, in the form of docs/library-knowledge.md: files relative to this one.
#code:
#  libraries: [security/our_wrappers.yaml]

# Findings that are accepted for a while: by fingerprint, or by check, category and asset (shell patterns).
# A waiver that has expired, or that nothing needs any more, is itself reported.
#waivers:
#  - id: legacy-model
#    owner: "who answers for it"
#    reason: "retrained in the next release; loaded in a container without network"
#    expires: 2027-12-31
#    asset: ["models/legacy.pkl"]
#    category: [unknown-callable]

# Where findings that stood when the project began are kept; `aisecops baseline` writes it.
#baseline: aisecops.baseline.json
"""


def _policies() -> str:
    width = max(map(len, policies.NAMES))
    return "\n".join(f"#   {name:<{width}}  {load_policy(name).title[:1].lower()}{load_policy(name).title[1:]}" for name in policies.NAMES)


def _found(discovery: Discovery) -> str:
    """What there is, a line for each kind with a few examples."""
    counts = _counts(discovery.found)
    if not counts:
        return "# Found here: nothing yet that aisecops examines."
    width = max(len(f"{count:,}") for _, count in counts)
    lines = ["# Found here:"]
    for kind, count in counts:
        paths = [inert(item.path, 60) for item in discovery.found if item.kind is kind]
        names = f"{count:>{width},} {_NAMES[kind][count > 1]}"
        lines.append(f"#   {names:<{width + 26}}{', '.join(paths[:_EXAMPLES])}{', ...' if count > _EXAMPLES else ''}")
    if discovery.not_examined:
        lines.append(
            f"# {len(discovery.not_examined):,} more could not be read (not fetched, no permission, ...): `aisecops scan .` says what to do."
        )
    return "\n".join(line.rstrip() for line in lines)


def _counts(found: Sequence[Found]) -> list[tuple[AssetKind, int]]:
    counts = Counter(item.kind for item in found)
    return [(kind, counts[kind]) for kind in _NAMES if counts[kind]]


def _example_models(found: Sequence[Found]) -> str:
    """An entry for a model file that is here, with a data set that looks like its test data and the domain that was found in it."""
    model = next((item.path for item in found if item.kind is AssetKind.MODEL_FILE and is_plain(item.path)), "models/model.pkl")
    tables = [item for item in found if item.kind is AssetKind.DATA_SET and is_plain(item.path)]
    data = next((item for item in tables if guessed_role(item.path) == Role.TEST), None)
    label, domain = _domain(data.location) if data else ("", "")
    return f"""\
#  - name: {quoted(model.rpartition("/")[2].partition(".")[0])}
#    path: {quoted(model)}
#    task: table            # or text, image
#    data: {quoted(data.path if data else "data/test.csv")}
#    label: {quoted(label or "the column of the right answer")}
#    evasion: {{norm: linf, epsilon: [0.05, 0.1], samples: 200}}{domain}"""


def _domain(location: str) -> tuple[str, str]:
    """The column of a table that looks like its label, and what values the others take, as a commented entry; empty where the table cannot be read."""
    if not os.path.isfile(location) or os.path.getsize(location) > _LARGEST_TABLE:
        return "", ""
    try:
        from aisecops.datasets.domain.inference import infer
        from aisecops.datasets.domain.rendering import domain_yaml
        from aisecops.datasets.reading import read_table

        table = read_table(location)
        label = columns_of(location).label
        if not label or len(table.names) < 2 or not table.rows:  # which columns a model is given, nobody can say then
            return "", ""
        lines = ["    domain:", *domain_yaml(infer(table, target=label), 6).splitlines()]
    except (UserError, ModuleNotFoundError):
        return "", ""
    return label, "".join(f"\n#{line}" for line in lines)


def _write(path: str, text: str, *, force: bool) -> None:
    """Write the whole file or none of it; never through a link."""
    fresh = f"{path}.{os.getpid()}.new"
    try:
        with open(fresh, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        try:
            (os.replace if force else os.link)(fresh, path)
        finally:
            if os.path.lexists(fresh):
                os.unlink(fresh)
    except OSError as wrong:
        raise UserError(f"it cannot be written ({wrong.strerror})", where=inert_path(path), fix="check the permissions of the folder") from None

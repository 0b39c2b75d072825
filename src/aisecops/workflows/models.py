"""The models of a manifest as assets: found, given a digest over everything that their results rest on, and judged whether they may be loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from aisecops.core.asset import Asset, AssetKind, FileVerdict
from aisecops.core.digest import canonical_json, digest
from aisecops.core.errors import ManifestError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.run import Results
from aisecops.core.text import inert, inert_path
from aisecops.project.digests import digest_files
from aisecops.project.discovery import Found
from aisecops.project.models import DeclaredModel, ModelTask, ModelTrust, ModelUnderTest
from aisecops.workflows.replay import evasions_of
from aisecops.workflows.standing import Standing


class ModelAssets:
    """The declared models of ``project`` as ``assets`` with their ``locations`` and ``settings`` by asset id; ``static`` is what the scan found out.

    Raises
    ------
    ManifestError
        A file that the manifest names is not there.
    """

    def __init__(self, project: Standing, static: Results, today: str, *, jobs: int, stop: Callable[[], bool]) -> None:
        self.assets: tuple[Asset, ...] = ()
        self.locations: dict[str, str] = {}
        self.settings: dict[str, ModelUnderTest] = {}
        self._project, self._today, self._static = project, today, static
        declared = project.manifest.models if project.manifest else ()
        found = [_found(self._at(path, f"models[{n}]"), path) for n, model in enumerate(declared) for path in _paths(model)]
        self._digests, self._reasons = digest_files(list({item.path: item for item in found}.values()), jobs=jobs, stop=stop)
        for model in declared:
            self._add(model)

    def _add(self, model: DeclaredModel) -> None:
        kind = AssetKind.ENDPOINT if model.endpoint else AssetKind.MODEL
        name = Asset.id_of(kind, inert_path(model.name))
        replay = evasions_of(self._project.state, inert(model.name), texts=model.task is ModelTask.TEXT)
        trusted, refusal = self._trust(model)
        self.settings[name] = ModelUnderTest(
            declared=model,
            location=self._at(model.path) if model.path else "",
            data=self._at(model.data) if model.data else "",
            training=self._at(model.training_data) if model.training_data else "",
            code=tuple(self._at(path) for path in model.code),
            replay=replay.path if replay else "",
            trusted=trusted,
            refusal=refusal,
            previous=self._at(model.previous) if model.previous else "",
            previous_refusal=self._trust_in_file(model.previous, model.previous_trust, "previous-trust")[1] if model.previous else None,
        )
        facts = {"name": inert(model.name), "task": model.task.value} | ({"trusted": inert(trusted)} if trusted else {})
        if model.fairness:
            facts["protected"] = "declared"
        facts |= {name: "declared" for name, value in _asked(model).items() if value}
        if replay:
            facts["replayed"] = replay.digest
        size = os.path.getsize(self._at(model.path)) if model.path else 0
        path = inert_path(model.path or model.callable or (model.endpoint.url if model.endpoint else ""))
        asset = Asset(id=name, kind=kind, path=path, digest=self._digest(model, facts), size=size, parent=self._parent(model), facts=facts)
        self.assets += (asset,)
        self.locations[name] = self._at(model.path) if model.path else ""

    def _digest(self, model: DeclaredModel, facts: dict[str, str]) -> str:
        """Over the model, its data, the code that it needs, and what was declared; empty for an endpoint: nothing says whether it is still the same."""
        if model.endpoint:
            return ""
        said = [self._digests.get(path, "") for path in _paths(model)]
        return digest(canonical_json([said, model, facts]))

    def _parent(self, model: DeclaredModel) -> str:
        return next((asset.id for asset in self._static.assets if asset.kind is AssetKind.MODEL_FILE and asset.path == model.path), "")

    def _trust(self, model: DeclaredModel) -> tuple[str, NotExamined | None]:
        """Say why the model may be loaded, or why not."""
        if model.endpoint:
            if model.endpoint.authorised_by.strip():
                return f"asked over the network, allowed by {model.endpoint.authorised_by}", None
            remedy = "name who has allowed to attack this endpoint: `authorised-by` in aisecops.yaml"
            return "", NotExamined(code=Code.NOT_TRUSTED, reason="nobody has authorised attacks on this endpoint", remedy=remedy)
        if model.callable:
            return "code of this project, named in its manifest", None
        return self._trust_in_file(model.path, model.trust, "trust")

    def _trust_in_file(self, path: str, trust: ModelTrust | None, key: str) -> tuple[str, NotExamined | None]:
        """By somebody's word for its digest, which stands under ``key`` in the manifest, or by its verdict."""
        if unread := self._reasons.get(path):
            return "", NotExamined(code=Code.UNREADABLE, reason=unread, remedy="make it readable, and run again")
        found = self._digests[path]
        if trust and trust.digest == found and trust.expires >= self._today:
            return f"by {trust.owner} until {trust.expires}: {trust.reason}", None
        return self._by_verdict(path, found, key)

    def _by_verdict(self, path: str, found: str, key: str) -> tuple[str, NotExamined | None]:
        files = [
            asset for asset in self._static.assets if asset.kind is AssetKind.MODEL_FILE and (asset.path == path or asset.path.startswith(path + "/"))
        ]
        remedy = f"mend what the scan says of it, or trust this very file: `{key}` in aisecops.yaml with digest {found}, owner, reason and expires"
        if not files:
            return "", NotExamined(
                code=Code.NOT_TRUSTED, reason="its file was not examined by this scan, so nobody knows what loading it runs", remedy=remedy
            )
        worst = FileVerdict.worst(*(asset.verdict or FileVerdict.INCOMPLETE for asset in files))
        if worst is FileVerdict.CLEAN:
            return "clean", None
        reason = f"the verdict of its file is {worst}: loading it may run code"
        return "", NotExamined(code=Code.NOT_TRUSTED, reason=reason, remedy=remedy)

    def _at(self, path: str, where: str = "") -> str:
        location = os.path.join(self._project.folder, *path.split("/"))
        if where and not os.path.exists(location):
            raise ManifestError(
                "no such file", where=f"{inert_path(self._project.path)}: {where}: {inert_path(path)}", fix="paths are relative to aisecops.yaml"
            )
        return location


def _paths(model: DeclaredModel) -> Sequence[str]:
    return [path for path in (model.path, model.previous, model.data, model.training_data, *model.code) if path]


def _asked(model: DeclaredModel) -> dict[str, object]:
    """What the manifest asks to know about privacy: checks are planned by it."""
    return {
        "previous": model.previous,
        "training-data": model.training_data,
        "sensitive": model.training_data and model.privacy.sensitive,
        "extraction": model.privacy.extraction,
        "differential-privacy": model.privacy.differential,
        "defences": model.training_data and model.defences,
    }


def _found(location: str, path: str) -> Found:
    size = os.path.getsize(location) if os.path.isfile(location) else 0
    return Found(kind=AssetKind.MODEL, path=path, location=os.path.realpath(location), size=size)

"""What a project says about how its runs are judged: the manifest's policy, waivers, allowances and baseline, or the defaults."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aisecops.core.errors import ManifestError
from aisecops.core.examination import LeftOut
from aisecops.core.policy import Waiver
from aisecops.core.settings import AllowedCallable, CodeSettings, LibraryText, ModelFileSettings, SecretSettings
from aisecops.core.text import inert, inert_path
from aisecops.gate.baseline import FILE_NAME
from aisecops.project.state import find_manifest, state_folder

if TYPE_CHECKING:
    from aisecops.project.manifest import Manifest

DEFAULT_POLICY = "standard"
_LARGEST = 4 << 20


class Standing:
    """The project around ``paths``; nothing at all for somebody else's tree (``untrusted``), whose settings are data.

    Raises
    ------
    ManifestError, PolicyError
        The manifest does not say what it should.
    """

    def __init__(self, paths: Sequence[str], *, untrusted: bool = False) -> None:
        self.path = "" if untrusted else find_manifest(paths) or ""
        self.manifest: Manifest | None = None
        if self.path:
            from aisecops.project.manifest import load_manifest

            self.manifest = load_manifest(self.path)
        self.folder = os.path.dirname(self.path)
        self.state = state_folder(paths, untrusted)
        self._untrusted = untrusted

    @property
    def policy(self) -> str:
        """The policy's name, or its file, which is meant relative to the manifest."""
        name = (self.manifest.policy if self.manifest else "") or DEFAULT_POLICY
        return os.path.join(self.folder, name) if name.endswith((".yaml", ".yml", ".json")) else name

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """What the project accepts, by whom and until when."""
        return self.manifest.waivers if self.manifest else ()

    @property
    def baseline_path(self) -> str:
        """Where the baseline lies, or will: as the manifest says, else beside ``.aisecops/``; empty for somebody else's tree."""
        if self.manifest:
            return os.path.join(self.folder, self.manifest.baseline)
        return os.path.join(os.path.dirname(self.state), FILE_NAME) if self.state else ""

    def code(self) -> CodeSettings:
        """What the project says about its own libraries, read and found right; for somebody else's tree nothing, and its suppressions do not count.

        Raises
        ------
        UserError
            A file is not there, or does not say what it should.
        """
        names = self.manifest.code.libraries if self.manifest else ()
        libraries = tuple(_library(os.path.join(self.folder, name), name) for name in names)
        if libraries:
            from aisecops.knowledge.libraries.written import compiled_texts

            compiled_texts(libraries)
        return CodeSettings(libraries=libraries, suppressions=not self._untrusted)

    def secrets(self) -> SecretSettings:
        """The salt of the project's secrets."""
        return SecretSettings(salt=self.manifest.name if self.manifest else "")

    def at(self, path: str) -> str:
        """Return where a path of the manifest lies."""
        return os.path.realpath(os.path.join(self.folder, *path.split("/")))

    def model_files(self, today: str) -> ModelFileSettings:
        """The allowances that hold on ``today``."""
        return ModelFileSettings(allow=tuple(entry for entry in self._allow if entry.expires >= today))

    def expired(self, today: str) -> tuple[LeftOut, ...]:
        """The allowances that have run out: they hold no more, and somebody has to renew or remove them."""
        return tuple(
            LeftOut(
                path=inert_path(os.path.basename(self.path)),
                reason=f"model-files.allow: {inert(entry.callable)} expired on {entry.expires} (owner {inert(entry.owner)})",
            )
            for entry in self._allow
            if entry.expires < today
        )

    @property
    def _allow(self) -> tuple[AllowedCallable, ...]:
        return self.manifest.model_files.allow if self.manifest else ()


def _library(path: str, name: str) -> LibraryText:
    try:
        with open(path, encoding="utf-8") as file:
            return LibraryText(path=name, text=file.read(_LARGEST))
    except (OSError, UnicodeDecodeError) as wrong:
        reason = (wrong.strerror or "") if isinstance(wrong, OSError) else "not UTF-8 text"
        raise ManifestError(
            f"code.libraries: it cannot be read ({reason})", where=inert_path(path), fix="check the name; it is relative to aisecops.yaml"
        ) from None

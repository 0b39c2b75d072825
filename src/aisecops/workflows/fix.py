"""``fix``: scan, and carry out the edits that findings carry.

What is edited is what was scanned, to the byte: a file that has changed since is left alone. The edits of one finding are carried out together or not at all; where
two findings want the same words changed differently, the graver one has its way. A Python file must parse afterwards as before, and is replaced whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from aisecops.codebase.text import Text
from aisecops.core.digest import digest
from aisecops.core.errors import UserError
from aisecops.core.finding import Edit, Finding
from aisecops.core.progress import Progress, Silent
from aisecops.core.run import Run
from aisecops.core.text import inert_path
from aisecops.core.verdict import Status
from aisecops.workflows.elsewhere import ElsewhereError
from aisecops.workflows.scan import Execution, ScanRequest

_BOM = b"\xef\xbb\xbf"
_FIXED = frozenset((Status.OPEN, Status.BASELINE))
"""What a person has waived or suppressed has a reason to stay."""


class MendedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was and as the edits make it. ``path`` as the record names it, ``location`` where it is."""

    path: str
    location: str
    before: bytes
    after: bytes
    findings: tuple[Finding, ...]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A finding whose edits are not carried out, and why."""

    finding: Finding
    reason: str


class Mending(msgspec.Struct, frozen=True, kw_only=True):
    """What edits do to a project: the files that change, the findings that have edits but are refused, and how many have ``unsafe`` edits that nobody asked for."""

    run: Run
    files: tuple[MendedFile, ...]
    refused: tuple[Refusal, ...]
    unsafe: int

    @property
    def findings(self) -> int:
        """How many findings the edits mend."""
        return len({finding.id for file in self.files for finding in file.findings})


class _RefusedError(Exception):
    """An edit cannot be carried out; the text says why."""


def plan(request: ScanRequest, *, unsafe: bool = False, progress: Progress | None = None) -> Mending:
    """Scan ``request.paths`` and return what the edits of the findings would do; nothing is written.

    Parameters
    ----------
    unsafe
        Also those that may change what the program does with honest input.

    Raises
    ------
    UserError
        As ``scan``; or the tree holds data sets and this process has loaded libraries with threads.
    """
    execution = Execution(request, progress or Silent())
    execution.keep = False
    try:
        run = execution.carry_out()
    except ElsewhereError:
        raise UserError(
            "data sets cannot be scanned in a process that has loaded libraries with threads", fix="run `aisecops fix` from the command line"
        ) from None
    return mend(run, execution.locations, unsafe=unsafe)


def mend(run: Run, locations: Mapping[str, str], *, unsafe: bool = False) -> Mending:
    """Return what the edits of the findings of ``run`` do to the files as they are now; ``locations`` says by asset id where these are."""
    standing = {status.finding: status.status for status in run.verdict.statuses}
    able = [f for f in run.findings if f.fix and f.fix.edits and standing.get(f.id, Status.OPEN) in _FIXED]
    wanted = sorted((f for f in able if unsafe or (f.fix and f.fix.safe)), key=lambda finding: -finding.severity.rank)
    assets = {asset.id: asset for asset in run.assets}
    files, refused = [], []
    for asset_id in sorted({finding.asset for finding in wanted}):
        asset, mine = assets[asset_id], [finding for finding in wanted if finding.asset == asset_id]
        try:
            file, left = _mended(asset.path, locations.get(asset_id, ""), asset.digest, mine)
        except _RefusedError as why:
            refused += [Refusal(finding=finding, reason=str(why)) for finding in mine]
        else:
            files += [file] if file.findings else []
            refused += left
    return Mending(run=run, files=tuple(files), refused=tuple(refused), unsafe=len(able) - len(wanted))


def apply(mending: Mending) -> None:
    """Write the files of ``mending``, each whole or not at all.

    Raises
    ------
    UserError
        A file cannot be written, or was changed in the meantime; those before it are written.
    """
    for file in mending.files:
        try:
            if _read(file.location) != file.before:
                raise UserError("the file was changed while it was being mended", where=inert_path(file.path), fix="run it again")
            _replace(file.location, file.after)
        except (OSError, _RefusedError) as error:
            reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
            raise UserError(f"the file cannot be written: {reason}", where=inert_path(file.path), fix="make it writable, and run it again") from None


def _mended(path: str, location: str, scanned: str, findings: Sequence[Finding]) -> tuple[MendedFile, list[Refusal]]:
    before = _read(location)
    if digest(before) != scanned:
        raise _RefusedError("the file has changed since it was scanned")
    bom = _BOM if before.startswith(_BOM) else b""
    try:
        text = before[len(bom) :].decode()
    except UnicodeDecodeError:
        raise _RefusedError("the file is not UTF-8") from None
    taken, accepted, refused = _Taken(), [], []
    for finding in findings:
        try:
            taken.add(_spans(finding, path, text))
            accepted.append(finding)
        except _RefusedError as why:
            refused.append(Refusal(finding=finding, reason=str(why)))
    after = taken.applied(text)
    if path.endswith((".py", ".pyi")) and _parses(text) and not _parses(after):
        raise _RefusedError("the file would not parse afterwards")
    return MendedFile(path=path, location=location, before=before, after=bom + after.encode(), findings=tuple(accepted)), refused


class _Taken:
    """Edits of one text, no two of which touch the same words."""

    def __init__(self) -> None:
        self._edits: dict[tuple[int, int], str] = {}

    def add(self, edits: Iterable[tuple[int, int, str]]) -> None:
        new = {(start, end): replacement for start, end, replacement in edits}
        for (start, end), replacement in new.items():
            for (other_start, other_end), other in {**self._edits, **new}.items():
                same = (start, end) == (other_start, other_end)
                if replacement != other if same else start < other_end and other_start < end:
                    raise _RefusedError("another edit changes the same words: run it again afterwards")
        self._edits |= new

    def applied(self, text: str) -> str:
        for (start, end), replacement in sorted(self._edits.items(), reverse=True):
            text = text[:start] + replacement + text[end:]
        return text


def _spans(finding: Finding, path: str, text: str) -> list[tuple[int, int, str]]:
    assert finding.fix
    lines = Text(text)
    return [(*_span(edit, path, lines), edit.replacement) for edit in finding.fix.edits]


def _span(edit: Edit, path: str, text: Text) -> tuple[int, int]:
    if edit.path != path:
        raise _RefusedError("the edit is for another file than the finding")
    places = ((edit.line, edit.column), (edit.end_line, edit.end_column))
    if any(not 1 <= line <= len(text.starts) or not 1 <= column <= len(text.line(line)) + 1 for line, column in places):
        raise _RefusedError("the edit lies outside of the file")
    start, end = (text.offset(line, column) for line, column in places)
    if start > end:
        raise _RefusedError("the edit ends before it begins")
    return start, end


def _parses(text: str) -> bool:
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _read(location: str) -> bytes:
    if not location or os.path.islink(location):
        raise _RefusedError("it is a link, and what it points to may not belong to the project")
    try:
        with open(location, "rb") as file:
            return file.read()
    except OSError as error:
        raise _RefusedError(f"the file cannot be read: {error.strerror}") from None


def _replace(location: str, content: bytes) -> None:
    """Write ``content`` beside the file and put it in its place, with the same rights."""
    import shutil

    beside = f"{location}.{os.getpid()}.new"
    try:
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(location, beside)
        os.replace(beside, location)
    except OSError:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


def difference(file: MendedFile) -> list[str]:
    """Return the unified diff of ``file``, line by line, without line ends."""
    from difflib import unified_diff

    before, after = (content.decode("utf-8-sig").splitlines() for content in (file.before, file.after))
    return list(unified_diff(before, after, f"a/{file.path}", f"b/{file.path}", lineterm=""))

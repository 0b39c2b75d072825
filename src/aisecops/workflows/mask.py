"""``mask``: write a pseudonymised copy of a data set, and say what risk is left in it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import msgspec

from aisecops.core.progress import Progress, Silent
from aisecops.core.text import inert, inert_path
from aisecops.datasets.masking import MaskSettings
from aisecops.datasets.roles import NO_ROLES, ColumnRoles

if TYPE_CHECKING:
    from aisecops.defences.anonymisation.plan import ColumnPlan
    from aisecops.defences.anonymisation.report import MaskReport

KEY_VARIABLE = "AISECOPS_MASK_KEY"
_AS_FOUND = MaskSettings()


class MaskRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to mask.

    Parameters
    ----------
    data, output
        The table, and what to write: of the same format, not there yet.
    key
        16 random bytes or more.
    key_from
        Where the key comes from, for messages.
    settings, roles
        As declared; what they leave open is found.
    """

    data: str
    output: str
    key: bytes
    key_from: str = "the key"
    settings: MaskSettings = MaskSettings()
    roles: ColumnRoles = ColumnRoles()


def read_key(file: str = "", variable: str = KEY_VARIABLE) -> tuple[bytes, str, str]:
    """Return the key from a file, or from an environment variable; where it comes from; and a warning or nothing.

    Raises
    ------
    KeyRefusedError
        There is none.
    """
    from aisecops.defences.anonymisation.keys import MAKE_ONE, KeyRefusedError

    if not file:
        value = os.environ.get(variable, "")
        if not value:
            fix = f"set {inert(variable, 60)} or name a file by --key-file; {MAKE_ONE}"
            raise KeyRefusedError("there is no key, and without one anybody can undo pseudonyms", where=f"${inert(variable, 60)}", fix=fix)
        return os.fsencode(value), f"${inert(variable, 60)}", ""
    where = inert_path(file)
    try:
        with open(file, "rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise KeyRefusedError("not a file", where=where, fix=MAKE_ONE)
            key = opened.read(4096)
    except OSError as wrong:
        raise KeyRefusedError(f"the key cannot be read ({wrong.strerror})", where=where, fix=MAKE_ONE) from None
    return key, where, f"{where} can be read by others: chmod 600 it" if mode & 0o077 and os.name == "posix" else ""


def plan(data: str, settings: MaskSettings = _AS_FOUND, roles: ColumnRoles = NO_ROLES) -> list[ColumnPlan]:
    """Return what would be done to each column; nothing is written. Raises ``MaskError``, ``TableError`` and ``MissingExtraError``."""
    from aisecops.defences.anonymisation.masking import Masking

    return Masking(data, settings, roles).plans


def mask(request: MaskRequest, progress: Progress | None = None) -> MaskReport:
    """Write the masked copy and return what was done.

    The table is read three times at most, in batches: for the plan and the values to be found in texts, for the quasi-identifiers (which alone are held in memory),
    and for writing. The same key, settings and table give the same copy.

    Raises
    ------
    MaskError
        A column is not there or of the wrong type for its method, k cannot be reached, or ``output`` exists.
    KeyRefusedError
        The key is weak.
    TableError, MissingExtraError
        The table cannot be read.
    """
    from aisecops.datasets.extra import load_polars
    from aisecops.defences.anonymisation.columns import MaskError
    from aisecops.defences.anonymisation.keys import MaskingKey
    from aisecops.defences.anonymisation.masking import Masking

    shown = progress or Silent()
    _check_output(request)
    key = MaskingKey(request.key, request.settings.domain, request.key_from)
    masking = Masking(request.data, request.settings, request.roles)
    beside = f"{request.output}.{os.getpid()}.new"
    try:
        masking.prepare(key, shown)
        masking.write(beside, shown)
        os.link(beside, request.output)
    except FileExistsError:
        raise MaskError("it exists already", where=inert_path(request.output), fix="choose a new name: nothing is overwritten") from None
    except (OSError, load_polars().exceptions.ComputeError) as error:
        what = f"it cannot be written ({inert(getattr(error, 'strerror', None) or str(error), 100)})"
        raise MaskError(what, where=inert_path(request.output), fix="choose a place that can be written") from None
    finally:
        shown.close()
        if os.path.lexists(beside):
            os.unlink(beside)
    return masking.report(request.output)


def _check_output(request: MaskRequest) -> None:
    from aisecops.defences.anonymisation.columns import MaskError
    from aisecops.defences.anonymisation.masking import format_of_table

    where = inert_path(request.output)
    ending = os.path.splitext(request.data)[1].lower()
    kind = format_of_table(request.data)
    if not os.path.splitext(request.output)[1] or format_of_table(request.output) != kind:
        raise MaskError("the copy keeps the format", where=where, fix=f"name it with the ending `{ending}`")
    if os.path.lexists(request.output):
        raise MaskError("it exists already", where=where, fix="choose a new name: nothing is overwritten")

"""Errors that a person can act on: what happened, where, and what to do.

The command line prints them on one line and exits with 2; anything that is not a ``UserError`` is a bug of ours and exits with 70.
"""

from __future__ import annotations


class UserError(Exception):
    """Something about the input or the request is wrong, and the person who made it can mend it.

    Parameters
    ----------
    what
        What happened, as a sentence without a full stop.
    where
        The place: a path, ``path:line:column``, a key, a flag. Empty if there is none.
    fix
        What to do about it. Empty only where nothing can be done.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(what, where, fix)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}; {self.fix}" if self.fix else text


class ManifestError(UserError):
    """``aisecops.yaml`` does not say what it should."""


class PolicyError(UserError):
    """A policy, waiver or baseline does not say what it should."""


class RecordError(UserError):
    """A stored run cannot be found, read or trusted."""

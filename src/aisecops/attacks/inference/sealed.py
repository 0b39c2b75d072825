"""What names or shows people, encrypted: lists of exposed records and reconstructions are kept for those who hold the key, for a while, or not at all.

export AISECOPS_RISKS_KEY=$(python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())")
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from aisecops.core.errors import UserError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY = "AISECOPS_RISKS_KEY"
DAYS = 30
"""After which what was sealed is not opened any more."""


def seal(content: bytes) -> bytes:
    """Return ``content`` encrypted and signed (Fernet: AES-CBC with HMAC-SHA-256) with the key in the environment, with today's date.

    Raises
    ------
    UserError
        There is no key, it is none, or the library is not installed.
    """
    token: bytes = _fernet().encrypt(content)
    return token


def unseal(token: bytes, *, days: float = DAYS, now: float | None = None) -> bytes:
    """Return what was sealed, at most ``days`` ago.

    Raises
    ------
    UserError
        Another key, changed bytes, or too old: delete it then.
    """
    from cryptography.fernet import InvalidToken

    try:
        content: bytes = _fernet().decrypt_at_time(token, ttl=int(days * 86_400), current_time=int(time.time() if now is None else now))
    except InvalidToken:
        raise UserError(
            f"this was not sealed with the key in {KEY}, was changed, or is older than {days:g} days", fix="delete it, and run again"
        ) from None
    return content


def _fernet() -> Fernet:
    key = os.environ.get(KEY, "")
    if not key:
        raise UserError(f"what shows people is kept encrypted, and there is no key in {KEY}", fix=_MAKE)
    try:
        from cryptography.fernet import Fernet
    except ModuleNotFoundError:
        raise UserError("encrypting needs cryptography, which is not installed", fix="pip install 'aisecops[privacy]'") from None
    try:
        return Fernet(key)
    except ValueError:
        raise UserError(f"what is in {KEY} is no key", fix=_MAKE) from None


_MAKE = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())" makes one'

"""Attachments that name or show people in the training data: encrypted, or not at all."""

from __future__ import annotations

from aisecops.attacks.inference.sealed import seal
from aisecops.core.check import Context
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined


def kept_sealed(ctx: Context, role: str, content: bytes, what: str) -> tuple[tuple[str, ...], NotExamined | None]:
    """Attach ``content`` to the run, sealed; return the attachment, or why there is none (no key, or no library to encrypt with)."""
    try:
        sealed = seal(content)
    except UserError as error:
        return (), NotExamined(code=Code.MISSING_EXTRA, reason=f"{what} was not kept: {error.what}", remedy=error.fix)
    attachment = ctx.attach(role, "text/plain", sealed, sensitive=True)
    return ((attachment,) if attachment else ()), None

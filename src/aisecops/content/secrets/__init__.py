"""Secrets in a text: tokens, passwords, private keys, credentials in addresses; and what only looks like them."""

from __future__ import annotations

from aisecops.content.secrets.scan import distinct, find_secrets
from aisecops.content.secrets.secret import Secret, masked, secret_hash

__all__ = ["Secret", "distinct", "find_secrets", "masked", "secret_hash"]

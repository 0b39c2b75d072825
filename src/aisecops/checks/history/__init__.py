"""What a repository once held. Loaded only on request (``aisecops scan --history``): a history is much longer than a tree."""

from aisecops.checks.history import past_secret

__all__ = ["past_secret"]

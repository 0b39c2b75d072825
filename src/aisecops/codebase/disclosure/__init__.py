"""What a program writes down of its users and its secrets: to logs, to the console of a server, to services that watch it."""

from aisecops.codebase.disclosure.disclosures import Disclosure, disclosures

__all__ = ["Disclosure", "disclosures"]

"""``python -m aisecops``: the command line."""

from aisecops.cli import entry

entry()

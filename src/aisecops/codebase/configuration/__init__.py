"""Configuration, shell and deployment files: what they start and what they set, as facts with places. Nothing is run, expanded or fetched.

``read_configuration`` reads a file; ``commands_in`` a shell text found anywhere (a notebook's magics, ``os.system``), ``commands_of`` a list of arguments.
"""

from __future__ import annotations

from aisecops.codebase.configuration.facts import Assignment, Command, Container, ContainerKind, Facts, Gap, Port, Section, Setting, Word
from aisecops.codebase.configuration.reading import read_configuration
from aisecops.codebase.configuration.shell import commands_in, commands_of

__all__ = [
    "Assignment", "Command", "Container", "ContainerKind", "Facts", "Gap", "Port", "Section", "Setting", "Word", "commands_in", "commands_of", "read_configuration",
]  # fmt: skip

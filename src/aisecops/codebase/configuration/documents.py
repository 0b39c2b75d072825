"""What YAML and JSON documents say: commands and settings by what the document is, a compose file, manifests, or anything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aisecops.codebase.configuration.compose import is_compose, read_compose
from aisecops.codebase.configuration.facts import Command, Facts, Section, Setting
from aisecops.codebase.configuration.kubernetes import Selector, embedded_files, environment_maps, is_kubernetes, read_kubernetes
from aisecops.codebase.configuration.scripts import ENVIRONMENT, is_ci, read_scripts
from aisecops.codebase.configuration.tree import Node, settings_of
from aisecops.codebase.text import CellStart, Text


def facts_of(roots: Sequence[Node], text: Text, elsewhere: Sequence[Selector] = ()) -> Facts:
    """Return what the documents of one file say. ``elsewhere``: whom open services of other files select."""
    commands: list[Command] = []
    settings: list[Setting] = []
    manifests = [root for root in roots if is_kubernetes(root)]
    commands += read_kubernetes(manifests, text, elsewhere)
    for root in roots:
        if is_kubernetes(root):
            settings += (*environment_maps(root), *_without_variables(settings_of(root)))
        elif is_compose(root):
            commands += read_compose(root, text)
            settings += _without_variables(settings_of(root))
        else:
            commands += read_scripts(root, text)
            settings += with_variables(settings_of(root), Section.JOB if is_ci(root) else Section.ENVIRONMENT)
    return Facts(tuple(commands), tuple(settings))


def files_inside(roots: Sequence[Node], text: Text) -> Iterator[tuple[str, Text]]:
    """Yield name and content of the files that ConfigMaps hold."""
    for root in roots:
        for name, node in embedded_files(root):
            block = text.content[node.start : node.start + 1] in ("|", ">")
            yield name, Text(node.text, cells=[CellStart(1, node.place.cell, node.place.line + (1 if block else 0))])


def with_variables(settings: Iterable[Setting], section: Section = Section.ENVIRONMENT) -> Iterator[Setting]:
    """Tell variables of the environment from other settings by the name of what holds them; they get ``section``."""
    for setting in settings:
        name = setting.key[-1]
        if len(setting.key) > 1 and setting.key[-2] in ENVIRONMENT and isinstance(name, str):
            text = _as_text(setting)
            yield Setting(
                key=(name,),
                value=text,
                place=setting.place,
                section=section,
                known=setting.known and "$" not in text,
                scope=setting.scope,
            )
        else:
            yield setting


def _without_variables(settings: Iterable[Setting]) -> Iterator[Setting]:
    """Leave out what the containers hold already."""
    return (setting for setting in settings if ENVIRONMENT.isdisjoint(setting.key))


def _as_text(setting: Setting) -> str:
    if isinstance(setting.value, bool):
        return str(setting.value).lower()
    return "" if setting.value is None else str(setting.value)

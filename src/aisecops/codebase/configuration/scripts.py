"""Documents that hold commands under names of their own: CI jobs, Ray clusters, SkyPilot tasks, DVC stages, task runners, dev containers, package scripts."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.codebase.configuration.compose import environment_of, started
from aisecops.codebase.configuration.facts import Assignment, Command, Container, ContainerKind, Key, Word
from aisecops.codebase.configuration.kubernetes import OPEN_TYPES
from aisecops.codebase.configuration.scalars import scripts_in, words_in
from aisecops.codebase.configuration.shell import commands_of
from aisecops.codebase.configuration.tree import Node, walk
from aisecops.codebase.text import Text

_SCRIPTS = frozenset(
    "run script before_script after_script cmd cmds commands setup setup_commands head_setup_commands worker_setup_commands head_start_ray_commands "
    "worker_start_ray_commands initialization_commands runcmd bootcmd user_data startup_script startup-script init_script bash sh shell exec "
    "postCreateCommand postStartCommand postAttachCommand onCreateCommand updateContentCommand initializeCommand preBuild postBuild "
    "build_commands start_commands launch_command start_command run_command startCommand buildCommand entry deploy pre_deploy post_deploy inline".split()
)
"""Keys of which the text, or each text of the list, is a script."""
_ARGUMENTS = ("command", "entrypoint")
"""Keys of which a list is one command's words, and a text a script."""
_MORE_VARIABLES = ("envFrom", "extraEnvFrom", "envFromSecret", "existingSecret", "secretEnv", "secrets", "auth", "config", "configuration")
"""Keys of a chart's values by which its templates may set what is not seen here."""
_NAMED_SCRIPTS = frozenset(("scripts", "tasks"))
"""Keys of mappings from a name to a script (package.json, pixi, pdm, deno, poe)."""
ENVIRONMENT = frozenset(
    "env environment envs env_vars envVars environment_variables environmentVariables variables extra_env extraEnv remoteEnv containerEnv".split()
)
"""Keys of mappings from variables to values."""


def read_scripts(root: Node, text: Text) -> Iterator[Command]:
    """Yield the commands of a document that is neither a compose file nor a manifest."""
    job = Container(kind=ContainerKind.TEMPORARY, place=root.place) if is_ci(root) else None
    for key, node in walk(root):
        if node.items is None:
            continue
        scope = _scope(key)
        environment = _environment(node)
        if node.says("image", "repository"):
            yield from _charted(node, text, scope)
            continue
        if node.get("image") is not None and node.get("image", "name") is None and (node.get("command") or node.get("args") or node.get("env")):
            yield from _container(node, text, scope, job)
            continue
        for name, part in node.items.items():
            if name in _NAMED_SCRIPTS and part.items is not None:
                for label, script in part.items.items():
                    if script.is_scalar:
                        yield from scripts_in(text, script, environment=environment, container=job, scope=label)
            elif name == "pip" and key and key[-2:-1] == ("dependencies",):
                yield from _requirements(part)
            elif name in _SCRIPTS and part.items is None:
                yield from scripts_in(text, part, environment=environment, container=job, scope=scope)
            elif name in _ARGUMENTS and part.items is None:
                arguments = node.get("args") if name == "command" else None
                if part.is_scalar and arguments is None:
                    yield from scripts_in(text, part, environment=environment, container=job, scope=scope)
                else:
                    yield from commands_of([*words_in(text, part), *words_in(text, arguments)], environment=environment, container=job, scope=scope)


def _requirements(node: Node) -> Iterator[Command]:
    """Yield what a conda environment asks pip for."""
    for child in node.children or []:
        if "://" in child.text or child.text.startswith("-"):
            words = [Word(text, child.place, child.known) for text in ("pip", "install", *child.text.split())]
            yield Command(words=tuple(words), place=child.place)


def is_ci(root: Node) -> bool:
    """Whether a document describes jobs of a build server (GitHub, GitLab, Azure, CircleCI)."""
    if root.get("jobs") is not None and (root.get("on") or root.get("true") or root.get("version") or root.get("workflows")):
        return True
    if root.get("stages") is not None and any(node.get("script") for node in (root.items or {}).values()):
        return True
    return root.get("steps") is not None or any(
        node.get("script") is not None and node.get("stage") is not None for node in (root.items or {}).values()
    )


def _environment(node: Node) -> list[Assignment]:
    return [assignment for name in ENVIRONMENT for assignment in environment_of(node.get(name))]


def _scope(key: Key) -> str:
    """Return what names the part: the job, the stage."""
    names = [part for part in key if isinstance(part, str) and part not in ("jobs", "steps", "stages", "tasks")]
    return names[0] if names else ""


def _charted(values: Node, text: Text, scope: str) -> list[Command]:
    """Return what the values of a chart start: the image, with the variables and arguments beside it, opened by the type of the service."""
    repository, kind = values.get("image", "repository"), values.get("service", "type")
    assert repository is not None
    container = Container(
        kind=ContainerKind.CLUSTER,
        place=repository.place,
        name=scope,
        image=repository.word(),
        open_to=kind.place if kind is not None and kind.text in OPEN_TYPES else None,
        environment=tuple(_environment(values)),
        more_environment=any(values.get(name) is not None for name in _MORE_VARIABLES),
    )
    return started(container, [], [word for name in ("args", "extraArgs") for word in words_in(text, values.get(name))], scope)


def _container(node: Node, text: Text, scope: str, job: Container | None) -> list[Command]:
    image = node.get("image")
    assert image is not None
    entry = words_in(text, node.get("command"))
    container = Container(
        kind=job.kind if job else ContainerKind.CLUSTER,
        place=image.place,
        name=scope,
        image=image.word(),
        environment=tuple(_environment(node)),
        own_command=bool(entry),
    )
    return started(container, entry, words_in(text, node.get("args")), scope)

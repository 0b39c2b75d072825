"""Containers that a command line starts: ``docker run``, ``podman run``, ``kubectl run``."""

from __future__ import annotations

from collections.abc import Sequence

from aisecops.codebase.configuration.facts import Assignment, Container, ContainerKind, Port, Word

_ENGINES = frozenset(("docker", "podman", "nerdctl", "nvidia-docker"))
_SHORT_VALUED = frozenset("acehlmpuvw")
_VALUED = frozenset(
    "--add-host --annotation --attach --blkio-weight --cap-add --cap-drop --cgroup-parent --cidfile --cpu-period --cpu-quota --cpu-shares --cpus --cpuset-cpus "
    "--device --device-cgroup-rule --dns --domainname --entrypoint --env --env-file --expose --gpus --group-add --health-cmd --health-interval --hostname --ip "
    "--ipc --isolation --label --label-file --link --log-driver --log-opt --mac-address --memory --memory-swap --mount --name --net --network --network-alias --pid "
    "--platform --publish --pull --restart --runtime --security-opt --shm-size --stop-signal --stop-timeout --storage-opt --sysctl --tmpfs --ulimit --user --userns "
    "--uts --volume --volume-driver --volumes-from --workdir --pod --secret --cgroupns --image --namespace --port --overrides --serviceaccount --requests "
    "--limits".split()
)


def container_run(words: Sequence[Word], program: str) -> tuple[Container, list[Word]] | None:
    """Return the container that ``words`` start, and the words that its program gets; None if they start none.

    With ``--entrypoint PROGRAM`` that program is the first of the words.
    """
    if program in _ENGINES:
        at = _after(words, ("run",)) or _after(words, ("container", "run")) or _after(words, ("create",))
        return _run(words, at, ContainerKind.PUBLISHED) if at else None
    if program == "kubectl":
        at = _after(words, ("run",))
        return _kubectl(words, at) if at else None
    return None


def _after(words: Sequence[Word], names: tuple[str, ...]) -> int:
    """Return the index after the subcommands ``names``; 0 if something else comes first."""
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        at += 1 if "=" in words[at].text or words[at].text in ("-D", "--debug", "--tls", "--tlsverify") else 2
    fits = all(at + number < len(words) and words[at + number].text == name for number, name in enumerate(names))
    return at + len(names) if fits else 0


def _options(words: Sequence[Word], at: int) -> tuple[list[tuple[str, Word]], int]:
    """Return the options from ``at`` on, each with its value, and the index of what follows them."""
    options: list[tuple[str, Word]] = []
    while at < len(words) and words[at].text.startswith("-") and words[at].text != "--":
        word = words[at]
        name, equals, value = word.text.partition("=")
        at += 1
        if name.startswith("--"):
            if not equals and name in _VALUED and at < len(words):
                options.append((name, words[at]))
                at += 1
            else:
                options.append((name, Word(value, word.place, word.known)))
            continue
        for number, letter in enumerate(word.text[1:], 2):
            if letter in _SHORT_VALUED:
                rest = word.text[number:].removeprefix("=")
                if rest:
                    options.append((f"-{letter}", Word(rest, word.place, word.known)))
                elif at < len(words):
                    options.append((f"-{letter}", words[at]))
                    at += 1
                break
            options.append((f"-{letter}", Word("", word.place)))
    return options, at


def _run(words: Sequence[Word], at: int, kind: ContainerKind) -> tuple[Container, list[Word]] | None:
    options, at = _options(words, at)
    if at < len(words) and words[at].text == "--":
        at += 1
    if at >= len(words):
        return None
    image, rest = words[at], list(words[at + 1 :])
    entry = [value for name, value in options if name == "--entrypoint" and value.text]
    network = [value for name, value in options if name in ("--network", "--net") and value.text == "host"]
    everything = [value for name, value in options if name in ("-P", "--publish-all") and value.text != "false"]
    container = Container(
        kind=kind,
        place=words[0].place,
        name=next((value.text for name, value in options if name == "--name"), ""),
        image=image,
        ports=tuple(port(value) for name, value in options if name in ("-p", "--publish")),
        open_to=network[0].place if network else everything[0].place if everything else None,
        environment=tuple(_variable(value) for name, value in options if name in ("-e", "--env")),
        more_environment=any(name == "--env-file" for name, _ in options),
        own_command=bool(entry),
    )
    return container, entry[:1] + rest


def _kubectl(words: Sequence[Word], at: int) -> tuple[Container, list[Word]] | None:
    """Read ``kubectl run NAME --image=IMAGE [--expose] -- ARGUMENTS``."""
    name = words[at].text if at < len(words) and not words[at].text.startswith("-") else ""
    options, at = _options(words, at + 1 if name else at)
    image = next((value for option, value in options if option == "--image"), None)
    if image is None:
        return None
    rest = list(words[at + 1 :]) if at < len(words) and words[at].text == "--" else []
    container = Container(
        kind=ContainerKind.CLUSTER,
        place=words[0].place,
        name=name,
        image=image,
        environment=tuple(_variable(value) for option, value in options if option == "--env"),
        own_command=any(option == "--command" for option, _ in options),
    )
    return container, rest


def _variable(word: Word) -> Assignment:
    """Read ``NAME=value``; ``NAME`` alone takes over the host's value, which nobody here knows."""
    name, equals, value = word.text.partition("=")
    return Assignment(name, Word(value if equals else f"${name}", word.place, word.known and bool(equals)))


def port(word: Word) -> Port:
    """Read what is published: ``8080``, ``8080:80``, ``127.0.0.1:8080:80``, ``[::1]:8080:80``, each with ``/tcp`` or not."""
    text = word.text.partition("/")[0] if "$" not in word.text else word.text
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        return Port(address, rest.rpartition(":")[2], word.place)
    pieces = _pieces(text)
    return Port(":".join(pieces[:-2]) if len(pieces) > 2 else "", pieces[-1], word.place)


def _pieces(text: str) -> list[str]:
    """Split at colons that are not inside ``${...}``."""
    pieces, depth = [""], 0
    for character in text[:400]:
        depth += (character == "{") - (character == "}")
        if character == ":" and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return pieces

"""Kubernetes manifests and what is built on them (KServe, Seldon, KubeRay, Argo): containers, and which of them the outside of the cluster reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aisecops.codebase.configuration.compose import environment_of, started
from aisecops.codebase.configuration.facts import Assignment, Command, Container, ContainerKind, Setting, Word
from aisecops.codebase.configuration.scalars import words_in
from aisecops.codebase.configuration.tree import Node, environment_setting, walk
from aisecops.codebase.text import Place, Text

_OPEN_TYPES = frozenset(("LoadBalancer", "NodePort"))
_INTERNAL = (
    ("service.beta.kubernetes.io/aws-load-balancer-internal", ("true", "0.0.0.0/0")),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", ("internal",)),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", ("true",)),
    ("networking.gke.io/load-balancer-type", ("Internal",)),
    ("cloud.google.com/load-balancer-type", ("Internal",)),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", ("true",)),
)
"""Annotations, with their values, that keep a load balancer inside the private network."""


def is_kubernetes(root: Node) -> bool:
    """Whether a document is a manifest."""
    return bool(root.says("apiVersion") and root.says("kind"))


def read_kubernetes(roots: Sequence[Node], text: Text) -> Iterator[Command]:
    """Yield what the containers in the manifests of one file start."""
    services = [root for root in roots if root.says("kind") == "Service" and root.says("spec", "type") in _OPEN_TYPES and not _stays_inside(root)]
    for root in roots:
        name = root.says("metadata", "name")
        for key, node in walk(root):
            for part in (*node.list("containers"), *node.list("initContainers")):
                yield from _container(part, text, name, _opened(node, root, services) or _host_port(part))
            if node.get("modelFormat") is not None or node.get("storageUri") is not None:
                yield from _container(node, text, name, None)
            if key and key[-1] == "container" and node.get("image") is not None:
                yield from _container(node, text, name, None)
            if (parameters := node.get("rayStartParams")) is not None and parameters.items is not None:
                yield _ray(node, parameters, name, head=bool(key) and key[-1] == "headGroupSpec")


def environment_maps(root: Node) -> Iterator[Setting]:
    """Yield the entries of a ConfigMap as variables: most are used so."""
    if root.says("kind") == "ConfigMap":
        for name, node in root.mapping("data").items():
            if node.is_scalar and "\n" not in node.text.strip():
                yield environment_setting(name, node, root.says("metadata", "name"))


def embedded_files(root: Node) -> Iterator[tuple[str, Node]]:
    """Yield the entries of a ConfigMap that are files: their names have an ending."""
    if root.says("kind") == "ConfigMap":
        for name, node in root.mapping("data").items():
            if node.is_scalar and "\n" in node.text and "." in name:
                yield name, node


def _stays_inside(service: Node) -> bool:
    annotations = service.get("metadata", "annotations")
    kept = any(annotations is not None and annotations.says(name).strip() in values for name, values in _INTERNAL)
    return kept or bool(service.list("spec", "loadBalancerSourceRanges"))


def _opened(pod: Node, root: Node, services: Sequence[Node]) -> Place | None:
    """Return where it is said that the outside reaches the pod."""
    network = pod.get("hostNetwork")
    if network is not None and network.value is True:
        return network.place
    labels = root.get("spec", "template", "metadata", "labels") or root.get("metadata", "labels")
    for service in services:
        selector = service.get("spec", "selector")
        if selector is None or not selector.items:
            continue
        if labels is not None and all(labels.says(name) == value.text for name, value in selector.items.items()):
            kind = service.get("spec", "type")
            return kind.place if kind else service.place
    return None


def _host_port(container: Node) -> Place | None:
    for port in container.list("ports"):
        given = port.get("hostPort")
        if given is not None and not port.says("hostIP").startswith("127."):
            return given.place
    return None


def _container(node: Node, text: Text, owner: str, opened: Place | None) -> list[Command]:
    image = node.get("image")
    entry = words_in(text, node.get("command"))
    name = node.says("name")
    container = Container(
        kind=ContainerKind.CLUSTER,
        place=image.place if image else node.place,
        name="/".join(part for part in (owner, name) if part),
        image=image.word() if image else None,
        open_to=opened,
        environment=tuple(_without_references(environment_of(node.get("env")))),
        more_environment=node.get("envFrom") is not None,
        own_command=bool(entry),
    )
    return started(container, entry, words_in(text, node.get("args")), container.name)


def _without_references(variables: Iterator[Assignment]) -> Iterator[Assignment]:
    """``$(NAME)`` in a value is another variable's."""
    for variable in variables:
        value = variable.value
        yield Assignment(variable.name, Word(value.text, value.place, value.known and "$(" not in value.text))


def _ray(group: Node, parameters: Node, name: str, head: bool) -> Command:
    """Return the ``ray start`` that KubeRay makes of ``rayStartParams``."""
    start = parameters.place
    words = [Word("ray", start), Word("start", start), *([Word("--head", start)] if head else [])]
    words += [Word(f"--{key}={node.text}", node.place, node.known) for key, node in (parameters.items or {}).items() if node.is_scalar]
    kind = group.get("serviceType")
    opened = kind.place if kind is not None and kind.text in _OPEN_TYPES else None
    container = Container(kind=ContainerKind.CLUSTER, place=start, name=name, open_to=opened, own_command=True)
    return Command(words=tuple(words), place=start, container=container, scope=name)

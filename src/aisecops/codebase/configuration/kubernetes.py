"""Kubernetes manifests and what is built on them (KServe, Seldon, KubeRay, Argo): containers, and which of them the outside of the cluster reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aisecops.codebase.configuration.compose import environment_of, started
from aisecops.codebase.configuration.facts import Assignment, Command, Container, ContainerKind, Setting, Word
from aisecops.codebase.configuration.scalars import words_in
from aisecops.codebase.configuration.tree import Node, environment_setting, walk
from aisecops.codebase.text import Place, Text

OPEN_TYPES = frozenset(("LoadBalancer", "NodePort"))
"""Services that the outside of the cluster reaches."""
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


Selector = dict[str, str]
"""The labels of the pods that a service is for."""


def open_selectors(roots: Sequence[Node]) -> Iterator[Selector]:
    """Yield whom the services of one file that the outside reaches select: these pods may stand in other files."""
    for root in _open_services(roots):
        selector = root.get("spec", "selector")
        if selector is not None and selector.items:
            yield {name: value.text for name, value in selector.items.items()}


def _open_services(roots: Sequence[Node]) -> list[Node]:
    return [root for root in roots if root.says("kind") == "Service" and root.says("spec", "type") in OPEN_TYPES and not _stays_inside(root)]


def read_kubernetes(roots: Sequence[Node], text: Text, elsewhere: Sequence[Selector] = ()) -> Iterator[Command]:
    """Yield what the containers in the manifests of one file start. ``elsewhere``: whom open services of other files select."""
    services = _open_services(roots)
    for root in roots:
        name = root.says("metadata", "name")
        for key, node in walk(root):
            for part in (*node.list("containers"), *node.list("initContainers")):
                yield from _container(part, text, name, _opened(node, root, services) or _host_port(part) or _selected(part, root, elsewhere))
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
    labels = _labels(root)
    for service in services:
        selector = service.get("spec", "selector")
        if selector is None or not selector.items:
            continue
        if labels is not None and all(labels.says(name) == value.text for name, value in selector.items.items()):
            kind = service.get("spec", "type")
            return kind.place if kind else service.place
    return None


def _selected(container: Node, root: Node, elsewhere: Sequence[Selector]) -> Place | None:
    """Return the place of the container if a service of another file opens it to the outside."""
    labels = _labels(root)
    if labels is None or not any(all(labels.says(name) == value for name, value in selector.items()) for selector in elsewhere):
        return None
    image = container.get("image")
    return image.place if image is not None else container.place


def _labels(root: Node) -> Node | None:
    return root.get("spec", "template", "metadata", "labels") or root.get("metadata", "labels")


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
    opened = kind.place if kind is not None and kind.text in OPEN_TYPES else None
    container = Container(kind=ContainerKind.CLUSTER, place=start, name=name, open_to=opened, own_command=True)
    return Command(words=tuple(words), place=start, container=container, scope=name)

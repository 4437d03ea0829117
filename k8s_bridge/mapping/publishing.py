"""Published ports: how each is opened, which number it has, and what cannot be kept.

```
 -p 8080:80             8080 ─▶ 80      the Service's port is the host port
 -p 80                    80 ─▶ 80      any host port: the container's number is used
 -p 8000-8005:80        8000 ─▶ 80      one of a range: the first
 -p 127.0.0.1:5432:5432   not opened    a Service cannot be open on one node only
 mode: host               hostPort      on the node itself, if it has a number
```

Invariants: one entry per outer port and protocol; nothing is open that Docker keeps
closed. A network that is internal, none or another container's publishes nothing.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from k8s_bridge.application import NetworkMode, Port, Publication, Service
from k8s_bridge.mapping.doors import Door
from k8s_bridge.mapping.part import Fields, fields, protocol
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.names import is_dns_label, is_qualified_name
from k8s_bridge.options import Publish
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["Opening", "open_ports", "opening", "publishing_notes"]

_NODE_PORTS = range(30000, 32768)
_NUMBERED = re.compile(r"[0-9]+-[a-z]+")
_KNOWN = {(80, "tcp"): "http", (443, "tcp"): "https"}


class Opening(NamedTuple):
    """How a pod is opened: ports of a Service to the outside, and one behind a door.

    Both are written as a Service has them; ``outer`` says which is whose.
    """

    ports: list[Fields]
    behind: list[Fields]
    outer: dict[Publication, Port]


def open_ports(pod: PlannedPod, plan: Plan) -> tuple[Port, ...]:
    """The container ports that the outside may reach."""
    on_nodes = (p for p in plan.opened(pod) if plan.on_node(p))
    ports = (*(p.port for p in on_nodes), *(p.port for p in _outer(pod, plan).values()))
    return tuple(dict.fromkeys(ports))


def opening(pod: PlannedPod, plan: Plan, door: Door | None) -> Opening:
    """How a pod is opened to the outside, apart from its nodes' own ports."""
    outer = _outer(pod, plan)
    ports: list[Fields] = []
    behind: list[Fields] = []
    names: set[str] = set()
    for number, publication in outer.items():
        inside = door is not None and publication == door.publication
        where = behind if inside else ports
        name = _name(number, publication, names)
        names.add(name)
        where.append(_port(name, number, publication, inside=inside, plan=plan))
    return Opening(ports, behind, {p: number for number, p in outer.items()})


def _port(
    name: str, outer: Port, publication: Publication, *, inside: bool, plan: Plan
) -> Fields:
    nodes = plan.outer_type == "NodePort" and not inside
    spoken = publication.app_protocol
    return {
        "name": name,
        "port": outer.number,
        **protocol(outer),
        "targetPort": publication.port.number,
        **fields(appProtocol=spoken if is_qualified_name(spoken) else ""),
        **({"nodePort": outer.number} if nodes and outer.number in _NODE_PORTS else {}),
    }


def _name(outer: Port, publication: Publication, names: set[str]) -> str:
    """What Compose calls it, else what everybody does, else number and protocol."""
    said = re.sub(r"[^a-z0-9]+", "-", publication.name.lower()).strip("-")
    known = _KNOWN.get(publication.port, "")
    for wish in (said, known):
        ours = _NUMBERED.fullmatch(wish)  # what another port may have to be called
        if is_dns_label(wish) and wish not in names and not ours:
            return wish
    return f"{outer.number}-{outer.protocol}"


def _outer(pod: PlannedPod, plan: Plan) -> dict[Port, Publication]:
    """The Service port of each publication; those with a number choose first.

    The order is that of the container's ports, as an engine forgets the one asked for.
    """
    taken: dict[Port, Publication] = {}
    inner: set[Port] = set()
    opened = (p for p in plan.opened(pod) if not plan.on_node(p))
    for publication in sorted(opened, key=_place):
        outer = Port(publication.host_port, publication.port.protocol)
        if not publication.host_port:
            if publication.port in inner:
                continue
            outer = _free(publication.port, taken)
        if outer not in taken:
            taken[outer] = publication
            inner.add(publication.port)
    return dict(sorted(taken.items(), key=lambda door: (door[1].port, door[0])))


def _place(publication: Publication) -> tuple[bool, Port, int]:
    return publication.host_port == 0, publication.port, publication.host_port


def _free(port: Port, taken: dict[Port, Publication]) -> Port:
    number = port.number
    while Port(number, port.protocol) in taken:
        number = number % 65535 + 1
    return Port(number, port.protocol)


def publishing_notes(
    service: Service, pod: PlannedPod, plan: Plan, door: Door | None
) -> Iterator[Note]:
    """What became of each published port of a service."""
    closed = _closed(service, pod)
    if not service.networking.published:
        yield changed("published", "nothing: the image exposes no port")
    opened = opening(pod, plan, door)
    for publication in service.networking.published:
        for note in _publication_notes(publication, closed, opened, plan, door):
            yield note._replace(attribute=f"published@{publication}")


def _publication_notes(
    publication: Publication,
    closed: str,
    opened: Opening,
    plan: Plan,
    door: Door | None,
) -> Iterator[Note]:
    if closed:
        yield lost("published", f"{publication}: {closed}")
        return
    if plan.on_node(publication):
        yield _on_node(publication)
    elif door is not None and publication == door.publication:
        yield _behind(publication, door)
    else:
        yield _on_service(publication, opened, plan)
    if publication.host_port_end:
        last = publication.host_port_end
        how = f"the first of {publication.host_port}-{last}, where Docker takes any"
        yield changed("published", f"{publication}: {how}")


def _closed(service: Service, pod: PlannedPod) -> str:
    """Why Docker itself opens nothing, "" if it does."""
    if service.networking.mode is NetworkMode.HOST:
        return "Docker ignores it too: on the node's network every port is open"
    if service is not pod.base or pod.isolated:
        return "Docker opens nothing without a network of the container's own"
    return "Docker opens nothing on an internal network" if pod.only_internal else ""


def _on_node(publication: Publication) -> Note:
    how = "hostPort, on the one node that the pod runs on"
    return changed("published", f"{publication}: {how}")


def _behind(publication: Publication, door: Door) -> Note:
    names = ", ".join(door.hosts) or "any host"
    how = f"an Ingress for {names}, on the ports of its controller"
    return changed("published", f"{publication}: {how}")


def _on_service(publication: Publication, opened: Opening, plan: Plan) -> Note:
    if publication.on_loopback:
        why = "a Service would open it to everybody; use kubectl port-forward"
        return lost("published", f"{publication}: {why}")
    outer = opened.outer.get(publication)
    if outer is None:
        why = "the Service has this port for another address already"
        return lost("published", f"{publication}: {why}")
    kind = plan.outer_type
    how = f"{publication}: {kind} Service, port {outer.number}"
    if not publication.on_every_address:
        return changed("published", f"{how}, on every address of it")
    if not publication.host_port:
        return changed("published", f"{how}, where Docker takes any free one")
    if kind == "NodePort" and outer.number not in _NODE_PORTS:
        return changed("published", f"{how}, and any port of the nodes")
    if plan.options.publish is Publish.INGRESS:
        why = "no HTTP, or no name of its own for an Ingress (--host)"
        return changed("published", f"{how}: {why}")
    return kept("published", how)

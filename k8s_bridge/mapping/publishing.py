"""Published ports: which number they have on a Service, and what cannot be kept.

```
 -p 8080:80             8080 ─▶ 80      the Service's port is the host port
 -p 80                    80 ─▶ 80      any host port: the container's number is used
 -p 127.0.0.1:5432:5432   not opened    a Service cannot be open on one node only
```

Invariants: one entry per outer port and protocol; nothing is open that Docker keeps
closed. A network that is internal, none or another container's publishes nothing.
"""

from collections.abc import Iterator

from k8s_bridge.application import NetworkMode, Port, Publication, Service
from k8s_bridge.mapping.part import Fields
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.options import Publish
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["open_ports", "publishing_notes", "service_ports"]

_NODE_PORTS = range(30000, 32768)


def open_ports(pod: PlannedPod, plan: Plan) -> tuple[Port, ...]:
    """The container ports that the outside may reach."""
    if plan.options.publish is Publish.HOSTPORT:
        outer = (p for p in plan.opened(pod) if p.host_port)
        return tuple(dict.fromkeys(p.port for p in outer))
    return tuple(dict.fromkeys(p.port for p in _outer(pod, plan).values()))


def service_ports(pod: PlannedPod, plan: Plan) -> list[Fields]:
    """The ports of the Service that opens a pod; none when nodes open them."""
    if plan.options.publish is Publish.HOSTPORT:
        return []
    nodes = plan.options.publish is Publish.NODEPORT
    return [
        {
            "name": f"{outer.number}-{outer.protocol}",
            "port": outer.number,
            "protocol": outer.protocol.upper(),
            "targetPort": publication.port.number,
            **(
                {"nodePort": outer.number}
                if nodes and outer.number in _NODE_PORTS
                else {}
            ),
        }
        for outer, publication in _outer(pod, plan).items()
    ]


def _outer(pod: PlannedPod, plan: Plan) -> dict[Port, Publication]:
    """The Service port of each publication; those with a number choose first."""
    taken: dict[Port, Publication] = {}
    for publication in sorted(plan.opened(pod), key=lambda p: p.host_port == 0):
        protocol = publication.port.protocol
        if publication.host_port:
            taken.setdefault(Port(publication.host_port, protocol), publication)
        elif publication.port not in (p.port for p in taken.values()):
            taken[_free(publication.port, taken)] = publication
    return taken


def _free(port: Port, taken: dict[Port, Publication]) -> Port:
    number = port.number
    while Port(number, port.protocol) in taken:
        number = number % 65535 + 1
    return Port(number, port.protocol)


def publishing_notes(service: Service, pod: PlannedPod, plan: Plan) -> Iterator[Note]:
    """What became of each published port of a service."""
    closed = _closed(service, pod)
    if not service.networking.published:
        yield changed("published", "nothing: the image exposes no port")
    for publication in service.networking.published:
        if closed:
            yield lost("published", f"{publication}: {closed}")
        elif plan.options.publish is Publish.HOSTPORT:
            yield _on_node(publication)
        else:
            yield _on_service(publication, pod, plan)


def _closed(service: Service, pod: PlannedPod) -> str:
    """Why Docker itself opens nothing, "" if it does."""
    if service.networking.mode is NetworkMode.HOST:
        return "Docker ignores it too: on the node's network every port is open"
    if service is not pod.base or pod.isolated:
        return "Docker opens nothing without a network of the container's own"
    return "Docker opens nothing on an internal network" if pod.only_internal else ""


def _on_node(publication: Publication) -> Note:
    if not publication.host_port:
        return lost("published", f"{publication}: a hostPort needs a number")
    how = "hostPort, on the one node that the pod runs on"
    return changed("published", f"{publication}: {how}")


def _on_service(publication: Publication, pod: PlannedPod, plan: Plan) -> Note:
    if publication.on_loopback:
        why = "a Service would open it to everybody; use kubectl port-forward"
        return lost("published", f"{publication}: {why}")
    outer = {p: o for o, p in reversed(_outer(pod, plan).items())}.get(publication)
    if outer is None:
        why = "the Service has this port for another address already"
        return lost("published", f"{publication}: {why}")
    kind = (
        "LoadBalancer" if plan.options.publish is Publish.LOADBALANCER else "NodePort"
    )
    how = f"{publication}: {kind} Service, port {outer.number}"
    if not publication.on_every_address:
        return changed("published", f"{how}, on every address of it")
    if not publication.host_port:
        return changed("published", f"{how}, where Docker takes any free one")
    if kind == "NodePort" and outer.number not in _NODE_PORTS:
        return changed("published", f"{how}, and any port of the nodes")
    return kept("published", how)

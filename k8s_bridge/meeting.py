"""Who meets whom on a Docker host, read off the Application alone.

Docker's rule is written down here a second time, so that the mapping cannot agree with
itself by mistake; ``tests/oracle`` holds it against the journeys of minidock's packets.

```
 shares a network    ─▶ every port                 (icc=false: along links only)
 outside             ─▶ published ports            (no loopback, not all internal)
 any other network   ─▶ outside                    (not if all internal)
```

Invariant: a service that lives in another one's network namespace is that other one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from k8s_bridge.application import Application, NetworkMode, Port, Service

__all__ = ["OUTSIDE", "Flow", "Meeting", "docker_allows", "namespace_owner"]

OUTSIDE = "outside"


class Flow(NamedTuple):
    """A connection that may or may not be possible."""

    source: str
    target: str
    port: Port

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} {self.port}"


def docker_allows(application: Application, flow: Flow) -> bool:
    """Docker's rule, for services with a network namespace of their own.

    Two of them meet on a network that they share, on every port. Where a network says
    icc=false they do not, except along a link of the default bridge, on the ports that
    the target declares. The outside reaches published ports, unless all networks are
    internal or the port is published on the host's loopback; a container reaches the
    outside over any network that is not internal.
    """
    meeting = Meeting(application, (flow.source, flow.target))
    return bool(meeting.sources(1, flow.port) & 1)


class Meeting:
    """All services with a namespace of their own, asked like their Docker host.

    ``ends`` are their names, and :data:`OUTSIDE`; each has a bit, as in ``matrix.py``.
    O(attachments) to build.
    """

    def __init__(self, application: Application, ends: Sequence[str]) -> None:
        self._ends = tuple(ends)
        services = {service.name: service for service in application.services}
        self._services = tuple(services.get(name) for name in self._ends)
        self._networks = {network.name: network for network in application.networks}
        self._members = dict.fromkeys(self._networks, 0)
        self._ways_out = 0
        self._linking: dict[str, int] = {}
        for number, service in enumerate(self._services):
            if service is not None:
                self._attach(service, 1 << number)
        outside = self._ends.index(OUTSIDE) if OUTSIDE in self._ends else None
        self._outside = 0 if outside is None else 1 << outside

    def _attach(self, service: Service, bit: int) -> None:
        for attachment in service.networking.attachments:
            network = self._networks.get(attachment.network)
            if network is None:
                continue
            self._members[network.name] |= bit
            self._ways_out |= 0 if network.internal else bit
            for link in attachment.links if network.default else ():
                self._linking[link.target] = self._linking.get(link.target, 0) | bit

    def sources(self, target: int, port: Port) -> int:
        """The ends that may reach a target on a port, as bits; O(its networks)."""
        service = self._services[target]
        if service is None:
            return self._ways_out
        found = 0
        for name in {item.network for item in service.networking.attachments}:
            network = self._networks.get(name)
            if network is None:
                continue
            met = self._members[name]
            if not network.icc:
                declared = network.default and port in service.networking.ports
                met &= self._linking.get(service.name, 0) if declared else 0
            found |= met
        if _published(service, port) and self._ways_out >> target & 1:
            found |= self._outside
        return found & ~(1 << target)

    def why(self, source: int, target: int, port: Port) -> str:
        """Why Docker lets a connection be or not, in a few words."""
        met = bool(self.sources(target, port) >> source & 1)
        if self._services[target] is None:
            return "a network leads outside" if met else "all its networks are internal"
        if self._services[source] is None:
            return "the port is published" if met else "the port is not published"
        common = [
            name
            for name, members in self._members.items()
            if members >> source & 1 and members >> target & 1
        ]
        if not common:
            return "no network in common"
        return f"{'both' if met else 'both, with icc=false,'} on {', '.join(common)}"


def _published(target: Service, port: Port) -> bool:
    published = target.networking.published
    return any(p.port == port and not p.on_loopback for p in published)


def namespace_owner(service: Service, by_name: dict[str, Service]) -> Service:
    """The service whose network namespace this one lives in; O(services in between)."""
    seen = {service.name}
    while service.networking.mode is NetworkMode.SHARED:
        target = by_name.get(service.networking.shares)
        if target is None or target.name in seen:
            return service
        seen.add(target.name)
        service = target
    return service

"""What a network plugin has decided: of a network its scope, of an endpoint its link.

```
docker network create -d weave net      Network.plugged:  the plugin has the network
docker run --network net web            Endpoint.plugged: it moved ``source`` in as
                                        ``prefix`` and a number, with these routes
```

The other side of such an interface is the plugin's: no World knows where it leads.

Invariants: an endpoint has this exactly while it is attached to a plugin's network; no
two endpoints have one source.

Docker's name for the plugins: *remote* drivers (libnetwork, ``drivers/remote``).
"""

from dataclasses import dataclass

from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix

__all__ = ["Plugged", "PluggedNetwork", "PluggedRoute"]


@dataclass(frozen=True, slots=True)
class PluggedNetwork:
    """That a plugin has a network; its name is the network's driver."""

    scope: str = "local"
    """How far the plugin says that its networks reach: local or global."""


@dataclass(frozen=True, slots=True)
class PluggedRoute:
    """A route for a sandbox; without a next hop it is on the link."""

    destination: Prefix
    next_hop: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugged:
    """What a plugin answered when an endpoint joined a sandbox."""

    plugin: str
    source: str = ""
    """The interface's name on the host, before it was moved; "" if there is none."""
    prefix: str = ""
    """How its name begins in the sandbox."""
    mac: MAC | None = None
    """The MAC of the interface: the endpoint's, or the kernel's choice."""
    routes: tuple[PluggedRoute, ...] = ()
    closed: bool = False
    """Whether docker_gwbridge shall not lead out of this network."""
    told_ports: bool = False
    """Whether the plugin was told to publish the ports of this endpoint."""

    @property
    def leads_out(self) -> bool:
        """Whether one of the routes is an IPv4 default route."""
        return any(
            route.destination.length == 0 and route.destination.family == 4
            for route in self.routes
        )

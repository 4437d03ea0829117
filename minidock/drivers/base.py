"""What every kind of network must say about itself.

A driver decides nothing and does nothing: it answers questions about a network of its
kind. Commands ask it while they decide; readings ask it while they derive.

```
command ──▶ driver.read_options(options, ...) ──▶ what it stands on; a refusal
        ──▶ driver.single, .has_addresses, .publishes      plain facts
```

Docker's name: a *network driver* (moby, ``libnetwork/driverapi``).
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from minidock.eras import Era
from minidock.model.daemon import DaemonOptions
from minidock.model.document import Document
from minidock.model.host import HostFacts
from minidock.model.network import (
    BridgeSettings,
    OverlaySettings,
    OverlaySubnet,
    ParentLink,
)
from minidock.model.plugged import PluggedNetwork
from minidock.net.mac import MAC

__all__ = ["BridgeRequest", "Driver", "Tenant"]


class Tenant(NamedTuple):
    """A network that stands on an interface of the host already."""

    network_id: str
    parent: ParentLink


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeRequest:
    """What a driver needs to read a new network's options."""

    network_id: str
    options: Document
    era: Era
    daemon: DaemonOptions
    host: HostFacts
    mac: MAC
    index: int
    bridges: tuple[str, ...] = ()
    """The bridge devices that already exist."""
    internal: bool = False
    tenants: tuple[Tenant, ...] = ()
    """The networks that hang on interfaces of the host: macvlan and ipvlan."""
    subnets: tuple[OverlaySubnet, ...] = ()
    """Its IPv4 subnets, without VNIs yet: an overlay network has one for each."""


class Driver(Protocol):
    """One kind of network."""

    @property
    def name(self) -> str:
        """The word after ``--driver``."""

    @property
    def single(self) -> bool:
        """Whether only one network of this kind may exist (host, null)."""

    @property
    def has_addresses(self) -> bool:
        """Whether its networks get a subnet and its endpoints an address."""

    @property
    def publishes(self) -> bool:
        """Whether ``-p`` means anything on its networks."""

    @property
    def many_subnets(self) -> bool:
        """Whether a network may have several subnets of one family."""

    @property
    def on_parent(self) -> bool:
        """Whether its containers hang on an interface of the host, without a bridge."""

    def read_options(
        self, request: BridgeRequest
    ) -> BridgeSettings | ParentLink | OverlaySettings | PluggedNetwork | None:
        """Check a new network's options and give what it stands on."""

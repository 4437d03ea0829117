"""The ``ipvlan`` driver: containers that share the MAC of the host's card.

```
 outside ─── the wire ─── eth0 (parent, 52:54:00:00:02:02)
                            ├─ eth0 of web:   192.0.2.77   the same MAC
                            └─ eth0 of db:    192.0.2.78   the same MAC
```

As with macvlan there is no bridge, no rule and no published port, and the host itself
does not reach its children. Who gets a frame is told by its IP address.

====  ==================================================================
mode  what happens
====  ==================================================================
l2    children ask for MACs and have a gateway, as on any wire
l3    the parent routes: no ARP, no broadcast, all addresses are on-link
l3s   as l3, and the host's netfilter sees the packets
====  ==================================================================

Docker's names: the options ``parent``, ``ipvlan_mode`` and ``ipvlan_flag`` (moby,
``libnetwork/drivers/ipvlan``).
"""

from dataclasses import dataclass

from minidock.drivers.base import BridgeRequest
from minidock.drivers.parents import (
    chosen,
    default_route,
    not_loopback,
    on_parent,
    siblings,
)
from minidock.errors import Unclassified
from minidock.model.network import DefaultRoute, ParentLink
from minidock.topology.interface import InterfaceKind

__all__ = ["IpvlanDriver"]

_KIND = InterfaceKind.IPVLAN
_MODES = ("l2", "l3")
_FLAGS = ("bridge", "private", "vepa")
_DUMMY = "di-"


@dataclass(frozen=True, slots=True)
class IpvlanDriver:
    """Reads the options of ipvlan networks.

    >>> IpvlanDriver().publishes
    False
    """

    name: str = "ipvlan"
    single: bool = False
    has_addresses: bool = True
    publishes: bool = False
    many_subnets: bool = True
    on_parent: bool = True

    def read_options(self, request: BridgeRequest) -> ParentLink:
        """The parent, the mode and the flag that these options describe.

        Raises:
            Unclassified: an unknown mode or flag, a parent that is not there or taken.
        """
        mode = chosen(
            request,
            "ipvlan_mode",
            (*_MODES, "l3s") if request.era.ipvlan_flags else _MODES,
            "requested ipvlan mode '{}' is not valid, 'l2' mode is the ipvlan driver "
            "default",
        )
        flag = _flag(request)
        not_loopback(request, _KIND)
        for other in siblings(request, _KIND):
            raise _taken(other.network_id, other.parent.name)
        route = default_route(request)
        if mode != "l2" and route is DefaultRoute.GATEWAY:
            route = DefaultRoute.LINK
        read = ParentLink(
            name="", kind=_KIND, mode=mode, flag=flag, default_route=route
        )
        return on_parent(request, read, _DUMMY)


def _flag(request: BridgeRequest) -> str:
    if not request.era.ipvlan_flags:
        return _FLAGS[0]
    return chosen(
        request,
        "ipvlan_flag",
        _FLAGS,
        "requested ipvlan flag '{}' is not valid, 'bridge' is the ipvlan driver "
        "default",
    )


def _taken(network_id: str, parent: str) -> Unclassified:
    # Odd on purpose: the network is called like the dummy it might have had.
    return Unclassified(
        f"network {_DUMMY}{network_id[:12]} is already using parent interface {parent}",
        asked=f"--opt parent={parent}",
        rule="an interface is the parent of one ipvlan network",
        remedy=f"connect to that network, or --opt parent={parent}.10 for a VLAN",
    )

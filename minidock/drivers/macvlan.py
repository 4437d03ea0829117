"""The ``macvlan`` driver: containers with a MAC of their own on the host's wire.

```
 outside ─── the wire ─── eth0 (parent) ─── host: 192.0.2.2
                            ├─ eth0 of web:      192.0.2.77   own MAC
                            └─ eth0 of db:       192.0.2.78   own MAC
```

There is no bridge, no rule and no published port: whoever is on the wire reaches a
container under the container's address. Only the host itself does not, since what it
sends through the parent goes out to the wire and is not handed to the children, and
what a child sends is not handed to the parent.

========  ==============================================================
mode      what the children of one parent do with frames for one another
========  ==============================================================
bridge    hand them over directly
private   drop them
vepa      send them out; a switch that reflects may send them back
passthru  there is only one child, and the parent takes its MAC
========  ==============================================================

Docker's names: the options ``parent`` and ``macvlan_mode`` (moby,
``libnetwork/drivers/macvlan``).
"""

from dataclasses import dataclass

from minidock.drivers.base import BridgeRequest
from minidock.drivers.parents import chosen, default_route, not_loopback, on_parent
from minidock.drivers.parents import siblings as same_parent
from minidock.errors import Unclassified
from minidock.model.network import ParentLink
from minidock.topology.interface import InterfaceKind

__all__ = ["MacvlanDriver"]

_KIND = InterfaceKind.MACVLAN
_PASSTHRU = "passthru"
_MODES = ("bridge", "private", "vepa", _PASSTHRU)
_DUMMY = "dm-"


@dataclass(frozen=True, slots=True)
class MacvlanDriver:
    """Reads the options of macvlan networks.

    >>> MacvlanDriver().publishes
    False
    """

    name: str = "macvlan"
    single: bool = False
    has_addresses: bool = True
    publishes: bool = False
    many_subnets: bool = True
    on_parent: bool = True

    def read_options(self, request: BridgeRequest) -> ParentLink:
        """The parent and the mode that these options describe.

        Raises:
            Unclassified: an unknown mode, a parent that is not there or is taken.
        """
        mode = chosen(
            request,
            "macvlan_mode",
            _MODES,
            "requested macvlan mode '{}' is not valid, 'bridge' mode is the macvlan "
            "driver default",
        )
        not_loopback(request, _KIND)
        _check_siblings(request, mode)
        route = default_route(request)
        read = ParentLink(name="", kind=_KIND, mode=mode, default_route=route)
        return on_parent(request, read, _DUMMY)


def _check_siblings(request: BridgeRequest, mode: str) -> None:
    for other in same_parent(request, _KIND):
        name = other.parent.name
        if not request.era.shared_parents:
            # Odd on purpose: the network is called like the dummy it might have had.
            text = (
                f"network {_DUMMY}{other.network_id[:12]} is already using parent "
                f"interface {name}"
            )
            rule = "an interface is the parent of one macvlan network"
        elif mode == _PASSTHRU:
            text = (
                f"cannot use mode passthru, macvlan network {other.network_id} is "
                f"already using parent interface {name}"
            )
            rule = "passthru wants the parent for one child alone"
        elif other.parent.mode == _PASSTHRU:
            text = (
                f"macvlan network {other.network_id} is already using parent interface "
                f"{name} in mode passthru"
            )
            rule = "passthru has the parent for one child alone"
        else:
            continue
        raise Unclassified(
            text,
            asked=f"--opt parent={name}",
            rule=rule,
            remedy=f"connect to that network, or --opt parent={name}.10 for a VLAN",
        )

"""The commands that build the namespace of an overlay network, but for its cables.

```
 ip -n host  link add vxlan0 ... netns host-1-4f5e6d7c8b type vxlan id 256 ...
 ip -n host-1-4f5e6d7c8b  link add br0 ... ; link set vxlan0 master br0
 bridge fdb add MAC dev vxlan0 dst VTEP self permanent        behind which host
 ip neigh add ADDRESS lladdr MAC dev vxlan0 nud permanent     what ARP is answered
```

A vxlan is made in the host's namespace and stands in the network's: its frames come out
there, its UDP stays with the host, whose routes and rules it meets.

Invariant: the bridges and tunnels stand before the entries and cables that need them.

Source: ip-link(8), bridge(8); recorded flags (``proxy l2miss l3miss``).
"""

from collections.abc import Iterator

from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.namespace import Namespace
from minidock.views.linux_cables import given_addresses
from minidock.views.linux_command import Command

__all__ = ["overlay_devices"]


def overlay_devices(space: Namespace, netns: str, host: str) -> Iterator[Command]:
    """The bridges, tunnels and entries of an overlay network; O(its peers).

    Args:
        space: the network's namespace.
        netns: what `ip netns` calls it.
        host: what `ip netns` calls the host's namespace.
    """
    for item in space.interfaces:
        if item.kind is InterfaceKind.BRIDGE:
            yield Command(
                netns,
                "ip",
                f"link add {item.name} index {item.index} address {item.mac} "
                f"mtu {item.mtu} type bridge",
            )
            yield from given_addresses(item, netns)
            yield Command(netns, "ip", f"link set {item.name} up")
    for item in space.interfaces:
        if item.kind is InterfaceKind.VXLAN:
            yield Command(host, "ip", _tunnel(item, netns))
            yield Command(netns, "ip", f"link set {item.name} master {item.master} up")
    for near in space.neighbours:
        line = f"neigh add {near.address} lladdr {near.mac} dev {near.device}"
        yield Command(netns, "ip", f"{line} nud permanent")
    for entry in space.fdb:
        if entry.remote is not None:
            line = f"fdb add {entry.mac} dev {entry.device} dst {entry.remote}"
            yield Command(netns, "bridge", f"{line} self permanent")


def _tunnel(item: Interface, netns: str) -> str:
    flags = " proxy l2miss l3miss" if item.answers_for_others else ""
    local = f" local {item.vtep}" if item.vtep is not None else ""
    return (
        f"link add {item.name} index {item.index} address {item.mac} mtu {item.mtu} "
        f"netns {netns} type vxlan id {item.vni}{local} dstport {item.data_port}{flags}"
    )

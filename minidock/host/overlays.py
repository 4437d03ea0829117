"""The namespaces of overlay networks: a bridge, a tunnel, and a port per container.

```
 1-4f5e6d7c8b                                   host              another host
 br0 10.0.0.1/24 ─┬─ veth0 ══ eth0 of web
                  ├─ veth1 ══ eth0 of db
                  └─ vxlan0, VNI 256 ──────▶ UDP 4789 ──▶ 192.0.2.3 ──▶ its vxlan0
                     neighbours  10.0.0.3 is 02:42:0a:00:00:03
                     FDB         02:42:0a:00:00:03 is behind 192.0.2.3
```

A network has one namespace on each host where a container of it runs, and in it a
bridge and a vxlan for each of its subnets. For every endpoint of another host there is
a neighbour entry (which MAC has the address: the vxlan answers ARP with it) and an FDB
entry (behind which VTEP the MAC is), both permanent; nothing is flooded to other hosts.

Invariants: names count from 0 (``br0``, ``vxlan0``, ``veth0``); a network without a
container here has no namespace here; its own endpoints have no entry.

Odd on purpose: the namespace forwards, although nobody asked it to, since a new one
has the host's setting; so two subnets of a network reach each other through it.

Sources: recorded on a 20.10 engine (names, flags, mtu); moby's ``drivers/overlay``
(``peerdb.go``: what a peer programs); RFC 7348.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from minidock.host.attachments import Attachment, loopback, sandbox_name
from minidock.host.fdb import forwarding_database
from minidock.model.cluster import Peer
from minidock.model.network import Network, OverlaySettings, OverlaySubnet
from minidock.model.world import World
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind
from minidock.topology.namespace import (
    FdbEntry,
    Namespace,
    Neighbour,
    NetnsId,
    Route,
)

__all__ = [
    "Plug",
    "far_index",
    "overlay_name",
    "overlay_namespace",
    "overlay_namespaces",
    "subnet_routes",
]

_MADE_UP = 0x0E_00_00_00_00_00
"""Where the MACs begin that the kernel would draw: locally administered."""


class Plug(NamedTuple):
    """A container's cable into an overlay namespace, as that namespace sees it."""

    address: Address
    number: int
    """Its index in the overlay's namespace."""
    mac: MAC
    peer_index: int
    peer_namespace: str


def overlay_name(network: Network) -> str:
    """What a network's namespace is called, as in Docker's ``netns`` folder."""
    return f"1-{network.id[:10]}"


def far_index(item: Attachment) -> int:
    """The index of the other end of a container's cable."""
    return item.endpoint.host_index or item.endpoint.index + 1


def overlay_namespaces(
    world: World, attached: Sequence[Attachment]
) -> tuple[Namespace, ...]:
    """The namespaces of the overlay networks that containers here are on; O(n log n).

    Args:
        world: the World.
        attached: the attachments of its containers, by the index of their interface.
    """
    cluster = world.cluster
    plugs: defaultdict[str, list[Plug]] = defaultdict(list)
    for item in attached:
        if item.network.overlay is not None and item.endpoint.address is not None:
            plugs[item.network.id].append(_plug(item))
    return tuple(
        overlay_namespace(
            network,
            plugs[network.id],
            cluster.peers_on(network.id) if cluster else (),
            cluster.vtep if cluster else None,
            cluster.advertise if cluster else "",
        )
        for network in world.networks_in_order()
        if network.id in plugs
    )


def _plug(item: Attachment) -> Plug:
    endpoint = item.endpoint
    return Plug(
        address=endpoint.address or Address(0),
        number=far_index(item),
        mac=endpoint.host_mac or _made_up(endpoint.id),
        peer_index=endpoint.index,
        peer_namespace=sandbox_name(item.container),
    )


def overlay_namespace(
    network: Network,
    plugs: Sequence[Plug],
    peers: Iterable[Peer],
    vtep: Address | None,
    host: str,
) -> Namespace:
    """The namespace of one network on one host; O(plugs + peers).

    Args:
        network: an overlay network.
        plugs: the cables of its containers on this host.
        peers: its endpoints on other hosts.
        vtep: the address that this host sends from.
        host: what tells this host from others: no two may make up the same MAC, since
            a vxlan drops what comes from its own (seen on a kernel).
    """
    overlay = network.overlay or OverlaySettings()
    interfaces = (
        loopback(ipv6=False),
        *_devices(f"{network.id}@{host}", overlay, plugs, vtep),
    )
    known = list(_known(overlay, peers))
    return Namespace(
        name=overlay_name(network),
        interfaces=tuple(sorted(interfaces, key=lambda item: item.index)),
        routes=tuple(
            Route(
                destination=item.subnet,
                device=f"br{number}",
                source=item.gateway,
                kernel=True,
            )
            for number, item in sorted(
                enumerate(overlay.subnets), key=lambda pair: pair[1].subnet.network
            )
        ),
        neighbours=tuple(
            Neighbour(peer.address, device, peer.mac, "PERMANENT")
            for device, peer in known
        ),
        fdb=(
            *forwarding_database(interfaces, router6=False, learned={}),
            *(FdbEntry(peer.mac, device, remote=peer.vtep) for device, peer in known),
        ),
        sysctls=(("net.ipv4.ip_forward", "1"), ("net.ipv6.conf.all.disable_ipv6", "1")),
        netnsids=tuple(
            NetnsId(name, number)
            for number, name in enumerate(
                dict.fromkeys(p.peer_namespace for p in plugs)
            )
        ),
    )


def _known(
    overlay: OverlaySettings, peers: Iterable[Peer]
) -> Iterator[tuple[str, Peer]]:
    """The peers, each with the vxlan of its subnet."""
    for peer in peers:
        number = _number(overlay, peer.address)
        if number is not None and overlay.subnets[number].vni:
            yield f"vxlan{number}", peer


def _number(overlay: OverlaySettings, address: Address) -> int | None:
    """In which of the network's subnets an address lies."""
    for number, item in enumerate(overlay.subnets):
        if address in item.subnet:
            return number
    return None


def _devices(
    seed: str,
    overlay: OverlaySettings,
    plugs: Sequence[Plug],
    vtep: Address | None,
) -> Iterator[Interface]:
    taken = {plug.number for plug in plugs}
    free = (index for index in range(2, 2**31) if index not in taken)
    homes = [_number(overlay, plug.address) or 0 for plug in plugs]
    for number, item in enumerate(overlay.subnets):
        inside = [plug.mac for plug, home in zip(plugs, homes, strict=True)
                  if home == number]  # fmt: skip
        tunnel = _made_up(f"{seed}/{item.subnet}")
        # A bridge takes the lowest MAC of its ports.
        mac = min((*inside, tunnel) if item.vni else inside, default=tunnel,
                  key=lambda mac: mac.value)  # fmt: skip
        yield _bridge(overlay, number, item, next(free), mac)
    for number, item in enumerate(overlay.subnets):
        if item.vni:
            yield Interface(
                name=f"vxlan{number}",
                index=next(free),
                kind=InterfaceKind.VXLAN,
                mac=_made_up(f"{seed}/{item.subnet}"),
                mtu=overlay.link_mtu,
                master=f"br{number}",
                port=1,
                vni=item.vni,
                vtep=vtep,
                data_port=overlay.data_port,
                answers_for_others=True,
            )
    ports: defaultdict[int, int] = defaultdict(lambda: 1)
    for turn, (plug, home) in enumerate(zip(plugs, homes, strict=True)):
        ports[home] += 1
        yield Interface(
            name=f"veth{turn}",
            index=plug.number,
            kind=InterfaceKind.VETH,
            mac=plug.mac,
            mtu=overlay.link_mtu,
            master=f"br{home}",
            port=ports[home],
            peer_index=plug.peer_index,
            peer_namespace=plug.peer_namespace,
        )


def _bridge(
    overlay: OverlaySettings, number: int, item: OverlaySubnet, index: int, mac: MAC
) -> Interface:
    own = InterfaceAddress.with_broadcast(item.gateway, item.subnet.length)
    return Interface(
        name=f"br{number}",
        index=index,
        kind=InterfaceKind.BRIDGE,
        mac=mac,
        mtu=overlay.link_mtu,
        addresses=(own,),
        had_ports=True,
    )


def subnet_routes(network: Network, address: Address, device: str) -> Iterator[Route]:
    """A container's routes to the other subnets of its overlay network."""
    overlay = network.overlay or OverlaySettings()
    home = _number(overlay, address)
    for number, item in enumerate(overlay.subnets):
        if home is not None and number != home:
            gateway = overlay.subnets[home].gateway
            yield Route(destination=item.subnet, device=device, gateway=gateway)


def _made_up(text: str) -> MAC:
    """A MAC that the kernel would draw at random: here the same for the same text."""
    return MAC(_MADE_UP | crc32(text.encode()))

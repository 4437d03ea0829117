"""Which MAC the interface of an endpoint gets.

```
asked for ──▶ that one            --mac-address, of the container or of the endpoint
to 27     ──▶ 02:42 and the four octets of its IPv4 address
28        ──▶ random
ipvlan    ──▶ none of its own: it uses its parent's
overlay   ──▶ 02:42 and its address in every era, so that hosts agree on it
```

Docker's source: moby, ``libnetwork/netutils``.
"""

from dataclasses import replace

from minidock.errors import NotationError, Unclassified
from minidock.model.container import Container, Endpoint
from minidock.model.network import Network
from minidock.model.world import World
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.topology.interface import InterfaceKind

__all__ = ["asked_mac", "chosen_mac"]


def asked_mac(
    world: World, container: Container, network: Network, endpoint: Endpoint
) -> str:
    """The MAC that was asked for, as it was written; "" for none.

    That of the container means the network that it was created on. An endpoint has had
    one of its own since its settings came with create (25.0).
    """
    if endpoint.settings.mac and world.era.several_endpoints_at_create:
        return endpoint.settings.mac
    mode = container.network_mode
    main = network.name if mode == "default" and network.is_default_bridge else mode
    if main in {network.name, network.id} or len(container.endpoints) == 1:
        return container.config.text("MacAddress")
    return ""


def chosen_mac(
    world: World, network: Network, asked: str, address: Address | None
) -> tuple[World, MAC | None]:
    """The MAC of an endpoint; an ipvlan has none, as it uses its parent's.

    Raises:
        Unclassified: what was asked is no MAC, or an ipvlan shall have one.
    """
    if network.parent and network.parent.kind is InterfaceKind.IPVLAN:
        if asked:
            raise Unclassified(
                "ipvlan interfaces do not support custom mac address assignment",
                asked=f"--mac-address {asked}",
                rule="an ipvlan interface has the MAC of its parent",
                remedy="leave --mac-address out, or use the driver macvlan",
            )
        return world, None
    if asked:
        try:
            return world, MAC.parse(asked)
        except NotationError as error:
            raise Unclassified(
                f"address {asked}: invalid MAC address",
                asked=f"--mac-address {asked}",
                rule="a MAC is six octets in hexadecimal",
                remedy="--mac-address 02:42:ac:11:00:02",
            ) from error
    from_address = world.era.mac_from_address or network.overlay is not None
    if from_address and address is not None:
        return world, MAC.from_ipv4(address)
    ids, mac = world.ids.docker_mac() if address is None else world.ids.mac()
    return replace(world, ids=ids), mac

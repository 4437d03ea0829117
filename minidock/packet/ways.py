"""Why there was no way: no route, no neighbour, too long, too big, or too strange.

Invariant: each sentence is about one stack, the one where the packet was lost.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from minidock.net.address import V6
from minidock.packet.case import MASQUERADE, Case, Reason, routed
from minidock.packet.loss import Cause, Loss

__all__ = ["WAYS"]


def _no_route(case: Case, loss: Loss) -> Reason:
    place = loss.stack.place
    networks = [i for i in loss.stack.space.interfaces if i.name != "lo"]
    if not networks:
        return Reason(
            f"{place} has no interface but lo, so no way to anybody",
            f"run it without --network none (or docker network disconnect none "
            f"{place}, then docker network connect NETWORK {place})",
        )
    if loss.packet.family == V6 and place != case.fabric.host.place:
        return Reason(
            f"{place} has no route to {loss.packet.target}",
            "a network with IPv6 (docker network create --ipv6 ...) that is not "
            "internal, or an IPv4 address",
        )
    return Reason(
        f"{place} has no route to {loss.packet.target}",
        "a network that is not internal: its gateway becomes the default route"
        if place != case.fabric.host.place
        else "a route on the host (ip route add ...)",
    )


def _no_way_back(case: Case, loss: Loss) -> Reason:
    target = loss.packet.target
    if not case.ending.answer_lost:
        network = case.network_of(target)
        publish = "publish a port and use the host's address, or "
        if network is not None and network.parent is not None:
            publish = ""  # such networks publish nothing
        return Reason(
            f"the world outside has no route to {target}"
            + (f", an address of the network {network.name}" if network else ""),
            f"{publish}{routed(case, target)}",
        )
    return Reason(
        f"the request left under the address {target}, and the world outside has no "
        "way back to it",
        f"{MASQUERADE}, or {routed(case, target)}",
    )


def _no_neighbour(case: Case, loss: Loss) -> Reason:
    device = loss.stack.devices.get(loss.device)
    if device is not None and device.plugin:
        return Reason(
            f"the other end of {loss.device} of {loss.stack.place} is with the plugin "
            f"{device.plugin}, and only the plugin knows whether it leads to "
            f"{loss.detail}",
            "a network of a built-in driver, whose links are known here",
        )
    target = loss.packet.target
    network = case.network_of(target)
    parent = network.parent if network is not None else None
    if parent is not None and parent.mode in {"l3", "l3s"}:
        return Reason(
            f"a container in ipvlan's mode {parent.mode} answers no question for its "
            f"address, so nobody on the wire finds {target}",
            f"ipvlan_mode=l2, or {routed(case, target)}, to a subnet of its own",
        )
    return Reason(
        f"nobody on the link {loss.device} of {loss.stack.place} has the address "
        f"{loss.detail}",
        "docker ps and docker network inspect show who runs and where",
    )


def _not_a_router(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"{loss.stack.place} is not the target and does not forward",
        "sysctl -w net.ipv4.ip_forward=1"
        if not loss.stack.space.name
        else "send to the container's own address on a network that both are on",
    )


def _ttl(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"its ttl ran out at {loss.stack.place}",
        "a larger ttl: every router on the way takes one",
    )


def _too_big(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"{loss.packet.size} octets do not fit through {loss.device} of "
        f"{loss.stack.place}, whose mtu is {loss.detail}, and it may not be cut",
        f"packets of at most {loss.detail} octets, or the same mtu on every network "
        "(com.docker.network.driver.mtu)",
    )


def _martian(_: Case, loss: Loss) -> Reason:
    if loss.packet.family == 6:
        return Reason(
            f"{loss.stack.place} takes ::1 from no wire, and there is no setting that "
            "allows it for IPv6",
            "127.0.0.1, or an IPv6 address of the host other than ::1",
        )
    return Reason(
        f"{loss.stack.place} takes no loopback address from or to the wire "
        f"{loss.device}",
        f"sysctl -w net.ipv4.conf.{loss.device}.route_localnet=1",
    )


def _reverse_path(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"the way back to {loss.packet.source} does not lead through {loss.device}, "
        "and rp_filter checks that",
        f"sysctl -w net.ipv4.conf.{loss.device}.rp_filter=2, and the same for all",
    )


def _hairpin(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"the bridge {loss.device} does not send a frame back through the port "
        f"{loss.detail} that it came from",
        "hairpin mode, which dockerd --userland-proxy=false switches on",
    )


def _own_address(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"{loss.stack.place} gets a packet from its own address over a wire, and "
        "drops it",
        "ask 127.0.0.1, or its own address, from inside",
    )


def _parent(_: Case, loss: Loss) -> Reason:
    return Reason(
        "a child (macvlan, ipvlan) and its parent do not talk: the kernel keeps "
        f"{loss.detail} and {loss.stack.place} apart",
        "ask from another machine, or give the host a child interface of its own",
    )


def _deaf(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"a macvlan child in mode passthru gets all that comes for {loss.device} of "
        f"{loss.stack.place}, answers included",
        "another macvlan_mode, such as bridge, or another card as its parent",
    )


def _unspecified(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"{loss.stack.place} has no address to send from to {loss.packet.target}",
        "an address of the same family on its network (--ipv6, --subnet)",
    )


def _no_peer(case: Case, loss: Loss) -> Reason:
    network = case.network_of(loss.packet.target)
    name = network.name if network is not None else "the network"
    return Reason(
        f"no VTEP for {loss.detail}: no host of {name} has said that a container with "
        "this address runs there, so the vxlan answers nobody who asks for it",
        "docker network inspect shows who is there; a container on another host is "
        "known as soon as the registry has it",
    )


def _no_vtep(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"no VTEP for the MAC {loss.detail}: {loss.device} does not know behind which "
        "host it is, and floods nothing",
        "the host of that container must be known: look at bridge fdb show",
    )


def _no_vni(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"{loss.stack.place} has no network with the VNI {loss.detail}: no container "
        "of it runs there any more",
        "wait until this host has learned where the container is now",
    )


def _nobody_there(_: Case, loss: Loss) -> Reason:
    return Reason(
        f"the frame came to {loss.stack.place}, but nobody there has the MAC "
        f"{loss.detail}",
        "wait until this host has learned where the container is now",
    )


WAYS: Mapping[Cause, Callable[[Case, Loss], Reason]] = MappingProxyType(
    {
        Cause.NO_ROUTE: _no_route,
        Cause.NO_WAY_BACK: _no_way_back,
        Cause.NO_NEIGHBOUR: _no_neighbour,
        Cause.NOT_A_ROUTER: _not_a_router,
        Cause.TTL: _ttl,
        Cause.TOO_BIG: _too_big,
        Cause.MARTIAN: _martian,
        Cause.REVERSE_PATH: _reverse_path,
        Cause.HAIRPIN: _hairpin,
        Cause.OWN_ADDRESS: _own_address,
        Cause.PARENT: _parent,
        Cause.DEAF: _deaf,
        Cause.NO_PEER: _no_peer,
        Cause.NO_VTEP: _no_vtep,
        Cause.NO_VNI: _no_vni,
        Cause.NOBODY_THERE: _nobody_there,
        Cause.UNSPECIFIED: _unspecified,
    }
)
"""Who explains which loss on the way."""

"""A drawing in sentences, for those who hear it instead of seeing it.

Every network says its subnet and its way out, every container its addresses and ports;
no sentence speaks of colours or places.

Invariant: each network and each container of the outline is named.
"""

from collections.abc import Iterator

from minidock.views.outline import Guest, Net, Outline

__all__ = ["spoken"]


def spoken(outline: Outline) -> str:
    """The drawing of an outline as a text; O(n).

    >>> from minidock.engine import Engine
    >>> from minidock.views.outline import outline
    >>> print(spoken(outline(Engine().world)))
    Host docker-host has eth0 192.0.2.2/24. Network bridge, 172.17.0.0/16, bridge \
docker0 with 172.17.0.1, way out: masquerade, has no containers.
    """
    return " ".join(_sentences(outline))


def _sentences(outline: Outline) -> Iterator[str]:
    cards = [" ".join([card.name, *card.addresses]) for card in outline.cards]
    yield f"Host {outline.host} has {_listed(cards) or 'no network card'}."
    for net in outline.nets:
        has = [guest.name for guest in net.everyone()]
        yield f"{_net(net)}, has {_listed(has) or 'no containers'}."
        for guest in net.everyone():
            yield f"{_guest(guest)}."


def _net(net: Net) -> str:
    parts = [f"Network {net.name}", *net.subnets]
    if net.device:
        gateways = f" with {_listed(list(net.gateways))}" if net.gateways else ""
        parts.append(f"bridge {net.device}{gateways}")
    parts += [f"way out: {net.way_out}"] if net.way_out else []
    return ", ".join([*parts, *net.notes])


def _guest(guest: Guest) -> str:
    parts = [f"Container {guest.name} from {guest.image} is {guest.status}"]
    parts += [f"it shares the network of {guest.shares}"] if guest.shares else []
    for plug in guest.plugs:
        where = _listed(list(plug.addresses)) if plug.attached else "not attached"
        name = f"{plug.interface} " if plug.interface else ""
        parts.append(f"{name}on {plug.network}: {where}")
    for port in guest.ports:
        parts.append(f"{_listed(list(port.sockets))} leads to {port.target}")
    return ", ".join(parts)


def _listed(texts: list[str]) -> str:
    return ", ".join(texts[:-1]) + " and " + texts[-1] if texts[1:] else "".join(texts)

"""On which interface of the host a network stands: macvlan's and ipvlan's common part.

```
 --opt parent=      there already   eth0, docker0, a VLAN of another network
                    eth0.50         made: a VLAN (802.1Q) with tag 50 on eth0
                    (none)          made: a dummy, dm-1f2e3d4c5b6a, that leads nowhere
```

Invariants: the interface exists, or :attr:`ParentLink.made` says how it came about; the
loopback is never a parent.

Docker's source: moby, ``libnetwork/drivers/macvlan`` and ``ipvlan``, which are two
copies of one text.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from minidock.drivers.base import BridgeRequest, Tenant
from minidock.eras import VlanDefaultRoute
from minidock.errors import Unclassified
from minidock.model.network import DefaultRoute, MadeLink, ParentLink
from minidock.topology.interface import InterfaceKind

__all__ = ["chosen", "default_route", "not_loopback", "on_parent", "siblings"]

_MAX_NAME = 15  # IFNAMSIZ is 16, with the closing zero
_LAST_TAG = 4094  # twelve bits, without all zeros and all ones (IEEE 802.1Q)
_UNSUPPORTED = "operation not supported"


def chosen(
    request: BridgeRequest, option: str, words: tuple[str, ...], refused: str
) -> str:
    """The value of an option that knows a few words; the first is the default.

    Raises:
        Unclassified: another word; ``refused`` is Docker's text, with a place for it.
    """
    value = request.options.text(option) or words[0]
    if value not in words:
        raise Unclassified(
            refused.format(value),
            asked=f"--opt {option}={value}",
            rule=f"it knows {', '.join(words)}",
            remedy=f"--opt {option}={words[0]}, or leave it out",
        )
    return value


def not_loopback(request: BridgeRequest, kind: InterfaceKind) -> None:
    """Refuse the loopback.

    Raises:
        Unclassified: the parent is lo.
    """
    if request.options.text("parent") == "lo":
        raise Unclassified(
            f"loopback interface is not a valid {kind} parent link",
            asked="--opt parent=lo",
            rule="the loopback leads nowhere but to the host itself",
            remedy=f"--opt parent={_example(request)}",
        )


def default_route(request: BridgeRequest) -> DefaultRoute:
    """Whether a gateway leads out of the network.

    Odd on purpose: to 27 a network without a parent has one, although it leads nowhere.
    """
    rule = request.era.vlan_default_route
    alone = not _asked(request) and rule is VlanDefaultRoute.WITH_PARENT
    internal = request.internal and rule is not VlanDefaultRoute.ALWAYS
    return DefaultRoute.NONE if alone or internal else DefaultRoute.GATEWAY


def siblings(request: BridgeRequest, kind: InterfaceKind) -> list[Tenant]:
    """The networks of the same driver on the parent that was asked for; O(tenants)."""
    name = _asked(request)
    return [
        other
        for other in request.tenants
        if other.parent.kind is kind and other.parent.name == name
    ]


def on_parent(request: BridgeRequest, read: ParentLink, prefix: str) -> ParentLink:
    """The parent link, as its driver read it, with the interface filled in.

    Args:
        request: the new network.
        read: the modes; its name is left for here.
        prefix: how the driver's dummies begin.

    Raises:
        Unclassified: there is no such interface and none can be made.
    """
    name = _asked(request)
    if not name:
        own = prefix + request.network_id[:12]
        return replace(read, name=own, made=_dummy(request, own))
    if name not in set(_devices(request)):
        return replace(read, name=name, made=_vlan(request, name))
    shared = next((o.parent.made for o in siblings(request, read.kind)), None)
    return replace(read, name=name, made=shared)


def _asked(request: BridgeRequest) -> str:
    """The parent that was asked for; "" if the network shall have one of its own."""
    if request.internal and request.era.internal_drops_parent:
        return ""
    return request.options.text("parent")


def _example(request: BridgeRequest) -> str:
    return next((card.name for card in request.host.interfaces), "eth0")


def _devices(request: BridgeRequest) -> Iterator[str]:
    """Every interface of the host, except lo and the ports of bridges."""
    yield from (card.name for card in request.host.interfaces)
    yield from request.bridges
    yield from (other.parent.name for other in request.tenants if other.parent.made)


def _dummy(request: BridgeRequest, name: str) -> MadeLink:
    if InterfaceKind.DUMMY not in request.host.link_kinds:
        # Odd on purpose: Docker says no more than the kernel.
        raise Unclassified(
            _UNSUPPORTED,
            asked=f"make the interface {name}, since no parent was given",
            rule="the host's kernel cannot make dummy interfaces",
            remedy=f"--opt parent={_example(request)}",
        )
    return MadeLink(index=request.index, mac=request.mac)


def _vlan(request: BridgeRequest, name: str) -> MadeLink:
    below, tag = _read_vlan(request, name)
    asked = f"--opt parent={name}"
    if not 1 <= tag <= _LAST_TAG:
        raise Unclassified(
            f"vlan id must be between 1-4094, received: {tag}",
            asked=asked,
            rule="a VLAN's id is a number of 12 bits, 0 and 4095 are reserved",
            remedy=f"--opt parent={below}.10",
        )
    if below == "lo" or InterfaceKind.VLAN not in request.host.link_kinds:
        raise Unclassified(
            f"failed to create {name} vlan link: {_UNSUPPORTED}",
            asked=asked,
            rule=f"the host's kernel cannot make VLANs (802.1Q) on {below}",
            remedy=f"--opt parent={_example(request)}",
        )
    if len(name) > _MAX_NAME:
        raise Unclassified(
            f"failed to create {name} vlan link: numerical result out of range",
            asked=asked,
            rule=f"an interface name has at most {_MAX_NAME} characters",
            remedy="a VLAN with a smaller id, or on an interface with a shorter name",
        )
    return MadeLink(index=request.index, tag=tag, below=below)


def _read_vlan(request: BridgeRequest, name: str) -> tuple[str, int]:
    """The interface and the tag that a sub-interface's name holds."""
    below, _, tag = name.partition(".")
    if "." not in name:
        # Odd on purpose: a misspelt interface is taken for a sub-interface.
        fault = f"invalid subinterface vlan name {name}, example formatting is eth0.10"
    elif "." in tag:
        fault = (
            "required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, "
            f"instead received {name}"
        )
    elif not re.fullmatch(r"[+-]?\d+", tag, re.ASCII):
        fault = f"unable to parse a valid vlan id from: {tag} (ex. eth0.10 for vlan 10)"
    elif below != "lo" and below not in set(_devices(request)):
        missing = request.era.parent_missing
        fault = f"-o parent interface {missing} on the host: {below}"
    else:
        return below, int(tag)
    raise Unclassified(
        fault,
        asked=f"--opt parent={name}",
        rule="a parent is an interface of the host, or NAME.ID for a VLAN to be made",
        remedy=f"--opt parent={_example(request)}, or {_example(request)}.10",
    )

"""The `bridge` command: the ports of bridges, and what they learned.

```
bridge link    the ports:  5: veth1a2b3c4@if4: <...> mtu 1500 master docker0 state ...
bridge fdb     the MACs:   02:42:ac:11:00:02 dev veth1a2b3c4 master docker0
```

A text is None where this reading does not know the words.
"""

from collections.abc import Sequence

from minidock.topology.interface import Interface
from minidock.topology.namespace import FdbEntry, Namespace
from minidock.views.linkdetails import port_details

__all__ = ["bridge"]

_LOOKING = ("show", "list", "lst")
_DETAILS = (
    *("hairpin", "guard", "root_block", "fastleave", "learning", "flood"),
    *("mcast_flood", "bcast_flood", "mcast_router", "mcast_to_unicast"),
    *("neigh_suppress", "vlan_tunnel", "isolated", "locked"),
)
"""Those details of a port that `bridge` shows, in its order."""


def bridge(space: Namespace, words: Sequence[str]) -> str | None:
    """What `bridge` with these words prints in a namespace, or None.

    >>> bridge(Namespace(name=""), ["link"])
    ''
    >>> bridge(Namespace(name=""), ["vlan"]) is None
    True
    """
    rest = list(words)
    details = rest[:1] in (["-d"], ["-details"])
    target = rest[1:2] if details else rest[:1]
    rest = rest[2:] if details else rest[1:]
    if rest and any(word.startswith(rest[0]) for word in _LOOKING):
        rest = rest[1:]
    filters = dict(zip(rest[::2], rest[1::2], strict=False))
    if len(rest) % 2 or not set(filters) <= {"dev", "br"}:
        return None
    if target == ["link"]:
        return _links(space, filters.get("dev", ""), details=details)
    if target == ["fdb"] and not details:
        return _fdb(space, filters.get("dev", ""), filters.get("br", ""))
    return None


def _links(space: Namespace, device: str, *, details: bool) -> str:
    bridges = {item.name: item for item in space.interfaces if not item.master}
    return "".join(
        _link(bridges[item.master], item, details=details)
        for item in space.interfaces
        if item.master in bridges and device in {"", item.name}
    )


def _link(bridge: Interface, item: Interface, *, details: bool) -> str:
    state = "forwarding" if bridge.carrier else "disabled"
    line = (
        f"{item.index}: {item.name}@if{item.peer_index}: <{','.join(item.flags)}> "
        f"mtu {item.mtu} master {item.master} state {state} priority 32 cost 2 \n"
    )
    if not details:
        return line
    known = {detail.text: str(detail) for detail in port_details(bridge, item)}
    return f"{line}    {''.join(known[name] for name in _DETAILS)}\n"


def _fdb(space: Namespace, device: str, master: str) -> str:
    on_bridge = {item.name for item in space.ports(master)} | {master}
    return "".join(
        _entry(entry, device)
        for entry in space.fdb
        if device in {"", entry.device} and (not master or entry.device in on_bridge)
    )


def _entry(entry: FdbEntry, device: str) -> str:
    """One line; the device is left out where it was asked for."""
    shown = "" if device else f"dev {entry.device} "
    bridge = f"master {entry.master} " if entry.master else "self "
    return f"{entry.mac} {shown}{bridge}{'permanent' if entry.permanent else ''}\n"

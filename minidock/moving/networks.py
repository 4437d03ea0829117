"""Networks: made with the same subnets, or refused where these are taken.

```
 front 172.18.0.0/16     there: no network, no overlap      create
                         there: front, the same             nothing to do
                         there: front, another one          Conflict
                         there: lan 172.18.0.0/15           Conflict, or other subnets
```

Invariant: a network that stands on the target is never changed.
"""

from collections.abc import Iterator

from minidock.errors import Conflict, NotationError, Refusal
from minidock.model.document import Document
from minidock.moving.host import HostState
from minidock.moving.steps import Ask, Part, ask
from minidock.moving.wish import network_body
from minidock.net.prefix import Prefix

__all__ = ["keeps_subnets", "network_part"]

_BUILT_IN = frozenset({"bridge", "host", "none", "docker_gwbridge"})


def _subnets(network: Document) -> tuple[Prefix, ...]:
    found = network.document("IPAM").get("Config")
    return tuple(_read(found if isinstance(found, tuple) else ()))


def _read(configs: tuple[object, ...]) -> Iterator[Prefix]:
    for config in configs:
        if isinstance(config, Document) and config.text("Subnet"):
            try:
                yield Prefix.parse(config.text("Subnet"), host_bits=True)
            except NotationError:  # a plugin's own notation
                continue


def _overlapping(network: Document, target: HostState) -> Document | None:
    """A network of the target, other than this one, that has its addresses."""
    wanted = _subnets(network)
    for other in target.networks:
        if other.text("Name") == network.text("Name"):
            continue
        if any(a.overlaps(b) for a in wanted for b in _subnets(other)):
            return other
    return None


def keeps_subnets(network: Document, target: HostState) -> bool:
    """Whether the network has or will have the same subnets there."""
    there = _named(network, target)
    if there is not None:
        return _subnets(there) == _subnets(network)
    return _overlapping(network, target) is None


def _named(network: Document, target: HostState) -> Document | None:
    name = network.text("Name")
    return next((n for n in target.networks if n.text("Name") == name), None)


def network_part(
    source: HostState, target: HostState, *, other_subnets: bool = False
) -> Part:
    """What makes the networks of the source stand on the target."""
    steps: list[Ask] = []
    anywhere: list[Ask] = []
    refusals: list[Refusal] = []
    notes: list[str] = []
    for network in source.networks:
        name = network.text("Name")
        if name in _BUILT_IN:
            continue
        if network.text("Scope") == "swarm":
            notes.append(f"network {name} belongs to a swarm: it stays behind")
            continue
        there = _named(network, target)
        if there is not None:
            refusals += _differences(network, there, other_subnets=other_subnets)
            continue
        overlap = _overlapping(network, target)
        if overlap is not None and not other_subnets:
            refusals.append(_overlap(network, overlap))
            continue
        if overlap is not None:
            notes.append(f"network {name}: other subnets, so other addresses")
        body = network_body(network, subnets=overlap is None)
        # Whoever takes any subnet comes last, or it takes one that another one needs.
        steps_of = steps if overlap is None else anywhere
        steps_of.append(ask(f"network {name}", "POST", "/networks/create", body=body))
    steps += anywhere
    return Part(steps=tuple(steps), refusals=tuple(refusals), notes=tuple(notes))


def _overlap(network: Document, other: Document) -> Refusal:
    subnets = ", ".join(map(str, _subnets(network)))
    theirs = ", ".join(map(str, _subnets(other)))
    name = network.text("Name")
    return Conflict(
        f"network {name}: {subnets} overlaps with {theirs} of network "
        f"{other.text('Name')} there",
        asked=f"move network {name} with its subnets",
        rule="no two networks of a host hold one address",
        remedy="--other-subnets lets the target choose",
    )


def _differences(
    network: Document, there: Document, *, other_subnets: bool
) -> Iterator[Refusal]:
    """Why the network of this name there is another one; nothing if it is not."""
    name = network.text("Name")
    found = []
    if network.text("Driver") != there.text("Driver"):
        found.append(f"driver {there.text('Driver')}")
    if network.flag("Internal") != there.flag("Internal"):
        found.append("internal" if there.flag("Internal") else "not internal")
    if network.document("Labels") != there.document("Labels"):
        found.append("other labels")
    options = there.document("Options")
    if any(options.get(k) != v for k, v in network.document("Options").items()):
        found.append("other options")
    if not other_subnets and _subnets(network) != _subnets(there):
        found.append(", ".join(map(str, _subnets(there))) or "no subnet")
    if found:
        yield Conflict(
            f"network {name} is there already, and is another one: {', '.join(found)}",
            asked=f"move network {name}",
            rule="what stands on the target is not changed",
            remedy=f"docker network rm {name} on the target, if nobody needs it",
        )

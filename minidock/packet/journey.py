"""A packet's journey from a Docker host: who asks, whom, and how it ended.

```
 "web" ──▶ its sandbox ┐   name   ┌─ conversation ─┐   reasons
                       ├────────▶ │ there and back │ ──────────▶ Trace
 "db:6379" ───────────▶┘          └────────────────┘
```

A source is a container's name or id, ``host``, ``outside`` or an address out there; a
target is a name or an address with a port, or without one for a ping. Containers look
names up as their programs would. The host and the world outside have no names for
containers; a container's name means its first address there, and the first hop says so.

Invariants: a target that cannot be reached gives a trace that says so; only what makes
no sense (a bad port, a source that does not run) is refused.
"""

from collections.abc import Sequence
from dataclasses import replace

from minidock.errors import InvalidParameter
from minidock.host.attachments import sandbox_name
from minidock.model.world import World
from minidock.net.address import V4, V6, Address
from minidock.packet.conversation import Ending, converse, request, source_for
from minidock.packet.ends import Sender, sender_of
from minidock.packet.fabric import Fabric
from minidock.packet.loss import Cause, Loss
from minidock.packet.notes import Notes, Words
from minidock.packet.packet import Packet
from minidock.packet.places import place_of
from minidock.packet.reasons import explain
from minidock.packet.site import fabric_of
from minidock.packet.target import read_target
from minidock.packet.trace import Layer, Outcome, Trace

__all__ = ["journey", "paused"]


def journey(
    world: World,
    source: str,
    target: str,
    *,
    size: int = 0,
    ttl: int = 64,
    may_fragment: bool | None = None,
    family: int = 0,
    source_port: int = 0,
    as_programs_do: bool = False,
    others: Sequence[World] = (),
) -> Trace:
    """The journey of a request from a source to a target, and of its answer.

    Args:
        world: the Docker host.
        source: a container, ``host``, ``outside``, or an address outside.
        target: NAME, NAME:PORT or NAME:PORT/PROTOCOL.
        size: octets of the IP packet; 0 for a usual first packet.
        ttl: how many routers may forward it, 1 to 255.
        may_fragment: whether it may be cut; by default TCP may not.
        family: 4 or 6 to use only addresses of that family.
        source_port: the port it is sent from; 0 for any.
        as_programs_do: look names up as a program there would, which knows neither
            ``host`` and ``outside`` nor, on the host, the names of containers.
        others: other hosts of the cluster, in full: their rules are asked, too. What
            is not among them is read off the peers that this host knows.

    Raises:
        NotFound: no such source.
        Conflict: the source does not run.
        InvalidParameter: the target, the size or the ttl make no sense.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("run -d --name web nginx"), docker("run -d --name db redis")
    >>> trace = journey(docker.world, "web", "172.17.0.3:6379")
    >>> trace.outcome, str(trace.seen)
    (<Outcome.DELIVERED: 'delivered'>, '172.17.0.2')
    >>> journey(docker.world, "nosuch", "db")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: No such container: nosuch
    """
    wanted = read_target(target)
    _check(size, ttl, family, source_port)
    fabric = fabric_of(world, others)
    sender = sender_of(world, fabric, source)
    notes = Notes()
    place = place_of(world, fabric, sender, wanted, family, as_programs_do)
    named = Trace(
        source=source,
        target=target,
        protocol=wanted.protocol,
        outcome=Outcome.UNREACHABLE,
        why=place.why,
        remedy=place.remedy,
    )
    said = (sender.stack, "", Layer.NAME, Words, place.said, place.entry)
    if not place.addresses:
        notes.note(*said)
        return replace(named, hops=notes.hops)
    there = place.addresses[0]
    own = sender.address
    if own is None or own.family != there.family:
        own = source_for(sender.stack, there)
    packet = request(
        wanted.protocol,
        own or Address(0, there.family),
        there,
        wanted.port,
        source_port=source_port,
        size=size,
        ttl=ttl,
        may_fragment=may_fragment,
    )
    if place.said:
        notes.note(*said, after=packet)
    ending = _ending(world, fabric, sender, packet, notes)
    reason = explain(
        world,
        fabric,
        ending,
        source=source,
        target=wanted.name,
        protocol=wanted.protocol,
        port=wanted.port,
    )
    told = replace(named, hops=notes.hops, why=reason.why, remedy=reason.remedy)
    return _ended(told, ending)


def _ended(trace: Trace, ending: Ending) -> Trace:
    return replace(
        trace,
        outcome=ending.outcome,
        server=ending.server.place if ending.server else "",
        seen=ending.seen,
        final=ending.final,
        told=ending.told,
    )


def _check(size: int, ttl: int, family: int, source_port: int) -> None:
    for text, value, low, high in (
        ("size", size or 60, 28, 65535),
        ("ttl", ttl, 1, 255),
        ("source port", source_port, 0, 65535),
    ):
        if not low <= value <= high:
            raise InvalidParameter(
                f"{text} {value} is out of range",
                asked=f"a packet with {text} {value}",
                rule=f"a packet's {text} is {low} to {high}",
                remedy=f"a number from {low} to {high}",
            )
    if family not in {0, V4, V6}:
        raise InvalidParameter(
            f"there is no IP family {family}",
            rule="addresses are IPv4 or IPv6",
            remedy="4, 6, or 0 for either",
        )


def _ending(
    world: World, fabric: Fabric, sender: Sender, packet: Packet, notes: Notes
) -> Ending:
    if not packet.source.is_unspecified:
        return converse(fabric, sender.stack, packet, notes, paused=paused(world))
    there = packet.target
    missing = sender.stack.route(there) is None
    text = f"no route to {there}" if missing else f"no address to send from to {there}"
    notes.note(sender.stack, "", Layer.ROUTE, Words, text, before=packet)
    cause = Cause.NO_ROUTE if missing else Cause.UNSPECIFIED
    if sender.stack is fabric.outside:
        cause = Cause.NO_WAY_BACK
    loss = Loss(cause, sender.stack, "", packet)
    return Ending(outcome=Outcome.UNREACHABLE, final=packet, loss=loss)


def paused(world: World) -> frozenset[str]:
    """The namespaces whose programs are frozen; O(containers)."""
    return frozenset(
        sandbox_name(container)
        for container in world.containers.values()
        if container.state.paused
    )

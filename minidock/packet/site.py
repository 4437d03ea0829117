"""World -> fabric: the stacks, cables and rules that a packet on this host meets.

Invariant: a fabric depends on the World alone. The last one is kept, since many packets
walk through one World; it is found again by the World's identity.
"""

from minidock.host.machine import machine
from minidock.host.routes import ways_back
from minidock.host.rules import container_rules, rules
from minidock.model.world import World
from minidock.net.address import V4, V6
from minidock.packet.fabric import Fabric, Site, fabric

__all__ = ["fabric_of", "site_of"]

_last: list[tuple[World, Fabric]] = []
"""The World that was asked about last and its fabric; a cache, and nothing else."""


def site_of(world: World) -> Site:
    """One host as a fabric takes it; O(n log n)."""
    built = machine(world)
    rulesets = {("", family): rules(world, family) for family in (V4, V6)}
    for space in built.sandboxes:
        container = world.containers.get(world.names.get(space.owner, ""))
        if container is not None:
            rulesets[space.name, V4] = container_rules(world, container)
    return Site(
        machine=built,
        rulesets=rulesets,
        place=world.host.hostname,
        careful_proxy=world.era.proxy_answers_where_asked,
        ways_back=ways_back(world),
    )


def fabric_of(world: World) -> Fabric:
    """The fabric of one host; O(n log n) once, then O(1) for the same World.

    >>> from minidock.engine import Engine
    >>> world = Engine().world
    >>> fabric_of(world) is fabric_of(world)
    True
    """
    for known, found in _last:
        if known is world:
            return found
    made = fabric([site_of(world)])
    _last[:] = [(world, made)]
    return made

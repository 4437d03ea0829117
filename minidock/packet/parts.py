"""What a fabric is made of: a device of a stack, and a host with its surroundings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from minidock.firewall.ruleset import Ruleset
from minidock.packet.stack import Stack
from minidock.topology.interface import Interface
from minidock.topology.machine import Machine
from minidock.topology.namespace import Route

__all__ = ["End", "Site"]


class End(NamedTuple):
    """A device of a stack: one end of a cable, or a member of a segment."""

    stack: Stack
    device: Interface


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One host as the fabric takes it: its machine, its rules, and its surroundings."""

    machine: Machine
    rulesets: Mapping[tuple[str, int], Ruleset] = field(default_factory=dict)
    """By the namespace's name and the family."""
    place: str = "docker-host"
    careful_proxy: bool = True
    """Whether docker-proxy answers UDP from the address that was asked."""
    ways_back: tuple[Route, ...] = ()
    """Routes that machines outside have to what lies behind this host."""
    at_home: bool = False
    """Whether its stacks are called as its namespaces are, without its place."""

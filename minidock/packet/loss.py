"""Where a packet's way ends: it arrives at a stack, or it is lost, for a cause.

Invariants: an arrival stands at a stack that took the packet as its own; a loss says at
which stack and for which cause, and, if a rule decided, which one.
"""

from enum import StrEnum
from typing import NamedTuple

from minidock.firewall.rule import Rule
from minidock.net.address import Address
from minidock.packet.packet import Packet
from minidock.packet.stack import Stack

__all__ = ["Arrival", "Cause", "Loss"]


class Cause(StrEnum):
    """Why a packet was lost."""

    RULE = "rule"  # a rule dropped it
    REJECTED = "rejected"  # a rule refused it, and says so
    POLICY = "policy"  # no rule let it pass, and the chain drops the rest
    NO_ROUTE = "no route"  # the stack knows no way
    NO_WAY_BACK = "no way back"  # the world outside does not know these addresses
    NO_NEIGHBOUR = "no neighbour"  # nobody on the link has the next hop's address
    SOLICITATION = "solicitation"  # a rule dropped the question for the neighbour's MAC
    NOT_A_ROUTER = "not a router"  # the stack does not forward
    TTL = "ttl"  # it was forwarded too often
    TOO_BIG = "too big"  # it may not be cut, and does not fit
    MARTIAN = "martian"  # a loopback address on a wire
    REVERSE_PATH = "reverse path"  # its source does not lie where it came from
    HAIRPIN = "hairpin"  # a bridge does not send back through the same port
    OWN_ADDRESS = "own address"  # it came over a wire from an address of the receiver
    PARENT = "parent"  # a macvlan child and its parent do not talk
    DEAF = "deaf"  # a macvlan child in mode passthru gets the answers
    NO_PEER = "no peer"  # no host is known to have an endpoint with that address
    NO_VTEP = "no VTEP"  # the tunnel does not know behind which host a MAC is
    NO_VNI = "no VNI"  # the host at the tunnel's end has no such network
    NOBODY_THERE = "nobody there"  # the host at the tunnel's end has no such MAC
    UNSPECIFIED = "unspecified"  # no source address to send from


class Arrival(NamedTuple):
    """The packet is in a stack that takes it for its own."""

    stack: Stack
    device: str
    packet: Packet


class Loss(NamedTuple):
    """The packet is gone."""

    cause: Cause
    stack: Stack
    device: str
    packet: Packet
    """As it was when it was lost."""
    rule: Rule | None = None
    chain: str = ""
    """The table and the chain that decided, such as ``filter FORWARD``."""
    told: Address | None = None
    """The address that tells the sender, if somebody does (ICMP)."""
    detail: str = ""
    carried: Packet | None = None
    """What was inside, if it was lost on its way through a tunnel."""

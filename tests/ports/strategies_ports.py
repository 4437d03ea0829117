"""Values of the ports wing, for its laws."""

from hypothesis import strategies as st

from minidock.net.address import V4, V6, Address
from minidock.ports.table import ANY_V4, ANY_V6

ports = st.integers(1, 65535)
protocols = st.sampled_from(["tcp", "udp", "sctp"])

# Few addresses, so that they meet; the wildcards are what the rules are about.
host_addresses = st.sampled_from(
    [
        ANY_V4,
        ANY_V6,
        Address(0x7F000001),
        Address(0x7F000002),
        Address(1, V6),
        Address(2, V6),
    ]
)


@st.composite
def ranges(draw, low=9000, high=9015):
    """A range of at least two ports, small enough to be exhausted."""
    first = draw(st.integers(low, high - 1))
    return first, draw(st.integers(first + 1, high))


@st.composite
def port_specs(draw):
    """A `-p` value in its canonical form, and what it means."""
    protocol = draw(protocols)
    container = draw(ports)
    address = draw(st.sampled_from(["", "127.0.0.1", "::1", "fd00::10"]))
    host = draw(st.one_of(st.just(""), ports.map(str)))
    shown = f"[{address}]" if ":" in address else address
    head = f"{shown}:{host}:" if address else f"{host}:" if host else ""
    return f"{head}{container}/{protocol}", (container, protocol, address, host)


def addresses(family=V4):
    """Any address of a family."""
    bits = 32 if family == V4 else 128
    return st.integers(0, 2**bits - 1).map(lambda value: Address(value, family))

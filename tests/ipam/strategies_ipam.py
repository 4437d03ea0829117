"""Values of the ipam wing for Hypothesis."""

from hypothesis import strategies as st

from minidock.eras import SubnetChoice
from minidock.net.prefix import Prefix

__all__ = ["choices", "default_pools", "ip_ranges", "small_subnets", "subnets_of"]

BITS = {4: 32, 6: 128}
NETWORKS = {4: 10 << 24, 6: 0xFD << 120}

choices = st.sampled_from(SubnetChoice)


@st.composite
def small_subnets(draw, fewest=0, most=13):
    """A subnet of either family with this many host bits."""
    family = draw(st.sampled_from([4, 6]))
    free = draw(st.integers(fewest, most))
    network = NETWORKS[family] + (draw(st.integers(0, 1000)) << free)
    return Prefix(network, BITS[family] - free, family)


@st.composite
def ip_ranges(draw, subnet):
    """A part of a subnet, or none."""
    if draw(st.booleans()):
        return None
    length = draw(st.integers(subnet.length, subnet.bits))
    return Prefix.of(subnet.address(draw(st.integers(0, subnet.size - 1))), length)


@st.composite
def subnets_of(draw, parent, longest):
    """A prefix that lies in another one, or around it."""
    length = draw(st.integers(parent.length - 1, longest))
    at = draw(st.integers(0, parent.size - 1))
    return Prefix.of(parent.address(at), length)


@st.composite
def default_pools(draw):
    """A short list of pools, in any order, which may overlap."""
    pools = []
    for _ in range(draw(st.integers(1, 4))):
        length = draw(st.integers(24, 28))
        base = Prefix((10 << 24) + (draw(st.integers(0, 7)) << 32 - length), length)
        pools.append((base, draw(st.integers(length, 29))))
    return pools

"""An address bit by bit: whose each bit is, and which ones say that it is elsewhere."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import InvalidParameter
from minidock.net.address import Address
from minidock.net.prefix import Prefix
from minidock.views.bit_svg import bit_scene, prefix_bits, prefix_svg, prefix_text
from minidock.views.geometry import Frame
from tests.strategies import addresses, prefixes
from tests.views.strategies_views import law
from tests.views.svgs import read, texts


@st.composite
def comparisons(draw):
    """A prefix and an address of its family, often one that is nearly in it."""
    prefix = draw(prefixes())
    address = draw(addresses(prefix.family))
    if draw(st.booleans()):
        host = prefix.bits - prefix.length
        inside = prefix.network | address.value & ((1 << host) - 1)
        flips = draw(st.sampled_from([0, 1 << draw(st.integers(0, prefix.bits - 1))]))
        address = Address(inside ^ flips, prefix.family)
    return prefix, address


# -- examples --------------------------------------------------------------------------


def test_the_bits_of_the_network_the_host_and_the_difference_are_told_apart():
    scene = bit_scene(Prefix.parse("10.0.0.0/8"), Address.parse("11.0.0.5"))
    own, other = scene.bits[:32], scene.bits[32:]
    assert [bit.fixed for bit in own] == [True] * 8 + [False] * 24
    assert [bit.value for bit in own[:8]] == [0, 0, 0, 0, 1, 0, 1, 0]
    assert [bit.differs for bit in other] == [False] * 7 + [True] + [False] * 24


def test_the_octets_stand_above_their_bits():
    said = texts(read(prefix_svg(Prefix.parse("172.17.0.0/16"))))
    assert [text for text in said if text in {"172", "17"}] == ["172", "17"]


def test_a_screen_reader_hears_whether_an_address_is_in_the_prefix():
    root = read(prefix_svg(Prefix.parse("10.0.0.0/8"), Address.parse("11.0.0.5")))
    assert root[0].text == "10.0.0.0/8: 8 bits of the network, 24 of the host"
    assert root[1].text.endswith("11.0.0.5: not in it, 1 bit differs.")


def test_the_mask_is_all_ones_where_the_network_is():
    scene = bit_scene(Prefix.parse("10.0.0.0/13"), mask=True)
    assert [bit.value for bit in scene.bits[32:]] == [1] * 13 + [0] * 19


def test_addresses_of_two_families_are_not_compared():
    with pytest.raises(InvalidParameter) as found:
        prefix_bits("10.0.0.0/8", "::1").text  # noqa: B018 - it is made when asked
    assert found.value.remedy == "an address of the prefix's family"


def test_bits_are_text_when_printed_and_a_picture_in_a_notebook():
    shown = prefix_bits("10.0.0.0/8", "10.0.0.5", mask=True)
    assert str(shown).count("\n") == 5
    assert shown._repr_svg_().startswith("<svg")


# -- laws ------------------------------------------------------------------------------


@law
@given(comparisons())
def test_an_address_is_in_a_prefix_exactly_if_none_of_its_bits_is_marked(pair):
    prefix, address = pair
    scene = bit_scene(prefix, address)
    differs = any(bit.differs for bit in scene.bits)
    assert differs is (address not in prefix)
    assert ("^" in prefix_text(prefix, address)) is differs


@law
@given(comparisons())
def test_the_bits_that_are_drawn_are_those_of_the_number(pair):
    prefix, address = pair
    bits = bit_scene(prefix, address).bits
    assert len(bits) == 2 * prefix.bits
    for number, own in (
        (prefix.network, bits[: prefix.bits]),
        (address.value, bits[prefix.bits :]),
    ):
        assert int("".join(str(bit.value) for bit in own), 2) == number
        assert sum(bit.fixed for bit in own) == prefix.length


@law
@given(comparisons(), st.booleans())
def test_bits_do_not_overlap_and_all_of_the_picture_is_within_it(pair, mask):
    prefix, address = pair
    scene = bit_scene(prefix, address, mask=mask)
    paper = Frame(0, 0, scene.width, scene.height)
    assert all(paper.holds(bit.frame) for bit in scene.bits)
    said = [label.frame for label in scene.labels]
    assert all(map(paper.holds, said))
    for one, other in combinations(said, 2):
        assert not one.meets(other)
    places = {(bit.frame.x, bit.frame.y): bit.frame for bit in scene.bits}
    assert len(places) == len(scene.bits)
    for bit in scene.bits:
        right = places.get((bit.frame.right + 1, bit.frame.y))
        assert right is None or not right.meets(bit.frame)
    for bit in scene.bits[::8]:
        assert not any(bit.frame.meets(frame) for frame in said)
    for start, end in scene.borders:
        assert paper.holds(Frame(start.x, start.y, 1, end.y - start.y))
    read(prefix_svg(prefix, address, mask=mask))


@law
@given(comparisons())
def test_a_border_stands_between_the_last_bit_of_the_network_and_the_first_of_the_host(
    pair,
):
    prefix, address = pair
    scene = bit_scene(prefix, address)
    inside = 0 < prefix.length < prefix.bits
    assert len(scene.borders) == (2 if inside else 0)
    for (start, end), own in zip(
        scene.borders,
        (scene.bits[: prefix.bits], scene.bits[prefix.bits :]),
        strict=False,
    ):
        host = own[prefix.length].frame
        assert host.x - 10 <= start.x < host.x
        assert start.y < host.y < host.bottom < end.y
        before = own[prefix.length - 1].frame
        assert before.y != host.y or before.right <= start.x


@law
@given(comparisons())
def test_the_text_of_the_bits_is_no_wider_than_a_terminal(pair):
    prefix, address = pair
    assert all(len(line) <= 80 for line in prefix_text(prefix, address).splitlines())

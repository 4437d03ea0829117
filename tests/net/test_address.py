"""Addresses as numbers: arithmetic, order, equality, and what they mean."""

import copy
import ipaddress  # noqa: TID251  # the oracle
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import AddressOutOfRange, InvalidParameter, NotationError
from minidock.net.address import BITS, LAST, V4, V6, Address
from tests.strategies import addresses, families


def oracle(address):
    kinds = {V4: ipaddress.IPv4Address, V6: ipaddress.IPv6Address}
    return kinds[address.family](address.value)


def test_an_address_is_a_number_and_a_family():
    address = Address.parse("172.17.0.2")
    assert (address.value, address.family, address.bits) == (0xAC110002, V4, 32)
    assert Address(0xAC110002) == address
    assert repr(address) == "Address.parse('172.17.0.2')"


def test_the_same_number_in_two_families_is_two_addresses():
    four, six = Address(1), Address(1, V6)
    assert four != six
    assert len({four, six}) == 2
    assert four < six


def test_an_address_equals_no_number_and_no_text():
    assert Address(1) != 1
    assert Address.parse("0.0.0.1") != "0.0.0.1"


def test_an_address_cannot_be_changed():
    address = Address(1)
    for name in ("value", "family", "bits", "zone"):
        with pytest.raises(AttributeError):
            setattr(address, name, 2)


@pytest.mark.parametrize("family", [V4, V6])
def test_a_number_that_does_not_fit_is_refused(family):
    for value in (-1, LAST[family] + 1):
        with pytest.raises(NotationError, match=f"is no IPv{family} address"):
            Address(value, family)


def test_a_family_that_does_not_exist_is_refused():
    with pytest.raises(NotationError, match="5 is no address family"):
        Address(1, 5)


def test_leaving_the_numbers_of_a_family_is_refused():
    with pytest.raises(AddressOutOfRange) as caught:
        Address.parse("255.255.255.250") + 6
    assert caught.value.explain() == (
        "asked:  the address +6 from 255.255.255.250\n"
        "rule:   IPv4 addresses go from 0.0.0.0 to 255.255.255.255\n"
        "try:    a distance from -4294967290 to +5"
    )
    with pytest.raises(AddressOutOfRange):
        Address.parse("::") - 1


def test_there_is_no_distance_between_families():
    with pytest.raises(InvalidParameter, match="of different families"):
        Address.parse("::1") - Address.parse("0.0.0.1")


MEANINGS = [
    ("0.0.0.0", {"is_unspecified"}),
    ("::", {"is_unspecified"}),
    ("127.0.0.0", {"is_loopback"}),
    ("127.255.255.255", {"is_loopback"}),
    ("128.0.0.0", set()),
    ("::1", {"is_loopback"}),
    ("::2", set()),
    ("224.0.0.1", {"is_multicast"}),
    ("239.255.255.255", {"is_multicast"}),
    ("240.0.0.0", set()),
    ("ff02::1", {"is_multicast"}),
    ("169.254.169.254", {"is_link_local"}),
    ("169.255.0.0", set()),
    ("fe80::1", {"is_link_local"}),
    ("febf:ffff::1", {"is_link_local"}),
    ("fec0::1", set()),
    ("::ffff:127.0.0.1", {"is_loopback"}),
    ("::ffff:224.0.0.1", {"is_multicast"}),
    ("::ffff:0.0.0.0", set()),  # odd, and Go's: only 0.0.0.0 and :: are unspecified
]


@pytest.mark.parametrize(("text", "meanings"), MEANINGS)
def test_some_addresses_mean_something_of_their_own(text, meanings):
    address = Address.parse(text)
    asked = ("is_unspecified", "is_loopback", "is_multicast", "is_link_local")
    assert {name for name in asked if getattr(address, name)} == meanings


def test_only_a_carried_ipv4_address_is_unmapped():
    assert str(Address.parse("::ffff:10.0.0.1").unmapped()) == "10.0.0.1"
    for text in ("10.0.0.1", "::10.0.0.1", "fd00::1"):
        assert str(Address.parse(text).unmapped()) == str(Address.parse(text))


@given(addresses(), st.integers(-(2**16), 2**16))
def test_adding_to_an_address_is_adding_to_its_number(address, distance):
    expected = address.value + distance
    if 0 <= expected <= LAST[address.family]:
        moved = address + distance
        assert (moved.value, moved.family) == (expected, address.family)
        assert moved - address == distance
        assert moved - distance == address
    else:
        with pytest.raises(AddressOutOfRange):
            address + distance


@given(families.flatmap(lambda one: st.tuples(addresses(one), addresses(one))))
def test_the_order_and_distance_of_addresses_are_those_of_python_s_ipaddress(pair):
    left, right = pair
    assert (left < right) == (oracle(left) < oracle(right))
    assert (left <= right) == (oracle(left) <= oracle(right))
    assert (left > right) == (oracle(left) > oracle(right))
    assert (left >= right) == (oracle(left) >= oracle(right))
    assert (left == right) == (oracle(left) == oracle(right))
    assert left - right == int(oracle(left)) - int(oracle(right))


@given(st.lists(addresses()))
def test_sorting_addresses_puts_ipv4_first_and_then_goes_by_number(some):
    keys = [(address.family, address.value) for address in sorted(some)]
    assert keys == sorted((address.family, address.value) for address in some)


@given(addresses())
def test_equal_addresses_are_one_key_of_a_dictionary(address):
    for twin in (
        Address(address.value, address.family),
        Address.parse(str(address)),
        copy.copy(address),
        pickle.loads(pickle.dumps(address)),
    ):
        assert twin == address
        assert hash(twin) == hash(address)
        assert eval(repr(twin), {"Address": Address}) == address


@given(addresses())
def test_the_name_of_an_address_in_dns_is_that_of_python_s_ipaddress(address):
    assert address.reverse_pointer == oracle(address).reverse_pointer


@given(families)
def test_the_last_address_has_all_bits_set(family):
    assert LAST[family].bit_count() == BITS[family] == LAST[family].bit_length()

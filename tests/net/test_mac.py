"""MACs: three notations of one number, and how Docker makes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import InvalidParameter, NotationError
from minidock.net.address import V4, Address
from minidock.net.mac import MAC
from tests.strategies import addresses, macs

REFUSED = [
    "",
    "zz",
    "foo",
    "02:42:ac:11:00",
    "02:42:ac:11:00:02:03",
    "02:42:ac:11:00:02:03:04",  # EUI-64: Go reads it, an Ethernet interface has six
    "02:42:ac:11:00:2",
    "02:42:ac:11:00:002",
    "02:42-ac:11-00:02",
    "02:42:ac:11:00:0g",
    "02:42:ac:11:00:  ",
    "02:42:ac:11:00:\t\t",
    "02:42:ac:11:00:02 ",
    "0242.ac11.000",
    "0242ac110002",
    "02:42:ac:11:00:+2",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_wrong_text_is_refused_in_docker_s_words(text):
    with pytest.raises(NotationError) as caught:
        MAC.parse(text)
    assert str(caught.value) == f"address {text}: invalid MAC address"
    assert caught.value.explain().count("\n") == 2


def test_the_mac_of_an_address_is_docker_s():
    address = Address.parse("172.17.0.2")
    assert str(MAC.from_ipv4(address)) == "02:42:ac:11:00:02"


def test_an_ipv6_address_has_no_such_mac():
    with pytest.raises(InvalidParameter, match="::1 is no IPv4 address"):
        MAC.from_ipv4(Address.parse("::1"))


def test_a_number_that_does_not_fit_is_refused():
    for value in (-1, 2**48):
        with pytest.raises(NotationError, match="is no MAC address"):
            MAC(value)


def test_a_mac_cannot_be_changed():
    with pytest.raises(AttributeError):
        MAC(1).value = 2


def test_all_machines_are_a_group():
    assert MAC.parse("ff:ff:ff:ff:ff:ff").is_multicast
    assert not MAC.parse("02:42:ac:11:00:02").is_multicast
    assert not MAC.parse("00:1b:21:00:00:01").is_local


@given(macs())
def test_a_mac_is_read_in_each_of_its_notations(mac):
    text = str(mac)
    digits = text.replace(":", "")
    dotted = ".".join((digits[:4], digits[4:8], digits[8:]))
    for spelling in (text, text.upper(), text.replace(":", "-"), dotted):
        assert MAC.parse(spelling) == mac
    assert eval(repr(mac), {"MAC": MAC}) == mac


@given(st.text("0123456789abcdefABCDEF:-. \tg", max_size=20))
def test_a_mac_that_is_read_has_six_bytes_of_two_digits(text):
    try:
        mac = MAC.parse(text)
    except NotationError:
        return
    digits = "".join(letter for letter in text if letter not in ":-.").lower()
    assert f"{mac.value:012x}" == digits


@given(addresses(V4))
def test_the_address_of_a_container_can_be_read_from_its_mac(address):
    mac = MAC.from_ipv4(address)
    assert mac.value & 0xFFFFFFFF == address.value
    assert mac.is_local
    assert not mac.is_multicast


@given(st.integers(0, 2**48 - 1))
def test_a_random_mac_keeps_all_but_two_bits(bits):
    mac = MAC.local(bits)
    assert mac.is_local
    assert not mac.is_multicast
    assert mac.value | 3 << 40 == bits | 3 << 40


@given(macs())
def test_a_link_local_address_holds_the_mac_it_was_made_from(mac):
    address = mac.link_local
    assert address.is_link_local
    low = address.value & 0xFFFFFFFFFFFFFFFF
    assert low >> 24 & 0xFFFF == 0xFFFE
    assert (low >> 40 << 24 | low & 0xFFFFFF) == mac.value ^ 2 << 40


@given(st.lists(macs()))
def test_macs_are_ordered_by_number(some):
    values = [mac.value for mac in some]
    assert [mac.value for mac in sorted(some)] == sorted(values)
    assert len(set(some)) == len(set(values))

"""The texts of addresses: what is read, what is refused and in which words."""

import ipaddress  # noqa: TID251  # the oracle

import pytest
from hypothesis import example, given

from minidock.errors import NotationError
from minidock.net.address import V4, V6, Address
from minidock.net.notation import FAULTS, quote
from minidock.net.notation4 import format4, parse4
from minidock.net.notation6 import _quick, _read, format6, parse6
from minidock.net.prefix import Prefix
from tests.strategies import (
    addresses,
    hostile_address_texts,
    numbers,
    prefixes,
    spellings,
)

DIGIT4 = "IPv4 field must have at least one digit"
DIGIT6 = "each colon-separated field must have at least one digit"
EMBEDDED = "embedded IPv4 address must replace the final 2 fields of the address"
TOO_MANY = "too many hex fields to fit an embedded IPv4 at the end of the address"
ZONE = "IPv6 zones cannot be present in an address"

# Text, fault, and the rest of the text that Go points at. Go's package netip says the
# same for all of them but the zones, which it accepts.
REFUSED = [
    ("", "unable to parse IP", ""),
    ("localhost", "unable to parse IP", ""),
    ("10", "unable to parse IP", ""),
    ("10.1", "IPv4 address too short", ""),
    ("1.2.3.4.5", "IPv4 address too long", ""),
    ("1.2.3.4.", DIGIT4, "."),
    (".1.2.3", DIGIT4, ".1.2.3"),
    ("1..2.3", DIGIT4, ".2.3"),
    ("10.0.0.256", "IPv4 field has value >255", ""),
    ("10.0.0.4294967297", "IPv4 field has value >255", ""),
    ("10.0.0.01", "IPv4 field has octet with leading zero", ""),
    ("00.0.0.0", "IPv4 field has octet with leading zero", ""),
    ("0x7f.0.0.1", "unexpected character", "x7f.0.0.1"),
    ("10.0.0.1 ", "unexpected character", " "),
    (" 10.0.0.1", "unexpected character", " 10.0.0.1"),
    ("10.0.0.+1", "unexpected character", "+1"),
    ("10.0.0.-1", "unexpected character", "-1"),
    ("10.0.0.١", "unexpected character", "١"),
    ("10.0.0.1/24", "unexpected character", "/24"),
    ("10.0.0.1:80", "unexpected character", ":80"),
    ("1.2.3.4%eth0", "unexpected character", "%eth0"),
    ("1:2:3:4:5:6:7", "address string too short", ""),
    ("1:2:3:4:5:6:7:8:9", "trailing garbage after address", "9"),
    ("1:2:3:4:5:6:7:8::9", "trailing garbage after address", "9"),
    ("::2:3:4:5:6:7:8:9:a", "trailing garbage after address", "a"),
    ("1:2:3:4:5:6:7:8:", "colon must be followed by more characters", ":"),
    ("fd00::1:", "colon must be followed by more characters", ":"),
    ("1:2:3:4:5:6:7:8::", "the :: must expand to at least one field of zeros", ""),
    ("1::2:3:4:5:6:7:8", "the :: must expand to at least one field of zeros", ""),
    ("12345::", "each group must have 4 or less digits", "12345::"),
    ("::1:00000", "each group must have 4 or less digits", "00000"),
    (":1:2:3:4:5:6:7:8", DIGIT6, ":1:2:3:4:5:6:7:8"),
    (":::", DIGIT6, ":"),
    ("[::1]", DIGIT6, "[::1]"),
    ("1::2::3", "multiple :: in address", ":3"),
    ("a::b::c:d:e:f", "multiple :: in address", ":c:d:e:f"),
    ("fd00::1/64", "unexpected character, want colon", "/64"),
    ("fd00::1 ", "unexpected character, want colon", " "),
    ("fd00:: 1", DIGIT6, " 1"),
    ("fd00::\t1\t1", DIGIT6, "\t1\t1"),
    ("\t\t\t\t:1:2:3:4:5:6:7", DIGIT6, "\t\t\t\t:1:2:3:4:5:6:7"),
    ("1234\t:2:3:4:5:6:7:8", "unexpected character, want colon", "\t:2:3:4:5:6:7:8"),
    (":1::2", DIGIT6, ":1::2"),
    ("1::2:", "colon must be followed by more characters", ":"),
    ("fd00::-1", DIGIT6, "-1"),
    ("fd00::1_1", "unexpected character, want colon", "_1"),
    ("fd00::0x1", "unexpected character, want colon", "x1"),
    ("1:2:3:4:5:6:7:1.2.3.4", EMBEDDED, "1.2.3.4"),
    ("1:2:1.2.3.4", EMBEDDED, "1.2.3.4"),
    ("1::2:3:4:5:6:7:1.2.3.4", TOO_MANY, "1.2.3.4"),
    ("1:2:3:4:5:6:7.8.9.10:11", "unexpected character", ":11"),
    ("::ffff:1.2.03.4", "IPv4 field has octet with leading zero", ""),
    ("::ffff:1.2.3", "IPv4 address too short", ""),
    ("%eth0", "missing IPv6 address", ""),
    ("fe80::1%eth0", ZONE, ""),
    ("fe80::1%", ZONE, ""),
    ("::ffff:1.2.3.4%eth0", ZONE, ""),
    ("fe80::1%eth0.5", ZONE, ""),
]

REFUSED_PREFIXES = [
    ("10.0.0.0", "no '/'"),
    ("fd00::", "no '/'"),
    ("", "no '/'"),
    ("10.0.0.0/", 'bad bits after slash: ""'),
    ("10.0.0.0/x", 'bad bits after slash: "x"'),
    ("10.0.0.0/+8", 'bad bits after slash: "+8"'),
    ("10.0.0.0/08", 'bad bits after slash: "08"'),
    ("10.0.0.0/255.0.0.0", 'bad bits after slash: "255.0.0.0"'),
    ("10.0.0.0/33", "prefix length out of range"),
    ("fd00::/129", "prefix length out of range"),
    ("300.1.1.0/24", 'ParseAddr("300.1.1.0"): IPv4 field has value >255'),
    ("fe80::%eth0/64", "IPv6 zones cannot be present in a prefix"),
    ("10.0.0.0/8/8", 'ParseAddr("10.0.0.0/8"): unexpected character (at "/8")'),
]

# RFC 5952, sections 2 to 5, each rule with an example of the RFC or like it.
CANONICAL = [
    ("2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  # one zero group stays
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),  # the longest run
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),  # the first of equals
    ("2001:DB8::ABCD", "2001:db8::abcd"),
    ("0:0:0:0:0:0:0:0", "::"),
    ("0:0:0:0:0:0:0:1", "::1"),
    ("1:0:0:0:0:0:0:0", "1::"),
    ("10:0:0:0:0:0:0:10", "10::10"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::ffff:a00:1", "::ffff:10.0.0.1"),
    ("::10.0.0.1", "::a00:1"),  # dotted only where it carries IPv4
    ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
]


def _read_by(parse, text):
    try:
        return parse(text)
    except ValueError:
        return None


def _refusal_of(parse, text):
    try:
        parse(text)
    except NotationError as refusal:
        return refusal
    return None


@pytest.mark.parametrize(("text", "fault", "at"), REFUSED)
def test_a_wrong_text_is_refused_in_go_s_words(text, fault, at):
    with pytest.raises(NotationError) as caught:
        Address.parse(text)
    where = f" (at {quote(at)})" if at else ""
    assert str(caught.value) == f"ParseAddr({quote(text)}): {fault}{where}"
    assert caught.value.explain().count("\n") == 2


@pytest.mark.parametrize(("text", "fault"), REFUSED_PREFIXES)
def test_a_wrong_prefix_is_refused_in_go_s_words(text, fault):
    with pytest.raises(NotationError) as caught:
        Prefix.parse(text)
    assert str(caught.value) == f"netip.ParsePrefix({quote(text)}): {fault}"
    assert caught.value.explain().count("\n") == 2


def test_every_fault_of_the_table_has_an_example():
    shown = {fault for _, fault, _ in REFUSED}
    shown |= {fault.partition(":")[0] for _, fault in REFUSED_PREFIXES}
    assert set(FAULTS) <= shown


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_a_text_becomes_the_canonical_one(text, canonical):
    assert str(Address.parse(text)) == canonical
    assert str(Address.parse(canonical)) == canonical


def test_a_quoted_text_shows_what_cannot_be_seen():
    assert quote('a"\\\n\x00\x7f\xa0€\U0010ffff') == (
        '"a\\"\\\\\\n\\x00\\x7f\\u00a0€\\U0010ffff"'
    )


@given(addresses())
def test_an_address_comes_back_from_its_text(address):
    assert Address.parse(str(address)) == address


@given(prefixes())
def test_a_prefix_comes_back_from_its_text(prefix):
    assert Prefix.parse(str(prefix)) == prefix


@given(numbers(32))
def test_the_text_of_an_ipv4_address_is_that_of_python_s_ipaddress(value):
    assert format4(value) == str(ipaddress.IPv4Address(value))


@given(numbers(128).filter(lambda value: value >> 32 != 0xFFFF))
def test_the_text_of_an_ipv6_address_is_that_of_python_s_ipaddress(value):
    assert format6(value) == str(ipaddress.IPv6Address(value))


@given(spellings())
def test_every_spelling_of_an_address_is_read_as_python_s_ipaddress_reads_it(text):
    assert parse6(text) == int(ipaddress.IPv6Address(text))


@given(hostile_address_texts())
@example("1::2:3:4:5:6:7:8")
@example("a::b::c:d:e:f")
@example("::1.2.3.4:5")
@example("1:2:3.4.5.6::1")
@example("::1.2.3.4.5")
def test_any_text_that_python_s_ipaddress_refuses_is_refused_and_no_other(text):
    oracle = _read_by(ipaddress.ip_address, text)
    if "%" in text:  # the oracle accepts zones
        oracle = None
    expected = oracle and (int(oracle), oracle.version)
    ours = _read_by(Address.parse, text)
    assert (ours and (ours.value, ours.family)) == expected


@given(spellings() | hostile_address_texts())
def test_the_quick_way_and_the_careful_way_of_reading_an_address_agree(text):
    value = _quick(text)
    if value is not None:
        assert _read(text) == value


@given(hostile_address_texts())
def test_every_refused_address_says_which_rule_it_broke_and_what_would_work(text):
    for parse in (Address.parse, Prefix.parse, parse4, parse6):
        refusal = _refusal_of(parse, text)
        if refusal is not None:
            assert refusal.value == text
            assert all((refusal.asked, refusal.rule, refusal.remedy))


@given(addresses(V4), addresses(V6))
def test_an_ipv6_address_may_end_in_the_text_of_an_ipv4_address(inner, outer):
    value = outer.value >> 32 << 32 | inner.value
    groups = ":".join(f"{value >> 16 * place & 0xFFFF:x}" for place in range(7, 1, -1))
    assert parse6(f"{groups}:{inner}") == value

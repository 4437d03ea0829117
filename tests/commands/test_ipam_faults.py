"""What is wrong with the addresses of a network: Docker's sentences, and what would work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commands.ipam_faults import check_all
from minidock.errors import InvalidParameter
from minidock.model.document import freeze
from minidock.model.network import IpamConfig
from minidock.net.address import V4
from minidock.net.prefix import Prefix
from tests.strategies import addresses


def refusal(**settings):
    """The refusal of one entry of settings."""
    aux = freeze(settings.pop("aux_addresses", {}))
    with pytest.raises(InvalidParameter) as caught:
        check_all([IpamConfig(aux_addresses=aux, **settings)], ipv6=True)
    return caught.value


def test_host_bits_in_a_subnet_are_refused_with_the_subnet_that_was_meant():
    refused = refusal(subnet="10.5.7.9/16")
    assert refused.text == (
        "invalid network config:\ninvalid subnet 10.5.7.9/16: it should be 10.5.0.0/16"
    )
    assert refused.explain() == (
        "asked:  a network with --subnet 10.5.7.9/16\n"
        "rule:   a /16 fixes the first 16 bits; the bits after them are zero\n"
        "try:    --subnet 10.5.0.0/16"
    )


@pytest.mark.parametrize(
    ("settings", "said", "remedy"),
    [
        ({"subnet": "foo"}, "invalid CIDR block notation", "--subnet 10.9.0.0/16"),
        (
            {"subnet": "10.9.0.0/16", "ip_range": "foo"},
            "invalid ip-range foo: invalid CIDR block notation",
            "--ip-range 10.9.0.0/16, or a part of it",
        ),
        (
            {"subnet": "10.9.0.0/16", "ip_range": "fd00::/64"},
            "parent subnet is an IPv4 block",
            "--ip-range 10.9.0.0/16, or a part of it",
        ),
        (
            {"subnet": "10.9.0.0/16", "ip_range": "10.9.5.1/24"},
            "it should be 10.9.5.0/24",
            "--ip-range 10.9.5.0/24",
        ),
        (
            {"subnet": "10.9.0.0/16", "ip_range": "10.0.0.0/8"},
            "CIDR block is bigger than its parent subnet 10.9.0.0/16",
            "--ip-range 10.9.0.0/16, or a part of it",
        ),
        (
            {"subnet": "10.9.0.0/16", "ip_range": "10.10.0.0/24"},
            "parent subnet 10.9.0.0/16 doesn't contain ip-range",
            "--ip-range 10.9.0.0/16, or a part of it",
        ),
        (
            {"subnet": "10.9.0.0/16", "gateway": "foo"},
            "invalid gateway foo: invalid address",
            "--gateway 10.9.0.1",
        ),
        (
            {"subnet": "10.9.0.0/16", "gateway": "fd00::1"},
            "invalid gateway fd00::1: parent subnet is an IPv4 block",
            "--gateway 10.9.0.1",
        ),
        (
            {"subnet": "10.9.0.7/32", "gateway": "10.9.0.8"},
            "parent subnet 10.9.0.7/32 doesn't contain this address",
            "--gateway 10.9.0.7",
        ),
        (
            {"subnet": "10.9.0.0/16", "aux_addresses": {"printer": "10.8.0.1"}},
            "invalid auxiliary address printer: parent subnet 10.9.0.0/16 doesn't",
            "--aux-address printer=10.9.0.1",
        ),
    ],
)
def test_each_fault_has_dockers_sentence_and_a_remedy(settings, said, remedy):
    refused = refusal(**settings)
    assert said in refused.text
    assert refused.remedy == remedy


def test_all_faults_are_named_at_once():
    refused = refusal(subnet="10.5.7.9/16", ip_range="10.6.0.0/24", gateway="10.7.0.1")
    assert len(refused.text.splitlines()) == 4
    assert refused.asked == (
        "a network with --subnet 10.5.7.9/16 --ip-range 10.6.0.0/24 --gateway 10.7.0.1"
    )
    assert refused.remedy == "--subnet 10.5.0.0/16"


def test_an_ipv6_subnet_is_looked_at_only_where_ipv6_is_wanted():
    config = IpamConfig(subnet="fd00::1/64")
    check_all([config], ipv6=False)
    with pytest.raises(InvalidParameter, match="it should be fd00::/64"):
        check_all([config], ipv6=True)


@given(addresses(), st.data())
def test_the_subnet_that_a_refusal_proposes_is_accepted(address, data):
    length = data.draw(st.integers(0, 32 if address.family == V4 else 128))
    text = f"{address}/{length}"
    try:
        check_all([IpamConfig(subnet=text)], ipv6=True)
    except InvalidParameter as refused:
        proposed = refused.remedy.removeprefix("--subnet ")
        assert Prefix.of(address, length) == Prefix.parse(proposed)
        check_all([IpamConfig(subnet=proposed)], ipv6=True)
    else:
        assert Prefix.of(address, length).first == address

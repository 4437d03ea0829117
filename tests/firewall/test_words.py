import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import InvalidParameter
from minidock.firewall.rule import (
    Destination,
    DestinationPort,
    IcmpType,
    Protocol,
    Snat,
    Verdict,
    rule,
)
from minidock.firewall.words import read_rule, words_of
from minidock.net.address import V4
from minidock.net.prefix import Prefix
from tests.firewall.strategies_firewall import families, rules


@pytest.mark.parametrize(
    "line",
    [
        "-d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
        "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
        "-o br-1 -m addrtype --src-type LOCAL -j SNAT --to-source 192.0.2.2",
        "! -s fe80::/10 ! -i br-1 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00::2]:80",
        "-s 127.0.0.11/32 -p udp -m udp --sport 37731 -j SNAT --to-source :53",
        "-p sctp -m sctp --sport 80 -j CHECKSUM --checksum-fill",
        "-p tcp -m tcp --sport 1:9 ! --dport 80 -m conntrack --ctstate NEW -j DROP",
        "-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT",
    ],
)
def test_a_rule_reads_and_writes_as_iptables_save_prints_it(line):
    assert " ".join(words_of(read_rule("nat", "DOCKER", line.split()))) == line


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("--dst 10.0.0.1 --jump DROP", "-d 10.0.0.1/32 -j DROP"),
        ("-s 10.1.2.3/8 -j DROP", "-s 10.0.0.0/8 -j DROP"),
        ("-d 0/0 -p tcp --dport 80 -j DROP", "-p tcp -m tcp --dport 80 -j DROP"),
        (
            "-m conntrack --ctstate ESTABLISHED,RELATED -j DROP",
            "-m conntrack --ctstate RELATED,ESTABLISHED -j DROP",
        ),
        ("-p icmpv6 -j DROP", "-p ipv6-icmp -j DROP"),
        ("-j DNAT --to-destination fd00::2", "-j DNAT --to-destination fd00::2"),
    ],
)
def test_what_docker_types_is_printed_in_the_one_spelling(typed, printed):
    found = read_rule("filter", "FORWARD", typed.split())
    assert " ".join(words_of(found)) == printed


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("-o docker0", "minidock does not model a rule without -j"),
        ("-j", 'option "-j" requires an argument'),
        ("-o", 'option "-o" requires an argument'),
        ("!", 'option "!" requires an argument'),
        ("-m set --match-set x -j DROP", "minidock does not model the match set"),
        ("-m bogus -j DROP", "Couldn't load match `bogus':No such file"),
        ("-j MARK --set-mark 1", 'unknown option "--set-mark"'),
        ("-j MARK", "minidock does not model the target MARK"),
        ("-g mine", "minidock does not model the option -g"),
        ("-m conntrack -j DROP", "conntrack: At least one option is required"),
        ("-p tcp --dport foo -j DROP", "invalid port/service `foo' specified"),
        ("-p tcp --dport 99999 -j DROP", "invalid port/service `99999' specified"),
        ("-j DNAT", 'DNAT: option "--to-destination" must be specified'),
        ("-j DNAT --to-destination :", 'Bad IP address ":"'),
        ("-j CHECKSUM --fill", 'unknown option "--fill"'),
        ("-j CHECKSUM", 'CHECKSUM: option "--checksum-fill" must be specified'),
        ("-s 10.0.0.300 -j DROP", "host/network `10.0.0.300' not found"),
        ("-s fe80::1 -j DROP", "host/network `fe80::1' not found"),
        ("-s 10.0.0.0/33 -j DROP", "invalid mask `33' specified"),
        ("-s 10.0.0.0/255.0.255.0 -j DROP", "invalid mask `255.0.255.0' specified"),
        ("--dport 80 -j DROP", 'unknown option "--dport"'),
        ("-p icmp --dport 80 -j DROP", 'unknown option "--dport"'),
        ("-p foo -j DROP", 'unknown protocol "foo" specified'),
        ("-o abcdefghijklmnopqrst -j DROP", "must be shorter than IFNAMSIZ"),
        ("-j REJECT --reject-with bogus", 'unknown reject type "bogus"'),
        ("-j DROP foo", "Bad argument `foo'"),
        ("-j DROP -j DROP", "multiple -j flags not allowed"),
        ("-p tcp -p udp -j DROP", "multiple -p flags not allowed"),
        ("-m limit --limit 3/week -j DROP", 'bad rate "3/week"'),
        ("-j LOG --log-level loud", 'log-level "loud" unknown'),
        ("-p tcp --tcp-flags SYN,FOO SYN -j DROP", "Unknown TCP flag `FOO'"),
    ],
)
def test_words_that_are_no_rule_are_refused(line, text):
    with pytest.raises(InvalidParameter, match=text):
        read_rule("filter", "FORWARD", line.split(), V4)


def test_a_source_may_be_translated_to_a_port_alone():
    back = rule("nat", "POSTROUTING", target=Snat(None, 53))
    assert words_of(back)[-1] == ":53"


def test_excluding_every_address_is_a_match_of_its_own():
    nobody = Destination(Prefix.parse("0.0.0.0/0"), negated=True)
    found = read_rule("filter", "INPUT", ["!", "-d", "0.0.0.0/0", "-j", "DROP"])
    assert found == rule("filter", "INPUT", nobody, target=Verdict.DROP)


def test_a_module_is_loaded_before_its_first_option_only():
    ports = (Protocol("tcp"), DestinationPort(80))
    words = words_of(rule("filter", "INPUT", *ports, target=Verdict.DROP))
    assert words.count("-m") == 1
    ping = (Protocol("icmp"), IcmpType(8))
    words = words_of(rule("filter", "INPUT", *ping, target=Verdict.DROP))
    assert words[2:6] == ("-m", "icmp", "--icmp-type", "8")


@given(st.data())
def test_reading_the_words_of_a_rule_undoes_writing_them(data):
    made = data.draw(rules(data.draw(families())))
    assert read_rule(made.table, made.chain, words_of(made)) == made

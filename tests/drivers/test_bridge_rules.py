import pytest

from minidock.drivers import bridge_rules_docker_forward as forward
from minidock.drivers import bridge_rules_isolation_stages as stages
from minidock.drivers.bridge_rules import Bridge, GatewayMode, Wall
from minidock.firewall.invariants import broken
from minidock.firewall.render import text_of
from minidock.firewall.ruleset import Ruleset
from minidock.firewall.steps import NewChain, Place, Put, SetPolicy
from minidock.model.container import LinkOpening
from minidock.net.address import V6, Address
from minidock.net.prefix import Prefix
from minidock.ports.mapping import PortMapping

LAYOUTS = pytest.mark.parametrize("layout", [stages, forward])


def bridge(name="br-1", subnet="10.1.0.0/24", **facts):
    return Bridge(name=name, subnet=Prefix.parse(subnet) if subnet else None, **facts)


def mapping(
    host_ip="0.0.0.0", host_port=8080, *, to="10.1.0.2", port=80, protocol="tcp"
):
    return PortMapping(
        container_port=port,
        protocol=protocol,
        container_address=Address.parse(to),
        host_ip=Address.parse(host_ip),
        host_port=host_port,
    )


def lines(steps):
    return [text_of(step.rule) for step in steps if isinstance(step, Put)]


def wall_of(layout, *bridges, wall=Wall(), ports=()):  # noqa: B008 # frozen
    steps = list(layout.daemon_steps(wall))
    for one in bridges:
        steps += layout.network_steps(wall, one)
    for one, published in ports:
        steps += layout.port_steps(wall, one, published)
    return Ruleset(family=wall.family).program(steps)


def chain(ruleset, name, table="filter"):
    return [text_of(rule) for rule in ruleset.rules(table, name)]


# Both layouts


@LAYOUTS
def test_taking_all_steps_twice_changes_nothing(layout):
    nets = (
        bridge(),
        bridge("br-2", "10.2.0.0/24", icc=False),
        bridge("i", internal=True),
    )
    published = [(nets[0], mapping()), (nets[1], mapping(to="10.2.0.2", host_port=81))]
    once = wall_of(layout, *nets, ports=published)
    again = list(layout.daemon_steps(Wall()))
    for net in nets:
        again += layout.network_steps(Wall(), net)
    for net, port in published:
        again += layout.port_steps(Wall(), net, port)
    moved = [s for s in again if not (isinstance(s, Put) and s.place is Place.RAISE)]
    assert once.program(moved) == once
    assert broken(once) == ()


@LAYOUTS
@pytest.mark.parametrize("proxy", [True, False])
def test_without_a_proxy_the_hosts_loopback_is_translated_too(layout, proxy):
    made = wall_of(layout, bridge(), wall=Wall(proxy=proxy))
    into_nat = chain(made, "OUTPUT", "nat")
    assert ("! -d 127.0.0.0/8" in into_nat[0]) == proxy
    hairpin = "-A POSTROUTING -o br-1 -m addrtype --src-type LOCAL -j MASQUERADE"
    assert (hairpin in chain(made, "POSTROUTING", "nat")) == (not proxy)


@LAYOUTS
def test_the_host_forwards_nothing_else_only_if_docker_switched_forwarding_on(layout):
    closed = SetPolicy(table="filter", chain="FORWARD", policy="DROP")
    assert closed in list(layout.daemon_steps(Wall()))
    assert closed not in list(layout.daemon_steps(Wall(drop_forwarded=False)))


@LAYOUTS
def test_a_host_address_replaces_masquerading(layout):
    snat = Address.parse("192.0.2.9")
    made = wall_of(layout, bridge(snat=snat))
    assert "-A POSTROUTING -s 10.1.0.0/24 ! -o br-1 -j SNAT --to-source 192.0.2.9" in (
        chain(made, "POSTROUTING", "nat")
    )


@LAYOUTS
def test_an_internal_network_publishes_nothing_and_needs_no_nat(layout):
    inside = bridge(internal=True)
    assert list(layout.port_steps(Wall(), inside, mapping())) == []
    steps = layout.network_steps(Wall(), inside)
    assert {step.rule.table for step in steps} == {"filter"}


@LAYOUTS
def test_a_port_of_the_hosts_ipv6_address_before_an_ipv4_container_has_no_rule(layout):
    # Only the userland proxy can carry a connection from one family to the other.
    assert list(layout.port_steps(Wall(), bridge(), mapping("::1"))) == []


@LAYOUTS
def test_a_link_opens_its_port_there_and_back(layout):
    opening = LinkOpening(
        bridge="docker0",
        parent=Address.parse("172.17.0.3"),
        child=Address.parse("172.17.0.2"),
        port=53,
        protocol="udp",
    )
    assert lines(layout.link_steps(opening)) == [
        "-A DOCKER -s 172.17.0.3/32 -d 172.17.0.2/32 -i docker0 -o docker0 -p udp -m udp --dport 53 -j ACCEPT",
        "-A DOCKER -s 172.17.0.2/32 -d 172.17.0.3/32 -i docker0 -o docker0 -p udp -m udp --sport 53 -j ACCEPT",
    ]


# Engines 17.12 and 20.10


def test_newer_networks_stand_above_older_ones():
    made = wall_of(stages, bridge("old"), bridge("new"))
    order = [line for line in chain(made, "FORWARD") if line.endswith("DOCKER")]
    assert order == ["-A FORWARD -o new -j DOCKER", "-A FORWARD -o old -j DOCKER"]
    assert chain(made, "FORWARD")[:2] == [
        "-A FORWARD -j DOCKER-USER",
        "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
    ]


def test_the_drop_of_icc_false_stands_at_the_very_end_as_docker_oddly_has_it():
    made = wall_of(stages, bridge("old"), bridge("shy", icc=False), bridge("new"))
    assert chain(made, "FORWARD")[-1] == "-A FORWARD -i shy -o shy -j DROP"


def test_sctp_gets_its_checksums_filled_in():
    made = wall_of(stages, bridge(), ports=[(bridge(), mapping(protocol="sctp"))])
    assert chain(made, "POSTROUTING", "mangle") == [
        "-A POSTROUTING -p sctp -m sctp --sport 80 -j CHECKSUM --checksum-fill"
    ]


def test_ipv6_has_no_chain_for_rules_of_ones_own_before_28():
    assert NewChain("filter", "DOCKER-USER") not in list(
        stages.daemon_steps(Wall(family=V6))
    )
    assert NewChain("filter", "DOCKER-USER") in list(
        forward.daemon_steps(Wall(family=V6))
    )


def test_a_network_without_ipv6_is_isolated_in_ipv6_all_the_same_before_28():
    four_only = bridge(subnet=None)
    assert lines(stages.network_steps(Wall(family=V6), four_only)) == [
        "-A DOCKER-ISOLATION-STAGE-1 -i br-1 ! -o br-1 -j DOCKER-ISOLATION-STAGE-2",
        "-A DOCKER-ISOLATION-STAGE-2 -o br-1 -j DROP",
    ]
    assert lines(forward.network_steps(Wall(family=V6), four_only)) == []


# Engine 28


def test_a_network_closes_its_ports_below_all_that_are_open():
    one, two = bridge("one"), bridge("two", "10.2.0.0/24")
    first = (one, mapping())
    second = (one, mapping(host_port=81, port=81))
    made = wall_of(forward, one, two, ports=[first, second])
    assert chain(made, "DOCKER") == [
        "-A DOCKER -d 10.1.0.2/32 ! -i one -o one -p tcp -m tcp --dport 81 -j ACCEPT",
        "-A DOCKER -d 10.1.0.2/32 ! -i one -o one -p tcp -m tcp --dport 80 -j ACCEPT",
        "-A DOCKER ! -i one -o one -j DROP",
        "-A DOCKER ! -i two -o two -j DROP",
    ]


def test_the_two_isolation_stages_are_oddly_written_in_opposite_orders():
    made = wall_of(forward, bridge("old"), bridge("new"))
    assert [line.split()[3] for line in chain(made, "DOCKER-ISOLATION-STAGE-1")] == [
        "old",
        "new",
    ]
    assert [line.split()[3] for line in chain(made, "DOCKER-ISOLATION-STAGE-2")] == [
        "new",
        "old",
    ]


def test_a_routed_network_lets_others_in_before_any_isolation():
    routed = bridge("open", "10.2.0.0/24", mode=GatewayMode.ROUTED)
    made = wall_of(forward, bridge("nat"), routed)
    assert chain(made, "DOCKER-ISOLATION-STAGE-1")[:2] == [
        "-A DOCKER-ISOLATION-STAGE-1 -i open -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A DOCKER-ISOLATION-STAGE-1 -o open -j RETURN",
    ]
    assert chain(made, "POSTROUTING", "nat") == [
        "-A POSTROUTING -s 10.1.0.0/24 ! -o nat -j MASQUERADE"
    ]


def test_a_port_that_is_open_but_not_mapped_leads_nowhere():
    routed = bridge(mode=GatewayMode.ROUTED)
    assert lines(forward.port_steps(Wall(), routed, mapping(host_port=0))) == [
        "-A DOCKER -d 10.1.0.2/32 ! -i br-1 -o br-1 -p tcp -m tcp --dport 80 -j ACCEPT"
    ]


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({}, 1),
        ({"trusted": ("eth1", "eth2")}, 3),
        ({"mode": GatewayMode.NAT_UNPROTECTED}, 0),
        ({"mode": GatewayMode.ROUTED}, 0),
        ({"internal": True}, 0),
    ],
)
def test_a_containers_own_address_is_closed_to_the_lan(facts, count):
    steps = forward.endpoint_steps(bridge(**facts), Address.parse("10.1.0.2"))
    assert len(lines(steps)) == count
    assert list(stages.endpoint_steps(bridge(**facts), Address.parse("10.1.0.2"))) == []


def test_trusted_interfaces_are_let_through_before_the_drop():
    trusting = bridge(trusted=("eth1",))
    assert lines(forward.endpoint_steps(trusting, Address.parse("10.1.0.2"))) == [
        "-A PREROUTING -d 10.1.0.2/32 -i eth1 -j ACCEPT",
        "-A PREROUTING -d 10.1.0.2/32 ! -i br-1 -j DROP",
    ]

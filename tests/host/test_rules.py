import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.firewall.invariants import broken
from minidock.firewall.render import LEGACY, NFT, commands, save, text_of
from minidock.firewall.rule import Dnat
from minidock.host.rules import container_rules, resolver_ports, rules, steps
from minidock.net.address import V4, V6
from tests.host.story import Story, opening
from tests.host.strategies_host import stories

RECORDED = Path(__file__).resolve().parents[2] / "../shared/golden/docker-20.10"
recorded_only = pytest.mark.skipif(
    not RECORDED.exists(), reason="the recordings are not here"
)


class Recording:
    """One recorded scenario: its dumps by step, its networks by name."""

    def __init__(self, name):
        (path,) = RECORDED.glob(f"{name}-*.json")
        self.steps = json.loads(path.read_text())["steps"]

    def id_of(self, network):
        """The id that `network create` printed for this name."""
        for step in self.steps:
            words = step.get("cmd", "").split()
            if words[:3] == ["docker", "network", "create"] and words[-1] == network:
                return step["stdout"].strip()
        raise LookupError(network)

    def dump(self, number):
        """The recorded text of a step, with counters at zero, and its time."""
        text = re.sub(r"\[\d+:\d+\]", "[0:0]", self.steps[number]["stdout"])
        times = re.findall(r" on (.*)", text)
        table = re.search(r"-t (\w+)", self.steps[number]["cmd"])
        return text, times[0] if times else "", table.group(1) if table else ""

    def shows(self, number, ruleset, backend=NFT):
        """Whether the ruleset prints exactly what was recorded."""
        text, when, table = self.dump(number)
        assert save(ruleset, table=table, when=when, backend=backend) == text
        return True


# One small story that needs no recording


def test_publishing_a_port_on_the_default_bridge_writes_three_rules():
    story = Story()
    before = set(rules(story.world))
    story.run("web", "172.17.0.2", ":80/80/tcp")
    added = [text_of(rule) for rule in rules(story.world) if rule not in before]
    assert added == [
        "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
        "-A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE",
        "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80",
    ]


def test_a_container_that_is_not_attached_writes_nothing():
    story = Story("28")
    before = rules(story.world)
    story.put("created", [])
    assert rules(story.world) == before


# Recordings of a real engine 20.10


@recorded_only
def test_a_fresh_engine():
    recording = Recording("01")
    assert recording.shows(33, rules(Story().world))
    assert recording.shows(34, rules(Story().world, V6))


@recorded_only
def test_a_published_port_comes_and_goes_with_its_container():
    recording, story = Recording("02"), Story()
    web = story.run("web", "172.17.0.2", ":80/80/tcp", ":80/80/tcp")
    assert recording.shows(17, rules(story.world))
    assert recording.shows(18, rules(story.world, V6))
    assert recording.shows(28, container_rules(story.world, web))
    story.remove("web")
    assert recording.shows(47, rules(story.world))
    assert recording.shows(65, rules(story.world))
    plain = story.run("plain", "172.17.0.2")
    assert recording.shows(72, rules(story.world))
    assert recording.shows(81, container_rules(story.world, plain))


@recorded_only
def test_a_network_of_ones_own():
    recording, story = Recording("03"), Story()
    story.network("mynet", "172.18.0.0/16", network_id=recording.id_of("mynet"))
    assert recording.shows(3, rules(story.world))


@recorded_only
def test_the_options_of_network_create():
    recording, story = Recording("04"), Story()

    def create(name, subnet, *rest, **facts):
        story.network(name, subnet, *rest, network_id=recording.id_of(name), **facts)

    for number, name in enumerate(["sub", "gw", "ipr", "aux", "hostbits"], 1):
        create(name, f"10.{number}.0.0/16")
    create("int", "172.18.0.0/16", internal=True)
    assert recording.shows(29, rules(story.world))
    create("int2", "10.8.0.0/24", internal=True)
    create("noicc", "172.19.0.0/16", icc=False)
    assert recording.shows(36, rules(story.world))
    create("brname", "172.20.0.0/16", device="br-test")
    create("hb", "172.21.0.0/16")
    story.run("hb1", "172.21.0.2", "127.0.0.1:8080/80/tcp", network="hb")
    assert recording.shows(48, rules(story.world))
    create("nomasq", "172.22.0.0/16", masquerade=False)
    assert recording.shows(51, rules(story.world))
    create("v64", "10.70.0.0/24", "fd00:7::/64")
    assert recording.shows(74, rules(story.world, V6))


ALL_FORMS_OF_P = [  # 06: containers a1 to a16, each on the next address
    [":8080/80/tcp"],
    ["127.0.0.1:8081/80/udp"],
    ["192.0.2.2:8082/80/tcp"],
    ["127.0.0.1:32768/80/tcp"],
    [":8083/80/tcp", ":8083/80/udp"],
    [],  # a7 to a9 publish on the host's IPv6 addresses: the proxy alone serves them
    [],
    [],
    ["0.0.0.0:8088/80/tcp"],
    [":8090/80/tcp", ":8089/80/tcp"],
    [":8092/81/tcp", ":8091/80/tcp"],
    [":8093/80/tcp"],
    [":8094/80/tcp"],
    ["127.0.0.5:8095/80/tcp"],
    [":32769/80/tcp"],
]


@recorded_only
def test_the_forms_of_publishing():
    recording, story = Recording("06"), Story()
    for number, ports in enumerate(ALL_FORMS_OF_P, 2):
        story.run(f"a{number}", f"172.17.0.{number}", *ports)
        if number == 2:
            assert recording.shows(16, rules(story.world))
    # An SCTP port that could not be opened left its table behind, with nothing in it.
    assert recording.shows(65, rules(story.world).with_table("mangle"))


@recorded_only
def test_ranges_of_ports_and_an_address_given_again():
    recording, story = Recording("06"), Story()
    ports = [f":{7000 + n}/{8000 + n}/tcp" for n in range(5, -1, -1)]
    story.run("r1", "172.17.0.2", *ports)
    story.run("r3", "172.17.0.4", ":9001/80/tcp")
    story.run("r6", "172.17.0.3", ":9002/80/tcp")
    story.run("r7", "172.17.0.5", ":9003/80/tcp")
    story.run("r8", "172.17.0.6", "127.0.0.1:9020/80/tcp")
    story.run("r9", "172.17.0.7", "127.0.0.1:7101/91/udp", "127.0.0.1:7100/90/udp")
    assert recording.shows(160, rules(story.world).with_table("mangle"))
    story.remove_all()
    story.run("k1", "172.17.0.2", ":8080/80/tcp")
    story.run("k4", "172.17.0.3", ":8080/80/udp")
    for number, address in enumerate(["127.0.0.1", "192.0.2.2", "127.0.0.2"], 4):
        story.run(f"k{number + 2}", f"172.17.0.{number}", f"{address}:8090/80/tcp")
    assert recording.shows(199, rules(story.world))


@recorded_only
def test_a_default_bridge_with_an_address_of_ones_own():
    recording, story = Recording("06c"), Story(docker0="10.200.0.0/24")
    story.run("w1", "10.200.0.128", "127.0.0.1:8080/80/tcp")
    assert recording.shows(5, rules(story.world))


@recorded_only
def test_without_iptables_there_is_nothing():
    flags = ("--iptables=false", "--ip-forward=false", "--ip-masq=false")
    recording, story = Recording("06d"), Story("20.10", *flags)
    story.run("w1", "172.17.0.2", ":8080/80/tcp")
    assert recording.shows(10, rules(story.world))


@recorded_only
def test_ip6tables_as_an_experiment():
    flags = ("--ipv6", "--experimental", "--ip6tables")
    recording, story = (
        Recording("06e"),
        Story("20.10", *flags, docker0_6="fd00:d0c::/64"),
    )
    six = "fd00:d0c::242:ac11:2"
    story.run("w1", "172.17.0.2", ":8080/80/tcp", "[::]:8080/80/tcp", address6=six)
    assert recording.shows(13, rules(story.world))
    assert recording.shows(14, rules(story.world, V6))


@recorded_only
def test_links_open_nothing_while_containers_may_talk_anyway():
    recording, story = Recording("07"), Story()
    story.run("db", "172.17.0.2", ":5433/5432/tcp")
    story.run("web", "172.17.0.3")
    assert recording.shows(10, rules(story.world))


@recorded_only
def test_what_a_link_opened_stays_after_its_target_has_gone():
    recording, story = Recording("07b"), Story("20.10", "--icc=false")
    assert recording.shows(1, rules(story.world))
    story.run("db", "172.17.0.2")
    opened = [opening("172.17.0.3", "172.17.0.2", p) for p in ("5432/tcp", "53/udp")]
    story.run("web", "172.17.0.3", openings=opened)
    story.run("other", "172.17.0.4")
    assert recording.shows(5, rules(story.world))
    story.remove("web")
    assert recording.shows(18, rules(story.world))
    story.run("web", "172.17.0.3", openings=opened)
    assert recording.shows(20, rules(story.world))
    story.remove("db")
    story.run("db", "172.17.0.2")
    assert recording.shows(22, rules(story.world))
    story.remove("db")
    assert recording.shows(24, rules(story.world))
    story.network("u", "172.18.0.0/16", network_id=recording.id_of("u"))
    assert recording.shows(29, rules(story.world))


@recorded_only
def test_ports_move_with_the_network_that_is_the_way_out():
    recording, story = Recording("08"), Story()
    for name, third in (("mnet", 70), ("anet", 71), ("znet", 72)):
        story.network(name, f"10.{third}.0.0/24", network_id=recording.id_of(name))
    outside = story.world
    story.network(
        "aint", "10.73.0.0/24", network_id=recording.id_of("aint"), internal=True
    )
    assert recording.shows(35, rules(story.world))
    story.world = outside  # an internal network has no part in nat
    inner = story.endpoint("mnet", "10.70.0.4")
    story.put("two", [inner, story.endpoint("anet", "10.71.0.2", ":8080/80/tcp")])
    assert recording.shows(150, rules(story.world))
    story.put("two", [story.endpoint("mnet", "10.70.0.4", ":8080/80/tcp")])
    assert recording.shows(152, rules(story.world))
    story.put("two", [])
    assert recording.shows(156, rules(story.world))
    story.put("two", [story.endpoint("mnet", "10.70.0.4", ":8080/80/tcp")])
    assert recording.shows(159, rules(story.world))


@recorded_only
def test_several_networks_and_ports_together():
    recording, story = Recording("14"), Story()
    names = re.findall(r"-o (br-\w+) -j DROP", recording.dump(30)[0])[::-1]
    subnets = ("10.81.0.0/24", "10.82.0.0/24", "10.84.0.0/24")
    (inside,) = re.findall(r"-s 10.83.0.0/24 -o (br-\w+)", recording.dump(30)[0])
    story.network("n1", subnets[0], device=names[0])
    story.network("n2", subnets[1], device=names[1])
    story.network("n3", "10.83.0.0/24", device=inside, internal=True)
    story.network("n4", subnets[2], device=names[2], icc=False)
    story.network("n5", "10.85.0.0/24", device=names[3], masquerade=False)
    story.run("c0", "172.17.0.2", ":8080/80/tcp")
    ports = ("127.0.0.1:8091/80/tcp", ":8081/80/tcp", ":8081/80/udp")
    story.run("c1", "10.81.0.2", *ports, network="n1")
    story.run("c2", "10.82.0.2", ":8082/80/tcp", network="n2")
    story.run("c4", "10.84.0.2", ":8084/80/tcp", network="n4")
    assert recording.shows(30, rules(story.world))


@recorded_only
def test_the_legacy_store_shows_the_same_rules():
    recording, story = Recording("19"), Story()
    story.run("web1", "172.17.0.2", ":8080/80/tcp")
    story.network(
        "i1", "172.18.0.0/16", network_id=recording.id_of("i1"), internal=True
    )
    story.network("u1", "172.19.0.0/16", network_id=recording.id_of("u1"))
    assert recording.shows(3, rules(story.world), LEGACY)


@recorded_only
@pytest.mark.parametrize("number", [17, 30, 63, 88])
def test_a_container_on_a_user_network_redirects_its_dns(number):
    recording, story = Recording("08"), Story()
    story.network("mnet", "10.70.0.0/24")
    made = story.run("c1", "10.70.0.2", network="mnet")
    # The kernel picked the two ports; ours are put in their place.
    text, when, _ = recording.dump(number)
    tcp, udp = re.findall(r"127\.0\.0\.11:(\d+)", text)
    ours = dict(zip((udp, tcp), map(str, resolver_ports(made)), strict=True))
    expected = re.sub(r"\d{5}", lambda m: ours.get(m.group(), m.group()), text)
    assert save(container_rules(story.world, made), when=when) == expected


# Containers and namespaces


def test_a_container_without_a_user_network_has_no_rules():
    story = Story()
    assert not container_rules(story.world, story.run("web", "172.17.0.2"))
    assert not container_rules(story.world, story.put("off", []))


def test_containers_that_share_a_namespace_see_the_same_rules():
    story = Story("28")
    story.network("mine", "10.1.0.0/24")
    web = story.run("web", "10.1.0.2", network="mine")
    guest = story.run("guest", "", mode="container:web")
    assert container_rules(story.world, guest) == container_rules(story.world, web)
    assert container_rules(story.world, guest)


def test_the_dns_server_is_reached_by_ipv4_only():
    story = Story("28")
    story.network("mine", "10.1.0.0/24", "fd00:1::/64")
    web = story.run("web", "10.1.0.2", network="mine", address6="fd00:1::2")
    assert not container_rules(story.world, web, V6)


def test_the_ports_of_the_dns_server_are_drawn_from_the_sandbox():
    story = Story()
    story.network("mine", "10.1.0.0/24")
    one, two = (story.run(n, "10.1.0.2", network="mine") for n in ("one", "two"))
    assert resolver_ports(one) == resolver_ports(one)
    assert resolver_ports(one) != resolver_ports(two)
    led = [
        r.target.port
        for r in container_rules(story.world, one)
        if type(r.target) is Dnat
    ]
    assert sorted(led) == sorted(resolver_ports(one))


# Flags and eras


def test_the_two_families_are_switched_off_separately_in_28():
    story = Story("28", "--iptables=false", docker0_6="fd00:1::/64")
    assert not rules(story.world)
    assert rules(story.world, V6)
    story = Story("28", "--ip6tables=false", docker0_6="fd00:1::/64")
    assert rules(story.world)
    assert not rules(story.world, V6)


@pytest.mark.parametrize("era", ["17.12", "20.10"])
def test_older_engines_leave_ipv6_alone_unless_asked(era):
    assert not rules(Story(era).world, V6)


@pytest.mark.parametrize("era", ["17.12", "20.10", "28"])
@pytest.mark.parametrize("forward", [True, False])
def test_forwarding_is_closed_by_default_only_if_docker_opened_it(era, forward):
    world = Story(era, f"--ip-forward={str(forward).lower()}").world
    policy = rules(world).chain("filter", "FORWARD").policy
    assert policy == ("DROP" if forward else "ACCEPT")


def test_direct_routing_may_be_allowed_for_all_networks():
    for flags, closed in (((), True), (("--allow-direct-routing",), False)):
        story = Story("28", *flags)
        story.run("web", "172.17.0.2", "127.0.0.1:80/80/tcp")
        raw = [text_of(rule) for rule in rules(story.world).rules("raw", "PREROUTING")]
        direct = "-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP"
        assert (direct in raw) == closed
        assert any("127.0.0.1" in line for line in raw)


def test_28_closes_ipv6_forwarding_with_its_first_ipv6_network():
    story = Story("28")
    assert rules(story.world, V6).chain("filter", "FORWARD").policy == "ACCEPT"
    story.network("six", "", "fd00:1::/64")
    assert rules(story.world, V6).chain("filter", "FORWARD").policy == "DROP"


@pytest.mark.parametrize("era", ["20.10", "28"])
def test_without_a_proxy_nothing_is_kept_from_the_nat_table(era):
    story = Story(era, "--userland-proxy=false")
    story.run("web", "172.17.0.2", ":80/80/tcp")
    assert [text_of(rule) for rule in rules(story.world).rules("nat", "DOCKER")] == [
        "-A DOCKER -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80"
    ]


def test_the_gateway_modes_and_host_addresses_of_28_are_read_per_family():
    story = Story("28")
    facts = {"gateway_mode_ipv6": "routed", "host_ipv4": "192.0.2.9"}
    story.network("mine", "10.1.0.0/24", "fd00:1::/64", device="br-m", **facts)
    story.run("web", "10.1.0.2", network="mine", address6="fd00:1::2")
    four, six = rules(story.world), rules(story.world, V6)
    snat = "-A POSTROUTING -s 10.1.0.0/24 ! -o br-m -j SNAT --to-source 192.0.2.9"
    assert snat in save(four)
    assert "-A PREROUTING -d 10.1.0.2/32 ! -i br-m -j DROP" in save(four)
    assert "POSTROUTING -s fd00:1::/64" not in save(six)
    assert "-A DOCKER -o br-m -p ipv6-icmp -j ACCEPT" in save(six)
    assert "*raw" not in save(six)


def test_rules_follow_the_turns_and_not_the_order_of_the_map():
    story = Story("28")
    story.network("zz", "10.1.0.0/24", device="first")
    story.network("aa", "10.2.0.0/24", device="second")
    outgoing = [
        text_of(r) for r in rules(story.world).rules("filter", "DOCKER-FORWARD")
    ]
    assert outgoing[-2:] == [
        "-A DOCKER-FORWARD -i first -j ACCEPT",
        "-A DOCKER-FORWARD -i second -j ACCEPT",
    ]


def test_the_steps_are_the_commands_that_docker_runs():
    run = commands(steps(Story().world))
    assert run[0] == "iptables -t nat -N DOCKER"
    assert "iptables -I FORWARD -o docker0 -j DOCKER" in run


@settings(max_examples=60)
@given(stories(), st.sampled_from([V4, V6]))
def test_the_rules_of_any_world_are_sound(story, family):
    made = rules(story.world, family)
    assert broken(made) == ()
    assert len(set(made)) == len(list(made))


@settings(max_examples=60)
@given(stories())
def test_removing_all_containers_leaves_only_the_rules_of_the_networks(story):
    story.remove_all()
    empty = rules(story.world)
    story.run("again", "10.9.0.2", ":90/90/tcp")
    story.remove("again")
    assert rules(story.world) == empty

"""Who reaches whom on one host, and why: the set-ups that people ask about."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.errors import Conflict, InvalidParameter, NotFound, Refusal
from minidock.model.host import sample_host
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.packet.trace import Layer, Outcome
from tests.packet.lab import Lab, decided, layers

ERAS = ["17.12", "20.10", "28"]
eras = pytest.mark.parametrize("era", ERAS)


# --- on one host ----------------------------------------------------------------------


@eras
def test_containers_of_one_network_reach_each_other_and_see_who_asks(era):
    lab = Lab(
        "network create app",
        "run -d --name web --network app nginx",
        "run -d --name db --network app redis",
        era=era,
    )
    trace = lab.trace("web", "db:6379")
    assert trace.delivered
    assert (trace.server, str(trace.seen)) == ("db", lab.address("web"))
    assert trace.hops[0].layer is Layer.NAME
    assert "FORWARD" in decided(trace, "filter FORWARD accepts") or era == "28"


@eras
def test_docker_keeps_networks_apart(era):
    lab = Lab(
        "network create front",
        "network create back",
        "run -d --name web --network front nginx",
        "run -d --name db --network back redis",
        era=era,
    )
    trace = lab.trace("web", f"{lab.address('db')}:6379")
    assert trace.outcome is Outcome.DROPPED
    assert "front" in trace.why
    assert "back" in trace.why
    assert "docker network connect back web" in trace.remedy
    lab("network connect back web")
    assert lab.trace("web", "db:6379").delivered


@eras
def test_a_port_that_nobody_listens_on_is_refused(era):
    lab = Lab("run -d --name web nginx", "run -d --name db redis", era=era)
    trace = lab.trace("web", f"{lab.address('db')}:80")
    assert trace.outcome is Outcome.REFUSED
    assert "6379/tcp" in trace.remedy


@eras
def test_icc_off_parts_containers_of_one_bridge(era):
    lab = Lab(
        "network create -o com.docker.network.bridge.enable_icc=false quiet",
        "run -d --name web --network quiet nginx",
        "run -d --name db --network quiet redis",
        era=era,
    )
    trace = lab.trace("web", "db:6379")
    assert trace.outcome is Outcome.DROPPED
    assert "icc" in trace.why


@eras
def test_a_link_opens_exactly_the_exposed_ports_when_icc_is_off(era):
    lab = Lab(
        "run -d --name db redis",
        "run -d --name web --link db nginx",
        era=era,
        flags=["--icc=false"],
    )
    assert lab.trace("web", "db:6379").delivered
    assert lab.trace("web", "db:80").outcome is Outcome.DROPPED
    assert lab.trace("web", "db").outcome is Outcome.DROPPED
    back = lab.trace("db", f"{lab.address('web')}:80")
    assert back.outcome is Outcome.DROPPED


def test_the_default_bridge_has_no_names():
    lab = Lab("run -d --name web nginx", "run -d --name db redis")
    trace = lab.trace("web", "db:6379")
    assert trace.outcome is Outcome.UNREACHABLE
    assert [hop.layer for hop in trace.hops] == [Layer.NAME]
    assert lab.trace("web", f"{lab.address('db')}:6379").delivered


def test_a_trace_says_that_a_word_means_others_on_other_networks():
    lab = Lab(
        "network create aa",
        "network create bb",
        "network create cc",
        "run -d --name db --network aa redis",
        "run -d --name db2 --network bb --network-alias db redis",
        "run -d --name db3 --network cc --network-alias db redis",
        "run -d --name web --network aa nginx",
        "network connect bb web",
    )
    assert (
        lab.trace("web", "db").hops[0].decision.endswith("; bb knows other addresses")
    )
    lab("network connect cc web")
    said = lab.trace("web", "db").hops[0].decision
    assert said.endswith("; bb and cc know other addresses")


def test_a_stopped_target_has_no_name_and_a_trace_says_so():
    lab = Lab(
        "network create app",
        "run -d --name web --network app nginx",
        "run -d --name db --network app redis",
        "stop db",
    )
    trace = lab.trace("web", "db:6379")
    assert trace.outcome is Outcome.UNREACHABLE
    assert "not running" in trace.why
    assert "docker start db" in trace.remedy


def test_a_paused_target_takes_connections_but_never_answers():
    lab = Lab(
        "network create app",
        "run -d --name web --network app nginx",
        "run -d --name db --network app redis",
        "pause db",
    )
    assert lab.trace("web", "db:6379").outcome is Outcome.DROPPED
    assert "docker unpause db" in lab.trace("web", "db:6379").remedy
    assert lab.trace("web", "db").delivered  # its kernel still answers a ping


def test_a_container_reaches_itself_by_loopback_and_by_its_own_address():
    lab = Lab("run -d --name web nginx")
    for target in ("127.0.0.1:80", f"{lab.address('web')}:80", "localhost:80"):
        trace = lab.trace("web", target)
        assert trace.delivered, target
        assert "link" not in layers(trace)


def test_containers_that_share_a_namespace_reach_each_other_on_loopback():
    lab = Lab(
        "run -d --name web nginx",
        "run -d --name side --network container:web redis",
    )
    assert lab.trace("side", "127.0.0.1:80").server == "web"
    assert lab.trace("web", "localhost:6379").delivered


def test_a_container_without_a_network_reaches_nobody():
    lab = Lab(
        "run -d --name web nginx", "run -d --name alone --network none busybox sleep 9"
    )
    trace = lab.trace("alone", lab.address("web"))
    assert trace.outcome is Outcome.UNREACHABLE
    assert "lo" in trace.why


# --- out and in -----------------------------------------------------------------------


@eras
def test_a_container_leaves_the_host_under_the_hosts_address(era):
    lab = Lab("run -d --name web nginx", era=era)
    trace = lab.trace("web", "203.0.113.7:443")
    assert trace.delivered
    assert str(trace.seen) == "192.0.2.2"
    assert "MASQUERADE" in decided(trace, "source 172.17.0.2:40000 becomes 192.0.2.2")
    # The answer is led back to the container by what the kernel remembers.
    undone = next(h for h in trace.hops if h.reply and h.layer is Layer.NAT)
    assert undone.entry == "connection tracking"
    assert str(undone.after.target) == "172.17.0.2"


@eras
def test_without_masquerading_nobody_outside_can_answer(era):
    lab = Lab(
        "network create -o com.docker.network.bridge.enable_ip_masquerade=false bare",
        "run -d --name web --network bare nginx",
        era=era,
    )
    trace = lab.trace("web", "203.0.113.7:443")
    assert trace.outcome is Outcome.DROPPED
    assert "no way back" in trace.why
    assert "masquerad" in trace.remedy


@eras
def test_a_published_port_leads_from_outside_to_the_container(era):
    lab = Lab("run -d --name web -p 8080:80 nginx", era=era)
    trace = lab.trace("198.51.100.4", "host:8080")
    assert trace.delivered
    assert (trace.server, str(trace.seen)) == ("web", "198.51.100.4")
    assert "DNAT" in decided(trace, "destination 192.0.2.2:8080 becomes 172.17.0.2:80")
    assert lab.trace("outside", "host:8081").outcome is Outcome.REFUSED


def test_a_port_published_on_loopback_is_for_the_host_alone():
    for era in ("20.10", "28"):
        lab = Lab("run -d --name web -p 127.0.0.1:8080:80 nginx", era=era)
        assert lab.trace("host", "127.0.0.1:8080").delivered
        assert not lab.trace("outside", "host:8080").delivered


@eras
def test_docker_proxy_serves_the_hosts_own_loopback(era):
    lab = Lab("run -d --name web -p 8080:80 nginx", era=era)
    trace = lab.trace("host", "host:8080")
    assert trace.delivered
    assert (trace.server, str(trace.seen)) == ("web", "172.17.0.1")
    assert Layer.PROXY in {hop.layer for hop in trace.hops}


@eras
def test_without_the_proxy_the_hosts_loopback_is_led_into_the_bridge(era):
    lab = Lab(
        "run -d --name web -p 8080:80 nginx", era=era, flags=["--userland-proxy=false"]
    )
    trace = lab.trace("host", "host:8080")
    assert trace.delivered
    assert str(trace.seen) == "172.17.0.1"
    assert Layer.PROXY not in {hop.layer for hop in trace.hops}


@eras
@pytest.mark.parametrize("flags", [[], ["--userland-proxy=false"]])
def test_a_container_reaches_its_own_published_port(era, flags):
    lab = Lab("run -d --name web -p 8080:80 nginx", era=era, flags=flags)
    for target in ("172.17.0.1:8080", "192.0.2.2:8080"):
        trace = lab.trace("web", target)
        assert trace.delivered, target
        assert str(trace.seen) == "172.17.0.1"


def test_docker_proxy_answers_udp_from_an_address_that_nobody_asked():
    # Odd on purpose: the engine's own proxy does that, and the client drops the answer.
    lab = Lab(
        "run -d --name dns -p 53:53/udp busybox nc -lk -u -p 53",
        "run -d --name web busybox sleep 1000",
    )
    trace = lab.trace("web", "192.0.2.2:53/udp")
    assert trace.outcome is Outcome.DROPPED
    assert "another address" in trace.why
    assert lab.trace("web", "172.17.0.1:53/udp").delivered


def test_neighbours_on_the_lan_reach_published_container_ports_only_before_28():
    old = Lab("run -d --name web -p 8080:80 nginx")
    new = Lab("run -d --name web -p 8080:80 nginx", era="28")
    for lab in (old, new):
        lab.docker.outside_command("ip route add 172.17.0.0/16 via 192.0.2.2")
    assert old.trace("outside", "172.17.0.2:80").delivered
    assert old.trace("outside", "172.17.0.2:81").outcome is Outcome.DROPPED
    trace = new.trace("outside", "172.17.0.2:80")
    assert trace.outcome is Outcome.DROPPED
    assert "raw" in trace.hops[-1].decision


@eras
def test_an_internal_network_has_no_way_out_but_to_its_host(era):
    lab = Lab(
        "network create --internal inner",
        "run -d --name db --network inner redis",
        "run -d --name app --network inner nginx",
        era=era,
    )
    assert lab.trace("app", "db:6379").delivered
    assert not lab.trace("app", "203.0.113.7:443").delivered
    assert lab.trace("app", "host").delivered
    assert lab.trace("host", f"{lab.address('db')}:6379").delivered


def test_host_mode_uses_the_hosts_own_stack():
    lab = Lab("run -d --name edge --network host nginx")
    trace = lab.trace("outside", "host:80")
    assert trace.delivered
    assert trace.server in {"docker-host", "edge"}
    assert lab.trace("edge", "127.0.0.1:80").delivered


# --- rules of one's own ---------------------------------------------------------------


def test_ufw_does_not_stop_a_published_port():
    lab = Lab("run -d --name web -p 8080:80 nginx")
    for line in ("ufw enable", "ufw deny 8080"):
        assert lab.docker.host_command(line).code == 0
    trace = lab.trace("outside", "host:8080")
    assert trace.delivered  # it is forwarded, and never meets INPUT
    assert not any("INPUT" in hop.decision for hop in trace.hops)
    assert lab.trace("outside", "host:22").outcome is Outcome.DROPPED


def test_a_rule_in_docker_user_does():
    lab = Lab("run -d --name web -p 8080:80 nginx")
    line = "iptables -I DOCKER-USER -i eth0 -p tcp --dport 80 -j DROP"
    assert lab.docker.host_command(line).code == 0
    trace = lab.trace("outside", "host:8080")
    assert trace.outcome is Outcome.DROPPED
    assert "your own" in trace.why
    assert "DOCKER-USER" in trace.hops[-1].entry


def test_a_packet_that_comes_back_to_its_sender_by_a_wire_is_lost_in_silence():
    # Found by comparing with a kernel: c1 is on two networks, and its own published
    # port leads in by the other one.
    lab = Lab(
        "network create --internal n0",
        "network create -o com.docker.network.bridge.gateway_mode_ipv4=routed n1",
        "run -d --name c1 --network n0 -p 8009:80 nginx",
        "network connect n1 c1",
        era="28",
    )
    trace = lab.trace("c1", "172.18.0.1:8009")
    assert trace.outcome is Outcome.DROPPED
    assert "own address" in trace.why


# --- sizes and hop counts -------------------------------------------------------------


def test_a_packet_that_may_not_be_cut_does_not_fit_a_smaller_mtu():
    lab = Lab(
        "network create -o com.docker.network.driver.mtu=1200 small",
        "run -d --name web --network small -p 8080:80 nginx",
    )
    trace = lab.trace("outside", "host:8080", size=1400)
    assert trace.outcome is Outcome.TOO_BIG
    assert str(trace.told) == "192.0.2.2"
    assert "1200" in trace.why
    assert lab.trace("outside", "host:8080", size=1400, may_fragment=True).delivered
    assert lab.trace("web", "203.0.113.7", size=1400, may_fragment=False).outcome is (
        Outcome.TOO_BIG
    )


def test_every_router_takes_one_from_the_ttl():
    lab = Lab("run -d --name web nginx", "run -d --name db redis")
    trace = lab.trace("web", "203.0.113.7", ttl=1)
    assert trace.outcome is Outcome.UNREACHABLE
    assert str(trace.told) == "172.17.0.1"
    assert lab.trace("web", "203.0.113.7", ttl=2).delivered
    assert lab.trace(
        "web", lab.address("db"), ttl=1
    ).delivered  # bridges are no routers


# --- what is refused ------------------------------------------------------------------


def test_a_source_that_is_not_there_or_does_not_run_is_refused():
    lab = Lab("run -d --name web nginx", "create --name db redis")
    with pytest.raises(NotFound):
        lab.trace("nosuch", "web")
    with pytest.raises(Conflict, match="not running"):
        lab.trace("db", "web")
    with pytest.raises(NotFound):
        lab.trace("172.17.0.99", "web")


@pytest.mark.parametrize(
    "target",
    ["web:0", "web:65536", "web:80/foo", "", ":80", "web:80/icmp", "ftp://web"],
)
def test_a_target_that_makes_no_sense_is_refused_with_what_would_work(target):
    lab = Lab("run -d --name web nginx")
    with pytest.raises(InvalidParameter) as refusal:
        lab.trace("web", target)
    assert refusal.value.remedy


LAB = Lab(
    "network create app",
    "network create --internal inner",
    "run -d --name web --network app -p 8080:80 -p 127.0.0.1:81:80 nginx",
    "run -d --name db --network app redis",
    "run -d --name far --network inner redis",
    "run -d --name old nginx",
    "run -d --name edge --network host nginx",
    "network connect inner web",
)
ENDS = ["web", "db", "far", "old", "edge", "host", "outside", "203.0.113.7"]
TARGETS = st.sampled_from(
    [*ENDS, "172.18.0.2", "172.18.0.3", "172.19.0.3", "172.17.0.1", "127.0.0.1"]
)
PORTS = st.sampled_from(["", ":80", ":6379", ":8080", ":81", ":53/udp", ":22/sctp"])


@given(st.sampled_from(ENDS), TARGETS, PORTS)
def test_a_trace_is_a_chain_of_hops_that_ends_with_a_reason(source, target, port):
    trace = LAB.trace(source, target + port)
    assert [hop.number for hop in trace.hops] == list(range(1, len(trace.hops) + 1))
    assert trace.why
    assert "\n" not in trace.why + trace.remedy
    assert bool(trace.remedy) is not trace.delivered
    if any(hop.layer is Layer.PROXY for hop in trace.hops):
        return  # two conversations, one within the other
    replies = [hop.reply for hop in trace.hops]
    assert replies == sorted(replies)
    for one, two in zip(trace.hops, trace.hops[1:], strict=False):
        if one.after and two.before and one.reply is two.reply:
            assert one.after == two.before


@given(st.sampled_from(ENDS), TARGETS, PORTS)
def test_only_a_delivered_request_has_been_seen_by_a_server(source, target, port):
    trace = LAB.trace(source, target + port)
    if trace.delivered:
        assert trace.seen is not None
        assert trace.server


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_words_give_a_trace_or_a_refusal(source, target):
    with suppress(Refusal):
        assert LAB.trace(source, target).why


@given(st.text("webd:/.[]0123456789tcpufo ", max_size=20))
def test_any_target_gives_a_trace_or_a_refusal(target):
    with suppress(Refusal):
        assert LAB.trace("web", target).why


# --- settings and rules on the host ---------------------------------------------------


def on_host(lab, *lines):
    for line in lines:
        output = lab.docker.host_command(line)
        assert output.code == 0, f"{line}: {output.stderr}"


def test_a_host_that_does_not_forward_parts_containers_from_the_world():
    lab = Lab("run -d --name web -p 8080:80 nginx", "run -d --name db redis")
    on_host(lab, "sysctl -w net.ipv4.ip_forward=0")
    trace = lab.trace("web", "203.0.113.7")
    assert trace.outcome is Outcome.DROPPED
    assert "ip_forward=1" in trace.remedy
    assert lab.trace("web", f"{lab.address('db')}:6379").delivered  # nothing is routed


def test_frames_on_a_bridge_meet_no_rule_without_br_netfilter():
    quiet = "network create -o com.docker.network.bridge.enable_icc=false quiet"
    lab = Lab(
        quiet,
        "run -d --name web --network quiet nginx",
        "run -d --name db --network quiet redis",
    )
    assert not lab.trace("web", "db:6379").delivered
    on_host(lab, "sysctl -w net.bridge.bridge-nf-call-iptables=0")
    assert lab.trace("web", "db:6379").delivered


def test_a_strict_reverse_path_drops_what_comes_in_by_another_way():
    # The answer would leave by the second card, so the first does not take the request.
    host = sample_host()
    second = replace(
        host.interfaces[0],
        name="eth1",
        index=3,
        mac=MAC.parse("52:54:00:00:02:12"),
        addresses=((Address.parse("198.51.100.2"), 24),),
    )
    lab = Lab()
    lab.docker = Engine(
        "20.10", host=replace(host, interfaces=(*host.interfaces, second))
    )
    lab("run -d --name web -p 8080:80 nginx")
    on_host(lab, "ip route add 203.0.113.0/24 dev eth1")
    assert lab.trace("203.0.113.7", "192.0.2.2:8080").delivered
    for value, delivered in (("1", False), ("2", True), ("0", True)):
        on_host(lab, f"sysctl -w net.ipv4.conf.all.rp_filter={value}")
        trace = lab.trace("203.0.113.7", "192.0.2.2:8080")
        assert trace.delivered is delivered
        assert delivered or "rp_filter" in trace.why


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("icmp-port-unreachable", Outcome.REFUSED),
        ("tcp-reset", Outcome.REFUSED),
        ("icmp-host-prohibited", Outcome.UNREACHABLE),
    ],
)
def test_a_rejection_tells_the_sender_and_a_drop_does_not(kind, outcome):
    lab = Lab("run -d --name web -p 8080:80 nginx")
    rule = "iptables -I DOCKER-USER -i eth0 -p tcp --dport 80 -j REJECT --reject-with"
    on_host(lab, f"{rule} {kind}")
    trace = lab.trace("outside", "host:8080")
    assert trace.outcome is outcome
    assert "refuses" in trace.why


def test_only_connection_tracking_knows_the_port_that_was_asked_for():
    lab = Lab("run -d --name web -p 8080:80 -p 8081:80 nginx")
    rule = "iptables -I DOCKER-USER -i eth0 -p tcp"
    on_host(lab, f"{rule} --dport 8080 -j DROP")
    assert lab.trace("outside", "host:8080").delivered  # it is 80 by now
    on_host(lab, f"{rule} -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP")
    assert not lab.trace("outside", "host:8080").delivered
    assert lab.trace("outside", "host:8081").delivered


def test_a_rule_that_logs_lets_the_packet_go_on():
    lab = Lab("run -d --name web -p 8080:80 nginx")
    on_host(lab, "iptables -I DOCKER-USER -j LOG --log-prefix 'seen: '")
    assert lab.trace("outside", "host:8080").delivered


# --- on the wire of a card ------------------------------------------------------------

WIRE = (
    "network create -d macvlan --subnet 192.0.2.0/24 --gateway 192.0.2.1 -o parent=eth0"
)


def on_the_wire(*options):
    return Lab(
        f"{WIRE} {' '.join(options)} lan",
        "run -d --name web --network lan --ip 192.0.2.10 nginx",
        "run -d --name db --network lan --ip 192.0.2.11 redis",
        "run -d --name near nginx",
    )


def test_macvlan_children_reach_each_other_and_the_world_without_nat():
    lab = on_the_wire()
    trace = lab.trace("web", "db:6379")
    assert trace.delivered
    assert str(trace.seen) == "192.0.2.10"
    out = lab.trace("web", "203.0.113.7:443")
    assert str(out.seen) == "192.0.2.10"
    assert Layer.NAT not in {hop.layer for hop in out.hops}
    into = lab.trace("198.51.100.4", "192.0.2.10:80")
    assert into.delivered
    assert str(into.seen) == "198.51.100.4"


def test_a_host_cannot_reach_its_macvlan_child_nor_the_child_its_host():
    lab = on_the_wire()
    for source, target in (("host", "192.0.2.10:80"), ("web", "192.0.2.2")):
        trace = lab.trace(source, target)
        assert trace.outcome is Outcome.UNREACHABLE
        assert "macvlan" in trace.why
    # Through the same host, which says that it finds nobody.
    assert lab.trace("near", "192.0.2.10:80").outcome is Outcome.UNREACHABLE


def test_private_macvlan_children_do_not_hear_each_other():
    lab = on_the_wire("-o macvlan_mode=private")
    assert not lab.trace("web", "db:6379").delivered
    assert lab.trace("web", "203.0.113.7:443").delivered


def test_a_macvlan_child_in_mode_passthru_leaves_its_host_deaf():
    lab = Lab(
        f"{WIRE} -o macvlan_mode=passthru lan",
        "run -d --name web --network lan --ip 192.0.2.10 nginx",
        "run -d --name near -p 8080:80 nginx",
    )
    assert lab.trace("web", "203.0.113.7:443").delivered
    assert lab.trace("outside", "192.0.2.10:80").delivered
    assert not lab.trace("outside", "192.0.2.2:8080").delivered
    for source in ("host", "near"):
        trace = lab.trace(source, "203.0.113.7")
        assert trace.outcome is Outcome.UNREACHABLE
        assert "passthru" in trace.why


def test_a_host_asks_its_second_address_of_a_subnet_from_the_first():
    lab = Lab("run -d --name edge --network host nginx")
    on_host(lab, "ip addr add 192.0.2.80/24 dev eth0")
    assert str(lab.trace("host", "192.0.2.80:80").seen) == "192.0.2.2"
    assert str(lab.trace("host", "192.0.2.2:80").seen) == "192.0.2.2"


def test_a_bridge_sends_no_frame_back_through_its_port_unless_told_to():
    # With docker-proxy Docker leaves hairpin mode off, and lets no DNAT lead back.
    lab = Lab("run -d --name web nginx")
    line = "iptables -t nat -I PREROUTING -p tcp --dport 8080 -j DNAT"
    on_host(lab, f"{line} --to-destination 172.17.0.2:80")
    assert lab.trace("outside", "host:8080").outcome is Outcome.DROPPED  # not published
    trace = lab.trace("web", "172.17.0.1:8080")
    assert trace.outcome is Outcome.DROPPED
    assert "hairpin" in trace.remedy


def test_without_the_proxy_ipv6_has_no_loopback_to_published_ports():
    # Odd on purpose: the answer reaches the host, where NAT puts ::1 back, and IPv6
    # takes no loopback address from a wire. IPv4 has a setting for that.
    lab = Lab(
        "network create --ipv6 six",
        "run -d --name web --network six -p 8080:80 nginx",
        era="28",
        flags=["--userland-proxy=false"],
    )
    assert lab.trace("host", "127.0.0.1:8080").delivered
    trace = lab.trace("host", "[::1]:8080")
    assert trace.outcome is Outcome.DROPPED
    assert "::1" in trace.why

"""Laws of a packet's journey that the lessons tell: whoever asks, whatever is asked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.packet.trace import Layer
from tests.packet.lab import Lab

LAB = Lab(
    "network create shop",
    "network create --internal vault",
    "network create -o com.docker.network.bridge.enable_ip_masquerade=false bare",
    "run -d --name web --network shop -p 8080:80 nginx",
    "run -d --name db --network shop -p 127.0.0.1:6379:6379 redis",
    "run -d --name safe --network vault nginx",
    "run -d --name plain --network bare nginx",
    "network connect vault web",
    era="28",
)
ENDS = ["web", "db", "safe", "plain", "host", "outside", "203.0.113.7"]
TARGETS = [*ENDS, "172.18.0.1", "192.0.2.2", "172.20.0.2", "203.0.113.9"]
PORTS = ["", ":80", ":8080", ":6379", ":53/udp", ":80/sctp"]


@given(st.sampled_from(ENDS), st.sampled_from(TARGETS), st.sampled_from(PORTS))
def test_whatever_is_changed_on_the_way_out_is_changed_back_on_the_way_in(
    source, target, port
):
    trace = LAB.trace(source, target + port)
    back = [hop.after for hop in trace.hops if hop.reply and hop.after]
    proxied = any(hop.layer is Layer.PROXY for hop in trace.hops)
    if not trace.delivered or not back or proxied:
        return  # docker-proxy has two conversations, each with an answer of its own
    asked = next(hop.after for hop in trace.hops if hop.after)
    answer = back[-1]
    assert (answer.source, answer.source_port) == (asked.target, asked.target_port)
    assert (answer.target, answer.target_port) == (asked.source, asked.source_port)


UFW = st.sampled_from(
    [
        "ufw deny 8080",
        "ufw deny 80/tcp",
        "ufw reject 8080",
        "ufw limit 8080/tcp",
        "ufw deny from any",
        "ufw deny from 203.0.113.0/24",
        "ufw default deny incoming",
        "ufw allow 22",
        "iptables -I INPUT -p tcp --dport 8080 -j DROP",
        "iptables -I INPUT -j DROP",
        "iptables -P INPUT DROP",
    ]
)


@settings(deadline=None, max_examples=40)  # each makes a host of its own
@given(st.lists(UFW, max_size=5), st.sampled_from(["outside", "203.0.113.7"]))
def test_no_rule_in_input_changes_who_reaches_a_published_port(lines, source):
    docker = Engine()
    docker("run -d --name web -p 8080:80 nginx")
    before = docker.trace(source, "host:8080")
    assert before.delivered
    docker.host_command("ufw enable")
    for line in lines:
        docker.host_command(line)
    assert docker.trace(source, "host:8080").hops == before.hops


def test_a_rule_in_input_does_change_who_reaches_the_host_itself():
    docker = Engine()
    before = docker.trace("outside", "host:22").outcome
    docker.host_command("iptables -I INPUT -p tcp --dport 22 -j DROP")
    assert docker.trace("outside", "host:22").outcome is not before


NETWORKS = ["n0", "n1", "n2"]
MEMBERS = st.lists(
    st.sets(st.sampled_from(NETWORKS)).map(sorted), min_size=1, max_size=4
)
FAR = "203.0.113.9"


def _with_edges(era, internal, members):
    """A host whose networks are internal or not, and containers that publish port 80.

    A router outside knows the way to all of them; a container of no network has none.
    """
    docker = Engine(era)
    docker.outside_command("ip route add 172.16.0.0/12 via 192.0.2.2")
    for name in NETWORKS:
        flag = "--internal" if name in internal else ""
        assert docker(f"network create {flag} {name}").ok
    for number, networks in enumerate(members):
        first, *others = networks or ["none"]
        line = f"run -d --name c{number} --network {first} -p {8000 + number}:80 nginx"
        assert docker(line).ok
        for name in others:
            assert docker(f"network connect {name} c{number}").ok
    return docker


@settings(deadline=None, max_examples=40)  # each makes a host of its own
@given(
    st.sampled_from(["17.12", "20.10", "28"]),
    st.sets(st.sampled_from(NETWORKS)),
    MEMBERS,
)
def test_a_container_gets_out_and_its_ports_get_in_exactly_by_a_network_that_is_not_internal(
    era, internal, members
):
    docker = _with_edges(era, internal, members)
    for number, networks in enumerate(members):
        has_a_way = any(name not in internal for name in networks)
        assert docker.trace(f"c{number}", f"{FAR}:443").delivered is has_a_way
        coming_in = docker.trace("outside", f"host:{8000 + number}")
        assert coming_in.delivered is has_a_way
        if has_a_way:
            assert coming_in.server == f"c{number}"
            continue
        attrs = docker.containers.get(f"c{number}").attrs
        for one in attrs["NetworkSettings"]["Networks"].values():
            if one["IPAddress"]:
                assert not docker.trace("outside", f"{one['IPAddress']}:80").delivered

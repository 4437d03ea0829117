"""From what a container wants to host ports, by era."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.eras import era_named
from minidock.errors import InvalidParameter, PortsExhausted, PortTaken, Unclassified
from minidock.net.address import Address
from minidock.ports.mapping import Endpoint, attempt, publish, withdraw
from minidock.ports.sockets import HostSockets, Listener
from minidock.ports.spec import publish_options
from minidock.ports.table import ANY_V4, ANY_V6, PortTable
from minidock.ports.wanted import Wanted, wanted_ports
from tests.ports.recorded import load

E17, E20, E28 = (era_named(name) for name in ("17.12", "20.10", "28"))
WEB = Endpoint(container_v4=Address.parse("172.17.0.2"))
BARE = Endpoint(container_v4=Address.parse("172.17.0.2"), userland_proxy=False)
DUAL = Endpoint(
    container_v4=Address.parse("172.17.0.2"), container_v6=Address.parse("fd00::2")
)
HOST = HostSockets(addresses=frozenset([Address.parse("192.0.2.2")]))
BUSY = HostSockets(listeners=frozenset([Listener(ANY_V4, "tcp", 8200)]))
eras = pytest.mark.parametrize("era", [E17, E20, E28], ids=lambda era: era.name)


def table_of(era, **limits):
    return PortTable(conflicts=era.port_conflicts, **limits)


def wanted_by(*publishes):
    exposed, bindings = publish_options(publishes, [])
    return wanted_ports(exposed, bindings)


def run(*publishes, era=E20, table=None, endpoint=WEB, host=HOST):
    """The table and what was mapped, written as `host -> container`."""
    table = table_of(era) if table is None else table
    table, mappings = publish(table, wanted_by(*publishes), endpoint, host, era=era)
    return table, [
        f"{m.host_ip} {m.host_port} -> {m.container_port}/{m.protocol}"
        for m in mappings
    ]


def test_17_12_maps_one_address():
    assert run("8080:80", era=E17)[1] == ["0.0.0.0 8080 -> 80/tcp"]


@pytest.mark.parametrize("era", [E20, E28], ids=lambda era: era.name)
def test_from_20_10_on_both_families_are_mapped(era):
    mapped = ["0.0.0.0 8080 -> 80/tcp", ":: 8080 -> 80/tcp"]
    assert run("8080:80", era=era)[1] == mapped
    assert run("8080:80", era=era, endpoint=DUAL)[1] == mapped


@pytest.mark.parametrize("era", [E20, E28], ids=lambda era: era.name)
def test_ipv6_reaches_an_ipv4_container_only_through_the_proxy(era):
    assert run("8080:80", era=era, endpoint=BARE)[1] == ["0.0.0.0 8080 -> 80/tcp"]
    assert run("[::1]:8080:80", era=era, endpoint=BARE)[1] == []
    assert run("[::1]:8080:80", era=era)[1] == ["::1 8080 -> 80/tcp"]


def test_each_family_leads_to_the_containers_own_address():
    _, mappings = publish(table_of(E28), wanted_by("80:80"), DUAL, HOST, era=E28)
    assert [str(m.container_address) for m in mappings] == ["172.17.0.2", "fd00::2"]
    _, mappings = publish(table_of(E28), wanted_by("80:80"), WEB, HOST, era=E28)
    assert [str(m.container_address) for m in mappings] == ["172.17.0.2", "172.17.0.2"]


def test_an_ipv6_only_container_gets_no_ipv4_mapping():
    only6 = Endpoint(container_v6=Address.parse("fd00::2"))
    assert run("8080:80", era=E28, endpoint=only6)[1] == [":: 8080 -> 80/tcp"]


@pytest.mark.parametrize("era", [E20, E28], ids=lambda era: era.name)
def test_a_host_without_ipv6_gets_no_implicit_ipv6_mapping(era):
    host = HostSockets(ipv6=False)
    assert run("8080:80", era=era, host=host)[1] == ["0.0.0.0 8080 -> 80/tcp"]
    with pytest.raises(Unclassified, match=r"socket.* address family not supported"):
        run("[::]:8080:80", era=era, host=host)


@pytest.mark.parametrize(
    ("default", "mapped"),
    [("127.0.0.1", ["127.0.0.1 8080 -> 80/tcp"]), ("::1", ["::1 8080 -> 80/tcp"])],
)
@pytest.mark.parametrize("era", [E20, E28], ids=lambda era: era.name)
def test_the_networks_default_address_stands_in_for_none(era, default, mapped):
    endpoint = Endpoint(
        container_v4=Address.parse("172.17.0.2"), default_host_ip=Address.parse(default)
    )
    assert run("8080:80", era=era, endpoint=endpoint)[1] == mapped


def test_in_20_10_the_families_may_get_different_ephemeral_ports():
    table, _ = run("0.0.0.0::80")
    assert run("80", table=table)[1] == [
        "0.0.0.0 32769 -> 80/tcp",
        ":: 32768 -> 80/tcp",
    ]


def test_in_28_all_addresses_get_the_same_ephemeral_port():
    table, _ = run("0.0.0.0::80", era=E28)
    assert run("80", era=E28, table=table)[1] == [
        "0.0.0.0 32769 -> 80/tcp",
        ":: 32769 -> 80/tcp",
    ]
    assert run("127.0.0.1::80", "[::1]::80", era=E28, table=table)[1] == [
        "127.0.0.1 32769 -> 80/tcp",
        "::1 32769 -> 80/tcp",
    ]


@pytest.mark.parametrize("era", [E17, E20], ids=lambda era: era.name)
def test_up_to_27_the_highest_container_port_is_served_first(era):
    _, mapped = run("127.0.0.1::80", "127.0.0.1::81", "127.0.0.1::81/udp", era=era)
    assert mapped == [
        "127.0.0.1 32768 -> 81/tcp",
        "127.0.0.1 32768 -> 81/udp",
        "127.0.0.1 32769 -> 80/tcp",
    ]


def test_several_bindings_of_a_tcp_port_come_out_back_to_front_as_docker_does():
    _, mapped = run("127.0.0.1:8090:80", "127.0.0.1:8089:80", "127.0.0.1:8091:80")
    assert [line.split()[1] for line in mapped] == ["8091", "8089", "8090"]


def test_several_bindings_of_a_udp_port_come_out_highest_host_port_first():
    _, mapped = run(
        "127.0.0.1:8090:80/udp", "127.0.0.1:8089:80/udp", "127.0.0.1:8091:80/udp"
    )
    assert [line.split()[1] for line in mapped] == ["8091", "8090", "8089"]


def test_in_28_exact_ports_come_first_then_container_ports_upwards():
    _, mapped = run(
        "127.0.0.1::70",
        "127.0.0.1:8080:90",
        "127.0.0.1:8081:80/udp",
        "127.0.0.1:8082:80",
        era=E28,
    )
    assert mapped == [
        "127.0.0.1 8082 -> 80/tcp",
        "127.0.0.1 8081 -> 80/udp",
        "127.0.0.1 8080 -> 90/tcp",
        "127.0.0.1 32768 -> 70/tcp",
    ]


def test_in_28_an_exact_port_is_served_before_the_range_that_contains_it():
    _, mapped = run("127.0.0.1:9000-9001:80", "127.0.0.1:9000:90", era=E28)
    assert mapped == ["127.0.0.1 9000 -> 90/tcp", "127.0.0.1 9001 -> 80/tcp"]


@eras
def test_a_taken_port_is_refused_and_nothing_stays_claimed(era):
    table, _ = run("8080:80", era=era)
    with pytest.raises(PortTaken) as caught:
        run("9000:90", "8080:70", era=era, table=table)
    assert (
        caught.value.text == "Bind for 0.0.0.0:8080 failed: port is already allocated"
    )
    outcome = attempt(table, wanted_by("9000:90", "8080:70"), WEB, HOST, era=era)
    assert outcome.table == table


@pytest.mark.parametrize(
    ("era", "endpoint", "text"),
    [
        (
            E17,
            WEB,
            "Error starting userland proxy: listen tcp 0.0.0.0:8200: bind: address already in use",
        ),
        (
            E20,
            WEB,
            "Error starting userland proxy: listen tcp4 0.0.0.0:8200: bind: address already in use",
        ),
        (E20, BARE, "listen tcp4 0.0.0.0:8200: bind: address already in use"),
        (
            E28,
            WEB,
            "failed to bind host port for 0.0.0.0:8200:172.17.0.2:80/tcp: address already in use",
        ),
    ],
)
def test_a_process_on_the_host_is_in_the_way(era, endpoint, text):
    with pytest.raises(PortTaken) as caught:
        run("8200:80", era=era, endpoint=endpoint, host=BUSY)
    assert caught.value.text == text
    assert caught.value.rule
    assert run("8200:80/udp", era=era, host=BUSY)[1]


@pytest.mark.parametrize(
    ("era", "text"),
    [
        (
            E20,
            "Error starting userland proxy: listen tcp4 203.0.113.9:8096: bind: cannot assign requested address",
        ),
        (
            E28,
            "failed to bind host port for 203.0.113.9:8096:172.17.0.2:80/tcp: cannot assign requested address",
        ),
    ],
)
def test_an_address_that_the_host_does_not_have_is_refused(era, text):
    with pytest.raises(Unclassified) as caught:
        run("203.0.113.9:8096:80", era=era)
    assert caught.value.text == text


def test_up_to_27_overlapping_addresses_meet_in_the_kernel():
    table, _ = run("8080:80")
    with pytest.raises(PortTaken, match=r"listen tcp4 127\.0\.0\.1:8080: bind"):
        run("127.0.0.1:8080:80", table=table)
    with pytest.raises(PortTaken, match=r"listen tcp6 \[::1\]:8080: bind"):
        run("[::1]:8080:80", table=table)


def test_in_17_12_a_wildcard_proxy_listens_on_both_families():
    table, _ = run("8080:80", era=E17)
    with pytest.raises(PortTaken, match=r"listen tcp \[::1\]:8080: bind"):
        run("[::1]:8080:80", era=E17, table=table)
    table, _ = run("[::1]:8080:80", era=E17)
    with pytest.raises(PortTaken, match=r"listen tcp 0\.0\.0\.0:8080: bind"):
        run("8080:80", era=E17, table=table)


def test_in_17_12_a_wildcard_proxy_meets_processes_of_the_other_family():
    host = HostSockets(listeners=frozenset([Listener(ANY_V6, "tcp", 8080)]))
    with pytest.raises(PortTaken, match=r"listen tcp 0\.0\.0\.0:8080: bind"):
        run("8080:80", era=E17, host=host)
    assert run("127.0.0.1:8080:80", era=E17, host=host)[1]
    assert run("0.0.0.0:8080:80", era=E20, host=host)[1]


def test_an_ephemeral_port_is_tried_again_and_the_cursor_moves_on():
    host = HostSockets(
        listeners=frozenset(Listener(ANY_V4, "tcp", 32768 + n) for n in range(9))
    )
    table, mapped = run("80", host=host)
    assert mapped == ["0.0.0.0 32777 -> 80/tcp", ":: 32768 -> 80/tcp"]
    assert table.claim(ANY_V4, "tcp")[1] == 32778


@pytest.mark.parametrize("era", [E20, E28], ids=lambda era: era.name)
def test_after_ten_tries_the_last_refusal_stands_and_the_cursor_has_moved(era):
    host = HostSockets(
        listeners=frozenset(Listener(ANY_V4, "tcp", 32768 + n) for n in range(10))
    )
    outcome = attempt(table_of(era), wanted_by("80"), WEB, host, era=era)
    assert "address already in use" in outcome.refusal.text
    assert list(outcome.table.holdings()) == []
    assert (
        run("80", era=era, table=outcome.table, host=host)[1][0]
        == "0.0.0.0 32778 -> 80/tcp"
    )


def test_a_range_is_tried_once_up_to_27_and_again_in_28():
    with pytest.raises(PortTaken, match=r"0\.0\.0\.0:8200: bind"):
        run("8200-8203:80", host=BUSY)
    outcome = attempt(table_of(E20), wanted_by("8200-8203:80"), WEB, BUSY, era=E20)
    assert run("8200-8203:80", table=outcome.table, host=BUSY)[1] == [
        "0.0.0.0 8201 -> 80/tcp",
        ":: 8200 -> 80/tcp",
    ]
    assert run("8200-8203:80", era=E28, host=BUSY)[1][0] == "0.0.0.0 8201 -> 80/tcp"


def test_in_28_a_range_without_a_bindable_port_names_the_port_and_the_range():
    host = HostSockets(
        listeners=frozenset(Listener(ANY_V4, "tcp", n) for n in (8200, 8201))
    )
    with pytest.raises(PortTaken) as caught:
        run("8200-8201:80", era=E28, host=host)
    assert caught.value.text == (
        "failed to bind host port 8201 for 0.0.0.0:8200-8201:172.17.0.2:80/tcp: address already in use"
    )


def test_an_exhausted_range_is_refused():
    table, _ = run("9000-9001:80")
    table, _ = run("9000-9001:80", table=table)
    with pytest.raises(PortsExhausted, match=r"^all ports are allocated$"):
        run("9000-9001:80", table=table)


def test_in_28_sockets_of_one_request_that_overlap_cannot_all_listen():
    with pytest.raises(
        PortTaken, match=r"^failed to listen on TCP socket: address already in use$"
    ):
        run("8080:80", "127.0.0.1:8080:80", era=E28)
    table, mapped = run("53:53/udp", "127.0.0.1:53:53/udp", era=E28)
    assert len(mapped) == 3
    assert table.invariants() == []


@pytest.mark.parametrize(
    ("era", "endpoint", "text"),
    [
        (E20, WEB, "Error starting userland proxy: protocol not supported"),
        (E20, BARE, "protocol not supported"),
        (E28, WEB, "error starting userland proxy: protocol not supported"),
        (
            E28,
            BARE,
            "failed to create socket for userland proxy for 0.0.0.0:8084:172.17.0.2:80/sctp: protocol not supported",
        ),
    ],
)
def test_a_kernel_without_sctp_refuses_it(era, endpoint, text):
    with pytest.raises(Unclassified) as caught:
        run("8084:80/sctp", era=era, endpoint=endpoint, host=HostSockets(sctp=False))
    assert caught.value.text == text
    assert run("8084:80/sctp", era=era, endpoint=endpoint)[1]


@pytest.mark.parametrize(
    ("era", "key", "text"),
    [
        (E20, "80/foo", "invalid transport protocol: 0"),
        (E20, "/tcp", "invalid transport protocol: 0"),
        (E20, "80/icmp", "invalid transport protocol: icmp"),
        (E28, "80/foo", "unknown protocol"),
    ],
)
def test_a_protocol_without_ports_fails_when_it_is_published(era, key, text):
    wanted = wanted_ports([key], {}, publish_all=True)
    with pytest.raises(InvalidParameter) as caught:
        publish(table_of(era), wanted, WEB, HOST, era=era)
    assert caught.value.text == text


def test_a_binding_whose_port_is_not_exposed_word_for_word_publishes_nothing():
    asked = {"80/tcp": [{"HostPort": "8600"}]}
    assert wanted_ports([], asked) == ()
    assert wanted_ports(["80"], asked) == ()
    assert wanted_ports(["80"], {"80": [{"HostPort": "8600"}]})[0].first == 8600


def test_publishing_all_ports_leaves_those_with_bindings_alone():
    wanted = wanted_ports(
        ["80/tcp", "81/tcp", "82/tcp"],
        {"80/tcp": [{"HostPort": "8600"}], "81/tcp": []},
        publish_all=True,
    )
    assert [(w.container_port, w.first) for w in wanted] == [
        (82, 0),
        (81, 0),
        (80, 8600),
    ]


def test_a_host_ip_that_is_no_address_means_every_address_as_docker_does():
    wanted = wanted_ports(
        ["80/tcp"], {"80/tcp": [{"HostIp": "300.1.1.1", "HostPort": "80"}]}
    )
    assert wanted == (Wanted(container_port=80, protocol="tcp", first=80, last=80),)


def test_an_ipv4_address_written_as_ipv6_is_ipv4():
    assert run("[::ffff:127.0.0.1]:8080:80")[1] == ["127.0.0.1 8080 -> 80/tcp"]


def test_withdrawing_gives_everything_back_but_the_cursors():
    table, mappings = publish(
        table_of(E28), wanted_by("80", "8080:81"), WEB, HOST, era=E28
    )
    table = withdraw(table, mappings)
    assert list(table.holdings()) == []
    assert run("80", era=E28, table=table)[1][0] == "0.0.0.0 32769 -> 80/tcp"


@pytest.mark.skipif(
    load("09b-full-inspect.json") is None, reason="the recordings are not here"
)
def test_the_recorded_order_of_a_full_container_is_kept():
    step = load("09b-full-inspect.json")["steps"][4]["json"]
    asked = step["HostConfig"]["PortBindings"]
    wanted = wanted_ports(step["Config"]["ExposedPorts"], asked)
    _, mappings = publish(table_of(E20), wanted, WEB, HOST, era=E20)
    for key, bindings in step["NetworkSettings"]["Ports"].items():
        ours = [
            {"HostIp": str(m.host_ip), "HostPort": str(m.host_port)}
            for m in mappings
            if f"{m.container_port}/{m.protocol}" == key
        ]
        assert ours == (bindings or [])


# laws

texts = st.sampled_from(
    [
        "80",
        "81",
        "8080:80",
        "8080:81",
        "8080:80/udp",
        "127.0.0.1:8080:80",
        "[::1]:8080:80",
        "8080-8082:80",
        "127.0.0.1::80",
        "9000:90",
        "203.0.113.9:9000:90",
        "[::]::53/udp",
    ]
)


@given(
    st.sampled_from([E17, E20, E28]),
    st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=5),
    st.sampled_from([WEB, BARE, DUAL]),
)
def test_containers_never_share_a_socket_and_leave_nothing_behind(
    era, containers, endpoint
):
    table = table_of(era)
    running = []
    for publishes in containers:
        outcome = attempt(table, wanted_by(*publishes), endpoint, HOST, era=era)
        if outcome.refusal is not None:
            assert list(outcome.table.holdings()) == list(table.holdings())
            assert outcome.mappings == ()
        table = outcome.table
        assert table.invariants() == []
        running.append(outcome.mappings)
    sockets = [{m.listener for m in mappings} for mappings in running]
    assert sum(map(len, sockets)) == len(set().union(*sockets))
    for listener in set().union(*sockets):
        clashing = {
            s
            for s in set().union(*sockets)
            if s[1:] == listener[1:] and s[0].family == listener[0].family
        }
        owners = [n for n, owned in enumerate(sockets) if clashing & owned]
        wild = any(s.address in {ANY_V4, ANY_V6} for s in clashing)
        assert not wild or len(owners) == 1
    for mappings in running:
        table = withdraw(table, mappings)
    assert list(table.holdings()) == []


@given(st.lists(texts, min_size=1, max_size=4), st.sampled_from([E17, E20, E28]))
def test_a_wanted_host_port_is_the_one_that_is_given(publishes, era):
    outcome = attempt(table_of(era), wanted_by(*publishes), WEB, HOST, era=era)
    if outcome.refusal is None:
        asked = {
            (w.container_port, w.protocol, w.first, w.last)
            for w in wanted_by(*publishes)
        }
        for m in outcome.mappings:
            assert any(
                (m.container_port, m.protocol) == (port, protocol)
                and (first or 32768) <= m.host_port <= (last or 60999)
                for port, protocol, first, last in asked
            )

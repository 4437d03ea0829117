"""How published ports are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import NotationError, NotFound
from minidock.net.address import Address
from minidock.ports.listing import port_lines, ports_field, ports_json, ps_ports
from minidock.ports.mapping import PortMapping
from minidock.ports.texts import CliTexts

V20, V28 = CliTexts.V20, CliTexts.V28


def entry(private, public=0, address="", kind="tcp"):
    shown = {"IP": address} if address else {}
    return {
        **shown,
        "PrivatePort": private,
        **({"PublicPort": public} if public else {}),
        "Type": kind,
    }


def mapping(container_port, host_port, host_ip="0.0.0.0", protocol="tcp"):
    return PortMapping(
        container_port=container_port,
        protocol=protocol,
        container_address=Address.parse("172.17.0.2"),
        host_ip=Address.parse(host_ip),
        host_port=host_port,
    )


@pytest.mark.parametrize(
    ("entries", "column"),
    [
        ([], ""),
        ([entry(9988)], "9988/tcp"),
        ([entry(9988, kind="udp")], "9988/udp"),
        ([entry(9988, address="0.0.0.0")], "0.0.0.0:0->9988/tcp"),
        ([entry(9988, 8899)], "9988/tcp"),
        ([entry(9988, 8899, "4.3.2.1")], "4.3.2.1:8899->9988/tcp"),
        ([entry(9988, 9988, "4.3.2.1")], "4.3.2.1:9988->9988/tcp"),
        ([entry(9988, kind="udp"), entry(9988, kind="udp")], "9988/udp, 9988/udp"),
        (
            [entry(9998, 9998, "1.2.3.4", "udp"), entry(9999, 9999, "1.2.3.4", "udp")],
            "1.2.3.4:9998-9999->9998-9999/udp",
        ),
        (
            [entry(9998, 8887, "1.2.3.4", "udp"), entry(9999, 8888, "1.2.3.4", "udp")],
            "1.2.3.4:8887->9998/udp, 1.2.3.4:8888->9999/udp",
        ),
        ([entry(9999, kind="udp"), entry(9998, kind="udp")], "9998-9999/udp"),
        ([entry(n) for n in (1, 2, 3, 5, 7, 8)], "1-3/tcp, 5/tcp, 7-8/tcp"),
        (
            [
                entry(80),
                entry(1024, kind="udp"),
                entry(12345, kind="sctp"),
                entry(80, 1024, "1.1.1.1"),
                entry(81, 1024, "2.1.1.1", "udp"),
            ],
            "80/tcp, 1024/udp, 12345/sctp, 1.1.1.1:1024->80/tcp, 2.1.1.1:1024->81/udp",
        ),
        (
            [
                entry(80, 80, "0.0.0.0"),
                entry(80, 80, "::"),
                entry(81, 81, "::"),
                entry(81, 81, "0.0.0.0"),
            ],
            "0.0.0.0:80-81->80-81/tcp, [::]:80-81->80-81/tcp",
        ),
    ],
)
def test_the_ports_column_groups_runs(entries, column):
    assert ps_ports(entries) == column


def test_20_10_puts_no_brackets_around_ipv6():
    entries = [entry(80, 8080, "::1"), entry(81, 81, "::")]
    assert ps_ports(entries, V20) == ":::81->81/tcp, ::1:8080->80/tcp"
    assert ps_ports(entries, V28) == "[::]:81->81/tcp, [::1]:8080->80/tcp"


def test_inspect_keeps_the_order_of_binding_and_shows_exposed_ports_as_null():
    shown = ports_json(
        [mapping(80, 8090), mapping(80, 8090, "::"), mapping(80, 8089)],
        ["80/tcp", "443", "9/foo"],
    )
    assert list(shown) == ["443/tcp", "80/tcp", "9/0"]
    assert shown["443/tcp"] is None
    assert [b["HostPort"] for b in shown["80/tcp"]] == ["8090", "8090", "8089"]
    assert ports_json([], []) == {}


def test_the_list_has_an_entry_for_each_binding():
    shown = ports_json([mapping(80, 8080), mapping(80, 8080, "::")], ["53/udp"])
    assert ports_field(shown) == [
        entry(53, kind="udp"),
        entry(80, 8080, "0.0.0.0"),
        entry(80, 8080, "::"),
    ]


PORTS = ports_json(
    [
        mapping(80, 8090),
        mapping(80, 8090, "::"),
        mapping(80, 8089),
        mapping(443, 8443),
        mapping(53, 5353, protocol="udp"),
    ],
    ["9/tcp"],
)


def test_docker_port_sorts_numbers_as_numbers_in_28():
    assert port_lines(PORTS, "web") == [
        "53/udp -> 0.0.0.0:5353",
        "80/tcp -> 0.0.0.0:8089",
        "80/tcp -> 0.0.0.0:8090",
        "80/tcp -> [::]:8090",
        "443/tcp -> 0.0.0.0:8443",
    ]


def test_docker_port_keeps_the_order_of_binding_in_20_10():
    assert port_lines(PORTS, "web", texts=V20)[1:4] == [
        "80/tcp -> 0.0.0.0:8090",
        "80/tcp -> :::8090",
        "80/tcp -> 0.0.0.0:8089",
    ]
    assert port_lines(PORTS, "web", "80/tcp", V20)[1] == ":::8090"


@pytest.mark.parametrize(
    ("wanted", "texts", "error", "words"),
    [
        ("81", V28, NotFound, "Error: No public port '81' published for web"),
        ("81", V20, NotFound, "Error: No public port '81/tcp' published for web"),
        ("9", V28, NotFound, "Error: No public port '9' published for web"),
        ("80/", V28, None, None),
        (
            "x",
            V28,
            NotationError,
            'Error: invalid port (x): strconv.ParseUint: parsing "x": invalid syntax',
        ),
        (
            "80-81",
            V20,
            NotFound,
            "Error: No public port '80-81/tcp' published for web",
        ),
        ("x", V20, NotationError, 'strconv.ParseUint: parsing "x": invalid syntax'),
        (
            "/tcp",
            V28,
            NotationError,
            'Error: invalid port (): strconv.ParseUint: parsing "": invalid syntax',
        ),
    ],
)
def test_docker_port_refuses_what_is_not_published(wanted, texts, error, words):
    if error is None:
        assert port_lines(PORTS, "web", wanted, texts)
        return
    with pytest.raises(error) as caught:
        port_lines(PORTS, "web", wanted, texts)
    assert caught.value.text == words


# laws


@given(st.sets(st.integers(1, 60)))
def test_the_ports_column_names_every_exposed_port_once_in_the_longest_runs(numbers):
    column = ps_ports([entry(number) for number in numbers])
    runs = [part.removesuffix("/tcp").split("-") for part in column.split(", ") if part]
    spans = [(int(run[0]), int(run[-1])) for run in runs]
    assert sorted(numbers) == sorted(
        n for first, last in spans for n in range(first, last + 1)
    )
    ends = {last for _, last in spans}
    assert not any(first - 1 in ends for first, _ in spans)


@given(
    st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), unique=True, max_size=8)
)
def test_every_published_port_is_in_every_listing(pairs):
    shown = ports_json([mapping(*pair) for pair in pairs], [])
    assert len(ports_field(shown)) == len(pairs) == len(port_lines(shown, "web"))
    assert sorted(port_lines(shown, "web")) == sorted(
        f"{c}/tcp -> 0.0.0.0:{h}" for c, h in pairs
    )

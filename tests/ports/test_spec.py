"""The grammar of -p and --expose, in two clients' words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import InvalidParameter, NotationError
from minidock.ports.numbers import parse_number, parse_range, split_protocol
from minidock.ports.spec import (
    CliTexts,
    PortSpec,
    check_bindings,
    parse_expose,
    parse_publish,
    publish_options,
)
from tests.ports.strategies_ports import port_specs, ports, protocols

V20, V28 = CliTexts.V20, CliTexts.V28


def read(text, texts=V28):
    return [
        (s.container_port, s.protocol, s.host_ip, s.host_port)
        for s in parse_publish(text, texts)
    ]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("80", [(80, "tcp", "", "")]),
        (":80", [(80, "tcp", "", "")]),
        ("8080:80", [(80, "tcp", "", "8080")]),
        ("8080:80/UDP", [(80, "udp", "", "8080")]),
        ("8080:80/", [(80, "tcp", "", "8080")]),
        ("0080:0080", [(80, "tcp", "", "80")]),
        ("0:80", [(80, "tcp", "", "0")]),
        ("80:0", [(0, "tcp", "", "80")]),
        ("192.168.1.100::80", [(80, "tcp", "192.168.1.100", "")]),
        ("192.168.1.100:8080:80/sctp", [(80, "sctp", "192.168.1.100", "8080")]),
        ("[::1]:8085:80", [(80, "tcp", "::1", "8085")]),
        ("[2001:4860:0:2001::68]::333", [(333, "tcp", "2001:4860:0:2001::68", "")]),
        ("::ffff:10.0.0.1:8085:80", [(80, "tcp", "::ffff:10.0.0.1", "8085")]),
        ("192.168.1.100:8000-8080:80", [(80, "tcp", "192.168.1.100", "8000-8080")]),
        ("0.0.0.0:0:80", [(80, "tcp", "0.0.0.0", "0")]),
        ("8080-8080:80", [(80, "tcp", "", "8080")]),
        (
            "1234-1235:1234-1235/sctp",
            [(1234, "sctp", "", "1234"), (1235, "sctp", "", "1235")],
        ),
        ("90-92", [(90, "tcp", "", ""), (91, "tcp", "", ""), (92, "tcp", "", "")]),
        ("target=80,published=8080,protocol=udp,mode=host", [(80, "udp", "", "8080")]),
        ("target=80", [(80, "tcp", "", "")]),
    ],
)
def test_a_publish_value_is_read(text, meaning):
    assert read(text) == meaning


def test_a_third_part_after_the_protocol_is_ignored_as_docker_does():
    assert read("8080:80/tcp/udp") == read("8080:80/tcp")


def test_a_second_dash_is_ignored_as_docker_does():
    assert read("80-81-99") == read("80-81")


@pytest.mark.parametrize(
    ("text", "new", "old"),
    [
        ("", "no port specified: <empty>", "No port specified: <empty>"),
        ("80:", "no port specified: 80:<empty>", "No port specified: 80:<empty>"),
        ("/tcp", "no port specified: /tcp<empty>", "No port specified: /tcp<empty>"),
        (" ", "invalid containerPort:  ", "Invalid containerPort:  "),
        ("+80", "invalid containerPort: +80", "Invalid containerPort: +80"),
        ("65536", "invalid containerPort: 65536", "Invalid containerPort: 65536"),
        ("8_0", "invalid containerPort: 8_0", "Invalid containerPort: 8_0"),
        ("٨٠", "invalid containerPort: ٨٠", "Invalid containerPort: ٨٠"),
        ("-1:80", "invalid hostPort: -1", "Invalid hostPort: -1"),
        ("9-8:80", "invalid hostPort: 9-8", "Invalid hostPort: 9-8"),
        ("80:80/foo", "invalid proto: foo", "Invalid proto: foo"),
        (
            "8080-8090:80-81",
            "invalid ranges specified for container and host Ports: 80-81 and 8080-8090",
            "Invalid ranges specified for container and host Ports: 80-81 and 8080-8090",
        ),
        (
            "localhost:80:80",
            "invalid IP address: localhost",
            "Invalid ip address: localhost",
        ),
        (
            "[::1]x:80:80",
            "invalid IP address [::1]x: address [::1]x:: missing port in address",
            "Invalid ip address [::1]x: address [::1]x:: missing port in address",
        ),
        (
            "[::1]:9:80:80",
            "invalid IP address [::1]:9: address [::1]:9:: too many colons in address",
            "Invalid ip address [::1]:9: address [::1]:9:: too many colons in address",
        ),
        (
            "[[::1]:80:80",
            "invalid IP address [[::1]: address [[::1]:: unexpected '[' in address",
            "Invalid ip address [[::1]: address [[::1]:: unexpected '[' in address",
        ),
        (
            "::1:8080:80",
            None,
            "Invalid ip address ::1: address ::1:: too many colons in address",
        ),
        (
            "]x:80:80",
            "invalid IP address: ]x",
            "Invalid ip address ]x: address ]x:: unexpected ']' in address",
        ),
        ("fe80::1%eth0:80:80", "invalid IP address: fe80::1%eth0", None),
        (
            "published=80",
            "no port specified: 80:/tcp<empty>",
            "No port specified: 80:/tcp<empty>",
        ),
        (
            "target=80,mode",
            "invalid publish opts format (should be name=value but got 'mode')",
            "invalid publish opts format (should be name=value but got 'mode')",
        ),
    ],
)
def test_a_publish_value_is_refused_in_each_clients_words(text, new, old):
    for texts, words in ((V28, new), (V20, old)):
        if words is not None:
            with pytest.raises(NotationError) as caught:
                parse_publish(text, texts)
            assert caught.value.text == words
            assert caught.value.rule
            assert caught.value.remedy


def test_a_bare_ipv6_address_is_read_by_28_only():
    assert read("::1:8080:80") == [(80, "tcp", "::1", "8080")]
    with pytest.raises(NotationError):
        read("::1:8080:80", V20)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("80", ("80/tcp",)),
        ("80/foo", ("80/foo",)),
        ("80/TCP", ("80/TCP",)),
        ("3000-3002/udp", ("3000/udp", "3001/udp", "3002/udp")),
        ("0", ("0/tcp",)),
    ],
)
def test_an_expose_value_is_read(text, keys):
    assert parse_expose(text) == keys


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("8080:80", "invalid port format for --expose: 8080:80"),
        (
            "",
            "invalid range format for --expose: , error: empty string specified for ports",
        ),
        (
            "5-3",
            "invalid range format for --expose: 5-3, error: invalid range specified for port: 5-3",
        ),
        (
            "8000-x",
            'invalid range format for --expose: 8000-x, error: strconv.ParseUint: parsing "x": invalid syntax',
        ),
        (
            "/tcp",
            "invalid range format for --expose: /tcp, error: empty string specified for ports",
        ),
    ],
)
def test_an_expose_value_is_refused(text, words):
    with pytest.raises(NotationError) as caught:
        parse_expose(text)
    assert caught.value.text == words


def test_what_is_published_counts_as_exposed_and_repeats_are_kept():
    exposed, bindings = publish_options(
        ["9100:80", "9100:80", "[::1]::53/udp"], ["443", "80"]
    )
    assert list(exposed) == ["443/tcp", "53/udp", "80/tcp"]
    assert bindings == {
        "53/udp": [{"HostIp": "::1", "HostPort": ""}],
        "80/tcp": [{"HostIp": "", "HostPort": "9100"}] * 2,
    }


def test_only_28_minds_a_long_form_pair_without_a_name():
    assert read("target=80,=x", V20) == [(80, "tcp", "", "")]
    with pytest.raises(NotationError, match=r"but got '=x'"):
        read("target=80,=x", V28)


def test_what_follows_a_second_equals_sign_is_kept_by_28_only():
    assert read("target=80=81", V20) == [(80, "tcp", "", "")]
    with pytest.raises(NotationError, match=r"invalid containerPort: 80=81"):
        read("target=80=81", V28)


def test_the_long_forms_are_rewritten_before_any_value_is_read():
    with pytest.raises(NotationError, match="publish opts format"):
        publish_options(["a:b", "target=80,oops"], [])


@pytest.mark.parametrize(
    ("key", "host_port", "named"),
    [
        ("80-81/tcp", "8600", "80-81"),
        ("abc/tcp", "8600", "abc"),
        ("80/tcp", "8601-8600", "8601-8600"),
        ("80/tcp", "8600/udp/x ", None),
        ("80/tcp", "x/udp", "x/udp"),
        ("80/", "-1", "-1"),
        ("/tcp", "8600", None),
        ("80", "", None),
    ],
)
def test_the_engine_checks_numbers_only(key, host_port, named):
    bindings = {key: [{"HostPort": host_port}]}
    if named is None:
        check_bindings(bindings)
        return
    with pytest.raises(InvalidParameter) as caught:
        check_bindings(bindings)
    assert caught.value.text == f'invalid port specification: "{named}"'


def test_empty_bindings_pass_the_engine():
    check_bindings({"80/tcp": None, "81/tcp": [], "82/tcp": [{}]})


# laws


@given(port_specs())
def test_the_canonical_text_of_a_port_means_what_it_was_written_for(case):
    text, (container, protocol, host_ip, host_port) = case
    spec = PortSpec(
        container_port=container,
        protocol=protocol,
        host_ip=host_ip,
        host_port=host_port,
    )
    assert parse_publish(text) == (spec,)


@given(port_specs())
def test_both_generations_of_docker_clients_read_a_canonical_port_alike(case):
    assert parse_publish(case[0], V20) == parse_publish(case[0], V28)


@given(st.integers(1, 65500), st.integers(1, 65500), st.integers(0, 30), protocols)
def test_ranges_of_ports_are_paired_one_to_one(container, host, extra, protocol):
    text = f"{host}-{host + extra}:{container}-{container + extra}/{protocol}"
    specs = parse_publish(text)
    assert [int(s.host_port) - host for s in specs] == list(range(extra + 1))
    assert [s.container_port - container for s in specs] == list(range(extra + 1))


def refusal_of(text, texts):
    try:
        assert parse_publish(text, texts)
    except NotationError as refusal:
        return refusal
    return None


@given(st.text(alphabet="0189:-/[].tcpx=,", max_size=12))
def test_any_text_is_a_port_or_is_refused_with_a_remedy(text):
    for texts in CliTexts:
        refusal = refusal_of(text, texts)
        assert refusal is None or (refusal.rule and refusal.remedy)


@given(ports, st.integers(0, 5))
def test_the_number_of_a_port_may_have_leading_zeros(port, zeros):
    assert parse_number("0" * zeros + str(port)) == port


@given(st.integers(65536, 10**30), st.text(max_size=3))
def test_a_port_too_large_is_out_of_range_whatever_follows(number, rest):
    with pytest.raises(NotationError, match="value out of range"):
        parse_number(f"{number}{rest}")


@given(ports, ports)
def test_a_range_of_ports_is_read_unless_it_falls(first, last):
    if first <= last:
        assert parse_range(f"{first}-{last}") == (first, last)
    else:
        with pytest.raises(NotationError, match="invalid range"):
            parse_range(f"{first}-{last}")


@given(ports, protocols)
def test_a_port_and_its_protocol_are_split_and_joined(port, protocol):
    assert split_protocol(f"{port}/{protocol}") == (str(port), protocol)

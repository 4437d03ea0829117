"""/etc/hosts and /etc/resolv.conf of a container, as real engines write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine

FIXED = [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "ff00::0\tip6-mcastprefix",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
]


def lab(era="20.10"):
    docker = Engine(era)
    docker("pull busybox")
    docker("network create --subnet 10.70.0.0/24 mnet")
    return docker


def lines(docker, file, options=""):
    output = docker(f"run --rm {options} busybox cat /etc/{file}")
    assert output.ok, output.stderr
    return output.stdout.splitlines()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("--hostname foo", "foo"),
        ("--hostname foo.bar.test", "foo.bar.test foo"),
        ("--hostname foo --domainname bar.test", "foo.bar.test foo"),
        ("--hostname foo.x --domainname bar.test", "foo.x.bar.test foo"),
        ("--hostname 1.2.3.4", "1.2.3.4 1"),
        ("--hostname UPPER_case", "UPPER_case"),
    ],
)
@pytest.mark.parametrize(
    ("network", "address"), [("bridge", "172.17.0.2"), ("mnet", "10.70.0.2")]
)
def test_a_full_name_is_followed_by_its_first_label(options, names, network, address):
    shown = lines(lab(), "hosts", f"--network {network} {options}")
    assert shown == [*FIXED, f"{address}\t{names}"]


def test_newer_engines_write_the_multicast_names_shorter():
    assert "fe00::\tip6-localnet" in lines(lab("28"), "hosts")


def test_added_hosts_stand_before_links_and_links_before_the_own_line():
    docker = lab()
    docker("pull nginx")
    docker("run -d --name db nginx")
    options = (
        "--add-host a:1.2.3.4 --add-host up:host-gateway --link db:x --hostname me"
    )
    db = docker.api("GET", "/containers/db/json").body["Id"][:12]
    assert lines(docker, "hosts", options)[len(FIXED) :] == [
        "1.2.3.4\ta",
        "172.17.0.1\tup",
        f"172.17.0.2\tx {db} db",
        "172.17.0.3\tme",
    ]


def test_of_an_alias_with_slashes_hosts_shows_the_last_part():
    docker = lab()
    docker("pull nginx")
    docker("run -d --name db nginx")
    assert "172.17.0.2\tb " in "\n".join(lines(docker, "hosts", "--link db:a/b"))


def test_a_link_to_a_container_with_two_addresses_has_two_lines():
    docker = Engine("20.10", daemon_args=["--ipv6", "--fixed-cidr-v6", "fd00:d0c::/64"])
    docker("pull nginx")
    docker("pull busybox")
    docker("run -d --name db nginx")
    linked = [line for line in lines(docker, "hosts", "--link db:x") if "\tx " in line]
    addresses = [line.split("\t")[0] for line in linked]
    assert addresses == ["172.17.0.2", "fd00:d0c::242:ac11:2"]


@pytest.mark.parametrize(
    ("options", "servers"),
    [
        ("", ["127.0.0.11"]),
        ("--dns 198.51.100.9", ["127.0.0.11"]),
        ("--dns ::1", ["127.0.0.11", "::1"]),
        ("--dns 198.51.100.9 --dns fd00::1", ["127.0.0.11", "fd00::1"]),
    ],
)
def test_on_a_user_network_ipv6_servers_stand_beside_the_name_server(options, servers):
    shown = lines(lab(), "resolv.conf", f"--network mnet {options}")
    found = [line.split()[1] for line in shown if line.startswith("nameserver")]
    assert found == servers
    assert shown[-1] == "options ndots:0"


def test_an_empty_dns_option_is_no_option():
    docker = lab()
    shown = lines(docker, "resolv.conf", "--dns-opt ''")
    assert not any(line.startswith("options") for line in shown)
    inside = lines(docker, "resolv.conf", "--network mnet --dns-opt ''")
    assert inside[-1] == "options ndots:0"


LABEL = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@settings(max_examples=30, deadline=None)
@given(
    labels=st.lists(LABEL, min_size=1, max_size=4),
    extra=st.dictionaries(LABEL, st.sampled_from(["1.2.3.4", "fd00::1"]), max_size=3),
)
def test_a_hosts_file_is_the_fixed_lines_then_the_added_ones_then_its_own(
    labels, extra
):
    docker = lab()
    name = ".".join(labels)
    added = " ".join(f"--add-host {key}:{value}" for key, value in extra.items())
    shown = lines(docker, "hosts", f"--hostname {name} {added}")
    assert shown[: len(FIXED)] == FIXED
    assert shown[len(FIXED) : -1] == [f"{value}\t{key}" for key, value in extra.items()]
    own = name if len(labels) == 1 else f"{name} {labels[0]}"
    assert shown[-1] == f"172.17.0.2\t{own}"

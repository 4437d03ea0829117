"""The layout of `ip`, `bridge`, `sysctl` and `ss`: what no recording shows.

The expected texts were read from iproute2 6.1 on a namespace built by
:mod:`minidock.views.linux`; tests/views/test_linux.py compares them again where it can.
"""

import json

import pytest
from hypothesis import given

from minidock.errors import NotFound
from minidock.host.machine import host_namespace, machine, sandbox
from minidock.net.address import Address
from minidock.topology.namespace import Namespace, Neighbour, Socket
from minidock.views.bridge import bridge
from minidock.views.iproute import ip
from minidock.views.linkdetails import compact
from minidock.views.sockets import ss
from minidock.views.sysctl import read_file, sysctl
from tests.topology.strategies_topology import labs
from tests.topology.worlds import Lab, mac_at, mapping, web_on_docker0


def host():
    return host_namespace(web_on_docker0().world)


def web():
    lab = web_on_docker0()
    return sandbox(lab.world, lab.world.containers["web-id"])


def run(space, line):
    return ip(space, line.split())


def test_a_familys_addresses_leave_the_other_interfaces_out():
    assert run(web(), "-4 addr show eth0") == (
        "4: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue "
        "state UP group default  link-netns dk\n"
        "    inet 172.17.0.2/16 brd 172.17.255.255 scope global eth0\n"
        "       valid_lft forever preferred_lft forever\n"
    )
    assert run(web(), "-6 addr") == ""


def test_the_other_end_of_a_card_is_hidden_where_its_index_is_the_same():
    first = run(host(), "-6 addr show eth0").splitlines()[0]
    assert (
        first
        == "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP qlen 1000"
    )
    assert run(host(), "-br -6 addr").splitlines()[1].startswith("eth0    ")
    assert run(host(), "-br addr").splitlines()[1].startswith("eth0@if2  ")


def test_a_namespace_without_a_name_is_shown_by_its_number():
    lab = Lab()
    lab.docker0()
    lab.run("c1", "bridge", "172.17.0.2")
    space = sandbox(lab.world, lab.world.containers["c1-id"])
    assert " link-netnsid 0\n" in run(space, "link show eth0")
    shown = run(host_namespace(lab.world), "link show master docker0")
    assert shown.endswith(" link-netnsid 0\n")


def test_one_line_per_address():
    assert run(web(), "-o addr").splitlines()[1] == (
        "4: eth0    inet 172.17.0.2/16 brd 172.17.255.255 scope global eth0\\"
        "       valid_lft forever preferred_lft forever"
    )


def test_one_line_per_link():
    assert run(web(), "-o link show eth0") == (
        "4: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue "
        "state UP mode DEFAULT group default \\    link/ether 02:42:ac:11:00:02 "
        "brd ff:ff:ff:ff:ff:ff link-netns dk\n"
    )


def test_a_long_name_pushes_the_state_to_the_right():
    lab = Lab()
    lab.docker0()
    for number in range(50):
        lab.run(f"c{number}", "bridge", f"172.17.0.{number + 2}")
    last = run(host_namespace(lab.world), "-br link").splitlines()[-1]
    assert last.startswith("veth0000067@if102 UP             02:42:00")


def test_links_are_chosen_by_kind_and_by_bridge():
    def names(line):
        return [item["ifname"] for item in json.loads(run(host(), f"-j {line}"))]

    assert names("link show type bridge") == ["docker0"]
    assert names("link show master docker0") == ["vethab852c9"]
    assert names("link show up dev lo") == ["lo"]
    assert names("l ls vethab852c9") == ["vethab852c9"]


def test_words_may_be_abbreviated_and_the_first_that_fits_wins():
    for short, long in [
        ("a", "address show"),
        ("r", "route show"),
        ("ru", "rule list"),
        ("n", "neighbour show"),
        ("l s lo", "link show dev lo"),
        ("ro l", "route show table main"),
    ]:
        assert run(host(), short) == run(host(), long)


def test_a_column_that_was_filtered_by_is_left_out():
    assert run(web(), "route show dev eth0") == (
        "default via 172.17.0.1 \n"
        "172.17.0.0/16 proto kernel scope link src 172.17.0.2 \n"
    )
    assert run(web(), "route show default") == "default via 172.17.0.1 dev eth0 \n"


def test_a_missing_device_is_said_in_two_ways():
    with pytest.raises(NotFound, match=r'^Device "eth7" does not exist\.$'):
        run(web(), "addr show eth7")
    with pytest.raises(NotFound, match=r'^Cannot find device "eth7"$'):
        run(web(), "route show dev eth7")


def test_ipv6_has_no_table_called_default():
    assert (
        run(web(), "-6 rule")
        == "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n"
    )
    assert json.loads(run(web(), "-j rule"))[0] == {
        "priority": 0,
        "src": "all",
        "table": "local",
    }


def test_neighbours_are_those_who_answered():
    known = Neighbour(Address.parse("10.70.0.1"), "eth0", mac_at(7), "DELAY")
    space = Namespace(name="", neighbours=(known,))
    assert run(space, "neigh") == "10.70.0.1 dev eth0 lladdr 02:42:00:00:00:07 DELAY \n"
    assert json.loads(run(space, "-j neigh"))[0]["state"] == ["DELAY"]
    assert run(web(), "neigh") == ""


def test_the_bridges_answers_are_filtered():
    assert bridge(host(), ["link", "show", "dev", "nosuch"]) == ""
    assert bridge(host(), ["fdb", "show", "br", "docker0"]).count("docker0") > 5
    own = bridge(host(), ["fdb", "show", "dev", "vethab852c9"]).splitlines()
    assert own[0] == "1a:50:56:91:c5:f8 master docker0 permanent"


def test_settings_are_files_too():
    assert sysctl(host(), ["-n", "net.ipv4.ip_forward"]) == "1\n"
    assert sysctl(host(), ["net/ipv4/ip_forward"]) == "net.ipv4.ip_forward = 1\n"
    range_ = read_file(host(), "/proc/sys/net/ipv4/ip_local_port_range")
    assert range_ == "32768\t60999\n"
    assert read_file(web(), "/sys/class/net/eth0/iflink") == "5\n"
    assert read_file(host(), "/sys/class/net/lo/operstate") == "unknown\n"
    assert read_file(host(), "/sys/class/net/nosuch/mtu") is None


def test_ss_shows_one_protocol_without_its_name():
    lab = web_on_docker0()
    space = host_namespace(lab.world)
    assert ss(space, ["-lnt"]).splitlines()[0] == (
        "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess"
    )
    assert ss(space, ["-lnuH"]) == ""


def test_a_socket_of_both_families_is_a_star():
    space = Namespace(name="", sockets=(Socket("tcp", 9000),))
    assert ss(space, ["-l", "-n", "-t", "-H"]) == "LISTEN 0      4096   *:9000 *:*\n"


def test_ss_shows_udp_first_then_by_family_and_port():
    lab = Lab()
    lab.docker0()
    forms = [("::", 53, "udp"), ("::", 80, "tcp"), ("0.0.0.0", 80, "tcp")]
    lab.run(
        "a1",
        "bridge",
        "172.17.0.2",
        mappings=[
            mapping(ip_, port, "172.17.0.2", protocol=p) for ip_, port, p in forms
        ],
    )
    shown = ss(host_namespace(lab.world), ["-lntuH"]).splitlines()
    assert [line.split()[4] for line in shown] == ["[::]:53", "0.0.0.0:80", "[::]:80"]


def test_json_keeps_quotes_and_backslashes():
    assert json.loads(compact(['a"b\\c'])) == ['a"b\\c']


@given(labs())
def test_the_brief_and_the_json_format_of_ip_say_the_same(lab):
    for space in machine(lab.world).namespaces:
        links = json.loads(run(space, "-j link"))
        lines = run(space, "-br link").splitlines()
        assert [link["ifname"] for link in links] == [
            line.split()[0].split("@")[0] for line in lines
        ]
        addresses = json.loads(run(space, "-j addr"))
        brief = run(space, "-br addr").splitlines()
        for link, line in zip(addresses, brief, strict=True):
            shown = [f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"]]
            assert line.split()[2:] == shown


@given(labs())
def test_asking_ip_for_details_only_adds_fields(lab):
    for space in machine(lab.world).namespaces:
        for line in ("addr", "link"):
            plain = json.loads(run(space, f"-j {line}"))
            detailed = json.loads(run(space, f"-j -d {line}"))
            for one, more in zip(plain, detailed, strict=True):
                assert {key: more[key] for key in one} == one

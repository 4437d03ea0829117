"""What tools print on the host: recordings of a real engine, and the little shell.

The Worlds are made by hand, with the MACs and names of the recording, so that texts can
be compared letter by letter. Evened out are timers, counters and process ids, which
depend on the moment.
"""

import json
import re
from dataclasses import replace

import pytest

from minidock.model.daemon import daemon_options
from minidock.views.console import ConsoleOutput, container_command, host_command
from tests.topology.worlds import (
    RECORDINGS,
    Lab,
    lab_host,
    mapping,
    web_on_docker0,
)

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="the recordings of a real engine are not here"
)


def even(text):
    text = re.sub(r'(_timer"?:?) *[\d.]+', r"\1", text)
    text = re.sub(r"pid=\d+", "pid=", text)
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\[\d+:\d+\]", "[0:0]", text)


# -- the worlds of the recordings ------------------------------------------------------


def fresh():
    lab = Lab(lab_host("5e:ed:f4:1d:a6:7f"))
    lab.docker0("02:42:bd:d5:20:c9")
    return lab


def stopped():
    lab = web_on_docker0()
    lab.remove("web")
    return lab


def mynet():
    lab = Lab(lab_host("ca:f6:a2:36:df:cd"))
    lab.docker0("02:42:ff:b4:d4:21")
    lab.network(
        "mynet", "172.18.0.0/16", mac="02:42:04:17:68:17", bridge="br-9727f8ef59dc"
    )
    return lab


def options(scenario):
    found = json.loads((RECORDINGS / scenario).read_text())
    return daemon_options(found["dockerd_args"])


def bind_options():
    lab = Lab(
        lab_host("4e:23:75:5c:07:f3"), daemon=options("06c-daemon-bind-options.json")
    )
    lab.network("bridge", "10.200.0.0/24", mac="02:42:40:6c:86:a6", bridge="docker0")
    lab.run(
        "w1",
        "bridge",
        "10.200.0.128",
        veth="veth1c5de36",
        veth_mac="9a:ba:2f:af:73:b0",
        mappings=[mapping("127.0.0.1", 8080, "10.200.0.128")],
    )
    return lab


def bind_options_and_u1():
    lab = bind_options()
    lab.network(
        "u1", "172.17.0.0/16", mac="02:42:26:94:2e:e9", bridge="br-1e987d921ae2"
    )
    lab.run("w2", "u1", "172.17.0.2", veth="veth430eba3", veth_mac="52:2e:7c:30:07:22")
    return lab


def iptables_off():
    lab = Lab(lab_host("aa:ad:1d:4a:08:e2"), daemon=options("06d-iptables-off.json"))
    lab.docker0("02:42:46:50:e3:d6")
    lab.run(
        "w1", "bridge", "172.17.0.2", veth="veth1d79ba0", veth_mac="0a:2e:8c:09:00:09"
    )
    return lab


def ipv6():
    lab = Lab(lab_host("16:d6:83:a0:1c:21"), daemon=options("06e-ipv6-fixed-cidr.json"))
    lab.docker0("02:42:47:c9:a5:ad", subnet6="fd00:d0c::/64")
    lab.run(
        "w1",
        "bridge",
        "172.17.0.2",
        address6="fd00:d0c::242:ac11:2",
        veth="veth7829313",
        veth_mac="2e:14:92:43:02:e1",
        mappings=[
            mapping("0.0.0.0", 8080, "172.17.0.2"),
            mapping("::", 8080, "fd00:d0c::242:ac11:2"),
        ],
    )
    lab.run(
        "w2",
        "bridge",
        "172.17.0.3",
        address6="fd00:d0c::242:ac11:3",
        veth="vethe43b860",
        veth_mac="e6:35:4e:98:59:6d",
    )
    return lab


def attached():
    lab = Lab(lab_host("16:d6:83:a0:1c:21"))
    lab.docker0()
    for number, name in enumerate(("mnet", "anet", "znet", "aint")):
        lab.network(name, f"10.{number + 70}.0.0/24", internal=name == "aint")
    lab.run("c1", "mnet", "10.70.0.2")
    lab.run("c2", "mnet", "10.70.0.3")
    return lab


def attached_to(*more):
    lab = attached()
    lab.run("c0", "bridge", "172.17.0.2")
    addresses = {
        "znet": "10.72.0.2",
        "anet": "10.71.0.44",
        "aint": "10.73.0.2",
        "bridge": "172.17.0.3",
    }
    for name in more:
        lab.attach("c1", name, addresses[name])
    return lab


def ports():
    """The published ports of 14, all of one container."""
    lab = Lab(lab_host("22:14:45:70:0a:93"))
    lab.docker0()
    published = [("127.0.0.1", 8091, "tcp")]
    published += [
        (ip, 8081, kind) for ip in ("0.0.0.0", "::") for kind in ("tcp", "udp")
    ]
    for number in (8080, 8082, 8084):
        published += [("0.0.0.0", number, "tcp"), ("::", number, "tcp")]
    lab.run(
        "a1",
        "bridge",
        "172.17.0.2",
        mappings=[
            mapping(ip, number, "172.17.0.2", protocol=kind)
            for ip, number, kind in published
        ],
    )
    return lab


CASES = [
    ("01-fresh-engine.json", fresh, [*range(25, 32), *range(33, 37)]),
    ("02-published-port.json", web_on_docker0, [*range(9, 30), 36, 37, 39]),
    ("02-published-port.json", stopped, [65, 67]),
    ("03-default-pools.json", mynet, [3, 4, 5]),
    ("06c-daemon-bind-options.json", bind_options, range(5, 16)),
    ("06c-daemon-bind-options.json", bind_options_and_u1, [24, 25]),
    ("06d-iptables-off.json", iptables_off, range(2, 12)),
    ("06e-ipv6-fixed-cidr.json", ipv6, [*range(5, 26), *range(29, 39)]),
    ("08-networks-attach.json", attached, [*range(9, 17), 18, *range(22, 30), 31]),
    (
        "08-networks-attach.json",
        lambda: attached_to("znet"),
        [*range(80, 85), 86, 87, 89],
    ),
    ("08-networks-attach.json", lambda: attached_to("znet", "anet"), [95]),
    ("08-networks-attach.json", lambda: attached_to("znet", "anet", "aint"), [98]),
    (
        "08-networks-attach.json",
        lambda: attached_to("znet", "anet", "aint", "bridge"),
        [100],
    ),
]


@needs_recordings
@pytest.mark.parametrize(
    ("scenario", "number", "make"),
    [(name, number, make) for name, make, numbers in CASES for number in numbers],
    ids=[f"{name[:3]}-{number}" for name, _, numbers in CASES for number in numbers],
)
def test_the_tools_print_what_was_recorded(scenario, number, make):
    step = json.loads((RECORDINGS / scenario).read_text())["steps"][number]
    world = make().world
    output = (
        container_command(world, f"{step['container']}-id", step["cmd"])
        if step["kind"] == "ctr"
        else host_command(world, step["cmd"])
    )
    assert output is not None
    assert even(output.stdout) == even(step["stdout"])
    assert (output.stderr, output.code) == (step["stderr"], step["rc"])


@needs_recordings
def test_the_columns_of_ss_fit_their_longest_cell():
    step = json.loads((RECORDINGS / "14-reachability.json").read_text())["steps"][31]
    lines = [line for line in step["stdout"].splitlines() if ":9000" not in line]
    assert host_command(ports().world, step["cmd"]).stdout.splitlines() == lines


# -- the shell -------------------------------------------------------------------------


def on_host(line):
    return host_command(web_on_docker0().world, line)


def test_commands_run_one_after_the_other():
    both = on_host("ip rule; cat /etc/hostname")
    assert both.stdout == on_host("ip rule").stdout + "vm\n"


def test_a_pipe_filters():
    assert on_host("ip -br link | grep -v veth | wc -l").stdout == "3\n"
    assert on_host("ip rule | head -1").stdout == "0:\tfrom all lookup local\n"
    assert on_host("ip rule | tail -n1").stdout == "32767:\tfrom all lookup default\n"
    down = on_host("ip -br link | sort").stdout.splitlines()
    assert down == sorted(on_host("ip -br link").stdout.splitlines())


def test_grep_that_finds_nothing_fails_without_a_word():
    assert on_host("ip rule | grep nosuch") == ConsoleOutput(code=1)


def test_a_device_that_does_not_exist_is_an_error_of_the_tool():
    assert on_host("ip link show eth7") == ConsoleOutput(
        stderr='Device "eth7" does not exist.\n', code=1
    )


def test_sandboxes_are_files_while_their_containers_run():
    lab = web_on_docker0()
    lab.container("h1", mode="host")
    name = lab.world.containers["web-id"].sandbox[:12]
    shown = host_command(lab.world, "ls /var/run/docker/netns").stdout
    assert shown == f"{name}\ndefault\n"


def test_the_dns_server_listens_in_a_user_networks_sandbox():
    shown = container_command(attached().world, "c1-id", "ss -lntuH").stdout
    assert re.findall(r"(udp|tcp) .* 127\.0\.0\.11:", shown) == ["udp", "tcp"]


def test_the_store_that_is_not_in_use_is_empty():
    world = web_on_docker0().world
    legacy = replace(world, host=replace(world.host, legacy_firewall=True))
    for there, program in ((world, "legacy"), (legacy, "nft")):
        shown = host_command(there, f"iptables-{program}-save")
        assert shown.stdout == ""
        assert ("legacy tables present" in shown.stderr) == (program == "nft")
        assert "DOCKER" not in host_command(there, f"iptables-{program} -S").stdout


def test_legacy_rules_have_another_order_of_tables():
    world = web_on_docker0().world
    legacy = replace(world, host=replace(world.host, legacy_firewall=True))
    for program in ("iptables-legacy-save", "iptables-save"):
        shown = host_command(legacy, program).stdout
        assert re.findall(r"^\*(\w+)", shown, re.MULTILINE) == ["nat", "filter"]
    only = on_host("iptables-save -t nat").stdout
    assert re.findall(r"^\*(\w+)", only, re.MULTILINE) == ["nat"]


@pytest.mark.parametrize(
    "line",
    [
        "ip route add 10.0.0.0/8 dev eth0",
        "ip addr add 10.0.0.1/8 dev eth0",
        "ip link set docker0 down",
        "ip monitor",
        "ip -s link",
        "ip route show table local",
        "bridge vlan",
        "sysctl net.ipv4.tcp_syncookies",
        "sysctl -w net.ipv4.ip_forward=0",
        "cat /etc/shadow",
        "cat",
        "ss -tn",
        "ps aux",
        "curl http://127.0.0.1/",
        "ip rule | awk '{print}'",
        "ip rule > /tmp/file",
        "echo $(ip rule)",
        "iptables-save -c",
        "ip rule; reboot",
        'ip "rule',
        "",
    ],
)
def test_what_a_reading_cannot_know_has_no_answer(line):
    assert on_host(line) is None


def test_a_container_that_does_not_run_has_no_answer():
    lab = Lab()
    lab.container("off", status="exited")
    assert container_command(lab.world, "off-id", "ip addr") is None
    assert container_command(lab.world, "nosuch", "ip addr") is None


def test_what_an_image_exposes_makes_nothing_listen():
    lab = web_on_docker0()
    lab.expose("web", "80/tcp")
    output = container_command(lab.world, "web-id", "ss -lntu")
    assert output is not None
    assert output.stdout.startswith("Netid State")
    assert output.stdout.count("\n") == 1

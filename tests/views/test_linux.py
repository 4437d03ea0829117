"""The commands that build a machine: laws, the four steps, and a real kernel."""

import difflib
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.errors import NotFound
from minidock.host.machine import machine
from minidock.net.address import Address
from minidock.net.prefix import Prefix
from minidock.topology.namespace import Route
from minidock.views.bridge import bridge
from minidock.views.iproute import ip
from minidock.views.linux import attach_steps, build, firewall, linux, remove, stages
from minidock.views.linux_command import Command, batched
from tests.topology.strategies_topology import labs
from tests.topology.worlds import Lab, lab_host, web_on_docker0


def netns_made(commands):
    return [line.split()[-1] for line in commands if line.startswith("ip netns add ")]


def netns_used(line):
    found = re.findall(r"^ip -n (\S+)", line) + re.findall(
        r"^ip netns exec (\S+)", line
    )
    return found + re.findall(r" netns (minidock\S+)", line)


def texts(commands):
    return [str(command) for command in commands]


# -- the four steps --------------------------------------------------------------------


def test_a_containers_network_is_made_in_four_steps():
    lab = web_on_docker0()
    steps = attach_steps(lab.world, lab.world.containers["web-id"])
    named = {}
    for name, command in steps:
        named.setdefault(name, []).append(command)
    assert named == {
        "create a veth pair": [
            "ip link add vethab852c9 type veth peer name vethab852c9p address 02:42:ac:11:00:02"
        ],
        "attach one end to the bridge": [
            "ip link set vethab852c9 master docker0",
            "ip link set vethab852c9 up",
        ],
        "move the other end into the sandbox and rename it": [
            "ip link set vethab852c9p netns web",
            "ip -n web link set vethab852c9p name eth0",
        ],
        "give it its addresses and routes": [
            "ip -n web addr add 172.17.0.2/16 broadcast + dev eth0",
            "ip -n web link set eth0 up",
            "ip -n web route add default via 172.17.0.1 dev eth0",
        ],
    }


def test_the_four_steps_are_those_of_the_whole_build():
    lab = two_networks()
    built = texts(build(machine(lab.world)))
    for container in lab.world.containers.values():
        steps = attach_steps(lab.world, container, prefix="minidock")
        assert len({step.name for step in steps}) == 4
        assert all(step.command in built for step in steps)


def test_a_child_of_a_card_needs_no_bridge():
    engine = Engine()
    engine("network create -d macvlan --subnet 10.30.0.0/24 -o parent=eth0 wire")
    engine("run -d --name web --network wire nginx")
    container = next(iter(engine.world.containers.values()))
    steps = [step.command for step in attach_steps(engine.world, container)]
    index, mac = steps[0].split("tmp")[1].split()[0], steps[0].split()[-5]
    assert steps == [
        f"ip link add link eth0 name tmp{index} address {mac} type macvlan mode bridge",
        f"ip link set tmp{index} netns web",
        f"ip -n web link set tmp{index} name eth0",
        "ip -n web addr add 10.30.0.2/24 broadcast + dev eth0",
        "ip -n web link set eth0 up",
        "ip -n web route add default via 10.30.0.1 dev eth0",
    ]
    short = texts(c for s in stages(machine(engine.world), quick=True) for c in s)
    assert (
        f"ip -n minidock link add link eth0 name eth0 index {index} address {mac} "
        "netns minidock-web type macvlan mode bridge" in short
    )


def test_a_container_without_a_network_needs_no_steps():
    lab = Lab()
    lab.container("z1", mode="none")
    assert attach_steps(lab.world, lab.world.containers["z1-id"]) == []


# -- laws ------------------------------------------------------------------------------


@given(labs())
def test_removing_a_built_host_names_exactly_the_namespaces_that_were_made(lab):
    built, removed = linux(lab.world)
    made = netns_made(built)
    assert sorted(made) == sorted(line.split()[-1] for line in removed)
    assert len(set(made)) == len(made)
    assert all(line.startswith("ip netns delete ") for line in removed)


@given(labs())
def test_every_command_stays_inside_namespaces_that_were_made_before(lab):
    made = set()
    for line in linux(lab.world)[0]:
        if line.startswith("ip netns add "):
            made.add(line.split()[-1])
        else:
            assert netns_used(line), line
            assert set(netns_used(line)) <= made, line


@given(labs())
def test_every_interface_of_the_machine_is_made_once(lab):
    stands = machine(lab.world)
    made = [
        index
        for line in texts(build(stands))
        if " link add " in line
        for index in re.findall(r" index (\d+)", line)
    ]
    inside = [
        str(item.index)
        for space in stands.namespaces
        for item in space.interfaces
        if item.name != "lo"
    ]
    assert sorted(made) == sorted(inside)


def test_the_firewall_is_built_in_its_namespaces():
    lab = two_networks()
    rules = firewall(lab.world)
    web = machine(lab.world).sandbox("web").name
    assert set(rules) >= {"", web}
    built = build(machine(lab.world), rules)
    assert Command("minidock", "iptables-restore", text=rules[""][4]) in built
    assert Command("minidock-web", "iptables-restore", text=rules[web][4]) in built
    assert "*filter\n" in rules[""][4]
    assert "DOCKER_OUTPUT" in rules[web][4]


@given(labs(), st.booleans())
def test_batches_do_in_each_namespace_what_the_commands_do(lab, quick):
    for stage in stages(machine(lab.world), firewall(lab.world), quick=quick):
        few = batched(stage)
        assert len(few) <= len(stage)
        for netns in {command.netns for command in stage}:
            one_by_one = [c for c in stage if c.netns == netns]
            assert list(taken_apart(netns, few)) == one_by_one


def taken_apart(netns, commands):
    for command in commands:
        if command.netns != netns:
            continue
        if command.program == "ip":
            for line in command.text.splitlines():
                yield Command(netns, "ip", line)
        elif command.program == "sysctl":
            for word in shlex.split(command.words)[1:]:
                key = f"'{word}'" if " " in word else word
                yield Command(netns, "sysctl", f"-qw {key}")
        else:
            yield command


@given(labs())
def test_no_line_of_a_batch_starts_with_an_option(lab):
    """`ip -batch` has no -6 or -n inside."""
    for stage in stages(machine(lab.world), quick=True):
        for command in batched(stage):
            assert not any(line.startswith("-") for line in command.text.splitlines())


def test_without_the_proxy_a_port_of_a_bridge_may_send_frames_back():
    lab = two_networks()
    daemon = replace(lab.world.daemon, userland_proxy=False)
    world = replace(lab.world, daemon=daemon)
    for quick in (False, True):
        lines = texts(c for s in stages(machine(world), quick=quick) for c in s)
        ports = [
            line for line in lines if line.endswith("type bridge_slave hairpin on")
        ]
        assert len(ports) == 3
        assert (
            "ip netns exec minidock sysctl -qw net.ipv4.conf.docker0.route_localnet=1"
            in lines
        )
    proxied = texts(build(machine(lab.world)))
    assert not any(
        "hairpin" in line or "docker0.route_localnet" in line for line in proxied
    )


def test_settings_come_before_cables_and_those_of_an_interface_after_it():
    lab = two_networks()
    lines = texts(build(machine(lab.world)))
    off = lines.index(
        "ip netns exec minidock-web sysctl -qw net.ipv6.conf.default.disable_ipv6=1"
    )
    moved = next(
        n for n, line in enumerate(lines) if line.endswith(" netns minidock-web")
    )
    on = lines.index(
        "ip netns exec minidock-web sysctl -qw net.ipv6.conf.eth1.disable_ipv6=0"
    )
    assert off < moved < on


def test_no_name_or_setting_becomes_another_command_of_a_shell():
    engine = Engine()
    bad = "x;reboot"
    for line in (
        f"network create -o com.docker.network.bridge.name='{bad}' -o com.docker.network.container_iface_prefix='$(id)' n",
        f"run -d --name web --network n --sysctl 'net.ipv4.conf.all.x={bad}' nginx",
    ):
        assert engine(line).ok, line
    # what stands below a first line is the text of a here-document
    lines = [text.partition("\n")[0] for text in linux(engine.world)[0]]
    hostile = [line for line in lines if bad in line or "$(id)" in line]
    assert len(hostile) > 5
    for line in hostile:
        words = shlex.split(line.partition(" <<")[0])
        assert not any(word in {"reboot", "$", "id"} for word in words)
        assert bad in "\n".join(words) or "$(id)" in "\n".join(words)
        for plain in (bad, "$(id)"):
            assert re.sub(r"'[^']*'", "", line).count(plain) == 0


def test_machines_outside_may_have_a_route_to_what_lies_behind_the_host():
    lab = two_networks()
    back = Route(
        destination=Prefix.parse("172.17.0.0/16"),
        device="eth0",
        gateway=Address.parse("192.0.2.2"),
    )
    lines = texts(c for s in stages(machine(lab.world), ways_back=[back]) for c in s)
    assert (
        "ip -n minidock+outside route add 172.17.0.0/16 via 192.0.2.2 dev eth0" in lines
    )


# -- a real kernel ---------------------------------------------------------------------


def two_networks():
    lab = Lab(lab_host("52:9f:cc:32:79:6c"))
    lab.docker0()
    lab.network("mynet", "10.70.0.0/24", subnet6="fd00:7::/64", mtu=1400)
    lab.network("idle", "10.9.0.0/24")
    lab.run("web", "bridge", "172.17.0.2")
    lab.attach("web", "mynet", "10.70.0.2", address6="fd00:7::2")
    lab.run("db", "mynet", "10.70.0.3", address6="fd00:7::3")
    return lab


def run(line, text=None):
    return subprocess.run(
        shlex.split(line), input=text, capture_output=True, text=True, check=False
    )


def printed(stands, rules, prefix):
    """The script, as somebody would run it who typed `minidock linux | sh -e`."""
    lines = texts(build(stands, rules, prefix))
    return [run("sh -e", "".join(f"{line}\n" for line in lines))]


def few_programs(stands, rules, prefix):
    """The batches, as `minidock linux --apply` runs them."""
    return [
        run(str(command).partition(" <<")[0], command.text)
        for stage in stages(stands, rules, prefix, quick=True)
        for command in batched(stage)
    ]


@pytest.fixture(scope="module", params=[printed, few_programs])
def kernel(request):
    """The machine, standing in namespaces of a real kernel, and their prefix."""
    if shutil.which("ip") is None or shutil.which("bridge") is None:
        pytest.skip("iproute2 is not installed")
    prefix = f"md{os.getpid()}"
    if run(f"ip netns add {prefix}-probe").returncode:
        pytest.skip("making network namespaces needs root")
    probe = run(f"ip -n {prefix}-probe link add br0 type bridge")
    run(f"ip netns delete {prefix}-probe")
    if probe.returncode:
        pytest.skip("the kernel has no bridges")
    if not Path("/proc/sys/net/bridge").exists():
        pytest.skip("the kernel has no br_netfilter")
    if shutil.which("iptables-restore") is None:
        pytest.skip("iptables is not installed")
    world = two_networks().world
    stands = machine(world)
    try:
        for done in request.param(stands, firewall(world), prefix):
            assert (done.returncode, done.stderr) == (0, "")
        yield stands, prefix
    finally:
        for line in remove(stands, prefix):
            run(str(line))
    assert prefix not in run("ip netns list").stdout


_VARIES = {
    r"(_timer\"?:?) *[\d.]+": r"\1",
    # `ip` gives its links a queue, Docker does not.
    r"qlen 1000": "",
    r'"txqlen":1000,': "",
    r"link-netns(?:id)? \S+": "link-netns",
    r'"link_netnsid":\d+': '"link_netnsid"',
    # The check for duplicates is over when it is over.
    r"tentative ": "",
    r'"tentative":true,': "",
    r" +$": "",
}


def even(text):
    for pattern, instead in _VARIES.items():
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text


def unlike(real, ours):
    real, ours = even(real).splitlines(), even(ours).splitlines()
    return "\n".join(difflib.unified_diff(real, ours, "kernel", "ours", lineterm=""))


_LOOKING = [
    *("addr", "link", "-br addr", "-br link", "-4 addr", "-6 addr", "-o addr"),
    *("-o link", "-j addr", "-j link", "-j -br addr", "-j -br link", "-br -4 addr"),
    *("-br -6 addr", "-j -4 addr", "-j -6 addr", "-o -4 addr", "-o -6 addr"),
    *("-d link", "-d addr", "-j -d link", "-j -d addr", "-o -d link", "route"),
    *("-j route", "rule", "-6 rule", "-j rule", "link show type veth"),
    *("link show type bridge", "addr show dev lo", "route show dev eth0", "a s", "l"),
]


@pytest.mark.parametrize("words", _LOOKING)
def test_ip_on_a_real_kernel_prints_the_same(kernel, words):
    stands, prefix = kernel
    for space in stands.namespaces:
        name = f"{prefix}-{space.owner}" if space.name else prefix
        real = run(f"ip -n {name} {words}")
        assert not unlike(real.stdout, ip(space, words.split()))


def test_the_ipv6_routes_are_the_same_in_some_order(kernel):
    stands, prefix = kernel
    for space in stands.namespaces:
        name = f"{prefix}-{space.owner}" if space.name else prefix
        real = run(f"ip -n {name} -6 route").stdout.splitlines()
        assert sorted(real) == sorted(ip(space, ["-6", "route"]).splitlines())


@pytest.mark.parametrize("words", ["link", "-d link"])
def test_bridge_on_a_real_kernel_prints_the_same(kernel, words):
    stands, prefix = kernel
    real = run(f"ip netns exec {prefix} bridge {words}")
    assert not unlike(real.stdout, bridge(stands.host, words.split()))


def test_a_missing_device_is_the_same_error(kernel):
    stands, prefix = kernel
    for words in ("link show nosuch", "route show dev nosuch", "neigh show dev nosuch"):
        real = run(f"ip -n {prefix} {words}")
        with pytest.raises(NotFound) as caught:
            ip(stands.host, words.split())
        assert f"{caught.value}\n" == real.stderr
        assert real.returncode == 1

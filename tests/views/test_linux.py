"""The commands that build a machine: laws, the four steps, and a real kernel."""

import difflib
import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given

from minidock.errors import NotFound
from minidock.host.machine import machine
from minidock.views.bridge import bridge
from minidock.views.iproute import ip
from minidock.views.linux import attach_steps, build, firewall, linux, remove
from tests.topology.strategies_topology import labs
from tests.topology.worlds import Lab, lab_host, web_on_docker0


def netns_made(commands):
    return [line.split()[-1] for line in commands if line.startswith("ip netns add ")]


def netns_used(line):
    found = re.findall(r"ip -n (\S+)", line) + re.findall(r"netns exec (\S+)", line)
    return found + re.findall(r" netns (minidock\S+)", line)


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
    built = build(machine(lab.world))
    for container in lab.world.containers.values():
        steps = attach_steps(lab.world, container, prefix="minidock")
        assert len({step.name for step in steps}) == 4
        assert all(step.command in built for step in steps)


def test_a_container_without_a_network_needs_no_steps():
    lab = Lab()
    lab.container("z1", mode="none")
    assert attach_steps(lab.world, lab.world.containers["z1-id"]) == []


# -- laws ------------------------------------------------------------------------------


@given(labs())
def test_removing_names_exactly_the_namespaces_that_were_made(lab):
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
        for line in build(stands)
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
    assert all(f"ip netns exec minidock {line}" in built for line in rules[""])
    assert all(f"ip netns exec minidock-web {line}" in built for line in rules[web])


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


def run(line):
    return subprocess.run(line.split(), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def kernel():
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
    stands = machine(two_networks().world)
    try:
        failed = [(line, run(line)) for line in build(stands, prefix=prefix)]
        assert [line for line, done in failed if done.returncode] == []
        yield stands, prefix
    finally:
        for line in remove(stands, prefix):
            run(line)
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

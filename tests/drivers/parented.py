"""Hosts with macvlan and ipvlan networks, for the tests of several wings."""

from dataclasses import replace

from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.model.host import VIRTUAL_LINKS, HostInterface, sample_host
from minidock.net.mac import MAC

ERAS = ("17.12", "20.10", "28")


def docker(era="28", *, lacks=(), daemon_args=()):
    """An engine on a host with two cards, and busybox; its kernel may lack links."""
    card = HostInterface(name="eth1", index=9, mac=MAC.parse("52:54:00:00:02:09"))
    host = sample_host()
    host = replace(
        host,
        interfaces=(*host.interfaces, card),
        link_kinds=VIRTUAL_LINKS - set(lacks),
    )
    engine = Engine(era, host=host, daemon_args=daemon_args)
    assert engine("pull busybox").ok
    return engine


def must(engine, *lines):
    """Run lines that work; the last one's output."""
    for line in lines:
        output = engine(line)
        assert output.ok, f"{line}: {output.stderr}"
    return output.stdout.strip()


def refused(engine, line):
    """The reason that Docker gives for not doing it."""
    output = engine(line)
    assert not output.ok, line
    text = output.stderr.splitlines()[0].removeprefix("docker: ")
    return text.removeprefix("Error response from daemon: ").rstrip(".")


def lan(engine, *options, name="lan", subnet="192.0.2.0/24"):
    """A macvlan network on eth0, as most people make it."""
    words = ["network create -d macvlan -o parent=eth0", f"--subnet {subnet}"]
    return must(engine, " ".join([*words, *options, name]))


def run(engine, name, network, *options):
    words = ["run -d --name", name, "--network", network, *options]
    return must(engine, " ".join([*words, "busybox sleep 1000"]))


NETWORKS = st.sampled_from(["m1", "m2", "m3", "b1"])
NAMES = st.sampled_from(["c1", "c2", "c3"])
_PARENTS = st.sampled_from(
    ["", "eth0", "eth0", "eth1", "eth0.50", "eth1.7", "docker0", "lo", "nosuch"]
)
_MODES = st.sampled_from(
    [
        "",
        "-o macvlan_mode=private",
        "-o macvlan_mode=passthru",
        "-o ipvlan_mode=l3",
        "-o ipvlan_mode=l3s",
    ]
)
_SUBNETS = st.sampled_from(
    [
        "",
        "",
        "--subnet 10.7.0.0/24",
        "--subnet 10.8.0.0/24 --subnet 10.9.0.0/30",
        "--ipv6 --subnet fd00:7::/64 --subnet 10.6.0.0/29",
    ]
)
CREATE = st.builds(
    lambda driver, parent, mode, subnet, internal, name: " ".join(
        filter(
            None,
            (
                f"network create -d {driver}",
                f"-o parent={parent}" if parent else "",
                mode,
                subnet,
                "--internal" if internal else "",
                name,
            ),
        )
    ),
    st.sampled_from(["macvlan", "macvlan", "ipvlan", "bridge"]),
    _PARENTS,
    _MODES,
    _SUBNETS,
    st.booleans(),
    NETWORKS,
)
LINES = st.one_of(
    CREATE,
    CREATE,
    st.builds(
        "run -d --name {} --network {} {} busybox sleep 1000".format,
        NAMES,
        NETWORKS,
        st.sampled_from(["", "-p 80", "-p 8080:80"]),
    ),
    st.builds("network connect {} {}".format, NETWORKS, NAMES),
    st.builds("network disconnect {} {}".format, NETWORKS, NAMES),
    st.builds("network rm {}".format, NETWORKS),
    st.builds("rm -f {}".format, NAMES),
    st.builds("restart -t 0 {}".format, NAMES),
)
"""Lines that make, use and remove such networks; many of them are refused."""

_STARTS = st.builds(
    lambda driver, parent, subnet: [
        f"network create -d {driver} {parent} {subnet} m1",
        "run -d --name c1 --network m1 -p 8080:80 busybox sleep 1000",
        "network create b1",
        "run -d --name c2 --network b1 busybox sleep 1000",
        "network connect m1 c2",
    ],
    st.sampled_from(
        ["macvlan", "macvlan -o macvlan_mode=passthru", "ipvlan -o ipvlan_mode=l3"]
    ),
    st.sampled_from(["", "-o parent=eth0", "-o parent=eth1", "-o parent=eth0.50"]),
    _SUBNETS,
)
SESSIONS = st.builds(
    lambda start, rest: [*start, *rest], _STARTS, st.lists(LINES, max_size=8)
)
"""Sessions that begin with such a network in use."""

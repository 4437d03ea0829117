"""Random hosts with overlay networks: the model answers what the kernel's vxlan does.

The same with more of them: ``python -m tests.oracle.kernel --hosts --topologies 100``.
"""

import random
from collections import Counter

import pytest

from minidock.host.machine import machine
from minidock.topology.machine import broken
from minidock.views.linux_hosts import build_hosts, hosts_plan
from tests.oracle.kernel.clusters import cluster, compare_cluster, report
from tests.oracle.kernel.compare import missing
from tests.packet.hosts import two_hosts

SEED = 6


@pytest.mark.skipif(bool(missing()), reason=missing() or "a kernel is there")
@pytest.mark.parametrize("number", range(6))
def test_the_kernel_and_the_model_agree_across_hosts(number) -> None:
    drawn = cluster(random.Random(f"{SEED}/{number}"))
    rows = compare_cluster(drawn)
    assert all(row.agrees for row in rows), "\n".join(report(drawn, rows))
    assert len(rows) > 50


def test_the_series_has_tunnels_faults_and_borders() -> None:
    said: Counter[str] = Counter()
    for number in range(40):
        drawn = cluster(random.Random(f"{SEED}/{number}"))
        said.update({word for line in drawn.said for word in line.split()})
        for world in drawn.worlds:
            assert broken(machine(world)) == []
    for word in ("3", "internal=True", "also", "forgets", "iptables", "-p"):
        assert said[word], word


def test_a_vxlan_is_made_on_the_host_and_stands_in_the_networks_namespace() -> None:
    lines = list(map(str, build_hosts(two_hosts().worlds, "x")))
    text = "\n".join(lines)
    assert (
        "netns x1-1-ov00000000 type vxlan id 256 local 192.0.2.2 dstport 4789 "
        "proxy l2miss l3miss" in text
    )
    assert "fdb add 02:42:0a:00:00:03 dev vxlan0 dst 192.0.2.3 self permanent" in text
    assert (
        "neigh add 10.0.0.3 lladdr 02:42:0a:00:00:03 dev vxlan0 nud permanent" in text
    )


def test_a_plan_of_hosts_makes_what_it_removes_and_serves_in() -> None:
    made = hosts_plan(two_hosts().worlds, "x", probed=True)
    assert set(made.names) == {
        *("x+outside", "x1", "x2", "x1-c2", "x2-c3"),
        *("x1-1-ov00000000", "x2-1-ov00000000"),
    }
    assert made.names_command.text.count("netns add") == len(made.names)
    assert made.removal.text.count("netns delete") == len(made.names)
    assert {server.netns for server in made.servers} <= set(made.names)
    places = [server.place for server in made.servers]
    assert len(set(places)) == len(places)

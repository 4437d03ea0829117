"""Overlay networks on one host of a cluster: what commands decide, and refuse."""

import json
from dataclasses import replace

import pytest

from minidock.engine import Engine
from minidock.overlay.facts import REACHABLE, UNREACHABLE, Fact
from minidock.snapshot import read, write
from tests.overlay.hosts import Host

_LIST = "com.docker.network.driver.overlay.vxlanid_list"
_NO_VNI = "could not obtain vxlan id for pool 10.0.2.0/24:"


def _subnet(host: Host, name: str) -> str:
    line = "network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{end}}'"
    return host(f"{line} {name}")


def _vnis(host: Host, name: str) -> list[int]:
    network = next(n for n in host.world.networks.values() if n.name == name)
    assert network.overlay is not None
    return [subnet.vni for subnet in network.overlay.subnets]


def test_subnets_come_from_ten_and_a_bridge_may_have_the_same() -> None:
    host = Host()
    host("network create -d overlay ov1")
    host("network create -d overlay ov2")
    host("network create --subnet 10.0.0.0/24 br")
    assert _subnet(host, "ov1 ov2 br").split() == [
        "10.0.0.0/24",
        "10.0.1.0/24",
        "10.0.0.0/24",
    ]
    host("run -d --network br busybox")
    host("run -d --network ov1 busybox")


def test_a_removed_networks_subnet_and_vni_are_used_again_with_a_store() -> None:
    host = Host()
    before = host.cluster
    host("network create -d overlay ov1")
    host("run -d --name web --network ov1 busybox sleep 9d")
    assert _vnis(host, "ov1") == [256]
    host("rm -f web")
    host("network rm ov1")
    assert host.cluster.space == before.space
    assert (dict(host.cluster.vnis), dict(host.cluster.overlays)) == ({}, {})
    assert dict(host.cluster.sharers) == dict(host.cluster.subnet_owners) == {}


def test_a_vni_is_taken_by_the_first_container_of_each_subnet() -> None:
    host = Host()
    host("network create -d overlay ov0")
    subnets = "--subnet 10.97.0.0/29 --subnet 10.96.0.0/24"
    host(f"network create -d overlay {subnets} ov1")
    assert _vnis(host, "ov1") == [0, 0]
    host("run -d --network ov1 busybox sleep 9d")
    assert _vnis(host, "ov1") == [256, 0]
    host("run -d --network ov1 --ip 10.96.0.9 busybox sleep 9d")
    assert _vnis(host, "ov1") == [256, 257]
    assert _vnis(host, "ov0") == [0]


@pytest.mark.parametrize("era", ["17.12", "20.10", "28"])
def test_the_mac_of_an_overlay_endpoint_is_made_of_its_address(era: str) -> None:
    host = Host(era=era)
    host("network create -d overlay ov1")
    host("run -d --name web --network ov1 busybox sleep 9d")
    shown = json.loads(host("inspect web"))[0]["NetworkSettings"]["Networks"]
    assert list(shown) == ["ov1"]
    assert shown["ov1"]["MacAddress"] == "02:42:0a:00:00:02"
    assert shown["ov1"]["Gateway"] == ""


def test_the_way_out_carries_the_published_ports_and_is_no_network_of_inspect() -> None:
    host = Host()
    host("network create -d overlay ov1")
    host("run -d --name web -p 8080:80 --network ov1 busybox sleep 9d")
    web = next(host.world.containers_in_order())
    assert [(e.network, e.interface) for e in web.endpoints] == [
        ("ov1", "eth0"),
        ("docker_gwbridge", "eth1"),
    ]
    assert web.way_out is not None
    assert [m.host_port for m in web.way_out.mappings] == [8080, 8080]
    shown = json.loads(host("network inspect docker_gwbridge"))[0]
    assert shown["Containers"][web.id]["Name"] == f"gateway_{web.sandbox[:12]}"
    assert shown["IPAM"]["Config"] == [
        {"Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1"}
    ]
    host("stop web")
    assert "docker_gwbridge" in host("network ls")
    assert next(host.world.containers_in_order()).way_out is None
    host("start web")
    host("rm -f web")
    host("network rm docker_gwbridge")


def test_an_internal_overlay_has_no_way_out() -> None:
    host = Host()
    host("network create -d overlay --internal ov1")
    host("run -d --network ov1 -p 80 busybox sleep 9d")
    assert "docker_gwbridge" not in host("network ls")


def test_a_bridge_with_a_gateway_is_the_way_out_while_the_container_is_on_it() -> None:
    host = Host()
    host("network create -d overlay ov1")
    host("run -d --name web -p 8080:80 busybox sleep 9d")
    host("network connect ov1 web")
    assert _places(host) == ["bridge", "ov1"]
    host("network disconnect bridge web")
    assert _places(host) == ["docker_gwbridge", "ov1"]
    host("network connect bridge web")
    assert _places(host) == ["bridge", "ov1"]
    assert host("port web") == "80/tcp -> 0.0.0.0:8080\n80/tcp -> :::8080"
    host("network disconnect ov1 web")
    assert _places(host) == ["bridge"]


def _places(host: Host) -> list[str]:
    web = next(host.world.containers_in_order())
    return sorted(e.network for e in web.endpoints if e.attached)


def test_nobody_disconnects_the_way_out_and_a_connection_takes_its_place() -> None:
    host = Host()
    host("network create -d overlay ov1")
    host("run -d --name web --network ov1 busybox sleep 9d")
    text = host.refused("network disconnect docker_gwbridge web")
    assert "is not connected to network docker_gwbridge" in text
    host("network connect docker_gwbridge web")
    web = next(host.world.containers_in_order())
    assert web.way_out is None
    assert _places(host) == ["docker_gwbridge", "ov1"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("-d overlay ov1", "network with name ov1 already exists"),
        (
            "-d overlay --subnet 10.0.0.0/20 ov2",
            "Pool overlaps with other one on this address space",
        ),
        (
            f"-d overlay -o {_LIST}=5000 ov2",
            f"{_NO_VNI} requested bit is already allocated",
        ),
        (
            f"-d overlay -o {_LIST}=16777216 ov2",
            f"{_NO_VNI} requested id does not belong to the set",
        ),
        (
            f"-d overlay --subnet 10.7.0.0/24 --subnet 10.8.0.0/24 -o {_LIST}=7 ov2",
            "insufficient vnis(1) passed to overlay",
        ),
        (
            f"-d overlay -o {_LIST}=x ov2",
            'invalid vxlan id value "x" passed',
        ),
        (
            "-d overlay -o com.docker.network.driver.mtu=-1 ov2",
            "invalid MTU value: -1",
        ),
        (
            "-d overlay --scope local ov2",
            "cannot downgrade network scope for overlay networks",
        ),
    ],
)
def test_an_overlay_network_is_refused(line: str, text: str) -> None:
    host = Host()
    host("network create -d overlay ov1")
    host(f"network create -d overlay -o {_LIST}=5000 taken")
    before = host.cluster
    assert host.refused(f"network create {line}") == text
    assert host.cluster == before


def test_without_a_cluster_only_a_swarm_manager_makes_overlays() -> None:
    result = Engine("20.10")("network create -d overlay ov0")
    assert "This node is not a swarm manager." in result.stderr


def test_without_its_store_a_host_changes_no_overlay_but_lets_containers_go() -> None:
    host = Host()
    host("network create -d overlay ov1")
    host("network create -d overlay ov2")
    host("run -d --name web --network ov1 busybox sleep 9d")
    host("create --name late --network ov1 busybox sleep 9d")
    host.learn([Fact(UNREACHABLE, "connection refused")])
    before = host.cluster
    text = "the cluster store does not answer: connection refused"
    for line in (
        "network create -d overlay ov3",
        "network rm ov2",
        "network connect ov2 web",
        "start late",
    ):
        assert host.refused(line).endswith(text)
    assert host.cluster == before
    assert "ov2" not in host("network prune -f")
    host("network create br")
    host("stop web")
    host.learn([Fact(REACHABLE, "")])
    host("start web")
    host("network rm ov2")


def test_a_daemon_that_starts_again_joins_its_containers_anew() -> None:
    host = Host()
    host("network create -d overlay ov1")
    host("run -d --restart always -p 80:80 --name web --network ov1 busybox sleep 9d")
    before = host.cluster
    for graceful in (True, False):
        host.docker.restart_daemon(graceful=graceful)
        host.check()
        assert _places(host) == ["docker_gwbridge", "ov1"]
        assert host.cluster == before


def test_an_overlay_may_have_ipv6_besides() -> None:
    host = Host()
    host("network create -d overlay --ipv6 --subnet fd00:7::/64 ov1")
    host("run -d --name web --network ov1 busybox sleep 9d")
    endpoint = next(host.world.containers_in_order()).endpoint_on("ov1")
    assert endpoint is not None
    assert (str(endpoint.address), str(endpoint.address6)) == ("10.0.0.2", "fd00:7::2")
    host("rm -f web")
    host("network rm ov1")
    assert replace(host.cluster, last_vni=0) == Host().cluster


def test_encryption_and_an_mtu_of_ones_own_are_kept() -> None:
    host = Host()
    host("network create -d overlay -o encrypted ov1")
    host("network create -d overlay -o com.docker.network.driver.mtu=1400 ov2")
    settings = {n.name: n.overlay for n in host.world.networks.values() if n.overlay}
    assert [settings[name].link_mtu for name in ("ov1", "ov2")] == [1424, 1400]
    assert settings["ov1"].encrypted


def test_info_tells_the_store_without_its_password_and_where_the_host_is() -> None:
    host = Host()
    daemon = replace(host.world.daemon, cluster_store="etcd://me:secret@192.0.2.9:2379")
    host.world = replace(host.world, daemon=daemon)
    shown = host("info")
    assert "Cluster Store: etcd://192.0.2.9:2379\n" in shown
    assert "Cluster Advertise: 192.0.2.2:2376\n" in shown


def test_a_world_with_a_cluster_can_be_written_down() -> None:
    host, other = Host(2), Host(3)
    other("network create -d overlay ov1")
    other("run -d --network ov1 --name web busybox sleep 9d")
    host.hear(other)
    host("run -d --network ov1 busybox sleep 9d")
    assert read(write(host.world)) == host.world


def test_docker_gwbridge_is_in_use_by_the_ways_out() -> None:
    host = Host(era="28")
    host("network create -d overlay ov1")
    host("run -d --name web --network ov1 busybox sleep 9d")
    web = next(host.world.containers_in_order())
    text = host.refused("network rm docker_gwbridge")
    assert f'has active endpoints (name:"gateway_{web.sandbox[:12]}"' in text


def test_a_swarms_balancer_comes_with_the_first_container_and_goes_with_the_last() -> (
    None
):
    host = Host(swarm=True)
    host("network create -d overlay --attachable ov1")
    host.docker.advance(1)  # the sandbox of ingress is there
    before = host.cluster
    host("run -d --name one --network ov1 busybox sleep 9d")
    host("run -d --name two --network ov1 busybox sleep 9d")
    ov1 = next(n for n in host.world.networks_in_order() if n.name == "ov1")
    assert str(host.cluster.balancers.get(ov1.id)) == "10.0.1.3"
    host("rm -f one")
    assert ov1.id in host.cluster.balancers
    host("stop two")
    assert host.cluster == before

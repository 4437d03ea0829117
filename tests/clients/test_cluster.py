"""Three engines that share a registry, and the real docker program on each of them."""

import json
import re
import time

import pytest

from tests.clients.conftest import Served
from tests.golden.serving import program
from tests.registry.servers import EtcdServer, needs_etcd
from tests.registry.zookeeper_server import ZooKeeperServer, needs_zookeeper

_STORES = [
    pytest.param(EtcdServer, marks=needs_etcd, id="etcd"),
    pytest.param(ZooKeeperServer, marks=needs_zookeeper, id="zookeeper"),
]
_PATIENCE = 20.0


@pytest.fixture(params=_STORES)
def hosts(request, tmp_path):
    """Three `minidock serve` on one store, and docker on each."""
    docker = program("28") or program("20.10")
    if docker is None:
        pytest.skip("docker is not installed")
    store = request.param(tmp_path)
    store.start()
    made = []
    try:
        for number in (11, 12, 13):
            flags = (
                f"--cluster-store={store.url}",
                f"--cluster-advertise=192.0.2.{number}:2376",
            )
            made.append(Served("28", *flags))

        yield Hosts(made, docker)
    finally:
        for one in made:
            one.close()
        store.kill()


class Hosts:
    """The docker program on each of the hosts, which count from 1."""

    def __init__(self, made, docker):
        self._made = made
        self._docker = docker

    def __call__(self, number, line):
        return self._made[number - 1].run(self._docker, *line.split())

    def end(self, number):
        """End a host in good order."""
        process = self._made[number - 1].process
        process.terminate()
        process.wait(20)


def until(ask, wanted):
    """What another host did is seen in a moment; what was seen at the end."""
    end = time.monotonic() + _PATIENCE
    while True:
        seen = ask()
        if wanted(seen) or time.monotonic() > end:
            return seen
        time.sleep(0.05)


def test_containers_on_different_hosts_meet_on_an_overlay_network(hosts):
    made = hosts(1, "network create -d overlay --attachable ov")
    assert re.fullmatch(r"[0-9a-f]{64}\n", made.out), made
    ran = hosts(2, "run -d --name c2 --network ov nginx")
    assert ran.code == 0, ran
    ran = hosts(3, "run -d --name c3 --network ov busybox sleep 10000")
    assert ran.code == 0, ran

    # every host tells the same story
    for number in (1, 2, 3):
        listed = hosts(number, "network ls --format {{.Name}}:{{.Driver}}:{{.Scope}}")
        assert "ov:overlay:global" in listed.out.split()
        shown = until(
            lambda number=number: json.loads(hosts(number, "network inspect ov").out)[
                0
            ],
            lambda seen: len(seen["Containers"]) == 2,
        )
        assert shown["Id"] == made.out.strip()
        assert shown["IPAM"]["Config"] == [
            {"Subnet": "10.0.0.0/24", "Gateway": "10.0.0.1"}
        ]
        places = {item["Name"]: item for item in shown["Containers"].values()}
        assert places["c2"]["IPv4Address"] == "10.0.0.2/24"
        assert places["c3"]["IPv4Address"] == "10.0.0.3/24"

    # and packets and names cross
    pinged = hosts(3, "exec c3 ping -c 2 c2")
    assert pinged.code == 0, pinged
    assert "PING c2 (10.0.0.2)" in pinged.out
    assert "2 packets transmitted, 2 packets received, 0% packet loss" in pinged.out
    fetched = hosts(3, "exec c3 wget -qO- http://c2")
    assert "You reached the container c2." in fetched.out, fetched

    # what one host has, no other may take
    taken = hosts(1, "run -d --name c2 nginx")
    assert taken.code == 125
    assert 'The container name "/c2" is already in use' in taken.err
    used = hosts(1, "network rm ov")
    assert "has active endpoints" in used.err

    # and when all is removed, nothing is left anywhere
    assert hosts(2, "rm -f c2").code == 0
    assert hosts(3, "rm -f c3").code == 0
    assert hosts(1, "network rm ov").out == "ov\n"
    for number in (2, 3):
        seen = until(
            lambda number=number: hosts(number, "network ls -q --filter name=ov").out,
            lambda text: not text,
        )
        assert seen == ""


def test_a_host_that_ends_in_good_order_leaves_its_addresses_to_the_others(hosts):
    assert hosts(1, "network create -d overlay ov").code == 0
    assert hosts(2, "run -d --name c2 --network ov nginx").code == 0
    hosts.end(2)
    # its name and its address are free at once
    ran = hosts(3, "run -d --name c2 --network ov nginx")
    assert ran.code == 0, ran
    assert hosts(3, "exec c2 hostname -i").out == "10.0.0.2\n"

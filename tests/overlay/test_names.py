"""A container's name is one host's: renamed, lost to another one, and had again.

```
host one ── cut off for longer than its lease ──▶ comes back: the name is another's
host two ────── takes the name ─────────────────▶ its container off the network
```
"""

import pytest

from minidock import Engine
from minidock.cluster.checks import Registry, at_rest, together, told
from minidock.cluster.simulated import SimulatedCluster
from minidock.commands.invariants import broken
from minidock.overlay import keys
from minidock.registry.memory import MemoryStore
from tests.overlay.failing import Failing


class Pair:
    """Two hosts on one store, which does not answer the first one if it is cut off."""

    def __init__(self):
        self._time = 0.0
        self.store = MemoryStore(clock=lambda: self._time)
        self._end = Failing(self.store)
        self.one = self._host(11, self._end)
        self.two = self._host(12, self.store)
        assert self.two("network create -d overlay ov").ok
        self.settle()

    def _host(self, number, store):
        docker = Engine(
            registry=store,
            advertise=f"192.0.2.{number}:2376",
            seed=f"host{number}",
            clock=lambda: self._time,
            ttl=20,
        )
        assert docker("pull -q busybox").ok
        return docker

    def cut_off(self, seconds=30):
        """The first host does not reach the store, for so long."""
        self._end.arm(1, stays_down=True)
        for _ in range(0, seconds, 5):
            self._time += 5
            self.two.membership.session.beat()
            self.one.hear()

    def heal(self):
        self._end.heal()
        self._time += 2
        self.settle()

    def settle(self):
        for _ in range(3):
            for docker in (self.one, self.two):
                docker.membership.session.beat()
                docker.hear()

    def check(self):
        self.settle()
        registry = Registry.read(self.store.list("docker"))
        worlds = {"one": self.one.world, "two": self.two.world}
        found = [*at_rest(registry), *together(worlds)]
        for docker in (self.one, self.two):
            where = docker.world.cluster.advertise
            found += told(where, docker.world, registry) or broken(docker.world)
        assert not found, found

    def on_the_network(self):
        registry = Registry.read(self.store.list("docker"))
        return {
            (peer.name, peer.advertise.partition(":")[0][-2:])
            for peer in registry.endpoints.values()
        }


def must(docker, line):
    output = docker(line)
    assert output.ok, output
    return output.stdout.strip()


def refusal(docker, line):
    output = docker(line)
    assert not output.ok, output
    return output.stderr


RUN = "run -d --network ov --name {} busybox sleep 9d"
TAKEN = (
    'Conflict. The container name "/aa" is already in use by container '
    '"192.0.2.12:2376/aa". You have to remove (or rename) that container to be able '
    "to reuse that name."
)


# --- renamed --------------------------------------------------------------------------


def test_others_find_a_renamed_container_by_its_new_name():
    pair = Pair()
    must(pair.one, RUN.format("aa"))
    must(pair.two, RUN.format("probe"))
    assert "10.0.0.2" in must(pair.two, "exec probe getent hosts aa")
    must(pair.one, "rename aa bb")
    pair.check()
    assert "10.0.0.2" in must(pair.two, "exec probe getent hosts bb")
    assert not pair.two("exec probe getent hosts aa").ok
    must(pair.two, "create --name aa busybox")  # the old name is free
    pair.check()


def test_a_refused_rename_leaves_the_name_that_others_know():
    pair = Pair()
    must(pair.one, RUN.format("bb"))
    must(pair.two, "create --name aa busybox")
    assert TAKEN in refusal(pair.one, "rename bb aa")
    assert pair.on_the_network() == {("bb", "11")}
    pair.check()


def test_a_rename_costs_one_look_and_one_change_for_each_network():
    pair = Pair()
    must(pair.one, RUN.format("aa"))
    before = pair._end.asked
    must(pair.one, "rename aa bb")
    with_network = pair._end.asked - before
    must(pair.one, "create --name cc busybox")
    before = pair._end.asked
    must(pair.one, "rename cc dd")
    assert with_network - (pair._end.asked - before) == 2


def test_a_name_is_refused_as_clearly_the_second_time():
    pair = Pair()
    must(pair.two, "create --name aa busybox")
    for _ in range(3):
        before = pair.one.membership.session.retries
        assert TAKEN in refusal(pair.one, "create --name aa busybox")
        assert pair.one.membership.session.retries - before == 1
    must(pair.two, "rm aa")
    must(pair.one, "create --name aa busybox")


# --- lost to another host -------------------------------------------------------------


def lost_name(second="create --name aa busybox"):
    """The first host has ``aa`` on ``ov``, and lost the name while it was cut off."""
    pair = Pair()
    must(pair.one, RUN.format("aa"))
    pair.cut_off()
    must(pair.two, second)
    pair.heal()
    pair.check()
    return pair


@pytest.mark.parametrize("second", ["create --name aa busybox", RUN.format("aa")])
def test_who_lost_its_name_goes_on_running_and_is_off_the_network(second):
    pair = lost_name(second)
    assert pair.on_the_network() <= {("aa", "12")}
    assert must(pair.one, "ps --format '{{.Names}} {{.State}}'") == "aa running"
    shown = must(pair.one, "inspect -f '{{json .NetworkSettings.Networks.ov}}' aa")
    assert '"IPAddress":""' in shown
    seen = [(e.type, e.action) for e in pair.one.events]
    assert ("network", "disconnect") in seen


def test_who_lost_its_name_keeps_a_network_of_its_own_host():
    pair = Pair()
    must(pair.one, RUN.format("aa"))
    must(pair.one, "network connect bridge aa")
    pair.cut_off()
    must(pair.two, "create --name aa busybox")
    pair.heal()
    address = "inspect -f '{{.NetworkSettings.Networks.bridge.IPAddress}}' aa"
    assert must(pair.one, address) == "172.17.0.2"
    pair.check()


@pytest.mark.parametrize("line", ["restart -t 0 aa", "network connect ov aa"])
def test_who_lost_its_name_is_refused_on_networks_of_the_cluster(line):
    pair = lost_name()
    assert TAKEN in refusal(pair.one, line)
    assert pair.on_the_network() == set()
    pair.check()


def test_a_stopped_container_that_lost_its_name_is_not_started():
    pair = lost_name()
    must(pair.one, "stop -t 0 aa")
    assert TAKEN in refusal(pair.one, "start aa")
    why = must(pair.one, "inspect -f '{{.State.Error}}' aa")
    assert why == f"failed to set up container networking: {TAKEN}"
    pair.check()


def test_with_another_name_it_may_join_again():
    pair = lost_name()
    must(pair.one, "rename aa bb")
    must(pair.one, "restart -t 0 bb")
    assert pair.on_the_network() == {("bb", "11")}
    pair.check()


def test_once_the_name_is_free_it_is_had_again():
    pair = lost_name()
    must(pair.two, "rm aa")
    must(pair.one, "restart -t 0 aa")
    assert pair.on_the_network() == {("aa", "11")}
    pair.check()
    assert "192.0.2.11:2376/aa" in refusal(pair.two, "create --name aa busybox")


def test_a_lost_name_of_a_container_that_is_removed_is_forgotten():
    pair = lost_name()
    must(pair.one, "rm -f aa")
    must(pair.two, "rm aa")
    must(pair.one, "create --name aa busybox")
    pair.check()


def test_while_a_name_is_lost_only_that_name_is_asked_for_again():
    pair = lost_name()
    for number in range(4):
        must(pair.one, RUN.format(f"c{number}"))
    pair.settle()
    before = pair._end.asked
    pair.one.hear()
    assert pair._end.asked - before == 2  # it cannot be made: who has it?


def test_who_comes_back_with_a_lost_name_stays_down():
    cluster = SimulatedCluster(2)
    assert cluster[0]("network create -d overlay ov").ok
    assert cluster[1]("run -d --restart always --name aa --network ov nginx").ok
    cluster.crash(1)
    cluster.advance(30)
    assert cluster[0]("create --name aa nginx").ok
    cluster.restart(1)
    cluster.check()
    assert cluster[1]("ps -q").stdout == ""
    text = cluster[1]("inspect -f {{.State.Error}} aa").stdout
    assert text.startswith('Conflict. The container name "/aa" is already in use')


def test_two_that_lost_and_took_a_name_are_never_both_on_a_network():
    # The registry is looked at after each of its changes.
    seen = []

    class Watched(MemoryStore):
        def create(self, key, value, lease=None):
            version = super().create(key, value, lease)
            peers = Registry.read(self.list("")).endpoints.values()
            seen.append({peer.container_id for peer in peers if peer.name == "aa"})
            return version

    cluster = SimulatedCluster(3, store=Watched)
    assert cluster[0]("network create -d overlay ov").ok
    assert cluster[1]("run -d --name aa --network ov nginx").ok
    cluster.partition([0, 2], [1])
    cluster.advance(30)
    assert cluster[2]("run -d --name aa --network ov nginx").ok
    cluster.heal()
    cluster.advance(10)
    cluster.check()
    assert max(map(len, seen)) == 1
    assert cluster.network.store.get(keys.container("aa"))


def test_a_host_that_comes_back_to_a_network_that_is_just_being_removed_starts():
    cluster = SimulatedCluster(3)
    assert cluster[2]("network create -d overlay ov").ok
    assert cluster[1]("run -d --restart always --name aa --network ov nginx").ok
    cluster.crash(1)
    cluster.advance(30)
    key = next(key for key, _ in cluster.network.store.list(keys.NETWORKS).entries)

    def closed():
        return '"inDelete":true' in cluster.network.store.get(key).value

    cluster.network.at(0.0, lambda: die_when(cluster, closed))
    cluster.schedule([(0, "network rm ov")])
    assert closed()
    cluster.restart(1)
    assert cluster[1]("ps -aq").stdout
    cluster.check()


def die_when(cluster, condition):
    """The first host crashes as soon as something is so."""
    if condition():
        return cluster.crash(0)
    cluster.network.at(0.001, lambda: die_when(cluster, condition))
    return None

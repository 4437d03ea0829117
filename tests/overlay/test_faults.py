"""The registry fails at each step of each command, before or after what it did.

A command asks the registry a handful of questions. Here each of them fails once, in two
ways: it never arrived, or it was done and the answer was lost. Whatever happens, the
command is done or refused, and the next one works.
"""

from itertools import count

import pytest

from minidock import Engine
from minidock.cluster.checks import Registry, at_rest, together
from minidock.errors import Conflict
from minidock.overlay import keys
from minidock.registry.memory import MemoryStore
from tests.overlay.failing import Failing, How
from tests.overlay.pairs import SETUPS, Pair


@pytest.mark.parametrize("story", SETUPS)
@pytest.mark.parametrize("stays_down", [False, True], ids=["once", "for a while"])
@pytest.mark.parametrize("how", [How.REQUEST, How.REPLY])
def test_whatever_the_store_does_not_answer_the_next_command_works(
    story, how, stays_down
):
    before, command = SETUPS[story]
    for number in count(1):
        pair = Pair(before)
        pair.failing.arm(number, how, stays_down=stays_down)
        output = pair.one(command)
        asked = pair.failing.asked
        pair.failing.heal()
        if not output.ok:
            assert "connection refused" in output.stderr or "lost" in output.stderr, (
                number,
                output,
            )
        pair.check()
        again = pair.one(command)
        works = again.ok or "already" in again.stderr or "not found" in again.stderr
        works = works or "No such container" in again.stderr
        assert works, (number, output, again)
        pair.check()
        pair.check_empty()
        if asked < number:
            assert output.ok
            assert number > 1, "the command asked nothing of the store"
            return


@pytest.mark.parametrize("story", SETUPS)
def test_a_lease_that_the_store_ends_early_costs_no_command(story):
    time = [0.0]
    store = MemoryStore(clock=lambda: time[0])
    before, command = SETUPS[story]
    pair = Pair(before, store)
    time[0] += 100  # for the hosts, whose clocks stand still, no time has passed
    output = pair.one(command)
    assert output.ok, output
    for engine in (pair.one, pair.two):
        engine.membership.session.beat()
    pair.check()
    pair.check_empty()


def test_a_second_host_cannot_advertise_the_address_of_the_first():
    store = MemoryStore()
    first = Engine(registry=store, advertise="192.0.2.11:2376")
    with pytest.raises(Conflict, match="another host of the cluster advertises"):
        Engine(registry=store, advertise="192.0.2.11:2376", seed="another")
    first.close()
    Engine(registry=store, advertise="192.0.2.11:2376", seed="another")


def test_a_host_starts_without_its_store_and_joins_once_that_is_there():
    store = MemoryStore()
    failing = Failing(store)
    failing.arm(1, stays_down=True)
    docker = Engine(registry=failing, advertise="192.0.2.11:2376")
    refused = docker("network create -d overlay ov")
    assert not refused.ok
    assert "connection refused" in refused.stderr
    refused = docker("create --name web busybox")
    assert not refused.ok
    assert "connection refused" in refused.stderr
    failing.heal()
    assert docker("network create -d overlay ov").ok
    assert docker("run -d --name web nginx").ok
    assert store.get(keys.container("web"))


def test_an_entry_of_another_program_is_told_and_does_no_harm():
    store = MemoryStore()
    store.put(keys.network("f" * 64), "\x00 no JSON")
    store.put(keys.address("GlobalDefault/10.0.0.0/24", "10.0.0.2"), "[]")
    docker = Engine(registry=store, advertise="192.0.2.11:2376")
    assert docker("network create -d overlay ov").ok
    assert docker("run -d --name web --network ov nginx").ok


def test_who_is_away_longer_than_its_lease_loses_what_others_took():
    time = [0.0]
    store = MemoryStore(clock=lambda: time[0])
    failing = Failing(store)

    def host(number, registry):
        engine = Engine(
            registry=registry,
            advertise=f"192.0.2.{number}:2376",
            clock=lambda: time[0],
            ttl=20,
        )
        assert engine("pull -q nginx").ok
        return engine

    one, two = host(11, failing), host(12, store)
    assert one("network create -d overlay ov").ok
    assert one("run -d --name aa --network ov nginx").ok
    failing.arm(1, stays_down=True)  # it is cut off
    for _ in range(6):
        time[0] += 5
        two.membership.session.beat()
    assert two("run -d --name bb --network ov nginx").ok
    shown = two("inspect -f '{{.NetworkSettings.Networks.ov.IPAddress}}' bb").stdout
    assert shown == "10.0.0.2\n"  # the lowest one, which was a's
    assert not one.membership.session.valid
    failing.heal()
    time[0] += 2
    one.hear()
    one.hear()
    shown = one("inspect -f '{{json .NetworkSettings.Networks}}' aa").stdout
    assert "10.0.0.2" not in shown
    registry = Registry.read(store.list("docker"))
    assert not list(at_rest(registry))
    assert not list(together({"one": one.world, "two": two.world}))


def test_who_has_more_to_take_again_than_a_lease_lasts_keeps_its_lease():
    time = [0.0]

    class Slow(MemoryStore):
        """Each request for an entry takes a second."""

        def create(self, *words):
            time[0] += 1
            return super().create(*words)

    store = Slow(clock=lambda: time[0])
    options = {"registry": store, "advertise": "192.0.2.11:2376"}
    docker = Engine(**options, clock=lambda: time[0], ttl=20)
    assert docker("pull -q nginx").ok
    for number in range(30):
        assert docker(f"create --name c{number} nginx").ok
        docker.membership.session.beat()
    time[0] += 60
    before = time[0]
    docker.hear()
    assert time[0] - before > 30
    assert len(Registry.read(store.list("docker")).names) == 30
    assert docker.membership.session.valid

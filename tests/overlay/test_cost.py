"""What a command costs in the registry, and what a lost race costs."""

from collections.abc import Callable

import pytest

from minidock.cluster.checks import Registry, at_rest
from minidock.engine import Engine
from minidock.overlay import keys
from minidock.registry.memory import MemoryStore
from minidock.registry.store import Entry, Lease, Listing

_RUN = "run -d --name {} --network {} busybox sleep 9d"


class _Counting(MemoryStore):
    """Counts the verbs that cost a round trip, and lets others act before one."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.before: dict[str, Callable[[], object]] = {}

    def _called(self, verb: str, key: str) -> None:
        call = f"{verb} {keys.read(key).kind}"
        self.calls.append(call)
        self.before.pop(call, bool)()

    def get(self, key: str) -> Entry:
        self._called("get", key)
        return super().get(key)

    def create(self, key: str, value: str, lease: Lease | None = None) -> int:
        self._called("create", key)
        return super().create(key, value, lease)

    def compare_and_swap(
        self, key: str, value: str, version: int, lease: Lease | None = None
    ) -> int:
        self._called("swap", key)
        return super().compare_and_swap(key, value, version, lease)

    def delete(self, key: str) -> None:
        self._called("delete", key)
        super().delete(key)

    def compare_and_delete(self, key: str, version: int) -> None:
        self._called("delete", key)
        super().compare_and_delete(key, version)

    def list(self, prefix: str, after: str = "") -> Listing:
        self.calls.append("list")
        return super().list(prefix, after)


def _host(store: MemoryStore, number: int) -> Engine:
    docker = Engine("20.10", registry=store, advertise=f"192.0.2.{number}:2376")
    docker("pull busybox")
    return docker


def _cost(store: _Counting, docker: Engine, line: str) -> int:
    store.calls.clear()
    result = docker(line)
    assert result.ok, result
    return len(store.calls)


@pytest.fixture(params=[0, 40], ids=["alone", "with 40 networks and endpoints"])
def crowd(request: pytest.FixtureRequest) -> tuple[_Counting, Engine]:
    """A store that others use, and a host that has one container on one network."""
    store = _Counting()
    other = _host(store, 9)
    for number in range(request.param):
        other(f"network create -d overlay n{number}")
        other(_RUN.format(f"far{number}", f"n{number}"))
    docker = _host(store, 2)
    docker("network create -d overlay ov")
    docker(_RUN.format("c1st", "ov"))
    return store, docker


_MOST = {
    # its name, address and endpoint, and a look whether the network is open
    _RUN.format("web", "ov"): 4,
    # its endpoint, address and name
    "rm -f web": 3,
    # the cluster's subnets, the overlay, the network, and the subnets once more
    "network create -d overlay new": 4,
    # two lists to follow it, its VNI and the overlay, and as above
    _RUN.format("first", "new"): 8,
    "rm -f first": 3,
    # docker asks what it is: two lists to follow it; it is closed (2) and nobody is on
    # it (1); two entries go; subnets and VNIs (4)
    "network rm new": 11,
}
"""How many round trips each command may cost."""


def test_the_round_trips_of_a_command_do_not_grow_with_the_cluster(
    crowd: tuple[_Counting, Engine],
) -> None:
    store, docker = crowd
    for line, most in _MOST.items():
        assert _cost(store, docker, line) <= most, (line, store.calls)


def test_a_host_that_lost_a_race_learns_at_once_all_that_others_took() -> None:
    store = _Counting()
    a, b = _host(store, 2), _host(store, 3)
    a("network create -d overlay ov")
    a(_RUN.format("a1", "ov"))
    b(_RUN.format("b1", "ov"))

    def meanwhile() -> None:
        for number in range(2, 10):
            assert b(_RUN.format(f"b{number}", "ov")).ok

    store.before["create address"] = meanwhile
    assert a.membership is not None
    before = a.membership.session.retries
    assert a(_RUN.format("a2", "ov")).ok
    assert a.membership.session.retries - before == 1


def test_whoever_repairs_leaves_a_vni_alone_that_is_about_to_be_entered() -> None:
    """Two hosts are at one network: one joins it, one clears up behind its maker."""
    store = _Counting()
    maker, joins, repairs = (_host(store, number) for number in (2, 3, 4))
    maker("network create -d overlay ov")

    def meanwhile() -> None:
        maker.close()
        repairs.hear()

    store.before["swap overlay"] = meanwhile
    assert joins(_RUN.format("web", "ov")).ok
    assert list(at_rest(Registry.read(store.list("docker")))) == []


def test_a_host_whose_vni_another_one_took_first_has_nothing_to_undo() -> None:
    store = _Counting()
    a, b = _host(store, 2), _host(store, 3)
    for name in ("zero", "one", "two"):
        a(f"network create -d overlay {name}")
    a(_RUN.format("a0", "zero"))
    store.before["swap vnis"] = lambda: b(_RUN.format("b1", "two"))
    store.calls.clear()
    assert a(_RUN.format("a1", "one")).ok
    assert store.calls.count("swap vnis") == 3
    assert store.calls.count("get overlay") == 0, store.calls

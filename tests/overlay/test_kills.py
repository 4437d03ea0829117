"""A host dies at each step of a command, or its disk loses what the registry has.

```
            registry    disk
command ──▶ done    ──▶ not written down     the next life does not know the command,
                                             and draws its identifiers from where the
                                             last one did
```
"""

from itertools import count

import pytest

from minidock import Engine
from minidock.cluster.checks import Registry, at_rest, left_over, told
from minidock.registry.errors import Unavailable
from minidock.registry.memory import MemoryStore
from tests.overlay.failing import Failing, How
from tests.overlay.pairs import SETUPS


class Killed(BaseException):
    """The process has ended here."""


class Deadly(Failing):
    """A store that kills whoever asks the n-th question, whatever becomes of that."""

    def _ask(self, verb, *words):
        try:
            return super()._ask(verb, *words)
        except Unavailable as error:
            raise Killed from error


class Forgetful(MemoryStore):
    """A disk that is full for a moment."""

    full = False

    def write(self, entries):
        if self.full:
            raise OSError(28, "No space left on device")
        super().write(entries)


class Lives:
    """One host with a disk, which starts again after its end."""

    def __init__(self, *, restarts=True):
        self.time = 0.0
        self.store = MemoryStore(clock=self.clock)
        self.registry = Deadly(self.store)
        self.disk = Forgetful()
        self.restarts = restarts
        self.docker = self.start()
        assert self.docker("pull -q nginx").ok

    def start(self):
        return Engine(
            store=self.disk,
            registry=self.registry,
            advertise="192.0.2.11:2376",
            clock=self.clock,
            ttl=20,
        )

    def clock(self):
        return self.time

    def live(self, seconds):
        """Let time pass."""
        for _ in range(seconds // 5):
            self.time += 5
            self.docker.membership.session.beat()
            self.docker.hear()

    def again(self):
        self.registry.heal()
        self.docker = self.start()
        if self.restarts:
            self.docker.start_daemon()

    def check(self):
        for _ in range(3):
            self.docker.hear()
        registry = Registry.read(self.store.list("docker"))
        found = [*at_rest(registry), *told("one", self.docker.world, registry)]
        assert not found, found

    def check_empty(self):
        for name in self.docker("ps -aq").stdout.split():
            assert self.docker(f"rm -f {name}").ok
        for name in self.docker("network ls -qf driver=overlay").stdout.split():
            assert self.docker(f"network rm {name}").ok
        left = list(left_over(Registry.read(self.store.list("docker"))))
        assert not left, left


OWN = {
    story for story, (before, _) in SETUPS.items() if all(b[0] == "1" for b in before)
}


@pytest.mark.parametrize("story", sorted(OWN))
@pytest.mark.parametrize("restarts", [False, True], ids=["process", "daemon"])
@pytest.mark.parametrize("how", [How.REQUEST, How.REPLY, How.LATE])
def test_a_host_that_dies_at_any_step_knows_in_its_next_life_what_is_there(
    story, restarts, how
):
    before, command = SETUPS[story]
    for number in count(1):
        host = Lives(restarts=restarts)
        for line in before:
            assert host.docker(line[2:]).ok
        host.registry.arm(number, how)
        try:
            assert host.docker(command).ok
        except Killed:
            host.again()
        else:
            assert number > 1, "the command asked nothing of the store"
            return
        if how is How.LATE:
            host.registry.arrive()
            host.live(30)
        host.check()
        made = host.docker("network create -d overlay another")
        assert made.ok, (number, made)
        assert host.docker("run -d --name more --network another nginx").ok
        host.check()
        host.check_empty()


def test_what_the_disk_lost_and_the_registry_has_keeps_its_identifier():
    host = Lives()
    host.disk.full = True
    for _ in range(2):
        assert not host.docker("network create -d overlay lost").ok
        host.disk.full = False
        host.check()
        assert host.docker("network inspect lost").ok
        host.disk.full = True
    host.disk.full = False
    assert host.docker("network create -d overlay kept").ok
    host.check()
    assert host.docker("network inspect lost kept").ok
    host.again()
    host.check()
    host.check_empty()


@pytest.mark.parametrize(
    "command",
    ["rm -f aa", "stop aa", "restart aa", "rename aa cc", "network disconnect ov aa"],
)
def test_what_was_given_back_and_the_disk_did_not_hear_of_stays_taken_again(command):
    host = Lives()
    assert host.docker("network create -d overlay ov").ok
    assert host.docker("run -d --name aa --network ov nginx").ok
    host.disk.full = True
    assert not host.docker(command).ok
    host.disk.full = False
    host.docker.recover()
    host.check()
    host.live(30)
    host.check()
    assert host.docker("exec aa true").ok
    host.check_empty()

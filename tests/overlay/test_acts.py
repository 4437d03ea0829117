"""Acts, applied to a registry that is a dictionary, make of it what the World says.

```
World ── command ──▶ World'
  │                     │ standing
  └── acts ─────────────┴──▶ the same names and endpoints
```
"""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.model.cluster import Peer
from minidock.overlay import keys
from minidock.overlay.acts import (
    Act,
    GiveEndpoint,
    GiveName,
    RenameEndpoint,
    TakeEndpoint,
    TakeName,
    acts,
    kept,
    standing,
)
from tests.overlay.hosts import Host

_VERBS = st.lists(
    st.sampled_from(
        [
            "run -d --name {0} --network {1} busybox sleep 9d",
            "create --name {0} --network {1} busybox sleep 9d",
            "network connect {1} {0}",
            "network disconnect {1} {0}",
            "rename {0} {2}",
            "restart {0}",
            "stop {0}",
            "rm -f {0}",
        ]
    ),
    max_size=12,
)
_NAME = st.sampled_from(["aa", "bb", "cc"])
_WORDS = st.tuples(_NAME, st.sampled_from(["ov0", "ov1", "bridge"]), _NAME)


@dataclass
class _Registry:
    """What is a host's own in a registry."""

    names: dict[str, str] = field(default_factory=dict)
    endpoints: dict[str, Peer] = field(default_factory=dict)

    def apply(self, act: Act) -> None:
        """Make an act true; what is given must be there, what is taken must not."""
        match act:
            case TakeName(name, owner):
                assert name not in self.names
                self.names[name] = owner
            case GiveName(name, owner):
                assert self.names.pop(name) == owner
            case TakeEndpoint(peer):
                assert peer.endpoint_id not in self.endpoints
                self.endpoints[peer.endpoint_id] = peer
            case GiveEndpoint(endpoint_id=endpoint_id):
                del self.endpoints[endpoint_id]
            case RenameEndpoint(peer, before):
                assert self.endpoints[peer.endpoint_id] == before
                self.endpoints[peer.endpoint_id] = peer


@settings(max_examples=40, deadline=None)
@given(_VERBS, st.data())
def test_the_registry_has_what_stands_in_the_world_after_each_command(
    verbs: list[str], data: st.DataObject
) -> None:
    host, registry = Host(), _Registry()
    for number in (0, 1):
        host(f"network create -d overlay ov{number}")
    for verb in ["run -d --name {0} --network ov0 busybox sleep 9d", *verbs]:
        before = host.world
        host.docker(verb.format(*data.draw(_WORDS)))
        for act in acts(before, host.world):
            registry.apply(act)
        anew = _Registry()
        for act in standing(host.world):
            anew.apply(act)
        assert registry == anew


def test_a_container_that_is_renamed_takes_its_name_before_others_are_told() -> None:
    host = Host()
    host("network create -d overlay ov")
    host("run -d --name aa --network ov busybox sleep 9d")
    host("network connect bridge aa")
    before = host.world
    host("rename aa bb")
    first, second, third = acts(before, host.world)
    assert isinstance(first, TakeName)
    assert isinstance(second, RenameEndpoint)
    assert (second.before.name, second.peer.name) == ("aa", "bb")
    assert isinstance(third, GiveName)  # while others are told, nobody can have it


def test_names_stand_before_endpoints_so_that_who_lost_its_name_is_not_on_a_network() -> (
    None
):
    host = Host()
    host("network create -d overlay ov")
    host("run -d --name aa --network ov busybox sleep 9d")
    kinds = [type(act) for act in standing(host.world)]
    assert kinds == [TakeName, TakeEndpoint]


def test_what_is_kept_of_an_act_is_what_the_endpoint_has_now() -> None:
    host = Host()
    host("network create -d overlay ov")
    host("network create -d overlay --subnet 10.9.0.0/24 other")
    host("run -d --name aa --network ov busybox sleep 9d")
    _, taken = standing(host.world)
    assert isinstance(taken, TakeEndpoint)
    peer = taken.peer
    has = {keys.endpoint(peer.network_id, peer.endpoint_id)}
    has |= {keys.address(pool, address) for pool, address in taken.holdings}
    assert len(has) == 2
    elsewhere = host("network inspect -f {{.Id}} other")
    for act in (
        taken,
        replace(taken, holdings=(("GlobalDefault/10.0.0.0/24", "10.0.0.9"),)),
        replace(taken, peer=replace(peer, network_id=elsewhere), holdings=()),
    ):
        assert kept(host.world, act) == has
    before = host.world
    host("rm -f aa")
    given, _ = acts(before, host.world)
    for act in (taken, given):
        assert kept(before, act) == has
        assert kept(host.world, act) == frozenset()

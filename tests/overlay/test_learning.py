"""Learning from the registry: laws over facts in any order, twice, late and damaged.

```
what hosts decide ──▶ a registry ──▶ facts, shuffled, doubled, stale ──▶ one World
```
"""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.commands.cluster import learn
from minidock.model.maps import Map
from minidock.model.world import World
from minidock.overlay import keys, records
from minidock.overlay.facts import JOINED, LEFT, Fact
from tests.overlay.hosts import Host, difference

_VERBS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 2)), max_size=9
).map(lambda verbs: [(0, 0, 0), (1, 6, 1), (0, 1, 0), (1, 1, 0), *verbs])
"""(host, verb, number): two networks and a container on each host come first."""


def _do(host: Host, verb: int, number: int) -> None:
    """One command, which may be refused."""
    web, net = f"{host.cluster.vtep.value % 256}web{number}", f"ov{number}"
    line = (
        f"network create -d overlay {net}",
        f"run -d --name {web} --network {net} busybox sleep 9d",
        f"stop {web}",
        f"start {web}",
        f"rm -f {web}",
        f"network rm {net}",
        f"network create -d overlay --subnet 10.50.{number}.0/24 {net}",
    )[verb]
    host.docker(line)
    host.check()


def _story(verbs: list[tuple[int, int, int]]) -> list[dict[str, str]]:
    """What the registry holds after each command of two hosts that hear all."""
    hosts = [Host(2), Host(3)]
    registry: dict[str, str] = {}
    told = []
    for who, verb, number in verbs:
        host = hosts[who]
        before = host.entries()
        _do(host, verb, number)
        changes = difference(before, host.entries())
        for key, text in changes:
            if text is None:
                registry.pop(key, None)
            else:
                registry[key] = text
        hosts[1 - who].learn(changes)
        told.append(dict(registry))
    return told


def _facts(told: list[dict[str, str]]) -> list[Fact]:
    """What a watch tells; a network says that it is being removed, before it is gone."""
    facts: list[Fact] = []
    before: dict[str, str] = {}
    for now in told:
        for fact in difference(before, now):
            if fact.value is None and keys.read(fact.key).kind is keys.Kind.NETWORK:
                facts.append(Fact(fact.key, _closing(before[fact.key])))
            facts.append(fact)
        before = now
    return facts


def _closing(text: str) -> str:
    return text.replace('"inDelete":false', '"inDelete":true')


def _shuffled(facts: list[Fact], seed: int) -> list[Fact]:
    """Another interleaving: the facts of one key stay in order."""
    lots = [fact.key for fact in facts]
    random.Random(seed).shuffle(lots)
    waiting = {key: [f for f in facts if f.key == key] for key in set(lots)}
    return [waiting[key].pop(0) for key in lots]


def _plain(world: World) -> World:
    """The World without the turns, which say who was heard of first."""
    networks = {
        key: replace(network, sequence=0) for key, network in world.networks.items()
    }
    return replace(world, networks=Map(networks), sequence=0)


@settings(max_examples=25, deadline=None)
@given(_VERBS, st.integers(0, 9999))
def test_the_order_of_news_about_different_keys_does_not_matter(
    verbs: list[tuple[int, int, int]], seed: int
) -> None:
    facts = _facts(_story(verbs))
    straight, mixed = Host(4), Host(4)
    straight.learn(facts)
    for fact in _shuffled(facts, seed):
        mixed.learn([fact])
    assert _plain(mixed.world) == _plain(straight.world)


@settings(max_examples=25, deadline=None)
@given(_VERBS)
def test_what_a_host_has_learned_is_what_the_registry_holds_and_no_more(
    verbs: list[tuple[int, int, int]],
) -> None:
    told = _story(verbs)
    late, steady = Host(4), Host(4)
    late.learn(difference({}, told[-1] if told else {}))
    steady.learn(_facts(told))
    assert _plain(late.world) == _plain(steady.world)
    once = late.world
    late.learn(difference({}, told[-1] if told else {}))
    assert late.world == once  # twice is once


@settings(max_examples=25, deadline=None)
@given(_VERBS)
def test_hosts_that_hear_one_another_agree_and_never_collide(
    verbs: list[tuple[int, int, int]],
) -> None:
    hosts = [Host(2), Host(3)]
    for who, verb, number in verbs:
        before = hosts[who].entries()
        _do(hosts[who], verb, number)
        hosts[1 - who].learn(difference(before, hosts[who].entries()))
    one, two = (host.cluster for host in hosts)
    for name in ("space", "subnet_owners", "vnis", "overlays", "sharers"):
        assert getattr(one, name) == getattr(two, name)
    mine, yours = (_addresses(host) for host in hosts)
    assert not mine & yours


def _addresses(host: Host) -> set[tuple[str, str]]:
    return {
        (keys.read(key).first, keys.read(key).second)
        for key in host.entries()
        if keys.read(key).kind is keys.Kind.ADDRESS
    }


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["network", "overlay", "endpoint", "config", "data", "idm", ""]),
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(["[" * 9999, "{}", "null", '{"held":{"x":["a","b","c","d"]}}']),
    ),
)
def test_a_damaged_entry_is_told_and_changes_nothing_else(kind: str, text: str) -> None:
    host, other = Host(2), Host(3)
    other("network create -d overlay ov1")
    other("run -d --network ov1 --name web busybox sleep 9d")
    host.hear(other)
    before = host.world
    held = {keys.Kind.ADDRESS, keys.Kind.CONTAINER}  # by whom, nobody can read
    for key in other.entries():
        if kind in key and keys.read(key).kind not in {keys.Kind.SUBNETS, *held}:
            events = host.learn([Fact(key, text)])
            assert host.world == before or text.startswith('{"held"')
            if host.world == before:
                assert [(e.type, e.action) for e in events] == [
                    ("cluster", "unreadable")
                ]
                assert key in events[0].attributes.text("reason")


def test_what_a_host_leaves_it_forgets_and_hears_again() -> None:
    host, other = Host(2), Host(3)
    other("network create -d overlay ov1")
    other("run -d --network ov1 --name web busybox sleep 9d")
    [network] = [n for n in other.world.networks.values() if n.overlay]
    host.learn([Fact(JOINED, network.id)])
    host.hear(other)
    heard = host.world
    assert [peer.name for peer in host.cluster.peers_on(network.id)] == ["web"]
    host.learn([Fact(LEFT, network.id)])
    assert host.cluster.peers_on(network.id) == ()
    assert dict(host.cluster.held) == dict(host.cluster.joined) == {}
    host.learn([Fact(JOINED, network.id)])
    host.hear(other)
    assert host.world == heard


def _on_two_hosts() -> tuple[Host, Host]:
    one, two = Host(2), Host(3)
    one("network create -d overlay --subnet 10.7.0.0/24 ov1")
    two.hear(one)
    return one, two


def test_an_address_that_another_host_has_is_taken() -> None:
    one, two = _on_two_hosts()
    two("run -d --network ov1 --ip 10.7.0.9 --name db busybox sleep 9d")
    two("run -d --network ov1 busybox sleep 9d")
    one.hear(two)
    text = one.refused("run -d --network ov1 --ip 10.7.0.9 busybox")
    assert text == "Address already in use."
    one("run -d --name web --network ov1 busybox sleep 9d")
    web = one.docker.containers.get("web").attrs["NetworkSettings"]["Networks"]["ov1"]
    assert web["IPAddress"] == "10.7.0.3"


def test_an_address_given_to_somebody_else_is_lost_with_its_endpoint() -> None:
    one, two = _on_two_hosts()
    one("run -d --name web -p 80:80 --network ov1 busybox sleep 9d")
    [network] = [n for n in one.world.networks.values() if n.overlay]
    pool = "GlobalDefault/10.7.0.0/24"
    holder = records.dump_holder("f" * 64, two.cluster.advertise)
    events = one.learn([Fact(keys.address(pool, "10.7.0.2"), holder)])
    assert [e.action for e in events if e.type == "network"] == ["disconnect"]
    web = next(one.world.containers_in_order())
    assert web.state.running
    assert not any(e.attached for e in web.endpoints)
    assert one.world.members[network.id] == Map()
    one("restart web")
    again = next(one.world.containers_in_order()).endpoint_on("ov1")
    assert again is not None
    assert str(again.address) == "10.7.0.3"


def test_a_network_that_was_removed_elsewhere_takes_its_endpoints_along() -> None:
    two = _on_two_hosts()[1]
    two("run -d --name web --network ov1 busybox sleep 9d")
    [network] = [
        n for n in two.world.networks.values() if n.overlay and not n.made_here
    ]
    two.learn([Fact(keys.network(network.id), None)])
    assert network.id not in two.world.networks
    assert not any(
        e.attached for c in two.world.containers.values() for e in c.endpoints
    )


def test_a_successor_may_be_heard_of_before_the_end_of_the_first() -> None:
    one, two = _on_two_hosts()
    before = one.entries()
    old = dict(two.world.networks)
    one("network rm ov1")
    one("network create -d overlay --subnet 10.7.0.0/24 --gateway 10.7.0.77 ov2")
    facts = difference(before, one.entries())
    two.learn(reversed(facts))
    new = {n.name for key, n in two.world.networks.items() if key not in old}
    assert new == {"ov2"}
    assert [str(a) for a in two.world.pools["GlobalDefault/10.7.0.0/24"]] == [
        "10.7.0.77"
    ]


def test_a_name_or_network_that_another_host_has_is_taken() -> None:
    one, two = _on_two_hosts()
    one("create --name web busybox")
    two.hear(one)
    text = two.refused("create --name web busybox")
    assert text.startswith(
        'Conflict. The container name "/web" is already in use by container '
        '"192.0.2.2:2376/web".'
    )
    text = two.refused("network create -d overlay ov1")
    assert text == "network with name ov1 already exists"
    one("rm web")
    two.learn([Fact(keys.container("web"), None)])
    two("create --name web busybox")


@pytest.mark.parametrize("era", ["17.12", "20.10", "28"])
def test_nobody_removes_a_network_that_another_hosts_container_is_on(era: str) -> None:
    one, two = Host(2, era), Host(3, era)
    one("network create -d overlay ov1")
    two.hear(one)
    two("run -d --network ov1 --name db busybox sleep 9d")
    one.hear(two)
    assert "has active endpoints" in one.refused("network rm ov1")
    assert "ov1" not in one("network prune -f")
    two("rm -f db")
    [network] = [n for n in one.world.networks.values() if n.overlay]
    peer = one.cluster.peers_on(network.id)[0]
    one.learn([Fact(keys.endpoint(network.id, peer.endpoint_id), None)])
    one("network rm ov1")


def test_a_host_without_a_cluster_learns_nothing() -> None:
    world = Host(2).docker.world
    alone = replace(world, cluster=None)
    assert learn(alone, [Fact("docker/nodes/a:1", None)], 0).world is alone


def test_names_are_known_across_hosts() -> None:
    one, two = _on_two_hosts()
    two("run -d --network ov1 --network-alias data --name db busybox sleep 9d")
    one.hear(two)
    one("run -d --network ov1 --name web busybox sleep 9d")
    assert "10.7.0.2" in one("exec web getent hosts db")
    assert "10.7.0.2" in one("exec web getent hosts data")
    assert "10.7.0.2" in one("exec web nslookup db.ov1")
    assert "db.ov1" in one("exec web nslookup 10.7.0.2")
    one("run -d --name lone busybox sleep 9d")
    assert not one.docker("exec lone nslookup db").ok


def test_a_network_that_is_being_removed_keeps_its_containers_and_takes_no_more() -> (
    None
):
    one, two = _on_two_hosts()
    two("run -d --name web --network ov1 busybox sleep 9d")
    before = two.world
    [network] = [n for n in one.world.networks.values() if n.overlay]
    key = keys.network(network.id)
    text = one.entries()[key]
    two.learn([Fact(key, _closing(text))])
    assert "No such network: ov1" in two.refused("network rm ov1")
    two("create --name late --network ov1 busybox sleep 9d")
    assert two.refused("start late") == "network ov1 not found"
    assert "ov1" not in two("network prune -f")
    two("rm late")
    two.learn([Fact(key, text)])
    assert two.world.networks == before.networks
    assert two.world.members == before.members
    assert two.cluster == before.cluster

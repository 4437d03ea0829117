"""A swarm of one: beginning, networks that cannot be made, leaving."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.commands import swarm
from minidock.commands.invariants import broken
from minidock.commands.swarm import SwarmRequest
from minidock.engine import Engine
from minidock.errors import Exhausted, InvalidParameter, Refusal, Unclassified
from minidock.model.world import World
from minidock.snapshot import read, write

VNIS = "com.docker.network.driver.overlay.vxlanid_list"
INIT = "swarm init --advertise-addr 192.0.2.2"


def engine(*lines: str) -> Engine:
    docker = Engine("20.10", seed="swarm")
    for line in (INIT, *lines):
        said = docker(line)
        assert said.ok, said
    assert broken(docker.world) == []
    return docker


def subnets(docker: Engine) -> dict[str, tuple[str, str]]:
    """Of every overlay its first subnet and its VNIs."""
    listed = docker.api("GET", "/networks").body
    assert isinstance(listed, list)
    found = {}
    for network in listed:
        assert isinstance(network, dict)
        if network["Driver"] == "overlay":
            config, options = network["IPAM"]["Config"], network["Options"]
            found[network["Name"]] = config[0]["Subnet"], options[VNIS]
    return found


# --- beginning ------------------------------------------------------------------------


def test_a_swarm_begins_with_ingress() -> None:
    assert subnets(engine()) == {"ingress": ("10.0.0.0/24", "4096")}


def test_a_join_token_names_the_root_and_differs_by_role() -> None:
    docker = engine()
    worker = str(docker("swarm join-token -q worker")).strip()
    manager = str(docker("swarm join-token -q manager")).strip()
    words = [token.split("-") for token in (worker, manager)]
    assert [[len(word) for word in token] for token in words] == [[6, 1, 50, 25]] * 2
    assert words[0][:3] == words[1][:3]
    assert worker != manager


def test_a_rotated_token_is_another_one_of_the_same_root() -> None:
    docker = engine()
    before = str(docker("swarm join-token -q worker")).strip()
    kept = str(docker("swarm join-token -q manager")).strip()
    after = str(docker("swarm join-token -q --rotate worker")).strip()
    assert before != after
    assert before.split("-")[2] == after.split("-")[2]
    assert kept == str(docker("swarm join-token -q manager")).strip()


def test_settings_that_somebody_else_changed_are_not_overwritten() -> None:
    docker = engine("swarm join-token --rotate worker")
    answer = docker.api("POST", "/swarm/update?version=10", {})
    assert answer.status == 500
    assert "update out of sequence" in answer.message


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (SwarmRequest(advertise="0.0.0.0"), "advertise address must be a non-zero IP"),
        (SwarmRequest(advertise="nosuch0"), "advertise address must be a non-zero IP"),
        (SwarmRequest(advertise="192.0.2.2:0"), "advertise address must be"),
        (SwarmRequest(listen="here"), "listen address must be an IP address"),
        (SwarmRequest(data_port=80), "Datapath port number is not in valid range"),
        (SwarmRequest(pools=("10.0.0.0/33",)), "invalid base pool 10.0.0.0/33"),
        (SwarmRequest(pools=("fd00::/48",)), "invalid base pool fd00::/48"),
        (SwarmRequest(pools=("10.1.0.0/16",), length=8), "too small for pool: 8"),
        (SwarmRequest(length=30), "subnet size is out of range: 30"),
        (SwarmRequest(pools=("10.0.0.0/8", "10.1.0.0/16")), "pools overlap"),
        (SwarmRequest(availability="lazy"), 'invalid Availability: "lazy"'),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(
    request_: SwarmRequest, text: str
) -> None:
    with pytest.raises(InvalidParameter) as caught:
        swarm.init(Engine().world, request_, 0)
    assert text in str(caught.value)
    assert caught.value.rule
    assert caught.value.remedy


def test_a_card_stands_for_its_address() -> None:
    world = swarm.init(Engine().world, SwarmRequest(advertise="eth0:7000"), 0).world
    assert world.cluster is not None
    assert world.cluster.advertise == f"{world.cluster.vtep}:7000"
    assert world.cluster.vtep in {
        address
        for card in world.host.interfaces
        if card.name == "eth0"
        for address, _ in card.addresses
    }


def test_a_store_and_a_swarm_exclude_each_other() -> None:
    docker = Engine("20.10", daemon_args=["--live-restore"], seed="swarm")
    with pytest.raises(Unclassified, match="--live-restore"):
        swarm.init(docker.world, SwarmRequest(), 0)


def test_to_force_a_new_swarm_keeps_the_only_manager() -> None:
    docker = engine("network create -d overlay a")
    before = docker.world
    node = docker.api("POST", "/swarm/init", {"ForceNewCluster": True}).body
    assert before.cluster is not None
    assert before.cluster.swarm is not None
    assert node == before.cluster.swarm.node_id
    assert docker.world.networks == before.networks


@pytest.mark.parametrize(
    "ask",
    [
        lambda world: swarm.manager_of(world, "it"),
        lambda world: swarm.leave(world, 0, force=True),
        lambda world: swarm.join(world, ["192.0.2.3:2377"], "SWMTKN-1-a-b"),
    ],
)
def test_who_is_in_no_swarm_hears_so(ask: Callable[[World], object]) -> None:
    with pytest.raises(Exhausted):
        ask(Engine().world)


def test_a_swarm_lives_through_a_snapshot() -> None:
    world = engine("network create -d overlay --attachable a").world
    assert read(write(world)) == world


# --- networks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "network create -d overlay --subnet 10.50.0.0/25 second",
        f"network create -d overlay -o {VNIS}=5000 second",
        f"network create -d overlay -o {VNIS}=7 second",
    ],
)
def test_a_network_that_cannot_be_made_is_noted_without_a_driver(line: str) -> None:
    docker = engine(
        f"network create -d overlay --subnet 10.50.0.0/24 -o {VNIS}=5000 first",
        line,
    )
    shown = docker.api("GET", "/networks/second").body
    assert isinstance(shown, dict)
    assert (shown["Driver"], shown["Scope"]) == ("", "swarm")
    assert shown["IPAM"] == {"Driver": "", "Options": None, "Config": None}
    assert docker("run -d --network second busybox").code
    assert docker("network rm second").ok
    assert broken(docker.world) == []


def test_a_subnet_that_is_none_is_not_even_noted() -> None:
    docker = engine()
    body = {
        "Name": "a",
        "Driver": "overlay",
        "IPAM": {"Config": [{"Subnet": "10.0.0.0/33"}]},
    }
    answer = docker.api("POST", "/networks/create", body)
    assert answer.status >= 400
    assert len(subnets(docker)) == 1


def test_frames_go_to_the_port_that_was_asked_for() -> None:
    docker = Engine("20.10")
    assert docker(f"{INIT} --data-path-port 7789").ok
    assert docker("network create -d overlay a").ok
    ports = {n.overlay.data_port for n in docker.world.networks.values() if n.overlay}
    assert ports == {7789}


def test_the_sandbox_of_ingress_comes_by_itself_and_goes_with_the_swarm() -> None:
    docker = engine()
    docker.advance(1)
    assert broken(docker.world) == []
    bridge = docker.api("GET", "/networks/docker_gwbridge").body
    assert isinstance(bridge, dict)
    assert bridge["Containers"]["ingress-sbox"]["IPv4Address"] == "172.18.0.2/16"
    assert docker("network rm docker_gwbridge").code
    assert docker("swarm leave --force").ok
    assert broken(docker.world) == []
    assert docker("network rm docker_gwbridge").ok


NAMES = st.sampled_from("abcdef")
STEPS = st.lists(
    st.one_of(
        st.builds("network create -d overlay --attachable {}".format, NAMES),
        st.builds(
            "network create -d overlay --subnet 10.{1}.0.0/24 {0}".format,
            NAMES,
            st.integers(0, 3),
        ),
        st.builds("network create --scope swarm -d bridge {}".format, NAMES),
        st.builds("network rm {}".format, NAMES),
        st.builds("run -d --name c{0} --network {0} busybox sleep 99".format, NAMES),
        st.builds("rm -f c{}".format, NAMES),
        st.sampled_from(["swarm leave --force", INIT, "network prune -f"]),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(STEPS)
def test_whatever_is_asked_of_a_swarm_the_world_stays_in_order(
    steps: list[str],
) -> None:
    docker = engine()
    for line in steps:
        docker(line)
        assert broken(docker.world) == []
        made = list(subnets(docker).values())
        assert len(set(made)) == len(made)


@settings(max_examples=12, deadline=None)
@given(STEPS)
def test_nothing_of_a_swarm_is_left_after_leaving_it(steps: list[str]) -> None:
    docker = engine()
    for line in steps:
        docker(line)
    docker("swarm leave --force")
    world = docker.world
    assert world.cluster is None
    assert {network.scope for network in world.networks.values()} == {"local"}
    assert not [key for key in world.pools if key.startswith("Global")]
    assert broken(world) == []


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20), st.integers(0, 2**32 - 1))
def test_any_text_for_the_address_of_a_node_is_taken_or_refused(
    advertise: str, pool: str, length: int
) -> None:
    request = SwarmRequest(advertise=advertise, pools=(pool,), length=length)
    try:
        world = swarm.init(Engine().world, request, 0).world
    except Refusal:
        return
    assert world.cluster is not None
    assert broken(world) == []

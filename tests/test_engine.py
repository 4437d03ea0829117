"""The face: what a learner types first, and what an engine remembers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidock
from minidock import Engine
from minidock.errors import InvalidParameter, NotFound
from minidock.registry.memory import MemoryStore
from minidock.registry.sqlite import SqliteStore

LINES = st.sampled_from(
    [
        "run -d --name web -p 8080:80 nginx",
        "run -d --name db redis",
        "stop web",
        "start web",
        "rm -f web",
        "network create mynet",
        "network connect mynet web",
        "network rm mynet",
        "rename web shop",
        "run --rm busybox echo hi",
    ]
)


def test_the_face_of_the_package_is_what_its_list_says():
    assert set(minidock.__all__) >= {"Engine"}
    for name in minidock.__all__:
        assert hasattr(minidock, name)


def test_the_same_seed_prints_the_same_digits():
    line = "run -d --name web nginx"
    assert str(Engine()(line)) == str(Engine()(line))
    assert str(Engine(seed="other")(line)) != str(Engine()(line))


def test_an_output_shows_both_streams_in_the_order_of_writing():
    output = Engine()("run -d --name web nginx")
    assert str(output).startswith("Unable to find image 'nginx:latest' locally")
    assert str(output).endswith(output.stdout.strip())


def test_a_refusal_says_why():
    docker = Engine()
    docker("run -d --name web -p 80:80 nginx")
    refused = docker("run -d --name web2 -p 80:80 nginx")
    assert not refused.ok
    assert refused.code == 125
    assert "port is already allocated" in refused.stderr
    assert refused.why.count("\n") == 2


def test_docker_py_verbs_and_the_command_line_are_one_engine():
    docker = Engine()
    web = docker.containers.run(
        "nginx", name="web", ports={"80/tcp": 8080}, detach=True
    )
    assert "8080" in str(docker("port web"))
    docker("stop web")
    web.reload()
    assert web.status == "exited"
    with pytest.raises(NotFound, match="No such container: nosuch"):
        docker.containers.get("nosuch")
    with pytest.raises(InvalidParameter, match="unexpected keyword"):
        docker.containers.run("nginx", colour="red")


def test_going_back_undoes_and_history_keeps_every_world():
    docker = Engine()
    first = docker.world
    docker("network create mynet")
    docker("run -d --name web --network mynet nginx")
    assert docker.history[0] is first
    docker.back(len(docker.history))
    assert docker.world is first


def test_the_four_steps_of_a_containers_network_happen_in_order():
    docker = Engine()
    docker("run -d --name web nginx")
    steps = [event.action for event in docker.events if event.type == "step"]
    assert steps == ["pair", "attach", "move", "address"]


@given(lines=st.lists(LINES, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_saved_engine_comes_back_as_the_same_world(lines):
    store = MemoryStore()
    docker = Engine("20.10", store=store)
    for line in lines:
        docker(line)
    again = Engine(store=store)
    assert again.world == docker.world
    assert again.world.era.name == "20.10"


def test_two_engines_on_one_store_do_not_lose_each_others_commands(tmp_path):
    one = Engine(store=SqliteStore(tmp_path / "state"))
    other = Engine(store=SqliteStore(tmp_path / "state"))
    one("network create net1")
    other("network create net2")
    one("network create net3")
    assert {n.name for n in one.networks.list()} >= {"net1", "net2", "net3"}
    subnets = [n.attrs["IPAM"]["Config"] for n in one.networks.list()]
    texts = [entry[0]["Subnet"] for entry in subnets if entry]
    assert len(texts) == len(set(texts))


def test_an_undone_command_is_not_saved(tmp_path):
    docker = Engine(store=SqliteStore(tmp_path / "state"))
    docker("network create mynet")
    docker.back()
    again = Engine(store=SqliteStore(tmp_path / "state"))
    assert [n.name for n in again.networks.list()] == [
        n.name for n in Engine().networks.list()
    ]


def test_what_is_changed_on_the_host_is_saved_too(tmp_path):
    docker = Engine("20.10", store=SqliteStore(tmp_path / "state"))
    docker.host_command("ip route add 172.18.5.0/24 dev eth0")
    docker.listen("tcp", 8080)
    again = Engine(store=SqliteStore(tmp_path / "state"))
    again("network create mynet")
    assert again.networks.get("mynet").attrs["IPAM"]["Config"][0]["Subnet"] == (
        "172.19.0.0/16"
    )
    assert "address already in use" in str(again("run -d -p 8080:80 nginx"))


def test_a_trace_is_true_if_delivered_and_says_why_if_not():
    docker = Engine()
    docker("network create app")
    docker("run -d --name web --network app nginx")
    docker("run -d --name db --network app redis")
    assert docker.trace("web", "db:6379")
    lost = docker.trace("web", "db:80")
    assert not lost
    assert lost.why
    assert lost.remedy
    with pytest.raises(NotFound):
        docker.trace("nobody", "db:6379")


def test_reachability_is_true_if_everybody_reaches_everybody():
    docker = Engine()
    docker("run -d --name web -p 8080:80 nginx")
    assert (
        docker.reachability().outcome("outside", "host:8080/tcp").value == "delivered"
    )
    docker("network create --internal inner")
    docker("run -d --name db --network inner redis")
    assert not docker.reachability()


def test_going_back_undoes_a_whole_command_not_one_of_its_requests():
    docker = Engine()
    docker("run -d --name web nginx")
    assert len(docker.history) > 2
    docker.back()
    assert docker("ps -aq").stdout == ""
    docker.containers.run("nginx", name="web", detach=True)
    docker.back()
    assert docker("ps -aq").stdout == ""


def test_a_difference_is_told_of_the_whole_last_command():
    docker = Engine()
    docker("run -d --name web -p 8080:80 nginx")
    docker("ps")
    lines = docker.diff().lines
    assert "+ web (nginx): running" in lines
    assert not any(line.startswith("- ") and "web" in line for line in lines)


def test_a_place_outside_the_history_is_refused():
    with pytest.raises(IndexError, match="Worlds 0 to 0, not 3"):
        Engine().back_to(3)

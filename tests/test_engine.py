"""The face: what a learner types first, and what an engine remembers."""

import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidock
from minidock import Engine
from minidock.api.http import Request
from minidock.commands.invariants import broken
from minidock.errors import Conflict, InvalidParameter, NotFound, Unclassified
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


@given(lines=st.lists(LINES, max_size=8), place=st.integers(0, 8))
@settings(max_examples=40, deadline=None)
def test_a_fork_does_what_its_engine_would_have_done(lines, place):
    docker = Engine()
    for line in lines[:place]:
        docker(line)
    fork, before = docker.fork(), docker.world
    said = [str(fork(line)) for line in lines[place:]]
    assert docker.world is before
    assert [str(docker(line)) for line in lines[place:]] == said
    assert fork.world == docker.world


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


# --- one writer: many requests, one commit --------------------------------------------


def network(name: str) -> Request:
    return Request(method="POST", path="/networks/create", body={"Name": name})


def volume(name: str) -> Request:
    return Request(method="POST", path="/volumes/create", body={"Name": name})


def names(docker: Engine) -> set[str]:
    return {item.name for item in docker.world.networks.values()}


class Counting(MemoryStore):
    """A store that counts its commits, and refuses them when told to."""

    def __init__(self):
        super().__init__()
        self.commits = 0
        self.full = False

    def write(self, entries):
        if self.full:
            raise OSError("no room")
        self.commits += 1
        super().write(entries)


def test_requests_that_wait_share_a_commit_and_keep_their_order():
    store = Counting()
    docker = Engine(store=store, alone=True)
    waiting = [docker.accept(network(f"net{n}"))[1] for n in range(20)]
    assert store.commits == 0
    docker.settle(waiting[15])
    assert store.commits == 1
    for pending in waiting:
        docker.settle(pending)
    assert store.commits == 1
    assert Engine(store=store).world == docker.world


def test_what_was_not_settled_is_not_saved():
    store = Counting()
    docker = Engine(store=store, alone=True)
    docker.send(network("kept"))
    docker.accept(network("lost"))
    assert names(Engine(store=store)) == {"bridge", "host", "none", "kept"}


def test_a_read_waits_for_no_disk():
    store = Counting()
    docker = Engine(store=store, alone=True)
    docker.accept(network("net1"))
    store.full = True
    response, pending = docker.accept(Request(method="GET", path="/networks/net1"))
    assert (response.status, pending) == (200, None)


def test_a_full_disk_refuses_what_was_in_line_and_the_engine_forgets_it():
    store = Counting()
    docker = Engine(store=store, alone=True)
    docker.send(network("kept"))
    first = docker.accept(network("lost1"))[1]
    second = docker.accept(network("lost2"))[1]
    store.full = True
    with pytest.raises(Unclassified, match="cannot save: no room") as refused:
        docker.settle(first)
    assert refused.value.explain().count("\n") == 2
    with pytest.raises(Unclassified, match="cannot save"):
        docker.settle(second)
    store.full = False
    docker.send(network("later"))
    assert names(docker) == {"bridge", "host", "none", "kept", "later"}
    assert Engine(store=store).world == docker.world


def test_many_threads_settle_in_fewer_commits_and_lose_nothing():
    store = Counting()
    docker = Engine(store=store, alone=True, keep=2)
    lock = threading.Lock()

    def work(thread: int) -> None:
        for number in range(20):
            with lock:
                pending = docker.accept(volume(f"t{thread}-{number}"))[1]
            docker.settle(pending)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < store.commits <= 100
    again = Engine(store=store)
    assert again.world == docker.world
    assert len(again.world.volumes) == 100


def test_a_file_that_a_server_holds_is_refused_to_everybody_else(tmp_path):
    store = SqliteStore(tmp_path / "state", alone=True)
    for alone in (True, False):
        with pytest.raises(Conflict, match="is held by another program") as refused:
            SqliteStore(tmp_path / "state", alone=alone, wait=0.05)
        assert "DOCKER_HOST" in refused.value.explain()
    store.close()
    SqliteStore(tmp_path / "state", alone=True).close()


def test_restarts_of_the_daemon_and_the_time_are_saved_too():
    store = Counting()
    docker = Engine(store=store, alone=True)
    docker("run -d --name web --restart always nginx")
    docker("run -d --name job nginx")
    docker.restart_daemon(graceful=False)
    docker.restart_daemon()
    assert Engine(store=store).world == docker.world


TIMED = st.one_of(
    st.sampled_from(
        [
            "run -d --name crash --restart always busybox sh -c 'sleep 2; exit 1'",
            "run -d --name retry --restart on-failure:2 busybox sh -c 'sleep 1; exit 3'",
            "run -d --name once --rm busybox sleep 3",
            "run -d --name sick --health-cmd false --health-interval 1s -p 80 nginx",
            "exec -d sick sleep 4",
            "stop crash",
            "pause crash",
            "unpause crash",
            "network create mynet",
            "network connect mynet crash",
            "rm -f retry",
        ]
    ),
    st.floats(0, 7),
    st.sampled_from(["SIGTERM", "SIGKILL"]),
)


@given(steps=st.lists(TIMED, max_size=10), alone=st.booleans())
@settings(max_examples=60, deadline=None)
def test_whatever_happened_by_itself_comes_back_without_a_record(steps, alone):
    store = MemoryStore()
    docker = Engine("20.10", store=store, alone=alone, keep=3)
    docker("pull -q busybox")
    docker("pull -q nginx")
    for step in steps:
        if isinstance(step, float):
            docker.turn(docker.now + int(step * 1e9))
        elif step.startswith("SIG"):
            docker.restart_daemon(graceful=step == "SIGTERM")
            assert broken(docker.world) == []
        else:
            docker(step)
    if alone:
        docker.save()
    again = Engine(store=store)
    again.turn(docker.now)
    assert again.world == docker.world
    assert broken(again.world) == []


def test_nothing_goes_on_between_two_lives_of_a_server():
    store = MemoryStore()
    docker = Engine("20.10", store=store, alone=True)
    docker("run -d --name crash --restart always busybox sh -c 'sleep 2; exit 1'")
    docker.turn(docker.now + 5_000_000_000)
    docker.save()
    count = docker.world.containers_in_order().__next__().restart_count
    later = Engine(store=store, alone=True)
    assert later.world == docker.world
    week = 7 * 24 * 3600 * 1_000_000_000
    later.start_daemon(docker.now + week)
    assert later.now == docker.now + week
    assert count > 0
    assert later.containers.get("crash").status == "running"
    assert Engine(store=store).world == later.world


def test_a_format_that_nobody_knows_is_refused_and_format_1_is_read():
    store = MemoryStore()
    Engine(store=store).send(network("net1"))
    head = store.get("engine/head").value
    store.put("engine/head", head.replace('"format": 2', '"format": 1'))
    assert "net1" in names(Engine(store=store))
    store.put("engine/head", head.replace('"format": 2', '"format": 3'))
    with pytest.raises(InvalidParameter, match="format 3") as refused:
        Engine(store=store)
    assert "try:" in refused.value.explain()


def test_a_bare_engine_shows_itself_as_what_runs_on_it():
    docker = Engine()
    docker("run -d --name web nginx")
    assert repr(docker) == "<Engine of docker-host: 1 network, 1 container>"
    assert docker._repr_svg_() == docker.draw().svg
    assert ">web<" in docker._repr_svg_()


def test_rules_of_a_family_that_is_none_are_refused_in_three_parts():
    with pytest.raises(InvalidParameter) as refused:
        Engine().rules(family=5)
    assert refused.value.remedy == "family=4, or family=6"


def test_a_python_that_is_too_old_is_told_so_and_shows_no_traceback():
    program = (
        "import runpy, sys; sys.version_info = (3, 10, 1); "
        "runpy.run_module('minidock', run_name='__main__')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "minidock needs Python 3.11" in ran.stderr
    assert "Traceback" not in ran.stderr

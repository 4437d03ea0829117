"""Containers that run: waited for, signalled, paused, renamed, listed and removed."""

import signal
import threading
from datetime import UTC, datetime

import pytest
from docker.errors import APIError, ContainerError, NotFound

from tests.contracts.docker_py.conftest import eventually, status_of


def test_run_gives_what_the_program_prints(client):
    assert client.containers.run("alpine", "echo hello") == b"hello\n"
    lines = client.containers.run("alpine", "printf 'a\\nb\\n'", stream=True)
    assert list(lines) == [b"a\n", b"b\n"]
    text = client.containers.run(
        "alpine", "sh -c 'echo out; echo err >&2'", stderr=True
    )
    assert sorted(text.split()) == [b"err", b"out"]


def test_run_says_with_which_code_a_program_failed(client):
    with pytest.raises(ContainerError) as failure:
        client.containers.run("alpine", "cat /nothing", remove=True)
    assert failure.value.exit_status == 1
    assert b"No such file or directory" in failure.value.stderr
    assert client.containers.list(all=True) == []


def test_run_leaves_nothing_where_the_engine_removes(client, double):
    assert client.containers.run("alpine", "echo x", auto_remove=True) == b"x\n"
    eventually(lambda: not client.containers.list(all=True, ignore_removed=True))


def test_who_has_the_id_may_ask_for_a_moment_after_the_removal(client, api):
    made = api.create_container(
        "alpine",
        "sh -c 'echo x; exit 3'",
        host_config=api.create_host_config(auto_remove=True),
    )["Id"]
    api.start(made)
    assert api.inspect_container(made)["State"]["ExitCode"] == 3
    assert (api.logs(made), api.wait(made)["StatusCode"]) == (b"x\n", 3)
    assert api.containers(all=True) == []

    def gone():
        try:
            api.inspect_container(made)
        except NotFound:
            return True
        return False

    eventually(gone)


def test_run_keeps_no_output_without_a_log(client):
    assert (
        client.containers.run("alpine", "echo x", log_config={"type": "none"}) is None
    )


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_wait_gives_the_exit_code(client, code):
    made = client.containers.run("alpine", f"sh -c 'exit {code}'", detach=True)
    assert made.wait() == {"StatusCode": code} | _no_error(client)
    made.reload()
    assert (made.status, made.attrs["State"]["ExitCode"]) == ("exited", code)


def _no_error(client):
    """To API 1.41 there is an Error, if none."""
    return {"Error": None} if client.api._version == "1.41" else {}


def test_wait_returns_when_the_program_ends(client, double):
    made = client.containers.run("alpine", "sleep 60", detach=True)
    codes = []
    waiter = threading.Thread(target=lambda: codes.append(made.wait()["StatusCode"]))
    waiter.start()
    double.advance(59)
    assert codes == []
    double.advance(2)
    waiter.join(10)
    assert codes == [0]


@pytest.mark.parametrize("condition", ["not-running", "next-exit", "removed"])
def test_wait_knows_three_conditions(client, double, condition):
    made = client.containers.run(
        "alpine", "sleep 60", detach=True, auto_remove=condition == "removed"
    )
    codes = []

    def ask():
        codes.append(made.wait(condition=condition)["StatusCode"])

    waiter = threading.Thread(target=ask)
    waiter.start()
    eventually(lambda: double.requests_to("POST /containers/{id}/wait"))
    double.advance(61)
    waiter.join(10)
    assert codes == [0]


def test_wait_sees_the_end_of_a_program_that_is_started_again(client, double):
    made = client.containers.run(
        "alpine",
        "sh -c 'sleep 30; exit 3'",
        detach=True,
        restart_policy={"Name": "always"},
    )
    codes = []
    waiter = threading.Thread(target=lambda: codes.append(made.wait()["StatusCode"]))
    waiter.start()
    eventually(lambda: double.requests_to("POST /containers/{id}/wait"))
    double.advance(31)
    waiter.join(10)
    assert codes == [3]
    double.advance(5)
    made.reload()
    assert (made.status, made.attrs["RestartCount"]) == ("running", 1)
    with pytest.raises(APIError) as failure:
        made.remove()
    assert status_of(failure) == 409
    made.remove(force=True)


def test_an_unknown_condition_is_refused_by_newer_versions(api, sleeper, way):
    if way.version >= (1, 44):
        with pytest.raises(APIError, match="invalid condition"):
            api.wait(sleeper.id, condition="sunday")


# --- signals --------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [None, 9, "SIGKILL", "KILL", signal.SIGKILL])
def test_kill_ends_a_program_whatever_it_does(client, sleeper, sent):
    sleeper.kill(sent)
    sleeper.reload()
    assert (sleeper.status, sleeper.attrs["State"]["ExitCode"]) == ("exited", 137)


def test_process_one_does_not_die_of_what_it_does_not_handle(client, sleeper):
    sleeper.kill("SIGTERM")
    sleeper.reload()
    assert sleeper.status == "running"


def test_kill_refuses_signals_that_are_none(client, sleeper):
    for sent in ("SIGNONSENSE", 99):
        with pytest.raises(APIError, match=r"(?i)signal"):
            sleeper.kill(sent)
    sleeper.kill()
    with pytest.raises(APIError, match="is not running") as failure:
        sleeper.kill()
    assert status_of(failure) == 409


def test_stop_asks_first_and_kills_when_the_time_is_up(client, sleeper):
    sleeper.stop(timeout=0)
    sleeper.reload()
    assert (sleeper.status, sleeper.attrs["State"]["ExitCode"]) == ("exited", 137)
    top = client.containers.run("alpine", "top", detach=True)
    top.stop(timeout=60)
    top.reload()
    assert (top.status, top.attrs["State"]["ExitCode"]) == ("exited", 143)


def test_stopping_and_starting_twice_changes_nothing(client, sleeper, double):
    sleeper.start()
    sleeper.stop(timeout=0)
    sleeper.stop(timeout=0)
    codes = [asked.status for asked in double.requests_to("POST /containers/{id}/stop")]
    assert codes == [204, 304]
    starts = double.requests_to("POST /containers/{id}/start")
    assert [asked.status for asked in starts] == [204, 304]


def test_restart_begins_anew(client, sleeper):
    first = sleeper.attrs["State"]["StartedAt"]
    sleeper.restart(timeout=0)
    sleeper.reload()
    assert sleeper.status == "running"
    assert sleeper.attrs["State"]["StartedAt"] > first
    assert sleeper.attrs["RestartCount"] == 0


def test_a_paused_container_stands_still(client, sleeper, double):
    sleeper.pause()
    sleeper.reload()
    assert (sleeper.status, sleeper.attrs["State"]["Running"]) == ("paused", True)
    for refused in (sleeper.pause, lambda: sleeper.exec_run("true")):
        with pytest.raises(APIError, match="paused") as failure:
            refused()
        assert status_of(failure) == 409
    double.advance(20_000)
    sleeper.reload()
    assert sleeper.status == "paused"
    sleeper.unpause()  # its time was up long ago
    assert sleeper.wait(timeout=30)["StatusCode"] == 0
    sleeper.reload()
    assert (sleeper.status, sleeper.attrs["State"]["ExitCode"]) == ("exited", 0)


def test_a_paused_container_goes_on(client, sleeper):
    sleeper.pause()
    sleeper.unpause()
    sleeper.reload()
    assert sleeper.status == "running"
    with pytest.raises(APIError, match="is not paused"):
        sleeper.unpause()


# --- looked at ------------------------------------------------------------------------


def test_top_shows_the_programs_of_a_container(client, sleeper):
    shown = sleeper.top()
    assert shown["Titles"] == "UID PID PPID C STIME TTY TIME CMD".split()
    assert [row[-1] for row in shown["Processes"]] == ["sleep 9999"]
    users = sleeper.top(ps_args="aux")
    assert users["Titles"][0] == "USER"
    sleeper.kill()
    with pytest.raises(APIError, match="not running"):
        sleeper.top()


def test_stats_come_once_and_go_on(client, api, sleeper):
    once = sleeper.stats(stream=False)
    assert {"read", "networks", "cpu_stats", "precpu_stats", "memory_stats"} <= set(
        once
    )
    assert once["name"] == "/sleeper"
    going = sleeper.stats(decode=True)
    first = next(going)
    assert first["id"] == sleeper.id
    going.close()
    api.stop(sleeper.id, timeout=0)
    assert sleeper.stats(stream=False)["id"] == sleeper.id


def test_stats_do_not_go_on_for_one_shot_and_stream(client, sleeper):
    with pytest.raises(Exception, match="decode"):
        sleeper.stats(stream=False, decode=True)
    assert sleeper.stats(stream=False, one_shot=True)["precpu_stats"]


def test_limits_are_changed_while_it_runs(client):
    made = client.containers.run("alpine", "top", detach=True, cpu_shares=2)
    made.update(cpu_shares=3, mem_limit="64m", memswap_limit="128m")
    made.reload()
    shown = made.attrs["HostConfig"]
    assert (shown["CpuShares"], shown["Memory"]) == (3, 64 << 20)
    made.update(restart_policy={"Name": "on-failure", "MaximumRetryCount": 5})
    made.reload()
    assert made.attrs["HostConfig"]["RestartPolicy"]["Name"] == "on-failure"


def test_a_container_gets_another_name(client, sleeper):
    sleeper.rename("dreamer")
    sleeper.reload()
    assert sleeper.name == "dreamer"
    with pytest.raises(NotFound):
        client.containers.get("sleeper")
    with pytest.raises(APIError) as failure:
        sleeper.rename("no/name")
    assert status_of(failure) == 400


def test_a_running_container_is_removed_by_force_only(client, sleeper):
    with pytest.raises(
        APIError, match=r"container is running|running container"
    ) as failure:
        sleeper.remove()
    assert status_of(failure) == 409
    sleeper.remove(force=True)
    assert client.containers.list(all=True) == []
    with pytest.raises(NotFound, match="No such container"):
        sleeper.remove()


def test_volumes_of_its_own_go_with_a_container(client):
    made = client.containers.create("alpine", "true", volumes=["/data"])
    kept = client.containers.create("alpine", "true", volumes=["named:/data"])
    assert len(client.volumes.list()) == 2
    made.remove(v=True)
    kept.remove(v=True)
    assert [volume.name for volume in client.volumes.list()] == ["named"]


def test_pruning_removes_what_does_not_run_and_says_what_that_gives(client, sleeper):
    done = client.containers.run("alpine", "sh -c 'echo hello > /data'", detach=True)
    done.wait()
    said = client.containers.prune()
    assert said["ContainersDeleted"] == [done.id]
    assert said["SpaceReclaimed"] == len("hello\n")
    assert client.containers.list(all=True) == [sleeper]
    assert client.containers.prune()["ContainersDeleted"] is None


def test_pruning_is_filtered(client):
    for label in ("old", "new"):
        client.containers.create("alpine", "true", labels=[label])
    assert (
        len(client.containers.prune(filters={"label": ["old"]})["ContainersDeleted"])
        == 1
    )
    assert client.containers.prune(filters={"until": "1h"})["ContainersDeleted"] is None
    with pytest.raises(APIError) as failure:
        client.containers.prune(filters={"colour": "red"})
    assert status_of(failure) == 400


# --- listed ---------------------------------------------------------------------------


@pytest.fixture
def fleet(client):
    """A running web server, a worker that has failed, and a container of none."""
    client.networks.create("app")
    web = client.containers.run(
        "alpine",
        "sleep 999",
        name="web",
        detach=True,
        labels={"tier": "front"},
        network="app",
        ports={"80/tcp": 8080},
    )
    worker = client.containers.run(
        "busybox",
        "sh -c 'exit 3'",
        name="worker",
        detach=True,
        labels={"tier": "back", "owner": "me"},
        volumes=["jobs:/jobs"],
    )
    worker.wait()
    idle = client.containers.create("alpine", "true", name="idle")
    return {"web": web, "worker": worker, "idle": idle}


LISTS = [
    ({}, ["web"]),
    ({"all": True}, ["idle", "worker", "web"]),
    ({"limit": 1}, ["idle"]),
    ({"filters": {"since": "web"}, "all": True}, ["idle", "worker"]),
    ({"filters": {"before": "worker"}, "all": True}, ["web"]),
    ({"filters": {"status": "exited"}}, ["worker"]),
    ({"filters": {"status": ["created", "running"]}}, ["idle", "web"]),
    ({"filters": {"exited": 3}}, []),
    ({"filters": {"exited": 3}, "all": True}, ["worker"]),
    ({"filters": {"exited": 0}, "all": True}, []),
    ({"filters": {"name": "w"}, "all": True}, ["worker", "web"]),
    ({"filters": {"name": "^/web$"}}, ["web"]),
    ({"filters": {"label": "tier"}, "all": True}, ["worker", "web"]),
    ({"filters": {"label": ["tier=back", "owner"]}, "all": True}, ["worker"]),
    ({"filters": {"ancestor": "busybox"}, "all": True}, ["worker"]),
    ({"filters": {"network": "app"}}, ["web"]),
    ({"filters": {"volume": "jobs"}, "all": True}, ["worker"]),
    ({"filters": {"volume": "/jobs"}, "all": True}, ["worker"]),
    ({"filters": {"publish": "8080"}}, ["web"]),
    ({"filters": {"publish": "80"}}, []),
    ({"filters": {"expose": "80/tcp"}}, ["web"]),
    ({"filters": {"health": "none"}, "all": True}, ["idle", "worker", "web"]),
    ({"filters": {"since": "web", "ancestor": "alpine"}, "all": True}, ["idle"]),
]


@pytest.mark.parametrize(("asked", "names"), LISTS, ids=str)
def test_a_list_of_containers_is_filtered(client, fleet, asked, names):
    assert [made.name for made in client.containers.list(**asked)] == names


def test_a_list_shows_what_each_container_is(api, fleet):
    shown = {item["Names"][0]: item for item in api.containers(all=True, size=True)}
    web, worker = shown["/web"], shown["/worker"]
    assert (web["Image"], web["Command"], web["State"]) == (
        "alpine",
        "sleep 999",
        "running",
    )
    assert web["Status"].startswith("Up ")
    assert worker["Status"].startswith("Exited (3) ")
    assert {port["PublicPort"] for port in web["Ports"]} == {8080}
    assert web["Labels"] == {"tier": "front"}
    assert web["SizeRootFs"] >= 0
    assert abs(web["Created"] - datetime.now(UTC).timestamp()) < 60
    assert api.containers(quiet=True) == [{"Id": fleet["web"].id}]


def test_filters_that_are_none_are_refused(client):
    for filters in ({"colour": "red"}, {"status": "sleepy"}, {"exited": "x"}):
        with pytest.raises(APIError) as failure:
            client.containers.list(filters=filters)
        assert status_of(failure) in {400, 500}


def test_a_container_is_found_by_name_id_and_the_beginning_of_its_id(client, sleeper):
    for asked in (sleeper.name, sleeper.id, sleeper.id[:12], sleeper.id[:4]):
        assert client.containers.get(asked) == sleeper
    with pytest.raises(NotFound, match="No such container: ghost"):
        client.containers.get("ghost")

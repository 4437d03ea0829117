"""What a container uses of its host: processes, stats, limits and the terminal's size."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.api.stats import StatsStream, reading_of
from minidock.api.streams import Moment
from minidock.engine import Engine

SECOND = 1_000_000_000


def running(era="28", line="run -d --name web -p 8080:80 nginx"):
    docker = Engine(era)
    docker(line)
    return docker, next(docker.world.containers_in_order())


def test_top_shows_what_ps_shows_on_the_host():
    docker, web = running("20.10", "run -d --name lg busybox sleep 100000")
    body = docker.api("GET", "/containers/lg/top").body
    assert body["Titles"] == "UID PID PPID C STIME TTY TIME CMD".split()
    pid = web.state.pid
    row = ["root", str(pid), str(pid - 20), "0", "22:13", "?", "00:00:00"]
    assert body["Processes"] == [[*row, "sleep 100000"]]
    body = docker.api("GET", "/containers/lg/top?ps_args=aux").body
    assert body["Titles"] == (
        "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND".split()
    )
    assert [len(row) for row in body["Processes"]] == [11]


def test_a_shell_that_has_become_its_last_command_is_shown_as_that():
    script = "echo out1; echo err1 >&2; sleep 100000"
    docker, _ = running(line=f"run -d --name lg busybox sh -c '{script}'")
    rows = docker.api("GET", "/containers/lg/top").body["Processes"]
    assert rows[0][-1] == "sleep 100000"


def test_the_columns_that_were_asked_for_are_shown_and_pid_is_needed():
    docker, web = running()
    body = docker.api("GET", "/containers/web/top?ps_args=-o%20pid,comm").body
    assert body["Titles"] == ["PID", "COMMAND"]
    assert body["Processes"][0][0] == str(web.state.pid)
    refused = docker.api("GET", "/containers/web/top?ps_args=-o%20comm")
    text = "Couldn't find PID field in ps output"
    assert (refused.status, refused.message) == (500, text)


def test_the_processes_of_what_does_not_run_are_refused():
    docker, web = running("20.10")
    docker("stop web")
    answer = docker.api("GET", "/containers/web/top")
    assert (answer.status, answer.message) == (
        409,
        f"Container {web.id} is not running",
    )


@given(st.integers(0, 10**13), st.integers(0, 10**13))
def test_counters_never_fall_while_a_container_runs(a, b):
    docker, web = RUNNING
    early, late = (
        reading_of(docker.world, web, web.state.started + age, None)
        for age in sorted((a, b))
    )
    for path in (
        ("cpu_stats", "cpu_usage", "total_usage"),
        ("cpu_stats", "cpu_usage", "usage_in_kernelmode"),
        ("cpu_stats", "system_cpu_usage"),
        ("networks", "eth0", "rx_bytes"),
        ("memory_stats", "usage"),
    ):
        first, second = early, late
        for key in path:
            first, second = first[key], second[key]
        assert first <= second


RUNNING = running()


def test_the_stream_gives_a_reading_a_second_and_ends_with_its_container():
    docker, web = running()
    stream, readings, dues = StatsStream(container=web.id, due=docker.now), [], []
    for tenths in range(0, 31, 5):
        moment = Moment(world=docker.world, now=docker.now + tenths * SECOND // 10)
        reading = stream.read(moment)
        readings += [json.loads(chunk.data) for chunk in reading.chunks]
        stream = reading.rest
        dues.append(reading.due)
    assert len(readings) == 4
    assert readings[0]["preread"] == "0001-01-01T00:00:00Z"
    assert readings[2]["precpu_stats"] == readings[1]["cpu_stats"]
    docker("stop web")
    last = stream.read(docker.moment())
    assert last.rest is None
    assert json.loads(last.chunks[0].data)["memory_stats"] == {}


def test_one_reading_knows_the_second_before_unless_it_is_one_shot():
    docker, _ = running()
    docker.advance(60)
    plain = docker.api("GET", "/containers/web/stats?stream=0").body
    assert plain["precpu_stats"]["system_cpu_usage"] > 0
    once = docker.api("GET", "/containers/web/stats?stream=0&one-shot=1").body
    assert "system_cpu_usage" not in once["precpu_stats"]
    limit = docker.world.host.memory
    assert once["memory_stats"]["limit"] == limit


def test_stats_of_what_does_not_run_are_zero():
    docker, web = running()
    docker("stop web")
    body = docker.api("GET", "/containers/web/stats?stream=false").body
    assert (body["id"], body["cpu_stats"]["cpu_usage"]["total_usage"]) == (web.id, 0)
    assert "networks" not in body


def test_an_update_is_shown_by_inspect_and_leaves_the_rest():
    docker, _ = running()
    asked = {"Memory": 2**28, "CpuShares": 0, "RestartPolicy": {"Name": "always"}}
    alone = docker.api("POST", "/containers/web/update", asked)
    assert (alone.status, alone.message.partition(": ")[2].partition(",")[0]) == (
        409,
        "Memory limit should be smaller than already set memoryswap limit",
    )
    asked["MemorySwap"] = 2**29
    answer = docker.api("POST", "/containers/web/update", asked)
    assert (answer.status, answer.body) == (200, {"Warnings": None})
    host = docker.api("GET", "/containers/web/json").body["HostConfig"]
    assert (host["Memory"], host["CpuShares"]) == (2**28, 0)
    assert host["RestartPolicy"] == {"Name": "always", "MaximumRetryCount": 0}
    assert list(host["PortBindings"]) == ["80/tcp"]


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"RestartPolicy": {"Name": "bogus"}}, 400, "invalid restart policy 'bogus'"),
        (
            {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 3}},
            400,
            "maximum retry count cannot be used with restart policy 'always'",
        ),
        ({"Memory": 1000}, 400, "Minimum memory limit allowed is 6MB"),
        (
            {"Memory": 2**28, "MemorySwap": 2**27},
            400,
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        ),
    ],
)
def test_an_update_that_makes_no_sense_is_refused(body, status, text):
    docker, _ = running("20.10")
    before = docker.world
    answer = docker.api("POST", "/containers/web/update", body)
    assert (answer.status, answer.message) == (status, text)
    assert docker.world is before


def test_a_container_is_created_with_a_policy_that_there_is():
    docker = Engine()
    for policy, removed, text in (
        ("bogus", False, "invalid restart policy: unknown policy 'bogus'"),
        ("always", True, "can't create 'AutoRemove' container with restart policy"),
    ):
        host = {"RestartPolicy": {"Name": policy}, "AutoRemove": removed}
        body = {"Image": "nginx", "HostConfig": host}
        answer = docker.api("POST", "/containers/create", body)
        assert answer.status == 400
        assert answer.message.startswith(text)


def test_what_is_removed_at_its_end_gets_no_restart_policy():
    docker, _ = running(line="run -d --rm --name web nginx")
    body = {"RestartPolicy": {"Name": "always"}}
    answer = docker.api("POST", "/containers/web/update", body)
    assert answer.status == 409
    assert "AutoRemove" in answer.message


def test_a_terminal_s_size_is_two_whole_numbers():
    docker, _ = running()
    assert docker.api("POST", "/containers/web/resize?h=24&w=80").status == 200
    answer = docker.api("POST", "/containers/web/resize?h=x&w=80")
    text = 'invalid resize height "x": invalid syntax'
    assert (answer.status, answer.message) == (400, text)
    old, _ = running("20.10")
    answer = old.api("POST", "/containers/web/resize?h=x&w=80")
    text = 'strconv.Atoi: parsing "x": invalid syntax'
    assert (answer.status, answer.message) == (400, text)
    docker("stop web")
    assert docker.api("POST", "/containers/web/resize?h=24&w=80").status == 409


def test_an_exec_has_a_terminal_once_it_was_started():
    docker, _ = running()
    body = {"Cmd": ["true"], "Tty": True}
    made = docker.api("POST", "/containers/web/exec", body).body["Id"]
    path = f"/exec/{made}/resize?h=24&w=80"
    answer = docker.api("POST", path)
    assert (answer.status, answer.message) == (400, "exec process is not started")
    docker.api("POST", f"/exec/{made}/start", {"Tty": True})
    assert docker.api("POST", path).status == 200
    assert docker.api("POST", "/exec/nosuch/resize?h=1&w=1").status == 404

"""Restart policies and --rm on the clock."""

from itertools import pairwise

import pytest

from tests.runtime.test_turning import SECOND, found, host, state


def starts(docker, name: str) -> list[float]:
    """When a container was started, in seconds after the first time."""
    moments = [
        event.time
        for event in docker.events
        if event.type == "container"
        and event.action == "start"
        and event.attributes.text("name") == name
    ]
    return [round((moment - moments[0]) / SECOND, 3) for moment in moments]


def test_each_wait_is_twice_as_long_as_the_one_before_up_to_a_minute():
    docker = host("run -d --name job --restart always alpine false")
    docker.advance(3600)
    waits = [b - a for a, b in pairwise(starts(docker, "job"))]
    assert [round(wait, 3) for wait in waits[:11]] == [
        0.1,
        0.2,
        0.4,
        0.8,
        1.6,
        3.2,
        6.4,
        12.8,
        25.6,
        51.2,
        60.0,
    ]
    assert found(docker, "job").restart_count == len(waits) + 1
    assert state(docker, "job") == ("restarting", 1)


def test_a_container_that_ran_for_ten_seconds_begins_anew():
    docker = host("run -d --name job --restart always alpine sleep 10")
    docker.advance(45)
    assert starts(docker, "job") == [0.0, 10.1, 20.2, 30.3, 40.4]


@pytest.mark.parametrize(
    ("policy", "code", "count", "status"),
    [
        ("no", 1, 0, "exited"),
        ("on-failure", 0, 0, "exited"),
        ("on-failure:3", 1, 3, "exited"),
        ("on-failure:0", 1, 6, "restarting"),
        ("unless-stopped", 0, 6, "restarting"),
    ],
)
def test_the_policy_decides_by_the_code(policy, code, count, status):
    docker = host(f"run -d --name job --restart {policy} alpine sh -c 'exit {code}'")
    docker.advance(5)
    assert found(docker, "job").restart_count == count
    assert state(docker, "job") == (status, code)


@pytest.mark.parametrize("command", ["stop job", "kill job", "rm -f job"])
def test_who_is_stopped_by_hand_stays_so(command):
    docker = host("run -d --name job --restart always alpine sleep 5")
    docker(command)
    docker.advance(60)
    assert starts(docker, "job") == [0.0]
    assert docker.next_due is None


def test_a_container_that_waits_for_its_restart_can_be_stopped_and_started():
    docker = host("run -d --name job --restart always alpine false")
    docker.advance(5)
    shown = docker.api("GET", "/containers/job/json").body["State"]
    assert (shown["Status"], shown["Running"], shown["Restarting"], shown["Pid"]) == (
        "restarting",
        True,
        True,
        0,
    )
    assert "restarting" in docker("rm job").stderr
    assert docker("stop job").ok
    assert state(docker, "job")[0] == "exited"
    docker.advance(100)
    assert state(docker, "job")[0] == "exited"
    docker("start job")
    assert found(docker, "job").restart_count == 1
    assert docker("rm -f job").ok
    assert docker.next_due is None


def test_a_changed_policy_holds_at_the_next_end():
    docker = host("run -d --name job --restart always alpine sleep 5")
    docker("update --restart no job")
    docker.api("POST", "/containers/job/update", {"RestartPolicy": {"Name": "no"}})
    docker.advance(60)
    assert state(docker, "job") == ("exited", 0)


def test_a_container_run_with_rm_goes_when_its_program_ends():
    docker = host("run -d --rm --name job alpine sleep 5")
    docker.advance(4)
    assert "job" in docker.world.names
    docker.advance(2)
    assert "job" not in docker.world.names
    actions = [event.action for event in docker.events if event.type == "container"]
    assert actions[-2:] == ["die", "destroy"]


def test_a_restarting_container_listens_on_nothing_and_has_no_address():
    docker = host("run -d --name db --restart always redis sh -c 'sleep 1; false'")
    docker.advance(1.05)
    assert state(docker, "db")[0] == "restarting"
    assert [e.address for e in found(docker, "db").endpoints] == [None]
    docker.advance(0.1)
    assert state(docker, "db")[0] == "running"

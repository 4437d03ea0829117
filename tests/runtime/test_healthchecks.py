"""Health checks on the clock."""

import pytest

from minidock.engine import Engine
from tests.runtime.test_turning import SECOND, found, host


def health(docker: Engine, name: str = "db") -> tuple[str, int, int]:
    """Status, failing streak, and how many probes are remembered."""
    shown = docker.api("GET", f"/containers/{name}/json").body["State"]["Health"]
    return shown["Status"], shown["FailingStreak"], len(shown["Log"])


def checked(test: str, flags: str = "", **more: object) -> Engine:
    """A container whose health is checked every second."""
    docker = host()
    line = f"run -d --name db --health-interval 1s {flags} redis".split()
    docker([*line[:-1], "--health-cmd", test, "redis"])
    return docker


def test_a_check_that_goes_well_makes_it_healthy_and_says_so():
    docker = checked("true")
    assert health(docker) == ("starting", 0, 0)
    assert "(health: starting)" in docker("ps").stdout
    docker.advance(1)
    assert health(docker) == ("healthy", 0, 1)
    assert "(healthy)" in docker("ps").stdout
    actions = [e.action for e in docker.events if e.type == "container"][-4:]
    assert actions == [
        "exec_create: /bin/sh -c true",
        "exec_start: /bin/sh -c true",
        "exec_die",
        "health_status: healthy",
    ]


def test_it_is_unhealthy_after_three_failures_and_remembers_five():
    docker = checked("echo bad; false")
    docker.advance(2)
    assert health(docker) == ("starting", 2, 2)
    docker.advance(1)
    assert health(docker) == ("unhealthy", 3, 3)
    docker.advance(9)
    assert health(docker) == ("unhealthy", 12, 5)
    log = docker.api("GET", "/containers/db/json").body["State"]["Health"]["Log"]
    assert (log[0]["ExitCode"], log[0]["Output"]) == (1, "bad\n")


def test_one_retry_is_enough_where_one_is_asked_for():
    docker = checked("false", "--health-retries 1")
    docker.advance(1)
    assert health(docker)[:2] == ("unhealthy", 1)


def test_failures_in_the_start_period_do_not_count():
    docker = checked("false", "--health-start-period 4s --health-start-interval 1s")
    docker.advance(3.5)
    assert health(docker) == ("starting", 0, 3)
    docker.advance(3)
    assert health(docker)[:2] == ("unhealthy", 3)


def test_the_start_interval_is_for_new_engines_only():
    flags = "--health-start-period 60s --health-start-interval 500ms"
    test = {"Test": ["CMD", "false"], "Interval": 10 * SECOND}
    test |= {"StartPeriod": 60 * SECOND, "StartInterval": SECOND}
    for era, probes in (("20.10", 1), ("28", 5)):
        docker = Engine(era)
        docker("pull -q redis")
        body = {"Image": "redis", "Healthcheck": test}
        docker.api("POST", "/containers/create?name=db", body)
        docker.api("POST", "/containers/db/start")
        docker.advance(10.5)
        assert health(docker)[2] == probes, flags


def test_a_probe_that_takes_too_long_has_failed():
    docker = checked("sleep 100", "--health-timeout 2s --health-retries 1")
    docker.advance(2.9)
    assert health(docker) == ("starting", 0, 0)
    docker.advance(0.2)
    assert health(docker) == ("unhealthy", 1, 1)
    log = found(docker, "db").health.log
    assert (log[0].exit_code, log[0].output) == (
        -1,
        "Health check exceeded timeout (2s)",
    )


def test_a_probe_sees_the_world_of_its_moment():
    docker = checked("test -f /tmp/ready")
    docker.advance(1)
    docker("exec db touch /tmp/ready")
    docker.advance(1)
    assert health(docker)[:2] == ("healthy", 0)


@pytest.mark.parametrize("command", ["stop db", "pause db"])
def test_nobody_probes_a_container_that_does_not_run(command):
    docker = checked("true")
    docker.advance(1)
    docker(command)
    docker.advance(60)
    assert health(docker)[::2] == ("unhealthy", 1)
    docker(command.replace("stop", "start").replace("pause", "unpause"))
    docker.advance(1)
    assert health(docker)[0] == "healthy"


def test_no_healthcheck_means_none():
    docker = host("run -d --name db --no-healthcheck redis")
    docker.advance(60)
    assert "Health" not in docker.api("GET", "/containers/db/json").body["State"]
    assert docker.next_due is None

"""Health checks on the engine's clock, as docker-py asks for them."""

import time

import pytest

SECOND = 1_000_000_000


def state(api, made):
    return api.inspect_container(made)["State"]["Health"]


def checked(api, **check):
    made = api.create_container("alpine", "sleep 9999", healthcheck=check)["Id"]
    api.start(made)
    return made


def test_a_container_without_a_check_has_no_health(api, sleeper):
    assert "Health" not in api.inspect_container(sleeper.id)["State"]


@pytest.mark.parametrize("test", ["true", ["CMD", "true"], ["CMD-SHELL", "true"]])
def test_a_check_that_passes_makes_it_healthy(api, double, test):
    made = checked(api, test=test, interval=5 * SECOND)
    assert state(api, made)["Status"] == "starting"
    double.advance(6)
    shown = state(api, made)
    assert (shown["Status"], shown["FailingStreak"]) == ("healthy", 0)
    assert shown["Log"][-1]["ExitCode"] == 0


def test_a_check_that_fails_often_makes_it_unhealthy(api, double):
    made = checked(api, test="echo sick; exit 1", interval=60 * SECOND, retries=3)
    double.advance(150)
    assert state(api, made)["Status"] == "starting"
    double.advance(180)
    shown = state(api, made)
    assert shown["Status"] == "unhealthy"
    assert shown["FailingStreak"] >= 3
    assert shown["Log"][-1]["Output"] == "sick\n"


def test_failures_at_the_start_do_not_count(api, double):
    made = checked(
        api, test="false", interval=SECOND, retries=1, start_period=60 * SECOND
    )
    double.advance(30)
    assert state(api, made)["Status"] == "starting"
    double.advance(60)
    assert state(api, made)["Status"] == "unhealthy"


def test_a_container_recovers(api, double, client):
    made = checked(api, test="test -e /well", interval=SECOND, retries=1)
    double.advance(2)
    assert state(api, made)["Status"] == "unhealthy"
    client.containers.get(made).exec_run("touch /well")
    double.advance(2)
    assert state(api, made)["Status"] == "healthy"
    assert client.containers.list(filters={"health": "healthy"})


def test_a_check_of_none_checks_nothing(api, double):
    made = checked(api, test=["NONE"])
    double.advance(60)
    assert "Health" not in api.inspect_container(made)["State"]


def test_health_is_told_in_events(api, double):
    begun = int(time.time()) - 1
    checked(api, test="true", interval=5 * SECOND)
    double.advance(20)  # the engine's clock is ahead of ours from here
    told = api.events(
        since=begun,
        until=int(time.time()) + 10,
        filters={"event": "health_status"},
        decode=True,
    )
    assert [event["Action"] for event in told] == ["health_status: healthy"]

"""Moments and durations in Docker's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import NotationError
from minidock.views.durations import (
    NEVER,
    SECOND,
    clock_text,
    human_duration,
    parse_timestamp,
    status_text,
    timestamp,
)

HOUR = 3600
DAY = 24 * HOUR
moments = st.integers(-62_135_596_800 * SECOND, 253_402_300_799 * SECOND)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "Less than a second"),
        (0.9, "Less than a second"),
        (1, "1 second"),
        (1.99, "1 second"),
        (2, "2 seconds"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (119, "About a minute"),
        (120, "2 minutes"),
        (59 * 60 + 59, "59 minutes"),
        (HOUR, "About an hour"),
        (1.4 * HOUR, "About an hour"),
        (1.5 * HOUR, "2 hours"),
        (47.4 * HOUR, "47 hours"),
        (48 * HOUR, "2 days"),
        (13 * DAY, "13 days"),
        (14 * DAY, "2 weeks"),
        (59 * DAY, "8 weeks"),
        (60 * DAY, "2 months"),
        (365 * DAY, "12 months"),
        (730 * DAY, "2 years"),
        (10 * 365 * DAY, "10 years"),
    ],
)
def test_a_duration_is_worded_as_docker_does(seconds, text):
    assert human_duration(int(seconds * SECOND)) == text


def test_trailing_zeros_of_a_fraction_are_dropped():
    assert timestamp(1_500_000_000) == "1970-01-01T00:00:01.5Z"
    assert timestamp(1_000_000_001) == "1970-01-01T00:00:01.000000001Z"
    assert clock_text(1_500_000_000) == "1970-01-01 00:00:01.5 +0000 UTC"


def test_zones_are_read():
    assert parse_timestamp("2026-05-07T21:09:36.000000000+00:00") == parse_timestamp(
        "2026-05-07T19:09:36-02:00"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24",
        "2026-13-24T00:00:00Z",
        "2026-11-24T18:52:45",
        "2026-11-24T18:52:45.Z",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(NotationError, match="is no RFC 3339 time"):
        parse_timestamp(text)


@given(moments)
def test_reading_a_timestamp_gives_the_moment_back(moment):
    assert parse_timestamp(timestamp(moment)) == moment


def test_never_is_go_s_zero_time():
    assert timestamp(parse_timestamp(NEVER)) == NEVER


NOW = parse_timestamp("2026-11-24T19:00:00Z")
EARLIER = "2026-11-24T18:57:00Z"


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"Running": True, "StartedAt": EARLIER}, "Up 3 minutes"),
        (
            {"Running": True, "Paused": True, "StartedAt": EARLIER},
            "Up 3 minutes (Paused)",
        ),
        (
            {"Running": True, "StartedAt": EARLIER, "Health": {"Status": "healthy"}},
            "Up 3 minutes (healthy)",
        ),
        (
            {"Running": True, "StartedAt": EARLIER, "Health": {"Status": "starting"}},
            "Up 3 minutes (health: starting)",
        ),
        (
            {"Running": True, "StartedAt": EARLIER, "Health": {"Status": "none"}},
            "Up 3 minutes",
        ),
        (
            {
                "Running": True,
                "Restarting": True,
                "ExitCode": 1,
                "StartedAt": EARLIER,
                "FinishedAt": EARLIER,
            },
            "Restarting (1) 3 minutes ago",
        ),
        ({"Running": False, "StartedAt": NEVER, "FinishedAt": NEVER}, "Created"),
        ({"Running": False, "StartedAt": EARLIER, "FinishedAt": NEVER}, ""),
        (
            {
                "Running": False,
                "StartedAt": EARLIER,
                "FinishedAt": EARLIER,
                "ExitCode": 137,
            },
            "Exited (137) 3 minutes ago",
        ),
        ({"Running": False, "Dead": True}, "Dead"),
        ({"Running": False, "Status": "removing"}, "Removal In Progress"),
    ],
)
def test_a_state_is_worded_as_docker_does(state, text):
    assert status_text(state, NOW) == text

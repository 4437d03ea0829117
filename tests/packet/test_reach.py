"""The matrix of who reaches whom."""

import pytest

from minidock.errors import NotFound
from minidock.packet.reach import reachability
from minidock.packet.trace import Outcome
from tests.packet.lab import Lab

LAB = Lab(
    "network create front",
    "network create back",
    "run -d --name web --network front -p 8080:80 nginx",
    "run -d --name app --network front nginx",
    "run -d --name db --network back redis",
    "network connect back app",
    "run -d --name quiet --network back busybox sleep 1000",
)
MATRIX = reachability(LAB.docker.world)


def test_an_outcome_of_the_matrix_is_that_of_the_journey_behind_it():
    for source, target, outcome in MATRIX.pairs():
        assert MATRIX.trace(source, target).outcome is outcome, (source, target)


def test_only_those_with_a_common_network_reach_a_container_directly():
    assert MATRIX.outcome("app", "db:6379/tcp") is Outcome.DELIVERED
    assert MATRIX.outcome("web", "db:6379/tcp") is Outcome.DROPPED


def test_who_listens_on_nothing_is_pinged():
    assert MATRIX.outcome("db", "quiet") is Outcome.DELIVERED


def test_the_host_and_the_world_outside_ask_and_are_asked():
    assert MATRIX.outcome("host", "db:6379/tcp") is Outcome.DELIVERED
    assert MATRIX.outcome("outside", "host:8080/tcp") is Outcome.DELIVERED
    assert MATRIX.outcome("outside", "db:6379/tcp") is Outcome.UNREACHABLE
    assert MATRIX.outcome("db", "outside") is Outcome.DELIVERED


def test_everybody_reaches_itself():
    assert MATRIX.outcome("web", "web:80/tcp") is Outcome.DELIVERED
    assert MATRIX.outcome("host", "host") is Outcome.DELIVERED
    assert len(MATRIX) == len(MATRIX.sources) * len(MATRIX.targets)


def test_a_pair_that_is_not_in_the_matrix_is_refused():
    with pytest.raises(NotFound, match="no pair web, nobody"):
        MATRIX.outcome("web", "nobody")

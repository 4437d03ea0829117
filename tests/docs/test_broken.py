"""The eight broken set-ups of a walkthrough: each fails as told, and its cure cures it."""

import json
from collections.abc import Iterator

import pytest

from tests.docs.pages import Run, host

PLAY = "docs/walkthroughs/broken.play"


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Runs a line on a host of its own, after the play; the state stays in one file."""
    with host() as anywhere:
        played = anywhere(f"minidock --state lab.db play {PLAY}")
        assert "minidock:" not in played
        assert "Error" not in played
        yield lambda line: anywhere(f"minidock --state lab.db {line}")


def traced(run: Run, ends: str):
    return json.loads(run(f"--json trace {ends}"))


BROKEN = {
    # who asks whom: outcome, the layer that decided, a word of why, of the remedy
    "web1 db1:6379": ("unreachable", "name", "no names", "network create"),
    "web2 10.2.2.20:6379": ("dropped", "firewall", "apart", "network connect back2"),
    "web3 db3:6379": ("refused", "socket", "127.0.0.1 only", "0.0.0.0"),
    "web4 db4:6379": ("dropped", "socket", "paused", "docker unpause db4"),
    "web5 db5:6379": ("dropped", "firewall", "icc is off", "publish"),
    "web6 203.0.113.60:6379": ("dropped", "firewall", "internal", "network connect"),
    "203.0.113.70 host:6307": ("refused", "socket", "127.0.0.1 only", "run -p 6307"),
    "203.0.113.80 host:6308 --size 1500": ("too big", "link", "1400", "same mtu"),
}

CURES = {
    "web1 db1:6379": (
        "network create app1",
        "network connect app1 web1",
        "network connect app1 db1",
    ),
    "web2 db2:6379": ("network connect back2 web2",),
    "web3 db3:6379": ("rm -f db3", "run -d --name db3 --network app3 redis"),
    "web4 db4:6379": ("unpause db4",),
    "web5 db5:6379": (
        "network create app5b",
        "network connect app5b web5",
        "network connect app5b db5",
        "network disconnect app5 db5",
    ),
    "web6 203.0.113.60:6379": ("network connect bridge web6",),
    "203.0.113.70 host:6307": (
        "rm -f db7",
        "run -d --name db7 --network app7 -p 6307:6379 redis",
    ),
    "203.0.113.80 host:6308 --size 1500": (
        "rm -f db8",
        "network rm app8",
        "network create app8",
        "run -d --name db8 --network app8 -p 6308:6379 redis",
    ),
}


def test_the_pair_that_works_does(run: Run) -> None:
    assert traced(run, "web db:6379")["delivered"]


@pytest.mark.parametrize("ends", BROKEN)
def test_a_broken_set_up_fails_as_the_lesson_tells(run: Run, ends: str) -> None:
    outcome, layer, why, remedy = BROKEN[ends]
    trace = traced(run, ends)
    asked = [hop for hop in trace["hops"] if not hop["reply"]]
    assert (trace["outcome"], asked[-1]["layer"]) == (outcome, layer)
    assert why in trace["why"]
    assert remedy in trace["remedy"]


def test_they_fail_in_every_way_there_is() -> None:
    outcomes = {outcome for outcome, *_ in BROKEN.values()}
    assert outcomes == {"unreachable", "refused", "dropped", "too big"}


@pytest.mark.parametrize("ends", CURES)
def test_the_cure_cures_it(run: Run, ends: str) -> None:
    assert not traced(run, ends)["delivered"]
    for line in CURES[ends]:
        run(line)
    assert traced(run, ends)["delivered"]

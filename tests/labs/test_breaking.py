"""A law, the commands that may happen, and the fewest of them that make it untrue."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.errors import Conflict, InvalidParameter, NotFound
from minidock.labs.breaking import break_it


def host(*lines):
    docker = Engine()
    for line in ("pull nginx", "network create shop", *lines):
        assert docker(line).ok, line
    return docker


START = host("run -d --name web --network shop nginx")
LINES = (
    "stop web",
    "start web",
    "run -d --name db --network shop nginx",
    "rm -f db",
    "network disconnect shop web",
    "network connect shop web",
    "host iptables -P FORWARD DROP",
    "nonsense",
)


def address(docker, name="web"):
    networks = docker.containers.get(name).attrs["NetworkSettings"]["Networks"]
    return networks.get("shop", {}).get("IPAddress", "")


def running(docker):
    return {container.name for container in docker.containers.list()}


def keeps_its_address(docker):
    return "web" not in running(docker) or address(docker) == "172.18.0.2"


def reached_by_name(docker):
    return not {"web", "db"} <= running(docker) or bool(docker.trace("db", "web:80"))


LAWS = {
    "web runs": lambda docker: "web" in running(docker),
    "web keeps its address": keeps_its_address,
    "db reaches web by its name": reached_by_name,
    "there is one network": lambda docker: len(docker.networks.list()) == 4,
    "web can be started": lambda docker: docker("start web").ok,
    "no two have one address": lambda docker: (
        "db" not in running(docker) or address(docker, "db") != address(docker)
    ),
    "at most one runs": lambda docker: len(running(docker)) < 2,
}


def naive(law, commands, depth):
    """The same in the fewest words: every sequence, from the start, each time."""
    for length in range(depth + 1):
        for steps in product(commands, repeat=length):
            docker = START.fork()
            for line in steps:
                if line.startswith("host "):
                    docker.host_command(line.removeprefix("host "))
                else:
                    docker(line)
            if not law(docker):
                return steps
    return None


def test_a_container_that_comes_back_may_have_another_address_after_three_commands():
    attempt = break_it(keeps_its_address, LINES[:4], start=START)
    assert attempt.steps == (LINES[0], LINES[2], LINES[1])
    assert not attempt.holds
    assert str(attempt).splitlines()[1:] == [f"  {step}" for step in attempt.steps]


@settings(deadline=None, max_examples=40)  # each tries hundreds of hosts
@given(
    law=st.sampled_from(sorted(LAWS)),
    commands=st.lists(st.sampled_from(LINES), max_size=5, unique=True),
    depth=st.integers(0, 3),
)
def test_what_breaks_a_law_in_the_fewest_steps_is_found(law, commands, depth):
    found = break_it(LAWS[law], commands, depth, start=START)
    assert found.steps == naive(LAWS[law], commands, depth)


@settings(deadline=None, max_examples=20)
@given(
    commands=st.lists(st.sampled_from(LINES), max_size=4, unique=True),
    depth=st.integers(0, 3),
)
def test_a_law_is_asked_once_for_each_different_world(commands, depth):
    asked = []

    def always(docker):
        asked.append(docker.world)
        return True

    attempt = break_it(always, commands, depth, start=START)
    assert attempt.holds
    assert attempt.worlds == len(asked) == len(set(asked))


def test_a_law_that_is_untrue_at_the_start_is_refused():
    with pytest.raises(InvalidParameter, match="before anything happened") as caught:
        break_it(lambda docker: not running(docker), LINES, start=START)
    assert caught.value.explain().count("\n") == 2


@pytest.mark.parametrize(
    ("commands", "depth"), [("stop web", 3), (LINES, -1)], ids=["one text", "negative"]
)
def test_what_makes_no_sense_to_try_is_refused(commands, depth):
    with pytest.raises(InvalidParameter) as caught:
        break_it(lambda _: True, commands, depth, start=START)
    assert caught.value.explain().count("\n") == 2


def test_a_law_may_try_things_and_the_start_stays_as_it_is():
    before = START.world

    def goes(docker):
        return docker("rm -f web").ok

    assert break_it(goes, LINES[:2], start=START).holds
    assert START.world is before


def test_a_law_that_fails_itself_says_after_which_commands():
    def careless(docker):
        return docker.containers.get("web").status

    with pytest.raises(NotFound) as caught:
        break_it(careless, ["stop web", "rm web"], start=START)
    assert caught.value.__notes__ == ["the law was asked after: stop web; rm web"]


def test_a_command_that_is_refused_everywhere_is_told():
    attempt = break_it(lambda _: True, ["stop web", "stpo web"], 2, start=START)
    assert attempt.refused == ("stpo web",)
    assert "refused in each of them: stpo web" in str(attempt)


def test_a_fork_goes_its_own_way():
    docker = host()
    other = docker.fork()
    assert (other.world, other.now) == (docker.world, docker.now)
    other("run -d --name web nginx")
    docker("network create app")
    assert not docker.containers.list()
    assert "app" not in {network.name for network in other.networks.list()}
    other.back()
    other.back()
    assert other.world == docker.history[-2]


def test_a_fork_of_a_host_that_shares_a_registry_is_refused():
    docker = Engine(registry="memory://fork", advertise="192.0.2.2:2376")
    with pytest.raises(Conflict):
        docker.fork()


# --- the laws of lesson 15 ------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(LINES[:6]), max_size=12))
def test_a_name_leads_to_a_container_wherever_it_is_now(lines):
    docker = START.fork()
    for line in lines:
        docker(line)
        if {"web", "db"} <= running(docker) and address(docker):
            trace = docker.trace("db", "web:80")
            assert trace.delivered
            assert trace.why.startswith("web answers on 80/tcp")

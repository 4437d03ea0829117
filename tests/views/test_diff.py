"""What one command changed."""

from collections import Counter
from copy import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.views.diff import Difference, difference
from tests.views.drawn import engine
from tests.views.strategies_views import law, worlds

LINES = (
    "network create app",
    "network create --internal back",
    "run -d --name web --network app -p 8080:80 nginx",
    "run -d --name db redis",
    "network connect back web",
    "network disconnect app web",
    "rename web www",
    "stop db",
    "start db",
    "pause db",
    "rm -f db",
    "network rm back",
)


def sections(docker, line):
    before = docker.world
    output = docker(line)
    assert output.ok, output.stderr
    return {s.title: s.lines for s in difference(before, docker.world).sections}


def swapped(lines):
    return Counter({"+": "-", "-": "+"}[line[0]] + line[1:] for line in lines)


# -- examples --------------------------------------------------------------------------


def test_creating_a_network_adds_a_bridge_its_route_and_its_rules():
    docker = engine()
    changed = sections(docker, "network create app")
    assert list(changed) == ["networks", "interfaces", "routes", "firewall rules"]
    assert changed["networks"] == ("+ app: bridge 172.18.0.0/16, gateway 172.18.0.1",)
    assert len(changed["interfaces"]) == len(changed["routes"]) == 1
    assert all(line.startswith("+ ") for line in changed["firewall rules"])
    assert any(
        "-s 172.18.0.0/16" in line and "MASQUERADE" in line
        for line in changed["firewall rules"]
    )


def test_running_a_container_shows_cause_and_effect_in_every_reading():
    docker = engine("pull nginx")
    changed = sections(docker, "run -d --name web -p 8080:80 nginx")
    assert changed["containers"] == (
        "+ web (nginx): running",
        "+ web on bridge: 172.17.0.2/16",
    )
    assert changed["published ports"] == ("+ 0.0.0.0:8080, [::]:8080 -> web 80/tcp",)
    bridge = [line for line in changed["interfaces"] if "docker0 172.17.0.1" in line]
    assert [("DOWN" in line, line[0]) for line in bridge] == [(True, "-"), (False, "+")]
    assert any(
        line.startswith("+ web: eth0 172.17.0.2/16 ==")
        for line in changed["interfaces"]
    )
    assert "+ web: default via 172.17.0.1 dev eth0" in changed["routes"]
    assert any(
        "--to-destination 172.17.0.2:80" in line for line in changed["firewall rules"]
    )
    assert any(
        line.startswith("+ web: 172.17.0.2 ")
        for line in changed["hosts files and DNS servers"]
    )


def test_a_user_network_brings_a_dns_server_into_the_container():
    docker = engine("network create app", "pull nginx")
    changed = sections(docker, "run -d --name web --network app nginx")
    assert "+ web: nameserver 127.0.0.11" in changed["hosts files and DNS servers"]
    assert len(changed["firewall rules in containers"]) == 6


def test_a_new_name_changes_nothing_but_the_name():
    docker = engine(
        "network create app", "run -d --name web --network app -p 80:80 nginx"
    )
    changed = sections(docker, "rename web www")
    assert changed == {
        "containers": (
            "- web (nginx): running",
            "- web on app: 172.18.0.2/16",
            "+ www (nginx): running",
            "+ www on app: 172.18.0.2/16",
        )
    }


def test_pausing_changes_the_state_alone():
    docker = engine("run -d --name web -p 80:80 nginx")
    assert sections(docker, "pause web") == {
        "containers": ("- web (nginx): running", "+ web (nginx): paused")
    }


def test_a_difference_prints_titles_above_its_lines():
    docker = engine("pull nginx")
    before = docker.world
    assert docker("tag nginx mine:1").ok
    title, line = str(difference(before, docker.world)).splitlines()
    assert title == "images"
    assert line.startswith("+ mine:1 (")


# -- laws ------------------------------------------------------------------------------


@law
@given(worlds())
def test_a_world_does_not_differ_from_itself(made):
    assert difference(made, made) == Difference()
    assert not difference(made, copy(made))
    assert str(difference(made, copy(made))) == ""


@law
@given(worlds(most=4), worlds(most=4))
def test_the_changes_from_there_to_here_mirror_those_from_here_to_there(one, other):
    there, back = difference(one, other), difference(other, one)
    assert [s.title for s in there.sections] == [s.title for s in back.sections]
    for this, that in zip(there.sections, back.sections, strict=True):
        assert Counter(this.lines) == swapped(that.lines)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_every_step_of_a_session_mirrors_its_undoing(commands):
    docker = engine()
    for line in commands:
        docker(line)  # many are refused: then nothing changes
    for old, new in zip(docker.history, docker.history[1:], strict=False):
        assert Counter(difference(old, new).lines) == swapped(
            difference(new, old).lines
        )


@law
@given(st.sampled_from(LINES[2:]))
def test_a_refused_command_makes_no_difference(line):
    docker = engine()
    before = docker.world
    if not docker(line).ok and docker.world is before:
        assert not difference(before, docker.world)

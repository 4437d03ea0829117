"""Commands are undone, not requests."""

from hypothesis import given
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.history import History


@given(st.lists(st.integers(1, 4), max_size=8), st.integers(0, 10))
def test_going_back_some_commands_undoes_each_with_all_its_worlds(sizes, back):
    history = History("first")
    reached = [0]
    for size in sizes:
        with history.one_command():
            for _ in range(size):
                history.keep(f"world {len(history)}")
        reached.append(len(history) - 1)
    assert history.place_before(back) == reached[max(0, len(sizes) - back)]


def test_each_request_outside_a_command_is_a_command():
    docker = Engine()
    for name in ("front", "rear"):
        docker.api("POST", "/networks/create", {"Name": name})
    docker.back()
    assert [n.name for n in docker.networks.list(names=["front", "rear"])] == ["front"]


def test_two_lines_are_two_commands():
    docker = Engine()
    docker("run -d --name web nginx")
    docker("run -d --name db redis")
    docker.back()
    assert [c.name for c in docker.containers.list()] == ["web"]

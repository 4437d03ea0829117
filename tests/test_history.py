"""Commands are undone, not requests."""

from hypothesis import given
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.history import EVENTS, History
from minidock.registry.memory import MemoryStore


@given(st.lists(st.integers(1, 4), max_size=8), st.integers(0, 10))
def test_going_back_undoes_each_command_with_all_its_worlds(sizes, back):
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


def test_a_limited_history_keeps_the_last_worlds_and_can_go_back_to_them():
    history = History("first", 3)
    for number in range(10):
        history.keep(f"world {number}")
    assert history.worlds == ("world 7", "world 8", "world 9")
    history.drop()
    history.drop()
    history.drop()
    assert history.current == "world 7"


@given(
    st.lists(
        st.one_of(st.integers(0, EVENTS), st.just("drop"), st.just("forget")),
        max_size=12,
    ),
    st.sampled_from([None, 1, 2, 5]),
)
def test_events_given_out_never_change_and_the_last_ones_are_kept(steps, limit):
    history = History("first", limit)
    model: list[str] = []
    marks = [0]
    first = 0
    seen = []
    for step in steps:
        if step == "drop":
            if len(history) > 1:
                marks.pop()
                del model[max(marks[-1] - first, 0) :]
            history.drop()
        elif step == "forget":
            first += len(model)
            model.clear()
            history.forget_events()
        else:
            new = tuple(f"{first + len(model) + i}" for i in range(step))
            model += new
            history.keep("world", new)
            marks.append(first + len(model))
        events = history.events
        assert tuple(events) == tuple(model)[events.first - first :]
        assert "drop" in steps or len(events) >= min(len(model), EVENTS)
        assert limit is None or len(events) <= 2 * EVENTS
        seen.append((events, tuple(events)))
    for events, then in seen:
        assert tuple(events) == then
        assert events[-3:] == then[-3:]


def test_a_moment_costs_the_same_however_much_happened():
    docker = Engine(keep=4)
    for _ in range(150):
        docker.api("POST", "/networks/create", {"Name": "mynet"})
        docker.api("DELETE", "/networks/mynet")
    moment = docker.moment()
    assert len(docker.history) == 4
    assert moment.first == 0
    assert len(moment.events) == 300
    assert moment.events[-1].action == "destroy"


def test_going_back_undoes_a_command_and_what_came_of_it_by_itself():
    docker = Engine()
    docker("network create mynet")
    docker("run -d --name job busybox sh -c 'sleep 2; exit 3'")
    steps = len(docker.history)
    docker.turn(docker.now + 3_000_000_000)
    assert docker.containers.get("job").status == "exited"
    assert len(docker.history) == steps
    docker.back()
    assert docker("ps -aq").stdout == ""
    assert docker("network ls -q --filter name=mynet").stdout != ""


def test_a_saved_engine_undoes_as_many_records_as_it_made():
    store = MemoryStore()
    docker = Engine(store=store)
    docker("network create mynet")
    docker("run -d --name job busybox sh -c 'sleep 2; exit 3'")
    docker.turn(docker.now + 3_000_000_000)
    docker("rm job")
    docker.back(2)
    again = Engine(store=store)
    assert [n.name for n in again.networks.list(names=["mynet"])] == ["mynet"]
    assert again.containers.list(all=True) == []

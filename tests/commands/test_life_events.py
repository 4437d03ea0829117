"""What is told of a container's life, in which order and with which attributes."""

import pytest

from minidock.engine import Engine


def told(docker, *lines):
    """The events of some command lines: action and the attributes of its own."""
    before = len(docker.events)
    for line in lines:
        assert docker(line).code in {0, 137}, line
    own = ("signal", "exitCode", "oldName", "reclaimed")
    return [
        " ".join(
            [event.action]
            + [f"{k}={event.attributes.text(k)}" for k in own if k in event.attributes]
        )
        for event in docker.events[before:]
        if event.type != "step"
    ]


@pytest.fixture
def docker():
    engine = Engine("20.10")
    engine("run -d --name box --label who=me busybox sleep 1000")
    return engine


def test_a_restart_signals_ends_leaves_and_begins_again(docker):
    assert told(docker, "restart -t 0 box") == [
        "kill signal=15",
        "kill signal=9",
        "die exitCode=137",
        "disconnect",
        "stop",
        "connect",
        "start",
        "restart",
    ]


def test_a_stop_tells_its_signals_and_a_kill_its_own(docker):
    assert told(docker, "stop -t 0 box")[:3] == [
        "kill signal=15",
        "kill signal=9",
        "die exitCode=137",
    ]
    docker("start box")
    assert told(docker, "kill box") == [
        "kill signal=9",
        "die exitCode=137",
        "disconnect",
    ]


def test_a_signal_that_nobody_dies_of_is_told_all_the_same(docker):
    assert told(docker, "kill -s USR1 box") == ["kill signal=10"]


def test_a_rename_tells_the_old_name(docker):
    assert told(docker, "rename box crate") == ["rename oldName=/box"]
    event = docker.events[-1]
    assert event.attributes.text("name") == "crate"
    assert event.attributes.text("who") == "me"


def test_leaving_a_network_alive_is_told_twice(docker):
    docker("network create app")
    docker("network connect app box")
    assert told(docker, "network disconnect app box") == ["disconnect", "disconnect"]


def test_a_prune_tells_what_it_gained(docker):
    docker("network create app")
    assert told(docker, "network prune -f") == ["destroy", "prune reclaimed=0"]


def test_with_rm_the_container_is_removed_once_the_stop_is_told(docker):
    docker("run -d --rm --name gone busybox sleep 1000")
    actions = told(docker, "stop -t 0 gone")
    assert actions.index("stop") < actions.index("destroy")


@pytest.mark.parametrize(
    ("era", "path", "status"),
    [
        ("20.10", "/containers/box/kill?signal=99", 500),
        ("28", "/containers/box/kill?signal=99", 400),
        ("20.10", "/containers/box/kill?signal=32", 500),
        ("20.10", "/containers/box/kill?signal=RTMIN%2B3", 204),
        ("20.10", "/containers/box/kill?signal=0x1", 400),
        ("20.10", "/containers/box/stop?t=abc", 500),
        ("28", "/containers/box/stop?signal=BOGUS", 400),
        ("28", "/v1.41/containers/box/stop?signal=BOGUS&t=0", 204),  # not read yet
    ],
)
def test_how_signals_and_times_are_refused(era, path, status):
    docker = Engine(era)
    docker("run -d --name box busybox sleep 1000")
    assert docker.api("POST", path).status == status


@pytest.mark.parametrize(
    ("era", "front"),
    [
        ("20.10", ("failed to create shim task: OCI runtime create failed: runc create "
         "failed: ")),
        ("28", ("failed to create task for container: failed to create shim task: OCI "
         "runtime create failed: runc create failed: ")),
    ],
)  # fmt: skip
def test_a_program_that_is_not_there_is_the_requests_fault(era, front):
    docker = Engine(era)
    docker("create --name it busybox nosuch")
    answer = docker.api("POST", "/containers/it/start")
    reason = (
        'unable to start container process: exec: "nosuch": executable file not found '
        "in $PATH: unknown"
    )
    assert (answer.status, answer.message) == (400, front + reason)
    state = docker.api("GET", "/containers/it/json").body["State"]
    assert (state["Status"], state["ExitCode"]) == ("created", 127)
    assert docker("run --rm busybox nosuch").code == 127


def test_images_that_bring_programs_along_may_run_them():
    docker = Engine()
    assert docker("run -d python gunicorn app:app").ok
    assert docker("run -d busybox /mounted/program").ok
    assert not docker("run -d alpine gunicorn app:app").ok

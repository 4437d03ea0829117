"""Programs in time: what they write and when, what wakes them, and who types."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.api.http import Request
from minidock.commandline.words import split_line
from minidock.commands.boot import boot
from minidock.commands.invariants import broken
from minidock.engine import Engine
from minidock.eras import era_named
from minidock.model.daemon import DaemonOptions
from minidock.model.host import sample_host
from minidock.runtime import turning

SECOND = 1_000_000_000


def host(*lines: str) -> Engine:
    """An engine after these commands, each of which went through."""
    docker = Engine()
    for image in ("alpine", "redis"):
        docker(f"pull -q {image}")
    for line in lines:
        output = docker(line)
        assert output.ok, output.stderr
    return docker


def found(docker: Engine, name: str):
    """The container with this name."""
    return docker.world.containers[docker.world.names[name]]


def written(docker: Engine, name: str) -> list[tuple[float, str]]:
    """(seconds after its start, text) of what a container's program wrote."""
    container = found(docker, name)
    since = container.state.started
    return [((at - since) / SECOND, text) for at, _, text in container.logs]


def state(docker: Engine, name: str) -> tuple[str, int]:
    """A container's status and the code of its last end."""
    shown = found(docker, name).state
    return shown.status, shown.exit_code


def typed(docker: Engine, name: str, text: str, **query: str) -> None:
    """Somebody types into a container's program."""
    path = f"/containers/{found(docker, name).id}"
    docker.send(
        Request(method="INPUT", path=path, data=text.encode(), query=dict(query))
    )


# --- output ---------------------------------------------------------------------------


def test_a_script_writes_when_its_time_has_come_and_ends_when_it_is_over():
    docker = host(
        "run -d --name job alpine sh -c 'sleep 2 && echo hello && sleep 60; exit 4'"
    )
    docker.advance(1)
    assert written(docker, "job") == []
    docker.advance(100)
    assert written(docker, "job") == [(2.0, "hello\n")]
    assert state(docker, "job") == ("exited", 4)
    ended = found(docker, "job").state
    assert ended.finished - ended.started == 62 * SECOND


def test_a_loop_that_sleeps_goes_on_for_hours_in_the_same_room():
    docker = host(
        "run -d --name clock alpine sh -c 'while true; do date; sleep 1; done'"
    )
    docker.advance(10)
    early = found(docker, "clock").program.rest
    docker.advance(2 * 3600)
    assert len(written(docker, "clock")) > 7200
    assert len(found(docker, "clock").program.rest.state.frames) == len(
        early.state.frames
    )
    assert written(docker, "clock")[7200][0] == 7200.0


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("(sleep 1; echo a); echo b", [(1.0, "a\n"), (1.0, "b\n")]),
        ("x=$(sleep 2; echo in); echo $x out", [(2.0, "in out\n")]),
        ("for n in 1 2; do sleep 1; echo $n; done", [(1.0, "1\n"), (2.0, "2\n")]),
        ("f() { sleep 1; echo $1; }; f a; echo b", [(1.0, "a\n"), (1.0, "b\n")]),
        ("if sleep 1; then echo yes; fi", [(1.0, "yes\n")]),
        ("! sleep 1 || echo no", [(1.0, "no\n")]),
        ("sleep 3 & sleep 1; echo a; wait; echo b", [(1.0, "a\n"), (3.0, "b\n")]),
        ("timeout 2 sleep 9; echo $?", [(2.0, "Terminated\n"), (2.0, "143\n")]),
        ("case $(sleep 1; echo x) in x) echo fits;; esac", [(1.0, "fits\n")]),
        ("{ echo a; sleep 1; echo b; } | cat", [(0.0, "a\n"), (1.0, "b\n")]),
        ("{ echo a; sleep 1; echo b; } | wc -l", [(1.0, "2\n")]),
        ("echo 1 2 | xargs -n1 sleep; echo over", [(3.0, "over\n")]),
        ("set -e; if sleep 1; then false; fi; echo never", []),
        ("while read x; do sleep 1; echo $x; done < /tmp/f", [(1.0, "l\n")]),
        ("eval 'sleep 1; echo a'; exec sleep 1; echo never", [(1.0, "a\n")]),
        ("sleep 1 > /tmp/g; echo x > /tmp/g; cat /tmp/g", [(1.0, "x\n")]),
    ],
)
def test_every_part_of_a_script_can_wait(script, expected):
    docker = host(f'run -d --name job alpine sh -c "{_quoted(script)}"')
    docker.advance(30)
    assert written(docker, "job") == expected
    assert state(docker, "job")[0] == "exited"


def _quoted(script: str) -> str:
    script = f"echo l > /tmp/f; {script}"
    return script.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")


def test_a_loop_that_waits_for_a_server_sees_it_come():
    script = "until nc -z db 6379 2>/dev/null; do sleep 1; done; echo ready"
    docker = host("network create app")
    docker(
        ["run", "-d", "--name", "web", "--network", "app", "alpine", "sh", "-c", script]
    )
    docker.advance(5)
    assert written(docker, "web") == []
    docker("run -d --name db --network app redis")
    docker.advance(2)
    assert [text for _, text in written(docker, "web")] == ["ready\n"]


def test_a_busy_loop_takes_rests_and_never_ends_the_engine():
    docker = host("run -d --name busy alpine sh -c 'while true; do :; done'")
    docker.advance(60)
    assert state(docker, "busy") == ("running", 0)


def test_what_a_pipe_has_no_reader_for_ends_it():
    docker = host("run -d --name job alpine sh -c 'ping db | head -n 1; echo over'")
    docker.advance(5)
    assert written(docker, "job")[-1][1] == "over\n"


def test_a_stopped_program_says_nothing_more():
    docker = host(
        "run -d --name clock alpine sh -c 'while true; do date; sleep 1; done'"
    )
    docker.advance(3)
    docker("stop -t 0 clock")
    said = len(written(docker, "clock"))
    docker.advance(60)
    assert len(written(docker, "clock")) == said
    assert docker.next_due is None


def test_a_paused_program_stands_still_and_its_clock_does_not():
    docker = host("run -d --name job alpine sh -c 'sleep 5; echo a; sleep 5; echo b'")
    docker.advance(1)
    docker("pause job")
    docker.advance(60)
    assert written(docker, "job") == []
    docker("unpause job")
    docker.advance(0.1)
    assert [text for _, text in written(docker, "job")] == ["a\n"]
    docker.advance(5)
    assert [text for _, text in written(docker, "job")] == ["a\n", "b\n"]


# --- typing ---------------------------------------------------------------------------


def test_a_shell_without_a_script_ends_at_once_unless_somebody_could_type():
    docker = host(
        "run -d --name none alpine",
        "run -d -i --name open alpine",
        "run -d -t --name tty alpine",
    )
    assert [state(docker, name)[0] for name in ("none", "open", "tty")] == [
        "exited",
        "running",
        "running",
    ]
    assert written(docker, "tty") == [(0.0, "/ # ")]
    assert written(docker, "open") == []


def test_a_typed_line_is_a_command_and_the_next_one_may_be_its_input():
    docker = host("run -d -i --name box alpine")
    typed(docker, "box", "read x; echo got $x\n")
    assert written(docker, "box") == []
    typed(docker, "box", "word\nif true; then\n")
    typed(docker, "box", "echo yes; fi\nexit 3\n")
    assert [text for _, text in written(docker, "box")] == ["got word\n", "yes\n"]
    assert state(docker, "box") == ("exited", 3)


def test_a_script_through_a_pipe_is_the_shells_and_not_its_commands():
    # Seen on a real engine: what ash has read its `read` does not get.
    docker = host("run -d -i --name box alpine")
    typed(docker, "box", "echo hi\nread x\nfoo\necho [$x]\n")
    typed(docker, "box", "word\n")
    assert [text for _, text in written(docker, "box")] == [
        "hi\n",
        "sh: foo: not found\n",
        "[word]\n",
    ]


def test_programs_read_to_the_end_of_what_is_typed():
    docker = host("run -d -i --name box alpine sh -c 'wc -l; echo over'")
    typed(docker, "box", "a\nb\n")
    assert written(docker, "box") == []
    turning_outcome = turning.feed(
        docker.world, found(docker, "box").id, b"c\n", docker.now, closed=True
    )
    container = turning_outcome.world.containers[found(docker, "box").id]
    assert [text for _, _, text in container.logs] == ["3\n", "over\n"]
    assert container.state.status == "exited"


def test_cat_repeats_line_by_line():
    docker = host("run -d -i --name box alpine cat")
    typed(docker, "box", "a\n")
    docker.advance(1)
    typed(docker, "box", "b\nc")
    assert [text for _, text in written(docker, "box")] == ["a\n", "b\n"]


def test_ctrl_c_ends_the_command_in_front_and_brings_the_prompt_back():
    docker = host("run -d -i -t --name box alpine")
    typed(docker, "box", "sleep 100\r")
    docker.advance(3)
    typed(docker, "box", "\x03")
    typed(docker, "box", "exit 7\r")
    assert state(docker, "box") == ("exited", 7)
    assert found(docker, "box").state.finished < docker.now + 10 * SECOND


def test_ctrl_d_ends_who_reads_and_then_the_shell():
    docker = host("run -d -i -t --name box alpine")
    typed(docker, "box", "cat\r")
    typed(docker, "box", "\x04")
    assert state(docker, "box")[0] == "running"
    typed(docker, "box", "\x04")
    assert state(docker, "box")[0] == "exited"
    assert "".join(text for _, text in written(docker, "box")).endswith("/ # \n")


def test_ctrl_c_does_nothing_to_a_sleep_that_is_process_1():
    docker = host("run -d -i -t --name box alpine sleep 100")
    typed(docker, "box", "\x03")
    assert state(docker, "box")[0] == "running"


def test_who_watches_an_exec_waits_for_it_on_the_engines_clock():
    docker = host("run -d --name box redis")
    before = docker.now
    output = docker("exec box sh -c 'sleep 30; echo done; exit 2'")
    assert (output.stdout, output.code) == ("done\n", 2)
    assert docker.now - before >= 30 * SECOND


def test_a_run_in_front_is_left_running_after_a_minute():
    docker = host()
    output = docker("run --name long alpine sh -c 'echo a; sleep 50; echo b; sleep 50'")
    assert output.stdout == "a\nb\n"
    assert state(docker, "long")[0] == "running"


def test_an_exec_dies_before_its_container():
    # Seen on a real engine: kill, exec_die with 137, die.
    docker = host("run -d --name box redis", "exec -d box sleep 100")
    docker("kill box")
    events = [event for event in docker.events if event.type == "container"][-3:]
    assert [event.action for event in events] == ["kill", "exec_die", "die"]
    assert events[1].attributes.text("exitCode") == "137"


# --- laws -----------------------------------------------------------------------------

SCRIPTS = [
    "while true; do date; sleep 1; done",
    "sleep 3; exit 1",
    "until nc -z db 6379; do sleep 1; done; echo ready; nc -lk -p 80",
    "ping db",
    "(sleep 2; echo a) & sleep 1; echo b; wait",
    "echo x; exit 1",
    "tail -f /tmp/log & while sleep 2; do echo l >> /tmp/log; done",
    "{ date; sleep 2; date; } | while read x; do echo $x; done",
]

lives = st.lists(
    st.tuples(
        st.sampled_from(SCRIPTS),
        st.sampled_from(["", "--restart always", "--restart on-failure:2", "--rm"]),
        st.sampled_from(["", "--health-cmd 'nc -z db 6379' --health-interval 2s"]),
    ),
    min_size=1,
    max_size=3,
)


@given(lives, st.lists(st.integers(1, 7_000), min_size=1, max_size=8), st.booleans())
@settings(max_examples=40, deadline=None)
def test_turning_the_clock_in_one_step_or_in_many_gives_the_same_world(
    lives, steps, has_server
):
    docker = host("network create app")
    if has_server:
        docker("run -d --name db --network app redis")
    for place, (script, restart, health) in enumerate(lives):
        line = f"run -d --name job{place} --network app {restart} {health} alpine sh -c"
        docker([*split_line(line), script])
    world, now = docker.world, docker.now
    milliseconds = [now + 1_000_000 * sum(steps[: n + 1]) for n in range(len(steps))]
    once = turning.turn(world, milliseconds[-1])
    stepped, events = world, ()
    for moment in milliseconds:
        outcome = turning.turn(stepped, moment)
        stepped, events = outcome.world, events + outcome.events
    assert stepped == once.world
    assert events == once.events
    assert broken(stepped) == []
    due = turning.next_due(stepped)
    assert due is None or due > milliseconds[-1]


def test_a_turn_in_which_nothing_is_due_gives_the_very_same_world():
    docker = host("run -d --name job alpine sleep 100")
    assert turning.turn(docker.world, docker.now + SECOND).world is docker.world
    empty = boot(era_named("28"), DaemonOptions(), sample_host(), "law", 0)
    assert turning.next_due(empty) is None


def test_a_program_that_waits_keeps_no_world_alive():
    docker = host("run -d --name job alpine sh -c '(sleep 9 | cat) & x=$(sleep 9)'")
    assert "World(" not in repr(found(docker, "job").program)


def test_what_somebody_watches_is_one_command_to_undo():
    docker = host("run -d --name box redis")
    place = len(docker.history)
    docker("exec box sh -c 'sleep 3; echo x > /tmp/a'")
    docker.back()
    assert len(docker.history) == place
    assert docker("exec box cat /tmp/a").code == 1

"""What goes on: attached output, followed logs and waiting, read at many moments."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.api.attaching import ContainerOutput
from minidock.api.frames import frame, split
from minidock.api.http import Request
from minidock.api.logs import FollowedLog, Selection, lines_of
from minidock.api.streams import STDERR, STDOUT, Chunk, Moment
from minidock.engine import Engine
from minidock.errors import InvalidParameter

CHUNKS = st.lists(
    st.builds(Chunk, st.sampled_from([STDOUT, STDERR]), st.binary(max_size=20)),
    max_size=5,
)


@given(CHUNKS, st.data())
def test_frames_are_read_back_wherever_the_bytes_were_cut(chunks, data):
    wire = b"".join(frame(chunk) for chunk in chunks)
    cut = data.draw(st.integers(0, len(wire)))
    first = split(wire[:cut])
    second = split(first.rest + wire[cut:])
    assert first.chunks + second.chunks == tuple(chunks)
    assert second.rest == b""


def test_bytes_that_begin_no_frame_are_refused():
    with pytest.raises(InvalidParameter, match="Unrecognized input header: 72"):
        split(b"HTTP/1.1 200 OK")


class Reader:
    """Reads a stream as a connection does: whenever it is told to."""

    def __init__(self, docker, response):
        self.docker, self.rest = docker, response.stream
        self.chunks = []

    def read(self):
        if self.rest is None:
            return self
        reading = self.rest.read(self.docker.moment())
        self.chunks += reading.chunks
        self.rest = reading.rest
        return self

    @property
    def over(self):
        return self.rest is None

    @property
    def data(self):
        return b"".join(chunk.data for chunk in self.chunks)

    def output(self, number):
        return b"".join(chunk.data for chunk in self.chunks if chunk.output == number)


def call(docker, method, path, query="", *, headers=None, body=None):
    pairs = dict(part.split("=", 1) for part in query.split("&") if part)
    return docker.send(
        Request(method=method, path=path, query=pairs, headers=headers or {}, body=body)
    )


ECHO = "sh -c 'echo out; echo err >&2'"
ALL = "stream=1&stdout=1&stderr=1"


def test_who_attaches_before_the_start_sees_all_that_the_program_writes():
    docker = Engine()
    docker(f"create --name job busybox {ECHO}")
    answer = call(
        docker, "POST", "/containers/job/attach", ALL, headers={"upgrade": "tcp"}
    )
    assert answer.upgrade
    assert answer.framed
    assert answer.headers["Content-Type"].endswith("multiplexed-stream")
    reader = Reader(docker, answer).read()
    assert not reader.over
    assert not reader.chunks
    call(docker, "POST", "/containers/job/start")
    reader.read()
    assert (reader.output(STDOUT), reader.output(STDERR)) == (b"out\n", b"err\n")
    assert reader.over


def test_what_a_container_with_rm_printed_reaches_who_attached_though_it_is_gone():
    docker = Engine()
    docker("create --rm --name job busybox sh -c 'echo hello; exit 3'")
    attached = Reader(
        docker, call(docker, "POST", "/containers/job/attach", ALL)
    ).read()
    waits = [
        Reader(
            docker, call(docker, "POST", "/containers/job/wait", f"condition={word}")
        )
        for word in ("next-exit", "removed")
    ]
    assert not any(wait.read().over for wait in waits)
    call(docker, "POST", "/containers/job/start")
    assert call(docker, "GET", "/containers/job/json").status == 404
    assert attached.read().over
    assert attached.data == b"hello\n"
    assert [json.loads(wait.read().data) for wait in waits] == [{"StatusCode": 3}] * 2
    assert all(wait.over for wait in waits)


def test_waiting_until_it_does_not_run_is_over_at_once_before_a_start():
    docker = Engine("20.10")
    docker("create --name job busybox true")
    wait = Reader(docker, call(docker, "POST", "/containers/job/wait")).read()
    assert wait.over
    assert wait.data == b'{"Error":null,"StatusCode":0}\n'


def test_a_condition_that_nobody_knows_is_refused_since_1_42_only():
    old, new = Engine("20.10"), Engine("28")
    for docker in (old, new):
        docker("create --name job busybox true")
    path, query = "/containers/job/wait", "condition=bogus"
    assert call(old, "POST", path, query).status == 200
    refused = call(new, "POST", path, query)
    assert (refused.status, refused.message) == (400, 'invalid condition: "bogus"')


def test_attaching_to_nobody_is_refused_in_plain_text():
    answer = call(Engine("20.10"), "POST", "/containers/nosuch/attach", ALL)
    assert (answer.status, answer.text) == (404, "No such container: nosuch\r\n")
    assert answer.headers["Content-Type"] == "application/vnd.docker.raw-stream"


def test_a_terminal_has_one_output_and_returns_its_carriage():
    docker = Engine()
    docker(f"create -t --name job busybox {ECHO}")
    answer = call(
        docker, "POST", "/containers/job/attach", ALL, headers={"upgrade": "tcp"}
    )
    assert not answer.framed
    assert answer.headers["Content-Type"] == "application/vnd.docker.raw-stream"
    reader = Reader(docker, answer).read()
    call(docker, "POST", "/containers/job/start")
    assert reader.read().output(STDOUT) == b"out\r\nerr\r\n"


def test_logs_without_a_stream_are_replayed_and_over():
    docker = Engine()
    docker(f"run --name job busybox {ECHO}")
    query = "logs=1&stdout=1&stderr=1"
    reader = Reader(
        docker, call(docker, "POST", "/containers/job/attach", query)
    ).read()
    assert reader.over
    assert reader.data == b"out\nerr\n"


PIECES = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.sampled_from(["stdout", "stderr"]),
        st.text("ab\n", max_size=6),
    ),
    max_size=8,
).map(lambda pieces: tuple(sorted(pieces, key=lambda piece: piece[0])))


@given(PIECES)
def test_the_lines_of_a_log_hold_all_that_was_written_and_nothing_else(pieces):
    lines = lines_of(pieces)
    for output in ("stdout", "stderr"):
        written = "".join(text for _, stream, text in pieces if stream == output)
        assert "".join(x.text for x in lines if x.output == output) == written
    assert all(line.text.count("\n") <= 1 for line in lines)


@given(PIECES, st.lists(st.integers(0, 8), max_size=4), st.booleans())
def test_following_a_log_often_gives_what_following_it_once_gives(
    pieces, places, stamps
):
    """What it says is the same; only lines without an end wait for their end."""
    docker = WEB
    web = next(docker.world.containers_in_order())
    selection = Selection(timestamps=stamps)

    def moment(number, status):
        state = replace(web.state, status=status)
        shown = replace(web, logs=pieces[:number], state=state)
        containers = docker.world.containers.set(web.id, shown)
        return Moment(world=replace(docker.world, containers=containers), now=99)

    log = FollowedLog(
        container=web.id, selection=selection, place=0, started=web.state.started
    )
    once = log.read(moment(len(pieces), "exited"))
    assert once.rest is None
    chunks, rest = (), log
    for place in sorted(places):
        reading = rest.read(moment(place, "running"))
        chunks, rest = chunks + reading.chunks, reading.rest
        assert all(chunk.data.endswith(b"\n") for chunk in reading.chunks)
    last = rest.read(moment(len(pieces), "exited"))
    assert last.rest is None
    assert chunks + last.chunks == once.chunks


@given(PIECES, st.lists(st.integers(0, 8), max_size=4))
def test_the_output_of_a_container_is_the_same_however_often_it_is_read(pieces, places):
    docker = WEB
    web = next(docker.world.containers_in_order())

    def moment(number, status):
        state = replace(web.state, status=status)
        shown = replace(web, logs=pieces[:number], state=state)
        containers = docker.world.containers.set(web.id, shown)
        return Moment(world=replace(docker.world, containers=containers), now=99)

    stream = ContainerOutput(container=web.id, place=0, started=web.state.started)
    once = stream.read(moment(len(pieces), "exited"))
    chunks, rest = (), stream
    for place in sorted(places):
        reading = rest.read(moment(place, "running"))
        chunks, rest = chunks + reading.chunks, reading.rest
    assert chunks + rest.read(moment(len(pieces), "exited")).chunks == once.chunks


WEB = Engine()
WEB("run -d --name web nginx")

LOG = "sh -c 'for i in 1 2 3 4 5; do echo line $i; done; echo bad >&2'"


@pytest.mark.parametrize("tail", ["all", "abc", "0", "2", "99", "-1"])
def test_the_tail_of_a_log_is_the_end_of_a_list(tail):
    docker = Engine()
    docker(f"run --name job busybox {LOG}")
    lines = [*(f"line {i}\n" for i in range(1, 6)), "bad\n"]
    wanted = lines[-int(tail) :] if tail.isdigit() and tail != "0" else lines
    wanted = [] if tail == "0" else wanted
    query = f"stdout=1&stderr=1&tail={tail}"
    reader = Reader(docker, call(docker, "GET", "/containers/job/logs", query)).read()
    assert reader.data.decode() == "".join(wanted)


def test_since_and_until_take_the_lines_between():
    docker = Engine()
    docker("run --name job busybox echo hello")
    written = docker.world.containers_in_order().__next__().logs[0][0]
    for since, until, seen in [(0, 0, 1), (-1, 1, 1), (1, 2, 0), (-2, -1, 0)]:
        query = "stdout=1&" + "&".join(
            f"{name}={(written + delta) // 10**9}.{(written + delta) % 10**9:09d}"
            for name, delta in (("since", since), ("until", until))
        )
        answer = call(docker, "GET", "/containers/job/logs", query)
        assert answer.text == "hello\n" * seen


def test_a_moment_that_is_no_number_is_refused_as_go_does():
    docker = Engine()
    docker("run --name job busybox echo hello")
    answer = call(docker, "GET", "/containers/job/logs", "stdout=1&since=abc")
    text = 'strconv.ParseInt: parsing "abc": invalid syntax'
    assert (answer.status, answer.message) == (500, text)


def test_timestamps_have_nine_digits():
    docker = Engine()
    docker("run --name job busybox echo hello")
    answer = call(docker, "GET", "/containers/job/logs", "stdout=1&timestamps=1")
    stamp, _, text = answer.text.partition(" ")
    assert len(stamp) == len("2026-11-24T18:57:22.332712286Z")
    assert text == "hello\n"


def test_a_followed_log_ends_with_its_container():
    docker = Engine()
    docker("run -d --name web nginx")
    query = "follow=1&stdout=1&stderr=1"
    followed = Reader(docker, call(docker, "GET", "/containers/web/logs", query))
    assert not followed.read().over
    docker("stop web")
    assert followed.read().over


def test_a_driver_that_keeps_nothing_cannot_be_read():
    docker = Engine()
    docker("run --log-driver none --name job busybox echo hello")
    answer = call(docker, "GET", "/containers/job/logs", "stdout=1")
    assert answer.status == 501
    assert answer.message == "configured logging driver does not support reading"


def test_a_driver_that_nobody_has_is_refused_with_its_name():
    body = {"Image": "busybox", "HostConfig": {"LogConfig": {"Type": "asdf"}}}
    answer = call(Engine(), "POST", "/containers/create", body=body)
    text = 'error looking up logging plugin asdf: plugin "asdf" not found'
    assert (answer.status, answer.message) == (400, text)


def exec_id(docker, line, **config):
    body = {"Cmd": ["sh", "-c", line], "AttachStdout": True, **config}
    return call(docker, "POST", "/containers/web/exec", body=body).body["Id"]


def test_an_exec_runs_once_and_its_second_start_says_so_on_its_output():
    docker = Engine()
    docker("run -d --name web nginx")
    made = exec_id(docker, "echo hi; exit 4")
    first = Reader(docker, call(docker, "POST", f"/exec/{made}/start", body={})).read()
    assert first.over
    assert first.data == b"hi\n"
    assert call(docker, "GET", f"/exec/{made}/json").body["ExitCode"] == 4
    again = Reader(docker, call(docker, "POST", f"/exec/{made}/start", body={})).read()
    text = f"Error: Exec command {made} has already run\r\n"
    assert again.over
    assert again.data.decode() == text
    detached = call(docker, "POST", f"/exec/{made}/start", body={"Detach": True})
    assert (detached.status, detached.message) == (409, text.strip())


def test_an_exec_tells_its_container_s_events_who_it_is():
    docker = Engine()
    docker("run -d --name web nginx")
    made = exec_id(docker, "exit 4")
    call(docker, "POST", f"/exec/{made}/start", body={})
    events = [event for event in docker.events if event.action.startswith("exec")]
    assert [event.action for event in events] == [
        "exec_create: sh -c exit 4",
        "exec_start: sh -c exit 4",
        "exec_die",
    ]
    assert all(event.attributes["execID"] == made for event in events)
    assert events[-1].attributes["exitCode"] == "4"

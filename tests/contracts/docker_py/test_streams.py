"""What programs print and read: logs, attach and exec, through docker-py's sockets."""

import contextlib
import socket
import threading
import time

import pytest
from docker.errors import APIError, NotFound
from docker.utils.socket import (
    demux_adaptor,
    frames_iter,
    next_frame_header,
    read_exactly,
)

from tests.contracts.docker_py.conftest import eventually, status_of

TALK = "sh -c 'echo out; echo err >&2; echo more'"


def started(api, command, **more):
    made = api.create_container("alpine", command, **more)["Id"]
    api.start(made)
    return made


@contextlib.contextmanager
def hijacked(sock):
    """docker-py's socket; the response that it came with is closed, too."""
    try:
        yield sock
    finally:
        with contextlib.suppress(AttributeError):
            sock._response.close()
        sock.close()


def typed(sock, data):
    """Send to a socket of docker-py's, which is a raw one or a file on top."""
    getattr(sock, "_sock", sock).sendall(data)


# --- logs -----------------------------------------------------------------------------


def test_logs_hold_both_outputs_and_each_alone(api):
    made = started(api, TALK)
    assert api.logs(made) == b"out\nerr\nmore\n"
    assert api.logs(made, stderr=False) == b"out\nmore\n"
    assert api.logs(made, stdout=False) == b"err\n"
    with pytest.raises(APIError) as failure:
        api.logs(made, stdout=False, stderr=False)
    assert status_of(failure) == 400


@pytest.mark.parametrize(
    ("tail", "lines"), [(0, 0), (1, 1), (2, 2), (99, 3), ("all", 3)]
)
def test_logs_show_the_last_lines(api, tail, lines):
    made = started(api, "printf '1\\n2\\n3\\n'")
    assert api.logs(made, tail=tail).split() == [b"1", b"2", b"3"][3 - lines :]


def test_logs_of_a_terminal_are_not_framed(api):
    made = started(api, TALK, tty=True)
    assert api.logs(made) == b"out\r\nerr\r\nmore\r\n"


def test_logs_carry_times_and_are_cut_by_them(api, double):
    made = started(api, "sh -c 'echo first; sleep 10; echo second; sleep 999'")
    begun = time.time()
    double.advance(11)
    lines = api.logs(made, timestamps=True).decode().splitlines()
    assert [line.split()[1] for line in lines] == ["first", "second"]
    assert lines[0].split()[0].endswith("Z")
    between = int(begun) + 5
    assert api.logs(made, since=between) == b"second\n"
    assert api.logs(made, until=between) == b"first\n"
    assert api.logs(made, since=between + 3600) == b""


def test_logs_follow_a_program_to_its_end(api, double):
    made = started(api, "sh -c 'for i in 1 2 3; do echo $i; sleep 10; done'")
    lines, gone_by = [], []
    stream = api.logs(made, stream=True, follow=True)

    def read():
        lines.extend(stream)
        gone_by.append(True)

    reader = threading.Thread(target=read)
    reader.start()
    eventually(lambda: lines == [b"1\n"])
    double.advance(10)
    eventually(lambda: lines == [b"1\n", b"2\n"])
    assert not gone_by
    double.advance(30)
    reader.join(10)
    assert (lines, gone_by) == ([b"1\n", b"2\n", b"3\n"], [True])


def test_following_logs_is_given_up_by_the_one_who_reads(api, double):
    made = started(api, "sh -c 'echo begun; sleep 9999'")
    stream = api.logs(made, stream=True, follow=True)
    assert next(stream) == b"begun\n"
    stream.close()


def test_logs_of_nobody_and_of_no_log_are_refused(api):
    with pytest.raises(NotFound, match="No such container"):
        api.logs("ghost")
    host = api.create_host_config(log_config={"Type": "none"})
    made = started(api, "echo x", host_config=host)
    with pytest.raises(APIError, match="does not support reading") as failure:
        api.logs(made)
    assert status_of(failure) in {500, 501}


# --- attach ---------------------------------------------------------------------------


def test_attach_gives_what_is_there_already(api):
    made = started(api, TALK)
    assert api.attach(made, stream=False, logs=True) == b"out\nerr\nmore\n"
    parts = api.attach(made, stream=False, logs=True, demux=True)
    assert parts == (b"out\nmore\n", b"err\n")


def test_attach_streams_until_the_program_ends(api, double):
    made = started(api, "sh -c 'sleep 5; echo late; sleep 5; echo later >&2'")
    stream = api.attach(made, stream=True, logs=True, demux=True)
    found = []
    reader = threading.Thread(target=lambda: found.extend(stream))
    reader.start()
    double.advance(6)
    eventually(lambda: found == [(b"late\n", None)])
    double.advance(6)
    reader.join(10)
    assert found == [(b"late\n", None), (None, b"later\n")]


def test_attach_before_the_start_misses_nothing(api):
    made = api.create_container("alpine", "printf words")
    params = {"stdout": 1, "stream": 1, "logs": 1}
    with hijacked(api.attach_socket(made, params)) as sock:
        api.start(made)
        assert next_frame_header(sock) == (1, len(b"words"))
        assert read_exactly(sock, 5) == b"words"


def test_attached_input_reaches_the_program(api):
    made = started(api, "cat", stdin_open=True, detach=True)
    params = {"stdin": 1, "stdout": 1, "stream": 1}
    with hijacked(api.attach_socket(made, params)) as sock:
        typed(sock, b"hello\n")
        stream, size = next_frame_header(sock)
        assert (stream, read_exactly(sock, size)) == (1, b"hello\n")
    assert api.logs(made) == b"hello\n"


def test_the_end_of_the_input_ends_a_program_that_reads_once(api):
    made = started(api, "wc -l", stdin_open=True)
    params = {"stdin": 1, "stdout": 1, "stream": 1}
    with hijacked(api.attach_socket(made, params)) as sock:
        typed(sock, b"a\nb\n")
        getattr(sock, "_sock", sock).shutdown(socket.SHUT_WR)
        assert api.wait(made)["StatusCode"] == 0
    assert api.logs(made) == b"2\n"


def test_a_terminal_echoes_and_is_left_with_keys(api):
    made = started(api, "cat", stdin_open=True, tty=True)
    params = {"stdin": 1, "stdout": 1, "stream": 1, "detachKeys": "ctrl-p,ctrl-x"}
    with hijacked(api.attach_socket(made, params)) as sock:
        typed(sock, b"hi\n")
        assert read_exactly(sock, 8) == b"hi\r\nhi\r\n"
        typed(sock, b"\x10\x18")
        rest = b"".join(frames for _, frames in frames_iter(sock, tty=True))
    assert b"read escape sequence" in rest or rest == b""
    assert api.inspect_container(made)["State"]["Running"]


def test_attaching_to_nobody_is_refused(api, sleeper):
    with pytest.raises(APIError) as failure:
        api.attach("ghost", stream=False, logs=True)
    assert status_of(failure) == 404
    api.pause(sleeper.id)
    with pytest.raises(APIError, match="paused") as failure:
        api.attach(sleeper.id, stream=False, logs=True)
    assert status_of(failure) == 409


# --- exec -----------------------------------------------------------------------------


def test_exec_gives_output_and_code(sleeper):
    assert sleeper.exec_run("echo hello") == (0, b"hello\n")
    assert sleeper.exec_run(["sh", "-c", "exit 7"]).exit_code == 7
    code, text = sleeper.exec_run("nosuchprogram")
    assert (code, b"executable file not found" in text) == (126, True)


def test_exec_keeps_the_outputs_apart_where_asked(sleeper):
    words = ["sh", "-c", "echo out; echo err >&2"]
    assert sleeper.exec_run(words).output == b"out\nerr\n"
    assert sleeper.exec_run(words, demux=True).output == (b"out\n", b"err\n")
    assert sleeper.exec_run(words, stderr=False).output == b"out\n"
    parts = sleeper.exec_run(words, stream=True, demux=True).output
    assert list(parts) == [(b"out\n", None), (None, b"err\n")]
    assert b"".join(sleeper.exec_run(words, stream=True).output) == b"out\nerr\n"


def test_a_terminal_of_exec_is_one_output(sleeper):
    words = ["sh", "-c", "echo out; echo err >&2"]
    assert sleeper.exec_run(words, tty=True).output == b"out\r\nerr\r\n"
    assert sleeper.exec_run(words, tty=True, demux=True).output == (
        b"out\r\nerr\r\n",
        None,
    )


def test_a_terminal_that_only_the_exec_knows_of_is_framed(api, sleeper):
    made = api.exec_create(sleeper.id, ["echo", "x"], tty=True)
    assert api.exec_start(made) == b"x\r\n"


def test_exec_takes_variables_a_folder_and_a_user(sleeper):
    text = sleeper.exec_run("env", environment={"X": "Y"}).output
    assert b"X=Y\n" in text
    assert sleeper.exec_run("pwd", workdir="/var").output == b"/var\n"
    assert sleeper.exec_run("whoami").output == b"root\n"
    assert sleeper.exec_run("id -u", user="1000").output == b"1000\n"


def test_what_exec_writes_stays(sleeper):
    sleeper.exec_run(["sh", "-c", "echo kept > /note"])
    assert sleeper.exec_run("cat /note").output == b"kept\n"


def test_exec_goes_on_over_time(api, sleeper, double):
    made = api.exec_create(sleeper.id, ["sh", "-c", "echo a; sleep 5; echo b"])
    stream = api.exec_start(made, stream=True)
    assert next(stream) == b"a\n"
    assert api.exec_inspect(made)["Running"] is True
    double.advance(6)
    assert list(stream) == [b"b\n"]
    shown = api.exec_inspect(made)
    assert (shown["Running"], shown["ExitCode"]) == (False, 0)
    assert shown["ContainerID"] == sleeper.id


def test_a_detached_exec_says_nothing(api, sleeper):
    made = api.exec_create(sleeper.id, ["echo", "x"])
    assert api.exec_start(made, detach=True) == ""
    assert api.exec_inspect(made)["ExitCode"] == 0


def test_an_exec_runs_once(api, sleeper):
    made = api.exec_create(sleeper.id, "true")
    api.exec_start(made)
    with pytest.raises(APIError, match="has already run"):
        api.exec_start(made, detach=True)


def test_input_of_an_exec_is_typed_into_its_socket(api, sleeper):
    made = api.exec_create(sleeper.id, "cat", stdin=True)
    with hijacked(api.exec_start(made, socket=True)) as sock:
        typed(sock, b"one\n")
        stream, size = next_frame_header(sock)
        assert (stream, read_exactly(sock, size)) == (1, b"one\n")


def test_a_program_on_a_terminal_of_exec_is_left_with_keys(api, sleeper):
    made = api.exec_create(sleeper.id, "cat", stdin=True, tty=True)
    with hijacked(api.exec_start(made, socket=True, tty=True)) as sock:
        typed(sock, b"x\n")
        assert read_exactly(sock, 6) == b"x\r\nx\r\n"
        typed(sock, b"\x10\x11")
        rest = b"".join(data for _, data in frames_iter(sock, tty=True))
    assert b"read escape sequence" in rest or rest == b""
    assert api.exec_inspect(made)["Running"]


def test_the_size_of_a_terminal_is_changed(api, sleeper):
    made = api.exec_create(sleeper.id, ["sleep", "60"], tty=True)
    api.exec_start(made, detach=True)
    api.exec_resize(made, height=40, width=120)
    terminal = started(api, "sleep 60", tty=True)
    api.resize(terminal, height=40, width=120)


def test_exec_is_refused_where_nothing_runs(api, sleeper):
    with pytest.raises(NotFound, match="No such exec"):
        api.exec_start("ghost", detach=True)
    with pytest.raises(NotFound, match="No such exec"):
        api.exec_inspect("ghost")
    with pytest.raises(APIError, match="No exec command specified") as failure:
        api.exec_create(sleeper.id, [])
    assert status_of(failure) == 400
    api.kill(sleeper.id)
    with pytest.raises(APIError, match="is not running") as failure:
        api.exec_create(sleeper.id, "true")
    assert status_of(failure) == 409


def test_frames_are_told_apart_by_docker_py_itself(api):
    made = started(api, TALK)
    params = {"stdout": 1, "stderr": 1, "logs": 1}
    with hijacked(api.attach_socket(made, params)) as sock:
        frames = [demux_adaptor(*frame) for frame in frames_iter(sock, tty=False)]
    assert frames == [(b"out\n", None), (None, b"err\n"), (b"more\n", None)]

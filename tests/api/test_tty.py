"""Typing: lines are edited as a naive list would be, and leaving kills nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.api.detaching import keys_of, passed
from minidock.api.http import Request
from minidock.api.tty import Echo, End, Hand, Interrupt, edited
from minidock.engine import Engine
from minidock.errors import NotationError
from minidock.model.terminal import DETACH_KEYS

KEYS = st.text(
    st.sampled_from("ab_ -é\t\r\n\x7f\b\x15\x17\x04\x03\x1c\x01\x11"), max_size=30
)


def naive(keys):
    """What the program gets, by a list of characters and nothing clever."""
    line, got = [], []
    for key in keys:
        if key in "\r\n":
            got.append("".join(line) + "\n")
            line = []
        elif key in "\x7f\b":
            line = line[:-1]
        elif key == "\x15":
            line = []
        elif key == "\x17":
            while line and not (line[-1].isalnum() or line[-1] == "_"):
                line.pop()
            while line and (line[-1].isalnum() or line[-1] == "_"):
                line.pop()
        elif key == "\x04":
            got.append("".join(line) or None)
            line = []
        elif key in "\x03\x1c":
            got.append({"\x03": 2, "\x1c": 3}[key])
            line = []
        elif key != "\x11":
            line.append(key)
    return "".join(line), got


def heard(acts):
    told = {Hand: lambda act: act.text, End: lambda _: None}
    told[Interrupt] = lambda act: act.signal
    return [told[type(act)](act) for act in acts if not isinstance(act, Echo)]


@given(KEYS)
def test_a_program_at_a_terminal_gets_what_a_naive_editor_would_give_it(keys):
    line, acts = edited("", keys)
    assert (line, heard(acts)) == naive(keys)


@given(KEYS, st.data())
def test_keys_mean_the_same_however_they_were_cut_on_their_way(keys, data):
    cut = data.draw(st.integers(0, len(keys)))
    whole = edited("", keys)
    first = edited("", keys[:cut])
    second = edited(first.line, keys[cut:])

    def shown(acts):
        return "".join(act.text for act in acts if isinstance(act, Echo))

    assert second.line == whole.line
    assert heard(first.acts + second.acts) == heard(whole.acts)
    assert shown(first.acts + second.acts) == shown(whole.acts)


def screen(text):
    """The last line of a terminal that has shown the text."""
    cells, place = [], 0
    for char in text:
        if char == "\n":
            cells, place = [], 0
        elif char == "\b":
            place -= 1
        else:
            cells[place:] = [char, *cells[place + 1 :]]
            place += 1
    return "".join(cells[:place]).rstrip()


@given(st.text(st.sampled_from("ab_\x01\x7f\x17\x15\n"), max_size=30))
def test_the_screen_shows_the_line_that_is_being_typed(keys):
    line, acts = edited("", keys)
    shown = "".join(act.text for act in acts if isinstance(act, Echo))
    assert screen(shown) == line.replace("\x01", "^A")


@given(st.binary(max_size=12), st.lists(st.integers(0, 12), max_size=3))
def test_every_byte_that_is_typed_arrives_unless_somebody_leaves(data, cuts):
    for keys in (DETACH_KEYS, b"ab", b"aab"):
        sent = data.replace(keys, b"")
        while keys in sent:
            sent = sent.replace(keys, b"")
        through, held = b"", b""
        places = sorted(min(cut, len(sent)) for cut in cuts)
        for start, end in zip([0, *places], [*places, len(sent)], strict=True):
            result = passed(keys, held, sent[start:end])
            assert not result.left
            through, held = through + result.data, result.held
        assert through + held == sent


@given(st.binary(max_size=6), st.binary(max_size=6))
def test_the_detach_keys_end_a_session_and_what_follows_them_is_lost(before, after):
    result = passed(b"\x10\x11", b"", before + b"\x10\x11" + after)
    assert result.left
    assert before.startswith(result.data)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", b"\x10\x11"),
        ("ctrl-@", b"\0"),
        ("ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", b"\x1b\x1c\x1d\x1e\x1f"),
        ("a,DEL,ctrl-z", b"a\x7f\x1a"),
    ],
)
def test_keys_are_written_as_docker_writes_them(text, keys):
    assert keys_of(text) == keys


@pytest.mark.parametrize("text", ["ctrl-1", "ctrl-P", "ab", "a,", "é", "del"])
def test_other_keys_are_refused(text):
    with pytest.raises(NotationError, match="unknown character"):
        keys_of(text)


# --- at a container's terminal --------------------------------------------------------


class Client:
    """Somebody before an attached program."""

    def __init__(self, docker, path, query):
        asked = dict(part.split("=") for part in query.split("&"))
        request = Request(method="POST", path=path, query=asked)
        self.docker, self.answer = docker, docker.send(request)
        self.rest, self.data = self.answer.stream, b""

    def type(self, data, **query):
        path = self.answer.input
        self.docker.send(Request(method="INPUT", path=path, data=data, query=query))
        return self.read()

    def read(self):
        if self.rest is not None:
            reading = self.rest.read(self.docker.moment())
            self.data += b"".join(chunk.data for chunk in reading.chunks)
            self.rest = reading.rest
        return self


ALL = "stream=1&stdin=1&stdout=1&stderr=1"


def at_terminal(query=ALL):
    docker = Engine()
    docker("run -dit --name sh busybox sh")
    return docker, Client(docker, "/containers/sh/attach", query)


def test_what_is_typed_is_echoed():
    _, client = at_terminal()
    assert client.type(b"ech").data.endswith(b"ech")
    assert client.type(b"p\x7fo hi").data.endswith(b"echp\b \bo hi")
    _, client = at_terminal()
    before = client.read().data
    assert client.type("é".encode()[:1]).data == before
    assert client.type("é".encode()[1:]).data == before + "é".encode()


@pytest.mark.parametrize("keys", ["", "ctrl-a,x"])
def test_leaving_ends_the_stream_and_not_the_program(keys):
    docker, client = at_terminal(ALL + (f"&detachKeys={keys}" if keys else ""))
    other = Client(docker, "/containers/sh/attach", ALL)
    typed = keys_of(keys)
    assert client.type(b"abc" + typed[:1]).rest is not None
    assert client.type(typed[1:]).rest is None
    assert docker.api("GET", "/containers/sh/json").body["State"]["Running"]
    assert other.read().rest is not None
    assert [event.action for event in docker.events][-1] == "detach"


def test_keys_that_nobody_knows_are_refused_at_once():
    docker, client = at_terminal(ALL + "&detachKeys=ctrl-1")
    assert client.answer.status == 400
    assert client.answer.message == "Invalid detach keys (ctrl-1) provided"
    answer = docker.api(
        "POST", "/containers/sh/exec", {"Cmd": ["true"], "DetachKeys": "ctrl-1"}
    )
    assert answer.message == "Invalid escape keys (ctrl-1) provided"


def test_a_client_of_a_terminal_that_closes_its_input_has_left():
    docker, client = at_terminal()
    assert client.type(b"", closed="1").rest is None
    assert docker.api("GET", "/containers/sh/json").body["State"]["Running"]


def test_clients_that_have_left_are_forgotten():
    docker, client = at_terminal()
    client.type(b"", closed="1")
    Client(docker, "/containers/sh/attach", ALL)
    assert len(docker.world.attachments) == 1
    docker("rm -f sh")
    docker("run -dit --name other busybox sh")
    Client(docker, "/containers/other/attach", ALL)
    assert len(docker.world.attachments) == 1


def test_nobody_is_asked_to_type_where_no_input_is_open():
    docker = Engine()
    docker("run -d --name web nginx")
    assert Client(docker, "/containers/web/attach", ALL).answer.input == ""

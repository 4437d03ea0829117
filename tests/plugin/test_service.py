"""What the plugin answers, over its socket, to what a real engine asked."""

import http.client
import json
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import Unclassified
from minidock.plugin.kept import difference, read
from minidock.plugin.listener import Desk, PluginServer
from minidock.plugin.messages import CONTENT_TYPE
from minidock.plugin.service import _VERBS, State, answer
from minidock.registry.sqlite import SqliteStore

GOLDEN = Path(__file__).parents[1] / "golden" / "plugin-20.10"


class Caller(http.client.HTTPConnection):
    """An engine's end of a plugin's socket."""

    def __init__(self, path):
        super().__init__("plugin", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(self.path)

    def call(self, method, request):
        data = b"" if request is None else json.dumps(request).encode()
        return self.post(method, data)

    def post(self, method, data, **headers):
        self.request("POST", f"/{method}", data, headers)
        response = self.getresponse()
        body = response.read()
        return response.status, body


@pytest.fixture
def serve(tmp_path):
    """Starts a plugin at a socket; gives a caller."""
    running = []

    def start(desk):
        path = tmp_path / f"p{len(running)}.sock"
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(path))
        listening.listen(8)
        server = PluginServer(listening, desk)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        caller = Caller(path)
        running.append((server, thread, caller))
        return caller

    yield start
    for server, thread, caller in running:
        caller.close()
        server.shutdown()
        thread.join()
        server.server_close()


def recorded(name):
    return json.loads((GOLDEN / name).read_text())


def test_a_real_engines_session_is_answered_as_it_was(serve, tmp_path):
    caller = serve(Desk(State(), SqliteStore(tmp_path / "state.db")))
    for call in recorded("session.json"):
        status, body = caller.call(call["method"], call["request"])
        assert (status, json.loads(body)) == (200, call["reply"]), call


def test_after_the_real_session_nothing_is_held():
    state = State()
    for call in recorded("session.json"):
        state, _ = answer(state, call["method"], call["request"] or {})
    assert state == State()


def test_whatever_moment_the_plugin_dies_its_file_holds_what_it_answered(tmp_path):
    store = SqliteStore(tmp_path / "state.db")
    desk = Desk(State(), store)
    for call in recorded("session.json"):
        desk.call(call["method"], json.dumps(call["request"]).encode())
        assert read(store) == desk.state


class _Full(SqliteStore):
    def write(self, _):
        raise Unclassified("database or disk is full")


def test_what_the_disk_refuses_is_not_handed_out():
    desk = Desk(State(), _Full(":memory:"))
    asked = b'{"AddressSpace": "MinidockLocal"}'
    assert desk.call("IpamDriver.RequestPool", asked) == {
        "Error": "database or disk is full"
    }
    assert desk.state == State()


def test_the_engine_hears_what_kind_of_plugin_this_is(serve):
    caller = serve(Desk(State()))
    caller.request("POST", "/Plugin.Activate")
    response = caller.getresponse()
    assert response.getheader("Content-Type") == CONTENT_TYPE
    assert json.loads(response.read()) == {
        "Implements": ["NetworkDriver", "IpamDriver"]
    }


def test_a_body_in_chunks_is_read_and_a_verb_that_nobody_offers_is_404(serve):
    caller = serve(Desk(State()))
    body = iter([b'{"AddressSpace": ', b'"MinidockLocal"}'])
    caller.request("POST", "/IpamDriver.RequestPool", body, encode_chunked=True,
                   headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert json.loads(caller.getresponse().read())["Pool"] == "172.17.0.0/16"
    assert caller.call("NetworkDriver.AllocateNetwork", {})[0] == 404


@pytest.mark.parametrize(
    "data", [b"[]", b"{", b'{"Pool": 1}', b'{"Options": []}', b"\xff", b"[" * 5000]
)
def test_what_is_no_message_is_refused_and_the_next_one_is_answered(serve, data):
    caller = serve(Desk(State()))
    status, body = caller.post("IpamDriver.RequestPool", data)
    assert status == 200
    assert json.loads(body)["Error"]
    assert caller.call("IpamDriver.GetCapabilities", {})[0] == 200


def test_a_body_without_end_is_refused_unread(serve):
    caller = serve(Desk(State()))
    caller.putrequest("POST", "/IpamDriver.RequestPool")
    caller.putheader("Content-Length", str(1 << 40))
    caller.endheaders()
    assert caller.getresponse().status == 400


SCRAPS = st.sampled_from(
    ["", "10.9.0.0/29", "10.9.0.1", "10.9.0.1/29", "MinidockLocal", "n1", "e1", "x/y"]
) | st.text(max_size=5)
VALUES = st.recursive(
    SCRAPS | st.none() | st.booleans() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(SCRAPS, inner, max_size=2)
    ),
    max_leaves=5,
)
FIELDS = (
    "AddressSpace Pool SubPool Options V6 PoolID Address NetworkID EndpointID "
    "IPv4Data IPv6Data Interface SandboxKey"
).split()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(_VERBS)),
            st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4),
        ),
        max_size=8,
    )
)
def test_whatever_a_plugin_is_asked_the_answer_is_an_object_and_the_state_sound(calls):
    state, store = State(), SqliteStore(":memory:")
    for method, request in calls:
        after, reply = answer(state, method, request)
        assert isinstance(reply, dict)
        if set(reply) & {"Err", "Error"}:
            assert after is state
        store.write(difference(state, after))
        state = after
        assert state.held.invariants() == []
        assert read(store) == state


def test_an_engine_that_starts_again_is_told_what_it_had():
    """Recorded: dockerd 20.10 ended and started, then the plugin with it."""
    state = State(replays=True)
    for call in recorded("replay.json"):
        if "restart" in call:
            if call["restart"] == "both":
                before, state = state, State(replays=True)
            continue
        known = state
        state, reply = answer(state, call["method"], call["request"] or {})
        if "ReleaseAddress" in call["method"] and "Error" in reply:
            state = known  # said while the plugin that had it was gone
            continue
        assert reply == call["reply"], call
    assert state.held.names() == [
        ("MinidockLocal", "10.77.0.0/29", "", ("10.77.0.1", "10.77.0.2")),
        ("MinidockLocal", "172.18.0.0/16", "", ("172.18.0.1", "172.18.0.2")),
    ]
    assert before.held.names()[0][1] == "10.77.0.0/29"


def test_a_pool_is_claimed_once_after_an_activation():
    pool = {"AddressSpace": "MinidockLocal", "Pool": "10.9.0.0/29"}
    state, first = answer(State(replays=True), "IpamDriver.RequestPool", pool)
    assert "Error" in answer(state, "IpamDriver.RequestPool", pool)[1]
    state, _ = answer(state, "Plugin.Activate", {})
    state, again = answer(state, "IpamDriver.RequestPool", pool)
    assert again == first
    assert "Error" in answer(state, "IpamDriver.RequestPool", pool)[1]


def test_a_plugin_that_keeps_its_state_lets_nobody_claim():
    pool = {"AddressSpace": "MinidockLocal", "Pool": "10.9.0.0/29"}
    state, _ = answer(State(), "IpamDriver.RequestPool", pool)
    state, _ = answer(state, "Plugin.Activate", {})
    assert "Error" in answer(state, "IpamDriver.RequestPool", pool)[1]

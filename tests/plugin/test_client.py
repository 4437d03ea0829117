"""minidock's engine asks plugins: its own one, and some that mean no good."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock import Engine
from minidock.commands.invariants import broken
from minidock.model.remote import Call, Heard
from minidock.plugin.fields import read
from minidock.plugin.kept import read as read_state
from minidock.plugin.listener import Desk, PluginServer
from minidock.plugin.service import State, answer
from minidock.plugin.transport import Plugins
from minidock.registry.sqlite import SqliteStore


class Direct:
    """minidock's own plugin without a socket; it counts what it is asked."""

    def __init__(self):
        self.state = State()
        self.calls = []

    def __call__(self, call: Call) -> Heard:
        self.calls.append(call.method)
        if call.plugin != "mini":
            return Heard(call, missing=True)
        self.state, reply = answer(self.state, call.method, json.loads(call.body))
        if reply is None:
            return Heard(call, failure=f"{call.method}: no such method")
        return Heard(call, reply=json.dumps(reply))

    @property
    def held(self):
        return {
            pool: set(addresses) for _, pool, _, addresses in self.state.held.names()
        }


def nobody_may_ask(call):
    raise AssertionError(f"{call} was asked while a journal was read")


def address(docker, name):
    fields = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return docker(f"inspect {name} -f '{fields}'").stdout.strip()


@pytest.fixture
def plugin(tmp_path):
    """minidock's plugin at its socket; a function that gives its desk."""
    path = tmp_path / "mini.sock"
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen(8)
    server = PluginServer(listening, Desk(State(), SqliteStore(tmp_path / "p.db")))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.desk
    server.shutdown()
    thread.join()
    server.server_close()


def test_both_ends_meet(plugin, tmp_path):
    docker = Engine("20.10", plugins=Plugins([tmp_path], timeout=5))
    assert docker("network create --ipam-driver mini --subnet 10.77.0.0/29 pa").ok
    for name, words in (("c1", ""), ("c2", "--ip 10.77.0.5"), ("c3", "")):
        assert docker(f"run -d --name {name} --network pa {words} nginx").ok
    got = [address(docker, name) for name in ("c1", "c2", "c3")]
    assert got == ["10.77.0.2", "10.77.0.5", "10.77.0.3"]
    taken = docker("run -d --network pa --ip 10.77.0.5 nginx")
    assert "remote: Address already in use" in taken.stderr
    lent = [("MinidockLocal", "10.77.0.0/29", "")]
    held = plugin.state.held.names()
    assert [item[:3] for item in held] == lent
    assert held[0][3] == ("10.77.0.1", "10.77.0.2", "10.77.0.3", "10.77.0.5")
    assert docker.trace("c1", "c2:80")
    assert read_state(SqliteStore(tmp_path / "p.db")) == plugin.state
    docker("rm -f c1 c2 c3")
    docker("container prune -f")
    assert docker("network rm pa").ok
    assert plugin.state == State()


def test_no_plugin_of_that_name():
    for docker in (Engine("20.10"), Engine("20.10", plugins=Direct())):
        refused = docker("network create --ipam-driver nosuch x")
        assert 'plugin "nosuch" not found' in refused.stderr


def test_a_journal_is_read_back_without_the_plugin():
    store, plugin = SqliteStore(":memory:"), Direct()
    docker = Engine("20.10", store=store, plugins=plugin)
    docker("network create --ipam-driver mini --subnet 10.77.0.0/28 pa")
    docker("run -d --name c1 --restart always --network pa busybox sleep 5")
    docker("run -d --name c2 --network pa nginx")
    docker.advance(30)  # c1 ends and comes back, with an address, by itself
    docker.restart_daemon()
    docker("rm -f c2")
    again = Engine("20.10", store=store, plugins=nobody_may_ask)
    assert again.world == docker.world
    assert broken(docker.world) == []


def test_what_was_handed_out_for_a_refused_request_is_given_back():
    plugin = Direct()
    docker = Engine("20.10", plugins=plugin)
    docker("network create --ipam-driver mini --subnet 10.77.0.0/29 pa")
    before, held = docker.world, plugin.held
    wrong = docker(
        "network create --ipam-driver mini --subnet 10.78.0.0/29 "
        "-o com.docker.network.bridge.name=docker0 -o com.docker.network.driver.mtu=x x"
    )
    assert wrong.code
    assert plugin.held == held
    aux = "--subnet 10.78.0.0/29 --aux-address a=10.9.9.9"
    assert docker(f"network create --ipam-driver mini {aux} x").code
    assert plugin.held == held
    assert set(docker.world.networks) == set(before.networks)
    assert docker("network create --ipam-driver mini --subnet 10.78.0.0/29 x").ok


def test_a_subnet_that_the_host_has_is_passed_over_and_given_back():
    plugin = Direct()
    docker = Engine("20.10", plugins=plugin)
    assert docker("network create --ipam-driver mini pb").ok
    assert set(plugin.held) == {"172.18.0.0/16"}
    assert docker("network create own").ok
    own = docker("network inspect own -f '{{(index .IPAM.Config 0).Subnet}}'").stdout
    same = docker(f"network create --ipam-driver mini --subnet {own.strip()} x")
    assert "networks have overlapping IPv4" in same.stderr
    assert set(plugin.held) == {"172.18.0.0/16"}


def test_a_plugin_that_is_gone_stops_neither_rm_nor_the_engine():
    plugin = Direct()
    here = [True]

    def maybe(call):
        return plugin(call) if here[0] else Heard(call, failure="connection refused")

    docker = Engine("20.10", plugins=maybe)
    docker("network create --ipam-driver mini --subnet 10.77.0.0/29 pa")
    docker("run -d --name c1 --network pa nginx")
    here[0] = False
    refused = docker("run -d --name c2 --network pa nginx")
    assert "connection refused" in refused.stderr
    assert docker("rm -f c1").ok
    assert broken(docker.world) == []
    here[0] = True
    # It never heard of c1's end, so it gives another address.
    assert docker("start c2").ok
    assert address(docker, "c2") == "10.77.0.3"


def test_an_address_that_a_plugin_gives_twice_is_refused():
    def twice(call):
        heard = plugin(call)
        if call.method == "IpamDriver.RequestAddress" and "gateway" not in call.body:
            return Heard(call, reply='{"Address": "10.77.0.4/29"}')
        return heard

    plugin = Direct()
    docker = Engine("20.10", plugins=twice)
    docker("network create --ipam-driver mini --subnet 10.77.0.0/29 pa")
    assert docker("run -d --name c1 --network pa nginx").ok
    assert "Address already in use" in docker("run -d --network pa nginx").stderr
    assert broken(docker.world) == []


REPLIES = {
    "Plugin.Activate": {"Implements": ["IpamDriver"]},
    "IpamDriver.GetCapabilities": {},
    "IpamDriver.GetDefaultAddressSpaces": {"LocalDefaultAddressSpace": "L"},
    "IpamDriver.RequestPool": {"PoolID": "p", "Pool": "10.99.0.0/24"},
    "IpamDriver.RequestAddress": {"Address": "10.99.0.1/24"},
}
# Recorded from Docker 20.10.24 in front of plugins that answer so.
TEXTS = [
    ("Plugin.Activate", '{"Implements": []}',
     "legacy plugin: Plugin does not implement the requested driver"),
    ("IpamDriver.GetDefaultAddressSpaces", "boom", 'invalid ipam driver: "odd"'),
    ("IpamDriver.RequestPool", '{"Error": "no more pools"}', "remote: no more pools"),
    ("IpamDriver.RequestPool", '{"PoolID": "x", "Pool": "what"}',
     "invalid CIDR address: what"),
    ("IpamDriver.RequestAddress", '{"Address": "zz"}',
     "failed to allocate gateway (): invalid CIDR address: zz"),
    ("IpamDriver.RequestAddress", "{}",
     "failed to allocate gateway (): No address returned"),
    ("IpamDriver.RequestAddress", '{"Error": "no addr"}',
     "failed to allocate gateway (): remote: no addr"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "reply", "text"), TEXTS)
def test_a_broken_plugin_is_refused_in_dockers_words(method, reply, text):
    def odd(call):
        usual = json.dumps(REPLIES.get(call.method, {}))
        return Heard(call, reply=reply if call.method == method else usual)

    docker = Engine("20.10", plugins=odd)
    refused = docker("network create --ipam-driver odd x")
    assert refused.stderr == f"Error response from daemon: {text}\n"


JSON = st.recursive(
    st.sampled_from(["", "10.99.0.1/24", "10.99.0.0/24", "fd00::1/64", "p", "/", "\0"])
    | st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from("PoolID Pool Data Address Error Implements x".split()),
        inner,
        max_size=3,
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(REPLIES)), JSON), max_size=6))
def test_whatever_a_plugin_says_the_world_stays_sound(lies):
    queue = list(lies)

    def liar(call):
        if queue and queue[0][0] == call.method:
            return Heard(call, reply=json.dumps(queue.pop(0)[1]))
        return Heard(call, reply=json.dumps(REPLIES.get(call.method, {})))

    docker = Engine("20.10", plugins=liar)
    docker("network create --ipam-driver odd --subnet 10.99.0.0/24 x")
    docker("run -d --name c1 --network x nginx")
    docker("rm -f c1")
    assert broken(docker.world) == []


class _Hostile(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.answer(self)

    def log_message(self, *_):
        pass


def _endless(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while True:
            handler.wfile.write(b"x" * 65536)
    except OSError:
        pass


def _silent(handler):
    handler.server.ended.wait(20)


HOSTILE = {
    "garbage": (lambda h: h.wfile.write(b"\xff\xfe garbage\r\n\r\n"), "Post"),
    "no JSON": (lambda h: h.wfile.write(b"HTTP/1.1 200 OK\r\n\r\nnot json"), "legacy"),
    "an error": (lambda h: h.send_error(500), "Plugin.Activate: "),
    "silence": (_silent, "timed out"),
    "no end": (_endless, "more than"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_plugin_only_makes_a_call_fail(kind, tmp_path):
    behave, text = HOSTILE[kind]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hostile)
    server.answer, server.ended = behave, threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        port = server.server_address[1]
        (tmp_path / "odd.spec").write_text(f"tcp://127.0.0.1:{port}\n")
        docker = Engine("20.10", plugins=Plugins([tmp_path], timeout=0.5))
        refused = docker("network create --ipam-driver odd x")
        assert refused.code == 1
        assert text in refused.stderr
        assert docker("network create own").ok
    finally:
        server.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_spec_files_name_a_place_and_sockets_come_first(tmp_path, plugin):
    ask = Plugins([tmp_path, tmp_path / "nosuch"], timeout=5)
    place = f"unix://{tmp_path / 'mini.sock'}"
    (tmp_path / "mini.spec").write_text("tcp://127.0.0.1:1")
    (tmp_path / "two.json").write_text(json.dumps({"Name": "two", "Addr": place}))
    (tmp_path / "far.spec").write_text("tcp://192.0.2.1:80")
    (tmp_path / "bad.spec").write_text("nonsense")
    for name in ("mini", "two"):
        heard = ask(Call(name, "Plugin.Activate"))
        assert "IpamDriver" in read(heard.reply.encode())["Implements"]
    for name in ("far", "bad"):
        assert ask(Call(name, "Plugin.Activate")).failure == "Unknown protocol"
    for name in ("nosuch", "", "../mini", ".", "a\0b"):
        assert ask(Call(name, "Plugin.Activate")).missing

"""Networks of a plugin: minidock's own driver, and some that mean no good."""

import json
import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock import Engine
from minidock.commands.invariants import broken
from minidock.model.remote import Heard
from minidock.plugin.listener import Desk, PluginServer
from minidock.plugin.service import State
from minidock.plugin.transport import Plugins
from minidock.registry.sqlite import SqliteStore
from minidock.server.opening import open_live
from minidock.topology.machine import broken as unsound
from tests.plugin.test_client import Direct, nobody_may_ask

RECORDED = Path(__file__).parents[1] / "golden" / "plugin-20.10" / "session.json"


class Telling(Direct):
    """minidock's own plugin; it keeps what it was asked, and may answer otherwise."""

    def __init__(self, **instead):
        super().__init__()
        self.instead = instead
        self.asked = []

    def __call__(self, call):
        self.asked.append((call.method, json.loads(call.body)))
        odd = self.instead.get(call.method.partition(".")[2])
        if callable(odd):
            return odd(call)
        if odd is not None and "Err" in odd:
            return Heard(call, reply=json.dumps(odd))
        heard = super().__call__(call)
        return heard if odd is None else Heard(call, reply=json.dumps(odd))

    def bodies(self, method):
        return [body for name, body in self.asked if name == method]


def engine(plugin, era="20.10", **more):
    return Engine(era, plugins=plugin, **more)


def with_c1(plugin, words=""):
    docker = engine(plugin)
    assert docker("network create -d mini --subnet 10.81.0.0/24 nd").ok
    assert docker(f"run -d --name c1 {words} --network nd nginx").ok
    return docker


def shape(value, key=""):
    """What is the same in each recording: ids and namespaces stand for themselves."""
    if isinstance(value, dict):
        return {name: shape(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return key if key in {"NetworkID", "EndpointID", "SandboxKey"} else value


def test_a_driver_hears_what_a_real_engine_says():
    plugin = Telling()
    docker = engine(plugin)
    docker("network create -d mini --ipam-driver mini --subnet 10.81.0.0/24 nd")
    docker("run -d --name n1 --network nd busybox sleep 1000")
    docker("rm -f n1")
    docker("network create -d mini --subnet 10.82.0.0/24 -o minidock.bare=1 bare")
    docker("run -d --name n2 --network bare busybox sleep 1000")
    docker("rm -f n2")
    docker("network rm nd")
    docker("network rm bare")
    said = [(m, shape(b)) for m, b in plugin.asked if m.startswith("NetworkDriver")]
    assert said.pop(0) == ("NetworkDriver.GetCapabilities", {})
    calls = [call for call in json.loads(RECORDED.read_text()) if call["method"] != ""]
    recorded = [
        (call["method"], shape(call["request"]))
        for call in calls
        if call["method"].startswith("NetworkDriver") and call["request"]
    ]
    # A real engine asks after each start twice how the endpoint does.
    for method in ("CreateNetwork", "CreateEndpoint", "Join", "EndpointOperInfo",
                   "ProgramExternalConnectivity", "RevokeExternalConnectivity",
                   "Leave", "DeleteEndpoint", "DeleteNetwork"):  # fmt: skip
        mine = [body for name, body in said if name.endswith("." + method)]
        real = [body for name, body in recorded if name.endswith("." + method)]
        assert mine == (real[::2] if method == "EndpointOperInfo" else real), method


def test_both_ends_meet(tmp_path):
    path = tmp_path / "mini.sock"
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen(8)
    with PluginServer(listening, Desk(State(), None)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            docker = engine(Plugins([tmp_path], timeout=5))
            _both_ends(docker, server.desk)
        finally:
            server.shutdown()
            thread.join()


def _both_ends(docker, desk):
    both = "-d mini --ipam-driver mini"
    assert docker(f"network create {both} --subnet 10.81.0.0/24 nd").ok
    for name in ("c1", "c2"):
        assert docker(f"run -d --name {name} -p 80 --network nd nginx").ok
    [network] = desk.state.links.networks.values()
    assert (network.subnet, network.gateway) == ("10.81.0.0/24", "10.81.0.1")
    ends = sorted(desk.state.links.endpoints.values(), key=lambda e: e.address)
    assert [(e.address, e.mac, bool(e.sandbox)) for e in ends] == [
        ("10.81.0.2/24", "02:42:0a:51:00:02", True),
        ("10.81.0.3/24", "02:42:0a:51:00:03", True),
    ]
    assert "mini" in docker("network ls").stdout
    assert "eth0@if" in docker("exec c1 ip link").stdout
    routes = docker("exec c1 ip route").stdout
    assert "default via 10.81.0.1 dev eth0" in routes
    assert "with the plugin mini" in str(docker.trace("c1", "c2:80"))
    assert unsound(docker.machine()) == []
    assert broken(docker.world) == []
    docker("rm -f c1 c2")
    assert docker("network rm nd").ok
    assert desk.state == State()


def test_a_journal_is_read_back_without_the_plugin():
    store, plugin = SqliteStore(":memory:"), Telling()
    docker = engine(plugin, store=store)
    docker("network create -d mini --ipam-driver mini --subnet 10.81.0.0/24 nd")
    docker("run -d --name c1 --restart always --network nd -p 80 busybox sleep 5")
    docker("run -d --name c2 --network nd nginx")
    docker.advance(30)
    docker.restart_daemon()
    docker("network disconnect nd c2")
    docker("rm -f c2")
    assert engine(nobody_may_ask, store=store).world == docker.world
    assert broken(docker.world) == []


def test_what_was_made_for_a_refused_request_is_taken_back():
    plugin = Telling()
    docker = engine(plugin)
    docker("network create -d mini --subnet 10.81.0.0/24 n1")
    docker("network create -d mini --subnet 10.82.0.0/24 n2")
    docker("create --name c1 --network n1 nginx")
    docker("network connect n2 c1")
    plugin.instead["Join"] = lambda call: Heard(call, failure="NetworkDriver.Join: no")
    before = plugin.state
    assert "NetworkDriver.Join: no" in docker("start c1").stderr
    assert plugin.state == before
    assert broken(docker.world) == []
    plugin.instead.clear()
    assert docker("start c1").ok
    assert len(plugin.state.links.endpoints) == 2
    wrong = docker("network create -d mini --ipam-driver mini --scope swarm x")
    assert wrong.code
    assert len(plugin.state.links.networks) == 2


def test_a_network_without_a_gateway_leads_out_over_docker_gwbridge():
    way = {"InterfaceName": {"SrcName": "vethabc", "DstPrefix": "ethwe"},
           "StaticRoutes": [{"Destination": "10.90.0.0/16", "RouteType": 1}]}  # fmt: skip
    docker = with_c1(Telling(Join=way), "-p 8080:80")
    routes = docker("exec c1 ip route").stdout.splitlines()
    assert routes[0].startswith("default via 172.18.0.1 dev eth")
    assert any(r.startswith("10.90.0.0/16 dev ethwe0") for r in routes)
    assert "docker_gwbridge" in docker("network ls").stdout
    assert docker.trace("outside", "192.0.2.2:8080").delivered
    assert broken(docker.world) == []
    docker("rm -f c1")
    closed = {**way, "DisableGatewayService": True}
    docker = with_c1(Telling(Join=closed))
    assert "default" not in docker("exec c1 ip route").stdout
    assert "docker_gwbridge" not in docker("network ls").stdout


def test_a_static_default_route_is_the_way_out():
    way = {"InterfaceName": {"SrcName": "vethabc", "DstPrefix": "eth"},
           "StaticRoutes": [{"Destination": "0.0.0.0/0", "RouteType": 0,
                             "NextHop": "10.81.0.9"}]}  # fmt: skip
    docker = with_c1(Telling(Join=way))
    docker("network connect bridge c1")
    routes = docker("exec c1 ip route").stdout
    assert [r for r in routes.splitlines() if r.startswith("default")] == [
        "default via 10.81.0.9 dev eth0 "
    ]
    assert unsound(docker.machine()) == []


def test_ports_are_the_plugins_affair_and_move_with_the_default_route():
    plugin = Telling()
    docker = with_c1(plugin, "-p 8080:80")
    [told] = plugin.bodies("NetworkDriver.ProgramExternalConnectivity")
    assert told["Options"]["com.docker.network.portmap"] == [
        {"Proto": 6, "IP": "", "Port": 80, "HostIP": "", "HostPort": 8080,
         "HostPortEnd": 8080}
    ]  # fmt: skip
    assert docker("port c1").stdout == ""
    docker("network connect bridge c1")  # comes before nd in the order of names
    assert len(plugin.bodies("NetworkDriver.RevokeExternalConnectivity")) == 1
    assert "8080" in docker("port c1").stdout
    docker("network disconnect bridge c1")
    assert len(plugin.bodies("NetworkDriver.ProgramExternalConnectivity")) == 2


def test_a_plugin_that_publishes_nothing_is_let_be():
    def unknown(call):
        return Heard(call, failure="404 page not found", unknown=True)

    plugin = Telling(ProgramExternalConnectivity=unknown)
    docker = with_c1(plugin, "-p 8080:80")
    docker("rm -f c1")
    assert plugin.bodies("NetworkDriver.RevokeExternalConnectivity") == []


def test_a_mac_that_was_asked_for_is_the_plugins_to_take():
    plugin = Telling()
    docker = with_c1(plugin, "--mac-address 02:42:00:00:00:07")
    [asked] = plugin.bodies("NetworkDriver.CreateEndpoint")
    assert asked["Interface"]["MacAddress"] == "02:42:00:00:00:07"
    assert "02:42:00:00:00:07" in docker("exec c1 ip link").stdout


def test_internal_and_auxiliary_addresses_are_told():
    plugin = Telling()
    docker = engine(plugin)
    aux = "--aux-address a=10.81.0.9"
    docker(f"network create -d mini --internal --subnet 10.81.0.0/24 {aux} nd")
    [told] = plugin.bodies("NetworkDriver.CreateNetwork")
    assert told["Options"]["com.docker.network.internal"] is True
    assert told["IPv4Data"][0]["AuxAddresses"] == {"a": "10.81.0.9/24"}


# Docker's words, from the sources named in minidock/commands/plugging.py.
AT_CREATE = [
    ("Activate", {"Implements": ["IpamDriver"]},
     "legacy plugin: Plugin does not implement the requested driver"),
    ("GetCapabilities", {"Scope": "what"},
     "could not resolve driver mini in registry"),
    ("GetCapabilities", {"Scope": "global"},
     ("cannot find address space GlobalDefault (most likely the backing datastore is "
     "not configured)")),
    ("CreateNetwork", {"Err": "no more"}, "remote: no more"),
    ("CreateNetwork", lambda call: Heard(call, failure="NetworkDriver.CreateNetwork: x"),
     "NetworkDriver.CreateNetwork: x"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "reply", "text"), AT_CREATE)
def test_a_network_that_a_plugin_does_not_make_is_refused(method, reply, text):
    plugin = Telling(**{method: reply})
    docker = engine(plugin)
    before = docker.world.networks
    refused = docker("network create -d mini --subnet 10.81.0.0/24 nd")
    assert refused.stderr == f"Error response from daemon: {text}\n"
    assert docker.world.networks == before
    assert broken(docker.world) == []


def joins(**more):
    return {"InterfaceName": {"SrcName": "vethabc", "DstPrefix": "eth"}, **more}


AT_START = [
    ("CreateEndpoint", {"Err": "full"},
     "failed to create endpoint c1 on network nd: remote: full"),
    ("CreateEndpoint", {"Interface": {"Address": "10.81.0.7/24"}},
     ("failed to create endpoint c1 on network nd: driver modified interface address: "
     "endpoint interface IP present (10.81.0.2/24). Cannot be modified with "
     "(10.81.0.7/24).; rolled back")),
    ("CreateEndpoint", {"Interface": {"MacAddress": "zz"}}, "invalid MAC address"),
    ("Join", joins(Gateway="zz"), "unable to parse Gateway IP zz"),
    ("Join", joins(Gateway="10.99.0.1"),
     ("failed to set gateway while updating gateway: route for the gateway 10.99.0.1 "
     "could not be found: network is unreachable")),
    ("Join", joins(StaticRoutes=[{"Destination": "x"}]), "invalid CIDR address: x"),
    ("Join", {"InterfaceName": {"SrcName": "docker0", "DstPrefix": "eth"}},
     "Link not found"),
    ("Join", {"InterfaceName": {"SrcName": "vethabc", "DstPrefix": "a/b"}},
     "invalid argument"),
    ("EndpointOperInfo", {"Err": "gone"}, "remote: gone"),
    ("ProgramExternalConnectivity", {"Err": "taken"},
     "driver failed programming external connectivity on endpoint c1"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "reply", "text"), AT_START)
def test_an_endpoint_that_a_plugin_does_not_make_is_refused(method, reply, text):
    plugin = Telling()
    docker = engine(plugin)
    docker("network create -d mini --subnet 10.81.0.0/24 nd")
    before = plugin.state
    plugin.instead[method] = reply
    refused = docker("run -d --name c1 --network nd nginx")
    assert text in refused.stderr
    assert plugin.state == before
    assert broken(docker.world) == []
    plugin.instead.clear()
    assert docker("start c1").ok


def test_one_interface_is_moved_into_one_container():
    docker = with_c1(Telling(Join=joins(Gateway="10.81.0.1")))
    refused = docker("run -d --name c2 --network nd nginx")
    assert 'failed to get link by name "vethabc": Link not found' in refused.stderr


def test_a_plugin_that_is_gone_stops_neither_rm_nor_the_engine():
    plugin = Telling()
    docker = with_c1(plugin)
    plugin.instead |= dict.fromkeys(
        ("Leave", "DeleteEndpoint", "DeleteNetwork", "RevokeExternalConnectivity"),
        lambda call: Heard(call, failure="connection refused"),
    )
    assert docker("rm -f c1").ok
    assert docker("network rm nd").ok
    assert broken(docker.world) == []


NAMES = (
    "Err Implements Scope Interface Address AddressIPv6 MacAddress InterfaceName SrcName "
    "DstPrefix Gateway GatewayIPv6 StaticRoutes Destination NextHop RouteType "
    "DisableGatewayService Value"
).split()
WORDS = (
    "eth eth0 docker0 lo vethabc local global 10.81.0.1 10.81.0.2 10.81.0.2/24 0.0.0.0/0 "
    "10.81.0.0/24 fd00::1/64 ::/0 fd00::2 02:42:0a:51:00:02 ff:ff:ff:ff:ff:ff x"
).split()
LEAVES = st.sampled_from([*WORDS, ""]) | st.none() | st.booleans() | st.integers()
LIES = st.recursive(
    LEAVES | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
TRUE_TO_FORM = st.fixed_dictionaries(
    {"InterfaceName": st.fixed_dictionaries(
        {"SrcName": st.sampled_from(WORDS), "DstPrefix": st.sampled_from(WORDS)})},
    optional={
        "Gateway": st.sampled_from(WORDS), "GatewayIPv6": st.sampled_from(WORDS),
        "DisableGatewayService": st.booleans(),
        "StaticRoutes": st.lists(st.fixed_dictionaries(
            {"Destination": st.sampled_from(WORDS)},
            optional={"NextHop": st.sampled_from(WORDS)}), max_size=3),
    },
)  # fmt: skip
METHODS = (
    "GetCapabilities CreateNetwork CreateEndpoint Join EndpointOperInfo Leave "
    "ProgramExternalConnectivity DeleteEndpoint DeleteNetwork"
).split()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(METHODS), LIES), max_size=4),
    st.lists(TRUE_TO_FORM, max_size=3),
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "Address": st.sampled_from(WORDS),
                "AddressIPv6": st.sampled_from(WORDS),
                "MacAddress": st.sampled_from(WORDS),
            },
        ),
        max_size=3,
    ),
)
def test_whatever_a_driver_says_the_world_stays_sound(lies, joined, interfaces):
    """A request is refused or done; nothing of it is left over in the World."""
    queue = [(method, lie) for method, lie in lies]
    queue += [("Join", lie) for lie in joined]
    queue += [("CreateEndpoint", {"Interface": lie}) for lie in interfaces]
    plugin = Telling()

    def liar(call):
        for number, (method, lie) in enumerate(queue):
            if call.method.endswith(f".{method}"):
                del queue[number]
                return Heard(call, reply=json.dumps(lie))
        return plugin(call)

    store = SqliteStore(":memory:")
    docker = engine(liar, store=store)
    docker("network create -d mini --subnet 10.81.0.0/24 nd")
    docker("network create own")
    for name in ("c1", "c2"):
        docker(f"run -d --name {name} -p 80 --network nd nginx")
        docker(f"network connect own {name}")
        assert broken(docker.world) == []
        assert unsound(docker.machine()) == []
        docker(f"exec {name} ip addr")
        assert docker.reachability() is not None
    again = engine(nobody_may_ask, store=store)
    assert again.world == docker.world
    docker("rm -f c1 c2")
    docker("network rm nd own")
    assert broken(docker.world) == []
    assert not docker.world.remote.pending
    assert not [e for members in docker.world.members.values() for e in members]
    assert {n.name for n in docker.world.networks.values()} <= {
        "bridge", "host", "none", "docker_gwbridge"
    }  # fmt: skip


def test_an_engine_that_is_served_asks_the_plugins_of_a_folder(tmp_path, monkeypatch):
    state, plugin = str(tmp_path / "state"), Telling()
    monkeypatch.setattr("minidock.plugin.transport.Plugins", lambda _: plugin)
    create = "network create -d mini --subnet 10.81.0.0/24 "
    missing = 'plugin "mini" not found'
    with closing(open_live(era="20.10", state=state, seed="x")) as live:
        assert missing in live.engine(create + "nd").stderr
        live.stop_daemon()
    with closing(open_live(state=state, plugins=[str(tmp_path)])) as live:
        assert live.engine(create + "nd").ok
        assert live.engine("run -d --name c1 --network nd nginx").ok
        live.stop_daemon()
    with closing(open_live(state=state)) as live:
        shown = live.engine("network ls").stdout
        assert [line.split()[2] for line in shown.splitlines() if " nd " in line] == [
            "mini"
        ]
        assert missing in live.engine("start c1").stderr
        assert live.engine("rm -f c1").ok
        assert live.engine("network rm nd").ok
        assert broken(live.world) == []

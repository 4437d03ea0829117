"""World -> Machine: what the decisions imply."""

import pytest
from hypothesis import given

from minidock.host.machine import host_namespace, machine, namespace_of, sandbox
from minidock.model.daemon import DaemonOptions
from minidock.net.address import V6
from minidock.topology.interface import InterfaceKind
from minidock.topology.machine import broken
from tests.topology.strategies_topology import labs
from tests.topology.worlds import Lab, mapping, web_on_docker0


def addresses(item):
    return [str(address) for address in item.addresses]


def routes(space, family=4):
    return [
        (str(route.destination), str(route.gateway), route.device)
        for route in space.routes_of(family)
    ]


# -- bridges ---------------------------------------------------------------------------


def test_a_bridge_waits_for_its_first_container():
    lab = Lab()
    lab.docker0(mtu=1400)
    fresh = host_namespace(lab.world).interface("docker0")
    assert (fresh.mtu, fresh.carrier) == (1500, False)
    assert addresses(fresh) == ["172.17.0.1/16"]

    lab.run("web", "bridge", "172.17.0.2")
    used = host_namespace(lab.world).interface("docker0")
    assert (used.mtu, used.carrier) == (1400, True)
    assert addresses(used) == ["172.17.0.1/16", "fe80::42:ff:fe00:3/64"]
    assert used.addresses[1].tentative

    lab.remove("web")
    idle = host_namespace(lab.world).interface("docker0")
    assert (idle.mtu, idle.carrier, idle.had_ports) == (1500, False, True)
    assert addresses(idle) == addresses(used)
    assert not idle.addresses[1].tentative


def test_the_daemons_mtu_concerns_the_default_bridge_only():
    lab = Lab(daemon=DaemonOptions(mtu="1400"))
    lab.docker0()
    lab.network("own", "10.0.0.0/24")
    lab.run("a1", "bridge", "172.17.0.2")
    lab.run("b1", "own", "10.0.0.2")
    host = host_namespace(lab.world)
    assert host.interface("docker0").mtu == 1400
    assert host.interface("br-own").mtu == 1500


def test_inhibit_ipv4_leaves_the_bridge_without_an_ipv4_address():
    lab = Lab()
    lab.network("inh", "10.0.0.0/24", inhibit_ipv4=True)
    lab.run("a1", "inh", "10.0.0.2")
    assert host_namespace(lab.world).interface("br-inh").of_family(4) == ()
    assert routes(sandbox(lab.world, lab.world.containers["a1-id"]))[0] == (
        "0.0.0.0/0",
        "10.0.0.1",
        "eth0",
    )


def test_an_ipv6_bridge_also_has_the_address_fe80_1():
    lab = Lab()
    lab.network("v6", "10.0.0.0/24", subnet6="fd00::/64")
    item = host_namespace(lab.world).interface("br-v6")
    assert addresses(item) == ["10.0.0.1/24", "fd00::1/64", "fe80::1/64"]
    # Without a carrier the check for duplicates cannot begin.
    assert all(a.tentative for a in item.of_family(V6))


# -- sandboxes -------------------------------------------------------------------------


def test_ipv6_is_disabled_inside_unless_an_endpoint_has_an_address():
    lab = Lab()
    lab.docker0()
    lab.network("v6", "10.0.0.0/24", subnet6="fd00::/64")
    lab.run("a1", "bridge", "172.17.0.2")
    lab.run("b1", "v6", "10.0.0.2", address6="fd00::2")
    plain = sandbox(lab.world, lab.world.containers["a1-id"])
    both = sandbox(lab.world, lab.world.containers["b1-id"])
    assert addresses(plain.interface("lo")) == ["127.0.0.1/8"]
    assert plain.sysctl("net.ipv6.conf.eth0.disable_ipv6") == "1"
    assert addresses(both.interface("lo")) == ["127.0.0.1/8", "::1/128"]
    assert both.sysctl("net.ipv6.conf.eth0.disable_ipv6") == "0"
    assert both.sysctl("net.ipv6.conf.all.disable_ipv6") == "1"
    assert routes(both, V6)[-1] == ("::/0", "fd00::1", "eth0")


def test_a_sysctl_that_was_asked_for_wins():
    lab = Lab()
    lab.container("a1", sysctls={"net.ipv4.ip_unprivileged_port_start": "1024"})
    space = sandbox(lab.world, lab.world.containers["a1-id"])
    assert space.sysctl("net.ipv4.ip_unprivileged_port_start") == "1024"


def test_the_first_network_by_name_gives_the_default_route():
    lab = Lab()
    for number, name in enumerate(("mnet", "anet", "znet")):
        lab.network(name, f"10.{number}.0.0/16")
    lab.run("c1", "mnet", "10.0.0.2")
    lab.attach("c1", "znet", "10.2.0.2")
    lab.attach("c1", "anet", "10.1.0.2")
    space = sandbox(lab.world, lab.world.containers["c1-id"])
    assert routes(space)[0] == ("0.0.0.0/0", "10.1.0.1", "eth2")


def test_an_internal_network_gives_the_default_route_only_if_there_is_no_other():
    lab = Lab()
    lab.network("aint", "10.1.0.0/16", internal=True)
    lab.network("znet", "10.2.0.0/16")
    lab.run("c1", "aint", "10.1.0.2")
    space = sandbox(lab.world, lab.world.containers["c1-id"])
    assert routes(space)[0] == ("0.0.0.0/0", "10.1.0.1", "eth0")
    lab.attach("c1", "znet", "10.2.0.2")
    space = sandbox(lab.world, lab.world.containers["c1-id"])
    assert routes(space)[0] == ("0.0.0.0/0", "10.2.0.1", "eth1")


def test_a_gateway_priority_comes_before_the_name():
    lab = Lab(era="28")
    lab.network("anet", "10.1.0.0/16")
    lab.network("znet", "10.2.0.0/16")
    lab.run("c1", "anet", "10.1.0.2")
    lab.attach("c1", "znet", "10.2.0.2", gateway_priority=1)
    space = sandbox(lab.world, lab.world.containers["c1-id"])
    assert routes(space)[0] == ("0.0.0.0/0", "10.2.0.1", "eth1")


def test_a_link_local_address_that_was_asked_for_gets_the_length_of_its_class():
    lab = Lab()
    lab.network("f", "10.65.0.0/24")
    lab.run("g6", "f", "10.65.0.4", link_local=["169.254.34.68"])
    space = sandbox(lab.world, lab.world.containers["g6-id"])
    assert addresses(space.interface("eth0")) == ["10.65.0.4/24", "169.254.34.68/16"]


# -- modes -----------------------------------------------------------------------------


def test_the_modes_share_or_lack_a_network_stack():
    lab = web_on_docker0()
    lab.container("h1", mode="host")
    lab.container("z1", mode="none")
    lab.container("s1", mode="container:web-id")
    lab.container("s2", mode="container:web")
    lab.container("off", status="exited")
    seen = {
        name: namespace_of(lab.world, lab.world.containers[f"{name}-id"])
        for name in ("h1", "z1", "s1", "s2", "web", "off")
    }
    assert seen["h1"] == host_namespace(lab.world)
    assert [item.name for item in seen["z1"].interfaces] == ["lo"]
    assert seen["s1"] == seen["s2"] == seen["web"]
    assert seen["off"] is None
    assert [space.owner for space in machine(lab.world).sandboxes] == ["web", "z1"]


# -- publishing ------------------------------------------------------------------------


def test_every_mapping_has_a_proxy_and_a_socket():
    host = host_namespace(web_on_docker0().world)
    proxies = [line for line in host.processes if "docker-proxy" in line]
    assert [line.split(" -host-ip ")[1] for line in proxies] == [
        "0.0.0.0 -host-port 80 -container-ip 172.17.0.2 -container-port 80",
        ":: -host-port 80 -container-ip 172.17.0.2 -container-port 80",
    ]
    assert {socket.owner for socket in host.sockets} == {"docker-proxy"}


def test_without_the_proxy_dockerd_listens_and_ports_may_turn_frames_back():
    lab = Lab(daemon=DaemonOptions(userland_proxy=False))
    lab.docker0()
    one = mapping("0.0.0.0", 80, "172.17.0.2")
    lab.run("web", "bridge", "172.17.0.2", mappings=[one])
    host = host_namespace(lab.world)
    assert host.processes == ("dockerd", "sleep")
    assert [socket.owner for socket in host.sockets] == ["dockerd"]
    assert [item.hairpin for item in host.interfaces if item.master] == [True]
    assert host.sysctl("net.ipv4.conf.docker0.route_localnet") == "1"


# -- laws ------------------------------------------------------------------------------


@given(labs(parents=True))
def test_the_machine_of_any_world_is_sound(lab):
    assert broken(machine(lab.world)) == []


@given(labs(parents=True))
def test_every_attached_endpoint_has_its_interface_in_exactly_one_namespace(lab):
    built = machine(lab.world)
    seen = [item.index for space in built.sandboxes for item in space.interfaces]
    for container in lab.world.containers.values():
        for endpoint in container.endpoints:
            assert seen.count(endpoint.index) == 1
            item = built.sandbox(container.name).interface(endpoint.interface)
            assert (item.index, item.mac) == (endpoint.index, endpoint.mac)


@given(labs(parents=True))
def test_every_port_of_a_bridge_is_a_veth_of_a_running_container(lab):
    built = machine(lab.world)
    names = {space.name: space.owner for space in built.sandboxes}
    for item in built.host.interfaces:
        if item.master:
            assert item.kind is InterfaceKind.VETH
            owner = lab.world.containers[f"{names[item.peer_namespace]}-id"]
            assert owner.state.running


@given(labs(parents=True))
def test_a_sandbox_leads_out_through_one_of_its_own_subnets(lab):
    for space in machine(lab.world).sandboxes:
        for family in (4, V6):
            shown = space.routes_of(family)
            default = [route for route in shown if route.is_default]
            assert len(default) <= 1
            assert bool(default) == any(
                item.of_family(family) for item in space.interfaces[1:]
            )
            for route in default:
                assert any(
                    route.gateway in other.destination
                    for other in shown
                    if other.device == route.device and not other.is_default
                )


@pytest.mark.parametrize("status", ["created", "exited", "dead"])
def test_a_container_that_does_not_run_has_no_namespace(status):
    lab = Lab()
    lab.container("a1", status=status)
    assert machine(lab.world).sandboxes == ()

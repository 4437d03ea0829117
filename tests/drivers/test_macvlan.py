"""macvlan and ipvlan networks: what is refused, what is made, and for how long.

The texts of 20.10 are those of a real engine, 20.10.24.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.commands.invariants import broken
from minidock.drivers.base import BridgeRequest
from minidock.drivers.catalog import driver_named
from minidock.drivers.macvlan import MacvlanDriver
from minidock.eras import era_named
from minidock.errors import Refusal
from minidock.model.daemon import DaemonOptions
from minidock.model.document import Document
from minidock.model.host import sample_host
from minidock.net.mac import MAC
from minidock.topology.interface import InterfaceKind
from tests.drivers.parented import ERAS, SESSIONS, docker, lan, must, refused, run


def network(engine, name="lan"):
    return json.loads(must(engine, f"network inspect {name}"))[0]


def settings_of(engine, name):
    return json.loads(must(engine, f"inspect {name}"))[0]["NetworkSettings"]


def parents(engine):
    """The interfaces on the host that are neither cards nor of bridges."""
    usual = {InterfaceKind.LOOPBACK, InterfaceKind.PHYSICAL, InterfaceKind.BRIDGE}
    host = engine.machine().host
    return [item.name for item in host.interfaces if item.kind not in usual]


def default_routes(engine, name):
    space = engine.machine().sandbox(name)
    return [str(route.gateway) for route in space.routes if route.is_default]


# -- options ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("parent=lo", "loopback interface is not a valid macvlan parent link"),
        (
            "parent=nosuch",
            "invalid subinterface vlan name nosuch, example formatting is eth0.10",
        ),
        (
            "parent=eth0.x",
            "unable to parse a valid vlan id from: x (ex. eth0.10 for vlan 10)",
        ),
        (
            "parent=eth0.5.6",
            (
                "required interface name format is: name.vlan_id, ex. eth0.10 for vlan "
                "10, instead received eth0.5.6"
            ),
        ),
        (
            "parent=nosuch.5",
            "-o parent interface does was not found on the host: nosuch",
        ),
        ("parent=eth0.5000", "vlan id must be between 1-4094, received: 5000"),
        ("parent=eth0.0", "vlan id must be between 1-4094, received: 0"),
        (
            "parent=lo macvlan_mode=foo",
            (
                "requested macvlan mode 'foo' is not valid, 'bridge' mode is the "
                "macvlan driver default"
            ),
        ),
    ],
)
def test_a_parent_or_mode_that_is_none_is_refused_in_dockers_words(options, text):
    words = " ".join(f"-o {option}" for option in options.split())
    line = f"network create -d macvlan {words} lan"
    assert refused(docker("20.10"), line) == text


def test_a_later_docker_has_lost_a_slip_of_the_pen():
    line = "network create -d macvlan -o parent=nosuch.5 lan"
    text = "-o parent interface was not found on the host: nosuch"
    assert refused(docker("28"), line) == text


def test_options_of_other_drivers_are_kept_and_mean_nothing():
    engine = docker("20.10")
    lan(engine, "-o com.docker.network.driver.mtu=1400 -o foo=bar")
    assert network(engine)["Options"]["foo"] == "bar"
    run(engine, "web", "lan")
    assert engine.machine().sandbox("web").interface("eth0").mtu == 1500


@pytest.mark.parametrize("mode", ["bridge", "private", "vepa", "passthru"])
def test_a_child_has_the_mode_of_its_network(mode):
    engine = docker()
    lan(engine, f"-o macvlan_mode={mode}")
    run(engine, "web", "lan")
    eth0 = engine.machine().sandbox("web").interface("eth0")
    assert (eth0.kind, eth0.mode) == (InterfaceKind.MACVLAN, mode)
    assert (eth0.parent, eth0.parent_index, eth0.parent_namespace) == ("eth0", 2, "")


def test_ipvlan_knows_l3s_and_flags_only_later():
    line = "network create -d ipvlan -o parent=eth0 -o {} ipv"
    with_mode, with_flag = (
        line.format("ipvlan_mode=l3s"),
        line.format("ipvlan_flag=nosuch"),
    )
    assert refused(docker("20.10"), with_mode) == (
        "requested ipvlan mode 'l3s' is not valid, 'l2' mode is the ipvlan driver "
        "default"
    )
    must(docker("28"), with_mode)
    must(docker("20.10"), with_flag)
    assert refused(docker("28"), with_flag) == (
        "requested ipvlan flag 'nosuch' is not valid, 'bridge' is the ipvlan driver "
        "default"
    )


def test_ipvlan_was_an_experiment_first():
    line = "network create -d ipvlan -o parent=eth0 ipv"
    assert refused(docker("17.12"), line) == 'plugin "ipvlan" not found'
    must(docker("17.12", daemon_args=["--experimental"]), line)


@given(
    st.sampled_from(ERAS),
    st.dictionaries(
        st.sampled_from(["parent", "macvlan_mode", "ipvlan_mode", "ipvlan_flag"]),
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(["eth0", "eth0.1", "l3", "private", "eth0.-1", "lo.3"]),
        ),
    ),
    st.sampled_from(["macvlan", "ipvlan"]),
    st.booleans(),
)
def test_any_options_of_a_macvlan_name_an_interface_or_are_refused(
    era, options, driver, internal
):
    request = BridgeRequest(
        network_id="1f2e3d4c5b6a" + "0" * 52,
        options=Document(options),
        era=era_named(era),
        daemon=DaemonOptions(),
        host=sample_host(),
        mac=MAC(0x0242_0000_0001),
        index=7,
        internal=internal,
    )
    try:
        link = driver_named(driver).read_options(request)
    except Refusal as refusal:
        told = (refusal.text, refusal.rule, refusal.remedy)
        assert all(told)
        return
    assert link.name == "eth0" or link.made is not None
    assert 0 < len(link.name) <= 15


# -- sharing a parent ------------------------------------------------------------------


@pytest.mark.parametrize("era", ["17.12", "20.10"])
def test_two_macvlan_networks_on_one_parent_are_refused_before_28(era):
    engine = docker(era)
    first = lan(engine)
    text = refused(engine, "network create -d macvlan -o parent=eth0 lan2")
    assert text == f"network dm-{first[:12]} is already using parent interface eth0"


def test_two_macvlan_networks_on_one_parent_are_fine_in_28():
    engine = docker("28")
    lan(engine)
    lan(engine, name="lan2", subnet="198.51.100.0/24")
    run(engine, "a1", "lan")
    run(engine, "a2", "lan2")
    assert len(list(engine.machine().children("eth0"))) == 2


def test_passthru_shares_its_parent_with_no_network():
    engine = docker("28")
    first = lan(engine)
    line = "network create -d macvlan -o parent=eth0 {} other"
    assert refused(engine, line.format("-o macvlan_mode=passthru")) == (
        f"cannot use mode passthru, macvlan network {first} is already using parent "
        "interface eth0"
    )
    must(engine, "network rm lan")
    first = lan(engine, "-o macvlan_mode=passthru")
    assert refused(engine, line.format("")) == (
        f"macvlan network {first} is already using parent interface eth0 in mode "
        "passthru"
    )


@pytest.mark.parametrize("era", ["20.10", "28"])
def test_two_ipvlan_networks_on_one_parent_are_always_refused(era):
    engine = docker(era)
    first = must(engine, "network create -d ipvlan -o parent=eth0 i1")
    text = refused(engine, "network create -d ipvlan -o parent=eth0 i2")
    assert text == f"network di-{first[:12]} is already using parent interface eth0"


def test_macvlan_and_ipvlan_meet_on_one_parent_only_in_the_kernel():
    engine = docker("20.10")
    lan(engine)
    must(engine, "network create -d ipvlan -o parent=eth0 ipv")
    run(engine, "web", "lan")
    line = "run -d --name db --network ipv busybox sleep 1000"
    text = "failed to create the ipvlan port: device or resource busy"
    assert refused(engine, line) == text
    must(engine, "rm -f web", "start db")


# -- parents that Docker makes ---------------------------------------------------------


@pytest.mark.parametrize("era", ERAS)
def test_without_a_parent_there_is_a_dummy_as_long_as_the_network(era):
    engine = docker(era)
    made = must(engine, "network create -d macvlan lonely")
    assert parents(engine) == [f"dm-{made[:12]}"]
    dummy = engine.machine().host.interface(f"dm-{made[:12]}")
    assert (dummy.kind, dummy.operstate) == (InterfaceKind.DUMMY, "UNKNOWN")
    must(engine, "network rm lonely")
    assert parents(engine) == []


def test_a_sub_interface_is_made_with_its_tag_and_goes_with_the_network():
    engine = docker()
    must(engine, "network create -d macvlan -o parent=eth0.50 tagged")
    vlan = engine.machine().host.interface("eth0.50")
    assert (vlan.kind, vlan.tag, vlan.parent) == (InterfaceKind.VLAN, 50, "eth0")
    assert vlan.mac == engine.machine().host.interface("eth0").mac
    must(engine, "network rm tagged")
    assert parents(engine) == []


def test_a_made_parent_stays_until_the_last_network_on_it_is_gone():
    engine = docker("28")
    for name in ("t1", "t2"):
        must(engine, f"network create -d macvlan -o parent=eth0.50 {name}")
    must(engine, "network rm t1")
    assert parents(engine) == ["eth0.50"]
    must(engine, "network rm t2")
    assert parents(engine) == []


def test_a_made_parent_goes_with_its_driver_although_another_one_uses_it():
    engine = docker("20.10")
    must(engine, "network create -d ipvlan -o parent=eth0.50 i1")
    must(engine, "network create -d macvlan -o parent=eth0.50 m1")
    assert parents(engine) == ["eth0.50"]
    must(engine, "network rm i1")
    assert parents(engine) == []
    line = "run -d --name web --network m1 busybox sleep 1000"
    text = "the requested parent interface eth0.50 was not found on the Docker host"
    assert refused(engine, line) == text


@pytest.mark.parametrize(
    ("lacks", "options", "text"),
    [
        (InterfaceKind.DUMMY, "", "operation not supported"),
        (InterfaceKind.DUMMY, "--internal", "operation not supported"),
        (
            InterfaceKind.VLAN,
            "-o parent=eth0.50",
            "failed to create eth0.50 vlan link: operation not supported",
        ),
    ],
)
def test_a_kernel_without_the_link_says_so(lacks, options, text):
    engine = docker("20.10", lacks=[lacks])
    assert refused(engine, f"network create -d macvlan {options} lan") == text
    assert parents(engine) == []


@pytest.mark.parametrize("driver", ["macvlan", "ipvlan"])
def test_a_kernel_without_the_driver_says_so_when_a_container_starts(driver):
    engine = docker("20.10", lacks=[InterfaceKind(driver)])
    must(engine, f"network create -d {driver} -o parent=eth0 lan")
    line = "run -d --name web --network lan busybox sleep 1000"
    text = f"failed to create the {driver} port: operation not supported"
    assert refused(engine, line) == text
    assert settings_of(engine, "web")["Networks"]["lan"]["IPAddress"] == ""
    assert broken(engine.world) == []


def test_a_name_that_the_kernel_cannot_take_is_refused():
    engine = docker()
    name = "b" * 13
    must(engine, f"network create -o com.docker.network.bridge.name={name} b1")
    text = refused(engine, f"network create -d macvlan -o parent={name}.50 lan")
    assert text.endswith("vlan link: numerical result out of range")


# -- what a container gets -------------------------------------------------------------


def test_a_container_gets_the_gateway_as_its_default_route_and_no_ports():
    engine = docker("20.10")
    lan(engine, "--gateway 192.0.2.1")
    run(engine, "web", "lan", "--ip 192.0.2.77 -p 8080:80 --expose 81")
    shown = settings_of(engine, "web")
    assert shown["Ports"] == {}
    entry = shown["Networks"]["lan"]
    assert entry["IPAddress"] == "192.0.2.77"
    assert entry["Gateway"] == "192.0.2.1"
    assert entry["MacAddress"] == "02:42:c0:00:02:4d"
    assert default_routes(engine, "web") == ["192.0.2.1"]
    assert must(engine, "port web") == ""


def test_the_mac_is_random_in_28():
    engine = docker("28")
    lan(engine)
    run(engine, "web", "lan", "--ip 192.0.2.77")
    mac = settings_of(engine, "web")["Networks"]["lan"]["MacAddress"]
    assert mac != "02:42:c0:00:02:4d"


@pytest.mark.parametrize(
    ("era", "options", "routes"),
    [
        ("17.12", "-o parent=eth0 --internal", ["10.7.0.1"]),
        ("20.10", "-o parent=eth0 --internal", []),
        ("28", "-o parent=eth0 --internal", []),
        ("17.12", "", ["10.7.0.1"]),
        ("20.10", "", ["10.7.0.1"]),
        ("28", "", []),
        ("28", "--gateway 10.7.0.9", []),
    ],
)
def test_who_cannot_leave_has_a_default_route_by_era(era, options, routes):
    engine = docker(era)
    must(engine, f"network create -d macvlan --subnet 10.7.0.0/24 {options} lan")
    run(engine, "web", "lan")
    assert default_routes(engine, "web") == routes


def test_an_internal_network_forgot_its_parent_once():
    line = "network create -d macvlan -o parent=eth0 --internal lan"
    old, new = docker("17.12"), docker("20.10")
    made = must(old, line)
    must(new, line)
    assert parents(old) == [f"dm-{made[:12]}"]
    assert parents(new) == []


@pytest.mark.parametrize(("era", "first"), [("20.10", "10.7.0.2"), ("28", "10.7.0.1")])
def test_an_unused_gateway_holds_an_address_by_era(era, first):
    engine = docker(era)
    must(engine, "network create -d macvlan --internal --subnet 10.7.0.0/24 lan")
    run(engine, "web", "lan")
    assert settings_of(engine, "web")["Networks"]["lan"]["IPAddress"] == first


def test_an_ipvlan_child_has_its_parents_mac_and_cannot_have_another():
    engine = docker("20.10")
    must(engine, "network create -d ipvlan -o parent=eth0 ipv")
    run(engine, "web", "ipv")
    machine = engine.machine()
    eth0 = machine.sandbox("web").interface("eth0")
    assert eth0.mac == machine.host.interface("eth0").mac
    assert settings_of(engine, "web")["Networks"]["ipv"]["MacAddress"] == ""
    line = "run -d --network ipv --mac-address 02:00:00:00:00:08 busybox sleep 1000"
    text = "ipvlan interfaces do not support custom mac address assignment"
    assert refused(engine, line) == text


def test_in_ipvlans_l3_modes_every_address_is_on_the_link():
    engine = docker("20.10")
    must(engine, "network create -d ipvlan -o parent=eth0 -o ipvlan_mode=l3 ipv")
    run(engine, "web", "ipv")
    assert default_routes(engine, "web") == ["None"]
    assert settings_of(engine, "web")["Networks"]["ipv"]["Gateway"] == ""


def test_a_passthru_parent_takes_its_only_childs_mac():
    engine = docker("20.10")
    lan(engine, "-o macvlan_mode=passthru")
    before = engine.machine().host.interface("eth0").mac
    run(engine, "a1", "lan", "--ip 192.0.2.77")
    assert str(engine.machine().host.interface("eth0").mac) == "02:42:c0:00:02:4d"
    line = "run -d --name a2 --network lan busybox sleep 1000"
    text = "failed to create the macvlan port: invalid argument"
    assert refused(engine, line) == text
    must(engine, "rm -f a1")
    assert engine.machine().host.interface("eth0").mac == before


def test_a_network_may_have_many_subnets_each_with_its_gateway():
    engine = docker("20.10")
    subnets = "--subnet 10.8.0.0/24 --subnet 10.9.0.0/30"
    must(engine, f"network create -d macvlan -o parent=eth0 {subnets} lan")
    run(engine, "a1", "lan")
    run(engine, "a2", "lan", "--ip 10.9.0.2")
    assert default_routes(engine, "a1") == ["10.8.0.1"]
    assert default_routes(engine, "a2") == ["10.9.0.1"]
    assert broken(engine.world) == []
    must(engine, "rm -f a2")
    run(engine, "a3", "lan", "--ip 10.9.0.2")
    must(engine, "rm -f a1 a3", "network rm lan")
    must(engine, "network create --subnet 10.8.0.0/16 b8")
    must(engine, "network create --subnet 10.9.0.0/16 b9")


def test_a_full_first_subnet_is_followed_by_the_second():
    engine = docker("20.10")
    subnets = "--subnet 10.9.0.0/30 --subnet 10.8.0.0/24"
    must(engine, f"network create -d macvlan -o parent=eth0 {subnets} lan")
    given = [run(engine, name, "lan") and name for name in ("a1", "a2")]
    addresses = [settings_of(engine, n)["Networks"]["lan"]["IPAddress"] for n in given]
    assert addresses == ["10.9.0.2", "10.8.0.2"]


def test_the_default_route_and_the_ports_are_the_bridges_if_it_comes_first():
    engine = docker("20.10")
    lan(engine, "--gateway 192.0.2.1")
    run(engine, "web", "lan", "-p 8080:80")
    must(engine, "network connect bridge web")
    assert default_routes(engine, "web") == ["172.17.0.1"]
    assert must(engine, "port web 80").startswith("0.0.0.0:8080")
    must(engine, "network disconnect bridge web")
    assert default_routes(engine, "web") == ["192.0.2.1"]
    assert must(engine, "port web") == ""


def test_the_null_ipam_driver_gives_no_subnet():
    line = "network create -d macvlan --ipam-driver null lan"
    assert refused(docker("20.10"), line) == "ipv4 pool is empty"


def test_a_child_goes_with_its_parent_and_its_container_lives_on():
    engine = docker("20.10")
    must(engine, "network create -o com.docker.network.bridge.name=br9 b9")
    must(engine, "network create -d macvlan -o parent=br9 lan")
    run(engine, "web", "lan")
    eth0 = engine.machine().sandbox("web").interface("eth0")
    assert eth0.operstate == "LOWERLAYERDOWN"  # a bridge without ports
    must(engine, "network rm b9")
    assert [i.name for i in engine.machine().sandbox("web").interfaces] == ["lo"]
    text = "the requested parent interface br9 was not found on the Docker host"
    assert text in refused(engine, "restart -t 0 web")


def test_a_sub_interface_goes_with_the_interface_that_it_is_on():
    engine = docker("20.10")
    must(engine, "network create -o com.docker.network.bridge.name=br9 b9")
    must(engine, "network create -d macvlan -o parent=br9.5 lan")
    run(engine, "web", "lan")
    assert parents(engine) == ["br9.5"]
    must(engine, "network rm b9")
    assert parents(engine) == []
    assert [i.name for i in engine.machine().sandbox("web").interfaces] == ["lo"]


def test_the_driver_makes_no_bridge_and_publishes_nothing():
    driver = MacvlanDriver()
    assert (driver.on_parent, driver.publishes, driver.single) == (True, False, False)


# -- laws ------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ERAS), SESSIONS)
def test_the_addresses_and_members_of_a_card_stay_in_order_whatever_is_asked(
    era, lines
):
    engine = docker(era, daemon_args=["--experimental"])
    for line in lines:
        output = engine(line)
        assert output.ok or output.stderr, line
        assert broken(engine.world) == [], line

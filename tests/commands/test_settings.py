"""What a new container may ask for, and with which words it is refused."""

import pytest

from minidock.engine import Engine


@pytest.fixture(scope="module")
def docker():
    engine = Engine("20.10")
    engine("pull nginx")
    engine("run -d --name base nginx")
    engine("network create --subnet 10.70.0.0/24 mnet")
    return engine


def refused(docker, body):
    before = docker.world
    response = docker.api("POST", "/containers/create", {"Image": "nginx"} | body)
    assert docker.world is before
    return response.status, response.message


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("a", 'bad format for add-host: "a"'),
        (":1.2.3.4", 'bad format for add-host: ":1.2.3.4"'),
        ("", 'bad format for add-host: ""'),
        ("a:foo", 'invalid IP address in add-host: "foo"'),
        ("a:", 'invalid IP address in add-host: ""'),
        ("a:b:c", 'invalid IP address in add-host: "b:c"'),
        ("a:1.2.3", 'invalid IP address in add-host: "1.2.3"'),
    ],
)
def test_an_added_host_is_a_name_and_an_address(docker, entry, text):
    assert refused(docker, {"HostConfig": {"ExtraHosts": [entry]}}) == (400, text)


@pytest.mark.parametrize("entry", ["a:1.2.3.4", "a:fd00::1", "up:host-gateway"])
def test_these_are(entry):
    docker = Engine("20.10")
    docker("pull nginx")
    body = {"Image": "nginx", "HostConfig": {"ExtraHosts": [entry]}}
    assert docker.api("POST", "/containers/create", body).status == 201


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"IPv4Address": "foo"}, "invalid IPv4 address: foo"),
        ({"IPv4Address": "fd00::1"}, "invalid IPv4 address: fd00::1"),
        ({"IPv6Address": "1.2.3.4"}, "invalid IPv6 address: 1.2.3.4"),
        ({"IPv6Address": "foo"}, "invalid IPv6 address: foo"),
    ],
)
@pytest.mark.parametrize("network", ["mnet", "bridge", "host", "none"])
def test_a_fixed_address_is_one_of_its_family(docker, network, config, text):
    body = {
        "HostConfig": {"NetworkMode": network},
        "NetworkingConfig": {"EndpointsConfig": {network: {"IPAMConfig": config}}},
    }
    assert refused(docker, body) == (400, text)


def test_settings_of_a_network_are_not_null(docker):
    body = {"NetworkingConfig": {"EndpointsConfig": {"mnet": None}}}
    assert refused(docker, body) == (400, "no EndpointSettings for mnet")


MODE = "the network mode"


@pytest.mark.parametrize(
    ("config", "host", "text"),
    [
        ({"Hostname": "q"}, {}, f"hostname and {MODE}"),
        ({"ExposedPorts": {"80/tcp": {}}}, {},
         "port exposing and the container type network mode"),
        ({}, {"PublishAllPorts": True},
         "port publishing and the container type network mode"),
        ({}, {"Dns": ["1.1.1.1"]}, f"dns and {MODE}"),
        ({}, {"ExtraHosts": ["a:1.2.3.4"]}, f"custom host-to-IP mapping and {MODE}"),
        ({"MacAddress": "02:42:ac:11:00:99"}, {}, f"mac-address and {MODE}"),
        ({}, {"Links": ["base:x"]}, ("container type network can't be used with links. "
         "This would result in undefined behavior")),
    ],
)  # fmt: skip
def test_a_shared_namespace_is_set_up_by_its_owner(docker, config, host, text):
    body = config | {"HostConfig": {"NetworkMode": "container:base"} | host}
    assert refused(docker, body) == (400, f"conflicting options: {text}")


@pytest.mark.parametrize("mode", ["container:", "container"])
def test_container_mode_names_a_container(docker, mode):
    text = "Invalid network mode: invalid container format container:<name|id>"
    assert refused(docker, {"HostConfig": {"NetworkMode": mode}}) == (400, text)

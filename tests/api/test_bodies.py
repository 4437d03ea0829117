"""A body's fields are of the kinds that Go reads them as; what is not is refused."""

import pytest

from minidock.api.http import Request
from minidock.engine import Engine

WRONG = [
    ({"HostConfig": {"Memory": "64m"}}, "string into Go struct field"),
    ({"HostConfig": {"Memory": 1.5}}, "number 1.5 into Go struct field"),
    ({"HostConfig": {"Memory": 2**63}}, "number 9223372036854775808 into Go struct"),
    ({"HostConfig": {"BlkioWeight": -1}}, "number -1 into Go struct field"),
    ({"HostConfig": {"Memory": True}}, "bool into Go struct field"),
    ({"HostConfig": {"PortBindings": {"80/tcp": {}}}}, "object into Go struct field"),
    (
        {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": 80}]}}},
        "number into Go struct field PortBinding.",
    ),
    ({"HostConfig": {"Ulimits": [{"Name": 5}]}}, "number into Go struct field Ulimit."),
    ({"HostConfig": {"DeviceRequests": [{"Capabilities": ["gpu"]}]}}, "string into"),
    ({"HostConfig": {"Mounts": "x"}}, "string into Go struct field"),
    ({"HostConfig": {"LogConfig": {"Config": {"max-size": 5}}}}, "number into"),
    ({"Labels": {"a": 1}}, "number into Go struct field"),
    ({"Labels": []}, "array into Go struct field"),
    ({"Cmd": 5}, "number into Go struct field"),
    ({"Cmd": ["a", 5]}, "number into Go struct field"),
    ({"Healthcheck": {"Test": "true"}}, "string into Go struct field"),
    ({"Env": [5]}, "number into Go struct field"),
    ({"NetworkingConfig": {"EndpointsConfig": []}}, "array into Go struct field"),
    (
        {"NetworkingConfig": {"EndpointsConfig": {"n": {"Aliases": "x"}}}},
        "string into Go struct field",
    ),
]


@pytest.mark.parametrize(("body", "text"), WRONG)
def test_a_field_of_a_wrong_kind_is_refused_and_named(body, text):
    docker = Engine()
    docker("pull -q nginx")
    before = docker.world
    answer = docker.api("POST", "/containers/create", {"Image": "nginx", **body})
    assert answer.status == 400
    assert text in answer.message
    assert docker.world is before


@pytest.mark.parametrize(
    "body",
    [
        {"": {}},
        {"": "x", "HostConfig": {"": 5}},
        {"HostConfig": None, "NetworkingConfig": None, "Labels": None},
        {"Cmd": "true", "Entrypoint": "sh"},
        {"NetworkingConfig": {"EndpointsConfig": {"": {}}}},
        {"*": 5, "HostConfig": {"PortBindings": {"80/tcp": None}}},
    ],
)
def test_what_go_would_read_is_read(body):
    docker = Engine()
    docker("pull -q nginx")
    answer = docker.api("POST", "/containers/create", {"Image": "nginx", **body})
    assert answer.status in {201, 404}  # no network has an empty name


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Name": "n", "IPAM": {"Config": {}}}, 400),
        ({"Name": "n", "IPAM": {"Config": [{"Subnet": 5}]}}, 400),
        ({"Name": "n", "Options": {"a": 5}}, 400),
        ({"Name": "n", "Labels": "x"}, 400),
        ({"Name": "n", "": {}}, 201),
        ({"Name": " "}, 400),
        ({"Name": ""}, 400),
    ],
)
def test_a_network_is_asked_for_in_the_same_way(body, status):
    assert Engine().api("POST", "/networks/create", body).status == status


@pytest.mark.parametrize(("era", "status"), [("28", 400), ("20.10", 500)])
def test_an_endpoint_of_no_name_was_the_servers_fault_and_is_the_clients_now(
    era, status
):
    body = {"Container": "", "Force": True}
    answer = Engine(era).api("POST", "/networks/bridge/disconnect", body)
    assert (answer.status, answer.message) == (status, "invalid name: ")


@pytest.mark.parametrize("path", ["networks", "images/json", "volumes"])
def test_filters_that_are_no_json_are_the_clients_fault_since_23(path):
    answer = Engine().api("GET", f"/{path}?filters=x")
    assert (answer.status, answer.message) == (400, "invalid filter")
    assert Engine("20.10").api("GET", f"/{path}?filters=x").status == 500


def test_half_a_pair_of_utf_16_is_read_as_go_reads_it():
    docker = Engine()
    made = docker.api("POST", "/networks/create", '{"Name": "a\\ud800b"}')
    assert made.status == 201
    assert docker.networks.get(made.body["Id"]).name == "a\ufffdb"
    whole = docker.api("POST", "/networks/create", '{"Name": "\\ud83d\\ude00"}')
    assert docker.networks.get(whole.body["Id"]).name == "\U0001f600"


def test_half_a_pair_names_nothing():
    docker = Engine()
    for path in ("/containers/\ud800/json", "/networks/\ud800", "/images/\ud800/json"):
        assert docker.api("GET", path).status in {400, 404}


def test_half_a_pair_in_a_query_is_no_stumble():
    docker = Engine()
    for query in ({"filters": "\ud800"}, {"filters": "[] \ud800"}, {"x": "\ud800"}):
        for path in ("/networks", "/networks//x/../y"):
            answer = docker.send(Request(method="GET", path=path, query=query))
            assert answer.status in {200, 301, 400}

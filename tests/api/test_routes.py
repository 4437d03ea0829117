"""Whatever is sent to the API, an answer comes back and the World stays in order."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minidock.api.http import Request, Response
from minidock.api.routes import ROUTES, status_of
from minidock.commands.invariants import broken
from minidock.engine import Engine
from minidock.errors import Conflict, Forbidden, NotFound

TEXTS = st.one_of(
    st.sampled_from(
        ["", "web", "mynet", "bridge", "host", "none", "nginx", "80/tcp", "10.0.0.0/8",
         "container:web", "a:b:c", "8080-8090", "-1", "..", "\0", "é", "/x/y", "0", "true"]
    ),
    st.text(max_size=8),
)  # fmt: skip
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 70000), TEXTS)
KEYS = st.one_of(
    st.sampled_from(
        ["Name", "Driver", "IPAM", "Config", "Subnet", "Gateway", "IPRange", "Options",
         "AuxiliaryAddresses", "Image", "Cmd", "Entrypoint", "Env", "HostConfig",
         "NetworkMode", "PortBindings", "ExposedPorts", "HostPort", "HostIp", "Links",
         "NetworkingConfig", "EndpointsConfig", "Aliases", "IPAMConfig", "IPv4Address",
         "Container", "Force", "Labels", "MacAddress", "Dns", "ExtraHosts", "80/tcp",
         "bridge", "mynet", "Volumes", "Tty", "EnableIPv6", "EndpointConfig"]
    ),
    TEXTS,
)  # fmt: skip
BODIES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["name", "all", "filters", "force", "link", "t", "signal", "fromImage", "tag",
         "repo", "term", "limit", "stdout", "stderr", "scope", "verbose", "v"]
    ),
    TEXTS,
    max_size=3,
)  # fmt: skip


def furnished(era="28"):
    docker = Engine(era)
    docker("network create mynet")
    docker("run -d --name web -p 8080:80 nginx")
    docker("create --name idle --network mynet nginx")
    return docker


HOST = furnished()
HOST20 = furnished("20.10")


@pytest.mark.parametrize("host", [HOST, HOST20], ids=["28", "20.10"])
@given(
    route=st.sampled_from(ROUTES),
    name=st.one_of(st.sampled_from(["web", "idle", "mynet", "nginx"]), TEXTS),
    query=QUERIES,
    body=BODIES,
)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_request_is_answered_and_leaves_the_world_in_order(
    host, route, name, query, body
):
    method, path, _ = route
    start = len(host.history)
    request = Request(
        method=method, path=path.replace("{id}", name), query=query, body=body
    )
    response = host.send(request)
    assert isinstance(response, Response)
    assert 200 <= response.status < 600
    if response.status >= 400 and method != "HEAD":
        assert response.message
    assert broken(host.world) == []
    host.back(len(host.history) - start)


@given(raw=st.text(max_size=20), path=st.sampled_from(["networks", "containers"]))
@settings(max_examples=150, deadline=None)
def test_a_body_that_is_no_json_is_refused_and_changes_nothing(raw, path):
    before = HOST.world
    response = HOST.api("POST", f"/{path}/create", "{" + raw)
    assert response.status in {400, 500, 201, 409, 403, 404}
    if response.status != 201:
        assert HOST.world == before
    else:
        HOST.back()


def test_each_category_of_refusal_has_its_own_status():
    assert [status_of(kind("x")) for kind in (NotFound, Forbidden, Conflict)] == [
        404,
        403,
        409,
    ]


def test_a_version_that_is_too_new_is_refused_with_the_newest_one():
    response = HOST20.api("GET", "/v1.99/info")
    assert response.status == 400
    assert response.message == (
        "client version 1.99 is too new. Maximum supported API version is 1.41"
    )


def test_a_network_is_found_by_the_start_of_its_id():
    network = HOST.api("GET", "/networks/mynet").body["Id"]
    assert HOST.api("GET", f"/networks/{network[:5]}").body["Name"] == "mynet"


def test_keys_of_a_body_are_read_without_regard_to_case():
    docker = furnished("20.10")
    docker.api("POST", "/networks/create", '{"name":"lower","internal":true}')
    assert docker.api("GET", "/networks/lower").body["Internal"] is True

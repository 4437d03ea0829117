"""The network calls: filters, prune, and bodies that cannot be read."""

import json
from urllib.parse import quote

import pytest

from minidock.engine import Engine


@pytest.fixture
def docker():
    engine = Engine("20.10")
    engine("pull nginx")
    for words in (
        "alpha --label env=dev --label team",
        "alphabet --label env=prod",
        "gamma --internal",
    ):
        engine(f"network create {words}")
    return engine


def listed(docker, filters):
    text = filters if isinstance(filters, str) else json.dumps(filters)
    response = docker.api("GET", f"/networks?filters={quote(text)}")
    if response.status != 200:
        return response.status, response.message
    return {item["Name"] for item in response.body}


BUILTIN = {"bridge", "host", "none"}
CUSTOM = {"alpha", "alphabet", "gamma"}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"name": ["alpha"]}, {"alpha", "alphabet"}),
        ({"name": ["^alpha$"]}, {"alpha"}),
        ({"name": {"alpha": True}}, {"alpha", "alphabet"}),
        ({"name": ["alpha"], "label": ["env=prod"]}, {"alphabet"}),
        ({"label": ["env"]}, {"alpha", "alphabet"}),
        ({"label": ["env", "team"]}, {"alpha"}),
        ({"type": ["builtin"]}, BUILTIN),
        ({"type": ["custom", "builtin"]}, BUILTIN | CUSTOM),
        ({"driver": ["host", "null"]}, {"host", "none"}),
        ({"driver": ["brid"]}, set()),
        ({"scope": ["swarm"]}, set()),
        ({"dangling": ["true"]}, CUSTOM),
        ({"dangling": ["0"]}, BUILTIN),
        ("null", BUILTIN | CUSTOM),
        ("{}", BUILTIN | CUSTOM),
        # Odd on purpose: an empty list of types fits nothing, of names everything.
        ({"type": []}, set()),
        ({"name": []}, BUILTIN | CUSTOM),
    ],
)
def test_which_networks_fit_a_filter(docker, filters, names):
    assert listed(docker, filters) == names


@pytest.mark.parametrize(
    ("filters", "status", "text"),
    [
        ({"type": ["bogus"]}, 500, "invalid filter: 'type'='bogus'"),
        ({"bogus": ["x"]}, 400, "Invalid filter 'bogus'"),
        ("[]", 500, ("json: cannot unmarshal array into Go value of type "
         "map[string]map[string]bool")),
        ('{"name":"alpha"}', 500, ("json: cannot unmarshal string into Go value of type "
         "map[string]bool")),
        ('{"name":["alpha"]', 500, "unexpected end of JSON input"),
        ("nojson", 500, "invalid character 'o' in literal null (expecting 'u')"),
        ({"dangling": ["true", "false"]}, 400,
         'got more than one value for filter key "dangling"'),
        ({"dangling": ["maybe"]}, 400,
         ("invalid value for filter 'dangling', must be \"true\" (or \"1\"), or "
         '"false" (or "0")')),
    ],
)  # fmt: skip
def test_how_a_filter_is_refused(docker, filters, status, text):
    assert listed(docker, filters) == (status, text)


def pruned(docker, filters):
    path = f"/networks/prune?filters={quote(json.dumps(filters))}"
    response = docker.api("POST", path)
    if response.status != 200:
        return response.status, response.message
    return response.body["NetworksDeleted"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"label!": ["env"]}, ["gamma"]),
        ({"label!": ["env=dev"]}, ["alphabet", "gamma"]),
        ({"label": ["env=dev"]}, ["alpha"]),
        ({"label": ["nosuch"]}, None),
        ({"until": ["1h"]}, None),
        ({"until": ["1.5h"]}, None),
        ({"until": ["-1h"]}, ["alpha", "alphabet", "gamma"]),
        ({"until": ["9"]}, None),
        ({"until": ["2030-01-01"]}, ["alpha", "alphabet", "gamma"]),
        ({"until": ["2030-01-01T00:00:00Z"]}, ["alpha", "alphabet", "gamma"]),
        ({"until": ["2001-01-01T00:00:00"]}, None),
    ],
)
def test_which_networks_a_filter_leaves_to_prune(docker, filters, names):
    assert pruned(docker, filters) == names


@pytest.mark.parametrize("moment", ["bogus", "", "1d"])
def test_until_is_a_moment_or_a_duration(docker, moment):
    text = f'failed to parse value as time or duration: "{moment}"'
    assert pruned(docker, {"until": [moment]}) == (500, text)


def test_until_is_one_moment(docker):
    refused = (500, "more than one until filter specified")
    assert pruned(docker, {"until": ["1h", "2h"]}) == refused


def test_old_networks_are_pruned_by_their_age(docker):
    docker.advance(7200)
    docker("network create young")
    assert pruned(docker, {"until": ["1h"]}) == ["alpha", "alphabet", "gamma"]


def test_a_network_in_use_is_not_pruned_and_one_that_is_only_asked_for_is(docker):
    docker("run -d --name c1 --network alpha nginx")
    docker("create --name c2 --network gamma nginx")
    assert pruned(docker, {}) == ["alphabet", "gamma"]
    assert pruned(docker, {}) is None


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (5, ("json: cannot unmarshal number into Go struct field "
         "NetworkConnect.EndpointConfig of type network.EndpointSettings")),
        ({"Aliases": "x"}, ("json: cannot unmarshal string into Go struct field "
         "EndpointSettings.EndpointConfig.Aliases of type []string")),
        ({"IPAMConfig": {"IPv4Address": 5}}, ("json: cannot unmarshal number into Go "
         "struct field EndpointIPAMConfig.EndpointConfig.IPAMConfig.IPv4Address of "
         "type string")),
    ],
)  # fmt: skip
def test_a_wrong_type_is_named_with_the_whole_way_to_it(docker, config, text):
    docker("run -d --name c1 nginx")
    body = {"Container": "c1", "EndpointConfig": config}
    response = docker.api("POST", "/networks/alpha/connect", body)
    assert (response.status, response.message) == (400, text)


def test_the_command_line_prunes_by_filter(docker):
    assert docker("network prune -f --filter 'label!=env'").stdout.split() == [
        "Deleted", "Networks:", "gamma",
    ]  # fmt: skip
    refused = docker("network prune -f --filter bogus=x")
    assert refused.code == 1
    assert refused.stderr == "Error response from daemon: Invalid filter 'bogus'\n"

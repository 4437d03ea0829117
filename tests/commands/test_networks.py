"""Creating networks: pools in turn, ranges, gateways, and what is refused."""

import pytest

from minidock.engine import Engine
from minidock.net.prefix import Prefix


def shown(docker, name):
    body = docker.api("GET", f"/networks/{name}").body
    return body["IPAM"]["Config"]


def create(docker, name, *configs):
    body = {"Name": name, "IPAM": {"Config": list(configs)}}
    response = docker.api("POST", "/networks/create", body)
    return response.status, response.message


def test_20_10_goes_on_after_the_last_pool_and_28_takes_the_first_free_one():
    for era, following in (("20.10", "172.20.0.0/16"), ("28", "172.18.0.0/16")):
        docker = Engine(era)
        docker("network create a")
        docker("network create b")
        docker("network rm a b")
        docker("network create c")
        assert shown(docker, "c")[0]["Subnet"] == following


def test_a_pool_under_an_explicit_subnet_is_left_out():
    docker = Engine("20.10")
    docker("network create --subnet 172.18.4.0/24 wide")
    docker("network create a")
    assert shown(docker, "a")[0]["Subnet"] == "172.19.0.0/16"


def test_an_unknown_scope_is_noticed_so_late_that_the_turn_is_used():
    docker = Engine("20.10")
    refused = docker("network create --scope foo bad")
    assert "This node is not a swarm manager." in refused.stderr
    docker("network create a")
    assert shown(docker, "a")[0]["Subnet"] == "172.19.0.0/16"


@pytest.mark.parametrize("aux", ["10.10.0.1", "foo"])
def test_a_subnet_with_a_wrong_auxiliary_address_is_lost_before_28(aux):
    wrong = {"Subnet": "10.9.0.0/16", "AuxiliaryAddresses": {"a": aux}}
    right = {"Subnet": "10.9.0.0/16"}
    old, new = Engine("20.10"), Engine("28")
    assert create(old, "n", wrong)[0] in {403, 500}
    text = "Pool overlaps with other one on this address space"
    assert create(old, "n", right) == (403, text)
    assert create(new, "n", wrong)[0] == 400
    assert create(new, "n", right)[0] == 201


def test_a_bridge_that_is_refused_two_subnets_gives_both_back():
    docker = Engine("20.10")
    both = [{"Subnet": "10.9.0.0/16"}, {"Subnet": "10.10.0.0/16"}]
    text = "bridge driver doesn't support multiple subnets"
    for _ in range(2):
        assert create(docker, "n", *both) == (403, text)


def test_a_create_that_fails_late_has_used_its_turn():
    docker = Engine("20.10")
    assert not docker("network create -o com.docker.network.driver.mtu=x bad").ok
    docker("network create a")
    assert shown(docker, "a")[0]["Subnet"] == "172.19.0.0/16"


@pytest.mark.parametrize(
    ("subnet", "options", "gateway", "first"),
    [
        ("10.1.0.0/24", "--ip-range 10.1.0.0/29", "10.1.0.1", "10.1.0.2"),
        ("10.2.0.0/24", "--ip-range 10.2.0.8/29", "10.2.0.8", "10.2.0.9"),
        ("10.3.0.0/16", "--ip-range 10.3.5.0/24", "10.3.5.0", "10.3.5.1"),
        ("10.4.0.0/24", "--ip-range 10.4.0.248/29 --gateway 10.4.0.1", "10.4.0.1",
         "10.4.0.248"),
        ("10.5.0.0/24", "--gateway 10.5.0.254", "10.5.0.254", "10.5.0.1"),
        ("10.6.0.0/24", "--gateway 10.6.0.9 --aux-address a=10.6.0.1", "10.6.0.9",
         "10.6.0.2"),
        ("10.7.0.0/30", "", "10.7.0.1", "10.7.0.2"),
    ],
)  # fmt: skip
def test_gateway_and_first_address_come_from_the_range(subnet, options, gateway, first):
    docker = Engine("20.10")
    docker("pull nginx")
    assert docker(f"network create --subnet {subnet} {options} n").ok
    docker("run -d --name it --network n nginx")
    joined = docker.api("GET", "/containers/it/json").body
    place = joined["NetworkSettings"]["Networks"]["n"]
    assert (place["Gateway"], place["IPAddress"]) == (gateway, first)


def test_a_range_outside_the_subnet_is_shown_and_has_no_effect():
    docker = Engine("20.10")
    config = {"Subnet": "10.1.0.0/24", "IPRange": "10.9.0.0/24"}
    assert create(docker, "n", config) == (201, "")
    assert shown(docker, "n") == [config]


@pytest.mark.parametrize(
    ("config", "status", "text"),
    [
        ({"IPRange": "bogus"}, 500, ("failed to parse pool request for address space "
         '"LocalDefault" pool "10.1.0.0/24" subpool "bogus": Invalid Address SubPool')),
        ({"AuxiliaryAddresses": {"x": "bogus"}}, 500,
         "non parsable secondary ip address (x:bogus) passed for network n"),
        ({"AuxiliaryAddresses": {"x": "10.9.0.1"}}, 403,
         "auxiliary address: (x:10.9.0.1) must belong to the master pool: 10.1.0.0/24"),
        ({"AuxiliaryAddresses": {"x": "10.1.0.1"}}, 500,
         "failed to allocate secondary ip address (x:10.1.0.1): Address already in use"),
        ({"Gateway": "10.1.0.0"}, 500,
         "failed to allocate gateway (10.1.0.0): Address already in use"),
        ({"Gateway": "10.2.0.1"}, 500,
         "failed to allocate gateway (10.2.0.1): Requested address is out of range"),
    ],
)  # fmt: skip
def test_how_a_setting_is_refused(config, status, text):
    docker = Engine("20.10")
    before = docker.world.networks
    assert create(docker, "n", {"Subnet": "10.1.0.0/24"} | config) == (status, text)
    assert docker.world.networks == before
    # What Docker does not even try to reserve, it forgets to give back.
    lost = () if text.startswith("failed") else (Prefix.parse("10.1.0.0/24"),)
    fresh = Engine("20.10").world.space.subnets()
    assert docker.world.space.subnets() == (*lost, *fresh)


def test_a_format_sees_the_fields_of_gos_struct():
    docker = Engine("20.10")
    docker("network create --subnet 10.1.0.0/24 --aux-address a=10.1.0.5 n")
    line = "network inspect -f '{{range .IPAM.Config}}%s{{end}}' n"
    assert docker(line % "{{.Subnet}}|{{.IPRange}}|{{.AuxAddress}}").stdout == (
        "10.1.0.0/24||map[a:10.1.0.5]\n"
    )
    wrong = docker(line % "{{.IPRange}}{{.AuxiliaryAddresses}}")
    assert (wrong.code, wrong.stdout) == (1, "\n")
    assert 'map has no entry for key "IPRange"' in wrong.stderr
    whole = docker("network inspect -f '{{.IPAM.Config}}' n").stdout
    assert whole == "[{10.1.0.0/24   map[a:10.1.0.5]}]\n"


def test_what_could_be_rendered_is_printed_beside_the_fault():
    docker = Engine("20.10")
    docker("network create --subnet 10.1.0.0/24 n")
    output = docker("network inspect -f '{{(index .IPAM.Config 0).Subnet}}' n host")
    assert (output.code, output.stdout) == (1, "10.1.0.0/24\n")
    assert output.stderr.endswith("reflect: slice index out of range\n")


@pytest.mark.parametrize(
    ("cli", "text"),
    [
        ("28", "Error response from daemon: network nosuch not found\nexit status 1\n"),
        ("20.10", "Error: No such network: nosuch\n"),
    ],
)
def test_each_program_says_in_its_own_words_that_a_network_is_missing(cli, text):
    output = Engine("20.10").command_line("network rm nosuch", cli=cli)
    assert (output.code, output.stderr) == (1, text)


def test_a_custom_format_beats_quiet():
    docker = Engine("20.10")
    assert docker("network ls -q --format '{{.Name}}'").stdout == "bridge\nhost\nnone\n"
    raw = docker("network ls --format raw").stdout.split("\n")
    assert raw[1:4] == ["name: bridge", "driver: bridge", "scope: local"]

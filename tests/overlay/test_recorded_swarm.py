"""What a real swarm of one said about overlay networks (Docker Engine 20.10).

Here without `docker swarm init`, from the commands' side; ``tests/golden/test_swarm.py``
replays the recordings step by step.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from minidock.net.prefix import Prefix
from tests.overlay.hosts import Host

_FOLDER = Path(__file__).parents[1] / "golden" / "docker-20.10-swarm"
_NOT_MADE = {"ovover", "ovdupvni", "ovtiny"}
_OTHER_KIND = {"swbr"}
_OF_ONE_RUN = {"Id", "Created", "NetworkID", "EndpointID", "SandboxID", "SandboxKey"}


def _steps(name: str) -> dict[int, dict[str, Any]]:
    steps = json.loads((_FOLDER / f"{name}.json").read_text())["steps"]
    return {step["n"]: step for step in steps}


_RECORDED = _steps("13-swarm-overlay")


def _plain(value: Any) -> Any:
    """Without what is drawn anew in each run."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in _OF_ONE_RUN}
    return value


@pytest.fixture(scope="module")
def swarm() -> Host:
    """A host on which the recorded networks were created."""
    host = Host(swarm=True)
    for number in range(13, 31):
        line = _RECORDED[number].get("cmd", "").removeprefix("docker ")
        name = line.rpartition(" ")[2]
        if not line.startswith("network create") or name in _OTHER_KIND:
            continue
        if _RECORDED[number]["rc"]:
            host.refused(line)
        else:
            host(line)
    return host


def _shown(host: Host, path: str) -> Any:
    response = host.docker.api("GET", path)
    assert response.status == 200
    return response.body


def test_the_networks_have_the_recorded_subnets_and_vnis(swarm: Host) -> None:
    recorded = {
        network["Name"]: _plain(network)
        for network in _RECORDED[28]["json"]
        if network["Driver"] == "overlay" or network["Name"] in _NOT_MADE
    }
    shown = {
        network["Name"]: _plain(network)
        for network in _shown(swarm, "/networks")
        if network["Driver"] == "overlay" or network["Name"] in _NOT_MADE
    }
    assert shown == recorded


def test_the_network_that_nobody_uses_is_inspected_as_recorded(swarm: Host) -> None:
    assert _plain(_shown(swarm, "/networks/ov1")) == _plain(_RECORDED[14]["json"])


def test_an_id_has_25_digits_to_base_36(swarm: Host) -> None:
    recorded, shown = _RECORDED[14]["json"]["Id"], _shown(swarm, "/networks/ov1")["Id"]
    assert len(shown) == len(recorded) == 25
    assert set(shown) <= set("0123456789abcdefghijklmnopqrstuvwxyz")


@pytest.fixture(scope="module")
def used(swarm: Host) -> Host:
    """The same with the recorded containers."""
    swarm("network rm ov2")
    swarm("network create -d overlay ov9")
    for number in (33, 34, 76, 81, 85):
        swarm(_RECORDED[number]["cmd"].removeprefix("docker "))
    return swarm


def test_subnet_and_vni_go_on_behind_the_last(used: Host) -> None:
    form = "{{json .IPAM.Config}} {{json .Options}}"
    said = used(f"network inspect -f '{form}' ov9")
    recorded = _RECORDED[30]["stdout"].splitlines()[-1]
    vni = recorded.partition("} ")[2] or recorded.partition("] ")[2]
    assert said.partition("] ")[2] == vni
    # The recorded engine had lost a subnet to a network that it could not make.
    assert '"Subnet":"10.0.7.0/24"' in said


def test_a_container_is_inspected_as_recorded(used: Host) -> None:
    recorded = _RECORDED[35]["json"]["NetworkSettings"]
    shown = _shown(used, "/containers/o1/json")["NetworkSettings"]
    wanted, got = _plain(recorded), _plain(shown)
    place, ours = wanted["Networks"]["ov1"], got["Networks"]["ov1"]
    short = place["Aliases"][1]
    assert len(short) == len(ours["Aliases"][1]) == 12
    ours["Aliases"][1] = short
    assert got == wanted


def test_the_network_with_containers_is_inspected_as_recorded(used: Host) -> None:
    recorded, shown = (
        dict(_RECORDED[36]["json"]),
        dict(_shown(used, "/networks/ov1")),
    )
    wanted, got = recorded.pop("Containers"), shown.pop("Containers")
    assert _plain(shown) | {"Peers": []} == _plain(recorded) | {"Peers": []}
    assert [peer["IP"] for peer in shown["Peers"]] == ["192.0.2.2"]
    assert len(shown["Peers"][0]["Name"]) == 12
    assert got["lb-ov1"]["Name"] == "ov1-endpoint"
    ours, theirs = (
        {entry["Name"]: _plain(entry) for entry in entries.values()}
        for entries in (got, wanted)
    )
    assert ours == theirs


def test_docker_gwbridge_is_inspected_as_recorded(used: Host) -> None:
    recorded = dict(_RECORDED[37]["json"])
    shown = dict(_shown(used, "/networks/docker_gwbridge"))
    theirs, ours = recorded.pop("Containers"), shown.pop("Containers")
    assert _plain(ours["ingress-sbox"]) == _plain(theirs["ingress-sbox"])
    del ours["ingress-sbox"]
    names = [entry["Name"] for entry in ours.values()]
    assert _plain(shown) == _plain(recorded)
    sandboxes = {c.sandbox[:12] for c in used.world.containers_in_order()}
    assert {name.removeprefix("gateway_") for name in names} <= sandboxes


def test_the_interfaces_come_in_the_recorded_order(used: Host) -> None:
    o3 = next(c for c in used.world.containers_in_order() if c.name == "o3")
    lines = _RECORDED[82]["stdout"].splitlines()
    recorded = [line.split()[0].partition("@")[0] for line in lines if "eth" in line]
    named = sorted((e.interface, e.network) for e in o3.endpoints)
    assert [name for name, _ in named] == recorded[:3]
    assert [net for _, net in named] == ["ov4", "docker_gwbridge", "ov3"]
    ov3 = o3.endpoint_on("ov3")
    assert ov3 is not None
    assert f"{ov3.address}/{ov3.length}" in _RECORDED[82]["stdout"]


def test_what_a_connected_container_shows_is_recorded(used: Host) -> None:
    recorded = json.loads(_RECORDED[83]["stdout"])
    shown = _shown(used, "/containers/o3/json")["NetworkSettings"]["Networks"]
    for name, place in recorded.items():
        for key in ("IPAMConfig", "Links", "MacAddress", "Gateway", "IPAddress"):
            assert shown[name][key] == place[key]


def test_a_network_for_services_takes_no_container(used: Host) -> None:
    step = _RECORDED[84]
    text = used.refused(step["cmd"].removeprefix("docker "))
    said = step["stderr"].partition("daemon: ")[2].splitlines()[0]
    assert text.rstrip(".") == said


def test_an_internal_network_has_no_way_out(used: Host) -> None:
    o5 = next(c for c in used.world.containers_in_order() if c.name == "o5")
    assert [str(e.address) for e in o5.endpoints] == ["10.0.4.2"]
    assert _RECORDED[86]["stdout"].count("eth0@") == 1


def test_a_network_in_use_is_refused_as_recorded(used: Host) -> None:
    text = used.refused(_RECORDED[89]["cmd"].removeprefix("docker "))
    said = _RECORDED[89]["stderr"].partition("daemon: ")[2].splitlines()[0]
    words, recorded = text.split(), said.split()
    assert [len(word) for word in words] == [len(word) for word in recorded]
    ids = {at for at, word in enumerate(recorded) if len(word) == 25}
    assert len(ids) == 2
    for at, word in enumerate(words):
        assert at in ids or word == recorded[at]


def test_pools_of_ones_own_are_cut_as_recorded() -> None:
    steps = _steps("13b-swarm-pools")
    host = Host(swarm=True, pools=[(Prefix.parse("10.20.0.0/16"), 26)])
    for number in range(2, 10):
        host(steps[number]["cmd"].removeprefix("docker "))
    said = [
        host(
            "network inspect -f '{{.Name}} {{json .IPAM.Config}} {{json .Options}}' "
            + line.split()[0]
        )
        for line in steps[10]["stdout"].splitlines()
    ]
    assert said == steps[10]["stdout"].splitlines()

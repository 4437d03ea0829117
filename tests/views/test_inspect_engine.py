"""What `docker info` reads, by era and by the version that was asked for."""

import json
from pathlib import Path

import pytest

from minidock.engine import Engine

RECORDED = (
    Path(__file__).parents[1] / "golden" / "docker-20.10" / "01-fresh-engine.json"
)
HARDWARE = {"ID", "SystemTime", "KernelVersion", "MemTotal", "Name"}


def info(version, era="28", *flags):
    return Engine(era, daemon_args=flags).api("GET", f"/v{version}/info").body


def test_a_fresh_engine_says_what_the_recorded_one_says_but_for_its_hardware():
    steps = json.loads(RECORDED.read_text(encoding="utf-8"))["steps"]
    recorded = next(s["json"] for s in steps if s.get("path") == "/v1.41/info")
    ours = info("1.41", "20.10")
    assert list(ours) == list(recorded)
    assert {key for key in recorded if ours[key] != recorded[key]} <= HARDWARE


@pytest.mark.parametrize(
    ("version", "there", "gone"),
    [
        (
            "1.44",
            {"BridgeNfIptables", "CDISpecDirs"},
            {"Containerd", "FirewallBackend"},
        ),
        ("1.46", {"BridgeNfIptables", "Containerd"}, {"FirewallBackend"}),
        ("1.49", {"BridgeNfIptables", "FirewallBackend"}, set()),
        ("1.51", {"Containerd", "FirewallBackend"}, {"BridgeNfIptables"}),
    ],
)
def test_fields_come_and_go_with_the_version_asked_for(version, there, gone):
    shown = set(info(version))
    assert there <= shown
    assert not gone & shown


def test_what_dockerd_was_told_is_what_info_says():
    shown = info(
        "1.51",
        "28",
        "--label=site=a",
        "--default-address-pool=base=10.9.0.0/16,size=24",
        "--insecure-registry=10.1.0.0/16",
        "--insecure-registry=reg:5000",
        "--registry-mirror=http://mirror",
        "--host=tcp://0.0.0.0:2375",
        "--exec-opt=native.cgroupdriver=cgroupfs",
        "--log-driver=none",
        "--data-root=/srv",
        "--debug",
    )
    registries = shown["RegistryConfig"]
    assert shown["Labels"] == ["site=a"]
    assert shown["DefaultAddressPools"] == [{"Base": "10.9.0.0/16", "Size": 24}]
    assert registries["InsecureRegistryCIDRs"][0] == "10.1.0.0/16"
    assert registries["IndexConfigs"]["reg:5000"]["Secure"] is False
    assert registries["Mirrors"] == ["http://mirror/"]
    assert "http://0.0.0.0:2375 without encryption" in shown["Warnings"][0]
    assert shown["CgroupDriver"] == "cgroupfs"
    assert (shown["LoggingDriver"], shown["DockerRootDir"]) == ("none", "/srv")
    assert shown["Debug"] is True


def test_containers_are_counted_by_their_state():
    docker = Engine()
    docker("pull nginx")
    for line in ("run -d --name aa nginx", "run -d --name bb nginx", "create nginx"):
        docker(line)
    docker("pause bb")
    shown = docker.api("GET", "/info").body
    names = ("Containers", "ContainersRunning", "ContainersPaused", "ContainersStopped")
    assert [shown[name] for name in names] == [3, 1, 1, 1]

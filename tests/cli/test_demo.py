"""The demo: the notes' story from the first network to the manifests."""

import sys

import pytest

from minidock.cli.demo import STORY
from tests.cli.cli import Cli


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    ran = Cli(tmp_path_factory.mktemp("demo") / "none.db")("demo")
    assert ran.code == 0
    assert ran.stderr == ""
    return ran.stdout


def test_every_line_of_the_story_is_shown(told: str) -> None:
    shown = [line[2:] for line in told.splitlines() if line.startswith("$ ")]
    assert shown == [line for scene in STORY for line in scene.lines]


@pytest.mark.parametrize(
    "part",
    [
        '"Subnet": "172.17.0.0/16"',
        "0.0.0.0:80->80/tcp",
        "# create a veth pair",
        "-j DNAT --to-destination 172.17.0.2:80",
        "DELIVERED: web answers on 80/tcp and sees 192.0.2.1",
        "UNREACHABLE: the world outside has no route to 172.17.0.2",
        '"IPv4Address":"172.18.0.2/16"',
        "DB_PORT=tcp://172.17.0.3:3306",
        "172.17.0.3\tdb ",
        "port is already allocated",
        "kind: Service",
        "kind: Deployment",
    ],
)
def test_the_story_shows(told: str, part: str) -> None:
    assert part in told


def test_without_pyyaml_the_manifests_are_yaml_all_the_same(
    minidock: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert "kind: Deployment" in minidock("demo").stdout


def test_the_demo_keeps_nothing(minidock: Cli) -> None:
    minidock("demo")
    assert not minidock.state.exists()


@pytest.mark.parametrize("era", ["17.12", "20.10", "28"])
def test_the_story_holds_in_every_era(minidock: Cli, era: str) -> None:
    ran = minidock("--era", era, "demo")
    assert ran.code == 0
    assert "port is already allocated" in ran.stdout

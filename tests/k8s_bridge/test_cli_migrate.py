"""``k8s-bridge inspect`` and ``migrate``, as they are typed."""

import json
import tarfile

import pytest

from k8s_bridge.cli.main import main
from minidock import Engine
from minidock.server.live import Live
from minidock.server.serving import serve


@pytest.fixture
def url(tmp_path):
    engine = Engine()
    engine("network create front")
    engine("run -d --name db --network front -v data:/data -e DB_PASSWORD=pw redis")
    engine("exec db sh -c 'echo hi > /data/x'")
    engine("run -d --name web --network front -p 8080:80 nginx")
    engine("run -d --name alone nginx")
    live = Live(engine)
    server = serve(live, [f"unix://{tmp_path}/docker.sock"])
    yield server.addresses[0]
    server.close()
    live.close()


def test_inspect_shows_manifests_of_an_engine(url, capsys):
    assert main(["inspect", "--from", url, "-o", "json", "--report", "none"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    found = {(i["kind"], i["metadata"]["name"]) for i in items}
    assert {("Deployment", "web"), ("PersistentVolumeClaim", "data")} <= found


def test_inspect_asks_the_engine_that_docker_would_ask(url, capsys, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", url)
    words = ["inspect", "--application", "alone", "-o", "json", "--report", "none"]
    assert main(words) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    assert {i["metadata"]["name"] for i in items if i["kind"] == "Deployment"} == {
        "alone"
    }


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--application", "nosuch"], "there are: alone, front"),
        (["containers.json"], "one source at a time"),
    ],
)
def test_inspect_refuses_in_three_parts(url, capsys, words, text):
    assert main(["inspect", "--from", url, *words]) == 1
    assert text in capsys.readouterr().err


def test_migrate_writes_a_bundle_with_data_and_says_where(url, tmp_path, capsys):
    folder = tmp_path / "b"
    words = ["migrate", "--from", url, "--to", str(folder), "--data"]
    assert main(words) == 0
    told = capsys.readouterr()
    assert f"{folder}/front: db, web" in told.out
    assert "volumes/data.tar: saved" in told.err
    with tarfile.open(folder / "volumes" / "data.tar") as tar:
        assert tar.extractfile("data/x").read() == b"hi\n"
    assert main(words) == 0
    assert "volumes/data.tar: is there already" in capsys.readouterr().err
    told = "".join(
        path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".tar" and path.parent.name != "secrets"
    )
    assert "DB_PASSWORD=pw" not in told


def test_migrate_from_files_cannot_save_data(tmp_path, capsys):
    words = ["migrate", "all.json", "--to", str(tmp_path), "--data"]
    assert main(words) == 1
    assert "only an engine has data" in capsys.readouterr().err

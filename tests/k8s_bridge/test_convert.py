"""The command that translates a Compose project, and its Python face."""

import io
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml

import k8s_bridge
from k8s_bridge.cli.main import main
from k8s_bridge.compose.reader import LIMIT

SHOP = """\
services:
  web:
    image: nginx:${TAG:-1}
    ports: ["8080:80"]
    volumes: ["./conf:/etc/nginx:ro"]
  tool:
    image: busybox
    profiles: [debug]
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "nginx.conf").write_text("events {}")
    (tmp_path / "compose.yaml").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TAG", raising=False)
    return tmp_path


def _convert(capsys, *arguments: str) -> tuple[int, list, str]:
    code = main(["convert", *arguments])
    captured = capsys.readouterr()
    return code, list(yaml.safe_load_all(captured.out)), captured.err


def _images(objects: list) -> dict[str, str]:
    return {
        o["metadata"]["name"]: o["spec"]["template"]["spec"]["containers"][0]["image"]
        for o in objects
        if o["kind"] == "Deployment"
    }


def test_the_file_of_the_folder_is_found_and_told_by_line(shop, capsys):
    code, objects, err = _convert(capsys)
    assert code == 0
    assert _images(objects) == {"web": "nginx:1"}
    assert "services.web.ports[0] = 8080:80/tcp  (compose.yaml:4)" in err


def test_the_file_is_found_from_a_folder_below(shop, capsys, monkeypatch):
    below = shop / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    _, objects, _ = _convert(capsys)
    assert _images(objects) == {"web": "nginx:1"}


def test_what_lies_in_a_mounted_folder_is_in_a_config_map(shop, capsys):
    _, objects, _ = _convert(capsys)
    [found] = [o for o in objects if o["kind"] == "ConfigMap"]
    assert found["data"] == {"nginx.conf": "events {}"}


def test_variables_come_from_files_and_profiles_from_arguments(shop, capsys):
    (shop / "prod.env").write_text("TAG=2")
    arguments = ("--env-file", "prod.env", "--profile", "debug", "-p", "other")
    _, objects, _ = _convert(capsys, *arguments)
    assert _images(objects) == {"web": "nginx:2", "tool": "busybox"}


def test_several_files_are_laid_over_each_other(shop, capsys):
    (shop / "prod.yaml").write_text("services: {web: {image: 'nginx:9'}}")
    _, objects, _ = _convert(capsys, "-f", "compose.yaml", "-f", "prod.yaml")
    assert _images(objects) == {"web": "nginx:9"}


def test_a_project_may_come_from_standard_input(shop, capsys, monkeypatch):
    typed = io.BytesIO(b"services: {typed: {image: redis}}")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=typed))
    _, objects, _ = _convert(capsys, "-f", "-")
    assert _images(objects) == {"typed": "redis"}


def test_a_flood_from_standard_input_is_refused(shop, capsys, monkeypatch):
    typed = io.BytesIO(b"#" * (LIMIT + 10))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=typed))
    code, _, err = _convert(capsys, "-f", "-")
    assert code == 1
    assert "too large" in err


def test_a_variable_that_is_not_set_is_told_beside_the_manifests(shop, capsys):
    (shop / "compose.yaml").write_text("services: {web: {image: 'nginx${NOSUCH}'}}")
    code, objects, err = _convert(capsys, "--report", "none")
    assert code == 0
    assert _images(objects) == {"web": "nginx"}
    assert err.startswith("warning: ")
    assert "NOSUCH" in err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("services: {web: {}}", "neither an image nor a build context"),
        ("services: {web: {image: nginx, nosuch: 1}}", "nosuch"),
        ("services: {web: {image: nginx, profiles: [x]}}", "no service selected"),
        ("services: [", ""),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(shop, capsys, text, word):
    (shop / "compose.yaml").write_text(text)
    code, objects, err = _convert(capsys)
    assert (code, objects) == (1, [])
    assert word in err.splitlines()[0]
    assert "try:" in err
    assert "Traceback" not in err


def test_without_a_file_it_says_what_is_looked_for(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = _convert(capsys)
    assert code == 1
    assert "no configuration file provided" in err
    assert "compose.yaml" in err


def test_strict_ends_with_two_after_printing_if_anything_is_lost(shop, capsys):
    text = SHOP.replace("ports:", "logging: {driver: syslog}\n    ports:")
    (shop / "compose.yaml").write_text(text)
    code, objects, err = _convert(capsys, "--strict")
    assert code == 2
    assert _images(objects) == {"web": "nginx:1"}
    assert "services.web.logging = driver" in err


def test_strict_ends_with_zero_if_nothing_that_was_asked_for_is_lost(shop, capsys):
    code, _, err = _convert(capsys, "--strict")
    assert "default seccomp profile" in err  # holds for every application
    assert code == 0


def test_the_face_loads_a_project_and_translates_it(shop):
    application = k8s_bridge.load_compose(shop / "compose.yaml", profiles=["*"])
    assert [service.name for service in application.services] == ["web", "tool"]
    found = k8s_bridge.load_compose(folder=shop, environment={"TAG": "7"})
    assert found.service("web").program.image == "nginx:7"
    assert k8s_bridge.translate(found).same_reachability


def test_importing_the_face_imports_nothing_of_weight():
    program = (
        "import sys, k8s_bridge;"
        "loaded = [n for n in sys.modules if n.split('.')[0] in"
        " ('yaml', 'kubernetes', 'minidock', 'dataclasses')];"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

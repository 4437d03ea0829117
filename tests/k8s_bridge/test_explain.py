"""Docker and Kubernetes side by side: everything is there, and nothing overlaps."""

import re
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings

from k8s_bridge import translate
from k8s_bridge.application import Condition, Dependency
from k8s_bridge.cli.main import main
from k8s_bridge.compose.load import load
from k8s_bridge.compose.reader import InMemory
from k8s_bridge.explain.layout import drawing
from k8s_bridge.explain.pairs import topics
from k8s_bridge.explain.svg import explained_svg
from k8s_bridge.explain.text import explained
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.sources.run import application_from_lines
from minidock.views.measure import cells, pixels
from tests.k8s_bridge.strategies_k8s_bridge import applications

SHOP = [
    "docker network create front",
    "docker network create --internal back",
    "docker run -d --name db --network back -v data:/var/lib postgres:16",
    "docker run -d --name web --network front --network-alias www -p 8080:80 nginx",
    "docker network connect back web",
]


def _topics(application):
    return topics(application, translate(application).manifests)


def _shop():
    return {topic.title: topic.pairs for topic in _topics(application_from_lines(SHOP))}


def _titles(pairs):
    return {pair.docker.title: [t.title for t in pair.kubernetes] for pair in pairs}


def test_a_container_is_a_deployment_and_a_pod():
    assert _titles(_shop()["Containers"])["container web"] == ["Deployment web", "Pod"]


def test_a_network_is_a_label_and_policies():
    assert _titles(_shop()["Networks"])["network back"] == [
        "label network.minidock/back",
        "NetworkPolicy network-back",
        "NetworkPolicy network-back-internal",
    ]


def test_a_published_port_is_a_service_and_a_policy():
    assert _titles(_shop()["Published ports"]) == {
        "ports of web": ["Service web-published", "NetworkPolicy published-web"]
    }


def test_names_and_aliases_are_headless_services():
    found = _titles(_shop()["Names"])
    assert found["name db"] == ["Service db"]
    assert found["alias www"] == ["Service www"]


def test_a_volume_and_a_folder_are_what_the_pod_really_has():
    text = """
name: shop
services:
  web:
    image: nginx
    volumes: ["my_data:/data", "./conf:/etc/nginx:ro", "/srv/big:/big"]
volumes: {my_data: {}}
"""
    files = {"/srv/compose.yaml": text.encode(), "/srv/conf/a.conf": b"x"}
    reader = InMemory(files)
    project = load([], reader=reader, environment={}, folder="/srv")
    application = application_from_compose(project, reader)
    storage = next(t for t in _topics(application) if t.title == "Storage")
    assert _titles(storage.pairs) == {
        "volume my_data": ["PersistentVolumeClaim my-data"],
        "folder /srv/conf": ["ConfigMap web-conf"],
        "folder /srv/big": ["PersistentVolumeClaim web-big"],
    }


def test_who_waits_has_an_init_container_unless_it_only_must_have_started():
    healthy = "{condition: service_healthy}"
    check = "healthcheck: {test: [CMD, a]}"
    one = f"image: a, {check}, depends_on: {{b: {healthy}}}"
    text = f"services: {{a: {{{one}}}, b: {{image: b, {check}}}}}"
    reader = InMemory({"/srv/compose.yaml": text.encode()})
    project = load(["/srv/compose.yaml"], reader=reader, environment={}, folder="/srv")
    application = application_from_compose(project, reader)
    waiting = {topic.title: topic.pairs for topic in _topics(application)}["Waiting"]
    assert _titles(waiting) == {
        "depends_on of a": ["init container wait-for-b", "Service b-ready"]
    }
    started = Dependency("b", Condition.STARTED)
    first, second = application.services
    without = application._replace(
        services=(first._replace(dependencies=(started,)), second)
    )
    waiting = {topic.title: topic.pairs for topic in _topics(without)}["Waiting"]
    assert _titles(waiting) == {"depends_on of a": ["no order"]}


def test_a_volume_is_a_claim():
    assert _titles(_shop()["Storage"]) == {
        "volume data": ["PersistentVolumeClaim data"]
    }


@settings(deadline=None, max_examples=60)
@given(applications())
def test_every_object_is_explained_beside_what_docker_has(application):
    manifests = translate(application).manifests
    shown = explained(topics(application, manifests), width=1000)
    for manifest in manifests:
        title = f"{manifest['kind']} {manifest['metadata']['name']}"
        assert title in shown


@settings(deadline=None, max_examples=60)
@given(applications())
def test_no_line_of_an_explanation_is_wider_than_a_terminal(application):
    lines = explained(_topics(application)).splitlines()
    assert max(map(cells, lines)) <= 80


def _apart(one, other):
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@settings(deadline=None, max_examples=60)
@given(applications())
def test_no_boxes_of_an_explanation_overlap_and_none_is_outside_the_canvas(application):
    drawn = drawing(_topics(application))
    for number, box in enumerate(drawn.boxes):
        assert box.x in range(drawn.width - box.width)
        assert box.y in range(drawn.height - box.height)
        assert all(_apart(box, other) for other in drawn.boxes[number + 1 :])
        assert pixels(box.title, 13, bold=True) <= box.width
        assert all(pixels(line, 12) <= box.width for line in box.lines)
        assert 42 + 17 * (len(box.lines) - 1) < box.height  # the last line's foot
        assert all(not box.y <= h.y <= box.y + box.height for h in drawn.headings)
    for link in drawn.links:
        assert any(
            b.right == link.start[0] and b.y < link.start[1] < b.y + b.height
            for b in drawn.boxes
        )


@settings(deadline=None, max_examples=30)
@given(applications())
def test_the_picture_of_an_explanation_is_well_formed_and_brings_all_it_needs(
    application,
):
    text = explained_svg(_topics(application), "x <&> y")
    root = ET.fromstring(text)
    names = [child.tag.rpartition("}")[2] for child in root]
    assert names[:3] == ["title", "desc", "rect"]
    assert not re.search(r"<(script|style|image|use)\b|href|url\(", text)


@pytest.fixture
def compose(tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text("services: {web: {image: nginx, ports: ['80:80']}}\n")
    return path


def test_a_compose_file_is_explained(compose, capsys):
    assert main(["explain", str(compose)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^container web +Deployment web$", out, re.MULTILINE)
    assert re.search(r"^ports of web +Service web-published$", out, re.MULTILINE)


def test_manifests_are_explained_too(tmp_path, capsys):
    manifests = translate(application_from_lines(SHOP)).manifests
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(manifests))
    assert main(["explain", str(tmp_path)]) == 0
    there = capsys.readouterr().out
    assert re.search(
        r"^network back +label network.minidock/back$", there, re.MULTILINE
    )
    assert re.search(r"^volume data +PersistentVolumeClaim data$", there, re.MULTILINE)


def test_a_picture_is_written(compose, tmp_path):
    assert main(["explain", str(compose), "--svg", str(tmp_path / "a.svg")]) == 0
    assert (tmp_path / "a.svg").read_text().startswith("<svg ")


def test_a_picture_that_cannot_be_written_is_refused(compose, tmp_path, capsys):
    assert main(["explain", str(compose), "--svg", str(tmp_path)]) == 1
    assert "--svg - prints it" in capsys.readouterr().err

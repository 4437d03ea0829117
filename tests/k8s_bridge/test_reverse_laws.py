"""There and back again: what Kubernetes holds, Docker gets back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings

from k8s_bridge import translate
from k8s_bridge.compose.load import load
from k8s_bridge.compose.reader import InMemory
from k8s_bridge.reverse.back import reverse
from k8s_bridge.reverse.composing import compose_text, secret_files
from k8s_bridge.reverse.lines import docker_lines
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.sources.composed import read
from tests.k8s_bridge.sources.wishes import wishes
from tests.k8s_bridge.strategies_k8s_bridge import applications


def in_any_order(manifests):
    return sorted(
        (json.dumps(m, sort_keys=True) for m in manifests),
    )


def _volumes(wanted):
    """The named volumes that are used: Compose leaves the others out."""
    mounts = [m for wish in wanted for m in wish.keys.get("volumes", ())]
    return {m["source"] for m in mounts if m["type"] == "volume"}


def of(wanted):
    top = {
        "networks": {
            "default": {"name": "shop_default", "ipam": {}},
            "front": {"name": "front", "ipam": {}},
            "back": {"name": "back", "ipam": {}, "internal": True},
        },
        "volumes": {name: {"name": name} for name in sorted(_volumes(wanted))},
    }
    return read({wish.name: wish.service for wish in wanted}, **top)


@settings(deadline=None, max_examples=60)
@given(wishes())
def test_translating_back_and_forth_again_gives_the_same_manifests(wanted):
    there = translate(of(wanted)).manifests
    back = reverse(there).application
    assert in_any_order(translate(back).manifests) == in_any_order(there)


@settings(deadline=None, max_examples=60)
@given(wishes())
def test_a_compose_file_made_from_manifests_means_what_they_mean(wanted):
    there = translate(of(wanted)).manifests
    back = reverse(there).application
    files = {"/srv/compose.yaml": compose_text(back).encode()}
    files |= {f"/srv/{k}": v for k, v in secret_files(back).items()}
    reader = InMemory(files)
    project = load(["/srv/compose.yaml"], reader=reader, environment={}, folder="/srv")
    again = application_from_compose(project, reader)
    assert in_any_order(translate(again).manifests) == in_any_order(there)


@settings(deadline=None, max_examples=60)
@given(applications())
def test_whatever_was_translated_comes_back_and_stays(application):
    there = translate(application).manifests
    back = translate(reverse(there).application).manifests
    again = translate(reverse(back).application).manifests
    assert in_any_order(again) == in_any_order(back)


@settings(deadline=None, max_examples=30)
@given(wishes())
def test_docker_lines_made_from_manifests_make_the_same_containers(wanted):
    # Docker refuses to join the network of a program that has ended.
    assume(not any("service:" in w.keys.get("network_mode", "") for w in wanted))
    back = reverse(translate(of(wanted)).manifests).application
    again = application_from_lines(docker_lines(back))
    images = {service.name: service.program.image for service in back.services}
    assert {s.name: s.program.image for s in again.services} == images
    for service in again.services:
        networks = {a.network for a in service.networking.attachments}
        before = back.service(service.name).networking
        names = {a.network for a in before.attachments}
        assert networks == {n.replace("default", "shop_default") for n in names}


COMPOSE = Path(sys.executable).with_name("docker-compose")


@pytest.mark.skipif(not COMPOSE.exists(), reason="no docker compose here")
@settings(deadline=None, max_examples=8)
@given(wanted=wishes())
def test_docker_compose_takes_a_file_made_from_manifests(wanted, tmp_path_factory):
    back = reverse(translate(of(wanted)).manifests).application
    folder = tmp_path_factory.mktemp("compose")
    (folder / "compose.yaml").write_text(compose_text(back))
    words = [COMPOSE, "-f", folder / "compose.yaml", "config", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

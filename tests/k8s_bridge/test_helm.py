"""What the real helm makes of a chart are the manifests."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from k8s_bridge import translate
from k8s_bridge.helm import to_chart
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import STACKS

HELM = Path(sys.executable).parent / "helm"
needs_helm = pytest.mark.skipif(not HELM.exists(), reason="no helm (helm-binary)")
_TEMPLATE = "docker run -d --name tt -e 'A={{ .Values.x }}' -e 'b.c=\"1\"' nginx sh -c '{{ fail }}'"


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _helm(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [HELM, *words], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _by_name(manifests: list[dict]) -> dict[tuple[str, str], dict]:
    return {(m["kind"], m["metadata"]["name"]): m for m in manifests}


def _rendered(folder: Path, *words: str) -> dict[tuple[str, str], dict]:
    text = _helm(folder, "template", "x", ".", *words)
    return _by_name([m for m in yaml.safe_load_all(text) if m])


@needs_helm
@pytest.mark.parametrize("stack", [*STACKS, "template"])
def test_the_chart_as_it_is_gives_the_manifests(stack, tmp_path):
    lines = STACKS.get(stack, [_TEMPLATE])
    result = translate(application_from_lines(lines))
    _write(tmp_path, to_chart(result.manifests, "demo"))
    assert _rendered(tmp_path) == _by_name(result.manifests)


@needs_helm
def test_helm_finds_no_fault_in_the_chart(tmp_path):
    result = translate(application_from_lines(STACKS["networks"]))
    _write(tmp_path, to_chart(result.manifests, "demo"))
    assert "0 chart(s) failed" in _helm(tmp_path, "lint", "--strict", ".")


@needs_helm
def test_a_value_that_is_set_changes_what_it_is_for(tmp_path):
    line = "docker run -d --restart always --name web -p 80:80 -e A=1 nginx:1.25"
    result = translate(application_from_lines([line]))
    _write(tmp_path, to_chart(result.manifests, "demo"))
    changes = "web.image.tag=1.27,web.replicas=3,web.env.A=yes"
    found = _rendered(tmp_path, "--set", changes)["Deployment", "web"]
    container = found["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "nginx:1.27"
    assert container["env"] == [{"name": "A", "value": "yes"}]
    assert found["spec"]["replicas"] == 3


def test_values_have_what_people_change():
    result = translate(application_from_lines(STACKS["mounts"]))
    values = yaml.safe_load(to_chart(result.manifests)["values.yaml"])
    assert values["cc"]["image"] == {"repository": "nginx"}
    assert values["cc"]["replicas"] == 1
    assert values["data"]["size"] == "1Gi"

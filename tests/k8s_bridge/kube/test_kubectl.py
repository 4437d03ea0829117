"""The double beside the real kubectl: what holds for one client holds for the other."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from k8s_bridge.cli.main import main
from k8s_bridge.cluster import connect
from k8s_bridge.documents import values_of
from k8s_bridge.sources.run import application_from_lines
from k8s_bridge.translate import translate
from tests.k8s_bridge.shapes import STACKS

KUBECTL = shutil.which(
    "kubectl",
    path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
)
_COMPOSE = Path(__file__).resolve().parents[3] / "../shared/compose"
pytestmark = pytest.mark.skipif(not KUBECTL, reason="kubectl is not installed")


def _kubectl(*words, code=0, stdin=""):
    ran = subprocess.run(
        [KUBECTL, *words], capture_output=True, text=True, input=stdin, check=False
    )
    assert ran.returncode == code, (ran.stdout, ran.stderr)
    return ran.stdout + ran.stderr


def _stack(tmp_path, name):
    file = tmp_path / f"{name}.yaml"
    file.write_text(
        translate(application_from_lines(STACKS[name])).yaml, encoding="utf-8"
    )
    return os.fspath(file)


@pytest.mark.parametrize("name", STACKS)
def test_kubectl_takes_what_we_write(config, double, tmp_path, name):
    text = _kubectl("apply", "--dry-run=client", "-f", _stack(tmp_path, name))
    assert text.count("created (dry run)") == len(
        list(yaml.safe_load_all(Path(_stack(tmp_path, name)).read_text()))
    )
    assert double.names("Deployment", "Service", "Pod") == []


def test_kubectl_takes_what_real_compose_files_become(config, tmp_path):
    """A dozen of them, in one call."""
    found = sorted(
        _COMPOSE.rglob("compose.yaml"), key=lambda file: (file.stat().st_size, file)
    )
    if not found:
        pytest.skip("the collection of Compose files is not here")
    written = 0
    for file in found:
        folder = tmp_path / "out" / str(written)
        try:
            code = main(
                [
                    "convert",
                    "-f",
                    os.fspath(file),
                    "-o",
                    os.fspath(folder),
                    "--report",
                    "none",
                ]
            )
        except SystemExit:
            continue
        written += code == 0
        if written == 12:
            break
    text = _kubectl(
        "apply", "--dry-run=client", "-R", "-f", os.fspath(tmp_path / "out")
    )
    assert written == 12
    assert text.count("created (dry run)") == len(
        list((tmp_path / "out").rglob("*.yaml"))
    )


def test_both_clients_make_the_same_objects(config, double, tmp_path, capsys):
    file = _stack(tmp_path, "linked")
    _kubectl("apply", "--server-side", "-f", file)
    theirs = {key: _without_manager(value) for key, value in double.objects.items()}
    _kubectl("delete", "-f", file)
    assert double.names("Deployment", "Service", "Pod") == []
    assert main(["apply", "--no-wait", "-f", file]) == 0
    assert {
        key: _without_manager(value) for key, value in double.objects.items()
    } == theirs
    assert "deployment.apps/web" in _kubectl("get", "deployments,services")


def _without_manager(value):
    """All but what counts up, and who set it; what was set is compared."""
    meta = {
        k: v
        for k, v in value["metadata"].items()
        if k not in ("uid", "resourceVersion", "ownerReferences", "managedFields")
    }
    fields = [entry["fieldsV1"] for entry in value["metadata"].get("managedFields", ())]
    return {**value, "metadata": meta}, fields


def test_after_one_client_the_other_finds_no_difference(config, tmp_path, capsys):
    file = _stack(tmp_path, "linked")
    main(["apply", "--no-wait", "-f", file])
    assert _kubectl("diff", "--server-side", "-f", file) == ""
    assert main(["diff", "-f", file]) == 0


def test_both_see_the_same_difference(config, tmp_path, capsys):
    file = _stack(tmp_path, "linked")
    main(["apply", "--no-wait", "-f", file])
    text = Path(file).read_text().replace("image: redis", "image: redis:7")
    Path(file).write_text(text)
    theirs = _kubectl(
        "diff", "--server-side", "--field-manager=k8s-bridge", "-f", file, code=1
    )
    capsys.readouterr()
    assert main(["diff", "-f", file]) == 1
    ours = capsys.readouterr().out
    for line in (r"^\+ +(- )?image: redis:7$", r"^- +(- )?image: redis$"):
        assert re.search(line, ours, re.MULTILINE)
        assert re.search(line, theirs, re.MULTILINE)


def test_both_are_told_of_a_conflict(config, double, tmp_path, capsys):
    file = _stack(tmp_path, "linked")
    main(["apply", "--no-wait", "-f", file])
    patch = '{"spec": {"replicas": 3}}'
    _kubectl("patch", "deployment", "web", "--type=merge", "-p", patch)
    text = _kubectl(
        "apply", "--server-side", "--field-manager=k8s-bridge", "-f", file, code=1
    )
    assert "kubectl-patch" in text, text
    assert ".spec.replicas" in text
    capsys.readouterr()
    assert main(["apply", "--no-wait", "-f", file]) == 1
    err = capsys.readouterr().err
    assert "rule:   .spec.replicas is kubectl-patch's\n" in err
    assert "--force-conflicts" in err
    assert main(["apply", "--no-wait", "--force-conflicts", "-f", file]) == 0
    assert double.one("Deployment", "web")["spec"]["replicas"] == 1


def test_kubectl_deletes_what_we_made_and_we_what_it_made(
    config, double, tmp_path, capsys
):
    file = _stack(tmp_path, "linked")
    main(["apply", "--no-wait", "-f", file])
    _kubectl("delete", "-f", file)
    assert double.names("Deployment", "Service", "Pod") == []
    _kubectl("apply", "--server-side", "-f", file)  # with our labels: it is ours
    assert main(["delete", "-f", file]) == 0
    assert double.names("Deployment", "Service", "Pod") == []


def test_the_context_and_its_namespace_are_those_of_kubectl(
    config, double, tmp_path, capsys
):
    main(
        [
            "apply",
            "--no-wait",
            "--create-namespace",
            "-n",
            "shop",
            "-f",
            _stack(tmp_path, "one"),
        ]
    )
    _kubectl("config", "set-context", "--current", "--namespace=shop")
    assert "web" in _kubectl("get", "deployments")
    capsys.readouterr()
    main(["status", "-f", _stack(tmp_path, "one")])
    assert "Deployment/web" in capsys.readouterr().out
    assert double.one("Deployment", "web", "shop")


def test_words_mean_what_they_mean_for_kubectl(config, double, tmp_path):
    words = "yes off ~ 010 0o17 0x1F 0b11 1e3 1E3 1_000 53:53 2001-01-01 1.36 1.2.3 .5 y n -0 True".split()
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
    text += "".join(f"  k{number}: {word}\n" for number, word in enumerate(words))
    (ours,) = values_of(text.encode(), "x")
    file = tmp_path / "words.yaml"
    file.write_text(text, encoding="utf-8")
    shown = _kubectl(
        "create",
        "--dry-run=client",
        "--validate=false",
        "-o",
        "json",
        "-f",
        os.fspath(file),
    )
    theirs = json.loads(shown)["data"]
    assert {w: ours["data"][f"k{n}"] for n, w in enumerate(words)} == {
        w: theirs[f"k{n}"] for n, w in enumerate(words)
    }


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_several_kubeconfigs_mean_what_they_mean_for_kubectl(
    tmp_path, monkeypatch, order
):
    files = []
    for number, current in enumerate(["", "b", "a"]):
        contexts = [
            {"name": name, "context": {"cluster": "c", "namespace": f"{name}{number}"}}
            for name in ("a", "b")[: number + 1]
        ]
        clusters = [
            {"name": "c", "cluster": {"server": f"http://127.0.0.1:{number + 1}"}}
        ]
        file = tmp_path / str(number)
        file.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": current,
                    "contexts": contexts,
                    "clusters": clusters,
                }
            )
        )
        files.append(os.fspath(file))
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(files[n] for n in order))
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    seen = json.loads(_kubectl("config", "view", "--minify", "-o", "json"))
    cluster = connect()
    assert cluster.namespace == seen["contexts"][0]["context"]["namespace"]
    assert cluster.host == seen["clusters"][0]["cluster"]["server"]

"""The command: manifests on standard output, everything else beside them."""

import json
import subprocess
import sys

import pytest
import yaml

from k8s_bridge.cli.main import main
from k8s_bridge.sources.run import application_from_lines, lines_of
from minidock.errors import Refusal
from tests.k8s_bridge.shapes import STACKS


def _run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["run", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_manifests_and_report(capsys):
    code, out, err = _run(capsys, *STACKS["linked"])
    assert code == 0
    kinds = [manifest["kind"] for manifest in yaml.safe_load_all(out)]
    assert kinds == ["Service"] * 4 + ["Deployment"] * 2
    assert "HostConfig.Links" in err
    assert "reachability is the same" in err


def test_json_and_no_report(capsys):
    code, out, err = _run(capsys, "-o", "json", "--report", "none", *STACKS["one"])
    assert (code, err) == (0, "")
    assert json.loads(out)["kind"] == "List"


def test_the_report_as_json(capsys):
    _, _, err = _run(capsys, "--report", "json", *STACKS["one"])
    report = json.loads(err)
    assert report["same_reachability"] is True
    assert {"subject", "path", "outcome", "how", "value"} == set(report["entries"][0])


def test_a_folder_and_a_file_of_lines(capsys, tmp_path):
    lines = tmp_path / "lines"
    lines.write_text("# a comment\n" + "\n".join(STACKS["networks"]))
    folder = tmp_path / "out" / "new"
    code, out, _ = _run(capsys, "-f", str(lines), "-o", str(folder), "-n", "shop")
    assert (code, out) == (0, "")
    pod = yaml.safe_load((folder / "metrics-pod.yaml").read_text())
    assert pod["metadata"]["namespace"] == "shop"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "nothing to translate"),
        ([""], "only asks for help"),
        (["docker run --help"], "only asks for help"),
        (["docker network create front"], "no line makes a container"),
        (["docker run"], "requires at least 1 argument"),
        (["docker run -d --nope nginx"], "unknown flag: --nope"),
        (["docker run -d -p 99999:1 nginx"], "invalid hostPort"),
        (["docker run -d NGINX"], "must be lowercase"),
        (["docker run nginx | grep x"], "for a shell"),
        (["docker run -d --name 'x nginx"], "no closing"),
        (["docker run -d --link gone:x nginx"], "gone"),
        (["docker run -d --network gone nginx"], "gone"),
        (["docker run -d -p 80:80 nginx", "docker run -d -p 80:80 nginx"], "allocated"),
        (["docker rm gone"], "No such container"),
        (["docker run -d --env-file gone nginx"], "gone"),
        (["-f", "/no/such/file"], "cannot read"),
        (["-n", "My_Shop", "docker run -d nginx"], "no namespace"),
        (["--pod-range", "x", "docker run -d nginx"], "x"),
        (["-o", "/dev/null/x", "docker run -d nginx"], "cannot write"),
    ],
)
def test_bad_input_says_what_was_asked_which_rule_and_what_would_work(
    capsys, arguments, word
):
    code, out, err = _run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert word in err.splitlines()[0]
    assert [line.split(":")[0] for line in err.splitlines()[1:4]] == [
        "asked",
        "rule",
        "try",
    ]
    assert "Traceback" not in err


def test_the_module_runs_as_a_program():
    command = [sys.executable, "-m", "k8s_bridge", "run", "docker run -d nginx"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert next(yaml.safe_load_all(done.stdout))["kind"] == "Service"


def test_a_translation_does_not_import_the_official_client():
    program = (
        "import sys; from k8s_bridge.cli.main import main;"
        "main(['run', '-o', 'json', '--report', 'none', 'docker run -d nginx']);"
        "sys.exit(any(n in sys.modules for n in ('kubernetes', 'yaml')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_lines_of_a_file():
    text = "# one\r\ndocker run \\\r\n  -d nginx\n\n   docker ps\n"
    assert lines_of(text) == ["docker run    -d nginx", "docker ps"]


def test_a_container_that_ends_at_once_and_is_removed_is_translated_all_the_same():
    application = application_from_lines(["docker run --rm --name once busybox true"])
    assert [service.name for service in application.services] == ["once"]


def test_a_container_that_a_later_line_removes_is_not_translated():
    lines = [
        "docker run -d --name web nginx",
        "docker rm -f web",
        *STACKS["linked"][:1],
    ]
    application = application_from_lines(lines)
    assert [service.name for service in application.services] == ["db"]


def test_a_container_without_a_name_is_called_like_its_image():
    lines = ["docker run -d nginx", "docker run -d --name nginx-2 nginx"]
    lines += ["docker run -d nginx", "docker run -d ghcr.io/a/x:1"]
    names = [service.name for service in application_from_lines(lines).services]
    assert names == ["nginx", "nginx-2", "nginx-3", "x-container"]


def test_a_refusal_says_in_which_line():
    with pytest.raises(Refusal) as caught:
        application_from_lines(
            ["docker run -d nginx", "docker run -d --ip 1.2.3 nginx"]
        )
    assert caught.value.asked.endswith("in: docker run -d --ip 1.2.3 nginx")


@pytest.mark.parametrize(
    ("layout", "file"),
    [
        ("files", "web-service.yaml"),
        ("kustomize", "overlays/production/kustomization.yaml"),
        ("helm", "templates/web-service.yaml"),
    ],
)
def test_a_folder_gets_the_layout_that_was_asked_for(layout, file, tmp_path):
    words = ["run", "-o", str(tmp_path / "out"), "--layout", layout]
    assert main([*words, "docker run -d --name web -p 80:80 nginx"]) == 0
    assert (tmp_path / "out" / file).exists()


def test_strict_ends_with_two_where_something_is_lost(capsys):
    line = "docker run -d --name web --ulimit nofile=9 nginx"
    assert main(["run", line]) == 0
    assert main(["run", "--strict", "--report", "markdown", line]) == 2
    assert "## lost" in capsys.readouterr().err


def test_liveness_is_asked_for_on_the_command_line(capsys):
    line = "docker run -d --name web --health-cmd true nginx"
    _, plain, _ = _run(capsys, line)
    assert "livenessProbe" not in plain
    _, out, _ = _run(capsys, "--liveness", line)
    assert "livenessProbe" in out

"""Whole projects: which files, which variables, which name; includes and extends."""

import json
import os
import re
from pathlib import Path

import pytest

from k8s_bridge.compose.load import load
from k8s_bridge.compose.reader import LIMIT, InMemory
from k8s_bridge.sources.disk import Disk
from minidock.errors import Exhausted, InvalidParameter, NotFound, Refusal
from tests.k8s_bridge.compose.oracle import (
    HOME,
    answered,
    asked,
    needs_compose,
    written,
)

REAL = (Path(__file__).resolve().parents[3] / "../shared/compose").resolve()
WEB = "services: {web: {image: nginx}}"


def loaded(files, *named, **options):
    """A project of files in memory, in /srv/shop."""
    reader = InMemory(
        {f"/srv/shop/{name}": data.encode() for name, data in files.items()}
    )
    options = {"environment": {}, "folder": "/srv/shop", **options}
    return load(named, reader=reader, **options)


def service(project, name="web"):
    return project.model["services"][name]


def test_files_are_found_here_or_above_with_their_override():
    files = {
        "compose.yaml": WEB,
        "compose.override.yaml": "services: {web: {tty: true}}",
        "docker-compose.yml": "no",
        ".env": "A=1",
    }
    project = loaded(files, folder="/srv/shop/src/deep")
    assert project.folder == "/srv/shop"
    assert project.name == "shop"
    assert service(project)["tty"] is True
    assert project.files == (
        "/srv/shop/compose.yaml",
        "/srv/shop/compose.override.yaml",
    )
    assert any("multiple config files" in warning for warning in project.warnings)
    assert project.environment["A"] == "1"


def test_no_file_at_all_is_refused():
    with pytest.raises(NotFound, match="no configuration file provided"):
        loaded({})
    with pytest.raises(NotFound, match="no such file"):
        loaded({}, "compose.yaml")


def test_files_may_be_named_by_a_variable():
    files = {"a.yaml": WEB, "b.yaml": "services: {web: {tty: true}}", ".env": ""}
    environment = {"COMPOSE_FILE": "a.yaml;b.yaml", "COMPOSE_PATH_SEPARATOR": ";"}
    assert service(loaded(files, environment=environment))["tty"] is True


@pytest.mark.parametrize(
    ("options", "head", "name"),
    [
        ({"project_name": "mine"}, "name: other\n", "mine"),
        ({"environment": {"COMPOSE_PROJECT_NAME": "mine"}}, "name: other\n", "mine"),
        ({}, "name: My ${X:-Shop}\n", "myshop"),
        ({}, "", "shop"),
        ({"project_folder": "sub/_Dir 1"}, "", "dir1"),
    ],
)
def test_a_project_has_the_first_of_these_names(options, head, name):
    project = loaded({"compose.yaml": head + WEB}, "compose.yaml", **options)
    assert project.name == name
    assert project.environment["COMPOSE_PROJECT_NAME"] == name


@pytest.mark.parametrize(
    "options", [{"project_name": "My Shop"}, {"project_folder": "/"}]
)
def test_a_name_that_no_project_has_is_refused(options):
    with pytest.raises(InvalidParameter, match="project name"):
        loaded({"compose.yaml": WEB}, "compose.yaml", **options)


def test_variables_of_the_process_win_over_those_of_files():
    files = {
        "compose.yaml": "services: {web: {image: '$A-$B-$C-$COMPOSE_PROJECT_NAME'}}",
        ".env": "A=file\nB=file",
        "one.env": "B=one",
        "two.env": "B=two\nC=$B",
    }
    environment = {"A": "process"}
    project = loaded(files, "compose.yaml", environment=environment)
    assert service(project)["image"] == "process-file--shop"
    project = loaded(
        files,
        "compose.yaml",
        environment=environment,
        env_files=["one.env", "two.env"],
    )
    assert service(project)["image"] == "process-two-one-shop"
    with pytest.raises(NotFound, match="couldn't find env file"):
        loaded(files, "compose.yaml", env_files=["no.env"])


def test_profiles_come_from_words_or_from_a_variable():
    text = "services: {web: {image: a}, debug: {image: b, profiles: [dev]}}"
    files = {"compose.yaml": text}
    assert "debug" not in loaded(files).model["services"]
    assert "debug" in loaded(files, profiles=["dev"]).model["services"]
    environment = {"COMPOSE_PROFILES": "test, dev"}
    assert "debug" in loaded(files, environment=environment).model["services"]
    project = loaded(files, environment=environment, profiles=["test"])
    assert "debug" not in project.model["services"]


def test_a_service_extends_others_in_its_file_and_in_another():
    files = {
        "compose.yaml": """
services:
  web:
    extends: {file: base/common.yaml, service: app}
    ports: ["80:80"]
    environment: !override {OWN: "1"}
  two: {extends: web, image: two}
""",
        "base/common.yaml": """
services:
  app:
    extends: {file: ../root.yaml, service: root}
    build: .
    environment: {A: "1"}
    volumes: ["./data:/data"]
""",
        "root.yaml": "services: {root: {tty: true, labels: {a: b}}}",
    }
    project = loaded(files)
    web = service(project)
    assert web["build"]["context"] == "/srv/shop/base"
    assert web["volumes"][0]["source"] == "/srv/shop/base/data"
    assert web["environment"] == {"OWN": "1"}
    assert (web["tty"], web["labels"]) == (True, {"a": "b"})
    assert "extends" not in web
    assert service(project, "two")["ports"] == web["ports"]
    assert project.places["services", "web", "build"] == "base/common.yaml:5"
    assert project.places["services", "web", "tty"] == "root.yaml:1"


@pytest.mark.parametrize(
    ("extends", "category", "words"),
    [
        ("web", InvalidParameter, "Circular reference: web in compose.yaml extends"),
        ("nosuch", NotFound, 'cannot extend service "web" in compose.yaml'),
        ("{file: no.yaml, service: x}", NotFound, "no such file"),
        ("{file: two.yaml, service: x}", NotFound, "not found in two.yaml"),
        ("{file: two.yaml, service: back}", InvalidParameter, "Circular reference"),
        ("{file: empty.yaml, service: x}", NotFound, "no services section"),
        ("{file: two.yaml}", InvalidParameter, "service is required"),
        ("{file: oci://x/y, service: z}", InvalidParameter, "not on this machine"),
    ],
)
def test_what_cannot_be_extended_is_refused_with_its_line(extends, category, words):
    files = {
        "compose.yaml": f"services:\n  web:\n    extends: {extends}\n",
        "two.yaml": "services: {back: {extends: {file: two.yaml, service: back}}}",
        "empty.yaml": "x-a: 1",
    }
    with pytest.raises(category, match=re.escape(words)) as refused:
        loaded(files)
    assert re.match(r"(compose|two)\.yaml:\d: ", str(refused.value))
    assert refused.value.remedy


def test_a_long_chain_of_services_is_followed():
    names = [f"  s{n}: {{extends: s{n + 1}}}" for n in range(3000)]
    files = {"compose.yaml": "\n".join(["services:", *names, "  s3000: {image: x}"])}
    assert service(loaded(files), "s0")["image"] == "x"


def test_included_files_have_their_own_folder_and_variables():
    files = {
        "compose.yaml": """
include:
  - db/compose.yaml
  - path: [cache/a.yaml, cache/b.yaml]
    project_directory: elsewhere
    env_file: cache/my.env
services: {web: {image: nginx, depends_on: [db]}}
""",
        "db/compose.yaml": """
services: {db: {image: "db:$TAG-$WHO", build: {target: t}, volumes: ["./d:/d"]}}
""",
        "db/.env": "TAG=1\nWHO=db",
        "cache/a.yaml": "services: {cache: {image: 'c:$TAG', env_file: e.env}}",
        "cache/b.yaml": "services: {cache: {tty: true}}",
        "cache/my.env": "TAG=7",
        "elsewhere/e.env": "E=1",
    }
    project = loaded(files, environment={"WHO": "root"})
    db = service(project, "db")
    assert db["image"] == "db:1-root"
    assert db["build"]["context"] == "/srv/shop/db"
    assert db["volumes"][0]["source"] == "/srv/shop/db/d"
    cache = service(project, "cache")
    assert (cache["image"], cache["tty"]) == ("c:7", True)
    assert cache["environment"] == {"E": "1"}
    assert project.places["services", "db", "image"] == "db/compose.yaml:2"


def test_a_secret_of_an_included_file_is_made_of_its_own_variables():
    files = {
        "compose.yaml": "include: [a/compose.yaml]",
        "a/compose.yaml": "services: {web: {image: x, secrets: [s]}}\n"
        "secrets: {s: {environment: PASS}}",
        "a/.env": "PASS=hush\nOTHER=no",
    }
    project = loaded(files)
    assert project.environment["PASS"] == "hush"
    assert "OTHER" not in project.environment
    assert "hush" not in repr(project)


def test_what_includes_says_wins_over_what_is_included():
    files = {
        "compose.yaml": "include: [a.yaml]\n"
        "services: {web: {environment: {B: '2'}, ports: !reset []}}",
        "a.yaml": "services: {web: {image: a, environment: {A: '1'}, ports: ['80']}}",
    }
    web = service(loaded(files))
    assert web["image"] == "a"
    assert web["environment"] == {"A": "1", "B": "2"}
    assert "ports" not in web


@pytest.mark.parametrize(
    ("include", "category", "words"),
    [
        ("[compose.yaml]", InvalidParameter, "include cycle detected"),
        ("[back.yaml]", InvalidParameter, "include cycle detected"),
        ("[no.yaml]", NotFound, "no such file"),
        ("no.yaml", InvalidParameter, "must be a list"),
        ("[5]", InvalidParameter, "must be a path"),
        ("[{path: a.yaml, env_file: no.env}]", NotFound, "no.env"),
        ("['https://example.org/x.git']", InvalidParameter, "not on this machine"),
    ],
)
def test_what_cannot_be_included_is_refused_with_its_line(include, category, words):
    files = {
        "compose.yaml": f"services: {{web: {{image: x}}}}\ninclude: {include}\n",
        "back.yaml": "include: [compose.yaml]",
        "a.yaml": WEB,
    }
    with pytest.raises(category, match=re.escape(words)) as refused:
        loaded(files)
    assert re.match(r"(compose|back)\.yaml:\d: ", str(refused.value))


def test_includes_that_multiply_are_read_once():
    files = {
        f"f{n}.yaml": f"include: [f{n + 1}.yaml, f{n + 1}.yaml]\nx-n: {n}"
        for n in range(30)
    }
    project = loaded({**files, "f30.yaml": WEB}, "f0.yaml")
    assert service(project)["image"] == "nginx"


def test_too_many_files_in_a_row_are_refused():
    files = {f"f{n}.yaml": f"include: [f{n + 1}.yaml]" for n in range(100)}
    with pytest.raises(Exhausted, match="in a row"):
        loaded({**files, "f100.yaml": WEB}, "f0.yaml")


def test_variables_that_multiply_are_bounded():
    lines = ["A0=" + "x" * 1000]
    lines += [f"A{n}=$A{n - 1}$A{n - 1}" for n in range(1, 60)]
    with pytest.raises(Exhausted, match=r"^\.env:\d+: .*too long"):
        loaded({"compose.yaml": WEB, ".env": "\n".join(lines)})
    files = {
        "compose.yaml": "x-a: ['" + "$A" * 1000 + "']\n" + WEB,
        ".env": "A=" + "x" * 1_000_000,
    }
    with pytest.raises(Exhausted, match=r"^compose\.yaml:1: .*too long"):
        loaded(files)


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "[a]\n", "text\n", "x: {\n", "services: []\n"]
)
def test_what_is_no_project_is_refused(text):
    with pytest.raises(InvalidParameter):
        loaded({"compose.yaml": text})


def test_version_is_warned_of_and_ignored():
    project = loaded({"compose.yaml": f"version: '3'\n{WEB}"})
    assert "version" not in project.model
    assert any("`version` is obsolete" in warning for warning in project.warnings)


def test_each_port_of_a_range_has_the_place_of_the_range():
    text = "services:\n  web:\n    image: x\n    ports:\n    - '1-3'\n    - '9'\n"
    places = loaded({"compose.yaml": text}).places
    assert places["services", "web", "ports", 2] == "compose.yaml:5"
    assert places["services", "web", "ports", 3] == "compose.yaml:6"


def test_files_that_are_too_large_or_no_files_are_refused(tmp_path):
    written(tmp_path, {"compose.yaml": "include: [big.yaml]"})
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(LIMIT + 1)
    with pytest.raises(Exhausted, match=r"compose\.yaml:1: .*too large"):
        load(["compose.yaml"], reader=Disk(), environment={}, folder=str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "loop", "folder", "/dev/zero"):
        written(tmp_path, {"compose.yaml": f"include: [{name}]"})
        with pytest.raises(Refusal, match=r"compose\.yaml:1"):
            load(["compose.yaml"], reader=Disk(), environment={}, folder=str(tmp_path))
        text = f"services: {{a: {{image: x, env_file: {name}}}}}"
        written(tmp_path, {"compose.yaml": text})
        with pytest.raises(Refusal):
            load(["compose.yaml"], reader=Disk(), environment={}, folder=str(tmp_path))


STACKS = {
    "reset": {
        "compose.yaml": "services: {a: {image: x, ports: ['80'], tty: true}}",
        "compose.override.yaml": "services: {a: {ports: !reset [], tty: !reset null}}",
    },
    "documents": {
        "compose.yaml": f"{WEB}\n---\nservices: {{web: {{tty: !override true}}}}\n"
    },
    "anchors": {
        "compose.yaml": "x-a: &a {image: x, labels: &l {a: b}}\n"
        "services: {a: {<<: *a}, b: {<<: [*a], labels: *l, image: !override y}}"
    },
    "twice": {
        "compose.yaml": "include: [a.yaml, b.yaml]",
        "a.yaml": "services: {w: {image: a, environment: {A: 1}}}",
        "b.yaml": "services: {w: {image: b, environment: {B: 1}}}",
    },
    "nested": {
        "compose.yaml": "include: [a/one.yaml]\nservices: {z: {extends: w}}",
        "a/one.yaml": "include: [../b/two.yaml]\nservices: {w: {extends: "
        "{file: base.yaml, service: w}, env_file: own.env}}",
        "a/base.yaml": "services: {w: {build: {context: ./ctx}, env_file: own.env}}",
        "a/own.env": "OWN=$HOME",
        "b/two.yaml": "services: {v: {image: '$X', volumes: [./v:/v]}}",
        "b/.env": "X=b",
        ".env": "X=root",
    },
    "moments": {
        "compose.yaml": "services: {a: {image: x, environment: {D: 2001-12-14, O: 017}}}"
    },
    "extends itself": {"compose.yaml": "services: {a: {extends: a, image: x}}"},
    "undefined": {"compose.yaml": "services: {a: {image: '${NO?needed}'}}"},
    "old names": {
        "compose.yaml": "services: {a: {image: x, x-develop: {watch: "
        "[{path: ., action: sync, target: /x, x-initialSync: true}]}}}"
    },
    "no servers": {"compose.yaml": "services: {a: {image: x, dns: ['$NO', 1.1.1.1]}}"},
    "duplicate": {"compose.yaml": "services: {a: {image: x, image: y}}"},
}


@needs_compose
@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_read_as_docker_compose_reads_it(stack, tmp_path):
    folder = written(tmp_path / "stack", STACKS[stack])
    theirs, errors = asked(folder)
    ours, said = answered(folder)
    assert (ours is None) == (theirs is None), (errors, said)
    assert ours == theirs


def real_files():
    """Real Compose files, where they are."""
    found = sorted(REAL.rglob("*.y*ml")) if REAL.is_dir() else []
    return [path for path in found if "expected-" not in str(path)]


@needs_compose
@pytest.mark.skipif(not real_files(), reason="no real Compose files; set COMPOSE_FILES")
@pytest.mark.parametrize("part", range(10))
def test_real_files_are_read_as_docker_compose_reads_them(part):
    for path in real_files()[part::10]:
        theirs, errors = asked(path.parent, "-f", path.name)
        ours, said = answered(path.parent, path.name)
        assert (ours is None) == (theirs is None), (path, errors, said)
        assert ours == theirs, path
        if ours is None:
            assert said.rule, path
            assert said.remedy, path


def test_the_model_is_plain():
    project = loaded({"compose.yaml": WEB})
    assert json.loads(json.dumps(project.model)) == project.model
    assert HOME["HOME"] not in repr(project)

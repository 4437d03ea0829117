"""The normal form: defaults, names, paths, files of variables, what is left out."""

import json

import pytest
from hypothesis import assume, given

from k8s_bridge.compose.load import load
from k8s_bridge.compose.paths import absolute, absolute_paths
from k8s_bridge.compose.reader import InMemory
from minidock.errors import InvalidParameter, NotFound, Refusal
from tests.k8s_bridge.compose.strategies_compose import SHARED, services

FOLDER = "/srv/shop"


def model(document: dict | str, files: dict | None = None, **options: object) -> dict:
    """The normal form of one document."""
    text = document if isinstance(document, str) else json.dumps(document)
    known = {"compose.yaml": text, **(files or {})}
    reader = InMemory(
        {f"{FOLDER}/{name}": data.encode() for name, data in known.items()}
    )
    environment = {"HOME": "/home/me", "SET": "there"}
    options = {"environment": environment, "folder": FOLDER, **options}
    return dict(load(["compose.yaml"], reader=reader, **options).model)


def service(files: dict | None = None, **attributes: object) -> dict:
    """The normal form of a service, without what every service has."""
    whole = {
        "services": {"web": {"image": "nginx", **attributes}, "db": {"image": "x"}}
    }
    found = dict(model({**whole, **SHARED}, files)["services"]["web"])
    for key in ("image", "command", "entrypoint", "networks"):
        if key not in attributes:
            del found[key]
    return found


def test_what_every_project_and_service_has() -> None:
    assert model({"services": {"web": {"image": "nginx"}}}) == {
        "name": "shop",
        "services": {
            "web": {
                "command": None,
                "entrypoint": None,
                "image": "nginx",
                "networks": {"default": None},
            }
        },
        "networks": {"default": {"name": "shop_default", "ipam": {}}},
    }


@pytest.mark.parametrize(
    ("attributes", "written"),
    [
        ({"build": "."}, {"build": {"context": FOLDER, "dockerfile": "Dockerfile"}}),
        (
            {"build": {"args": ["SET", "UNSET", "A=1"], "dockerfile_inline": "FROM x"}},
            {
                "build": {
                    "context": FOLDER,
                    "dockerfile_inline": "FROM x",
                    "args": {"SET": "there", "A": "1"},
                }
            },
        ),
        (
            {"environment": ["SET", "UNSET", "A="]},
            {"environment": {"SET": "there", "UNSET": None, "A": ""}},
        ),
        ({"labels": {"a": None, "b": 1.50}}, {"labels": {"a": "", "b": "1.5"}}),
        ({"command": "sh -c 'a b'"}, {"command": ["sh", "-c", "a b"]}),
        ({"command": ""}, {"command": []}),
        ({"mem_limit": "1.5g"}, {"mem_limit": "1610612736"}),
        ({"mem_limit": 5000.5}, {}),  # Docker is odd here
        ({"cpus": "0.50"}, {"cpus": 0.5}),
        ({"cpu_shares": 1.9}, {"cpu_shares": 1}),
        ({"init": False}, {"init": False}),
        ({"tty": False}, {}),
        ({"pull_policy": "if_not_present"}, {"pull_policy": "missing"}),
        ({"deploy": {}}, {"deploy": {"resources": {}, "placement": {}}}),
        ({"deploy": None}, {}),
        ({"x-note": 1}, {}),
        (
            {"scale": 2, "deploy": {}},
            {"scale": 2, "deploy": {"replicas": 2, "resources": {}, "placement": {}}},
        ),
        (
            {"secrets": ["key"]},
            {"secrets": [{"source": "key", "target": "/run/secrets/key"}]},
        ),
        ({"configs": ["key"]}, {"configs": [{"source": "key"}]}),
        (
            {"secrets": [{"source": "key", "target": "", "mode": 0o440}]},
            {"secrets": [{"source": "key", "mode": "0440"}]},
        ),
        ({"gpus": "all"}, {"gpus": [{"count": -1}]}),
        ({"dns": ["", "192.0.2.1"]}, {"dns": ["192.0.2.1"]}),
        ({"extra_hosts": ["b:1", "a:2"]}, {"extra_hosts": ["a=2", "b=1"]}),
        ({"ulimits": {"a": 0, "b": 3}}, {"ulimits": {"a": {}, "b": 3}}),
        ({"networks": ["front"]}, {"networks": {"front": None}}),
        ({"networks": {"front": {}}}, {"networks": {"front": {}}}),
        ({"provider": {"type": "x", "options": {"a": True}}}, None),
        (
            {"healthcheck": {"test": "curl x", "interval": "90s", "retries": 0}},
            {
                "healthcheck": {
                    "test": ["CMD-SHELL", "curl x"],
                    "interval": "1m30s",
                    "retries": 0,
                }
            },
        ),
    ],
)
def test_an_attribute_has_its_normal_form(
    attributes: dict, written: dict | None
) -> None:
    if written is None:
        found = model({"services": {"web": attributes}})["services"]["web"]
        assert found["provider"] == {"type": "x", "options": {"a": ["true"]}}
        assert "networks" not in found
    else:
        assert service(**attributes) == written


STARTED = {"condition": "service_started", "required": True}


@pytest.mark.parametrize(
    ("attributes", "dependency"),
    [
        ({"links": ["db:data"]}, {**STARTED, "restart": True}),
        ({"network_mode": "service:db"}, {**STARTED, "restart": True}),
        ({"pid": "service:db"}, {**STARTED, "restart": True}),
        ({"ipc": "service:db"}, {**STARTED, "restart": True}),
        ({"volumes_from": ["db:ro"]}, STARTED),
        ({"volumes_from": ["container:db"]}, None),
        ({"depends_on": ["db"], "links": ["db"]}, STARTED),
    ],
)
def test_who_uses_another_service_waits_for_it(
    attributes: dict, dependency: dict | None
) -> None:
    whole = {"services": {"web": {"image": "a", **attributes}, "db": {"image": "b"}}}
    found = model(whole)["services"]["web"].get("depends_on", {})
    assert found.get("db") == dependency


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("./a/../b", "/srv/shop/b"),
        ("../b/", "/srv/b"),
        ("~/b", "/home/me/b"),
        ("~", "/home/me"),
        ("/a/../b/", "/a/../b/"),  # as it is written
        ("", "/srv/shop"),
    ],
)
def test_a_path_is_seen_from_the_folder(path: str, seen: str) -> None:
    assert absolute(path, FOLDER, "/home/me") == seen


def test_only_what_is_a_path_is_made_absolute() -> None:
    volumes = ["./a:/a", "data:/b", "c:\\d:/d"]
    mounts = service(volumes=volumes)["volumes"]
    assert [mount["source"] for mount in mounts] == ["/srv/shop/a", "data", "c:\\d"]
    for context in (
        "https://x/y.git",
        "git@x:y",
        "github.com/x/y",
        "service:db",
        "a://b",
    ):
        assert service(build=context)["build"]["context"] == context
    watch = {"watch": [{"path": "src", "action": "rebuild"}]}
    assert service(develop=watch)["develop"]["watch"][0]["path"] == "/srv/shop/src"


def test_a_volume_that_is_a_bind_mount_in_truth_has_an_absolute_device() -> None:
    options = {"type": "none", "o": "bind", "device": "./x"}
    whole = {
        "services": {"web": {"image": "a", "volumes": ["data:/a", "more:/b"]}},
        "volumes": {
            "data": {"driver": "local", "driver_opts": options},
            "more": {"driver_opts": options},  # Docker is odd here: only if it is said
        },
    }
    volumes = model(whole)["volumes"]
    assert volumes["data"]["driver_opts"]["device"] == "/srv/shop/x"
    assert volumes["more"]["driver_opts"]["device"] == "./x"


def test_names_on_the_host() -> None:
    whole = {
        "services": {
            "web": {
                "image": "a",
                "networks": ["one", "two", "three"],
                "volumes": ["v1:/a"],
            }
        },
        "networks": {"one": None, "two": {"external": True}, "three": {"name": "3"}},
        "volumes": {"v1": {"external": {"name": "old"}}},
    }
    found = model(whole)
    names = {key: network["name"] for key, network in found["networks"].items()}
    assert names == {"one": "shop_one", "two": "two", "three": "3"}
    assert found["volumes"] == {"v1": {"name": "old", "external": True}}


def test_what_no_service_uses_is_left_out() -> None:
    found = model(
        {"services": {"web": {"image": "a", "network_mode": "none"}}, **SHARED}
    )
    assert set(found) == {"name", "services"}


def test_what_a_sleeping_service_uses_is_left_out_too() -> None:
    sleeping = {"image": "a", "profiles": ["dev"], "networks": ["front"]}
    whole = {"services": {"web": {"image": "b"}, "debug": sleeping}, **SHARED}
    assert set(model(whole)["services"]) == {"web"}
    assert set(model(whole)["networks"]) == {"default"}
    assert set(model(whole, profiles=["dev"])["networks"]) == {"default", "front"}


def test_variables_come_from_files_and_the_services_own_win() -> None:
    files = {"a.env": "A=1\nB=2\nHOME\nNONE\n", "b.env": 'B="$A$SET"\nC=${OWN}\n'}
    environment = {"OWN": "o", "A": "own", "NULL": None}
    found = service(files, env_file=["a.env", "b.env"], environment=environment)
    assert found["environment"] == {
        "A": "own",
        "B": "ownthere",
        "C": "o",
        "HOME": "/home/me",
        "NULL": None,
        "OWN": "o",
    }
    assert "env_file" not in found


def test_files_of_variables_may_be_raw_or_missing() -> None:
    raw = {"path": "a.env", "format": "raw"}
    missing = {"path": "no.env", "required": "no"}
    found = service({"a.env": "A='$B' # x\n"}, env_file=[raw, missing])
    assert found["environment"] == {"A": "'$B' # x"}
    with pytest.raises(NotFound, match=r"env file /srv/shop/no\.env not found"):
        service(env_file="no.env")
    with pytest.raises(InvalidParameter, match='unsupported env_file format "x"'):
        service({"a.env": ""}, env_file=[{"path": "a.env", "format": "x"}])


def test_labels_come_from_files_that_know_no_variables() -> None:
    found = service({"l": "A=1\nB=$HOME\nC\n"}, label_file="l", labels={"A": "own"})
    assert found == {"label_file": ["/srv/shop/l"], "labels": {"A": "own", "B": ""}}


def test_what_runs_before_a_service_has_its_surroundings() -> None:
    hook = {"command": "migrate", "environment": ["A=2"]}
    found = service(
        environment=["A=1", "B=1"],
        user="www",
        volumes=["data:/data"],
        networks=["front"],
        pre_start=[hook],
    )
    assert found["pre_start"] == [
        {
            "command": ["migrate"],
            "entrypoint": None,
            "environment": {"A": "2", "B": "1"},
            "image": "nginx",
            "networks": {"front": None},
            "user": "www",
        }
    ]


def test_jobs_stand_beside_services() -> None:
    triggers = {"manual": "yes", "schedule": ["0 3 * * *"]}
    whole = {"jobs": {"clean": {"image": "x", "triggers": triggers, "env_file": "a"}}}
    job = model(whole)["jobs"]["clean"]
    assert job["triggers"] == {"manual": True, "schedule": [{"cron": "0 3 * * *"}]}
    assert job["env_file"] == [{"path": "/srv/shop/a"}]


def test_notes_on_top_are_kept_and_points_in_time_are_text() -> None:
    text = "services: {}\nx-a: {when: [2001-12-14, 2001-12-14T21:59:43.1-05:00]}"
    assert model(text)["x-a"] == {
        "when": ["2001-12-14T00:00:00Z", "2001-12-14T21:59:43.1-05:00"]
    }


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"stop_grace_period": "10"}, "stop_grace_period: time: missing unit"),
        ({"mem_limit": "1x"}, "mem_limit: invalid suffix: 'x'"),
        ({"command": "a 'b"}, "command: invalid command line string"),
        ({"healthcheck": {"retries": -1}}, "healthcheck.retries: -1 is less than 0"),
        ({"secrets": [{"source": "key", "mode": "x"}]}, "secrets.0.mode: strconv"),
        ({"storage_opt": {"a": True}}, "storage_opt.a: expected a text"),
        ({"ulimits": {"a": 2.0}}, "ulimits.a: invalid type float64"),
        (
            {"env_file": [{"path": "a", "required": "x"}]},
            "env_file.0.required: invalid",
        ),
        ({"blkio_config": {"weight": "3"}}, "blkio_config.weight: expected"),
    ],
)
def test_a_value_without_a_normal_form_is_refused_with_its_place(
    attributes: dict, words: str
) -> None:
    with pytest.raises(InvalidParameter) as caught:
        service(**attributes)
    assert f"services.web.{words}" in str(caught.value)
    assert str(caught.value).startswith("compose.yaml:1: ")


def doubled(value: object) -> object:
    """The value with dollar signs as they are written where variables could stand."""
    if isinstance(value, dict):
        return {key: doubled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [doubled(item) for item in value]
    return value.replace("$", "$$") if isinstance(value, str) else value


@given(services())
def test_the_normal_form_of_a_normal_form_is_itself(attributes: dict) -> None:
    # these have no long form that can be read again, by docker compose neither
    for key in ("blkio_config", "develop", "extra_hosts", "gpus", "ulimits"):
        attributes.pop(key, None)
        if isinstance(attributes.get("build"), dict):
            attributes["build"].pop(key, None)
    try:
        once = model({"services": {"web": attributes}, **SHARED})
    except Refusal:
        return
    assume('"": ' not in json.dumps(once))  # a list may have an empty key, no mapping
    for key in ("configs", "secrets"):  # two that differ in nothing are one when read
        given = [json.dumps(item) for item in once["services"]["web"].get(key, [])]
        assume(len(set(given)) == len(given))
    assert model(doubled(once)) == once


@given(services())
def test_making_paths_absolute_twice_is_making_them_absolute_once(
    attributes: dict,
) -> None:
    whole = {"services": {"web": attributes}}
    once = absolute_paths(whole, FOLDER, "/home/me")
    assert absolute_paths(once, "/elsewhere", "/nobody") == once

"""Configs and secrets: the objects that hold them and the files that they are."""

import json
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Application,
    Grant,
    Mount,
    MountKind,
    Program,
    Service,
    Setting,
    Stored,
    Variable,
)
from tests.k8s_bridge.shapes import container_of, hows, judge, named, spec_of

_SETTINGS = tuple(Setting(word, word, "") for word in ("configs", "secrets"))


def _secret(name: str, **more: object) -> Stored:
    return Stored(**{"name": name, "data": b"hunter2", **more})


def _grant(source: str, target: str = "", **more: object) -> Grant:
    return Grant(source=source, target=target or f"/run/secrets/{source}", **more)


def _translated(
    *secrets: Stored,
    grants: tuple[Grant, ...] = (),
    configs: tuple[Stored, ...] = (),
    config_grants: tuple[Grant, ...] = (),
    mounts: tuple[Mount, ...] = (),
    env: tuple[Variable, ...] = (),
    **options: object,
):
    web = Service(
        name="web",
        program=Program(image="nginx", env=env),
        secrets=grants or tuple(_grant(s.name) for s in secrets),
        configs=config_grants,
        mounts=mounts,
        settings=_SETTINGS,
    )
    application = Application(services=(web,), secrets=secrets, configs=configs)
    result = translate(application, Options(**options))
    judge(result)
    return result


def _mounts(result) -> dict[str, dict]:
    mounts = container_of(result, "web").get("volumeMounts", [])
    return {m["mountPath"]: m for m in mounts}


def _files(result) -> dict[str, bytes]:
    """The files that the container sees: path and bytes."""
    volumes = {v["name"]: v for v in spec_of(result, "web").get("volumes", [])}
    found = {}
    for path, mount in _mounts(result).items():
        for name, data in _lying(result, volumes[mount["name"]]).items():
            if "subPath" not in mount:
                found[f"{path}/{name}"] = data
            elif name == mount["subPath"]:
                found[path] = data
    return found


def _lying(result, volume: dict) -> dict[str, bytes]:
    sources = volume.get("projected", {}).get("sources") or [volume]
    files = {}
    for source in sources:
        if "configMap" in source:
            chosen = source["configMap"]
            data = named(result, "ConfigMap", chosen["name"]).get("data", {})
            data = {k: v.encode() for k, v in data.items()}
        else:
            chosen = source["secret"]
            name = chosen.get("secretName") or chosen["name"]
            data = named(result, "Secret", name).get("data", {})
            data = {k: b64decode(v) for k, v in data.items()}
        paths = {i["key"]: i["path"] for i in chosen.get("items", [])}
        for key, value in data.items():
            if not paths or key in paths:
                files[paths.get(key, key)] = value
    return files


def test_a_secret_lies_at_run_secrets_under_its_name():
    result = _translated(_secret("password"))
    assert _files(result) == {"/run/secrets/password": b"hunter2"}
    assert named(result, "Secret", "password")["type"] == "Opaque"


def test_two_secrets_lie_beside_each_other():
    result = _translated(_secret("one"), _secret("two", data=b"2"))
    assert _files(result) == {
        "/run/secrets/one": b"hunter2",
        "/run/secrets/two": b"2",
    }
    assert len(_mounts(result)) == 1


def test_a_secret_may_lie_elsewhere_and_in_several_places():
    one = _secret("one")
    grants = (_grant("one", "/etc/one"), _grant("one", "/run/secrets/other"))
    assert _files(_translated(one, grants=grants)) == {
        "/etc/one": b"hunter2",
        "/run/secrets/other": b"hunter2",
    }


def test_a_folder_that_holds_more_is_not_hidden():
    volume = Mount(
        kind=MountKind.VOLUME, source="d", target="/run/secrets/d", origin="mounts"
    )
    result = _translated(_secret("one"), mounts=(volume,))
    assert set(_mounts(result)) == {"/run/secrets/d", "/run/secrets/one"}


def test_configs_of_one_folder_lie_beside_each_other_and_beside_the_images_files():
    configs = (Stored(name="a", data=b"A"), Stored(name="b", data=b"B"))
    grants = (_grant("a", "/etc/app/a.conf"), _grant("b", "/etc/app/b.conf"))
    result = _translated(configs=configs, config_grants=grants)
    assert _files(result) == {"/etc/app/a.conf": b"A", "/etc/app/b.conf": b"B"}
    assert all("subPath" in mount for mount in _mounts(result).values())


def test_a_mode_is_the_files_mode_and_an_owner_is_reported():
    result = _translated(
        _secret("one"), grants=(_grant("one", mode=0o440, uid="103", gid="9"),)
    )
    assert spec_of(result, "web")["volumes"][0]["secret"]["defaultMode"] == 0o440
    assert any(h.startswith("lost") and "103:9" in h for h in hows(result, "secrets"))


def test_two_secrets_have_each_its_own_mode():
    grants = (_grant("one", mode=0o400), _grant("two"))
    result = _translated(_secret("one"), _secret("two"), grants=grants)
    sources = spec_of(result, "web")["volumes"][0]["projected"]["sources"]
    assert [s["secret"]["items"][0].get("mode") for s in sources] == [0o400, None]


@pytest.mark.parametrize(
    "stored",
    [
        _secret("one", external=True, docker_name="prod-one", data=None),
        _secret("one", data=None),
    ],
)
def test_what_others_keep_is_referred_to_and_reported(stored):
    result = _translated(stored)
    assert "Secret" not in {m["kind"] for m in result.manifests}
    volume = spec_of(result, "web")["volumes"][0]["secret"]
    assert volume["secretName"] == (stored.docker_name or "one")
    assert volume["items"] == [{"key": "one", "path": "one"}]
    assert "others must make it" in hows(result, "secrets")[0]


def test_a_secret_that_is_too_large_is_lost_with_a_line():
    stored = _secret("one", data=b"x" * (1 << 20), settings=(Setting("f", "file", ""),))
    result = _translated(stored)
    assert "Secret" not in {m["kind"] for m in result.manifests}
    assert hows(result, "f", "secret one")[0].startswith("lost")


def test_what_nobody_declared_is_lost():
    result = _translated(grants=(_grant("gone"),))
    assert hows(result, "secrets")[0].startswith("lost")


@pytest.mark.parametrize("name", ["my_app.conf", "My Config", "ä", "x" * 70])
def test_an_odd_name_keeps_its_file(name):
    config = Stored(name=name, data=b"x")
    result = _translated(configs=(config,), config_grants=(_grant(name, "/etc/x"),))
    assert _files(result) == {"/etc/x": b"x"}


_names = st.sampled_from(["a", "b", "A", "a_b", "a.b", "a/b"])
_targets = st.sampled_from(["/run/secrets/a", "/run/secrets/b", "/etc/a", "/a"])


@given(
    st.dictionaries(_names, st.binary(max_size=3), max_size=4),
    st.lists(st.tuples(_names, _targets), max_size=5),
)
def test_every_secret_that_is_granted_is_exactly_at_its_path(data, wanted):
    stored = tuple(Stored(name=n, data=d) for n, d in data.items())
    grants = tuple(_grant(n, t) for n, t in wanted if n in data)
    web = Service(name="web", program=Program(image="x"), secrets=grants)
    result = translate(Application(services=(web,), secrets=stored))
    assert _files(result) == {g.target: data[g.source] for g in grants}


_ENV = (
    Variable("MYSQL_PASSWORD", "$(hunter2)"),
    Variable("MYSQL_USER", "app"),
    Variable("API_KEY", "k"),
    Variable("KEYBOARD", "de"),
    Variable("PASSWORD_FILE", "/run/secrets/p"),
    Variable("TOKEN", ""),
)


def test_variables_that_look_secret_lie_in_a_secret_on_request():
    plain = _translated(env=_ENV)
    assert "Secret" not in {m["kind"] for m in plain.manifests}
    result = _translated(env=_ENV, env_secrets=True)
    data = named(result, "Secret", "web-env")["data"]
    assert {k: b64decode(v) for k, v in data.items()} == {
        "MYSQL_PASSWORD": b"$(hunter2)",
        "API_KEY": b"k",
    }
    env = {v["name"]: v for v in container_of(result, "web")["env"]}
    assert list(env) == [v.name for v in _ENV]
    assert env["API_KEY"]["valueFrom"] == {
        "secretKeyRef": {"name": "web-env", "key": "API_KEY"}
    }
    assert env["MYSQL_USER"]["value"] == "app"


def test_no_secret_value_is_in_report_or_annotations_or_repr():
    result = _translated(_secret("one"), env=_ENV, env_secrets=True)
    texts = [str(result.report), json.dumps(result.report.as_json())]
    texts += [json.dumps(m["metadata"]) for m in result.manifests]
    texts.append(repr(result.application.secrets))
    assert "hunter2" not in "".join(texts)

"""Bind mounts: what takes their place, by what lies there and how it is used."""

import pytest

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Application,
    Content,
    HostFile,
    Mount,
    MountKind,
    Program,
    Service,
    Setting,
)
from tests.k8s_bridge.shapes import container_of, hows, judge, named, spec_of

_FILE = Content(files=(HostFile("", b"server {}\n"),))
_FOLDER = Content(
    directory=True,
    files=(HostFile("index.html", b"hi"), HostFile("css/a b.css", b"x{}")),
)
_LARGE = Content(files=(HostFile("", b"x" * (1 << 20)),))
_MISSING = Content(missing=True)
_EMPTY = Content(directory=True)
_CUT = Content(directory=True, files=(HostFile("a", b""),), complete=False)


def _bind(
    source: str, content: Content | None, target: str = "/t", **more: object
) -> Mount:
    return Mount(
        kind=MountKind.BIND,
        source=source,
        target=target,
        origin="binds",
        content=content,
        **more,
    )


def _service(name: str, *mounts: Mount) -> Service:
    return Service(
        name=name,
        program=Program(image="nginx"),
        mounts=mounts,
        settings=(Setting("volumes", "binds", ""),),
    )


def _translated(*mounts: Mount, **options: object):
    application = Application(services=(_service("web", *mounts),))
    result = translate(application, Options(**options))
    judge(result)
    return result


def _volume(result) -> dict:
    [volume] = spec_of(result, "web")["volumes"]
    return {k: v for k, v in volume.items() if k != "name"}


@pytest.mark.parametrize(
    ("content", "read_only", "choice", "kind"),
    [
        (_FILE, True, "auto", "configMap"),
        (_FILE, False, "auto", "configMap"),
        (_FOLDER, True, "auto", "configMap"),
        (_FOLDER, False, "auto", "persistentVolumeClaim"),
        (_FOLDER, False, "configmap", "configMap"),
        (_LARGE, True, "auto", "persistentVolumeClaim"),
        (_LARGE, True, "configmap", "persistentVolumeClaim"),
        (_LARGE, True, "hostpath", "hostPath"),
        (_CUT, True, "auto", "persistentVolumeClaim"),
        (_MISSING, False, "auto", "persistentVolumeClaim"),
        (_MISSING, True, "auto", "hostPath"),
        (_EMPTY, True, "auto", "hostPath"),
        (_EMPTY, False, "hostpath", "hostPath"),
        (_FILE, True, "hostpath", "hostPath"),
        (_FILE, True, "claim", "persistentVolumeClaim"),
        (None, False, "auto", "hostPath"),
        (None, False, "configmap", "hostPath"),
        (None, False, "claim", "persistentVolumeClaim"),
    ],
)
def test_what_takes_the_place_of_a_bind_mount(content, read_only, choice, kind):
    mount = _bind("/srv/shop/conf", content, read_only=read_only)
    assert list(_volume(_translated(mount, binds=choice))) == [kind]


@pytest.mark.parametrize("target", ["/etc/prometheus", "/docker-entrypoint-initdb.d"])
def test_a_folder_of_settings_is_read_whatever_the_mount_allows(target):
    result = _translated(_bind("/p/web", _FOLDER, target))
    assert _volume(result)["configMap"]["name"] == "web"
    [how] = hows(result, "volumes")
    assert how.startswith("changed")
    assert "cannot write" in how


def test_a_file_is_one_key_at_exactly_its_path():
    result = _translated(_bind("/p/nginx.conf", _FILE, "/etc/nginx/conf.d/x.conf"))
    config = named(result, "ConfigMap", "web-nginx-conf")
    assert config["data"] == {"nginx.conf": "server {}\n"}
    assert container_of(result, "web")["volumeMounts"] == [
        {
            "name": "web-nginx-conf",
            "mountPath": "/etc/nginx/conf.d/x.conf",
            "subPath": "nginx.conf",
            "readOnly": True,
        }
    ]


def test_a_folder_keeps_its_folders():
    result = _translated(_bind("/p/html", _FOLDER, read_only=True))
    assert named(result, "ConfigMap", "web-html")["data"] == {
        "index.html": "hi",
        "css_a_b.css": "x{}",
    }
    assert _volume(result)["configMap"]["items"] == [
        {"key": "index.html", "path": "index.html"},
        {"key": "css_a_b.css", "path": "css/a b.css"},
    ]


def test_a_flat_folder_needs_no_list():
    flat = Content(directory=True, files=(HostFile("a", b""), HostFile("b", b"")))
    result = _translated(_bind("/p/html", flat, read_only=True))
    assert _volume(result) == {"configMap": {"name": "web-html"}}


def test_programs_stay_programs():
    scripts = (HostFile("a.sh", b"", 0o755), HostFile("b.sh", b"", 0o775))
    both = _translated(
        _bind("/p", Content(directory=True, files=scripts), read_only=True)
    )
    assert _volume(both)["configMap"] == {"name": "web-p", "defaultMode": 0o755}
    files = (*scripts, HostFile("c", b""))
    mixed = _translated(
        _bind("/p", Content(directory=True, files=files), read_only=True)
    )
    modes = [item.get("mode") for item in _volume(mixed)["configMap"]["items"]]
    assert modes == [0o755, 0o755, None]


def test_keys_and_passwords_lie_in_secrets_and_nowhere_else():
    key = Content(files=(HostFile("", b"hunter2", 0o600),))
    result = _translated(_bind("/p/server.key", key))
    assert named(result, "Secret", "web-server-key")["data"] == {
        "server.key": "aHVudGVyMg=="
    }
    assert _volume(result)["secret"]["defaultMode"] == 0o600
    assert "hunter2" not in f"{result.report}{result.application}"


def test_a_claim_that_must_be_filled_is_never_silent():
    for content in (_FOLDER, _CUT, None):
        result = _translated(_bind("/p/html", content), binds="claim")
        assert named(result, "PersistentVolumeClaim", "web-html")
        [how] = hows(result, "volumes")
        assert how.startswith("lost")
        assert "kubectl cp /p/html/. " in how


def test_a_folder_that_was_empty_loses_nothing_as_an_empty_claim():
    [how] = hows(_translated(_bind("/p/data", _MISSING)), "volumes")
    assert how.startswith("changed")
    assert "empty" in how


def test_one_source_is_one_object_for_all_that_mount_it():
    one = _service("one", _bind("/p/html", _FOLDER, "/a"))
    two = _service("two", _bind("/p/html", _FOLDER, "/b", read_only=True))
    result = translate(Application(services=(one, two)))
    judge(result)
    claims = [m for m in result.manifests if m["kind"] == "PersistentVolumeClaim"]
    assert [c["metadata"]["name"] for c in claims] == ["one-html"]
    assert claims[0]["spec"]["accessModes"] == ["ReadWriteMany"]


def test_two_paths_with_one_last_word_are_two_objects():
    result = _translated(
        _bind("/p/a/conf", _FILE, "/a"), _bind("/p/b/conf", _FILE, "/b")
    )
    names = [
        m["metadata"]["name"] for m in result.manifests if m["kind"] == "ConfigMap"
    ]
    assert names == ["web-conf", "web-conf-2"]


@pytest.mark.parametrize("source", ["/var/run/docker.sock", "/run/docker.sock"])
@pytest.mark.parametrize("choice", ["auto", "claim", "configmap"])
def test_the_engines_socket_is_the_nodes_and_loudly_so(source, choice):
    result = _translated(_bind(source, None), binds=choice)
    assert _volume(result) == {"hostPath": {"path": source, "type": "Socket"}}
    assert "WARNING" in hows(result, "volumes")[0]


@pytest.mark.parametrize("source", ["/", "/dev/fuse", "/proc", "/etc/localtime"])
def test_what_belongs_to_the_node_stays_the_nodes(source):
    assert "hostPath" in _volume(_translated(_bind(source, _FILE), binds="claim"))


def test_the_node_makes_what_docker_would_make():
    for content, kind in (
        (_MISSING, "DirectoryOrCreate"),
        (_EMPTY, "DirectoryOrCreate"),
        (_FOLDER, "Directory"),
        (_FILE, "File"),
    ):
        volume = _volume(_translated(_bind("/p/x", content), binds="hostpath"))
        assert volume == {"hostPath": {"path": "/p/x", "type": kind}}


def test_a_path_of_windows_is_lost():
    result = _translated(_bind("C:\\data", None))
    assert "volumes" not in spec_of(result, "web")
    assert hows(result, "volumes")[0].startswith("lost")


def test_no_path_of_this_machine_is_in_a_name_or_an_annotation():
    result = _translated(
        _bind("/home/me/p/html", _FOLDER, "/a", read_only=True),
        _bind("/home/me/p/data", _MISSING, "/b"),
    )
    assert "home" not in str(result.manifests)

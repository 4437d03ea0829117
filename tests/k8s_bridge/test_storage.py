"""Volumes, claims and mounts."""

from k8s_bridge import application_from_inspect, translate
from k8s_bridge.sources.mounts import size_of
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import (
    STACKS,
    container_of,
    hows,
    inspect_of,
    judge,
    named,
    spec_of,
)


def _translated(*lines: str):
    return translate(application_from_lines(list(lines)))


def _host(host: dict, **config: object):
    body = {"Image": "nginx", "HostConfig": host, **config}
    return translate(application_from_inspect([inspect_of("web", body)]))


def test_a_named_volume_is_one_claim_however_often_it_is_mounted():
    result = _host({"Binds": ["data:/a", "data:/b:ro"]})
    assert spec_of(result, "web")["volumes"] == [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    ]
    assert container_of(result, "web")["volumeMounts"] == [
        {"name": "data", "mountPath": "/a"},
        {"name": "data", "mountPath": "/b", "readOnly": True},
    ]
    claim = named(result, "PersistentVolumeClaim", "data")
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_the_access_mode_follows_from_the_use():
    one = "docker run -d -v data:/a --name aa nginx"
    reader = "docker run -d -v data:/a:ro --name bb nginx"
    another = "docker run -d -v data:/a:ro --name cc nginx"
    together = "docker run -d --network container:aa -v data:/a --name dd nginx"

    def modes(*lines):
        claim = named(_translated(*lines), "PersistentVolumeClaim", "data")
        return claim["spec"]["accessModes"]

    assert modes(one) == ["ReadWriteOnce"]
    assert modes(one, together) == ["ReadWriteOnce"]
    assert modes(one, reader) == ["ReadWriteMany"]
    assert modes(reader, another) == ["ReadOnlyMany"]


def test_a_bind_is_a_path_of_the_node_and_is_reported():
    result = _host({"Binds": ["/srv:/c:ro"]})
    assert spec_of(result, "web")["volumes"] == [
        {"name": "srv", "hostPath": {"path": "/srv"}}
    ]
    assert "node" in hows(result, "HostConfig.Binds")[0]


def test_tmpfs_and_shared_memory_are_memory():
    result = _host({"Tmpfs": {"/run": "size=64m,mode=755"}, "ShmSize": 1 << 30})
    volumes = [volume["emptyDir"] for volume in spec_of(result, "web")["volumes"]]
    assert volumes == [
        {"medium": "Memory", "sizeLimit": "64Mi"},
        {"medium": "Memory", "sizeLimit": "1Gi"},
    ]
    assert "lost: /run: no field for mode=755" in hows(result, "HostConfig.Tmpfs")


def test_an_anonymous_volume_of_the_image_is_left_to_the_node():
    image = {"RepoTags": ["nginx:latest"], "Config": {"Volumes": {"/data": {}}}}
    config = {"Image": "nginx", "Volumes": {"/data": {}, "/mine": {}}}
    inspect = inspect_of("web", config)
    result = translate(application_from_inspect([inspect], images=[image]))
    mounts = container_of(result, "web")["volumeMounts"]
    assert [mount["mountPath"] for mount in mounts] == ["/mine"]


def test_volumes_from_takes_over_what_the_other_has():
    result = _translated(
        "docker run -d --name aa -v data:/a -v /srv:/b nginx",
        "docker run -d --name bb --volumes-from aa:ro nginx",
    )
    mounts = container_of(result, "bb")["volumeMounts"]
    assert [(m["mountPath"], m["readOnly"]) for m in mounts] == [
        ("/a", True),
        ("/b", True),
    ]


def test_only_a_privileged_container_passes_mounts_on():
    bind = {"Binds": ["/srv:/c:rshared"]}
    privileged = _host({**bind, "Privileged": True})
    mount = container_of(privileged, "web")["volumeMounts"][0]
    assert mount["mountPropagation"] == "Bidirectional"
    plain = _host(bind)
    assert "mountPropagation" not in container_of(plain, "web")["volumeMounts"][0]
    assert any(how.startswith("lost") for how in hows(plain, "HostConfig.Binds"))


def test_one_path_has_one_mount():
    result = _host({"Binds": ["data:/a/"], "Tmpfs": {"/a": ""}})
    assert len(container_of(result, "web")["volumeMounts"]) == 1
    judge(result)


def test_a_path_that_kubernetes_cannot_have_is_lost():
    result = _host({"Tmpfs": {"relative": "", "/with:colon": ""}})
    assert "volumeMounts" not in container_of(result, "web")
    assert [how[:4] for how in hows(result, "HostConfig.Tmpfs")] == ["lost", "lost"]


def test_a_volume_with_an_odd_name_has_a_valid_claim_that_remembers_it():
    result = _translated(*STACKS["mounts"])
    claims = [m for m in result.manifests if m["kind"] == "PersistentVolumeClaim"]
    originals = [c["metadata"].get("annotations", {}) for c in claims]
    assert {"minidock/docker-name": "Da_Ta"} in originals


def test_sizes():
    assert [size_of(text) for text in ("1", "2k", "1g", "1kb", "x", "")] == [
        1,
        2048,
        1 << 30,
        1024,
        0,
        0,
    ]

"""Named volumes: what keeps them, how many may mount them, what is reported."""

import pytest

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Application,
    Mode,
    Mount,
    MountKind,
    Program,
    Scheduling,
    Service,
    Setting,
    Volume,
)
from tests.k8s_bridge.shapes import hows, judge, named, spec_of

_KEYS = ("name", "driver", "driver_opts", "labels", "external", "size")
_SETTINGS = tuple(Setting(f"volumes.data.{key}", key, "") for key in _KEYS)


def _mount(**more: object) -> Mount:
    values = {"source": "data", "target": "/x", "origin": "mounts", **more}
    return Mount(kind=MountKind.VOLUME, **values)


def _service(name: str = "web", *, read_only: bool = False, **more: object) -> Service:
    mounts = (_mount(read_only=read_only),)
    return Service(name=name, program=Program(image="nginx"), mounts=mounts, **more)


def _translated(volume: Volume, *services: Service, **options: object):
    application = Application(
        services=services or (_service(),), volumes=(volume,), name="shop"
    )
    result = translate(application, Options(**options))
    judge(result)
    return result


def _claim(result, name: str = "data") -> dict:
    return named(result, "PersistentVolumeClaim", name)


def _volume(**more: object) -> Volume:
    return Volume(name="data", settings=_SETTINGS, **more)


def test_a_claim_has_the_size_and_class_that_are_asked_for():
    spec = _claim(_translated(_volume(size=5 << 30), storage_class="fast"))["spec"]
    assert spec == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    plain = _claim(_translated(_volume(), volume_size="2Gi"))["spec"]
    assert plain["resources"]["requests"] == {"storage": "2Gi"}
    assert "storageClassName" not in plain


def test_a_volume_has_a_claim_even_if_nobody_mounts_it():
    application = Application(
        services=(Service(name="web", program=Program(image="x")),),
        volumes=(Volume(name="spare"),),
    )
    assert _claim(translate(application), "spare")


@pytest.mark.parametrize(
    ("scheduling", "read_only", "mode"),
    [
        (Scheduling(), False, "ReadWriteOnce"),
        (Scheduling(replicas=3), False, "ReadWriteMany"),
        (Scheduling(replicas=3), True, "ReadOnlyMany"),
        (Scheduling(), True, "ReadWriteOnce"),
        (Scheduling(replicas=0), False, "ReadWriteOnce"),
    ],
)
def test_copies_of_a_pod_are_several_pods(scheduling, read_only, mode):
    service = _service(read_only=read_only, scheduling=scheduling)
    assert _claim(_translated(_volume(), service))["spec"]["accessModes"] == [mode]


def test_a_mount_that_only_reads_does_not_keep_others_from_writing():
    result = _translated(_volume(), _service("a1", read_only=True), _service("b1"))
    assert _claim(result)["spec"]["accessModes"] == ["ReadWriteMany"]
    mount = spec_of(result, "a1")["containers"][0]["volumeMounts"][0]
    assert mount["readOnly"] is True
    assert (
        "readOnly" not in spec_of(result, "a1")["volumes"][0]["persistentVolumeClaim"]
    )


def test_an_external_volume_is_a_claim_that_others_made():
    result = _translated(_volume(external=True, docker_name="shared-data"))
    assert not [m for m in result.manifests if m["kind"] == "PersistentVolumeClaim"]
    volume = spec_of(result, "web")["volumes"][0]
    assert volume["persistentVolumeClaim"] == {"claimName": "shared-data"}


def test_an_nfs_volume_is_the_same_export():
    options = (
        ("type", "nfs"),
        ("o", "addr=10.0.0.9,rw,nfsvers=4.1,soft"),
        ("device", ":/exports/data"),
    )
    result = _translated(_volume(options=options), namespace="prod")
    server = named(result, "PersistentVolume", "prod-data")
    assert "namespace" not in server["metadata"]
    assert server["spec"]["nfs"] == {"server": "10.0.0.9", "path": "/exports/data"}
    assert server["spec"]["mountOptions"] == ["nfsvers=4.1", "soft"]
    spec = _claim(result)["spec"]
    assert (spec["storageClassName"], spec["volumeName"]) == ("", "prod-data")
    assert hows(result, "volumes.data.driver_opts")[0].startswith("kept")


def test_a_volume_that_is_a_folder_of_the_host_is_a_path_of_the_node():
    options = (("type", "none"), ("o", "bind"), ("device", "/srv/data"))
    result = _translated(_volume(options=options))
    assert spec_of(result, "web")["volumes"][0]["hostPath"] == {"path": "/srv/data"}
    assert "PersistentVolumeClaim" not in {m["kind"] for m in result.manifests}


def test_a_volume_in_memory_is_memory():
    options = (("type", "tmpfs"), ("o", "size=100m,uid=1000"), ("device", "tmpfs"))
    result = _translated(_volume(options=options))
    assert spec_of(result, "web")["volumes"][0]["emptyDir"] == {
        "medium": "Memory",
        "sizeLimit": "100Mi",
    }


def test_another_driver_is_lost_unless_a_class_takes_its_place():
    volume = _volume(driver="rexray/ebs", options=(("size", "20g"),))
    result = _translated(volume)
    assert _claim(result)["spec"]["resources"]["requests"]["storage"] == "20Gi"
    assert hows(result, "volumes.data.driver")[0].startswith("lost")
    chosen = _translated(volume, storage_class="ebs")
    assert hows(chosen, "volumes.data.driver")[0].startswith("changed")


def test_labels_and_the_name_on_the_host_are_kept():
    labels = (("team", "core"), ("text", "two words"))
    claim = _claim(_translated(_volume(labels=labels, docker_name="shop_data")))
    assert claim["metadata"]["labels"]["team"] == "core"
    assert claim["metadata"]["annotations"] == {
        "minidock/docker-name": "shop_data",
        "text": "two words",
    }


def test_no_key_of_a_volume_is_without_a_line():
    for volume in (_volume(), _volume(external=True), _volume(driver="x")):
        entries = _translated(volume).report.entries
        paths = {e.path for e in entries if e.subject == "volume data"}
        assert paths == {s.path for s in _SETTINGS}


def test_a_part_of_a_volume_is_mounted():
    service = Service(
        name="web", program=Program(image="x"), mounts=(_mount(subpath="/a/b"),)
    )
    result = _translated(_volume(), service)
    assert spec_of(result, "web")["containers"][0]["volumeMounts"] == [
        {"name": "data", "mountPath": "/x", "subPath": "a/b"}
    ]


def test_a_part_that_goes_upwards_is_refused_and_said():
    service = Service(
        name="web",
        program=Program(image="x"),
        mounts=(_mount(subpath="../b"),),
        settings=(Setting("volumes", "mounts", ""),),
    )
    result = _translated(_volume(), service)
    assert "volumes" not in spec_of(result, "web")
    assert "upwards" in hows(result, "volumes")[0]


def test_one_pod_on_each_node_is_several_pods():
    service = _service(scheduling=Scheduling(mode=Mode.GLOBAL))
    modes = _claim(_translated(_volume(), service))["spec"]["accessModes"]
    assert modes == ["ReadWriteMany"]

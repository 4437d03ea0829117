"""Devices of the host in a pod."""

import pytest

from k8s_bridge.application import Security
from tests.k8s_bridge.made import service, translated
from tests.k8s_bridge.shapes import container_of, hows, judge, spec_of


def _with(*devices, privileged=False):
    held = Security(devices=devices, privileged=privileged)
    words = [f"devices@{device}" for device in devices]
    result = translated(service("web", *words, security=held))
    judge(result)
    return result


def test_a_device_is_a_path_of_the_node():
    result = _with("/dev/fuse", "/dev/a:/dev/b:r")
    assert spec_of(result, "web")["volumes"] == [
        {"name": "dev-fuse", "hostPath": {"path": "/dev/fuse"}},
        {"name": "dev-a", "hostPath": {"path": "/dev/a"}},
    ]
    assert container_of(result, "web")["volumeMounts"] == [
        {"name": "dev-fuse", "mountPath": "/dev/fuse"},
        {"name": "dev-a", "mountPath": "/dev/b", "readOnly": True},
    ]
    assert "securityContext" not in container_of(result, "web")
    assert "device plugin" in hows(result, "devices@/dev/fuse")[0]


def test_a_privileged_container_has_them_all():
    result = _with("/dev/fuse", privileged=True)
    assert "volumes" not in spec_of(result, "web")
    assert hows(result, "devices@/dev/fuse")[0].startswith("kept")


@pytest.mark.parametrize("device", ["vendor.com/class=one", "/dev/../x", "fuse"])
def test_what_is_no_path_is_lost(device):
    result = _with(device)
    assert "volumes" not in spec_of(result, "web")
    assert hows(result, f"devices@{device}")[0].startswith("lost")


def test_two_paths_that_look_alike_as_names_stay_apart():
    names = [
        v["name"] for v in spec_of(_with("/dev/a-b", "/dev/a/b"), "web")["volumes"]
    ]
    assert len(set(names)) == 2

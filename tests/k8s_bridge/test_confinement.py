"""CPU, memory, user and privileges."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge import application_from_inspect, translate
from k8s_bridge.mapping.confinement import quantity
from tests.k8s_bridge.shapes import container_of, hows, inspect_of, judge, spec_of


def _translated(host: dict, **config: object):
    body = {"Image": "nginx", "HostConfig": host, **config}
    return translate(application_from_inspect([inspect_of("web", body)]))


def _container(host: dict, **config: object) -> dict:
    return container_of(_translated(host, **config), "web")


@pytest.mark.parametrize(
    ("host", "resources"),
    [
        ({"Memory": 64 << 20}, {"limits": {"memory": "64Mi"}}),
        ({"Memory": 1500}, {"limits": {"memory": "1500"}}),
        ({"NanoCpus": 500_000_000}, {"limits": {"cpu": "500m"}}),
        ({"NanoCpus": 1}, {"limits": {"cpu": "1m"}}),
        ({"NanoCpus": 2_000_000_000}, {"limits": {"cpu": "2"}}),
        ({"CpuQuota": 50_000}, {"limits": {"cpu": "500m"}}),
        ({"CpuQuota": 50_000, "CpuPeriod": 25_000}, {"limits": {"cpu": "2"}}),
        ({"CpuShares": 512}, {"requests": {"cpu": "500m"}}),
        ({"MemoryReservation": 1 << 30}, {"requests": {"memory": "1Gi"}}),
    ],
)
def test_resources(host, resources):
    assert _container(host)["resources"] == resources


def test_a_request_is_cut_down_to_its_limit():
    result = _translated({"NanoCpus": 250_000_000, "CpuShares": 1024})
    resources = container_of(result, "web")["resources"]
    assert resources == {"limits": {"cpu": "250m"}, "requests": {"cpu": "250m"}}
    assert hows(result, "HostConfig.CpuShares") == [
        "changed: resources.requests.cpu, cut down to the limit"
    ]


@pytest.mark.parametrize(
    ("user", "context"),
    [
        ("1000", {"runAsUser": 1000}),
        ("1000:1001", {"runAsUser": 1000, "runAsGroup": 1001}),
        ("root", {"runAsUser": 0}),
        ("0:wheel", {"runAsUser": 0}),
        ("www:5", {"runAsGroup": 5}),
        ("www", None),
        (str(2**31), None),
    ],
)
def test_a_user_needs_a_number(user, context):
    result = _translated({}, User=user)
    assert container_of(result, "web").get("securityContext") == context
    names = [word for word in user.split(":") if word and not word.isdecimal()]
    lost = [how for how in hows(result, "Config.User") if how.startswith("lost")]
    named = [name for name in names if name != "root"] or [user][: user == str(2**31)]
    assert len(lost) == len(named)


def test_capabilities_lose_their_prefix():
    host = {"CapAdd": ["CAP_NET_ADMIN", "sys_time"], "CapDrop": ["ALL"]}
    assert _container(host)["securityContext"]["capabilities"] == {
        "add": ["NET_ADMIN", "SYS_TIME"],
        "drop": ["ALL"],
    }


@pytest.mark.parametrize(
    ("options", "context"),
    [
        (["no-new-privileges"], {"allowPrivilegeEscalation": False}),
        (["no-new-privileges:true"], {"allowPrivilegeEscalation": False}),
        (["no-new-privileges:false"], None),
        (["seccomp=unconfined"], {"seccompProfile": {"type": "Unconfined"}}),
        (["seccomp={}"], None),
        (["apparmor=unconfined"], {"appArmorProfile": {"type": "Unconfined"}}),
        (
            ["apparmor:mine"],
            {"appArmorProfile": {"type": "Localhost", "localhostProfile": "mine"}},
        ),
        (
            ["label=user:u", "label:level:s0:c1,c2", "label=disable"],
            {"seLinuxOptions": {"user": "u", "level": "s0:c1,c2"}},
        ),
        (["systempaths=unconfined"], None),
    ],
)
def test_security_options(options, context):
    result = _translated({"SecurityOpt": options})
    assert container_of(result, "web").get("securityContext") == context
    assert len(hows(result, "HostConfig.SecurityOpt")) == len(options)
    judge(result)


@pytest.mark.parametrize("host", [{"Privileged": True}, {"CapAdd": ["CAP_SYS_ADMIN"]}])
def test_privileges_and_no_new_privileges_would_contradict(host):
    result = _translated({**host, "SecurityOpt": ["no-new-privileges"]})
    judge(result)
    assert hows(result, "HostConfig.SecurityOpt")[0].startswith("lost")


def test_what_the_whole_pod_gets():
    host = {
        "PidMode": "host",
        "IpcMode": "host",
        "GroupAdd": ["5", "www"],
        "Sysctls": {"net.ipv4.ip_forward": "1", "kernel.shmmax": "1", "Bad Name": "1"},
        "Runtime": "gvisor",
    }
    result = _translated(host)
    spec = spec_of(result, "web")
    assert (spec["hostPID"], spec["hostIPC"], spec["runtimeClassName"]) == (
        True,
        True,
        "gvisor",
    )
    assert spec["securityContext"] == {
        "supplementalGroups": [5],
        "sysctls": [{"name": "net.ipv4.ip_forward", "value": "1"}],
    }
    assert (
        sum(how.startswith("lost") for how in hows(result, "HostConfig.Sysctls")) == 2
    )
    judge(result)


@given(st.integers(1, 2**50))
def test_a_quantity_of_kubernetes_is_exact(size):
    text = quantity(size)
    factors = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}
    assert int(text.rstrip("KMGi")) * factors.get(text[-2:], 1) == size


_numbers = st.integers(-5, 5) | st.integers(0, 2**40)
_confined = st.fixed_dictionaries(
    {},
    optional={
        "Memory": _numbers,
        "MemoryReservation": _numbers,
        "NanoCpus": _numbers,
        "CpuShares": _numbers,
        "CpuQuota": _numbers,
        "CpuPeriod": st.integers(0, 10**6),
        "Privileged": st.booleans(),
        "CapAdd": st.lists(st.sampled_from(["ALL", "CAP_SYS_ADMIN", "NET_RAW"])),
        "SecurityOpt": st.lists(st.sampled_from(["no-new-privileges", "apparmor=x"])),
        "PidMode": st.sampled_from(["host", "container:x", "container:web"]),
        "IpcMode": st.sampled_from(["host", "none", "shareable"]),
        "Sysctls": st.dictionaries(st.text(max_size=4), st.text(max_size=3)),
        "NetworkMode": st.sampled_from(["host", "none", "bridge"]),
        "Runtime": st.text(max_size=4),
    },
)


@settings(deadline=None, max_examples=60)
@given(_confined, st.text(max_size=6))
def test_no_confinement_gives_what_an_api_server_refuses(host, user):
    judge(_translated(host, User=user))

"""Inputs for the tests of k8s_bridge, and the judges that every manifest must pass."""

import json
from functools import cache
from pathlib import Path

import pytest

from k8s_bridge.check import problems
from k8s_bridge.manifests import Manifest, to_models
from k8s_bridge.translate import Translation

KUBERNETES = "1.36"
_GOLDEN = Path(__file__).resolve().parents[2] / "../shared/golden/docker-20.10"

# One stack after the other: together they use most of what docker run can say.
STACKS: dict[str, list[str]] = {
    "one": ["docker run -d -p 80:80 --name web nginx"],
    "linked": [
        "docker run -d --name db redis",
        "docker run -d -p 8080:80 --link db:db --link db:cache --name web nginx",
    ],
    "networks": [
        "docker network create front",
        "docker network create --internal back",
        "docker network create Odd_Net.",
        "docker run -d --name db --network back -v data:/data postgres:16",
        "docker run -d --name api --network front --network-alias backend -p 9000:9000 -p 127.0.0.1:9001:9001 -p 53:53/udp -p 53:53 example/api:1 serve",
        "docker run -d --name api2 --network front --network-alias backend -v data:/x:ro example/api:1",
        "docker network connect --alias api.internal --alias DB back api",
        "docker run --rm --name Job_1 --network none busybox true",
        "docker run -d --network container:api --pid container:api --name side busybox sleep 9",
        "docker run -d --restart no --network host --name metrics -p 1:1 --sysctl kernel.shmmax=1 busybox",
        "docker run -d --network Odd_Net. --name odd busybox",
    ],
    "confined": [
        "docker run -d --restart no --name aa --memory 1500m --memory-reservation 20000000 --cpus .25 --cpu-shares 2048 --pids-limit 9 --gpus 2 nginx",
        "docker run -d --name bb --user 1000:1001 --group-add 5 --group-add www --privileged --security-opt no-new-privileges nginx",
        "docker run -d --name cc --cap-add CAP_NET_ADMIN --cap-add ALL --cap-drop MKNOD --security-opt no-new-privileges --security-opt label=level:s0:c1 --security-opt label=type:spc_t --security-opt apparmor=mine --read-only nginx",
        "docker run -d --name dd --sysctl net.ipv4.ip_forward=1 --ipc host --pid host --uts host --userns host --runtime gvisor --shm-size 1g nginx",
        "docker run -d --name ee --user root:wheel --security-opt seccomp=unconfined --cpu-quota 50000 --shm-size 128m --ipc shareable nginx",
    ],
    "mounts": [
        "docker run -d --restart no --name aa -v data:/a -v data:/b -v /srv:/c:ro,rslave -v /d -v /etc/x:/e:z -v Da_Ta:/f --tmpfs /run:size=64m,mode=755 nginx",
        "docker run -d --name bb --volumes-from aa:ro --mount type=bind,src=/srv,dst=/m,bind-propagation=rshared --mount type=tmpfs,dst=/t,tmpfs-size=1000 --mount type=volume,src=data,dst=/s,volume-subpath=sub nginx",
        "docker run -d --restart always --name cc -v data:/a -p 81:81 nginx",
    ],
    "words": [
        "docker run -d --restart no --name aa -e A='$(HOME) $$ $x' -e B=yes -e C=1e3 -e 'D=two\nlines' -l yes=no -l 'a.b/c=two words' -l 'x:y=1' -l app.kubernetes.io/name=mine --annotation note=x nginx sh -c 'echo $(date); exit 0'",
        "docker run -d --name bb --entrypoint /bin/sh -w /srv -h UPPER --domainname example.org nginx -c 'sleep 1'",
        "docker run -d --name cc --add-host one:10.0.0.1 --add-host Two:10.0.0.1 --add-host gw:host-gateway --add-host six:[fd00::1] --dns 1.1.1.1 --dns 8.8.8.8 --dns 9.9.9.9 --dns-search a.b --dns-option ndots:3 --dns-option rotate nginx",
        "docker run -d --name dd --health-cmd 'curl -f localhost' --health-interval 1500ms --health-timeout 100ms --health-start-period 5s --stop-timeout 7 --stop-signal INT nginx",
        "docker run -it --name ee --restart on-failure:4 nginx",
        "docker run -d --name ff --restart on-failure -P nginx",
        "docker run -d --name 1digit --restart unless-stopped --platform linux/arm64 --pull always nginx",
        f"docker run -d --name {'long' * 30} -p 80 nginx",
    ],
}


@cache
def recorded(scenario: str) -> list[dict]:
    """The steps of a recording of a real engine; skips where there is none."""
    path = _GOLDEN / f"{scenario}.json"
    if not path.exists():
        pytest.skip(f"no recording {scenario}")
    return json.loads(path.read_text())["steps"]


def answers(scenario: str, path: str) -> list[dict]:
    """The JSON that a real engine gave for a path, in the order of asking."""
    steps = recorded(scenario)
    return [s["json"] for s in steps if s.get("path") == path and "json" in s]


def inspect_of(name: str, body: dict, **settings: object) -> dict:
    """The inspect JSON of a container that was just asked for with this body."""
    outside = ("HostConfig", "NetworkingConfig")
    config = {key: value for key, value in body.items() if key not in outside}
    inspect: dict = {
        "Name": f"/{name}",
        "Id": "",
        "Config": config,
        "HostConfig": body.get("HostConfig", {}),
    }
    endpoints = body.get("NetworkingConfig", {}).get("EndpointsConfig")
    if endpoints:
        inspect["NetworkSettings"] = {"Networks": endpoints}
    return inspect | settings


def named(result: Translation, kind: str, name: str) -> Manifest:
    """The manifest of this kind and name."""
    for manifest in result.manifests:
        if manifest["kind"] == kind and manifest["metadata"]["name"] == name:
            return manifest
    raise KeyError(f"{kind} {name}")


WORKLOADS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def workload_of(result: Translation, name: str) -> Manifest:
    """What keeps a pod."""
    for manifest in result.manifests:
        if manifest["kind"] in WORKLOADS and manifest["metadata"]["name"] == name:
            return manifest
    raise KeyError(name)


def pod_of(result: Translation, name: str) -> dict:
    """The metadata and the spec of the pod of a workload."""
    manifest = workload_of(result, name)
    spec = manifest["spec"]
    spec = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec
    return spec.get("template", manifest)


def spec_of(result: Translation, name: str) -> dict:
    """The pod spec of a workload."""
    return pod_of(result, name)["spec"]


def container_of(result: Translation, name: str) -> dict:
    """The container that a service became."""
    for manifest in result.manifests:
        if manifest["kind"] in WORKLOADS:
            spec = spec_of(result, manifest["metadata"]["name"])
            for container in spec["containers"]:
                if container["name"] == name:
                    return container
    raise KeyError(name)


def hows(result: Translation, path: str, subject: str = "") -> list[str]:
    """What the report says about a setting: outcome and how."""
    return [
        f"{entry.outcome}: {entry.how}"
        for entry in result.report.entries
        if entry.path == path and subject in ("", entry.subject)
    ]


def judge(result: Translation) -> None:
    """Our own rules, the schemas of Kubernetes and the official client's models."""
    assert problems(result.manifests) == []
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    for manifest in result.manifests:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    to_models(result.manifests)

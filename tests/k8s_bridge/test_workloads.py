"""Which object keeps a pod, what it is labelled with, and how its names resolve."""

import pytest

from k8s_bridge import Options, application_from_inspect, translate
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import (
    STACKS,
    hows,
    inspect_of,
    judge,
    named,
    pod_of,
    spec_of,
)

_KINDS = [
    ("", "Deployment", "Always"),
    ("--restart no", "Pod", "Never"),
    ("--restart on-failure", "Pod", "OnFailure"),
    ("--restart on-failure:3", "Job", "OnFailure"),
    ("--restart always", "Deployment", "Always"),
    ("--restart unless-stopped", "Deployment", "Always"),
    ("--rm", "Job", "Never"),
]


def _translated(*lines: str, **options: object):
    return translate(application_from_lines(list(lines)), Options(**options))


@pytest.mark.parametrize(("flags", "kind", "policy"), _KINDS)
def test_the_restart_policy_chooses_the_object(flags, kind, policy):
    result = _translated(f"docker run -d {flags} --name web nginx")
    assert named(result, kind, "web")
    assert spec_of(result, "web").get("restartPolicy", "Always") == policy


def test_a_job_ends_as_docker_would_end_it():
    retried = _translated("docker run -d --restart on-failure:3 --name web nginx")
    assert named(retried, "Job", "web")["spec"]["backoffLimit"] == 3
    removed = _translated("docker run --rm --name web nginx")
    spec = named(removed, "Job", "web")["spec"]
    assert (spec["backoffLimit"], spec["ttlSecondsAfterFinished"]) == (0, 0)


def test_a_deployment_with_a_disk_never_runs_twice_at_once():
    plain = _translated("docker run -d --restart always --name web nginx")
    assert "strategy" not in named(plain, "Deployment", "web")["spec"]
    disk = _translated("docker run -d --restart always -v data:/x --name web nginx")
    assert named(disk, "Deployment", "web")["spec"]["strategy"] == {"type": "Recreate"}


def test_a_selector_knows_nothing_of_networks():
    result = _translated(
        "docker network create front",
        "docker run -d --restart always --network front --name web nginx",
    )
    spec = named(result, "Deployment", "web")["spec"]
    assert spec["selector"]["matchLabels"] == {"app.kubernetes.io/name": "web"}
    labels = spec["template"]["metadata"]["labels"]
    assert labels["network.minidock/front"] == "true"


def test_labels_that_no_label_can_hold_are_annotations():
    line = "docker run -d -l a=b -l c='two words' -l x:y=1 -l app.kubernetes.io/name=z"
    metadata = pod_of(_translated(f"{line} --name web nginx"), "web")["metadata"]
    assert metadata["labels"]["a"] == "b"
    assert metadata["labels"]["app.kubernetes.io/name"] == "web"
    assert metadata["annotations"] == {
        "c": "two words",
        "minidock/labels": '{"app.kubernetes.io/name":"z","x:y":"1"}',
    }


def test_a_shared_network_namespace_is_one_pod():
    result = _translated(*STACKS["networks"])
    names = [c["name"] for c in spec_of(result, "api")["containers"]]
    assert names == ["api", "side"]
    assert spec_of(result, "api")["shareProcessNamespace"] is True
    assert hows(result, "HostConfig.NetworkMode", "side") == [
        "kept: a container of pod api"
    ]


def test_two_that_share_each_others_namespace_are_two_pods():
    pair = [
        inspect_of("aa", {"Image": "x", "HostConfig": {"NetworkMode": "container:bb"}}),
        inspect_of("bb", {"Image": "x", "HostConfig": {"NetworkMode": "container:aa"}}),
    ]
    result = translate(application_from_inspect(pair))
    judge(result)
    assert spec_of(result, "aa")
    assert spec_of(result, "bb")


def test_the_network_of_the_host_is_the_nodes():
    line = "docker run -d --network host --name web --expose 81 nginx"
    spec = spec_of(_translated(line), "web")
    assert spec["hostNetwork"] is True
    assert spec["dnsPolicy"] == "ClusterFirstWithHostNet"
    assert "ports" not in spec["containers"][0]


def test_extra_hosts_dns_and_host_name():
    result = _translated(
        "docker run -d --name web -h WEB --add-host one:10.0.0.1 --add-host "
        "Two:10.0.0.1 --add-host gw:host-gateway --add-host six:[fd00::1] --dns "
        "1.1.1.1 --dns 8.8.8.8 --dns 9.9.9.9 --dns-search a.b --dns-option ndots:3 nginx"
    )
    spec = spec_of(result, "web")
    assert spec["hostname"] == "web"
    assert spec["hostAliases"] == [
        {"ip": "10.0.0.1", "hostnames": ["one", "two"]},
        {"ip": "fd00::1", "hostnames": ["six"]},
    ]
    assert spec["dnsConfig"] == {
        "nameservers": ["1.1.1.1", "8.8.8.8"],
        "searches": ["a.b"],
        "options": [{"name": "ndots", "value": "3"}],
    }
    lost = {entry.path for entry in result.report.lost}
    assert {"HostConfig.ExtraHosts", "HostConfig.Dns"} <= lost


@pytest.mark.parametrize("hostname", ["a..b", "a_b", "x" * 65, "-", "a." * 32 + "b"])
def test_a_host_name_that_no_pod_can_have_is_lost(hostname):
    inspect = inspect_of("web", {"Image": "nginx", "Hostname": hostname})
    result = translate(application_from_inspect([inspect]))
    assert "hostname" not in spec_of(result, "web")
    assert hows(result, "Config.Hostname")[0].startswith("lost")


def test_the_longest_grace_of_a_pod_counts():
    result = _translated(
        "docker run -d --stop-timeout 5 --name web nginx",
        "docker run -d --stop-timeout 60 --network container:web --name side nginx",
    )
    assert spec_of(result, "web")["terminationGracePeriodSeconds"] == 60


def test_a_platform_and_a_pull_policy_choose_nodes_and_images():
    spec = spec_of(
        _translated(
            "docker run -d --platform linux/arm64/v8 --pull never --name web nginx"
        ),
        "web",
    )
    assert spec["nodeSelector"] == {
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "arm64",
    }
    assert spec["containers"][0]["imagePullPolicy"] == "Never"


def test_a_host_name_with_dots_is_kept_whole():
    line = "docker run -d -h Mail.Example.ORG --name web nginx"
    result = _translated(line)
    judge(result)
    spec = spec_of(result, "web")
    assert spec["hostnameOverride"] == "mail.example.org"
    assert "hostname" not in spec
    assert "1.35" in hows(result, "Config.Hostname")[0]

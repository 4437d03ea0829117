"""What other translators of Compose get wrong about workloads, one test for each.

Each was seen in a released version: a crash, an object that an API server refuses, or
one that it takes and that means something else.
"""

import pytest

from k8s_bridge import translate
from tests.k8s_bridge.shapes import (
    container_of,
    hows,
    judge,
    named,
    pod_of,
    spec_of,
    workload_of,
)
from tests.k8s_bridge.sources.composed import read, service_of


def _web(services=None, **keys):
    result = translate(read({"web": service_of(**keys), **(services or {})}))
    judge(result)
    return result


@pytest.mark.parametrize(
    "check", [{"disable": True}, {"test": ["NONE"]}, {"interval": "5s"}]
)
def test_a_health_check_without_a_test_is_no_crash(check):
    assert "readinessProbe" not in container_of(_web(healthcheck=check), "web")


def test_a_health_check_in_a_shell_is_run_by_a_shell_and_kills_nothing():
    check = {"test": ["CMD-SHELL", "curl -f localhost || exit 1"], "interval": "500ms"}
    container = container_of(_web(healthcheck=check), "web")
    probe = container["readinessProbe"]
    assert probe["exec"]["command"] == ["/bin/sh", "-c", "curl -f localhost || exit 1"]
    assert probe["periodSeconds"] == 1
    assert "livenessProbe" not in container


def test_a_number_of_restarts_is_no_crash():
    result = _web(restart="on-failure:3")
    assert named(result, "Job", "web")["spec"]["backoffLimit"] == 3


@pytest.mark.parametrize(
    ("restart", "kind"), [("no", "Pod"), ("unless-stopped", "Deployment")]
)
def test_a_restart_policy_is_never_copied_as_it_is(restart, kind):
    assert workload_of(_web(restart=restart), "web")["kind"] == kind


def test_a_group_by_name_is_no_crash():
    result = _web(group_add=["audio", "29"])
    context = spec_of(result, "web")["securityContext"]
    assert context["supplementalGroups"] == [29]
    assert any(how.startswith("lost") for how in hows(result, "services.web.group_add"))


def test_no_replica_stays_none():
    for keys in ({"scale": 0}, {"deploy": {"replicas": 0}}):
        assert workload_of(_web(**keys), "web")["spec"]["replicas"] == 0


def test_scale_is_not_passed_over():
    assert workload_of(_web(scale=3), "web")["spec"]["replicas"] == 3


def test_a_shells_variable_is_left_to_the_shell():
    words = ["sh", "-c", "echo $MY_VAR $(date) $$"]
    assert container_of(_web(command=words), "web")["args"][2] == (
        "echo $MY_VAR $$(date) $$$"
    )


def test_labels_of_deploy_that_are_no_labels_are_annotations():
    manifest = workload_of(_web(deploy={"labels": {"note": "two words"}}), "web")
    assert manifest["metadata"]["annotations"]["note"] == "two words"


def test_an_update_with_a_volume_leaves_no_rolling_beside_recreate():
    keys = {
        "deploy": {"update_config": {"parallelism": 2, "order": "start-first"}},
        "volumes": [{"type": "volume", "source": "data", "target": "/data"}],
    }
    result = translate(read({"web": service_of(**keys)}, volumes={"data": {}}))
    judge(result)
    assert workload_of(result, "web")["spec"]["strategy"] == {"type": "Recreate"}


def test_one_volume_at_two_paths_is_one_volume_of_the_pod():
    volumes = [
        {"type": "volume", "source": "data", "target": path} for path in ("/a", "/b")
    ]
    result = translate(read({"web": service_of(volumes=volumes)}, volumes={"data": {}}))
    judge(result)
    assert len(spec_of(result, "web")["volumes"]) == 1


def test_who_joins_a_network_brings_its_volumes_and_ports_along():
    side = service_of(
        network_mode="service:web",
        volumes=[{"type": "volume", "source": "data", "target": "/data"}],
        expose=["9000", "80"],
    )
    services = {"web": service_of(expose=["80"]), "side": side}
    result = translate(read(services, volumes={"data": {}}))
    judge(result)
    spec = spec_of(result, "web")
    assert [c["name"] for c in spec["containers"]] == ["web", "side"]
    assert len(spec["volumes"]) == 1
    ports = [p["containerPort"] for c in spec["containers"] for p in c.get("ports", [])]
    assert sorted(ports) == [80, 9000]
    kinds = [m for m in result.manifests if m["kind"] == "Deployment"]
    assert len(kinds) == 1


def test_a_host_name_with_capitals_is_written_small():
    assert spec_of(_web(hostname="WEB"), "web")["hostname"] == "web"


def test_the_network_of_the_host_is_not_passed_over():
    assert spec_of(_web(network_mode="host"), "web")["hostNetwork"] is True


def test_on_every_node_without_a_strategy_of_a_deployment():
    spec = workload_of(_web(deploy={"mode": "global"}), "web")["spec"]
    assert not {"replicas", "strategy"} & spec.keys()


def test_limits_of_both_notations_are_read():
    limits = {"resources": {"limits": {"cpus": 0.5, "memory": "67108864"}}}
    old = container_of(_web(cpus=0.5, mem_limit="67108864"), "web")["resources"]
    assert container_of(_web(deploy=limits), "web")["resources"] == old
    assert old["limits"] == {"cpu": "500m", "memory": "64Mi"}


def test_a_capability_loses_its_prefix():
    container = container_of(_web(cap_add=["CAP_NET_ADMIN", "SYS_TIME"]), "web")
    added = container["securityContext"]["capabilities"]["add"]
    assert added == ["NET_ADMIN", "SYS_TIME"]


@pytest.mark.parametrize(
    ("key", "value", "path"),
    [
        ("pid", "host", ("hostPID", True)),
        ("ipc", "host", ("hostIPC", True)),
        ("init", True, ("shareProcessNamespace", True)),
        ("runtime", "gvisor", ("runtimeClassName", "gvisor")),
        ("stop_grace_period", "1m30s", ("terminationGracePeriodSeconds", 90)),
    ],
)
def test_what_others_pass_over_in_a_pod_is_there(key, value, path):
    assert spec_of(_web(**{key: value}), "web")[path[0]] == path[1]


def test_what_others_pass_over_in_a_container_is_there():
    result = _web(
        stdin_open=True,
        tty=True,
        working_dir="/srv",
        pull_policy="if_not_present",
        post_start=[{"command": ["warm"]}],
        pre_stop=[{"command": ["save"]}],
    )
    container = container_of(result, "web")
    assert container["stdin"]
    assert container["tty"]
    assert container["workingDir"] == "/srv"
    assert container["imagePullPolicy"] == "IfNotPresent"
    assert container["lifecycle"] == {
        "postStart": {"exec": {"command": ["warm"]}},
        "preStop": {"exec": {"command": ["save"]}},
    }


def test_a_pull_policy_that_no_kubelet_knows_is_reported():
    result = _web(pull_policy="daily")
    assert "imagePullPolicy" not in container_of(result, "web")
    assert hows(result, "services.web.pull_policy")[0].startswith("lost: daily")


def test_a_name_of_capitals_and_underscores_is_valid_everywhere():
    result = translate(read({"My_App.v2": service_of()}))
    judge(result)
    [workload] = [m for m in result.manifests if m["kind"] == "Deployment"]
    assert workload["metadata"]["name"] == "my-app-v2"


def test_who_is_waited_for_is_not_passed_over():
    waits = {"db": {"condition": "service_healthy", "required": True}}
    check = {"test": ["CMD", "true"]}
    services = {"db": service_of(healthcheck=check)}
    result = _web(services, depends_on=waits)
    assert [c["name"] for c in spec_of(result, "web")["initContainers"]] == [
        "wait-for-db"
    ]
    assert pod_of(result, "db")["spec"]["containers"][0]["readinessProbe"]

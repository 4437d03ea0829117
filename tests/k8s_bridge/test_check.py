"""Our own rules refuse what schemas let through and an API server does not."""

import copy

import pytest

from k8s_bridge import Options, translate
from k8s_bridge.check import problems
from k8s_bridge.manifests import to_models
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import STACKS

GOOD = {
    m["kind"] + " " + m["metadata"]["name"]: m
    for stack in ("words", "networks", "confined", "mounts")
    for m in translate(
        application_from_lines(STACKS[stack]), Options(outside_except=("10.0.0.0/8",))
    ).manifests
}
POD = "Pod aa"


def _at(path: str, value: object):
    """A change at a dotted path; a number is a place in a list."""

    def change(manifest: dict) -> None:
        *steps, last = path.split("/")
        here = manifest
        for step in steps:
            here = here[int(step) if step.isdecimal() else step]
        here[int(last) if last.isdecimal() else last] = value

    return change


# One bad manifest for each rule: which object, what is changed, a word of the problem.
BAD = [
    (POD, _at("metadata/name", "My_App"), "DNS label"),
    (POD, _at("metadata/labels", {"a b": "x"}), "bad key"),
    (POD, _at("metadata/labels", {"a": "two words"}), "bad value"),
    (POD, _at("metadata/annotations", {"a/b/c": "x"}), "bad key"),
    (POD, _at("metadata/annotations", {"a": 5}), "no text"),
    (POD, _at("metadata/annotations", {"a": "x" * 300000}), "bytes"),
    (POD, _at("spec/containers", []), "empty"),
    (POD, _at("spec/containers/0/name", "a_b"), "bad name"),
    (POD, _at("spec/containers/0/image", " x"), "spaces"),
    (POD, _at("spec/containers/0/env", [{"name": "a=b"}]), "bad name"),
    (POD, _at("spec/containers/0/env", [{"name": "a"}] * 2), "duplicate"),
    (POD, _at("spec/containers/0/ports", [{"containerPort": 0}]), "containerPort"),
    (
        POD,
        _at("spec/containers/0/ports", [{"containerPort": 1, "protocol": "tcp"}]),
        "protocol",
    ),
    (
        POD,
        _at("spec/containers/0/ports", [{"containerPort": 1, "hostPort": 1}] * 2),
        "duplicate",
    ),
    (
        POD,
        _at("spec/containers/0/ports", [{"containerPort": 1, "hostIP": "x"}]),
        "hostIP",
    ),
    (POD, _at("spec/containers/0/volumeMounts/0/name", "gone"), "no volume"),
    (POD, _at("spec/containers/0/volumeMounts/0/mountPath", "a"), "mountPath"),
    (POD, _at("spec/containers/0/volumeMounts/0/subPath", "../x"), "subPath"),
    (POD, _at("spec/containers/0/volumeMounts/0/mountPath", "/a"), "duplicate"),
    (
        POD,
        _at("spec/containers/0/volumeMounts/0/mountPropagation", "Bidirectional"),
        "privileged",
    ),
    (POD, _at("spec/volumes/0/name", "a_b"), "bad name"),
    (POD, _at("spec/volumes/1/emptyDir", {}), "2 sources"),
    (POD, _at("spec/volumes/0", {"name": "x", "hostPath": {"path": "a"}}), "absolute"),
    (
        POD,
        _at("spec/volumes/0", {"name": "x", "emptyDir": {"medium": "memory"}}),
        "medium",
    ),
    (
        POD,
        _at("spec/containers/0/resources", {"limits": {"memory": "5MB"}}),
        "quantity",
    ),
    (
        POD,
        _at(
            "spec/containers/0/resources",
            {"limits": {"cpu": "500m"}, "requests": {"cpu": "1"}},
        ),
        "above its limit",
    ),
    (POD, _at("spec/containers/0/readinessProbe", {"exec": {}}), "no command"),
    (
        POD,
        _at(
            "spec/containers/0/readinessProbe",
            {"exec": {"command": ["x"]}, "periodSeconds": 0},
        ),
        "periodSeconds",
    ),
    (
        POD,
        _at("spec/containers/0/securityContext", {"capabilities": {"add": ["CAP_X"]}}),
        "CAP_X",
    ),
    (
        POD,
        _at(
            "spec/containers/0/securityContext",
            {"privileged": True, "allowPrivilegeEscalation": False},
        ),
        "contradicts",
    ),
    (POD, _at("spec/containers/0/securityContext", {"runAsUser": -1}), "runAsUser"),
    (POD, _at("spec/hostname", "a.b"), "hostname"),
    (
        POD,
        _at("spec/hostAliases", [{"ip": "host-gateway", "hostnames": ["x"]}]),
        "address",
    ),
    (POD, _at("spec/hostAliases", [{"ip": "1.1.1.1", "hostnames": ["A"]}]), "bad name"),
    (POD, _at("spec/dnsConfig", {"nameservers": ["1.1.1.1"] * 4}), "three"),
    (POD, _at("spec/dnsConfig", {"nameservers": ["x"]}), "no address"),
    (POD, _at("spec/dnsConfig", {"searches": ["a"] * 33}), "too many"),
    (POD, _at("spec/dnsConfig", {"searches": ["A b"]}), "bad search"),
    (POD, _at("spec/securityContext", {"sysctls": [{"name": "Net x"}]}), "bad name"),
    (
        "Pod metrics",
        _at("spec/securityContext", {"sysctls": [{"name": "net.x"}]}),
        "hostNetwork",
    ),
    (
        POD,
        _at("spec/terminationGracePeriodSeconds", -1),
        "terminationGracePeriodSeconds",
    ),
    (POD, _at("spec/runtimeClassName", "a_b"), "runtimeClassName"),
    ("Deployment cc", _at("spec/selector/matchLabels", {"a": "b"}), "selector"),
    ("Deployment cc", _at("spec/template/spec/restartPolicy", "Never"), "Deployment"),
    ("Deployment cc", _at("spec/replicas", -1), "replicas"),
    ("Job ee", _at("spec/template/spec/restartPolicy", "Always"), "Job"),
    ("Job ee", _at("spec/backoffLimit", -1), "backoffLimit"),
    ("Service api", _at("spec/clusterIP", ""), "not headless"),
    ("Service api-published", _at("spec/ports/1/name", ""), "no name"),
    ("Service api-published", _at("spec/ports/1/name", "53-tcp"), "duplicate"),
    ("Service api-published", _at("spec/ports/0/name", "UP"), "bad name"),
    ("Service api-published", _at("spec/ports/0/port", 0), "port 0"),
    ("Service api-published", _at("spec/ports/0/nodePort", 80), "nodePort"),
    ("Service api-published", _at("spec/ports/0/protocol", "udp"), "protocol"),
    ("Service api-published", _at("spec/selector", {"a b": "c"}), "bad key"),
    ("NetworkPolicy network-back", _at("spec/policyTypes", []), "policyTypes"),
    ("NetworkPolicy network-back", _at("spec/policyTypes", ["Egress"]), "without"),
    ("NetworkPolicy network-back", _at("spec/ingress/0/from", [{}]), "empty peer"),
    (
        "NetworkPolicy published-api",
        _at("spec/ingress/0/from/0/podSelector", {}),
        "beside",
    ),
    (
        "NetworkPolicy published-api",
        _at("spec/ingress/0/from/0/ipBlock/cidr", "x"),
        "bad range",
    ),
    (
        "NetworkPolicy published-api",
        _at("spec/ingress/0/from/1/ipBlock/except", ["10.0.0.0/8"]),
        "no part",
    ),
    ("NetworkPolicy published-api", _at("spec/ingress/0/ports/0/port", 0), "port 0"),
    ("PersistentVolumeClaim data", _at("spec/accessModes", ["rw"]), "accessModes"),
    (
        "PersistentVolumeClaim data",
        _at("spec/resources/requests/storage", "10GB"),
        "quantity",
    ),
]


@pytest.mark.parametrize(
    ("name", "change", "word"), BAD, ids=[f"{row[0]}-{row[2]}" for row in BAD]
)
def test_what_an_api_server_refuses_is_a_problem(name, change, word):
    manifest = copy.deepcopy(GOOD[name])
    assert problems([manifest]) == []
    change(manifest)
    assert any(word in problem for problem in problems([manifest]))


def test_two_of_one_name_are_a_problem():
    assert "two of this name" in problems([GOOD[POD], GOOD[POD]])[0]


def test_a_kind_that_we_never_make_is_a_problem():
    assert "not known" in problems([{"kind": "Lease", "metadata": {"name": "x"}}])[0]


def test_a_model_of_the_official_client_holds_each_manifest():
    names = {type(model).__name__ for model in to_models(GOOD.values())}
    assert names == {
        "V1Deployment",
        "V1Job",
        "V1NetworkPolicy",
        "V1PersistentVolumeClaim",
        "V1Pod",
        "V1Service",
    }


def test_the_official_models_refuse_a_wrong_type():
    bad = copy.deepcopy(GOOD["Deployment cc"])
    bad["spec"]["replicas"] = "two"
    with pytest.raises(ValueError, match="replicas"):
        to_models([bad])

"""Each rule of an API server, kind by kind: one good object, one fault at a time."""

import copy

import pytest

from k8s_bridge.check import problems

_LABELS = {"app": "web"}
_SPEC = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "initContainers": [{"name": "wait", "image": "busybox", "command": ["true"]}],
    "containers": [
        {
            "name": "web",
            "image": "registry.example/team/web:1.2",
            "imagePullPolicy": "IfNotPresent",
            "command": ["serve"],
            "env": [
                {"name": "A", "value": "1"},
                {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            ],
            "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 81}],
            "volumeMounts": [{"name": "conf", "mountPath": "/etc/web"}],
            "resources": {
                "limits": {"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"},
                "requests": {"cpu": "500m", "memory": "512Mi"},
            },
            "livenessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 1},
            "readinessProbe": {"tcpSocket": {"port": "http"}, "successThreshold": 2},
            "startupProbe": {"httpGet": {"port": 80}},
            "lifecycle": {"preStop": {"exec": {"command": ["quit"]}}},
            "securityContext": {
                "seccompProfile": {"type": "RuntimeDefault"},
                "runAsUser": 1000,
            },
        }
    ],
    "volumes": [
        {
            "name": "conf",
            "configMap": {
                "name": "c",
                "defaultMode": 0o644,
                "items": [{"key": "a.conf", "path": "sub/a.conf", "mode": 0o600}],
            },
        }
    ],
}
_JOB_SPEC = {"containers": _SPEC["containers"], "restartPolicy": "Never"}
_JOB_SPEC["volumes"] = _SPEC["volumes"]


def _keeper(kind: str, **spec: object) -> dict:
    return {
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": _LABELS},
            "template": {"metadata": {"labels": _LABELS}, "spec": _SPEC},
            **spec,
        },
    }


_JOB = {"backoffLimit": 3, "template": {"metadata": {}, "spec": _JOB_SPEC}}
GOOD: dict[str, dict] = {
    "Deployment": _keeper(
        "Deployment",
        replicas=0,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}},
    ),
    "StatefulSet": _keeper("StatefulSet", replicas=2, serviceName="web"),
    "DaemonSet": _keeper("DaemonSet", updateStrategy={"type": "OnDelete"}),
    "Job": {"kind": "Job", "metadata": {"name": "job"}, "spec": _JOB},
    "CronJob": {
        "kind": "CronJob",
        "metadata": {"name": "nightly"},
        "spec": {
            "schedule": "0 3 * * mon-fri",
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": _JOB},
        },
    },
    "Service": {
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {
            "type": "NodePort",
            "selector": _LABELS,
            "ports": [
                {"name": "a", "port": 80, "targetPort": "http", "nodePort": 30080},
                {"name": "b", "port": 53, "protocol": "UDP"},
            ],
        },
    },
    "Ingress": {
        "kind": "Ingress",
        "metadata": {"name": "web.example"},
        "spec": {
            "ingressClassName": "nginx",
            "rules": [
                {
                    "host": "*.example.org",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {
                                    "service": {"name": "web", "port": {"number": 80}}
                                },
                            }
                        ]
                    },
                }
            ],
        },
    },
    "NetworkPolicy": {
        "kind": "NetworkPolicy",
        "metadata": {"name": "web.front"},
        "spec": {
            "podSelector": {
                "matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]
            },
            "policyTypes": ["Ingress"],
            "ingress": [
                {
                    "from": [
                        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}
                    ],
                    "ports": [{"port": 80, "endPort": 90}, {"port": "http"}],
                }
            ],
        },
    },
    "ConfigMap": {
        "kind": "ConfigMap",
        "metadata": {"name": "conf.d"},
        "data": {"nginx.conf": "x"},
        "binaryData": {"logo": "AAEC"},
    },
    "Secret": {
        "kind": "Secret",
        "metadata": {"name": "tls"},
        "type": "kubernetes.io/tls",
        "data": {"tls.crt": "AAEC", "tls.key": "AAEC"},
    },
    "PersistentVolumeClaim": {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    },
    "PersistentVolume": {
        "kind": "PersistentVolume",
        "metadata": {"name": "nfs"},
        "spec": {"accessModes": ["ReadWriteMany"], "capacity": {"storage": "1Gi"}},
    },
}
_POD = "spec/template/spec"
_BOX = f"{_POD}/containers/0"
_RULE = "spec/rules/0"
_PATH = f"{_RULE}/http/paths/0"
_IN = "spec/ingress/0"

# Which kind, what is put where, a word of the problem.
BAD: list[tuple[str, str, object, str]] = [
    ("Deployment", "metadata/name", "a.b", "DNS label"),
    ("Deployment", "metadata/namespace", "My", "namespace"),
    ("Deployment", "spec/replicas", -1, "replicas"),
    ("Deployment", "spec/replicas", "2", "replicas"),
    ("Deployment", "spec/selector/matchLabels", {"app": "x"}, "does not match"),
    ("Deployment", "spec/strategy", {"type": "recreate"}, "type"),
    ("Deployment", "spec/strategy/type", "Recreate", "beside Recreate"),
    ("Deployment", "spec/strategy/rollingUpdate/maxSurge", "25", "maxSurge"),
    (
        "Deployment",
        "spec/strategy/rollingUpdate",
        {"maxSurge": 0, "maxUnavailable": 0},
        "neither",
    ),
    ("Deployment", f"{_POD}/restartPolicy", "OnFailure", "kept running"),
    ("Deployment", f"{_POD}/restartPolicy", "always", "restartPolicy"),
    ("Deployment", f"{_POD}/dnsPolicy", "None", "without a server"),
    ("Deployment", f"{_POD}/dnsPolicy", "none", "dnsPolicy"),
    ("Deployment", f"{_POD}/subdomain", "a.b", "subdomain"),
    ("Deployment", f"{_POD}/terminationGracePeriodSeconds", -1, "Grace"),
    ("Deployment", f"{_POD}/securityContext", {"supplementalGroups": [-1]}, "Groups"),
    ("Deployment", f"{_POD}/hostAliases", [{"ip": "host-gateway"}], "no address"),
    ("Deployment", f"{_POD}/initContainers/0/name", "web", "duplicate"),
    ("Deployment", f"{_POD}/initContainers/0/livenessProbe", {}, "that ends"),
    ("Deployment", f"{_POD}/volumes/0/configMap/defaultMode", 0o7777, "defaultMode"),
    ("Deployment", f"{_POD}/volumes/0/configMap/items/0/path", "../x", "path"),
    ("Deployment", f"{_POD}/volumes/0/configMap/items/0/key", "a/b", "bad key"),
    ("Deployment", f"{_POD}/volumes/0/secret", {"secretName": "s"}, "2 sources"),
    ("Deployment", f"{_BOX}/image", "Web", "capitals"),
    ("Deployment", f"{_BOX}/image", "", "missing"),
    ("Deployment", f"{_BOX}/imagePullPolicy", "always", "imagePullPolicy"),
    ("Deployment", f"{_BOX}/command", "serve", "list of texts"),
    ("Deployment", f"{_BOX}/args", ["a", 5], "list of texts"),
    ("Deployment", f"{_BOX}/env/0/value", 8080, "no text"),
    ("Deployment", f"{_BOX}/env/0/name", "", "bad name"),
    ("Deployment", f"{_BOX}/env/1/value", "x", "a value and a source"),
    ("Deployment", f"{_BOX}/env/1/valueFrom", {}, "0 sources"),
    ("Deployment", f"{_BOX}/env/1/valueFrom/secretKeyRef/key", "a/b", "bad key"),
    ("Deployment", f"{_BOX}/env/2/valueFrom/fieldRef/fieldPath", "x", "fieldPath"),
    ("Deployment", f"{_BOX}/ports/0/name", "prometheus-metrics", "bad name"),
    ("Deployment", f"{_BOX}/ports/0/name", "8080", "bad name"),
    ("Deployment", f"{_BOX}/ports/0/name", "Http", "bad name"),
    ("Deployment", f"{_BOX}/ports/1/name", "http", "duplicate"),
    ("Deployment", f"{_BOX}/ports/1/containerPort", 80, "duplicate"),
    ("Deployment", f"{_BOX}/ports/1/containerPort", "81", "containerPort"),
    ("Deployment", f"{_BOX}/ports/1", {}, "no containerPort"),
    ("Deployment", f"{_BOX}/volumeMounts/0/name", "gone", "no volume"),
    ("Deployment", f"{_BOX}/resources/limits/memory", "512m", "less than a byte"),
    ("Deployment", f"{_BOX}/resources/limits/memory", "512MB", "quantity"),
    ("Deployment", f"{_BOX}/resources/limits/memory", "-1", "quantity"),
    ("Deployment", f"{_BOX}/resources/limits/nvidia.com~gpu", "500m", "whole number"),
    ("Deployment", f"{_BOX}/resources/requests/cpu", "1001m", "above its limit"),
    ("Deployment", f"{_BOX}/livenessProbe/successThreshold", 2, "successThreshold"),
    ("Deployment", f"{_BOX}/livenessProbe/exec/command", [], "no command"),
    ("Deployment", f"{_BOX}/livenessProbe/tcpSocket", {"port": 1}, "2 handlers"),
    ("Deployment", f"{_BOX}/livenessProbe", {"periodSeconds": 1}, "0 handlers"),
    ("Deployment", f"{_BOX}/livenessProbe/periodSeconds", 0.5, "periodSeconds"),
    ("Deployment", f"{_BOX}/readinessProbe/tcpSocket/port", 0, "port 0"),
    ("Deployment", f"{_BOX}/lifecycle/preStop", {}, "0 handlers"),
    (
        "Deployment",
        f"{_BOX}/securityContext/seccompProfile/type",
        "Localhost",
        "goes with",
    ),
    ("Deployment", f"{_BOX}/securityContext/runAsUser", "root", "runAsUser"),
    ("StatefulSet", "spec/serviceName", "", "serviceName"),
    ("StatefulSet", "spec/updateStrategy", {"type": "Recreate"}, "type"),
    ("DaemonSet", "spec/replicas", 1, "not in a DaemonSet"),
    ("DaemonSet", "spec/updateStrategy/type", "Recreate", "type"),
    ("Job", "spec/template/spec/restartPolicy", "Always", "in a Job"),
    ("Job", "spec/backoffLimit", -1, "backoffLimit"),
    ("Job", "spec/completions", "all", "completions"),
    ("CronJob", "metadata/name", "n" * 53, "52"),
    ("CronJob", "spec/schedule", "every day", "schedule"),
    ("CronJob", "spec/concurrencyPolicy", "forbid", "concurrencyPolicy"),
    ("Service", "metadata/name", "a.b", "DNS label"),
    ("Service", "metadata/name", "a" * 64, "DNS label"),
    ("Service", "spec/type", "Nodeport", "type"),
    ("Service", "spec/type", "ClusterIP", "no node opens"),
    ("Service", "spec/clusterIP", "None", "None in a Service"),
    ("Service", "spec/clusterIP", "10.0.0", "clusterIP"),
    ("Service", "spec/ports/1/name", "", "no name"),
    ("Service", "spec/ports/1/name", "a", "duplicate"),
    ("Service", "spec/ports/1", {"name": "b", "port": 80}, "duplicate"),
    ("Service", "spec/ports/1/port", 70000, "port 70000"),
    ("Service", "spec/ports/1/targetPort", "0", "targetPort"),
    ("Service", "spec/ports/1/nodePort", 80, "nodePort 80"),
    ("Service", "spec/ports/1/protocol", "udp", "protocol"),
    ("Service", "spec/sessionAffinity", "Cookie", "sessionAffinity"),
    ("Service", "spec/ports", [], "not headless"),
    ("Ingress", "spec", {}, "neither rules"),
    ("Ingress", f"{_RULE}/host", "example.org:80", "host"),
    ("Ingress", f"{_RULE}/host", "192.0.2.1", "host"),
    ("Ingress", f"{_RULE}/host", "my_app.org", "host"),
    ("Ingress", f"{_PATH}/path", "api", "absolute"),
    ("Ingress", f"{_PATH}/pathType", "prefix", "pathType"),
    ("Ingress", f"{_PATH}/backend/service/port", {}, "no port"),
    ("Ingress", f"{_PATH}/backend/service/name", "My", "backend"),
    ("Ingress", f"{_PATH}/backend/service/port/name", "http", "number and a name"),
    ("Ingress", "spec/ingressClassName", "Nginx", "ingressClassName"),
    ("NetworkPolicy", "spec/policyTypes", ["ingress"], "policyTypes"),
    ("NetworkPolicy", "spec/egress", [{}], "without Egress"),
    ("NetworkPolicy", f"{_IN}/ports/0/protocol", "tcp", "protocol"),
    ("NetworkPolicy", f"{_IN}/ports/0/port", 0, "port 0"),
    ("NetworkPolicy", f"{_IN}/ports/0/port", "80", "port '80'"),
    ("NetworkPolicy", f"{_IN}/ports/0/endPort", 79, "before port"),
    ("NetworkPolicy", f"{_IN}/ports/1/endPort", 79, "without a number"),
    ("NetworkPolicy", f"{_IN}/from/0/ipBlock/cidr", "10.0.0.0", "bad range"),
    ("NetworkPolicy", f"{_IN}/from/0/ipBlock/except", ["11.0.0.0/8"], "no part"),
    ("NetworkPolicy", f"{_IN}/from/0/ipBlock/except", ["10.0.0.0/8"], "no part"),
    ("NetworkPolicy", f"{_IN}/from/0/podSelector", {}, "beside a selector"),
    ("NetworkPolicy", f"{_IN}/from/0", {}, "empty peer"),
    (
        "NetworkPolicy",
        "spec/podSelector/matchExpressions/0/operator",
        "in",
        "operator",
    ),
    ("NetworkPolicy", "spec/podSelector/matchExpressions/0/values", [], "0 values"),
    ("ConfigMap", "data", {"a/b": "x"}, "bad key"),
    ("ConfigMap", "data", {"..": "x"}, "bad key"),
    ("ConfigMap", "data", {"a": 5}, "no text"),
    ("ConfigMap", "data", {"logo": "x"}, "in binaryData, too"),
    ("ConfigMap", "data", {"a": "x" * (1 << 20)}, "bytes"),
    ("ConfigMap", "binaryData", {"a": "x!"}, "base64"),
    ("Secret", "data/tls.crt", "x!", "base64"),
    ("Secret", "data", {"tls.crt": ""}, "needs 'tls.key'"),
    ("PersistentVolumeClaim", "spec/accessModes", [], "accessModes"),
    (
        "PersistentVolumeClaim",
        "spec/accessModes",
        ["ReadWriteOncePod", "ReadWriteMany"],
        "beside another",
    ),
    ("PersistentVolumeClaim", "spec/resources/requests/storage", "0", "is nothing"),
    ("PersistentVolumeClaim", "spec/resources/requests/storage", "10GB", "quantity"),
    ("PersistentVolume", "spec/capacity/storage", "", "quantity"),
]


def _put(manifest: dict, path: str, value: object) -> None:
    *steps, last = path.split("/")
    here = manifest
    for step in steps:
        here = here[int(step) if step.isdecimal() else step]
    here[int(last) if last.isdecimal() else last.replace("~", "/")] = value


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_object_has_no_problem(kind):
    assert problems([GOOD[kind]]) == []


@pytest.mark.parametrize(
    ("kind", "path", "value", "word"), BAD, ids=[f"{r[0]}-{r[1]}-{r[3]}" for r in BAD]
)
def test_one_fault_is_one_problem(kind, path, value, word):
    manifest = copy.deepcopy(GOOD[kind])
    _put(manifest, path, value)
    assert any(word in problem for problem in problems([manifest]))

"""The objects that waiting needs: init containers, names of the ready, a right to look.

```
 pod web   initContainers: wait-for-db, wait-for-migrate ─┬─ DNS: Service db-ready
                                                          └─ API: ServiceAccount
           volume wait-token: into wait-for-migrate only         Role, RoleBinding
```

Invariants: the program's own containers get no token; the Role allows to look at the
Jobs that are waited for, and nothing else. Docker's engine does this waiting itself.
"""

from collections.abc import Collection, Iterator

from k8s_bridge.mapping.part import Fields
from k8s_bridge.mapping.plan import NAME_LABEL, Plan, PlannedPod
from k8s_bridge.mapping.waiting import Wait, Waits
from k8s_bridge.names import assign

__all__ = ["gate_containers", "gate_objects", "gate_volumes"]

_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  # a path


def gate_containers(
    pod: PlannedPod, plan: Plan, waits: Waits, token: str
) -> list[Fields]:
    """The init containers of a pod; ``token`` is the volume of :func:`gate_volumes`."""
    return [
        _job(wait, plan, token) if wait.job else _ready(wait, plan, waits)
        for wait in waits.steps_of(pod)
    ]


def _ready(wait: Wait, plan: Plan, waits: Waits) -> Fields:
    """Asks by the C library: only that follows the search list of a pod for sure."""
    name = waits.ready[wait.peer]
    return {
        "name": wait.container,
        "image": plan.options.wait_image,
        "command": ["sh", "-c", f"until getent hosts {name}; do sleep 1; done"],
    }


def _job(wait: Wait, plan: Plan, token: str) -> Fields:
    words = ["kubectl", "wait", "--for=condition=complete", "--timeout=-1s"]
    return {
        "name": wait.container,
        "image": plan.options.kubectl_image,
        "command": [*words, f"job/{wait.peer}"],
        "volumeMounts": [{"name": token, "mountPath": _TOKEN, "readOnly": True}],
    }


def gate_volumes(
    pod: PlannedPod, waits: Waits, taken: Collection[str]
) -> tuple[str, list[Fields]]:
    """The name of the volume with the token, and the volume; "" and none without."""
    if not waits.watches(pod):
        return "", []
    name = assign(["wait-token"], taken=taken)["wait-token"]
    namespace = {"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}
    certificate = {"key": "ca.crt", "path": "ca.crt"}
    sources: list[Fields] = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [certificate]}},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return name, [{"name": name, "projected": {"sources": sources}}]


def gate_objects(plan: Plan, waits: Waits) -> Iterator[Fields]:
    """The Services of the ready, and what lets pods look at Jobs."""
    for peer, name in waits.ready.items():
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"clusterIP": "None", "selector": {NAME_LABEL: peer}},
        }
    if waits.jobs:
        yield from _rights(plan, waits)


def _rights(plan: Plan, waits: Waits) -> Iterator[Fields]:
    group, metadata = "rbac.authorization.k8s.io", {"name": waits.account}
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": waits.account},
        "automountServiceAccountToken": False,
    }
    rule: Fields = {
        "apiGroups": ["batch"],
        "resources": ["jobs"],
        "resourceNames": list(waits.jobs),
        "verbs": ["get", "list", "watch"],
    }
    yield {
        "apiVersion": f"{group}/v1",
        "kind": "Role",
        "metadata": dict(metadata),
        "rules": [rule],
    }
    # The API server wants a namespace here, and fills in none.
    namespace = plan.options.namespace or "default"
    subject = {"kind": "ServiceAccount", "name": waits.account, "namespace": namespace}
    yield {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": dict(metadata),
        "roleRef": {"apiGroup": group, "kind": "Role", "name": waits.account},
        "subjects": [subject],
    }

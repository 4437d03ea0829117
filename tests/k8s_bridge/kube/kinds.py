"""Which kinds the double has, and how discovery and OpenAPI tell of them."""

from typing import NamedTuple


class Kind(NamedTuple):
    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    short: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


KINDS = (
    Kind("", "v1", "Namespace", "namespaces", False, ("ns",)),
    Kind("", "v1", "ConfigMap", "configmaps", True, ("cm",)),
    Kind("", "v1", "Secret", "secrets", True),
    Kind("", "v1", "Service", "services", True, ("svc",)),
    Kind("", "v1", "ServiceAccount", "serviceaccounts", True, ("sa",)),
    Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", True, ("pvc",)),
    Kind("", "v1", "PersistentVolume", "persistentvolumes", False, ("pv",)),
    Kind("", "v1", "Pod", "pods", True, ("po",)),
    Kind("apps", "v1", "Deployment", "deployments", True, ("deploy",)),
    Kind("apps", "v1", "StatefulSet", "statefulsets", True, ("sts",)),
    Kind("apps", "v1", "DaemonSet", "daemonsets", True, ("ds",)),
    Kind("batch", "v1", "Job", "jobs", True),
    Kind("batch", "v1", "CronJob", "cronjobs", True, ("cj",)),
    Kind(
        "networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", True, ("netpol",)
    ),
    Kind("networking.k8s.io", "v1", "Ingress", "ingresses", True, ("ing",)),
    Kind("rbac.authorization.k8s.io", "v1", "Role", "roles", True),
    Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", True),
)
VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]


def by_plural(group: str, version: str, plural: str) -> Kind | None:
    wanted = (group, version, plural)
    return next((k for k in KINDS if (k.group, k.version, k.plural) == wanted), None)


def groups() -> list[tuple[str, str]]:
    return sorted({(k.group, k.version) for k in KINDS if k.group})


def group_list() -> dict:
    items = []
    for group, version in groups():
        one = {"groupVersion": f"{group}/{version}", "version": version}
        items.append({"name": group, "versions": [one], "preferredVersion": one})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": items}


def resource_list(group: str, version: str) -> dict | None:
    resources = [
        {
            "name": k.plural,
            "singularName": k.kind.lower(),
            "namespaced": k.namespaced,
            "kind": k.kind,
            "verbs": VERBS,
            "shortNames": list(k.short),
        }
        for k in KINDS
        if (k.group, k.version) == (group, version)
    ]
    if not resources:
        return None
    name = f"{group}/{version}" if group else version
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": name,
        "resources": resources,
    }


def openapi_index() -> dict:
    names = ["api/v1", *(f"apis/{group}/{version}" for group, version in groups())]
    return {"paths": {n: {"serverRelativeURL": f"/openapi/v3/{n}"} for n in names}}


def openapi(name: str) -> dict:
    """Enough for kubectl to see that the server checks fields and can do dry runs."""
    paths: dict = {}
    parts = name.split("/")
    group, version = ("", parts[1]) if parts[0] == "api" else (parts[1], parts[2])
    for kind in KINDS:
        if (kind.group, kind.version) != (group, version):
            continue
        place = "/namespaces/{namespace}" if kind.namespaced else ""
        gvk = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        parameters = [
            {"name": word, "in": "query", "schema": {"type": "string"}}
            for word in ("dryRun", "fieldManager", "fieldValidation", "force")
        ]
        patch = {
            "parameters": parameters,
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind": gvk,
            "responses": {"200": {"description": "OK"}},
        }
        paths[f"/{name}{place}/{kind.plural}/{{name}}"] = {"patch": patch}
    info = {"title": "double", "version": "v1.37.0"}
    return {
        "openapi": "3.0.0",
        "info": info,
        "paths": paths,
        "components": {"schemas": {}},
    }

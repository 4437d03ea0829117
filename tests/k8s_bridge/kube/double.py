"""An API server for the tests: objects in memory, behind a real HTTP socket.

It knows what ``k8s-bridge`` and kubectl ask for: discovery, reading, lists by selector,
server-side apply with managedFields and conflicts, dry run, deletion with what belongs
to an object; and it has controllers that make pods, so that there is something to wait
for. What an API server says of bad requests, it says with the same statuses and reasons.
"""

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import kubernetes_validate
import yaml

from tests.k8s_bridge.kube import fieldsets
from tests.k8s_bridge.kube.kinds import (
    KINDS,
    Kind,
    by_plural,
    group_list,
    openapi,
    openapi_index,
    resource_list,
)

_SCHEMAS = "1.36"
_NOW = "2026-01-01T00:00:00Z"
_CONTROLLED = ("DaemonSet", "Deployment", "Job", "StatefulSet")


class Asked(NamedTuple):
    """A request about objects."""

    kind: Kind
    namespace: str
    name: str
    query: dict[str, str]
    content_type: str = ""
    body: bytes | str = b""


class Problem(Exception):
    """An answer that is no success."""

    def __init__(self, status, reason, message, causes=(), **details):
        super().__init__(message)
        self.status = status
        named = [{"reason": r, "message": m, "field": f} for r, m, f in causes]
        self.body = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "details": {**details, **({"causes": named} if named else {})},
            "code": status,
        }


class Double:
    """The objects, and what tests may turn: rights, tokens, warnings, slowness."""

    def __init__(self):
        self.objects = {}  # (kind, namespace, name): object
        self.forbidden = set()  # (verb, plural)
        self.token = ""  # the one that is wanted; "": none
        self.slow = 0  # how often a workload is looked at before it is ready
        self.busy = 0  # how many requests it refuses, for it has too much to do
        self.drop = ""  # a path whose answer is lost, although it is done
        self.warn = ""  # goes with every answer to a patch
        self.log = []  # (method, path, query)
        self.finalizer = ""  # of all that is made
        self._looks = {}
        self._number = 100
        self._lock = threading.Lock()
        for name in ("default", "kube-system"):
            self._put(_kind("Namespace"), _bare("Namespace", name))

    # What tests look at.

    def names(self, *kinds):
        return sorted(
            f"{k.kind}/{name}"
            for k, _, name in self.objects
            if not kinds or k.kind in kinds
        )

    def one(self, kind, name, namespace="default"):
        return self.objects[_kind(kind), namespace, name]

    def verbs(self):
        return [method for method, _, query in self.log if "dryRun" not in query]

    # The API.

    def answer(self, method, path, query, headers, body):
        with self._lock:
            self.log.append((method, path, query))
            if self.busy:
                self.busy -= 1
                raise Problem(429, "TooManyRequests", "please try again later")
            if self.token and headers.get("Authorization") != f"Bearer {self.token}":
                raise Problem(401, "Unauthorized", "Unauthorized")
            found = _discovery(path)
            if found is not None:
                return 200, found
            kind, namespace, name = _place(path)
            verb = {"GET": "get" if name else "list", "POST": "create"}.get(
                method, method.lower()
            )
            if (verb, kind.plural) in self.forbidden:
                where = f' in the namespace "{namespace}"' if namespace else ""
                text = f'{kind.plural} "{name}" is forbidden: User "anna" cannot {verb} resource "{kind.plural}" in API group "{kind.group}"{where}'
                raise Problem(403, "Forbidden", text)
            asked = Asked(
                kind, namespace, name, query, headers.get("Content-Type", ""), body
            )
            return getattr(self, f"_{verb}")(asked)

    def _get(self, at):
        found = self._found(at.kind, at.namespace, at.name)
        self._settle(at.kind, found)
        return 200, found

    def _list(self, at):
        kind, namespace, query = at.kind, at.namespace, at.query
        items = []
        for (one, place, known), value in sorted(
            self.objects.items(), key=lambda item: item[0][1:]
        ):
            if one != kind or (namespace and place != namespace):
                continue
            if _selected(value, query.get("labelSelector", "")) and _fielded(
                known, query
            ):
                self._settle(kind, value)
                items.append(
                    {k: v for k, v in value.items() if k not in ("kind", "apiVersion")}
                )
        start, limit = int(query.get("continue") or 0), int(query.get("limit") or 0)
        end = start + limit if limit else len(items)
        more = {"continue": str(end)} if end < len(items) else {}
        meta = {"resourceVersion": str(self._number), **more}
        return 200, {
            "kind": f"{kind.kind}List",
            "apiVersion": kind.api_version,
            "metadata": meta,
            "items": items[start:end],
        }

    def _create(self, at):
        kind, namespace, query = at.kind, at.namespace, at.query
        value = self._checked(kind, namespace, yaml.safe_load(at.body))
        name = value["metadata"]["name"]
        if (kind, namespace, name) in self.objects:
            raise Problem(
                409, "AlreadyExists", f'{kind.plural} "{name}" already exists'
            )
        paths = set(fieldsets.leaves(value))
        value["metadata"]["managedFields"] = [_entry(query, "Update", kind, paths)]
        return 201, self._kept(kind, None, value, query)

    def _patch(self, at):
        kind, namespace, query, name = at.kind, at.namespace, at.query, at.name
        there = self.objects.get((kind, namespace, name))
        if not at.content_type.startswith("application/apply-patch+yaml"):
            if there is None:
                raise self._missing(kind, name)
            changed = _patched(there, json.loads(at.body))
            paths = {
                p
                for p, v in fieldsets.leaves(changed).items()
                if fieldsets.leaves(there).get(p, there) != v
            }
            entries = [
                _less(e, paths) for e in there["metadata"].get("managedFields", [])
            ]
            entries.append(_entry(query, "Update", kind, paths))
            changed["metadata"]["managedFields"] = [e for e in entries if e["fieldsV1"]]
            return 200, self._kept(kind, there, changed, query)
        applied = self._checked(kind, namespace, yaml.safe_load(at.body))
        if applied["metadata"]["name"] != name:
            raise Problem(
                400,
                "BadRequest",
                "the name of the object does not match the name on the URL",
            )
        value = self._applied(kind, there, applied, query)
        return 201 if there is None else 200, self._kept(kind, there, value, query)

    def _delete(self, at):
        kind, namespace, query, name = at.kind, at.namespace, at.query, at.name
        found = self._found(kind, namespace, name)
        options = json.loads(at.body) if at.body else {}
        uid = (options.get("preconditions") or {}).get("uid")
        if uid and uid != found["metadata"]["uid"]:
            text = f'Operation cannot be fulfilled on {kind.plural} "{name}": the UID in the precondition ({uid}) does not match'
            raise Problem(409, "Conflict", text)
        if query.get("dryRun") != "All" and not options.get("dryRun"):
            if found["metadata"].get("finalizers"):
                found["metadata"]["deletionTimestamp"] = _NOW
            else:
                self._removed(kind, namespace, name)
        details = {"name": name, "kind": kind.plural, "uid": found["metadata"]["uid"]}
        return 200, {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Success",
            "details": details,
        }

    def _removed(self, kind, namespace, name):
        uid = self.objects.pop((kind, namespace, name))["metadata"]["uid"]
        for key, value in list(self.objects.items()):
            owners = value["metadata"].get("ownerReferences", [])
            if any(owner["uid"] == uid for owner in owners):
                self.objects.pop(key, None)

    def _found(self, kind, namespace, name):
        found = self.objects.get((kind, namespace, name))
        if found is None:
            raise self._missing(kind, name)
        return found

    def _missing(self, kind, name):
        group = f".{kind.group}" if kind.group else ""
        return Problem(404, "NotFound", f'{kind.plural}{group} "{name}" not found')

    def _checked(self, kind, namespace, value):
        """What is sent, with its namespace; refused as an API server refuses it."""
        if not isinstance(value, dict) or value.get("kind") != kind.kind:
            raise Problem(400, "BadRequest", f"the object provided is no {kind.kind}")
        name = value.get("metadata", {}).get("name", "")
        if kind.namespaced:
            if (_kind("Namespace"), "", namespace) not in self.objects:
                raise Problem(404, "NotFound", f'namespaces "{namespace}" not found')
            place = value["metadata"].setdefault("namespace", namespace)
            if place != namespace:
                raise Problem(
                    400,
                    "BadRequest",
                    "the namespace of the provided object does not match the namespace sent on the request",
                )
        self._validated(kind, name, value)
        return value

    def _validated(self, kind, name, value):
        shown = copy.deepcopy(value)
        shown["metadata"].pop("managedFields", None)
        try:
            kubernetes_validate.validate(shown, _SCHEMAS, strict=True)
        except kubernetes_validate.ValidationError as error:
            path = ".".join(str(part) for part in error.path)
            if "unexpected" not in error.message:
                self._invalid(kind, name, path, error.message)
            field = error.message.split("'")[1]
            # Server-side apply does not say that this is the caller's fault.
            text = f"failed to create typed patch object ({name}; {kind.api_version}, Kind={kind.kind}): .{path}{field}: field not declared in schema"
            raise Problem(500, "", text) from None
        spec = value.get("spec") or {}
        if (
            kind.kind == "Service"
            and spec.get("clusterIP") != "None"
            and not spec.get("ports")
        ):
            self._invalid(kind, name, "spec.ports", "Required value")
        if name != name.lower() or "_" in name:
            self._invalid(
                kind,
                name,
                "metadata.name",
                f'Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters',
            )

    def _invalid(self, kind, name, path, message):
        text = f'{kind.kind} "{name}" is invalid: {path}: {message}'
        raise Problem(
            422, "Invalid", text, [("FieldValueInvalid", message, path)], name=name
        )

    def _applied(self, kind, there, applied, query):
        """The object after apply, with managedFields; or the conflicts."""
        manager = query["fieldManager"]
        wanted = fieldsets.leaves(applied)
        live = there or _bare(
            kind.kind,
            applied["metadata"]["name"],
            applied["metadata"].get("namespace", ""),
        )
        entries = live["metadata"].get("managedFields", [])
        current = fieldsets.leaves(live)
        mine = next(
            (
                e
                for e in entries
                if e["manager"] == manager and e["operation"] == "Apply"
            ),
            None,
        )
        others = [e for e in entries if e is not mine]
        changed = {p for p, v in wanted.items() if p in current and current[p] != v}
        conflicts = [
            (
                "FieldManagerConflict",
                f'conflict with "{e["manager"]}" using {kind.api_version}',
                fieldsets.dotted(path),
            )
            for e in others
            for path in sorted(fieldsets.from_fields(e["fieldsV1"]) & changed)
        ]
        if conflicts and query.get("force") != "true":
            told = ", ".join(f"{text}: {field}" for _, text, field in conflicts)
            text = f"Apply failed with {len(conflicts)} conflict{'s' * (len(conflicts) > 1)}: {told}"
            raise Problem(409, "Conflict", text, conflicts)
        value = fieldsets.merged(live, applied)
        elsewhere = set().union(
            *(fieldsets.from_fields(e["fieldsV1"]) for e in others), set()
        )
        left = fieldsets.from_fields(mine["fieldsV1"]) if mine else set()
        for path in sorted(left - set(wanted) - elsewhere):
            value = fieldsets.without(kind.kind, value, path)
        kept = [_less(e, changed) for e in others]
        value["metadata"]["managedFields"] = [
            *(e for e in kept if e["fieldsV1"]),
            _entry(query, "Apply", kind, set(wanted)),
        ]
        return value

    def _kept(self, kind, there, value, query):
        """Keeps it, unless it is a dry run, with what a server adds."""
        value = _defaulted(kind, copy.deepcopy(value))
        if there is not None and kind.kind in ("Job", "Pod"):
            place = "template" if kind.kind == "Job" else "containers"
            if _images(there["spec"][place]) != _images(value["spec"][place]):
                text = (
                    "field is immutable"
                    if kind.kind == "Job"
                    else "Forbidden: pod updates may not change fields other than image"
                )
                self._invalid(kind, value["metadata"]["name"], f"spec.{place}", text)
        if self.finalizer and there is None:
            value["metadata"]["finalizers"] = [self.finalizer]
        if query.get("dryRun") == "All":
            value["metadata"].setdefault("uid", "dry-run")
            return value
        return self._put(kind, value)

    def _put(self, kind, value):
        meta = value["metadata"]
        key = (kind, meta.get("namespace", ""), meta["name"])
        there = self.objects.get(key)
        if there is not None and _bodies(there) == _bodies(value):
            return there
        self._number += 1
        meta.setdefault("uid", f"uid-{self._number}")
        meta.setdefault("creationTimestamp", _NOW)
        meta["resourceVersion"] = str(self._number)
        changed = there is None or there.get("spec") != value.get("spec")
        meta["generation"] = meta.get("generation", 0) + changed
        self.objects[key] = value
        self._looks[key] = 0
        self._controlled(kind, value)
        return value

    # The controllers.

    def _controlled(self, kind, value):
        spec, meta = value.get("spec") or {}, value["metadata"]
        if kind.kind == "Pod" and "status" not in value:
            value["status"] = _pod_status(spec)
        if kind.kind == "PersistentVolumeClaim":
            value.setdefault("status", {"phase": "Bound"})
        if kind.kind not in _CONTROLLED:
            return
        count = spec.get("replicas", 1)
        owner = {
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "name": meta["name"],
            "uid": meta["uid"],
        }
        template = spec["template"]
        for number in range(count):
            pod = _bare("Pod", f"{meta['name']}-{number}", meta["namespace"])
            pod["metadata"] |= {
                "labels": template["metadata"].get("labels", {}),
                "ownerReferences": [owner],
            }
            self._put(_kind("Pod"), pod | {"spec": copy.deepcopy(template["spec"])})
            for claim in spec.get("volumeClaimTemplates", ()):
                name = f"{claim['metadata']['name']}-{meta['name']}-{number}"
                made = _bare("PersistentVolumeClaim", name, meta["namespace"])
                own = (
                    claim["metadata"].get("labels", {})
                    | spec["selector"]["matchLabels"]
                )
                made["metadata"]["labels"] = own
                self._put(
                    _kind("PersistentVolumeClaim"), made | {"spec": claim["spec"]}
                )

    def _settle(self, kind, value):
        """The status, each time that it is looked at."""
        if kind.kind not in _CONTROLLED:
            return
        meta, spec = value["metadata"], value["spec"]
        key = (kind, meta["namespace"], meta["name"])
        self._looks[key] = self._looks.get(key, 0) + 1
        images = _images(spec["template"])
        up = self._looks[key] > self.slow and not any(
            "broken" in image for image in images
        )
        count = spec.get("replicas", 1)
        there = count if up else 0
        value["status"] = {
            "observedGeneration": meta["generation"],
            "replicas": count,
            "updatedReplicas": count,
            "availableReplicas": there,
            "readyReplicas": there,
            "desiredNumberScheduled": count,
            "numberAvailable": there,
            "updatedNumberScheduled": count,
        }
        if kind.kind == "Job":
            done = [{"type": "Complete", "status": "True"}] if up else []
            value["status"] = {"active": 0 if up else 1, "conditions": done}


def _kind(kind: str) -> Kind:
    return next(k for k in KINDS if k.kind == kind)


def _bare(kind, name, namespace=""):
    place = {"namespace": namespace} if namespace else {}
    return {
        "apiVersion": _kind(kind).api_version,
        "kind": kind,
        "metadata": {"name": name, **place},
    }


def _bodies(value):
    """What counts as a change: neither the server's own, nor when fields were set."""
    body = {k: v for k, v in value.items() if k not in ("metadata", "status")}
    meta = value["metadata"]
    managed = [
        (e["manager"], json.dumps(e["fieldsV1"])) for e in meta.get("managedFields", ())
    ]
    return body, meta.get("labels"), meta.get("annotations"), managed


def _entry(query, operation, kind, paths):
    return {
        "manager": query.get("fieldManager") or "unknown",
        "operation": operation,
        "apiVersion": kind.api_version,
        "time": _NOW,
        "fieldsType": "FieldsV1",
        "fieldsV1": fieldsets.as_fields(paths),
    }


def _less(entry, paths):
    kept = fieldsets.from_fields(entry["fieldsV1"]) - paths
    return {**entry, "fieldsV1": fieldsets.as_fields(kept)}


def _patched(value, patch):
    """A merge patch, which is enough of strategic merge for what tests do."""
    if not isinstance(patch, dict) or not isinstance(value, dict):
        return patch
    result = dict(value)
    for key, part in patch.items():
        if part is None:
            result.pop(key, None)
        else:
            result[key] = _patched(result.get(key), part)
    return result


def _images(template):
    pod = (
        template.get("spec", template)
        if isinstance(template, dict)
        else {"containers": template}
    )
    return [
        c["image"] for key in ("initContainers", "containers") for c in pod.get(key, ())
    ]


def _pod_status(spec):
    states = [
        {
            "name": c["name"],
            "state": {
                "waiting": {
                    "reason": "ImagePullBackOff",
                    "message": f"no image {c['image']}",
                }
            },
        }
        for c in spec["containers"]
        if "broken" in c["image"]
    ]
    good = {"type": "Ready", "status": "False" if states else "True"}
    phase = "Pending" if states else "Running"
    return {"phase": phase, "conditions": [good], "containerStatuses": states}


def _defaulted(kind, value):
    spec = value.get("spec")
    if kind.kind == "Service":
        spec.setdefault("type", "ClusterIP")
        spec.setdefault("clusterIP", "10.96.0.10")
        for port in spec.get("ports", ()):
            port.setdefault("protocol", "TCP")
            port.setdefault("targetPort", port["port"])
    if kind.kind in ("Deployment", "StatefulSet"):
        spec.setdefault("replicas", 1)
    if kind.kind == "Secret" and value.get("stringData"):
        raise Problem(500, "InternalError", "the double does not know stringData")
    return value


def _selected(value, selector):
    labels = value["metadata"].get("labels", {})
    pairs = (part.split("=", 1) for part in selector.split(",") if part)
    return all(labels.get(key) == wanted.lstrip("=") for key, wanted in pairs)


def _fielded(name, query):
    wanted = query.get("fieldSelector", "")
    return not wanted or wanted == f"metadata.name={name}"


def _discovery(path):
    parts = [p for p in path.split("/") if p]
    if path == "/version":
        return {"major": "1", "minor": "37", "gitVersion": "v1.37.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        return group_list()
    if path == "/openapi/v3":
        return openapi_index()
    if path.startswith("/openapi/v3/"):
        return openapi(path.removeprefix("/openapi/v3/"))
    found = None
    if parts[0] == "api" and len(parts) == 2:
        found = resource_list("", parts[1])
    elif parts[0] == "apis" and len(parts) == 3:
        found = resource_list(parts[1], parts[2])
    return found


def _place(path):
    """The kind, namespace and name of a path."""
    parts = [p for p in path.split("/") if p]
    nothing = Problem(
        404, "NotFound", "the server could not find the requested resource"
    )
    size = {"api": 2, "apis": 3}.get(parts[0] if parts else "", 9)
    if len(parts) <= size:
        raise nothing
    group, version = ("", parts[1]) if size == 2 else (parts[1], parts[2])
    rest = parts[size:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    kind = by_plural(group, version, rest[0])
    if kind is None or len(rest) > 2:
        raise nothing
    return kind, namespace, rest[1] if len(rest) == 2 else ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece: else each answer waits for an ACK

    def _do(self):
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        double = self.server.double
        if query.get("watch") in ("1", "true"):
            status, value = 200, None
        else:
            try:
                status, value = double.answer(
                    self.command, parts.path, query, self.headers, body
                )
            except Problem as problem:
                status, value = problem.status, problem.body
        if self.command == "PATCH" and parts.path == double.drop:
            self.close_connection = True
            return
        data = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if double.warn and self.command == "PATCH":
            self.send_header("Warning", f'299 - "{double.warn}"')
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _do  # noqa: N815

    def log_message(self, *arguments):
        """Nothing: the double keeps its own log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def serving(double: Double) -> Iterator[str]:
    """The address of a server for it, on a free port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.double = double
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def kubeconfig(address: str, namespace: str = "", token: str = "") -> str:
    """A kubeconfig with one context, double."""
    place = {"namespace": namespace} if namespace else {}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "double",
            "clusters": [{"name": "double", "cluster": {"server": address}}],
            "users": [{"name": "anna", "user": {"token": token} if token else {}}],
            "contexts": [
                {
                    "name": "double",
                    "context": {"cluster": "double", "user": "anna", **place},
                }
            ],
        }
    )

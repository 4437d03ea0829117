"""A real cluster, through the official client.

```
 kubeconfig | in-cluster ─▶ Cluster ── GET, PATCH (apply), DELETE ──▶ API server
                              │ which kinds there are is asked once
                              ▼
                    plain manifests, or a refusal
```

This file touches sockets, files and the environment: a named shell. The client of
version 36 and later will do; it is imported when a cluster is asked for, not before.
Invariant: what is written goes through server-side apply as the field manager
``k8s-bridge``, and is removed by its uid.
"""

import json
import os
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn, Protocol, cast

from k8s_bridge.answers import refused, unreachable
from k8s_bridge.documents import values_of
from k8s_bridge.kubeconfig import Chosen, chosen_context
from k8s_bridge.manifests import Manifest
from k8s_bridge.mapping.labels import MANAGER
from k8s_bridge.ownership import key_of
from minidock.errors import Forbidden, InvalidParameter, NotFound, Refusal, Unclassified

__all__ = ["Cluster", "connect"]

_TIMES = (10, 60)  # seconds to connect, and for an answer
_PAGE = 500  # objects of a list in one answer
_BUSY = 429  # the server has too much to do, and has done nothing
_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds before it is asked again
_DELETED = "Background"  # what belongs to the object goes after it
_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class _Answer(Protocol):
    """What the official client's transport gives."""

    data: bytes
    headers: dict[str, str]


class _Kind(NamedTuple):
    """How a kind is called in paths."""

    plural: str
    namespaced: bool


class Cluster:
    """A cluster; see :class:`k8s_bridge.applying.Server`.

    Args:
        ask: sends a request: method, path, query, body, content type.
        host: its address, for texts.
        namespace: where objects go that do not say it themselves.
        pause: waits for some seconds, where the server has too much to do.
    """

    def __init__(
        self,
        ask: Callable[..., _Answer],
        *,
        host: str,
        namespace: str,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._ask = ask
        self._pause = pause
        self._kinds: dict[str, dict[str, _Kind]] = {}
        self.host = host
        self.namespace = namespace

    def is_namespaced(self, manifest: Manifest) -> bool:
        """Whether objects of this kind are in a namespace; asks once for a group."""
        return self._kind(*_type(manifest)).namespaced

    def get(self, manifest: Manifest) -> Manifest | None:
        """The live object of that kind, namespace and name; None if there is none."""
        path = self._path(manifest)
        try:
            return self._json("GET", path, f"look at {key_of(manifest)}")
        except NotFound:
            return None

    def find(
        self, api_version: str, kind: str, namespace: str, labels: str = ""
    ) -> list[Manifest]:
        """The live objects of a kind; asks page by page."""
        path = self._folder(api_version, kind, namespace)
        query = [
            ("limit", str(_PAGE)),
            *([("labelSelector", labels)] if labels else []),
        ]
        objects: list[Manifest] = []
        more = ""
        while True:
            page = [*query, *([("continue", more)] if more else [])]
            answer = self._json("GET", path, f"list {kind}s in {namespace}", page)
            # A list does not say of each item what it is.
            head: Manifest = {"apiVersion": api_version, "kind": kind}
            objects += [{**head, **item} for item in _items(answer)]
            metadata = answer.get("metadata")
            more = (
                str(metadata.get("continue") or "")
                if isinstance(metadata, dict)
                else ""
            )
            if not more:
                return objects

    def apply(
        self, manifest: Manifest, *, force: bool = False, dry_run: bool = False
    ) -> tuple[Manifest, tuple[str, ...]]:
        """The object as it is after server-side apply, and the server's warnings."""
        query = [
            ("fieldManager", MANAGER),
            ("fieldValidation", "Strict"),
            ("force", "true" if force else "false"),
            *([("dryRun", "All")] if dry_run else []),
        ]
        secret = manifest.get("kind") == "Secret"
        asked = f"apply {key_of(manifest)}"
        answer = self._request(
            "PATCH",
            self._path(manifest),
            asked,
            query,
            manifest,  # as JSON, which is YAML
            content_type="application/apply-patch+yaml",
            secret=secret,
        )
        return _object(answer, asked), tuple(_warnings(answer))

    def delete(self, live: Manifest, *, dry_run: bool = False) -> None:
        """Removes this very object, and what belongs to it; gone already is well."""
        metadata = cast("dict[str, object]", live["metadata"])
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": _DELETED,
            "preconditions": {"uid": metadata["uid"]},
        }
        query = [("dryRun", "All")] if dry_run else []
        path = self._path(live)
        try:
            self._json("DELETE", path, f"delete {key_of(live)}", query, body)
        except NotFound:
            return

    def has_namespace(self, name: str) -> bool:
        """Whether it is there; True, too, where one may not look."""
        try:
            self._json("GET", f"/api/v1/namespaces/{name}", f"look at {name}")
        except NotFound:
            return False
        except Forbidden:
            return True
        return True

    def create_namespace(self, name: str, *, dry_run: bool = False) -> None:
        """Makes a namespace. It has no label of ours: to delete it is not our part."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        query = [("fieldManager", MANAGER), *([("dryRun", "All")] if dry_run else [])]
        asked = f"create the namespace {name}"
        self._json("POST", "/api/v1/namespaces", asked, query, body)

    def _kind(self, api_version: str, kind: str) -> _Kind:
        if api_version not in self._kinds:
            asked = f"ask which kinds {api_version} has"
            self._kinds[api_version] = self._known(api_version, asked)
        known = self._kinds[api_version]
        if kind not in known:
            raise NotFound(
                f"this cluster has no {kind} in {api_version}",
                asked=f"use {kind} of {api_version}",
                rule=f"{api_version} has: {', '.join(sorted(known)) or 'nothing'}",
                remedy="kubectl api-resources shows what the cluster has",
            )
        return known[kind]

    def _known(self, api_version: str, asked: str) -> dict[str, _Kind]:
        try:
            answer = self._json("GET", _root(api_version), asked)
        except NotFound:
            return {}
        resources = answer.get("resources")
        return {
            str(resource["kind"]): _Kind(
                str(resource["name"]), bool(resource["namespaced"])
            )
            for resource in (resources if isinstance(resources, list) else ())
            if "/" not in resource["name"]  # pods/log and the like
        }

    def _folder(self, api_version: str, kind: str, namespace: str) -> str:
        known = self._kind(api_version, kind)
        place = f"/namespaces/{namespace}" if known.namespaced and namespace else ""
        return f"{_root(api_version)}{place}/{known.plural}"

    def _path(self, manifest: Manifest) -> str:
        key = key_of(manifest)
        namespace = key.namespace or self.namespace
        return f"{self._folder(*_type(manifest), namespace)}/{key.name}"

    def _json(
        self,
        method: str,
        path: str,
        asked: str,
        query: Iterable[tuple[str, str]] = (),
        body: object = None,
    ) -> Manifest:
        return _object(self._request(method, path, asked, query, body), asked)

    def _request(
        self,
        method: str,
        path: str,
        asked: str,
        query: Iterable[tuple[str, str]] = (),
        body: object = None,
        *,
        content_type: str = "application/json",
        secret: bool = False,
    ) -> _Answer:
        for pause in (*_PAUSES, None):
            try:
                return self._ask(method, path, list(query), body, content_type)
            except Exception as error:  # noqa: BLE001  # two libraries', imported late
                if pause is None or getattr(error, "status", 0) != _BUSY:
                    _refuse(error, self.host, asked, secret=secret)
            self._pause(pause)
        raise AssertionError  # the last try returns or refuses


def _type(manifest: Manifest) -> tuple[str, str]:
    return str(manifest["apiVersion"]), str(manifest["kind"])


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _items(answer: Manifest) -> list[Manifest]:
    items = answer.get("items")
    return [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []


def _object(answer: _Answer, asked: str) -> Manifest:
    try:
        value = json.loads(answer.data)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Unclassified(
            "the answer is no JSON object",
            asked=asked,
            rule="an API server answers with JSON objects",
            remedy="kubectl cluster-info shows what is at that address",
        )
    return value


def _warnings(answer: _Answer) -> Iterable[str]:
    """The texts of the headers ``Warning: 299 - "text"``."""
    for part in (answer.headers.get("Warning") or "").split('299 - "')[1:]:
        yield part.rpartition('"')[0].replace('\\"', '"')


def _refuse(error: Exception, host: str, asked: str, *, secret: bool) -> NoReturn:
    api = import_module("kubernetes.client.exceptions").ApiException
    transport = import_module("urllib3.exceptions").HTTPError
    if isinstance(error, api) and error.status:
        body = error.body or b""
        data = body.encode() if isinstance(body, str) else body
        raise refused(int(error.status), data, asked, secret=secret) from error
    if isinstance(error, (api, transport, OSError)):
        raise unreachable(host, _reason(error), asked) from error
    raise error


def _reason(error: BaseException) -> str:
    """The innermost words: transports wrap one error in the other."""
    seen = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        inner = getattr(current, "reason", None)
        current = inner if isinstance(inner, BaseException) else current.__cause__
    for one in reversed(seen):
        text = str(getattr(one, "reason", "") or getattr(one, "strerror", "") or one)
        text = text.rpartition(": ")[2] if "Connection object" in text else text
        if text:
            return text.strip().lower() if text.isupper() else text.strip()
    return type(error).__name__


def connect(*, kubeconfig: str = "", context: str = "", namespace: str = "") -> Cluster:
    """The cluster that kubectl would talk to with these arguments.

    Args:
        kubeconfig: a file; "" is KUBECONFIG's files, or ~/.kube/config.
        context: its name; "" is the current one. Without any file, and inside a pod,
            it is the cluster that the pod runs in.
        namespace: "" is the context's, or default.

    Raises:
        NotFound: there is no kubeconfig, or no such context.
        Unclassified: the official client is not installed.
    """
    try:
        settings = import_module("kubernetes.client").Configuration()
    except ImportError as error:
        raise Unclassified(
            "the official Kubernetes client is not installed",
            asked="talk to a cluster",
            rule="it is done by the package 'kubernetes'",
            remedy="pip install 'minidock[k8s]'",
        ) from error
    settings.retries = 0  # a refused connection is told at once
    place = _configured(settings, kubeconfig, context)
    return Cluster(
        _asking(settings),
        host=str(settings.host),
        namespace=namespace or place or "default",
    )


def _configured(settings: object, kubeconfig: str, context: str) -> str:
    """Fills in where the cluster is and who we are; gives the context's namespace."""
    config = import_module("kubernetes.config")
    files = _files(kubeconfig)
    in_pod = "KUBERNETES_SERVICE_HOST" in os.environ
    try:
        if not files and in_pod and not context:
            config.load_incluster_config(client_configuration=settings)
            return _ACCOUNT.read_text(encoding="utf-8").strip()
        chosen = _chosen(files, kubeconfig, context)
        config.load_kube_config(
            os.pathsep.join(chosen.files),
            chosen.context,
            client_configuration=settings,
            persist_config=False,
        )
    except (config.ConfigException, OSError, KeyError, TypeError) as error:
        raise InvalidParameter(
            f"the kubeconfig cannot be used: {error}",
            asked="find the cluster",
            rule=str(error),
            remedy="kubectl config view shows what is in it",
        ) from error
    return chosen.namespace


def _files(kubeconfig: str) -> list[Path]:
    """Those that are there; one that is named by an argument must be."""
    named = [kubeconfig] if kubeconfig else _usual()
    files = [Path(name).expanduser() for name in named if name]
    if kubeconfig and not files[0].is_file():
        raise _no_kubeconfig(kubeconfig)
    return [file for file in files if file.is_file()]


def _usual() -> list[str]:
    said = os.environ.get("KUBECONFIG", "")
    return said.split(os.pathsep) if said else ["~/.kube/config"]


def _chosen(files: list[Path], kubeconfig: str, context: str) -> Chosen:
    if not files:
        raise _no_kubeconfig(kubeconfig or os.pathsep.join(_usual()))
    documents: list[tuple[str, object]] = []
    for file in files:
        values = values_of(file.read_bytes(), os.fspath(file))
        documents.append((os.fspath(file), values[0] if values else None))
    return chosen_context(documents, context)


def _no_kubeconfig(name: str) -> Refusal:
    return NotFound(
        f"there is no kubeconfig {name}",
        asked="find the cluster",
        rule="a kubeconfig says where the cluster is and who you are",
        remedy="--kubeconfig FILE, or KUBECONFIG, or ~/.kube/config",
    )


def _asking(settings: object) -> Callable[..., _Answer]:
    """A function that sends requests by the official client's own transport."""
    api = import_module("kubernetes.client").ApiClient(settings)
    dynamic = import_module("kubernetes.dynamic").DynamicClient
    client = dynamic(api, discoverer=lambda *_: None)  # what it looks up, we do

    def ask(
        method: str,
        path: str,
        query: list[tuple[str, str]],
        body: object,
        content_type: str,
    ) -> _Answer:
        return cast(
            "_Answer",
            client.request(
                method.lower(),
                path,
                body=body,  # the client makes JSON of it, of a text as well in 36
                query_params=query,
                header_params={},
                content_type=content_type,
                serialize=False,
                _request_timeout=_TIMES,
            ),
        )

    return ask

"""Bringing manifests into a cluster, and out of it: in which order, and what never.

```
 manifests ─▶ whose are they now? ─▶ apply, one after the other ─▶ prune ─▶ Change, ...
                │ foreign: refused          created, configured, unchanged, removed
                ▼ before anything is changed
```

A :class:`Server` is what these functions need of a cluster; the real one is in
``cluster``. Invariants: nothing is changed before all have been looked at; each Change
is given when it has happened, so that a stop in the middle hides nothing.
kubectl's words for this are *apply*, *prune*, *delete* and *diff*.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from k8s_bridge.differences import difference
from k8s_bridge.manifests import Manifest, ordered
from k8s_bridge.ownership import (
    INSTANCE_LABEL,
    Key,
    claims_of,
    foreign,
    instances_of,
    key_of,
    marked,
    removal,
    selector,
    why_kept,
)
from minidock.errors import Forbidden, InvalidParameter, NotFound

__all__ = [
    "MADE",
    "Change",
    "Found",
    "Server",
    "application_of",
    "apply_all",
    "delete_all",
    "differences_of",
    "found",
    "in_cluster",
    "look",
    "prepared",
]

# All that a translation makes, and where to look for it when pruning.
MADE = (
    ("v1", "ServiceAccount"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "PersistentVolumeClaim"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("v1", "Service"),
    ("batch/v1", "CronJob"),
    ("batch/v1", "Job"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "Deployment"),
    ("v1", "Pod"),
    ("networking.k8s.io/v1", "Ingress"),
)


class Server(Protocol):
    """What is asked of a cluster. Every method may refuse."""

    @property
    def namespace(self) -> str:
        """Where objects go that do not say it themselves."""

    def is_namespaced(self, manifest: Manifest) -> bool:
        """Whether objects of this kind are in a namespace."""

    def get(self, manifest: Manifest) -> Manifest | None:
        """The live object of that kind, namespace and name."""

    def find(
        self, api_version: str, kind: str, namespace: str, labels: str = ""
    ) -> list[Manifest]:
        """The live objects of a kind; fewer by a label selector."""

    def apply(
        self, manifest: Manifest, *, force: bool = False, dry_run: bool = False
    ) -> tuple[Manifest, tuple[str, ...]]:
        """The object as it is after applying, and what the server warned of."""

    def delete(self, live: Manifest, *, dry_run: bool = False) -> None:
        """Removes this very object; one of that name made since then stays."""


class Change(NamedTuple):
    """What happened to an object, and what the server warned of."""

    verb: str
    key: Key
    warnings: tuple[str, ...] = ()
    manifest: Manifest | None = None

    def __str__(self) -> str:
        return f"{self.key} {self.verb}"


class Found(NamedTuple):
    """What is there of an application, and which kinds one may not look at."""

    objects: tuple[Manifest, ...]
    unseen: tuple[str, ...] = ()


def prepared(
    manifests: Sequence[Manifest], server: Server, instance: str = ""
) -> tuple[Manifest, ...]:
    """The manifests in order, with our labels and each in its namespace.

    Raises:
        InvalidParameter: two have one name, or a namespace disagrees.
        Conflict: somebody else manages one, by its labels.
    """
    said = [marked(m, instance) for m in ordered(manifests)]
    homeless = {key_of(m).name for m in said if _is_homeless(m, "ServiceAccount")}
    placed = [in_cluster(_bound(m, homeless, server.namespace), server) for m in said]
    seen: set[Key] = set()
    for manifest in placed:
        key = key_of(manifest)
        if key in seen:
            raise InvalidParameter(
                f"{key} stands twice",
                asked=f"apply {key}",
                rule="one manifest says what an object is",
                remedy="leave one of them out",
            )
        seen.add(key)
    return tuple(placed)


def _is_homeless(manifest: Manifest, kind: str) -> bool:
    return manifest.get("kind") == kind and not key_of(manifest).namespace


def _bound(manifest: Manifest, accounts: set[str], namespace: str) -> Manifest:
    """A RoleBinding whose accounts are where they go to.

    A subject must say a namespace, and so it says one when all else says none.
    """
    subjects = manifest.get("subjects")
    if not _is_homeless(manifest, "RoleBinding") or not isinstance(subjects, list):
        return manifest
    moved = [
        {**subject, "namespace": namespace}
        if isinstance(subject, dict) and subject.get("name") in accounts
        else subject
        for subject in subjects
    ]
    return {**manifest, "subjects": moved}


def in_cluster(manifest: Manifest, server: Server) -> Manifest:
    """The manifest in the namespace that it goes to, or in none where it has none."""
    metadata = manifest.get("metadata")
    known = dict(metadata) if isinstance(metadata, Mapping) else {}
    if not server.is_namespaced(manifest):
        known.pop("namespace", None)
        return {**manifest, "metadata": known}
    placed = {"name": known.get("name"), "namespace": server.namespace}
    return {**manifest, "metadata": placed | known}


def look(
    manifests: Sequence[Manifest], server: Server, *, adopt: bool = False
) -> list[Manifest | None]:
    """The live object of each manifest; refuses where one is somebody else's."""
    live = []
    for manifest in manifests:
        there = server.get(manifest)
        refusal = there and foreign(there, _instance(manifest), "apply")
        if refusal and not adopt:
            raise refusal
        live.append(there)
    return live


def _instance(manifest: Manifest) -> str:
    return instances_of([manifest])[0]


def apply_all(
    manifests: Sequence[Manifest],
    live: Sequence[Manifest | None],
    server: Server,
    *,
    force: bool = False,
    dry_run: bool = False,
) -> Iterator[Change]:
    """Applies one manifest after the other; ``live`` is what :func:`look` gave."""
    for manifest, there in zip(manifests, live, strict=True):
        now, warnings = server.apply(manifest, force=force, dry_run=dry_run)
        if there is None:
            verb = "created"
        else:
            verb = "configured" if difference(there, now) else "unchanged"
        yield Change(verb, key_of(now), warnings, now)


def found(server: Server, instance: str, namespaces: Sequence[str]) -> Found:
    """All that is ours for an application in these namespaces."""
    objects: list[Manifest] = []
    unseen = []
    for namespace in namespaces:
        for version, kind in MADE:
            try:
                objects += server.find(version, kind, namespace, selector(instance))
            except Forbidden:
                unseen.append(f"{kind} in {namespace}")
            except NotFound:  # this cluster does not have the kind
                continue
    return Found(ordered(objects), tuple(unseen))


def delete_all(
    objects: Sequence[Manifest],
    server: Server,
    instance: str,
    *,
    keep: Sequence[Key] = (),
    volumes: bool = False,
    dry_run: bool = False,
    verb: str = "deleted",
) -> Iterator[Change]:
    """Removes what is ours of these, the last applied first; claims stay if unsaid."""
    made = (
        _claims_made(objects, server, keep) if any(_is_set(o) for o in objects) else []
    )
    gone, kept = removal(objects, instance, keep=keep, volumes=volumes)
    for live in gone + tuple(made if volumes else ()):
        server.delete(live, dry_run=dry_run)
        yield Change(verb, key_of(live), (), live)
    for live in (*kept, *(() if volumes else made)):
        yield Change(why_kept(live), key_of(live))


def _is_set(manifest: Manifest) -> bool:
    return manifest.get("kind") == "StatefulSet"


def _claims_made(
    objects: Sequence[Manifest], server: Server, keep: Sequence[Key]
) -> list[Manifest]:
    sets = [o for o in objects if _is_set(o) and key_of(o) not in keep]
    claims = [
        claim
        for namespace in sorted({key_of(o).namespace for o in sets})
        for claim in server.find("v1", "PersistentVolumeClaim", namespace)
    ]
    known = {key_of(o) for o in objects}
    return [c for c in claims_of(sets, claims) if key_of(c) not in known]


def differences_of(
    manifests: Sequence[Manifest], server: Server, *, force: bool = False
) -> Iterator[str]:
    """For each manifest the diff that applying it would make; "" for none.

    In a namespace that is not there yet, all of a manifest is new.
    """
    for manifest in manifests:
        there = server.get(manifest)
        try:
            now, _ = server.apply(manifest, force=force, dry_run=True)
        except NotFound:
            if there is not None:
                raise
            now = manifest
        yield difference(there, now)


def application_of(manifests: Sequence[Manifest]) -> str:
    """The one application that these are of, which pruning needs to know.

    >>> application_of([{"kind": "Pod", "metadata": {"name": "web"}}])
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: which application is this?
    """
    names = instances_of(manifests)
    if len(names) == 1 and names[0]:
        return names[0]
    said = ", ".join(name or "(none)" for name in names) or "none"
    raise InvalidParameter(
        "which application is this?",
        asked="remove what is no longer among the manifests",
        rule=f"all must have one label {INSTANCE_LABEL}; they have: {said}",
        remedy="--name NAME gives the label to those that have none",
    )

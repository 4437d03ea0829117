"""The ConfigMaps and Secrets of an application, and what became of theirs settings.

```
 configs, secrets           ─▶ one object each, the key is its name
 files and folders mounted  ─▶ one object each, a key for each file
 PASSWORD=... (on request)  ─▶ one Secret for each service
```

Invariant: no value is in a note: a report can be shown to everybody.
"""

from collections.abc import Iterable, Iterator

from k8s_bridge.application import Service, Stored
from k8s_bridge.mapping.binds import Way
from k8s_bridge.mapping.contents import LARGEST, Item, data_of
from k8s_bridge.mapping.labels import sorted_out
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.mapping.plan import NAME_LABEL, Plan
from k8s_bridge.mapping.store import Vault, secret_names
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["config_maps", "secrets", "stored_notes", "variable_notes"]


def config_maps(plan: Plan) -> Iterator[Fields]:
    """A ConfigMap for each config, and for each bind mount that became one."""
    for vault in plan.store.configs.values():
        if vault.made:
            yield _stored("ConfigMap", vault)
    yield from _contents("ConfigMap", Way.MAP, plan)


def secrets(plan: Plan) -> Iterator[Fields]:
    """A Secret for each secret, bind mount with keys, and service with passwords."""
    for vault in plan.store.secrets.values():
        if vault.made:
            yield _stored("Secret", vault)
    yield from _contents("Secret", Way.SECRET, plan)
    for service in plan.application.services:
        if service.name in plan.store.environment:
            yield _variables(service, plan)


def _stored(kind: str, vault: Vault) -> Fields:
    labels, annotations, _ = sorted_out(vault.stored.labels, "labels")
    original = vault.stored.docker_name or vault.stored.name
    origin = {} if original == vault.name else {"minidock/docker-name": original}
    metadata = fields(
        name=vault.name, labels=labels, annotations={**origin, **annotations}
    )
    return _object(kind, metadata, [vault.item])


def _contents(kind: str, way: Way, plan: Plan) -> Iterator[Fields]:
    for source, bind in plan.store.binds.items():
        if bind.way is way:
            metadata: Fields = {"name": plan.store.places[source]}
            pod = plan.pod_of(bind.service)
            if pod is not None:
                metadata["labels"] = {NAME_LABEL: pod.name}
            yield _object(kind, metadata, bind.items)


def _variables(service: Service, plan: Plan) -> Fields:
    apart = plan.store.secret_variables(service)
    items = {
        v.name: Item(v.name, v.name, v.value.encode(), 0)
        for v in service.program.env
        if v.name in apart
    }
    metadata: Fields = {"name": plan.store.environment[service.name]}
    pod = plan.pod_of(service.name)
    if pod is not None:
        metadata["labels"] = {NAME_LABEL: pod.name}
    return _object("Secret", metadata, items.values())


def variable_notes(service: Service, plan: Plan) -> Iterator[Note]:
    """A hint about passwords that everybody may read who may read a Deployment."""
    if service.name in plan.store.environment:
        return
    names = secret_names(service)
    if names:
        how = f"in clear, as in Docker: {', '.join(names)} (--env-secrets hides them)"
        yield kept("env", how)


def _object(kind: str, metadata: Fields, items: Iterable[Item]) -> Fields:
    secret = kind == "Secret"
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": metadata,
        **({"type": "Opaque"} if secret else {}),
        **data_of(items, secret=secret),
    }


def stored_notes(kind: str, stored: Stored, vault: Vault) -> Iterator[Note]:
    """What became of the settings of a config or a secret; ``kind`` is its object's."""
    where = f"{kind} {vault.name}, key {vault.key}"
    if vault.made:
        how = kept("", where)
    elif stored.data is not None and not stored.external:
        how = lost("", f"larger than the {LARGEST} bytes that a {kind} may have")
    else:
        how = changed("", f"{where}: others must make it, as nothing here knows it")
    for attribute in ("name", "file", "content", "environment", "external"):
        yield how._replace(attribute=attribute)
    why = "what a swarm's plugin would fill in has no counterpart"
    yield lost("driver", why)
    yield lost("template_driver", why)
    _, _, notes = sorted_out(stored.labels, "labels")
    yield from notes

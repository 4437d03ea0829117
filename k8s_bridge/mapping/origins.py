"""Where an object comes from: the file and the line that asked for it, on request.

```
 services.web    (compose.yaml:12) ─▶ Deployment web  k8s-bridge/source: compose.yaml:12
 volumes.db_data (compose.yaml:40) ─▶ claim db-data   k8s-bridge/source: compose.yaml:40
```

A line moves with each line above it, so that manifests would change without a change:
therefore nobody gets this unasked. Invariant: no absolute path of the machine that
translated is in it. What a thing is called in Docker is in ``minidock/docker-name``.
"""

from collections.abc import Iterable, Iterator

from k8s_bridge.application import Setting
from k8s_bridge.mapping.plan import Plan

__all__ = ["origins"]


def origins(plan: Plan) -> dict[tuple[str, str], str]:
    """The place in the input of each object, by its kind and name; on request."""
    if not plan.options.origins:
        return {}
    return {key: place for key, place in _all(plan) if place}


def _all(plan: Plan) -> Iterator[tuple[tuple[str, str], str]]:
    application, store = plan.application, plan.store
    for pod in plan.pods:
        yield (str(pod.kind), pod.name), _place(pod.base.settings)
    for volume in application.volumes:
        name = store.claims[volume.name]
        yield ("PersistentVolumeClaim", name), _place(volume.settings)
    for config in application.configs:
        yield ("ConfigMap", store.configs[config.name].name), _place(config.settings)
    for secret in application.secrets:
        yield ("Secret", store.secrets[secret.name].name), _place(secret.settings)


def _place(settings: Iterable[Setting]) -> str:
    """The first place; of a file outside of the project, its name alone."""
    place = next((s.place for s in settings if s.place), "")
    return place.rpartition("/")[2] if place.startswith(("/", "../")) else place

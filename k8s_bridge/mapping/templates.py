"""The claims that a StatefulSet makes for each of its pods.

```
 service db, an identity each, volume data
   volumeClaimTemplates: data   ─▶ claims data-db-0, data-db-1, data-db-2
```

Invariant: a template has the name of the volume that the containers mount. Docker has
no word for this: there, containers of a service share a named volume.
"""

from k8s_bridge.mapping.backing import bytes_of
from k8s_bridge.mapping.confinement import quantity
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.mapping.storage import volume_names

__all__ = ["claim_templates"]


def claim_templates(pod: PlannedPod, plan: Plan) -> list[Fields]:
    """A template for each volume of which every copy of a pod has one of its own."""
    names = volume_names(pod, plan)
    own = {key[1]: name for key, name in names.items() if key[0] == "volume"}
    return [
        _template(volume, name, plan)
        for volume, name in own.items()
        if volume in pod.own_volumes
    ]


def _template(volume: str, name: str, plan: Plan) -> Fields:
    size = bytes_of(plan.store.volumes[volume])
    storage = quantity(size) if size else plan.options.volume_size
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            **fields(storageClassName=plan.options.storage_class),
            "resources": {"requests": {"storage": storage}},
        },
    }

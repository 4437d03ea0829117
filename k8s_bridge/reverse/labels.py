"""Labels and annotations of an object, without those that only say how it was made.

```
 team: core                        ─▶ label
 minidock/labels: {"my key": "x"}  ─▶ label "my key"
 app.kubernetes.io/name, network.minidock/front, kubectl.kubernetes.io/... ─▶ none
```
"""

import json

from k8s_bridge.mapping.labels import ODD_LABELS
from k8s_bridge.reverse.node import Node

__all__ = ["docker_name", "labels_of", "notes_of"]

_OURS = ("minidock/", "network.minidock/", "name.minidock/", "k8s-bridge/")
_CLUSTERS = ("kubectl.kubernetes.io/", "deployment.kubernetes.io/")
_MADE = frozenset(
    f"app.kubernetes.io/{word}"
    for word in ("name", "instance", "part-of", "managed-by")
)


def docker_name(root: Node) -> str:
    """What Docker called it, where its name had to be another one here."""
    return root("metadata")("annotations")("minidock/docker-name").passed().text


def labels_of(root: Node) -> tuple[tuple[str, str], ...]:
    """The labels that somebody chose, those that no label could be among them."""
    labels = root("metadata")("labels")
    found = {}
    for key, value in labels.pairs.items():
        if key in _MADE or key.startswith(_OURS):
            labels(key).passed()
        else:
            labels(key).kept("labels")
            found[key] = value
    odd = root("metadata")("annotations")(ODD_LABELS)
    if odd:
        try:
            more = json.loads(odd.text)
        except ValueError:
            more = {}
        if isinstance(more, dict):
            odd.kept("labels")
            found |= {str(k): str(v) for k, v in more.items()}
    return tuple(found.items())


def notes_of(root: Node) -> tuple[tuple[str, str], ...]:
    """The annotations that somebody wrote."""
    annotations = root("metadata")("annotations")
    found = []
    for key, value in annotations.pairs.items():
        if key.startswith(_CLUSTERS) or (key.startswith(_OURS) and key != ODD_LABELS):
            annotations(key).passed()
        elif key != ODD_LABELS:
            annotations(key).kept("annotations")
            found.append((key, value))
    return tuple(found)

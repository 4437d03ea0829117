"""Manifests as text: YAML for people, JSON for programs, files in a folder.

```
 manifests ─┬─▶ one YAML text, documents divided by ---
            ├─▶ {"kind": "List", "items": [...]} as JSON
            └─▶ {"web-deployment.yaml": text, ...}     the caller writes them
```

Nothing needs to be installed for either. Invariant: reading the YAML or the JSON back
gives the manifests.
"""

import json
from collections.abc import Iterable, Mapping

from k8s_bridge.manifests import Manifest
from k8s_bridge.yamltext import document

__all__ = ["to_document", "to_files", "to_json", "to_yaml"]


def to_json(manifests: Iterable[Manifest]) -> str:
    """All manifests as one List, which kubectl applies like many documents.

    >>> json.loads(to_json([{"kind": "Pod"}]))["items"]
    [{'kind': 'Pod'}]
    """
    items = list(manifests)
    whole = {"apiVersion": "v1", "kind": "List", "items": items}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def to_yaml(manifests: Iterable[Manifest]) -> str:
    """All manifests as one YAML text."""
    return "---\n".join(map(to_document, manifests))


def to_files(manifests: Iterable[Manifest], *, as_json: bool = False) -> dict[str, str]:
    """A text for each manifest, by the name its file should have."""
    files = {}
    for manifest in manifests:
        metadata = manifest.get("metadata")
        name = metadata["name"] if isinstance(metadata, Mapping) else "object"
        stem = f"{name}-{str(manifest.get('kind')).lower()}"
        if as_json:
            text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
            files[f"{stem}.json"] = text
        else:
            files[f"{stem}.yaml"] = to_document(manifest)
    return files


def to_document(value: object) -> str:
    """One document of YAML, without a line that begins it."""
    return document(value)

"""Manifests as text: YAML for people, JSON with nothing installed, files in a folder.

```
 manifests ─┬─▶ one YAML text, documents divided by ---
            ├─▶ {"kind": "List", "items": [...]} as JSON
            └─▶ {"web-deployment.yaml": text, ...}     the caller writes them
```

YAML 1.1, which Kubernetes reads, takes ``yes``, ``0o17``, ``1e3`` and ``53:53`` for
something else than text: such texts are quoted. Invariant: reading the YAML or the
JSON back gives the manifests.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from k8s_bridge.manifests import Manifest
from minidock.errors import Unclassified

if TYPE_CHECKING:
    from yaml import SafeDumper

__all__ = ["to_files", "to_json", "to_yaml"]

# What some reader of YAML 1.1 or 1.2 takes for a number, a truth, a date or nothing.
_NOT_TEXT = re.compile(
    r"""(?ix)
    y | yes | n | no | true | false | on | off | null | ~ | none | nan | inf
    | [-+]? ( 0[xob][0-9a-f_]+ | [0-9][0-9_]* ( :[0-5]?[0-9] )* ) ( \.[0-9_]* )?
    | [-+]? ( \.[0-9]+ | [0-9]+ ( \.[0-9]* )? ) ( e[-+]?[0-9]+ )?
    | [-+]? \. ( inf | nan ) | \.nan
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} .*
    | = | <<
    """
)


def to_json(manifests: Iterable[Manifest]) -> str:
    """All manifests as one List, which kubectl applies like many documents.

    >>> json.loads(to_json([{"kind": "Pod"}]))["items"]
    [{'kind': 'Pod'}]
    """
    items = list(manifests)
    whole = {"apiVersion": "v1", "kind": "List", "items": items}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def to_yaml(manifests: Iterable[Manifest]) -> str:
    """All manifests as one YAML text; needs PyYAML."""
    return "---\n".join(map(_document, manifests))


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
            files[f"{stem}.yaml"] = _document(manifest)
    return files


def _document(manifest: Manifest) -> str:
    yaml_dump, dumper = _writer()
    text = yaml_dump(
        manifest,
        Dumper=dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=10_000,
    )
    return str(text)


@cache
def _writer():  # type: ignore[no-untyped-def]  # noqa: ANN202  # PyYAML's types would be an import
    try:
        import yaml  # noqa: PLC0415  # optional, and JSON output does without
    except ImportError as error:
        raise Unclassified(
            "PyYAML is not installed",
            asked="write manifests as YAML",
            rule="YAML is written by the package 'PyYAML'",
            remedy="pip install 'minidock[k8s]', or ask for JSON",
        ) from error
    base: type[SafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc, valid-type]  # the base is chosen above
        def ignore_aliases(self, _: object) -> bool:
            return True  # a shared dict would be written as &id001

    Dumper.add_representer(str, _text)
    return yaml.dump, Dumper


def _text(dumper: "SafeDumper", text: str) -> object:
    style = None
    if "\n" in text and not any(
        line.endswith((" ", "\t")) for line in text.split("\n")
    ):
        style = "|"
    elif _NOT_TEXT.fullmatch(text):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

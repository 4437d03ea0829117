"""Docker's labels, which may be anything, as labels and annotations.

```
 team=core                 ─▶ label
 com.example/doc=a text    ─▶ annotation   (a label's value may not have spaces)
 my key=x                  ─▶ in the annotation minidock/labels, as JSON
```

Invariant: no label is dropped, and none of ours is overwritten.
"""

import json
from collections.abc import Iterable

from k8s_bridge.mapping.names import is_label_value, is_qualified_name
from k8s_bridge.mapping.plan import NAME_LABEL
from k8s_bridge.report import Note, changed, kept

__all__ = ["ODD_LABELS", "OWN_PREFIXES", "sorted_out"]

ODD_LABELS = "minidock/labels"
OWN_PREFIXES = (NAME_LABEL, "minidock/", "network.minidock/", "name.minidock/")


def sorted_out(
    labels: Iterable[tuple[str, str]], attribute: str = "labels"
) -> tuple[dict[str, str], dict[str, str], tuple[Note, ...]]:
    """Labels, annotations and notes for the labels that Docker has.

    >>> labels, annotations, notes = sorted_out([("team", "core"), ("my key", "x")])
    >>> labels, annotations
    ({'team': 'core'}, {'minidock/labels': '{"my key":"x"}'})
    """
    good: dict[str, str] = {}
    annotations: dict[str, str] = {}
    odd: dict[str, str] = {}
    for key, value in labels:
        ours = key.startswith(OWN_PREFIXES)
        if not is_qualified_name(key) or ours:
            odd[key] = value
        elif is_label_value(value) and attribute == "labels":
            good[key] = value
        else:
            annotations[key] = value
    if odd:
        annotations[ODD_LABELS] = json.dumps(odd, separators=(",", ":"))
    return good, annotations, tuple(_notes(attribute, good, annotations, odd))


def _notes(
    attribute: str,
    good: dict[str, str],
    annotations: dict[str, str],
    odd: dict[str, str],
) -> Iterable[Note]:
    if good:
        yield kept(attribute, f"labels: {', '.join(good)}")
    plain = [key for key in annotations if key != ODD_LABELS]
    if plain:
        how = kept if attribute == "annotations" else changed
        yield how(attribute, f"annotations: {', '.join(plain)}")
    if odd:
        yield changed(attribute, f"in annotation {ODD_LABELS}: {', '.join(odd)}")

"""Which cluster is meant: the context and its namespace, as kubectl chooses them.

```
 KUBECONFIG=a:b ─▶ a  contexts, clusters, users      the first file to say something
                   b  contexts, clusters, users      is right
                      │
 --context NAME, else the first current-context ─▶ Chosen(files, context, namespace)
```

Invariants: files that are missing or empty count for nothing; the context that is
chosen is in one of the files. kubectl's words are *kubeconfig* and *context*.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from minidock.errors import InvalidParameter, NotFound

__all__ = ["Chosen", "chosen_context"]


class Chosen(NamedTuple):
    """The files that say something, the context, and its namespace ("": unsaid)."""

    files: tuple[str, ...]
    context: str
    namespace: str


def chosen_context(documents: Sequence[tuple[str, object]], wanted: str = "") -> Chosen:
    """The context that these files, read in this order, mean; O(their contexts).

    Args:
        documents: the name and the parsed content of each file.
        wanted: the name of a context; "" is the current one.

    >>> file = {"contexts": [{"name": "lab", "context": {"namespace": "shop"}}]}
    >>> chosen_context([("config", {**file, "current-context": "lab"})])
    Chosen(files=('config',), context='lab', namespace='shop')
    >>> chosen_context([("config", file)], "prod")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: there is no context prod
    """
    said = [(name, d) for name, d in documents if isinstance(d, Mapping) and d]
    current = (str(d.get("current-context") or "") for _, d in said)
    name = wanted or next(filter(None, current), "")
    contexts: dict[str, Mapping[str, object]] = {}
    for _, document in said:
        for known, context in _named(document, "contexts"):
            contexts.setdefault(known, context)
    if not name:
        raise InvalidParameter(
            "no context is chosen",
            asked="find the cluster",
            rule="a kubeconfig says which context is the current one",
            remedy=f"--context NAME; there are: {', '.join(contexts) or 'none'}",
        )
    if name not in contexts:
        raise NotFound(
            f"there is no context {name}",
            asked=f"use the context {name}",
            rule=f"there are: {', '.join(contexts) or 'none'}",
            remedy="kubectl config get-contexts shows them",
        )
    namespace = str(contexts[name].get("namespace") or "")
    return Chosen(tuple(file for file, _ in said), name, namespace)


def _named(
    document: Mapping[str, object], key: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    entries = document.get(key)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping):
            content = entry.get(key.removesuffix("s"))
            value = content if isinstance(content, Mapping) else {}
            yield str(entry.get("name")), value

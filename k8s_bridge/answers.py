"""What an API server refuses, in three parts that a person can act upon.

```
 409 Conflict {"details": {"causes": [{"field": ".spec.replicas", ...}]}}
      │
 asked: apply Deployment/web    rule: .spec.replicas is kubectl's    try: --force-...
```

Invariant: every answer that is no success becomes a refusal, and each cause that the
server gives is in its text; no content of a Secret is.
"""

import json
import re
from collections.abc import Iterator, Mapping

from minidock.errors import (
    Conflict,
    Exhausted,
    Forbidden,
    InvalidParameter,
    NotFound,
    Refusal,
    Unclassified,
)

__all__ = ["Unreachable", "refused", "unreachable"]

_MANAGER = re.compile(r'conflict with "([^"]*)"')
_FIXED = re.compile(r"immutable|may not change|updates to .* forbidden", re.DOTALL)
_UNTYPED = "failed to create typed patch object"
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAMESPACE = re.compile(r'namespaces "([^"]*)" not found')


def refused(status: int, body: bytes, asked: str, *, secret: bool = False) -> Refusal:
    """The refusal that an answer means.

    Args:
        status: the HTTP status, 400 or more.
        body: what came with it, a Status object as a rule.
        asked: what was asked for, in words.
        secret: whether the server's words may quote a Secret: then they are left out.

    >>> refused(403, b'{"message": "you may not"}', "apply Deployment/web").rule
    'you may not'
    """
    answer = _answer(body)
    message = str(answer.get("message") or f"the server answered {status}")
    causes = list(_causes(answer))
    if secret and (status in _QUOTING or _UNTYPED in message):
        message, causes = _without_values(message, causes)
    missing = _NAMESPACE.search(message) if status == 404 else None
    if missing:
        return NotFound(
            f"there is no namespace {missing[1]}",
            asked=asked,
            rule=f"the namespace {missing[1]} is not there",
            remedy="--create-namespace makes it; or -n with one that is there",
        )
    if status == 409 and any("conflict with" in text for _, text in causes):
        return _conflict(asked, causes)
    if status == 422 and _FIXED.search(message):
        remedy = "delete the object first (k8s-bridge delete -f), then apply it again"
        return InvalidParameter(
            message, asked=asked, rule=_rule(message, causes), remedy=remedy
        )
    if status == 500 and _UNTYPED in message:
        status = 400  # how a server says that a field of what is applied makes no sense
    kind, remedy = _KINDS.get(status, _UNKNOWN if status < 500 else _BROKEN)
    return kind(message, asked=asked, rule=_rule(message, causes), remedy=remedy)


_QUOTING = (400, 422)  # the answers that may quote a value
_KINDS: Mapping[int, tuple[type[Refusal], str]] = {
    400: (InvalidParameter, "mend the manifest, then try again"),
    401: (
        Forbidden,
        "log in again; kubectl auth whoami shows as whom the cluster knows you",
    ),
    403: (
        Forbidden,
        "ask for the right, or choose another --context or -n NAMESPACE",
    ),
    404: (NotFound, "kubectl api-resources shows what the cluster has"),
    409: (Conflict, "try again: something else changed it at the same moment"),
    413: (
        InvalidParameter,
        "objects have at most 1 MiB: put large files into an image",
    ),
    422: (InvalidParameter, "mend the manifest, then try again"),
    429: (Exhausted, "try again in a while: the server has too much to do"),
}
_UNKNOWN: tuple[type[Refusal], str] = (InvalidParameter, "kubectl version shows both")
_BROKEN: tuple[type[Refusal], str] = (
    Unclassified,
    "try again; kubectl get --raw /readyz?verbose shows how the server is",
)


class Unreachable(Unclassified):
    """No answer came: whether the request was done is not known."""


def unreachable(host: str, reason: str, asked: str) -> Unreachable:
    """The refusal where no answer came at all.

    >>> unreachable("https://10.0.0.1:6443", "connection refused", "find it").rule
    'no answer from https://10.0.0.1:6443: connection refused'
    """
    return Unreachable(
        f"the cluster at {host} cannot be reached",
        asked=asked,
        rule=f"no answer from {host}: {reason}",
        remedy="start the cluster, or choose another with --context or --kubeconfig",
    )


def _answer(body: bytes) -> Mapping[str, object]:
    try:
        answer = json.loads(body)
    except ValueError:
        text = body[:300].decode("utf-8", "replace").strip()
        return {"message": text} if text else {}
    return answer if isinstance(answer, dict) else {}


def _causes(answer: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The field and the words of each cause."""
    details = answer.get("details")
    causes = details.get("causes") if isinstance(details, Mapping) else None
    for cause in causes if isinstance(causes, list) else ():
        if isinstance(cause, Mapping):
            yield str(cause.get("field") or ""), str(cause.get("message") or "")


def _rule(message: str, causes: list[tuple[str, str]]) -> str:
    if not causes:
        return message
    return "; ".join(f"{field}: {text}" if field else text for field, text in causes)


def _conflict(asked: str, causes: list[tuple[str, str]]) -> Refusal:
    theirs = []
    for field, text in causes:
        manager = _MANAGER.search(text)
        theirs.append(f"{field} is {manager[1] if manager else 'another'}'s")
    return Conflict(
        f"others have set what you set: {', '.join(theirs)}",
        asked=asked,
        rule=", ".join(theirs),
        remedy="--force-conflicts takes these fields over; or leave them out",
    )


def _without_values(
    message: str, causes: list[tuple[str, str]]
) -> tuple[str, list[tuple[str, str]]]:
    """The same without anything in quotes, where a value could stand."""
    hidden = [(field, _QUOTED.sub('"..."', text)) for field, text in causes]
    return _QUOTED.sub('"..."', message), hidden

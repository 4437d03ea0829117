"""Waiting until what was applied runs, or until what was deleted is gone.

```
 [Deployment/web, Job/init, Service/web]
    │ only workloads: a claim is bound when its first pod is placed, and a
    │ load balancer's address comes from somebody else
    ▼
 look ─▶ Progress(done, total, text) ─▶ wait a moment ─▶ look again ... until deadline
```

The clock and the pause are given by the caller. Invariant: it ends when all is ready,
when one has failed for good, or at the deadline; each of them says what is missing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from k8s_bridge.applying import Server
from k8s_bridge.manifests import Manifest
from k8s_bridge.ownership import key_of
from k8s_bridge.readiness import Readiness, readiness
from minidock.errors import Exhausted, Unclassified

__all__ = ["Clock", "Progress", "bar", "gone", "ready", "why_not"]

_AWAITED = ("DaemonSet", "Deployment", "Job", "Pod", "StatefulSet")
_MAKES_PODS = ("DaemonSet", "Deployment", "Job", "StatefulSet")


class Clock(NamedTuple):
    """The time in seconds, and how to wait for some."""

    now: Callable[[], float]
    pause: Callable[[float], None]


class Progress(NamedTuple):
    """How far it is: so many of all, and what the first unready one says."""

    done: int
    total: int
    text: str = ""


def ready(
    applied: Sequence[Manifest], server: Server, clock: Clock, timeout: float
) -> Iterator[Progress]:
    """Looks until all are ready; ``timeout`` in seconds.

    Raises:
        Exhausted: the time is over.
        Unclassified: one has failed, and waiting does not help.
    """
    wanted = [m for m in applied if m.get("kind") in _AWAITED]
    missing = wanted
    end = clock.now() + timeout
    pause = 0.2
    while True:
        states = [(m, _state(m, server)) for m in missing]
        waiting = [(m, state) for m, state in states if not state.ready]
        for manifest, state in waiting:
            if state.failed:
                raise _failed(manifest, state, server)
        missing = [m for m, _ in waiting]
        text = "; ".join(f"{key_of(m)}: {state.text}" for m, state in waiting[:1])
        yield Progress(len(wanted) - len(missing), len(wanted), text)
        if not missing:
            return
        if clock.now() >= end:
            raise _late(waiting, server, timeout)
        clock.pause(min(pause, max(0.0, end - clock.now())))
        pause = min(pause * 1.5, 2.0)


def _state(manifest: Manifest, server: Server) -> Readiness:
    live = server.get(manifest)
    return readiness(live) if live else Readiness(False, "it is gone", failed=True)


def why_not(workload: Manifest, server: Server) -> list[str]:
    """What the pods of a workload say that are not ready."""
    spec = workload.get("spec")
    chosen = spec.get("selector") if isinstance(spec, Mapping) else None
    labels = chosen.get("matchLabels") if isinstance(chosen, Mapping) else None
    if workload.get("kind") not in _MAKES_PODS or not isinstance(labels, Mapping):
        return []
    wanted = ",".join(f"{key}={value}" for key, value in labels.items())
    pods = server.find("v1", "Pod", key_of(workload).namespace, wanted)
    states = [(pod, readiness(pod)) for pod in pods]
    return [f"{key_of(pod)}: {state.text}" for pod, state in states if not state.ready]


def _failed(manifest: Manifest, state: Readiness, server: Server) -> Unclassified:
    reasons = [f"{key_of(manifest)}: {state.text}", *_pods(manifest, server)]
    return Unclassified(
        f"{key_of(manifest)} failed: {state.text}",
        asked=f"wait until {key_of(manifest)} is ready",
        rule="; ".join(reasons),
        remedy=_look_closer(manifest),
    )


def _late(
    waiting: Sequence[tuple[Manifest, Readiness]], server: Server, timeout: float
) -> Exhausted:
    reasons = []
    for manifest, state in waiting:
        reasons += [f"{key_of(manifest)}: {state.text}", *_pods(manifest, server)]
    return Exhausted(
        f"{len(waiting)} not ready after {timeout:g} s",
        asked="wait until all is ready",
        rule="; ".join(reasons),
        remedy=f"{_look_closer(waiting[0][0])}; or --timeout with more, or --no-wait",
    )


def _pods(manifest: Manifest, server: Server) -> list[str]:
    live = server.get(manifest)
    return why_not(live, server)[:3] if live else []


def _look_closer(manifest: Manifest) -> str:
    key = key_of(manifest)
    return f"kubectl -n {key.namespace} describe {key.kind.lower()} {key.name}"


def gone(
    deleted: Sequence[Manifest], server: Server, clock: Clock, timeout: float
) -> Iterator[Progress]:
    """Looks until none of these is there any more; ``timeout`` in seconds.

    Raises:
        Exhausted: the time is over.
    """
    missing = list(deleted)
    end = clock.now() + timeout
    pause = 0.1
    while True:
        missing = [m for m in missing if _same(server.get(m), m)]
        text = f"{key_of(missing[0])}: still there" if missing else ""
        yield Progress(len(deleted) - len(missing), len(deleted), text)
        if not missing:
            return
        if clock.now() >= end:
            raise Exhausted(
                f"{len(missing)} still there after {timeout:g} s",
                asked="wait until all is gone",
                rule="; ".join(f"{key_of(m)} is still there" for m in missing),
                remedy=f"{_look_closer(missing[0])} shows what holds it (finalizers)",
            )
        clock.pause(min(pause, max(0.0, end - clock.now())))
        pause = min(pause * 1.5, 2.0)


def _same(live: Manifest | None, deleted: Manifest) -> bool:
    """Whether the one that is there is that very one, and no new one of its name."""
    return live is not None and _uid(live) == _uid(deleted)


def _uid(manifest: Manifest) -> object:
    metadata = manifest.get("metadata")
    return metadata.get("uid") if isinstance(metadata, Mapping) else None


def bar(progress: Progress, width: int) -> str:
    """A line of at most that many columns.

    >>> bar(Progress(1, 4, "Deployment/web: 0 of 2 available"), 60)
    '[#####---------------] 1 of 4  Deployment/web: 0 of 2 avail…'
    """
    done, total, text = progress
    filled = 20 * done // total if total else 20
    line = f"[{'#' * filled}{'-' * (20 - filled)}] {done} of {total}  {text}".rstrip()
    return line if len(line) <= width else line[: max(0, width - 1)] + "…"

"""How new pods take the place of old ones.

```
 order stop-first, parallelism 2   ─▶ RollingUpdate  maxUnavailable 2, maxSurge 0
 order start-first, parallelism 2  ─▶ RollingUpdate  maxUnavailable 0, maxSurge 2
 parallelism 0                     ─▶ all at once    100%
 delay, monitor                    ─▶ minReadySeconds, the longer of them
 a disk or a port of its node      ─▶ Recreate, and no word of rolling
```

Invariant: maxSurge and maxUnavailable are never both 0, and Recreate stands alone: an
API server refuses both. Swarm calls this *update_config*.
"""

from collections.abc import Iterator

from k8s_bridge.application import Update
from k8s_bridge.mapping.kinds import CONTROLLERS, Kind
from k8s_bridge.mapping.part import Fields
from k8s_bridge.mapping.plan import PlannedPod
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["update_notes", "updating"]

_SECOND = 1_000_000_000
_HIGHEST = 2**31 - 1
_PATIENCE = 600  # a Deployment's deadline unless said, which minReadySeconds is below


def updating(pod: PlannedPod, *, exclusive: bool) -> Fields:
    """The fields of a Deployment, StatefulSet or DaemonSet about its updates.

    ``exclusive`` says that an old and a new pod must not run at the same time.
    """
    update = pod.base.scheduling.update
    pause = _pauses(pod, update)
    if pod.kind is Kind.STATEFUL_SET:
        return {**pause, "podManagementPolicy": "Parallel"}
    name = "updateStrategy" if pod.kind is Kind.DAEMON_SET else "strategy"
    if exclusive and pod.kind is Kind.DEPLOYMENT:
        return {**pause, name: {"type": "Recreate"}}
    if update is None:
        return pause
    surges = update.start_first and not exclusive
    return {
        **pause,
        name: {
            "type": "RollingUpdate",
            "rollingUpdate": _rolling(update, surges=surges),
        },
    }


def _rolling(update: Update, *, surges: bool) -> Fields:
    number: int | str = min(update.parallelism, _HIGHEST)
    if update.parallelism < 1:
        number = "100%"
    if surges:
        return {"maxSurge": number, "maxUnavailable": 0}
    return {"maxSurge": 0, "maxUnavailable": number}


def _pauses(pod: PlannedPod, update: Update | None) -> Fields:
    """How long a pod must be ready to count, and time enough to get there."""
    longest = max(update.delay, update.monitor, 0) if update else 0
    seconds = min(-(-longest // _SECOND), _HIGHEST - _PATIENCE)
    if not seconds:
        return {}
    if pod.kind is Kind.DEPLOYMENT and seconds >= _PATIENCE:
        patience = seconds + _PATIENCE
        return {"minReadySeconds": seconds, "progressDeadlineSeconds": patience}
    return {"minReadySeconds": seconds}


def update_notes(pod: PlannedPod, *, exclusive: bool) -> Iterator[Note]:
    """What became of the settings about updates."""
    update = pod.base.scheduling.update
    if update is None:
        yield kept("update", "as Kubernetes does it: a quarter of the pods at a time")
        return
    if pod.kind not in CONTROLLERS:
        yield lost("update", f"a {pod.kind} is not updated: it is made anew")
        return
    if pod.kind is Kind.STATEFUL_SET:
        yield changed("update", "a StatefulSet replaces one pod after the other")
    elif exclusive and pod.kind is Kind.DEPLOYMENT:
        how = "Recreate: two at once must not share a disk or a port of their node"
        yield changed("update", how)
    else:
        yield kept("update", "RollingUpdate: maxSurge, maxUnavailable")
    if update.delay > 0:
        yield changed("update@delay", "minReadySeconds: a delay after it is ready")
    if update.monitor > 0:
        yield changed("update@monitor", "minReadySeconds, if longer than the delay")
    yield _failure_note(update.failure_action)


def _failure_note(action: str) -> Note:
    if action == "rollback":
        return lost("update@failure_action", "nothing rolls back; it stops there")
    if action == "continue":
        return lost("update@failure_action", "it stops at a pod that is not ready")
    return kept("update@failure_action", "it stops at a pod that is not ready, too")

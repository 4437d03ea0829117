"""Labels by which people steer a translation, because Docker has no word for it.

```
 k8s-bridge.cron: "0 3 * * *"          ─▶ a time table     kompose.cronjob.schedule
 k8s-bridge.controller: statefulset    ─▶ an identity      kompose.controller.type
 k8s-bridge.controller: daemonset      ─▶ mode global
```

Invariant: ours has the last word beside Kompose's; a label that says nothing that can
be done is refused, not passed over.
"""

from collections.abc import Iterable, Mapping

from k8s_bridge.cron import TimeTable
from k8s_bridge.running import Mode, Scheduling
from minidock.errors import InvalidParameter

__all__ = ["steered"]

_CRON = ("k8s-bridge.cron", "kompose.cronjob.schedule")
_CONTROLLER = ("k8s-bridge.controller", "kompose.controller.type")


def steered(scheduling: Scheduling, labels: Iterable[tuple[str, str]]) -> Scheduling:
    """The scheduling as the labels of a service want it.

    >>> steered(Scheduling(), [("k8s-bridge.cron", "@daily")]).cron
    '@daily'
    >>> steered(Scheduling(), [("k8s-bridge.controller", "robot")])
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: no controller is called 'robot'
    """
    said = dict(labels)
    cron, controller = _first(said, _CRON), _first(said, _CONTROLLER)
    if cron:
        scheduling = scheduling._replace(cron=TimeTable(cron))
    if not controller:
        return scheduling
    if controller == "daemonset":
        return scheduling._replace(mode=Mode.GLOBAL)
    if controller == "statefulset":
        return scheduling._replace(identity=True)
    if controller == "deployment":
        return scheduling._replace(identity=False)
    raise InvalidParameter(
        f"no controller is called {controller!r}",
        asked=f"keep a service's pods by {controller!r}",
        rule="there are: deployment, statefulset, daemonset",
        remedy="deployment, or no such label",
    )


def _first(said: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((said[key].strip() for key in keys if key in said), "")

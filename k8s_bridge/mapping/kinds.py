"""Which Kubernetes object keeps a pod.

```
 a cron time table                        ─▶ CronJob
 mode global                              ─▶ DaemonSet
 mode replicated-job, global-job; --rm;
   others wait until it has completed     ─▶ Job
 restart unsaid, always, unless-stopped   ─▶ Deployment, StatefulSet with an identity
 restart on-failure:n                     ─▶ Job, backoffLimit n
 restart no, on-failure                   ─▶ Pod; Job if there are several, or none yet
```

A service whose volumes have names stays a Deployment, as long as nobody asks for an
identity: all containers of a service share a named volume in Docker, and a StatefulSet
would give each of them a volume of its own. It keeps one name and one disk as well,
because with one replica it is recreated instead of rolled.

Invariant: the first line that fits decides. Docker's word is *restart policy*, Swarm's
*service mode*.
"""

from enum import StrEnum

from k8s_bridge.application import Mode, Restart, Service

__all__ = ["CONTROLLERS", "JOBS", "STOPPED", "Kind", "copies_of", "kind_of"]

STOPPED = ("created", "exited", "dead")


class Kind(StrEnum):
    """The Kubernetes object that keeps a pod."""

    POD = "Pod"
    DEPLOYMENT = "Deployment"
    STATEFUL_SET = "StatefulSet"
    DAEMON_SET = "DaemonSet"
    JOB = "Job"
    CRON_JOB = "CronJob"


CONTROLLERS = (Kind.DEPLOYMENT, Kind.STATEFUL_SET, Kind.DAEMON_SET)
JOBS = (Kind.JOB, Kind.CRON_JOB)
_KEPT_RUNNING = (Restart.UNSET, Restart.ALWAYS, Restart.UNLESS_STOPPED)


def copies_of(service: Service) -> int:
    """How many of it should run at first; a stopped container counts as none.

    >>> copies_of(Service(name="web"))
    1
    """
    if service.lifecycle.status in STOPPED:
        return 0
    replicas = service.scheduling.replicas
    return 1 if replicas is None else max(0, replicas)


def kind_of(service: Service, *, awaited: bool = False) -> Kind:
    """The object that keeps it; ``awaited``: others wait until it has completed.

    >>> kind_of(Service(name="web"))
    <Kind.DEPLOYMENT: 'Deployment'>
    >>> kind_of(Service(name="migrate"), awaited=True)
    <Kind.JOB: 'Job'>
    """
    scheduling, lifecycle = service.scheduling, service.lifecycle
    if scheduling.cron:
        return Kind.CRON_JOB
    if scheduling.mode is Mode.GLOBAL:
        return Kind.DAEMON_SET
    if scheduling.mode is not Mode.REPLICATED:
        return Kind.JOB
    if awaited or lifecycle.removed_when_done:
        return Kind.JOB
    if lifecycle.restart in _KEPT_RUNNING:
        return Kind.STATEFUL_SET if scheduling.identity else Kind.DEPLOYMENT
    limited = lifecycle.restart is Restart.ON_FAILURE and lifecycle.retries > 0
    return Kind.JOB if limited or copies_of(service) != 1 else Kind.POD

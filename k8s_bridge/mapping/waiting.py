"""Who waits for whom before it starts.

```
 depends_on         asks                     an init container of the pod
 service_started    (nothing)                none: an annotation keeps the order
 service_healthy    DNS                      until getent hosts db-ready
                     └─ Service db-ready     answers with pods that are ready, and
                                             ready is what the health check says
 service_completed  the API server           kubectl wait --for=condition=complete
   _successfully     └─ Job migrate          job/migrate, with a token for just that
```

The Service of a peer's own name answers whether it is ready or not, as Docker's DNS
does. A second one without ports that answers for ready pods only turns the peer's
health check into a name that resolves: that works for any protocol, for peers on other
networks, and wherever DNS is allowed. Only the API server knows that a Job is over.

Invariants: no two pods wait for each other, not even around corners (pods of several
containers wait together, so Docker's order may close a circle here); nobody waits for
what will never come. Compose's word is *condition*.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from k8s_bridge.application import Condition, Dependency, Service
from k8s_bridge.mapping.circles import groups
from k8s_bridge.mapping.kinds import Kind
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.names import assign
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["ORDER", "Wait", "Waits", "wait_notes", "waits_of"]

ORDER = "minidock/depends-on"


class Wait(NamedTuple):
    """A pod that is waited for; ``job`` says until it has completed, not until ready.

    ``container`` is the name of the init container that does it.
    """

    peer: str
    job: bool
    container: str


class Waits(NamedTuple):
    """All waiting of an application.

    ``steps`` has the waits of each pod by its name; ``ready`` the Service that answers
    for the ready pods of a peer; ``rounds`` how many Jobs come before a pod one after
    the other. ``account`` is the ServiceAccount that may watch ``jobs``.
    """

    steps: dict[str, tuple[Wait, ...]]
    ready: dict[str, str]
    rounds: dict[str, int]
    jobs: tuple[str, ...]
    account: str

    def steps_of(self, pod: PlannedPod) -> tuple[Wait, ...]:
        """What a pod waits for."""
        return self.steps.get(pod.name, ())

    def watches(self, pod: PlannedPod) -> bool:
        """Whether it waits for a Job, and so must ask the API server."""
        return any(wait.job for wait in self.steps_of(pod))


def waits_of(plan: Plan, taken: Iterable[str]) -> Waits:
    """Decides all waiting; ``taken`` are the names of Services that there are."""
    wanted = {pod.name: dict(_edges(pod, plan)) for pod in plan.pods}
    place = groups({pod: list(edges) for pod, edges in wanted.items()})
    steps: dict[str, tuple[Wait, ...]] = {}
    for pod in plan.pods:
        edges = wanted[pod.name].items()
        good = [(peer, job) for peer, job in edges if place[peer] != place[pod.name]]
        if good:
            steps[pod.name] = tuple(_steps(pod, good))
    waits = [wait for found in steps.values() for wait in found]
    peers = dict.fromkeys(wait.peer for wait in waits if not wait.job)
    proposals = {peer: f"{peer}-ready" for peer in peers}
    names = assign(proposals.values(), taken=set(taken))
    jobs = tuple(dict.fromkeys(wait.peer for wait in waits if wait.job))
    return Waits(
        steps=steps,
        ready={peer: names[proposal] for peer, proposal in proposals.items()},
        rounds=_rounds(steps, place),
        jobs=jobs,
        account=_account(plan) if jobs else "",
    )


def _account(plan: Plan) -> str:
    wanted = f"{plan.application.name}-wait-for-jobs".lstrip("-")
    return assign([wanted])[wanted]


def _steps(pod: PlannedPod, edges: list[tuple[str, bool]]) -> Iterator[Wait]:
    proposals = [f"wait-for-{peer}" for peer, _ in edges]
    names = assign(proposals, taken=set(pod.containers))
    for (peer, job), proposal in zip(edges, proposals, strict=True):
        yield Wait(peer, job, names[proposal])


def _rounds(
    steps: dict[str, tuple[Wait, ...]], place: dict[str, int]
) -> dict[str, int]:
    """How long the chain of waits before each pod is, those without left out."""
    rounds: dict[str, int] = {}
    # A pod's place is behind those of the pods that it waits for.
    for pod in sorted(steps, key=place.__getitem__):
        rounds[pod] = 1 + max(rounds.get(wait.peer, 0) for wait in steps[pod])
    return rounds


def _edges(pod: PlannedPod, plan: Plan) -> Iterator[tuple[str, bool]]:
    for service in pod.services:
        for dependency in service.dependencies:
            peer = plan.pod_of(dependency.service)
            if peer is not None and not _fault(dependency, pod, peer, plan):
                yield peer.name, dependency.condition is Condition.COMPLETED


def _fault(
    dependency: Dependency, pod: PlannedPod, peer: PlannedPod, plan: Plan
) -> str:
    """Why a pod cannot wait for a peer, "" if it can."""
    completed = dependency.condition is Condition.COMPLETED
    if peer is pod:
        return "containers of a pod start together"
    if dependency.condition is Condition.STARTED:
        return "pods start in any order: what needs it must try again"
    if peer.kind is not Kind.DAEMON_SET and not peer.copies:
        return "it has no pod"
    if completed and (
        peer.kind is not Kind.JOB or peer.base.name != dependency.service
    ):
        return f"it is part of a {peer.kind}, which never completes"
    if peer.kind is Kind.CRON_JOB:
        return "it has a pod only now and then"
    if not plan.enforces or pod.on_host:
        return ""
    if pod.isolated:
        return "without a network there is nobody to ask"
    if completed and pod.only_internal:
        return "an internal network lets nobody out to ask the API server"
    return ""


def wait_notes(
    service: Service, pod: PlannedPod, plan: Plan, waits: Waits
) -> Iterator[Note]:
    """What became of what a service depends on."""
    for dependency in service.dependencies:
        for note in _notes(dependency, pod, plan, waits):
            yield note._replace(attribute=f"dependencies@{dependency.service}")


def _notes(
    dependency: Dependency, pod: PlannedPod, plan: Plan, waits: Waits
) -> Iterator[Note]:
    word, name = "dependencies", dependency.service
    peer = plan.pod_of(name)
    if dependency.restart:
        yield lost(word, f"{name}: restarting it restarts nothing else")
    if peer is None:
        how = f"{name} is not part of the application: nobody waits for it"
        yield changed(word, how) if not dependency.required else lost(word, how)
        return
    fault = _fault(dependency, pod, peer, plan)
    if dependency.condition is Condition.STARTED:
        kept_in = "" if peer is pod else f"; annotation {ORDER}"
        yield changed(word, f"{name}: {fault}{kept_in}")
        return
    step = next((w for w in waits.steps_of(pod) if w.peer == peer.name), None)
    if fault or step is None:
        why = fault or "it waits for this one as well, by what shares their pods"
        yield lost(word, f"{name}: not waited for: {why}")
        return
    where = f"{name}: init container {step.container}"
    if step.job:
        yield kept(word, f"{where} waits until Job {peer.name} is complete")
        if not plan.options.namespace:
            how = "its RoleBinding names the namespace default: give another one"
            yield changed(word, f"{name}: {how}")
    else:
        yield changed(word, f"{where} waits for DNS name {waits.ready[peer.name]}")
        yield from _readiness_notes(name, peer)
    how = "whenever a pod starts, where Docker waits only at the first start"
    yield changed(word, f"{name}: {how}")


def _readiness_notes(name: str, peer: PlannedPod) -> Iterator[Note]:
    checked = [s.name for s in peer.services if s.lifecycle.healthcheck is not None]
    if name not in checked:
        how = "no health check of it is known, so it is ready as soon as it runs"
        yield changed("dependencies", f"{name}: {how}")
    if peer.several:
        how = "one that is ready is enough, where Docker waits for all of them"
        yield changed("dependencies", f"{name}: {how}")
    if len(peer.services) > 1:
        how = "ready when all containers of its pod are"
        yield changed("dependencies", f"{name}: {how}")

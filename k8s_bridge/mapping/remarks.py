"""What differs between the two systems as such, whatever the containers say.

These entries belong to no setting: they say where Docker's and Kubernetes' idea of a
network are not the same. Each appears only if it concerns the application at hand.
"""

from collections.abc import Iterator

from k8s_bridge.application import NetworkMode
from k8s_bridge.mapping.plan import Plan
from k8s_bridge.mapping.publishing import open_ports
from k8s_bridge.report import Entry, Outcome

__all__ = ["remarks"]


def remarks(plan: Plan) -> Iterator[Entry]:
    """The entries about the application as a whole."""
    yield from _about_names(plan)
    yield from _about_policies(plan)
    if plan.pods:
        why = "a pod runs unconfined unless its node sets a default: RuntimeDefault"
        yield _entry("default seccomp profile", Outcome.LOST, why)
    if any(s.networking.mode is NetworkMode.HOST for s in plan.application.services):
        why = "policies do not hold for hostNetwork pods, in either direction"
        yield _entry("network host", Outcome.LOST, why)


def _about_names(plan: Plan) -> Iterator[Entry]:
    if any(not network.default for network in plan.networks):
        how = "resolve in the whole namespace; in Docker only on a common network"
        yield _entry("names", Outcome.CHANGED, how)
        why = "neither short ids nor NAME.NETWORK resolve"
        yield _entry("names", Outcome.LOST, why)
    if any(network.default for network in plan.networks):
        how = "resolve here, while Docker's default bridge knows only links"
        yield _entry("names", Outcome.CHANGED, how)


def _about_policies(plan: Plan) -> Iterator[Entry]:
    if not plan.enforces:
        how = (
            "no policy: other pods of the cluster reach these (ask for policies always)"
        )
        yield _entry("isolation", Outcome.CHANGED, how)
        return
    how = "NetworkPolicies, which need a network plugin that enforces them"
    yield _entry("isolation", Outcome.CHANGED, how)
    if any(open_ports(pod, plan) for pod in plan.pods):
        how = (
            "open to outside addresses; where a plugin matches pods by address, "
            "cut out the pod range (outside_except)"
        )
        yield _entry("published ports", Outcome.CHANGED, how)


def _entry(path: str, outcome: Outcome, how: str) -> Entry:
    return Entry(
        subject="application",
        path=path,
        value="",
        outcome=outcome,
        how=how,
        general=True,
    )

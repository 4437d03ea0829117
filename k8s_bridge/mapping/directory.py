"""Who answers to which name, and which Service opens whom.

```
 name "db"  on front ─▶ {db}        Service db selects db alone
 name "app" on front ─▶ {a, b}      Service app selects the label that a and b share
 pod web    8080 ─▶ 80              Service web-published
```

Invariants: names are in lower case, as DNS has them; no two Services have one name.
Docker's word is *alias*.
"""

from collections.abc import Iterator
from typing import NamedTuple

from k8s_bridge.application import Attachment
from k8s_bridge.mapping.doors import Door, doors
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.mapping.publishing import Opening, opening
from k8s_bridge.names import assign

__all__ = ["Directory", "directory_of", "has_names"]


class Directory(NamedTuple):
    """Who answers to which name, asked from where.

    ``answers`` has, for each name in lower case, the pods that answer in each scope: a
    network, or one service's link. ``services`` has the Service of each name,
    ``together`` the names that each pod shares with others. ``published`` has the
    Service with a pod's published ports, ``behind`` the one that its Ingress leads to.
    """

    answers: dict[str, dict[str, tuple[str, ...]]]
    services: dict[str, str]
    together: dict[str, tuple[str, ...]]
    published: dict[str, str]
    behind: dict[str, str]
    openings: dict[str, Opening]
    doors: dict[str, Door]

    def pods(self, name: str) -> tuple[str, ...]:
        """The pods that answer to a name anywhere."""
        return _together(self.answers[name])

    def ambiguous(self, name: str) -> bool:
        """Whether it means different pods in different places."""
        return len({frozenset(pods) for pods in self.answers[name].values()}) > 1

    def labels(self, pod: str) -> dict[str, str]:
        """The labels by which Services with several pods find this one."""
        names = self.together.get(pod, ())
        return {f"name.minidock/{self.services[name]}": "true" for name in names}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all Services."""
        own = self.services.values()
        return (*own, *self.published.values(), *self.behind.values())


def _together(scopes: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pod for pods in scopes.values() for pod in pods))


def directory_of(plan: Plan) -> Directory:
    """Collects every name of the application; O(names + ports)."""
    answers = _answers(plan)
    together: dict[str, list[str]] = {}
    for name, scopes in answers.items():
        pods = _together(scopes)
        for pod in pods if len(pods) > 1 else ():
            together.setdefault(pod, []).append(name)
    services = assign(answers)
    ways = doors(plan)
    openings = {pod.name: opening(pod, plan, ways.get(pod.name)) for pod in plan.pods}
    open_pods = [pod for pod, found in openings.items() if found.ports]
    inner_pods = [pod for pod, found in openings.items() if found.behind]
    wishes = [f"{pod}-published" for pod in open_pods]
    inner_wishes = [f"{pod}-http" for pod in inner_pods]
    names = assign([*wishes, *inner_wishes], taken=set(services.values()))
    return Directory(
        answers=answers,
        services=services,
        together={pod: tuple(found) for pod, found in together.items()},
        published={p: names[w] for p, w in zip(open_pods, wishes, strict=True)},
        behind={p: names[w] for p, w in zip(inner_pods, inner_wishes, strict=True)},
        openings=openings,
        doors=ways,
    )


def _answers(plan: Plan) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, dict[str, None]]] = {}
    for name, scope, pod in _names(plan):
        found.setdefault(name.lower(), {}).setdefault(scope, {})[pod] = None
    return {
        name: {scope: tuple(pods) for scope, pods in scopes.items()}
        for name, scopes in found.items()
    }


def _names(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for pod in plan.pods:
        for attachment in pod.base.networking.attachments:
            for name in _own_names(pod, attachment, plan):
                yield name, attachment.network, pod.name
            for link in attachment.links:
                target = plan.pod_of(link.target)
                if target is not None:
                    yield link.alias, f"link of {pod.base.name}", target.name


def _own_names(pod: PlannedPod, attachment: Attachment, plan: Plan) -> Iterator[str]:
    # Docker's default bridge has no names; one more does no harm there.
    yield pod.base.name
    if has_names(attachment, plan):
        if pod.base.program.container_name:
            yield pod.base.program.container_name
        yield from attachment.aliases


def has_names(attachment: Attachment, plan: Plan) -> bool:
    """Whether Docker's DNS server knows names on the network of an attachment."""
    return not plan.network(attachment.network).default

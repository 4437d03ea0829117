"""On which nodes a pod may run, and how several of them spread.

```
 node.labels.disk == ssd    ─▶ nodeAffinity  disk In [ssd]
 node.role == manager       ─▶ nodeAffinity  .../control-plane Exists
 spread=node.labels.zone    ─▶ topologySpreadConstraints over zone, as far as it goes
 max_replicas_per_node: 1   ─▶ podAntiAffinity over kubernetes.io/hostname
 platform: linux/arm64      ─▶ nodeSelector  kubernetes.io/os, kubernetes.io/arch
```

Invariants: all constraints are in one term, because Swarm wants all of them; a label
that no node can have is reported, not written. Swarm calls this *placement*.
"""

import re
from collections.abc import Iterator

from k8s_bridge.application import Service
from k8s_bridge.mapping.part import Fields, Part, fields
from k8s_bridge.mapping.plan import NAME_LABEL, PlannedPod
from k8s_bridge.names import is_label_value, is_qualified_name
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["placement", "platform", "platform_notes"]

_HOSTNAME = "kubernetes.io/hostname"
_OS, _ARCH = "kubernetes.io/os", "kubernetes.io/arch"
_MANAGER = "node-role.kubernetes.io/control-plane"
_CONSTRAINT = r"\s*(\S+?)\s*(==|!=)\s*(.*?)\s*"
_SYSTEMS = frozenset({"linux", "windows", "darwin", "freebsd"})
# What uname says, beside what Go and Kubernetes say.
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "x86": "386", "i386": "386"}
_NODE_KEYS = {
    "node.hostname": _HOSTNAME,
    "node.platform.os": _OS,
    "node.platform.arch": _ARCH,
    "engine.labels.operatingsystem": _OS,
}
_EVERY_NODE = 2**31 - 1


def placement(pod: PlannedPod) -> Part:
    """The ``affinity`` and ``topologySpreadConstraints`` of a pod, with its notes."""
    wanted = pod.base.scheduling
    found = [_constraint(text) for text in wanted.constraints]
    expressions = [item for item, _ in found if item]
    node: Fields = {}
    if expressions:
        term = {"nodeSelectorTerms": [{"matchExpressions": expressions}]}
        node["requiredDuringSchedulingIgnoredDuringExecution"] = term
    parted = [_spread(text, pod) for text in wanted.preferences]
    spread = [item for item, _ in parted if item]
    apart, limit = _per_node(pod)
    affinity = fields(nodeAffinity=node, podAntiAffinity=apart)
    notes = (
        *(note for _, note in found),
        *(note for _, note in parted),
        kept("max_per_node", "podAntiAffinity, or a spread that counts from zero"),
    )
    return Part(
        fields(affinity=affinity, topologySpreadConstraints=[*spread, *limit]), notes
    )


def _constraint(text: str) -> tuple[Fields, Note]:
    match = re.fullmatch(_CONSTRAINT, text)
    if match is None:
        return {}, lost("constraints", f"{text}: neither == nor != is in it")
    key, operator, value = match.groups()
    equal = operator == "=="
    if key == "node.role":
        manager = (value == "manager") == equal
        expression: Fields = {
            "key": _MANAGER,
            "operator": "Exists" if manager else "DoesNotExist",
        }
        return expression, changed("constraints", f"{text}: nodeAffinity on {_MANAGER}")
    label = _label(key)
    if not label:
        return {}, lost("constraints", f"{text}: no label of a node says that")
    if label == _ARCH:
        value = _MACHINES.get(value, value)
    if not is_label_value(value):
        return {}, lost("constraints", f"{text}: no label can have this value")
    expression = {
        "key": label,
        "operator": "In" if equal else "NotIn",
        "values": [value],
    }
    how = f"{text}: required nodeAffinity on {label}"
    if label in _NODE_KEYS.values():
        return expression, kept("constraints", how)
    return expression, changed("constraints", f"{how}, which nodes must be given")


def _label(key: str) -> str:
    """The node label that a word of Swarm means, "" for none."""
    if key in _NODE_KEYS:
        return _NODE_KEYS[key]
    for prefix in ("node.labels.", "engine.labels."):
        name = key.removeprefix(prefix)
        if name != key:
            return name if is_qualified_name(name) else ""
    return ""


def _same(pod: PlannedPod) -> Fields:
    return {"matchLabels": {NAME_LABEL: pod.name}}


def _spread(text: str, pod: PlannedPod) -> tuple[Fields, Note]:
    key = text.partition("=")[2] if text.startswith("spread") else text
    label = _label(key.strip())
    if not label:
        return {}, lost("preferences", f"{text}: no label of a node says that")
    constraint: Fields = {
        "maxSkew": 1,
        "topologyKey": label,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": _same(pod),
    }
    return constraint, kept("preferences", f"topologySpreadConstraints over {label}")


def _per_node(pod: PlannedPod) -> tuple[Fields, list[Fields]]:
    """What keeps more than some pods off one node: anti-affinity for one, else a skew.

    With more domains wanted than there are, the fewest pods of a domain count as none:
    so the skew is the number of pods on a node.
    """
    most = pod.base.scheduling.max_per_node
    if most < 1:
        return {}, []
    if most == 1:
        term = {"topologyKey": _HOSTNAME, "labelSelector": _same(pod)}
        return {"requiredDuringSchedulingIgnoredDuringExecution": [term]}, []
    return {}, [
        {
            "maxSkew": min(most, _EVERY_NODE),
            "minDomains": _EVERY_NODE,
            "topologyKey": _HOSTNAME,
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": _same(pod),
        }
    ]


def platform(pod: PlannedPod) -> Part:
    """The ``nodeSelector`` of a pod: what its base says, as all run on one node."""
    system, machine, _ = _platform(pod.base.program.platform)
    return Part(fields(nodeSelector=fields(**{_OS: system, _ARCH: machine})))


def _platform(text: str) -> tuple[str, str, bool]:
    """System and architecture of os/arch/variant, and whether there is more."""
    words = [word for word in text.lower().split("/") if word]
    system = words[0] if words and words[0] in _SYSTEMS else ""
    rest = words[1:] if system else words
    machine = _MACHINES.get(rest[0], rest[0]) if rest else ""
    good = is_label_value(machine)
    return system, machine if good else "", len(rest) > 1 or not good


def platform_notes(service: Service, pod: PlannedPod) -> Iterator[Note]:
    """What became of a service's platform."""
    wanted = service.program.platform
    system, machine, more = _platform(wanted)
    if service is not pod.base and wanted != pod.base.program.platform:
        yield changed("platform", f"the pod runs where {pod.base.name} may run")
    elif not system and not machine:
        yield lost("platform", "neither a system nor an architecture that nodes have")
    elif more:
        yield changed("platform", "nodeSelector; nodes do not tell a variant")
    else:
        yield kept("platform", f"nodeSelector {_OS} and {_ARCH}")

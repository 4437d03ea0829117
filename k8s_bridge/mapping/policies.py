"""Networks as NetworkPolicies.

A policy only adds permissions, and isolates a pod as soon as it selects it. So
membership is a label, and each network is one policy that lets its label in:

```
 network front           pods with network.minidock/front ─┬─▶ each other
 internal network back   the same, and out only to each other and to DNS
 icc=false               nobody, except links of the default bridge, to declared ports
 none                    nothing in, nothing out
 -p 8080:80              from outside to port 80
```

Invariants: every pod with policies is selected by one for Ingress; Egress is limited
only for pods without any other way out (isolation is per pod, not per network);
``policyTypes`` is spelled out. Docker's words: *isolation*, *icc*, *internal*.
"""

from collections.abc import Iterable, Iterator

from k8s_bridge.application import Network, Port
from k8s_bridge.mapping.doors import doors
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.mapping.plan import NAME_LABEL, NONE_KEY, Plan, PlannedPod
from k8s_bridge.mapping.publishing import open_ports
from k8s_bridge.names import assign
from k8s_bridge.report import Note, changed, kept, lost
from minidock.net.prefix import Prefix

__all__ = ["links", "membership", "network_notes", "policies"]

_ONLY_INTERNAL = "minidock/only-internal"


def _dns() -> Fields:
    """Where pods that may go nowhere else still ask for names."""
    namespace = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    servers = {"matchLabels": {"k8s-app": "kube-dns"}}
    return {
        "to": [{"namespaceSelector": namespace, "podSelector": servers}],
        "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
    }


def membership(pod: PlannedPod, plan: Plan) -> dict[str, str]:
    """The labels that say which networks a pod is on; none that no policy reads."""
    if pod.on_host or not plan.enforces:
        return {}  # policies do not hold for a pod on its node's network
    keys = [plan.network_keys[network.name] for network in pod.networks]
    labels = dict.fromkeys((_label(key) for key in keys or [NONE_KEY]), "true")
    return {**labels, _ONLY_INTERNAL: "true"} if pod.only_internal else labels


def _label(key: str) -> str:
    return f"network.minidock/{key}"


def _member(key: str) -> Fields:
    return {"matchLabels": {_label(key): "true"}}


def policies(plan: Plan) -> list[Fields]:
    """All NetworkPolicies; none if nothing has to be kept apart."""
    if not plan.enforces:
        return []
    specs = [*_network_specs(plan), *_none_spec(plan), *_published_specs(plan)]
    names = assign(name for name, _ in specs)
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": names[name], **_owner(spec)},
            "spec": spec,
        }
        for name, spec in specs
    ]


def _owner(spec: Fields) -> Fields:
    """The label of the one pod that a policy is about, if it is about one."""
    selector = spec["podSelector"]
    labels = selector.get("matchLabels") if isinstance(selector, dict) else None
    if not isinstance(labels, dict) or NAME_LABEL not in labels:
        return {}
    return {"labels": {NAME_LABEL: labels[NAME_LABEL]}}


def _network_specs(plan: Plan) -> Iterator[tuple[str, Fields]]:
    for network in plan.networks:
        key = plan.network_keys[network.name]
        yield f"network-{key}", _ingress(_member(key), _peers(network, key))
        if not network.icc and network.default:
            yield from _link_specs(network, plan)
        if network.internal and any(p.only_internal for p in plan.members(network)):
            yield f"network-{key}-internal", _internal(key)


def _peers(network: Network, key: str) -> list[Fields]:
    return [{"from": [{"podSelector": _member(key)}]}] if network.icc else []


def _ingress(selector: Fields, rules: list[Fields]) -> Fields:
    return {
        "podSelector": selector,
        "policyTypes": ["Ingress"],
        **fields(ingress=rules),
    }


def _internal(key: str) -> Fields:
    labels = {_label(key): "true", _ONLY_INTERNAL: "true"}
    return {
        "podSelector": {"matchLabels": labels},
        "policyTypes": ["Egress"],
        "egress": [{"to": [{"podSelector": _member(key)}]}, _dns()],
    }


def _link_specs(network: Network, plan: Plan) -> Iterator[tuple[str, Fields]]:
    """With icc=false, Docker opens a link's declared ports to the linking container."""
    for source, target in links(network, plan):
        rule: Fields = {
            "from": [{"podSelector": {"matchLabels": {NAME_LABEL: source.name}}}],
            "ports": _ports(target.base.networking.ports),
        }
        selector: Fields = {"matchLabels": {NAME_LABEL: target.name}}
        if rule["ports"]:
            yield f"link-{source.name}-{target.name}", _ingress(selector, [rule])


def links(network: Network, plan: Plan) -> tuple[tuple[PlannedPod, PlannedPod], ...]:
    """The pods that a link connects on a network, each pair once."""
    pairs = {}
    for pod in plan.members(network):
        for attachment in pod.base.networking.attachments:
            if attachment.network != network.name:
                continue
            for link in attachment.links:
                target = plan.pod_of(link.target)
                if target is None or target.base.name != link.target:
                    continue  # one that shares a namespace has no address of its own
                if network in target.networks:
                    pairs[pod.name, target.name] = (pod, target)
    return tuple(pairs.values())


def _ports(ports: Iterable[Port]) -> list[Fields]:
    return [{"protocol": p.protocol.upper(), "port": p.number} for p in ports]


def _none_spec(plan: Plan) -> Iterator[tuple[str, Fields]]:
    if any(pod.isolated for pod in plan.pods):
        types = ["Ingress", "Egress"]
        spec: Fields = {"podSelector": _member(NONE_KEY), "policyTypes": types}
        yield "isolated", spec


def _published_specs(plan: Plan) -> Iterator[tuple[str, Fields]]:
    ways = doors(plan)
    for pod in plan.pods:
        ports = open_ports(pod, plan)
        if ports:
            selector: Fields = {"matchLabels": {NAME_LABEL: pod.name}}
            rules: list[Fields] = [{"from": _outside(plan), "ports": _ports(ports)}]
            if pod.name in ways:
                inner = _ports([ways[pod.name].publication.port])
                rules.append({"from": [_controller(plan)], "ports": inner})
            yield f"published-{pod.name}", _ingress(selector, rules)


def _controller(plan: Plan) -> Fields:
    """The pods that an Ingress comes from: they are in the cluster, not outside."""
    name = {"kubernetes.io/metadata.name": plan.options.ingress_namespace}
    return {"namespaceSelector": {"matchLabels": name}}


def _outside(plan: Plan) -> list[Fields]:
    return [
        {"ipBlock": fields(cidr=cidr, **{"except": _cut(cidr, plan)})}
        for cidr in plan.options.outside
    ]


def _cut(cidr: str, plan: Plan) -> list[str]:
    """The exceptions that lie in a range: others would be refused."""
    whole = Prefix.parse(cidr)
    return [
        text
        for text in plan.options.outside_except
        if whole.covers(Prefix.parse(text)) and Prefix.parse(text) != whole
    ]


def network_notes(network: Network, plan: Plan) -> Iterator[Note]:
    """What became of a network's own settings."""
    if not plan.members(network):
        unused = "no container is on this network"
        settings = dict.fromkeys(setting.attribute for setting in network.settings)
        yield from (lost(attribute, unused) for attribute in settings)
        return
    where = "the cluster's one network"
    if plan.enforces:
        where = f"label {_label(plan.network_keys[network.name])}"
    yield kept("name", where)
    if network.driver in ("bridge", "overlay"):
        yield kept("driver", where)
    else:
        why = "no addresses of the physical network, no broadcast"
        yield changed("driver", f"{where}; {why}")
    yield changed("ipam", "addresses come from the cluster's pod range")
    yield changed("ipv6", "a cluster has the families it was made with")
    yield changed("ipv4", "a cluster has the families it was made with")
    yield changed("scope", "labels reach across nodes anyway")
    yield lost("masquerade", "whether pods are hidden behind a node is the cluster's")
    if not plan.enforces:
        yield lost("internal", "NetworkPolicies are switched off")
        yield lost("icc", "NetworkPolicies are switched off")
        return
    yield changed(
        "internal", "an Egress policy; DNS answers outside names all the same"
    )
    yield kept("icc", "a policy that lets nobody in, except along links")

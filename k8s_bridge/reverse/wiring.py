"""Services and NetworkPolicies as names, published ports and networks.

```
 headless Service db          ─▶ the name that db has anyway, or an alias
 Service web, LoadBalancer    ─▶ -p 8080:80
 label network.minidock/front ─▶ network front; its policies say icc and internal
```

Invariant: a Service whose pods are not among the manifests is lost, and says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from k8s_bridge.application import Attachment, Network, NetworkMode, Port, Publication
from k8s_bridge.reverse.labels import docker_name
from k8s_bridge.reverse.node import Node
from k8s_bridge.reverse.workloads import Workload

__all__ = ["DEFAULT", "Wiring", "wiring_of"]

DEFAULT = "default"
_NETWORK = "network.minidock/"
_KNOWN = {80: "http", 443: "https"}


@dataclass
class Wiring:
    """What each base service gets, by its name; filled Service by Service."""

    networks: tuple[Network, ...]
    aliases: dict[str, list[str]] = field(default_factory=dict)
    published: dict[str, list[Publication]] = field(default_factory=dict)
    virtual: set[str] = field(default_factory=set)

    def attachments(self, workload: Workload) -> tuple[Attachment, ...]:
        """The places of a workload's first service on networks, with its aliases."""
        if workload.isolated or workload.base.networking.mode is not (
            NetworkMode.NETWORKS
        ):
            return ()
        names = workload.networks or (DEFAULT,)
        aliases = tuple(dict.fromkeys(self.aliases.get(workload.base.name, ())))
        # A Service answers on every network; saying the name once is enough for that.
        first = next((n for n in names if n != "bridge"), "")
        return tuple(
            Attachment(network=n, aliases=aliases if n == first else ()) for n in names
        )


def wiring_of(
    services: Iterable[Node], policies: Iterable[Node], workloads: tuple[Workload, ...]
) -> Wiring:
    """Reads all Services and NetworkPolicies; O(their size + whom they select)."""
    labelled: dict[tuple[str, str], list[Workload]] = {}
    for workload in workloads:
        for pair in workload.labels.items():
            labelled.setdefault(pair, []).append(workload)
    wiring = Wiring(tuple(_networks(tuple(policies), workloads)))
    for service in services:
        chosen = _chosen(service, labelled)
        if not chosen:
            service("spec").lost("none of these pods is selected")
            continue
        if service("spec")("type").text == "ExternalName":
            continue
        _service(service, chosen, wiring)
    return wiring


def _chosen(
    service: Node, labelled: Mapping[tuple[str, str], list[Workload]]
) -> list[Workload]:
    """The workloads that have all labels of a Service's selector."""
    wanted = service("spec")("selector").pairs.items()
    if not wanted:
        return []
    rarest = min((labelled.get(pair, []) for pair in wanted), key=len)
    return [workload for workload in rarest if wanted <= workload.labels.items()]


def _service(service: Node, chosen: list[Workload], wiring: Wiring) -> None:
    spec = service("spec")
    kind = spec("type").text or "ClusterIP"
    name = docker_name(service) or service("metadata")("name").text
    service("metadata")("labels").passed()
    spec("selector").passed()
    if kind in ("LoadBalancer", "NodePort"):
        spec.kept("ports")
        _publish(spec, kind, chosen[0], wiring)
        if len(chosen) > 1:
            spec.changed("ports of the first one only: a host has each port once")
        return
    _name(name, spec, chosen, wiring)


def _name(name: str, spec: Node, chosen: list[Workload], wiring: Wiring) -> None:
    """A name inside: a service's own, an alias, or one that only says who is ready."""
    ready_only = name.endswith("-ready") and not spec("publishNotReadyAddresses")
    if ready_only and not spec("ports"):
        spec.changed("depends_on, condition service_healthy")
        return
    headless = spec("clusterIP").text == "None"
    spec.kept("the service's name")
    for workload in chosen:
        base = workload.base
        if not headless:
            wiring.virtual.add(base.name)
        if base.name.lower() != name.lower():
            spec.kept("networks.aliases")
            wiring.aliases.setdefault(base.name, []).append(name)
    for port in spec("ports").nodes():
        outer = port("port").number
        inner = chosen[0].port(port("targetPort").value, outer)
        if inner != outer:
            port.changed(f"ask for port {inner}: nothing between changes the number")


def _publish(spec: Node, kind: str, workload: Workload, wiring: Wiring) -> None:
    for port in spec("ports").nodes():
        outer = port("port").number
        if kind == "NodePort" and port("nodePort").number:
            outer = port("nodePort").number
        protocol = port("protocol").text.lower() or "tcp"
        inner = workload.port(port("targetPort").value, port("port").number)
        said = port("name").text
        usual = (f"{port('port').number}-{protocol}", _KNOWN.get(inner, ""))
        wiring.published.setdefault(workload.base.name, []).append(
            Publication(
                Port(inner, protocol),
                host_port=outer,
                name="" if said in usual else said,
                app_protocol=port("appProtocol").text,
            )
        )


# --- networks -------------------------------------------------------------------------


def _networks(
    policies: tuple[Node, ...], workloads: tuple[Workload, ...]
) -> Iterator[Network]:
    keys = dict.fromkeys(key for w in workloads for key in w.networks)
    said: Mapping[str, list[Node]] = {}
    said = _policies(policies, keys)
    unnamed = any(not w.networks and not w.isolated for w in workloads)
    for key in keys:
        own = said.get(key, [])
        plain = [p for p in own if p("spec")("policyTypes").texts == ("Ingress",)]
        yield Network(
            name=key,
            default=key == "bridge",
            internal=len(own) > len(plain),
            icc=not plain or bool(plain[0]("spec")("ingress")),
        )
    if unnamed:
        yield Network(name=DEFAULT, implicit=True)


def _policies(policies: tuple[Node, ...], keys: Iterable[str]) -> dict[str, list[Node]]:
    """The policies of each network; those about something else say what they are."""
    known = set(keys)
    found: dict[str, list[Node]] = {}
    for policy in policies:
        chosen = policy("spec")("podSelector")("matchLabels").pairs
        networks = [k.removeprefix(_NETWORK) for k in chosen if k.startswith(_NETWORK)]
        name = policy("metadata")("name").text
        policy("metadata")("labels").passed()
        if len(networks) == 1 and networks[0] in known and _is_plain(policy):
            policy("spec").kept("networks")
            found.setdefault(networks[0], []).append(policy)
        elif networks == ["none"]:
            policy("spec").kept("network_mode: none")
        elif name.startswith("published-") and _from_outside(policy):
            _say_who_comes(policy)
        elif name.startswith("link-"):
            policy("spec").changed("a network that both are on: it opens more ports")
    return found


def _is_plain(policy: Node) -> bool:
    """Whether it says no more than that members talk to each other, or get not out.

    What else it lets through, or keeps out, no network of Docker can say.
    """
    spec = policy("spec")
    chosen = spec("podSelector")("matchLabels").pairs
    key = next(k for k in chosen if k.startswith(_NETWORK))
    member = {"podSelector": {"matchLabels": {key: chosen[key]}}}
    if spec("policyTypes").texts == ("Ingress",):
        return spec("ingress").value in (None, [], [{"from": [member]}])
    rules = list(spec("egress").nodes())
    inner = [rule for rule in rules if rule.value == {"to": [member]}]
    return spec("policyTypes").texts == ("Egress",) and len(inner) == 1


_EVERYBODY = ("0.0.0.0/0", "::/0")


def _say_who_comes(policy: Node) -> None:
    rules = list(policy("spec")("ingress").nodes())
    blocks = [peer("ipBlock") for rule in rules for peer in rule("from").nodes()]
    if any(block("cidr").text in _EVERYBODY for block in blocks):
        policy("spec").kept("ports")
    else:
        policy("spec").changed("ports, which Docker opens to everybody")


def _from_outside(policy: Node) -> bool:
    rules = list(policy("spec")("ingress").nodes())
    peers = [peer for rule in rules for peer in rule("from").nodes()]
    return bool(peers) and all(peer("ipBlock") for peer in peers)

"""Clusters with NetworkPolicies of every form: pods, namespaces, policies."""

from hypothesis import strategies as st

from k8s_bridge.application import Port
from k8s_bridge.reachability import Outside, Pod, Policies
from minidock.net.address import Address

__all__ = ["PORTS", "clusters", "ends", "policy_manifests"]

PORTS = (Port(80), Port(8080), Port(53, "udp"), Port(9))
_NAMESPACES = ("default", "blue", "green")
_labels = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), max_size=3)
_NAMES = ("http", "dns")

_values = st.lists(st.sampled_from("xyz"), min_size=1, max_size=2, unique=True)
_expressions = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from("abc"),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": _values,
        }
    ),
    st.fixed_dictionaries(
        {
            "key": st.sampled_from("abc"),
            "operator": st.sampled_from(["Exists", "DoesNotExist"]),
        }
    ),
)
_selectors = st.fixed_dictionaries(
    {},
    optional={
        "matchLabels": _labels.filter(bool),
        "matchExpressions": st.lists(_expressions, min_size=1, max_size=2),
    },
)
_blocks = st.sampled_from(
    [
        {"cidr": "0.0.0.0/0"},
        {"cidr": "10.0.0.0/8"},
        {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/24"]},
        {"cidr": "203.0.113.0/24"},
        {"cidr": "2001:db8::/32"},
    ]
)
_peers = st.one_of(
    st.fixed_dictionaries({"ipBlock": _blocks}),
    st.fixed_dictionaries(
        {"podSelector": _selectors}, optional={"namespaceSelector": _selectors}
    ),
    st.fixed_dictionaries({"namespaceSelector": _selectors}),
)
_ports = st.one_of(
    st.fixed_dictionaries({}, optional={"protocol": st.sampled_from(["TCP", "UDP"])}),
    st.fixed_dictionaries(
        {"port": st.sampled_from([80, 53, 8080])},
        optional={"protocol": st.sampled_from(["TCP", "UDP"])},
    ),
    st.fixed_dictionaries(
        {"port": st.just(80), "endPort": st.sampled_from([80, 8080])}
    ),
    st.fixed_dictionaries(
        {"port": st.sampled_from(_NAMES)},
        optional={"protocol": st.sampled_from(["TCP", "UDP"])},
    ),
)


def _rules(peers: str) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries(
        {},
        optional={
            peers: st.lists(_peers, min_size=1, max_size=2),
            "ports": st.lists(_ports, min_size=1, max_size=2),
        },
    )


@st.composite
def policy_manifests(draw, number: int = 0) -> dict:
    """One NetworkPolicy that the API server would take."""
    types = draw(
        st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"], None])
    )
    spec = {"podSelector": draw(_selectors)}
    if types:
        spec["policyTypes"] = types
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        if draw(st.booleans()) and (types is None or direction.title() in types):
            spec[direction] = draw(st.lists(_rules(peers), max_size=2))
    namespace = draw(st.sampled_from(_NAMESPACES))
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"policy-{number}", "namespace": namespace},
        "spec": spec,
    }


@st.composite
def _pod(draw, number: int) -> Pod:
    names = draw(st.permutations(_NAMES))
    named = [(Port(80), names[0]), (Port(53, "udp"), names[1])]
    return Pod(
        name=f"pod-{number}",
        namespace=draw(st.sampled_from(_NAMESPACES)),
        labels=draw(_labels),
        ports=tuple(named[: draw(st.integers(0, 2))]),
        addresses=(Address.parse(f"10.0.{number % 2}.{number + 1}"),),
        on_host=draw(st.integers(0, 9)) == 0,
    )


@st.composite
def ends(draw, most: int = 6) -> tuple[Pod | Outside, ...]:
    """Pods in three namespaces, and two addresses that are no pod's."""
    pods = [draw(_pod(number)) for number in range(draw(st.integers(1, most)))]
    return (*pods, Outside("203.0.113.7"), Outside("2001:db8::7"))


@st.composite
def clusters(draw) -> tuple[tuple[Pod | Outside, ...], Policies, list[dict]]:
    """Who is there, the policies, and these as manifests with their namespaces."""
    count = draw(st.integers(0, 5))
    manifests = [draw(policy_manifests(number)) for number in range(count)]
    namespaces = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": draw(_labels)},
        }
        for name in _NAMESPACES
    ]
    everything = [*namespaces, *manifests]
    policies = Policies.of(everything, by_address=draw(st.booleans()))
    return draw(ends()), policies, everything

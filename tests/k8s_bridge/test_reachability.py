"""The evaluator against the words of the NetworkPolicy API."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.application import Port
from k8s_bridge.reachability import (
    DNS,
    Outside,
    Pod,
    Policies,
    allows,
    explain,
    pods_of,
)
from minidock.errors import InvalidParameter
from minidock.net.address import Address

WEB = Pod(name="web", labels={"app": "web", "tier": "front"})
DB = Pod(name="db", labels={"app": "db"})
HTTP = Port(80)


def _policies(*specs: dict):
    return Policies.of([{"kind": "NetworkPolicy", "spec": spec} for spec in specs])


def _selects(**labels: str) -> dict:
    return {"podSelector": {"matchLabels": labels}}


def _ingress(*rules: dict, **labels: str) -> dict:
    return {**_selects(**labels), "policyTypes": ["Ingress"], "ingress": list(rules)}


def _egress(*rules: dict, **labels: str) -> dict:
    return {**_selects(**labels), "policyTypes": ["Egress"], "egress": list(rules)}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, True),
        ({"from": [_selects(app="web")]}, True),
        ({"from": [_selects(app="web", tier="back")]}, False),
        ({"from": [_selects(app="x"), _selects(app="web")]}, True),
        ({"from": [{"podSelector": {}}]}, True),
        ({"from": [{"namespaceSelector": {"matchLabels": {"x": "y"}}}]}, False),
        ({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, False),
        ({"ports": [{"port": 80, "protocol": "TCP"}]}, True),
        ({"ports": [{"port": 80}]}, True),
        ({"ports": [{"port": 80, "protocol": "UDP"}]}, False),
        ({"ports": [{"protocol": "TCP"}]}, True),
        ({"ports": [{"port": 70, "endPort": 80}]}, True),
        ({"ports": [{"port": 70, "endPort": 79}]}, False),
        ({"from": [_selects(app="web")], "ports": [{"port": 81}]}, False),
    ],
)
def test_a_rule_needs_a_peer_and_a_port(rule, expected):
    assert allows(_policies(_ingress(rule, app="db")), WEB, DB, HTTP) is expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("In", ["web"], True),
        ("In", ["x"], False),
        ("NotIn", ["web"], False),
        ("NotIn", ["x"], True),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
    ],
)
def test_expressions_of_a_selector(operator, values, expected):
    expression = {"key": "app", "operator": operator, "values": values}
    rule = {"from": [{"podSelector": {"matchExpressions": [expression]}}]}
    assert allows(_policies(_ingress(rule, app="db")), WEB, DB, HTTP) is expected


def test_policies_only_add():
    nobody = _ingress(app="db")
    web = _ingress({"from": [_selects(app="web")]}, app="db")
    assert not allows(_policies(nobody), WEB, DB, HTTP)
    assert allows(_policies(nobody, web), WEB, DB, HTTP)


def test_both_sides_must_admit():
    into = _ingress({}, app="db")
    out = _egress(app="web")
    assert allows(_policies(into), WEB, DB, HTTP)
    assert not allows(_policies(into, out), WEB, DB, HTTP)


def test_isolation_is_by_direction():
    policies = _policies(_ingress(app="db"))
    assert not allows(policies, WEB, DB, HTTP)
    assert allows(policies, DB, WEB, HTTP)


def test_unsaid_types_imply_egress_only_with_egress_rules():
    silent = {**_selects(app="db"), "ingress": [{}]}
    assert allows(_policies(silent), DB, WEB, HTTP)
    speaking = {**silent, "egress": []}
    assert not allows(_policies(speaking), DB, WEB, HTTP)


def test_a_pod_selector_alone_means_the_own_namespace():
    name = {"kubernetes.io/metadata.name": DNS.namespace}
    dns = {"namespaceSelector": {"matchLabels": name}}
    own = _policies(_egress({"to": [_selects(**dict(DNS.labels))]}, app="db"))
    theirs = _policies(_egress({"to": [dns | _selects(**dict(DNS.labels))]}, app="db"))
    assert not allows(own, DB, DNS, Port(53, "udp"))
    assert allows(theirs, DB, DNS, Port(53, "udp"))


def test_blocks_are_for_outside_addresses():
    block = {"cidr": "203.0.113.0/24", "except": ["203.0.113.128/25"]}
    policies = _policies(_ingress({"from": [{"ipBlock": block}]}, app="db"))
    assert allows(policies, Outside("203.0.113.7"), DB, HTTP)
    assert not allows(policies, Outside("203.0.113.200"), DB, HTTP)
    assert not allows(policies, Outside("192.0.2.1"), DB, HTTP)
    assert not allows(policies, Outside("2001:db8::1"), DB, HTTP)


def test_policies_do_not_hold_for_a_pod_on_its_nodes_network():
    host = Pod(name="metrics", labels={"app": "db"}, on_host=True)
    assert allows(_policies(_ingress(app="db")), WEB, host, HTTP)
    everyone = {"from": [{"podSelector": {}}]}
    assert not allows(_policies(_ingress(everyone, app="db")), host, DB, HTTP)


def test_pods_are_found_in_whatever_keeps_them():
    inner = {"metadata": {"labels": {"a": "b"}}, "spec": {"hostNetwork": True}}
    manifests = [
        {"kind": "Pod", "metadata": {"name": "p", "labels": {}}, "spec": {"x": 1}},
        {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": inner}},
        {"kind": "Service", "metadata": {"name": "s"}, "spec": {"type": "NodePort"}},
    ]
    pods = pods_of(manifests)
    assert list(pods) == ["p", "d"]
    assert pods["d"] == Pod(name="d", labels={"a": "b"}, on_host=True)


@pytest.mark.parametrize(
    ("peer", "port", "words"),
    [
        ({"podSelector": {}, "ipBlock": {"cidr": "::/0"}}, {}, "either a block"),
        ({}, {}, "either a block"),
        (
            {"podSelector": {"matchExpressions": [{"operator": "in"}]}},
            {},
            "no operator",
        ),
        ({"podSelector": {}}, {"port": "http", "endPort": 90}, "number to begin with"),
    ],
)
def test_what_the_api_server_refuses_is_refused(peer, port, words):
    rule = {"from": [peer], "ports": [port]}
    with pytest.raises(InvalidParameter, match=words):
        _policies(_ingress(rule))


def test_a_named_port_is_what_the_target_calls_so():
    target = Pod(name="db", labels={"app": "db"}, ports=((Port(5432), "sql"),))
    policies = _policies(_ingress({"ports": [{"port": "sql"}]}, app="db"))
    assert allows(policies, WEB, target, Port(5432))
    assert not allows(policies, WEB, target, HTTP)
    assert not allows(policies, WEB, DB, Port(5432))


def test_a_plugin_that_knows_addresses_matches_pods_by_blocks():
    web = Pod(name="web", addresses=(Address.parse("10.1.0.5"),))
    everybody = _ingress({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, app="db")
    manifest = {"kind": "NetworkPolicy", "spec": everybody}
    assert not allows(Policies.of([manifest]), web, DB, HTTP)
    assert allows(Policies.of([manifest], by_address=True), web, DB, HTTP)


def test_a_pod_always_reaches_itself():
    assert allows(_policies(_ingress(app="db"), _egress(app="db")), DB, DB, HTTP)


def test_policies_of_one_namespace_select_no_pod_of_another():
    far = Pod(name="db", namespace="far", labels={"app": "db"})
    assert allows(_policies(_ingress(app="db")), WEB, far, HTTP)


def test_an_explanation_names_the_policies():
    spec = _ingress(app="db")
    policies = Policies.of(
        [{"kind": "NetworkPolicy", "metadata": {"name": "shut"}, "spec": spec}]
    )
    assert explain(policies, WEB, DB, HTTP).endswith("do not let it through: shut")


_labels = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))
_rules = st.fixed_dictionaries(
    {},
    optional={
        "from": st.lists(_labels.map(lambda labels: _selects(**labels)), min_size=1),
        "ports": st.lists(st.sampled_from([{"port": 80}, {"port": 81}]), min_size=1),
    },
)
_specs = st.builds(
    lambda labels, rules: _ingress(*rules, **labels), _labels, st.lists(_rules)
)


@given(st.lists(_specs), _specs, _labels, _labels)
def test_one_more_policy_never_closes_an_isolated_pod(specs, extra, source, target):
    one, two = Pod(name="one", labels=source), Pod(name="two", labels=target)
    chosen = [spec["podSelector"]["matchLabels"] for spec in specs]
    isolated = any(labels.items() <= target.items() for labels in chosen)
    if isolated and allows(_policies(*specs), one, two, HTTP):
        assert allows(_policies(*specs, extra), one, two, HTTP)


@given(st.lists(_specs), _labels, _labels)
def test_the_order_of_policies_means_nothing(specs, source, target):
    one, two = Pod(name="one", labels=source), Pod(name="two", labels=target)
    forwards = allows(_policies(*specs), one, two, HTTP)
    assert forwards == allows(_policies(*reversed(specs)), one, two, HTTP)

"""Where pods may run: Swarm's constraints as labels of nodes."""

import pytest

from k8s_bridge.application import Program
from tests.k8s_bridge.made import scheduled, service, translated
from tests.k8s_bridge.shapes import hows, judge, spec_of

_SAID = [
    ("node.hostname == web-1", "kubernetes.io/hostname", "In", ["web-1"]),
    ("node.hostname!=web-1", "kubernetes.io/hostname", "NotIn", ["web-1"]),
    ("node.role == manager", "node-role.kubernetes.io/control-plane", "Exists", None),
    (
        "node.role != manager",
        "node-role.kubernetes.io/control-plane",
        "DoesNotExist",
        None,
    ),
    (
        "node.role == worker",
        "node-role.kubernetes.io/control-plane",
        "DoesNotExist",
        None,
    ),
    ("node.platform.os == linux", "kubernetes.io/os", "In", ["linux"]),
    ("node.platform.arch == x86_64", "kubernetes.io/arch", "In", ["amd64"]),
    ("node.labels.disk == ssd", "disk", "In", ["ssd"]),
    ("node.labels.example.com/zone==a", "example.com/zone", "In", ["a"]),
    ("engine.labels.storage != hdd", "storage", "NotIn", ["hdd"]),
    ("engine.labels.operatingsystem==linux", "kubernetes.io/os", "In", ["linux"]),
]


def _affinity(result):
    return spec_of(result, "web")["affinity"]


def _expressions(result):
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    [term] = _affinity(result)["nodeAffinity"][required]["nodeSelectorTerms"]
    return term["matchExpressions"]


@pytest.mark.parametrize(("text", "key", "operator", "values"), _SAID)
def test_a_constraint_is_a_required_affinity_to_nodes(text, key, operator, values):
    result = translated(scheduled("web", "constraints", constraints=(text,)))
    judge(result)
    [expression] = _expressions(result)
    assert expression["key"] == key
    assert expression["operator"] == operator
    assert expression.get("values") == values
    assert not hows(result, "constraints")[0].startswith("lost")


def test_all_constraints_hold_together():
    texts = ("node.labels.disk == ssd", "node.role == worker")
    assert len(_expressions(translated(scheduled("web", constraints=texts)))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "node.id == abc",
        "node.ip != 10.0.0.1",
        "node.labels.-x == y",
        "disk",
        "node.labels.a == two words",
    ],
)
def test_a_constraint_that_no_label_says_is_lost_and_not_written(text):
    result = translated(scheduled("web", "constraints", constraints=(text,)))
    assert "affinity" not in spec_of(result, "web")
    [how] = hows(result, "constraints")
    assert how.startswith(f"lost: {text}")


@pytest.mark.parametrize("text", ["spread=node.labels.zone", "node.labels.zone"])
def test_a_preference_spreads_as_far_as_it_goes(text):
    result = translated(scheduled("web", "preferences", preferences=(text,)))
    judge(result)
    [spread] = spec_of(result, "web")["topologySpreadConstraints"]
    assert spread["topologyKey"] == "zone"
    assert spread["whenUnsatisfiable"] == "ScheduleAnyway"
    assert hows(result, "preferences")[0].startswith("kept")


def test_one_on_each_node_keeps_away_from_its_like():
    result = translated(scheduled("web", max_per_node=1))
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    [term] = _affinity(result)["podAntiAffinity"][required]
    assert term["topologyKey"] == "kubernetes.io/hostname"


def test_some_on_each_node_are_counted_from_zero():
    result = translated(scheduled("web", max_per_node=3))
    judge(result)
    [spread] = spec_of(result, "web")["topologySpreadConstraints"]
    assert spread["maxSkew"] == 3
    assert spread["whenUnsatisfiable"] == "DoNotSchedule"
    # With fewer nodes than that, an empty one counts, so the skew is the number.
    assert spread["minDomains"] == 2**31 - 1


@pytest.mark.parametrize(
    ("platform", "selector", "outcome"),
    [
        (
            "linux/arm64",
            {"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64"},
            "kept",
        ),
        (
            "linux/arm/v7",
            {"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm"},
            "changed",
        ),
        ("linux", {"kubernetes.io/os": "linux"}, "kept"),
        ("x86_64", {"kubernetes.io/arch": "amd64"}, "kept"),
        ("?", None, "lost"),
    ],
)
def test_a_platform_is_a_node_selector(platform, selector, outcome):
    web = service("web", "platform", program=Program(image="nginx", platform=platform))
    result = translated(web)
    judge(result)
    assert spec_of(result, "web").get("nodeSelector") == selector
    assert hows(result, "platform")[0].startswith(outcome)

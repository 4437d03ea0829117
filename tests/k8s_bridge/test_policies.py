"""Networks as policies: exactly the set that keeps Docker's reachability."""

import pytest

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Application,
    Attachment,
    Network,
    Networking,
    Program,
    Service,
)
from k8s_bridge.sources.run import application_from_lines
from k8s_bridge.translate import Translation
from tests.k8s_bridge.shapes import hows, pod_of

ICC = "-o com.docker.network.bridge.enable_icc=false"


def _translated(*lines: str, **options: object):
    return translate(application_from_lines(list(lines)), Options(**options))


def _specs(result) -> dict[str, dict]:
    policies = (m for m in result.manifests if m["kind"] == "NetworkPolicy")
    return {policy["metadata"]["name"]: policy["spec"] for policy in policies}


def _network(key: str) -> dict:
    return {"matchLabels": {f"network.minidock/{key}": "true"}}


def test_the_default_bridge_alone_needs_no_policy():
    assert _specs(_translated("docker run -d -p 80:80 nginx")) == {}


@pytest.mark.parametrize(
    ("lines", "policies"),
    [
        (["docker run -d nginx"], "always"),
        (["docker run -d nginx", "docker run -d --network none nginx"], "auto"),
        (["docker network create f", "docker run -d --network f nginx"], "auto"),
    ],
)
def test_policies_are_there_when_asked_for_or_when_something_is_apart(lines, policies):
    assert _specs(_translated(*lines, policies=policies))
    assert not _specs(_translated(*lines, policies="never"))


def _implicit(*more: Network, **attributes: bool) -> Translation:
    own = Network(name="shop_default", implicit=True, **attributes)
    networks = (own, *more)
    attached = tuple(Attachment(network=network.name) for network in networks)
    web = Service(
        name="web",
        program=Program(image="nginx"),
        networking=Networking(attachments=attached),
    )
    return translate(Application(services=(web,), networks=networks))


def test_a_network_that_nobody_asked_for_needs_no_policy_and_no_label():
    result = _implicit()
    assert _specs(result) == {}
    labels = pod_of(result, "web")["metadata"]["labels"]
    assert not [key for key in labels if key.startswith("network.minidock/")]


def test_an_implicit_network_with_a_border_of_its_own_has_a_policy():
    assert _specs(_implicit(internal=True))
    assert _specs(_implicit(icc=False))
    assert _specs(_implicit(Network(name="bridge", default=True)))


def test_a_network_lets_its_members_in():
    result = _translated(
        "docker network create front", "docker run -d --network front --name web nginx"
    )
    assert _specs(result)["network-front"] == {
        "podSelector": _network("front"),
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": _network("front")}]}],
    }


def test_only_pods_without_a_way_out_are_kept_in():
    result = _translated(
        "docker network create front",
        "docker network create --internal back",
        "docker run -d --network back --name db redis",
        "docker run -d --network back --network front --name api nginx",
    )
    spec = _specs(result)["network-back-internal"]
    assert spec["policyTypes"] == ["Egress"]
    selector = {"network.minidock/back": "true", "minidock/only-internal": "true"}
    assert spec["podSelector"] == {"matchLabels": selector}
    assert spec["egress"][0] == {"to": [{"podSelector": _network("back")}]}
    assert [port["protocol"] for port in spec["egress"][1]["ports"]] == ["UDP", "TCP"]
    labels = pod_of(result, "api")["metadata"]["labels"]
    assert "minidock/only-internal" not in labels


def test_no_network_is_nothing_in_and_nothing_out():
    spec = _specs(_translated("docker run -d --network none nginx"))["isolated"]
    assert spec == {
        "podSelector": _network("none"),
        "policyTypes": ["Ingress", "Egress"],
    }


def test_a_published_port_is_open_to_outside_addresses_without_the_pods():
    lines = ["docker network create f", "docker run -d --network f -p 8:80 --name w1 x"]
    result = _translated(*lines, outside_except=["10.0.0.0/8", "fd00::/8"])
    [rule] = _specs(result)["published-w1"]["ingress"]
    assert rule == {
        "from": [
            {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}},
            {"ipBlock": {"cidr": "::/0", "except": ["fd00::/8"]}},
        ],
        "ports": [{"protocol": "TCP", "port": 80}],
    }


def test_icc_false_lets_nobody_in():
    result = _translated(
        f"docker network create {ICC} front",
        "docker run -d --network front --name aa nginx",
        "docker run -d --network front --link aa:x --name bb nginx",
    )
    # A link on a user-defined network gives a name, but opens nothing.
    assert set(_specs(result)) == {"network-front"}
    assert "ingress" not in _specs(result)["network-front"]


def test_a_key_is_changed_only_where_a_label_cannot_hold_it():
    result = _translated(
        "docker network create My_Net",
        "docker network create odd-",
        "docker run -d --network My_Net --network odd- --name web nginx",
    )
    labels = pod_of(result, "web")["metadata"]["labels"]
    keys = [key for key in labels if key.startswith("network.minidock/")]
    assert "network.minidock/My_Net" in keys
    assert any(
        key.startswith("network.minidock/odd-") and key[-1] != "-" for key in keys
    )


def test_the_report_says_what_a_network_became():
    result = _translated(
        f"docker network create --internal {ICC} -o x=y --label a=b back",
        "docker network create unused",
        "docker run -d --network back nginx",
    )
    assert hows(result, "Internal", "network back")[0].startswith("changed")
    assert hows(result, "Options.x", "network back")[0].startswith("lost")
    assert hows(result, "Labels", "network back")[0].startswith("lost")
    assert hows(result, "IPAM", "network unused") == [
        "lost: no container is on this network"
    ]

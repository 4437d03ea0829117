"""Ingresses: which port answers under which name, and what stays a LoadBalancer."""

import pytest
from hypothesis import given, settings

from k8s_bridge import Options, translate
from k8s_bridge.mapping.doors import doors
from k8s_bridge.mapping.plan import plan_of
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import hows, judge, named
from tests.k8s_bridge.strategies_k8s_bridge import topologies


def _translated(*lines: str, **options: object):
    chosen = Options(publish="ingress", **options)
    result = translate(application_from_lines(list(lines)), chosen)
    judge(result)
    assert result.same_reachability, str(result.proof)
    return result


def _web(flags: str, name: str = "web") -> str:
    return f"docker run -d --name {name} {flags} nginx"


def _rules(result, name: str = "web") -> list[tuple[str, str, str, int]]:
    found = []
    for rule in named(result, "Ingress", name)["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            service = path["backend"]["service"]
            found.append(
                (
                    rule.get("host", ""),
                    path["path"],
                    service["name"],
                    service["port"]["number"],
                )
            )
    return found


def _services(result) -> dict[str, str]:
    """The Services that have ports, and their type."""
    return {
        m["metadata"]["name"]: m["spec"].get("type", "ClusterIP")
        for m in result.manifests
        if m["kind"] == "Service" and "ports" in m["spec"]
    }


def test_a_web_port_is_behind_an_ingress_and_the_rest_is_as_ever():
    result = _translated(_web("-p 8080:80 -p 5432:5432 -p 53:53/udp"))
    assert _rules(result) == [("", "/", "web-http", 8080)]
    assert _services(result) == {
        "web-published": "LoadBalancer",
        "web-http": "ClusterIP",
    }
    ports = named(result, "Service", "web-published")["spec"]["ports"]
    assert {port["port"] for port in ports} == {5432, 53}
    assert any("no HTTP" in how for how in hows(result, "HostConfig.PortBindings"))


@pytest.mark.parametrize(
    ("flags", "places"),
    [
        ("-l 'traefik.http.routers.w.rule=Host(`a.example`)'", ["a.example/"]),
        (
            "-l 'traefik.http.routers.w.rule=Host(`a.example`) || Host(`b.example`)'",
            ["a.example/", "b.example/"],
        ),
        (
            "-l 'traefik.http.routers.w.rule=Host(`a.example`) && PathPrefix(`/api`)'",
            ["a.example/api"],
        ),
        ("-e VIRTUAL_HOST=a.example,*.b.example", ["a.example/", "*.b.example/"]),
        ("-e VIRTUAL_HOST=A.Example -e VIRTUAL_PATH=/x", ["a.example/x"]),
        ("-l caddy=a.example", ["a.example/"]),
        ("-e VIRTUAL_HOST=10.0.0.1", ["/"]),
        ("-e 'VIRTUAL_HOST=~^regex$'", ["/"]),
    ],
)
def test_names_are_those_that_a_reverse_proxy_is_told(flags, places):
    result = _translated(_web(f"-p 80:80 {flags}"))
    assert [host + path for host, path, _, _ in _rules(result)] == places


def test_the_port_that_a_proxy_is_told_is_the_one():
    flags = "-p 80:80 -p 9999:9999 -e VIRTUAL_PORT=9999"
    assert _rules(_translated(_web(flags)))[0][3] == 9999


def test_a_chosen_host_is_for_one_and_names_below_it_for_several():
    one = _translated(_web("-p 80:80"), host="shop.example")
    assert _rules(one)[0][0] == "shop.example"
    two = _translated(_web("-p 80:80"), _web("-p 81:80", "api"), host="shop.example")
    assert _rules(two)[0][0] == "web.shop.example"
    assert _rules(two, "api")[0][0] == "api.shop.example"


def test_without_a_name_only_one_answers_to_all_of_them():
    result = _translated(_web("-p 8080:80", "api"), _web("-p 80:80"))
    assert _rules(result) == [("", "/", "web-http", 80)]
    assert _services(result)["api-published"] == "LoadBalancer"
    assert "--host" in hows(result, "HostConfig.PortBindings", "api")[0]


def test_policies_let_the_controller_in():
    result = _translated(
        "docker network create front",
        _web("-p 80:80 --network front"),
        ingress_namespace="gate",
    )
    rules = named(result, "NetworkPolicy", "published-web")["spec"]["ingress"]
    peer = {"matchLabels": {"kubernetes.io/metadata.name": "gate"}}
    assert rules[1]["from"] == [{"namespaceSelector": peer}]


def test_a_class_is_named_where_one_is_chosen():
    result = _translated(_web("-p 80:80"), ingress_class="nginx")
    assert named(result, "Ingress", "web")["spec"]["ingressClassName"] == "nginx"


def test_no_port_that_docker_keeps_closed_has_a_door():
    result = _translated(
        "docker network create --internal back",
        _web("-p 80:80 --network back"),
        _web("-p 127.0.0.1:80:80", "local"),
    )
    assert "Ingress" not in {m["kind"] for m in result.manifests}


@settings(deadline=None, max_examples=50)
@given(topologies())
def test_no_two_doors_of_an_ingress_answer_to_the_same_host_and_path(application):
    plan = plan_of(application, Options(publish="ingress"))
    places = [
        (host, door.path)
        for door in doors(plan).values()
        for host in door.hosts or ("",)
    ]
    assert len(set(places)) == len(places)

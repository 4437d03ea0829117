"""Names that resolve, and ports that are open to the outside."""

import pytest
from hypothesis import given, settings

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Application,
    Attachment,
    Network,
    Networking,
    Port,
    Program,
    Publication,
    Scheduling,
    Service,
    Setting,
)
from k8s_bridge.mapping.directory import directory_of
from k8s_bridge.mapping.plan import plan_of
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import container_of, hows, judge, named, pod_of, spec_of
from tests.k8s_bridge.strategies_k8s_bridge import topologies


def _translated(*lines: str, **options: object):
    return translate(application_from_lines(list(lines)), Options(**options))


def _ports(result) -> dict[int, int]:
    ports = named(result, "Service", "web-published")["spec"]["ports"]
    return {port["port"]: port["targetPort"] for port in ports}


def test_a_name_is_a_headless_service_without_ports():
    result = _translated("docker run -d --name web nginx")
    assert named(result, "Service", "web")["spec"] == {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": {"app.kubernetes.io/name": "web"},
    }


def test_aliases_and_links_are_names_too():
    result = _translated(
        "docker network create front",
        "docker run -d --name db --network front --network-alias store redis",
        "docker run -d --name web --network front --link db:cache nginx",
    )
    for name in ("db", "store", "cache"):
        selector = named(result, "Service", name)["spec"]["selector"]
        assert selector == {"app.kubernetes.io/name": "db"}


def test_an_alias_of_several_is_one_service_for_all():
    result = _translated(
        "docker network create front",
        "docker run -d --name aa --network front --network-alias app nginx",
        "docker run -d --name bb --network front --network-alias APP nginx",
    )
    selector = named(result, "Service", "app")["spec"]["selector"]
    assert selector == {"name.minidock/app": "true"}
    for pod in ("aa", "bb"):
        assert pod_of(result, pod)["metadata"]["labels"]["name.minidock/app"]
    assert not result.report.lost or all(
        e.subject not in "aabb" for e in result.report.lost
    )


def test_a_name_with_two_meanings_is_reported():
    result = _translated(
        "docker run -d --name db1 redis",
        "docker run -d --name db2 redis",
        "docker run -d --name web1 --link db1:db nginx",
        "docker run -d --name web2 --link db2:db nginx",
    )
    assert "link of web1, link of web2" in hows(result, "HostConfig.Links", "web1")[0]


def test_a_name_that_dns_cannot_have_is_lost_and_the_report_says_what_to_ask_for():
    result = _translated(
        "docker network create front",
        "docker run -d --name web --network front --network-alias my_db nginx",
    )
    service = [m for m in result.manifests if m["metadata"]["name"] == "my-db"]
    [how] = hows(result, "NetworkSettings.Networks.front.Aliases")
    assert how.endswith(f"ask for {service[0]['metadata']['name']}")


def test_peers_use_the_containers_port_and_the_outside_the_hosts():
    result = _translated("docker run -d --name web -p 15432:5432 nginx")
    published = named(result, "Service", "web-published")
    assert published["spec"]["type"] == "LoadBalancer"
    assert _ports(result) == {15432: 5432}
    assert "ports" not in named(result, "Service", "web")["spec"]


@pytest.mark.parametrize(
    ("flags", "ports"),
    [
        ("-p 80", {80: 80}),
        ("-P", {80: 80}),
        ("-p 80:80 -p 81:80", {80: 80, 81: 80}),
        ("-p 80:81 -p 80", {80: 81, 81: 80}),
        ("-p 8000-8001:90-91", {8000: 90, 8001: 91}),
        ("-p 8000-8005:80", {8000: 80}),
        ("-p 192.0.2.2:80:80", {80: 80}),
        ("-p 127.0.0.1:80:80 -p 81:81", {81: 81}),
    ],
)
def test_the_ports_of_a_published_service(flags, ports):
    assert _ports(_translated(f"docker run -d {flags} --name web nginx")) == ports


def test_one_service_has_tcp_and_udp():
    result = _translated("docker run -d -p 53:53 -p 53:53/udp --name web nginx")
    ports = named(result, "Service", "web-published")["spec"]["ports"]
    assert [port["name"] for port in ports] == ["53-tcp", "53-udp"]


def test_a_loopback_port_is_not_opened_to_everybody():
    result = _translated("docker run -d -p 127.0.0.1:80:80 --name web nginx")
    assert "web-published" not in str(result.manifests)
    assert "port-forward" in hows(result, "HostConfig.PortBindings")[0]


@pytest.mark.parametrize("network", ["none", "host", "back"])
def test_what_docker_does_not_publish_is_not_published(network):
    result = _translated(
        "docker network create --internal back",
        f"docker run -d --network {network} -p 80:80 --name web nginx",
    )
    assert "web-published" not in str(result.manifests)
    assert hows(result, "HostConfig.PortBindings")[0].startswith("lost")


def test_node_ports_keep_their_number_where_nodes_have_it():
    line = "docker run -d -p 30080:80 -p 81:81 --name web nginx"
    spec = named(_translated(line, publish="nodeport"), "Service", "web-published")[
        "spec"
    ]
    assert spec["type"] == "NodePort"
    assert [port.get("nodePort") for port in spec["ports"]] == [30080, None]


def test_host_ports_keep_number_and_address():
    line = "docker run -d -p 8080:80 -p 127.0.0.1:81:81 -p 82 --name web nginx"
    result = _translated(line, publish="hostport")
    ports = {p["containerPort"]: p for p in container_of(result, "web")["ports"]}
    assert ports[80]["hostPort"] == 8080
    assert (ports[81]["hostPort"], ports[81]["hostIP"]) == (81, "127.0.0.1")
    assert "hostPort" not in ports[82]
    other = named(result, "Service", "web-published")["spec"]
    assert (other["type"], [p["port"] for p in other["ports"]]) == ("NodePort", [82])
    assert result.same_reachability
    assert spec_of(result, "web")


def _application(*publications: Publication, **more: object) -> Application:
    """One service on the project's own network."""
    attachment = Attachment(network="shop_default")
    networking = Networking(attachments=(attachment,), published=publications)
    program = Program(image="nginx", container_name=str(more.pop("called", "")))
    web = Service(
        name="web",
        program=program,
        networking=networking,
        settings=(
            Setting("ports", "published", ""),
            Setting("container_name", "container_name", ""),
            Setting("endpoint_mode", "endpoint_mode", ""),
        ),
        **more,
    )
    network = Network(name="shop_default", implicit=True)
    return Application(services=(web,), networks=(network,))


def _published(*publications: Publication, **options: object) -> list[dict]:
    result = translate(_application(*publications), Options(**options))
    judge(result)
    return named(result, "Service", "web-published")["spec"]["ports"]


def test_a_port_keeps_the_name_and_the_protocol_that_compose_gives_it():
    first = Publication(Port(9000), 9000, name="Admin Page", app_protocol="grpc")
    second = Publication(Port(80), 80)
    assert _published(first, second) == [
        {"name": "http", "port": 80, "targetPort": 80},
        {
            "name": "admin-page",
            "port": 9000,
            "targetPort": 9000,
            "appProtocol": "grpc",
        },
    ]


def test_two_ports_never_have_one_name():
    same = [Publication(Port(n), n, name="web") for n in (1, 2)]
    named_like_a_number = Publication(Port(3), 3, name="2-tcp")
    later = Publication(Port(4), 4, name="5-tcp"), Publication(Port(5), 5)
    names = [port["name"] for port in _published(*same, named_like_a_number, *later)]
    assert len(set(names)) == 5


def test_of_a_range_the_first_is_taken_and_said():
    result = translate(_application(Publication(Port(80), 8000, host_port_end=8005)))
    ports = named(result, "Service", "web-published")["spec"]["ports"]
    assert [port["port"] for port in ports] == [8000]
    assert any("first of 8000-8005" in how for how in hows(result, "ports"))


def test_a_port_that_is_published_twice_is_there_once():
    twice = [Publication(Port(80), 80, address) for address in ("", "192.0.2.2")]
    assert [port["port"] for port in _published(*twice)] == [80]


def test_mode_host_is_a_port_of_the_node_whatever_else_is_chosen():
    publications = (
        Publication(Port(80), 8080, mode="host"),
        Publication(Port(443), 8443),
    )
    result = translate(_application(*publications))
    judge(result)
    assert result.same_reachability
    ports = {p["containerPort"]: p for p in container_of(result, "web")["ports"]}
    assert ports[80]["hostPort"] == 8080
    assert "hostPort" not in ports[443]
    outer = named(result, "Service", "web-published")["spec"]["ports"]
    assert [port["port"] for port in outer] == [8443]


def test_the_name_of_a_container_is_a_name_too():
    result = translate(_application(called="shop-web"))
    selector = named(result, "Service", "shop-web")["spec"]["selector"]
    assert selector == {"app.kubernetes.io/name": "web"}
    assert hows(result, "container_name") == ["kept: headless Service shop-web"]


def test_one_address_for_all_has_the_ports_that_are_declared():
    vip = Scheduling(endpoint_mode="vip")
    result = translate(_application(Publication(Port(80), 81), scheduling=vip))
    judge(result)
    spec = named(result, "Service", "web")["spec"]
    assert "clusterIP" not in spec
    assert [port["port"] for port in spec["ports"]] == [80]
    assert hows(result, "endpoint_mode")[0].startswith("changed")


def test_one_address_without_a_port_would_lead_nowhere():
    vip = Scheduling(endpoint_mode="vip")
    result = translate(_application(scheduling=vip))
    assert named(result, "Service", "web")["spec"]["clusterIP"] == "None"
    assert hows(result, "endpoint_mode")[0].startswith("lost")


def test_the_addresses_of_all_are_what_a_headless_service_gives():
    dnsrr = Scheduling(endpoint_mode="dnsrr")
    result = translate(_application(Publication(Port(80), 81), scheduling=dnsrr))
    assert named(result, "Service", "web")["spec"]["clusterIP"] == "None"
    assert hows(result, "endpoint_mode")[0].startswith("kept")


@settings(deadline=None, max_examples=60)
@given(topologies())
def test_every_selector_finds_exactly_the_pods_that_answer(application):
    plan = plan_of(application, Options())
    directory = directory_of(plan)
    result = translate(application)
    labels = {
        pod.name: {
            "app.kubernetes.io/name": pod.name,
            **directory.labels(pod.name),
        }
        for pod in plan.pods
    }
    for name, service in directory.services.items():
        selector = named(result, "Service", service)["spec"]["selector"]
        found = {pod for pod, own in labels.items() if selector.items() <= own.items()}
        assert found == set(directory.pods(name))


def test_an_odd_name_on_the_default_bridge_loses_nothing():
    result = _translated("docker run -d --name My_App nginx")
    assert [how.partition(":")[0] for how in hows(result, "Name")] == ["changed"]

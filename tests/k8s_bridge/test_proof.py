"""Docker's reachability and the policies' are the same, on any topology."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Application,
    Attachment,
    Link,
    Network,
    Networking,
    Port,
    Publication,
    Service,
)
from k8s_bridge.proof import OUTSIDE, Flow, docker_allows, prove
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import STACKS
from tests.k8s_bridge.strategies_k8s_bridge import topologies

law = settings(deadline=None, max_examples=100)

# The table of recording 14: a real engine, who reached whom.
_MEASURED = [
    "docker network create --subnet 10.81.0.0/24 a1net",
    "docker network create --subnet 10.82.0.0/24 b1net",
    "docker network create --internal --subnet 10.83.0.0/24 int",
    "docker network create --subnet 10.84.0.0/24 -o com.docker.network.bridge.enable_icc=false noicc",
    "docker run -d --name d1 -p 8080:80 busybox",
    "docker run -d --name d2 busybox",
    "docker run -d --name a1 --network a1net -p 8081:80 -p 8081:80/udp -p 127.0.0.1:8091:80 busybox",
    "docker run -d --name a2 --network a1net busybox",
    "docker run -d --name b1 --network b1net -p 8082:80 busybox",
    "docker run -d --name i1 --network int -p 8083:80 busybox",
    "docker run -d --name i2 --network int busybox",
    "docker run -d --name n1 --network noicc -p 8084:80 busybox",
    "docker run -d --name n2 --network noicc busybox",
    "docker run -d --name n3 --network noicc --link n1:n1 busybox",
    "docker run -d --name z1 --network none busybox",
    "docker run -d --name ab --network a1net busybox",
    "docker network connect b1net ab",
    "docker network connect int ab",
]
_YES = "d1-d2 a1-a2 a2-a1 i1-i2 ab-a2 ab-b1 ab-i2 a2-ab"
_NO = "a1-b1 a1-d2 d1-a2 a1-i1 i1-a1 n2-n1 n3-n1 a1-n1 z1-a1"
_OUT = {"d1": True, "a1": True, "i1": False, "n1": True, "ab": True, "z1": False}
_IN = {"d1": True, "a1": True, "b1": True, "n1": True, "i1": False, "a2": False}


@pytest.fixture(scope="module")
def measured():
    return application_from_lines(_MEASURED)


@pytest.mark.parametrize("pair", (_YES + " " + _NO).split())
def test_dockers_rule_is_what_a_real_engine_did(measured, pair):
    source, target = pair.split("-")
    reached = docker_allows(measured, Flow(source, target, Port(80)))
    assert reached is (pair in _YES.split())


@pytest.mark.parametrize(("name", "reached"), _OUT.items())
def test_the_way_out_is_what_a_real_engine_had(measured, name, reached):
    assert docker_allows(measured, Flow(name, OUTSIDE, Port(8000))) is reached


@pytest.mark.parametrize(("name", "reached"), _IN.items())
def test_the_way_in_is_what_a_real_engine_had(measured, name, reached):
    assert docker_allows(measured, Flow(OUTSIDE, name, Port(80))) is reached


def test_the_measured_host_keeps_its_reachability(measured):
    result = translate(measured)
    assert result.same_reachability, str(result.proof)


def _linked(icc: bool) -> Application:
    bridge = Network(name="bridge", default=True, icc=icc)
    target = Networking(
        attachments=(Attachment(network="bridge"),), exposed=(Port(5432),)
    )
    source = Networking(
        attachments=(Attachment(network="bridge", links=(Link("db", "db"),)),)
    )
    db = Service(name="db", networking=target)
    web = Service(name="web", networking=source)
    return Application(services=(db, web), networks=(bridge,))


def test_a_link_opens_declared_ports_one_way_where_icc_is_off():
    application = _linked(icc=False)
    assert docker_allows(application, Flow("web", "db", Port(5432)))
    assert not docker_allows(application, Flow("web", "db", Port(80)))
    assert not docker_allows(application, Flow("db", "web", Port(5432)))
    assert translate(application).same_reachability


def test_without_its_policies_a_translation_is_not_the_same():
    result = translate(_linked(icc=False), Options(policies="never"))
    assert not result.same_reachability
    assert Flow("db", "web", Port(9)) in result.proof.only_kubernetes
    assert "only Kubernetes allows" in str(result.proof)


@pytest.mark.parametrize("kind", ["NetworkPolicy", "Service"])
def test_each_policy_and_each_published_service_is_needed(kind):
    application = application_from_lines(STACKS["networks"])
    result = translate(application)
    for left_out in result.manifests:
        headless = left_out["spec"].get("clusterIP") == "None"
        if left_out["kind"] == kind and not headless:
            rest = [m for m in result.manifests if m is not left_out]
            assert not prove(application, rest, result.placement).holds, left_out


def test_what_policies_cannot_rule_is_listed_apart():
    result = translate(application_from_lines(STACKS["networks"]))
    assert result.proof.beyond == ("metrics",)
    assert any(entry.path == "network host" for entry in result.report.lost)


@law
@given(topologies(), st.sampled_from(["auto", "always"]))
def test_reachability_is_the_same_on_any_topology(application, policies):
    result = translate(application, Options(policies=policies))
    assert result.same_reachability, str(result.proof)


@law
@given(topologies(), st.booleans())
def test_reachability_is_the_same_with_ports_published_on_nodes(application, ranges):
    outside = ("0.0.0.0/0", "::/0")[: 2 - ranges]
    options = Options(publish="nodeport", policies="always", outside=outside)
    result = translate(application, options)
    assert result.same_reachability, str(result.proof)


def test_a_host_port_without_a_number_is_opened_by_a_service_on_any_node():
    networking = Networking(
        attachments=(Attachment(network="bridge"),), published=(Publication(Port(80)),)
    )
    application = Application(
        services=(Service(name="web", networking=networking),),
        networks=(Network(name="bridge", default=True),),
    )
    result = translate(application, Options(publish="hostport"))
    assert result.same_reachability, str(result.proof)
    service = next(m for m in result.manifests if "type" in m["spec"])
    assert service["spec"]["type"] == "NodePort"

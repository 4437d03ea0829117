"""What a Compose file may say: words, types, and what the refusal tells."""

from types import SimpleNamespace

import pytest

from k8s_bridge.compose.document import documents
from k8s_bridge.compose.schema import dotted, place_of, validate
from k8s_bridge.compose.vocabulary import SERVICE
from minidock.errors import InvalidParameter


def refusal(text: str) -> InvalidParameter:
    """How a document is refused."""
    (document,) = documents(text.encode(), "compose.yaml")
    with pytest.raises(InvalidParameter) as caught:
        validate(document.tree, "compose.yaml")
    return caught.value


def accepted(value: object) -> None:
    validate(SimpleNamespace(value=value, places={}), "compose.yaml")


def of_service(text: str) -> InvalidParameter:
    return refusal(f"services:\n  web:\n    image: nginx\n    {text}\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port: [80]", "services.web.port false schema"),
        ("privileged: 1", "services.web.privileged must be a boolean or string"),
        ("ports: 80", "services.web.ports must be a array"),
        ("ports: [true]", "services.web.ports.0 must be a mapping, number or string"),
        ("environment: {A: [1]}", "must be a boolean, null, number or string"),
        ("environment:", "services.web.environment must be a array or mapping"),
        ("healthcheck: {foo: 1}", "additional properties 'foo' not allowed"),
        ("cgroup: x", "services.web.cgroup value must be one of 'host', 'private'"),
        ("gpus: some", "services.web.gpus value must be 'all'"),
        ("oom_score_adj: 2000", "must be less than or equal to 1000"),
        ("oom_score_adj: -2000", "must be greater than or equal to -1000"),
        ("pull_policy: often", "'often' does not match pattern '^(always|"),
        ("security_opt: [a, b, a]", "items at 0 and 2 are equal"),
        ("depends_on: {db: {}}", "depends_on.db missing property 'condition'"),
        ("ulimits: {nofile: {}}", "missing properties 'soft', 'hard'"),
        ("deploy: {replicas: 1.5}", "must be a integer or string"),
        ("labels: {a: .inf}", "json: unsupported value: +Inf"),
        ("x-note: [.nan]", "json: unsupported value: NaN"),
        ("networks: {'a b': }", "additional properties 'a b' not allowed"),
        ("use_api_socket: 'yes'", "services.web.use_api_socket must be a boolean"),
    ],
)
def test_what_does_not_fit_is_refused_in_docker_composes_words(
    text: str, words: str
) -> None:
    refused = of_service(text)
    assert str(refused).startswith("validating compose.yaml: services.web")
    assert words in str(refused)
    assert "compose.yaml:4" in refused.asked


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("port: ['80:80']", "ports, or x-port for a note of your own"),
        ("healthcheck: {intervall: 1s}", "interval, or x-intervall"),
        ("hostname: 3", 'quotes make it a string: "3"'),
        ("depends_on: {db: {condition: healthy}}", "service_healthy"),
        ("networks: {'front end': {}}", "front-end"),
        ("cap_add: [a, a]", "leave out entry 2"),
    ],
)
def test_the_refusal_says_what_would_work(text: str, remedy: str) -> None:
    assert remedy in of_service(text).remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be a mapping"),
        ("- a", "must be a mapping"),
        ("version: 3", "version must be a string"),
        ("web: {image: nginx}", "additional properties 'web' not allowed"),
        ("services: {web: }", "services.web must be a mapping"),
        ("services: {'a b': {}}", "services additional properties 'a b' not allowed"),
        ("secrets: {key: }", "secrets.key must be a mapping"),
        ("volumes: {data: {external: {nam: x}}}", "volumes.data.external additional"),
        ("models: {m: {}}", "models.m missing property 'model'"),
        ("jobs: {j: {image: x}}", "jobs.j missing property 'triggers'"),
        ("jobs: {j: {triggers: {}}}", "jobs.j.triggers missing property 'manual'"),
    ],
)
def test_a_document_is_refused_as_a_whole(text: str, words: str) -> None:
    value = None
    for document in documents(text.encode(), "compose.yaml"):
        value = document.tree.value
    with pytest.raises(InvalidParameter) as caught:
        accepted(value)
    assert words in str(caught.value)


def test_notes_of_the_authors_own_stand_where_compose_lets_them() -> None:
    note = {"x-note": {"any": [1, None]}}
    accepted({"services": {"web": {"image": "nginx", **note}}, **note})
    accepted({"services": {"web": {"healthcheck": note, "deploy": note}}})
    accepted({"networks": {"front": {"ipam": note, **note}}})
    service = {"extends": {"service": "base", **note}}
    with pytest.raises(InvalidParameter, match="'x-note' not allowed"):
        accepted({"services": {"web": service}})


def test_a_service_that_is_named_like_a_note_is_a_service() -> None:
    with pytest.raises(InvalidParameter, match=r"services\.x-web must be a mapping"):
        accepted({"services": {"x-web": 1}})


def test_numbers_stand_for_each_other_only_where_they_are_equal() -> None:
    accepted({"services": {"web": {"scale": 2.0, "mem_reservation": 1024.0}}})
    with pytest.raises(InvalidParameter, match="items at 0 and 1 are equal"):
        accepted({"services": {"web": {"group_add": [1, 1.0]}}})
    accepted({"services": {"web": {"group_add": [1, "1"]}}})


def test_every_attribute_of_a_service_has_a_shape_that_refuses_something() -> None:
    for name in SERVICE.fields:
        refused = 0
        for value in (1, True, None, [[]], {"y": [{}]}):
            try:
                accepted({"services": {"web": {name: value}}})
            except InvalidParameter:
                refused += 1
        assert refused, name


def test_the_nearest_known_place_is_told() -> None:
    places = {("services",): "a.yaml:1", ("services", "web"): "a.yaml:2"}
    assert place_of(places, ("services", "web", "ports", 0)) == "a.yaml:2"
    assert place_of(places, ("networks",)) == ""
    assert dotted(("a", 0, "b")) == "a.0.b"

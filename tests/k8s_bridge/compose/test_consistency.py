"""What makes no sense together is refused, in docker compose's words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.compose.consistency import check
from k8s_bridge.compose.load import load
from k8s_bridge.compose.reader import InMemory
from minidock.errors import InvalidParameter

INVALID = ": invalid compose project"


def refusal(text: str) -> InvalidParameter:
    reader = InMemory({"/srv/shop/compose.yaml": text.encode()})
    with pytest.raises(InvalidParameter) as caught:
        load(["compose.yaml"], reader=reader, environment={}, folder="/srv/shop")
    return caught.value


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ("networks: [no]", 'service "a" refers to undefined network no'),
        ("volumes: ['no:/x']", 'service "a" refers to undefined volume no'),
        ("secrets: [no]", 'service "a" refers to undefined secret no'),
        ("configs: [no]", 'service "a" refers to undefined config no'),
        ("models: [no]", 'service "a" refers to undefined model no'),
        ("build: {secrets: [no]}", 'service "a" refers to undefined build secret no'),
        ("depends_on: [no]", 'service "a" depends on undefined service "no"'),
        ("links: [no]", 'service "a" depends on undefined service "no"'),
        ("pid: 'service:no'", 'service "a" depends on undefined service "no"'),
        (
            "network_mode: host, networks: [default]",
            "service a declares mutually exclusive `network_mode` and `networks`",
        ),
        (
            "tmpfs: /x, volumes: [/y, './b:/x/']",
            "services.a.volumes[1]: target /x already mounted as services.a.tmpfs[0]",
        ),
        (
            "tmpfs: ['/x:size=1m', /x]",
            "services.a.tmpfs[1]: target /x already mounted as services.a.tmpfs[0]",
        ),
        (
            "scale: 2, container_name: aa",
            "services.scale: can't set container_name and a as container name must",
        ),
        (
            "deploy: {replicas: 2}, container_name: aa",
            "services.deploy.replicas: can't set container_name and a",
        ),
        (
            "scale: 2, deploy: {replicas: 3}",
            "services.a: can't set distinct values on 'scale' and 'deploy.replicas'",
        ),
        (
            "cpus: 1, deploy: {resources: {limits: {}}}",
            "can't set distinct values on 'cpus' and 'deploy.resources.limits.cpus'",
        ),
        (
            "mem_limit: 1m, deploy: {resources: {limits: {memory: 2m}}}",
            "'mem_limit' and 'deploy.resources.limits.memory'",
        ),
        (
            "build: {dockerfile: a, dockerfile_inline: b}",
            'service "a" declares mutualy exclusive dockerfile and dockerfile_inline',
        ),
        (
            "platform: a, build: {platforms: [b]}",
            'service.build.platforms MUST include service.platform "a"',
        ),
        (
            "build: {additional_contexts: {x: 'service:b'}}",
            'service "a" declares non-buildable service "b" as additional contexts x',
        ),
        (
            "build: {additional_contexts: {x: 'service:no'}}",
            'service "a" declares unknown service "no" as additional contexts x',
        ),
        ("healthcheck: {test: [x]}", 'healthcheck.test must start either by "CMD"'),
        (
            "develop: {watch: [{path: a, action: sync}]}",
            "services.a.develop.watch: target is required for non-rebuild actions",
        ),
        ("develop: {watch: [{path: '', action: sync}]}", "value can't be blank"),
        ("volumes: [{type: bind, target: /x}]", "field Source must not be empty"),
        ("ports: [{published: 80}]", "is missing a target port"),
        (
            "ports: [{target: 80, host_ip: x}]",
            "services.a.ports.[]: invalid ip address: x",
        ),
        ("devices: [{source: /x}]", "is missing a mount target"),
        (
            "gpus: [{count: 1, device_ids: [x]}]",
            'services.a.gpus.[]: "count" and "device_ids" attributes are exclusive',
        ),
    ],
)
def test_a_service_that_makes_no_sense_is_refused(attributes: str, words: str) -> None:
    refused = refusal(
        f"services:\n  a: {{image: x, {attributes}}}\n  b: {{image: y}}\n"
    )
    assert words in str(refused)
    assert "compose.yaml:2" in refused.asked + str(refused)
    assert refused.rule
    assert refused.remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "services: {a: {labels: {b: c}}}",
            'service "a" has neither an image nor a build context specified' + INVALID,
        ),
        (
            "services: {a: {image: x, container_name: cc}, b: {image: y, container_name: cc}}",
            'services.b: container name "cc" is already in use by service a',
        ),
        (
            "volumes: {v: {external: true, driver: x}}",
            'volumes.v: conflicting parameters "external" and "driver" specified',
        ),
        (
            "configs: {c: {file: a, content: b}}",
            "configs.c: file|environment|content attributes are mutually exclusive",
        ),
        ("secrets: {s: {}}", "secrets.s: one of file|environment must be set"),
        (
            "secrets: {s: {external: false}}",
            'secret "s" must declare either `file` or `environment`' + INVALID,
        ),
        (
            "services: {a: {image: x}}\njobs: {a: {image: x, triggers: {manual: true}}}",
            '"a" is declared both as a service and a job',
        ),
        (
            "jobs: {j: {image: x, triggers: {manual: true}, depends_on: [no]}}",
            'job "j" depends on undefined service or job "no"' + INVALID,
        ),
    ],
)
def test_a_project_that_makes_no_sense_is_refused(text: str, words: str) -> None:
    assert words in str(refusal(text))


def test_a_service_may_wait_for_a_sleeping_one_only_if_it_can_do_without() -> None:
    text = """
        services:
          a: {image: x, depends_on: {b: {condition: service_started, required: %s}}}
          b: {image: y, profiles: [dev]}
    """
    reader = InMemory({"/srv/compose.yaml": (text % "false").encode()})
    project = load(["compose.yaml"], reader=reader, environment={}, folder="/srv")
    assert project.model["services"]["a"]["depends_on"]["b"]["required"] is False
    assert 'depends on undefined service "b"' in str(refusal(text % "true"))


def test_what_sleeps_may_make_no_sense() -> None:
    text = b"services: {a: {image: x}, b: {profiles: [dev], networks: [no]}}"
    reader = InMemory({"/srv/compose.yaml": text})
    project = load(["compose.yaml"], reader=reader, environment={}, folder="/srv")
    assert set(project.model["services"]) == {"a"}


def waiting(edges: dict[str, list[str]]) -> dict:
    """A normal form whose services wait for these others."""
    return {
        "services": {
            name: {"image": "x", "depends_on": {other: {} for other in others}}
            for name, others in edges.items()
        }
    }


def test_a_circle_is_told_from_the_first_name() -> None:
    with pytest.raises(InvalidParameter) as caught:
        check(waiting({"c": ["a"], "b": ["c"], "a": ["b"], "d": ["d"]}), {})
    assert str(caught.value) == "dependency cycle detected: a -> b -> c -> a"


def test_a_long_way_is_no_circle_and_needs_no_deep_stack() -> None:
    length = 20_000
    check(waiting({str(n): [str(n + 1)] for n in range(length)}), {})
    with pytest.raises(InvalidParameter, match="cycle"):
        check(waiting({str(n): [str((n + 1) % length)] for n in range(length)}), {})


NAMES = "abcde"


@given(
    st.fixed_dictionaries(
        {name: st.lists(st.sampled_from(NAMES), max_size=2) for name in NAMES}
    )
)
def test_a_circle_of_services_is_found_if_and_only_if_there_is_one(edges: dict) -> None:
    left = {name: set(others) for name, others in edges.items()}
    while free := [name for name, others in left.items() if not others]:
        left = {n: o - {*free} for n, o in left.items() if n not in free}
    try:
        check(waiting(edges), {})
        found = None
    except InvalidParameter as refused:
        found = str(refused).removeprefix("dependency cycle detected: ").split(" -> ")
    assert bool(found) == bool(left)
    if found:
        assert found[0] == found[-1]
        for one, other in pairwise(found):
            assert other in edges[one]

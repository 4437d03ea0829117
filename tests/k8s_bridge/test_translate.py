"""Whole translations: whatever goes in, what comes out is valid and reported."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge import Application, Options, application_from_inspect, translate
from k8s_bridge.sources.run import application_from_lines
from minidock import Engine
from tests.k8s_bridge.shapes import STACKS, answers, hows, inspect_of, judge, named
from tests.k8s_bridge.strategies_k8s_bridge import applications, choices


@pytest.mark.parametrize("publish", ["loadbalancer", "nodeport", "hostport"])
@pytest.mark.parametrize("stack", STACKS)
def test_every_manifest_of_a_stack_is_accepted_everywhere(stack, publish):
    application = application_from_lines(STACKS[stack])
    result = translate(application, Options(publish=publish, namespace="shop"))
    judge(result)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_reaches_exactly_what_it_reached_in_docker(stack):
    result = translate(application_from_lines(STACKS[stack]))
    assert result.same_reachability, str(result.proof)


def test_recorded_containers_of_a_real_engine_translate():
    containers = [
        answers("09b-full-inspect", "/containers/full/json")[1],
        answers("02-published-port", "/containers/web/json")[0],
        answers("08-networks-attach", "/containers/c1/json")[0],
        answers("07-links", "/containers/web%2Fdb/json")[0],
    ]
    networks = [
        answers("02-published-port", "/networks/bridge")[0],
        answers("08-networks-attach", "/networks/mnet")[0],
    ]
    images = [answers("10-images-rest", "/images/web:1.0/json")[0]]
    result = translate(application_from_inspect(containers, networks, images))
    judge(result)
    assert result.same_reachability
    kinds = {m["metadata"]["name"]: m["kind"] for m in result.manifests[-4:]}
    kept_running = dict.fromkeys(("web", "c1", "db2"), "Deployment")
    assert kinds == {"full": "Job", **kept_running}


def test_an_engine_translates_as_it_stands():
    docker = Engine()
    assert docker("run -d --name web -p 8080:80 --restart always nginx").ok
    result = translate(docker)
    ports = named(result, "Service", "web-published")["spec"]["ports"]
    assert ports == [{"name": "http", "port": 8080, "targetPort": 80}]
    assert named(result, "Deployment", "web")["spec"]["replicas"] == 1


def test_an_engine_and_the_lines_that_made_it_give_the_same_manifests():
    docker = Engine()
    for line in STACKS["linked"]:
        assert docker(line).ok
    lines = translate(application_from_lines(STACKS["linked"]))
    kinds = lambda manifest: (manifest["kind"], manifest["metadata"]["name"])  # noqa: E731
    engine = translate(docker)
    assert sorted(engine.manifests, key=kinds) == sorted(lines.manifests, key=kinds)


def test_a_stopped_container_that_docker_keeps_running_has_no_replica():
    docker = Engine()
    docker("create --name web --restart always nginx")
    result = translate(docker)
    assert named(result, "Deployment", "web")["spec"]["replicas"] == 0
    assert hows(result, "State.Status") == ["kept: replicas: 0"]


def test_nothing_translates_to_nothing():
    result = translate(Application())
    assert result.manifests == []
    assert result.yaml == ""
    assert result.report.kept == result.report.lost == ()
    assert result.same_reachability


def test_changing_a_manifest_changes_no_later_translation():
    application = application_from_lines(STACKS["networks"])
    text = translate(application).yaml
    for manifest in translate(application).manifests:
        for rule in manifest["spec"].get("egress", []):
            rule.clear()
    assert translate(application).yaml == text


def test_the_namespace_is_written_on_every_object():
    application = application_from_lines(STACKS["networks"])
    result = translate(application, Options(namespace="shop"))
    assert {m["metadata"]["namespace"] for m in result.manifests} == {"shop"}


def test_values_of_variables_do_not_appear_in_the_report():
    application = application_from_lines(["docker run -d -e TOKEN=s3cret nginx"])
    assert "s3cret" not in str(translate(application).report)


@settings(deadline=None, max_examples=50)
@given(applications(), choices)
def test_every_application_gives_valid_manifests(application, options):
    judge(translate(application, options))


@settings(deadline=None, max_examples=50)
@given(applications())
def test_translating_twice_gives_the_same_manifests(application):
    first, second = translate(application), translate(application)
    assert first.manifests == second.manifests
    assert first.report == second.report


@settings(deadline=None, max_examples=50)
@given(applications(), choices)
def test_no_two_objects_of_a_kind_have_one_name(application, options):
    result = translate(application, options)
    names = [(m["kind"], m["metadata"]["name"]) for m in result.manifests]
    assert len(names) == len(set(names))


@settings(deadline=None, max_examples=50)
@given(applications())
def test_every_setting_is_in_the_report(application):
    entries = translate(application).report.entries
    reported = {(e.subject, e.path) for e in entries}
    for service in application.services:
        for setting in service.settings:
            assert (service.name, setting.path) in reported
    unknown = {e.path for e in entries if e.how.startswith("no rule of")}
    assert unknown <= {"HostConfig.Future"}


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
_keys = st.sampled_from(
    "Binds CapAdd Dns ExtraHosts Links Memory Mounts NetworkMode PortBindings Tmpfs "
    "RestartPolicy SecurityOpt Sysctls VolumesFrom CpuQuota ShmSize Future".split()
)


@settings(deadline=None)
@given(st.dictionaries(_keys, _json, max_size=4))
def test_odd_json_is_never_a_crash_and_never_silent(host):
    inspect = inspect_of("web", {"Image": "nginx", "HostConfig": host})
    result = translate(application_from_inspect([inspect]))
    paths = {entry.path for entry in result.report.entries}
    for key, value in host.items():
        if value:  # nothing else counts as left at its default here
            assert f"HostConfig.{key}" in paths

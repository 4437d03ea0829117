"""Every key that Compose knows is in the report, with its path and its place."""

import pytest

from k8s_bridge import translate
from k8s_bridge.compose.reader import InMemory
from k8s_bridge.fieldtable.compose_samples import (
    CONFIG,
    DEPLOY,
    ENDPOINT,
    NETWORK,
    SECRET,
    SERVICE,
    TRIGGERS,
    VOLUME,
)
from k8s_bridge.sources.compose import application_from_compose
from tests.k8s_bridge.sources.composed import DEFAULT, Normal, model_of, service_of


def _model(**top: object) -> dict:
    return model_of(
        {"db": service_of(image="redis")},
        **{
            "networks": {**DEFAULT, "front": {"name": "shop_front", "ipam": {}}},
            "volumes": {"data": {"name": "shop_data"}},
            "configs": {"conf": {"name": "shop_conf", "content": "x"}},
            "secrets": {"pw": {"name": "shop_pw", "file": "/srv/pw"}},
            **top,
        },
    )


def _with_service(node: dict) -> dict:
    model = _model()
    return {**model, "services": {**model["services"], "web": node}}


def _entries(model: dict, places: dict | None = None) -> list:
    files = InMemory({"/srv/pw": b"hunter2", "/srv/conf": b"hunter2"})
    project = Normal(model, places or {}, {"HOME": "hunter2"})
    application = application_from_compose(project, files)
    result = translate(application)
    assert "hunter2" not in str(result.report)
    assert "hunter2" not in str(application.settings)
    return [entry for entry in result.report.entries if entry.path]


def _is_told(model: dict, *path: str) -> None:
    wanted = ".".join(path)
    told = [entry for entry in _entries(model) if entry.path.startswith(wanted)]
    assert told, f"nothing is said about {wanted}"


def test_the_table_has_as_many_keys_of_a_service_as_the_specification():
    assert len(SERVICE) == 93


@pytest.mark.parametrize("key", SERVICE)
def test_a_key_of_a_service_is_told(key):
    _is_told(_with_service(service_of(**{key: SERVICE[key]})), "services", "web", key)


@pytest.mark.parametrize("key", sorted(SERVICE.keys() - {"deploy", "provider"}))
def test_no_key_of_a_service_is_without_a_rule(key):
    entries = _entries(_with_service(service_of(**{key: SERVICE[key]})))
    unknown = [e.path for e in entries if "no rule of the translation" in e.how]
    assert not [path for path in unknown if path.startswith(f"services.web.{key}")]


@pytest.mark.parametrize("key", sorted(SERVICE.keys() - {"provider", "network_mode"}))
def test_a_key_of_a_service_among_all_others_is_told(key):
    whole = {k: v for k, v in SERVICE.items() if k not in ("provider", "network_mode")}
    _is_told(_with_service(service_of(**whole)), "services", "web", key)


def _leaves(node: dict, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in node.items():
        inner = isinstance(value, dict) and key != "labels"
        inner = inner and key != "rollback_config"
        found += _leaves(value, (*path, key)) if inner else [(*path, key)]
    return found


@pytest.mark.parametrize("path", _leaves(DEPLOY), ids=".".join)
def test_a_key_below_deploy_is_told(path):
    model = _with_service(service_of(deploy=DEPLOY))
    _is_told(model, "services", "web", "deploy", *path)


@pytest.mark.parametrize("key", ENDPOINT)
def test_a_key_of_a_service_on_a_network_is_told(key):
    node = service_of(networks={"front": {key: ENDPOINT[key]}})
    _is_told(_with_service(node), "services", "web", "networks", "front", key)


@pytest.mark.parametrize("key", NETWORK)
def test_a_key_of_a_network_is_told(key):
    networks = {**DEFAULT, "front": {"name": "shop_front", key: NETWORK[key]}}
    _is_told(_model(networks=networks), "networks", "front", key)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        *(("volumes", key) for key in VOLUME),
        *(("configs", key) for key in CONFIG),
        *(("secrets", key) for key in SECRET),
    ],
)
def test_a_key_of_what_is_stored_is_told(kind, key):
    known = {"volumes": VOLUME, "configs": CONFIG, "secrets": SECRET}[kind]
    node = {"name": "shop_x", key: known[key]}
    _is_told(_model(**{kind: {"x": node}}), kind, "x", key)


@pytest.mark.parametrize(
    "key",
    ["manual", *(f"schedule[0].{key}" for key in TRIGGERS["schedule"][0])],
)
def test_a_trigger_of_a_job_is_told(key):
    model = _model(jobs={"nightly": service_of(triggers=TRIGGERS)})
    _is_told(model, "jobs", "nightly", "triggers", key)


@pytest.mark.parametrize(
    ("top", "path"),
    [
        ({"models": {"llm": {"model": "ai/x"}}}, "models.llm"),
        ({"x-mine": "hunter2"}, "x-mine"),
        ({"future": {"a": 1}}, "future"),
    ],
)
def test_a_key_at_the_top_is_told(top, path):
    _is_told(_model(**top), path)


@pytest.mark.parametrize(
    ("command", "outcome"), [(["a"], "kept"), (None, "lost"), ([], "lost")]
)
def test_an_entrypoint_that_is_switched_off_needs_a_command(command, outcome):
    model = _with_service(service_of(entrypoint=[], command=command))
    [entry] = [e for e in _entries(model) if e.path == "services.web.entrypoint"]
    assert entry.outcome == outcome


def test_a_container_that_is_called_like_its_service_is_told_as_it_is():
    model = _with_service(service_of(container_name="web"))
    [entry] = [e for e in _entries(model) if e.path.endswith(".container_name")]
    assert entry.outcome == "kept"


def test_a_key_that_nobody_knows_is_lost_and_not_shown():
    entries = _entries(_with_service(service_of(future="hunter2")))
    [entry] = [entry for entry in entries if entry.path == "services.web.future"]
    assert (entry.outcome, entry.value) == ("lost", "")


def test_what_says_no_more_than_its_absence_is_no_setting():
    node = service_of(privileged=False, cap_add=[], labels={}, hostname="", user=None)
    entries = _entries(_with_service(node))
    paths = [e.path for e in entries if e.path.startswith("services.web.")]
    assert set(paths) == {"services.web.restart", "services.web.image"}


def test_an_entry_has_the_place_of_the_nearest_key_that_is_known():
    node = service_of(ports=SERVICE["ports"], tty=True)
    places = {
        ("services", "web"): "compose.yaml:2",
        ("services", "web", "ports", 0): "compose.yaml:5",
    }
    found = {e.path: e.place for e in _entries(_with_service(node), places)}
    assert found["services.web.ports[0]"] == "compose.yaml:5"
    assert found["services.web.tty"] == "compose.yaml:2"

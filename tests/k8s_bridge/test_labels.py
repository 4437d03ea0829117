"""Labels: what every object has, what Docker's labels become."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge import Options, translate
from k8s_bridge.application import (
    Application,
    Attachment,
    Network,
    Networking,
    Program,
    Scheduling,
    Service,
    Setting,
    Stored,
    Volume,
)
from k8s_bridge.cron import TimeTable
from k8s_bridge.mapping.labels import sorted_out
from k8s_bridge.names import is_label_value, is_qualified_name
from tests.k8s_bridge.shapes import judge, named
from tests.k8s_bridge.strategies_k8s_bridge import topologies

_PREFIX = "app.kubernetes.io"


def _shop(**more: object) -> Application:
    web = Service(
        name="web",
        program=Program(image="nginx"),
        networking=Networking(attachments=(Attachment(network="shop_default"),)),
        **more,
    )
    return Application(
        name="shop",
        networks=(Network(name="shop_default", implicit=True),),
        services=(web,),
        volumes=(Volume(name="data"),),
        configs=(Stored(name="conf", data=b""),),
        secrets=(Stored(name="key", data=b""),),
    )


@settings(deadline=None, max_examples=40)
@given(topologies(), st.sampled_from(["", "shop", "my_shop-", "x" * 70]))
def test_every_object_says_what_it_is_part_of_and_who_manages_it(application, name):
    named_so = Application(
        name=name, services=application.services, networks=application.networks
    )
    result = translate(named_so, Options(policies="always"))
    judge(result)
    for manifest in result.manifests:
        labels = manifest["metadata"]["labels"]
        assert labels[f"{_PREFIX}/managed-by"] == "k8s-bridge"
        assert labels[f"{_PREFIX}/name"]
        whole = labels.get(f"{_PREFIX}/part-of", "")
        assert whole == labels.get(f"{_PREFIX}/instance", "")
        assert bool(whole) == bool(name)
        assert whole == name or not is_label_value(name)


def test_what_belongs_to_one_pod_has_its_name_and_the_rest_its_own():
    result = translate(_shop())
    names = {
        (m["kind"], m["metadata"]["name"]): m["metadata"]["labels"][f"{_PREFIX}/name"]
        for m in result.manifests
    }
    assert names["Deployment", "web"] == "web"
    assert names["PersistentVolumeClaim", "data"] == "data"
    assert names["ConfigMap", "conf"] == "conf"


def test_selectors_stay_minimal():
    spec = named(translate(_shop()), "Deployment", "web")["spec"]
    assert spec["selector"] == {"matchLabels": {f"{_PREFIX}/name": "web"}}
    assert spec["template"]["metadata"]["labels"] == {
        f"{_PREFIX}/name": "web",
        f"{_PREFIX}/instance": "shop",
    }


@pytest.mark.parametrize(
    ("place", "origin"),
    [
        ("compose.yaml:12", "compose.yaml:12"),
        ("db/compose.yaml:3", "db/compose.yaml:3"),
        ("/home/me/shop/compose.yaml:1", "compose.yaml:1"),
        ("../base.yaml:2", "base.yaml:2"),
    ],
)
def test_the_file_and_the_line_are_there_on_request(place, origin):
    application = _shop(settings=(Setting("services.web", "name", "web", place),))
    plain = named(translate(application), "Deployment", "web")["metadata"]
    assert "annotations" not in plain
    asked = translate(application, Options(origins=True))
    metadata = named(asked, "Deployment", "web")["metadata"]
    assert metadata["annotations"] == {"k8s-bridge/source": origin}
    assert "annotations" not in named(asked, "ConfigMap", "conf")["metadata"]


def test_the_pods_of_a_time_table_know_the_application_too():
    result = translate(_shop(scheduling=Scheduling(cron=TimeTable("0 3 * * *"))))
    spec = named(result, "CronJob", "web")["spec"]["jobTemplate"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert labels[f"{_PREFIX}/instance"] == "shop"


@pytest.mark.parametrize("word", ["name", "instance", "part-of", "managed-by"])
def test_labels_of_ours_that_docker_has_are_kept_apart(word):
    labels = ((f"{_PREFIX}/{word}", "mine"), (f"{_PREFIX}/version", "1"))
    metadata = named(translate(_shop(labels=labels)), "Deployment", "web")["spec"][
        "template"
    ]["metadata"]
    assert metadata["labels"][f"{_PREFIX}/version"] == "1"
    assert metadata["labels"].get(f"{_PREFIX}/{word}") != "mine"
    assert "mine" in metadata["annotations"]["minidock/labels"]


@given(st.dictionaries(st.text(), st.text()))
def test_no_label_is_dropped_and_all_are_valid(labels):
    good, annotations, notes = sorted_out(labels.items())
    assert all(is_qualified_name(k) and is_label_value(v) for k, v in good.items())
    assert all(map(is_qualified_name, annotations))
    mentioned = " ".join(note.how for note in notes)
    assert all(key in mentioned for key in labels)

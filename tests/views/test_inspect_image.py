"""The JSON of images, by API version and beside a recording of a real engine."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commands.library import CATALOGUE, library_image
from minidock.model.document import Document, freeze
from minidock.model.image import Image, Layer, digest_of
from minidock.views.inspect_image import (
    history_json,
    image_json,
    image_summary,
    pull_progress,
)
from tests.golden.fixtures import BUSYBOX, WEB

RECORDING = (
    Path(__file__).resolve().parents[3]
    / "shared/golden/docker-20.10/10-images-rest.json"
)
OLD, MIDDLE, NEW = (1, 35), (1, 41), (1, 51)
VERSIONS = [(1, minor) for minor in range(35, 52)]


def imported(facts):
    """The recording's image: one layer, imported from a tar file."""
    layer = facts["Layers"][0]
    return Image(
        id=digest_of(facts["RepoTags"][0]),
        created=1795546655 * 1_000_000_000,
        size=facts["Size"],
        config=freeze(facts["Config"]),
        references=tuple(facts["RepoTags"]),
        layers=(
            Layer(
                created_by="",
                size=facts["Size"],
                comment=facts["Comment"],
                digest=layer,
            ),
        ),
        comment=facts["Comment"],
        docker_version=facts["DockerVersion"],
        tagged=1795546655 * 1_000_000_000,
    )


def recorded(path):
    if not RECORDING.exists():
        pytest.skip("the recordings are not here")
    steps = json.loads(RECORDING.read_text())["steps"]
    return next(step["json"] for step in steps if step.get("path") == path)


def without(document, *keys):
    return {key: value for key, value in document.items() if key not in keys}


# -- examples --------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "facts"), [("busybox", BUSYBOX), ("web:1.0", WEB)])
def test_an_imported_image_is_inspected_as_20_10_does(name, facts):
    ours = image_json(imported(facts), MIDDLE)
    theirs = recorded(f"/images/{name}/json")
    # a moment, a folder that the engine named at random, and the digest of the lab's tar
    variable = ("Id", "Created", "GraphDriver", "Metadata", "RootFS")
    assert json.dumps(without(ours, *variable)) == json.dumps(
        without(theirs, *variable)
    )
    assert list(ours) == list(theirs)
    assert list(ours["GraphDriver"]["Data"]) == list(theirs["GraphDriver"]["Data"])


def test_an_imported_image_is_listed_as_20_10_does():
    theirs = recorded("/images/json")
    ours = [image_summary(imported(facts), MIDDLE) for facts in (WEB, BUSYBOX)]
    assert [without(item, "Id", "Created") for item in ours] == [
        without(item, "Id", "Created") for item in theirs
    ]


def test_the_history_of_an_import_is_as_recorded():
    ours = history_json(imported(WEB))
    theirs = recorded("/images/web:1.0/history")
    assert [without(item, "Id", "Created") for item in ours] == [
        without(item, "Id", "Created") for item in theirs
    ]


def test_fields_of_containers_are_gone_since_1_50():
    image = library_image("nginx")
    assert "Hostname" in image_json(image, (1, 49))["Config"]
    assert list(image_json(image, (1, 50), ordered=False)["Config"]) == [
        "Cmd",
        "Entrypoint",
        "Env",
        "ExposedPorts",
        "Labels",
        "OnBuild",
        "StopSignal",
        "User",
        "Volumes",
        "WorkingDir",
    ]


def test_containers_are_counted_since_1_51():
    image = library_image("nginx")
    assert image_summary(image, (1, 50), containers=2)["Containers"] == -1
    assert image_summary(image, NEW, containers=2)["Containers"] == 2


def test_an_image_that_lost_its_tag_keeps_its_digest_in_the_list():
    image = library_image(library_image("nginx").digests[0])
    nameless = Image(id=image.id, created=0, size=1, config=Document())
    only_digest = Image(
        id=image.id, created=0, size=1, config=Document(), digests=image.digests
    )
    assert image_summary(nameless, OLD)["RepoDigests"] == ["<none>@<none>"]
    assert image_summary(only_digest, OLD)["RepoTags"] is None
    assert image_summary(only_digest, NEW)["RepoTags"] == []


def test_references_are_sorted_by_their_full_name():
    image = Image(
        id=digest_of("x"),
        created=0,
        size=0,
        config=Document(),
        references=("reg.test:5000/x/y:2", "busybox:latest", "bob/app:1", "bb:v1"),
    )
    assert image_json(image, NEW)["RepoTags"] == [
        "bob/app:1",
        "bb:v1",
        "busybox:latest",
        "reg.test:5000/x/y:2",
    ]


def test_a_pull_that_was_never_tagged_says_so():
    metadata = image_json(library_image("nginx"), NEW)["Metadata"]
    assert metadata == {"LastTagTime": "0001-01-01T00:00:00Z"}


def test_a_layer_that_is_there_is_not_pulled_again():
    base = library_image("debian:12-slim")
    steps = pull_progress(library_image("nginx"), [base], "nginx:latest")
    assert steps[0] == {"status": "Pulling from library/nginx", "id": "latest"}
    assert steps[1]["status"] == "Already exists"
    assert [step["status"] for step in steps].count("Pull complete") == 5


def test_three_layers_are_fetched_at_a_time_and_the_others_wait():
    steps = pull_progress(library_image("nginx"), [], "nginx:latest")
    assert [step["status"] for step in steps].count("Waiting") == 6 - 3


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("bob/app:1", {"status": "Pulling from bob/app", "id": "1"}),
        ("quay.io/coreos/etcd:v3", {"status": "Pulling from coreos/etcd", "id": "v3"}),
        ("x@sha256:12", {"status": "Pulling from library/x", "id": "sha256:12"}),
    ],
)
def test_a_pull_names_the_repository_as_its_registry_does(name, first):
    image = library_image("alpine")
    assert pull_progress(image, [image], name)[0] == first


# -- laws ------------------------------------------------------------------------------

references = st.sampled_from(
    [
        f"{e.repository}:{r.tags[0]}"
        for e in CATALOGUE
        for r in e.each_release
        if r.tags  # one may be known by its digest alone
    ]
)
versions = st.sampled_from(VERSIONS)


@given(references, versions)
def test_the_versions_of_an_inspected_image_differ_where_the_table_says(reference, api):
    found = image_json(library_image(reference), api)
    assert ("VirtualSize" in found) == (api < (1, 44))
    assert ("ContainerConfig" in found) == (api < (1, 45))
    assert ("Hostname" in found["Config"]) == (api < (1, 50))
    assert ("VirtualSize" in image_summary(library_image(reference), api)) == (
        api < (1, 44)
    )


@given(references)
def test_the_history_of_an_image_has_a_line_for_each_layer_and_one_id(reference):
    image = library_image(reference)
    lines = history_json(image)
    assert len(lines) == len(image.layers)
    assert [line["Id"] for line in lines if line["Id"] != "<missing>"] == [image.id]
    assert sum(line["Size"] for line in lines) == image.size
    assert [line["Tags"] for line in lines if line["Tags"]] == [[*image.references]]


@given(references, versions)
def test_every_view_of_an_image_is_json(reference, api):
    image = library_image(reference)
    for value in (image_json(image, api), history_json(image)):
        assert json.loads(json.dumps(value)) == value


@given(references, st.lists(references, max_size=3))
def test_a_pull_ends_with_every_layer_here(reference, others):
    image = library_image(reference)
    present = [library_image(other) for other in others]
    steps = pull_progress(image, present, image.references[0])
    done = {
        step["id"]
        for step in steps
        if step["status"] in {"Pull complete", "Already exists"}
    }
    known = any(other.id == image.id for other in present)
    assert len(done) == (0 if known else len(image.diff_ids))
    assert steps[-1]["status"] == f"Digest: {image.digests[0].partition('@')[2]}"

"""The catalogue: believable facts, the same digits for ever, refusals that help."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commandline.reference import read_reference
from minidock.commands.library import (
    CATALOGUE,
    library_image,
    library_tags,
    pull_refusal,
    search_library,
)
from minidock.commands.library_entry import Entry, byte_size
from minidock.commands.library_recipe import image_of
from minidock.errors import NotFound, Unclassified
from minidock.model.document import Document

ROOT = Path(__file__).resolve().parents[2]
LESSONS_BEGIN = 1_700_000_000_000_000_000

EVERY = [
    f"{entry.repository}{':' if release.tags else '@'}{release.names[0]}"
    for entry in CATALOGUE
    for release in entry.each_release
]
references = st.sampled_from(EVERY)


def env_of(reference):
    return dict(item.split("=", 1) for item in library_image(reference).config["Env"])


# -- examples --------------------------------------------------------------------------


def test_nginx_is_what_it_is_on_the_registry():
    image = library_image("nginx")
    assert image.references == ("nginx:latest",)
    assert image.config["ExposedPorts"] == Document({"80/tcp": Document()})
    assert image.config["Entrypoint"] == ("/docker-entrypoint.sh",)
    assert image.config["Cmd"] == ("nginx", "-g", "daemon off;")
    assert image.config["StopSignal"] == "SIGQUIT"
    assert image.listens == ("80/tcp",)
    assert env_of("nginx")["NGINX_VERSION"] == "1.25.3"


@pytest.mark.parametrize(
    ("reference", "listens", "program"),
    [
        ("redis", "6379/tcp", ("docker-entrypoint.sh", "redis-server")),
        ("postgres:16", "5432/tcp", ("docker-entrypoint.sh", "postgres")),
        ("mysql:8.0", "3306/tcp", ("docker-entrypoint.sh", "mysqld")),
        ("mongo", "27017/tcp", ("docker-entrypoint.sh", "mongod")),
        ("httpd:alpine", "80/tcp", ("httpd-foreground",)),
        (
            "registry:2",
            "5000/tcp",
            ("/entrypoint.sh", "/etc/docker/registry/config.yml"),
        ),
        ("training/webapp", "5000/tcp", ("python", "app.py")),
        ("training/mysql", "3306/tcp", ("mysqld_safe",)),
    ],
)
def test_a_server_listens_on_its_well_known_port(reference, listens, program):
    image = library_image(reference)
    config = image.config
    assert listens in image.listens
    assert listens in config.document("ExposedPorts")
    assert config.texts("Entrypoint") + config.texts("Cmd") == program


@pytest.mark.parametrize("reference", ["alpine", "busybox", "ubuntu", "python", "node"])
def test_a_shell_or_an_interpreter_listens_on_nothing(reference):
    assert library_image(reference).listens == ()


def test_a_new_entrypoint_drops_the_command_of_the_base():
    # debian's CMD ["bash"] is gone: jenkins has an entrypoint and no command
    assert library_image("jenkins/jenkins").config.get("Cmd") is None
    assert library_image("python:slim").config["Cmd"] == ("python3",)


def test_the_history_is_worded_as_the_two_builders_word_it():
    image = library_image("redis:alpine")
    base = [layer.created_by for layer in image.layers[:2]]
    assert base == [
        "/bin/sh -c #(nop) ADD alpine-minirootfs-3.18.4-x86_64.tar.gz in / ",
        '/bin/sh -c #(nop)  CMD ["/bin/sh"]',
    ]
    own = [(layer.created_by, layer.comment) for layer in image.layers[-2:]]
    assert own == [
        ("EXPOSE map[6379/tcp:{}]", "buildkit.dockerfile.v0"),
        ('CMD ["redis-server"]', "buildkit.dockerfile.v0"),
    ]


def test_tags_of_one_release_are_one_image_and_other_releases_are_others():
    assert library_image("nginx:1.25").id == library_image("nginx:mainline").id
    assert library_image("nginx:1.24").id != library_image("nginx").id
    assert library_image("nginx:alpine").size < library_image("nginx").size


def test_elasticsearch_has_no_latest_as_on_the_registry():
    assert library_image("elasticsearch") is None
    assert library_image("elasticsearch:8.11.0") is not None


def test_the_search_shows_the_image_of_that_name_first():
    names = [row["name"] for row in search_library("mysql")]
    assert names[0] == "mysql"
    assert {"training/mysql", "mariadb"} <= set(names)
    assert search_library("redis")[0]["is_official"] is True
    assert search_library("hashicorp")[0]["is_official"] is False


def test_a_tag_that_is_missing_is_refused_with_the_tags_that_exist():
    refusal = pull_refusal(read_reference("busybox:9"), "busybox:9", "192.0.2.1")
    assert isinstance(refusal, NotFound)
    assert refusal.text == (
        "manifest for busybox:9 not found: manifest unknown: manifest unknown"
    )
    assert ", ".join(library_tags("busybox")) in refusal.remedy


def test_a_repository_that_is_missing_is_refused_with_one_of_a_like_name():
    refusal = pull_refusal(read_reference("ngnix"), "ngnix:latest", "192.0.2.1")
    assert refusal.text.startswith("pull access denied for ngnix, repository does not")
    assert refusal.remedy.startswith("docker pull nginx")


def test_another_registry_is_out_of_reach():
    name = read_reference("reg.test:5000/x")
    refusal = pull_refusal(name, "reg.test:5000/x:latest", "192.0.2.1")
    assert isinstance(refusal, Unclassified)
    assert refusal.text == (
        'Get "https://reg.test:5000/v2/": dial tcp: lookup reg.test on 192.0.2.1:53: '
        "no such host"
    )


@pytest.mark.parametrize("recipe", ["FROM nosuch", "BOGUS x", "FROM scratch\nSHELL sh"])
def test_a_recipe_that_makes_no_sense_is_refused(recipe):
    entry = Entry(repository="x", releases="2023-01-01 1 : latest", recipe=recipe)
    with pytest.raises(ValueError, match=r"no base nosuch|no BOGUS|no SHELL"):
        image_of(entry, entry.each_release[0], library_image)


# -- laws ------------------------------------------------------------------------------


def test_a_tag_stands_in_one_release_of_its_repository():
    counts = Counter(
        f"{entry.repository}:{tag}"
        for entry in CATALOGUE
        for release in entry.each_release
        for tag in release.names
    )
    assert [name for name, count in counts.items() if count > 1] == []


@given(references)
def test_an_image_is_the_sum_of_its_layers(reference):
    image = library_image(reference)
    assert image.size == sum(layer.size for layer in image.layers)
    assert image.size == sum(image.sizes)
    assert all(layer.size == 0 for layer in image.layers if layer.empty)
    assert len(image.chain_ids) == len(image.diff_ids) == len(image.sizes)


@given(references)
def test_an_image_is_no_older_than_its_layers(reference):
    image = library_image(reference)
    assert all(0 < layer.created <= image.created for layer in image.layers)


@given(references)
def test_an_image_exposes_what_it_listens_on_and_has_a_program(reference):
    image = library_image(reference)
    exposed = set(image.config.document("ExposedPorts"))
    assert set(image.listens) <= exposed
    assert image.config.texts("Entrypoint") + image.config.texts("Cmd")


@given(references)
def test_a_digest_leads_to_the_image_that_a_tag_leads_to(reference):
    image = library_image(reference)
    assert library_image(image.digests[0]).id == image.id
    assert library_image(image.digests[0] + "0") is None


def test_different_releases_have_different_ids_and_digests():
    images = [library_image(reference) for reference in EVERY]
    assert len({image.id for image in images}) == len(EVERY)
    assert len({image.digests for image in images}) == len(EVERY)


@given(references, references)
def test_images_share_the_layers_of_their_common_base_and_no_others(one, two):
    first, second = library_image(one), library_image(two)
    shared = set(first.chain_ids) & set(second.chain_ids)
    common = 0
    for mine, theirs in zip(first.chain_ids, second.chain_ids, strict=False):
        if mine != theirs:
            break
        common += 1
    assert len(shared) == common


def test_images_of_debian_share_its_layer():
    base = library_image("debian:12-slim").chain_ids
    for reference in ("nginx", "redis", "postgres", "memcached"):
        assert library_image(reference).chain_ids[: len(base)] == base


def test_what_is_called_latest_is_there_when_lessons_begin():
    late = [
        entry.repository
        for entry in CATALOGUE
        for release in entry.each_release
        if "latest" in release.names and release.created > LESSONS_BEGIN
    ]
    assert late == []


def test_another_process_prints_the_same_digits():
    code = (
        "from minidock.commands.library import library_image as i;"
        "print(i('nginx').id, i('redis:alpine').digests[0], i('training/webapp').id)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    images = [
        library_image(name) for name in ("nginx", "redis:alpine", "training/webapp")
    ]
    first, second, third = images
    assert outputs == {f"{first.id} {second.digests[0]} {third.id}\n"}


@given(st.text(max_size=12))
def test_whatever_a_search_finds_has_the_word_in_its_name_or_its_text(term):
    word = term.strip().lower().removeprefix("library/")
    for row in search_library(term):
        assert word in row["name"] or word in row["description"].lower()


@given(st.integers(0, 999), st.sampled_from(["B", "kB", "MB", "GB"]))
def test_the_sizes_of_images_are_read_in_powers_of_a_thousand(number, unit):
    power = ["B", "kB", "MB", "GB"].index(unit)
    assert byte_size(f"{number}{unit}") == number * 1000**power

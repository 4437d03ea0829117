"""Images: pulled, listed, named, carried as tars, and thrown away."""

import io
import tarfile

import pytest
from docker.errors import APIError, ImageLoadError, ImageNotFound, NotFound

from tests.contracts.docker_py.conftest import status_of, tar_of


def names(client):
    return sorted(tag for image in client.images.list() for tag in image.tags)


def test_a_pulled_image_is_there_with_its_tag(client):
    image = client.images.pull("nginx", tag="1.25")
    assert image.tags == ["nginx:1.25"]
    assert client.images.get("nginx:1.25").id == image.id
    assert client.images.get(image.short_id.removeprefix("sha256:")).id == image.id
    assert image.attrs["RepoDigests"][0].startswith("nginx@sha256:")


def test_a_pull_says_how_it_goes(api):
    lines = list(api.pull("nginx", tag="1.25", stream=True, decode=True))
    said = [line["status"] for line in lines]
    assert said[0] == "Pulling from library/nginx"
    assert {"Pulling fs layer", "Download complete", "Pull complete"} <= set(said)
    assert said[-1] == "Status: Downloaded newer image for nginx:1.25"
    again = list(api.pull("nginx", tag="1.25", stream=True, decode=True))
    assert again[-1]["status"] == "Status: Image is up to date for nginx:1.25"


def test_a_pull_by_digest_gives_that_image(client):
    reference = client.images.pull("nginx", tag="1.25").attrs["RepoDigests"][0]
    client.images.remove("nginx:1.25", force=True)
    assert reference in client.images.pull(reference).attrs["RepoDigests"]


def test_a_digest_that_has_lost_its_tags_is_pulled(client):
    reference = (
        "hello-world@sha256:"
        "083de497cff944f969d8499ab94f07134c50bcf5e6b9559b27182d3fa80ce3f7"
    )
    image = client.images.pull(reference)
    assert (image.attrs["RepoDigests"], image.tags) == ([reference], [])


def test_all_tags_of_a_repository_are_pulled(client):
    found = client.images.pull("hello-world", all_tags=True)
    assert {"hello-world:latest", "hello-world:linux"} <= {
        tag for image in found for tag in image.tags
    }


def test_what_no_registry_has_is_not_pulled(client):
    with pytest.raises(ImageNotFound):
        client.images.pull("nobody-has-this", tag="latest")
    with pytest.raises(NotFound, match="manifest"):
        client.images.pull("alpine", tag="nosuchtag")
    assert names(client) == ["alpine:latest", "busybox:latest"]


def test_images_are_listed_by_name_label_and_use(client):
    alpine, busybox = (client.images.get(name) for name in ("alpine", "busybox"))
    assert set(client.images.list()) == {alpine, busybox}
    assert client.images.list(name="alpine") == [alpine]
    assert client.images.list(name="alpine:latest") == [alpine]
    assert client.images.list(filters={"reference": "busy*"}) == [busybox]
    assert client.images.list(filters={"dangling": True}) == []
    assert client.images.list(filters={"label": "nobody.has=this"}) == []
    assert set(client.api.images(quiet=True)) == {alpine.id, busybox.id}


def test_the_history_begins_with_the_newest_layer(client):
    layers = client.images.get("alpine").history()
    assert layers[0]["Tags"] == ["alpine:latest"]
    assert layers[0]["CreatedBy"].endswith('CMD ["/bin/sh"]')
    assert sum(layer["Size"] for layer in layers) > 1_000_000


def test_an_image_gets_names_and_loses_them(client):
    image = client.images.get("alpine")
    assert image.tag("mine", tag="1") is True
    assert image.tag("registry.test:5000/team/mine", "2")
    image.reload()
    assert set(image.tags) == {
        "alpine:latest",
        "mine:1",
        "registry.test:5000/team/mine:2",
    }
    client.images.remove("mine:1")
    with pytest.raises(ImageNotFound):
        client.images.get("mine:1")
    with pytest.raises(APIError) as failure:
        image.tag("No Name")
    assert status_of(failure) in {400, 500}


def test_an_image_in_use_is_kept(client):
    made = client.containers.create("alpine", "true")
    image = client.images.get("alpine")
    with pytest.raises(APIError, match="is being used by") as failure:
        client.images.remove(image.id)
    assert status_of(failure) == 409
    made.remove()
    client.images.remove("alpine")
    with pytest.raises(ImageNotFound, match="No such image: alpine:latest"):
        client.images.get("alpine")


def test_the_registry_is_searched(client):
    found = client.images.search("nginx")
    assert "nginx" in {item["name"] for item in found}
    assert client.images.search("nginx", limit=1) == found[:1]


def test_an_image_is_saved_and_loaded_again(client):
    image = client.images.get("alpine")
    image.tag("mine", "1")
    data = b"".join(image.save(named=True))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert "manifest.json" in tar.getnames()
    for name in ("alpine", "mine:1"):
        client.images.remove(name)
    assert names(client) == ["busybox:latest"]
    (loaded,) = client.images.load(data)
    assert loaded.id == image.id
    assert "alpine:latest" in loaded.tags


def test_what_is_no_image_is_not_loaded(client):
    with pytest.raises((ImageLoadError, APIError)):
        client.images.load(b"abc")
    assert len(client.images.list()) == 2


def test_a_tar_of_files_becomes_an_image(api, client):
    api.import_image_from_data(
        tar_of(note=b"hello\n"),
        repository="mine",
        tag="1",
        changes=["CMD cat /note", "ENV A=b"],
    )
    config = client.images.get("mine:1").attrs["Config"]
    assert "A=b" in config["Env"]
    assert config["Cmd"] == ["/bin/sh", "-c", "cat /note"]
    made = client.containers.create("mine:1")
    assert b"hello\n" in b"".join(made.export())


def test_a_container_becomes_an_image(client):
    made = client.containers.run("alpine", "sh -c 'echo hi > /test'", detach=True)
    made.wait()
    image = made.commit(
        repository="mine", tag="1", message="new", author="me", changes="CMD cat /test"
    )
    assert image.tags == ["mine:1"]
    assert (image.attrs["Comment"], image.attrs["Author"]) == ("new", "me")
    assert client.containers.run("mine:1") == b"hi\n"
    assert client.containers.run(image.id, "cat /test", remove=True) == b"hi\n"


def test_pruning_takes_what_has_no_name(client):
    made = client.containers.run("alpine", "sh -c 'echo hi > /test'", detach=True)
    made.wait()
    made.commit()
    made.remove()
    assert len(client.images.list()) == 3
    said = client.images.prune(filters={"dangling": True})
    assert len(said["ImagesDeleted"]) >= 1
    assert names(client) == ["alpine:latest", "busybox:latest"]
    assert client.images.prune(filters={"dangling": False})["ImagesDeleted"]
    assert names(client) == []


def test_an_image_is_built_elsewhere(api):
    with pytest.raises(APIError) as failure:
        list(api.build(fileobj=io.BytesIO(b"FROM alpine"), decode=True))
    assert status_of(failure) == 501


def test_what_the_registry_says_of_an_image_is_known_without_a_pull(client):
    found = client.images.get_registry_data("nginx:1.25")
    assert found.has_platform("linux/amd64")
    assert names(client) == ["alpine:latest", "busybox:latest"]
    assert found.pull().attrs["RepoDigests"] == [f"nginx@{found.id}"]

"""Images over the API: pulled, imported, loaded, saved, committed, and refused."""

import gzip
import io
import json
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.api.http import Request
from minidock.engine import Engine
from minidock.model.archive import Entry, content, members, merged, text_of, write
from minidock.model.image import digest_of_bytes

ROOTFS = write(
    [
        Entry(path="bin/sh", data=b"#!", mode=0o755),
        Entry(path="etc"),
        Entry(path="etc/hello", data=b"hi\xff\n"),
        Entry(path="etc/link", target="hello"),
    ]
)


@pytest.fixture(params=["28", "20.10"])
def docker(request):
    return Engine(request.param)


def post(docker, path, data=b"", **query):
    pairs = tuple(
        (key, item)
        for key, value in query.items()
        for item in (value if isinstance(value, list) else [value])
    )
    return docker.send(
        Request(method="POST", path=path, query=dict(pairs), pairs=pairs, data=data)
    )


def imported(docker, *changes, data=ROOTFS):
    return post(
        docker, "/images/create", data, fromSrc="-", repo="imp", tag="1",
        changes=list(changes),
    )  # fmt: skip


def inspected(docker, name):
    return docker.api("GET", f"/images/{name}/json").body


def loaded(docker, tar):
    return post(docker, "/images/load", tar).lines


def saved(docker, name):
    return docker.api("GET", f"/images/{name}/get").data


def test_a_pull_tells_of_each_layer_and_ends_with_a_status(docker):
    lines = post(docker, "/images/create", fromImage="nginx", tag="1.25").lines
    assert lines[0] == {"status": "Pulling from library/nginx", "id": "1.25"}
    words = [line["status"] for line in lines]
    for word in ("Pulling fs layer", "Downloading", "Download complete",
                 "Extracting", "Pull complete"):  # fmt: skip
        assert word in words
    assert words[-2].startswith("Digest: sha256:")
    assert words[-1] == "Status: Downloaded newer image for nginx:1.25"
    again = post(docker, "/images/create", fromImage="nginx", tag="1.25").lines
    assert again[-1]["status"] == "Status: Image is up to date for nginx:1.25"


@pytest.mark.parametrize(
    "name", ["nginx", "docker.io/nginx", "library/nginx", "docker.io/library/nginx"]
)
def test_all_spellings_of_a_name_pull_one_image(docker, name):
    post(docker, "/images/create", fromImage=name, tag="latest")
    assert "nginx:latest" in inspected(docker, "nginx")["RepoTags"]


def test_without_a_tag_all_tags_are_pulled(docker):
    post(docker, "/images/create", fromImage="hello-world")
    assert inspected(docker, "hello-world:linux")["RepoTags"] == [
        "hello-world:latest",
        "hello-world:linux",
    ]


def test_an_image_is_pulled_by_its_digest(docker):
    post(docker, "/images/create", fromImage="hello-world", tag="latest")
    [digest] = inspected(docker, "hello-world")["RepoDigests"]
    other = Engine()
    for query in ({"fromImage": digest},
                  {"fromImage": "hello-world", "tag": digest.partition("@")[2]}):  # fmt: skip
        assert post(other, "/images/create", **query).status == 200
    assert inspected(other, digest)["RepoTags"] == []


def test_what_the_catalogue_does_not_hold_is_not_found(docker):
    answer = post(docker, "/images/create", fromImage="nosuch/thing", tag="latest")
    assert answer.status == 404
    assert answer.message.startswith(
        "pull access denied for nosuch/thing, repository does not exist or may require "
        "'docker login'"
    )
    answer = post(docker, "/images/create", fromImage="nginx", tag="nosuch")
    assert answer.status == 404
    assert answer.message.startswith("manifest for nginx:nosuch not found")


def test_a_platform_that_there_is_not_is_refused(docker):
    pull = {"fromImage": "hello-world", "tag": "latest"}
    answer = post(docker, "/images/create", **pull, platform="foobar")
    assert answer.status == 400
    assert "unknown operating system" in answer.message
    assert post(docker, "/images/create", **pull, platform="windows").status == 404
    assert post(docker, "/images/create", **pull, platform="linux/arm64").status == 200


def test_an_import_is_the_layer_that_was_sent(docker):
    answer = imported(docker, 'CMD ["cat", "/etc/hello"]', "ENV A=b", "EXPOSE 80")
    [line] = answer.lines
    shown = inspected(docker, "imp:1")
    assert shown["Id"] == line["status"]
    assert shown["RootFS"]["Layers"] == [digest_of_bytes(ROOTFS)]
    assert shown["Size"] == len(b"#!") + len(b"hi\xff\n")
    assert shown["Config"]["Cmd"] == ["cat", "/etc/hello"]
    assert shown["Config"]["Env"] == ["A=b"]
    assert list(shown["Config"]["ExposedPorts"]) == ["80/tcp"]


def test_the_files_of_an_imported_image_are_in_its_containers(docker):
    imported(docker)
    run = docker("run --rm imp:1 cat /etc/hello")
    assert run.stdout == text_of(b"hi\xff\n")
    assert docker("run --rm imp:1 cat /etc/link").stdout == run.stdout
    assert docker("run --rm imp:1 ls /etc").stdout.split() == [
        "hello",
        "hostname",
        "hosts",
        "link",
        "resolv.conf",
    ]


def test_a_packed_tar_makes_the_same_image(docker):
    imported(docker)
    first = inspected(docker, "imp:1")["RootFS"]
    imported(docker, data=gzip.compress(ROOTFS))
    assert inspected(docker, "imp:1")["RootFS"] == first


def test_an_image_without_programs_runs_none(docker):
    imported(docker, data=write([Entry(path="data", data=b"x")]))
    assert "executable file not found" in docker("run --rm imp:1 ls").stderr
    imported(
        docker, 'CMD ["cat", "/data"]', data=write([Entry(path="data", data=b"x")])
    )
    assert "executable file not found" in docker("run --rm imp:1").stderr


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("RUN rm", "run is not a valid change command"),
        ("EXPOSE x", "invalid containerPort: x"),
        ("ENV", "ENV requires at least one argument"),
        ("LABEL a=b c", 'Syntax error - can\'t find = in "c"'),
    ],
)
def test_a_change_that_is_none_is_refused(docker, change, text):
    answer = imported(docker, change)
    assert answer.status == 400
    assert text.lower() in answer.message.lower()
    assert not docker.world.images


@pytest.mark.parametrize(
    "data",
    [b"garbage" * 200, ROOTFS[:700], gzip.compress(ROOTFS)[:40]],
    ids=["garbage", "cut", "cut gzip"],
)
def test_a_broken_tar_is_refused(docker, data):
    answer = imported(docker, data=data)
    assert answer.status == 500
    assert answer.message.startswith("Error processing tar file(exit status 1): ")


def test_a_name_that_climbs_out_of_the_archive_is_refused(docker):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("../../etc/passwd"), io.BytesIO())
    assert (
        "leads out of the archive" in imported(docker, data=buffer.getvalue()).message
    )


def test_a_saved_image_is_what_its_manifest_says(docker):
    imported(docker)
    tar = saved(docker, "imp:1")
    tree = merged([tar])
    [entry] = json.loads(tree["/manifest.json"].data)
    assert entry["RepoTags"] == ["imp:1"]
    config = tree["/" + entry["Config"]].data
    assert digest_of_bytes(config) == inspected(docker, "imp:1")["Id"]
    layers = [digest_of_bytes(tree["/" + path].data) for path in entry["Layers"]]
    assert layers == json.loads(config)["rootfs"]["diff_ids"]


@pytest.mark.parametrize("name", ["nginx", "hello-world", "alpine:3.18"])
def test_an_image_of_the_catalogue_comes_back_as_itself(docker, name):
    docker(f"pull {name}")
    before, tar = inspected(docker, name), saved(docker, name)
    docker(f"rmi {name}")
    tag = before["RepoTags"][0]
    assert loaded(docker, tar) == ({"stream": f"Loaded image: {tag}\n"},)
    after = inspected(docker, name)
    before["Metadata"] = after["Metadata"]
    assert after == before


def test_a_catalogues_saved_layers_have_the_digests_that_its_config_names(docker):
    docker("pull nginx")
    tree = merged([saved(docker, "nginx")])
    [entry] = json.loads(tree["/manifest.json"].data)
    wanted = json.loads(tree["/" + entry["Config"]].data)["rootfs"]["diff_ids"]
    layers = [digest_of_bytes(tree["/" + path].data) for path in entry["Layers"]]
    assert layers == wanted == inspected(docker, "nginx")["RootFS"]["Layers"]


FILES = st.dictionaries(
    st.sampled_from(["/a", "/srv/b", "/srv/c/d", "/etc/motd"]),
    st.binary(max_size=20),
    max_size=4,
)


@given(files=FILES, era=st.sampled_from(["28", "20.10"]))
@settings(max_examples=30, deadline=None)
def test_an_image_that_is_saved_and_loaded_is_the_same_image_elsewhere(files, era):
    docker, other = Engine(era), Engine()
    docker("create --name box alpine")
    tar = write([Entry(path=path, data=data) for path, data in files.items()])
    put = Request(
        method="PUT", path="/containers/box/archive", query={"path": "/"}, data=tar
    )
    assert docker.send(put).status == 200
    made = post(docker, "/commit", container="box", repo="box", tag="1").body["Id"]
    loaded(other, saved(docker, "box:1"))
    image, again = docker.world.images[made], other.world.images[made]
    assert again.layers == image.layers
    assert again.config == image.config
    assert (again.size, again.references) == (image.size, image.references)
    other("create --name box box:1")
    for path, data in files.items():
        answer = other.api("GET", f"/containers/box/archive?path={path}")
        [member] = members(answer.data)
        assert content(answer.data, member) == data


def test_several_images_travel_in_one_archive(docker):
    docker("pull hello-world")
    imported(docker)
    answer = docker.api("GET", "/images/get?names=hello-world&names=imp:1")
    other = Engine()
    assert [line["stream"] for line in loaded(other, answer.data)] == [
        "Loaded image: hello-world:latest\n",
        "Loaded image: imp:1\n",
    ]


def test_an_image_saved_by_its_id_has_no_name(docker):
    imported(docker)
    identifier = inspected(docker, "imp:1")["Id"]
    tar = saved(docker, identifier)
    assert loaded(Engine(), tar) == ({"stream": f"Loaded image ID: {identifier}\n"},)


def test_an_archive_with_an_index_alone_is_read(docker):
    modern = Engine()
    imported(modern)
    tar = saved(modern, "imp:1")
    kept = [m for m in members(tar) if m.path != "/manifest.json" and m.size]
    oci = write(Entry(path=item.path, data=content(tar, item)) for item in kept)
    assert loaded(docker, oci) == ({"stream": "Loaded image: imp:1\n"},)


def test_a_layer_that_is_not_what_its_config_says_is_refused(docker):
    imported(docker)
    tar = saved(docker, "imp:1")
    forged = [
        Entry(
            path=item.path,
            data=write([]) if item.size == len(ROOTFS) else content(tar, item),
        )
        for item in members(tar)
        if item.size
    ]
    before = docker.world
    [line] = loaded(docker, write(forged))
    assert line["error"].startswith("invalid diffID for layer 0: expected")
    assert docker.world is before


@given(data=st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_whatever_is_loaded_as_an_image_an_answer_comes_back(data):
    docker = Engine()
    [line] = loaded(docker, data)
    assert "error" in line
    assert imported(docker, data=data).status in {200, 500}


def test_a_load_that_is_no_archive_says_so_in_its_stream(docker):
    text = "Error processing tar file(exit status 1): unexpected EOF"
    [line] = loaded(docker, b"vm\n")
    assert line == {"errorDetail": {"message": text}, "error": text}


def test_a_commit_holds_what_the_container_wrote(docker):
    docker("run --name box alpine sh -c 'echo hi > /f; rm /etc/group'")
    answer = post(
        docker, "/commit", container="box", repo="kept", tag="1", comment="why",
        author="me", changes=["EXPOSE 8000", 'CMD ["cat", "/f"]'],
    )  # fmt: skip
    assert answer.status == 201
    shown = inspected(docker, "kept:1")
    assert (shown["Comment"], shown["Author"]) == ("why", "me")
    assert shown["Parent"] == inspected(docker, "alpine")["Id"]
    assert docker("run --rm kept:1").stdout == "hi\n"
    assert not docker("run --rm kept:1 cat /etc/group").ok
    newest = docker.api("GET", "/images/kept:1/history").body[0]
    assert (newest["Size"], newest["Comment"]) == (3, "why")


def test_a_commit_leaves_out_what_volumes_hold(docker):
    docker("run --name box -v data:/d alpine sh -c 'echo hi > /d/f; echo x > /e'")
    post(docker, "/commit", container="box", repo="kept", tag="1")
    assert not docker("run --rm kept:1 cat /d/f").ok
    assert docker("run --rm kept:1 cat /e").stdout == "x\n"


def test_a_commit_of_nothing_is_not_found(docker):
    assert post(docker, "/commit", container="nosuch").status == 404


def test_events_tell_of_images():
    docker = Engine()
    imported(docker)
    tar = saved(docker, "imp:1")
    docker("tag imp:1 other:2")
    docker("rmi other:2 imp:1")
    loaded(docker, tar)
    actions = [event.action for event in docker.events if event.type == "image"]
    assert actions == ["tag", "import", "save", "tag", "untag", "untag", "delete",
                       "tag", "load"]  # fmt: skip


def test_a_push_is_refused_in_its_stream():
    docker = Engine()
    docker("pull nginx")
    head, fault = post(docker, "/images/nginx/push").lines
    assert head["status"] == "The push refers to repository [docker.io/library/nginx]"
    assert fault["error"] == "denied: requested access to the resource is denied"
    assert Engine("20.10").api("POST", "/images/nginx/push").status == 400


def test_a_build_is_refused_with_what_would_work(docker):
    answer = post(docker, "/build")
    assert answer.status == 501
    assert "docker load" in answer.message
    assert post(docker, "/build/prune").body["SpaceReclaimed"] == 0


def test_distribution_answers_from_the_catalogue(docker):
    body = docker.api("GET", "/distribution/nginx/json").body
    assert body["Platforms"] == [{"architecture": "amd64", "os": "linux"}]
    assert body["Descriptor"]["digest"].startswith("sha256:")
    assert docker.api("GET", "/distribution/nosuch/json").status == 401


def test_without_a_swarm_its_calls_answer_503(docker):
    for method, path in (("GET", "/swarm"), ("GET", "/services"), ("GET", "/nodes/x"),
                         ("POST", "/secrets/create"), ("DELETE", "/configs/x")):  # fmt: skip
        answer = docker.api(method, path)
        assert answer.status == 503
        assert answer.message.startswith("This node is not a swarm manager.")
    left = docker.api("POST", "/swarm/leave?force=1")
    assert (left.status, left.message) == (503, "This node is not part of a swarm")
    assert docker.api("GET", "/plugins").body == []
    assert docker.api("GET", "/plugins/x/json").status == 404


def test_disk_usage_counts_each_layer_once(docker):
    docker("run --name box -v data:/d alpine sh -c 'echo hi > /f; echo abc > /d/g'")
    post(docker, "/commit", container="box", repo="kept", tag="1")
    body = docker.api("GET", "/system/df").body
    alpine = inspected(docker, "alpine")["Size"]
    assert body["LayersSize"] == alpine + 3
    assert sorted(item["SharedSize"] for item in body["Images"]) == [alpine, alpine]
    [box] = body["Containers"]
    assert (box["SizeRw"], box["SizeRootFs"]) == (3, alpine + 3)
    [volume] = body["Volumes"]
    assert volume["UsageData"] == {"RefCount": 1, "Size": 4}


def test_disk_usage_of_one_type_only():
    docker = Engine()
    assert list(docker.api("GET", "/system/df?type=volume").body) == ["Volumes"]
    assert docker.api("GET", "/system/df?type=bogus").status == 400

"""Bodies of calls: how they are refused, and what a version of the API makes of them."""

import pytest

from minidock.engine import Engine

IMAGE = {"Image": "busybox", "Cmd": ["sleep", "1000"]}


def engine(era="28"):
    docker = Engine(era)
    assert docker("pull busybox").ok
    assert docker("network create app").ok
    return docker


@pytest.fixture(scope="module")
def docker():
    return engine()


def told(docker, body, path="/containers/create", **headers):
    answer = docker.api("POST", path, body, headers=headers)
    return answer.status, answer.message


_WRONG = (
    "json: cannot unmarshal number into Go struct field ContainerConfigWrapper.Image "
    "of type string"
)


@pytest.mark.parametrize(
    ("body", "old", "new"),
    [
        ("", (500, "EOF"),
         (400, "invalid JSON: got EOF while reading request body")),
        ("{", (500, "unexpected EOF"), (400, "invalid JSON: unexpected EOF")),
        ('{"Image": 5}',
         (500, _WRONG),
         (400, f"invalid JSON: {_WRONG}")),
        ("{}", (400, "Config cannot be empty in order to create a container"),
         (400, "config cannot be empty in order to create a container")),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_the_clients_fault_since_23(body, old, new):
    assert told(engine("20.10"), body) == old
    assert told(engine("28"), body) == new


def test_what_follows_the_first_value_is_refused_since_23():
    body = '{"Name": "x"} more'
    assert told(engine("20.10"), body, "/networks/create")[0] == 201
    assert told(engine("28"), body, "/networks/create") == (
        400,
        "unexpected content after JSON",
    )


@pytest.mark.parametrize(
    ("era", "text"),
    [
        ("20.10", "Content-Type specified (text/plain) must be 'application/json'"),
        ("28", "unsupported Content-Type header (text/plain): must be 'application/json'"),
    ],
)  # fmt: skip
def test_a_body_says_that_it_is_json(era, text):
    refused = told(engine(era), dict(IMAGE), **{"Content-Type": "text/plain"})
    assert refused == (400, text)
    accepted = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert told(engine(era), dict(IMAGE), **accepted)[0] == 201


def inspected(docker, version, host):
    body = {**IMAGE, "HostConfig": host}
    made = docker.api("POST", f"/v{version}/containers/create", body).body["Id"]
    return docker.api("GET", f"/containers/{made}/json").body["HostConfig"]


@pytest.mark.parametrize(
    ("version", "host", "key", "shown"),
    [
        ("1.24", {"AutoRemove": True}, "AutoRemove", False),
        ("1.25", {"AutoRemove": True}, "AutoRemove", True),
        ("1.39", {}, "IpcMode", "shareable"),
        ("1.40", {}, "IpcMode", "private"),
        ("1.39", {"IpcMode": "private"}, "IpcMode", "private"),
        ("1.40", {}, "CgroupnsMode", "host"),
        ("1.41", {}, "CgroupnsMode", "private"),
        ("1.41", {"ConsoleSize": [24, 80]}, "ConsoleSize", [0, 0]),
        ("1.42", {"ConsoleSize": [24, 80]}, "ConsoleSize", [24, 80]),
        ("1.42", {"Annotations": {"a": "b"}}, "Annotations", None),
        ("1.43", {"Annotations": {"a": "b"}}, "Annotations", {"a": "b"}),
    ],
)
def test_a_version_does_not_know_what_came_after_it(docker, version, host, key, shown):
    assert inspected(docker, version, host).get(key) == shown


def test_several_networks_at_create_need_1_44(docker):
    endpoints = {"app": {}, "bridge": {}}
    body = {**IMAGE, "NetworkingConfig": {"EndpointsConfig": endpoints}}
    status, text = told(docker, body, "/v1.43/containers/create")
    assert (status, text.partition(":")[0]) == (
        400,
        "Container cannot be created with multiple network endpoints",
    )
    assert told(docker, body, "/v1.44/containers/create")[0] == 201


def test_the_short_id_is_an_alias_for_older_clients(docker):
    docker("run -d --name web --network app --network-alias www nginx")
    by_version = {
        version: docker.api("GET", f"/v{version}/containers/web/json").body
        for version in ("1.44", "1.45")
    }
    aliases = {
        version: body["NetworkSettings"]["Networks"]["app"]["Aliases"]
        for version, body in by_version.items()
    }
    short = by_version["1.45"]["Id"][:12]
    assert aliases == {"1.44": ["www", short], "1.45": ["www"]}


def test_the_oldest_clients_see_volumes_and_no_networks():
    docker = engine("20.10")
    docker("run -d --name it -v data:/data:ro -m 64m busybox sleep 1000")
    old = docker.api("GET", "/v1.19/containers/it/json").body
    assert "Mounts" not in old
    assert old["VolumesRW"] == {"/data": False}
    assert old["Config"]["Memory"] == 64 * 1024**2
    middle = docker.api("GET", "/v1.20/containers/it/json").body
    assert "Volumes" not in middle
    assert (middle["Config"]["VolumeDriver"], "Memory" in middle["Config"]) == (
        "",
        False,
    )
    new = docker.api("GET", "/v1.21/containers/it/json").body
    for body in (old, middle):
        assert "Networks" not in body["NetworkSettings"]
    assert set(new["NetworkSettings"]["Networks"]) == {"bridge"}


def test_a_start_with_a_body_was_dropped_with_1_24():
    docker = engine("20.10")
    docker("create --name it busybox sleep 1000")
    start = "/containers/it/start"
    assert told(docker, {"PortBindings": {}}, f"/v1.24{start}")[0] == 400
    assert told(docker, {}, f"/v1.24{start}")[0] == 204  # too short to say anything
    assert told(docker, {"PortBindings": {}}, f"/v1.23{start}")[0] == 304


BAD_HOSTS = [
    ({"RestartPolicy": {"Name": "bogus"}}, "invalid restart policy 'bogus'"),
    (
        {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 3}},
        "maximum retry count cannot be used with restart policy 'always'",
    ),
    ({"Memory": 1000}, "Minimum memory limit allowed is 6MB"),
    (
        {"Memory": 10_485_760, "MemoryReservation": 20_971_520},
        "Minimum memory limit can not be less than memory reservation limit, see usage",
    ),
    (
        {"NanoCpus": 99_000_000_000},
        "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
    ),
    (
        {"CpusetCpus": "0-99"},
        "Requested CPUs are not available - requested 0-99, available: 0-1",
    ),
    ({"CpusetCpus": "x"}, "Invalid value x for cpuset cpus: invalid format: x"),
    ({"CapAdd": ["bogus"]}, 'invalid CapAdd: unknown capability: "CAP_BOGUS"'),
    ({"LogConfig": {"Type": "bogus"}},
     'error looking up logging plugin bogus: plugin "bogus" not found'),
    ({"Mounts": [{"Type": "volume", "Target": "x"}]},
     ("invalid mount config for type \"volume\": invalid mount path: 'x' mount path must "
     "be absolute")),
    ({"Binds": ["/a:/b", "/c:/b"]}, "Duplicate mount point: /b"),
    ({"Runtime": "bogus"}, "Unknown runtime specified bogus"),
]  # fmt: skip


@pytest.mark.parametrize(("host", "text"), BAD_HOSTS)
def test_settings_that_make_no_sense_are_refused_before_the_image_is_missed(host, text):
    body = {"Image": "nosuch", "Cmd": ["x"], "HostConfig": host}
    assert told(engine("20.10"), body) == (400, text)


def test_a_container_has_a_working_folder_from_the_root_and_named_variables():
    docker = engine("20.10")
    assert told(docker, {**IMAGE, "WorkingDir": "rel"}) == (
        400,
        "the working directory 'rel' is invalid, it needs to be an absolute path",
    )
    assert told(docker, {**IMAGE, "Env": ["=x"]}) == (
        400,
        "invalid environment variable: =x",
    )


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("POST", "/containers/nosuch/rename", "Neither old nor new names may be empty"),
        ("POST", "/containers/nosuch/exec", "No exec command specified"),
        ("GET", "/containers/nosuch/logs",
         "Bad parameters: you must choose at least one stream"),
    ],
)  # fmt: skip
def test_some_faults_are_seen_before_the_container_is_looked_for(method, path, text):
    answer = engine("20.10").api(method, path, {} if method == "POST" else None)
    assert (answer.status, answer.message) == (400, text)

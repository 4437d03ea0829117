"""What a container is created with, and what of that is shown."""

import pytest
from docker.errors import APIError, ImageNotFound
from docker.types import DeviceRequest, Healthcheck, LogConfig, Mount, Ulimit

from tests.contracts.docker_py.conftest import status_of

CONFIG = [
    ({"hostname": "box", "domainname": "example.test"}, "Hostname", "box"),
    ({"hostname": "box", "domainname": "example.test"}, "Domainname", "example.test"),
    ({"user": "1000"}, "User", "1000"),
    ({"tty": True}, "Tty", True),
    ({"stdin_open": True}, "OpenStdin", True),
    ({"detach": True}, "AttachStdout", False),
    ({"working_dir": "/srv"}, "WorkingDir", "/srv"),
    ({"entrypoint": "sleep 9"}, "Entrypoint", ["sleep", "9"]),
    ({"labels": {"a": "1", "b": ""}}, "Labels", {"a": "1", "b": ""}),
    ({"labels": ["a", "b"]}, "Labels", {"a": "", "b": ""}),
    ({"ports": [80, (53, "udp")]}, "ExposedPorts", {"80/tcp": {}, "53/udp": {}}),
    ({"volumes": ["/data"]}, "Volumes", {"/data": {}}),
    ({"stop_signal": "SIGINT"}, "StopSignal", "SIGINT"),
    ({"stop_timeout": 25}, "StopTimeout", 25),
]


@pytest.mark.parametrize(("asked", "field", "shown"), CONFIG)
def test_what_a_container_is_told_is_shown_in_its_config(api, asked, field, shown):
    made = api.create_container("alpine", "true", **asked)
    assert api.inspect_container(made)["Config"][field] == shown


HOST = [
    ({"mem_limit": "700M", "memswap_limit": "1G"}, "Memory", 700 << 20),
    ({"mem_limit": "700M", "memswap_limit": "1G"}, "MemorySwap", 1 << 30),
    ({"mem_reservation": "64m"}, "MemoryReservation", 64 << 20),
    ({"mem_swappiness": 40}, "MemorySwappiness", 40),
    ({"cpu_shares": 2}, "CpuShares", 2),
    ({"cpuset_cpus": "0,1"}, "CpusetCpus", "0,1"),
    ({"cpu_period": 100000, "cpu_quota": 5000}, "CpuQuota", 5000),
    ({"nano_cpus": 500_000_000}, "NanoCpus", 500_000_000),
    ({"pids_limit": 1024}, "PidsLimit", 1024),
    ({"shm_size": "1M"}, "ShmSize", 1 << 20),
    ({"oom_score_adj": 5}, "OomScoreAdj", 5),
    ({"privileged": True}, "Privileged", True),
    ({"read_only": True}, "ReadonlyRootfs", True),
    ({"auto_remove": True}, "AutoRemove", True),
    ({"init": True}, "Init", True),
    ({"pid_mode": "host"}, "PidMode", "host"),
    ({"ipc_mode": "host"}, "IpcMode", "host"),
    ({"uts_mode": "host"}, "UTSMode", "host"),
    ({"userns_mode": "host"}, "UsernsMode", "host"),
    ({"network_mode": "none"}, "NetworkMode", "none"),
    ({"isolation": "default"}, "Isolation", "default"),
    ({"cap_add": ["NET_ADMIN"]}, "CapAdd", ["NET_ADMIN"]),
    ({"cap_drop": ["MKNOD"]}, "CapDrop", ["MKNOD"]),
    ({"dns": ["192.0.2.53"]}, "Dns", ["192.0.2.53"]),
    ({"dns_search": ["example.test"]}, "DnsSearch", ["example.test"]),
    ({"extra_hosts": {"db": "10.0.0.5"}}, "ExtraHosts", ["db:10.0.0.5"]),
    ({"group_add": [1000, "audio"]}, "GroupAdd", ["1000", "audio"]),
    ({"security_opt": ["label=disable"]}, "SecurityOpt", ["label=disable"]),
    ({"tmpfs": {"/run": "size=3M"}}, "Tmpfs", {"/run": "size=3M"}),
    ({"sysctls": {"net.core.somaxconn": "1024"}}, "Sysctls", {"net.core.somaxconn": "1024"}),
    (
        {"ulimits": [Ulimit(name="nofile", soft=512, hard=1024)]},
        "Ulimits",
        [{"Name": "nofile", "Soft": 512, "Hard": 1024}],
    ),
    (
        {"devices": ["/dev/null:/dev/zero:r"]},
        "Devices",
        [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/zero", "CgroupPermissions": "r"}],
    ),
    (
        {"restart_policy": {"Name": "on-failure", "MaximumRetryCount": 5}},
        "RestartPolicy",
        {"Name": "on-failure", "MaximumRetryCount": 5},
    ),
    (
        {"log_config": LogConfig(type="json-file", config={"max-file": "100"})},
        "LogConfig",
        {"Type": "json-file", "Config": {"max-file": "100"}},
    ),
    (
        {"log_config": LogConfig(type="", config={})},
        "LogConfig",
        {"Type": "json-file", "Config": {}},
    ),
    (
        {"port_bindings": {80: ("127.0.0.1", 8080), "53/udp": None}},
        "PortBindings",
        {
            "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
            "53/udp": [{"HostIp": "", "HostPort": ""}],
        },
    ),
    ({"binds": {"/srv": {"bind": "/in", "mode": "ro"}}}, "Binds", ["/srv:/in:ro"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "field", "shown"), HOST, ids=lambda value: str(value)[:30]
)
def test_what_the_host_gives_is_shown_in_its_host_config(api, asked, field, shown):
    host = api.create_host_config(**asked)
    made = api.create_container("alpine", "true", host_config=host)
    assert api.inspect_container(made)["HostConfig"][field] == shown


def test_a_runtime_is_shown_though_docker_py_writes_it_beside_the_host_config(api):
    made = api.create_container("alpine", "true", runtime="runc")
    assert api.inspect_container(made)["HostConfig"]["Runtime"] == "runc"


def test_a_variable_without_a_value_is_taken_from_nowhere(api):
    made = api.create_container(
        "alpine", "env", environment={"Plain": None, "One": "1", "Blank": ""}
    )
    asked = api.inspect_container(made)["Config"]["Env"]
    assert {"Plain", "One=1", "Blank="} <= set(asked)


def test_a_device_request_is_kept(client):
    made = client.containers.create(
        "alpine", device_requests=[DeviceRequest(count=-1, capabilities=[["gpu"]])]
    )
    (shown,) = made.attrs["HostConfig"]["DeviceRequests"]
    assert (shown["Count"], shown["Capabilities"]) == (-1, [["gpu"]])


def test_mounts_of_three_kinds_are_shown(client, api):
    made = client.containers.create(
        "alpine",
        mounts=[
            Mount("/data", "store", type="volume"),
            Mount("/in", "/srv", type="bind", read_only=True),
            Mount("/scratch", None, type="tmpfs"),
        ],
    )
    shown = {mount["Destination"]: mount for mount in made.attrs["Mounts"]}
    assert (shown["/data"]["Name"], shown["/data"]["RW"]) == ("store", True)
    assert (shown["/in"]["Source"], shown["/in"]["RW"]) == ("/srv", False)
    assert [volume["Name"] for volume in api.volumes()["Volumes"]] == ["store"]


def test_a_health_check_is_shown(client):
    made = client.containers.create(
        "alpine",
        healthcheck=Healthcheck(test="true", interval=10**9, retries=3, timeout=10**9),
    )
    shown = made.attrs["Config"]["Healthcheck"]
    assert shown["Test"] == ["CMD-SHELL", "true"]
    assert (shown["Interval"], shown["Retries"]) == (10**9, 3)


def test_a_published_port_is_shown_once_it_runs(client):
    made = client.containers.run(
        "alpine", "sleep 999", detach=True, ports={"80/tcp": 8080, "81/tcp": None}
    )
    made.reload()
    assert made.ports["80/tcp"][0] == {"HostIp": "0.0.0.0", "HostPort": "8080"}
    assert int(made.ports["81/tcp"][0]["HostPort"]) > 1024
    assert client.api.port(made.id, 80)[0]["HostPort"] == "8080"


def test_a_link_gives_variables_and_a_name(client):
    client.containers.run(
        "alpine", "sleep 999", name="db", environment={"PASSWORD": "x"}, detach=True
    )
    text = client.containers.run(
        "alpine", "sh -c 'env; ping -c 1 store'", links={"db": "store"}, remove=True
    ).decode()
    assert "STORE_NAME=/" in text
    assert "STORE_ENV_PASSWORD=x\n" in text
    assert "1 packets transmitted, 1 packets received" in text


def test_a_link_is_removed_by_its_name(api):
    api.create_container("alpine", "sleep 9", name="db")
    made = api.create_container(
        "alpine",
        "sleep 9",
        name="web",
        host_config=api.create_host_config(links={"db": "store"}),
    )
    names = [name for shown in api.containers(all=True) for name in shown["Names"]]
    assert "/web/store" in names
    api.remove_container("web/store", link=True)
    names = [name for shown in api.containers(all=True) for name in shown["Names"]]
    assert sorted(names) == ["/db", "/web"]
    assert not api.inspect_container(made)["HostConfig"]["Links"]


def test_groups_are_added_as_numbers_and_texts(client):
    for groups in ([1000, 1001], ["1000", "1001"]):
        text = client.containers.run("alpine", "id -G", group_add=groups, remove=True)
        assert text.decode().split() == ["0", "1000", "1001"]


# --- refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"name": "-x"}, 400, "Invalid container name"),
        ({"name": "taken"}, 409, "is already in use"),
        ({"network_mode": "container:ghost"}, (201, 201), ""),
        ({"restart_policy": {"Name": "sometimes"}}, 400, "sometimes"),
        (
            {"restart_policy": {"Name": "always"}, "auto_remove": True},
            400,
            "can't create 'AutoRemove' container with restart policy",
        ),
        ({"log_config": LogConfig(type="pigeon", config={})}, 400, "pigeon"),
        (
            {"log_config": LogConfig(type="local", config={"colour": "red"})},
            400,
            "unknown log opt 'colour' for log driver local",
        ),
        ({"mem_limit": "1m"}, 400, "inimum memory limit"),
        ({"binds": ["in:/out:maybe"]}, 400, "invalid mode: maybe"),
        ({"binds": ["in:out"]}, 400, "mount path must be absolute"),
        ({"binds": ["/in:/"]}, 400, "destination can't be '/'"),
        ({"binds": ["a:/x", "b:/x"]}, 400, "Duplicate mount point: /x"),
        ({"extra_hosts": ["db"]}, 400, "bad format for add-host"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_a_container_that_cannot_be_is_refused(api, asked, status, words):
    api.create_container("alpine", "true", name="taken")
    asked = dict(asked)
    name = asked.pop("name", None)
    if status == (201, 201):  # it may still come: the start refuses
        host = api.create_host_config(**asked)
        assert api.create_container("alpine", "true", host_config=host)["Id"]
        return
    with pytest.raises(APIError) as failure:
        api.create_container(
            "alpine", "true", name=name, host_config=api.create_host_config(**asked)
        )
    assert status_of(failure) == status
    assert words in failure.value.explanation
    assert len(api.containers(all=True)) == 1


def test_an_image_that_is_not_there_is_named(client, api):
    with pytest.raises(ImageNotFound, match="No such image: ghost:latest"):
        api.create_container("ghost", "true")
    with pytest.raises(ImageNotFound):
        client.containers.run("ghost-of-nobody", "true")


def test_run_pulls_what_is_not_there(client):
    assert client.containers.run("busybox:1.36", "echo hi", remove=True) == b"hi\n"
    assert client.images.get("busybox:1.36")


def test_a_program_that_is_not_there_does_not_start(client):
    with pytest.raises(APIError, match="executable file not found") as failure:
        client.containers.run("alpine", "nosuchprogram")
    assert status_of(failure) in {400, 404}

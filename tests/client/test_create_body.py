"""docker-py's keywords say the same as the flags of `docker run`."""

import pytest

from minidock.engine import Engine

SAME = [
    ({"ports": {"80/tcp": 8080}}, "-p 8080:80"),
    ({"ports": {"80": ("127.0.0.1", 8080)}}, "-p 127.0.0.1:8080:80"),
    ({"ports": {"80/udp": [8080, 8081]}}, "-p 8080:80/udp -p 8081:80/udp"),
    ({"environment": {"A": "1"}}, "-e A=1"),
    ({"environment": ["A=1"]}, "-e A=1"),
    ({"labels": {"a": "b"}}, "--label a=b"),
    ({"labels": ["a"]}, "--label a"),
    ({"mem_limit": "64m"}, "--memory 64m"),
    ({"mem_limit": 67108864}, "--memory 64m"),
    ({"mem_limit": "64m", "memswap_limit": "1g"}, "--memory 64m --memory-swap 1g"),
    ({"shm_size": "32m"}, "--shm-size 32m"),
    ({"volumes": {"data": {"bind": "/d", "mode": "ro"}}}, "-v data:/d:ro"),
    ({"volumes": ["data:/d"]}, "-v data:/d"),
    ({"tmpfs": {"/run": "size=1m"}}, "--tmpfs /run:size=1m"),
    ({"extra_hosts": {"db": "10.0.0.9"}}, "--add-host db:10.0.0.9"),
    ({"links": {"other": "db"}}, "--link other:db"),
    ({"links": [("other", "db")]}, "--link other:db"),
    ({"dns": ["10.0.0.1"]}, "--dns 10.0.0.1"),
    ({"cap_add": ["NET_ADMIN"]}, "--cap-add NET_ADMIN"),
    ({"hostname": "box"}, "--hostname box"),
    ({"user": "1000"}, "--user 1000"),
    ({"network": "mynet"}, "--network mynet"),
    ({"network_mode": "host"}, "--network host"),
    ({"cpu_shares": 512}, "--cpu-shares 512"),
    ({"pid_mode": "host"}, "--pid host"),
    ({"ipc_mode": "host"}, "--ipc host"),
    ({"uts_mode": "host"}, "--uts host"),
    ({"security_opt": ["no-new-privileges"]}, "--security-opt no-new-privileges"),
]
PARTS = ("ExposedPorts Env Labels Hostname User Cmd Volumes").split()
HOST_PARTS = """PortBindings Memory MemorySwap ShmSize Binds Tmpfs ExtraHosts Links Dns
CapAdd NetworkMode CpuShares PidMode IpcMode UTSMode SecurityOpt""".split()


def shown(docker, name):
    attrs = docker.containers.get(name).attrs
    config, host = attrs["Config"], attrs["HostConfig"]
    found = {key: config.get(key) or None for key in PARTS if key != "Hostname"}
    found |= {key: host.get(key) or None for key in HOST_PARTS}
    found["Links"] = [text.replace(name, "box") for text in host["Links"] or ()]
    named = config["Hostname"] == attrs["Id"][:12]
    return found | {"Hostname": None if named else config["Hostname"]}


@pytest.mark.parametrize(("keywords", "flags"), SAME, ids=lambda x: str(x)[:40])
def test_a_keyword_says_the_same_as_the_flag(keywords, flags):
    docker = Engine("20.10")
    docker("run -d --name other redis")
    docker("network create mynet")
    docker.containers.create("busybox", "sleep 9", name="by-keyword", **keywords)
    assert docker(f"create --name by-flag {flags} busybox sleep 9").ok
    assert shown(docker, "by-keyword") == shown(docker, "by-flag")


def test_a_program_given_as_a_text_is_split_as_a_shell_would():
    docker = Engine()
    made = docker.containers.create("busybox", "echo 'a b'", entrypoint="sh -c")
    assert made.attrs["Config"]["Cmd"] == ["echo", "a b"]
    assert made.attrs["Config"]["Entrypoint"] == ["sh", "-c"]


def test_an_image_is_pulled_with_its_own_tag_or_the_latest():
    docker = Engine()
    assert docker.images.pull("redis").tags == ["redis:latest"]
    assert docker.images.pull("nginx:1.25").tags == ["nginx:1.25"]
    assert len(docker.images.list()) == 2
    assert [i.tags for i in docker.images.list(name="redis")] == [["redis:latest"]]

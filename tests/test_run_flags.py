"""Every flag of `docker run` is accepted, and comes back from `docker inspect`."""

import pytest

from minidock import Engine
from minidock.commandline.grammar import parse
from minidock.commandline.refusal import Cli
from minidock.commandline.requests import container_request
from minidock.commandline.words import split_line

LINES = """
--add-host db:10.0.0.9
--annotation a=b
--blkio-weight 300
--cap-add NET_ADMIN
--cap-drop MKNOD
--cgroup-parent /p
--cgroupns private
--cpu-period 100000
--cpu-quota 50000
--cpu-shares 512
--cpus 1.5
--cpuset-cpus 0-1
--cpuset-mems 0
--device /dev/null:/dev/zero:rw
--device-cgroup-rule "c 1:3 mr"
--device-read-bps /dev/sda:1mb
--device-write-iops /dev/sda:100
--dns 192.0.2.53
--dns-option ndots:2
--dns-search corp.test
--domainname ex.test
--entrypoint /bin/sh
--env A=1
--expose 9000/udp
--gpus all
--group-add wheel
--health-cmd "curl -f localhost" --health-interval 5s --health-retries 3
--hostname box
--init
--interactive
--ipc private
--isolation default
--label a=b
--log-driver none
--memory 64m
--memory-reservation 32m
--memory-swap 128m --memory 64m
--memory-swappiness 10
--network host
--no-healthcheck
--oom-kill-disable
--oom-score-adj 100
--pid host
--pids-limit 50
--privileged
--publish 127.0.0.1:8080:80
--publish-all
--read-only
--restart on-failure:3
--rm
--runtime runc
--security-opt no-new-privileges
--shm-size 128m
--stop-signal SIGQUIT
--stop-timeout 3
--storage-opt size=1G
--sysctl net.core.somaxconn=1024
--tmpfs /run:size=64m
--tty
--ulimit nofile=1024:2048
--user 1000:1000
--userns host
--uts host
--volume data:/data
--volume-driver local
--volumes-from other
--workdir /srv
""".strip().splitlines()


def meant(value):
    """Whether a field of the request says anything at all."""
    return value not in (None, "", 0, False, [], {}, -1)


@pytest.mark.parametrize("flags", LINES)
@pytest.mark.parametrize("era", ["20.10", "28"])
def test_what_a_flag_asks_for_is_what_inspect_shows(flags, era):
    docker = Engine(era)
    docker("pull busybox")
    docker("create --name other busybox sleep 1")
    line = f"create --name box {flags} busybox sleep 1000"
    made = docker(line)
    if "requires API version" in made.stderr or "unknown flag" in made.stderr:
        pytest.skip(made.stderr.splitlines()[0])
    assert made.ok, made
    shown = docker.containers.get("box").attrs
    cli = Cli(docker.world.era.cli)
    request = container_request(parse(split_line(line), cli), cli=cli)
    # "default" means the daemon's own: bridge, which engine 28 writes down.
    default = {"default": ("default", "bridge")}
    for key, value in request.body["HostConfig"].items():
        if key == "NetworkMode":
            assert shown["HostConfig"][key] in default.get(value, (value,))
        elif meant(value):
            assert covers(shown["HostConfig"].get(key), value), key
    for key, value in request.body.items():
        if key not in {"HostConfig", "NetworkingConfig"} and meant(value):
            assert covers(shown["Config"].get(key), value), key


def covers(shown, asked):
    """Whether what is shown holds everything that was asked."""
    if isinstance(asked, dict) and isinstance(shown, dict):
        return all(
            covers(shown.get(key), value)
            for key, value in asked.items()
            if meant(value)
        )
    if isinstance(asked, list) and isinstance(shown, list):
        return all(any(covers(s, a) for s in shown) for a in asked)
    return shown == asked

"""Worlds for examples: what `docker` makes of a few command lines."""

from minidock.engine import Engine

SHOP = (
    "network create app",
    "network create --internal back",
    "run -d --name web --network app -p 8080:80 nginx",
    "run -d --name api --network app -p 127.0.0.1:9000-9001:9000-9001 python",
    "run -d --name db --network back redis",
    "network connect back api",
    "run -d --name side --network container:web busybox sleep 1000",
    "run -d --name monitor --network host nginx",
    "run -d --name vault --network none nginx",
    "create --name spare --network app nginx",
)


def engine(*lines, era="28"):
    """An engine after some command lines, all of which must work."""
    docker = Engine(era)
    for line in lines:
        output = docker(line)
        assert output.ok, f"{line}: {output.stderr}"
    return docker


def world(*lines, era="28"):
    """The World after some command lines."""
    return engine(*lines, era=era).world

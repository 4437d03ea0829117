"""The calls about the engine itself: ping, version, info."""

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.model.document import Json
from minidock.model.world import World
from minidock.views.durations import timestamp

__all__ = ["info", "ping", "version"]

_KERNEL = "6.1.0"


def ping(call: Call) -> Answer:
    """GET or HEAD /_ping: OK."""
    era = call.world.era
    headers = {
        "Api-Version": era.api_version,
        "Docker-Experimental": str(call.world.daemon.experimental).lower(),
        "Ostype": "linux",
        "Cache-Control": "no-cache, no-store, must-revalidate",
        "Pragma": "no-cache",
    }
    return Answer(world=call.world, response=Response(text="OK", headers=headers))


def version(call: Call) -> Answer:
    """GET /version."""
    era = call.world.era
    details: dict[str, Json] = {
        "ApiVersion": era.api_version,
        "Arch": "amd64",
        "Experimental": str(call.world.daemon.experimental).lower(),
        "KernelVersion": _KERNEL,
        "MinAPIVersion": era.min_api_version,
        "Os": "linux",
    }
    body: dict[str, Json] = {
        "Platform": {"Name": "minidock"},
        "Components": [
            {"Name": "Engine", "Version": era.engine_version, "Details": details}
        ],
        "Version": era.engine_version,
        "ApiVersion": era.api_version,
        "MinAPIVersion": era.min_api_version,
        "GitCommit": "minidock",
        "GoVersion": "none",
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": _KERNEL,
    }
    return Answer(world=call.world, response=Response(body=body))


def _counts(world: World) -> dict[str, Json]:
    states = [container.state.status for container in world.containers.values()]
    running, paused = states.count("running"), states.count("paused")
    return {
        "Containers": len(states),
        "ContainersRunning": running,
        "ContainersPaused": paused,
        "ContainersStopped": len(states) - running - paused,
        "Images": len(world.images),
    }


def info(call: Call) -> Answer:
    """GET /info: the fields that clients read."""
    world = call.world
    body: dict[str, Json] = {"ID": world.daemon_id, **_counts(world)}
    body |= {
        "Driver": "overlay2",
        "Plugins": {
            "Volume": ["local"],
            "Network": ["bridge", "host", "null"],
            "Authorization": None,
            "Log": ["json-file", "none"],
        },
        "MemoryLimit": True,
        "IPv4Forwarding": world.daemon.ip_forward,
        "BridgeNfIptables": True,
        "BridgeNfIp6tables": True,
        "Debug": world.daemon.debug,
        "SystemTime": timestamp(call.now),
        "LoggingDriver": "json-file",
        "CgroupDriver": "cgroupfs",
        "KernelVersion": _KERNEL,
        "OperatingSystem": "minidock",
        "OSType": "linux",
        "Architecture": "x86_64",
        "IndexServerAddress": "https://index.docker.io/v1/",
        "NCPU": 2,
        "MemTotal": 4 * 1024**3,
        "DockerRootDir": "/var/lib/docker",
        "Name": world.host.hostname,
        "Labels": list(world.daemon.label),
        "ExperimentalBuild": world.daemon.experimental,
        "ServerVersion": world.era.engine_version,
        "DefaultRuntime": "runc",
        "Swarm": {"NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive"},
        "LiveRestoreEnabled": world.daemon.live_restore,
        "Warnings": None,
    }
    return Answer(world=world, response=Response(body=body))

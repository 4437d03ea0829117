"""The calls about the engine itself: ping, version, info."""

from minidock.api.call import Answer, Call
from minidock.api.headers import TEXT
from minidock.api.http import Response
from minidock.eras import Era
from minidock.model.document import Json
from minidock.views.inspect_engine import engine_info

__all__ = ["info", "ping", "version"]


def ping(call: Call) -> Answer:
    """GET or HEAD /_ping: OK."""
    era = call.world.era
    headers = {
        "Cache-Control": "no-cache, no-store, must-revalidate",
        "Content-Type": TEXT,
        "Pragma": "no-cache",
    }
    if era.builder_version:
        headers["Builder-Version"] = era.builder_version
    if era.swarm_in_ping:
        there = call.world.cluster is not None and call.world.cluster.swarm is not None
        headers["Swarm"] = "active/manager" if there else "inactive"
    return Answer(world=call.world, response=Response(text="OK", headers=headers))


def version(call: Call) -> Answer:
    """GET /version."""
    era, host = call.world.era, call.world.host
    facts: dict[str, Json] = {
        "ApiVersion": era.api_version,
        "MinAPIVersion": era.min_api_version,
        "GitCommit": era.git_commit,
        "GoVersion": era.go_version,
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": host.kernel,
        "BuildTime": era.build_time,
    }
    experimental = str(call.world.daemon.experimental).lower()
    engine: Json = {
        "Name": "Engine",
        "Version": era.engine_version,
        "Details": dict(sorted({**facts, "Experimental": experimental}.items())),
    }
    others: list[Json] = [
        {"Name": name, "Version": number, "Details": {"GitCommit": commit}}
        for name, number, commit in _companions(era)
        if number
    ]
    body: dict[str, Json] = {
        "Platform": {"Name": era.platform_name},
        "Components": [engine, *others],
        "Version": era.engine_version,
        **facts,
    }
    if call.world.daemon.experimental:
        body["Experimental"] = True
    return Answer(world=call.world, response=Response(body=body))


def _companions(era: Era) -> list[tuple[str, str, str]]:
    """The programs that an engine comes with: name, version and commit."""
    programs = {
        "containerd": era.containerd,
        "runc": era.runc,
        "docker-init": era.docker_init,
    }
    split = ((name, build.partition(" ")) for name, build in programs.items())
    return [(name, number, commit) for name, (number, _, commit) in split]


def info(call: Call) -> Answer:
    """GET /info."""
    body = engine_info(call.world, call.api, call.now)
    return Answer(world=call.world, response=Response(body=body))

"""`docker update`: another share of the host, another restart policy.

```
POST /containers/{id}/update   {"Memory": 1g, "RestartPolicy": {"Name": "always"}}
   │ what is 0, "" or null stays as it was
   ▼
HostConfig of the container, which inspect shows; a running program goes on
```

Docker's source: moby, ``container/container_unix.go`` (UpdateContainer) and
``daemon/update.go``.
"""

from dataclasses import replace

from minidock.api.call import Answer, Call, document_of
from minidock.api.decode import Shape, decode
from minidock.api.http import Response
from minidock.commands.containers import container_event
from minidock.commands.limits import check_limits
from minidock.commands.lookup import find_container
from minidock.commands.restarting import check_known
from minidock.errors import Conflict, InvalidParameter, Refusal, Unclassified
from minidock.model.container import Container
from minidock.model.document import Document

__all__ = ["update"]

_UPDATE: Shape = {
    "BlkioWeight": "int",
    "CpuShares": "int",
    "NanoCpus": "int",
    "CpuPeriod": "int",
    "CpuQuota": "int",
    "CpuRealtimePeriod": "int",
    "CpuRealtimeRuntime": "int",
    "CpusetCpus": "string",
    "CpusetMems": "string",
    "Memory": "int",
    "MemorySwap": "int",
    "MemoryReservation": "int",
    "KernelMemory": "int",
    "PidsLimit": "int",
    "RestartPolicy": {
        "": "container.RestartPolicy",
        "Name": "string",
        "MaximumRetryCount": "int",
    },
}

_LEAST_MEMORY = 6 * 1024 * 1024


def update(call: Call) -> Answer:
    """POST /containers/{id}/update."""
    refusal = InvalidParameter if call.world.era.strict_json else Unclassified
    asked = document_of(decode(call, _UPDATE, "UpdateConfig", refusal=refusal))
    container = find_container(call.world, call.words["id"])
    policy = asked.document("RestartPolicy")
    _check_policy(call, container, policy)
    try:
        _check_memory(container, asked)
        _check_processors(container, asked)
    except Conflict as error:
        raise Conflict(
            f"Cannot update container {container.id}: {error.text}",
            asked=error.asked,
            rule=error.rule,
            remedy=error.remedy,
        ) from error
    check_limits(call.world, asked.without("MemorySwap"))
    host = container.host_config
    for key in _UPDATE:
        if key != "RestartPolicy" and asked.get(key):
            host = host.with_entry(key, asked[key])
    if policy.text("Name"):
        host = host.with_entry("RestartPolicy", policy)
    changed = replace(container, host_config=host)
    containers = call.world.containers.set(changed.id, changed)
    return Answer(
        world=replace(call.world, containers=containers),
        response=Response(body={"Warnings": None}),
        events=(container_event("update", changed, call.now),),
    )


def _refused(text: str, container: Container, rule: str, remedy: str) -> Refusal:
    asked = f"update {container.name}"
    return InvalidParameter(text, asked=asked, rule=rule, remedy=remedy)


def _check_policy(call: Call, container: Container, policy: Document) -> None:
    check_known(policy, call.world.era, f"update {container.name}")
    name = policy.text("Name")
    if container.host_config.flag("AutoRemove") and name not in {"", "no"}:
        raise Conflict(
            "Restart policy cannot be updated because AutoRemove is enabled for the "
            "container",
            asked=f"update {container.name}",
            rule="it is removed when it ends, so nothing is left to restart",
            remedy="docker run without --rm",
        )


def _check_memory(container: Container, asked: Document) -> None:
    memory, swap = asked.number("Memory"), asked.number("MemorySwap")
    if memory and memory < _LEAST_MEMORY:
        raise _refused(
            "Minimum memory limit allowed is 6MB",
            container,
            "less holds no program",
            "-m 6m or more",
        )
    if memory and 0 < swap < memory:
        raise _refused(
            "Minimum memoryswap limit should be larger than memory limit, see usage",
            container,
            "the swap limit counts memory and swap together",
            f"--memory-swap {2 * memory}",
        )
    if not memory and swap > 0 and not container.host_config.number("Memory"):
        raise _refused(
            "You should always set the Memory limit when using Memoryswap limit, see "
            "usage",
            container,
            "a bound for both needs one for memory",
            f"-m {swap} --memory-swap {swap}",
        )
    host = container.host_config
    before = host.number("MemorySwap") or 2 * host.number("Memory")
    if memory and not swap and memory > before:
        raise Conflict(
            "Memory limit should be smaller than already set memoryswap limit, update "
            "the memoryswap at the same time",
            asked=f"update {container.name}",
            rule="the swap limit counts memory and swap together",
            remedy=f"--memory-swap {2 * memory}",
        )


def _check_processors(container: Container, asked: Document) -> None:
    host = container.host_config
    for key, name in (("CpuPeriod", "CPU Period"), ("CpuQuota", "CPU Quota")):
        if asked.number("NanoCpus") and host.number(key):
            raise Conflict(
                "Conflicting options: Nano CPUs cannot be updated as "
                f"{name} has already been set",
                asked=f"update {container.name}",
                rule="both say how much of a processor it gets",
                remedy="--cpu-period and --cpu-quota",
            )
        if asked.number(key) and host.number("NanoCpus"):
            raise Conflict(
                f"Conflicting options: {name} cannot be updated as NanoCPUs has "
                "already been set",
                asked=f"update {container.name}",
                rule="both say how much of a processor it gets",
                remedy="--cpus",
            )

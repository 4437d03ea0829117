"""`docker stats`: what a container uses of the host, a reading a second.

```
start ──●──────●──────●──────●──▶        each reading holds its own counters and, as
        read   read   read   read        precpu_stats, those of the one before it
         0s     1s     2s     3s
```

Nothing is executed, so nothing is measured: the counters are functions of the World and
of the time since the start, and grow as those of a program do that is mostly idle.

Invariants: a counter never falls while a container runs; the same moment gives the same
reading.

Docker's source: moby, ``daemon/stats_unix.go``.
"""

from dataclasses import dataclass, replace

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.api.processes import processes_of
from minidock.api.streams import STDOUT, Chunk, Moment, Reading
from minidock.commands.lookup import find_container
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.model.world import World
from minidock.views.durations import timestamp
from minidock.views.gojson import dumps

__all__ = ["StatsStream", "reading_of", "stats"]

_SECOND = 1_000_000_000
_TICK = 10_000_000
"""The kernel counts a process's time in hundredths of a second."""
_NEVER = "0001-01-01T00:00:00Z"
_UNLIMITED = 9223372036854771712
"""What the kernel shows where nothing limits memory: the largest number of pages."""
_START_UP = 30_000_000
"""The processor time that starting takes, nanoseconds."""

_BLKIO = (
    "io_service_bytes_recursive",
    "io_serviced_recursive",
    "io_queue_recursive",
    "io_service_time_recursive",
    "io_wait_time_recursive",
    "io_merged_recursive",
    "io_time_recursive",
    "sectors_recursive",
)


def _character(container: Container) -> int:
    """A number from 0 to 65535 that tells containers apart, and stays."""
    return int(container.id[:4], 16)


def _age(container: Container, now: int) -> int:
    return max(now - container.state.started, 0)


# --- parts ----------------------------------------------------------------------------


def _cpu(world: World, container: Container, now: int) -> dict[str, Json]:
    """Processor time: some at the start, then a few thousandths of each second."""
    age = _age(container, now)
    cpus = max(world.host.cpus, 1)
    character = _character(container)
    used = _START_UP + character * 100 + age * (1 + character % 8) // 4000
    kernel = used * 2 // 5 // _TICK * _TICK
    usage: dict[str, Json] = {"total_usage": used}
    if not _unified(world):
        share = used // cpus
        each: list[Json] = [used - share * (cpus - 1), *[share] * (cpus - 1)]
        usage["percpu_usage"] = each
    usage["usage_in_kernelmode"] = kernel
    usage["usage_in_usermode"] = used // _TICK * _TICK - kernel
    system = (now - container.created + 3600 * _SECOND) // _TICK * _TICK * cpus
    return {
        "cpu_usage": usage,
        "system_cpu_usage": max(system, 0),
        "online_cpus": cpus,
        "throttling_data": _unthrottled(),
    }


def _unthrottled() -> dict[str, Json]:
    return {"periods": 0, "throttled_periods": 0, "throttled_time": 0}


def _no_cpu() -> dict[str, Json]:
    none: dict[str, Json] = {
        "total_usage": 0,
        "usage_in_kernelmode": 0,
        "usage_in_usermode": 0,
    }
    return {"cpu_usage": none, "throttling_data": _unthrottled()}


def _unified(world: World) -> bool:
    """Whether the host has control groups of version 2."""
    return world.era.cgroup_namespace == "private"


def _memory(
    world: World, container: Container, processes: int, now: int
) -> dict[str, Json]:
    """Memory: by process, and a little more with each minute, up to a bound."""
    pages = 100 + _character(container) % 900 + 110 * (processes - 1)
    pages += min(_age(container, now) // (60 * _SECOND), 500)
    anonymous = pages * 4096
    limit = container.host_config.number("Memory") or world.host.memory
    usage = min(anonymous + 98_304, limit)
    faults = 1500 + 3 * pages
    if _unified(world):
        counted = _counted_v2(anonymous, faults, processes)
        return {"usage": usage, "stats": counted, "limit": limit}
    memory = container.host_config.number("Memory")
    return {
        "usage": usage,
        "max_usage": min(usage + 3_379_200, limit),
        "stats": _counted_v1(anonymous, faults, memory),
        "limit": limit,
    }


def _counted_v2(anonymous: int, faults: int, processes: int) -> dict[str, Json]:
    """memory.stat of version 2 of the control groups."""
    return {
        "active_anon": 4096,
        "active_file": 0,
        "anon": anonymous,
        "anon_thp": 0,
        "file": 0,
        "file_dirty": 0,
        "file_mapped": 0,
        "file_writeback": 0,
        "inactive_anon": anonymous - 4096,
        "inactive_file": 0,
        "kernel_stack": 16384 * processes,
        "pgactivate": 0,
        "pgfault": faults,
        "pgmajfault": 0,
        "shmem": 0,
        "slab": 65_536,
        "sock": 0,
        "unevictable": 0,
    }


def _counted_v1(anonymous: int, faults: int, memory: int) -> dict[str, Json]:
    """memory.stat of version 1, with what the groups below have; without a swap."""
    own: dict[str, Json] = {
        "active_anon": 4096,
        "active_file": 0,
        "cache": 0,
        "dirty": 0,
        "inactive_anon": anonymous - 4096,
        "inactive_file": 0,
        "mapped_file": 0,
        "pgfault": faults,
        "pgmajfault": 0,
        "pgpgin": faults * 3 // 4,
        "pgpgout": faults * 3 // 4 - anonymous // 4096,
        "rss": anonymous,
        "rss_huge": 0,
        "unevictable": 0,
        "writeback": 0,
    }
    below: dict[str, Json] = {f"total_{key}": value for key, value in own.items()}
    limits: dict[str, Json] = {
        "hierarchical_memory_limit": memory or _UNLIMITED,
        "hierarchical_memsw_limit": 2 * memory or _UNLIMITED,
    }
    return dict(sorted({**own, **below, **limits}.items()))


def _networks(container: Container, now: int) -> dict[str, Json]:
    """A card's counters: what greets it, and a neighbour's question now and then."""
    cards: dict[str, Json] = {}
    minutes = _age(container, now) // (60 * _SECOND)
    for endpoint in container.endpoints:
        if not (endpoint.attached and endpoint.interface):
            continue
        received = 5 + 2 * minutes
        sent = minutes
        cards[endpoint.interface] = {
            "rx_bytes": 486 + 84 * minutes,
            "rx_packets": received,
            "rx_errors": 0,
            "rx_dropped": 0,
            "tx_bytes": 42 * sent,
            "tx_packets": sent,
            "tx_errors": 0,
            "tx_dropped": 0,
        }
    return cards


def _pids(container: Container, processes: int) -> dict[str, Json]:
    limit = container.host_config.number("PidsLimit")
    bound: dict[str, Json] = {"limit": limit} if limit > 0 else {}
    return {"current": processes, **bound}


def _blkio(value: Json) -> dict[str, Json]:
    return dict.fromkeys(_BLKIO, value)


# --- a reading ------------------------------------------------------------------------


def reading_of(
    world: World, container: Container, now: int, before: int | None
) -> dict[str, Json]:
    """What the container uses now, beside its processor time ``before``.

    All is zero where it does not run.
    """
    named: dict[str, Json] = {"name": f"/{container.name}", "id": container.id}
    if not container.state.running or container.state.status == "restarting":
        return {
            "read": _NEVER,
            "preread": _NEVER,
            "pids_stats": {},
            "blkio_stats": _blkio(None),
            "num_procs": 0,
            "storage_stats": {},
            "cpu_stats": _no_cpu(),
            "precpu_stats": _no_cpu(),
            "memory_stats": {},
            **named,
        }
    processes = len(processes_of(world, container, now))
    earlier = before is not None and before >= container.state.started
    shown: dict[str, Json] = {
        "read": timestamp(now),
        "preread": _NEVER if before is None else timestamp(before),
        "pids_stats": _pids(container, processes),
        "blkio_stats": _blkio([]),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _cpu(world, container, now),
        "precpu_stats": _cpu(world, container, before or 0) if earlier else _no_cpu(),
        "memory_stats": _memory(world, container, processes, now),
        **named,
    }
    networks = _networks(container, now)
    return {**shown, "networks": networks} if networks else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsStream:
    """A reading a second, as a stream of JSON lines; over when the container is."""

    container: str
    due: int
    before: int | None = None

    def read(self, moment: Moment) -> Reading:
        """The next reading, if a second has passed."""
        container = moment.world.containers.get(self.container)
        if container is None:
            return Reading()
        running = container.state.running
        if running and moment.now < self.due:
            return Reading((), self, self.due)
        shown = reading_of(moment.world, container, moment.now, self.before)
        chunks = (Chunk(STDOUT, (dumps(shown) + "\n").encode()),)
        if not running:
            return Reading(chunks)
        due = moment.now + _SECOND
        return Reading(chunks, replace(self, due=due, before=moment.now), due)


def stats(call: Call) -> Answer:
    """GET /containers/{id}/stats?stream=0&one-shot=1.

    A single reading without ``one-shot`` knows the counters of a second ago.
    """
    container = find_container(call.world, call.words["id"])
    if "stream" not in call.query or call.flag("stream"):
        stream = StatsStream(container=container.id, due=call.now)
        headers = {"Content-Type": "application/json"}
        response = Response(headers=headers, stream=stream)
        return Answer(world=call.world, response=response)
    once = call.flag("one-shot") and call.api >= (1, 41)
    before = None if once else max(call.now - _SECOND, container.state.started)
    body = reading_of(call.world, container, call.now, before)
    return Answer(world=call.world, response=Response(body=body))

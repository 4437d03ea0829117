"""What a container may ask for: limits, capabilities, mounts, logging, a runtime.

```
Config ─────▶ working folder, variables                        ┐
HostConfig ─▶ capabilities, mounts, logging, runtime,          ├─▶ first fault ─▶ 400
              memory, processors                               ┘
```

The checks are made before the image is looked for. Docker's source: moby,
``daemon/container.go`` (``verifyContainerSettings``) and ``daemon/daemon_unix.go``.
"""

import re
from collections.abc import Iterator

from minidock.commands.logdrivers import check_logging
from minidock.errors import InvalidParameter, Unclassified
from minidock.model.document import Document
from minidock.model.world import World

__all__ = ["check_limits", "check_wishes"]

_CAPABILITIES = frozenset(
    """AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN
    DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE
    LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
    NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN
    SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE
    SYS_TIME SYS_TTY_CONFIG WAKE_ALARM""".split()
)
_SMALLEST = 6 * 1024**2
_RANGES = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*", re.ASCII)
_RUNTIMES = frozenset({"", "runc", "io.containerd.runc.v2"})


def check_wishes(world: World, config: Document, host: Document) -> None:
    """Refuse a container whose settings make no sense; O(settings).

    Raises:
        InvalidParameter: the first fault, in the engine's words.
        Unclassified: one that the engine never put into a category.

    >>> from minidock.engine import Engine
    >>> world = Engine("20.10").world
    >>> check_wishes(world, Document({"WorkingDir": "tmp"}), Document())
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: the working directory 'tmp' is invalid, it needs \
to be an absolute path
    """
    for text in _of_config(config):
        raise _refused(text)
    for option in host.texts("SecurityOpt"):
        if option != "no-new-privileges" and not re.search("[=:]", option):
            raise Unclassified(
                f'invalid --security-opt 1: "{option}"',
                asked=f"--security-opt {option}",
                rule="a security option has a name and a value",
                remedy="--security-opt seccomp=unconfined",
            )
    for text in _of_host(world, host):
        raise _refused(text)
    check_logging(host)
    check_limits(world, host)


def _refused(text: str) -> InvalidParameter:
    return InvalidParameter(
        text,
        asked="create a container with such settings",
        rule=text,
        remedy="leave the setting out, or give it a value that the rule allows",
    )


def _of_config(config: Document) -> Iterator[str]:
    folder = config.text("WorkingDir")
    if folder and not folder.startswith("/"):
        yield (
            f"the working directory '{folder}' is invalid, it needs to be an absolute "
            "path"
        )
    for entry in config.texts("Env"):
        if not entry or entry.startswith("="):
            yield f"invalid environment variable: {entry}"


def _of_host(world: World, host: Document) -> Iterator[str]:
    for key in ("CapAdd", "CapDrop"):
        for text in host.texts(key):
            plain = text.upper().removeprefix("CAP_")
            if plain != "ALL" and plain not in _CAPABILITIES:
                yield f'invalid {key}: unknown capability: "CAP_{plain}"'
    yield from _of_mounts(host)
    mode = host.text("CgroupnsMode")
    if mode not in {"", "host", "private"}:
        yield f"invalid cgroup namespace mode: {mode}"
    runtime = host.text("Runtime")
    added = {text.partition("=")[0] for text in world.daemon.add_runtime}
    if runtime not in _RUNTIMES | added:
        yield (
            f"unknown or invalid runtime name: {runtime}"
            if world.era.lower_case_errors
            else f"Unknown runtime specified {runtime}"
        )


def _of_mounts(host: Document) -> Iterator[str]:
    asked = host.get("Mounts")
    for mount in asked if isinstance(asked, tuple) else ():
        if not isinstance(mount, Document):
            continue
        kind, target = mount.text("Type"), mount.text("Target")
        front = f'invalid mount config for type "{kind}": '
        if not target:
            yield f"{front}field Target must not be empty"
        elif kind not in {"bind", "volume", "tmpfs", "npipe", "cluster", "image"}:
            yield f"{front}mount type unknown"
        elif not target.startswith("/"):
            yield f"{front}invalid mount path: '{target}' mount path must be absolute"
        elif kind == "tmpfs" and mount.text("Source"):
            yield f"{front}field Source must not be specified"
    for target in host.document("Tmpfs"):
        if not target.startswith("/"):
            yield f"invalid mount path: '{target}' mount path must be absolute"
    targets = [text.split(":")[1] for text in host.texts("Binds") if ":" in text]
    for target in targets:
        if targets.count(target) > 1:
            yield f"Duplicate mount point: {target}"


def check_limits(world: World, host: Document) -> None:
    """Refuse limits of memory and processors that cannot be kept.

    Raises:
        InvalidParameter: the first fault, in the engine's words.

    >>> from minidock.engine import Engine
    >>> check_limits(Engine("20.10").world, Document({"Memory": 1000}))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Minimum memory limit allowed is 6MB
    """
    for text in (*_of_memory(host), *_of_processors(world, host)):
        raise _refused(text)


def _of_memory(host: Document) -> Iterator[str]:
    memory, swap = host.number("Memory"), host.number("MemorySwap")
    reserved, swappiness = (
        host.number("MemoryReservation"),
        host.get("MemorySwappiness"),
    )
    if memory and memory < _SMALLEST:
        yield "Minimum memory limit allowed is 6MB"
    if memory > 0 and 0 < swap < memory:
        yield "Minimum memoryswap limit should be larger than memory limit, see usage"
    if not memory and swap > 0:
        yield (
            "You should always set the Memory limit when using Memoryswap limit, see "
            "usage"
        )
    if isinstance(swappiness, int) and not -1 <= swappiness <= 100:
        yield f"Invalid value: {swappiness}, valid memory swappiness range is 0-100"
    if 0 < reserved < _SMALLEST:
        yield "Minimum memory reservation allowed is 6MB"
    if 0 < memory < reserved:
        yield (
            "Minimum memory limit can not be less than memory reservation limit, see "
            "usage"
        )
    if host.number("ShmSize") < 0:
        yield "SHM size can not be less than 0"
    score = host.number("OomScoreAdj")
    if not -1000 <= score <= 1000:
        yield f"Invalid value {score}, range for oom score adj is [-1000, 1000]"


def _of_processors(world: World, host: Document) -> Iterator[str]:
    nano, quota = host.number("NanoCpus"), host.number("CpuQuota")
    period, count = host.number("CpuPeriod"), world.host.cpus
    if nano > 0 and period > 0:
        yield "Conflicting options: Nano CPUs and CPU Period cannot both be set"
    if nano > 0 and quota > 0:
        yield "Conflicting options: Nano CPUs and CPU Quota cannot both be set"
    if not 0 <= nano <= count * 1_000_000_000:
        yield (
            f"Range of CPUs is from 0.01 to {count:.2f}, as there are only {count} "
            "CPUs available"
        )
    if period and not 1000 <= period <= 1_000_000:
        yield (
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s "
            "(i.e. 1000000)"
        )
    if 0 < quota < 1000:
        yield "CPU cfs quota can not be less than 1ms (i.e. 1000)"
    last = count - 1
    yield from _of_set("cpuset cpus", "CPUs", host.text("CpusetCpus"), last)
    yield from _of_set("cpuset mems", "memory nodes", host.text("CpusetMems"), 0)


def _of_set(key: str, things: str, text: str, last: int) -> Iterator[str]:
    if not text:
        return
    if not _RANGES.fullmatch(text):
        yield f"Invalid value {text} for {key}: invalid format: {text}"
    elif max(map(int, re.findall(r"\d+", text))) > last:
        there = f"0-{last}" if last else "0"
        yield (
            f"Requested {things} are not available - requested {text}, available: "
            + (there)
        )

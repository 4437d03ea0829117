"""`docker version` and `docker info`: what the two sides say of themselves.

```
docker version   Client: what this program is    Server: GET /version, part by part
docker info      Client: the same, in short      Server: GET /info, line by line
```

Docker's sources: docker/cli, ``cli/command/system`` (version.go and info.go). The two
generations of the program print the same facts, with other lines between them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from minidock.client.session import MAX_API, Session
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli
from minidock.model.document import Document, Frozen, freeze
from minidock.views.durations import human_duration
from minidock.views.gotemplate import render
from minidock.views.sizes import bytes_size

__all__ = ["info", "version"]


class _Build(NamedTuple):
    """What a docker program says of itself."""

    version: str
    go: str
    commit: str
    built: str


_BUILDS = {
    Cli.V20: _Build(
        "20.10.24+dfsg1", "go1.19.8", "297e128", "Thu May  7 21:09:36 2026"
    ),
    Cli.V28: _Build("28.5.2", "go1.25.3", "ecc6942", "Wed Nov  5 14:43:13 2025"),
}


def _document(value: object) -> Document:
    frozen = freeze(value)
    return frozen if isinstance(frozen, Document) else Document()


def _entries(value: Frozen) -> tuple[Frozen, ...]:
    return value if isinstance(value, tuple) else ()


def version(session: Session, parsed: Parsed) -> None:
    """The versions of both sides, and of the programs beside the engine."""
    server = _document(session.get("/version"))
    if parsed.text("format"):
        session.print(render(parsed.text("format"), {"Server": server}))
        return
    for line in [*_client_version(session), "", *_server_version(server)]:
        session.print(line)


def _client_version(session: Session) -> Iterator[str]:
    build, newest = _BUILDS[session.cli], MAX_API[session.cli]
    downgraded = f" (downgraded from {newest})" if session.api != newest else ""
    yield "Client:"
    yield f" Version:           {build.version}"
    yield f" API version:       {session.api}{downgraded}"
    yield f" Go version:        {build.go}"
    yield f" Git commit:        {build.commit}"
    yield f" Built:             {build.built}"
    yield " OS/Arch:           linux/amd64"
    yield " Context:           default"
    if session.cli is Cli.V20:
        yield " Experimental:      true"


def _server_version(server: Document) -> Iterator[str]:
    name = server.document("Platform").text("Name")
    yield f"Server: {name}" if name else "Server:"
    for part in _entries(server.get("Components")):
        if not isinstance(part, Document):
            continue
        details = part.document("Details")
        if part.text("Name") == "Engine":
            yield " Engine:"
            yield from _engine_version(part.text("Version"), details)
            continue
        yield f" {part.text('Name')}:"
        yield f"  Version:          {part.text('Version')}"
        yield f"  GitCommit:        {details.text('GitCommit')}"


def _engine_version(number: str, details: Document) -> Iterator[str]:
    lowest = details.text("MinAPIVersion")
    yield f"  Version:          {number}"
    yield f"  API version:      {details.text('ApiVersion')} (minimum version {lowest})"
    yield f"  Go version:       {details.text('GoVersion')}"
    yield f"  Git commit:       {details.text('GitCommit')}"
    yield f"  Built:            {_moment(details.text('BuildTime'))}"
    yield f"  OS/Arch:          {details.text('Os')}/{details.text('Arch')}"
    yield f"  Experimental:     {details.text('Experimental')}"


def _moment(text: str) -> str:
    """A build's time as C's asctime writes it: the day padded with a blank."""
    try:
        moment = datetime.fromisoformat(text[:19])
    except ValueError:
        return text
    return moment.strftime(f"%a %b {moment.day:>2} %H:%M:%S %Y")


def info(session: Session, parsed: Parsed) -> None:
    """What the engine says of itself and of its host; its warnings go to stderr."""
    document = _document(session.get("/info"))
    if parsed.text("format"):
        session.print(render(parsed.text("format"), document))
        return
    session.print("Client:")
    if session.cli is Cli.V28:
        session.print(f" Version:    {_BUILDS[session.cli].version}")
    session.print(" Context:    default")
    session.print(" Debug Mode: false")
    session.print("")
    session.print("Server:")
    lines = [
        *_counts(document),
        *_drivers(session.cli, document),
        *_programs(document),
        *_host(document),
        *_settings(session.cli, document),
    ]
    for line in lines:
        session.print(f" {line}")
    session.print("")
    for warning in document.texts("Warnings"):
        session.err.append(f"{warning}\n")


def _yes(value: Frozen) -> str:
    return str(bool(value)).lower()


def _counts(shown: Document) -> Iterator[str]:
    yield f"Containers: {shown.number('Containers')}"
    for name in ("Running", "Paused", "Stopped"):
        yield f" {name}: {shown.number(f'Containers{name}')}"
    yield f"Images: {shown.number('Images')}"
    yield f"Server Version: {shown.text('ServerVersion')}"


def _drivers(cli: Cli, shown: Document) -> Iterator[str]:
    yield f"Storage Driver: {shown.text('Driver')}"
    for pair in _entries(shown.get("DriverStatus")):
        yield " " + ": ".join(map(str, _entries(pair)))
    yield f"Logging Driver: {shown.text('LoggingDriver')}"
    yield f"Cgroup Driver: {shown.text('CgroupDriver')}"
    if shown.text("CgroupVersion"):
        yield f"Cgroup Version: {shown.text('CgroupVersion')}"
    plugins = shown.document("Plugins")
    yield "Plugins:"
    for kind in ("Volume", "Network", "Authorization", "Log"):
        if plugins.texts(kind):
            yield f" {kind}: {' '.join(plugins.texts(kind))}"
    folders = shown.texts("CDISpecDirs") if cli is Cli.V28 else ()
    if folders:
        yield "CDI spec directories:"
        yield from (f" {folder}" for folder in folders)


def _programs(shown: Document) -> Iterator[str]:
    yield from _swarm(shown.document("Swarm"))
    yield f"Runtimes: {' '.join(sorted(shown.document('Runtimes')))}"
    yield f"Default Runtime: {shown.text('DefaultRuntime')}"
    yield f"Init Binary: {shown.text('InitBinary')}"
    for name, key in (("containerd", "Containerd"), ("runc", "Runc"), ("init", "Init")):
        yield f"{name} version: {shown.document(f'{key}Commit').text('ID')}"
    options = shown.texts("SecurityOptions")
    if options:
        yield "Security Options:"
    for option in options:
        first, *others = option.split(",")
        yield f" {first.removeprefix('name=')}"
        for other in others:
            name, _, value = other.partition("=")
            yield f"  {name.capitalize()}: {value}"


def _swarm(shown: Document) -> Iterator[str]:
    """Whether the engine is part of a swarm, and that swarm's settings."""
    yield f"Swarm: {shown.text('LocalNodeState')}"
    cluster = shown.document("Cluster")
    if not cluster:
        return
    spec = cluster.document("Spec")
    raft = spec.document("Raft")
    expiry = human_duration(spec.document("CAConfig").number("NodeCertExpiry"))
    beat = human_duration(spec.document("Dispatcher").number("HeartbeatPeriod"))
    history = spec.document("Orchestration").number("TaskHistoryRetentionLimit")
    locked = spec.document("EncryptionConfig").get("AutoLockManagers")
    yield f" NodeID: {shown.text('NodeID')}"
    yield f" Is Manager: {_yes(shown.get('ControlAvailable'))}"
    yield f" ClusterID: {cluster.text('ID')}"
    yield f" Managers: {shown.number('Managers')}"
    yield f" Nodes: {shown.number('Nodes')}"
    pools = cluster.texts("DefaultAddrPool")
    if pools:
        yield f" Default Address Pool: {''.join(f'{pool}  ' for pool in pools)}"
        yield f" SubnetSize: {cluster.number('SubnetSize')}"
    yield f" Data Path Port: {cluster.number('DataPathPort')}"
    yield from (" Orchestration:", f"  Task History Retention Limit: {history}")
    yield " Raft:"
    yield f"  Snapshot Interval: {raft.number('SnapshotInterval')}"
    yield f"  Number of Old Snapshots to Retain: {raft.number('KeepOldSnapshots')}"
    yield f"  Heartbeat Tick: {raft.number('HeartbeatTick')}"
    yield f"  Election Tick: {raft.number('ElectionTick')}"
    yield from (" Dispatcher:", f"  Heartbeat Period: {beat}")
    yield from (" CA Configuration:", f"  Expiry Duration: {expiry}")
    yield "  Force Rotate: 0"
    yield f" Autolock Managers: {_yes(locked)}"
    yield f" Root Rotation In Progress: {_yes(cluster.get('RootRotationInProgress'))}"
    yield f" Node Address: {shown.text('NodeAddr')}"
    yield " Manager Addresses:"
    for manager in _entries(shown.get("RemoteManagers")):
        if isinstance(manager, Document):
            yield f"  {manager.text('Addr')}"


def _host(shown: Document) -> Iterator[str]:
    yield f"Kernel Version: {shown.text('KernelVersion')}"
    yield f"Operating System: {shown.text('OperatingSystem')}"
    yield f"OSType: {shown.text('OSType')}"
    yield f"Architecture: {shown.text('Architecture')}"
    yield f"CPUs: {shown.number('NCPU')}"
    yield f"Total Memory: {bytes_size(shown.number('MemTotal'))}"
    yield f"Name: {shown.text('Name')}"
    yield f"ID: {shown.text('ID')}"
    yield f"Docker Root Dir: {shown.text('DockerRootDir')}"
    yield f"Debug Mode: {_yes(shown.get('Debug'))}"
    if shown.flag("Debug"):
        yield f" File Descriptors: {shown.number('NFd')}"
        yield f" Goroutines: {shown.number('NGoroutines')}"
        yield f" System Time: {shown.text('SystemTime')}"
        yield f" EventsListeners: {shown.number('NEventsListener')}"


_CLUSTER = (
    ("Cluster Store", "ClusterStore"),
    ("Cluster Advertise", "ClusterAdvertise"),
)


def _settings(cli: Cli, shown: Document) -> Iterator[str]:
    labels = shown.texts("Labels")
    if cli is Cli.V20:
        yield f"Registry: {shown.text('IndexServerAddress')}"
    if cli is Cli.V20 or labels:
        yield "Labels:"
        yield from (f" {label}" for label in labels)
    yield f"Experimental: {_yes(shown.get('ExperimentalBuild'))}"
    for name, key in _CLUSTER:
        if shown.text(key):
            yield f"{name}: {shown.text(key)}"
    registries = shown.document("RegistryConfig")
    open_ones = [
        name
        for name, entry in registries.document("IndexConfigs").items()
        if isinstance(entry, Document) and not entry.flag("Secure")
    ]
    open_ones += registries.texts("InsecureRegistryCIDRs")
    if open_ones:
        yield "Insecure Registries:"
        yield from (f" {name}" for name in open_ones)
    if registries.texts("Mirrors"):
        yield "Registry Mirrors:"
        yield from (f" {mirror}" for mirror in registries.texts("Mirrors"))
    yield f"Live Restore Enabled: {_yes(shown.get('LiveRestoreEnabled'))}"
    pools = _entries(shown.get("DefaultAddressPools"))
    if pools:
        yield "Default Address Pools:"
    for pool in pools:
        if isinstance(pool, Document):
            yield f"  Base: {pool.text('Base')}, Size: {pool.number('Size')}"

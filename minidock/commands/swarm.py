"""Beginning a swarm of one node, changing its settings, and leaving it.

```
init ──▶ where others reach it ──▶ pools, port ──▶ World.cluster, mode swarm, ingress
leave ─▶ the last manager? only with force ──▶ containers off its networks ──▶ None
join ──▶ refused: the managers of a swarm of several nodes talk Raft, which is not here
```

With its last manager a swarm's networks go. docker_gwbridge stays, as on a real engine.

Docker's sources: moby, ``daemon/cluster/swarm.go`` and ``listen_addr.go``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from minidock.commands.addressing import pools_of, release_pools
from minidock.commands.cluster import join as cluster_of
from minidock.commands.ingress import shut
from minidock.commands.losing import emptied
from minidock.commands.outcome import Outcome
from minidock.commands.overlays import unclaimed
from minidock.commands.swarm_addresses import at_port, chosen, listening
from minidock.errors import Exhausted, InvalidParameter, NotationError, Unclassified
from minidock.ipam.defaults import GLOBAL_POOLS
from minidock.model.cluster import Cluster, Coordination
from minidock.model.document import Document
from minidock.model.event import Event
from minidock.model.ids import IdSource
from minidock.model.swarm import DATA_PORT, SUBNET_LENGTH, JoinTokens, Swarm
from minidock.model.world import World
from minidock.net.prefix import Prefix

__all__ = [
    "SwarmRequest",
    "init",
    "join",
    "leave",
    "manager_of",
    "no_manager",
    "update",
]

_FIRST_VERSION = 10
_LONGEST = 29
_PORTS = range(1024, 49152)
_DEFAULTS = Document(
    {
        "Name": "default",
        "Labels": Document(),
        "Orchestration": Document({"TaskHistoryRetentionLimit": 5}),
        "Raft": Document(
            {
                "SnapshotInterval": 10000,
                "KeepOldSnapshots": 0,
                "LogEntriesForSlowFollowers": 500,
                "ElectionTick": 10,
                "HeartbeatTick": 1,
            }
        ),
        "Dispatcher": Document({"HeartbeatPeriod": 5_000_000_000}),
        "CAConfig": Document({"NodeCertExpiry": 90 * 24 * 3600 * 1_000_000_000}),
        "TaskDefaults": Document(),
        "EncryptionConfig": Document({"AutoLockManagers": False}),
    }
)
"""The settings of a swarm for which nothing was asked (swarmkit's)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmRequest:
    """What `docker swarm init` asks for (the body of POST /swarm/init)."""

    listen: str = "0.0.0.0:2377"
    advertise: str = ""
    data_path: str = ""
    data_port: int = 0
    pools: tuple[str, ...] = ()
    length: int = 0
    force_new: bool = False
    availability: str = "active"
    spec: Document = field(default_factory=Document)


def no_manager(asked: str) -> Exhausted:
    """The refusal of what only a swarm's manager can answer."""
    return Exhausted(
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm '
        'join" to connect this node to swarm and try again.',
        asked=asked,
        rule="this engine stands alone: it is no part of a swarm",
        remedy="docker swarm init",
    )


def manager_of(world: World, asked: str) -> tuple[Cluster, Swarm]:
    """The cluster and the swarm whose manager this host is.

    Raises:
        Exhausted: it is none.
    """
    cluster = world.cluster
    if cluster is None or cluster.swarm is None:
        raise no_manager(asked)
    return cluster, cluster.swarm


def _check_alone(world: World, asked: str) -> None:
    """Refuse a second swarm, and one beside a store.

    Raises:
        Exhausted: this host is part of a swarm.
        Unclassified: the daemon's options and a swarm exclude each other.
    """
    if world.cluster is not None and world.cluster.mode is Coordination.SWARM:
        raise Exhausted(
            'This node is already part of a swarm. Use "docker swarm leave" to leave '
            "this swarm and join another one.",
            asked=asked,
            rule="a node is part of one swarm",
            remedy="docker swarm leave --force",
        )
    if world.cluster is not None:
        raise Unclassified(
            "--cluster-store and --cluster-advertise daemon configurations are "
            "incompatible with swarm mode",
            asked=asked,
            rule="either a store coordinates hosts or a swarm's managers do",
            remedy="an engine without --cluster-store",
        )
    if world.daemon.live_restore:
        raise Unclassified(
            "--live-restore daemon configuration is incompatible with swarm mode",
            asked=asked,
            rule="a swarm's tasks end with their node's daemon",
            remedy="an engine without --live-restore",
        )


def init(world: World, request: SwarmRequest, now: int) -> Outcome:
    """Begin a swarm on this host; ``made`` is the node's id. O(pools²).

    Odd on purpose: in a swarm, ``force_new`` keeps everything and answers again; a real
    manager forgets the other managers, and there are none.

    Raises:
        Exhausted: this host is part of a swarm.
        InvalidParameter: an address, pool, length or port that cannot be.
        Unclassified: the daemon's options and a swarm exclude each other.

    >>> from minidock.engine import Engine
    >>> here = init(Engine().world, SwarmRequest(), 0)
    >>> len(here.made), [n.name for n in here.world.networks_in_order()][-1]
    (25, 'ingress')
    >>> init(here.world, SwarmRequest(), 0)
    Traceback (most recent call last):
        ...
    minidock.errors.Exhausted: This node is already part of a swarm. Use "docker \
swarm leave" to leave this swarm and join another one.
    """
    asked = "begin a swarm"
    standing = world.cluster.swarm if world.cluster is not None else None
    if standing is not None and request.force_new:
        return Outcome(world=world, made=standing.node_id)
    _check_alone(world, asked)
    _check_spec(request)
    listen, port = listening(request.listen)
    advertise = chosen(world, request.advertise, port)
    vtep = chosen(world, request.data_path, 0).address if request.data_path else None
    pools = _pools(request)
    ids, swarm = _founded(world.ids, request, now)
    swarm = replace(swarm, listen=at_port(listen, port))
    world = cluster_of(
        replace(world, ids=ids),
        advertise=at_port(advertise.address, advertise.port),
        vtep=vtep or advertise.address,
        mode=Coordination.SWARM,
        pools=pools,
        swarm=swarm,
        now=now,
    )
    return Outcome(world=world, made=swarm.node_id)


def _founded(ids: IdSource, request: SwarmRequest, now: int) -> tuple[IdSource, Swarm]:
    ids, node_id = ids.swarm_id()
    ids, swarm_id = ids.swarm_id()
    ids, digest = ids.swarm_digest()
    ids, worker = ids.swarm_id()
    ids, manager = ids.swarm_id()
    return ids, Swarm(
        id=swarm_id,
        node_id=node_id,
        created=now,
        updated=now,
        tokens=JoinTokens(_token(digest, worker), _token(digest, manager)),
        version=_FIRST_VERSION,
        spec=_merged(_DEFAULTS, request.spec),
        listen="",
        pools=request.pools,
        length=request.length or SUBNET_LENGTH,
        data_port=request.data_port or DATA_PORT,
        availability=request.availability or "active",
    )


def _token(digest: str, secret: str) -> str:
    return f"SWMTKN-1-{digest}-{secret}"


def _merged(default: Document, asked: Mapping[str, object]) -> Document:
    """The settings; what was asked for as zero or empty stays as it is."""
    merged = default
    for key, value in asked.items():
        old = default.get(key)
        if isinstance(old, Document) and isinstance(value, Document):
            merged = merged.with_entry(key, _merged(old, value))
        elif isinstance(value, str | int | tuple | Document) and value:
            merged = merged.with_entry(key, value)
    return merged


def _check_spec(request: SwarmRequest) -> None:
    if request.spec.document("EncryptionConfig").flag("AutoLockManagers"):
        raise _cannot(
            "a swarm's keys cannot be locked here",
            "--autolock",
            "minidock keeps no keys, so there is none to lock",
            "leave --autolock out",
        )
    if request.availability not in {"", "active", "pause", "drain"}:
        raise _cannot(
            f'invalid Availability: "{request.availability}"',
            f"a node that is {request.availability}",
            "a node is active, paused or drained",
            "--availability active",
        )


def _cannot(text: str, asked: str, rule: str, remedy: str) -> InvalidParameter:
    return InvalidParameter(text, asked=asked, rule=rule, remedy=remedy)


# --- pools and port -------------------------------------------------------------------


def _pools(request: SwarmRequest) -> Sequence[tuple[Prefix, int]]:
    """What overlay subnets are cut from, and their length."""
    port = request.data_port
    if port and port not in _PORTS:
        raise _cannot(
            f"Datapath port number is not in valid range (1024-49151) : {port}",
            f"--data-path-port {port}",
            "the port of VXLAN is none of the system's and none that clients get",
            f"--data-path-port {DATA_PORT}",
        )
    length = request.length or SUBNET_LENGTH
    if request.length > _LONGEST:
        raise _cannot(
            f"subnet size is out of range: {length}",
            f"--default-addr-pool-mask-length {length}",
            f"eight addresses are the least: the length is at most {_LONGEST}",
            f"--default-addr-pool-mask-length {SUBNET_LENGTH}",
        )
    if not request.pools:
        return [(base, length) for base, _ in GLOBAL_POOLS]
    found: list[Prefix] = []
    for text in request.pools:
        found.append(_pool(text, length, found))
    return [(base, length) for base in found]


def _pool(text: str, length: int, others: Sequence[Prefix]) -> Prefix:
    asked = f"--default-addr-pool {text}"
    try:
        base = Prefix.parse(text, host_bits=True)
    except NotationError as error:
        raise _cannot(
            f"invalid base pool {text}: invalid CIDR address: {text}",
            asked,
            error.rule,
            "--default-addr-pool 10.20.0.0/16",
        ) from error
    if base.family != 4:
        raise _cannot(
            f"invalid base pool {text}: only IPv4 is supported",
            asked,
            "overlay subnets are cut from IPv4 pools",
            "--default-addr-pool 10.20.0.0/16",
        )
    if length < base.length:
        raise _cannot(
            f'invalid CIDR: "{text}". Subnet size is too small for pool: {length}',
            asked,
            f"subnets cut from {base} have a length from {base.length} on",
            f"--default-addr-pool-mask-length {min(base.length + 8, _LONGEST)}",
        )
    for other in others:
        if base.overlaps(other):
            raise _cannot(
                f"default address pools overlap: {other} and {base}",
                asked,
                "an address belongs to one pool",
                "pools that share no address",
            )
    return base


# --- after the beginning --------------------------------------------------------------


def join(world: World, remotes: Sequence[str], token: str) -> Outcome:
    """Never goes through: a swarm has one node here.

    Raises:
        Exhausted: this host is part of a swarm, or there is no manager that it could
            talk to.
        InvalidParameter: no manager is named.
        Unclassified: the daemon's options and a swarm exclude each other.
    """
    asked = f"join the swarm of {', '.join(remotes) or 'nobody'}"
    _check_alone(world, asked)
    if not remotes:
        raise _cannot(
            "at least 1 RemoteAddr is required to join",
            asked,
            "who joins says where a manager is",
            "docker swarm join --token TOKEN HOST:2377",
        )
    if not token.startswith("SWMTKN-1-"):
        raise _cannot(
            "invalid join token",
            asked,
            "a token begins with SWMTKN-1-",
            "docker swarm join-token worker, on a manager",
        )
    raise Exhausted(
        f"manager {remotes[0]} cannot be joined: a swarm has one node here",
        asked=asked,
        rule="several nodes agree by Raft, which minidock does not speak",
        remedy="docker swarm init; hosts that share networks share a --cluster-store",
    )


def leave(world: World, now: int, *, force: bool = False) -> Outcome:
    """Leave the swarm: its networks go, and containers that were on them run on.

    Cost: O(networks + their containers).

    Raises:
        Exhausted: this host is in none, or is the last manager and is not forced.
    """
    cluster = world.cluster
    if cluster is None or cluster.mode is not Coordination.SWARM:
        raise Exhausted(
            "This node is not part of a swarm",
            asked="leave the swarm",
            rule="this engine stands alone: it is no part of a swarm",
            remedy="docker swarm init",
        )
    if not force:
        raise Exhausted(
            "You are attempting to leave the swarm on a node that is participating as "
            "a manager. Removing the last manager erases all current state of the "
            "swarm. Use `--force` to ignore this message. ",
            asked="leave the swarm",
            rule="a swarm is what its managers remember",
            remedy="docker swarm leave --force",
        )
    events: list[Event] = []
    world = shut(world)
    for network in tuple(world.networks_in_order()):
        if network.scope != "swarm":
            continue
        world, gone = emptied(world, network, now)
        events += gone
        world = unclaimed(release_pools(world, pools_of(network)), network)
        world = replace(world, networks=world.networks.delete(network.id))
    return Outcome(world=replace(world, cluster=None), events=tuple(events))


def update(
    world: World,
    version: int,
    spec: Document,
    now: int,
    *,
    rotate: tuple[bool, bool] = (False, False),
) -> Outcome:
    """Change the swarm's settings, or its tokens.

    Args:
        world: the host.
        version: of the settings that the caller has seen.
        spec: the new ones.
        now: nanoseconds since 1970.
        rotate: whether the worker's and the manager's token are drawn anew.

    Raises:
        Exhausted: this host is no manager.
        Unclassified: somebody changed the settings since they were read.
    """
    cluster, swarm = manager_of(world, "change the swarm")
    if version != swarm.version:
        raise Unclassified(
            "rpc error: code = Unknown desc = update out of sequence",
            asked=f"change the settings of version {version}",
            rule=f"they are of version {swarm.version} now",
            remedy="read them again first",
        )
    ids, tokens = world.ids, swarm.tokens
    digest = tokens.worker.split("-")[2]
    if rotate[0]:
        ids, secret = ids.swarm_id()
        tokens = replace(tokens, worker=_token(digest, secret))
    if rotate[1]:
        ids, secret = ids.swarm_id()
        tokens = replace(tokens, manager=_token(digest, secret))
    swarm = replace(
        swarm,
        tokens=tokens,
        spec=_merged(swarm.spec, spec),
        version=version + 1,
        updated=now,
    )
    cluster = replace(cluster, swarm=swarm)
    return Outcome(world=replace(world, ids=ids, cluster=cluster))

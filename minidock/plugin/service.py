"""What the plugin answers: one pure function of what it holds and what it is asked.

```
(State, "IpamDriver.RequestAddress", {...}) ──▶ (State', {"Address": "10.9.0.2/16"})
                                   refused ──▶ (State, {"Error": "No available ..."})
                                   no such verb ──▶ None: HTTP 404
```

**Replay.** An engine that starts again remembers its networks. A plugin that keeps its
state in a file remembers them, too. One that keeps nothing says
``RequiresRequestReplay``, and hears again, right after ``Plugin.Activate``, of every
subnet, gateway and address that the engine still has. What of this is held is then
*claimed*, once, and not refused as taken: so it is right whether the engine, the plugin
or both were restarted.

Invariant: a refused request changes nothing; nothing is handed out twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from minidock.errors import Refusal
from minidock.model.document import Json
from minidock.plugin.fields import Object, text
from minidock.plugin.holdings import GLOBAL, LOCAL, Holdings, Lease
from minidock.plugin.links import Links
from minidock.plugin.messages import (
    ACTIVATE,
    AddressReply,
    AddressRequest,
    EndpointRequest,
    NetworkCreation,
    PoolReply,
    PoolRequest,
    error_field,
)

__all__ = ["State", "answer"]

Reply = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a plugin knows.

    >>> state = State()
    >>> state, reply = answer(state, "IpamDriver.RequestPool",
    ...     {"AddressSpace": "MinidockLocal", "Pool": "10.9.0.0/30"})
    >>> reply["PoolID"]
    'MinidockLocal/10.9.0.0/30'
    >>> answer(state, "IpamDriver.RequestAddress", {"PoolID": "nosuch"})[1]
    {'Error': 'unknown pool nosuch'}
    """

    held: Holdings = field(default_factory=Holdings.create)
    links: Links = field(default_factory=Links)
    replays: bool = False
    """Whether the engine shall tell again what it has, since nothing here is kept."""
    claimable: frozenset[str] = frozenset()
    """The pools and ``pool address`` pairs that are held since before the last
    activation and were not heard of since."""


def answer(state: State, method: str, request: Object) -> tuple[State, Reply | None]:
    """Answer one call.

    Cost: O(log n) for addresses and subnets; O(networks) for a network.

    Args:
        state: what is known.
        method: the path without its slash.
        request: the body's object.

    Returns:
        The state after it, and the reply; None for a verb that nobody offers.
    """
    verb = _VERBS.get(method)
    if verb is None:
        return state, None
    try:
        after, reply = verb(state, request)
    except Refusal as refusal:
        return state, {error_field(method): refusal.text}
    return after, reply


def _activate(state: State, _: Object) -> tuple[State, Reply]:
    if state.replays:
        held = [
            mark
            for name, lease in state.held.leases.items()
            for mark in (name, *(_mark(name, str(a)) for a in lease.ledger))
        ]
        state = replace(state, claimable=frozenset(held))
    return state, {"Implements": ["NetworkDriver", "IpamDriver"]}


def _mark(pool_id: str, address: str) -> str:
    return f"{pool_id} {address}"


def _ipam_capabilities(state: State, _: Object) -> tuple[State, Reply]:
    return state, {
        "RequiresMACAddress": False,
        "RequiresRequestReplay": state.replays,
    }


def _spaces(state: State, _: Object) -> tuple[State, Reply]:
    return state, {
        "LocalDefaultAddressSpace": LOCAL,
        "GlobalDefaultAddressSpace": GLOBAL,
    }


def _request_pool(state: State, body: Object) -> tuple[State, Reply]:
    request = PoolRequest.read(body)
    again = _again(state, request)
    if again is not None:
        state = replace(state, claimable=state.claimable - {again.id})
        return state, PoolReply(pool_id=again.id, pool=str(again.subnet)).body()
    held, lease = state.held.allocate(
        request.space, request.pool, request.subpool, v6=request.v6
    )
    reply = PoolReply(pool_id=lease.id, pool=str(lease.subnet))
    return replace(state, held=held), reply.body()


def _again(state: State, request: PoolRequest) -> Lease | None:
    """The pool that an engine that started again speaks of, if it is one."""
    parts = [request.space, request.pool]
    if request.subpool not in {"", request.pool}:
        parts.append(request.subpool)
    name = "/".join(parts)
    return state.held.leases[name] if name in state.claimable else None


def _release_pool(state: State, body: Object) -> tuple[State, Reply]:
    held = state.held.release(text(body, "PoolID"))
    return replace(state, held=held), {}


def _request_address(state: State, body: Object) -> tuple[State, Reply]:
    request = AddressRequest.read(body)
    lease = state.held.lease(request.pool_id)
    mark = _mark(request.pool_id, request.address)
    if mark in state.claimable:
        given = request.address
        state = replace(state, claimable=state.claimable - {mark})
    else:
        held, address = state.held.allocate_address(request.pool_id, request.address)
        given = str(address)
        state = replace(state, held=held)
    return state, AddressReply(address=f"{given}/{lease.subnet.length}").body()


def _release_address(state: State, body: Object) -> tuple[State, Reply]:
    request = AddressRequest.read(body)
    held = state.held.release_address(request.pool_id, request.address)
    return replace(state, held=held), {}


def _capabilities(state: State, _: Object) -> tuple[State, Reply]:
    return state, {"Scope": "local", "ConnectivityScope": "local"}


def _create_network(state: State, body: Object) -> tuple[State, Reply]:
    links = state.links.create_network(NetworkCreation.read(body))
    return replace(state, links=links), {}


def _delete_network(state: State, body: Object) -> tuple[State, Reply]:
    links = state.links.delete_network(text(body, "NetworkID"))
    return replace(state, links=links), {}


def _create_endpoint(state: State, body: Object) -> tuple[State, Reply]:
    links, interface = state.links.create_endpoint(EndpointRequest.read(body))
    return replace(state, links=links), {"Interface": interface.body()}


def _delete_endpoint(state: State, body: Object) -> tuple[State, Reply]:
    links = state.links.delete_endpoint(EndpointRequest.read(body))
    return replace(state, links=links), {}


def _join(state: State, body: Object) -> tuple[State, Reply]:
    links, reply = state.links.join(EndpointRequest.read(body))
    return replace(state, links=links), reply.body()


def _leave(state: State, body: Object) -> tuple[State, Reply]:
    links = state.links.leave(EndpointRequest.read(body))
    return replace(state, links=links), {}


def _info(state: State, body: Object) -> tuple[State, Reply]:
    value = state.links.describe(EndpointRequest.read(body))
    return state, {"Value": dict(value)}


def _nothing(state: State, _: Object) -> tuple[State, Reply]:
    """News of other hosts, and ports that the engine itself publishes."""
    return state, {}


_VERBS: Mapping[str, Callable[[State, Object], tuple[State, Reply]]] = {
    ACTIVATE: _activate,
    "IpamDriver.GetCapabilities": _ipam_capabilities,
    "IpamDriver.GetDefaultAddressSpaces": _spaces,
    "IpamDriver.RequestPool": _request_pool,
    "IpamDriver.ReleasePool": _release_pool,
    "IpamDriver.RequestAddress": _request_address,
    "IpamDriver.ReleaseAddress": _release_address,
    "NetworkDriver.GetCapabilities": _capabilities,
    "NetworkDriver.CreateNetwork": _create_network,
    "NetworkDriver.DeleteNetwork": _delete_network,
    "NetworkDriver.CreateEndpoint": _create_endpoint,
    "NetworkDriver.DeleteEndpoint": _delete_endpoint,
    "NetworkDriver.EndpointOperInfo": _info,
    "NetworkDriver.Join": _join,
    "NetworkDriver.Leave": _leave,
    "NetworkDriver.DiscoverNew": _nothing,
    "NetworkDriver.DiscoverDelete": _nothing,
    "NetworkDriver.ProgramExternalConnectivity": _nothing,
    "NetworkDriver.RevokeExternalConnectivity": _nothing,
}
"""AllocateNetwork and FreeNetwork are for drivers of global scope, in a swarm."""

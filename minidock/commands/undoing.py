"""What takes back what a plugin did, and whether a World still wants it.

====================================  ===================================
a plugin did                          taken back by
====================================  ===================================
IpamDriver.RequestPool                ReleasePool
IpamDriver.RequestAddress             ReleaseAddress
NetworkDriver.CreateNetwork           DeleteNetwork
NetworkDriver.CreateEndpoint          DeleteEndpoint
NetworkDriver.Join                    Leave
NetworkDriver.ProgramExternal...      RevokeExternalConnectivity
====================================  ===================================

Invariant: a call that was answered with an error has done nothing.
"""

from minidock.commands.asking import call_of
from minidock.commands.remotes import release_call
from minidock.model.document import Json
from minidock.model.remote import Call, Heard
from minidock.model.world import World
from minidock.net.address import Address
from minidock.plugin.fields import Malformed, Object, read, text
from minidock.plugin.messages import error_field

__all__ = ["is_kept", "undoing"]

_REVOKE = "NetworkDriver.RevokeExternalConnectivity"
_OPPOSITES = {
    "NetworkDriver.CreateNetwork": "NetworkDriver.DeleteNetwork",
    "NetworkDriver.CreateEndpoint": "NetworkDriver.DeleteEndpoint",
    "NetworkDriver.Join": "NetworkDriver.Leave",
    "NetworkDriver.ProgramExternalConnectivity": _REVOKE,
}


def undoing(heard: Heard) -> Call | None:
    """The call that takes back what a plugin has done; None if it did nothing."""
    call = heard.call
    if heard.failure or heard.missing:
        return None
    opposite = _OPPOSITES.get(call.method)
    try:
        value = read(heard.reply.encode())
        if text(value, error_field(call.method)):
            return None
        if call.method == "IpamDriver.RequestPool":
            body: dict[str, Json] = {"PoolID": text(value, "PoolID")}
            return call_of(call.plugin, "IpamDriver.ReleasePool", body)
        if call.method == "IpamDriver.RequestAddress":
            pool_id = text(read(call.body.encode()), "PoolID")
            address = text(value, "Address").partition("/")[0]
            return release_call(call.plugin, pool_id, address)
    except Malformed:
        pass  # a driver that says yes in no words has done it
    if opposite is None:
        return None
    asked = read(call.body.encode())
    names = ("NetworkID", "EndpointID")
    said: dict[str, Json] = {name: asked[name] for name in names if name in asked}
    return call_of(call.plugin, opposite, said)


def is_kept(world: World, undo: Call) -> bool:
    """Whether a World has what that call would take back, or has already let go of it.

    Cost: O(networks), or O(endpoints of a container).
    """
    if world.remote is not None and undo in world.remote.pending:
        return True
    body = read(undo.body.encode())
    if undo.method.startswith("NetworkDriver."):
        return _is_linked(world, undo, body)
    for network in world.networks.values():
        for pool in (network.pool, network.pool6, *network.more_pools):
            named = pool is not None and pool.plugin == undo.plugin
            if pool is None or not named or pool.pool_id != text(body, "PoolID"):
                continue
            address = text(body, "Address")
            return not address or world.pools[pool.key].holds(Address.parse(address))
    return False


def _is_linked(world: World, undo: Call, body: Object) -> bool:
    network_id = text(body, "NetworkID")
    if undo.method == "NetworkDriver.DeleteNetwork":
        return network_id in world.networks
    wanted = text(body, "EndpointID")
    for container_id, endpoint_id in world.members.get(network_id, {}).items():
        if endpoint_id == wanted:
            endpoint = world.containers[container_id].endpoint_on(network_id)
            told = endpoint is not None and endpoint.plugged is not None
            if undo.method == _REVOKE and endpoint and endpoint.plugged:
                return endpoint.plugged.told_ports
            return told
    return False

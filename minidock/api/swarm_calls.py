"""The calls about a swarm of one node: begin, show, change, leave; and its node.

```
POST /swarm/init    GET /swarm    POST /swarm/update   POST /swarm/leave   /swarm/join
GET  /nodes         GET /nodes/{id}                    DELETE /nodes/{id}
```

Docker's source: moby, ``api/server/router/swarm``.
"""

from minidock.api.call import Answer, Call, answered, document_of
from minidock.api.decode import Shape, decode
from minidock.api.filters import asked_filters, matches_text
from minidock.api.http import Response
from minidock.commands import swarm
from minidock.errors import InvalidParameter, NotFound, Unclassified
from minidock.model.document import Json
from minidock.views.inspect_swarm import node_json, swarm_json

__all__ = [
    "delete_node",
    "init",
    "inspect",
    "inspect_node",
    "join",
    "leave",
    "list_nodes",
    "unlock_key",
    "update",
    "update_node",
]

_SPEC: Shape = {
    "": "swarm.Spec",
    "Name": "string",
    "Labels": "map[string]string",
    "Orchestration": {
        "": "swarm.OrchestrationConfig",
        "TaskHistoryRetentionLimit": "int64",
    },
    "Raft": {
        "": "swarm.RaftConfig",
        "SnapshotInterval": "uint64",
        "KeepOldSnapshots": "uint64",
        "LogEntriesForSlowFollowers": "uint64",
        "ElectionTick": "int",
        "HeartbeatTick": "int",
    },
    "Dispatcher": {"": "swarm.DispatcherConfig", "HeartbeatPeriod": "int64"},
    "CAConfig": {"": "swarm.CAConfig", "NodeCertExpiry": "int64"},
    "EncryptionConfig": {"": "swarm.EncryptionConfig", "AutoLockManagers": "bool"},
}
_INIT: Shape = {
    "ListenAddr": "string",
    "AdvertiseAddr": "string",
    "DataPathAddr": "string",
    "DataPathPort": "uint32",
    "ForceNewCluster": "bool",
    "Spec": _SPEC,
    "AutoLockManagers": "bool",
    "Availability": "string",
    "DefaultAddrPool": "[]string",
    "SubnetSize": "uint32",
}
_JOIN: Shape = {
    "ListenAddr": "string",
    "AdvertiseAddr": "string",
    "DataPathAddr": "string",
    "RemoteAddrs": "[]string",
    "JoinToken": "string",
    "Availability": "string",
}


def init(call: Call) -> Answer:
    """POST /swarm/init: answers the node's id."""
    body = document_of(decode(call, _INIT, "InitRequest"))
    request = swarm.SwarmRequest(
        listen=body.text("ListenAddr") or "0.0.0.0:2377",
        advertise=body.text("AdvertiseAddr"),
        data_path=body.text("DataPathAddr"),
        data_port=body.number("DataPathPort"),
        pools=body.texts("DefaultAddrPool"),
        length=body.number("SubnetSize"),
        force_new=body.flag("ForceNewCluster"),
        availability=body.text("Availability"),
        spec=body.document("Spec"),
    )
    outcome = swarm.init(call.world, request, call.now)
    return answered(outcome, 200, outcome.made)


def join(call: Call) -> Answer:
    """POST /swarm/join: always refused."""
    body = document_of(decode(call, _JOIN, "JoinRequest"))
    remotes, token = body.texts("RemoteAddrs"), body.text("JoinToken")
    return answered(swarm.join(call.world, remotes, token), 200)


def leave(call: Call) -> Answer:
    """POST /swarm/leave."""
    force = call.flag("force")
    return answered(swarm.leave(call.world, call.now, force=force), 200)


def inspect(call: Call) -> Answer:
    """GET /swarm."""
    _, found = swarm.manager_of(call.world, "show the swarm")
    return _shown(call, swarm_json(found))


def update(call: Call) -> Answer:
    """POST /swarm/update."""
    text = call.query.get("version", "")
    if not text.isdecimal():
        raise InvalidParameter(
            f"invalid swarm version '{text}': strconv.ParseUint: parsing "
            f'"{text}": invalid syntax',
            asked="change the swarm's settings",
            rule="who changes them says which version was seen",
            remedy="version=N, the Index of GET /swarm",
        )
    spec = document_of(decode(call, _SPEC, "Spec"))
    rotate = call.flag("rotateWorkerToken"), call.flag("rotateManagerToken")
    outcome = swarm.update(call.world, int(text), spec, call.now, rotate=rotate)
    return answered(outcome, 200)


def unlock_key(call: Call) -> Answer:
    """GET /swarm/unlockkey: there is none, since nothing is locked."""
    swarm.manager_of(call.world, "show the key")
    return _shown(call, {"UnlockKey": ""})


def _shown(call: Call, body: Json) -> Answer:
    return Answer(world=call.world, response=Response(body=body))


def list_nodes(call: Call) -> Answer:
    """GET /nodes: this host, if it fits the filters."""
    cluster, found = swarm.manager_of(call.world, "list the nodes")
    filters = asked_filters(
        call, ("id", "label", "membership", "name", "node.label", "role")
    )
    shown: Json = node_json(call.world, cluster, found)
    facts = {
        "id": found.node_id,
        "name": call.world.host.hostname,
        "role": "manager",
        "membership": "accepted",
    }
    fits = all(matches_text(filters, key, text) for key, text in facts.items())
    labelled = bool(filters.get("label") or filters.get("node.label"))
    return _shown(call, [shown] if fits and not labelled else [])


def _node(call: Call) -> dict[str, Json]:
    cluster, found = swarm.manager_of(call.world, "show a node")
    name = call.words["id"]
    if name != call.world.host.hostname and not found.node_id.startswith(name):
        raise NotFound(
            f"node {name} not found",
            asked=f"the node {name}",
            rule="a swarm has one node here",
            remedy="docker node ls",
        )
    return node_json(call.world, cluster, found)


def inspect_node(call: Call) -> Answer:
    """GET /nodes/{id}: by id, the start of it, or host name."""
    return _shown(call, _node(call))


def delete_node(call: Call) -> Answer:
    """DELETE /nodes/{id}: the last manager cannot be removed."""
    node = _node(call)
    raise Unclassified(
        f"rpc error: code = FailedPrecondition desc = node {node['ID']} is a cluster "
        "manager and is a member of the raft cluster. It must be demoted to worker "
        "before removal",
        asked=f"remove the node {call.words['id']}",
        rule="it is the swarm's only manager",
        remedy="docker swarm leave --force",
    )


def update_node(call: Call) -> Answer:
    """POST /nodes/{id}/update: what a node may do matters to services alone."""
    node = _node(call)
    raise Unclassified(
        f"node {node['ID']} cannot be changed",
        asked=f"change the node {call.words['id']}",
        rule="its role and availability decide about services, and there are none here",
        remedy="docker swarm init --availability drain, at the beginning",
    )

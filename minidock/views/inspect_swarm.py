"""A swarm as the API's JSON: `docker swarm` and `docker node`, and a part of `info`.

```
World.cluster.swarm ──▶ swarm_json    GET /swarm, with the join tokens
                    ├─▶ info_json     Swarm of GET /info, without them
                    └─▶ node_json     GET /nodes: the one node, manager and leader
```

minidock draws no certificates, so TLSInfo is empty.

Docker's source: moby, ``daemon/cluster/convert``.
"""

from minidock.model.cluster import Cluster
from minidock.model.document import Json, thaw
from minidock.model.swarm import DATA_PORT, Swarm
from minidock.model.world import World
from minidock.views.durations import timestamp

__all__ = ["info_json", "node_json", "swarm_json"]

_ALONE: dict[str, Json] = {
    "NodeID": "",
    "NodeAddr": "",
    "LocalNodeState": "inactive",
    "ControlAvailable": False,
    "Error": "",
    "RemoteManagers": None,
}


def _host(cluster: Cluster) -> str:
    return cluster.advertise.rpartition(":")[0].strip("[]")


def _cluster_json(swarm: Swarm) -> dict[str, Json]:
    return {
        "ID": swarm.id,
        "Version": {"Index": swarm.version},
        "CreatedAt": timestamp(swarm.created),
        "UpdatedAt": timestamp(swarm.updated),
        "Spec": thaw(swarm.spec),
        "TLSInfo": {},
        "RootRotationInProgress": False,
        "DefaultAddrPool": list(swarm.pools) or None,
        "SubnetSize": swarm.length,
        "DataPathPort": swarm.data_port or DATA_PORT,
    }


def swarm_json(swarm: Swarm) -> dict[str, Json]:
    """What GET /swarm answers."""
    tokens = swarm.tokens
    return _cluster_json(swarm) | {
        "JoinTokens": {"Worker": tokens.worker, "Manager": tokens.manager}
    }


def info_json(world: World) -> dict[str, Json]:
    """What GET /info says of the swarm, or that there is none."""
    cluster = world.cluster
    if cluster is None or cluster.swarm is None:
        return dict(_ALONE)
    swarm = cluster.swarm
    return {
        "NodeID": swarm.node_id,
        "NodeAddr": _host(cluster),
        "LocalNodeState": "active",
        "ControlAvailable": True,
        "Error": "",
        "RemoteManagers": [{"NodeID": swarm.node_id, "Addr": cluster.advertise}],
        "Nodes": 1,
        "Managers": 1,
        "Cluster": _cluster_json(swarm),
    }


def node_json(world: World, cluster: Cluster, swarm: Swarm) -> dict[str, Json]:
    """The swarm's only node."""
    host = world.host
    return {
        "ID": swarm.node_id,
        "Version": {"Index": swarm.version - 1},
        "CreatedAt": timestamp(swarm.created),
        "UpdatedAt": timestamp(swarm.created),
        "Spec": {
            "Labels": {},
            "Role": "manager",
            "Availability": swarm.availability,
        },
        "Description": {
            "Hostname": host.hostname,
            "Platform": {"Architecture": "x86_64", "OS": "linux"},
            "Resources": {
                "NanoCPUs": host.cpus * 1_000_000_000,
                "MemoryBytes": host.memory,
            },
            "Engine": {"EngineVersion": world.era.engine_version},
            "TLSInfo": {},
        },
        "Status": {"State": "ready", "Addr": _host(cluster)},
        "ManagerStatus": {
            "Leader": True,
            "Reachability": "reachable",
            "Addr": cluster.advertise,
        },
    }

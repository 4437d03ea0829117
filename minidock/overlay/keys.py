"""Where things stand in the registry: the keys, as libnetwork laid them out.

```
docker/network/v1.0/
├── network/NID                                 a network                     cluster
├── overlay/network/NID                         its subnets and their VNIs    cluster
├── endpoint/NID/EID                            a container's place           host
├── ipam/default/config/GlobalDefault           who has which subnet          cluster
├── ipam/default/data/GlobalDefault/SUBNET/IP   who has which address         host
└── idm/vxlan-id                                who has which VNI             cluster
docker/nodes/HOST:PORT                          a host that is alive          host
docker/containers/NAME                          who has which name            host
```

What belongs to a *host* is written under its lease and goes with it; what belongs to
the *cluster* stays, and names its owner.

Different on purpose: libnetwork kept a bitmap of each subnet's addresses in one value,
for which all hosts compete. Here each address is a key of its own below that place, so
hosts only meet where they want the same address, the address goes with its host's
lease, and a held one says by whom.

Source: moby, ``libnetwork/datastore``; facts of its layout from 1.9 to 22.06.
"""

from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "CONTAINERS",
    "NETWORKS",
    "NODES",
    "OVERLAYS",
    "ROOT",
    "SUBNETS",
    "VNIS",
    "Key",
    "Kind",
    "address",
    "addresses",
    "container",
    "endpoint",
    "endpoints",
    "network",
    "node",
    "overlay",
    "read",
]

ROOT = "docker/network/v1.0"
NETWORKS = f"{ROOT}/network"
OVERLAYS = f"{ROOT}/overlay/network"
SUBNETS = f"{ROOT}/ipam/default/config/GlobalDefault"
VNIS = f"{ROOT}/idm/vxlan-id"
NODES = "docker/nodes"
CONTAINERS = "docker/containers"
_DATA = f"{ROOT}/ipam/default/data"
_ENDPOINTS = f"{ROOT}/endpoint"


class Kind(StrEnum):
    """What a key stands for."""

    NETWORK = "network"
    OVERLAY = "overlay"
    ENDPOINT = "endpoint"
    SUBNETS = "subnets"
    ADDRESS = "address"
    VNIS = "vnis"
    NODE = "node"
    CONTAINER = "container"
    OTHER = "other"


class Key(NamedTuple):
    """A key, read: what it stands for, and the names in it."""

    kind: Kind
    first: str = ""
    """The network's id, the pool (``GlobalDefault/10.0.0.0/24``), the node or name."""
    second: str = ""
    """The endpoint's id, or the address."""


def network(network_id: str) -> str:
    """The key of a network."""
    return f"{NETWORKS}/{network_id}"


def overlay(network_id: str) -> str:
    """The key of an overlay network's subnets and VNIs."""
    return f"{OVERLAYS}/{network_id}"


def endpoints(network_id: str) -> str:
    """Below which a network's endpoints stand."""
    return f"{_ENDPOINTS}/{network_id}"


def endpoint(network_id: str, endpoint_id: str) -> str:
    """The key of an endpoint."""
    return f"{_ENDPOINTS}/{network_id}/{endpoint_id}"


def addresses(pool: str) -> str:
    """Below which a pool's held addresses stand; a pool is ``SPACE/SUBNET``."""
    return f"{_DATA}/{pool}"


def address(pool: str, text: str) -> str:
    """The key of one held address.

    >>> address("GlobalDefault/10.0.0.0/24", "10.0.0.2").removeprefix(ROOT)
    '/ipam/default/data/GlobalDefault/10.0.0.0/24/10.0.0.2'
    """
    return f"{_DATA}/{pool}/{text}"


def node(advertise: str) -> str:
    """The key of a host, by the address that it advertises."""
    return f"{NODES}/{advertise}"


def container(name: str) -> str:
    """The key of a container's name."""
    return f"{CONTAINERS}/{name}"


def read(key: str) -> Key:
    """What a key stands for.

    >>> read("docker/network/v1.0/endpoint/4f5e/9a8b")
    Key(kind=<Kind.ENDPOINT: 'endpoint'>, first='4f5e', second='9a8b')
    >>> read(address("GlobalDefault/10.0.0.0/24", "10.0.0.2"))[1:]
    ('GlobalDefault/10.0.0.0/24', '10.0.0.2')
    >>> read("somebody/elses").kind
    <Kind.OTHER: 'other'>
    """
    if key == SUBNETS:
        return Key(Kind.SUBNETS)
    if key == VNIS:
        return Key(Kind.VNIS)
    for kind, below in _SIMPLE.items():
        name = key.removeprefix(below + "/")
        if name != key and "/" not in name:
            return Key(kind, name)
    for kind, below in ((Kind.ENDPOINT, _ENDPOINTS), (Kind.ADDRESS, _DATA)):
        rest = key.removeprefix(below + "/")
        first, slash, second = rest.rpartition("/")
        if rest != key and slash:
            return Key(kind, first, second)
    return Key(Kind.OTHER)


_SIMPLE = {
    Kind.NETWORK: NETWORKS,
    Kind.OVERLAY: OVERLAYS,
    Kind.NODE: NODES,
    Kind.CONTAINER: CONTAINERS,
}

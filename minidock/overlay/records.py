"""What the registry's entries say: values of the model as texts, and back.

```
Network  ◀──▶  {"id": ..., "name": ..., "networkType": "overlay", "ipamV4Config": ...}
Peer     ◀──▶  {"id": ..., "ep_iface": {"mac": ..., "addr": ...}, "locator": ...}
Holdings ◀──▶  {"token": ..., "held": {"10.0.0.0/24": ["NID", "NAME"]}}
```

The names of the fields are libnetwork's where it has them. A text that is none of ours
(another program wrote it) is refused with :class:`Unreadable`, which names the key; the
rest of the registry stays usable.

Source: moby, ``libnetwork/network.go`` and ``endpoint.go`` (``MarshalJSON``).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minidock.errors import NotationError, Unclassified
from minidock.model.cluster import Node, Peer
from minidock.model.document import Document, freeze, thaw
from minidock.model.network import (
    IpamConfig,
    Network,
    NetworkPool,
    OverlaySettings,
    OverlaySubnet,
)
from minidock.net.address import V4, Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix

__all__ = [
    "GLOBAL_SPACE",
    "Holding",
    "Holdings",
    "Unreadable",
    "dump_holder",
    "dump_holdings",
    "dump_network",
    "dump_node",
    "dump_overlay",
    "dump_peer",
    "load_holder",
    "load_holdings",
    "load_network",
    "load_node",
    "load_overlay",
    "load_peer",
]

GLOBAL_SPACE = "GlobalDefault"


class Unreadable(Unclassified):
    """An entry of the registry that another program wrote, or damaged."""


def _unreadable(key: str, reason: str) -> Unreadable:
    return Unreadable(
        f"the entry {key} in the cluster store cannot be read: {reason}",
        asked=f"read {key}",
        rule="entries below docker/ are written by Docker engines alone",
        remedy="another store, or one without that entry",
    )


def _object(key: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise _unreadable(key, "it is no JSON") from error
    if not isinstance(value, dict):
        raise _unreadable(key, "it is no JSON object")
    return value


class _Reading:
    """Turns what a wrong shape raises into one refusal that names the key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: object, error: BaseException | None, trace: object
    ) -> None:
        wrong = (KeyError, TypeError, ValueError, AttributeError, NotationError)
        if isinstance(error, wrong):
            raise _unreadable(self._key, f"{type(error).__name__}: {error}") from error


def _text(value: Mapping[str, object]) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


# --- networks -------------------------------------------------------------------------


def dump_network(network: Network, token: str) -> str:
    """The entry of a network; ``token`` tells who wrote it, and is unique."""
    pools4 = network.pools_of(V4)
    pools6 = network.pools_of(6)
    return _text(
        {
            "name": network.name,
            "id": network.id,
            "created": network.created,
            "networkType": network.driver,
            "scope": network.scope,
            "labels": thaw(network.labels),
            "ipamType": network.ipam_driver,
            "ipamOptions": _options(network.ipam_options),
            "addrSpace": GLOBAL_SPACE,
            "enableIPv4": network.enable_ipv4,
            "enableIPv6": network.enable_ipv6,
            "generic": thaw(network.options),
            "internal": network.internal,
            "attachable": network.attachable,
            "ingress": network.ingress,
            "configOnly": network.config_only,
            "configFrom": network.config_from,
            "inDelete": False,
            "persist": True,
            # JSON in JSON, as libnetwork writes it.
            "ipamV4Config": _text_list([_config(c) for c in network.ipam_config]),
            "ipamV4Info": _text_list([_pool(pool) for pool in pools4]),
            "ipamV6Info": _text_list([_pool(pool) for pool in pools6]),
            "token": token,
        }
    )


def _options(options: Document | None) -> object:
    return None if options is None else thaw(options)


def _text_list(items: list[dict[str, object]]) -> str:
    return json.dumps(items, separators=(",", ":"), sort_keys=True)


def _config(config: IpamConfig) -> dict[str, object]:
    return {
        "PreferredPool": config.subnet,
        "SubPool": config.ip_range,
        "Gateway": config.gateway,
        "AuxAddresses": thaw(config.aux_addresses),
    }


def _pool(pool: NetworkPool) -> dict[str, object]:
    return {
        "PoolID": pool.key,
        "Pool": str(pool.subnet),
        "SubPool": str(pool.ip_range) if pool.ip_range else "",
        "Gateway": str(pool.gateway) if pool.gateway else "",
        "Automatic": pool.automatic,
        "AuxAddresses": {name: str(address) for name, address in pool.aux},
        "Router": str(pool.router) if pool.router else "",
    }


def load_network(key: str, text: str) -> Network | None:
    """The network of an entry; None while somebody is removing it.

    Its sequence is 0: the host that learns of it gives it a turn of its own.

    Raises:
        Unreadable: it is no network.
    """
    value = _object(key, text)
    with _Reading(key):
        if value.get("inDelete"):
            return None
        pools4 = [_load_pool(p) for p in json.loads(value["ipamV4Info"])]
        pools6 = [_load_pool(p) for p in json.loads(value["ipamV6Info"])]
        options = value["ipamOptions"]
        return Network(
            id=_is_text(value["id"]),
            name=_is_text(value["name"]),
            driver=_is_text(value["networkType"]),
            created=int(value["created"]),
            sequence=0,
            scope=_is_text(value["scope"]),
            enable_ipv4=bool(value["enableIPv4"]),
            enable_ipv6=bool(value["enableIPv6"]),
            internal=bool(value["internal"]),
            attachable=bool(value["attachable"]),
            ingress=bool(value["ingress"]),
            config_only=bool(value["configOnly"]),
            config_from=_is_text(value["configFrom"]),
            options=_document(value["generic"]),
            labels=_document(value["labels"]),
            ipam_driver=_is_text(value["ipamType"]),
            ipam_options=None if options is None else _document(options),
            ipam_config=tuple(
                _load_config(c) for c in json.loads(value["ipamV4Config"])
            ),
            pool=next(iter(pools4), None),
            pool6=next(iter(pools6), None),
            more_pools=(*pools4[1:], *pools6[1:]),
            made_here=False,
        )
    raise AssertionError


def _is_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _document(value: object) -> Document:
    frozen = freeze(value)
    if not isinstance(frozen, Document):
        raise TypeError(f"{value!r} is no object")
    return frozen


def _load_config(value: Mapping[str, Any]) -> IpamConfig:
    return IpamConfig(
        subnet=value["PreferredPool"],
        ip_range=value["SubPool"],
        gateway=value["Gateway"],
        aux_addresses=_document(value["AuxAddresses"]),
    )


def _address(text: str) -> Address | None:
    return Address.parse(text) if text else None


def _load_pool(value: Mapping[str, Any]) -> NetworkPool:
    return NetworkPool(
        subnet=Prefix.parse(value["Pool"]),
        ip_range=Prefix.parse(value["SubPool"]) if value["SubPool"] else None,
        gateway=_address(value["Gateway"]),
        automatic=bool(value["Automatic"]),
        aux=tuple((k, Address.parse(v)) for k, v in value["AuxAddresses"].items()),
        router=_address(value["Router"]),
        space=GLOBAL_SPACE,
    )


def dump_overlay(settings: OverlaySettings, token: str) -> str:
    """The entry of an overlay network's subnets and VNIs."""
    subnets = [
        {"SubnetIP": str(s.subnet), "GwIP": str(s.gateway), "Vni": s.vni}
        for s in settings.subnets
    ]
    return _text(
        {
            "secure": settings.encrypted,
            "mtu": settings.mtu,
            "dataPort": settings.data_port,
            "subnets": subnets,
            "token": token,
        }
    )


def load_overlay(key: str, text: str) -> OverlaySettings:
    """The overlay settings of an entry.

    Raises:
        Unreadable: it is none.
    """
    value = _object(key, text)
    with _Reading(key):
        return OverlaySettings(
            subnets=tuple(
                OverlaySubnet(
                    Prefix.parse(item["SubnetIP"]),
                    Address.parse(item["GwIP"]),
                    int(item["Vni"]),
                )
                for item in value["subnets"]
            ),
            encrypted=bool(value["secure"]),
            mtu=int(value["mtu"]),
            data_port=int(value["dataPort"]),
        )
    raise AssertionError


# --- endpoints and hosts --------------------------------------------------------------


def dump_peer(peer: Peer) -> str:
    """The entry of an endpoint; its own id makes it unique."""
    return _text(
        {
            "name": peer.name,
            "id": peer.endpoint_id,
            "ep_iface": {
                "mac": str(peer.mac),
                "addr": f"{peer.address}/{peer.length}",
                "dstPrefix": "eth",
            },
            "locator": str(peer.vtep),
            "sandbox": peer.container_id,
            "node": peer.advertise,
            "myAliases": list(peer.aliases),
            "exposed_ports": [list(item) for item in peer.listening],
            "image": peer.image,
            "command": list(peer.command),
            "environment": list(peer.environment),
        }
    )


def load_peer(key: str, network_id: str, text: str) -> Peer:
    """The endpoint of an entry.

    Raises:
        Unreadable: it is none.
    """
    value = _object(key, text)
    with _Reading(key):
        address, _, length = value["ep_iface"]["addr"].partition("/")
        return Peer(
            endpoint_id=_is_text(value["id"]),
            network_id=network_id,
            container_id=_is_text(value["sandbox"]),
            name=_is_text(value["name"]),
            advertise=_is_text(value["node"]),
            vtep=Address.parse(value["locator"]),
            address=Address.parse(address),
            length=int(length),
            mac=MAC.parse(value["ep_iface"]["mac"]),
            aliases=tuple(map(_is_text, value["myAliases"])),
            image=_is_text(value["image"]),
            command=tuple(map(_is_text, value["command"])),
            environment=tuple(map(_is_text, value["environment"])),
            listening=tuple((str(p), int(n)) for p, n in value["exposed_ports"]),
        )
    raise AssertionError


def dump_node(node: Node, token: str) -> str:
    """The entry of a host; the token is that of its session."""
    return _text({"hostname": node.hostname, "vtep": str(node.vtep), "token": token})


def load_node(key: str, advertise: str, text: str) -> tuple[Node, str]:
    """The host of an entry and the token of its session.

    Raises:
        Unreadable: it is none.
    """
    value = _object(key, text)
    with _Reading(key):
        node = Node(
            advertise=advertise,
            hostname=_is_text(value["hostname"]),
            vtep=Address.parse(value["vtep"]),
        )
        return node, _is_text(value["token"])
    raise AssertionError


def dump_holder(owner: str, advertise: str) -> str:
    """The entry of a held address or name: whose it is, and on which host."""
    return _text({"owner": owner, "node": advertise})


def load_holder(key: str, text: str) -> tuple[str, str]:
    """The owner's id and its host.

    Raises:
        Unreadable: it is no holding.
    """
    value = _object(key, text)
    with _Reading(key):
        return _is_text(value["owner"]), _is_text(value["node"])
    raise AssertionError


# --- what the cluster holds -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a subnet or a VNI."""

    owner: str
    """The network's id; for a VNI, followed by a slash and the subnet."""
    name: str = ""
    """The network's name, which is taken with its first subnet."""
    node: str = ""
    """The host that took it, and the token of its session then."""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """All subnets, or all VNIs, that are held; ``last`` is the VNI taken last."""

    held: Mapping[str, Holding]
    last: int = 0


def dump_holdings(holdings: Holdings, token: str) -> str:
    """The entry that holds all subnets, or all VNIs; the token makes it unique."""
    held = {
        what: [h.owner, h.name, h.node, h.token] for what, h in holdings.held.items()
    }
    return _text({"held": held, "last": holdings.last, "token": token})


def load_holdings(key: str, text: str) -> Holdings:
    """All subnets, or all VNIs, of an entry.

    Raises:
        Unreadable: it is none.
    """
    value = _object(key, text)
    with _Reading(key):
        held = {
            _is_text(what): Holding(*map(_is_text, item))
            for what, item in value["held"].items()
        }
        return Holdings(held, int(value["last"]))
    raise AssertionError

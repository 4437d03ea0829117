"""The long tail of `ip -d link`: what the kernel says about each kind of interface.

```
3: docker0: <...> mtu 1500 ...
    link/ether 02:42:... brd ff:... promiscuity 0  allmulti 0 minmtu 68 ...  } head
    bridge forward_delay 1500 hello_time 200 ... nf_call_arptables 0         } kind
    addrgenmode eui64 numtxqueues 1 ... gro_max_size 65536                   } tail
```

Each part is a table of (name in text, name in JSON, value). Nearly all values are the
kernel's defaults, which Docker leaves alone; what varies is computed.

Timers run on a real host. Here they stand still at the moment they were set.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from minidock.topology.interface import Interface, InterfaceKind

__all__ = [
    "Detail",
    "Value",
    "as_json",
    "compact",
    "head",
    "kind_details",
    "port_details",
    "tail",
]

Value: TypeAlias = (
    "dict[str, Value] | list[Value] | str | int | float | bool"  # what ip -j prints
)


class Detail(NamedTuple):
    """One setting; an empty name means that this format leaves it out."""

    text: str
    json: str
    value: str | int | float | bool

    def __str__(self) -> str:
        value = self.value
        if isinstance(value, bool):
            return f"{self.text} {'on' if value else 'off'} "
        if isinstance(value, float):
            return f"{self.text} {value:7.2f} "
        return f"{self.text} {value} "


def _same(name: str, value: str | float) -> Detail:
    return Detail(name, name, value)


def head(item: Interface) -> list[Detail]:
    """What stands behind the MAC: modes and the limits of the mtu."""
    loopback = item.kind is InterfaceKind.LOOPBACK
    # A port hands every frame to its bridge, a parent many of them to its children.
    promiscuous = 1 if item.master or item.watches else 0
    listening = 1 if item.master else 0
    return [
        Detail("promiscuity", "promiscuity", promiscuous),
        Detail(" allmulti", "allmulti", listening),
        Detail("minmtu", "min_mtu", 0 if loopback else 68),
        Detail("maxmtu", "max_mtu", 0 if loopback else 65535),
    ]


def tail(item: Interface, *, generation: bool) -> list[Detail]:
    """Queues and the sizes of offloaded packets; ``generation`` adds the IPv6 mode."""
    queues = 2 if item.kind is InterfaceKind.VETH else 1
    # A bridge that never had a port still has the limits of old drivers.
    fresh = item.kind is InterfaceKind.BRIDGE and not item.had_ports
    mode = [Detail("addrgenmode", "inet6_addr_gen_mode", "eui64")]
    return [
        *(mode if generation else []),
        Detail("numtxqueues", "num_tx_queues", queues),
        Detail("numrxqueues", "num_rx_queues", queues),
        _same("gso_max_size", 65536),
        _same("gso_max_segs", 65535),
        _same("tso_max_size", 65536 if fresh else 524280),
        _same("tso_max_segs", 65535),
        _same("gro_max_size", 65536),
    ]


def kind_details(item: Interface) -> list[Detail]:
    """The settings that an interface of this kind has; a veth has none."""
    match item.kind:
        case InterfaceKind.BRIDGE:
            return _bridge_details(item)
        case InterfaceKind.MACVLAN:
            queues = ("bcqueuelen", "usedbcqueuelen")
            return [_same("mode", item.mode), *(_same(n, 1000) for n in queues)]
        case InterfaceKind.IPVLAN:
            # iproute2 prints a blank too many, and the flag as a bare word.
            mode = Detail(" mode", "mode", f"{item.mode} {item.flag}".rstrip())
            return [mode]
        case InterfaceKind.VLAN:
            # In text the flags stand in brackets, which no other setting has.
            return [
                _same("protocol", "802.1Q"),
                _same("id", item.tag),
                Detail("<REORDER_HDR>", "", ""),
            ]
        case _:
            return []


def _bridge_details(item: Interface) -> list[Detail]:
    root = _bridge_id(item)
    return [
        _same("forward_delay", 1500),
        _same("hello_time", 200),
        _same("max_age", 2000),
        _same("ageing_time", 30000),
        _same("stp_state", 0),
        _same("priority", 32768),
        _same("vlan_filtering", 0),
        _same("bridge_id", root),
        Detail("designated_root", "root_id", root),
        _same("root_port", 0),
        _same("root_path_cost", 0),
        _same("topology_change", 0),
        _same("topology_change_detected", 0),
        _same("hello_timer", 0.0),
        _same("tcn_timer", 0.0),
        _same("topology_change_timer", 0.0),
        _same("gc_timer", 300.0),
        _same("group_fwd_mask", "0"),
        Detail("group_address", "group_addr", "01:80:c2:00:00:00"),
        *_multicast(),
        _same("nf_call_iptables", 0),
        _same("nf_call_ip6tables", 0),
        _same("nf_call_arptables", 0),
    ]


def _multicast() -> list[Detail]:
    """How a bridge snoops on IGMP and MLD (RFC 3376, 3810): the kernel's defaults."""
    names = "last_member_{} membership_{} querier_{} query_{} query_response_{} "
    names += "startup_query_{}"
    waits = zip(names.split(), (100, 26000, 25500, 12500, 1000, 3124), strict=True)
    return [
        _same("mcast_snooping", 1),
        _same("no_linklocal_learn", 0),
        _same("mcast_vlan_snooping", 0),
        _same("mcast_router", 1),
        _same("mcast_query_use_ifaddr", 0),
        _same("mcast_querier", 0),
        _same("mcast_hash_elasticity", 16),
        _same("mcast_hash_max", 4096),
        Detail("mcast_last_member_count", "mcast_last_member_cnt", 2),
        Detail("mcast_startup_query_count", "mcast_startup_query_cnt", 2),
        *(
            Detail(
                f"mcast_{name.format('interval')}",
                f"mcast_{name.format('intvl')}",
                wait,
            )
            for name, wait in waits
        ),
        _same("mcast_stats_enabled", 0),
        _same("mcast_igmp_version", 2),
        _same("mcast_mld_version", 1),
    ]


def port_details(bridge: Interface, item: Interface) -> list[Detail]:
    """The settings of a port of a bridge."""
    number, root = 0x8000 | item.port, _bridge_id(bridge)
    return [
        _same("state", "forwarding" if bridge.carrier else "disabled"),
        _same("priority", 32),
        _same("cost", 2),  # 10 Gbit/s, which is what a veth says it is
        _same("hairpin", item.hairpin),
        *(_same(name, value=False) for name in ("guard", "root_block", "fastleave")),
        *(_same(name, value=True) for name in ("learning", "flood")),
        Detail("port_id", "id", f"{number:#x}"),
        Detail("port_no", "no", f"{item.port:#x}"),
        _same("designated_port", number),
        _same("designated_cost", 0),
        Detail("designated_bridge", "bridge_id", root),
        Detail("designated_root", "root_id", root),
        _same("hold_timer", 0.0),
        _same("message_age_timer", 0.0),
        _same("forward_delay_timer", 15.0),
        _same("topology_change_ack", 0),
        _same("config_pending", 0),
        *(_same(name, value=False) for name in ("proxy_arp", "proxy_arp_wifi")),
        Detail("mcast_router", "multicast_router", 1),
        Detail("mcast_fast_leave", "", value=False),
        *(_same(name, value=True) for name in ("mcast_flood", "bcast_flood")),
        *(_same(name, value=False) for name in ("mcast_to_unicast", "neigh_suppress")),
        _same("group_fwd_mask", "0"),
        _same("group_fwd_mask_str", "0x0"),
        *(_same(name, value=False) for name in ("vlan_tunnel", "isolated", "locked")),
    ]


def _bridge_id(bridge: Interface) -> str:
    """Priority and MAC, each octet without a leading zero: iproute2 prints it so."""
    octets = ":".join(f"{int(part, 16):x}" for part in str(bridge.mac).split(":"))
    return f"8000.{octets}"


def as_json(details: Iterable[Detail]) -> dict[str, Value]:
    """The details as the members of a JSON object."""
    return {detail.json: detail.value for detail in details if detail.json}


def compact(value: Value) -> str:
    """JSON as `ip -j` writes it: no spaces, timers with two decimals.

    >>> compact([{"dev": "eth0", "timer": 0.0, "up": True}])
    '[{"dev":"eth0","timer":0.00,"up":true}]'
    """
    match value:
        case dict():
            members = (f'"{key}":{compact(item)}' for key, item in value.items())
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(compact(item) for item in value) + "]"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.2f}"
        case int():
            return str(value)
        case _:
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

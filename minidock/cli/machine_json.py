"""The machine as plain JSON, for programs; people read views/machine_text.py.

```
[{"namespace": "", "interfaces": [{"name": "docker0", ...}], "routes": [...]},
 {"namespace": "1a2b...", "owner": "web", ...}]
```

Invariant: every namespace, interface and route of the machine is there once.
"""

from typing import TypeAlias

from minidock.model.document import Json
from minidock.topology.interface import Interface
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace

__all__ = ["machine_json"]

End: TypeAlias = tuple[Namespace, Interface]
Wires: TypeAlias = dict[tuple[str, str], End]


def machine_json(machine: Machine) -> Json:
    """The machine as plain JSON; O(its size).

    >>> machine_json(Machine(host=Namespace(name="")))
    [{'namespace': '', 'owner': '', 'interfaces': [], 'routes': []}]
    """
    wires = _wires(machine)
    return [_space_json(space, wires) for space in machine.namespaces]


def _space_json(space: Namespace, wires: Wires) -> Json:
    return {
        "namespace": space.name,
        "owner": space.owner,
        "interfaces": [
            _json(item, wires.get((space.name, item.name))) for item in space.interfaces
        ],
        "routes": [
            {
                "destination": str(route.destination),
                "gateway": str(route.gateway) if route.gateway else None,
                "device": route.device,
            }
            for route in space.routes
        ],
    }


def _json(item: Interface, peer: End | None) -> Json:
    return {
        "name": item.name,
        "index": item.index,
        "kind": str(item.kind),
        "mac": str(item.mac),
        "mtu": item.mtu,
        "state": item.operstate,
        "addresses": [str(address) for address in item.addresses],
        "bridge": item.master or None,
        "peer": (
            {"namespace": peer[0].name, "interface": peer[1].name} if peer else None
        ),
        "parent": item.parent or None,
        "mode": item.mode or None,
    }


def _wires(machine: Machine) -> Wires:
    """For each end of a veth pair, where the other end is."""
    wires: Wires = {}
    for host, outer, inside, inner in machine.pairs():
        wires[host.name, outer.name] = (inside, inner)
        wires[inside.name, inner.name] = (host, outer)
    return wires

"""The texts of `sysctl` and of files under /proc/sys and /sys/class/net.

```
sysctl net.ipv4.ip_forward          net.ipv4.ip_forward = 1
cat /proc/sys/net/ipv4/ip_forward   1
cat /sys/class/net/eth0/mtu         1500
```

A setting that is not recorded has no answer (None): it exists on a real host, but
nothing here depends on it.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.namespace import Namespace

__all__ = ["read_file", "sysctl"]

_PROC = "/proc/sys/"
_CLASS = "/sys/class/net/"


def sysctl(space: Namespace, words: Sequence[str]) -> str | None:
    r"""What `sysctl [-n] NAME...` prints, or None where a name is not recorded.

    >>> sysctl(Namespace(name="", sysctls=(("a.b", "1"),)), ["a.b"])
    'a.b = 1\n'
    >>> sysctl(Namespace(name=""), ["a.b"]) is None
    True
    """
    bare = words[:1] == ["-n"]
    lines = []
    for word in words[1:] if bare else words:
        name = word.replace("/", ".")
        value = space.sysctl(name)
        if value is None:
            return None
        lines.append(f"{value}\n" if bare else f"{name} = {value}\n")
    return "".join(lines) or None


def read_file(space: Namespace, path: str) -> str | None:
    r"""What `cat PATH` prints, or None; a ``*`` stands for every name that fits.

    >>> read_file(Namespace(name="", sysctls=(("net.a", "1"),)), "/proc/sys/net/a")
    '1\n'
    """
    if path.startswith(_PROC):
        value = space.sysctl(path.removeprefix(_PROC).replace("/", "."))
        return None if value is None else f"{value}\n"
    if not path.startswith(_CLASS):
        return None
    files = {
        f"{_CLASS}{item.name}/{name}": text
        for item in space.interfaces
        for name, text in _files(space, item).items()
    }
    found = [files[name] for name in sorted(files) if fnmatchcase(name, path)]
    return "".join(f"{text}\n" for text in found) if found else None


def _files(space: Namespace, item: Interface) -> dict[str, str]:
    other = item.peer_index or item.index
    common = {
        "address": str(item.mac),
        "carrier": str(int(item.carrier)),
        "ifindex": str(item.index),
        "iflink": str(other),
        "mtu": str(item.mtu),
        "operstate": item.operstate.lower(),
        "tx_queue_len": str(item.queue_length),
    }
    if item.master:
        common["brport/hairpin_mode"] = str(int(item.hairpin))
    if item.kind is not InterfaceKind.BRIDGE:
        return common
    return {
        **common,
        "bridge/bridge_id": f"8000.{item.mac.value:012x}",
        "bridge/stp_state": "0",
        "bridge/forward_delay": "1500",
        "bridge/ageing_time": "30000",
        **{
            f"brif/{port.name}/hairpin_mode": str(int(port.hairpin))
            for port in space.ports(item.name)
        },
    }

"""Which kernel settings a namespace of a machine is given, and when.

```
 early   net.ipv4.ip_forward=1                       before it has any cable
         net.ipv6.conf.default.disable_ipv6=1        what cables will start with
 late    net.ipv6.conf.eth0.disable_ipv6=0           when there is an eth0
```

Invariant: only settings that a namespace has of its own are written; the rest belongs
to the computer on which it runs. Since Linux 5.3 that includes net.bridge.

Source: the kernel's Documentation/networking/ip-sysctl.
"""

from collections.abc import Iterator

from minidock.topology.namespace import Namespace

__all__ = ["early_settings", "late_settings"]

_OWN = (
    "net.bridge.",
    "net.ipv4.ip_forward",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.conf.",
    "net.ipv6.conf.",
)
_EVERYWHERE = ("all", "default", "lo")  # these "interfaces" are there from the start

# Nothing in a World says so, but the computer's own values would differ; see linux.py.
_FIRST = (
    ("net.ipv4.conf.all.rp_filter", "0"),
    ("net.ipv4.conf.default.rp_filter", "0"),
    ("net.ipv6.conf.default.accept_dad", "0"),
)
_AS_BORN = {"route_localnet": "0", "disable_ipv6": "1"}
"""Values that an interface has already, the second from ``default``."""


def early_settings(space: Namespace) -> Iterator[tuple[str, str]]:
    """What can be set before any interface but lo exists, in order.

    >>> bare = Namespace(name="", sysctls=(("net.ipv4.ip_forward", "1"),))
    >>> [f"{key}={value}" for key, value in early_settings(bare)][-1]
    'net.ipv4.ip_forward=1'
    """
    given = {key for key, _ in space.sysctls}
    yield from (item for item in _FIRST if item[0] not in given)
    for key, value in space.sysctls:
        if key.startswith(_OWN) and _interface(key) in {"", *_EVERYWHERE}:
            yield key, value.replace("\t", " ")


def late_settings(space: Namespace, interface: str) -> Iterator[tuple[str, str]]:
    """What is set on one interface once it is there.

    >>> key = "net.ipv6.conf.eth0.disable_ipv6"
    >>> list(late_settings(Namespace(name="a", sysctls=((key, "0"),)), "eth0"))
    [('net.ipv6.conf.eth0.disable_ipv6', '0')]
    >>> list(late_settings(Namespace(name="a", sysctls=((key, "1"),)), "eth0"))
    []
    """
    for key, value in space.sysctls:
        born = _AS_BORN.get(key.rpartition(".")[2])
        if key.startswith(_OWN) and _interface(key) == interface and value != born:
            yield key, value


def _interface(key: str) -> str:
    """The interface that a setting is about, or ""; its name may have dots."""
    head, _, rest = key.partition(".conf.")
    return rest.rpartition(".")[0] if head in {"net.ipv4", "net.ipv6"} else ""

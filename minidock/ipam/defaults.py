"""The subnets that Docker cuts networks from when nobody names one.

```
LocalDefault   172.17.0.0/16 ... 172.31.0.0/16    15 networks of 65,536 addresses
               192.168.0.0/20 ... 192.168.240.0/20  16 networks of  4,096 addresses
GlobalDefault  10.0.0.0/24 ... 10.255.255.0/24  65,536 networks of    256 addresses
```

The first local one goes to ``docker0``, so a clean host has room for 30 networks. A
pool is a base and the length that it is split to; the invariant is that the length is
not shorter than the base's own.

Docker calls these *predefined* or *default address pools* (moby,
``libnetwork/ipamutils``; the daemon option ``default-address-pools`` puts others in the
place of the local ones).
"""

from hashlib import sha256
from typing import Final, NamedTuple

from minidock.net.address import V6
from minidock.net.prefix import Prefix

__all__ = ["GLOBAL_POOLS", "LOCAL_POOLS", "DefaultPool", "unique_local_pool"]


class DefaultPool(NamedTuple):
    """A base, and the prefix length of the subnets that it is split to."""

    base: Prefix
    length: int


# 172.17 to 172.31 is no prefix, so moby declares three /16 and three /14 for it.
LOCAL_POOLS: Final = (
    DefaultPool(Prefix.parse("172.17.0.0/16"), 16),
    DefaultPool(Prefix.parse("172.18.0.0/16"), 16),
    DefaultPool(Prefix.parse("172.19.0.0/16"), 16),
    DefaultPool(Prefix.parse("172.20.0.0/14"), 16),
    DefaultPool(Prefix.parse("172.24.0.0/14"), 16),
    DefaultPool(Prefix.parse("172.28.0.0/14"), 16),
    DefaultPool(Prefix.parse("192.168.0.0/16"), 20),
)

GLOBAL_POOLS: Final = (DefaultPool(Prefix.parse("10.0.0.0/8"), 24),)


def unique_local_pool(host_id: str) -> DefaultPool:
    """The IPv6 pool that a host of Docker 27 and later makes up for itself (RFC 4193).

    The host's id decides it, so a host keeps its pool, and two hosts hardly ever share
    one: fd, then the low 40 bits of the first 8 bytes of the id's SHA-256, then zeros.

    >>> base, length = unique_local_pool("one")
    >>> base.length, length, str(base).startswith("fd")
    (48, 64, True)
    >>> unique_local_pool("one") == unique_local_pool("two")
    False
    """
    digest = sha256(host_id.encode()).digest()
    global_id = int.from_bytes(digest[3:8], "big")
    return DefaultPool(Prefix(0xFD << 120 | global_id << 80, 48, V6), 64)

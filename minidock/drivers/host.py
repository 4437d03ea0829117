"""The ``host`` driver: the container stays in the host's network namespace.

```
container ═══ host namespace (eth0, docker0, lo)         no pair, no address, no NAT
```

There is one network of this kind, ``host``; a second one is refused.
"""

from dataclasses import dataclass

from minidock.drivers.base import BridgeRequest
from minidock.model.network import BridgeSettings

__all__ = ["HostDriver"]


@dataclass(frozen=True, slots=True)
class HostDriver:
    """Shares the host's interfaces, so it hands out and publishes nothing.

    >>> HostDriver().has_addresses
    False
    """

    name: str = "host"
    single: bool = True
    has_addresses: bool = False
    publishes: bool = False
    many_subnets: bool = False
    on_parent: bool = False

    def read_options(self, request: BridgeRequest) -> BridgeSettings | None:  # noqa: ARG002 - the protocol's signature
        """It has no bridge and ignores its options, as Docker does."""
        return None

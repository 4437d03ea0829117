"""The ``null`` driver: a namespace of its own with nothing but ``lo`` in it.

```
container [ lo ]                        the network is called ``none``
```

There is one network of this kind, ``none``; a second one is refused.
"""

from dataclasses import dataclass

from minidock.drivers.base import BridgeRequest
from minidock.model.network import BridgeSettings

__all__ = ["NullDriver"]


@dataclass(frozen=True, slots=True)
class NullDriver:
    """Connects a container to nothing.

    >>> NullDriver().publishes
    False
    """

    name: str = "null"
    single: bool = True
    has_addresses: bool = False
    publishes: bool = False
    many_subnets: bool = False
    on_parent: bool = False

    def read_options(self, request: BridgeRequest) -> BridgeSettings | None:  # noqa: ARG002 - the protocol's signature
        """It has no bridge and ignores its options, as Docker does."""
        return None

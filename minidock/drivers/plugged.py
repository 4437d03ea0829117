"""A network driver that a plugin is: it answers for any name that is not built in.

```
docker network create -d weave ──▶ a driver of that name? no ──▶ a plugin? PluggedDriver
```

What the plugin has to say of a network it says when it is asked (see
:mod:`minidock.commands.plugging`); here is only what holds for all of them.

Docker's name: the *remote* driver (libnetwork, ``drivers/remote``).
"""

from dataclasses import dataclass

from minidock.drivers.base import BridgeRequest
from minidock.model.plugged import PluggedNetwork

__all__ = ["PluggedDriver"]


@dataclass(frozen=True, slots=True)
class PluggedDriver:
    """The driver of a plugin's networks.

    >>> PluggedDriver("weave").has_addresses, PluggedDriver("weave").publishes
    (True, False)
    """

    name: str
    scope: str = "local"
    single: bool = False
    has_addresses: bool = True
    publishes: bool = False
    """Publishing is the plugin's affair: the engine tells it of the ports."""
    many_subnets: bool = True
    on_parent: bool = False

    def read_options(self, _request: BridgeRequest) -> PluggedNetwork:
        """Its options are the plugin's to read."""
        return PluggedNetwork(self.scope)

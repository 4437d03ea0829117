"""The programs that look names up: one table for whoever runs programs.

```
LOOKUPS["dig"](world, container, ["dig", "+short", "db"]) ─▶ Finished(stdout="172...")
```

Each is a pure function of the World, the container it runs in, and its words, of which
the first is the program's own name. `nslookup` has two faces, see its module.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from minidock.model.container import Container
from minidock.model.world import World
from minidock.runtime.dig import dig
from minidock.runtime.finished import Finished
from minidock.runtime.getent import getent
from minidock.runtime.nslookup import nslookup

__all__ = ["LOOKUPS"]

LOOKUPS: Mapping[str, Callable[[World, Container, Sequence[str]], Finished]] = (
    MappingProxyType({"dig": dig, "getent": getent, "nslookup": nslookup})
)

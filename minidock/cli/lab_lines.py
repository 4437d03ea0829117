"""How a line of a lab is run: docker's words and ours, on a host that stands already.

```
Engine ──▶ Workbench in memory ──▶ commands.run ──▶ Output
```

Invariant: a line of somebody's answer neither reads nor writes a file of this machine,
and no environment variable of it shows.
"""

from collections.abc import Sequence

from minidock.cli.answers import refused
from minidock.cli.commands import run
from minidock.cli.workbench import Workbench
from minidock.client.session import Output
from minidock.engine import Engine
from minidock.errors import InvalidParameter
from minidock.labs.stage import Runner
from minidock.registry.memory import MemoryStore

__all__ = ["lines_on"]


def lines_on(engine: Engine, others: Sequence[Engine] = ()) -> Runner:
    """What runs the words of a command line on an engine.

    Args:
        engine: the host.
        others: the other hosts of its cluster.

    >>> docker = Engine()
    >>> run_words = lines_on(docker)
    >>> run_words(["network", "create", "front"]).ok
    True
    >>> run_words(["back"])
    undone: docker network create front
    >>> run_words(["rulez"]).code
    2
    """
    era = engine.world.era.name
    bench = Workbench(MemoryStore(), era, engine=engine, others=others, files=False)

    def run_words(words: Sequence[str]) -> Output:
        if not words:
            return refused(
                InvalidParameter(
                    "there is no command in this line",
                    asked="run an empty line",
                    rule="a line is a docker or minidock command",
                    remedy="docker ps",
                ),
                2,
            )
        return run(bench, words, {})

    return run_words

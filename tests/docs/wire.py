"""The server that a page's `curl` lines talk to: minidock serve's own, on a port of its own.

```
$ curl -s http://127.0.0.1:2375/networks | python3 -m json.tool | head -5
            └── the page's address, exchanged for the real one ──┘
```

The clock moves by a second for each line, and by a little where curl waits for something
that is due; the engine draws its digits as all pages do. So a page shows the same on each
day and machine.
"""

import contextlib
import os
import shutil
import subprocess
from types import TracebackType
from typing import Self

from minidock.engine import Engine
from minidock.server.live import Live
from minidock.server.serving import serve

__all__ = ["PAGE_ADDRESS", "Wire", "has_curl"]

PAGE_ADDRESS = "127.0.0.1:2375"
"""Where `minidock serve` listens if nobody says otherwise."""


def has_curl() -> bool:
    """Whether this machine has curl at all."""
    return shutil.which("curl") is not None


class Wire:
    """A server for one page, and curl to ask it."""

    def __init__(self) -> None:
        engine = Engine()
        self._now = self._line = engine.now
        self._live = Live(engine, clock=lambda: self._now)
        self._server = serve(self._live)
        self.address = self._server.addresses[0].removeprefix("tcp://")

    def run(self, words: list[str]) -> bytes:
        """What curl prints, with the page's address in place of the real one."""
        self._line += 1_000_000_000
        self._now = max(self._now, self._line)
        asked = [word.replace(PAGE_ADDRESS, self.address) for word in words]
        # Nobody's own curl configuration, proxy or language.
        kept = {key: value for key, value in os.environ.items() if key == "PATH"}
        running = subprocess.Popen(
            [asked[0], "-q", "--max-time", "60", *asked[1:]],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=kept | {"LC_ALL": "C", "NO_PROXY": "*"},
        )
        patience = 1.5  # a busy machine is not a server that waits for its clock
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                out, err = running.communicate(timeout=patience)
                break
            self._now += 2_000_000
            patience = 0.1
        shown = out + err
        return shown.replace(self.address.encode(), PAGE_ADDRESS.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self._live.close()

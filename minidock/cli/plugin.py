"""``minidock plugin serve``: minidock's addresses and networks for another engine.

```
minidock plugin serve --socket /run/docker/plugins/minidock.sock --state FILE
   ▲                                                   │
   └── docker network create --ipam-driver minidock    └── what is handed out
```

The name of the socket's file is the plugin's name. Docker looks for it in
``/run/docker/plugins``, and for ``NAME.spec`` and ``NAME.json`` in
``/etc/docker/plugins`` and ``/usr/lib/docker/plugins``.

Invariant: once "Listening" is printed, a call is answered.
"""

import signal
import threading
from collections.abc import Sequence

from minidock.cli.arguments import Parser
from minidock.cli.terminal import Terminal
from minidock.plugin.kept import read
from minidock.plugin.listener import Desk, PluginServer
from minidock.plugin.service import State
from minidock.registry.sqlite import SqliteStore
from minidock.server.listener import listen, parse_host

__all__ = ["plugin"]


def plugin(words: Sequence[str], terminal: Terminal) -> int:
    """Serve until SIGINT or SIGTERM; the words are those after ``plugin serve``.

    Raises:
        InvalidParameter: the words do not fit, or the socket cannot be made.
        Conflict: another process serves there, or holds the state file.
    """
    parser = Parser("plugin serve", "offer minidock's IPAM and networks to an engine")
    parser.add_argument(
        "--socket", required=True, help="the Unix socket; its name is the plugin's"
    )
    parser.add_argument(
        "--state", default="", help="keep what is handed out in this file"
    )
    arguments = parser.read(words)
    if arguments is None:
        terminal.write(parser.format_help())
        return 0
    listener = listen(parse_host(f"unix://{arguments.socket}"))
    store = SqliteStore(arguments.state, alone=True) if arguments.state else None
    try:
        state = read(store) if store else State(replays=True)
        server = PluginServer(listener.socket, Desk(state, store))
        _until_told(server, terminal, arguments.socket)
    finally:
        listener.close()
        if store is not None:
            store.close()
    return 0


def _until_told(server: PluginServer, terminal: Terminal, path: str) -> None:
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    terminal.write(f"Listening on {path}\n")
    told.wait()
    server.shutdown()
    serving.join()

"""A plugin that writes down what a real engine asks of it.

``python -m tests.plugin.recorder SOCKET STATE FILE``: as ``minidock plugin serve``, and
each call becomes a line of FILE: {"method", "request", "reply"}. STATE "-" keeps nothing.
"""

import json
import sys
from pathlib import Path

from minidock.plugin.kept import read
from minidock.plugin.listener import Desk, PluginServer
from minidock.plugin.service import State
from minidock.registry.sqlite import SqliteStore
from minidock.server.listener import listen, parse_host


def main() -> None:
    path, state, out = sys.argv[1:]
    listener = listen(parse_host(f"unix://{path}"))
    store = None if state == "-" else SqliteStore(state, alone=True)
    first = State(replays=True) if store is None else read(store)

    def witness(method, data, reply):
        with Path(out).open("a", encoding="utf-8") as file:
            request = json.loads(data) if data.strip() else None
            line = {"method": method, "request": request, "reply": reply}
            file.write(json.dumps(line) + "\n")

    print("Listening", flush=True)
    PluginServer(listener.socket, Desk(first, store, witness)).serve_forever()


if __name__ == "__main__":
    main()

"""What the lab's own programs said: who reached whom, and as whom they were seen.

The lab ran small servers in every container, on the host and behind its card. Each
answers with its own name and the address of whoever asks, so a recorded answer tells
which way a packet took:

* a table of questions (``kind: table``), one row each: ``ok d2 saw 172.17.0.2``,
  ``no: timeout``, ``no: ECONNREFUSED``;
* a web server of the image ``web``: ``curl -s http://192.0.2.2/cgi-bin/ip`` prints
  ``1631dc383faf saw [::ffff:192.0.2.1]``.
"""

import json
import re

from minidock.packet.trace import Outcome
from tests.golden.minishell import Answer
from tests.golden.normalise import Difference

__all__ = ["asked", "row_difference", "serve", "start_servers"]

SERVED = {"host": 9000, "container": 80}
_CURL = re.compile(r"curl (?:-\S+ (?:\d+ )?)*http://([^/]+)/cgi-bin/ip$")
_NAMES = {"HOST": "host", "UPLINK": "outside"}
_PLACES = {"outside": "uplink"}
_NO = {
    Outcome.DROPPED: "timeout",
    Outcome.REFUSED: "ECONNREFUSED",
    Outcome.UNREACHABLE: "ENETUNREACH",
}
_TIMED_OUT, _REFUSED = 28, 7  # curl's exit codes


def start_servers(engine, step):
    """The lab's servers start in the containers that a step lists, and on the host."""
    for name in json.loads(step["stdout"]):
        for words in (["nc", "-lk"], ["nc", "-luk"]):
            line = ["exec", "-d", name, *words, "-p", str(SERVED["container"])]
            assert engine.command_line(line).ok, name
    for protocol in ("tcp", "udp"):
        engine.listen(protocol, SERVED["host"], "")


def row_difference(engine, row):
    """The difference between one row of a table and the library's answer."""
    ping = row["kind"] == "ping"
    address = f"[{row['dst']}]" if ":" in row["dst"] else row["dst"]
    target = row["dst"] if ping else f"{address}:{row['port']}/{row['kind']}"
    trace = engine.trace(_NAMES.get(row["src"], row["src"]), target)
    if trace.outcome is not Outcome.DELIVERED:
        unreachable = ping and trace.outcome is Outcome.UNREACHABLE
        ours = f"no: {'unreachable' if unreachable else _NO[trace.outcome]}"
    elif ping:
        ours = "ok"
    else:
        at_home = trace.server == engine.world.host.hostname
        place = "HOST" if at_home else _PLACES.get(trace.server, trace.server)
        ours = f"ok {place} saw {trace.seen}"
    if ours == row["result"]:
        return []
    return [Difference("answer", row["result"], f"{ours} ({trace.why})")]


def asked(command):
    """The ``host:port`` that a curl to the lab's web server asks; None for others."""
    match = _CURL.fullmatch(command)
    return match[1] if match else None


def serve(engine, source, place):
    """What curl prints that asks the lab's web server from somewhere."""
    target = place if ":" in place else f"{place}:80"
    trace = engine.trace(source, target)
    if not trace.delivered:
        refused = trace.outcome is Outcome.REFUSED
        return Answer("", "", _REFUSED if refused else _TIMED_OUT)
    world = engine.world
    container = world.containers[world.names[trace.server]]
    return Answer(f"{container.hostname} saw [::ffff:{trace.seen}]\n", "", 0)

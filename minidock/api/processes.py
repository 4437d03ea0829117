"""`docker top`: the processes of a container, as `ps` on the host shows them.

```
PID of the engine's shim ── 16559
└── 16579  the container's program        ps -ef   UID PID PPID C STIME TTY TIME CMD
└── 16653  each exec that runs            ps aux   USER PID %CPU %MEM VSZ RSS ...
                                          ps -o    the columns that were asked for
```

The engine runs the host's `ps` and keeps the lines of the container's processes, so
what it is given are that program's options. They must leave the column PID.

Docker's source: moby, ``daemon/top_unix.go``.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from typing import NamedTuple

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.commands.containers import container_event
from minidock.commands.lookup import find_container
from minidock.commands.refusals import not_running
from minidock.errors import Conflict, InvalidParameter, Unclassified
from minidock.host.listening import main_words
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.model.world import World
from minidock.views.durations import timestamp

__all__ = ["Running", "processes_of", "top"]

_SECOND = 1_000_000_000
_SHIM = 20
"""How far below a container's process its engine's shim is."""


class Running(NamedTuple):
    """One process of a container, as the host sees it."""

    pid: int
    parent: int
    user: str
    command: str
    started: int
    terminal: bool
    now: int

    @property
    def name(self) -> str:
        """The program's name, without folder and arguments."""
        return self.command.split(" ")[0].rpartition("/")[2]

    @property
    def age(self) -> int:
        """For how many seconds it has been running."""
        return max(self.now - self.started, 0) // _SECOND


def processes_of(world: World, container: Container, now: int) -> tuple[Running, ...]:
    """The container's program, and those of its execs that run, oldest first."""
    state = container.state
    parent = state.pid - _SHIM
    user = container.config.text("User").partition(":")[0] or "root"
    words = list(main_words(world, container))
    terminal = container.config.flag("Tty")
    command = _executed(words)
    found = [Running(state.pid, parent, user, command, state.started, terminal, now)]
    for exec_id in container.execs:
        instance = world.execs.get(exec_id)
        if instance is None or not instance.running:
            continue
        config = instance.config
        found.append(
            Running(
                instance.pid,
                parent,
                config.text("User").partition(":")[0] or user,
                _executed(list(config.texts("Cmd"))),
                state.started,
                config.flag("Tty"),
                now,
            )
        )
    return tuple(found)


_AT_ONCE = re.compile(
    r"\s*(echo|printf|true|:|touch|mkdir|cd|export|set|test)\b([^&|]|>&\d)*"
)
_PLAIN = re.compile(r"\s*[\w./-]+( [\w./:=,@%+-]+)*\s*")


def _executed(words: list[str]) -> str:
    """What a shell has become: ``sh -c`` replaces itself by its last command."""
    if words[1:2] == ["-c"] and len(words) == 3:
        *before, last = words[2].split(";")
        if _PLAIN.fullmatch(last) and all(_AT_ONCE.fullmatch(one) for one in before):
            return last.strip()
    return " ".join(words)


# --- columns --------------------------------------------------------------------------


def _clock(process: Running) -> str:
    return timestamp(process.started)[11:16]


def _elapsed(process: Running) -> str:
    minutes, seconds = divmod(process.age, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    text = f"{minutes:02d}:{seconds:02d}"
    if days or hours:
        text = f"{hours:02d}:{text}"
    return f"{days}-{text}" if days else text


_COLUMNS: Mapping[str, tuple[str, Callable[[Running], str]]] = {
    "pid": ("PID", lambda process: str(process.pid)),
    "ppid": ("PPID", lambda process: str(process.parent)),
    "uid": ("UID", lambda process: process.user),
    "user": ("USER", lambda process: process.user),
    "c": ("C", lambda _: "0"),
    "stime": ("STIME", _clock),
    "start": ("START", _clock),
    "tty": ("TTY", lambda process: "pts/0" if process.terminal else "?"),
    "time": ("TIME", lambda _: "00:00:00"),
    "bsdtime": ("TIME", lambda _: "0:00"),
    "etime": ("ELAPSED", _elapsed),
    "etimes": ("ELAPSED", lambda process: str(process.age)),
    "stat": ("STAT", lambda process: "Ss+" if process.terminal else "Ss"),
    "pcpu": ("%CPU", lambda _: "0.0"),
    "pmem": ("%MEM", lambda _: "0.0"),
    "vsz": ("VSZ", lambda process: str(2000 + 4 * (len(process.command) + 55))),
    "rss": ("RSS", lambda process: str(1000 + 4 * (len(process.name) + 80))),
    "ni": ("NI", lambda _: "0"),
    "pgid": ("PGID", lambda process: str(process.pid)),
    "sid": ("SID", lambda process: str(process.pid)),
    "comm": ("COMMAND", lambda process: process.name[:15]),
    "args": ("COMMAND", lambda process: process.command),
    "cmd": ("CMD", lambda process: process.command),
}
_ALIASES = {
    "%cpu": "pcpu", "%mem": "pmem", "command": "args", "ucmd": "comm", "tname": "tty",
    "tt": "tty", "euser": "user", "uname": "user", "vsize": "vsz", "nice": "ni",
    "state": "stat", "s": "stat", "cputime": "time", "start_time": "stime",
}  # fmt: skip

_FULL = "uid pid ppid c stime tty time cmd".split()
_USERS = "user pid pcpu pmem vsz rss tty stat start bsdtime args".split()
_SHORT = "pid tty time cmd".split()
_STATES = "pid tty stat bsdtime args".split()


def _columns(options: str) -> list[str]:
    """The columns that `ps` shows with these options."""
    try:
        words = shlex.split(options)
    except ValueError:
        words = options.split()
    asked: list[str] = []
    letters = ""
    for place, word in enumerate(words):
        if word in {"-o", "o", "-eo", "eo", "axo", "-axo"}:
            asked += ",".join(words[place + 1 : place + 2]).split(",")
        elif word.startswith("-o"):
            asked += word[2:].split(",")
        elif place and words[place - 1].endswith("o"):
            continue
        else:
            letters += word
    if asked:
        return _known(asked)
    if re.search(r"[^-a-zA-Z ]|--", letters):
        raise _failed(options)
    if "u" in letters:
        return _USERS
    if "f" in letters:
        return _FULL
    return _STATES if "x" in letters else _SHORT


def _known(asked: list[str]) -> list[str]:
    names = []
    for word in asked:
        name, renamed, _ = word.strip().lower().partition("=")
        if renamed:
            raise InvalidParameter(
                f'specifying "{word}" is not allowed',
                asked=f"ps -o {word}",
                rule="the engine finds the processes by the name of a column",
                remedy=f"ps -o {name}",
            )
        name = _ALIASES.get(name, name)
        if name not in _COLUMNS:
            raise _failed(f"-o {word}")
        names.append(name)
    if "pid" not in names:
        raise Unclassified(
            "Couldn't find PID field in ps output",
            asked="ps -o " + ",".join(asked),
            rule="a container's processes are found by their PID",
            remedy="ps -o pid," + ",".join(asked),
        )
    return names


def _failed(options: str) -> Unclassified:
    return Unclassified(
        "ps: exit status 1",
        asked=f"ps {options}",
        rule="the host's ps does not know these options",
        remedy="-ef, aux, or -o pid,user,args",
    )


def top(call: Call) -> Answer:
    """GET /containers/{id}/top?ps_args=-ef."""
    container = find_container(call.world, call.words["id"])
    if not container.state.active:
        asked = f"list the processes of {container.name}"
        raise not_running(call.world, container, asked)
    if container.state.status == "restarting":
        raise Conflict(
            f"Container {container.id} is restarting, wait until the container is "
            "running",
            asked=f"list the processes of {container.name}",
            rule="there is no process between two runs",
            remedy=f"docker wait {container.name}",
        )
    columns = _columns(call.query.get("ps_args") or "-ef")
    titles: list[Json] = [_COLUMNS[name][0] for name in columns]
    rows: list[Json] = []
    for process in processes_of(call.world, container, call.now):
        row: list[Json] = [_COLUMNS[name][1](process) for name in columns]
        rows.append(row)
    return Answer(
        world=call.world,
        response=Response(body={"Processes": rows, "Titles": titles}),
        events=(container_event("top", container, call.now),),
    )

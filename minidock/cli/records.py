"""What was made on this computer, noted so that only that is removed again.

```
/run/minidock/PREFIX.json
├── spaces    name ─▶ the number of the namespace it led to
├── server    a process: its number, and when it started
└── owner     the process that will remove it, or none
```

Names of namespaces and numbers of processes are used again by others. So a name counts
only while it leads to the namespace that was noted, and a process while it started at
the moment that was noted.

Invariant: a record is replaced as a whole, so a reader finds the old one or the new.
"""

import json
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic, sleep

from minidock.cli.netns import NETNS

__all__ = [
    "Record",
    "RecordedProcess",
    "end",
    "numbers_of",
    "recorded",
    "still_there",
]

_RECORDS = Path("/run/minidock")
"""Empty after a start of the computer, as is the list of namespaces."""

_TRIES = 1000
_PATIENCE = 5.0  # seconds until a process that was asked to end is made to


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedProcess:
    """A process, told from a later one with its number by when it started."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "RecordedProcess":
        """The process that has this number now."""
        return cls(pid=pid, started=_started(pid))

    @property
    def runs(self) -> bool:
        """Whether it is still the same process."""
        return self.started > 0 and _started(self.pid) == self.started


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was made under a prefix: namespaces with their numbers, and a server."""

    prefix: str
    spaces: dict[str, int] = field(default_factory=dict)
    server: RecordedProcess | None = None
    owner: RecordedProcess | None = None
    """Who will remove it; None where somebody else has to."""

    @property
    def path(self) -> Path:
        """The file that holds the record."""
        return _RECORDS / f"{self.prefix}.json"

    def write(self) -> "Record":
        """Keep it for whoever comes later."""
        text = json.dumps(asdict(self))
        for _ in range(_TRIES):
            # Somebody who removes the last record removes the folder with it, at any
            # moment; pathlib then may say that it exists, or that it does not.
            with suppress(FileNotFoundError, FileExistsError):
                _RECORDS.mkdir(mode=0o755, exist_ok=True)
                draft = self.path.with_suffix(f".{os.getpid()}")
                draft.write_text(text, encoding="ascii")
                draft.replace(self.path)
                return self
        raise NotADirectoryError(f"cannot keep a record in {_RECORDS}")


def recorded(prefix: str) -> Record | None:
    """What stands under a prefix according to its record, or None."""
    try:
        found = json.loads((_RECORDS / f"{prefix}.json").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    server, owner = found["server"], found["owner"]
    return Record(
        prefix=prefix,
        spaces=found["spaces"],
        server=RecordedProcess(**server) if server else None,
        owner=RecordedProcess(**owner) if owner else None,
    )


def numbers_of(names: Sequence[str]) -> dict[str, int]:
    """The namespaces that these names lead to, but for those that lead nowhere."""
    found = {}
    for name in names:
        with suppress(OSError):
            found[name] = (NETNS / name).stat().st_ino
    return found


def still_there(record: Record) -> dict[str, int]:
    """Those of its namespaces whose names still lead to them."""
    found = numbers_of(list(record.spaces))
    return {name: n for name, n in found.items() if n == record.spaces[name]}


def end(process: RecordedProcess) -> None:
    """End a process of ours; when this returns it is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        limit = monotonic() + _PATIENCE
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
        while process.runs and monotonic() < limit:
            with suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)
            sleep(0.002)
        if not process.runs:
            return


def _started(pid: int) -> int:
    """When a process started, in ticks since the computer did; 0 for a dead one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    words = text.rpartition(")")[2].split()  # the name before may contain anything
    return 0 if words[0] in "ZX" else int(words[19])

"""The process in which a Python answer runs: what it is given, and how it is ended.

```
ask ──▶ folder/ask.json ──▶ python -c ... folder ──▶ folder/told, a line for each
          setup, answer,      main: tell() of program.py     expression that was asked
          expressions         at most 5 s of work, 1 GB
```

An answer is somebody's program: it runs with the rights of who checks it. The process
keeps mistakes apart, not malice.

Invariant: the process, and what it started, is over before anything is told of one that
took too long.
"""

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from minidock.labs.lab import Evaluated
from minidock.labs.program import Stumble, Told, tell

__all__ = ["ask", "main"]

_PATIENCE = 4
"""On a busy machine a second of work takes longer; a sleep is no work at all."""
_MEMORY = 1 << 30
_TOO_LONG = -getattr(signal, "SIGXCPU", 0) or None
_BOOT = "import sys; from minidock.labs.process import main; main(sys.argv[1])"


def ask(
    setup: str, answer: str, expressions: Sequence[Evaluated], limit: float
) -> Stumble | list[Told]:
    """What a process told until it ended, or had to be ended.

    The last of what is told may say that it had to be ended, and then there are fewer
    than were asked.

    Args:
        setup: Python that runs first.
        answer: the answer's text.
        expressions: what it is asked.
        limit: seconds of work for loading it, and for each expression.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        asked = {
            "setup": setup,
            "answer": answer,
            "expressions": [asdict(one) for one in expressions],
            "limit": limit,
        }
        Path(folder, "ask.json").write_text(json.dumps(asked), encoding="utf-8")
        ending = _run_process(folder, limit)
        lines = _told_in(folder)
    if not lines:
        return Stumble(0, f"it {ending} before its last line was run")
    first, *rest = lines
    if isinstance(first, Stumble):
        return first
    told = [one for one in rest if isinstance(one, Told)]
    if len(told) < len(expressions):
        expression = expressions[len(told)].expression.strip()
        told.append(Told(ok=False, seen=f"{expression}: it {ending}"))
    return told


def _run_process(folder: str, limit: float) -> str:
    """Start it and wait until it ends, or stands still for too long; how it ended."""
    process = subprocess.Popen(  # noqa: S603 - this Python, and a line of ours
        [sys.executable, "-P", "-c", _BOOT, folder],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    told = Path(folder, "told")
    size, since = -1, time.monotonic()
    pause = 0.005
    while process.poll() is None:
        now = told.stat().st_size if told.exists() else -1
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > _PATIENCE * limit:
            _end(process)
            return f"did not end within {limit:g} seconds"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(pause)
        pause = min(pause * 2, 0.1)
    if process.returncode == _TOO_LONG:
        return f"did not end within {limit:g} seconds"
    return f"ended the program ({_status(process.returncode)})"


def _status(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The process and what it started are over."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _environment() -> dict[str, str]:
    """As little as Python needs; the same order of a set's elements each time."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    # ours may be found by way of the folder that we were started in
    ours = str(Path(__file__).absolute().parents[2])
    path = [ours, *(str(Path(entry).absolute()) for entry in sys.path)]
    return {
        **found,
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }


def _told_in(folder: str) -> list[Stumble | Told | None]:
    try:
        text = Path(folder, "told").read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
    except (OSError, ValueError):
        return []
    return [_read(line) for line in lines]


def _read(line: list[object] | None) -> Stumble | Told | None:
    match line:
        case [bool(ok), str(seen)]:
            return Told(ok, seen)
        case [int(number), str(said)]:
            return Stumble(number, said)
    return None


def main(folder: str) -> None:
    """What the process does."""
    asked = json.loads(Path(folder, "ask.json").read_text(encoding="utf-8"))
    expressions = [Evaluated(**one) for one in asked["expressions"]]
    _bound(asked["limit"])
    with Path(folder, "told").open("w", encoding="utf-8") as out:
        for one in tell(asked["setup"], asked["answer"], expressions):
            out.write(json.dumps(one) + "\n")
            out.flush()
            _bound(asked["limit"])
    os._exit(0)  # whatever threads the answer has left


def _bound(limit: float) -> None:
    """From now on, only so many seconds of work, and so much memory."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        until = math.ceil(time.process_time() + limit)
        for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, until)):
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))

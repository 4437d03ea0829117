"""A machine that stands on this computer: build it, and leave nothing behind.

```
 plan ──▶ built(plan) ── waves of commands ──▶ servers ──▶ up
              │ a failure, Ctrl-C, SIGTERM, SIGHUP            │ the end of the block
              └──────────────▶ removed(record) ◀──────────────┘
                                    ▲
 /run/minidock/PREFIX.json ─────────┘   what was made, for a later `--remove --apply`
```

Invariants: only namespaces that this module made are ever touched: it makes them under
names that nobody had, notes which namespace each name led to, and removes a name only
while it still leads there. The processes that it starts are the server, which it knows
by number and time of start, and commands that it waits for. Needs root.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import which

from minidock.cli.netns import NETNS, within
from minidock.cli.records import (
    Record,
    RecordedProcess,
    end,
    numbers_of,
    recorded,
    still_there,
)
from minidock.errors import Conflict, Forbidden, NotFound, Unclassified
from minidock.views.linux_command import Command
from minidock.views.linux_plan import Plan

__all__ = [
    "Record",
    "RecordedProcess",
    "check_computer",
    "recorded",
    "removed",
    "standing",
]

_PROGRAMS = ("ip", "bridge", "sysctl", "iptables-restore", "ip6tables-restore")
_ROOT = Path(__file__).resolve().parents[2]
_SERVE = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from minidock.cli.listeners import main; main()"
)


def check_computer(asked: str) -> None:
    """Refuse where nothing can be built: without root, Linux, or its programs.

    Raises:
        Forbidden: something is missing; the text says what.
    """
    reason, remedy = _missing()
    if reason:
        raise Forbidden(
            f"cannot build on this computer: {reason}",
            asked=asked,
            rule="network namespaces, bridges and rules are made by root, with ip, "
            "sysctl and iptables-restore",
            remedy=remedy,
        )


def _missing() -> tuple[str, str]:
    if sys.platform != "linux":
        return "it does not run Linux", "a Linux, such as a virtual machine"
    if os.geteuid():
        return "you are not root", "sudo, or minidock linux to only see the commands"
    for program in _PROGRAMS:
        if which(program) is None:
            return f"there is no {program}", "install iproute2, procps and iptables"
    if not Path("/proc/sys/net/bridge").exists():
        return "br_netfilter is not loaded", "modprobe br_netfilter"
    return "", ""


# --- build ----------------------------------------------------------------------------


@contextmanager
def standing(plan: Plan, *, stay: bool = False) -> Iterator[list[str]]:
    """Build a plan for the time of a block; gives what the servers could not do.

    Args:
        plan: what to build.
        stay: leave it standing unless building fails; :func:`removed` ends it.

    Raises:
        Conflict: one of its names is taken.
        Unclassified: a command failed; everything is removed again.
    """
    record = _claimed(plan, stay=stay)
    server = None
    done = False
    with _stopped_by_signals():
        try:
            server = _Server()
            yield _built(plan, record, server, stay=stay)
            done = True
        finally:
            removing = not (stay and done)
            if removing:
                _surely_removed(record)
            if server is not None:
                server.hang_up()
            if server is not None and removing:
                server.bury()


def _surely_removed(record: Record) -> None:
    """Remove it even if the one signal that interrupts us comes only now."""
    try:
        with _deaf():
            removed(recorded(record.prefix) or record)
    except KeyboardInterrupt:
        with _deaf():
            removed(recorded(record.prefix) or record)


def _claimed(plan: Plan, *, stay: bool) -> Record:
    """A record with this prefix, which nobody else has now."""
    old = recorded(plan.prefix)
    if old is not None and (still_there(old) or (old.owner and old.owner.runs)):
        raise Conflict(
            f"a machine stands under the prefix {plan.prefix} already",
            asked=f"build namespaces called {plan.prefix}",
            rule="a prefix is used once at a time",
            remedy=f"minidock linux --remove --apply --prefix {plan.prefix}, or "
            "another --prefix",
        )
    taken = [name for name in plan.names if (NETNS / name).exists()]
    if taken:
        raise Conflict(
            f"there is a network namespace {taken[0]} already",
            asked=f"build namespaces called {plan.prefix}",
            rule="what somebody else made is left alone",
            remedy="another --prefix",
        )
    owner = None if stay else RecordedProcess.of(os.getpid())
    return Record(prefix=plan.prefix, owner=owner).write()


def _built(plan: Plan, record: Record, server: "_Server", *, stay: bool) -> list[str]:
    record = replace(record, server=RecordedProcess.of(server.pid)).write()
    record = _with_names(plan, record, plan.names_command)
    for wave in plan.waves:
        _run_wave(wave)
    return server.serve(plan, stay=stay)


def _with_names(plan: Plan, record: Record, command: Command) -> Record:
    """Make the namespaces; those that were made before a failure are noted, too."""
    with _deaf():  # the program stops at the first failure, and no signal stops it
        done = _ran(command)
        failed = re.search(r"Command failed -:(\d+)", done.stderr)
        count = int(failed[1]) - 1 if failed else 0
        made = plan.names[:count] if done.returncode else plan.names
        record = replace(record, spaces=numbers_of(made)).write()
    _check(command, done)
    return record


def _run_wave(wave: Sequence[Sequence[Command]]) -> None:
    """Run the chains side by side; the first failure is raised when all have ended."""
    if len(wave) < 2:
        for chain in wave:
            _run_chain(chain)
        return
    with ThreadPoolExecutor(max_workers=4) as pool:
        for outcome in [pool.submit(_run_chain, chain) for chain in wave]:
            outcome.result()


def _run_chain(chain: Sequence[Command]) -> None:
    if chain:
        within(chain[0].netns, partial(_run_all, chain))


def _run_all(chain: Sequence[Command]) -> None:
    for command in chain:
        _run(command)


def _run(command: Command) -> None:
    """Run a command in the namespace in which this thread is."""
    _check(command, _ran(command))


def _ran(command: Command) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - words of our own, and no shell
        [command.program, *shlex.split(command.words)],
        input=command.text,
        capture_output=True,
        text=True,
        check=False,
    )


def _check(command: Command, done: "subprocess.CompletedProcess[str]") -> None:
    if done.returncode:
        raise _failed(command, done.stderr.strip() or f"code {done.returncode}")


def _failed(command: Command, said: str) -> Unclassified:
    return Unclassified(
        f"a command failed: {said}",
        asked=str(command).replace("\n", "\n        "),
        rule="what cannot be built completely is removed again",
        remedy="look at what the kernel said; minidock linux prints all commands",
    )


# --- the servers ----------------------------------------------------------------------


class _Server:
    """The program that plays everybody who listens; it ends when we hang up."""

    def __init__(self) -> None:
        theirs, ours = os.pipe()
        reading, writing = os.pipe()
        files = [(os.POSIX_SPAWN_DUP2, theirs, 0), (os.POSIX_SPAWN_DUP2, writing, 1)]
        # Without site-packages Python starts in half the time, and needs none here.
        words = [sys.executable, "-I", "-S", "-c", _SERVE, str(_ROOT)]
        try:
            self.pid = os.posix_spawn(
                sys.executable,
                words,
                dict(os.environ),
                file_actions=files,
                setsid=True,  # so that Ctrl-C is for us to answer
            )
        finally:
            os.close(theirs)
            os.close(writing)
            self._asking = os.fdopen(ours, "w", encoding="utf-8")
            self._answers = os.fdopen(reading, encoding="utf-8")

    def serve(self, plan: Plan, *, stay: bool) -> list[str]:
        """Say whom to play, wait until it is ready; what it could not do."""
        asked = {"servers": [list(item) for item in plan.servers], "stay": stay}
        try:
            self._asking.write(json.dumps(asked) + "\n")
            self._asking.flush()
        except BrokenPipeError:
            pass  # then it says nothing, which is answered below
        line = self._answers.readline()
        self._answers.close()
        if not line:
            raise Unclassified(
                "the servers did not start",
                asked="let somebody listen in the namespaces",
                rule="a server says when it is ready",
                remedy="look at what it printed above",
            )
        return [str(note) for note in json.loads(line)["notes"]]

    def hang_up(self) -> None:
        """Close our ends of the pipes."""
        with suppress(BrokenPipeError):
            self._asking.close()
        self._answers.close()

    def bury(self) -> None:
        """Take note that it has ended, so that its number becomes free."""
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


# --- remove ---------------------------------------------------------------------------


def removed(record: Record) -> list[str]:
    """Remove what a record says, as far as it is still there; the names removed.

    Raises:
        ExceptionGroup: some of it would not go; everything else is gone.
    """
    faults: list[Exception] = []
    if record.server is not None and record.server.runs:
        end(record.server)
    names = list(still_there(record))
    text = "".join(f"netns delete {name}\n" for name in names)
    if names:
        try:
            _run(Command("", "ip", "-force -batch -", text))
        except Unclassified as fault:
            faults.append(fault)
    if not faults:
        record.path.unlink(missing_ok=True)
        with suppress(OSError):
            record.path.parent.rmdir()
        return names
    raise ExceptionGroup(f"cannot remove all of {record.prefix}", faults)


def nothing_recorded(prefix: str) -> NotFound:
    """The refusal to remove what was never built."""
    return NotFound(
        f"nothing stands under the prefix {prefix}",
        asked=f"remove the namespaces called {prefix}",
        rule="only what minidock linux --apply made is removed",
        remedy="ip netns list, and --prefix",
    )


# --- signals --------------------------------------------------------------------------

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Turn the first signal that ends a program into an exception; ignore more."""
    caught: list[int] = []

    def stop(number: int, _: object) -> None:
        caught.append(number)
        if len(caught) == 1:
            raise KeyboardInterrupt(signal.Signals(number).name)

    try:
        before = [(number, signal.signal(number, stop)) for number in _ENDING]
    except ValueError:  # only the main thread may listen; another one leaves it alone
        before = []
    try:
        yield
    finally:
        for number, old in before:
            signal.signal(number, old)


@contextmanager
def _deaf() -> Iterator[None]:
    """Hear signals only when the block is over; nor do programs started in it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

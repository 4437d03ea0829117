"""What a simulated container can run: small programs that answer from the World.

```
docker exec web cat /etc/hosts ──▶ run_program ──▶ Run(output, code, files)
docker exec -d web nc -lk -p 9 ──▶ run_program ──▶ Run(running)
docker run busybox true        ──▶ main_program ─▶ Run, or None: nothing is known of it
```

Nothing is executed. A program is a function of its process (process.py); one that the
table does not know runs on for ever as a container's main program, and is "not found"
in an exec.

Which programs a container has depends on its image: one that holds a single program
and nothing else (``FROM scratch``) has no shell and no tools. All others have all.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from minidock.host.listening import main_words
from minidock.host.opening import opens
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.hosts import hostname_file
from minidock.naming.links import link_variables
from minidock.packet.journey import journey as walked
from minidock.runtime.awk import AWK
from minidock.runtime.basics import BASICS
from minidock.runtime.conditions import CONDITIONS
from minidock.runtime.files import files_of
from minidock.runtime.finished import Finished, Run
from minidock.runtime.folders import FOLDERS
from minidock.runtime.lines import LINES
from minidock.runtime.lookups import LOOKUPS
from minidock.runtime.netprograms import LISTENERS, NETWORK
from minidock.runtime.patterns import PATTERNS
from minidock.runtime.printing import PRINTING
from minidock.runtime.process import (
    FOREVER,
    INTERRUPTED,
    Journey,
    Process,
    Program,
    Result,
)
from minidock.runtime.readers import READINGS
from minidock.runtime.sed import SED
from minidock.runtime.shell import shell
from minidock.runtime.shell_commands import CTRL_C
from minidock.runtime.sorting import SORTING
from minidock.runtime.starters import STARTERS

__all__ = ["Finished", "Run", "environment", "main_program", "run_program"]

_JOURNEY: Journey = partial(walked, as_programs_do=True)
"""How programs reach others: through the packet model."""

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PROMPT_PATIENCE = 60.0
"""How many seconds `docker run` waits for the program before it is left running."""
_SHELLS = dict.fromkeys(("ash", "bash", "dash", "sh"), shell)


def _lookup(process: Process) -> Finished:
    """A program that asks name servers."""
    return LOOKUPS[process.name](process.world, process.container, process.words)


_LOOKUPS: dict[str, Program] = dict.fromkeys(LOOKUPS, _lookup)

_PROGRAMS: dict[str, Program] = {
    **AWK,
    **BASICS,
    **CONDITIONS,
    **FOLDERS,
    **LINES,
    **LISTENERS,
    **NETWORK,
    **PATTERNS,
    **PRINTING,
    **READINGS,
    **SED,
    **SORTING,
    **STARTERS,
    **_SHELLS,
    **_LOOKUPS,
}


def environment(
    world: World,
    container: Container,
    extra: Sequence[str] = (),
    *,
    terminal: bool | None = None,
) -> list[str]:
    """The variables of a program in a container, in Docker's order.

    PATH, HOSTNAME, TERM with a terminal, the variables of links, then the container's
    own, and HOME; a later setting of a name takes the earlier one's place.
    """
    lines = [_PATH, f"HOSTNAME={hostname_file(world, container).strip()}"]
    if container.config.flag("Tty") if terminal is None else terminal:
        lines.append("TERM=xterm")
    lines += link_variables(world, container)
    merged: dict[str, str] = {}
    for entry in [*lines, *container.config.texts("Env"), *extra]:
        name, equals, value = entry.partition("=")
        if equals:
            merged[name] = value
    home = "/root" if container.config.text("User") in {"", "0", "root"} else "/"
    merged.setdefault("HOME", home)
    return [f"{name}={value}" for name, value in merged.items()]


def _known(world: World, container: Container) -> frozenset[str]:
    image = world.images.get(container.image_id)
    return frozenset() if image is not None and image.bare else _ALL


_ALL = frozenset(_PROGRAMS)


def _start(process: Process) -> Finished | None:
    """Run the program that the words name; None where the container has none such."""
    name = process.name
    folder = process.words[0].rpartition("/")[0]
    if name not in process.knows or folder not in _FOLDERS:
        return None
    return _PROGRAMS[name](process)


_FOLDERS = frozenset(
    "bin sbin usr/bin usr/sbin usr/local/bin usr/local/sbin".split()
) | {""}
_FOLDERS |= {f"/{folder}" for folder in _FOLDERS if folder}


def _process(
    world: World,
    container: Container,
    words: Sequence[str],
    *,
    patience: float,
    now: int,
    journey: Journey,
) -> Process:
    pairs = (line.partition("=") for line in environment(world, container))
    return Process(
        world=world,
        container=container,
        words=tuple(words),
        environment=tuple((name, value) for name, _, value in pairs),
        files=files_of(world, container),
        start=_start,
        knows=_known(world, container),
        journey=journey,
        patience=patience,
        now=now,
        user=container.config.text("User"),
    )


def _run(process: Process, finished: Finished) -> Run:
    """What is seen of a program by somebody with this process's patience."""
    files = process.files
    seconds = 0.0
    if isinstance(finished, Result):
        files, seconds = finished.files or files, finished.seconds
    written = tuple(files.written.items())
    plain = Finished(stdout=finished.stdout, stderr=finished.stderr, code=finished.code)
    if seconds > process.patience:
        return Run(finished=plain, running=True, files=written)
    if seconds == FOREVER:
        plain = replace(plain, stderr=plain.stderr + CTRL_C, code=INTERRUPTED)
    return Run(finished=plain, files=written)


def run_program(
    world: World,
    container: Container,
    words: Sequence[str],
    *,
    extra_env: Sequence[str] = (),
    detached: bool = False,
    folder: str = "",
    user: str = "",
    terminal: bool = False,
    now: int = 0,
    journey: Journey = _JOURNEY,
) -> Run:
    """Run a program in a running container, as `docker exec` does.

    A program that never ends is ended as with Ctrl-C, unless the exec is detached: then
    it goes on.
    """
    process = _process(
        world,
        container,
        words,
        patience=0 if detached else FOREVER,
        now=now,
        journey=journey,
    )
    lines = environment(world, container, extra_env, terminal=terminal)
    pairs = (line.partition("=") for line in lines)
    process = replace(
        process,
        environment=tuple((name, value) for name, _, value in pairs),
        files=files_of(world, container, folder),
        user=user or process.user,
        executed=tuple(words),
    )
    finished = _start(process)
    if finished is None and detached and process.knows and opens(words):
        finished = Result(seconds=FOREVER)
    if finished is None:
        finished = Finished(
            stdout=(
                "OCI runtime exec failed: exec failed: unable to start container "
                f'process: exec: "{words[0]}": executable file not found in $PATH: '
                "unknown\r\n"
            ),
            code=126,
        )
    return _run(process, finished)


def main_program(
    world: World,
    container: Container,
    *,
    now: int = 0,
    journey: Journey = _JOURNEY,
) -> Run | None:
    """What the container's own program did; None where nothing is known of it.

    A shell without a script would read what somebody types, so it runs on.
    """
    words = main_words(world, container)
    name = words[0].rpartition("/")[2]
    if name not in _ALL or (name in _SHELLS and len(words) == 1):
        return None
    process = _process(
        world,
        container,
        words,
        patience=_PROMPT_PATIENCE if container.config.flag("AttachStdout") else 0,
        now=now,
        journey=journey,
    )
    finished = _start(process)
    return None if finished is None else _run(process, finished)

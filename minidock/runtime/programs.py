"""What a simulated container can run: small programs that answer from the World.

```
docker exec web cat /etc/hosts ──▶ begin ──▶ Finished(output, code)
docker exec web sleep 5        ──▶ begin ──▶ Paused(rest, due) ──▶ wake ──▶ Finished
docker run nginx               ──▶ begin_main ──▶ None: nothing is known of it
```

Nothing is executed. A program is a function of its process (process.py); one that the
table does not know runs on for ever as a container's main program, and is "not found"
in an exec.

Which programs a container has depends on its image: one that holds a single program
and nothing else (``FROM scratch``) has no shell and no tools. All others have all.

``run_program`` is for somebody who wants the whole of it at once: it lets the program's
own time go on, in a World that stays as it is.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from minidock.host.listening import main_words
from minidock.host.opening import opens
from minidock.model.container import Container
from minidock.model.document import Document
from minidock.model.image import Image
from minidock.model.program import Program as Waiting
from minidock.model.world import World
from minidock.naming.hosts import hostname_file
from minidock.naming.links import link_variables
from minidock.packet.journey import journey as walked
from minidock.runtime.awk import AWK
from minidock.runtime.basics import BASICS
from minidock.runtime.binding import collision
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
    INTERRUPTED,
    Continuation,
    Journey,
    Paused,
    Process,
    Program,
    Result,
)
from minidock.runtime.readers import READINGS
from minidock.runtime.sed import SED
from minidock.runtime.shell_sessions import shell
from minidock.runtime.sorting import SORTING
from minidock.runtime.starters import STARTERS
from minidock.runtime.waiting import CTRL_C, Never, run

__all__ = [
    "Finished",
    "Run",
    "begin",
    "begin_main",
    "environment",
    "is_missing",
    "programs_of",
    "run_program",
    "wake",
]

_JOURNEY: Journey = partial(walked, as_programs_do=True)
"""How programs reach others: through the packet model."""

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MOST_WAKES = 1000
"""How often a program is woken for somebody who wants the whole of it at once."""
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


def _pairs(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    parts = (line.partition("=") for line in lines)
    return tuple((name, value) for name, _, value in parts)


def programs_of(world: World, container: Container) -> frozenset[str]:
    """The names of the programs that a container has; those of its own apart."""
    image = world.images.get(container.image_id)
    return frozenset() if image is not None and image.bare else _ALL


_ALL = frozenset(_PROGRAMS)


def _start(process: Process) -> Finished | None:
    """Run the program that the words name; None where the container has none such."""
    name = process.name
    folder = process.words[0].rpartition("/")[0]
    if name not in process.knows or folder not in _FOLDERS:
        return None
    return run(process, _PROGRAMS[name])


_FOLDERS = frozenset(
    "bin sbin usr/bin usr/sbin usr/local/bin usr/local/sbin".split()
) | {""}
_FOLDERS |= {f"/{folder}" for folder in _FOLDERS if folder}


def _process(
    world: World,
    container: Container,
    words: Sequence[str] = (),
    *,
    now: int,
    journey: Journey = _JOURNEY,
) -> Process:
    return Process(
        world=world,
        container=container,
        words=tuple(words),
        files=files_of(world, container),
        start=_start,
        knows=programs_of(world, container),
        journey=journey,
        now=now,
        user=container.config.text("User"),
    )


def begin(
    world: World,
    container: Container,
    config: Document,
    *,
    now: int = 0,
    watched: bool = True,
    journey: Journey = _JOURNEY,
) -> Finished:
    """Begin a program in a running container, as `docker exec` does.

    ``config`` is what the exec was created with: Cmd, Env, WorkingDir, User, Tty and
    AttachStdin.
    """
    words, terminal = config.texts("Cmd"), config.flag("Tty")
    lines = environment(world, container, config.texts("Env"), terminal=terminal)
    process = _process(world, container, words, now=now, journey=journey)
    process = replace(
        process,
        environment=_pairs(lines),
        files=files_of(world, container, config.text("WorkingDir")),
        user=config.text("User") or process.user,
        executed=words,
        watched=watched,
        terminal=terminal,
        open=terminal or (config.flag("AttachStdin") and watched),
    )
    finished = _start(process)
    if finished is None and not watched and process.knows and opens(words):
        finished = Paused(rest=Never(), note=CTRL_C)
    return finished or Finished(
        stdout=(
            "OCI runtime exec failed: exec failed: unable to start container "
            f'process: exec: "{words[0]}": executable file not found in $PATH: '
            "unknown\r\n"
        ),
        code=126,
    )


def is_missing(world: World, container: Container) -> bool:
    """Whether the container certainly does not have its own program.

    That is known of images that are systems of tools (their own program is a shell):
    what is neither a known tool nor a known server is not there. Other images may have
    brought any program along.
    """
    image = world.images.get(container.image_id)
    if image is not None and image.bare and image.whole:
        there = files_of(world, container).read(container.path)
        return "/" not in container.path or there is None
    if image is None or image.bare or container.path in _own(image):
        return False
    main = _own(image)[:1]
    if not main or main[0].rpartition("/")[2] not in _SHELLS:
        return False
    folder, _, name = container.path.rpartition("/")
    if folder not in _FOLDERS:
        return False  # a file that may have been mounted
    return name not in _ALL and not opens((container.path, *container.arguments))


def _own(image: Image) -> tuple[str, ...]:
    return (*image.config.texts("Entrypoint"), *image.config.texts("Cmd"))


def begin_main(world: World, container: Container, *, now: int = 0) -> Finished | None:
    """Begin the container's own program; None where nothing is known of it.

    One whose port another program has already ends at once.
    """
    words = main_words(world, container)
    ended = collision(world, container)
    if ended is not None or words[0].rpartition("/")[2] not in _ALL:
        return ended
    config = container.config
    typed = config.flag("OpenStdin") or config.flag("Tty")
    process = replace(
        _process(world, container, words, now=now),
        environment=_pairs(environment(world, container)),
        watched=config.flag("AttachStdout") or typed,
        terminal=config.flag("Tty"),
        open=typed,
    )
    return _start(process)


def wake(
    world: World,
    container: Container,
    program: Waiting,
    now: int,
    *,
    signal: int = 0,
    journey: Journey = _JOURNEY,
) -> Finished:
    """A program that waits goes on, or gets a signal that somebody typed."""
    process = replace(
        _process(world, container, now=now, journey=journey),
        given=program.typed,
        open=not program.closed,
    )
    rest: Continuation = program.rest  # type: ignore[assignment]  # we made it
    return rest.interrupt(process, signal) if signal else rest.go_on(process)


def run_program(
    world: World,
    container: Container,
    words: Sequence[str],
    *,
    now: int = 0,
    journey: Journey = _JOURNEY,
) -> Run:
    """Run a program to its end, as somebody sees it who watches it.

    A program that never ends is ended as with Ctrl-C once he has seen enough.
    """
    config = Document({"Cmd": tuple(words)})
    finished = begin(world, container, config, now=now, journey=journey)
    stdout, stderr = finished.stdout, finished.stderr
    for wakes in range(_MOST_WAKES + 1):
        files = finished.files if isinstance(finished, Result) else None
        if files is not None:
            container = replace(container, files=tuple(files.written.items()))
        if not isinstance(finished, Paused):
            break
        enough = bool(finished.note) or finished.due is None or wakes == _MOST_WAKES
        if finished.due is not None:
            now = finished.due
        program = Waiting(rest=finished.rest)
        note = finished.note or CTRL_C
        finished = wake(
            world, container, program, now, signal=2 * enough, journey=journey
        )
        stdout, stderr = stdout + finished.stdout, stderr + finished.stderr
        if enough:
            stderr += note
            break
    code = finished.code if not isinstance(finished, Paused) else INTERRUPTED
    plain = Finished(stdout=stdout, stderr=stderr, code=code)
    return Run(finished=plain, files=container.files)

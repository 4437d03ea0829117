"""Signals, and with which code a program ends on one.

A program that is process 1 of its namespace dies of a signal only if it handles it, or
of SIGKILL, which nobody can handle (pid_namespaces(7)). Servers handle SIGTERM and end
well; ``sleep`` and a shell do not, so `docker stop` kills them when the time is up.
"""

import re

from minidock.errors import InvalidParameter, Unclassified
from minidock.model.container import Container
from minidock.model.world import World

__all__ = [
    "check_known",
    "death_by",
    "handles_from_keyboard",
    "sent",
    "signal_number",
    "stop_code",
]

_NAMES = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD "
    "CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split()
_KILL, _TERM, _QUIT = 9, 15, 3
_FIRST, _LAST = 34, 64
_REAL_TIME = {"RTMIN": _FIRST, "RTMAX": _LAST}
_REAL_TIME |= {f"RTMIN+{n}": _FIRST + n for n in range(1, 16)}
_REAL_TIME |= {f"RTMAX-{n}": _LAST - n for n in range(1, 15)}
_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def signal_number(text: str) -> int:
    """The number of a signal, which may be written with or without SIG.

    >>> signal_number("SIGTERM"), signal_number("kill"), signal_number("15")
    (15, 9, 15)
    >>> signal_number("BOGUS")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Invalid signal: BOGUS
    """
    if _NUMBER.fullmatch(text) and int(text):
        return int(text)
    name = text.upper().removeprefix("SIG")
    if name in _NAMES:
        return _NAMES.index(name) + 1
    if name in _REAL_TIME:
        return _REAL_TIME[name]
    raise InvalidParameter(
        f"Invalid signal: {text}",
        asked=f"send the signal {text}",
        rule="a signal is a name or a number from 1 to 64",
        remedy="--signal SIGTERM",
    )


def check_known(world: World, number: int) -> None:
    """Refuse a signal that Linux does not have.

    >>> from minidock.engine import Engine
    >>> check_known(Engine("20.10").world, 99)
    Traceback (most recent call last):
    ...
    minidock.errors.Unclassified: The linux daemon does not support signal 99
    """
    if 0 < number <= len(_NAMES) or _FIRST <= number <= _LAST:
        return
    strict = world.era.lower_case_errors
    kind = InvalidParameter if strict else Unclassified
    raise kind(
        f"{'the' if strict else 'The'} linux daemon does not support signal {number}",
        asked=f"send signal {number}",
        rule=f"signals are 1 to {len(_NAMES)} and {_FIRST} to {_LAST}",
        remedy="--signal SIGTERM",
    )


def sent(container: Container, code: int, signal: int = 0) -> tuple[int, ...]:
    """The signals that `docker stop` has sent to a program that ended with this code.

    ``signal`` is the one that was asked for, 0 for the container's own.
    """
    asked = signal or signal_number(container.config.text("StopSignal") or "SIGTERM")
    return (asked,) if asked == _KILL or code != 128 + _KILL else (asked, _KILL)


def _handles_term(world: World, container: Container) -> bool:
    """Whether its program ends by itself on SIGTERM: it is a server, or has an init."""
    if container.host_config.flag("Init"):
        return True
    image = world.images.get(container.image_id)
    own = image is not None and container.config.texts("Cmd") == image.config.texts(
        "Cmd"
    )
    return image is not None and own and bool(image.listens)


def handles_from_keyboard(world: World, container: Container) -> bool:
    """Whether its program does something about Ctrl-C, though it is process 1.

    Servers end; a shell ends what runs in front, and `ping` counts its packets.
    """
    name = container.path.rpartition("/")[2]
    return name in _INTERACTIVE | _RAISED_AGAIN or _handles_term(world, container)


_INTERACTIVE = frozenset({"ash", "bash", "dash", "ping", "ping6", "sh"})
_RAISED_AGAIN = frozenset({"top"})
"""They put the terminal right and then die of the signal after all."""


def _raised_again(container: Container) -> bool:
    return container.path.rpartition("/")[2] in _RAISED_AGAIN


def stop_code(world: World, container: Container, timeout: int, signal: int = 0) -> int:
    """The exit code after `docker stop`, with this many seconds of grace.

    ``signal`` is the one that was asked for, 0 for the container's own.
    """
    own = container.config.text("StopSignal") or "SIGTERM"
    number = signal or signal_number(own)
    if timeout == 0 or number == _KILL:
        return 128 + _KILL
    if _raised_again(container):
        return 128 + number
    if not _handles_term(world, container):
        return 128 + _KILL
    return 128 + _TERM if container.host_config.flag("Init") else 0


def death_by(world: World, container: Container, number: int) -> int | None:
    """The exit code of a program that got this signal; None if it goes on."""
    if number == _KILL:
        return 128 + _KILL
    if number in {_TERM, 2} and _raised_again(container):
        return 128 + number
    if number in {_TERM, _QUIT, 2} and _handles_term(world, container):
        return 128 + number if container.host_config.flag("Init") else 0
    return None

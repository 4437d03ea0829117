"""Signals, and with which code a program ends on one.

A program that is process 1 of its namespace dies of a signal only if it handles it, or
of SIGKILL, which nobody can handle (pid_namespaces(7)). Servers handle SIGTERM and end
well; ``sleep`` and a shell do not, so `docker stop` kills them when the time is up.
"""

from minidock.errors import InvalidParameter
from minidock.model.container import Container
from minidock.model.world import World

__all__ = ["death_by", "signal_number", "stop_code"]

_NAMES = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD "
    "CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split()
_KILL, _TERM, _QUIT = 9, 15, 3


def signal_number(text: str) -> int:
    """The number of a signal, which may be written with or without SIG.

    >>> signal_number("SIGTERM"), signal_number("kill"), signal_number("15")
    (15, 9, 15)
    >>> signal_number("BOGUS")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Invalid signal: BOGUS
    """
    if text.isdigit() and 0 < int(text) < 65:
        return int(text)
    name = text.upper().removeprefix("SIG")
    if name in _NAMES:
        return _NAMES.index(name) + 1
    raise InvalidParameter(
        f"Invalid signal: {text}",
        asked=f"send the signal {text}",
        rule="a signal is a name or a number from 1 to 64",
        remedy="--signal SIGTERM",
    )


def _handles_term(world: World, container: Container) -> bool:
    """Whether its program ends by itself on SIGTERM: it is a server, or has an init."""
    if container.host_config.flag("Init"):
        return True
    image = world.images.get(container.image_id)
    own = image is not None and container.config.texts("Cmd") == image.config.texts(
        "Cmd"
    )
    return image is not None and own and bool(image.listens)


def stop_code(world: World, container: Container, timeout: int) -> int:
    """The exit code after `docker stop`, with this many seconds of grace."""
    asked = container.config.text("StopSignal") or "SIGTERM"
    number = signal_number(asked)
    if timeout == 0 or number == _KILL:
        return 128 + _KILL
    if not _handles_term(world, container):
        return 128 + _KILL
    return 128 + _TERM if container.host_config.flag("Init") else 0


def death_by(world: World, container: Container, number: int) -> int | None:
    """The exit code of a program that got this signal; None if it goes on."""
    if number == _KILL:
        return 128 + _KILL
    if number in {_TERM, _QUIT, 2} and _handles_term(world, container):
        return 128 + number if container.host_config.flag("Init") else 0
    return None

"""Health checks: when a container is probed next, and what a probe's end means.

```
 start ── interval ── probe ── interval ── probe ── ...
   └ start period ┘ failures do not count while it is still starting
```

Times that are 0 mean the default. In the start period a container that is still
starting is probed every start interval (engines of API 1.44 on).

Source: moby, ``daemon/health.go``.
"""

from dataclasses import replace

from minidock.commands.containers import container_event
from minidock.errors import InvalidParameter
from minidock.model.container import Container
from minidock.model.document import Document
from minidock.model.event import Event
from minidock.model.health import Health, ProbeResult
from minidock.model.world import World

__all__ = [
    "check_settings",
    "closed",
    "command",
    "next_probe",
    "opened",
    "probed",
    "timeout_of",
]

_SECOND = 1_000_000_000
_INTERVAL, _TIMEOUT, _START_INTERVAL = 30 * _SECOND, 30 * _SECOND, 5 * _SECOND
_RETRIES = 3
_MOST_RESULTS = 5


_MILLISECOND = 1_000_000


def check_settings(config: Document) -> None:
    """Refuse times below a millisecond, and fewer retries than none.

    >>> check_settings(Document({"Healthcheck": Document({"Interval": 5})}))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Interval in Healthcheck cannot be less than 1ms
    """
    asked = config.document("Healthcheck")
    for key in ("Interval", "Timeout", "StartPeriod", "StartInterval"):
        if asked.number(key) and asked.number(key) < _MILLISECOND:
            raise InvalidParameter(
                f"{key} in Healthcheck cannot be less than 1ms",
                asked=f"a health check with {key} {asked.number(key)} ns",
                rule="times are in nanoseconds, and 0 is the default",
                remedy=f"{_MILLISECOND} or more",
            )
    if asked.number("Retries") < 0:
        raise InvalidParameter(
            "Retries in Healthcheck cannot be negative",
            asked=f"{asked.number('Retries')} retries of a health check",
            rule="0 is the default, which is three",
            remedy="1 or more",
        )


def _settings(container: Container) -> Document:
    return container.config.document("Healthcheck")


def command(container: Container) -> tuple[str, ...]:
    """The words of a container's probe; () where it has none.

    ``CMD`` is followed by the words, ``CMD-SHELL`` by a line for the shell.
    """
    test = _settings(container).texts("Test")
    match test[:1]:
        case ("CMD",):
            return test[1:]
        case ("CMD-SHELL",):
            shell = container.config.texts("Shell") or ("/bin/sh", "-c")
            return (*shell, *test[1:])
    return ()


def timeout_of(container: Container) -> int:
    """How long a probe may take, nanoseconds."""
    return _settings(container).number("Timeout") or _TIMEOUT


def opened(container: Container) -> Container:
    """The container when its check begins, at its start: it is starting again."""
    if not command(container):
        return container
    health = container.health or Health()
    health = replace(health, status="starting", failing_streak=0, probe=None)
    return replace(container, health=health)


def closed(container: Container) -> Container:
    """The container when its check ends.

    Odd on purpose: it is unhealthy then, for the sake of old clients.
    """
    if container.health is None or not command(container):
        return container
    health = replace(container.health, status="unhealthy", probe=None)
    return replace(container, health=health)


def next_probe(world: World, container: Container, now: int) -> int | None:
    """When the next probe begins, if the last one has ended now; None: never."""
    if not command(container) or container.health is None:
        return None
    settings = _settings(container)
    interval = settings.number("Interval") or _INTERVAL
    period = settings.number("StartPeriod")
    starting = container.health.status == "starting"
    in_period = now - container.state.started < period
    if world.era.start_interval and starting and in_period:
        interval = settings.number("StartInterval") or _START_INTERVAL
    return now + interval


def probed(
    container: Container, result: ProbeResult
) -> tuple[Container, tuple[Event, ...]]:
    """The container after a probe, and the event if its health has changed."""
    old = container.health or Health()
    streak, status = old.failing_streak, old.status
    if result.exit_code == 0:
        streak, status = 0, "healthy"
    elif not _excused(container, old, result):
        streak += 1
        retries = _settings(container).number("Retries")
        if streak >= (retries if retries > 0 else _RETRIES):
            status = "unhealthy"
    log = (*old.log, result)[-_MOST_RESULTS:]
    health = Health(status=status, failing_streak=streak, log=log)
    changed = replace(container, health=health)
    if status == old.status:
        return changed, ()
    action = f"health_status: {status}"
    return changed, (container_event(action, changed, result.end),)


def _excused(container: Container, old: Health, result: ProbeResult) -> bool:
    """Whether a failure does not count: the container is still starting."""
    period = _settings(container).number("StartPeriod")
    since = result.start - container.state.started
    return old.status == "starting" and since < period

"""What a container's health check found so far.

```
            probe well                        retries probes failed
starting ──────────────▶ healthy      any ───────────────────────────▶ unhealthy
   └── until the start period is over, failures do not count
```

Docker's name: ``State.Health``.
"""

from dataclasses import dataclass

from minidock.model.program import Program

__all__ = ["Health", "Probe", "ProbeResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One probe that has ended; times in nanoseconds since 1970."""

    start: int
    end: int
    exit_code: int
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A probe under way: the exec that it is, and what it has written."""

    id: str
    start: int
    program: Program
    output: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state of a container's health; ``log`` holds its last five probes."""

    status: str = "starting"
    failing_streak: int = 0
    log: tuple[ProbeResult, ...] = ()
    probe: Probe | None = None

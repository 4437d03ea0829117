"""How a simulated program ended."""

from dataclasses import dataclass

__all__ = ["Finished", "Run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended: what it printed, and its exit code (0 to 255)."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A program from its beginning to its end."""

    finished: Finished
    files: tuple[tuple[str, str | None], ...] = ()
    """All that was ever written in the container."""

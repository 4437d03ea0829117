"""How a simulated program ended."""

from dataclasses import dataclass

__all__ = ["Finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended: what it printed, and its exit code (0 to 255)."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0

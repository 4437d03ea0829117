"""Docker's networking as plain data; see ``docs/`` and the lessons."""

from minidock.engine import Engine

__all__ = ["Engine"]

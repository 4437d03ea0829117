"""Docker's networking as plain data; see ``docs/`` and the lessons.

The face loads the engine when it is first asked for: ``import minidock`` costs nothing.
"""

TYPE_CHECKING = False  # as a type checker sees it: True; without importing typing
if TYPE_CHECKING:
    from minidock.engine import Engine

__all__ = ["Engine", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name == "Engine":
        from minidock.engine import Engine  # noqa: PLC0415 - loaded when asked for

        globals()["Engine"] = Engine
        return Engine
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> "list[str]":  # in quotes: an old Python gets as far as __main__
    return sorted([*globals(), "Engine"])

"""A volume: its options, and the files that containers left in it.

Invariant: the paths of ``files`` start at the volume's own top, ``/``.
"""

from dataclasses import dataclass, field

from minidock.model.document import Document

__all__ = ["Volume"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One volume of the ``local`` driver; times are nanoseconds since 1970."""

    name: str
    created: int
    driver: str = "local"
    labels: Document | None = None
    options: Document | None = None
    anonymous: bool = False
    opened: tuple[str, ...] = field(default=())
    """Ids of the containers that mount it."""
    files: tuple[tuple[str, str | None], ...] = ()
    """(path, text) as in ``Container.files``."""

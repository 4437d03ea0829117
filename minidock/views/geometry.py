"""Places and texts of a picture: points, frames, labels.

```
 0 ──▶ x    Frame(x, y, width, height)        Label("eth0", at, role)
 │           ┌───────────────┐
 ▼           │               │ height           eth0
 y           └───────────────┘                  ▲ at: the left end of its baseline
                  width
```

All lengths are whole pixels. A text's width is the most that it takes in any usual
font, as nobody knows in which one it will be shown.
"""

from enum import StrEnum
from typing import NamedTuple

from minidock.views.measure import fit, pixels

__all__ = ["Frame", "Label", "Point", "Role", "fitted", "middled"]


class Point(NamedTuple):
    """A place in the picture; x grows to the right, y downwards."""

    x: int
    y: int


class Frame(NamedTuple):
    """Where a box is and how large."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The x of its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The y of its lower edge."""
        return self.y + self.height

    def meets(self, other: "Frame") -> bool:
        """Whether the two have room in common; touching is not meeting.

        >>> Frame(0, 0, 10, 10).meets(Frame(9, 9, 5, 5))
        True
        >>> Frame(0, 0, 10, 10).meets(Frame(10, 0, 5, 5))
        False
        """
        beside = self.right <= other.x or other.right <= self.x
        return not (beside or self.bottom <= other.y or other.bottom <= self.y)

    def holds(self, other: "Frame") -> bool:
        """Whether the other one is inside of it; an edge may be shared."""
        across = self.x <= other.x and other.right <= self.right
        return across and self.y <= other.y and other.bottom <= self.bottom


class Role(StrEnum):
    """How a text is set: its size, its weight and its kind of font."""

    TITLE = "title"
    NAME = "name"
    BODY = "body"
    CODE = "code"
    CHIP = "chip"
    NOTE = "note"
    WIRE = "wire"

    @property
    def size(self) -> int:
        """The height of the font in pixels."""
        return _FONTS[self][0]

    @property
    def mono(self) -> bool:
        """Whether every character is equally wide, as for addresses."""
        return _FONTS[self][1]

    @property
    def bold(self) -> bool:
        """Whether it stands out."""
        return _FONTS[self][2]


_FONTS = {
    Role.TITLE: (16, False, True),
    Role.NAME: (13, False, True),
    Role.BODY: (13, False, False),
    Role.CODE: (12, True, False),
    Role.CHIP: (11, True, False),
    Role.NOTE: (11, False, False),
    Role.WIRE: (10, True, False),
}


class Label(NamedTuple):
    """A text; ``at`` is the left end of its baseline, the right end if ``ends``."""

    text: str
    at: Point
    role: Role
    ends: bool = False
    middle: bool = False
    """Whether ``at`` is the middle of its baseline."""

    @property
    def left(self) -> int:
        """The x of its left end."""
        if self.middle:
            return self.at.x - self.width // 2
        return self.at.x - self.width if self.ends else self.at.x

    @property
    def width(self) -> int:
        """The most that it takes in any usual font."""
        role = self.role
        return pixels(self.text, role.size, mono=role.mono, bold=role.bold)

    @property
    def frame(self) -> Frame:
        """The room that it takes, from its tallest letter to below its baseline."""
        size = self.role.size
        return Frame(self.left, self.at.y - size, self.width, size + size // 4)


def fitted(text: str, at: Point, role: Role, room: int) -> Label:
    """A text from a point to the right, cut to so many pixels."""
    cut = fit(text, room, role.size, mono=role.mono, bold=role.bold)
    return Label(cut, at, role)


def middled(text: str, frame: Frame, role: Role) -> Label:
    """A text in the middle of a frame, cut to fit into it."""
    cut = fit(text, frame.width - 2, role.size, mono=role.mono, bold=role.bold)
    baseline = frame.y + (frame.height + role.size * 7 // 10) // 2
    at = Point(frame.x + frame.width // 2, baseline)
    return Label(cut, at, role, middle=True)

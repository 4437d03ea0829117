"""The colours and fonts of every picture, each with what it is for.

Three promises, which tests hold for every pair that occurs:

* a text has at least 4.5:1 contrast with its ground (WCAG 2, level AA);
* what stands side by side and differs in meaning differs in grey, too, or in its
  shape: no colour says anything alone;
* a picture brings its paper, so it looks the same on a white page and on a dark one.
"""

from typing import NamedTuple

__all__ = [
    "AMBER",
    "BAD",
    "CELLS",
    "EDGE",
    "FADED",
    "FRAME",
    "GOOD",
    "GREY",
    "HOST",
    "MONO",
    "NETWORKS",
    "OUTSIDE",
    "PAPER",
    "SANS",
    "SOFT",
    "TEXT",
    "TUNNEL",
    "WHITE",
    "Ink",
    "contrast",
    "luminance",
]


class Ink(NamedTuple):
    """Two colours that go together: of lines (or texts), and of the ground below."""

    line: str
    paper: str


NETWORKS = (
    Ink("#1f5fa8", "#e3edf9"),
    Ink("#a34a00", "#fcebdd"),
    Ink("#13694a", "#ddf2e8"),
    Ink("#7a3b9a", "#f2e6f8"),
    Ink("#a01c3c", "#fbe4e9"),
    Ink("#00696f", "#dcf1f2"),
    Ink("#6a5b00", "#f6f0d3"),
    Ink("#3f4a9e", "#e7e9f8"),
)
"""Of networks, in turn. In grey they look alike: names, taps and trunks tell lines
apart there."""

GREY = Ink("#5b6570", "#eceff2")
FADED = Ink("#737d88", "#f3f4f6")
OUTSIDE = Ink("#9aa4af", "#e6eaee")
TEXT, SOFT = "#1c232b", "#4a545f"
PAPER, HOST, WHITE = "#f6f7f9", "#fdfdfe", "#ffffff"
FRAME = "#3c4650"
"""The edge of hosts and containers."""

AMBER, EDGE = "#ffc94d", "#8a5200"
"""The way of a packet, and the edge of that band."""

GOOD, BAD = "#13694a", "#9b1c2e"
TUNNEL = "#5b3fa0"

CELLS = (
    Ink(TEXT, WHITE),
    Ink(TEXT, "#d9dfe5"),
    Ink("#000000", "#a3adb8"),
    Ink("#000000", "#d08a2e"),
    Ink(WHITE, "#1f5fa8"),
    Ink(WHITE, "#0d1a2b"),
)
"""Text and ground of a pool's addresses, from free to taken, each darker than the one
before: free, free by name, reserved, kept, taken, gateway."""

SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def luminance(colour: str) -> float:
    """How bright ``#rrggbb`` is, from 0 (black) to 1 (white), as WCAG 2 defines it.

    >>> luminance("#ffffff"), round(luminance("#ff0000"), 4)
    (1.0, 0.2126)
    """
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' brightness, from 1 (equal) to 21.

    4.5 is enough for texts, 3 for shapes (WCAG 2).

    >>> round(contrast("#000000", "#ffffff"), 2), contrast("#123456", "#123456")
    (21.0, 1.0)
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)

"""How wide a text is: in columns of a terminal, and in pixels of a drawing.

```
cells("日本")  ── 4 columns       a terminal gives wide characters two
pixels("web") ── 27 at most      a font that nobody has chosen yet: a careful guess
```

A drawing leaves the choice of the font to whoever shows it, so the widths in pixels are
upper bounds over the usual system fonts, and a text that is cut to fit does fit.

Invariants: a cut text is at most as wide as was asked, and ends with an ellipsis (with
``~`` in plain ASCII) exactly where something is missing; no measured text has control
characters left (:func:`plain`).
"""

from unicodedata import category, east_asian_width

__all__ = ["cells", "clip", "fit", "pixels", "plain"]

_NARROW = frozenset("fijlrt.,:;|!'`()[]{}/\\-I ")
_BROAD = frozenset("mwMW@%&…")
_MONO = 0.62
"""The advance of the widest usual monospaced font, in ems."""


def plain(text: str) -> str:
    r"""The text with everything that cannot be shown on one line replaced.

    >>> plain("two\nlines")
    'two�lines'
    """
    if text.isprintable():
        return text
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return "".join("\ufffd" if category(c) in hidden else c for c in text)


def cells(text: str) -> int:
    """How many columns a terminal needs for the text; O(n).

    >>> cells("eth0"), cells("日本")
    (4, 4)
    """
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(character: str) -> int:
    if category(character) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def clip(text: str, columns: int, mark: str = "…") -> str:
    """The text cut to so many columns; what is cut off leaves a mark.

    >>> clip("a-very-long-name", 8)
    'a-very-…'
    >>> clip("short", 8)
    'short'
    """
    if cells(text) <= columns:
        return text
    while text and cells(text) + cells(mark) > columns:
        text = text[:-1]
    return text + mark if cells(mark) <= columns else ""


def pixels(text: str, size: int, *, mono: bool = False, bold: bool = False) -> int:
    """The most that the text takes, in a font of that size; O(n).

    >>> pixels("172.17.0.2/16", 12, mono=True)
    97
    """
    ems = sum(_em(character, mono=mono) for character in text)
    return -int(-ems * size * (1.1 if bold else 1.0) // 1)


def _em(character: str, *, mono: bool) -> float:
    if mono:
        return _MONO * max(_cell(character), 1)
    if not character.isascii() and _cell(character) == 2:
        return 1.1
    if character in _BROAD:
        return 1.0
    return 0.42 if character in _NARROW else 0.72 if character.isupper() else 0.64


def fit(
    text: str, room: int, size: int, *, mono: bool = False, bold: bool = False
) -> str:
    """The text cut so that it takes at most so many pixels.

    >>> fit("a-very-long-name", 60, 12)
    'a-very-…'
    """
    if pixels(text, size, mono=mono, bold=bold) <= room:
        return text
    while text and pixels(text + "…", size, mono=mono, bold=bold) > room:
        text = text[:-1]
    return text + "…" if text else ""

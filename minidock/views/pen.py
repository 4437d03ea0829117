"""The one writer of SVG: elements, texts, and the document around them.

```
document(...)   <svg role="img"> title, desc     what a screen reader says
                  <rect>                         the paper
  group(...)      <g data-node="..."> <title>    what a pointer that rests there says
    box, line, polygon, words ...                each with its colours
```

There are no style sheets, scripts, fonts, links or ``id`` attributes, so a page may
hold many pictures, and none of them fetches anything. Texts are texts: they can be
selected, and searched for. Attributes are written by Python names: ``data_node`` is
``data-node``, and a last ``_`` falls off (``class_``).

Invariant: what comes out is well-formed XML, whatever a container is called.
"""

from collections.abc import Iterable
from functools import lru_cache

from minidock.views.geometry import Frame, Label, Point
from minidock.views.markup import safe
from minidock.views.palette import MONO, PAPER, SANS, TEXT

__all__ = [
    "arrow",
    "box",
    "circle",
    "document",
    "element",
    "group",
    "line",
    "moved",
    "path",
    "pill",
    "polygon",
    "polyline",
    "words",
]

Value = str | float | None
"""Of an attribute; None leaves the attribute out."""


def element(tag: str, inside: str = "", /, **attributes: Value) -> str:
    """An element; ``inside`` is XML already.

    >>> element("circle", cx=3, cy=4.5, data_spot="a<b", fill=None)
    '<circle cx="3" cy="4.5" data-spot="a&lt;b"/>'
    """
    said = "".join([_attribute(*pair) for pair in attributes.items()])
    return f"<{tag}{said}>{inside}</{tag}>" if inside else f"<{tag}{said}/>"


@lru_cache(4096)  # a picture has few colours, widths and kinds, each many times
def _attribute(name: str, value: Value) -> str:
    if value is None:
        return ""
    spelled = name.rstrip("_").replace("_", "-")
    said = safe(value) if isinstance(value, str) else f"{value:.10g}"
    return f' {spelled}="{said}"'


# --- the picture ----------------------------------------------------------------------


def document(
    size: tuple[int, int],
    inside: Iterable[str],
    *,
    title: str,
    description: str,
    kind: str = "minidock",
) -> str:
    """A picture of so many pixels, in width and height, with its paper.

    >>> print(document((40, 20), [], title="A & B", description="Two."))
    <svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" viewBox="0 0 40 20" \
role="img" class="minidock" font-family="system-ui, -apple-system, &#x27;Segoe UI&#x27;\
, Roboto, &#x27;DejaVu Sans&#x27;, sans-serif" fill="#1c232b">
    <title>A &amp; B</title>
    <desc>Two.</desc>
    <rect width="40" height="20" rx="14" fill="#f6f7f9"/>
    </svg>
    <BLANKLINE>
    """
    width, height = size
    lines = [
        element("title", safe(title)),
        element("desc", safe(description)),
        element("rect", width=width, height=height, rx=14, fill=PAPER),
        *inside,
    ]
    return (
        element(
            "svg",
            "\n" + "\n".join(lines) + "\n",
            xmlns="http://www.w3.org/2000/svg",
            width=width,
            height=height,
            viewBox=f"0 0 {width} {height}",
            role="img",
            class_=kind,
            font_family=SANS,
            fill=TEXT,
        )
        + "\n"
    )


def moved(picture: str, to: Point) -> str:
    """A whole picture as a part of another one, from a point on.

    >>> moved('<svg width="9"></svg>', Point(40, 0))
    '<svg x="40" y="0" width="9"></svg>'
    """
    return picture.rstrip().replace("<svg ", f'<svg x="{to.x}" y="{to.y}" ', 1)


def group(*inside: str, title: str = "", **attributes: Value) -> str:
    """Elements that belong together; the title appears where a pointer rests."""
    said = element("title", safe(title)) if title else ""
    return element("g", said + "".join(inside), **attributes)


# --- shapes ---------------------------------------------------------------------------


def box(
    frame: Frame,
    fill: str,
    stroke: str | None = None,
    *,
    width: float = 1.5,
    round_: int = 0,
    dashes: str = "",
    **more: Value,
) -> str:
    """A rectangle; ``width`` is that of its edge, ``round_`` the radius of corners."""
    return element(
        "rect",
        x=frame.x,
        y=frame.y,
        width=frame.width,
        height=frame.height,
        rx=round_ or None,
        fill=fill,
        stroke=stroke,
        stroke_width=width if stroke else None,
        stroke_dasharray=dashes or None,
        **more,
    )


def pill(frame: Frame, text: str, fill: str, ink: str) -> str:
    """A number in a box with round ends."""
    said = element(
        "text",
        safe(text),
        x=frame.x + frame.width / 2,
        y=frame.y + frame.height // 2 + 4,
        font_size=11,
        font_weight=700,
        text_anchor="middle",
        fill=ink,
    )
    return box(frame, fill, TEXT, round_=frame.height // 2) + said


def line(start: Point, end: Point, stroke: str, width: float) -> str:
    """A straight line."""
    return element(
        "line",
        x1=start.x,
        y1=start.y,
        x2=end.x,
        y2=end.y,
        stroke=stroke,
        stroke_width=width,
    )


def path(points: Iterable[Point]) -> str:
    """Points as SVG writes them.

    >>> path([Point(1, 2), Point(3, 4)])
    '1,2 3,4'
    """
    return " ".join(f"{x},{y}" for x, y in points)


def polyline(
    points: Iterable[Point],
    stroke: str,
    width: float = 1.5,
    *,
    dashes: str = "",
    joined: bool = True,
    **more: Value,
) -> str:
    """A line around corners, which are round where its pieces are ``joined``."""
    return element(
        "polyline",
        points=path(points),
        fill="none",
        stroke=stroke,
        stroke_width=width,
        stroke_linejoin="round" if joined else None,
        stroke_dasharray=dashes or None,
        **more,
    )


def polygon(points: Iterable[Point], fill: str) -> str:
    """A filled shape."""
    return element("polygon", points=path(points), fill=fill)


def arrow(tip: Point, fill: str) -> str:
    """The head of an arrow that points to the right."""
    x, y = tip
    return polygon((tip, Point(x - 9, y - 5), Point(x - 9, y + 5)), fill)


def circle(at: Point, radius: float, fill: str) -> str:
    """A dot."""
    return element("circle", cx=at.x, cy=at.y, r=radius, fill=fill)


def words(label: Label, fill: str = "") -> str:
    """A text that can be selected; without a colour it has the picture's."""
    role = label.role
    anchor = "middle" if label.middle else "end" if label.ends else None
    return element(
        "text",
        safe(label.text),
        x=label.at.x,
        y=label.at.y,
        font_size=role.size,
        font_family=MONO if role.mono else None,
        font_weight=600 if role.bold else None,
        text_anchor=anchor,
        fill=fill or None,
    )

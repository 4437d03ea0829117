"""The pairs as SVG: one self-contained picture, without scripts, styles or fonts.

```
 <svg role="img">  title, desc     what a screen reader says
   headings                        one for each topic, in its colour
   links, boxes                    Docker on the left, Kubernetes on the right
```

The picture brings its background, so that it looks the same on a white page and on a
dark one; texts can be selected; columns, not colours, tell the two sides apart.
Invariant: the output is well-formed XML, whatever an object is called.
"""

from collections.abc import Iterator, Sequence

from k8s_bridge.explain.layout import Box, Drawing, Heading, Link, drawing
from k8s_bridge.explain.things import Topic
from minidock.views.shapes import NETWORKS, PAPER, SANS, SOFT, TEXT, Ink, safe

__all__ = ["explained_svg"]


def explained_svg(topics: Sequence[Topic], title: str) -> str:
    """The picture; O(things)."""
    return "\n".join(_lines(drawing(topics), topics, title)) + "\n"


def _lines(drawn: Drawing, topics: Sequence[Topic], title: str) -> Iterator[str]:
    size = f'width="{drawn.width}" height="{drawn.height}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawn.width} {drawn.height}" role="img" '
        f'class="k8s-bridge explain" font-family="{SANS}" fill="{TEXT}">'
    )
    yield f"<title>{safe(title)}: Docker and Kubernetes side by side</title>"
    yield f"<desc>{safe(_spoken(topics))}</desc>"
    yield f'<rect {size} rx="14" fill="{PAPER}"/>'
    yield _text("Docker", drawn.left, 42, 18, bold=True)
    yield _text("Kubernetes", drawn.right, 42, 18, bold=True)
    for heading in drawn.headings:
        yield from _heading(heading, drawn)
    yield from map(_link, drawn.links)
    yield from map(_box, drawn.boxes)
    yield "</svg>"


def _spoken(topics: Sequence[Topic]) -> str:
    """All pairs as sentences."""
    said = []
    for topic in topics:
        for pair in topic.pairs:
            there = ", ".join(thing.title for thing in pair.kubernetes)
            here = pair.docker.title if pair.docker else "nothing in Docker"
            said.append(f"{here}: {there}.")
    return " ".join(said)


def _ink(topic: int) -> Ink:
    return NETWORKS[topic % len(NETWORKS)]


def _heading(heading: Heading, drawn: Drawing) -> Iterator[str]:
    ink = _ink(heading.topic)
    end = drawn.width - drawn.left
    yield (
        f'<line x1="{drawn.left}" y1="{heading.y - 18}" x2="{end}" '
        f'y2="{heading.y - 18}" stroke="{ink.line}" stroke-width="1"/>'
    )
    yield _text(heading.title, drawn.left, heading.y + 2, 15, bold=True, fill=ink.line)
    yield _text(heading.sentence, drawn.left, heading.y + 20, 12, fill=SOFT)


def _box(box: Box) -> str:
    ink = _ink(box.topic)
    frame = (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" '
        f'rx="7" fill="{ink.paper}" stroke="{ink.line}" stroke-width="1.5"/>'
    )
    parts = [frame, _text(box.title, box.x + 12, box.y + 23, 13, bold=True)]
    for number, line in enumerate(box.lines):
        y = box.y + 42 + 17 * number
        parts.append(_text(line, box.x + 12, y, 12, fill=SOFT))
    return f'<g class="thing" data-thing="{safe(box.title)}">{"".join(parts)}</g>'


def _link(link: Link) -> str:
    ink, (x, y), (right, level) = _ink(link.topic), link.start, link.end
    points = f"{x},{y} {link.bend},{y} {link.bend},{level} {right - 8},{level}"
    tip = f"{right},{level} {right - 9},{level - 5} {right - 9},{level + 5}"
    return (
        f'<polyline points="{points}" fill="none" stroke="{ink.line}" '
        f'stroke-width="2" stroke-linejoin="round"/>'
        f'<polygon points="{tip}" fill="{ink.line}"/>'
    )


def _text(
    text: str, x: int, y: int, size: int, *, bold: bool = False, fill: str = ""
) -> str:
    weight = ' font-weight="600"' if bold else ""
    colour = f' fill="{fill}"' if fill else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}"{weight}{colour}>{safe(text)}</text>'
    )

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
from minidock.views import pen
from minidock.views.geometry import Frame, Label, Point, Role
from minidock.views.palette import NETWORKS, SOFT, Ink

__all__ = ["explained_svg"]


def explained_svg(topics: Sequence[Topic], title: str) -> str:
    """The picture; O(things)."""
    drawn = drawing(topics)
    return pen.document(
        (drawn.width, drawn.height),
        _lines(drawn),
        title=f"{title}: Docker and Kubernetes side by side",
        description=_spoken(topics),
        kind="k8s-bridge explain",
    )


def _lines(drawn: Drawing) -> Iterator[str]:
    yield pen.words(Label("Docker", Point(drawn.left, 42), Role.TITLE))
    yield pen.words(Label("Kubernetes", Point(drawn.right, 42), Role.TITLE))
    for heading in drawn.headings:
        yield from _heading(heading, drawn)
    yield from map(_link, drawn.links)
    yield from map(_box, drawn.boxes)


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
    ink, y = _ink(heading.topic), heading.y
    end = Point(drawn.width - drawn.left, y - 18)
    yield pen.line(Point(drawn.left, y - 18), end, ink.line, 1)
    title = Label(heading.title, Point(drawn.left, y + 2), Role.TITLE)
    yield pen.words(title, ink.line)
    sentence = Label(heading.sentence, Point(drawn.left, y + 20), Role.BODY)
    yield pen.words(sentence, SOFT)


def _box(box: Box) -> str:
    ink, x = _ink(box.topic), box.x + 12
    frame = Frame(box.x, box.y, box.width, box.height)
    lines = (
        Label(line, Point(x, box.y + 42 + 17 * number), Role.BODY)
        for number, line in enumerate(box.lines)
    )
    return pen.group(
        pen.box(frame, ink.paper, ink.line, round_=7),
        pen.words(Label(box.title, Point(x, box.y + 23), Role.NAME)),
        *(pen.words(line, SOFT) for line in lines),
        class_="thing",
        data_thing=box.title,
    )


def _link(link: Link) -> str:
    ink, start, end = _ink(link.topic), Point(*link.start), Point(*link.end)
    bend = (Point(link.bend, start.y), Point(link.bend, end.y))
    way = (start, *bend, Point(end.x - 8, end.y))
    return pen.polyline(way, ink.line, 2) + pen.arrow(end, ink.line)

"""A drawing to hold: shows itself as text, as SVG in a notebook, as Mermaid on request.

```
print(drawing)      drawing.text      a tree for the terminal
drawing             drawing.svg       in a notebook, by _repr_svg_
page.write(...)     drawing.mermaid   for a fenced block in Markdown
```

Invariant: all forms are made from one scene, and only when somebody asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from minidock.host.peers import other_hosts
from minidock.model.world import World
from minidock.views.canvas import Scene
from minidock.views.hosts import hosts_svg, hosts_text
from minidock.views.mermaid import mermaid
from minidock.views.scene import scene
from minidock.views.svg import svg
from minidock.views.text import text

__all__ = ["Drawing", "draw"]


@dataclass(frozen=True)  # without slots: cached_property keeps what was drawn
class Drawing:
    """A World's drawing in all its forms.

    >>> from minidock.engine import Engine
    >>> drawing = draw(Engine().world)
    >>> print(drawing)
    docker-host, as Docker 28
    ├─ eth0 192.0.2.2/24 ══ outside 192.0.2.1
    └─ network bridge 172.17.0.0/16, bridge docker0 172.17.0.1, out: masquerade
    >>> drawing
    <Drawing of docker-host: 1 network, 0 containers>
    """

    scene: Scene
    worlds: tuple[World, ...] = ()
    """The hosts to draw side by side; (): the scene alone."""

    @cached_property
    def text(self) -> str:
        """For a terminal of 80 columns; see :func:`minidock.views.text.text`."""
        return hosts_text(self.worlds) if self.worlds else text(self.scene)

    @cached_property
    def svg(self) -> str:
        """A self-contained picture."""
        return hosts_svg(self.worlds) if self.worlds else svg(self.scene)

    @cached_property
    def mermaid(self) -> str:
        """A flowchart for Markdown."""
        return mermaid(self.scene)

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        nets = _counted(len(self.scene.outline.nets), "network")
        guests = _counted(sum(1 for _ in self.scene.outline.guests()), "container")
        return f"<Drawing of {self.scene.outline.host}: {nets}, {guests}>"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def draw(
    world: World, *, stopped: bool = True, others: Sequence[World] = ()
) -> Drawing:
    """The drawing of a World; ``stopped`` containers are grey, or left out.

    Hosts of its cluster whose containers it knows stand beside it, and so do
    ``others``, in full.
    """
    joined = (world, *others) if others or other_hosts(world) else ()
    return Drawing(scene(world, stopped=stopped), joined)

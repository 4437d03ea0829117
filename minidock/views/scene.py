"""The scene of a World: what every drawing of it is made from.

```
World ── outline ──▶ Outline ── layout ──▶ Scene ─┬─ svg       a picture
         what, in words       where, in numbers   ├─ mermaid   for Markdown
                                                  └─ text      for a terminal
```

Invariant: a scene depends on the World alone, so pages, notebooks and tests show the
same digits in the same places.
"""

from minidock.model.world import World
from minidock.views.canvas import Edge, EdgeKind, Node, NodeKind, Point, Scene
from minidock.views.layout import place
from minidock.views.outline import outline

__all__ = ["Edge", "EdgeKind", "Node", "NodeKind", "Point", "Scene", "scene"]


def scene(world: World, *, stopped: bool = True) -> Scene:
    """The layout of a World's drawing; O(n log n) in containers and networks.

    Args:
        world: the World to draw.
        stopped: whether containers that do not run are drawn, in grey.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> docker("run -d --name web -p 8080:80 nginx").ok
    True
    >>> [edge.id for edge in scene(docker.world).edges if edge.kind == "publish"]
    ['publish:tcp/0.0.0.0:8080']
    """
    return place(outline(world, stopped=stopped))

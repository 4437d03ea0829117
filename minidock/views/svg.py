"""A scene as SVG: one self-contained picture, without scripts, styles or fonts.

```
<svg role="img">  title, desc         what a screen reader says
  card                                the paper: the picture brings its background
  <g class="node host" data-node="host"> ...
  <g class="edge cable" data-edge="cable:veth1a2b3c4"> ...
  legend
</svg>
```

Shapes carry their colours themselves, so the picture looks the same on a white page, on
a dark one, in slides and in print. Nothing is told by colour alone: lines of different
kinds differ in width and dashes, and every box is named. Texts are texts: they can be
selected, and searched for.

``data-node`` and ``data-edge`` hold the ids of :mod:`minidock.views.canvas`. There are
no ``id`` attributes, since one page may hold many pictures.

Invariant: the output is well-formed XML, whatever a container is called.
"""

from collections.abc import Iterator

from minidock.views import pen
from minidock.views.canvas import EdgeKind, NodeKind, Scene
from minidock.views.shapes import box, entry, wire

__all__ = ["svg"]


def svg(scene: Scene) -> str:
    """The picture of a scene; O(its size).

    >>> from minidock.engine import Engine
    >>> from minidock.views.scene import scene
    >>> svg(scene(Engine().world)).splitlines()[1]
    '<title>Docker host docker-host</title>'
    """
    return pen.document(
        (scene.width, scene.height),
        _lines(scene),
        title=scene.title,
        description=scene.description,
    )


def _lines(scene: Scene) -> Iterator[str]:
    behind = {NodeKind.OUTSIDE, NodeKind.HOST}
    beneath = {EdgeKind.PUBLISH, EdgeKind.REQUEST}
    yield from (box(node) for node in scene.nodes if node.kind in behind)
    # A published port leads through the bridge: its line passes behind the network.
    yield from (wire(edge) for edge in scene.edges if edge.kind in beneath)
    yield from (wire(edge) for edge in scene.edges if edge.kind not in beneath)
    yield from (box(node) for node in scene.nodes if node.kind not in behind)
    yield from (entry(sample) for sample in scene.legend)

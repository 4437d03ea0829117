"""A scene for terminals: the host as a tree of networks and containers.

```
docker-host, as Docker 28
├─ eth0 192.0.2.2/24 ══ outside 192.0.2.1
└─ network app 172.18.0.0/16, bridge br-1f2e3d4c5b6a 172.18.0.1, out: masquerade
   └─ web (nginx)
      ├─ eth0 172.18.0.2/16 ══ veth1a2b3c4
      └─ 80/tcp ◀── 0.0.0.0:8080
```

``══`` is a cable, ``◀──`` leads from the host's port to the container's.

Invariants: no line is wider than asked; every network and container is there.
"""

from collections.abc import Iterator

from minidock.views.canvas import Scene
from minidock.views.outline import Card, Guest, Net, Plug
from minidock.views.tree import ASCII, LINES, Branch, Glyphs, forest

__all__ = ["text"]

_WAYS = {"masquerade": "out: masquerade", "routed": "out: routed, no NAT"}


def text(scene: Scene, width: int = 80, *, ascii_only: bool = False) -> str:
    """The drawing of a scene for a terminal of so many columns; O(its size).

    >>> from minidock.engine import Engine
    >>> from minidock.views.scene import scene
    >>> print(text(scene(Engine().world), ascii_only=True))
    docker-host, as Docker 28
    |- eth0 192.0.2.2/24 == outside 192.0.2.1
    `- network bridge 172.17.0.0/16, bridge docker0 172.17.0.1, out: masquerade
    """
    glyphs = ASCII if ascii_only else LINES
    outline = scene.outline
    branches = (
        *(_card(item, glyphs) for item in outline.cards),
        *(_net(item, glyphs) for item in outline.nets),
    )
    root = Branch(f"{outline.host}, as Docker {outline.era}", branches)
    return "\n".join(forest([root], width, glyphs))


def _card(card: Card, glyphs: Glyphs) -> Branch:
    beyond = " ".join(["outside", *card.routers])
    return Branch(f"{' '.join([card.name, *card.addresses])} {glyphs.cable} {beyond}")


def _net(net: Net, glyphs: Glyphs) -> Branch:
    name = f"network {net.name}" if net.driver else net.name
    parts = [" ".join([name, *net.subnets])]
    if net.device:
        parts.append(" ".join(["bridge", net.device, *net.gateways]))
    elif net.driver not in {"", "host", "null"}:  # macvlan and ipvlan
        parts.append(net.driver)
    parts += [_WAYS[net.way_out]] if net.way_out in _WAYS else []
    guests = tuple(_guest(guest, net, glyphs) for guest in net.guests)
    return Branch(", ".join([*parts, *net.notes]), guests)


def _guest(guest: Guest, home: Net, glyphs: Glyphs) -> Branch:
    words = [f"{guest.name} ({guest.image})", *guest.remarks]
    return Branch(", ".join(words), tuple(_inside(guest, home, glyphs)))


def _inside(guest: Guest, home: Net, glyphs: Glyphs) -> Iterator[Branch]:
    for plug in guest.plugs:
        if plug.attached:
            yield Branch(_plug(plug, home, glyphs))
    for port in guest.ports:
        sockets = ", ".join(port.sockets)
        local = " (this host only)" if port.local else ""
        yield Branch(f"{port.target} {glyphs.arrow} {sockets}{local}")
    for other in guest.guests:
        yield _guest(other, home, glyphs)


def _plug(plug: Plug, home: Net, glyphs: Glyphs) -> str:
    own = " ".join([plug.interface, *plug.addresses])
    ends = [own, plug.veth] if plug.veth else [own]
    ends += [f"network {plug.network}"] if plug.net != home.key else []
    return f" {glyphs.cable} ".join(ends)

"""A scene as a Mermaid flowchart, for Markdown pages that draw such blocks.

```
flowchart LR
  outside --- card --- bridges --- containers     lines as in the picture:
  outside --> port --> container                  --- cable, -.- forwarding, --> port
  subgraph host / subgraph network                boxes within boxes
```

Mermaid decides where things go; what is drawn is the same outline as everywhere.

Invariants: identifiers are ``n0``, ``n1``, ... since names may be words of Mermaid's
own (``end``); every text is quoted, and whatever could end a quotation is written as an
entity.
"""

from collections.abc import Iterator, Mapping

from minidock.views.canvas import Scene
from minidock.views.measure import plain
from minidock.views.outline import Guest, Net, Outline

__all__ = ["mermaid"]

_SAFE = frozenset(" ._:/,()[]-=+'")


def mermaid(scene: Scene) -> str:
    """The flowchart of a scene; O(its size).

    >>> from minidock.engine import Engine
    >>> from minidock.views.scene import scene
    >>> print(mermaid(scene(Engine().world)))
    flowchart LR
      n0(["outside<br/>192.0.2.1"])
      subgraph n1["docker-host"]
        n2["eth0<br/>192.0.2.2/24"]
        subgraph n3["bridge 172.17.0.0/16"]
          n4[["docker0<br/>172.17.0.1"]]
        end
      end
      n0 --- n2
      n2 -.- n4
      classDef stopped stroke-dasharray:5 4,opacity:0.6
    <BLANKLINE>
    """
    outline = scene.outline
    names = _names(outline)
    lines = [
        "flowchart LR",
        f"  {names['outside']}([{_quoted('outside', *_routers(outline))}])",
        f"  subgraph {names['host']}[{_quoted(outline.host)}]",
        *(f"    {line}" for line in _within(outline, names)),
        "  end",
        *(f"  {line}" for line in _links(outline, names)),
        "  classDef stopped stroke-dasharray:5 4,opacity:0.6",
    ]
    return "\n".join(lines) + "\n"


def _names(outline: Outline) -> dict[str, str]:
    keys = ["outside", "host", *(card.key for card in outline.cards)]
    for net in outline.nets:
        keys += [net.key, f"hub:{net.key}", *(guest.key for guest in net.everyone())]
    keys += [port.key for guest in outline.guests() for port in guest.ports]
    return {key: f"n{number}" for number, key in enumerate(keys)}


def _routers(outline: Outline) -> list[str]:
    return [router for card in outline.cards for router in card.routers]


def _quoted(*texts: str) -> str:
    return '"' + "<br/>".join(_escaped(text) for text in texts) + '"'


def _escaped(text: str) -> str:
    return "".join(
        character
        if character.isalnum() or character in _SAFE
        else f"#{ord(character)};"
        for character in plain(text)
    )


# --- boxes ----------------------------------------------------------------------------


def _within(outline: Outline, names: Mapping[str, str]) -> Iterator[str]:
    for card in outline.cards:
        yield f"{names[card.key]}[{_quoted(card.name, *card.addresses)}]"
    for guest in outline.guests():
        for port in guest.ports:
            yield f"{names[port.key]}([{_quoted(*port.sockets)}])"
    for net in outline.nets:
        title = " ".join([net.name, *net.subnets])
        yield f"subgraph {names[net.key]}[{_quoted(', '.join([title, *net.notes]))}]"
        if _has_hub(net):
            device = net.device or net.driver
            hub = names[f"hub:{net.key}"]
            yield f"  {hub}[[{_quoted(device, *net.gateways)}]]"
        for guest in net.everyone():
            yield f"  {_guest(guest, names)}"
        yield "end"


def _has_hub(net: Net) -> bool:
    return net.driver not in {"", "host", "null"}


def _guest(guest: Guest, names: Mapping[str, str]) -> str:
    box = f"{names[guest.key]}[{_quoted(guest.name, guest.image, *guest.remarks)}]"
    return box if guest.running else f"{box}:::stopped"


# --- lines ----------------------------------------------------------------------------


def _links(outline: Outline, names: Mapping[str, str]) -> Iterator[str]:
    for card in outline.cards:
        yield f"{names['outside']} --- {names[card.key]}"
    leading = [card for card in outline.cards if card.routers] or outline.cards
    for net in outline.nets:
        if net.way_out and leading:
            inside = f"hub:{net.key}" if _has_hub(net) else net.key
            own = next((c for c in outline.cards if c.key == net.card), None)
            line = "---" if own else "-.-"
            yield f"{names[(own or leading[0]).key]} {line} {names[inside]}"
    for guest in outline.guests():
        yield from _guest_links(guest, names)


def _guest_links(guest: Guest, names: Mapping[str, str]) -> Iterator[str]:
    own = names[guest.key]
    for plug in guest.plugs:
        if plug.attached:
            text = _quoted(" ".join([plug.interface, *plug.addresses]))
            yield f"{names[f'hub:{plug.net}']} ---|{text}| {own}"
    for port in guest.ports:
        if not port.local:
            yield f"{names['outside']} --> {names[port.key]}"
        yield f"{names[port.key]} -->|{_quoted(port.target)}| {own}"
    for other in guest.guests:
        yield f"{own} -.-|{_quoted('shared stack')}| {names[other.key]}"

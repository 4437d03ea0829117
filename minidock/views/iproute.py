"""The `ip` command: its words, and what it prints for one namespace.

```
ip [OPTIONS] OBJECT [show] [FILTER]
   -4 -6 -d -j -o -br    link addr route rule neigh     dev X | type T | master B | up
```

Only looking is answered. A text is None where this reading does not know the words
(changing something is a command on a World, not a reading of it).

Docker itself never calls `ip`; it speaks netlink. The words and abbreviations are
iproute2's: any unambiguous beginning of a word will do, the first match wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from minidock.errors import NotFound
from minidock.net.address import V4, V6
from minidock.topology.interface import Interface
from minidock.topology.namespace import Namespace, Route
from minidock.views.iplink import LinkStyle, links_json, links_text
from minidock.views.linkdetails import Value, compact

__all__ = ["ip"]

# iproute2's own order: an abbreviation means the first word that begins with it.
_OBJECTS = ("address", "route", "rule", "neighbor", "neighbour", "link")
_LOOKING = ("show", "list", "lst")
_RULES = ((0, "local"), (32766, "main"), (32767, "default"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One command line, read."""

    target: str = ""
    family: int = 0
    details: bool = False
    json: bool = False
    oneline: bool = False
    brief: bool = False
    device: str = ""
    kind: str = ""
    master: str = ""
    up: bool = False
    default: bool = False


def ip(space: Namespace, words: Sequence[str]) -> str | None:
    r"""What `ip` with these words prints in a namespace, or None.

    >>> ip(Namespace(name=""), ["rule"]).splitlines()[0]
    '0:\tfrom all lookup local'
    >>> ip(Namespace(name=""), ["link", "show", "eth7"])
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: Device "eth7" does not exist.
    """
    call = _read(list(words))
    if call is None:
        return None
    if call.device and space.interface(call.device) is None:
        raise _no_device(call)
    match call.target:
        case "link" | "address":
            return _links(space, call)
        case "route":
            return _routes(space, call)
        case "rule":
            return _rules(call)
        case _:
            return _neighbours(space, call)


def _no_device(call: _Call) -> NotFound:
    # `ip route` says it in its own words.
    text = f'Device "{call.device}" does not exist.'
    if call.target in {"route", "neighbor"}:
        text = f'Cannot find device "{call.device}"'
    return NotFound(
        text,
        asked=f"look at {call.device}",
        rule="a namespace sees its own interfaces only",
        remedy="ip -br link lists them",
    )


# --- reading the words ----------------------------------------------------------------


def _read(words: list[str]) -> _Call | None:
    call: _Call | None = _Call()
    while call and words and words[0].startswith("-"):
        call = _with_option(call, words.pop(0))
    if call is None or not words:
        return None
    target = _abbreviated(words.pop(0), _OBJECTS)
    if target is None:
        return None
    if words and _abbreviated(words[0], _LOOKING):
        words.pop(0)
    return _filters(replace(call, target=target.replace("bour", "bor")), words)


def _with_option(call: _Call, option: str) -> _Call | None:
    match option:
        case "-4" | "-6":
            return replace(call, family=V4 if option == "-4" else V6)
        case "-d" | "-details":
            return replace(call, details=True)
        case "-j" | "-json":
            return replace(call, json=True)
        case "-o" | "-oneline":
            return replace(call, oneline=True)
        case "-br" | "-brief":
            return replace(call, brief=True)
        case _:
            return None


def _abbreviated(word: str, names: Sequence[str]) -> str | None:
    return next((name for name in names if name.startswith(word)), None)


def _filters(call: _Call, words: list[str]) -> _Call | None:
    interfaces = call.target in {"link", "address"}
    while words:
        match words:
            case ["dev", name, *words]:
                call = replace(call, device=name)
            case ["type", kind, *words] if interfaces:
                call = replace(call, kind=kind)
            case ["master", name, *words] if interfaces:
                call = replace(call, master=name)
            case ["table", "main", *words] if call.target == "route":
                pass
            case ["up", *words] if interfaces:
                call = replace(call, up=True)
            case ["default", *words] if call.target == "route":
                call = replace(call, default=True)
            case [name, *words] if interfaces and not call.device:
                call = replace(call, device=name)
            case _:
                return None
    return call


# --- links and addresses --------------------------------------------------------------


def _links(space: Namespace, call: _Call) -> str | None:
    addresses = call.target == "address"
    odd = call.family and (call.details or not addresses)
    if odd or (call.master and space.interface(call.master) is None):
        return None
    style = LinkStyle(
        addresses=addresses,
        details=call.details,
        brief=call.brief,
        oneline=call.oneline,
        family=call.family,
    )
    shown = [item for item in space.interfaces if _passes(item, call)]
    return (links_json if call.json else links_text)(space, shown, style)


def _passes(item: Interface, call: _Call) -> bool:
    return (
        call.device in {"", item.name}
        and call.kind in {"", str(item.kind)}
        and call.master in {"", item.master}
        and (item.up or not call.up)
    )


# --- routes, rules, neighbours --------------------------------------------------------


def _routes(space: Namespace, call: _Call) -> str | None:
    if call.details:
        return None
    shown = [
        route
        for route in space.routes_of(call.family or V4)
        if call.device in {"", route.device} and (route.is_default or not call.default)
    ]
    down = {item.name for item in space.interfaces if not item.carrier}
    if call.json:
        found = [_route_json(route, call, route.device in down) for route in shown]
        return compact([*found]) + "\n"
    return "".join(_route_text(route, call, route.device in down) for route in shown)


def _metric(route: Route) -> int:
    """IPv6 routes have a metric: the kernel's own come before anybody else's."""
    return 256 if route.kernel else 1024


def _route_text(route: Route, call: _Call, down: bool) -> str:
    v4 = route.family == V4
    scope = v4 and route.gateway is None
    words = [
        "default" if route.is_default else str(route.destination),
        f"via {route.gateway}" if route.gateway else "",
        # A column that was filtered by is left out.
        "" if call.device else f"dev {route.device}",
        "proto kernel" if route.kernel else "",
        "scope link" if scope else "",
        f"src {route.source}" if route.source else "",
        "" if v4 else f"metric {_metric(route)}",
        "linkdown" if down else "",
        "" if v4 else "pref medium",
    ]
    text = " ".join(word for word in words if word)
    return f"{text} \n" if v4 else f"{text}\n"


def _route_json(route: Route, call: _Call, down: bool) -> Value:
    v4 = route.family == V4
    return {
        "dst": "default" if route.is_default else str(route.destination),
        **({"gateway": str(route.gateway)} if route.gateway else {}),
        **({} if call.device else {"dev": route.device}),
        **({"protocol": "kernel"} if route.kernel else {}),
        **({"scope": "link"} if v4 and route.gateway is None else {}),
        **({"prefsrc": str(route.source)} if route.source else {}),
        **({} if v4 else {"metric": _metric(route)}),
        "flags": ["linkdown"] if down else [],
        **({} if v4 else {"pref": "medium"}),
    }


def _rules(call: _Call) -> str:
    """Which routing tables are asked, in which order: nobody here adds any."""
    # IPv6 has no table "default" unless somebody makes it.
    shown = _RULES[:2] if call.family == V6 else _RULES
    if call.json:
        found: list[Value] = [
            {"priority": number, "src": "all", "table": table}
            for number, table in shown
        ]
        return compact(found) + "\n"
    return "".join(f"{number}:\tfrom all lookup {table}\n" for number, table in shown)


def _neighbours(space: Namespace, call: _Call) -> str:
    shown = [
        item
        for item in space.neighbours
        if call.device in {"", item.device} and call.family in {0, item.address.family}
    ]
    if call.json:
        found: list[Value] = [
            {
                "dst": str(item.address),
                **({} if call.device else {"dev": item.device}),
                "lladdr": str(item.mac),
                "state": [item.state],
            }
            for item in shown
        ]
        return compact(found) + "\n"
    return "".join(
        f"{item.address} {'' if call.device else f'dev {item.device} '}"
        f"lladdr {item.mac} {item.state} \n"
        for item in shown
    )

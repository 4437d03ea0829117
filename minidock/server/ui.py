"""The page at /ui: what a browser may ask, and what it gets.

```
 /ui               the page itself, one file
 /ui/state.json    networks, containers, ports, what happened     (overview)
 /ui/topology.svg  the drawing                                    (views.drawing)
 /ui/rules.txt     iptables-save; ?family=6 for ip6tables-save    (views.console)
 /ui/trace.json    ?from=web&to=db:6379, a packet's journey       (packet.journey)
 /ui/trace.svg     the same as a picture
 /ui/reach.json    who reaches whom                               (packet.reach)
 /ui/events        server-sent: "the World changed"               (watch)
```

All of it is read off a Moment, and nothing changes anything.

Invariants: every answer forbids what it does not need (a Content-Security-Policy that
starts with ``default-src 'none'``); a refusal has its three parts; an answer that the
browser has already is not sent again (ETag).
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType

from minidock.api.http import Request, Response
from minidock.api.routes import status_of
from minidock.api.streams import Moment
from minidock.errors import Exhausted, InvalidParameter, NotFound, Refusal
from minidock.model.world import World
from minidock.packet.trace import Hop, Layer, Trace
from minidock.server.overview import overview
from minidock.server.watch import Watch
from minidock.views.console import host_command
from minidock.views.drawing import draw
from minidock.views.trace_json import trace_json
from minidock.views.trail import decisive

__all__ = ["PATHS", "answer"]

_MOST = 60
"""Of how many running containers the matrix is made: it asks for every pair."""

_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; "
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": _POLICY + "frame-ancestors 'none'; sandbox",
}


def answer(moment: Moment, request: Request) -> Response | None:
    """The answer to a request below /ui, or None where it is for somebody else.

    >>> from minidock.engine import Engine
    >>> now = Engine().moment()
    >>> answer(now, Request(method="GET", path="/ui/rules.txt")).text.split()[0]
    '*filter'
    >>> answer(now, Request(method="GET", path="/ui/trace.json")).status
    400
    >>> answer(now, Request(method="GET", path="/networks")) is None
    True
    """
    path = request.path
    if path != "/ui" and not path.startswith("/ui/"):
        return None
    try:
        return _once(_answer(moment, request), request)
    except Refusal as refusal:
        return _refused(refusal)


def _answer(moment: Moment, request: Request) -> Response:
    found = PATHS.get(request.path)
    if found is None:
        raise NotFound(
            "page not found",
            asked=f"the page {request.path}",
            rule="the page at /ui has a few parts, and this is none of them",
            remedy="one of " + ", ".join(PATHS),
        )
    if request.method not in {"GET", "HEAD"}:
        refused = _refused(
            InvalidParameter(
                f"{request.method} is not allowed here",
                asked=f"{request.method} {request.path}",
                rule="the page only looks",
                remedy=f"GET {request.path}",
            )
        )
        allowed = {**refused.headers, "Allow": "GET, HEAD"}
        return replace(refused, status=405, headers=allowed)
    response = found(moment, request)
    return replace(response, stream=None) if request.method == "HEAD" else response


def _headers(kind: str, policy: str = "") -> dict[str, str]:
    own = {"Content-Security-Policy": policy} if policy else {}
    return {"Content-Type": kind, "Cache-Control": "no-cache", **_HEADERS, **own}


def _refused(refusal: Refusal) -> Response:
    return Response(
        status=status_of(refusal),
        body={
            "message": refusal.text,
            "asked": refusal.asked,
            "rule": refusal.rule or refusal.text,
            "remedy": refusal.remedy,
        },
        headers=_headers("application/json") | {"Cache-Control": "no-store"},
        refusal=refusal,
    )


def _once(response: Response, request: Request) -> Response:
    """The answer with its ETag; 304 and nothing more if the browser has it already."""
    if response.text is None or response.status != 200:
        return response
    tag = f'"{sha256(response.text.encode()).hexdigest()[:20]}"'
    headers = {**response.headers, "ETag": tag}
    known = request.headers.get("if-none-match", "")
    if tag in (item.strip().removeprefix("W/") for item in known.split(",")):
        del headers["Content-Type"]
        return Response(status=304, headers=headers)
    return replace(response, headers=headers)


def _json(value: Mapping[str, object]) -> Response:
    """Made into text at once: of a text one can say whether it is known already."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Response(text=text, headers=_headers("application/json"))


def _svg(text: str) -> Response:
    return Response(text=text, headers=_headers("image/svg+xml; charset=utf-8"))


# --- the page -------------------------------------------------------------------------


def _page(_moment: Moment, _request: Request) -> Response:
    text, policy = _document()
    return Response(text=text, headers=_headers("text/html; charset=utf-8", policy))


@cache
def _document() -> tuple[str, str]:
    """The page, and the policy that lets its own script and style run, no others."""
    text = (files("minidock.server") / "page" / "ui.html").read_text(encoding="utf-8")
    script, style = (_digest(text, tag) for tag in ("script", "style"))
    return text, (
        f"{_POLICY}script-src '{script}'; style-src '{style}'; connect-src 'self'; "
        "img-src data:; frame-ancestors 'none'"
    )


def _digest(text: str, tag: str) -> str:
    """The hash by which a policy names an inline element (CSP level 2)."""
    [inside] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return f"sha256-{b64encode(sha256(inside.encode()).digest()).decode()}"


# --- what it shows --------------------------------------------------------------------


def _state(moment: Moment, _request: Request) -> Response:
    return _json(overview(moment))


def _topology(moment: Moment, _request: Request) -> Response:
    return _svg(draw(moment.world).svg)


def _rules(moment: Moment, request: Request) -> Response:
    program = "ip6tables-save" if _family(request) == "6" else "iptables-save"
    shown = host_command(moment.world, program)
    text = shown.stdout if shown else ""
    return Response(text=text, headers=_headers("text/plain; charset=utf-8"))


def _family(request: Request) -> str:
    family = request.query.get("family", "4")
    if family not in {"4", "6"}:
        raise InvalidParameter(
            f"there is no IP family {family}",
            asked=f"the rules of family {family}",
            rule="addresses are IPv4 or IPv6",
            remedy="family=4 or family=6",
        )
    return family


def _watch(_moment: Moment, _request: Request) -> Response:
    headers = {**_headers("text/event-stream"), "Cache-Control": "no-store"}
    return Response(stream=Watch(), headers=headers)


# --- journeys -------------------------------------------------------------------------


def _trace(moment: Moment, request: Request) -> Response:
    trace = _walk(moment.world, request)
    return _json({**trace_json(trace), "deciding": _deciding(trace)})


def _trace_picture(moment: Moment, request: Request) -> Response:
    # Late, as in Engine.trace: who asks for no journey does not wait for its parts.
    from minidock.views.trace_svg import trace_svg  # noqa: PLC0415

    return _svg(trace_svg(moment.world, _walk(moment.world, request)))


def _walk(world: World, request: Request) -> Trace:
    from minidock.packet.journey import journey  # noqa: PLC0415 - see _trace_picture

    ends = []
    for name in ("from", "to"):
        end = request.query.get(name, "")
        if not end:
            raise InvalidParameter(
                f"{name} is missing",
                asked=f"a journey without {name}",
                rule="a journey has two ends",
                remedy="/ui/trace.json?from=web&to=db:6379",
            )
        ends.append(end)
    return journey(world, *ends)


def _deciding(trace: Trace) -> dict[str, object] | None:
    """The hop that settled it: where it failed, or the last rule that let it pass."""
    hop = decisive(trace) if not trace.delivered else _gate(trace)
    if hop is None:
        return None
    return {"number": hop.number, "place": hop.place, "entry": hop.entry or None}


def _gate(trace: Trace) -> Hop | None:
    rules = (hop for hop in trace.hops if hop.layer is Layer.FIREWALL and not hop.reply)
    return next((hop for hop in reversed(list(rules)) if hop.entry), None)


def _reach(moment: Moment, _request: Request) -> Response:
    from minidock.packet.reach import reachability  # noqa: PLC0415 - see _trace_picture
    from minidock.views.matrix import matrix_json  # noqa: PLC0415 - the same

    running = sum(c.state.running for c in moment.world.containers.values())
    if running > _MOST:
        raise Exhausted(
            f"{running} running containers are too many for a table",
            asked="who reaches whom",
            rule=f"the table asks for every pair, so it ends at {_MOST} containers",
            remedy="single journeys, or minidock reach",
        )
    return _json(matrix_json(reachability(moment.world)))


PATHS: Mapping[str, Callable[[Moment, Request], Response]] = MappingProxyType(
    {
        "/ui": _page,
        "/ui/": _page,
        "/ui/state.json": _state,
        "/ui/topology.svg": _topology,
        "/ui/rules.txt": _rules,
        "/ui/trace": _trace,
        "/ui/trace.json": _trace,
        "/ui/trace.svg": _trace_picture,
        "/ui/reach.json": _reach,
        "/ui/events": _watch,
    }
)
"""What is served below /ui, by its path."""

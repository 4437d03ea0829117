"""Our own commands about packets: trace, reach, and what machines outside do.

```
minidock trace web db:6379/tcp     every hop, the rule that decided, what would work
minidock reach                     who reaches whom, as a table
minidock outside ip route add ...  a route on the machines behind the host's card
```

`trace` ends with 0 if the request was delivered, with 1 if not, as ping does.
"""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace

from minidock.cli.answers import said, said_json
from minidock.cli.arguments import Parser
from minidock.cli.workbench import Workbench
from minidock.client.session import Output
from minidock.engine import Engine
from minidock.errors import InvalidParameter
from minidock.views.journey import Journey

__all__ = ["outside", "reach", "trace"]


def trace(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock trace SOURCE TARGET`: a packet's journey, hop by hop."""
    parser = Parser("trace", "follow a packet and its answer, hop by hop")
    parser.add_argument("source", help="a container, host, outside, or an address")
    parser.add_argument("target", help="NAME:PORT, NAME:PORT/udp, or NAME for a ping")
    parser.add_argument("--brief", action="store_true", help="only what rules decide")
    parser.add_argument(
        "--predict", action="store_true", help="hide the decisions: guess first"
    )
    parser.add_argument("--svg", action="store_true", help="a picture: SVG")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--html", action="store_true", help="a page with a slider")
    form.add_argument("--rules", action="store_true", help="SVG: the rules it met")
    form.add_argument("--animated", action="store_true", help="SVG: the packet moves")
    parser.add_argument("--ascii", action="store_true", help="plain letters only")
    parser.add_argument("--width", type=int, default=80, help="columns, from 40")
    parser.add_argument("--size", type=int, default=0, help="octets of the packet")
    parser.add_argument("--ttl", type=int, default=64, help="routers on the way, 1-255")
    whole = parser.add_mutually_exclusive_group()
    whole.add_argument("--whole", action="store_true", help="no router may cut it")
    whole.add_argument("--cut", action="store_true", help="routers may cut it")
    family = parser.add_mutually_exclusive_group()
    family.add_argument("-4", "--ipv4", action="store_true", help="IPv4 only")
    family.add_argument("-6", "--ipv6", action="store_true", help="IPv6 only")
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    journey = bench.engine.trace(
        arguments.source,
        arguments.target,
        size=arguments.size,
        ttl=arguments.ttl,
        may_fragment=True if arguments.cut else False if arguments.whole else None,
        family=4 if arguments.ipv4 else 6 if arguments.ipv6 else 0,
        others=bench.others,
    )
    code = 0 if journey.delivered or arguments.predict else 1
    if as_data:
        output = said_json(journey.json)
    elif arguments.html:
        output = said(journey.html)
    elif arguments.svg or arguments.rules or arguments.animated:
        output = said(_picture(bench.engine, journey, arguments))
    else:
        text = journey.as_text(
            max(arguments.width, 40),
            ascii_only=arguments.ascii,
            brief=arguments.brief,
            predict=arguments.predict,
        )
        output = said(f"{text}\n")
    return replace(output, code=code)


def _picture(engine: Engine, journey: Journey, wanted: Namespace) -> str:
    if wanted.rules:
        return engine.rules(journey, family=journey.family).svg
    return journey.animated_svg if wanted.animated else journey.svg


def reach(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock reach`: who reaches whom."""
    parser = Parser("reach", "print who reaches whom, and on which port")
    kind = parser.add_mutually_exclusive_group()
    for name in ("markdown", "html"):
        kind.add_argument(f"--{name}", action="store_true", help=f"as {name}")
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    matrix = bench.engine.reachability(others=bench.others)
    if as_data:
        return said_json(matrix.json)
    if arguments.markdown:
        return said(matrix.markdown)
    if arguments.html:
        return said(matrix.html)
    return said(f"{matrix.text}\n")


def outside(bench: Workbench, words: Sequence[str], _: bool) -> Output:
    """`minidock outside COMMAND`: a command on the machines behind the host's card."""
    parser = Parser("outside", "look at or change the routes of the machines outside")
    if not words or words[0] in {"-h", "--help"}:
        parser.add_argument("command", nargs="+", help="ip route [add|del] ...")
        return said(parser.format_help())
    answer = bench.outside(words)
    if answer is None:
        raise InvalidParameter(
            f"cannot tell what {words[0]!r} would do outside",
            asked=f"run {' '.join(words)} on the machines outside",
            rule="of the world outside only its routes to this host are modelled",
            remedy="minidock outside ip route add 172.17.0.0/16 via 192.0.2.2",
        )
    return answer

"""Our own commands that look beneath Docker's: rules, machine, draw, events.

```
World ──▶ rules      iptables-save
      ├─▶ machine    namespaces, interfaces, routes
      ├─▶ draw       text, SVG, Mermaid
      └─▶ events     what happened
```

Each is a function of the workbench and its words; none changes anything, but for
``host``, which may run ``ip addr add`` on the simulated host.
"""

from argparse import Namespace
from collections.abc import Sequence

from minidock.cli.answers import said, said_json
from minidock.cli.arguments import Parser
from minidock.cli.machine_json import machine_json
from minidock.cli.workbench import Workbench
from minidock.client.session import Output
from minidock.engine import Engine
from minidock.errors import InvalidParameter
from minidock.firewall.render import save, text_of
from minidock.firewall.ruleset import Ruleset
from minidock.host.rules import rules as rules_of
from minidock.model.document import Json, thaw
from minidock.model.event import Event
from minidock.net.address import V4, V6
from minidock.views.bit_svg import prefix_bits
from minidock.views.drawing import Drawing
from minidock.views.durations import timestamp
from minidock.views.machine_text import machine_text
from minidock.views.picture import Picture
from minidock.views.rule_svg import Rules

__all__ = ["draw", "events", "host", "machine", "rules"]


def rules(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock rules`: what iptables-save shows on the host."""
    parser = Parser("rules", "print what iptables-save shows on the host")
    parser.add_argument(
        "-t", "--table", default="", help="only this table: filter, nat"
    )
    parser.add_argument("-6", "--ipv6", action="store_true", help="ip6tables instead")
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    ruleset = rules_of(bench.world, V6 if arguments.ipv6 else V4)
    text = save(ruleset, table=arguments.table)
    if as_data:
        return said_json(_rules_json(ruleset, arguments.table))
    return said(text)


def _rules_json(ruleset: Ruleset, only: str) -> Json:
    return [
        {"table": table.name, "chain": chain.name, "rule": text_of(rule)}
        for table in ruleset.tables
        if only in {"", table.name}
        for chain in table.chains
        for rule in chain.rules
    ]


def machine(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock machine`: namespaces, interfaces, addresses and routes."""
    parser = Parser("machine", "list namespaces with their interfaces and routes")
    parser.add_argument("--ascii", action="store_true", help="plain letters only")
    parser.add_argument(
        "--link-local", action="store_true", help="also what the kernel made from MACs"
    )
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    built = bench.engine.machine()
    if as_data:
        return said_json(machine_json(built))
    text = machine_text(
        built, ascii_only=arguments.ascii, link_local=arguments.link_local
    )
    return said(f"{text}\n")


def draw(bench: Workbench, words: Sequence[str], _: bool) -> Output:
    """`minidock draw`: a picture of the host."""
    parser = Parser("draw", "draw the host, or a part of it")
    kind = parser.add_mutually_exclusive_group()
    for name, text in (("text", "for a terminal"), ("svg", "SVG"), ("mermaid", "")):
        help_text = text or "Mermaid, for Markdown pages"
        kind.add_argument(
            f"--{name}", dest="kind", action="store_const", const=name, help=help_text
        )
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--pool", metavar="NETWORK", help="its addresses, who has which")
    part.add_argument("--rules", action="store_true", help="the firewall's chains")
    part.add_argument(
        "--bits", nargs="+", metavar="PREFIX", help="PREFIX [ADDRESS...]: their bits"
    )
    parser.add_argument("-6", "--ipv6", action="store_true", help="IPv6")
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    picture = _picture(bench.engine, arguments)
    if arguments.kind == "mermaid" and not isinstance(picture, Drawing):
        raise InvalidParameter(
            "only the whole host can be drawn as Mermaid",
            asked="draw a part of the host as Mermaid",
            rule="Mermaid has boxes and arrows, but no tables",
            remedy="--svg, or no option at all for text",
        )
    if arguments.kind == "svg":
        text = picture.svg
    elif arguments.kind == "mermaid" and isinstance(picture, Drawing):
        text = picture.mermaid
    else:
        text = str(picture)
    return said(text if text.endswith("\n") else text + "\n")


def _picture(engine: Engine, wanted: Namespace) -> Drawing | Picture | Rules:
    if wanted.pool:
        return engine.pool(wanted.pool, family=V6 if wanted.ipv6 else 0)
    if wanted.rules:
        return engine.rules(family=V6 if wanted.ipv6 else V4)
    if wanted.bits:
        return prefix_bits(*wanted.bits)
    return engine.draw()


def events(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock events`: what happened, oldest first, as `docker events` prints it."""
    parser = Parser("events", "print what happened, oldest first")
    parser.add_argument(
        "--steps", action="store_true", help="also what was done to the host on the way"
    )
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    found = [
        event
        for event in bench.engine.events
        if arguments.steps or event.type != "step"
    ]
    if as_data:
        return said_json([_event_json(event) for event in found])
    return said("".join(f"{_event_line(event)}\n" for event in found))


def _event_line(event: Event) -> str:
    attributes = ", ".join(f"{k}={event.attributes.text(k)}" for k in event.attributes)
    when = timestamp(event.time)
    return f"{when} {event} ({attributes})" if attributes else f"{when} {event}"


def _event_json(event: Event) -> Json:
    return {
        "Type": event.type,
        "Action": event.action,
        "Actor": {"ID": event.actor, "Attributes": thaw(event.attributes)},
        "timeNano": event.time,
    }


def host(bench: Workbench, words: Sequence[str], _: bool) -> Output:
    """`minidock host COMMAND`: a command on the simulated Docker host."""
    parser = Parser("host", "run a command on the simulated Docker host")
    if not words or words[0] in {"-h", "--help"}:
        parser.add_argument(
            "command", nargs="+", help="ip, ss, iptables, ufw, sysctl, ping, curl ..."
        )
        return said(parser.format_help())
    answer = bench.host(words)
    if answer is None:
        raise InvalidParameter(
            f"cannot tell what {words[0]!r} would print here",
            asked=f"run {' '.join(words)} on the Docker host",
            rule="only what a model of the host has can be looked at or changed",
            remedy="ip addr, ip route, bridge link, ss -lnt, iptables, ufw, sysctl, "
            "cat /etc/hosts, ping, curl, nslookup",
        )
    return answer

"""The pictures that an engine shows of its World.

```
 World, "app" ─▶ pool_picture ─▶ which addresses are held, and by whom
 World, IPv4  ─▶ rules_text   ─▶ what iptables-save prints, with its rules to draw
```
"""

from minidock.errors import InvalidParameter
from minidock.host.rules import rules
from minidock.model.world import World
from minidock.net.address import V4, V6
from minidock.views.console import host_command
from minidock.views.journey import Journey
from minidock.views.picture import Picture
from minidock.views.pool_map import pool_map
from minidock.views.pool_svg import pool_svg
from minidock.views.pool_text import pool_text
from minidock.views.rule_svg import Rules

__all__ = ["pool_picture", "rules_text"]


def pool_picture(world: World, network: str, family: int = 0) -> Picture:
    """The pool of a network, found by name or id; see :meth:`Engine.pool`."""
    shown = pool_map(world, network, family)
    return Picture(
        f"pool {shown.title}", lambda: pool_text(shown), lambda: pool_svg(shown)
    )


def rules_text(world: World, journey: Journey | None = None, family: int = V4) -> Rules:
    """The rules of the host's firewall; see :meth:`Engine.rules`."""
    if family not in {V4, V6}:
        raise InvalidParameter(
            f"there are no rules of family {family!r}",
            asked=f"the rules of family {family!r}",
            rule="the host has two rule sets, of IPv4 and of IPv6",
            remedy="family=4, or family=6",
        )
    program = "iptables-save" if family == V4 else "ip6tables-save"
    output = host_command(world, program)
    met = None if journey is None else journey.trace
    return Rules(output.stdout if output else "", rules(world, family), met)

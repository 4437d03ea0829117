"""A question to a plugin: asked once, used up, and its answer read with care.

```
ask(world, call)   the answer is among the facts ──▶ used up there; refused if it is
                                                     an error or no message
                   nobody has asked yet          ──▶ Needs(call)
telling(world, call, ...)                        ──▶ told after the change
```

Docker's sources: moby, ``pkg/plugins/client.go``, ``libnetwork/drivers/remote`` and
``libnetwork/ipams/remote``: an error in an answer is printed behind ``remote:``.
"""

import json
from dataclasses import replace

from minidock.errors import NotFound, Unclassified
from minidock.model.document import Json
from minidock.model.remote import Call, Heard, Needs, Remote
from minidock.model.world import World
from minidock.plugin.fields import Malformed, Object, read, text
from minidock.plugin.messages import ACTIVATE, error_field

__all__ = ["activate", "ask", "call_of", "failed", "knows", "telling"]


def call_of(plugin: str, method: str, body: Json = None) -> Call:
    """The call of a method, its body as JSON with its keys in order."""
    return Call(plugin, method, json.dumps(body or {}, sort_keys=True))


def ask(world: World, call: Call) -> tuple[World, Object]:
    """The answer of a plugin, which is used up by this.

    Raises:
        Needs: nobody has asked yet.
        NotFound: there is no such plugin. Unclassified: it gave no answer, or an error.
    """
    world, heard = _used(world, call)
    return world, _meaning(heard)


def knows(world: World, call: Call) -> tuple[World, bool]:
    """Whether a plugin has a method that it may leave out; if so, it was called.

    Raises:
        Needs: nobody has asked yet. Unclassified: it gave no answer, or an error.
    """
    world, heard = _used(world, call)
    if not heard.unknown:
        _meaning(heard)
    return world, not heard.unknown


def _used(world: World, call: Call) -> tuple[World, Heard]:
    remote = world.remote
    if remote is None:
        raise _not_found(call.plugin)
    for number, heard in enumerate(remote.heard):
        if heard.call == call:
            left = remote.heard[:number] + remote.heard[number + 1 :]
            return replace(world, remote=replace(remote, heard=left)), heard
    raise Needs(call)


def _meaning(heard: Heard) -> Object:
    call = heard.call
    if heard.missing:
        raise _not_found(call.plugin)
    if heard.failure:
        raise failed(call, heard.failure)
    try:
        value = read(heard.reply.encode())
        wrong = text(value, error_field(call.method))
    except Malformed as error:
        raise failed(call, error.text) from error
    if wrong:
        raise failed(call, f"remote: {wrong}")
    return value


def _not_found(plugin: str) -> NotFound:
    return NotFound(
        f'plugin "{plugin}" not found',
        asked=f"a driver called {plugin}",
        rule="a driver is built in or comes from a plugin",
        remedy="leave --driver and --ipam-driver out, or start the plugin",
    )


def failed(call: Call, why: str) -> Unclassified:
    """The refusal of what a plugin did not do, or did not do right."""
    return Unclassified(
        why,
        asked=f"{call.method} of the plugin {call.plugin}",
        rule="what a plugin decides is not done without its answer",
        remedy=f"look what the plugin {call.plugin} says, or use another driver",
    )


def activate(world: World, plugin: str, kind: str) -> World:
    """The World in which a plugin has said that it is of this kind.

    Args:
        world: where it is needed.
        plugin: its name.
        kind: ``IpamDriver`` or ``NetworkDriver``.

    Raises:
        Needs: it has to be asked. NotFound: there is no such plugin.
        Unclassified: it is of another kind, or gives no answer.
    """
    call = call_of(plugin, ACTIVATE)
    known = world.remote.active.get(plugin) if world.remote else None
    try:
        if known is None:
            world, reply = ask(world, call)
            offered = reply.get("Implements")
            kinds = offered if isinstance(offered, list) else []
            known = frozenset(item for item in kinds if isinstance(item, str))
            remote = world.remote or Remote()
            remote = replace(remote, active=remote.active.set(plugin, known))
            world = replace(world, remote=remote)
        if kind not in known:
            raise failed(call, "Plugin does not implement the requested driver")
    except Unclassified as error:
        raise failed(call, f"legacy plugin: {error.text}") from error
    return world


def telling(world: World, *calls: Call) -> World:
    """The World whose plugins will be told this once it holds; no answer matters."""
    if not calls:
        return world
    remote = world.remote or Remote()
    return replace(world, remote=replace(remote, pending=(*remote.pending, *calls)))

"""What somebody types into an attached program, on its way to the program.

```
connection ── bytes ──▶ INPUT /containers/{id}/attach/{number}
                        INPUT /exec/{id}
                           │ detach keys       (a terminal's only)
                           │ line editing      (a terminal's only): echo, signals
                           ▼
                        turning.feed ──▶ the program reads
```

``INPUT`` is no method of HTTP: whoever holds the connection makes the request of what
came over it, at the path that the attaching answer named; ``closed=1`` says that
nothing more will come.

Docker calls it: ``container/stream/attach.go`` in moby.
"""

import codecs
from dataclasses import dataclass, replace

from minidock.api.call import Answer, Call
from minidock.api.detaching import passed
from minidock.api.http import Response
from minidock.api.tty import Echo, End, Hand, edited
from minidock.commands.containers import container_event
from minidock.commands.execs import exec_event
from minidock.errors import NotFound
from minidock.model.archive import bytes_of
from minidock.model.event import Event
from minidock.model.terminal import Attachment, Terminal
from minidock.model.world import World

__all__ = ["to_container", "to_exec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typing:
    """Typing under way: the World so far, what happened, and into what it goes."""

    world: World
    target: str
    now: int
    events: tuple[Event, ...] = ()

    @property
    def listens(self) -> bool:
        """Whether there is still a program that could read."""
        container = self.world.containers.get(self.target)
        if container is not None:
            return container.state.running
        instance = self.world.execs.get(self.target)
        return instance is not None and instance.running

    def fed(self, data: bytes, *, closed: bool = False) -> "_Typing":
        """The program has got this, or the end of its input."""
        # Late, since the programs and the packets they send take half of an import.
        from minidock.runtime import turning  # noqa: PLC0415

        fed = turning.feed(self.world, self.target, data, self.now, closed=closed)
        return replace(self, world=fed.world, events=self.events + fed.events)

    def interrupted(self, signal: int) -> "_Typing":
        """The program has got a signal from the keyboard."""
        from minidock.runtime import turning  # noqa: PLC0415 - see fed

        sent = turning.interrupt(self.world, self.target, signal, self.now)
        return replace(self, world=sent.world, events=self.events + sent.events)

    def echoed(self, text: str) -> "_Typing":
        """The terminal shows it, to all who read along."""
        world, piece = self.world, (self.now, "stdout", text)
        container = world.containers.get(self.target)
        if container is not None:
            container = replace(container, logs=(*container.logs, piece))
            containers = world.containers.set(container.id, container)
            return replace(self, world=replace(world, containers=containers))
        instance = world.execs[self.target]
        instance = replace(instance, output=(*instance.output, piece))
        execs = world.execs.set(instance.id, instance)
        return replace(self, world=replace(world, execs=execs))


def to_container(call: Call) -> Answer:
    """INPUT /containers/{id}/attach/{number}: into a container's own program.

    Without a number it comes from nobody in particular, who cannot leave either. The
    end of a client's input is the program's only if that was made for one client
    (``StdinOnce``), and has no terminal; else it is the client who leaves.
    """
    target = call.words["id"]
    container = call.world.last_seen(target)
    if container is None:
        raise NotFound(f"No such container: {target}")
    terminal = container.config.flag("Tty")
    typing = _Typing(world=call.world, target=target, now=call.now)
    key = f"{target}/{call.words.get('number', '')}"
    gone = container_event("detach", container, call.now)
    typing, data = _escaped(typing, key, call.data, gone, terminal=terminal)
    typing = _typed(typing, data, terminal=terminal)
    if call.flag("closed"):
        once = container.config.flag("StdinOnce") and not terminal
        typing = _closed(typing, key, ends=once)
    return Answer(
        world=typing.world, response=Response(status=204), events=typing.events
    )


def to_exec(call: Call) -> Answer:
    """INPUT /exec/{id}: into the program of an exec."""
    target = call.words["id"]
    instance = call.world.execs.get(target)
    container = call.world.last_seen(instance.container) if instance else None
    if instance is None or container is None:
        raise NotFound(f"No such exec instance: {target}")
    terminal = instance.config.flag("Tty")
    typing = _Typing(world=call.world, target=target, now=call.now)
    signal = call.query.get("signal", "")
    if signal.isdecimal():  # from a caller in process, who has no keyboard
        typing = typing.interrupted(int(signal))
    gone = exec_event("exec_detach", container, instance, call.now)
    typing, data = _escaped(typing, target, call.data, gone, terminal=terminal)
    typing = _typed(typing, data, terminal=terminal)
    if call.flag("closed"):
        typing = _closed(typing, target, ends=not terminal)
    return Answer(
        world=typing.world, response=Response(status=204), events=typing.events
    )


def _escaped(
    typing: _Typing, key: str, data: bytes, gone: Event, *, terminal: bool
) -> tuple[_Typing, bytes]:
    """Look for the keys with which a client leaves its terminal."""
    attachment = typing.world.attachments.get(key)
    if attachment is None or not terminal:
        return typing, data
    if attachment.left:
        return typing, b""
    through = passed(attachment.keys, attachment.held, data)
    changed = replace(attachment, held=through.held, left=through.left)
    if changed != attachment:
        typing = _with_attachment(typing, key, changed)
    if through.left:
        typing = replace(typing, events=(*typing.events, gone))
    return typing, through.data


def _with_attachment(typing: _Typing, key: str, changed: Attachment) -> _Typing:
    attachments = typing.world.attachments.set(key, changed)
    return replace(typing, world=replace(typing.world, attachments=attachments))


def _typed(typing: _Typing, data: bytes, *, terminal: bool) -> _Typing:
    """The bytes reach the program, through its terminal if it has one."""
    if not data or not typing.listens:
        return typing
    before = typing.world.terminals.get(typing.target, Terminal())
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text = decoder.decode(before.tail + data)
    tail, _ = decoder.getstate()
    if not terminal:
        typing = _with_terminal(typing, before, Terminal(tail=tail))
        return typing.fed(bytes_of(text)) if text else typing
    line, acts = edited(before.line, text)
    typing = _with_terminal(typing, before, Terminal(line=line, tail=tail))
    for act in acts:
        if not typing.listens:  # it has ended of what was typed before
            break
        if isinstance(act, Echo):
            typing = typing.echoed(act.text)
        elif isinstance(act, Hand):
            typing = typing.fed(bytes_of(act.text))
        elif isinstance(act, End):
            typing = typing.fed(b"", closed=True)
        else:
            typing = typing.interrupted(act.signal)
    return typing


def _with_terminal(typing: _Typing, before: Terminal, after: Terminal) -> _Typing:
    if before == after:
        return typing
    terminals = typing.world.terminals
    if after == Terminal():
        terminals = terminals.delete(typing.target)
    else:
        terminals = terminals.set(typing.target, after)
    return replace(typing, world=replace(typing.world, terminals=terminals))


def _closed(typing: _Typing, key: str, *, ends: bool) -> _Typing:
    """The client will type nothing more: its program's end of input, or it leaves."""
    attachment = typing.world.attachments.get(key)
    if ends:
        # Half a character at the very end is what was typed, too.
        terminal = typing.world.terminals.get(typing.target, Terminal())
        typing = _with_terminal(typing, terminal, replace(terminal, tail=b""))
        return typing.fed(terminal.tail, closed=True) if typing.listens else typing
    if attachment is None or attachment.left:
        return typing
    return _with_attachment(typing, key, replace(attachment, left=True))

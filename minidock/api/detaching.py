r"""The keys that leave a program without ending it: ``ctrl-p,ctrl-q``.

```
typed   h  i  ^P  x            ^P  ^Q
        │  │  held, then not:      held, and the second: the client leaves
        ▼  ▼        ▼
program h  i      ^P x
```

Invariant: unless somebody leaves, the program gets every byte, in order.

Docker calls it: *detach keys* (moby, ``term.ToBytes`` and its escape proxy).
"""

from dataclasses import replace
from typing import NamedTuple

from minidock.errors import NotationError
from minidock.model.terminal import DETACH_KEYS, Attachment
from minidock.model.world import World

__all__ = ["Passed", "keys_of", "passed", "seated"]

_CONTROLS = "@abcdefghijklmnopqrstuvwxyz[\\]^_"


def keys_of(text: str) -> bytes:
    r"""The bytes of a list of keys such as ``ctrl-p,ctrl-q`` or ``a,DEL``.

    >>> keys_of("ctrl-a,x"), keys_of("")
    (b'\x01x', b'\x10\x11')
    >>> keys_of("ctrl-1")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: unknown character: 'ctrl-1'
    """
    if not text:
        return DETACH_KEYS
    return bytes(_code(key) for key in text.split(","))


def _code(key: str) -> int:
    name, dash, letter = key.partition("-")
    if name == "ctrl" and dash and len(letter) == 1 and letter in _CONTROLS:
        return _CONTROLS.index(letter)
    if key == "DEL":
        return 127
    if len(key) == 1 and key.isascii():
        return ord(key)
    raise NotationError(
        f"unknown character: '{key}'",
        value=key,
        rule="a key is one character, ctrl- and a letter, or DEL",
        remedy="ctrl-p,ctrl-q",
    )


class Passed(NamedTuple):
    """What goes on to the program, what is held back, and whether somebody left."""

    data: bytes
    held: bytes = b""
    left: bool = False


def passed(keys: bytes, held: bytes, data: bytes) -> Passed:
    r"""Typed bytes after the keys have been looked for; O(bytes).

    >>> passed(DETACH_KEYS, b"", b"hi\x10")
    Passed(data=b'hi', held=b'\x10', left=False)
    >>> passed(DETACH_KEYS, b"\x10", b"\x11more")
    Passed(data=b'', held=b'', left=True)
    """
    if not keys:
        return Passed(held + data)
    through = bytearray()
    for byte in data:
        held += bytes((byte,))
        while held and not keys.startswith(held):
            through.append(held[0])
            held = held[1:]
        if held == keys:
            return Passed(bytes(through), left=True)
    return Passed(bytes(through), held)


def seated(world: World, key: str, keys: bytes) -> World:
    """The World with a client before a terminal; those who are gone are forgotten.

    Cost: O(the clients).
    """
    attachments = world.attachments
    for other in attachments:
        target = other.partition("/")[0]
        instance = world.execs.get(target)
        ended = instance is None or not instance.running
        if attachments[other].left or (ended and target not in world.containers):
            attachments = attachments.delete(other)
    attachments = attachments.set(key, Attachment(keys=keys))
    return replace(world, attachments=attachments)

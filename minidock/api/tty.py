r"""A terminal's line editing: what is typed, what is echoed, what the program reads.

```
typed    l  s  x  DEL       ENTER
echoed   l  s  x  \b \b     \n
read                        "ls\n"
```

| key | what it does |
|---|---|
| Enter (``\r`` or ``\n``) | ends the line, which the program may now read |
| Backspace (``^?`` or ``^H``), ``^W``, ``^U`` | erase a character, a word, the line |
| ``^D`` | hands over what there is; on an empty line it ends the input |
| ``^C``, ``^\``, ``^Z`` | throw the line away and send SIGINT, SIGQUIT, SIGTSTP |
| ``^S``, ``^Q`` | would stop and start the output: nothing here waits for that |

Odd on purpose: ``^H`` erases too, since half of all keyboards send it for Backspace.

Linux calls it: the *line discipline* ``n_tty`` in canonical mode, termios(3).
"""

from typing import NamedTuple

__all__ = ["Echo", "Edited", "End", "Hand", "Interrupt", "edited"]

_ERASE = ("\x7f", "\b")
_SIGNALS = {"\x03": 2, "\x1c": 3, "\x1a": 20}
_FLOW = ("\x11", "\x13")
_TAB = 8


class Echo(NamedTuple):
    """Text that the terminal shows."""

    text: str


class Hand(NamedTuple):
    """Text that the program can read now."""

    text: str


class End(NamedTuple):
    """The input has come to its end."""


class Interrupt(NamedTuple):
    """A signal to the program, by its number."""

    signal: int


Act = Echo | Hand | End | Interrupt


class Edited(NamedTuple):
    """The line that is being typed, and what happened on the way, in order."""

    line: str
    acts: tuple[Act, ...]


def edited(line: str, typed: str) -> Edited:
    r"""What typing does to a line; O(typed and line).

    >>> edited("", "lsx\x7f\r").acts
    (Echo(text='lsx\x08 \x08\n'), Hand(text='ls\n'))
    >>> edited("half", "\x03").acts
    (Echo(text='^C'), Interrupt(signal=2))
    >>> edited("", "\x04").acts
    (End(),)
    """
    acts: list[Act] = []
    shown = ""
    for key in typed:
        echo, line, act = _pressed(line, key)
        shown += echo
        if act is not None:
            acts += [Echo(shown), act] if shown else [act]
            shown = ""
    return Edited(line, (*acts, Echo(shown)) if shown else tuple(acts))


def _pressed(line: str, key: str) -> tuple[str, str, Act | None]:
    """What one key shows, the line after it, and what it sets off."""
    if key in "\r\n":
        return "\n", "", Hand(f"{line}\n")
    if key == "\x04":
        return "", "", Hand(line) if line else End()
    if key in _SIGNALS:
        return _shown(key), "", Interrupt(_SIGNALS[key])
    if key in _ERASE:
        return (*_erased(line, len(line) - 1), None)
    if key == "\x15":
        return (*_erased(line, 0), None)
    if key == "\x17":
        return (*_erased(line, _word_start(line)), None)
    if key in _FLOW:
        return "", line, None
    return _shown(key), line + key, None


def _shown(key: str) -> str:
    """A control character is shown as ``^`` and a letter."""
    return f"^{chr(ord(key) + 64)}" if key < " " and key != "\t" else key


def _width(line: str) -> int:
    columns = 0
    for key in line:
        columns += _TAB - columns % _TAB if key == "\t" else len(_shown(key))
    return columns


def _erased(line: str, keep: int) -> tuple[str, str]:
    left = line[: max(keep, 0)]
    return "\b \b" * (_width(line) - _width(left)), left


def _word_start(line: str) -> int:
    """Where the last word begins: letters, digits and ``_``, and what is after them."""
    place = len(line)
    while place and not _in_word(line[place - 1]):
        place -= 1
    while place and _in_word(line[place - 1]):
        place -= 1
    return place


def _in_word(key: str) -> bool:
    return key.isalnum() or key == "_"

r"""One line of a shell session, cut into the words that docker gets.

```
$ docker run -d --name 'my web' -e A="x y" nginx   # a comment
  ╰drop╯ └┬┘ └┤ └─┬──┘ └──┬───╯ └┤ └──┬──╯ └─┬─╯
         run -d --name my web  -e  A=x y  nginx
```

A shell does this before docker sees anything, so Docker has no name for it; the rules
are those of POSIX sh (IEEE 1003.1, section 2.2, Quoting) without expansion: ``$VAR``
and ``*`` stay as they are. What would make a shell do more than start one program
(pipes, ``;``, redirections, ``$(...)``) is refused, because taking it as a word would
be wrong.

Invariant: ``split_line(shlex.join(words)) == words`` for words that start no prompt.
"""

from minidock.errors import NotationError

__all__ = ["split_line"]

_OPERATORS = "|;&<>()`"
_BLANKS = " \t\r\n"
_IN_DOUBLE_QUOTES = '$`"\\\n'  # what a backslash escapes there (POSIX 2.2.3)


def split_line(line: str) -> list[str]:
    r"""The words of a line, without a prompt ``$ `` and a leading ``docker``.

    >>> split_line("$ docker run -d --name 'my web' -e A=\"x y\" nginx # web")
    ['run', '-d', '--name', 'my web', '-e', 'A=x y', 'nginx']
    >>> split_line("network create 'dmz")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: no closing ' for the one at position 15
    >>> split_line("docker ps | grep web")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: '|' at position 10 is for a shell, not for docker
    """
    words = _words(line)
    if words[:1] == ["$"]:
        words = words[1:]
    return words[1:] if words[:1] == ["docker"] else words


def _words(line: str) -> list[str]:
    words: list[str] = []
    word: str | None = None
    at = 0
    while at < len(line):
        char = line[at]
        if char in _BLANKS:
            if word is not None:
                words.append(word)
            word, at = None, at + 1
        elif char == "#" and word is None:
            end = line.find("\n", at)
            at = len(line) if end < 0 else end
        else:
            piece, at = _piece(line, at)
            if piece is not None:
                word = (word or "") + piece
    return words if word is None else [*words, word]


def _piece(line: str, at: int) -> tuple[str | None, int]:
    """The next part of a word and where the line goes on; None joins two lines."""
    char = line[at]
    if char == "'":
        end = line.find("'", at + 1)
        if end < 0:
            raise _open_quote(line, at)
        return line[at + 1 : end], end + 1
    if char == '"':
        return _double_quoted(line, at)
    if char == "\\":
        escaped = line[at + 1 : at + 2]
        return (None if escaped == "\n" else escaped or "\\"), at + 2
    if char in _OPERATORS or line.startswith("$(", at):
        raise _operator(line, at)
    return char, at + 1


def _double_quoted(line: str, start: int) -> tuple[str, int]:
    text, at = "", start + 1
    while at < len(line) and line[at] != '"':
        if line[at] == "\\" and line[at + 1 : at + 2] in [*_IN_DOUBLE_QUOTES]:
            text += "" if line[at + 1] == "\n" else line[at + 1]
            at += 2
        elif line.startswith("$(", at) or line[at] == "`":
            raise _operator(line, at)
        else:
            text += line[at]
            at += 1
    if at >= len(line):
        raise _open_quote(line, start)
    return text, at + 1


def _open_quote(line: str, at: int) -> NotationError:
    return NotationError(
        f"no closing {line[at]} for the one at position {at}",
        value=line,
        rule="a quote opens and closes in one line",
        remedy=f"close it, or write \\{line[at]} for a plain one",
    )


def _operator(line: str, at: int) -> NotationError:
    sign = "$(" if line.startswith("$(", at) else line[at]
    return NotationError(
        f"{sign!r} at position {at} is for a shell, not for docker",
        value=line,
        rule="a line holds one docker command and nothing else",
        remedy="put it in quotes if docker should get it",
    )

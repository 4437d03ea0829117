"""A command line in one text, as the words that Compose makes of it.

```
 sh -c "a && b" 'c d'  ─▶  sh | -c | a && b | c d
 echo a > b            ─▶  echo | a               what a shell would do is cut off
```

Compose does not start a shell for a command given as one text; it splits the text by
itself. Docker is odd here: an unquoted ``;``, ``&``, ``|``, ``<`` or ``>`` ends the
command without a word, and so does a digit before ``>``.

Invariant: no word contains a quote that was not escaped or quoted itself.
"""

__all__ = ["split"]

_SPACES = " \t\r\n"
_ENDS = ";&|<>"


def split(text: str) -> list[str]:
    r"""The words of a command line.

    >>> split(r"sh -c 'a && b' c\ d")
    ['sh', '-c', 'a && b', 'c d']
    >>> split("echo hello > /dev/null")
    ['echo', 'hello']
    >>> split("echo 'hello")
    Traceback (most recent call last):
    ...
    ValueError: invalid command line string
    """
    return _Splitter(text).words()


class _Splitter:
    """The state of a reading: what is open, and the word so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.done: list[str] = []
        self.word = ""
        self.started = False
        self.escaped = False
        self.quote = ""
        self.inside = ""

    def words(self) -> list[str]:
        """Read to the end, or to a sign that ends the command."""
        for char in self.text:
            if not self._take(char):
                break
        if self.started:
            self._end_word()
        if self.escaped or self.quote or self.inside:
            raise ValueError("invalid command line string")
        return self.done

    def _take(self, char: str) -> bool:
        if self.escaped:
            self._add(char if self.inside else {"t": "\t", "n": "\n"}.get(char, char))
            self.escaped = False
        elif char == "\\" and self.quote != "'":
            self.escaped = True
            if self.inside:
                self._add(char)
        elif char in _SPACES and not (self.quote or self.inside):
            if self.started:
                self._end_word()
        else:
            return self._take_sign(char)
        return True

    def _take_sign(self, char: str) -> bool:
        quoted = bool(self.quote)
        if char == "`" and not (quoted or self.inside == ")"):
            self.inside = "" if self.inside else "`"
        elif char == ")" and not (quoted or self.inside == "`"):
            self._close()
        elif char == "(" and not (quoted or self.inside):
            self._open()
        elif char in "\"'" and not self.inside and self.quote in ("", char):
            self.quote = "" if quoted else char
            self.started = True
            return True
        elif char in _ENDS and not (quoted or self.inside):
            self._cut(char)
            return False
        self._add(char)
        return True

    def _open(self) -> None:
        if not self.word.endswith("$"):
            raise ValueError("invalid command line string")
        self.inside = ")"

    def _close(self) -> None:
        if self.inside != ")":
            raise ValueError("invalid command line string")
        self.inside = ""

    def _cut(self, char: str) -> None:
        # the number of a stream before ">" belongs to it and not to the command
        if char == ">" and self.word.isdecimal():
            self.started = False

    def _add(self, char: str) -> None:
        self.word += char
        self.started = True

    def _end_word(self) -> None:
        self.done.append(self.word)
        self.word = ""
        self.started = False

r"""Files of variables: ``.env``, ``--env-file`` and ``env_file``.

```
 # a comment
 export NAME=value # the rest is a comment
 NAME: value                        a colon does as well
 NAME="a \"quoted\" $OTHER\n"       escapes and variables
 NAME='as it is, $OTHER'            over several lines too
 NAME                               the value that the caller has, if it has one
```

The grammar is that of docker compose, which took it from Ruby's dotenv. ``docker run
--env-file`` knows neither quotes nor variables; ``format: raw`` reads like that.

Invariant: a variable is looked up in what the caller knows first, then in the lines
above; a line that is refused is named with its number and without its value.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.template import Substitution
from minidock.errors import Exhausted, Refusal

__all__ = ["LIMIT", "parsed", "parsed_raw"]

LIMIT = 4 * 1024 * 1024  # bytes of one file of variables
_BLANK = "\t\v\f\r \x85\xa0"  # a blank that does not end a line
_SPACE = (
    _BLANK
    + "\n\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_EXPORT = re.compile(r"export[\t\n\f\r ]+")
_SKIPPED = re.compile(f"[{_BLANK}]*")
_KEY_END = re.compile(r"[=:\n]")
_ESCAPE = re.compile(r'\\(?:([abcfnrtv$"\\])|0([0-9]{0,3}))')
_ESCAPES = {
    **dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True)),
    "$": "$$",
    '"': '"',
    "\\": "\\",
}


def parsed(
    data: bytes,
    file: str,
    lookup: Callable[[str], str | None],
    known: Mapping[str, str] | None = None,
    warnings: list[str] | None = None,
) -> dict[str, str]:
    r"""The variables of a file, after those already ``known``; O(size).

    Raises:
        InvalidParameter: a line is no assignment, or a quote is not closed.
        Exhausted: the file, or what its variables become, is too large.

    >>> parsed(b"A=1 # one\nexport B=\"${A}\\n\"\nC='$A'", ".env", {}.get)
    {'A': '1', 'B': '1\n', 'C': '$A'}
    >>> parsed(b"A=1\nB='2", ".env", {}.get)
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: .env:2: unterminated quoted value
    """
    text = _text(data, file)
    found = dict(known or {})
    parser = _Parser(text, file)
    texts = Substitution(_Known(lookup, found), warnings)
    for key, value, expanded in parser.assignments():
        if value is None:
            inherited = lookup(key)
            if inherited is not None:
                found[key] = inherited
        elif expanded and "$" in value:
            try:
                found[key] = texts.of(value)
            except Refusal as refused:
                raise refusal(
                    parser.place(),
                    refused.text,
                    rule=refused.rule,
                    remedy=refused.remedy,
                    category=type(refused),
                ) from None
        else:
            found[key] = value
    return found


def parsed_raw(
    data: bytes,
    file: str,
    lookup: Callable[[str], str | None],
    known: Mapping[str, str] | None = None,
) -> dict[str, str]:
    r"""The same in the format ``raw``: a line is a name and its value as it stands.

    >>> parsed_raw(b"A='1' # one\n# no\nB=$A\n", "raw.env", {}.get)
    {'A': "'1' # one", 'B': '$A'}
    """
    found = dict(known or {})
    text = _text(data, file)
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.removesuffix("\r").lstrip(_SPACE)
        if not stripped or stripped.startswith("#"):
            continue
        key, equals, value = stripped.partition("=")
        if not key or any(blank in key for blank in " \t"):
            raise refusal(
                f"{file}:{number}",
                "variable contains whitespaces" if key else "no variable name on line",
                rule="a line is NAME=value, or NAME alone",
                remedy="write the name right at the left of =",
            )
        inherited = value if equals else lookup(key)
        if inherited is not None:
            found[key] = inherited
    return found


def _text(data: bytes, file: str) -> str:
    if len(data) > LIMIT:
        raise refusal(
            file,
            "file of variables too large",
            rule=f"at most {LIMIT:,} bytes of variables are read from a file",
            remedy="mount large contents as files",
            category=Exhausted,
        )
    return data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")


class _Known(Mapping[str, str]):
    """Variables of the caller, then those above in the file."""

    def __init__(
        self, lookup: Callable[[str], str | None], found: Mapping[str, str]
    ) -> None:
        self._lookup = lookup
        self._found = found

    def __getitem__(self, name: str) -> str:
        value = self._lookup(name)
        return self._found[name] if value is None else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class _Parser:
    """A position in the text of a file."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0
        self.start = 0

    def place(self) -> str:
        """The line of the current assignment."""
        return f"{self.file}:{self.text.count(chr(10), 0, self.start) + 1}"

    def assignments(self) -> Iterator[tuple[str, str | None, bool]]:
        """Names, values (None where there is none), and whether to look for ``$``."""
        while self.skip():
            self.start = self.at
            key, alone = self.key()
            if alone:
                yield key, None, False
            else:
                yield (key, *self.value())

    def skip(self) -> bool:
        """Go to the next assignment; False at the end."""
        text, end = self.text, len(self.text)
        while True:
            while self.at < end and text[self.at] in _SPACE:
                self.at += 1
            if self.at >= end:
                return False
            if text[self.at] != "#":
                return True
            line = text.find("\n", self.at)
            if line < 0:
                return False
            self.at = line

    def key(self) -> tuple[str, bool]:
        """The name, and whether it stands alone."""
        text = self.text
        export = _EXPORT.match(text, self.at)
        begin = self.at
        if export is not None:
            begin = self.blanks(self.at + len("export"))
        end = _KEY_END.search(text, begin)
        stop = len(text) if end is None else end.start()
        for letter in text[begin:stop]:
            if not (letter in "_.-[]" or letter in _BLANK or _letter(letter)):
                raise self.refused(f'unexpected character "{letter}" in variable name')
        if begin == len(text) and export is not None:
            raise self.refused("export without a name")
        if end is None:  # Docker's reader finds a nameless variable here
            self.at = begin
            return "", False
        key = text[begin:stop].rstrip(_SPACE)
        if " " in key:
            raise self.refused("key cannot contain a space")
        self.at = self.blanks(end.end())
        return key, end[0] == "\n"

    def blanks(self, at: int) -> int:
        """Behind the blanks at a position."""
        match = _SKIPPED.match(self.text, at)
        return at if match is None else match.end()

    def value(self) -> tuple[str, bool]:
        """The value, and whether variables in it are replaced."""
        text = self.text
        quote = text[self.at : self.at + 1]
        if quote not in ('"', "'"):
            end = text.find("\n", self.at)
            end = len(text) if end < 0 else end
            line = text[self.at : end]
            self.at = end + 1
            return line.partition(" #")[0].rstrip(_SPACE), True
        inner = self.quoted(quote)
        return (_unescaped(inner), True) if quote == '"' else (inner, False)

    def quoted(self, quote: str) -> str:
        """What stands between quotes; a quote behind a backslash is part of it."""
        text = self.text
        chars: list[str] = []
        at = self.at + 1
        stop = re.compile(rf"[\\{quote}]")
        while True:
            match = stop.search(text, at)
            if match is None:
                raise self.refused("unterminated quoted value")
            chars.append(text[at : match.start()])
            at = match.end()
            if match[0] == quote:
                self.at = at
                return "".join(chars)
            following = text[at : at + 1]
            chars.append(following if following == quote else "\\" + following)
            at += 1

    def refused(self, text: str) -> Refusal:
        """A refusal with the line; the values stay out of it."""
        return refusal(
            self.place(),
            text,
            rule="a line is NAME=value, with letters, digits and _ . - [ ] in the name",
            remedy="close the quote, or write NAME='value' for a value with any signs",
        )


def _letter(letter: str) -> bool:
    return letter.isalpha() or letter.isnumeric()


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(match: re.Match[str]) -> str:
    """A shell's escape; a dollar sign is doubled, since variables come next."""
    if match[1]:
        return _ESCAPES.get(match[1], match[0])
    digits = match[2]
    if re.fullmatch("[0-3][0-7]{2}", digits):
        return chr(int(digits, 8))
    return "\\" + digits

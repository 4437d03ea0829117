"""How a port number, a range of them and ``port/protocol`` are written.

```
 "8000-8010/udp"
  ────┬──── ─┬─
      │      └── protocol: what follows the first slash, "tcp" where nothing does
      └───────── a number 0-65535, or two with a dash: first-last
```

The texts of the refusals are those of Go's number parser, because Docker shows them
as they are. Docker's name: the ``nat`` package of ``docker/go-connections``.

Invariant: ``parse_range`` gives ``0 <= first <= last <= 65535``.
"""

from minidock.errors import NotationError
from minidock.ports.texts import CliTexts, refusal

__all__ = ["LAST_PORT", "parse_number", "parse_range", "split_protocol"]

LAST_PORT = 65535


def parse_number(text: str) -> int:
    """The port number that a text of decimal digits writes.

    >>> parse_number("0080")
    80
    >>> parse_number("99999")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: strconv.ParseUint: parsing "99999": value \
out of range
    """
    number = 0
    for digit in text:
        if digit not in "0123456789":
            break
        number = number * 10 + int(digit)
        if number > LAST_PORT:  # Go stops here, whatever follows: "99999x" is too big
            raise _unreadable(text, "value out of range")
    else:
        if text:
            return number
    raise _unreadable(text, "invalid syntax")


def _unreadable(text: str, fault: str) -> NotationError:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return NotationError(
        f'strconv.ParseUint: parsing "{quoted}": {fault}',
        value=text,
        rule=f"a port is a number from 0 to {LAST_PORT}, in digits only",
        remedy="80",
    )


def parse_range(text: str, texts: CliTexts = CliTexts.V28) -> tuple[int, int]:
    """First and last port of ``8000`` or ``8000-8010``.

    Docker is odd here: everything after a second dash is ignored.

    >>> parse_range("8000-8010"), parse_range("80"), parse_range("1-2-x")
    ((8000, 8010), (80, 80), (1, 2))
    >>> parse_range("5-3")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: invalid range specified for port: 5-3
    """
    if not text:
        raise refusal("empty range", texts, value=text)
    if "-" not in text:
        number = parse_number(text)
        return number, number
    first, last = (parse_number(part) for part in text.split("-")[:2])
    if last < first:
        raise refusal("falling range", texts, text, value=text)
    return first, last


def split_protocol(text: str) -> tuple[str, str]:
    """Port and protocol of ``port/protocol``; tcp where no protocol is written.

    Docker is odd twice: a third part is ignored, and a text that starts with the
    slash has neither port nor protocol.

    >>> split_protocol("53/udp"), split_protocol("80"), split_protocol("80/")
    (('53', 'udp'), ('80', 'tcp'), ('80', 'tcp'))
    >>> split_protocol("80/tcp/udp"), split_protocol("/tcp")
    (('80', 'tcp'), ('', ''))
    """
    port, _, rest = text.partition("/")
    if not port:
        return "", ""
    return port, rest.partition("/")[0] or "tcp"

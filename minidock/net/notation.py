"""Why a text is no address: every refusal of the parsers, as one table.

```
ParseAddr("10.0.0.256"): IPv4 field has value >255      what Go prints, and so Docker
                         └──────────┬────────────┘
        _FAULTS:  the fault  ──▶  (rule, remedy)        what a person needs to hear
```

Docker is written in Go, so its texts for a bad address are those of Go's package
``netip``. They stay the first line of every refusal here, word for word; the rule and
the remedy are ours.

Invariant: every fault that a parser names is a key of the table (a test reads both).
"""

from minidock.errors import NotationError

__all__ = ["FAULTS", "quote", "refuse_address", "refuse_prefix"]

_OCTETS = "an IPv4 address is four numbers from 0 to 255, with a dot between them"
_GROUPS = "an IPv6 address is eight groups of hexadecimal digits, with colons between"
_PREFIX = (
    "a prefix is an address, a slash and the number of leading bits that are fixed"
)

FAULTS: dict[str, tuple[str, str]] = {
    # IPv4
    "unable to parse IP": (
        "an address is written in dotted numbers (IPv4) or hexadecimal groups (IPv6)",
        "for example 172.17.0.2 or fd00::2; a name must be resolved first",
    ),
    "IPv4 field has octet with leading zero": (
        "a leading zero is refused: some programs would read 010 as eight (octal)",
        "the number without its leading zeros, for example 10 for 010",
    ),
    "IPv4 field has value >255": (
        f"{_OCTETS}: each is one byte",
        "a number from 0 to 255",
    ),
    "IPv4 field must have at least one digit": (
        f"{_OCTETS}; one of them is missing",
        "write 0 where nothing stands, for example 10.0.0.1",
    ),
    "IPv4 address too long": (f"{_OCTETS}; these are more", "for example 10.0.0.1"),
    "IPv4 address too short": (
        f"{_OCTETS}; short forms such as 10.1 are refused",
        "all four numbers, for example 10.0.0.1",
    ),
    "unexpected character": (
        f"{_OCTETS}; nothing else may stand in it: no space, sign, port or slash",
        "the four numbers alone, for example 10.0.0.1",
    ),
    # IPv6
    "each group must have 4 or less digits": (
        f"{_GROUPS}: four digits are 16 bits, one eighth of the 128",
        "a colon after each four digits, for example 2001:db8::1",
    ),
    "each colon-separated field must have at least one digit": (
        f"{_GROUPS}; one group is empty",
        "0 for a group of zeros, or one :: for the longest run of them",
    ),
    "colon must be followed by more characters": (
        f"{_GROUPS}; a single colon cannot stand at the end",
        "fd00:: for fd00 followed by zeros",
    ),
    "unexpected character, want colon": (
        f"{_GROUPS}; nothing else may stand in it: no space, sign, bracket or slash",
        "the groups alone, for example fd00::2",
    ),
    "multiple :: in address": (
        "with two :: nobody could tell how many zeros each of them stands for",
        "keep one ::, write 0 for the other groups, for example fd00::1:0:0:2",
    ),
    "the :: must expand to at least one field of zeros": (
        ":: stands for one group of zeros or more, but all eight groups are there",
        "the eight groups with single colons",
    ),
    "address string too short": (
        f"{_GROUPS}; these are fewer, and no :: says where the zeros are",
        ":: in place of the missing zeros, for example fd00::2",
    ),
    "trailing garbage after address": (
        f"{_GROUPS}; something follows the eighth",
        "eight groups at most",
    ),
    "embedded IPv4 address must replace the final 2 fields of the address": (
        "only the last two groups of an IPv6 address may be written in dotted numbers",
        "for example ::ffff:10.0.0.1",
    ),
    "too many hex fields to fit an embedded IPv4 at the end of the address": (
        "dotted numbers take the place of two groups, so at most six stand before them",
        "for example ::ffff:10.0.0.1",
    ),
    "missing IPv6 address": (
        "only an IPv6 address can be followed by % and a zone, and it is missing",
        "for example fe80::1",
    ),
    # Go itself accepts a zone here; a network description has no use for one.
    "IPv6 zones cannot be present in an address": (
        "a zone (the part after %) names an interface of one machine, it is no number",
        "the address without % and what follows",
    ),
    # prefixes
    "no '/'": (_PREFIX, "for example 10.0.0.0/8; one single address is 10.0.0.1/32"),
    "bad bits after slash": (
        f"{_PREFIX}: plain digits, without sign or leading zero (no netmask either)",
        "for example /16 for the mask 255.255.0.0",
    ),
    "prefix length out of range": (
        "an IPv4 address has 32 bits and an IPv6 address 128; a prefix fixes no more",
        "/0 to /32 for IPv4, /0 to /128 for IPv6",
    ),
    "IPv6 zones cannot be present in a prefix": (
        "a zone (the part after %) names an interface of one machine, not a network",
        "the prefix without % and the zone",
    ),
}

_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def quote(text: str) -> str:
    r"""The text in double quotes, as Go's ``%q`` prints it.

    >>> print(quote('10.0.0.1\n'))
    "10.0.0.1\n"
    """
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def refuse_address(text: str, fault: str, at: str = "") -> NotationError:
    """The refusal of an address, ``at`` being the rest of the text where it went wrong.

    >>> print(refuse_address("10.0.0.1 ", "unexpected character", at=" "))
    ParseAddr("10.0.0.1 "): unexpected character (at " ")
    """
    rule, remedy = FAULTS[fault]
    where = f" (at {quote(at)})" if at else ""
    words = f"ParseAddr({quote(text)}): {fault}{where}"
    return NotationError(words, value=text, rule=rule, remedy=remedy)


def refuse_prefix(text: str, fault: str, detail: str = "") -> NotationError:
    """The refusal of a prefix; ``detail`` follows the fault as Go prints it.

    >>> print(refuse_prefix("10.0.0.0/x", "bad bits after slash", ': "x"'))
    netip.ParsePrefix("10.0.0.0/x"): bad bits after slash: "x"
    """
    rule, remedy = FAULTS[fault]
    words = f"netip.ParsePrefix({quote(text)}): {fault}{detail}"
    return NotationError(words, value=text, rule=rule, remedy=remedy)

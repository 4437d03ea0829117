"""What one value of a repeatable flag may look like, and how docker keeps it.

```
-e A=1              ──▶ "A=1"          --dns ::FFFF:1.2.3.4  ──▶ "1.2.3.4"
--add-host a=[::1]  ──▶ "a:::1"        --link db:db          ──▶ "db:db"
--ulimit core=0     ──▶ "core=0"       --sysctl foo=1        ──▶ refused
```

Docker's name: the validators of ``docker/cli/opts``, which run while the command line
is read, so that a refusal names the flag.

Invariant: a check gives the text to keep, or raises ``ValueError`` in docker's words.
A check that reads its own result gives it back unchanged.
"""

import re
from typing import NamedTuple

from minidock.commandline.gotext import quote, size, whole
from minidock.commandline.refusal import Cli
from minidock.errors import NotationError
from minidock.net.address import Address

__all__ = [
    "Ulimit",
    "attach_stream",
    "device_rate",
    "device_rule",
    "device_weight",
    "dns_server",
    "extra_host",
    "filter_term",
    "label",
    "link",
    "read_ulimit",
    "search_domain",
    "sysctl",
    "ulimit",
    "variable",
]


def variable(text: str, cli: Cli) -> str:
    """An environment variable, ``NAME=value`` or ``NAME`` alone.

    >>> variable("A=b c", Cli.V28)
    'A=b c'
    >>> variable("=x", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: invalid environment variable: =x
    """
    del cli
    if not text.partition("=")[0]:
        raise ValueError(f"invalid environment variable: {text}")
    return text


def label(text: str, cli: Cli) -> str:
    """A label, ``key=value`` or ``key`` alone; blanks before the key are kept.

    >>> label("tier", Cli.V28)
    'tier'
    >>> label("a b=c", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: label 'a b' contains whitespaces
    """
    del cli
    key = text.partition("=")[0].lstrip(" \t")
    if not key:
        raise ValueError(f"invalid label '{text}': empty name")
    if " " in key or "\t" in key:
        raise ValueError(f"label '{key}' contains whitespaces")
    return text


def link(text: str, cli: Cli) -> str:
    """A link, ``container`` or ``container:alias``.

    >>> link("db:database", Cli.V28)
    'db:database'
    >>> link("a:b:c", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: bad format for links: a:b:c
    """
    del cli
    if not text:
        raise ValueError("empty string specified for links")
    if text.count(":") > 1:
        raise ValueError(f"bad format for links: {text}")
    return text


def extra_host(text: str, cli: Cli) -> str:
    """A line for /etc/hosts, ``name:address``; 28 also takes ``name=[address]``.

    >>> extra_host("a=[::1]", Cli.V28)
    'a:::1'
    >>> extra_host("a:bad", Cli.V20)
    Traceback (most recent call last):
    ...
    ValueError: invalid IP address in add-host: "bad"
    """
    name, mark, address = text.partition("=")
    if cli is Cli.V20 or not mark:
        name, mark, address = text.partition(":")
    if not mark or not name or ":" in name:
        raise ValueError(f"bad format for add-host: {quote(text)}")
    if cli is Cli.V28 and len(address) > 2 and address[0] + address[-1] == "[]":
        address = address[1:-1]
    if address != "host-gateway" and _address(address) is None:
        raise ValueError(f"invalid IP address in add-host: {quote(address)}")
    return f"{name}:{address}"


def dns_server(text: str, cli: Cli) -> str:
    """The address of a name server, in its canonical text.

    >>> dns_server(" 2001:DB8::0001", Cli.V28)
    '2001:db8::1'
    >>> dns_server("foo", Cli.V20)
    Traceback (most recent call last):
    ...
    ValueError: foo is not an ip address
    """
    address = _address(text)
    if address is None and cli is Cli.V20:
        raise ValueError(f"{text} is not an ip address")
    if address is None:
        raise ValueError(f"IP address is not correctly formatted: {text}")
    return str(address.unmapped())


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text.strip())
    except NotationError:
        return None


# Docker is odd here: ":?" was meant as "(?:", so a colon may start each group.
_LABEL = r":?(?::?[a-zA-Z0-9]|(?::?[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9]))"
_DOMAIN = re.compile(rf"({_LABEL}(?::?\.{_LABEL})*)\.?\s*", re.ASCII)


def search_domain(text: str, cli: Cli) -> str:
    """A domain to search in, without its final dot; ``.`` alone means none.

    >>> search_domain("corp.example. ", Cli.V28)
    'corp.example'
    >>> search_domain("1.2", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: 1.2 is not a valid domain
    """
    del cli
    domain = text.strip(" ")
    if domain == ".":
        return domain
    match = _DOMAIN.fullmatch(domain)
    if match is None or not re.search("[a-zA-Z]", domain) or len(match[1]) >= 255:
        raise ValueError(f"{domain} is not a valid domain")
    return match[1]


def attach_stream(text: str, cli: Cli) -> str:
    """A standard stream's name, in lower case.

    >>> attach_stream("STDOUT", Cli.V28)
    'stdout'
    >>> attach_stream("foo", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: valid streams are STDIN, STDOUT and STDERR
    """
    del cli
    if text.lower() not in ("stdin", "stdout", "stderr"):
        raise ValueError("valid streams are STDIN, STDOUT and STDERR")
    return text.lower()


def filter_term(text: str, cli: Cli) -> str:
    """A filter, ``name=value``, with blanks trimmed; an empty one asks for nothing.

    >>> filter_term("Name = web", Cli.V28)
    'name=web'
    >>> filter_term("foo", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: bad format of filter (expected name=value)
    """
    del cli
    if not text:
        return ""
    name, mark, value = text.partition("=")
    if not mark:
        raise ValueError("bad format of filter (expected name=value)")
    return f"{name.strip().lower()}={value.strip()}"


_SYSCTLS = frozenset(
    f"kernel.{name}"
    for name in (
        "msgmax",
        "msgmnb",
        "msgmni",
        "sem",
        "shmall",
        "shmmax",
        "shmmni",
        "shm_rmid_forced",
    )
)


def sysctl(text: str, cli: Cli) -> str:
    """A kernel parameter that lives in a namespace, ``key=value``.

    >>> sysctl("net.ipv4.ip_forward=1", Cli.V28)
    'net.ipv4.ip_forward=1'
    >>> sysctl("foo=1", Cli.V20)
    Traceback (most recent call last):
    ...
    ValueError: sysctl 'foo=1' is not whitelisted
    """
    key, mark, _ = text.partition("=")
    if mark and (key in _SYSCTLS or key.startswith(("net.", "fs.mqueue."))):
        return text
    words = "not whitelisted" if cli is Cli.V20 else "not allowed"
    raise ValueError(f"sysctl '{text}' is {words}")


class Ulimit(NamedTuple):
    """A limit on what a process may use; -1 is unlimited."""

    name: str
    soft: int
    hard: int


_ULIMITS = (
    *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile"),
    *("nproc", "rss", "rtprio", "rttime", "sigpending", "stack"),
)


def read_ulimit(text: str) -> Ulimit:
    """A limit, ``type=soft[:hard]``.

    >>> read_ulimit("nofile=1024:2048")
    Ulimit(name='nofile', soft=1024, hard=2048)
    >>> read_ulimit("foo=1")
    Traceback (most recent call last):
    ...
    ValueError: invalid ulimit type: foo
    """
    name, mark, limits = text.partition("=")
    if not mark:
        raise ValueError(f"invalid ulimit argument: {text}")
    if name not in _ULIMITS:
        raise ValueError(f"invalid ulimit type: {name}")
    parts = limits.split(":")
    if len(parts) > 2:
        raise ValueError(
            f"too many limit value arguments - {limits}, can only have up to two, "
            "`soft[:hard]`"
        )
    hard = whole(parts[-1], base=10)
    soft = whole(parts[0], base=10)
    if hard != -1 and (soft == -1 or soft > hard):
        shown = (
            f"soft: -1 (unlimited), hard: {hard}" if soft == -1 else f"{soft} > {hard}"
        )
        raise ValueError(
            f"ulimit soft limit must be less than or equal to hard limit: {shown}"
        )
    return Ulimit(name, soft, hard)


def ulimit(text: str, cli: Cli) -> str:
    """A limit's text, checked by :func:`read_ulimit`."""
    del cli
    read_ulimit(text)
    return text


def device_rule(text: str, cli: Cli) -> str:
    """A rule of the devices cgroup, ``type major:minor permissions``.

    >>> device_rule("c 1:3 mr", Cli.V28)
    'c 1:3 mr'
    >>> device_rule("x", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: invalid device cgroup format 'x'
    """
    del cli
    rule = r"[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}"
    if not re.fullmatch(rule, text, re.ASCII):
        raise ValueError(f"invalid device cgroup format '{text}'")
    return text


def _device(text: str) -> tuple[str, str]:
    path, mark, value = text.partition(":")
    if not mark:
        raise ValueError(f"bad format: {text}")
    if not path.startswith("/dev/"):
        raise ValueError(f"bad format for device path: {text}")
    return path, value


def device_weight(text: str, cli: Cli) -> str:
    """A device's share of block I/O, ``/dev/path:weight`` with 10 to 1000, or 0.

    >>> device_weight("/dev/sda:500", Cli.V28)
    '/dev/sda:500'
    >>> device_weight("/dev/sda:5", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: invalid weight for device: /dev/sda:5
    """
    del cli
    _, value = _device(text)
    try:
        weight = whole(value, bits=16, signed=False, base=10)
    except ValueError:
        weight = -1
    if weight != 0 and not 10 <= weight <= 1000:
        raise ValueError(f"invalid weight for device: {text}")
    return text


def device_rate(text: str, cli: Cli, *, in_bytes: bool = False) -> str:
    """A device's limit per second, ``/dev/path:number``; bytes may have a unit.

    >>> device_rate("/dev/sda:1mb", Cli.V28, in_bytes=True)
    '/dev/sda:1mb'
    >>> device_rate("/dev/sda", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: bad format: /dev/sda
    """
    _, value = _device(text)
    unit = "[<unit>]" if in_bytes else ""
    more = ". Unit is optional and can be kb, mb, or gb" if in_bytes else ""
    try:
        rate = size(value, cli) if in_bytes else whole(value, signed=False, base=10)
    except ValueError:
        rate = -1
    if rate < 0:
        raise ValueError(
            f"invalid rate for device: {text}. The correct format is "
            f"<device-path>:<number>{unit}. Number must be a positive integer{more}"
        )
    return text

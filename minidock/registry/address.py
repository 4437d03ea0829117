"""Where a registry is: what the URL of a store says.

```
etcd://ann:secret@h1:2379,h2:2379/site-a?ca=/etc/ca.pem&timeout=2
└scheme └user    └hosts           └path  └options       └timeout, seconds
```

Parts that hold ``@``, ``:``, ``/``, ``?`` or ``#`` are percent-encoded, as in every
URL. The same URLs name a store for Docker's ``--cluster-store`` (libkv's grammar).

Invariants: a store that is a server has at least one host; a port is 0 (the store's
usual one) or from 1 to 65535; the path has no slash at either end, but for a file, and
is put before every key; a time-out is above 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from minidock.errors import InvalidParameter

__all__ = ["StoreAddress"]

_LOCAL = {"sqlite", "memory"}
_TLS = {"ca", "cert", "key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """A store's place, the credentials for it, and how long to wait for it.

    The password and the options are left out of the value's text.

    >>> address = StoreAddress.parse("etcd://ann:secret@h1:2379,h2/site-a?timeout=2")
    >>> address.hosts, address.path, address.timeout
    ((('h1', 2379), ('h2', 0)), 'site-a', 2.0)
    >>> str(address)
    'etcd://ann@h1:2379,h2/site-a'
    >>> StoreAddress.parse("zk://h1:99999")
    Traceback (most recent call last):
    minidock.errors.InvalidParameter: 99999 is no port
    """

    scheme: str
    hosts: tuple[tuple[str, int], ...] = ()
    """Names or addresses (IPv6 without brackets), each with its port or 0."""
    path: str = ""
    """What comes before every key; for ``sqlite`` the file, for ``memory`` the name."""
    user: str = ""
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )
    """``tls``, ``ca``, ``cert``, ``key`` and what else a store understands."""
    timeout: float = 5.0
    """How long one verb may take, seconds."""

    @property
    def tls(self) -> bool:
        """Whether the connection is to be encrypted."""
        return self.options.get("tls") == "true" or not _TLS.isdisjoint(self.options)

    def __str__(self) -> str:
        user = quote(self.user, safe="") + "@" if self.user else ""
        hosts = ",".join(_host_text(name, port) for name, port in self.hosts)
        slash = "/" if self.hosts and self.path else ""
        return f"{self.scheme}://{user}{hosts}{slash}{quote(self.path)}"

    @classmethod
    def parse(cls, url: str) -> "StoreAddress":
        """What a URL says; whether its scheme has a store is not asked here.

        Raises:
            InvalidParameter: no host, a port that is none, an option that makes no
                sense.
        """
        scheme, colon, rest = url.partition("://")
        if not colon:
            raise _refused(f"{url or 'an empty text'} is no URL of a store")
        parts = urlsplit(f"http://{rest}")  # whose parts the parser knows
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        timeout = _timeout(options.pop("timeout", "5"))
        _check(options)
        if scheme in _LOCAL:
            return cls(
                scheme=scheme,
                path=_local(scheme, parts.netloc, unquote(parts.path)),
                options=MappingProxyType(options),
                timeout=timeout,
            )
        login, _, hosts = parts.netloc.rpartition("@")
        user, _, password = login.partition(":")
        return cls(
            scheme=scheme,
            hosts=tuple(_host(text) for text in hosts.split(",")),
            path=unquote(parts.path).strip("/"),
            user=unquote(user),
            password=unquote(password),
            options=MappingProxyType(options),
            timeout=timeout,
        )


def _refused(text: str, rule: str = "", remedy: str = "") -> InvalidParameter:
    # without the URL itself: a password may be in it
    return InvalidParameter(
        text,
        asked="read the URL of a store",
        rule=rule or "a store's URL is SCHEME://[USER:PASSWORD@]HOST[:PORT],.../PREFIX",
        remedy=remedy or "such as etcd://127.0.0.1:2379",
    )


def _timeout(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 3600:
        raise _refused(
            f"{text} is no time-out",
            "a time-out is a number of seconds above 0 and below 3600",
            "timeout=5",
        )
    return seconds


def _check(options: Mapping[str, str]) -> None:
    if options.get("tls", "true") not in {"true", "false"}:
        raise _refused(
            f"tls cannot be {options['tls']}", "tls is true or false", "tls=true"
        )
    if ("cert" in options) != ("key" in options):
        raise _refused(
            "a certificate and its key come together",
            "who shows a certificate proves with its key that it is theirs",
            "both cert=FILE and key=FILE, or neither",
        )
    if options.get("tls") == "false" and not _TLS.isdisjoint(options):
        raise _refused(
            "certificates and tls=false contradict each other",
            "certificates are for connections that are encrypted",
            "leave out tls=false",
        )


def _local(scheme: str, netloc: str, path: str) -> str:
    if scheme == "memory":
        return (netloc + path).strip("/")
    if netloc or not path.strip("/"):
        raise _refused(
            "a store in a file wants the full path of the file",
            "sqlite:// has no host: after it comes a path that starts with /",
            "sqlite:///var/lib/minidock/registry",
        )
    return path


def _host(text: str) -> tuple[str, int]:
    name, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        name, port = text, "0" if not colon or text.endswith("]") else port
    if not name.strip("[]") or (":" in name and not name.startswith("[")):
        raise _refused(
            f"{text or 'nothing'} is no host",
            "a host is a name, an IPv4 address, or an IPv6 address in brackets",
            "127.0.0.1:2379 or [::1]:2379",
        )
    if colon and not text.endswith("]") and not _is_port(port):
        raise _refused(
            f"{port or 'an empty text'} is no port",
            "a port is a number from 1 to 65535",
            "leave it out for the store's usual one",
        )
    return name.strip("[]"), int(port)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535


def _host_text(name: str, port: int) -> str:
    host = f"[{name}]" if ":" in name else name
    return f"{host}:{port}" if port else host

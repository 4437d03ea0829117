"""Who is let in: a browser that was lured here is not.

```
a page at evil.example ──POST──▶ 127.0.0.1:2375      Origin: http://evil.example   403
a name that points here ──GET──▶ 127.0.0.1:2375      Host: evil.example            403
docker, docker-py, curl  ──────▶ 127.0.0.1:2375      Host: 127.0.0.1:2375          in
```

A port on the loopback is open to every page that a browser on this machine shows. Pages
cannot forge two headers: ``Origin`` says where they are from, ``Host`` which name led
here. (A name that somebody else owns can be made to point to 127.0.0.1: DNS rebinding.)
The docker programs send no ``Origin``, and name the address they were told.

Invariant: what comes over a Unix socket or with a client's certificate is let in; no
page can do either.
"""

from minidock.server.wire import Head

__all__ = ["refusal"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def refusal(head: Head, names: frozenset[str]) -> str:
    r"""Why this request is not let in, or "".

    Args:
        head: the request's head.
        names: names that were given as listening addresses.

    >>> from minidock.server.wire import parse_head
    >>> def ask(host, *more):
    ...     lines = ["POST /networks/create HTTP/1.1", f"Host: {host}", *more, "", ""]
    ...     return refusal(parse_head("\r\n".join(lines).encode()), frozenset())
    >>> ask("127.0.0.1:2375"), ask("localhost"), ask("[::1]:2375")
    ('', '', '')
    >>> ask("evil.example")
    'the Host header evil.example is not an address or name of this engine'
    >>> ask("localhost:1", "Origin: http://evil.example")
    'a page of http://evil.example may not change this engine'
    """
    host = head.headers.get("host", "")
    name = _name(host)
    if not (_is_address(name) or _is_local(name) or name in names):
        return f"the Host header {host} is not an address or name of this engine"
    if head.method in _SAFE and "upgrade" not in head.headers:
        return ""
    origin = head.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        return f"a page of {origin} may not change this engine"
    if head.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return "a page of another site may not change this engine"
    return ""


def _name(host: str) -> str:
    """The host without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    """Addresses cannot be made to point elsewhere; names can."""
    if ":" in name:
        return not name.strip("0123456789abcdef:.%")
    parts = name.split(".")
    return len(parts) == 4 and all(part.isdigit() for part in parts)


def _is_local(name: str) -> bool:
    """A single word is nobody's to sell; .localhost is the loopback (RFC 6761)."""
    return "." not in name or name.endswith(".localhost")

"""What Docker says when a socket on the host cannot be opened, by era.

```
 17.12   Error starting userland proxy: listen tcp 0.0.0.0:80: bind: address ...
 20.10   Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address ...
 28      failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address ...
```

Up to 27 a userland proxy listens (or, with ``--userland-proxy=false``, the daemon in
its place, without the first words); in 28 the daemon always binds the socket itself.

Invariant: the text is Docker's; rule and remedy are ours.
"""

from minidock.eras import Era
from minidock.errors import InvalidParameter, PortTaken, Refusal, Unclassified
from minidock.net.address import V6, Address
from minidock.ports.sockets import Listener
from minidock.ports.wanted import Wanted

__all__ = ["cannot_listen", "daemon_cannot_bind", "no_such_protocol", "proxy_cannot"]

_WHY = {
    "address already in use": (
        "something already listens on {port}/{protocol} of {address} or overlaps it",
        "another host port, or stop what listens there",
    ),
    "cannot assign requested address": (
        "the host has no address {address}",
        "an address of the host, or none, for all of them",
    ),
}
_UNKNOWN = (
    "the host's kernel cannot open such a socket: {protocol} on {address}",
    "tcp or udp, on an address family that the host has",
)


def _refusal(text: str, listener: Listener, fault: str) -> Refusal:
    rule, remedy = _WHY.get(fault, _UNKNOWN)
    words = listener._asdict()
    category = PortTaken if fault == "address already in use" else Unclassified
    return category(
        text,
        asked="listen on {address}, port {port}/{protocol}".format(**words),
        rule=rule.format(**words),
        remedy=remedy,
    )


def written(address: Address) -> str:
    """The address as it stands before a colon and a port.

    >>> written(Address.parse("::1")), written(Address.parse("127.0.0.1"))
    ('[::1]', '127.0.0.1')
    """
    return f"[{address}]" if address.family == V6 else str(address)


def proxy_cannot(
    listener: Listener, fault: str, era: Era, *, userland_proxy: bool
) -> Refusal:
    """Up to 27: what Go's ``net`` package, and the proxy around it, say.

    >>> from minidock.eras import era_named
    >>> listener = Listener(Address.parse("::1"), "tcp", 8080)
    >>> fault = "address already in use"
    >>> print(proxy_cannot(listener, fault, era_named("20.10"), userland_proxy=False))
    listen tcp6 [::1]:8080: bind: address already in use
    """
    address, protocol, port = listener
    words = fault
    if protocol != "sctp":  # its library passes the kernel's words on as they are
        # Go names the family only where Docker asked for one: from 20.10 on.
        family = address.family if era.both_families else ""
        step = "socket" if "not supported" in fault else "bind"
        words = f"listen {protocol}{family} {written(address)}:{port}: {step}: {fault}"
    prefix = "Error starting userland proxy: " if userland_proxy else ""
    return _refusal(prefix + words, listener, fault)


def daemon_cannot_bind(
    listener: Listener,
    container_address: Address,
    wanted: Wanted,
    fault: str,
    *,
    userland_proxy: bool,
) -> Refusal:
    """From 28 on: the daemon names the whole binding.

    >>> listener = Listener(Address.parse("0.0.0.0"), "tcp", 9001)
    >>> web = Address.parse("172.17.0.2")
    >>> wanted = Wanted(container_port=80, protocol="tcp", first=9000, last=9010)
    >>> fault = "address already in use"
    >>> print(daemon_cannot_bind(listener, web, wanted, fault, userland_proxy=True))
    failed to bind host port 9001 for 0.0.0.0:9000-9010:172.17.0.2:80/tcp: \
address already in use
    """
    if wanted.protocol == "sctp" and userland_proxy:  # still the proxy's own socket
        return _refusal(f"error starting userland proxy: {fault}", listener, fault)
    asked = str(wanted.first) if wanted.first else ""
    if wanted.first != wanted.last:
        asked += f"-{wanted.last}"
    binding = (
        f"{written(listener.address)}:{asked}:{written(container_address)}"
        f":{wanted.container_port}/{wanted.protocol}"
    )
    if "not supported" in fault:
        step = "create socket for userland proxy"
    elif wanted.protocol == "sctp":
        step = "bind socket for userland proxy"
    elif wanted.first != wanted.last:
        step = f"bind host port {listener.port}"
    else:
        step = "bind host port"
    return _refusal(f"failed to {step} for {binding}: {fault}", listener, fault)


def cannot_listen(listener: Listener) -> Refusal:
    """From 28 on: two sockets of one request overlap; bind passes, listen does not.

    >>> print(cannot_listen(Listener(Address.parse("0.0.0.0"), "tcp", 80)))
    failed to listen on TCP socket: address already in use
    """
    fault = "address already in use"
    name = listener.protocol.upper()
    return _refusal(f"failed to listen on {name} socket: {fault}", listener, fault)


def no_such_protocol(wanted: Wanted, era: Era) -> Refusal:
    """A protocol that has no ports, found only when the container starts.

    >>> from minidock.eras import era_named
    >>> wanted = Wanted(container_port=80, protocol="0")
    >>> print(no_such_protocol(wanted, era_named("20.10")))
    invalid transport protocol: 0
    """
    text = f"invalid transport protocol: {wanted.protocol}"
    return InvalidParameter(
        "unknown protocol" if era.one_ephemeral_port else text,
        asked=f"publish container port {wanted.container_port}",
        rule="only tcp, udp and sctp have ports",
        remedy='"80/tcp", "80/udp" or "80/sctp"',
    )

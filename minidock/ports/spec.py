"""What ``-p``, ``--publish`` and ``--expose`` mean, and what the engine checks again.

```
  [ip:][hostPort[-hostEnd]:]containerPort[-containerEnd][/protocol]

  -p 80                    container port 80, the engine picks the host port
  -p 8080:80               host port 8080
  -p 127.0.0.1:8080:80     only on that host address
  -p [::1]::53/udp         the engine picks, on an IPv6 address
  -p 7000-7001:80-81       two pairs, 7000 to 80 and 7001 to 81
  -p 9000-9010:80          any one free host port of eleven
  -p target=80,published=8080,protocol=tcp          the long form
```

Reading is the client's work: it sends ``ExposedPorts`` and ``HostConfig.PortBindings``,
and :func:`check_bindings` is what the engine still refuses at create. So a host port
stays text here: "" (pick one), "8080" or "9000-9010".

Invariants: a spec has one container port and a lower-case protocol; a range of
container ports becomes one spec each; what is published also counts as exposed.

Docker's name: the ``nat`` package (``ParsePortSpec``), and ``docker/cli``'s ``opts``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from minidock.errors import InvalidParameter, NotationError
from minidock.net.address import Address
from minidock.ports.numbers import parse_number, parse_range, split_protocol
from minidock.ports.texts import CliTexts, refusal

__all__ = [
    "PROTOCOLS",
    "Binding",
    "CliTexts",
    "PortSpec",
    "check_bindings",
    "parse_expose",
    "parse_publish",
    "publish_options",
    "read_bindings",
]

PROTOCOLS = ("tcp", "udp", "sctp")

Binding = dict[str, str]
"""``{"HostIp": "", "HostPort": "8080"}``, as the REST API spells it."""


class PortSpec(NamedTuple):
    """One container port to publish, and what was asked of the host.

    >>> PortSpec(container_port=80, host_port="8080").key
    '80/tcp'
    """

    container_port: int
    protocol: str = "tcp"
    host_ip: str = ""
    """As typed, without brackets; "" means every address."""
    host_port: str = ""
    """As ``HostConfig.PortBindings`` keeps it: "", "8080" or "9000-9010"."""

    @property
    def key(self) -> str:
        """``80/tcp``, the key of Docker's port maps."""
        return f"{self.container_port}/{self.protocol}"

    @property
    def binding(self) -> Binding:
        """The entry of ``HostConfig.PortBindings``."""
        return {"HostIp": self.host_ip, "HostPort": self.host_port}


def parse_publish(text: str, texts: CliTexts = CliTexts.V28) -> tuple[PortSpec, ...]:
    """The specs of one ``-p`` value, one for each container port.

    >>> [(s.key, s.host_port) for s in parse_publish("7000-7001:80-81/udp")]
    [('80/udp', '7000'), ('81/udp', '7001')]
    >>> parse_publish("9000-9010:80")[0].host_port
    '9000-9010'
    >>> parse_publish("localhost:8080:80")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: invalid IP address: localhost
    """
    return _parse(_short_form(text, texts), texts)


def _short_form(text: str, texts: CliTexts) -> str:
    """The long form ``target=80,...`` rewritten as ``published:target/protocol``.

    Docker is odd here: keys it does not know, ``mode`` among them, are ignored.
    """
    if "=" not in text:
        return text
    fields = {"protocol": "tcp"}
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        if not equals or (not name and texts is CliTexts.V28):
            raise refusal("long form", texts, pair, value=text)
        fields[name] = value.partition("=")[0] if texts is CliTexts.V20 else value
    published, target = fields.get("published", ""), fields.get("target", "")
    return f"{published}:{target}/{fields['protocol']}"


def _parse(text: str, texts: CliTexts) -> tuple[PortSpec, ...]:
    # The order of the checks decides which fault a text with several is refused for.
    rest, _, container = text.rpartition(":")
    raw_ip, _, host = rest.rpartition(":")
    container, protocol = split_protocol(container)
    host_ip = _read_host_ip(raw_ip, text, texts)
    if not container:
        raise refusal("no port", texts, text, value=text)
    first, last = _read_range("container port", container, text, texts)
    host_first, host_last = 0, 0
    if host:
        host_first, host_last = _read_range("host port", host, text, texts)
    if host and first != last and last - first != host_last - host_first:
        raise refusal("ranges", texts, container, host, value=text)
    if protocol.lower() not in PROTOCOLS:
        raise refusal("protocol", texts, protocol, value=text)
    any_of = first == last and host_first != host_last
    return tuple(
        PortSpec(
            container_port=first + n,
            protocol=protocol.lower(),
            host_ip=host_ip,
            host_port=(
                f"{host_first}-{host_last}"
                if any_of
                else str(host_first + n)
                if host
                else ""
            ),
        )
        for n in range(last - first + 1)
    )


def _read_range(fault: str, field: str, text: str, texts: CliTexts) -> tuple[int, int]:
    try:
        return parse_range(field, texts)
    except NotationError:
        raise refusal(fault, texts, field, value=text) from None


def _read_host_ip(raw: str, text: str, texts: CliTexts) -> str:
    """The host address without brackets, checked to be one."""
    host_ip = raw
    # 20.10 sends everything through Go's host:port splitter, so a bare IPv6 address
    # has "too many colons"; 28 only what starts with a bracket.
    if texts is CliTexts.V20 or raw.startswith("["):
        host_ip, fault = _split_host(raw + ":")
        if fault:
            words = f"address {raw}:: {fault}"
            raise refusal("brackets", texts, raw, words, value=text)
    if host_ip and not _is_address(host_ip):
        raise refusal("address", texts, host_ip, value=text)
    return host_ip


def _split_host(text: str) -> tuple[str, str]:
    """Host and fault of a ``host:`` text, as Go's ``net.SplitHostPort`` finds them."""
    after = 0
    if text.startswith("["):
        end = text.find("]")
        if end < 0:
            return "", "missing ']' in address"
        if end + 1 != len(text) - 1:
            colons = text[end + 1] == ":"
            return "", ("too many colons" if colons else "missing port") + " in address"
        host, after = text[1:end], end + 1
    else:
        host = text[:-1]
        if ":" in host:
            return "", "too many colons in address"
    if "[" in host:
        return "", "unexpected '[' in address"
    if "]" in text[after:]:
        return "", "unexpected ']' in address"
    return host, ""


def _is_address(text: str) -> bool:
    try:
        Address.parse(text)
    except NotationError:
        return False
    return True


def parse_expose(text: str, texts: CliTexts = CliTexts.V28) -> tuple[str, ...]:
    """The port keys of one ``--expose`` value.

    Docker is odd here: the protocol is not checked, so ``80/foo`` passes the client.

    >>> parse_expose("3000-3001/udp"), parse_expose("80")
    (('3000/udp', '3001/udp'), ('80/tcp',))
    >>> parse_expose("8080:80")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: invalid port format for --expose: 8080:80
    """
    if ":" in text:
        raise refusal("expose colon", texts, text, value=text)
    port, protocol = split_protocol(text)
    try:
        first, last = parse_range(port, texts)
    except NotationError as error:
        raise refusal("expose", texts, text, error.text, value=text) from None
    return tuple(f"{number}/{protocol}" for number in range(first, last + 1))


def publish_options(
    publishes: Iterable[str], exposes: Iterable[str], texts: CliTexts = CliTexts.V28
) -> tuple[dict[str, dict[str, str]], dict[str, list[Binding]]]:
    """``ExposedPorts`` and ``HostConfig.PortBindings`` of a create request.

    The keys are sorted as text, which is how Go writes a map. All long forms are
    rewritten before the first value is read, so their faults come first.

    >>> exposed, bindings = publish_options(["8080:80"], ["443"])
    >>> exposed
    {'443/tcp': {}, '80/tcp': {}}
    >>> bindings
    {'80/tcp': [{'HostIp': '', 'HostPort': '8080'}]}
    >>> publish_options(["a:b"], [])
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: invalid containerPort: b
    """
    shorts = [_short_form(text, texts) for text in publishes]
    specs = [spec for text in shorts for spec in _parse(text, texts)]
    bindings: dict[str, list[Binding]] = {}
    for spec in specs:
        bindings.setdefault(spec.key, []).append(spec.binding)
    exposed = set(bindings)
    for text in exposes:
        exposed.update(parse_expose(text, texts))
    return (
        {key: {} for key in sorted(exposed)},
        {key: bindings[key] for key in sorted(bindings)},
    )


def read_bindings(value: object) -> tuple[Binding, ...]:
    """The bindings under one key of a port map; what is missing is "".

    >>> read_bindings([{"HostPort": "80"}])
    ({'HostIp': '', 'HostPort': '80'},)
    >>> read_bindings(None)
    ()
    """
    if not isinstance(value, Sequence):
        return ()
    return tuple(
        {name: str(entry.get(name) or "") for name in ("HostIp", "HostPort")}
        for entry in value
        if isinstance(entry, Mapping)
    )


def check_bindings(bindings: Mapping[str, object]) -> None:
    """What the engine refuses of ``HostConfig.PortBindings`` at create.

    Docker is odd here: only the numbers are checked. A protocol that does not exist
    fails at start, and a HostIp that is no address means every address.

    >>> check_bindings({"80/foo": [{"HostIp": "bad", "HostPort": "8600-8601"}]})
    >>> check_bindings({"80/tcp": [{"HostPort": "99999"}]})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid port specification: "99999"
    """
    for key in sorted(bindings):
        port, _ = split_protocol(key)
        _check_ports(port, port, parse_number)
        for binding in read_bindings(bindings[key]):
            asked = binding["HostPort"]
            _check_ports(split_protocol(asked)[0], asked, parse_range)


def _check_ports(field: str, asked: str, parse: Callable[[str], object]) -> None:
    if not field:  # no number at all: port 0 as a key, "pick one" as a host port
        return
    try:
        parse(field)
    except NotationError as error:
        raise InvalidParameter(
            f'invalid port specification: "{asked}"',
            asked=f"bind port {asked!r}",
            rule=error.rule,
            remedy='{"80/tcp": [{"HostPort": "8080"}]}',
        ) from None

r"""The short forms of single entries: a port, a mount, a device, a grant.

```
 127.0.0.1:8080:80/udp  ─▶ host_ip 127.0.0.1, published "8080", target 80, protocol udp
 7000-7001:80-81        ─▶ two ports           9000-9010:80  ─▶ any one of eleven
 ./src:/app:ro          ─▶ bind                data:/var/lib ─▶ volume
 c:\\src:/app           ─▶ bind                /var/cache    ─▶ a volume without name
 /dev/sda:/dev/xvda:r   ─▶ source, target, permissions
```

Invariants: the long form is a mapping with text, numbers and truth values only; what
the short form does not say has Compose's default for the short form.
"""

import posixpath
import re

from k8s_bridge.compose.scalars import Value
from minidock.errors import InvalidParameter
from minidock.ports.spec import PortSpec, parse_publish

__all__ = ["device", "grant", "is_path", "ports", "volume"]

_PLAIN = re.compile(r"(?:([1-9][0-9]{0,3}):)?([1-9][0-9]{0,3})", re.ASCII)


def ports(text: str) -> list[Value]:
    """The ports of one short form: one, or one for each of a range.

    >>> ports("8080:80")
    [{'mode': 'ingress', 'target': 80, 'published': '8080', 'protocol': 'tcp'}]
    >>> [port["published"] for port in ports("7000-7001:80-81")]
    ['7000', '7001']
    >>> ports("localhost:8080:80")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: invalid IP address: localhost
    """
    plain = _PLAIN.fullmatch(text)
    if plain:
        return [_port("", int(plain[2]), plain[1] or "", "tcp")]
    return [
        _port(spec.host_ip, spec.container_port, spec.host_port, spec.protocol)
        for spec in sorted(_specs(text), key=lambda spec: spec.key)
    ]


def _specs(text: str) -> tuple[PortSpec, ...]:
    if "=" in text:  # docker run has another long form, which is not Compose's
        raise InvalidParameter(
            f"invalid containerPort: {text}",
            asked=f"the port {text}",
            rule="a short form is address:published:target/protocol",
            remedy="a mapping with the keys target, published, protocol",
        )
    return parse_publish(text)


def _port(host_ip: str, target: int, published: str, protocol: str) -> Value:
    port: dict[str, Value] = {"mode": "ingress"}
    if host_ip:
        port["host_ip"] = host_ip
    if target:
        port["target"] = target
    if published:
        port["published"] = published
    port["protocol"] = protocol
    return port


_PROPAGATIONS = frozenset(
    ("rprivate", "private", "rshared", "shared", "rslave", "slave")
)


def volume(text: str) -> Value:
    """The mount of one short form.

    >>> volume("./src:/app:ro,z")["bind"]
    {'selinux': 'z', 'create_host_path': True}
    >>> volume("data:/var/lib")
    {'type': 'volume', 'source': 'data', 'target': '/var/lib', 'volume': {}}
    >>> volume(":/var/lib")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid spec: :/var/lib: \
empty section between colons
    """
    if not text:
        raise InvalidParameter(
            "invalid empty volume spec",
            asked="a volume",
            rule="a mount needs a path in the container",
            remedy="data:/var/lib/data",
        )
    if len(text) <= 2:
        return {"type": "volume", "target": _clean(text)}
    sections = _sections(text)
    if not all(sections):
        raise _bad_volume(text, "empty section between colons")
    if len(sections) > 3:
        raise _bad_volume(text, "too many colons")
    if len(sections) == 1:
        return {"type": "volume", "target": _clean(text), "volume": {}}
    return _mount(sections)


def _mount(sections: list[str]) -> Value:
    source, target, *options = sections
    mount: dict[str, Value] = {
        "type": "volume",
        "source": source,
        "target": _clean(target),
    }
    bind: dict[str, Value] = {}
    inside: dict[str, Value] = {}
    for option in ",".join(options[:1]).split(","):
        if option in ("ro", "rw"):
            mount["read_only"] = option == "ro"
        elif option == "nocopy":
            inside["nocopy"] = True
        elif option in ("z", "Z"):
            bind["selinux"] = option
        elif option in _PROPAGATIONS:
            bind["propagation"] = option
    if is_path(source):
        mount["type"] = "bind"
        mount["bind"] = {**bind, "create_host_path": True}
        if inside:
            mount["volume"] = inside
    else:
        mount["volume"] = inside
        if bind:
            mount["bind"] = bind
    return mount


def _sections(text: str) -> list[str]:
    """The text between colons, of which one after a drive's letter is none."""
    sections: list[str] = []
    section = ""
    for char in text:
        if char != ":" or (len(section) == 1 and section.isalpha()):
            section += char
        else:
            sections.append(section)
            section = ""
    return [*sections, section]


def _bad_volume(text: str, fault: str) -> InvalidParameter:
    return InvalidParameter(
        f"invalid spec: {text}: {fault}",
        asked=f"the volume {text}",
        rule="a volume is source:target:options, of which only the target is needed",
        remedy="data:/var/lib/data, or ./data:/var/lib/data:ro",
    )


def is_path(source: str) -> bool:
    r"""Whether the source of a mount is a path of the host, and no volume's name.

    >>> [is_path(text) for text in ("./src", "data", "c:\\src", "~", "")]
    [True, False, True, True, False]
    """
    if source[:1] in (".", "/", "~") and source:
        return True
    return source.startswith("\\\\") or (source[:1].isalpha() and source[1:2] == ":")


def _clean(path: str) -> str:
    cleaned = posixpath.normpath(path)
    # a leading pair of slashes is kept by Python and folded by Go
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def device(text: str) -> Value:
    """The device of one short form.

    >>> device("/dev/sda")
    {'source': '/dev/sda', 'target': '/dev/sda', 'permissions': 'rwm'}
    >>> device("a:b:c:d")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: confusing device mapping, \
please use long syntax: a:b:c:d
    """
    parts = text.split(":")
    if len(parts) > 3:
        raise InvalidParameter(
            f"confusing device mapping, please use long syntax: {text}",
            asked=f"the device {text}",
            rule="a device is source:target:permissions",
            remedy="/dev/ttyUSB0:/dev/ttyUSB0:rwm",
        )
    source = parts[0]
    return {
        "source": source,
        "target": parts[1] if len(parts) > 1 else source,
        "permissions": parts[2] if len(parts) > 2 else "rwm",
    }


def grant(text: str) -> Value:
    """The config or secret of one short form, its name.

    >>> grant("password")
    {'source': 'password'}
    """
    return {"source": text}

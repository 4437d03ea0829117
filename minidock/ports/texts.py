"""What the docker command line says when it cannot read a port.

The client, not the engine, reads ``-p``; so the words depend on the client's version.
Two generations are known: they differ in the case of the first letter and in a word.

```
 fault            20.10                         28
 host port        Invalid hostPort: 99999       invalid hostPort: 99999
 address          Invalid ip address: foo       invalid IP address: foo
```

Invariant: every fault has a text in both generations. What a client adds around the
text ("docker: " before, "See 'docker run --help'." after) is the client's business.
"""

from enum import StrEnum

from minidock.errors import NotationError

__all__ = ["CliTexts", "refusal"]


class CliTexts(StrEnum):
    """Which client's words; they speak of the same rules."""

    V20 = "20.10"
    V28 = "28"


# fault: (words of 20.10, words of 28, the rule, what would work)
_FAULTS: dict[str, tuple[str, str, str, str]] = {
    "container port": (
        "Invalid containerPort: {}",
        "invalid containerPort: {}",
        "a container port is a number from 0 to 65535, or a range first-last",
        "-p 8080:80",
    ),
    "host port": (
        "Invalid hostPort: {}",
        "invalid hostPort: {}",
        "a host port is a number from 0 to 65535, or a range first-last",
        "-p 8080:80",
    ),
    "ranges": (
        "Invalid ranges specified for container and host Ports: {} and {}",
        "invalid ranges specified for container and host Ports: {} and {}",
        "two ranges are paired one to one, so they have the same length",
        "-p 7000-7005:8000-8005",
    ),
    "protocol": (
        "Invalid proto: {}",
        "invalid proto: {}",
        "the protocol is tcp, udp or sctp",
        "-p 53:53/udp",
    ),
    "address": (
        "Invalid ip address: {}",
        "invalid IP address: {}",
        "what stands before the host port is an IP address, never a name",
        "-p 127.0.0.1:8080:80",
    ),
    "brackets": (
        "Invalid ip address {}: {}",
        "invalid IP address {}: {}",
        "an IPv6 address stands in brackets before its host port",
        "-p [::1]:8080:80",
    ),
    "no port": (
        "No port specified: {}<empty>",
        "no port specified: {}<empty>",
        "the last field is the container's port and cannot be left out",
        "-p 8080:80",
    ),
    "empty range": (
        "Empty string specified for ports",
        "empty string specified for ports",
        "a port or a range of ports is needed",
        "80 or 8000-8010",
    ),
    "falling range": (
        "Invalid range specified for the Port: {}",
        "invalid range specified for port: {}",
        "the end of a range is not below its start",
        "8000-8010",
    ),
    "long form": (
        "invalid publish opts format (should be name=value but got '{}')",
        "invalid publish opts format (should be name=value but got '{}')",
        "the long form is a list of name=value pairs between commas",
        "-p target=80,published=8080,protocol=tcp",
    ),
    "expose colon": (
        "invalid port format for --expose: {}",
        "invalid port format for --expose: {}",
        "--expose names container ports only",
        "--expose 80, and -p 8080:80 to publish it",
    ),
    "expose": (
        "invalid range format for --expose: {}, error: {}",
        "invalid range format for --expose: {}, error: {}",
        "--expose takes a port or a range of ports, with an optional /protocol",
        "--expose 8000-8010/udp",
    ),
}


def refusal(fault: str, texts: CliTexts, *words: str, value: str) -> NotationError:
    """The refusal for a fault, in the words of one client generation.

    >>> print(refusal("host port", CliTexts.V28, "a", value="a:80"))
    invalid hostPort: a
    >>> print(refusal("host port", CliTexts.V20, "a", value="a:80").explain())
    asked:  read 'a:80'
    rule:   a host port is a number from 0 to 65535, or a range first-last
    try:    -p 8080:80
    """
    old, new, rule, remedy = _FAULTS[fault]
    template = old if texts is CliTexts.V20 else new
    return NotationError(template.format(*words), value=value, rule=rule, remedy=remedy)

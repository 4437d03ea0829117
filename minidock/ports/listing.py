"""How published ports are shown: inspect, the list, ``docker ps``, ``docker port``.

```
 mappings, exposed
   │
   └─▶ inspect   {"53/udp": null, "80/tcp": [{"HostIp": "::", "HostPort": "8080"}]}
         │
         ├─▶ list          [{"IP": "::", "PrivatePort": 80, "PublicPort": 8080, ...}]
         │     └─▶ docker ps     53/udp, [::]:8080->80/tcp
         └─▶ docker port   80/tcp -> [::]:8080
```

Each form is made from the one before it, as Docker does: the engine makes the first
two, the client the others, so the last two depend on the client's version.

Invariant: nothing here decides anything; the same mappings give the same text.

Docker's name: ``NetworkSettings.Ports``, ``types.Port``, ``DisplayablePorts``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from minidock.errors import NotationError, NotFound
from minidock.ports.mapping import PortMapping
from minidock.ports.numbers import parse_number, parse_range
from minidock.ports.spec import Binding, read_bindings
from minidock.ports.texts import CliTexts
from minidock.ports.wanted import port_of

__all__ = ["PortEntry", "port_lines", "ports_field", "ports_json", "ps_ports"]

PortEntry = dict[str, str | int]
"""``{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}``."""


def ports_json(
    mappings: Iterable[PortMapping], exposed: Iterable[str]
) -> dict[str, list[Binding] | None]:
    """``NetworkSettings.Ports`` of a running container; keys sorted as text.

    An exposed port that is not published is null. Entries keep the order in which they
    were bound.

    >>> ports_json((), ["80/TCP", "53/udp"])
    {'53/udp': None, '80/tcp': None}
    """
    ports: dict[str, list[Binding]] = {
        f"{number}/{protocol}": [] for number, protocol in map(port_of, exposed)
    }
    for mapping in mappings:
        key = f"{mapping.container_port}/{mapping.protocol}"
        binding = {"HostIp": str(mapping.host_ip), "HostPort": str(mapping.host_port)}
        ports.setdefault(key, []).append(binding)
    return {key: ports[key] or None for key in sorted(ports)}


def ports_field(ports: Mapping[str, object]) -> list[PortEntry]:
    """The ``Ports`` of ``GET /containers/json``, from inspect's.

    Docker takes the keys as its map yields them, in any order; ours are sorted.

    >>> ports_field({"80/tcp": [{"HostIp": "::", "HostPort": "8080"}], "53/udp": None})
    [{'PrivatePort': 53, 'Type': 'udp'}, \
{'IP': '::', 'PrivatePort': 80, 'PublicPort': 8080, 'Type': 'tcp'}]
    """
    return [entry for key in sorted(ports) for entry in _entries(key, ports[key])]


def _entries(key: str, value: object) -> Iterator[PortEntry]:
    port, _, protocol = key.partition("/")
    private = int(port)
    bindings = read_bindings(value)
    if not bindings:
        yield {"PrivatePort": private, "Type": protocol}
    for binding in bindings:
        yield {
            "IP": binding["HostIp"],
            "PrivatePort": private,
            "PublicPort": int(binding["HostPort"]),
            "Type": protocol,
        }


def _joined(address: str, port: object, texts: CliTexts) -> str:
    """20.10 puts the colon after whatever the address is; 28 brackets IPv6."""
    if ":" in address and texts is not CliTexts.V20:
        return f"[{address}]:{port}"
    return f"{address}:{port}"


def ps_ports(
    entries: Sequence[Mapping[str, object]], texts: CliTexts = CliTexts.V28
) -> str:
    """The PORTS column of ``docker ps``, from the list's ``Ports``; O(n log n).

    Runs of consecutive ports are one item where the public port is the private one, or
    where there is none; all others follow, one by one.

    >>> both = [{"IP": "::", "PrivatePort": n, "PublicPort": n, "Type": "tcp"}
    ...         for n in (80, 81)]
    >>> ps_ports([{"PrivatePort": 443, "Type": "tcp"}, *both])
    '[::]:80-81->80-81/tcp, 443/tcp'
    >>> ps_ports(both, CliTexts.V20)
    ':::80-81->80-81/tcp'
    """
    done: list[str] = []
    single: list[str] = []
    open_runs: dict[tuple[str, str], tuple[int, int]] = {}
    for private, address, public, kind in sorted(map(_sortable, entries)):
        if address and public != private:
            single.append(f"{_joined(address, public, texts)}->{private}/{kind}")
            continue
        run = open_runs.get((address, kind))
        if run is not None and private == run[1] + 1:
            open_runs[address, kind] = (run[0], private)
            continue
        if run is not None:
            done.append(_run_text(address, kind, run, texts))
        # A key keeps its place in the dict: runs still open are listed in the order in
        # which their address and protocol first came up.
        open_runs[address, kind] = (private, private)
    done += [_run_text(*key, run, texts) for key, run in open_runs.items()]
    return ", ".join(done + single)


def _sortable(entry: Mapping[str, object]) -> tuple[int, str, int, str]:
    private, public = entry["PrivatePort"], entry.get("PublicPort", 0)
    return (
        private if isinstance(private, int) else 0,
        str(entry.get("IP") or ""),
        public if isinstance(public, int) else 0,
        str(entry["Type"]),
    )


def _run_text(address: str, kind: str, run: tuple[int, int], texts: CliTexts) -> str:
    first, last = run
    ports = str(first) if first == last else f"{first}-{last}"
    if address:
        ports = f"{_joined(address, ports, texts)}->{ports}"
    return f"{ports}/{kind}"


def port_lines(
    ports: Mapping[str, object],
    container: str,
    wanted: str = "",
    texts: CliTexts = CliTexts.V28,
) -> list[str]:
    """What ``docker port CONTAINER [PORT]`` prints, from inspect's ``Ports``.

    28 sorts the lines, numbers as numbers; 20.10 prints them as they come, and its map
    comes in any order, so ours is sorted by port.

    >>> ports = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}
    >>> port_lines(ports, "web"), port_lines(ports, "web", "80")
    (['80/tcp -> 0.0.0.0:8080'], ['0.0.0.0:8080'])
    >>> port_lines(ports, "web", "81")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: Error: No public port '81' published for web
    """
    if wanted:
        lines = _lines_of(ports, container, wanted, texts)
    else:
        lines = [
            f"{key} -> {_joined(binding['HostIp'], binding['HostPort'], texts)}"
            for key in sorted(ports, key=_natural)
            for binding in read_bindings(ports[key])
        ]
    return lines if texts is CliTexts.V20 else sorted(lines, key=_natural)


def _natural(text: str) -> list[tuple[int, str]]:
    """Sorts runs of digits as numbers: 80 before 443."""
    return [
        (int(part), "") if part.isdigit() else (0, part)
        for part in re.split(r"(\d+)", text)
    ]


def _lines_of(
    ports: Mapping[str, object], container: str, wanted: str, texts: CliTexts
) -> list[str]:
    port, _, protocol = wanted.partition("/")
    try:
        if texts is CliTexts.V20:
            parse_range(port, texts)
        else:
            parse_number(port)
    except NotationError as error:
        raise _unreadable(port, error, texts) from None
    key = f"{port}/{protocol or 'tcp'}"
    bindings = read_bindings(ports.get(key))
    if not bindings:
        shown = key if texts is CliTexts.V20 else wanted
        raise NotFound(
            f"Error: No public port '{shown}' published for {container}",
            asked=f"where port {key} of {container} is published",
            rule=f"{container} does not publish {key}",
            remedy=f"docker port {container}, which lists all it publishes",
        )
    return [_joined(b["HostIp"], b["HostPort"], texts) for b in bindings]


def _unreadable(port: str, error: NotationError, texts: CliTexts) -> NotationError:
    prefix = "" if texts is CliTexts.V20 else f"Error: invalid port ({port}): "
    return NotationError(
        prefix + error.text, value=port, rule=error.rule, remedy=error.remedy
    )

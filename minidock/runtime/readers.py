"""Programs that show the network stack and the processes of a container.

```
 ip, bridge, sysctl, ss        as iproute2 prints them      views/console.py
 ifconfig, route, arp, netstat as busybox prints them       here
 ps, top                       the container's own program, and what was started in it
```

All are readings of the sandbox: the same Namespace, in other words.
"""

from collections.abc import Iterator, Sequence

from minidock.host.listening import main_words
from minidock.host.machine import namespace_of
from minidock.naming.hosts import sandbox_owner
from minidock.net.address import V4, V6
from minidock.net.prefix import Prefix
from minidock.runtime.finished import Finished
from minidock.runtime.options import options
from minidock.runtime.process import (
    FOREVER,
    Process,
    Program,
    Result,
    refused,
    usage,
)
from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.namespace import Namespace, Route, Socket
from minidock.views.console import container_command

__all__ = ["READINGS"]


def _reading(process: Process) -> Finished:
    """What iproute2 and procps show of the sandbox."""
    owner = sandbox_owner(process.world, process.container)
    name, *arguments = process.words
    words = [name.rpartition("/")[2], *arguments]
    if any(set(word) & set(" ;|&$<>`'\"\\\n") for word in words):
        return refused(process, "not simulated with these words")
    answer = container_command(process.world, owner.id, " ".join(words))
    if answer is None:
        return refused(process, f"not simulated here: {' '.join(words)}")
    return Finished(stdout=answer.stdout, stderr=answer.stderr, code=answer.code)


def _space(process: Process) -> Namespace:
    return namespace_of(process.world, process.container) or Namespace(name="")


# --- ifconfig -------------------------------------------------------------------------


def _ifconfig(process: Process) -> Finished:
    given = options(process.arguments, "a")
    space = _space(process)
    if len(given.rest) > 1 or given.unknown:
        return refused(process, "SIOCSIFADDR: Operation not permitted")
    names = given.rest
    blocks = []
    for name in names:
        if space.interface(name) is None:
            text = f"{name}: error fetching interface information: Device not found"
            return refused(process, text)
    # eth0 before lo: busybox sorts the names.
    for item in sorted(space.interfaces, key=lambda found: found.name):
        if not names or item.name in names:
            blocks.append("".join(f"{line}\n" for line in _block(item)))
    return Finished(stdout="".join(f"{block}\n" for block in blocks))


def _block(item: Interface) -> Iterator[str]:
    if item.kind is InterfaceKind.LOOPBACK:
        yield f"{item.name:<9} Link encap:Local Loopback  "
    else:
        mac = str(item.mac).upper()
        yield f"{item.name:<9} Link encap:Ethernet  HWaddr {mac}  "
    for address in item.addresses:
        if address.address.family == V4:
            broadcast = f"  Bcast:{address.broadcast}" if address.broadcast else ""
            mask = Prefix.of(address.address, address.length).netmask
            yield f"{'':10}inet addr:{address.address}{broadcast}  Mask:{mask}"
    for address in item.addresses:
        if address.address.family == V6:
            scope = {"global": "Global", "link": "Link", "host": "Host"}[address.scope]
            yield f"{'':10}inet6 addr: {address} Scope:{scope}"
    words = "LOOPBACK " if item.kind is InterfaceKind.LOOPBACK else "BROADCAST "
    tail = "" if item.kind is InterfaceKind.LOOPBACK else "MULTICAST  "
    space = "" if tail else " "
    flags = f"UP {words}RUNNING {tail}{space}MTU:{item.mtu}  Metric:1"
    yield f"{'':10}{flags}"
    yield f"{'':10}RX packets:0 errors:0 dropped:0 overruns:0 frame:0"
    yield f"{'':10}TX packets:0 errors:0 dropped:0 overruns:0 carrier:0"
    queue = 1000 if item.kind is InterfaceKind.LOOPBACK else item.queue_length
    yield f"{'':10}collisions:0 txqueuelen:{queue} "
    yield f"{'':10}RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)"


# --- route, arp, netstat --------------------------------------------------------------

_ROUTES = (
    "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
)


def _route(process: Process) -> Finished:
    given = options(process.arguments, "ne", "A")
    if given.rest or given.unknown:
        return refused(process, "SIOCADDRT: Operation not permitted")
    return Finished(stdout=_routes(_space(process), numbers="n" in given.flags))


def _routes(space: Namespace, *, numbers: bool) -> str:
    rows = "".join(_route_row(route, numbers) for route in space.routes_of(V4))
    return f"Kernel IP routing table\n{_ROUTES}{rows}"


def _route_row(route: Route, numbers: bool) -> str:
    destination, mask = str(route.destination.first), route.destination.netmask
    gateway = str(route.gateway) if route.gateway else "0.0.0.0"  # noqa: S104 - a text
    if not numbers:
        destination = "default" if route.is_default else destination
        gateway = gateway if route.gateway else "*"
    flags = "UG" if route.gateway else "U"
    if route.destination.length == 32:
        flags += "H"
    return (
        f"{destination:<16}{gateway:<16}{mask!s:<16}{flags:<6}0      0        0 "
        f"{route.device}\n"
    )


def _arp(process: Process) -> Finished:
    rows = (
        f"? ({item.address}) at {item.mac} [ether]  on {item.device}\n"
        for item in _space(process).neighbours
        if item.address.family == V4
    )
    return Finished(stdout="".join(rows))


_CONNECTIONS = (
    "Proto Recv-Q Send-Q Local Address           Foreign Address         State       "
)


def _netstat(process: Process) -> Finished:
    given = options(process.arguments, "ralntuwxeWp")
    if given.rest or given.unknown:
        return usage(process, "[-ral] [-tuwx] [-en]")
    space, flags = _space(process), given.flags
    if "r" in flags:
        return Finished(stdout=_routes(space, numbers="n" in flags))
    asked = [name for name in ("tcp", "udp") if name[0] in flags] or ["tcp", "udp"]
    kind = "servers and established" if "a" in flags else "only servers"
    if not flags & {"a", "l"}:
        kind = "w/o servers"
    lines = [
        f"Active Internet connections ({kind})",
        _CONNECTIONS,
    ]
    if flags & {"a", "l"}:
        lines += [_socket_row(item) for item in _in_order(space.sockets, asked)]
    return Finished(stdout="".join(f"{line}\n" for line in lines))


def _in_order(sockets: Sequence[Socket], protocols: Sequence[str]) -> list[Socket]:
    def order(item: Socket) -> tuple[int, int]:
        family = item.address.family if item.address else V6
        return protocols.index(item.protocol), family

    return sorted((s for s in sockets if s.protocol in protocols), key=order)


def _socket_row(item: Socket) -> str:
    six = item.address is None or item.address.family == V6
    address = "::" if item.address is None else str(item.address)
    local, far = f"{address}:{item.port}", ":::*" if six else "0.0.0.0:*"
    state = "LISTEN" if item.protocol == "tcp" else ""
    return f"{item.protocol}        0      0 {local:<23} {far:<23} {state:<11} "


# --- processes ------------------------------------------------------------------------


def _ps(process: Process) -> Finished:
    lines = ["PID   USER     COMMAND"]
    lines += [
        f"{number:5} {'root':<8} {words}" for number, words in _processes(process)
    ]
    return Finished(stdout="".join(f"{line}\n" for line in lines))


def _processes(process: Process) -> Iterator[tuple[int, str]]:
    """(number, command line) of all that runs in the container.

    The numbers are those that a first exec gets with runc, whose own threads take some.
    """
    container = process.container
    words = " ".join(main_words(process.world, container))
    number = 1
    if container.host_config.flag("Init"):
        yield number, f"/sbin/docker-init -- {words}"
        number = 7
    yield number, words
    number = max(number, 6)
    for exec_id in container.execs:
        number += 1
        yield number, " ".join(process.world.execs[exec_id].config.texts("Cmd"))
    if process.executed:
        number += 1
        yield number, " ".join(process.executed)
    if process.words != process.executed:
        yield number + 6, " ".join(process.words)


_TOP = "  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND"
_NOTHING_TO_DO = """\
CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq
Load average: 0.00 0.00 0.00 1/100 6
"""


def _top(process: Process) -> Finished:
    """A screenful of processes; as nothing changes, it is not drawn again."""
    given = options(process.arguments, "bH", "nd")
    rounds, pause = given.value("n") or "0", given.value("d") or "5"
    if given.unknown or given.incomplete or not (rounds.isdigit() and pause.isdigit()):
        return usage(process, "[-bH] [-n COUNT] [-d SECONDS]")
    batch = "b" in given.flags
    # Odd on purpose: without -b it commands a terminal, be there one or not.
    marks = ("\x1b[H\x1b[J", "\x1b[7m", "\x1b[m")
    clear, inverse, plain = ("", "", "") if batch else marks
    size = process.world.host.memory // 1024
    used = size // 8
    rows = [
        f"{number:5} {int(number != 1):5} root     {'S' if number > 1 else 'R'}"
        f"     2268   0%   0% {words}"
        for number, words in _processes(process)
    ]
    screen = (
        f"{clear}Mem: {used}K used, {size - used}K free, 0K shrd, 0K buff, 0K cached\n"
        f"{_NOTHING_TO_DO}{inverse}{_TOP}{plain}\n" + "\n".join(rows)
    )
    end = "\n" if batch else "\r"
    if not int(rounds):
        return Result(stdout=screen + end, seconds=FOREVER)
    seconds = (int(rounds) - 1) * int(pause)
    return Result(stdout=(screen + end) * min(int(rounds), 100), seconds=seconds)


def _kill(process: Process) -> Finished:
    """Signals reach a container's own program through `docker kill` only."""
    words = [word for word in process.arguments if not word.startswith("-")]
    if not words:
        return Finished(stderr="sh: you need to specify whom to kill\n", code=1)
    known = {str(number) for number, _ in _processes(process)}
    if set(words) <= known and "-0" in process.arguments:
        return Finished()
    if set(words) <= known:
        text = "use docker kill here: a process is not ended from inside"
        return refused(process, text)
    unknown = next(word for word in words if word not in known)
    text = f"sh: can't kill pid {unknown}: No such process\n"
    return Finished(stderr=text, code=1)


READINGS: dict[str, Program] = {
    "arp": _arp,
    "bridge": _reading,
    "ifconfig": _ifconfig,
    "ip": _reading,
    "kill": _kill,
    "netstat": _netstat,
    "ps": _ps,
    "route": _route,
    "ss": _reading,
    "sysctl": _reading,
    "top": _top,
}

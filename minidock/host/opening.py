"""Which sockets a command opens, as its own words tell.

```
 nc -lk -p 80                  80/tcp      httpd -f -p 8080           8080/tcp
 sh -c 'a & nc -lu -p 53'      53/udp      redis-server --port 7000   7000/tcp
```

Invariant: nothing runs here; what the words do not say is not known.

Sources: the programs' manuals, for their options and for which addresses they bind.
"""

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from minidock.errors import NotationError
from minidock.model.image import Image
from minidock.net.address import V4, V6, Address
from minidock.topology.namespace import Socket

__all__ = ["commands_of", "default_words", "is_entrypoint", "opened", "opens"]

_ANY4, _ANY6 = Address(0, V4), Address(0, V6)
_LOOPBACK = Address.parse("127.0.0.1")


class _Server(NamedTuple):
    """How a known program binds its ports."""

    ports: tuple[str, ...] = ()
    """Where it listens if nothing else is said; () for what the image declares."""
    options: tuple[str, ...] = ()
    """The options that give another port."""
    bind: tuple[str, ...] = ()
    """The options that give an address."""
    families: str = "dual"
    """``both``: one socket per family; ``four``: IPv4 only; ``dual``: one for all."""


_SERVERS = {
    "apache2": _Server(("80/tcp",)),
    "caddy": _Server(),
    "httpd-foreground": _Server(),
    "memcached": _Server(("11211/tcp",), ("-p", "--port"), ("-l",), "both"),
    "mongod": _Server(("27017/tcp",), ("--port",), ("--bind_ip",), "four"),
    "mysqld": _Server(("3306/tcp", "33060/tcp"), ("--port", "-P"), ("--bind-address",)),
    "nginx": _Server(("80/tcp",), families="both"),
    "postgres": _Server(("5432/tcp",), ("-p",), ("-h",), "both"),
    "redis-server": _Server(("6379/tcp",), ("--port",), ("--bind",), "both"),
    "app.py": _Server(families="four"),
    "whoami": _Server(("80/tcp",), ("--port", "-port")),
}
_LOCAL_ONLY = {("caddy", "2019/tcp")}
"""Ports that a program opens for itself: an admin's interface on 127.0.0.1."""

_PROCESSES = {
    "apache2-foreground": "apache2",
    "eswrapper": "java",
    "httpd-foreground": "httpd",
    "zkServer.sh": "java",
}
"""What a script in an image starts."""
_WRAPPERS = frozenset(
    "env exec nice nohup setsid tini su-exec gosu time docker-init --".split()
)
_SHELLS = frozenset({"sh", "ash", "bash", "dash"})
_FOREVER = frozenset({"tail", "sleep", "watch", "wait", "yes"})
_INNER = frozenset("do then else if while until ! { (".split())


def opens(words: Sequence[str]) -> bool:
    """Whether a command listens, as far as its own words tell.

    >>> opens(["nc", "-lk", "-p", "80"]), opens(["nc", "db", "80"])
    (True, False)
    """
    return bool(opened(_unwrapped(list(words)), None, own=False))


def default_words(image: Image) -> tuple[str, ...]:
    """What the image runs by itself, without the script that prepares it."""
    entrypoint = image.config.texts("Entrypoint")
    words = (*entrypoint, *image.config.texts("Cmd"))
    prepares = entrypoint and image.config.texts("Cmd") and is_entrypoint(entrypoint[0])
    return words[len(entrypoint) :] if prepares else words


def is_entrypoint(path: str) -> bool:
    """Whether it is a script that prepares something and runs its arguments then."""
    name = path.rpartition("/")[2]
    return "entrypoint" in name or name in {"tini", "run.sh", "dumb-init"}


def _name(word: str) -> str:
    return word.rpartition("/")[2]


# --- a shell's line -------------------------------------------------------------------


def commands_of(words: Sequence[str]) -> list[list[str]]:
    """The commands that run at once when these words are run; O(length).

    A shell's line is taken apart. The commands after one that does not end are not
    reached, unless ``&`` or ``|`` follows it.

    >>> commands_of(["sh", "-c", "echo a; nc -lk -p 80 & nc -lk -p 81"])
    [['echo', 'a'], ['nc', '-lk', '-p', '80'], ['nc', '-lk', '-p', '81']]
    >>> commands_of(["sh", "-c", "sleep 1000; nc -l -p 80"])
    [['sleep', '1000']]
    """
    words = _unwrapped(list(words))
    if not words:
        return []
    script = _script(words)
    if script is None:
        return [words]
    found: list[list[str]] = []
    for command, follows in _split(script):
        inner = commands_of(command)[:50] if len(found) < 50 else []
        found += inner
        stays = bool(inner) and _stays(inner[-1])
        if stays and follows not in {"&", "|"}:
            break
    return found


def _unwrapped(words: list[str]) -> list[str]:
    while words and (_name(words[0]) in _WRAPPERS or "=" in words[0].partition("/")[0]):
        words = words[1:]
    if len(words) > 1 and _name(words[0]) == "busybox":
        return words[1:]
    if len(words) > 2 and _name(words[0]) == "timeout":
        return words[2:]
    return words


def _script(words: Sequence[str]) -> str | None:
    if _name(words[0]) not in _SHELLS:
        return None
    for place, word in enumerate(words[1:-1], 1):
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            return words[place + 1]
    return None


def _split(script: str) -> Iterator[tuple[list[str], str]]:
    """The simple commands of a line, each with the operator that follows it."""
    lexer = shlex.shlex(script.replace("\n", ";"), posix=True, punctuation_chars=True)
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        return
    command: list[str] = []
    for token in tokens:
        if set(token) <= set("();&|"):
            if command:
                yield command, token.lstrip(")")
            command = []
        elif command or token not in _INNER:
            command.append(token)
    if command:
        yield command, ""


def _stays(words: Sequence[str]) -> bool:
    name = _name(words[0])
    return name in _FOREVER or bool(opened(words, None, own=False))


# --- programs whose words say where they listen ---------------------------------------


def opened(words: Sequence[str], image: Image | None, *, own: bool) -> list[Socket]:
    """The sockets of one command; ``own`` where it is the image's own program."""
    if not words:
        return []
    name = _name(words[0])
    special = _SPECIAL.get(name)
    if special is not None:
        return special(name, list(words[1:]))
    if name.startswith("python") or name in {"php", "node", "flask", "ruby"}:
        return _interpreted(name, list(words[1:]), image, own=own)
    server = _SERVERS.get(name)
    if server is None and not own:
        return []
    server = server or _Server()
    declared = image.listens or _exposed(image) if image is not None and own else ()
    ports = list(declared or server.ports)
    given = _value(words, server.options)
    if given is not None and given.isdecimal() and len(given) < 6:
        ports = [f"{given}/{(ports or ['80/tcp'])[0].partition('/')[2]}"]
    address = _address(_value(words, server.bind))
    return [
        socket
        for port in ports
        for socket in _sockets(name, port, address, server.families)
    ]


def _exposed(image: Image) -> tuple[str, ...]:
    return tuple(image.config.document("ExposedPorts"))


def _sockets(
    name: str, port: str, address: Address | None, families: str
) -> Iterator[Socket]:
    number, _, protocol = port.partition("/")
    if not number.isdecimal() or not 0 < int(number) < 65536:
        return
    protocol = protocol or "tcp"
    if (name, port) in _LOCAL_ONLY:
        address = _LOOPBACK
    name = _PROCESSES.get(name, name)
    if address is not None:
        yield Socket(protocol, int(number), address, name)
    elif families == "dual":
        yield Socket(protocol, int(number), None, name)
    else:
        yield Socket(protocol, int(number), _ANY4, name)
        if families == "both":
            yield Socket(protocol, int(number), _ANY6, name)


def _value(words: Sequence[str], names: Sequence[str]) -> str | None:
    """The value of the last of these options: ``-p 80``, ``-p80``, ``--port=80``."""
    found = None
    for place, word in enumerate(words):
        for name in names:
            if word == name and place + 1 < len(words):
                found = words[place + 1]
            elif word.startswith(f"{name}="):
                found = word.partition("=")[2]
            elif not name.startswith("--") and word.startswith(name) and word != name:
                found = word.removeprefix(name)
    return found


def _address(text: str | None) -> Address | None:
    if text is None or text in {"*", "::", "[::]"}:
        return None
    if text == "localhost":
        return _LOOPBACK
    try:
        return Address.parse(text.strip("[]"))
    except NotationError:
        return None


def _nc(name: str, words: list[str]) -> list[Socket]:
    """`nc -l -p 80`, `nc -lk 127.0.0.1 80`, `nc -lu -p 53`."""
    letters = "".join(w[1:] for w in words if w[:1] == "-" and w[:2] != "--")
    if "l" not in letters and "--listen" not in words:
        return []
    port, address = _value(words, ("-p",)), _address(_value(words, ("-s",)))
    if port is None and "p" in letters:  # bundled: -lp 80, -lkp 80
        ends = [i for i, w in enumerate(words) if w[:1] == "-" and w[-1:] == "p"]
        port = words[ends[0] + 1] if ends and ends[0] + 1 < len(words) else None
    plain = [word for word in words if not word.startswith("-") and word != port]
    plain = [word for word in plain if word != _value(words, ("-w", "-e", "-s"))]
    if port is None and plain:
        *hosts, port = plain
        address = address or (_address(hosts[0]) if hosts else None)
    families = "four" if "4" in letters else "dual"
    protocol = "udp" if "u" in letters else "tcp"
    return list(_sockets(name, f"{port}/{protocol}", address, families))


def _httpd(name: str, words: list[str]) -> list[Socket]:
    """Busybox's `httpd -p [ADDRESS:]PORT`."""
    where = _value(words, ("-p",)) or "80"
    host, colon, port = where.rpartition(":")
    address = _address(host) if colon else None
    return list(_sockets(name, f"{port}/tcp", address, "dual"))


def _socat(name: str, words: list[str]) -> list[Socket]:
    """`socat TCP-LISTEN:80,fork,bind=127.0.0.1 ...`."""
    found: list[Socket] = []
    for word in words:
        kind, _, rest = word.partition(":")
        parts = kind.upper().split("-")
        if len(parts) != 2 or parts[1] not in {"LISTEN", "L", "RECVFROM", "RECV"}:
            continue
        port, *options = rest.split(",")
        bound = [item for item in options if item.startswith("bind=")]
        address = _address(bound[0].partition("=")[2]) if bound else None
        protocol = "udp" if parts[0].startswith("UDP") else "tcp"
        families = "dual" if parts[0].endswith("6") else "four"
        found += _sockets(name, f"{port}/{protocol}", address, families)
    return found


def _interpreted(
    name: str, words: list[str], image: Image | None, *, own: bool
) -> list[Socket]:
    """`python3 -m http.server 8000`, `php -S 0.0.0.0:80`, or the image's own script."""
    if words[:2] in (["-m", "http.server"], ["-m", "SimpleHTTPServer"]):
        address = _address(_value(words, ("--bind", "-b")))
        bound = {_value(words, ("--bind", "-b")), _value(words, ("-d", "--directory"))}
        plain = [w for w in words[2:] if not w.startswith("-") and w not in bound]
        port = plain[0] if plain else "8000"
        return list(_sockets(name, f"{port}/tcp", address, "four"))
    if "-S" in words[:-1]:
        host, _, port = words[words.index("-S") + 1].rpartition(":")
        return list(_sockets(name, f"{port}/tcp", _address(host), "four"))
    default = default_words(image) if image is not None else ()
    if (
        own
        and image is not None
        and (name, *words) == (_name(default[0]), *default[1:])
    ):
        families = "four" if "app.py" in words else "dual"
        ports = image.listens
        return [s for port in ports for s in _sockets(name, port, None, families)]
    return []


_SPECIAL: dict[str, Callable[[str, list[str]], list[Socket]]] = {
    "nc": _nc,
    "ncat": _nc,
    "netcat": _nc,
    "httpd": _httpd,
    "socat": _socat,
}

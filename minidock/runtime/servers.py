"""What servers answer: the page of a web server, ``+PONG``, or nothing.

```
 trace.server, trace.final  ──▶  whose program has that port open
                                    nginx, httpd, caddy, python   a file, or 404
                                    whoami                        who asked, and whom
                                    redis-server                  +PONG to PING
                                    the others                    a line that says who
                                    nc                            takes it, says nothing
```

Pages are files of the container, so what a learner writes to the folder of a web
server is what `curl` shows. The texts are our own.
"""

from dataclasses import dataclass

from minidock.commands.images import add, full_reference
from minidock.commands.library import library_image
from minidock.host.listening import listening, main_words
from minidock.host.opening import commands_of
from minidock.host.peers import container_of, peer_named
from minidock.model.archive import bytes_of
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.packet.packet import Packet
from minidock.packet.trace import OUTSIDE, Trace
from minidock.runtime.files import files_of, start_page

__all__ = ["Page", "Request", "page_of", "says"]

_SILENT = frozenset({"nc", "ncat", "netcat", "socat"})
_OTHER_PROTOCOLS = frozenset(
    """cassandra dockerd mariadbd memcached mongod mysqld mysqld_safe nats-server
    php-fpm postgres rabbitmq-server redis-server zkServer.sh""".split()
)
_HTTP_AFTER_ALL = frozenset({("rabbitmq-server", 15672), ("nats-server", 8222)})
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed"}
_FOLDERS = {"nginx": "nginx/1.25", "caddy": "Caddy", "apache2": "Apache/2.4"}
"""Web servers that show files, and what they call themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request."""

    host: str
    path: str = "/"
    method: str = "GET"
    agent: str = "curl/8.5.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An HTTP answer."""

    status: int = 200
    body: str = ""
    server: str = ""
    kind: str = "text/html"

    @property
    def reason(self) -> str:
        """The words after the status."""
        return _REASONS.get(self.status, "")

    def headers(self) -> list[tuple[str, str]]:
        """The header lines, in order."""
        named = [("Server", self.server)] if self.server else []
        length = str(len(bytes_of(self.body)))
        return [*named, ("Content-Type", self.kind), ("Content-Length", length)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    """The program that took a connection."""

    container: Container
    name: str
    port: int
    world: World
    """The World with the container's image, which may be another host's."""


def _program(world: World, trace: Trace) -> _Program | None:
    """Whose program it is; None for one that no container runs."""
    final = trace.final
    identifier = world.names.get(trace.server, trace.server)
    server = world.containers.get(identifier)
    if final is None:
        return None
    owner = None if server is None else sandbox_owner(world, server).id
    for item in world.containers_in_order():
        shares = sandbox_owner(world, item)
        here = shares.id == owner or (owner is None and shares.network_mode == "host")
        for socket in listening(world, item) if here else ():
            if (socket.port, socket.protocol) == (final.target_port, final.protocol):
                name, port = socket.owner, socket.port
                return _Program(container=item, name=name, port=port, world=world)
    if server is None:
        return _program_of_peer(world, trace.server, final)
    port = final.target_port
    return _Program(container=server, name="", port=port, world=world)


def _program_of_peer(world: World, name: str, final: Packet) -> _Program | None:
    """The program of a container on another host, as far as its image tells.

    What was written there since is not known here: its page is the image's own.
    """
    peers = peer_named(world, name)
    if not peers:
        return None
    container = container_of(world, peers)
    image = (
        None if container.image_id else library_image(full_reference(peers[0].image))
    )
    if image is not None:
        world = add(world, image)
        container = container_of(world, peers)
    asked = (final.target_port, final.protocol)
    sockets = listening(world, container)
    owners = [s.owner for s in sockets if (s.port, s.protocol) == asked]
    owner = owners[0] if owners else ""
    return _Program(
        container=container, name=owner, port=final.target_port, world=world
    )


def page_of(world: World, trace: Trace, request: Request) -> Page | None:
    """What a web server answers; None from a program that speaks something else.

    A program that says nothing at all has status 0.
    """
    program = _program(world, trace)
    if program is None:
        where = "outside" if trace.server == OUTSIDE else f"the host {trace.server}"
        return Page(body=f"<p>A server {where} answered.</p>\n")
    world = program.world
    if program.name in _SILENT:
        return Page(status=0)
    speaks_http = (program.name, program.port) in _HTTP_AFTER_ALL
    if program.name in _OTHER_PROTOCOLS and not speaks_http:
        return None
    if request.method not in {"GET", "HEAD", "POST", "PUT", "DELETE"}:
        return Page(status=405)
    if program.name == "whoami":
        return _whoami(world, program.container, trace, request)
    folder = _folder(world, program)
    if folder is not None:
        return _file(world, program, folder, request)
    image = program.container.image.partition(":")[0]
    text = f"{image} in the container {program.container.name} answered.\n"
    return Page(body=text, kind="text/plain")


def _folder(world: World, program: _Program) -> str | None:
    """The folder whose files it shows; None for a program that shows none."""
    container = program.container
    page = start_page(world, container)
    if page and program.name in _FOLDERS:
        return page
    serves_files = program.name == "httpd" or program.name.startswith("python")
    command = _command(world, program) if serves_files else []
    if program.name == "httpd" or "http.server" in command:
        working = container.config.text("WorkingDir") or "/"
        for option in ("-h", "-d", "--directory"):
            if option in command[:-1]:
                return command[command.index(option) + 1]
        return page or working
    return None


def _command(world: World, program: _Program) -> list[str]:
    """The words with which a program was started; [] where they are not found."""
    container = program.container
    started = [main_words(world, container)]
    started += [world.execs[key].config.texts("Cmd") for key in container.execs]
    for words in started:
        for command in commands_of(words):
            if command[0].rpartition("/")[2] == program.name:
                return command
    return []


def _file(world: World, program: _Program, folder: str, request: Request) -> Page:
    files = files_of(world, program.container)
    path = request.path.partition("?")[0].partition("#")[0]
    place = f"{folder.rstrip('/')}/{path.lstrip('/')}"
    inside = files.path(place).startswith(files.path(folder).rstrip("/") + "/")
    if files.is_folder(place):
        place, inside = f"{place.rstrip('/')}/index.html", True
    text = files.read(place) if inside else None
    server = _FOLDERS.get(program.name, "")
    if text is None:
        body = f"<h1>404 Not Found</h1>\n<p>{program.container.name}: no {path}</p>\n"
        return Page(status=404, body=body, server=server)
    kind = "text/html" if place.endswith(".html") else "text/plain"
    return Page(body=text, server=server, kind=kind)


def _whoami(world: World, container: Container, trace: Trace, request: Request) -> Page:
    hostname = (files_of(world, container).read("/etc/hostname") or "").strip()
    addresses = [
        address
        for endpoint in sandbox_owner(world, container).endpoints
        for address in (endpoint.address, endpoint.address6)
        if address is not None
    ]
    port = trace.final.source_port if trace.final is not None else 0
    seen = trace.seen
    shown = f"[{seen}]" if seen is not None and ":" in str(seen) else str(seen)
    lines = [
        f"Hostname: {hostname}",
        "IP: 127.0.0.1",
        *(f"IP: {address}" for address in addresses),
        f"RemoteAddr: {shown}:{port}",
        f"{request.method} {request.path} HTTP/1.1",
        f"Host: {request.host}",
        f"User-Agent: {request.agent}",
        "Accept: */*",
    ]
    return Page(body="".join(f"{line}\n" for line in [*lines, ""]), kind="text/plain")


def says(world: World, trace: Trace, text: str) -> str:
    r"""What comes back over a plain connection on which this text was sent."""
    program = _program(world, trace)
    name = program.name if program is not None else ""
    if name == "redis-server":
        return "".join(map(_redis, filter(None, map(str.strip, text.splitlines()))))
    first, _, _ = text.partition("\n")
    words = first.split()
    if len(words) == 3 and words[2].startswith("HTTP/"):
        page = page_of(
            world, trace, Request(host="", path=words[1], method=words[0], agent="nc")
        )
        if page is not None and page.status:
            head = f"HTTP/1.1 {page.status} {page.reason}\r\n"
            lines = "".join(f"{key}: {value}\r\n" for key, value in page.headers())
            return f"{head}{lines}\r\n{page.body}"
    return ""


def _redis(line: str) -> str:
    words = line.split()
    match words[0].upper(), len(words):
        case "PING", 1:
            return "+PONG\r\n"
        case (("PING" | "ECHO"), 2):
            return f"${len(words[1])}\r\n{words[1]}\r\n"
        case "QUIT", _:
            return "+OK\r\n"
        case _:
            return f"-ERR unknown command '{words[0]}'\r\n"

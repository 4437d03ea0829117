"""Docker command lines, played on an engine in memory and read off it.

```
 docker network create front           ─┐
 docker run -d --network front redis    ├─▶ Engine ─▶ inspect JSON ─▶ Application
 docker run -d -p 80:80 --link ... web ─┘   names, links, EXPOSE, refusals
```

A line that Docker would refuse is refused here, with Docker's text. A program that is
gone at once (``run --rm busybox true``) still is a container that was asked for, so
what ``inspect`` said before it started is kept.

Invariant: nothing is read or written but through ``read_file``.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import quote

from k8s_bridge.application import Application, Restart, Service, Setting
from k8s_bridge.sources.world import application_from_inspect
from minidock import Engine
from minidock.api.http import Response
from minidock.client.docker import run as run_docker
from minidock.client.session import Terminal
from minidock.commandline.grammar import Parsed, parse
from minidock.commandline.refusal import Cli, CommandRefusal
from minidock.commandline.requests import ContainerRequest, container_request
from minidock.commandline.words import split_line
from minidock.commands.images import full_reference
from minidock.commands.library import library_image
from minidock.errors import InvalidParameter, NotFound, Refusal
from minidock.model.document import Document, freeze, thaw
from minidock.model.image import Image, digest_of

__all__ = ["Client", "application_from_lines", "lines_of"]

# Flags that the docker program keeps to itself: the engine never hears of them.
_CLIENT_FLAGS = {
    "cidfile": "client",
    "detach-keys": "client",
    "disable-content-trust": "client",
    "kernel-memory": "kernel_memory",
    "platform": "platform",
    "pull": "pull",
    "quiet": "client",
    "sig-proxy": "client",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Where the lines are typed: the variables and files that they may mention."""

    environment: Mapping[str, str] = field(default_factory=dict)
    read_file: Callable[[str], str] | None = None
    folder: str = "/"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A container that a line asked for, and its JSON before it was started."""

    parsed: Parsed
    request: ContainerRequest
    created: Mapping[str, object]


_NO_FILES = Client()
# Docker refuses an image without a command; this one is nobody's, so that it is told
# from what a line says.
_NO_COMMAND = Document({"Cmd": ("the command of an unknown image",)})


def lines_of(text: str) -> list[str]:
    r"""The command lines of a file: joined at a final backslash, comments left out.

    >>> lines_of("# a network\ndocker network create \\\n  front\n\n")
    ['docker network create    front']
    """
    joined = text.replace("\r\n", "\n").replace("\\\n", " ")
    lines = (line.strip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def application_from_lines(
    lines: Sequence[str], client: Client = _NO_FILES
) -> Application:
    """The Application that docker command lines set up, in the order of the lines.

    >>> app = application_from_lines(["docker run -d --name db redis"])
    >>> app.services[0].program.image
    'redis'
    >>> application_from_lines(["docker run -d --nope redis"])
    Traceback (most recent call last):
    ...
    minidock.commandline.refusal.CommandRefusal: unknown flag: --nope
    """
    parsed = [_parsed(line) for line in lines]
    made = [item if item.command in ("run", "create") else None for item in parsed]
    unknown = _unknown_images(made)
    engine = Engine(daemon_args=_runtimes(made), images=list(unknown.values()))
    names = _names_of(made)
    asked: dict[str, _Asked] = {}
    for line, item, name in zip(lines, parsed, names, strict=True):
        with _about(line):
            asked |= _play(engine, split_line(line), item, name, client)
    containers = list(_containers(engine, asked))
    networks = [network.attrs for network in engine.networks.list()]
    images = [image.attrs for image in engine.images.list()]
    application = application_from_inspect(containers, networks, images)
    services = tuple(
        _with_client_flags(service, item, known=item.request.image not in unknown)
        for service, item in zip(application.services, asked.values(), strict=False)
    )
    return application._replace(services=services)


@contextmanager
def _about(line: str) -> Iterator[None]:
    """Says in a refusal which line it is about."""
    try:
        yield
    except Refusal as refusal:
        refusal.asked = f"{refusal.asked or 'run a line'}, in: {line}"
        raise


def _parsed(line: str) -> Parsed:
    with _about(line):
        words = split_line(line)
        try:
            return parse(words, Cli.V28)
        except CommandRefusal as refusal:
            if refusal.code:
                raise
            raise InvalidParameter(
                "a line that only asks for help",
                asked="translate it",
                rule="a line must set something up",
                remedy="docker run -d -p 80:80 nginx",
            ) from None


def _unknown_images(made: Sequence[Parsed | None]) -> dict[str, Image]:
    """Stand-ins for the images that no catalogue has, so that they can be run."""
    unknown = {}
    for parsed in filter(None, made):
        reference = full_reference(parsed.arguments[0])
        if library_image(reference) is None:
            unknown[parsed.arguments[0]] = _stand_in(reference)
    return unknown


def _stand_in(reference: str) -> Image:
    pinned = "@" in reference
    return Image(
        id=digest_of(reference),
        created=0,
        size=0,
        config=_NO_COMMAND,
        references=() if pinned else (reference,),
        digests=(reference,) if pinned else (),
    )


def _runtimes(made: Sequence[Parsed | None]) -> list[str]:
    """The flags of dockerd for the runtimes that lines name: their host has them."""
    names = {item.text("runtime") for item in made if item is not None} - {"", "runc"}
    return [f"--add-runtime={name}={name}" for name in sorted(names)]


def _names_of(made: Sequence[Parsed | None]) -> list[str]:
    """The name of each line's container: its own, else one made from the image's."""
    taken = {parsed.text("name") for parsed in made if parsed}
    names = []
    for parsed in made:
        name = parsed.text("name") if parsed else ""
        if parsed and not name:
            name = _free_name(parsed.arguments[0], taken)
            taken.add(name)
        names.append(name)
    return names


def _free_name(image: str, taken: Collection[str]) -> str:
    """Docker invents a name; the image's says more and stays the same."""
    last = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    stem = re.sub("[^a-z0-9]+", "-", last).strip("-")
    stem = stem if len(stem) > 1 else f"{stem}-container".lstrip("-")
    numbered = (f"{stem}-{number}" for number in count(2))
    return stem if stem not in taken else next(n for n in numbered if n not in taken)


def _play(
    engine: Engine, words: list[str], parsed: Parsed, name: str, client: Client
) -> dict[str, _Asked]:
    if parsed.command == "pull":
        return {}  # nodes pull by themselves
    if parsed.command in ("run", "create"):
        return _made(engine, parsed, name, client)
    terminal = Terminal(
        now=engine.now,
        environment=client.environment,
        read_file=client.read_file,
        folder=client.folder,
    )
    output = run_docker(words, engine.send, terminal)
    if not output.ok:
        text = output.stderr.strip().partition("\n")[0]
        raise InvalidParameter(text, **_parts(output.why))
    return {}


def _parts(why: str) -> dict[str, str]:
    """The three parts of an explanation, back from its lines."""
    words = {"asked:": "asked", "rule:": "rule", "try:": "remedy"}
    parts = {}
    for row in why.splitlines():
        label, _, text = row.partition(" ")
        if label in words:
            parts[words[label]] = text.strip()
    return parts


def _made(
    engine: Engine, parsed: Parsed, name: str, client: Client
) -> dict[str, _Asked]:
    """Creates the container of a line and, for ``run``, starts it."""
    request = container_request(
        parsed,
        cli=Cli.V28,
        env_files=client.read_file,
        environment=client.environment,
        folder=client.folder,
    )
    _have_image(engine, request.image)
    path = f"/containers/create?name={quote(name)}"
    created = _ok(engine.api("POST", path, dict(request.body)), parsed)
    identity = created.text("Id")
    before = engine.containers.get(identity).attrs
    if parsed.command == "run":
        started = engine.api("POST", f"/containers/{identity}/start")
        # That a program is missing is the image's business, not the translation's.
        if "runtime create failed" not in started.message:
            _ok(started, parsed)
    return {identity: _Asked(parsed, request, before)}


def _have_image(engine: Engine, image: str) -> None:
    try:
        engine.images.get(image)
    except NotFound:
        engine.images.pull(image)


def _ok(response: Response, parsed: Parsed) -> Document:
    if response.status < 400:
        body = freeze(response.body)
        return body if isinstance(body, Document) else Document()
    if response.refusal is not None:
        raise response.refusal
    words = f"docker {parsed.spelling} {' '.join(parsed.arguments)}"
    raise InvalidParameter(response.message, asked=words)


def _containers(
    engine: Engine, asked: dict[str, _Asked]
) -> Iterator[Mapping[str, object]]:
    for identity, item in list(asked.items()):
        try:
            attrs: Mapping[str, object] = engine.containers.get(identity).attrs
        except Refusal:
            if not item.request.remove:  # a later line removed it
                del asked[identity]
                continue
            attrs = item.created
        yield _as_asked(attrs, item.request)


def _as_asked(
    attrs: Mapping[str, object], request: ContainerRequest
) -> Mapping[str, object]:
    """The JSON with what only the request tells: a MAC address that was asked for.

    Whether a program already ended in memory says nothing about the line's meaning.
    """
    document = freeze(attrs)
    body = freeze(request.body)
    if not isinstance(document, Document) or not isinstance(body, Document):
        return attrs
    endpoints = body.document("NetworkingConfig").document("EndpointsConfig")
    asked = [endpoints.document(name).text("MacAddress") for name in endpoints]
    config = document.document("Config")
    for address in filter(None, asked):
        config = config.with_entry("MacAddress", address)
    document = document.with_entry("Config", config)
    thawed = thaw(document.with_entry("State", Document({"Status": "running"})))
    return thawed if isinstance(thawed, dict) else attrs


def _with_client_flags(service: Service, asked: _Asked, *, known: bool) -> Service:
    """The service with the flags that never reach the engine."""
    flags = sorted(asked.parsed.given & _CLIENT_FLAGS.keys())
    settings = tuple(
        Setting(f"--{flag}", _CLIENT_FLAGS[flag], str(asked.parsed.options[flag]))
        for flag in flags
    )
    if not asked.request.name:
        settings = (*settings, Setting("--name", "invented_name", service.name))
    program = service.program._replace(
        image_known=known,
        platform=asked.request.platform,
        pull=asked.request.pull if "pull" in flags else "",
    )
    lifecycle = service.lifecycle
    if "restart" in asked.parsed.given and lifecycle.restart is Restart.UNSET:
        lifecycle = lifecycle._replace(restart=Restart.NO)
    return service._replace(
        program=program,
        lifecycle=lifecycle,
        settings=(*service.settings, *settings),
    )

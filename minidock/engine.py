"""The face: a Docker engine to hold in the hand.

```
                    ┌────────────────────────────────────────────────────┐
docker("run ...") ─▶│ client ─▶ Request ─▶ routes.handle ─▶ World' ─▶ ...│─▶ text
docker.containers ─▶│              the same requests                     │─▶ objects
                    │ history: every World, so back() is free            │
                    └────────────────────────────────────────────────────┘
```

The engine is the one mutable thing: it holds the current World, its history, a clock
that only moves when told to, and the store. Everything it does goes through the same
pure function that a server would call, :func:`minidock.api.routes.handle`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from minidock.api.http import Request, Response
from minidock.api.routes import handle
from minidock.api.streams import Moment
from minidock.client.collections import (
    ContainerCollection,
    ImageCollection,
    NetworkCollection,
    VolumeCollection,
)
from minidock.client.docker import run
from minidock.client.session import Output, Terminal
from minidock.commandline.refusal import Cli
from minidock.commandline.words import split_line
from minidock.commands import hostchanges
from minidock.commands.boot import boot
from minidock.commands.images import add
from minidock.commands.lookup import find_container
from minidock.eras import DEFAULT_ERA, Era, era_named
from minidock.errors import NotationError, ProgramRefusal, Refusal
from minidock.history import History
from minidock.host.machine import machine as derive_machine
from minidock.journal import Head, Journal, Record
from minidock.model.daemon import daemon_options
from minidock.model.document import Json
from minidock.model.event import Event
from minidock.model.host import HostFacts, sample_host
from minidock.model.image import Image
from minidock.model.world import World
from minidock.registry.store import Store
from minidock.runtime.hostcalls import host_calls
from minidock.runtime.hostcalls import run as run_on_host
from minidock.topology.machine import Machine
from minidock.views.console import ConsoleOutput, container_command, host_command
from minidock.views.diff import Difference, difference
from minidock.views.drawing import Drawing
from minidock.views.drawing import draw as drawing_of
from minidock.views.journey import Journey
from minidock.views.matrix import Matrix

__all__ = ["Engine"]

_EPOCH = 1_700_000_000_000_000_000
"""2023-11-14, the moment at which every lesson starts; nanoseconds since 1970."""

_TICK = 1_000_000
"""How far the clock moves with each request: a millisecond."""


class Engine:
    """A Docker engine in memory: no daemon, no root, no kernel.

    Args:
        era: whose rules: "17.12", "20.10" or "28" (the default).
        daemon_args: dockerd's command line, such as ``["--icc=false"]``.
        host: the machine beneath; a small sample host by default.
        seed: where identifiers come from; the same seed gives the same digits.
        images: images that are there from the start, beside the catalogue.
        store: where the engine keeps itself, such as a ``SqliteStore``; a store that
            holds an engine already decides about era, flags and seed.

    >>> docker = Engine()
    >>> docker("run -d --name web -p 8080:80 nginx").ok
    True
    >>> docker("port web")
    80/tcp -> 0.0.0.0:8080
    80/tcp -> [::]:8080
    >>> docker("run -d --name web nginx").code
    125
    """

    def __init__(
        self,
        era: str | Era = DEFAULT_ERA,
        *,
        daemon_args: Sequence[str] = (),
        host: HostFacts | None = None,
        seed: str = "minidock",
        now: int = _EPOCH,
        images: Sequence[Image] = (),
        store: Store | None = None,
    ) -> None:
        chosen = era.name if isinstance(era, Era) else era_named(era).name
        head = Head(era=chosen, seed=seed, now=now, daemon=tuple(daemon_args))
        self._journal = None if store is None else Journal(store)
        if self._journal is not None:
            head = self._journal.open(head)
        options = daemon_options(head.daemon)
        beneath = host or sample_host()
        world = boot(era_named(head.era), options, beneath, head.seed, head.now)
        for image in images:
            world = add(world, image)
        self._history = History(world)
        self._now = head.now
        self._catch_up()
        self.containers = ContainerCollection(self.send, self._history.one_command)
        self.networks = NetworkCollection(self.send)
        self.images = ImageCollection(self.send)
        self.volumes = VolumeCollection(self.send)

    def _catch_up(self) -> None:
        """Apply what the store holds and this engine has not seen."""
        if self._journal is None:
            return
        for record in self._journal.unread():
            self._apply(record)
            self._now = max(self._now, record.now)

    def _apply(self, record: Record) -> None:
        """The record's World becomes the current one."""
        if record.request is None:
            host = run_on_host(self.world, record.host).host
            self._history.keep(replace(self.world, host=host))
        else:
            answer = handle(self.world, record.request, record.now)
            self._history.keep(answer.world, answer.events)

    @property
    def world(self) -> World:
        """The current World: everything that is decided, as one frozen value."""
        return self._history.current

    @property
    def now(self) -> int:
        """The engine's clock, nanoseconds since 1970; only requests move it."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += int(seconds * 1_000_000_000)

    def turn(self, now: int) -> None:
        """Set the clock to ``now`` and let everything happen that is due by then.

        A clock never goes back: an earlier ``now`` changes nothing.
        """
        # Late, since the programs take half of the time of an import.
        from minidock.runtime.turning import turn  # noqa: PLC0415

        self._now = max(self._now, now)
        outcome = turn(self.world, self._now)
        if outcome.world is not self.world:
            self._history.keep(outcome.world, outcome.events)

    @property
    def next_due(self) -> int | None:
        """When something is due by itself, nanoseconds since 1970; None: never."""
        from minidock.runtime.turning import next_due  # noqa: PLC0415 - see turn

        return next_due(self.world)

    def moment(self) -> Moment:
        """What a stream sees now."""
        return Moment(world=self.world, now=self._now, events=self._history.events)

    def send(self, request: Request) -> Response:
        """Answer one API request and keep the World that it leaves.

        With a store, the answer is given only once the store has the request.
        """
        self._now += _TICK
        while True:
            answer = handle(self.world, request, self._now)
            if answer.world is self.world:
                return answer.response
            record = Record(now=self._now, request=request)
            if self._journal is None or self._journal.append(record):
                self._history.keep(answer.world, answer.events)
                return answer.response
            self._catch_up()  # another writer was first: answer over its World

    def _change_host(self, *verb: str) -> str:
        """Change the machine beneath; kept like a request. What the verb prints."""
        record = Record(now=self._now, host=verb)
        while True:
            ran = run_on_host(self.world, verb)
            if ran.host == self.world.host:
                return ran.stdout
            if self._journal is None or self._journal.append(record):
                self._history.keep(replace(self.world, host=ran.host))
                return ran.stdout
            self._catch_up()  # another writer was first: change what he left

    def api(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer an API request given by its path, query included.

        A body that is a text is sent as it stands, as JSON or not.

        >>> Engine().api("GET", "/networks/none").body["Driver"]
        'null'
        >>> Engine().api("GET", "/networks/nosuch").status
        404
        """
        plain, _, query = path.partition("?")
        given = {key.lower(): value for key, value in (headers or {}).items()}
        return self.send(
            Request(
                method=method,
                path=unquote(plain),
                query=dict(parse_qsl(query, keep_blank_values=True)),
                body=None if isinstance(body, str) else body,
                raw=body if isinstance(body, str) else None,
                content_type=given.get("content-type", "application/json"),
            )
        )

    def __call__(self, line: str) -> Output:
        """Run a docker command line and give what docker prints.

        >>> Engine()("docker network ls --format '{{.Name}}'")
        bridge
        host
        none
        """
        return self.command_line(line)

    def command_line(
        self,
        line: str | Sequence[str],
        *,
        cli: str | Cli = "",
        environment: Mapping[str, str] | None = None,
        read_file: Callable[[str], str] | None = None,
        folder: str = "/",
    ) -> Output:
        """Like calling the engine, with the docker program and its place to choose.

        Args:
            line: the command line, as a text or as words.
            cli: the docker program's generation, "20.10" or "28".
            environment: its environment variables, which ``-e NAME`` passes on.
            read_file: how it reads a file, for ``--env-file`` and ``--label-file``.
            folder: where it stands, for paths that begin with a dot.
        """
        program = Cli(cli or self.world.era.cli)
        try:
            words = split_line(line) if isinstance(line, str) else list(line)
        except NotationError as error:
            return Output(stderr=f"{error.text}\n", code=2, why=error.explain())
        if words[:1] == ["docker"]:
            words = words[1:]
        terminal = Terminal(
            cli=program,
            now=self._now,
            environment=dict(environment or {}),
            read_file=read_file,
            folder=folder,
            column=self.world.era.table_column,
        )
        with self._history.one_command():
            return run(words, self.send, terminal)

    def host_command(self, line: str) -> ConsoleOutput | None:
        """What a command on the Docker host prints, or None where no reading can say.

        ``ip addr add`` and ``ip route add`` (and ``del``), ``iptables``, ``ip6tables``
        and ``ufw`` change the host; of a line with ``;`` or ``&&`` each command may.

        >>> print(Engine().host_command("ip -br addr").stdout.split()[0])
        lo
        >>> docker = Engine()
        >>> docker.host_command("iptables -A DOCKER-USER -i eth0 -j DROP").code
        0
        >>> "-A DOCKER-USER -i eth0 -j DROP" in docker.rules()
        True
        >>> print(docker.host_command("iptables -A NOPE -j DROP").stderr, end="")
        iptables: No chain/target/match by that name.
        """
        calls = host_calls(line)
        if calls is None:  # nothing in it changes anything
            read = host_command(self.world, line)
            return self._host_program(line) if read is None else read
        outputs: list[ConsoleOutput] = []
        for call in calls:
            if outputs and outputs[-1].code and call.only_after_success:
                continue
            known = host_command(self.world, call.line) if not call.changes else None
            output = self._host_call(*call.words) if call.changes else known
            if output is None:
                return None
            outputs.append(output)
        return ConsoleOutput(
            "".join(output.stdout for output in outputs),
            "".join(output.stderr for output in outputs),
            outputs[-1].code,
        )

    def _host_program(self, line: str) -> ConsoleOutput | None:
        """ping, curl, nslookup and such on the host, or None."""
        # Late, since the programs take half of the time of an import.
        from minidock.runtime import hostprograms  # noqa: PLC0415

        ran = hostprograms.run_on_host(self.world, line, now=self._now)
        return None if ran is None else ConsoleOutput(ran.stdout, ran.stderr, ran.code)

    def _host_call(self, *verb: str) -> ConsoleOutput:
        try:
            return ConsoleOutput(self._change_host(*verb))
        except Refusal as refusal:
            code = refusal.code if isinstance(refusal, ProgramRefusal) else 2
            return ConsoleOutput("", f"{refusal.text}\n", code)

    def outside_command(self, line: str) -> ConsoleOutput | None:
        """What a command on a machine behind the host's card prints, or None.

        ``ip route add`` and ``del`` change the routes that such machines have to
        networks on this host, and ``ip route`` shows them.

        >>> docker = Engine()
        >>> docker.outside_command("ip route add 10.81.0.0/24 via 192.0.2.2").code
        0
        >>> print(docker.outside_command("ip route").stdout, end="")
        10.81.0.0/24 via 192.0.2.2 dev eth0
        """
        words = split_line(line)
        shown = hostchanges.outside_text(self.world.host, words)
        if shown is not None:
            return ConsoleOutput(shown)
        return self._host_call("outside", *words) if words[:1] == ["ip"] else None

    def listen(self, protocol: str, port: int, address: str = "") -> None:
        """A process on the host listens on a port from now on."""
        self._change_host("listen", protocol, str(port), address)

    def write_host_file(self, name: str, text: str) -> None:
        """Somebody writes /etc/resolv.conf or /etc/hosts of the host.

        >>> Engine().write_host_file("/etc/motd", "hello")
        Traceback (most recent call last):
        ...
        minidock.errors.InvalidParameter: Docker does not read /etc/motd
        """
        self._change_host("write", name, text)

    def container_command(self, name: str, line: str) -> ConsoleOutput | None:
        """What a command in a container's network namespace prints, or None."""
        container = find_container(self.world, name)
        return container_command(self.world, container.id, line)

    def machine(self) -> Machine:
        """What stands on the host: namespaces, interfaces, routes."""
        return derive_machine(self.world)

    def rules(self) -> str:
        """What ``iptables-save`` would show on the host."""
        output = host_command(self.world, "iptables-save")
        return output.stdout if output else ""

    def draw(self, *, stopped: bool = True) -> Drawing:
        """A drawing of what runs here; printed it is text, in a notebook a picture.

        >>> print(Engine("20.10").draw())
        docker-host, as Docker 20.10
        ├─ eth0 192.0.2.2/24 ══ outside 192.0.2.1
        └─ network bridge 172.17.0.0/16, bridge docker0 172.17.0.1, out: masquerade
        """
        return drawing_of(self.world, stopped=stopped)

    def diff(self, commands: int = 1) -> Difference:
        """What the last command changed, or the last few; nothing differs at the start.

        >>> docker = Engine()
        >>> docker("network create --internal back").ok
        True
        >>> docker.diff().lines[0]
        '+ back: bridge 172.18.0.0/16, gateway 172.18.0.1, internal'
        """
        return difference(
            self._history.at(self._history.place_before(commands)), self.world
        )

    def trace(
        self,
        source: str,
        target: str,
        *,
        size: int = 0,
        ttl: int = 64,
        may_fragment: bool | None = None,
        family: int = 0,
    ) -> Journey:
        """A packet's journey, hop by hop: who decided what, how it ended, and why.

        Args:
            source: a container, ``host``, ``outside``, or an address outside.
            target: NAME, NAME:PORT or NAME:PORT/PROTOCOL; without a port, a ping.
            size: octets of the IP packet, 28 to 65535; 0 for a usual first packet.
            ttl: how many routers may forward it, 1 to 255.
            may_fragment: whether it may be cut in pieces; by default TCP may not.
            family: 4 or 6 for addresses of that family only.

        >>> docker = Engine()
        >>> _ = docker("network create app")
        >>> _ = docker("run -d --name web --network app nginx")
        >>> _ = docker("run -d --name db --network app redis")
        >>> docker.trace("web", "db:6379").why
        'db answers on 6379/tcp and sees 172.18.0.2'
        >>> docker.trace("web", "db:99999")
        Traceback (most recent call last):
        ...
        minidock.errors.InvalidParameter: invalid port '99999' in db:99999
        """
        # Late: who asks for no journey does not wait for its parts.
        from minidock.packet.journey import journey  # noqa: PLC0415

        trace = journey(
            self.world,
            source,
            target,
            size=size,
            ttl=ttl,
            may_fragment=may_fragment,
            family=family,
        )
        return Journey(self.world, trace)

    def reachability(self) -> Matrix:
        """Who reaches whom: every container, the host and the world outside; O(n²).

        >>> docker = Engine()
        >>> _ = docker("run -d --name web nginx"), docker("run -d --name db redis")
        >>> docker.reachability().outcome("web", "db:6379/tcp").value
        'delivered'
        """
        from minidock.packet.reach import reachability  # noqa: PLC0415 - see trace

        return Matrix(reachability(self.world))

    @property
    def history(self) -> tuple[World, ...]:
        """Every World so far, the first one first."""
        return self._history.worlds

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened so far, oldest first."""
        return self._history.events

    def back(self, commands: int = 1) -> None:
        """Undo the last commands that changed something, each with all its requests.

        At the first World there is nothing to undo.

        >>> docker = Engine()
        >>> docker("run -d --name web nginx").ok
        True
        >>> docker.back()
        >>> docker("ps --all --quiet")
        <BLANKLINE>
        """
        self.back_to(self._history.place_before(commands))

    def back_to(self, place: int) -> None:
        """Return to ``history[place]``.

        Raises:
            IndexError: the history does not reach that far.
        """
        self._history.at(place)
        while len(self._history) > place + 1:
            if self._journal is not None and not self._journal.drop():
                self._catch_up()
                self._journal.drop()
            self._history.drop()

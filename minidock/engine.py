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
from contextlib import AbstractContextManager
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from minidock.api.http import Request, Response
from minidock.api.moments import nanoseconds
from minidock.api.streams import Moment
from minidock.client.collections import (
    ContainerCollection,
    ImageCollection,
    NetworkCollection,
    VolumeCollection,
)
from minidock.client.docker import run
from minidock.client.session import Output, Terminal
from minidock.client.watching import Watch
from minidock.commandline.refusal import Cli
from minidock.commandline.words import split_line
from minidock.commands import hostchanges
from minidock.commands.boot import boot
from minidock.commands.cluster import join
from minidock.commands.images import add
from minidock.commands.lookup import find_container
from minidock.eras import DEFAULT_ERA, Era, era_named
from minidock.errors import NotationError, ProgramRefusal, Refusal
from minidock.host.machine import machine as derive_machine
from minidock.journal import Head, Journal, Pending
from minidock.life import Life
from minidock.membership import Membership, advertised, daemon_words, host_at, node_of
from minidock.model.daemon import chosen_era, daemon_options
from minidock.model.document import Json
from minidock.model.event import Event
from minidock.model.host import HostFacts, sample_host
from minidock.model.image import Image
from minidock.model.remote import Remote
from minidock.model.world import World
from minidock.net.address import V4
from minidock.overlay.session import TTL
from minidock.registry.store import BatchStore, Store
from minidock.rounds import Resolver, nobody
from minidock.runtime.hostcalls import host_calls
from minidock.topology.machine import Machine
from minidock.views import pictures
from minidock.views.console import ConsoleOutput, container_command, host_command
from minidock.views.diff import Difference, difference
from minidock.views.drawing import Drawing
from minidock.views.drawing import draw as drawing_of
from minidock.views.journey import Journey
from minidock.views.matrix import Matrix
from minidock.views.picture import Picture
from minidock.views.rule_svg import Rules

__all__ = ["Engine"]

_EPOCH = 1_700_000_000_000_000_000
"""2023-11-14, the moment at which every lesson starts; nanoseconds since 1970."""


def _furnished(
    world: World, images: Sequence[Image], plugins: Resolver | None
) -> World:
    """A first World with its images, and with plugins if somebody asks them."""
    if plugins is not None:
        world = replace(world, remote=Remote())
    for image in images:
        world = add(world, image)
    return world


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
        alone: nobody else writes to the store meanwhile, so requests may share a
            commit (see ``accept``).
        keep: how many Worlds to keep for ``back``; all of them by default. A server
            keeps few, and the last 1024 events.
        registry: the key-value store that hosts share, or its URL
            (``etcd://127.0.0.1:2379``); then networks may span hosts.
        advertise: ``host:port`` at which the others find this one.
        ttl: how long the others wait for a host that is silent, seconds.
        clock: seconds that never go back, for the lease; real time with a URL.
        plugins: asks network and IPAM plugins (``minidock.plugin.transport.Plugins``);
            None: there are none.

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
        store: BatchStore | None = None,
        alone: bool = False,
        keep: int | None = None,
        registry: Store | str | None = None,
        advertise: str = "",
        ttl: float = TTL,
        clock: Callable[[], float] | None = None,
        plugins: Resolver | None = None,
    ) -> None:
        chosen = chosen_era(era)
        named = registry if isinstance(registry, str) else "registry"
        words = (*daemon_args, *daemon_words(named if registry else "", advertise))
        head = Head(era=chosen, seed=seed, now=now, daemon=words)
        journal = None if store is None else Journal(store)
        if journal is not None:
            head = journal.open(head)
        options = daemon_options(head.daemon)
        beneath = host or sample_host()
        place = advertised(options, beneath)
        if place is not None:
            beneath = host_at(beneath, place.vtep)

        def first() -> World:
            seed = head.seed if place is None else f"{head.seed}@{place.text}"
            world = boot(era_named(head.era), options, beneath, seed, head.now)
            if place is not None:
                world = join(world, advertise=place.text, vtep=place.vtep)
            return _furnished(world, images, plugins)

        self._watch = Watch(self.moment, self.turn)
        alone = alone or place is not None  # what others know of is decided once
        ask = plugins or nobody
        self._life = Life(
            first, head.now, journal, alone=alone, keep=keep, resolver=ask
        )
        self.membership: Membership | None = None
        """This host's place in the cluster; None: it shares no registry."""
        if place is not None:
            self.membership = Membership(
                options.cluster_store if registry is None else registry,
                node_of(beneath, place),
                identity=self.world.daemon_id,
                ttl=ttl,
                clock=clock,
            )
            resumed = journal is not None and journal.found
            self._life.enter(self.membership.session, resumed=resumed)
        self.containers = ContainerCollection(self.send, self._one_command, self._watch)
        self.networks = NetworkCollection(self.send)
        self.images = ImageCollection(self.send)
        self.volumes = VolumeCollection(self.send)

    @property
    def world(self) -> World:
        """The current World: everything that is decided, as one frozen value."""
        return self._life.world

    def _one_command(self) -> AbstractContextManager[None]:
        return self._life.history.one_command()

    @property
    def now(self) -> int:
        """The engine's clock, nanoseconds since 1970; only requests move it."""
        return self._life.now

    def advance(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due meanwhile.

        >>> docker = Engine()
        >>> docker("run -d --name job busybox sh -c 'sleep 5; echo ready'").ok
        True
        >>> docker.advance(6)
        >>> docker("logs job")
        ready
        """
        self._life.advance(nanoseconds(seconds))

    def turn(self, now: int) -> None:
        """Set the clock to ``now`` and let everything happen that is due by then.

        A clock never goes back: an earlier ``now`` changes nothing.
        """
        self._life.turn(now)

    def hear(self) -> None:
        """Learn what other hosts of the cluster did meanwhile.

        Every request does that first; only who looks at ``world`` itself needs it.
        """
        self._life.hear()

    def asks_cluster(self, request: Request, response: Response) -> bool:
        """Whether an answer that was read off the World may be out of date."""
        return self._life.asks_cluster(request, response)

    def close(self) -> None:
        """Leave the cluster: what this host holds there comes free at once."""
        if self.membership is not None:
            self.membership.close()

    @property
    def next_due(self) -> int | None:
        """When something is due by itself, nanoseconds since 1970; None: never."""
        return self._life.next_due

    def moment(self) -> Moment:
        """What a stream sees now; O(1)."""
        return self._life.moment()

    def send(self, request: Request) -> Response:
        """Answer one API request and keep the World that it leaves.

        With a store, the answer is given only once the store has the request.
        """
        response, pending = self.accept(request)
        self.settle(pending)
        return response

    def accept(
        self, request: Request, now: int | None = None
    ) -> tuple[Response, Pending | None]:
        """Answer in memory; the answer may be given away once it is settled.

        So a server can take the next request while the disk keeps this one:

            with lock:
                response, pending = engine.accept(request, time.time_ns())
            engine.settle(pending)      # here others may wait for the same commit

        Args:
            request: the API request.
            now: the time; by default a millisecond after the last request.
        """
        return self._life.accept(request, now)

    def settle(self, pending: Pending | None) -> None:
        """Wait until the store has what was accepted; any thread may call it.

        Raises:
            Refusal: the store did not take it; the engine goes back to what is saved.
        """
        if pending is not None:
            self._life.settle(pending)

    def recover(self) -> None:
        """Go back to what is saved, if the store did not take what was accepted."""
        self._life.recover()

    def save(self) -> None:
        """Wait until the store has everything, the time included."""
        self._life.settle()

    def restart_daemon(self, *, graceful: bool = True, now: int | None = None) -> None:
        """End dockerd and start it again, as `systemctl restart docker` does.

        Networks keep their subnets, containers come back by their restart policies, and
        `docker events` begins anew.

        Args:
            graceful: by SIGTERM; False kills it (SIGKILL), and its containers with the
                start of the next one.
            now: the time; by default a millisecond after the last request.

        >>> docker = Engine()
        >>> for name, policy in (("web", "always"), ("job", "no")):
        ...     ok = docker(f"run -d --name {name} --restart {policy} nginx").ok
        >>> docker.restart_daemon()
        >>> docker("ps --all --format '{{.Names}}: {{.State}}'")
        job: exited
        web: running
        """
        with self._one_command():
            if graceful:
                self.stop_daemon(now)
            self.start_daemon(now)

    def stop_daemon(self, now: int | None = None) -> None:
        """The daemon is told to end, and stops every container."""
        self._life.stop_daemon(now)

    def start_daemon(self, now: int | None = None) -> None:
        """A daemon starts where one ran before, and may have been killed."""
        self._life.start_daemon(now)

    def api(
        self,
        method: str,
        path: str,
        body: "Json | bytes" = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer an API request given by its path, query included.

        A body that is a text is sent as it stands, as JSON or not; bytes are a tar.

        >>> Engine().api("GET", "/networks/none").body["Driver"]
        'null'
        >>> Engine().api("GET", "/networks/nosuch").status
        404
        """
        plain, _, query = path.partition("?")
        given = {key.lower(): value for key, value in (headers or {}).items()}
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        return self.send(
            Request(
                method=method,
                path=unquote(plain),
                query=dict(pairs),
                body=None if isinstance(body, str | bytes) else body,
                raw=body if isinstance(body, str) else None,
                content_type=given.pop("content-type", "application/json"),
                data=body if isinstance(body, bytes) else b"",
                pairs=pairs if len(dict(pairs)) < len(pairs) else (),
                headers=given,
            )
        )

    def __repr__(self) -> str:
        """What it is, in a line.

        >>> Engine("20.10")
        <Engine of docker-host: 1 network, 0 containers>
        """
        return repr(self.draw()).replace("<Drawing", "<Engine", 1)

    def _repr_svg_(self) -> str:
        """In a notebook: the drawing of what runs here."""
        return self.draw().svg

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
        write_file: Callable[[str, bytes], None] | None = None,
        stdin: bytes | None = None,
        piped: bool = True,
        folder: str = "/",
    ) -> Output:
        """Like calling the engine, with the docker program and its place to choose.

        Args:
            line: the command line, as a text or as words.
            cli: the docker program's generation, "20.10" or "28".
            environment: its environment variables, which ``-e NAME`` passes on.
            read_file: how it reads a file, for ``--env-file`` and ``docker load -i``.
            write_file: how it writes one, for ``docker save -o`` and ``docker cp``.
            stdin: what comes through a pipe; None for a keyboard.
            piped: whether standard output is no terminal, so that it takes bytes.
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
            now=self._life.now,
            environment=dict(environment or {}),
            read_file=read_file,
            write_file=write_file,
            stdin=stdin,
            piped=piped,
            folder=folder,
            moment=self.moment,
            column=self.world.era.table_column,
            watch=self._watch,
        )
        with self._one_command():
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
        return ConsoleOutput.of(outputs)

    def _host_program(self, line: str) -> ConsoleOutput | None:
        """ping, curl, nslookup and such on the host, or None."""
        from minidock.runtime import hostprograms  # noqa: PLC0415 - slow to import

        ran = hostprograms.run_on_host(self.world, line, now=self._life.now)
        return None if ran is None else ConsoleOutput(ran.stdout, ran.stderr, ran.code)

    def _host_call(self, *verb: str) -> ConsoleOutput:
        try:
            return ConsoleOutput(self._life.change_host(*verb))
        except Refusal as refusal:
            code = refusal.code if isinstance(refusal, ProgramRefusal) else 2
            return ConsoleOutput("", f"{refusal.text}\n", code, refusal.explain())

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
        self._life.change_host("listen", protocol, str(port), address)

    def write_host_file(self, name: str, text: str) -> None:
        """Somebody writes /etc/resolv.conf or /etc/hosts of the host.

        >>> Engine().write_host_file("/etc/motd", "hello")
        Traceback (most recent call last):
        ...
        minidock.errors.InvalidParameter: Docker does not read /etc/motd
        """
        self._life.change_host("write", name, text)

    def container_command(self, name: str, line: str) -> ConsoleOutput | None:
        """What a command in a container's network namespace prints, or None."""
        return container_command(self.world, find_container(self.world, name).id, line)

    def machine(self) -> Machine:
        """What stands on the host: namespaces, interfaces, routes."""
        return derive_machine(self.world)

    def rules(self, journey: Journey | None = None, *, family: int = V4) -> Rules:
        """What ``iptables-save`` would show on the host; in a notebook a picture.

        Args:
            journey: one of :meth:`trace`: the picture shows the rules that it met.
            family: 6 for ``ip6tables-save``.

        >>> docker = Engine()
        >>> docker.rules().splitlines()[0]
        '*filter'
        >>> docker.rules().svg.count('class="chain"')
        12
        """
        return pictures.rules_text(self.world, journey, family)

    def pool(self, network: str, *, family: int = 0) -> Picture:
        """Which addresses of a network are held, and by whom; in a notebook a picture.

        Args:
            network: its name or id.
            family: 4 or 6; by default the first one that it has.

        >>> docker = Engine()
        >>> _ = docker("network create --subnet 10.5.0.0/29 app")
        >>> _ = docker("run -d --name web --network app nginx")
        >>> print(docker.pool("app"))
        app: 10.5.0.0/29
        2 of 6 addresses are held; next: 10.5.0.3
        <BLANKLINE>
        10.5.0.0  x G # . . . . x
        <BLANKLINE>
        x reserved   G gateway   # taken   . free
        10.5.0.1  br-48c3365a1f80 (gateway)
        10.5.0.2  web
        >>> docker.pool("none")
        Traceback (most recent call last):
        ...
        minidock.errors.NotFound: the network none has no addresses
        """
        return pictures.pool_picture(self.world, network, family)

    def draw(self, *, stopped: bool = True, others: Sequence["Engine"] = ()) -> Drawing:
        """A drawing of what runs here; printed it is text, in a notebook a picture.

        Args:
            stopped: whether containers that do not run are drawn, in grey.
            others: engines of the other hosts, drawn in full beside this one.

        >>> print(Engine("20.10").draw())
        docker-host, as Docker 20.10
        ├─ eth0 192.0.2.2/24 ══ outside 192.0.2.1
        └─ network bridge 172.17.0.0/16, bridge docker0 172.17.0.1, out: masquerade
        """
        there = tuple(engine.world for engine in others)
        return drawing_of(self.world, stopped=stopped, others=there)

    def diff(self, commands: int = 1) -> Difference:
        """What the last command changed, or the last few; nothing differs at the start.

        >>> docker = Engine()
        >>> docker("network create --internal back").ok
        True
        >>> docker.diff().lines[0]
        '+ back: bridge 172.18.0.0/16, gateway 172.18.0.1, internal'
        """
        history = self._life.history
        return difference(history.at(history.place_before(commands)), self.world)

    def trace(
        self,
        source: str,
        target: str,
        *,
        size: int = 0,
        ttl: int = 64,
        may_fragment: bool | None = None,
        family: int = 0,
        others: Sequence["Engine"] = (),
    ) -> Journey:
        """A packet's journey, hop by hop: who decided what, how it ended, and why.

        Args:
            source: a container, ``host``, ``outside``, or an address outside.
            target: NAME, NAME:PORT or NAME:PORT/PROTOCOL; without a port, a ping.
            size: octets of the IP packet, 28 to 65535; 0 for a usual first packet.
            ttl: how many routers may forward it, 1 to 255.
            may_fragment: whether it may be cut in pieces; by default TCP may not.
            family: 4 or 6 for addresses of that family only.
            others: engines of the other hosts, whose rules are asked, too, each with
                what it has heard so far (:meth:`hear`). Without them the others are
                what this host knows of them.

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

        worlds = tuple(engine.world for engine in others)
        trace = journey(
            self.world,
            source,
            target,
            size=size,
            ttl=ttl,
            may_fragment=may_fragment,
            family=family,
            others=worlds,
        )
        return Journey(self.world, trace, worlds)

    def reachability(self, *, others: Sequence["Engine"] = ()) -> Matrix:
        """Who reaches whom: every container, the host and the world outside; O(n²).

        Args:
            others: engines of the other hosts, whose containers ask, too.

        >>> docker = Engine()
        >>> _ = docker("run -d --name web nginx"), docker("run -d --name db redis")
        >>> docker.reachability().outcome("web", "db:6379/tcp").value
        'delivered'
        """
        from minidock.packet.reach import reachability  # noqa: PLC0415 - see trace

        there = tuple(engine.world for engine in others)
        return Matrix(reachability(self.world, others=there))

    def fork(self) -> "Engine":
        """Another engine that begins where this one stands, and goes its own way.

        Cost: O(1), as a World never changes: both hold the same one. The new one has
        this World and this time, no past to go back to, and no store. No plugin is
        asked for it, since a plugin would really do what is only tried here.

        Raises:
            Conflict: the host shares a registry, which cannot be there twice.

        >>> docker = Engine()
        >>> other = docker.fork()
        >>> other("network create app").ok, other.world == docker.world
        (True, False)
        >>> Engine(registry="memory://doc", advertise="192.0.2.2:2376").fork()
        Traceback (most recent call last):
        ...
        minidock.errors.Conflict: a host of a cluster cannot be forked
        """
        other = Engine(self.world.era)
        other._life = self._life.fork()
        return other

    @property
    def history(self) -> tuple[World, ...]:
        """Every World that is kept, the oldest one first."""
        return self._life.history.worlds

    @property
    def events(self) -> Sequence[Event]:
        """What happened so far, oldest first; O(1)."""
        return self._life.history.events

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
        self.back_to(self._life.history.place_before(commands))

    def back_to(self, place: int) -> None:
        """Return to ``history[place]``.

        Raises:
            IndexError: the history does not reach that far.
        """
        self._life.back_to(place)

"""``minidock serve``: an engine for real clients, until it is interrupted.

```
words ──▶ ServeOptions ──▶ Server listens ──▶ "Listening on ..." ──▶ the engine loads
                              /_ping is answered                     beside it
SIGINT, SIGTERM ──▶ close: every connection, every socket's file
```

The words are dockerd's: ``-H``, ``--tlsverify``, ``--icc=false``, ``--bip``. Nothing is
imported here that an answer to the first ping does not need.

Invariant: what is printed as an address can be connected to already.
"""

import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence

from minidock.cli.terminal import Terminal
from minidock.errors import InvalidParameter, Refusal
from minidock.releases import LATEST, RELEASES, Release
from minidock.server.frontdesk import FrontDesk
from minidock.server.server import MOST, Secure, Server, names_of

__all__ = ["ServeOptions", "read_serve", "serve"]

_DEFAULT = "tcp://127.0.0.1:2375"
_ALONE = 0.25
"""Seconds in which the first ping has the processor for itself."""
_SPARE = 64
"""Files for all but connections."""
_TURNS = 0.001
"""Seconds after which loading lets an answer come between."""

_HELP = """\
Usage:  minidock serve [OPTIONS] [DOCKERD OPTIONS]

Answer docker, docker-py, dockerode, curl: the Engine API, until interrupted.

  -H, --host ADDRESS       where to listen: tcp://HOST:PORT (port 0: any free one) or
                           unix://PATH; may be given several times
                           (tcp://127.0.0.1:2375 if not)
  --era NAME               whose rules: 17.12, 20.10 or 28 (the default)
  --state FILE             keep the engine in this file
  --plugins FOLDER         ask the network and IPAM plugins whose sockets or spec files
                           are there; may be given several times (none if not)
  --seed TEXT              where identifiers come from; random if not given
  --pidfile FILE           write the process's number there
  --tls                    speak TLS with --tlscert and --tlskey
  --tlsverify              the same, and let in only who has a certificate of
                           --tlscacert
  --tlscacert FILE, --tlscert FILE, --tlskey FILE
                           ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or ~/.docker
                           if not given
  --insecure-allow-remote  let others on the network in without a certificate

dockerd's networking options work as dockerd's own: --icc=false, --bip, --mtu, --dns ...
So do those with which hosts share networks:
  --cluster-store URL      etcd://, consul://, zk://HOST:PORT or sqlite:///FILE
  --cluster-advertise HOST:PORT
                           what the other hosts call this one; its VTEP is that address

Then, in another terminal:
  export DOCKER_HOST=tcp://127.0.0.1:2375
  docker run -d -p 8080:80 nginx
and in a browser, to watch it: http://127.0.0.1:2375/ui
"""


class ServeOptions:
    """What ``minidock serve`` was asked to do."""

    # No dataclass: they take longer to load than the first answer takes.
    def __init__(self, *, era: str = "", state: str | None = None) -> None:
        self.hosts: tuple[str, ...] = ()
        self.plugins: tuple[str, ...] = ()
        """The folders in which plugins are sought."""
        self.era = era
        self.state = state
        """The file; "" keeps nothing, None is not said."""
        self.seed = ""
        self.pidfile = ""
        self.tls = False
        self.tlsverify = False
        self.tlscacert = ""
        self.tlscert = ""
        self.tlskey = ""
        self.remote = False
        self.help = False
        self.daemon: tuple[str, ...] = ()
        """What is left: dockerd's networking options."""


_VALUES = {
    "--era": "era",
    "--state": "state",
    "--seed": "seed",
    "-p": "pidfile",
    "--pidfile": "pidfile",
    "--tlscacert": "tlscacert",
    "--tlscert": "tlscert",
    "--tlskey": "tlskey",
}
_SWITCHES = {
    "--tls": "tls",
    "--tlsverify": "tlsverify",
    "--insecure-allow-remote": "remote",
    "--help": "help",
    "-h": "help",
}
_FALSE = frozenset({"false", "0", "f", "False", "F", "FALSE"})


def read_serve(
    words: Sequence[str], *, era: str = "", state: str | None = None
) -> ServeOptions:
    """The options after the word ``serve``.

    Args:
        words: these.
        era: what was said before the word.
        state: the same.

    >>> read_serve(["-H", "unix:///tmp/d.sock", "--icc=false"]).hosts
    ('unix:///tmp/d.sock',)
    >>> read_serve(["--icc=false", "--tls=0"]).daemon
    ('--icc=false',)
    >>> read_serve(["--era"])
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: flag needs an argument: --era
    """
    options = ServeOptions(era=era, state=state)
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word.startswith("-H") and word != "-H":
            name, equals, value = "-H", "=", word[2:].removeprefix("=")
        if name in _SWITCHES:
            on = not equals or value not in _FALSE
            setattr(options, _SWITCHES[name], on)
        elif name in {"-H", "--host"}:
            given = value if equals else _value(name, rest)
            options.hosts = (*options.hosts, given)
        elif name == "--plugins":
            given = value if equals else _value(name, rest)
            options.plugins = (*options.plugins, given)
        elif name in _VALUES:
            given = value if equals else _value(name, rest)
            setattr(options, _VALUES[name], given)
        else:
            options.daemon = (*options.daemon, word)
    return options


def _value(name: str, rest: list[str]) -> str:
    if not rest:
        raise InvalidParameter(
            f"flag needs an argument: {name}",
            asked=f"minidock serve {name}",
            rule=f"the word after {name} is its value",
            remedy="minidock serve --help",
        )
    return rest.pop(0)


def serve(
    words: Sequence[str],
    terminal: Terminal,
    *,
    era: str = "",
    state: str | None = None,
) -> int:
    """Listen until SIGINT or SIGTERM.

    Args:
        words: what stands after the word ``serve``.
        terminal: where it is said where it listens.
        era: the era that was asked for before the word.
        state: the file that was named before it; None asks the environment.
    """
    options = read_serve(words, era=era, state=state)
    if options.state is None:
        options.state = terminal.environment.get("MINIDOCK_STATE", "")
    if options.help:
        terminal.write(_HELP)
        return 0
    options.hosts = options.hosts or (_DEFAULT,)
    _check(options)
    release = _release(options.era)
    desk = FrontDesk(
        names=names_of(options.hosts),
        early=None if options.state or options.daemon else release,
    )
    secure = _secure(options, terminal.environment)
    remote = options.remote or options.tlsverify
    most = min(MOST, _files() - _SPARE)
    server = Server(desk, options.hosts, remote=remote, secure=secure, most=most)
    # A handler may run while its thread holds any lock; a pipe needs none. It is
    # written to as the signal comes, in whichever thread: a handler in Python would
    # wait for the main one, which waits for the pipe.
    stopped, stop = os.pipe()
    os.set_blocking(stop, False)
    woken = signal.set_wakeup_fd(stop, warn_on_full_buffer=False)
    before = {
        number: signal.signal(number, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        _announce(server, options, terminal)
        return _run(desk, server, options, stopped)
    finally:
        server.close()
        _forget(options)
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(woken)
        os.close(stopped)
        os.close(stop)


def _files() -> int:
    """How many files this process may have open: as many as it may ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + _SPARE
    if hard not in {resource.RLIM_INFINITY, -1}:
        wanted = min(wanted, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def _release(era: str) -> Release:
    release = RELEASES.get(era or LATEST)
    if release is None:
        raise InvalidParameter(
            f"there is no era {era!r}; the eras are {', '.join(RELEASES)}",
            asked=f"an engine of era {era}",
            rule="an era is a Docker version whose rules are known",
            remedy=", ".join(RELEASES),
        )
    return release


def _check(options: ServeOptions) -> None:
    """Refuse what dockerd does not know, before anything is listened on."""
    if options.daemon:
        from minidock.model.daemon import daemon_options  # noqa: PLC0415 - rarely asked

        daemon_options(options.daemon)


def _secure(options: ServeOptions, environment: Mapping[str, str]) -> Secure | None:
    """What makes connections TLS ones, from files that stand where docker looks."""
    if not (options.tls or options.tlsverify):
        return None
    from minidock.server.tls import secured  # noqa: PLC0415 - ssl is slow to load

    home = environment.get("HOME", "")
    folder = environment.get("DOCKER_CERT_PATH") or f"{home}/.docker"
    return secured(
        options.tlscert or f"{folder}/cert.pem",
        options.tlskey or f"{folder}/key.pem",
        options.tlscacert or f"{folder}/ca.pem",
        verify=options.tlsverify,
    )


def _announce(server: Server, options: ServeOptions, terminal: Terminal) -> None:
    if options.pidfile:
        with open(options.pidfile, "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
    lines = [f"Listening on {address}" for address in server.addresses]
    lines.append(f"export DOCKER_HOST={server.addresses[0]}")
    terminal.write("\n".join(lines) + "\n")


def _forget(options: ServeOptions) -> None:
    if options.pidfile and os.path.exists(options.pidfile):
        os.unlink(options.pidfile)


def _run(desk: FrontDesk, server: Server, options: ServeOptions, stopped: int) -> int:
    """Load the engine while pings are answered already; then wait for the end."""
    desk.asked.wait(_ALONE)
    turns = sys.getswitchinterval()
    sys.setswitchinterval(_TURNS)
    try:
        # Late: the engine and all its parts take ten times as long as a ping.
        from minidock.server.answers import Answers  # noqa: PLC0415
        from minidock.server.opening import open_live  # noqa: PLC0415

        live = open_live(
            era=options.era,
            daemon_args=options.daemon,
            state=options.state or "",
            seed=options.seed,
            plugins=options.plugins,
        )
    except Refusal as refusal:
        desk.fail(refusal.text)
        raise
    finally:
        sys.setswitchinterval(turns)
    desk.open(Answers(live, desk.date))
    os.read(stopped, 1)
    if options.state:
        live.stop_daemon()  # whoever listens hears of it
    server.close()
    live.close()
    return 0

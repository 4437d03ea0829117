"""The docker command line, as a client of the API.

```
words ──▶ grammar ──▶ Parsed ──▶ command ──▶ requests to the engine ──▶ what is printed
              │                     │
       refused by docker      refused by the engine
```

It prints what the real programs print, in two generations: 28 and 20.10.
"""

from collections.abc import Callable, Mapping, Sequence

from minidock.client import (
    attending,
    carrying,
    containers,
    events,
    executing,
    images,
    inspecting,
    listing,
    networks,
    pruning,
    running,
    swarms,
    system,
    volumes,
)
from minidock.client.session import ApiError, Output, Send, Session, Terminal
from minidock.commandline.grammar import Parsed, parse
from minidock.commandline.refusal import CommandRefusal, failure
from minidock.commandline.support import check_supported
from minidock.errors import InvalidParameter, Refusal

__all__ = ["COMMANDS", "run"]

Command = Callable[[Session, Parsed], None]

COMMANDS: Mapping[str, Command] = {
    "run": running.run,
    "create": running.create,
    "start": containers.start,
    "stop": containers.stop,
    "restart": containers.restart,
    "kill": containers.kill,
    "pause": containers.pause,
    "unpause": containers.unpause,
    "rename": containers.rename,
    "rm": containers.remove,
    "wait": containers.wait,
    "port": containers.port,
    "top": attending.top,
    "logs": attending.logs,
    "attach": attending.attach,
    "stats": attending.stats,
    "update": attending.update,
    "container prune": containers.prune,
    "exec": executing.execute,
    "ps": listing.containers,
    "images": listing.images,
    "network ls": listing.networks,
    "volume ls": listing.volumes,
    "inspect": inspecting.anything,
    "container inspect": inspecting.containers,
    "image inspect": inspecting.images,
    "image prune": images.prune,
    "network inspect": inspecting.networks,
    "volume inspect": inspecting.volumes,
    "network create": networks.create,
    "network rm": networks.remove,
    "network connect": networks.connect,
    "network disconnect": networks.disconnect,
    "network prune": networks.prune,
    "pull": images.pull,
    "tag": images.tag,
    "rmi": images.remove,
    "history": images.history,
    "search": images.search,
    "save": carrying.save,
    "load": carrying.load,
    "import": carrying.import_files,
    "export": carrying.export,
    "commit": carrying.commit,
    "cp": carrying.copy,
    "diff": carrying.diff,
    "push": carrying.push,
    "volume prune": pruning.prune_volumes,
    "system prune": pruning.prune_all,
    "system df": pruning.disk_usage,
    "volume create": volumes.create,
    "volume rm": volumes.remove,
    "swarm init": swarms.init,
    "swarm join": swarms.join,
    "swarm leave": swarms.leave,
    "swarm join-token": swarms.join_token,
    "node ls": swarms.list_nodes,
    "node inspect": inspecting.nodes,
    "version": system.version,
    "info": system.info,
    "events": events.events,
}
"""What can be run, by the canonical name of the command."""


def run(words: Sequence[str], send: Send, terminal: Terminal) -> Output:
    """Run one docker command line, given as words without the leading ``docker``.

    It never raises for what a person typed: a refusal is in the output, with docker's
    text and exit code.
    """
    output = _ran(words, send, terminal)
    if not output.code:
        return output
    # late: who is not refused does not wait for it
    from minidock.client.teaching import taught  # noqa: PLC0415

    return taught(words, output, terminal.cli)


def _ran(words: Sequence[str], send: Send, terminal: Terminal) -> Output:
    session = Session(send, terminal)
    try:
        parsed = parse(words, terminal.cli)
    except CommandRefusal as refusal:
        return _refused(session, refusal)
    session.out.extend(f"{line}\n" for line in parsed.notices)
    try:
        session.negotiate()
        check_supported(parsed, terminal.cli, session.api)
        _command(parsed)(session, parsed)
    except CommandRefusal as refusal:
        return _refused(session, refusal)
    except ApiError as error:
        session.explain(error)
        text = session.refusal_line(error)
        session.err.append(failure(text, parsed.spelling, terminal.cli))
        session.code = 1
    except Refusal as refusal:
        session.why.append(refusal.explain())
        session.complain(refusal.text)
    return session.output()


def _command(parsed: Parsed) -> Command:
    command = COMMANDS.get(parsed.command)
    if command is None:
        raise InvalidParameter(
            f"minidock has no docker {parsed.spelling} yet",
            asked=f"docker {parsed.spelling}",
            rule="the command is known but not simulated",
        )
    return command


def _refused(session: Session, refusal: CommandRefusal) -> Output:
    session.out.append(refusal.stdout)
    session.err.append(refusal.stderr)
    session.code = refusal.code
    if refusal.code:
        session.why.append(refusal.explain())
    return session.output()

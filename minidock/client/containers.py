"""The commands that change containers, and those that ask one container something.

Several names on one line are tried one by one; each that fails prints its error, and
the exit code is 1. Docker's source: docker/cli, ``cli/command/container``.
"""

import json
from collections.abc import Callable

from minidock.client.session import ApiError, Session, filters_query
from minidock.client.watching import wait_for
from minidock.commandline.grammar import Parsed
from minidock.errors import Refusal
from minidock.model.document import Document, Json, freeze
from minidock.ports.listing import port_lines

__all__ = [
    "kill",
    "pause",
    "port",
    "prune",
    "remove",
    "rename",
    "restart",
    "start",
    "stop",
    "unpause",
    "wait",
]


def _path(name: str, action: str = "") -> str:
    return f"/containers/{name}{action}"


def _each(session: Session, parsed: Parsed, act: Callable[[str], None]) -> list[str]:
    """Do it to every name; gives the names for which the engine refused."""
    failed = []
    for name in parsed.arguments:
        try:
            act(name)
            session.print(name)
        except ApiError as error:
            session.daemon_error(error)
            failed.append(name)
    return failed


def start(session: Session, parsed: Parsed) -> None:
    """`docker start`: one more line names those that failed."""
    failed = _each(session, parsed, lambda name: _post(session, name, "/start"))
    if failed:
        session.complain(f"Error: failed to start containers: {', '.join(failed)}")


def _post(session: Session, name: str, action: str, **query: str) -> None:
    session.call("POST", _path(name, action), query=query)


def _grace(parsed: Parsed) -> dict[str, str]:
    return {"t": str(parsed.number("timeout"))} if "timeout" in parsed.given else {}


def stop(session: Session, parsed: Parsed) -> None:
    """`docker stop`."""
    query = _grace(parsed)
    _each(session, parsed, lambda name: _post(session, name, "/stop", **query))


def restart(session: Session, parsed: Parsed) -> None:
    """`docker restart`."""
    query = _grace(parsed)
    _each(session, parsed, lambda name: _post(session, name, "/restart", **query))


def kill(session: Session, parsed: Parsed) -> None:
    """`docker kill`."""
    query = {"signal": parsed.text("signal")} if parsed.text("signal") else {}
    _each(session, parsed, lambda name: _post(session, name, "/kill", **query))


def pause(session: Session, parsed: Parsed) -> None:
    """`docker pause`."""
    _each(session, parsed, lambda name: _post(session, name, "/pause"))


def unpause(session: Session, parsed: Parsed) -> None:
    """`docker unpause`."""
    _each(session, parsed, lambda name: _post(session, name, "/unpause"))


def rename(session: Session, parsed: Parsed) -> None:
    """`docker rename`: prints nothing when it went through."""
    old, new = (word.strip() for word in parsed.arguments)
    if not old or not new:
        session.complain("Error: Neither old nor new names may be empty")
        return
    try:
        session.call("POST", _path(old, "/rename"), query={"name": new})
    except ApiError as error:
        session.daemon_error(error)
        session.complain(f"Error: failed to rename container named {old}")


def remove(session: Session, parsed: Parsed) -> None:
    """`docker rm`: with --force a container that is not there is no failure."""
    query = {
        key: "1"
        for key, flag in (("v", "volumes"), ("link", "link"), ("force", "force"))
        if parsed.flag(flag)
    }
    forced = parsed.flag("force")
    for name in parsed.arguments:
        trimmed = name.strip("/")
        try:
            thing = ("container", trimmed)
            session.call("DELETE", _path(trimmed), query=query, thing=thing)
            session.print(name)
        except ApiError as error:
            if not (forced and error.status == 404):
                session.daemon_error(error)
                continue
            session.explain(error)
            session.err.append(session.refusal_line(error) + "\n")


def wait(session: Session, parsed: Parsed) -> None:
    """`docker wait`: the exit codes."""
    for name in parsed.arguments:
        try:
            body = _awaited(session, name)
        except ApiError as error:
            session.daemon_error(error)
            continue
        session.print(str(body["StatusCode"]) if isinstance(body, dict) else "")


def _awaited(session: Session, name: str) -> Json:
    """The engine's answer once the program has ended, if it ever does."""
    response = session.call("POST", _path(name, "/wait"))
    watch, stream = session.terminal.watch, response.stream
    if watch is None or stream is None:
        return response.body
    wait_for(watch, lambda _: stream.read(watch.moment()).rest is None)
    over = stream.read(watch.moment())
    return json.loads(over.chunks[0].data) if over.chunks else response.body


def _inspected(session: Session, name: str) -> Document:
    body = freeze(session.get(_path(name, "/json"), thing=("container", name)))
    return body if isinstance(body, Document) else Document()


def port(session: Session, parsed: Parsed) -> None:
    """`docker port CONTAINER [PRIVATE_PORT[/PROTO]]`."""
    name, *wanted = parsed.arguments
    settings = _inspected(session, name).document("NetworkSettings")
    ports = settings.document("Ports")
    try:
        lines = port_lines(ports, name, wanted[0] if wanted else "", session.texts)
    except Refusal as refusal:
        session.why.append(refusal.explain())
        session.complain(refusal.text)
        return
    for line in lines:
        session.print(line)


def prune(session: Session, parsed: Parsed) -> None:
    """`docker container prune`; the question counts as answered with yes."""
    query = filters_query(parsed)
    body = freeze(session.call("POST", "/containers/prune", query=query).body)
    document = body if isinstance(body, Document) else Document()
    removed = document.texts("ContainersDeleted")
    if removed:
        session.print("Deleted Containers:")
        for container in removed:
            session.print(container)
        session.print("")
    session.print("Total reclaimed space: 0B")

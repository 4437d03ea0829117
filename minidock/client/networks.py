"""`docker network create`, `rm`, `connect`, `disconnect` and `prune`.

Docker's source: docker/cli, ``cli/command/network``.
"""

from minidock.client.session import ApiError, Session, filters_query
from minidock.commandline.grammar import Parsed
from minidock.commandline.networks import (
    network_connect_request,
    network_create_request,
    network_disconnect_request,
)
from minidock.commandline.refusal import Cli
from minidock.model.document import Document, freeze

__all__ = ["connect", "create", "disconnect", "prune", "remove"]


def _path(name: str, action: str = "") -> str:
    return f"/networks/{name}{action}"


def create(session: Session, parsed: Parsed) -> None:
    """Prints the new network's id; a warning goes to standard error."""
    body = network_create_request(parsed, session.cli, session.api)
    answer = freeze(session.call("POST", "/networks/create", body=body).body)
    document = answer if isinstance(answer, Document) else Document()
    if document.text("Warning"):
        session.err.append(f"WARNING: {document.text('Warning')}\n")
    session.print(document.text("Id"))


def remove(session: Session, parsed: Parsed) -> None:
    """Removes one network after another.

    Odd on purpose: 28 ends a failure with the line ``exit status 1``, 20.10 does not.
    """
    failed = False
    for name in parsed.arguments:
        try:
            if not _sure(session, name):
                continue
            session.call("DELETE", _path(name), thing=("network", name))
            session.print(name)
        except ApiError as error:
            if parsed.flag("force") and error.status == 404:
                continue
            session.daemon_error(error)
            failed = True
    if failed and session.cli is Cli.V28:
        session.complain("exit status 1")


_INGRESS = (
    "WARNING! Before removing the routing-mesh network, make sure all the nodes in "
    "your swarm run the same docker engine version. Otherwise, removal may not be "
    "effective and functionality of newly create ingress networks will be impaired.\n"
    "Are you sure you want to continue? [y/N] "
)


def _sure(session: Session, name: str) -> bool:
    """Whether a network shall go; of ingress the answer comes through the pipe.

    Where nobody can answer, the question counts as answered with yes.
    """
    try:
        shown = freeze(session.get(_path(name)))
    except ApiError:
        return True  # removing it will say what is wrong
    if not isinstance(shown, Document) or not shown.flag("Ingress"):
        return True
    session.out.append(_INGRESS)
    answer = session.terminal.stdin
    return answer is None or answer[:1].lower() == b"y"


def connect(session: Session, parsed: Parsed) -> None:
    """Prints nothing when it went through."""
    network, body = network_connect_request(parsed, session.cli)
    session.call("POST", _path(network, "/connect"), body=body)


def disconnect(session: Session, parsed: Parsed) -> None:
    """Prints nothing when it went through."""
    network, body = network_disconnect_request(parsed, session.cli)
    session.call("POST", _path(network, "/disconnect"), body=body)


def prune(session: Session, parsed: Parsed) -> None:
    """Removes what no container uses; the question counts as answered with yes."""
    query = filters_query(parsed)
    body = freeze(session.call("POST", "/networks/prune", query=query).body)
    names = body.texts("NetworksDeleted") if isinstance(body, Document) else ()
    if names:
        session.print("Deleted Networks:")
        for name in names:
            session.print(name)
        session.print("")

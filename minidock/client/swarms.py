"""`docker swarm init`, `join`, `leave`, `join-token`; `docker node ls` and `inspect`.

Docker's sources: docker/cli, ``cli/command/swarm`` and ``cli/command/node``.
"""

from minidock.client.listing import print_table
from minidock.client.session import ApiError, Session, filters_query
from minidock.commandline.grammar import Parsed
from minidock.errors import InvalidParameter
from minidock.model.document import Document, Json, freeze

__all__ = ["init", "join", "join_token", "leave", "list_nodes"]

_PLACES = (
    "could not choose an IP address to advertise",
    "could not find the system's IP address",
)


def _document(value: object) -> Document:
    frozen = freeze(value)
    return frozen if isinstance(frozen, Document) else Document()


def _spec(parsed: Parsed) -> dict[str, Json]:
    """The settings that were named."""
    spec: dict[str, Json] = {}
    raft: dict[str, Json] = {}
    given = parsed.given
    if "task-history-limit" in given:
        limit = parsed.number("task-history-limit")
        spec["Orchestration"] = {"TaskHistoryRetentionLimit": limit}
    if "snapshot-interval" in given:
        raft["SnapshotInterval"] = parsed.number("snapshot-interval")
    if "max-snapshots" in given:
        raft["KeepOldSnapshots"] = parsed.number("max-snapshots")
    if raft:
        spec["Raft"] = raft
    if "dispatcher-heartbeat" in given:
        heartbeat = parsed.number("dispatcher-heartbeat")
        spec["Dispatcher"] = {"HeartbeatPeriod": heartbeat}
    if "cert-expiry" in given:
        spec["CAConfig"] = {"NodeCertExpiry": parsed.number("cert-expiry")}
    if parsed.flag("autolock"):
        spec["EncryptionConfig"] = {"AutoLockManagers": True}
    return spec


def init(session: Session, parsed: Parsed) -> None:
    """Prints the node's id, and how others would join."""
    body: dict[str, Json] = {
        "ListenAddr": parsed.text("listen-addr"),
        "AdvertiseAddr": parsed.text("advertise-addr"),
        "DataPathAddr": parsed.text("data-path-addr"),
        "DataPathPort": parsed.number("data-path-port"),
        "ForceNewCluster": parsed.flag("force-new-cluster"),
        "Spec": _spec(parsed),
        "AutoLockManagers": parsed.flag("autolock"),
        "Availability": parsed.text("availability"),
        "DefaultAddrPool": list(parsed.texts("default-addr-pool")) or None,
        "SubnetSize": parsed.number("default-addr-pool-mask-length"),
    }
    try:
        node = session.call("POST", "/swarm/init", body=body).body
    except ApiError as error:
        if error.text.startswith(_PLACES):
            error.text += " - specify one with --advertise-addr"
            session.explain(error)
            session.complain(error.text)
            return
        raise
    session.print(f"Swarm initialized: current node ({node}) is now a manager.")
    session.print("")
    _print_join(session, str(node), "worker", _tokens(session))
    session.print(
        "To add a manager to this swarm, run 'docker swarm join-token manager' and "
        "follow the instructions."
    )


def _tokens(session: Session) -> Document:
    return _document(session.get("/swarm")).document("JoinTokens")


def _print_join(session: Session, node: str, role: str, tokens: Document) -> None:
    shown = _document(session.get(f"/nodes/{node}"))
    address = shown.document("ManagerStatus").text("Addr")
    token = tokens.text(role.capitalize())
    session.print(f"To add a {role} to this swarm, run the following command:")
    session.print("")
    session.print(f"    docker swarm join --token {token} {address}")
    session.print("")


def join_token(session: Session, parsed: Parsed) -> None:
    """Prints the token of a role, after drawing a new one if that is wanted."""
    role = parsed.arguments[0]
    if role not in {"worker", "manager"}:
        raise InvalidParameter(
            f"unknown role {role}",
            asked=f"the join token of {role}",
            rule="a node joins as a worker or as a manager",
            remedy="docker swarm join-token worker",
        )
    if parsed.flag("rotate"):
        swarm = session.get("/swarm")
        document = _document(swarm)
        session.call(
            "POST",
            "/swarm/update",
            query={
                "version": str(document.document("Version").number("Index")),
                "rotateWorkerToken": str(role == "worker").lower(),
                "rotateManagerToken": str(role == "manager").lower(),
                "rotateManagerUnlockKey": "false",
            },
            body=swarm["Spec"] if isinstance(swarm, dict) else None,
        )
        if not parsed.flag("quiet"):
            session.print(f"Successfully rotated {role} join token.")
            session.print("")
    tokens = _tokens(session)
    if parsed.flag("quiet"):
        session.print(tokens.text(role.capitalize()))
        return
    _print_join(session, _self(session), role, tokens)


def _self(session: Session) -> str:
    """The id of the node that is asked."""
    return _document(session.get("/info")).document("Swarm").text("NodeID")


def join(session: Session, parsed: Parsed) -> None:
    """Asks the engine, which refuses: a swarm has one node here."""
    body: dict[str, Json] = {
        "ListenAddr": parsed.text("listen-addr"),
        "AdvertiseAddr": parsed.text("advertise-addr"),
        "DataPathAddr": parsed.text("data-path-addr"),
        "RemoteAddrs": [parsed.arguments[0]],
        "JoinToken": parsed.text("token"),
        "Availability": parsed.text("availability"),
    }
    session.call("POST", "/swarm/join", body=body)


def leave(session: Session, parsed: Parsed) -> None:
    """Prints that it is done."""
    query = {"force": "1"} if parsed.flag("force") else {}
    session.call("POST", "/swarm/leave", query=query)
    session.print("Node left the swarm.")


def list_nodes(session: Session, parsed: Parsed) -> None:
    """`docker node ls`: the node that is asked has a star."""
    listed = session.call("GET", "/nodes", query=filters_query(parsed)).body
    own = _self(session) if listed else ""
    nodes = [_document(node) for node in listed] if isinstance(listed, list) else []
    rows = [_row(node, own) for node in nodes]
    headers = {
        "ID": "ID",
        "Self": "",
        "Hostname": "HOSTNAME",
        "Status": "STATUS",
        "Availability": "AVAILABILITY",
        "ManagerStatus": "MANAGER STATUS",
        "TLSStatus": "TLS STATUS",
        "EngineVersion": "ENGINE VERSION",
    }
    default = (
        "table {{.ID}} {{if .Self}}*{{else}} {{end}}\t{{.Hostname}}\t{{.Status}}\t"
        "{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}"
    )
    print_table(session, parsed, default, rows, headers, kind="*node.nodeContext")


def _row(node: Document, own: str) -> dict[str, object]:
    manager = node.document("ManagerStatus")
    described = node.document("Description")
    rank = "Leader" if manager.flag("Leader") else manager.text("Reachability")
    return {
        "ID": node.text("ID"),
        "Self": node.text("ID") == own,
        "Hostname": described.text("Hostname"),
        "Status": node.document("Status").text("State").capitalize(),
        "Availability": node.document("Spec").text("Availability").capitalize(),
        "ManagerStatus": rank[:1].upper() + rank[1:],
        "TLSStatus": "Ready",
        "EngineVersion": described.document("Engine").text("EngineVersion"),
    }

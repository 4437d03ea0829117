"""`docker exec`: run one more program in a running container."""

from minidock.client.session import Session
from minidock.client.watching import see_exec
from minidock.commandline.grammar import Parsed
from minidock.commandline.operations import exec_request
from minidock.model.document import Document, freeze

__all__ = ["execute"]


def execute(session: Session, parsed: Parsed) -> None:
    """Prints what the program printed; the exit code is the program's."""
    container, body = exec_request(
        parsed,
        session.cli,
        api_version=session.api,
        env_files=session.terminal.read_file,
        environment=session.terminal.environment,
    )
    path = f"/containers/{container}"
    session.get(f"{path}/json", thing=("container", container))
    made = freeze(session.call("POST", f"{path}/exec", body=body).body)
    exec_id = made.text("Id") if isinstance(made, Document) else ""
    detach = parsed.flag("detach")
    started = session.call("POST", f"/exec/{exec_id}/start", body={"Detach": detach})
    if detach:
        return
    watch = session.terminal.watch
    if watch is not None:
        seen = see_exec(watch, session.send, exec_id, session.api)
        session.show(seen)
        session.code = seen.code or 0
        return
    session.out.append(started.text or "")
    session.err.append(started.stderr)
    ended = freeze(session.get(f"/exec/{exec_id}/json"))
    session.code = ended.number("ExitCode") if isinstance(ended, Document) else 0

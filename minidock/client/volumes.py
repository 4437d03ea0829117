"""`docker volume create` and `docker volume rm`."""

from minidock.client.session import ApiError, Session
from minidock.commandline.grammar import Parsed
from minidock.model.document import Document, Json, freeze

__all__ = ["create", "remove"]


def create(session: Session, parsed: Parsed) -> None:
    """Prints the volume's name."""
    pairs = [text.partition("=") for text in parsed.texts("label")]
    labels: dict[str, Json] = {key: value for key, _, value in pairs}
    options: dict[str, Json] = {
        key: value for key, _, value in (t.partition("=") for t in parsed.texts("opt"))
    }
    body: dict[str, Json] = {
        "Name": parsed.arguments[0] if parsed.arguments else parsed.text("name"),
        "Driver": parsed.text("driver"),
        "DriverOpts": options,
        "Labels": labels,
    }
    answer = freeze(session.call("POST", "/volumes/create", body=body).body)
    session.print(answer.text("Name") if isinstance(answer, Document) else "")


def remove(session: Session, parsed: Parsed) -> None:
    """Removes one volume after another."""
    for name in parsed.arguments:
        try:
            query = {"force": "1"} if parsed.flag("force") else {}
            path = f"/volumes/{name}"
            session.call("DELETE", path, query=query, thing=("volume", name))
            session.print(name)
        except ApiError as error:
            session.daemon_error(error)

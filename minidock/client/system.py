"""`docker version` and `docker info`, in short."""

from minidock.client.session import MAX_API, Session
from minidock.commandline.grammar import Parsed
from minidock.model.document import Document, freeze
from minidock.views.gotemplate import render

__all__ = ["info", "version"]


def _document(value: object) -> Document:
    frozen = freeze(value)
    return frozen if isinstance(frozen, Document) else Document()


def version(session: Session, parsed: Parsed) -> None:
    """The versions of both sides."""
    server = _document(session.get("/version"))
    if parsed.text("format"):
        session.print(render(parsed.text("format"), {"Server": server}))
        return
    newest = MAX_API[session.cli]
    downgraded = f" (downgraded from {newest})" if session.api != newest else ""
    session.print("Client:")
    session.print(f" Version:           {session.cli.value}")
    session.print(f" API version:       {session.api}{downgraded}")
    session.print("")
    session.print("Server: minidock")
    session.print(" Engine:")
    session.print(f"  Version:          {server.text('Version')}")
    lowest = server.text("MinAPIVersion")
    session.print(
        f"  API version:      {server.text('ApiVersion')} (minimum version {lowest})"
    )


def info(session: Session, parsed: Parsed) -> None:
    """How many containers and images there are, and what the engine says of itself."""
    document = _document(session.get("/info"))
    if parsed.text("format"):
        session.print(render(parsed.text("format"), document))
        return
    session.print("Server:")
    for label, key in (
        ("Containers", "Containers"),
        (" Running", "ContainersRunning"),
        (" Paused", "ContainersPaused"),
        (" Stopped", "ContainersStopped"),
        ("Images", "Images"),
        ("Server Version", "ServerVersion"),
        ("Storage Driver", "Driver"),
        ("Logging Driver", "LoggingDriver"),
        ("Name", "Name"),
        ("ID", "ID"),
    ):
        session.print(f" {label}: {document.get(key)}")

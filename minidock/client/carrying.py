"""`docker save`, `load`, `import`, `export`, `commit`, `cp`, `diff`, `push`.

```
docker save web | ssh ...      an archive goes to standard output, or to -o FILE
docker load < web.tar          and comes from standard input, or from -i FILE
docker cp web:/etc/x .         a file, or with - a tar
```

Files come and go through the caller's :class:`Terminal`: nothing here opens one.
Docker's source: docker/cli, ``cli/command/image`` and ``cli/command/container``.

Bytes are printed as the text that :mod:`minidock.model.archive` makes of them.
"""

import posixpath
from urllib.parse import quote

from minidock.client.session import ApiError, Session
from minidock.commandline.grammar import Parsed
from minidock.commandline.reference import read_reference
from minidock.commandline.refusal import CommandRefusal
from minidock.model.archive import (
    Entry,
    Kind,
    bytes_of,
    content,
    members,
    text_of,
    write,
)
from minidock.model.document import Document, freeze

__all__ = [
    "commit",
    "copy",
    "diff",
    "export",
    "import_files",
    "load",
    "push",
    "save",
]

_KINDS = "CAD"
_NOBODY = "e30="
"""An empty JSON object in base64: who pushes is nobody in particular."""


def _image(name: str, action: str) -> str:
    return f"/images/{quote(name, safe='/:@')}{action}"


def _send_out(session: Session, parsed: Parsed, data: bytes, verb: str) -> None:
    """To the file of ``-o``, or to standard output if that is no terminal."""
    name = parsed.text("output")
    if not name and not session.terminal.piped:
        article = "cowardly refusing to save to a terminal"
        raise CommandRefusal(f"{article}. Use the -o flag or redirect\n")
    if name:
        _write_file(session, name, data, f"{verb} to {name}")
    else:
        session.out.append(text_of(data))


def _write_file(session: Session, name: str, data: bytes, asked: str) -> None:
    if session.terminal.write_file is None:
        raise CommandRefusal(
            f"open {name}: this terminal has no files to write\n", asked=asked
        )
    try:
        session.terminal.write_file(name, data)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CommandRefusal(f"open {name}: {reason}\n", asked=asked) from error


def _read_file(session: Session, name: str) -> bytes:
    if session.terminal.read_file is None:
        raise CommandRefusal(f"open {name}: no such file or directory\n")
    try:
        return bytes_of(session.terminal.read_file(name))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CommandRefusal(f"open {name}: {reason}\n") from error


def save(session: Session, parsed: Parsed) -> None:
    """`docker save`: an archive of images."""
    names = parsed.arguments
    if len(names) == 1:
        answer = session.call("GET", _image(names[0], "/get"))
    else:
        pairs = tuple(("names", name) for name in names)
        answer = session.call("GET", "/images/get", pairs=pairs)
    _send_out(session, parsed, answer.data or b"", "save")


def export(session: Session, parsed: Parsed) -> None:
    """`docker export`: a tar of a container's files."""
    answer = session.call("GET", f"/containers/{parsed.arguments[0]}/export")
    _send_out(session, parsed, answer.data or b"", "export")


def _show(session: Session, lines: object, *, quiet: bool = False) -> None:
    """The lines of a stream; one that tells of a fault ends the command."""
    for line in lines if isinstance(lines, tuple) else ():
        shown = freeze(line)
        if not isinstance(shown, Document):
            continue
        if shown.text("error"):
            session.complain(shown.text("error"))
            return
        if not quiet:
            status = shown.text("status")
            session.out.append(shown.text("stream") or (status and f"{status}\n"))


def load(session: Session, parsed: Parsed) -> None:
    """`docker load`: the images of an archive, from ``-i FILE`` or standard input."""
    if parsed.text("input"):
        data = _read_file(session, parsed.text("input"))
    elif session.terminal.stdin is None:
        raise CommandRefusal("requested load from stdin, but stdin is empty\n")
    else:
        data = session.terminal.stdin
    answer = session.call("POST", "/images/load", query={"quiet": "1"}, data=data)
    _show(session, answer.lines)


def import_files(session: Session, parsed: Parsed) -> None:
    """`docker import`: an image of the files in a tar."""
    source, *rest = parsed.arguments
    data, origin = b"", "-"
    if source == "-":
        data = session.terminal.stdin or b""
    elif source.startswith(("http://", "https://")):
        origin = source
    else:
        data = _read_file(session, source)
    pairs = [("fromSrc", origin)]
    pairs += [("repo", name) for name in rest[:1]]
    pairs += [("message", text) for text in [parsed.text("message")] if text]
    pairs += [("platform", text) for text in [parsed.text("platform")] if text]
    pairs += [("changes", change) for change in parsed.texts("change")]
    answer = session.call("POST", "/images/create", pairs=tuple(pairs), data=data)
    _show(session, answer.lines)


def commit(session: Session, parsed: Parsed) -> None:
    """`docker commit`: prints the new image's id."""
    container, *rest = parsed.arguments
    pairs = [("container", container)]
    if rest:
        read = _reference(session, rest[0])
        pairs += [("repo", read[0]), ("tag", read[1])]
    for key, option in (("comment", "message"), ("author", "author")):
        pairs += [(key, text) for text in [parsed.text(option)] if text]
    pairs += [("changes", change) for change in parsed.texts("change")]
    answer = freeze(session.call("POST", "/commit", pairs=tuple(pairs)).body)
    session.print(answer.text("Id") if isinstance(answer, Document) else "")


def _reference(session: Session, text: str) -> tuple[str, str]:
    try:
        read = read_reference(text, session.cli)
    except ValueError as error:
        raise CommandRefusal(f"{error}\n", asked=f"the image {text}") from None
    return read.familiar, read.tag or "latest"


def push(session: Session, parsed: Parsed) -> None:
    """`docker push`: what the registry says, which is no."""
    name = parsed.arguments[0]
    read = read_reference(name, session.cli)
    if not (read.tag or parsed.flag("all-tags")):
        session.print("Using default tag: latest")
    tag = "" if parsed.flag("all-tags") else read.tag or "latest"
    answer = session.call(
        "POST",
        _image(read.familiar, "/push"),
        query={"tag": tag} if tag else {},
        headers={"x-registry-auth": _NOBODY},
    )
    _show(session, answer.lines)


def diff(session: Session, parsed: Parsed) -> None:
    """`docker diff`: C changed, A added, D deleted."""
    name = parsed.arguments[0]
    found = freeze(session.get(f"/containers/{name}/changes"))
    for change in found if isinstance(found, tuple) else ():
        if isinstance(change, Document):
            session.print(f"{_KINDS[change.number('Kind')]} {change.text('Path')}")


def copy(session: Session, parsed: Parsed) -> None:
    """`docker cp`: a file or a tar, into a container or out of it."""
    source, target = parsed.arguments
    outside, inside = _split(source), _split(target)
    if outside and inside:
        raise CommandRefusal("copying between containers is not supported\n")
    if outside:
        _copy_out(session, *outside, target)
    elif inside:
        _copy_in(session, source, *inside)
    else:
        raise CommandRefusal("must specify at least one container source\n")


def _split(text: str) -> tuple[str, str] | None:
    """Container and path of ``web:/etc``; None for a path of the host."""
    name, colon, path = text.partition(":")
    return (name, path) if colon and not name.startswith((".", "/")) else None


def _copy_out(session: Session, container: str, path: str, target: str) -> None:
    answer = session.call(
        "GET", f"/containers/{container}/archive", query={"path": path}
    )
    tar = answer.data or b""
    if target == "-":
        session.out.append(text_of(tar))
        return
    first = members(tar)[0]
    if first.kind is Kind.FOLDER:
        raise CommandRefusal(
            f"minidock copies a folder only as a tar: docker cp {container}:{path} - | "
            "tar x\n",
            asked=f"copy the folder {path} to {target}",
        )
    name = target
    if target.endswith(("/", "/.")) or target in {".", ".."}:
        name = posixpath.join(target, posixpath.basename(first.path))
    _write_file(session, name, content(tar, first), f"copy {path} to {target}")


def _copy_in(session: Session, source: str, container: str, path: str) -> None:
    if source == "-":
        _put(session, container, path, session.terminal.stdin or b"")
        return
    data = _read_file(session, source)
    folder, name = path, posixpath.basename(source)
    if not _is_folder(session, container, path):
        if path.endswith("/"):
            raise CommandRefusal(f"no such directory: {path}\n")
        folder, name = posixpath.split(path.rstrip("/"))
    _put(session, container, folder or "/", write([Entry(path=name, data=data)]))


def _is_folder(session: Session, container: str, path: str) -> bool:
    query = {"path": path}
    try:
        answer = session.call("GET", f"/containers/{container}/archive", query=query)
    except ApiError as error:
        if error.text.startswith("No such container"):
            raise
        return False
    return members(answer.data or b"")[0].kind is Kind.FOLDER


def _put(session: Session, container: str, folder: str, data: bytes) -> None:
    query = {"path": folder, "noOverwriteDirNonDir": "true"}
    path = f"/containers/{container}/archive"
    session.call("PUT", path, query=query, data=data)

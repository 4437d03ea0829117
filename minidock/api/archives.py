"""Files of containers over the API: copy out, look, copy in, what changed, export.

```
HEAD /containers/{id}/archive?path=P   X-Docker-Container-Path-Stat: name, size, mode
GET  /containers/{id}/archive?path=P   the same, and a tar
PUT  /containers/{id}/archive?path=P   a tar is unpacked in the folder P
GET  /containers/{id}/changes          what differs from the image
GET  /containers/{id}/export           a tar of everything
```

Docker's source: moby, ``api/server/router/container/copy.go``.
"""

import base64
import json
from dataclasses import replace

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.commands.leaving import files_left
from minidock.commands.lookup import find_container
from minidock.commands.outcome import Outcome
from minidock.errors import InvalidParameter
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.views.durations import SECOND, timestamp

__all__ = ["changes", "copy_in", "copy_out", "export", "look"]

_TAR = {"Content-Type": "application/x-tar"}


def _asked(call: Call) -> tuple[Container, str]:
    path = call.query.get("path", "")
    if not path:
        # Odd on purpose: the real text has no blank before "cannot".
        raise InvalidParameter(
            "bad parameter: pathcannot be empty",
            asked=f"files of {call.words['id']}",
            rule="the path says which",
            remedy="?path=/etc",
        )
    if "\0" in path:
        raise InvalidParameter(
            f"invalid path {path!r}",
            asked=f"files of {call.words['id']}",
            rule="a path has no zero byte",
            remedy="?path=/etc",
        )
    return find_container(call.world, call.words["id"]), path


def _headers(call: Call, container: Container, path: str) -> dict[str, str]:
    from minidock.runtime import copying, files  # noqa: PLC0415 - see copy_out

    seen = files.files_of(call.world, container, "/")
    found = copying.stat_of(seen, path, call.words["id"])
    facts: dict[str, Json] = {
        "name": found.name,
        "size": found.size,
        "mode": found.mode,
        "mtime": timestamp(container.created),
        "linkTarget": "",
    }
    text = json.dumps(facts, separators=(",", ":"), ensure_ascii=True).encode()
    return {"X-Docker-Container-Path-Stat": base64.b64encode(text).decode()}


def look(call: Call) -> Answer:
    """HEAD /containers/{id}/archive?path=PATH."""
    container, path = _asked(call)
    headers = _headers(call, container, path)
    return Answer(world=call.world, response=Response(headers=headers))


def copy_out(call: Call) -> Answer:
    """GET /containers/{id}/archive?path=PATH: a tar of the file or folder."""
    # Late, since the programs beneath take half of the time of an import.
    from minidock.runtime import copying, files  # noqa: PLC0415 - see above

    container, path = _asked(call)
    headers = _headers(call, container, path) | _TAR
    seen = files.files_of(call.world, container, "/")
    moment = container.created // SECOND
    tar = copying.packed(seen, path, call.words["id"], moment)
    return Answer(world=call.world, response=Response(data=tar, headers=headers))


def copy_in(call: Call) -> Answer:
    """PUT /containers/{id}/archive?path=FOLDER&noOverwriteDirNonDir=1."""
    from minidock.runtime import copying, files  # noqa: PLC0415 - see copy_out

    container, path = _asked(call)
    seen = files.files_of(call.world, container, "/")
    changed = copying.unpack(
        seen,
        path,
        call.data,
        call.words["id"],
        keep_kinds=call.flag("noOverwriteDirNonDir"),
    )
    world, written = files_left(call.world, container, changed.written.items())
    if written != container:
        containers = world.containers.set(written.id, written)
        world = replace(world, containers=containers)
    outcome = Outcome(world=world)
    return Answer(world=outcome.world, response=Response(status=200))


def changes(call: Call) -> Answer:
    """GET /containers/{id}/changes: null where nothing was written."""
    from minidock.runtime import copying, files  # noqa: PLC0415 - see copy_out

    container = find_container(call.world, call.words["id"])
    found = copying.changes(
        files.files_of(call.world, container, "/"),
        files.image_files(call.world, container),
    )
    shown: list[Json] = [{"Path": item.path, "Kind": item.kind} for item in found]
    if not shown:  # Go's nil slice: the body is JSON's null, which is not no body
        response = Response(text="null\n", headers={"Content-Type": "application/json"})
        return Answer(world=call.world, response=response)
    return Answer(world=call.world, response=Response(body=shown))


def export(call: Call) -> Answer:
    """GET /containers/{id}/export."""
    from minidock.runtime import copying, files, programs  # noqa: PLC0415 - see copy_out

    container = find_container(call.world, call.words["id"])
    seen = files.files_of(call.world, container, "/")
    known = programs.programs_of(call.world, container)
    tar = copying.exported(seen, container.created // SECOND, known)
    # Odd on purpose: nobody says that it is a tar, and Go's guess is "some bytes".
    headers = {"Content-Type": "application/octet-stream"}
    return Answer(world=call.world, response=Response(data=tar, headers=headers))

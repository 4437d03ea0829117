"""The calls that need a registry or a builder: push, login, distribution, build.

```
POST /images/{name}/push         the registry of the catalogue takes nothing
POST /auth                       there are no accounts: no registry is asked
GET  /distribution/{name}/json   what the catalogue knows of an image
POST /build  /session  /grpc     501: no builder, with what would work
POST /build/prune                an engine without a build cache
```

Docker's source: moby, ``distribution`` and ``api/server/router/build``.
"""

import base64
import json

from minidock.api.call import Answer, Call
from minidock.api.decode import decode
from minidock.api.http import Response
from minidock.commandline.reference import Reference
from minidock.commandline.refusal import Cli
from minidock.commands.image_config import config_text
from minidock.commands.images import (
    full_reference,
    generation,
    read_name,
    unreachable,
)
from minidock.commands.library import library_image, library_tags
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.document import Json

__all__ = ["build", "build_prune", "distribution", "login", "push", "session"]

_JSON = {"Content-Type": "application/json"}
_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_DENIED = "denied: requested access to the resource is denied"


def push(call: Call) -> Answer:
    """POST /images/{name}/push?tag=TAG: says in its stream why it is refused."""
    rules = generation(call.world)
    header = call.headers.get("x-registry-auth", "")
    if not header and rules is Cli.V20:
        raise InvalidParameter(
            "Bad parameters and missing X-Registry-Auth: EOF",
            asked=f"push {call.words['id']}",
            rule="a push says who pushes, if only as nobody",
            remedy="the header X-Registry-Auth: e30= (an empty JSON object)",
        )
    if header:
        _check_auth(header)
    name = read_name(call.words["id"], rules)
    tag = call.query.get("tag", "") or name.tag
    lines: list[Json] = [{"status": f"The push refers to repository [{name.name}]"}]
    text = _push_fault(call, name, tag)
    lines.append({"errorDetail": {"message": text}, "error": text})
    return Answer(
        world=call.world, response=Response(lines=tuple(lines), headers=_JSON)
    )


def _check_auth(header: str) -> None:
    try:
        padded = header + "=" * (-len(header) % 4)
        value = json.loads(base64.urlsafe_b64decode(padded) or b"{}")
    except ValueError as error:
        raise _bad_auth() from error
    if not isinstance(value, dict):
        raise _bad_auth()


def _bad_auth() -> Refusal:
    return InvalidParameter(
        "invalid X-Registry-Auth header: must be a valid base64 encoded JSON object",
        asked="a registry with this X-Registry-Auth",
        rule="the header is a JSON object in base64",
        remedy="X-Registry-Auth: e30=",
    )


def _push_fault(call: Call, name: Reference, tag: str) -> str:
    head = f"{name.familiar}:"
    known = [text for text in call.world.references if text.startswith(head)]
    missing = f"An image does not exist locally with the tag: {name.familiar}"
    if not known:
        return missing
    if not call.world.host.registry or name.domain != "docker.io":
        return unreachable(call.world, name, f"push {name.familiar}").text
    return missing if tag and f"{head}{tag}" not in known else _DENIED


def login(call: Call) -> Answer:
    """POST /auth: no registry can be asked whether name and password are right."""
    body = decode(call, {"username": "string", "password": "string"}, "AuthConfig")
    server = body.get("serveraddress")
    text = server if isinstance(server, str) else ""
    host = text.partition("://")[2] or text
    host = host.partition("/")[0]
    if host in {"", "index.docker.io", "docker.io"}:
        host = "docker.io"
    raise unreachable(call.world, Reference(domain=host, path="x"), f"log in to {host}")


def distribution(call: Call) -> Answer:
    """GET /distribution/{name}/json: the descriptor of an image in the catalogue."""
    rules = generation(call.world)
    text = call.words["id"]
    name = read_name(text, rules)
    if not call.world.host.registry or name.domain != "docker.io":
        raise unreachable(call.world, name, f"ask what {text} is")
    image = library_image(full_reference(text, rules))
    if image is None:
        fault = (
            f"manifest unknown: manifest {text} unknown"
            if library_tags(name.familiar)
            else f"{_DENIED}\nunauthorized: authentication required"
        )
        return Answer(
            world=call.world,
            response=Response(status=401, body={"message": f"errors:\n{fault}\n"}),
        )
    body: Json = {
        "Descriptor": {
            "mediaType": _LIST,
            "digest": image.digests[0].partition("@")[2],
            "size": len(config_text(image)),
        },
        "Platforms": [{"architecture": image.architecture, "os": image.os}],
    }
    return Answer(world=call.world, response=Response(body=body))


def session(call: Call) -> Answer:
    """POST /session, /grpc: a builder's own protocol, on a connection taken over."""
    if "upgrade" not in call.headers:
        strict = call.world.era.strict_json
        kind = InvalidParameter if strict else Unclassified
        raise kind(
            "no upgrade proto in request",
            asked="talk to a builder",
            rule="its protocol takes the connection over",
            remedy="Upgrade: h2c",
        )
    return build(call)


def build(call: Call) -> Answer:
    """POST /build: there is no builder."""
    refusal = Unclassified(
        "minidock builds no images: build the image elsewhere and send it with docker "
        "load, make one of files with docker import, or of a container with docker "
        "commit",
        asked="build an image",
        rule="nothing is executed here, so a Dockerfile's RUN lines cannot be",
        remedy="docker save app | docker load, docker import rootfs.tar app, or docker "
        "commit",
    )
    return Answer(
        world=call.world,
        response=Response(status=501, body={"message": refusal.text}, refusal=refusal),
    )


def build_prune(call: Call) -> Answer:
    """POST /build/prune: there is no build cache, so nothing is removed."""
    body: Json = {"CachesDeleted": None, "SpaceReclaimed": 0}
    return Answer(world=call.world, response=Response(body=body))

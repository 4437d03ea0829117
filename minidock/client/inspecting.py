"""`docker inspect` and the inspect command of each kind of thing.

```
docker inspect X ──▶ a container? ──▶ an image? ──▶ a network? ──▶ a volume?
                     the first that is not "not found" is printed
```

What was found is printed even when another name failed; the errors follow it.
"""

from collections.abc import Callable, Sequence

from minidock.client.session import ApiError, Session
from minidock.client.typed import typed_container, typed_network
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli
from minidock.model.document import Json
from minidock.views.gojson import dumps
from minidock.views.gotemplate import Template, TemplateError

__all__ = ["anything", "containers", "images", "networks", "nodes", "volumes"]

Found = tuple[dict[str, Json], dict[str, Json]]
"""The engine's JSON, and the same as docker's own types hold it."""
Getter = Callable[[Session, str], Found]


def _object(body: Json) -> dict[str, Json]:
    return body if isinstance(body, dict) else {}


def _container(session: Session, name: str) -> Found:
    raw = _object(session.get(f"/containers/{name}/json", thing=("container", name)))
    return raw, typed_container(raw, session.cli)


def _image(session: Session, name: str) -> Found:
    raw = _object(session.get(f"/images/{name}/json", thing=("image", name)))
    return raw, raw


def _network(session: Session, name: str) -> Found:
    raw = _object(session.get(f"/networks/{name}", thing=("network", name)))
    return raw, typed_network(raw, session.cli)


def _volume(session: Session, name: str) -> Found:
    raw = _object(session.get(f"/volumes/{name}", thing=("volume", name)))
    return raw, raw


_KINDS: dict[str, Getter] = {
    "container": _container,
    "image": _image,
    "network": _network,
    "volume": _volume,
}


class _NoSuchObject(Exception):
    pass


def _first_of(session: Session, name: str, kinds: Sequence[str]) -> Found:
    for kind in kinds:
        try:
            return _KINDS[kind](session, name)
        except ApiError as error:
            if error.status != 404:
                raise
            session.explain(error)
    raise _NoSuchObject(name)


def _inspect(session: Session, parsed: Parsed, find: Getter) -> None:
    found: list[Found] = []
    errors: list[str] = []
    for name in parsed.arguments:
        try:
            found.append(find(session, name))
        except ApiError as error:
            session.explain(error)
            errors.append(session.refusal_line(error))
        except _NoSuchObject as missing:
            errors.append(f"Error: No such object: {missing}")
    form = parsed.text("format")
    if form == "json" and session.cli is Cli.V28:
        session.print(dumps([raw for raw, _ in found], escape_html=False))
    elif form:
        errors = [*_render(session, form, found), *errors]
    else:
        # as the engine sent it: "<" is written plainly
        session.print(dumps([raw for raw, _ in found], indent=4, escape_html=False))
    for line in errors:
        session.complain(line, session.code or 1)


def _render(session: Session, form: str, found: list[Found]) -> list[str]:
    """Print what the template makes of each; gives the faults.

    Odd on purpose: with nothing to print, an empty line is printed.
    """
    lines: list[str] = []
    faults: list[str] = []
    try:
        template = Template(form)
    except TemplateError as error:
        session.why.append(error.explain())
        session.code = 64
        return [error.text]
    for item in found:
        try:
            lines.append(f"{_rendered(template, *item)}\n")
        except TemplateError as error:
            session.why.append(error.explain())
            faults.append(error.text)
    session.out.append("".join(lines) or "\n")
    return faults


def _rendered(template: Template, raw: dict[str, Json], typed: dict[str, Json]) -> str:
    try:
        return template.render(typed, strict=True)
    except TemplateError:
        return template.render(raw, strict=True)


def anything(session: Session, parsed: Parsed) -> None:
    """`docker inspect`: whatever has that name or id; --type narrows it."""
    only = _KINDS.get(parsed.text("type"))
    if only is not None:
        _inspect(session, parsed, only)
        return
    _inspect(session, parsed, lambda s, name: _first_of(s, name, list(_KINDS)))


def containers(session: Session, parsed: Parsed) -> None:
    """`docker container inspect`."""
    _inspect(session, parsed, _container)


def images(session: Session, parsed: Parsed) -> None:
    """`docker image inspect`."""
    _inspect(session, parsed, _image)


def networks(session: Session, parsed: Parsed) -> None:
    """`docker network inspect`."""
    _inspect(session, parsed, _network)


def volumes(session: Session, parsed: Parsed) -> None:
    """`docker volume inspect`."""
    _inspect(session, parsed, _volume)


def _node(session: Session, name: str) -> Found:
    if name == "self":
        swarm = _object(_object(session.get("/info")).get("Swarm"))
        name = str(swarm.get("NodeID") or name)
    raw = _object(session.get(f"/nodes/{name}", thing=("node", name)))
    return raw, raw


def nodes(session: Session, parsed: Parsed) -> None:
    """`docker node inspect`."""
    _inspect(session, parsed, _node)

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
from minidock.model.document import Json
from minidock.views.gojson import dumps
from minidock.views.gotemplate import Template, TemplateError

__all__ = ["anything", "containers", "images", "networks", "volumes"]

Found = tuple[dict[str, Json], dict[str, Json]]
"""The engine's JSON, and the same as docker's own types hold it."""
Getter = Callable[[Session, str], Found]


def _object(body: Json) -> dict[str, Json]:
    return body if isinstance(body, dict) else {}


def _container(session: Session, name: str) -> Found:
    raw = _object(session.get(f"/containers/{name}/json"))
    return raw, typed_container(raw, session.cli)


def _image(session: Session, name: str) -> Found:
    raw = _object(session.get(f"/images/{name}/json"))
    return raw, raw


def _network(session: Session, name: str) -> Found:
    raw = _object(session.get(f"/networks/{name}"))
    return raw, typed_network(raw, session.cli)


def _volume(session: Session, name: str) -> Found:
    raw = _object(session.get(f"/volumes/{name}"))
    return raw, raw


_KINDS: dict[str, Getter] = {
    "container": _container,
    "image": _image,
    "network": _network,
    "volume": _volume,
}


class _NoSuchObject(Exception):  # noqa: N818 - docker's own words
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
            errors.append(f"Error response from daemon: {error.text}")
        except _NoSuchObject as missing:
            errors.append(f"Error: No such object: {missing}")
    form = parsed.text("format")
    if form and form != "json":
        _render(session, form, found)
    elif form == "json":
        session.print(dumps([raw for raw, _ in found]))
    else:
        session.print(dumps([raw for raw, _ in found], indent=4))
    for line in errors:
        session.complain(line)


def _render(session: Session, form: str, found: list[Found]) -> None:
    """Odd on purpose: with nothing found, an empty line is printed."""
    try:
        template = Template(form)
        lines = [_rendered(template, *item) for item in found]
    except TemplateError as error:
        session.why.append(error.explain())
        session.complain(error.text, 64)
        return
    session.out.append("".join(f"{line}\n" for line in lines) or "\n")


def _rendered(
    template: Template, raw: dict[str, Json], typed: dict[str, Json]
) -> str:
    try:
        return template.render(typed, strict=True)
    except TemplateError:
        return template.render(raw, strict=True)


def anything(session: Session, parsed: Parsed) -> None:
    """`docker inspect`: whatever has that name or id; --type narrows it."""
    kind = parsed.text("type")
    kinds = [kind] if kind in _KINDS else list(_KINDS)
    _inspect(session, parsed, lambda s, name: _first_of(s, name, kinds))


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

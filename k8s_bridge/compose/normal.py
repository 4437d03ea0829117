"""The normal form of a project: what ``docker compose config`` prints of it.

```
 merged documents ─▶ defaults ─▶ paths ─▶ what follows ─▶ forms ─▶ profiles
                                                                      │
        names of networks, volumes, ...  ◀─ only what is used ◀─ files of variables
```

Invariants: what is made of the normal form again is itself; services that no profile
turns on are not in it, and networks, volumes, configs and secrets that no service uses
are not either. A dollar sign is one dollar sign here: only the printing of Docker
doubles it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

from k8s_bridge.compose import normalform
from k8s_bridge.compose.contradictions import check_stored
from k8s_bridge.compose.dotenv import parsed, parsed_raw
from k8s_bridge.compose.forms import Form, Unfit
from k8s_bridge.compose.implied import implied, with_defaults
from k8s_bridge.compose.paths import absolute_paths
from k8s_bridge.compose.places import Path, nearest
from k8s_bridge.compose.profiles import is_on
from k8s_bridge.compose.reader import Reader
from k8s_bridge.compose.references import check_jobs, check_references
from k8s_bridge.compose.scalars import Moment, Value
from minidock.errors import InvalidParameter, NotFound

__all__ = ["normalise"]

_Table = dict[str, Value]
_NOWHERE: Mapping[Path, str] = {}


def normalise(
    model: Value,
    *,
    name: str,
    folder: str,
    environment: Mapping[str, str],
    reader: Reader,
    profiles: Collection[str],
    places: Mapping[Path, str] = _NOWHERE,
) -> _Table:
    """The normal form of merged documents in canonical form; linear in them.

    Args:
        model: the document.
        name: the project's name.
        folder: what relative paths are seen from.
        environment: the variables of the project.
        reader: gives the files of variables and of labels.
        profiles: those that are on; ``*`` is all.
        places: where the parts were written, for refusals.

    Raises:
        InvalidParameter: a value has no normal form, or a file cannot be read.
        NotFound: a file of variables is not there.

    >>> from k8s_bridge.compose.reader import InMemory
    >>> model = normalise(
    ...     {"services": {"web": {"image": "nginx"}}},
    ...     name="shop",
    ...     folder="/srv",
    ...     environment={},
    ...     reader=InMemory({}),
    ...     profiles=(),
    ... )
    >>> model["services"]["web"]["networks"], model["networks"]["default"]["name"]
    ({'default': None}, 'shop_default')
    """
    home = environment.get("HOME", "")
    whole = absolute_paths(with_defaults(model), folder, home)
    check_stored(whole, places)
    whole = whole if isinstance(whole, dict) else {}
    services, active = _services("services", whole, environment, profiles, places)
    _, jobs = _services("jobs", whole, environment, profiles, places)
    declared = {part: {*_table(whole, part)} for part in (*_PARTS, "models")}
    declared["networks"].add("default")
    check_references(active, {**declared, "services": {*services}}, places)
    check_jobs(jobs, active, places)
    given = _table(whole, "services")
    done: _Table = {}
    for service, value in active.items():
        path = ("services", service)
        files = _written(normalform.FILES, given[service], path, places)
        done[service] = _with_files(value, files, environment, reader)
    normal: _Table = {"name": name, "services": done}
    for part, form in _PARTS.items():
        named = _parts(part, form, whole, name, places)
        used = {key for service in done.values() for key in _used(part, service)}
        kept: _Table = {key: item for key, item in named.items() if key in used}
        if kept:
            normal[part] = kept
    if jobs:
        normal["jobs"] = dict[str, Value](jobs)
    for key, note in whole.items():
        if key.startswith("x-"):
            normal[key] = _note(note)
    return normal


_PARTS: dict[str, Form] = {
    "networks": normalform.NETWORK,
    "volumes": normalform.VOLUME,
    "configs": normalform.CONFIG,
    "secrets": normalform.SECRET,
}


def _table(model: Value, key: str) -> _Table:
    found = model.get(key) if isinstance(model, dict) else None
    return found if isinstance(found, dict) else {}


def _services(
    part: str,
    whole: _Table,
    environment: Mapping[str, str],
    profiles: Collection[str],
    places: Mapping[Path, str],
) -> tuple[dict[str, _Table], dict[str, _Table]]:
    """All services, or jobs, and those that are on."""
    form = normalform.SERVICE if part == "services" else normalform.JOB
    found: dict[str, _Table] = {}
    for name, value in _table(whole, part).items():
        followed = implied(value if isinstance(value, dict) else {}, environment)
        found[name] = _written(form, followed, (part, name), places)
    active: dict[str, _Table] = {}
    for name, written in found.items():
        wanted = written.get("profiles")
        if is_on(
            [str(w) for w in wanted] if isinstance(wanted, list) else [], profiles
        ):
            active[name] = written
    return found, active


def _written(
    form: Form, value: Value, path: Path, places: Mapping[Path, str]
) -> _Table:
    try:
        written = form(value)
    except Unfit as unfit:
        steps = (*path, *reversed(unfit.steps))
        dotted = ".".join(str(step) for step in steps)
        place = nearest(places, steps)
        raise InvalidParameter(
            f"{place + ': ' if place else ''}{dotted}: {unfit.wrong}",
            asked=f"read {dotted}" + (f" ({place})" if place else ""),
            rule=unfit.wrong,
            remedy="see the Compose specification for what this attribute takes",
        ) from None
    return written if isinstance(written, dict) else {}


def _note(value: Value) -> Value:
    """The author's own notes as they are, but for points in time."""
    if isinstance(value, dict):
        return {key: _note(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_note(item) for item in value]
    if isinstance(value, Moment):
        day, time, offset, _ = value.split(" ")
        zone = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
        return f"{day}T{time}{zone}"
    return value


def _parts(
    part: str, form: Form, whole: _Table, name: str, places: Mapping[Path, str]
) -> dict[str, _Table]:
    """All networks, or volumes, ...; each with the name it has on the host."""
    table = _table(whole, part)
    if part == "networks" and "default" not in table:
        table = {**table, "default": None}
    done: dict[str, _Table] = {}
    for key, value in table.items():
        given = dict(value) if isinstance(value, dict) else {}
        written = _written(form, given, (part, key), places)
        if given.get("name") is None:
            host_name = key if written.get("external") else f"{name}_{key}"
            written = {"name": host_name, **written}
        done[key] = written
    return done


def _used(part: str, service: Value) -> Iterator[str]:
    """The keys of the networks, volumes, configs or secrets that a service uses."""
    if not isinstance(service, dict):
        return
    if part == "networks":
        yield from _table(service, part)
        return
    entries = _list(service, part)
    if part == "secrets":
        entries = [*entries, *_list(service.get("build"), part)]
    for entry in entries:
        if isinstance(entry, dict) and (
            part != "volumes" or entry.get("type") == "volume"
        ):
            yield str(entry.get("source", ""))


def _list(value: Value, key: str) -> list[Value]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _with_files(
    service: _Table,
    files: _Table,
    environment: Mapping[str, str],
    reader: Reader,
) -> _Table:
    """The service with the variables and labels that lie in files."""
    env_files, label_files = _list(files, "env_file"), _list(files, "label_file")
    if not (env_files or label_files):
        return service
    own = _table(service, "environment")

    def lookup(variable: str) -> str | None:
        found = environment.get(variable)
        if found is None:
            value = own.get(variable)
            return value if isinstance(value, str) else None
        return found

    done = dict(service)
    found: dict[str, str] = {}
    for file in env_files:
        if isinstance(file, dict):
            found = _variables(file, lookup, found, reader)
    variables = {**found, **own}
    if variables:
        done["environment"] = variables
    labels: dict[str, str] = {}
    for path in label_files:
        data = _read(str(path), "label", reader)
        labels = parsed(data, str(path), _nobody_knows, labels)
    if label_files:
        done["label_file"] = label_files
        all_labels = {**labels, **_table(service, "labels")}
        if all_labels:
            done["labels"] = all_labels
    return done


def _nobody_knows(_variable: str) -> str | None:
    return None


def _variables(
    file: _Table,
    lookup: Callable[[str], str | None],
    known: Mapping[str, str],
    reader: Reader,
) -> dict[str, str]:
    path, form = str(file.get("path", "")), file.get("format") or ""
    required = file.get("required", True)
    if required is False and not (reader.is_file(path) or reader.is_folder(path)):
        return dict(known)
    data = _read(path, "env", reader)
    if form == "raw":
        return parsed_raw(data, path, lookup, known)
    if form:
        raise InvalidParameter(
            f'unsupported env_file format "{form}"',
            asked=f"read {path} in the format {form}",
            rule="a file of variables is in Compose's format or raw",
            remedy="format: raw, or leave format out",
        )
    return parsed(data, path, lookup, known)


def _read(path: str, what: str, reader: Reader) -> bytes:
    if not path or not (reader.is_file(path) or reader.is_folder(path)):
        raise NotFound(
            f"{what} file {path} not found: stat {path}: no such file or directory",
            asked=f"read {path}",
            rule=f"the file of {what} has to be there",
            remedy=f"create {path}, or say required: false",
        )
    return reader.read(path)

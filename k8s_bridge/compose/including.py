"""``include``: the resources of other projects' files, each read as a project.

```
 include:
   - ../db/compose.yaml                      its own folder, its own .env
   - path: [a.yaml, a.override.yaml]         several files, laid over each other
     project_directory: ..
     env_file: [one.env, two.env]

 included ─▶ services, networks, volumes ... ─▶ what the including file says, over it
```

Variables of the including project win over those of the ``.env`` that belongs to what
is included. A file that includes itself, directly or through others, is refused.

Invariant: paths are absolute once they leave the file that they are written in.
"""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from k8s_bridge.compose import dotenv
from k8s_bridge.compose.document import Tree
from k8s_bridge.compose.merging import dropped, merged
from k8s_bridge.compose.paths import absolute_paths
from k8s_bridge.compose.places import NOWHERE, Mark, Places, nearest
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value
from k8s_bridge.compose.session import Layers, Session, is_remote
from minidock.errors import Exhausted, InvalidParameter, NotFound, Refusal

__all__ = ["included", "resolved_lists", "with_env_files"]

_SECTIONS = ("services", "jobs", "volumes", "networks", "secrets", "configs", "models")
_DEPTH = 40  # files that include each other in a row
_Load = Callable[[Sequence[str], Session, str], Layers]


class _Wish(NamedTuple):
    """One entry of ``include``."""

    paths: tuple[str, ...]
    project_directory: str
    env_files: tuple[str, ...]
    place: str


def included(layers: Layers, file: str, session: Session, load: _Load) -> Tree:
    """A file with the resources of what it includes, and without ``include``.

    Raises:
        NotFound: a file is not there.
        InvalidParameter: a file includes itself, or ``include`` is written wrongly.
    """
    tree = layers.tree
    if not isinstance(tree.value, dict) or "include" not in tree.value:
        return tree
    for wish in _wishes(tree) if tree.value["include"] is not None else ():
        imported = _imported(wish, file, session, load)
        tree = _import(imported, tree, layers)
    value = tree.value
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key != "include"}
    return Tree(value, tree.places)


def _wishes(tree: Tree) -> list[_Wish]:
    said = tree.value.get("include") if isinstance(tree.value, dict) else None
    if not isinstance(said, list):
        raise _mistaken(nearest(tree.places, ("include",)), "`include` must be a list")
    wishes: list[_Wish] = []
    for number, entry in enumerate(said):
        place = nearest(tree.places, ("include", number))
        if isinstance(entry, str):
            entry = {"path": entry}  # noqa: PLW2901  # its long form
        if not isinstance(entry, dict):
            raise _mistaken(place, "an entry of `include` must be a path or a mapping")
        folder = entry.get("project_directory") or ""
        if not isinstance(folder, str):
            raise _mistaken(place, "`project_directory` must be a path")
        paths = _texts(entry.get("path"), place)
        if not paths:
            continue  # Docker passes over an entry that names nothing
        wishes.append(_Wish(paths, folder, _texts(entry.get("env_file"), place), place))
    return wishes


def _texts(value: Value, place: str) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    texts = tuple(item for item in listed if isinstance(item, str))
    if len(texts) != len(listed):
        raise _mistaken(place, "paths in `include` must be text")
    return texts


def _mistaken(place: str, text: str) -> Refusal:
    return refusal(
        place,
        text,
        rule="include is a list of paths, or of mappings with path, env_file and "
        "project_directory",
        remedy="include: [common/compose.yaml]",
    )


def _imported(wish: _Wish, file: str, session: Session, load: _Load) -> Tree:
    """What one entry brings, with absolute paths."""
    paths = [path if is_remote(path) else session.path(path) for path in wish.paths]
    chain = (*session.chain, file)
    if paths[0] in chain or len(chain) > _DEPTH:
        cycle = paths[0] in chain
        raise refusal(
            wish.place,
            "include cycle detected: " + " includes ".join((*chain, paths[0]))
            if cycle
            else "too many files include each other in a row",
            rule="a file cannot include itself, directly or through others"
            if cycle
            else f"at most {_DEPTH} files in a row are followed",
            remedy="move what both need into a file that includes neither",
            category=InvalidParameter if cycle else Exhausted,
        )
    folder = (
        session.path(wish.project_directory)
        if wish.project_directory
        else posixpath.dirname(paths[0])
    )
    environment = _environment(wish, folder, session)
    inner = session.inside(folder, environment, file)
    key = ("include", tuple(paths), folder, tuple(sorted(environment.items())))
    if key not in session.log.loaded:
        layers = load(paths, inner, wish.place)
        value = _settled(layers.tree.value, environment)
        session.log.variables.update(_secrets(value, environment))
        value = absolute_paths(value, folder, environment.get("HOME", ""))
        session.log.loaded[key] = Layers(Tree(value, layers.tree.places))
    return session.log.loaded[key].tree


def _environment(wish: _Wish, folder: str, session: Session) -> Mapping[str, str]:
    """The variables of what is included: the project's, then those of its files."""
    files = [session.path(name) for name in wish.env_files if name != "/dev/null"]
    if not wish.env_files:
        default = posixpath.join(folder, ".env")
        files = [default] if session.reader.is_file(default) else []
    return with_env_files(session, files, wish.place)


def resolved_lists(tree: Tree, environment: Mapping[str, str]) -> Tree:
    """An included file's ``environment: [NAME]`` with the values that it sees.

    Docker looks at lists only: a mapping's ``NAME:`` is looked up in the project's
    own variables, later.
    """
    services = tree.value.get("services") if isinstance(tree.value, dict) else None
    if not isinstance(tree.value, dict) or not isinstance(services, dict):
        return tree
    changed: dict[str, Value] = {}
    for name, service in services.items():
        entries = service.get("environment") if isinstance(service, dict) else None
        if isinstance(service, dict) and isinstance(entries, list):
            found: list[Value] = [
                f"{entry}={environment[entry]}"
                if isinstance(entry, str) and entry in environment
                else entry
                for entry in entries
            ]
            changed[name] = {**service, "environment": found}
    if not changed:
        return tree
    return Tree({**tree.value, "services": {**services, **changed}}, tree.places)


def with_env_files(
    session: Session, files: Sequence[str], place: str = ""
) -> Mapping[str, str]:
    """A session's variables, and those of files that it does not have itself."""
    ours = session.environment
    found: dict[str, str] = {}
    for path in files:
        if not session.reader.is_file(path):
            folder = session.reader.is_folder(path)
            raise refusal(
                place,
                f"{path} is a directory"
                if folder
                else f"couldn't find env file: {path}",
                rule="a file of variables has to be there",
                remedy="make it, or do not name it",
                category=NotFound,
            )

        def lookup(name: str, known: Mapping[str, str] = found) -> str | None:
            return ours[name] if name in ours else known.get(name)

        found = {
            **found,
            **dotenv.parsed(
                session.read(path, place),
                session.label(path),
                lookup,
                warnings=session.log.warnings,
            ),
        }
    return {**found, **ours}


def _settled(value: Value, environment: Mapping[str, str]) -> Value:
    """What only the included project knows: its builds' contexts, its configs' data.

    Docker fills in a config's content here and then refuses two sources of it.
    """
    if not isinstance(value, dict):
        return value
    changed: dict[str, Value] = {}
    services, configs = value.get("services"), value.get("configs")
    if isinstance(services, dict):
        changed["services"] = {
            name: _with_context(service) for name, service in services.items()
        }
    if isinstance(configs, dict):
        changed["configs"] = {
            name: _with_content(config, environment) for name, config in configs.items()
        }
    return {**value, **changed}


def _secrets(value: Value, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that secrets of an included file are made of."""
    secrets = value.get("secrets") if isinstance(value, dict) else None
    said = [
        secret.get("environment")
        for secret in (secrets.values() if isinstance(secrets, dict) else ())
        if isinstance(secret, dict)
    ]
    return {
        name: environment[name]
        for name in said
        if isinstance(name, str) and name in environment
    }


def _with_context(service: Value) -> Value:
    build = service.get("build") if isinstance(service, dict) else None
    if (
        not isinstance(service, dict)
        or not isinstance(build, dict)
        or build.get("context") is not None
    ):
        return service
    return {**service, "build": {**build, "context": "."}}


def _with_content(config: Value, environment: Mapping[str, str]) -> Value:
    name = config.get("environment") if isinstance(config, dict) else None
    if not isinstance(config, dict) or not isinstance(name, str):
        return config
    return {**config, "content": environment[name]} if name in environment else config


def _import(imported: Tree, tree: Tree, layers: Layers) -> Tree:
    """Add resources; of one that is here already, what is said here wins."""
    if not isinstance(imported.value, dict) or not isinstance(tree.value, dict):
        return tree
    value = dict(tree.value)
    top = _mark(tree)
    inside = dict(top[1])
    for section in _SECTIONS:
        theirs = imported.value.get(section)
        ours = value.get(section)
        if not isinstance(theirs, dict):
            continue
        if ours is not None and not isinstance(ours, dict):
            continue  # refused by the schema, with all else that is wrong there
        place, marks = inside.get(section) or _mark(imported)[1].get(section, NOWHERE)
        entries, marks = dict(ours or {}), dict(marks)
        for name, entry in theirs.items():
            mark = _mark(imported)[1].get(section, NOWHERE)[1].get(name, NOWHERE)
            if name not in entries:
                entries[name], marks[name] = entry, mark
            elif entries[name] != entry:
                own = Tree(entries[name], Places(marks.get(name, NOWHERE)))
                both = _over(Tree(entry, Places(mark)), own, (section, name), layers)
                entries[name], marks[name] = both.value, _mark(both)
        value[section], inside[section] = entries, (place, marks)
    return Tree(value, Places((top[0], inside)))


def _over(base: Tree, own: Tree, path: tuple[str, str], layers: Layers) -> Tree:
    section, name = path
    left = dropped(Tree({section: {name: base.value}}), layers.resets).value
    source: Value = left
    for step in path:
        source = source.get(step) if isinstance(source, dict) else None
    return merged(Tree(source, base.places), own, path)


def _mark(tree: Tree) -> Mark:
    return tree.places.mark if isinstance(tree.places, Places) else NOWHERE

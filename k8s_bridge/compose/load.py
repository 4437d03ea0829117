"""A project: everything that its Compose files, variables and profiles say.

```
 variables      the environment, then .env or --env-file
 files          -f, or COMPOSE_FILE, or compose.yaml and its override, here or above
 name           -p, or COMPOSE_PROJECT_NAME, or name: in the last file, or the folder's
                                    │
 layering ─▶ normal ─▶ consistency ─▶ Project
```

Invariants: loading changes nothing and reads only files that the project names; the
same input gives the same project.
"""

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from k8s_bridge.compose import profiles as switches
from k8s_bridge.compose.consistency import check
from k8s_bridge.compose.including import with_env_files
from k8s_bridge.compose.layering import finished, layered
from k8s_bridge.compose.normal import normalise
from k8s_bridge.compose.places import Path, Places
from k8s_bridge.compose.reader import Reader
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value
from k8s_bridge.compose.session import Log, Session
from k8s_bridge.compose.template import substituted
from k8s_bridge.showing import shown_without
from minidock.errors import NotFound, Refusal

__all__ = ["FILES", "OVERRIDES", "Project", "load"]

FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = tuple(
    f"{stem}.override.{ending}"
    for stem in ("compose", "docker-compose")
    for ending in ("yml", "yaml")
)
_NOTHING: Mapping[str, str] = MappingProxyType({})
_TRUTH = {
    **dict.fromkeys("1 t T TRUE true True".split(), True),
    **dict.fromkeys("0 f F FALSE false False".split(), False),
}


class Project(NamedTuple):
    """A project in its normal form, as ``docker compose config --format json`` has it.

    ``places`` says where the parts of the model were written; ``folder`` is what its
    relative paths were seen from; ``environment`` are the variables it was read with.
    """

    name: str
    folder: str
    model: Mapping[str, Value]
    places: Mapping[Path, str] = Places()
    warnings: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    environment: Mapping[str, str] = _NOTHING

    def __repr__(self) -> str:
        return shown_without(self, ("places", "environment"))


def load(
    files: Sequence[str],
    *,
    reader: Reader,
    environment: Mapping[str, str],
    folder: str,
    project_name: str = "",
    project_folder: str = "",
    profiles: Collection[str] = (),
    env_files: Sequence[str] = (),
) -> Project:
    """The project that some Compose files describe; linear in what they say.

    Args:
        files: paths, seen from ``folder``; none lets them be found.
        reader: gives the content of files.
        environment: the variables of the process.
        folder: where the command is run.
        project_name: ``--project-name``.
        project_folder: ``--project-directory``.
        profiles: ``--profile``, each.
        env_files: ``--env-file``, each; else those that ``COMPOSE_ENV_FILES`` names.

    Raises:
        NotFound: a file or a variable that is needed is not there.
        InvalidParameter: what docker compose refuses.
        Exhausted: input that is larger or deeper than any project.

    >>> from k8s_bridge.compose.reader import InMemory
    >>> text = b"services: {web: {image: nginx}}"
    >>> reader = InMemory({"/srv/shop/compose.yaml": text})
    >>> project = load([], reader=reader, environment={}, folder="/srv/shop")
    >>> project.name, project.places["services", "web", "image"]
    ('shop', 'compose.yaml:1')
    >>> load([], reader=InMemory({}), environment={}, folder="/srv/shop")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: no configuration file provided: not found
    """
    home = folder
    if project_folder:
        home = _joined(folder, project_folder)
    elif files:
        home = posixpath.dirname(_joined(folder, files[0]))
    if not env_files and environment.get("COMPOSE_ENV_FILES"):
        env_files = environment["COMPOSE_ENV_FILES"].split(",")
    named = [_joined(folder, name) for name in env_files]
    session = _session(home, reader, {"PWD": folder, **environment}, named)
    paths = _paths(files, session, folder)
    found = posixpath.dirname(paths[0])
    if not files and not project_folder and found != home:
        log = session.log
        session = _session(found, reader, session.environment, named)
        session = session._replace(log=log)
    name = _name(project_name, paths, session)
    session = session._replace(
        environment={**session.environment, "COMPOSE_PROJECT_NAME": name}
    )
    tree = finished(layered(paths, session).tree)
    if not tree.value:
        raise refusal(
            session.label(paths[0]),
            "empty compose file",
            rule="a project has services",
            remedy="services: {web: {image: nginx}}",
        )
    model = normalise(
        tree.value,
        name=name,
        folder=session.folder,
        environment=session.environment,
        reader=reader,
        profiles=switches.active(profiles, session.environment),
        places=tree.places,
    )
    check(model, tree.places)
    return Project(
        name=name,
        folder=session.folder,
        model=model,
        places=tree.places,
        warnings=tuple(dict.fromkeys(session.log.warnings)),
        files=tuple(paths),
        environment={**session.log.variables, **session.environment},
    )


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _session(
    home: str, reader: Reader, environment: Mapping[str, str], named: Sequence[str]
) -> Session:
    """What is known of a project in a folder before its files are read."""
    session = Session(
        reader=reader, root=home, folder=home, environment=environment, log=Log()
    )
    default = posixpath.join(home, ".env")
    off = _is_off(environment)
    if not named and not off and reader.is_file(default):
        variables = with_env_files(session, [default])
        if _is_off(variables):  # by itself: then only what is about Compose counts
            variables = {
                name: value
                for name, value in variables.items()
                if name in environment or name.startswith("COMPOSE_")
            }
    else:
        variables = with_env_files(session, named)
    return session._replace(environment=variables)


def _is_off(environment: Mapping[str, str]) -> bool:
    """Whether ``.env`` is not to be read."""
    said = environment.get("COMPOSE_DISABLE_ENV_FILE", "false")
    if said in _TRUTH:
        return _TRUTH[said]
    raise refusal(
        "",
        f'COMPOSE_DISABLE_ENV_FILE: "{said}" is no truth value',
        rule="this variable is true or false",
        remedy="COMPOSE_DISABLE_ENV_FILE=true",
    )


def _paths(files: Sequence[str], session: Session, folder: str) -> list[str]:
    """The files of the project: those that are named, or those that are found."""
    if files:
        return [_joined(folder, name) for name in files]
    named = session.environment.get("COMPOSE_FILE")
    if named is not None:
        separator = session.environment.get("COMPOSE_PATH_SEPARATOR") or ":"
        return [_joined(folder, name) for name in named.split(separator)]
    home = session.folder
    while True:
        found = _first(session, home, FILES)
        if found:
            return [*found, *_first(session, home, OVERRIDES)]
        if home in ("/", ""):
            raise refusal(
                "",
                "no configuration file provided: not found",
                rule=f"a project has one of {', '.join(FILES)} in its folder or above",
                remedy="name a file with -f, or go to the project's folder",
                category=NotFound,
            )
        home = posixpath.dirname(home)


def _first(session: Session, home: str, names: Sequence[str]) -> list[str]:
    """The first of some files that is there."""
    paths = [posixpath.join(home, name) for name in names]
    found = [path for path in paths if session.reader.is_file(path)]
    if len(found) > 1:
        session.log.warnings.append(
            f"Found multiple config files with supported names: {', '.join(found)}"
        )
        session.log.warnings.append(f"Using {found[0]}")
    return found[:1]


def _name(asked: str, paths: Sequence[str], session: Session) -> str:
    """The project's name."""
    wanted = asked or session.environment.get("COMPOSE_PROJECT_NAME", "")
    if wanted:
        if _normal_name(wanted) != wanted:
            raise _bad_name(
                f'invalid project name "{wanted}": must consist only of lowercase '
                "alphanumeric characters, hyphens, and underscores as well as start "
                "with a letter or number",
                _normal_name(wanted),
            )
        return wanted
    said = substituted(_name_in_files(paths, session), session.environment)
    name = _normal_name(said or posixpath.basename(session.folder))
    if not name:
        raise _bad_name("project name must not be empty", "")
    return name


def _bad_name(text: str, better: str) -> Refusal:
    return refusal(
        "",
        text,
        rule="a project's name has a-z, 0-9, - and _, and begins with none of the last",
        remedy=f"--project-name {better or 'shop'}",
    )


def _name_in_files(paths: Sequence[str], session: Session) -> str:
    """The last ``name:`` of all files; what is wrong with them is refused later."""
    found = ""
    for path in paths:
        try:
            read = session.documents(path)
        except Refusal:
            continue
        for document in read:
            value = document.tree.value
            name = value.get("name") if isinstance(value, dict) else None
            found = name if isinstance(name, str) and name else found
    return found


def _normal_name(name: str) -> str:
    """A name as projects have them.

    >>> _normal_name("My Shop_2")
    'myshop_2'
    """
    return re.sub("[^a-z0-9_-]", "", name.lower()).lstrip("_-")

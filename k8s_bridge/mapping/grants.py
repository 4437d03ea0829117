"""Configs and secrets as files: the volume and the mount of each grant.

```
 secrets a, b ─▶ /run/secrets/a, /run/secrets/b   one projected volume at /run/secrets
 config c     ─▶ /etc/c.conf                      its own volume, mounted with subPath
```

A folder that holds nothing but secrets is mounted as a whole, so that a change of the
Secret arrives. Anywhere else the image has files of its own beside it, so only the file
is mounted. Invariant: each file is exactly at its path, and no other path is hidden.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from k8s_bridge.application import Grant, Service
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.mapping.store import Store, Vault
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["Placed", "grant_notes", "granted"]

_FOLDER = "/run/secrets"
_UNSAID = 0o644  # what Kubernetes gives files of which nobody says a mode


class Placed(NamedTuple):
    """A mount, and the volume that it needs; equal keys share one volume."""

    key: tuple[str, ...]
    wish: str
    source: Fields
    mount: Fields


class _File(NamedTuple):
    """A grant with what it grants: ``kind`` is configMap or secret."""

    kind: str
    grant: Grant
    vault: Vault


def granted(service: Service, store: Store, mounted: Iterable[str]) -> Iterator[Placed]:
    """The mounts for all grants of a service; ``mounted`` are its other paths."""
    files = {f.grant.target.rstrip("/"): f for f in _files(service, store)}
    together = [f for f in files.values() if _in_folder(f)]
    if together and not any(f"{p}/".startswith(f"{_FOLDER}/") for p in mounted):
        yield _whole(together)
    else:
        together = []
    for file in files.values():
        if file not in together:
            yield _single(file)


def _files(service: Service, store: Store) -> Iterator[_File]:
    for kind, grants, vaults in (
        ("configMap", service.configs, store.configs),
        ("secret", service.secrets, store.secrets),
    ):
        for grant in grants:
            if grant.source in vaults and _path_ok(grant):
                yield _File(kind, grant, vaults[grant.source])


def _path_ok(grant: Grant) -> bool:
    return grant.target.startswith("/") and ":" not in grant.target


def _in_folder(file: _File) -> bool:
    folder, _, name = file.grant.target.rpartition("/")
    return file.kind == "secret" and folder == _FOLDER and name not in ("", "..", ".")


def _whole(files: list[_File]) -> Placed:
    mount: Fields = {"mountPath": _FOLDER, "readOnly": True}
    if len(files) == 1:
        [file] = files
        name = file.grant.target.rpartition("/")[2]
        items = [] if _alone(file) and file.vault.key == name else [_item(file)]
        source = {
            "secretName": file.vault.name,
            **_default_mode(file.grant),
            **fields(items=items),
        }
        key = ("secret", file.vault.name, file.grant.target, str(file.grant.mode))
        return Placed(key, file.vault.name, {"secret": source}, mount)
    sources = [
        {"secret": {"name": file.vault.name, "items": [_item(file, own_mode=True)]}}
        for file in files
    ]
    targets = (f"{f.vault.name} {f.grant.target} {f.grant.mode}" for f in files)
    projected: Fields = {"projected": {"sources": sources}}
    return Placed(("projected", *targets), "secrets", projected, mount)


def _alone(file: _File) -> bool:
    """Whether nothing else lies in the object: we made it."""
    return file.vault.made


def _item(file: _File, *, own_mode: bool = False) -> Fields:
    name = file.grant.target.rpartition("/")[2]
    mode = _mode(file.grant) if own_mode else ""
    return {"key": file.vault.key, "path": name, **fields(mode=mode)}


def _mode(grant: Grant) -> int | str:
    """What the file's mode has to be said to be, "" where it needs no word."""
    mode = _UNSAID if grant.mode is None else grant.mode & 0o777
    return "" if mode == _UNSAID else mode


def _default_mode(grant: Grant) -> Fields:
    return fields(defaultMode=_mode(grant))


def _single(file: _File) -> Placed:
    vault, grant = file.vault, file.grant
    name = "secretName" if file.kind == "secret" else "name"
    source: Fields = {name: vault.name, **_default_mode(grant)}
    mount: Fields = {
        "mountPath": grant.target,
        "subPath": vault.key,
        "readOnly": True,
    }
    key = (file.kind, vault.name, str(grant.mode))
    return Placed(key, vault.name, {file.kind: source}, mount)


def grant_notes(service: Service, store: Store) -> Iterator[Note]:
    """What became of each config and secret that a service gets, by its path."""
    for word, kind, grants, vaults in (
        ("configs", "ConfigMap", service.configs, store.configs),
        ("secrets", "Secret", service.secrets, store.secrets),
    ):
        for grant in grants:
            about = f"{word}@{grant.target}"
            where = f"{grant.source} at {grant.target}"
            vault = vaults.get(grant.source)
            if vault is None:
                yield lost(about, f"{where}: nothing of this name is declared")
            elif not _path_ok(grant):
                yield lost(about, f"{where}: no absolute path without colons")
            elif vault.made:
                yield kept(about, f"{where}: {kind} {vault.name}")
            else:
                how = f"{kind} {vault.name}, key {vault.key}: others must make it"
                yield changed(about, f"{where}: {how}")
            if grant.uid not in ("", "0") or grant.gid not in ("", "0"):
                owner = ":".join(filter(None, (grant.uid, grant.gid)))
                why = f"the file is root's, not {owner}'s: its mode decides who reads"
                yield lost(about, f"{where}: {why}")

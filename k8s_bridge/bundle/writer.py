"""A bundle's files on disk: interrupted anywhere and run again, it ends the same.

```
 bundle.json: what will be ours ─▶ each file: .NAME.partial, fsync, rename
                                ─▶ what was ours and is no more goes
                                ─▶ bundle.json: what is ours
```

This is a shell: it writes files. ``bundle.json`` has a digest of each file that this
program made. A file with another digest was changed, or is somebody's: it is never
written over and never removed, but refused or left. No symbolic link is followed.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from k8s_bridge.bundle.files import File
from minidock.errors import Conflict, InvalidParameter, Refusal

__all__ = ["keep", "write"]

_MARK = "bundle.json"
_PRIVATE = "secrets"
_KIND = "k8s-bridge migrate"


def write(folder: Path, files: Mapping[str, File]) -> None:
    """Makes the folder hold the files, and those alone of what this program made.

    Raises:
        Conflict: a file there is somebody's, or was changed since.
        InvalidParameter: the folder cannot be written.
    """
    wanted = {name: _digest(file.data) for name, file in files.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = _made(folder)
        _check(folder, wanted, made)
        both = {n: {*made.get(n, ()), wanted[n]} for n in wanted}
        _mark(folder, {**made, **both})
        for name, file in sorted(files.items()):
            _put(folder, name, file)
        gone = sorted(made.keys() - wanted.keys())
        for name in gone:
            _take_away(folder, name, made[name])
        _mark(folder, {name: {digest} for name, digest in wanted.items()})
    except OSError as error:
        raise _unwritable(folder, error) from error


def keep(folder: Path, name: str, parts: Iterable[bytes]) -> bool:
    """Saves an archive part by part, unless it is there; whether it had to be saved.

    Raises:
        InvalidParameter: the folder cannot be written.
    """
    try:
        target = _placed(folder, name)
        if target.exists():
            return False
        _replace(target, parts, 0o600)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return True


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _unwritable(folder: Path, error: OSError) -> Refusal:
    return InvalidParameter(
        f"cannot write to {error.filename or folder}: {error.strerror}",
        asked=f"write a bundle to {folder}",
        rule=str(error.strerror),
        remedy="--to the name of a folder that can be written",
    )


def _made(folder: Path) -> dict[str, set[str]]:
    """The digests under which this program made each file there."""
    try:
        found = json.loads((folder / _MARK).read_text("utf-8"))
        if found["made by"] == _KIND:
            return {str(name): set(map(str, d)) for name, d in found["files"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise Conflict(
        f"{folder / _MARK} is none that k8s-bridge wrote",
        asked=f"write a bundle to {folder}",
        rule="what others made is not written over",
        remedy="--to another folder",
    )


def _mark(folder: Path, made: Mapping[str, set[str]]) -> None:
    files = {name: sorted(digests) for name, digests in sorted(made.items())}
    text = json.dumps({"made by": _KIND, "files": files}, indent=1) + "\n"
    _put(folder, _MARK, File(text.encode()))


def _check(
    folder: Path, wanted: Mapping[str, str], made: Mapping[str, set[str]]
) -> None:
    """Refuses before anything is written."""
    for name, digest in wanted.items():
        path = _placed(folder, name, make=False)
        found = _digest_at(path)
        if found is not None and found not in {digest, *made.get(name, ())}:
            raise Conflict(
                f"{path} was changed, or is not ours",
                asked=f"write a bundle to {folder}",
                rule="what others wrote is not written over",
                remedy="move it away, or --to another folder",
            )


def _digest_at(path: Path) -> str | None:
    """The digest of a file; None if nothing is there."""
    if path.is_symlink() or path.is_dir():
        return "no file"
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _placed(folder: Path, name: str, *, make: bool = True) -> Path:
    """Where a file goes; folders on the way are made, and must be no links."""
    at = folder
    for part in PurePosixPath(name).parts[:-1]:
        at /= part
        if at.is_symlink() or (at.exists() and not at.is_dir()):
            raise Conflict(
                f"{at} is no folder",
                asked=f"write a bundle to {folder}",
                rule="links are not followed",
                remedy="move it away, or --to another folder",
            )
        if make:
            at.mkdir(exist_ok=True, mode=0o700 if part == _PRIVATE else 0o755)
    return folder / name


def _put(folder: Path, name: str, file: File) -> None:
    path = _placed(folder, name)
    with suppress(OSError):
        mode = path.lstat().st_mode & 0o777
        if mode == file.mode and _digest_at(path) == _digest(file.data):
            return
    _replace(path, [file.data], file.mode)


def _replace(path: Path, parts: Iterable[bytes], mode: int) -> None:
    """Writes beside it and renames, so that a name has all of a file or none."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)  # left by a run that was cut
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(partial, flags, 0o600), "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    partial.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_away(folder: Path, name: str, digests: set[str]) -> None:
    """Removes a file of an earlier run, if it is still as it was made."""
    path = folder / name
    if any(p.is_symlink() for p in _ways(folder, name)):
        return
    if _digest_at(path) in digests:
        path.unlink()
    for way in _ways(folder, name):
        with suppress(OSError):  # others have files there
            way.rmdir()


def _ways(folder: Path, name: str) -> Iterator[Path]:
    """The folders of a file below the bundle's, the innermost first."""
    at = (folder / name).parent
    while at != folder and folder in at.parents:
        yield at
        at = at.parent

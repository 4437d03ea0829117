"""Programs for files and folders: ls, mkdir, rm, cp, mv, touch, find, readlink.

The files are those that :mod:`minidock.runtime.files` knows: what Docker makes, what
programs wrote, and a few that every image has.
"""

import posixpath
from collections.abc import Sequence

from minidock.model.archive import bytes_of
from minidock.runtime.files import FileRefused, Files
from minidock.runtime.finished import Finished
from minidock.runtime.options import options
from minidock.runtime.process import Process, Program, Result, usage

__all__ = ["FOLDERS"]

_MISSING = "No such file or directory"


def _ls(process: Process) -> Finished:
    given = options(process.arguments, "alA1hdRrtFpSi")
    if given.unknown:
        return usage(process, "[-1Aald] [FILE]...")
    files, errors = process.files, ""
    names = given.rest or (".",)
    for name in names:
        if not files.exists(name):
            errors += f"ls: {name}: {_MISSING}\n"
    single = [
        n for n in names if files.exists(n) and not _opened(files, n, given.flags)
    ]
    blocks = [_lines(files, single, given.flags)] if single else []
    for name in names:
        if _opened(files, name, given.flags):
            title = f"{name}:\n" if len(names) > 1 else ""
            inside = [
                item
                for item in files.listing(name)
                if not item.startswith(".") or given.flags & {"a", "A"}
            ]
            hidden = [".", ".."] if "a" in given.flags else []
            paths = [*hidden, *inside]
            blocks.append(title + _lines(files, paths, given.flags, name))
    return Finished(stdout="\n".join(blocks), stderr=errors, code=int(bool(errors)))


def _opened(files: Files, name: str, flags: frozenset[str]) -> bool:
    return files.is_folder(name) and "d" not in flags


def _lines(
    files: Files, names: Sequence[str], flags: frozenset[str], within: str = ""
) -> str:
    marked = bool(flags & {"p", "F"})
    if "l" not in flags:
        return "".join(
            f"{_marked(files, within, name) if marked else name}\n" for name in names
        )
    lines = []
    for name in names:
        path = posixpath.join(within, name)
        folder = files.is_folder(path)
        size = 4096 if folder else len(bytes_of(files.read(path) or ""))
        mode = "drwxr-xr-x" if folder else "-rw-r--r--"
        links = 2 if folder else 1
        shown = _marked(files, within, name) if marked else name
        lines.append(
            f"{mode} {links:4} root     root     {size:9} Jan  1 00:00 {shown}\n"
        )
    return "".join(lines)


def _marked(files: Files, within: str, name: str) -> str:
    """The name with the mark of what it is: a slash after a folder's."""
    folder = files.is_folder(posixpath.join(within, name))
    return f"{name}/" if folder and not name.endswith("/") else name


def _changed(files: Files, errors: str) -> Result:
    return Result(stderr=errors, code=int(bool(errors)), files=files)


def _mkdir(process: Process) -> Finished:
    given = options(process.arguments, "pv", "m")
    if given.unknown or not given.rest:
        return usage(process, "[-m MODE] [-p] DIRECTORY...")
    files, errors = process.files, ""
    for name in given.rest:
        path = files.path(name)
        above = posixpath.dirname(path)
        if "p" in given.flags:
            for place in _parents(path):
                files = files if files.is_folder(place) else files.make_folder(place)
        elif files.exists(path):
            errors += f"mkdir: can't create directory '{name}': File exists\n"
        elif not files.is_folder(above):
            errors += f"mkdir: can't create directory '{name}': {_MISSING}\n"
        else:
            files = files.make_folder(path)
    return _changed(files, errors)


def _parents(path: str) -> list[str]:
    parts = path.strip("/").split("/")[:50]
    return ["/" + "/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _touch(process: Process) -> Finished:
    given = options(process.arguments, "cam", "dtr")
    if given.unknown or not given.rest:
        return usage(process, "[-c] FILE...")
    files, errors = process.files, ""
    for name in given.rest:
        if files.exists(name) or "c" in given.flags:
            continue
        files, fault = _write(files, name, "")
        errors += f"touch: {name}: {fault}\n" if fault else ""
    return _changed(files, errors)


def _write(files: Files, name: str, text: str) -> tuple[Files, str]:
    """The files with this one written, or the same ones and what was wrong."""
    try:
        return files.write(name, text), ""
    except FileRefused as refusal:
        words = str(refusal)
        return files, _MISSING if words == "nonexistent directory" else words


def _rm(process: Process) -> Finished:
    given = options(process.arguments, "rRfi")
    if given.unknown or not (given.rest or "f" in given.flags):
        return usage(process, "[-rf] FILE...")
    files, errors = process.files, ""
    for name in given.rest:
        if not files.exists(name):
            missing = f"rm: can't remove '{name}': {_MISSING}\n"
            errors += "" if "f" in given.flags else missing
        elif files.is_folder(name) and not given.flags & {"r", "R"}:
            errors += f"rm: '{name}' is a directory\n"
        else:
            files = files.remove(name)
    return _changed(files, errors)


def _rmdir(process: Process) -> Finished:
    files, errors = process.files, ""
    for name in process.arguments:
        if not files.is_folder(name):
            errors += f"rmdir: '{name}': {_MISSING}\n"
        elif files.listing(name):
            errors += f"rmdir: '{name}': Directory not empty\n"
        else:
            files = files.remove(name)
    return _changed(files, errors)


def _copied(process: Process) -> Finished:
    """`cp` and `mv`, of single files."""
    given = options(process.arguments, "arRpfinTuv")
    if given.unknown or len(given.rest) < 2:
        return usage(process, "SOURCE... DEST")
    *sources, target = given.rest
    files, errors = process.files, ""
    for source in sources:
        text = files.read(source)
        if text is None:
            verb = "stat" if process.name == "cp" else "rename"
            reason = _MISSING
            if files.is_folder(source):
                reason = "folders are not copied here"
            errors += f"{process.name}: can't {verb} '{source}': {reason}\n"
            continue
        place = target
        if files.is_folder(target):
            place = posixpath.join(target, posixpath.basename(source))
        files, fault = _write(files, place, text)
        if fault:
            errors += f"{process.name}: can't create '{place}': {fault}\n"
        elif process.name == "mv":
            files = files.remove(source)
    return _changed(files, errors)


def _find(process: Process) -> Finished:
    words = [word for word in process.arguments if not word.startswith("-")]
    if len(words) != len(process.arguments):
        text = "find: only the folders to list are simulated here\n"
        return Finished(stderr=text, code=1)
    found, errors = [], ""
    for name in words or ["."]:
        if not process.files.exists(name):
            errors += f"find: {name}: {_MISSING}\n"
            continue
        top = process.files.path(name).rstrip("/")
        below = {
            item.rstrip("/")
            for item in process.files.names()
            if item.startswith(f"{top}/") and item.rstrip("/") != top
        }
        found += [name, *(name.rstrip("/") + p[len(top) :] for p in sorted(below))]
    text = "".join(f"{item}\n" for item in found)
    return Finished(stdout=text, stderr=errors, code=int(bool(errors)))


def _realpath(process: Process) -> Finished:
    lines = [process.files.path(word) for word in process.arguments]
    return Finished(stdout="".join(f"{line}\n" for line in lines))


FOLDERS: dict[str, Program] = {
    "cp": _copied,
    "find": _find,
    "ls": _ls,
    "mkdir": _mkdir,
    "mv": _copied,
    "readlink": _realpath,
    "realpath": _realpath,
    "rm": _rm,
    "rmdir": _rmdir,
    "touch": _touch,
}

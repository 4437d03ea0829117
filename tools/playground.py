"""Build the playground: one folder that any web server can serve.

```
 npm pack pyodide ──▶ build/cache/pyodide-*.tgz  checked against the sum below
                          │
 minidock, k8s_bridge ──▶ compiled by that very Python
                          │
 docs/playground/* ─────▶ build/playground/      docs/lessons/* come along
                              files.js           every file and its size, a version
```

    python -m tools.playground [--out FOLDER]
    python -m http.server -d build/playground

Invariants: the same sources give the same octets; what is in the cache is used only if
its sum is right; nothing else than Pyodide is fetched.
"""

import argparse
import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Missing", "build", "main"]

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "playground"
PYODIDE = "314.0.7"
SUM = (
    "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7"
    "y2q+SNvi/6V5JEsOlD2R1A=="
)
"""Of the package's archive, as lock files write it."""

_TAKEN = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
_LEFT_OUT = (
    "minidock/server/",  # sockets
    "minidock/pytest_plugin.py",
    "minidock/registry/etcd",  # clients of stores: sockets again
    "minidock/registry/consul",
    "minidock/registry/zookeeper",
    "minidock/registry/sqlite",
    "k8s_bridge/applying",  # real clusters
    "k8s_bridge/cluster",
    "k8s_bridge/cli",
)
"""What a browser cannot use, by the beginning of its path."""

_LICENCES = """\
minidock and this page: Apache-2.0.
Pyodide {version} (pyodide.mjs, pyodide.asm.mjs, pyodide.asm.wasm): MPL-2.0, unchanged;
its source is at github.com/pyodide/pyodide.
Python (in the same files and in python_stdlib.zip): the PSF License Agreement.
PyYAML (in k8s.zip): MIT.
"""


class Missing(Exception):
    """Something that building needs is not here; the text says what, and what helps."""


def build(out: Path, cache: Path) -> Path:
    """Build the playground into a folder, which is emptied first; the folder.

    Raises:
        Missing: npm or node is not installed, or the package did not come.
    """
    archive = _pyodide(cache)
    if out.exists():
        shutil.rmtree(out)
    (out / "pyodide").mkdir(parents=True)
    _unpack(archive, out / "pyodide")
    for file in sorted(PAGE.iterdir()):
        if file.is_file():
            shutil.copyfile(file, out / file.name)
    _packages(out)
    lessons = _lessons(out)
    text = _LICENCES.format(version=PYODIDE)
    (out / "licences.txt").write_text(text, encoding="utf-8")
    _list(out, lessons)
    return out


# --- Pyodide --------------------------------------------------------------------------


def _pyodide(cache: Path) -> Path:
    """The archive in the cache; fetched if it is not there, or not whole."""
    archive = cache / f"pyodide-{PYODIDE}.tgz"
    if _sum(archive) == SUM:
        return archive
    npm = _program("npm")
    cache.mkdir(parents=True, exist_ok=True)
    # in a folder of its own, and then put in place at once: two builds do not meet
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        done = subprocess.run(  # noqa: S603 - npm, by its path
            [npm, "pack", "--silent", f"pyodide@{PYODIDE}"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if done.returncode:
            raise Missing(
                f"npm could not fetch pyodide {PYODIDE}:\n{done.stderr.strip()}\n"
                f"With a network, or with {archive.name} in {cache}, it goes on."
            )
        came = Path(folder, archive.name)
        if _sum(came) != SUM:
            raise Missing(f"{archive.name} is not what was asked for: its sum differs.")
        came.replace(archive)
    return archive


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(
            f"{name} is not installed.\n"
            "The playground carries Pyodide, which comes from npm, and is compiled by\n"
            "it under node.\n"
            "On Debian and Ubuntu: apt install npm"
        )
    return found


def _sum(file: Path) -> str:
    if not file.is_file():
        return ""
    digest = hashlib.sha512(file.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"


def _unpack(archive: Path, folder: Path) -> None:
    """The few files that a browser needs, and a list of packages that has none."""
    with tarfile.open(archive) as tar:
        for name in _TAKEN:
            found = tar.extractfile(f"package/{name}")
            if found is None:
                raise Missing(f"{archive.name} has no {name}")
            (folder / name).write_bytes(found.read())
        lock = tar.extractfile("package/pyodide-lock.json")
        info = json.loads(lock.read())["info"] if lock else {}
    text = json.dumps({"info": info, "packages": {}})
    (folder / "pyodide-lock.json").write_text(text, encoding="utf-8")


# --- our packages ---------------------------------------------------------------------


def _packages(out: Path) -> None:
    """minidock.zip and k8s.zip, compiled."""
    node = _program("node")
    yaml = find_spec("yaml")
    if yaml is None or yaml.origin is None:
        raise Missing("PyYAML is not installed: make venv")
    sources = {
        "minidock.zip": [(ROOT, "minidock")],
        "k8s.zip": [(ROOT, "k8s_bridge"), (Path(yaml.origin).parents[1], "yaml")],
    }
    with tempfile.TemporaryDirectory() as folder:
        words: list[str] = []
        for name, packages in sources.items():
            source = Path(folder, name)
            source.write_bytes(_zipped(packages))
            words += [str(source), str(out / name)]
        compiler = str(ROOT / "tools" / "compile.mjs")
        done = subprocess.run(  # noqa: S603 - node, by its path
            [node, compiler, str(out / "pyodide"), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    if done.returncode:
        raise Missing(f"node could not compile the packages:\n{done.stderr[-2000:]}")


def _zipped(packages: list[tuple[Path, str]]) -> bytes:
    """The sources of some packages as one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for root, package in packages:
            for file in _sources(root, package):
                name = file.relative_to(root).as_posix()
                archive.writestr(zipfile.ZipInfo(name), file.read_bytes())
    return out.getvalue()


def _sources(root: Path, package: str) -> Iterator[Path]:
    for file in sorted((root / package).rglob("*")):
        name = file.relative_to(root).as_posix()
        wanted = file.suffix in {".py", ".toml", ".json", ".txt"}
        if file.is_file() and wanted and not name.startswith(_LEFT_OUT):
            yield file


# --- lessons, and the list of all files -----------------------------------------------


def _lessons(out: Path) -> dict[str, str]:
    """The lessons and their pictures, as they are; each lesson's title by its stem."""
    titles: dict[str, str] = {}
    (out / "lessons").mkdir()
    for file in sorted((ROOT / "docs" / "lessons").glob("[0-9][0-9]-*.md")):
        text = file.read_text(encoding="utf-8")
        titles[file.stem] = text.partition("\n")[0].removeprefix("# ").strip()
        (out / "lessons" / file.name).write_text(text, encoding="utf-8")
    (out / "pictures").mkdir()
    pages = "\n".join(
        file.read_text(encoding="utf-8") for file in (out / "lessons").iterdir()
    )
    for file in sorted((ROOT / "docs" / "pictures").glob("*.svg")):
        if re.search(rf"/{re.escape(file.name)}\)", pages):
            shutil.copyfile(file, out / "pictures" / file.name)
    return titles


def _list(out: Path, lessons: dict[str, str]) -> None:
    """files.js: what there is, how large, and a version that changes with any of it."""
    files = sorted(file for file in out.rglob("*") if file.is_file())
    names = {file.relative_to(out).as_posix(): file for file in files}
    digest = hashlib.sha256()
    for name, file in names.items():
        digest.update(f"{name}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
    sizes = {n: f.stat().st_size for n, f in names.items() if n != "sw.js"}
    lines = (
        f'self.VERSION = "{digest.hexdigest()[:16]}";',
        f"self.LESSONS = {json.dumps(lessons, indent=1)};",
        f"self.FILES = {json.dumps({**sizes, 'files.js': 0}, indent=1)};",
    )
    (out / "files.js").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(words: list[str] | None = None) -> int:
    """Build, and say what was built; 2 where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m tools.playground")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "playground")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "cache")
    arguments = parser.parse_args(words)
    try:
        out = build(arguments.out, arguments.cache)
    except Missing as missing:
        print(f"the playground was not built: {missing}", file=sys.stderr)
        return 2
    octets = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    shown = out.relative_to(ROOT) if out.is_relative_to(ROOT) else out
    print(f"{shown}: {octets / 1e6:.1f} MB, for any web server:")
    print(f"  python3 -m http.server --bind 127.0.0.1 -d {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The files of a container: those that Docker makes, and those that programs wrote.

```
 read(path) ── written by a program?            its text, or "no such file" if removed
            ── /etc/hosts, hostname, resolv.conf   read off the World
            ── /proc/sys/net, /sys/class/net       read off the Machine
            ── in the image's tars                 of an imported or loaded image
            ── a few that every image has          passwd, os-release, a start page
```

Invariants: paths are absolute and canonical; a path that ends in ``/`` is a folder that
a program made; programs write at most ``SPACE`` characters.

Odd on purpose: what Docker keeps up to date in a container (hosts, hostname,
resolv.conf) cannot be written here, since names are resolved by the World.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from minidock.commands.leaving import files_seen, mount_at
from minidock.model.archive import Kind, Node, resolved, text_of, tree_of, whiteouts
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.hosts import hostname_file, hosts_file, resolv_conf
from minidock.views.console import container_command

__all__ = [
    "ROOM",
    "SPACE",
    "FileRefused",
    "Files",
    "files_of",
    "image_files",
    "is_kept",
    "start_page",
]

ROOM = 300_000
"""The most characters of a text that a program works with."""
SPACE = 16_000_000
"""The most characters that all files have which were written in a container."""
_NULL = frozenset({"/dev/null", "/dev/zero", "/dev/full", "/dev/random"})
_KEPT = {"/etc/hosts": hosts_file, "/etc/hostname": hostname_file}
_FOLDERS = frozenset(
    """/ /bin /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys
    /tmp /usr /usr/bin /usr/lib /usr/local /usr/local/bin /usr/sbin /usr/share /var
    /var/cache /var/lib /var/log /var/run /var/tmp /var/www""".split()
)
_USERS = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
_ROOT_FILE_SYSTEM = re.compile(r"(alpine|debian|ubuntu|fedora|centos)-\D*([\d.]+)")
_SYSTEMS = {
    "alpine": "Alpine Linux",
    "debian": "Debian GNU/Linux",
    "ubuntu": "Ubuntu",
    "fedora": "Fedora Linux",
    "centos": "CentOS Linux",
}
_PAGES = {
    "nginx": "/usr/share/nginx/html",
    "httpd": "/usr/local/apache2/htdocs",
    "caddy": "/usr/share/caddy",
    "php": "/var/www/html",
}
"""Where the images of web servers keep the page that they show."""


class FileRefused(Exception):
    """A file cannot be written; the text is what the kernel or the model says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What a container's programs can read and write; see the module's picture."""

    world: World
    container: Container
    folder: str = "/"
    """The current folder."""
    written: Mapping[str, str | None] = field(default_factory=dict)

    def path(self, word: str) -> str:
        """The absolute, canonical path that a word means here."""
        path = posixpath.normpath(posixpath.join(self.folder, word))
        return "/" + path.lstrip("/")

    def read(self, word: str) -> str | None:
        """The text of a file; None where there is none."""
        path = self.path(word) if "*" not in word else word
        if path in self.written:
            return self.written[path]
        if path in _NULL:
            return ""
        if path in _KEPT:
            return _KEPT[path](self.world, self.container)
        if path == "/etc/resolv.conf":
            return resolv_conf(self.world, self.container)
        if path.startswith(("/proc/", "/sys/")):
            return self._kernel(path)
        return self._of_image(path)

    def _of_image(self, path: str) -> str | None:
        node = None
        if self._tree and mount_at(self.container, path) is None:
            node = self._tree.get(resolved(self._tree, path))
        if node is not None:
            return text_of(node.data) if node.member.kind is Kind.FILE else None
        return _given(self.world, self.container).get(path)

    def node(self, path: str) -> Node | None:
        """What the image itself has at a path, if nobody wrote there since."""
        if path in self.written or f"{path}/" in self.written:
            return None
        return self._tree.get(path)

    @property
    def _tree(self) -> Mapping[str, Node]:
        image = self.world.images.get(self.container.image_id)
        return tree_of(image.trees) if image is not None and image.trees else {}

    def _kernel(self, path: str) -> str | None:
        answer = container_command(self.world, self.container.id, f"cat {path}")
        return None if answer is None or answer.code else answer.stdout

    def is_folder(self, word: str) -> bool:
        """Whether it is a folder that is known, or holds a file that is."""
        path = self.path(word)
        if self.written.get(f"{path}/", "") is None:
            return False
        if path in _FOLDERS or f"{path}/" in self.written:
            return True
        node = self._tree.get(resolved(self._tree, path)) if self._tree else None
        if node is not None and self.written.get(path, "") is not None:
            return node.member.kind is Kind.FOLDER
        within = path.rstrip("/") + "/"
        return any(name.startswith(within) for name in self.names())

    def exists(self, word: str) -> bool:
        """Whether there is a file or folder of that name."""
        return self.is_folder(word) or self.read(word) is not None

    def names(self) -> Iterator[str]:
        """The paths of all files and folders that can be listed; O(files)."""
        given = {*_KEPT, "/etc/resolv.conf", *_given(self.world, self.container)}
        given |= {
            f"{path}/" if node.member.kind is Kind.FOLDER else path
            for path, node in self._tree.items()
        }
        yield from (name for name in given if name not in self.written)
        yield from (name for name, text in self.written.items() if text is not None)
        yield from (f"{mount}/" for mount in _mounted(self.container))

    def listing(self, word: str) -> list[str]:
        """The names in a folder, sorted; O(files)."""
        within = self.path(word).rstrip("/") + "/"
        paths = [*self.names(), *(f"{path}/" for path in _FOLDERS)]
        inside = {
            path.removeprefix(within).partition("/")[0]
            for path in paths
            if path.startswith(within)
        }
        return sorted(inside - {""})

    def write(self, word: str, text: str, *, append: bool = False) -> "Files":
        """The files after a file was written.

        Raises:
            FileRefused: the folder is not there, the path is a folder, the model keeps
                that file itself, or there is no room left.
        """
        path = self.path(word)
        if path in _NULL:
            return self
        if path in {*_KEPT, "/etc/resolv.conf"}:
            raise FileRefused("kept by the engine here; see --add-host, --dns")
        if path.startswith(("/proc/", "/sys/")):
            raise FileRefused("Read-only file system")
        if self.is_read_only(path):
            raise FileRefused("Read-only file system")
        if self.is_folder(path):
            raise FileRefused("Is a directory")
        if not self.is_folder(posixpath.dirname(path)):
            raise FileRefused("nonexistent directory")
        old = self.read(path) or "" if append else ""
        return self._with(path, old + text)

    def is_read_only(self, path: str) -> bool:
        """Whether the path lies in what is mounted for reading only."""
        mount = mount_at(self.container, path)
        if mount is not None:
            return not mount.flag("RW")
        return self.container.host_config.flag("ReadonlyRootfs")

    def make_folder(self, word: str) -> "Files":
        """The files after a folder was made."""
        return self._with(f"{self.path(word)}/", "")

    def remove(self, word: str) -> "Files":
        """The files without this one, and without all that is below it."""
        path = self.path(word)
        gone = [name for name in self.names() if name.startswith(f"{path}/")]
        written = {**self.written, path: None, **dict.fromkeys(gone)}
        if self.is_folder(path):
            written[f"{path}/"] = None
        return replace(self, written=written)

    def _with(self, path: str, text: str) -> "Files":
        written = {**self.written, path: text}
        if sum(map(len, filter(None, written.values()))) > SPACE:
            raise FileRefused("No space left on device")
        return replace(self, written=written)


def is_kept(path: str) -> bool:
    """Whether the engine keeps the file at a path, so that nobody writes it."""
    return path in {*_KEPT, "/etc/resolv.conf"} or path.startswith(("/proc/", "/sys/"))


def image_files(world: World, container: Container) -> Files:
    """The files of a container as they were before anybody wrote."""
    return Files(world=world, container=container)


def files_of(world: World, container: Container, folder: str = "") -> Files:
    """The files of a container, seen from a folder (its working folder if "")."""
    files = Files(
        world=world, container=container, written=files_seen(world, container)
    )
    return replace(
        files, folder=files.path(folder or container.config.text("WorkingDir") or "/")
    )


def _mounted(container: Container) -> Iterator[str]:
    for mount in container.mounts:
        yield mount.text("Destination").rstrip("/") or "/"
    working = container.config.text("WorkingDir")
    if working:
        yield working.rstrip("/")


def _family(world: World, container: Container) -> str:
    image = world.images.get(container.image_id)
    names = image.references if image is not None else ()
    reference = names[0] if names else container.image
    return reference.rpartition("/")[2].partition(":")[0]


def start_page(world: World, container: Container) -> str:
    """The folder whose pages the container's web server shows, or "" for none."""
    return _PAGES.get(_family(world, container), "")


def _given(world: World, container: Container) -> dict[str, str]:
    """The files that come with an image whose own are not known."""
    image = world.images.get(container.image_id)
    if image is None or not image.trees:
        return _supposed(world, container)
    if image.whole:
        return {}
    gone = whiteouts(image.trees)
    return {
        path: text
        for path, text in _supposed(world, container).items()
        if not any(path == name or path.startswith(f"{name}/") for name in gone)
    }


def _supposed(world: World, container: Container) -> dict[str, str]:
    """What every image of its kind has."""
    found = {"/etc/passwd": _USERS, "/etc/group": "root:x:0:\nnobody:x:65534:\n"}
    image = world.images.get(container.image_id)
    bottom = image.layers[0].created_by if image is not None and image.layers else ""
    system = _ROOT_FILE_SYSTEM.search(bottom)
    if system is not None:
        name, version = _SYSTEMS[system[1]], system[2].rstrip(".")
        found["/etc/os-release"] = (
            f'NAME="{name}"\nID={system[1]}\nVERSION_ID="{version}"\n'
            f'PRETTY_NAME="{name} {version}"\n'
        )
    folder = start_page(world, container)
    if folder:
        found[f"{folder}/index.html"] = (
            f"<html><body><h1>{_family(world, container)} works</h1>\n"
            f"<p>You reached the container {container.name}.</p></body></html>\n"
        )
    return found

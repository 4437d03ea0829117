"""``--mount``, ``-v`` and ``--tmpfs``: what a container sees of other file systems.

```
--mount type=bind,src=/a,target=/b ──▶ HostConfig.Mounts [{"Type": "bind", ...}]
-v /a:/b:ro                        ──▶ HostConfig.Binds  ["/a:/b:ro"]
-v /data                           ──▶ Volumes           {"/data": {}}
--tmpfs /run:size=1m               ──▶ HostConfig.Tmpfs  {"/run": "size=1m"}
```

Docker's names: ``opts.MountOpt`` and ``loader.ParseVolume``. Paths that start with a
dot are made absolute by 28 on the machine of the client; here the client's folder is a
parameter.

Invariant: a mount has a type and a target, and only options of its own type.
"""

import re
from posixpath import join, normpath

from minidock.commandline.gotext import record, size, truth
from minidock.commandline.refusal import Cli
from minidock.model.document import Json

__all__ = ["read_mount", "split_volumes", "tmpfs_mounts"]

_NEW_KEYS = ("bind-recursive", "volume-subpath", "image-subpath")  # not in 20.10
_BARE_KEYS = ("readonly", "ro", "volume-nocopy", "bind-nonrecursive")  # alone: true
_TEXT_KEYS = {
    "type": "Type",
    "source": "Source",
    "src": "Source",
    "target": "Target",
    "dst": "Target",
    "destination": "Target",
    "consistency": "Consistency",
}
# key: (the object it belongs to, the name there)
_OPTION_KEYS = {
    "bind-propagation": ("BindOptions", "Propagation"),
    "bind-nonrecursive": ("BindOptions", "NonRecursive"),
    "volume-subpath": ("VolumeOptions", "Subpath"),
    "volume-nocopy": ("VolumeOptions", "NoCopy"),
    "image-subpath": ("ImageOptions", "Subpath"),
}
_OPTIONS_OF = {
    "BindOptions": "bind",
    "VolumeOptions": "volume",
    "ImageOptions": "image",
    "TmpfsOptions": "tmpfs",
}
_RECURSION: dict[str, dict[str, Json]] = {
    "disabled": {"NonRecursive": True},
    "writable": {"ReadOnlyNonRecursive": True},
    "readonly": {"ReadOnlyForceRecursive": True},
}


def read_mount(text: str, cli: Cli, folder: str = "/") -> dict[str, Json]:
    """One ``--mount`` as an entry of ``HostConfig.Mounts``.

    >>> read_mount("type=bind,src=./a,dst=/b,ro", Cli.V28, folder="/home/me")
    {'Type': 'bind', 'Source': '/home/me/a', 'Target': '/b', 'ReadOnly': True}
    >>> read_mount("type=tmpfs", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: target is required
    """
    mount: dict[str, Json] = {"Type": "volume"}
    options: dict[str, dict[str, Json]] = {}
    for field in record(text):
        key, mark, value = field.partition("=")
        key = key.lower()
        if not mark and key not in _BARE_KEYS:
            raise ValueError(f"invalid field '{field}' must be a key=value pair")
        if cli is Cli.V20 and key in _NEW_KEYS:
            raise ValueError(f"unexpected key '{key}' in '{field}'")
        _set(mount, options, field, key, value if mark else "true", cli)
    _check(mount, options)
    return _entry(mount, options, cli, folder)


def _set(  # noqa: PLR0917  # two half-made values, then one field taken apart
    mount: dict[str, Json],
    options: dict[str, dict[str, Json]],
    field: str,
    key: str,
    value: str,
    cli: Cli,
) -> None:
    if key in _TEXT_KEYS:
        mount[_TEXT_KEYS[key]] = value.lower() if key == "type" else value
    elif key in ("readonly", "ro"):
        mount["ReadOnly"] = _truth(key, value)
    elif key in _OPTION_KEYS:
        group, name = _OPTION_KEYS[key]
        read = _truth(key, value) if key in _BARE_KEYS else value
        options.setdefault(group, {})[name] = read
    elif key == "bind-recursive":
        bind = options.get("BindOptions", {})
        _recursion(bind, value)
        if bind:
            options["BindOptions"] = bind
    elif key in ("tmpfs-size", "tmpfs-mode"):
        _tmpfs(options.setdefault("TmpfsOptions", {}), key, value, cli)
    elif key in ("volume-label", "volume-driver", "volume-opt"):
        _volume(options.setdefault("VolumeOptions", {}), key, value)
    else:
        raise ValueError(f"unexpected key '{key}' in '{field}'")


def _truth(key: str, value: str) -> bool:
    try:
        return truth(value)
    except ValueError:
        raise ValueError(f"invalid value for {key}: {value}") from None


def _recursion(bind: dict[str, Json], value: str) -> None:
    if value not in (*_RECURSION, "enabled"):
        raise ValueError(
            f"invalid value for bind-recursive: {value} "
            '(must be "enabled", "disabled", "writable", or "readonly")'
        )
    bind.update(_RECURSION.get(value, {}))


def _tmpfs(tmpfs: dict[str, Json], key: str, value: str, cli: Cli) -> None:
    try:
        if key == "tmpfs-size":
            tmpfs["SizeBytes"] = size(value, cli)
        else:
            tmpfs["Mode"] = int(re.sub(r"[^0-7]", "x", value), 8)
    except ValueError:
        raise ValueError(f"invalid value for {key}: {value}") from None


def _volume(volume: dict[str, Json], key: str, value: str) -> None:
    if key == "volume-label":
        _pair(volume, "Labels", value)
        return
    driver = volume.setdefault("DriverConfig", {})
    if isinstance(driver, dict) and key == "volume-driver":
        driver["Name"] = value
    elif isinstance(driver, dict):
        _pair(driver, "Options", value)


def _pair(holder: dict[str, Json], name: str, text: str) -> None:
    pairs = holder.setdefault(name, {})
    key, _, value = text.partition("=")
    if isinstance(pairs, dict):
        pairs[key] = value


def _check(mount: dict[str, Json], options: dict[str, dict[str, Json]]) -> None:
    for name in ("Type", "Target"):
        if not mount.get(name):
            raise ValueError(f"{name.lower()} is required")
    for group in options:
        kind = _OPTIONS_OF[group]
        if mount["Type"] != kind:
            raise ValueError(
                f"cannot mix '{kind}-*' options with mount type '{mount['Type']}'"
            )
    bind = options.get("BindOptions", {})
    for word, flag in (
        ("writable", "ReadOnlyNonRecursive"),
        ("readonly", "ReadOnlyForceRecursive"),
    ):
        needs = f"option 'bind-recursive={word}' requires"
        if bind.get(flag) and not mount.get("ReadOnly"):
            raise ValueError(f"{needs} 'readonly' to be specified in conjunction")
    if bind.get("ReadOnlyForceRecursive") and bind.get("Propagation") != "rprivate":
        raise ValueError(
            "option 'bind-recursive=readonly' requires "
            "'bind-propagation=rprivate' to be specified in conjunction"
        )


_MOUNT_ORDER = ("Type", "Source", "Target", "ReadOnly", "Consistency")
_GROUP_ORDER = (
    "Propagation",
    "NonRecursive",
    "ReadOnlyNonRecursive",
    "ReadOnlyForceRecursive",
    "NoCopy",
    "Labels",
    "Subpath",
    "DriverConfig",
    "SizeBytes",
    "Mode",
)


def _entry(
    mount: dict[str, Json],
    options: dict[str, dict[str, Json]],
    cli: Cli,
    folder: str,
) -> dict[str, Json]:
    source = str(mount.get("Source", ""))
    if cli is Cli.V28 and mount["Type"] == "bind" and source.startswith("."):
        mount["Source"] = normpath(join(folder, source))
    if "VolumeOptions" in options:
        options["VolumeOptions"].setdefault("DriverConfig", {})
        driver = options["VolumeOptions"]["DriverConfig"]
        if isinstance(driver, dict) and not driver.get("Name"):
            driver.pop("Name", None)
    entry: dict[str, Json] = {key: mount[key] for key in _MOUNT_ORDER if mount.get(key)}
    for group in _OPTIONS_OF:
        if group in options:
            kept = options[group]
            entry[group] = {
                key: kept[key]
                for key in _GROUP_ORDER
                if kept.get(key) or (key == "DriverConfig" and key in kept)
            }
    return entry


def split_volumes(
    texts: tuple[str, ...], cli: Cli, folder: str = "/"
) -> tuple[list[str], list[str]]:
    r"""The ``-v`` values that bind something, and those that only name a path inside.

    Docker is odd here: one letter before the colon is taken for a Windows drive, so
    ``-v v:/data`` makes an anonymous volume at the path ``v:/data``. (The real program
    also loses the order of several; here they keep it.)

    >>> split_volumes(("/a:/b:ro", "./x:/y", "/data", "v:/z"), Cli.V28, "/home/me")
    (['/a:/b:ro', '/home/me/x:/y'], ['/data', 'v:/z'])
    >>> split_volumes(("/a:",), Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: invalid spec: /a:: empty section between colons
    """
    binds: list[str] = []
    paths: list[str] = []
    for text in dict.fromkeys(texts):
        parts = _volume_parts(text)
        if cli is Cli.V28:
            _check_volume(text, parts)
        if len(parts) < 2 or not parts[0] or len(text.encode()) <= 2:
            paths.append(text)
        elif cli is Cli.V28 and text.startswith("."):
            source, _, rest = text.partition(":")
            binds.append(f"{normpath(join(folder, source))}:{rest}")
        else:
            binds.append(text)
    return binds, paths


def _volume_parts(text: str) -> list[str]:
    """The text cut at its colons, save for one after a drive letter."""
    parts = [""]
    for char in text:
        drive = len(parts[-1]) == 1 and parts[-1].isalpha()
        if char == ":" and not drive:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _check_volume(text: str, parts: list[str]) -> None:
    if not text:
        raise ValueError("invalid empty volume spec")
    if len(text.encode()) <= 2:
        return
    for place, part in enumerate(parts, 1):
        if not part:
            raise ValueError(f"invalid spec: {text}: empty section between colons")
        if 3 <= place < len(parts):
            raise ValueError(f"invalid spec: {text}: too many colons")


def tmpfs_mounts(texts: tuple[str, ...]) -> dict[str, str]:
    """``--tmpfs`` values as a map from path to options.

    >>> tmpfs_mounts(("/run:size=1m", "/tmp"))
    {'/run': 'size=1m', '/tmp': ''}
    """
    cut = (text.partition(":") for text in texts)
    return {path: options for path, _, options in cut}

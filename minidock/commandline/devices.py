"""``--device``, ``--gpus`` and the block I/O limits: the hardware of the host.

```
--device /dev/sda:/dev/xvdc:r    ──▶ HostConfig.Devices          path, path, permissions
--device vendor.com/class=name   ──▶ HostConfig.DeviceRequests   driver cdi (28)
--gpus all                       ──▶ HostConfig.DeviceRequests   capabilities gpu
--device-read-bps /dev/sda:1mb   ──▶ HostConfig.BlkioDeviceReadBps
```

Docker's names: ``parseDevice``, ``opts.GpuOpts``, ``opts.ThrottledeviceOpt``.

Invariant: a device has an absolute path inside and permissions out of ``rwm``.
"""

import re

from minidock.commandline.gotext import quote, record, size, whole
from minidock.commandline.refusal import Cli
from minidock.model.document import Json

__all__ = [
    "is_qualified_device",
    "read_device",
    "read_gpus",
    "read_rate",
    "read_weight",
]


def is_qualified_device(text: str) -> bool:
    """Whether a text names a device of the Container Device Interface.

    (The real program 28 panics on a vendor or class of one letter; here it is none.)

    >>> is_qualified_device("vendor.com/class=name"), is_qualified_device("/dev/sda")
    (True, False)
    """
    word = r"[A-Za-z][A-Za-z0-9_-]*[A-Za-z0-9]"
    vendor = r"[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]"
    name = r"[A-Za-z0-9](?:[A-Za-z0-9_.:-]*[A-Za-z0-9])?"
    return re.fullmatch(f"{vendor}/{word}={name}", text, re.ASCII) is not None


def _is_mode(text: str) -> bool:
    return bool(text) and set(text) <= set("rwm") and len(set(text)) == len(text)


def read_device(text: str) -> dict[str, Json]:
    """One ``--device``, ``host[:container][:permissions]``.

    >>> read_device("/dev/sda:r")["CgroupPermissions"]
    'r'
    >>> read_device("/dev/sda:/dev/xvdc:rwx")
    Traceback (most recent call last):
    ...
    ValueError: bad mode specified: rwx
    """
    parts = text.split(":")
    if len(parts) > 3 or not parts[0]:
        raise ValueError(f"bad format for path: {text}")
    host, inside, mode = parts[0], parts[0], "rwm"
    if len(parts) == 3:
        inside, mode = parts[1:]
        if not _is_mode(mode):
            raise ValueError(f"bad mode specified: {mode}")
    elif len(parts) == 2 and _is_mode(parts[1]):
        mode = parts[1]
    elif len(parts) == 2:
        inside = parts[1]
    if not inside.startswith("/"):
        raise ValueError(f"{inside} is not an absolute path")
    return {
        "PathOnHost": host,
        "PathInContainer": inside,
        "CgroupPermissions": mode,
    }


def read_gpus(text: str, cli: Cli) -> dict[str, Json]:
    """One ``--gpus`` as a device request; -1 asks for all.

    >>> read_gpus("all", Cli.V28)["Count"]
    -1
    >>> read_gpus("x", Cli.V20)
    Traceback (most recent call last):
    ...
    ValueError: count must be an integer: strconv.Atoi: parsing "x": invalid syntax
    """
    seen: set[str] = set()
    count, driver, capabilities = 0, "", ["gpu"]
    ids: list[Json] | None = None
    options: dict[str, Json] = {}
    for field in record(text):
        key, mark, value = field.partition("=")
        if key in seen:
            raise ValueError(f"gpu request key '{key}' can be specified only once")
        seen.add(key)
        if not mark or key == "count":
            seen.add("count")
            count = _count(value if mark else key, cli)
        elif key == "driver":
            driver = value
        elif key == "device":
            ids = [*value.split(",")]
        elif key == "capabilities":
            capabilities = [*value.split(","), "gpu"]
        elif key == "options":
            options = {k: v for k, _, v in (o.partition("=") for o in record(value))}
        else:
            raise ValueError(f"unexpected key '{key}' in '{field}'")
    if "count" not in seen and ids is None:
        count = 1
    return {
        "Driver": driver,
        "Count": count,
        "DeviceIDs": ids,
        "Capabilities": [[*capabilities]],
        "Options": options,
    }


def _count(text: str, cli: Cli) -> int:
    if text == "all":
        return -1
    try:
        return whole(text, base=10)
    except ValueError as error:
        why = str(error).rpartition(": ")[2]
        if cli is Cli.V20:
            words = (
                f"count must be an integer: strconv.Atoi: parsing {quote(text)}: {why}"
            )
        else:
            words = (
                f"invalid count ({text}): value must be either "
                f'"all" or an integer: {why}'
            )
        raise ValueError(words) from None


def read_weight(text: str) -> dict[str, Json]:
    """A checked ``--blkio-weight-device`` as the body has it.

    >>> read_weight("/dev/sda:500")
    {'Path': '/dev/sda', 'Weight': 500}
    """
    path, _, weight = text.partition(":")
    return {"Path": path, "Weight": int(weight)}


def read_rate(text: str, cli: Cli, *, in_bytes: bool) -> dict[str, Json]:
    """A checked ``--device-read-bps`` and the like as the body has it.

    >>> read_rate("/dev/sda:1mb", Cli.V28, in_bytes=True)
    {'Path': '/dev/sda', 'Rate': 1048576}
    """
    path, _, rate = text.partition(":")
    return {"Path": path, "Rate": size(rate, cli) if in_bytes else int(rate)}

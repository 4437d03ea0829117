"""`docker inspect CONTAINER` as the oldest clients know it: before API 1.21.

```
                Volumes, VolumesRW   Mounts   Config repeats       Networks
to 1.19         x                             MAC, limits, ...
1.20                                 x        MAC, ...
from 1.21                            x                             x
```

Docker's source: moby, ``api/types/versions/v1p19`` and ``v1p20``.
"""

from minidock.model.container import Container
from minidock.model.document import Json
from minidock.views.api_versions import MOUNTS, PER_NETWORK, ApiVersion

__all__ = ["as_before"]


def as_before(
    shown: dict[str, Json], container: Container, api: ApiVersion
) -> dict[str, Json]:
    """An inspect as this version of the API shows it; newer ones as it is.

    Args:
        shown: the inspect of today.
        container: whose it is.
        api: the version that was asked for.
    """
    if PER_NETWORK.reached(api):
        return shown
    old = dict(shown)
    old["Config"] = _config(shown["Config"], container, api)
    settings = shown["NetworkSettings"]
    if isinstance(settings, dict):
        old["NetworkSettings"] = {
            key: value for key, value in settings.items() if key != "Networks"
        }
    if MOUNTS.reached(api):
        return old
    found: dict[str, Json] = {}
    for key, value in old.items():
        if key == "Mounts":
            found |= _volumes(container)
        else:
            found[key] = value
    return found


def _volumes(container: Container) -> dict[str, Json]:
    """Where each mounted folder comes from, and whether it can be written."""
    sources: dict[str, Json] = {}
    writable: dict[str, Json] = {}
    for mount in sorted(container.mounts, key=lambda m: m.text("Destination")):
        sources[mount.text("Destination")] = mount.text("Source")
        writable[mount.text("Destination")] = mount.flag("RW")
    return {"Volumes": sources, "VolumesRW": writable}


def _config(shown: Json, container: Container, api: ApiVersion) -> dict[str, Json]:
    config = dict(shown) if isinstance(shown, dict) else {}
    mac = config.pop("MacAddress", "")
    disabled = config.pop("NetworkDisabled", False)
    exposed = config.pop("ExposedPorts", None)
    host = container.host_config
    config |= {
        "MacAddress": mac or "",
        "NetworkDisabled": bool(disabled),
        "ExposedPorts": exposed,
        "VolumeDriver": host.text("VolumeDriver"),
    }
    if not MOUNTS.reached(api):
        config |= {
            "Memory": host.number("Memory"),
            "MemorySwap": host.number("MemorySwap"),
            "CpuShares": host.number("CpuShares"),
            "Cpuset": host.text("CpusetCpus"),
        }
    return config

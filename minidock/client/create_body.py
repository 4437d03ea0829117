"""docker-py's keywords for a new container, as the body of POST /containers/create.

```
ports={"80/tcp": 8080}, environment={"A": "1"}, links={"db": "database"}, ...
```

A keyword that this subset does not know is refused, never ignored.
"""

import shlex
from collections.abc import Mapping, Sequence
from typing import cast

from minidock.client.objects_core import Attributes
from minidock.commandline.gotext import size
from minidock.commandline.refusal import Cli
from minidock.errors import InvalidParameter
from minidock.model.document import Json

__all__ = ["create_body"]


def _ports(ports: Mapping[str, object]) -> tuple[dict[str, Json], dict[str, Json]]:
    """docker-py's ``ports``: a number, ``(address, number)``, None, or a list."""
    if not isinstance(ports, Mapping):
        raise InvalidParameter(
            f"ports={ports!r} is no table",
            asked=f"publish {ports}",
            rule="ports is a dict: the container's port, then the host's",
            remedy='ports={"80/tcp": 8080}',
        )
    exposed: dict[str, Json] = {}
    bindings: dict[str, Json] = {}
    for key, value in ports.items():
        name = key if "/" in str(key) else f"{key}/tcp"
        exposed[name] = {}
        entries = value if isinstance(value, list) else [value]
        bindings[name] = [_binding(entry) for entry in entries]
    return exposed, bindings


def _binding(value: object) -> Json:
    if isinstance(value, tuple):
        address, port = (*value, None)[:2]
        return {"HostIp": str(address), "HostPort": "" if port is None else str(port)}
    return {"HostIp": "", "HostPort": "" if value is None else str(value)}


def _environment(value: object) -> list[Json]:
    if isinstance(value, Mapping):
        return [f"{key}={item}" for key, item in value.items()]
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _binds(volumes: object) -> list[Json]:
    """docker-py's ``volumes``: {source: {"bind": target, "mode": "ro"}}, or texts."""
    if not isinstance(volumes, Mapping):
        return [str(item) for item in cast("Sequence[object]", volumes)]
    return [
        f"{source}:{entry['bind']}:{entry.get('mode', 'rw')}"
        if isinstance(entry, Mapping)
        else f"{source}:{entry}"
        for source, entry in volumes.items()
    ]


def _tmpfs(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(path): str(options) for path, options in value.items()}
    return {str(path): "" for path in cast("Sequence[object]", value)}


def _bytes(value: object) -> Json:
    """A number of bytes, or a text such as "512m"."""
    return size(value, Cli("28")) if isinstance(value, str) else _plain(value)


def _labels(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): str(text) for key, text in value.items()}
    return {str(key): "" for key in cast("Sequence[object]", value)}


_CONFIG_KEYS = {
    "hostname": "Hostname",
    "domainname": "Domainname",
    "user": "User",
    "working_dir": "WorkingDir",
    "tty": "Tty",
    "stdin_open": "OpenStdin",
    "mac_address": "MacAddress",
    "stop_signal": "StopSignal",
    "healthcheck": "Healthcheck",
}
_HOST_KEYS = {
    "network_mode": "NetworkMode",
    "publish_all_ports": "PublishAllPorts",
    "auto_remove": "AutoRemove",
    "remove": "AutoRemove",
    "restart_policy": "RestartPolicy",
    "privileged": "Privileged",
    "dns": "Dns",
    "dns_search": "DnsSearch",
    "dns_opt": "DnsOptions",
    "cap_add": "CapAdd",
    "cap_drop": "CapDrop",
    "nano_cpus": "NanoCpus",
    "init": "Init",
    "read_only": "ReadonlyRootfs",
    "sysctls": "Sysctls",
    "volumes_from": "VolumesFrom",
    "cgroup_parent": "CgroupParent",
    "cpu_period": "CpuPeriod",
    "cpu_quota": "CpuQuota",
    "cpu_shares": "CpuShares",
    "cpuset_cpus": "CpusetCpus",
    "cpuset_mems": "CpusetMems",
    "group_add": "GroupAdd",
    "ipc_mode": "IpcMode",
    "log_config": "LogConfig",
    "mounts": "Mounts",
    "oom_kill_disable": "OomKillDisable",
    "oom_score_adj": "OomScoreAdj",
    "pid_mode": "PidMode",
    "pids_limit": "PidsLimit",
    "runtime": "Runtime",
    "security_opt": "SecurityOpt",
    "storage_opt": "StorageOpt",
    "ulimits": "Ulimits",
    "userns_mode": "UsernsMode",
    "uts_mode": "UTSMode",
    "volume_driver": "VolumeDriver",
}
_BYTE_KEYS = {
    "mem_limit": "Memory",
    "mem_reservation": "MemoryReservation",
    "memswap_limit": "MemorySwap",
    "shm_size": "ShmSize",
}
_SHAPED_KEYS = (
    "entrypoint environment extra_hosts labels links network ports tmpfs volumes"
).split()
_OUTPUT_KEYS = {"stdout", "stderr", "stream"}
"""What run() does with the output; nothing of it is part of the container."""


def _plain(value: object) -> Json:
    # A caller's own lists, dicts, texts and numbers are JSON already.
    return cast("Json", list(value) if isinstance(value, tuple) else value)


def create_body(
    image: str, command: object, options: Mapping[str, object]
) -> Attributes:
    """The body of POST /containers/create.

    >>> create_body("nginx", None, {"ports": {"80/tcp": 8080}})["HostConfig"]
    {'PortBindings': {'80/tcp': [{'HostIp': '', 'HostPort': '8080'}]}}
    >>> create_body("nginx", None, {"colour": "red"})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: run() got an unexpected keyword argument 'colour'
    """
    config: Attributes = {"Image": image}
    host: Attributes = {}
    if command is not None:
        words = shlex.split(command) if isinstance(command, str) else command
        config["Cmd"] = [str(word) for word in cast("Sequence[object]", words)]
    for key, value in options.items():
        _place(key, value, config, host)
    config["HostConfig"] = host
    return config


def _place(key: str, value: object, config: Attributes, host: Attributes) -> None:
    if key == "ports":
        exposed, bindings = _ports(cast("Mapping[str, object]", value))
        config["ExposedPorts"], host["PortBindings"] = exposed, bindings
    elif key == "environment":
        config["Env"] = _environment(value)
    elif key == "entrypoint":
        words = shlex.split(value) if isinstance(value, str) else value
        config["Entrypoint"] = _plain(words)
    elif key == "network":
        host["NetworkMode"] = _plain(value)
        config["NetworkingConfig"] = {"EndpointsConfig": {str(value): {}}}
    elif key == "links":
        pairs = value.items() if isinstance(value, Mapping) else value
        listed = cast("Sequence[tuple[str, str]]", pairs)
        host["Links"] = [f"{name}:{alias}" for name, alias in listed]
    elif key == "extra_hosts":
        entries = cast("Mapping[str, str]", value)
        host["ExtraHosts"] = [f"{name}:{address}" for name, address in entries.items()]
    elif key == "volumes":
        host["Binds"] = _binds(value)
    elif key == "tmpfs":
        host["Tmpfs"] = _tmpfs(value)
    elif key == "labels":
        config["Labels"] = _labels(value)
    elif key in _BYTE_KEYS:
        host[_BYTE_KEYS[key]] = _bytes(value)
    elif key in _OUTPUT_KEYS:
        pass
    elif key in _CONFIG_KEYS:
        config[_CONFIG_KEYS[key]] = _plain(value)
    elif key in _HOST_KEYS:
        host[_HOST_KEYS[key]] = _plain(value)
    else:
        known = sorted([*_CONFIG_KEYS, *_HOST_KEYS, *_BYTE_KEYS, *_SHAPED_KEYS])
        raise InvalidParameter(
            f"run() got an unexpected keyword argument '{key}'",
            asked=f"a container with {key}={value!r}",
            rule="this subset of docker-py does not know the keyword",
            remedy='docker("run ...") takes every flag; keywords: ' + ", ".join(known),
        )

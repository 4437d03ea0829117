"""Every key of a Compose file that says something, as a setting.

```
 services.web:                     Setting(path, attribute, value, place)
   image: nginx              ─▶   services.web.image      image            nginx
   ports: [80:80]            ─▶   services.web.ports[0]   published@80:80/tcp
   environment: {PASS: x}    ─▶   services.web.environment env             PASS
   develop: {...}            ─▶   services.web.develop    develop
   x-mine: 1                 ─▶   services.web.x-mine     extension
```

What is written out but says no more than its absence (null, "", [], {}, false) is no
setting. Invariants: a key that no table knows is a setting all the same, without a
word; no value of a variable, a config or a secret is shown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from k8s_bridge.application import Setting
from k8s_bridge.sources.compose_devices import device_text
from k8s_bridge.sources.compose_grants import grant_target
from k8s_bridge.sources.compose_places import Path, Places, shown
from k8s_bridge.sources.compose_ports import publication_of
from k8s_bridge.sources.compose_values import Node, items, mapping, mappings, text
from k8s_bridge.sources.compose_words import (
    ENDPOINT,
    ENTRIES,
    HIDDEN,
    ITEMS,
    NETWORK,
    STORED,
    VALUES,
    VOLUME,
)

__all__ = [
    "network_settings",
    "project_settings",
    "service_settings",
    "stored_settings",
    "volume_settings",
]

# Keys for which "false" is not what is so anyway.
_MEANT = frozenset({"attach", "enable_ipv4", "required", "manual"})
_WHOLE = ("services", "networks", "volumes", "configs", "secrets", "jobs", "name")


def _says_nothing(key: str, value: object) -> bool:
    if value is False:
        return key not in _MEANT
    return value is None or value in ("", [], {})


def _word(key: str, known: Mapping[str, str]) -> str:
    return "extension" if key.startswith("x-") else known.get(key, "")


def _value(key: str, word: str, value: object) -> str:
    """What the report may show: of some keys only the names below them."""
    if key.startswith("x-") or not word:
        return ""  # nobody knows what it holds
    if key in HIDDEN or key == "driver_opts":
        return ", ".join(map(str, value)) if isinstance(value, Mapping) else ""
    return shown(value)


def service_settings(
    path: Path, node: Node, places: Places, network_name: Callable[[str], str]
) -> Iterator[Setting]:
    """The settings of a service or a job; ``network_name`` gives a real name.

    Its name, and that nobody said when it is started again, are settings too: both are
    answered differently in Kubernetes.
    """
    yield places.setting(path, "name", str(path[-1]))
    if not node.get("restart") and not _restart_policy(node):
        yield places.setting((*path, "restart"), "restart")
    for key, value in node.items():
        here = (*path, key)
        if key == "entrypoint":
            if value is not None:
                replaced = value or node.get("command")
                word = "command" if replaced else "entrypoint_reset"
                yield places.setting(here, word, shown(value))
        elif key in _OWN:
            yield from _OWN[key](here, node, places)
        elif key == "networks":
            yield from _attachments(here, mapping(node, key), places, network_name)
        elif _says_nothing(key, value):
            continue
        elif key in ITEMS:
            for index, item in enumerate(value if isinstance(value, list) else ()):
                at = (*here, index)
                yield places.setting(at, ITEMS[key], _item(item))
        else:
            word = _word(key, VALUES) or HIDDEN.get(key, "")
            if key == "container_name" and value == path[-1]:
                word = "name"
            yield places.setting(here, word, _value(key, word, value))


def _restart_policy(node: Node) -> Node:
    return mapping(mapping(node, "deploy"), "restart_policy")


def _item(item: object) -> str:
    """A hook by its command: its variables may be secret."""
    return shown(item.get("command")) if isinstance(item, Mapping) else shown(item)


def _ports(path: Path, node: Node, places: Places) -> Iterator[Setting]:
    for index, port in enumerate(mappings(node, "ports")):
        publication = publication_of(port)
        word = f"published@{publication}"
        yield places.setting((*path, index), word, _port_text(port))


def _port_text(port: Node) -> str:
    parts = (text(port, "host_ip"), text(port, "published"), text(port, "target"))
    return ":".join(filter(None, parts)) + f"/{text(port, 'protocol') or 'tcp'}"


def _volumes(path: Path, node: Node, places: Places) -> Iterator[Setting]:
    for index, mount in enumerate(mappings(node, "volumes")):
        target = text(mount, "target")
        value = ":".join(filter(None, (text(mount, "source"), target)))
        word = f"mounts@{target}"
        yield places.setting((*path, index), word, f"{text(mount, 'type')} {value}")


def _tmpfs(path: Path, node: Node, places: Places) -> Iterator[Setting]:
    for index, line in enumerate(_list(node, "tmpfs")):
        word = f"tmpfs@{str(line).partition(':')[0]}"
        yield places.setting((*path, index), word, str(line))


def _volumes_from(path: Path, node: Node, places: Places) -> Iterator[Setting]:
    for index, line in enumerate(_list(node, "volumes_from")):
        foreign = str(line).startswith("container:")
        word = "foreign_volumes" if foreign else "volumes_from"
        yield places.setting((*path, index), word, str(line))


def _list(node: Node, key: str) -> Iterable[object]:
    value = node.get(key)
    return value if isinstance(value, list) else ()


def _devices(path: Path, node: Node, places: Places) -> Iterator[Setting]:
    for index, device in enumerate(_list(node, "devices")):
        line = device_text(device) if isinstance(device, Mapping) else str(device)
        yield places.setting((*path, index), f"devices@{line}", line)


def _grants(kind: str) -> Callable[[Path, Node, Places], Iterator[Setting]]:
    def found(path: Path, node: Node, places: Places) -> Iterator[Setting]:
        for index, grant in enumerate(mappings(node, kind)):
            target = grant_target(kind, grant)
            value = f"{text(grant, 'source')} at {target}"
            yield places.setting((*path, index), f"{kind}@{target}", value)

    return found


def _dependencies(path: Path, node: Node, places: Places) -> Iterator[Setting]:
    for name, dependency in items(node, "depends_on"):
        value = text(dependency, "condition")
        yield places.setting((*path, name), f"dependencies@{name}", value)


def _deploy(path: Path, node: Node, places: Places) -> Iterator[Setting]:
    yield from _below(path, (), mapping(node, "deploy"), places)


def _below(
    path: Path, inside: tuple[str, ...], node: Node, places: Places
) -> Iterator[Setting]:
    for key, value in node.items():
        at = (*inside, key)
        branch = any(known[: len(at)] == at and known != at for known in ENTRIES)
        if _says_nothing(key, value):
            continue
        if branch and isinstance(value, Mapping):
            yield from _below(path, at, value, places)
        else:
            word = "extension" if key.startswith("x-") else ENTRIES.get(at, "")
            yield places.setting((*path, *at), word, _value(key, word, value))


def _triggers(path: Path, node: Node, places: Places) -> Iterator[Setting]:
    triggers = mapping(node, "triggers")
    for index, schedule in enumerate(mappings(triggers, "schedule")):
        for key, value in schedule.items():
            at = (*path, "schedule", index, key)
            yield places.setting(at, _word(key, _SCHEDULE), shown(value))
    for key, value in triggers.items():
        if key != "schedule" and value is not None:
            yield places.setting((*path, key), _word(key, _TRIGGER), shown(value))


_SCHEDULE = {
    "concurrency": "cron_concurrency",
    "cron": "cron",
    "missed_fires": "cron_missed",
    "timezone": "cron_timezone",
}
_TRIGGER = {"manual": "cron_manual"}

_OWN: dict[str, Callable[[Path, Node, Places], Iterator[Setting]]] = {
    "configs": _grants("configs"),
    "depends_on": _dependencies,
    "deploy": _deploy,
    "devices": _devices,
    "ports": _ports,
    "secrets": _grants("secrets"),
    "tmpfs": _tmpfs,
    "triggers": _triggers,
    "volumes": _volumes,
    "volumes_from": _volumes_from,
}


def _attachments(
    path: Path, networks: Node, places: Places, network_name: Callable[[str], str]
) -> Iterator[Setting]:
    for key, value in networks.items():
        here = (*path, key)
        if not isinstance(value, Mapping):
            if key != "default":  # the one that every service has unasked
                yield places.setting(here, "network_mode", network_name(key))
            continue
        yield places.setting(here, "network_mode", network_name(key))
        for word, wanted in value.items():
            if not _says_nothing(word, wanted):
                attribute = _word(word, ENDPOINT)
                if attribute == "aliases":
                    attribute = f"aliases@{network_name(key)}"
                yield places.setting((*here, word), attribute, shown(wanted))


def network_settings(
    path: Path, node: Node, places: Places, automatic: str
) -> Iterator[Setting]:
    """The settings of a network; ``automatic`` is the name it has unasked."""
    yield from _named(path, node, places, NETWORK, automatic)
    for key, value in mapping(node, "driver_opts").items():
        option = key.rpartition(".")[2]
        word = {"enable_icc": "icc", "enable_ip_masquerade": "masquerade"}
        at = (*path, "driver_opts", key)
        yield places.setting(at, word.get(option, "options"), shown(value))


def volume_settings(
    path: Path, node: Node, places: Places, automatic: str
) -> Iterator[Setting]:
    """The settings of a volume; ``automatic`` is the name it has unasked."""
    yield from _named(path, node, places, VOLUME, automatic)


def stored_settings(
    path: Path, node: Node, places: Places, automatic: str
) -> Iterator[Setting]:
    """The settings of a config or a secret; never what it holds."""
    for setting in _named(path, node, places, STORED, automatic):
        hidden = setting.path.endswith(".content")
        yield setting._replace(value="") if hidden else setting


def _named(
    path: Path, node: Node, places: Places, known: Mapping[str, str], automatic: str
) -> Iterator[Setting]:
    for key, value in node.items():
        if _says_nothing(key, value) or (key == "driver_opts" and known is NETWORK):
            continue
        if key == "name":
            if value != automatic:
                word = "network_name" if known is NETWORK else "name"
                yield places.setting((*path, key), word, shown(value))
        elif not (key == "driver" and value in ("bridge", "local")):
            word = _word(key, known)
            yield places.setting((*path, key), word, _value(key, word, value))


def project_settings(model: Node, places: Places) -> Iterator[Setting]:
    """The settings of the project as a whole."""
    for key, value in model.items():
        if key in _WHOLE or _says_nothing(key, value):
            continue
        if key == "models":
            for name, _ in items(model, key):
                yield places.setting((key, name), "models", name)
        else:
            yield places.setting((key,), _word(key, {}), "")

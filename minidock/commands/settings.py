"""Do the settings of a new container fit together?

The rules are a table: a condition, and the words that refuse. They are moby's
``runconfig/hostconfig_unix.go``, in its order; the first that holds refuses.
"""

from collections.abc import Callable, Mapping

from minidock.errors import InvalidParameter, NotationError
from minidock.model.container import EndpointSettings
from minidock.model.document import Document, Frozen
from minidock.model.image import Image
from minidock.model.world import World
from minidock.net.address import V4, V6, Address

__all__ = [
    "check_extra_hosts",
    "check_modes",
    "check_networking",
    "merged_config",
]

Condition = Callable[[Document, Document], bool]


def _mode(host: Document) -> str:
    return host.text("NetworkMode")


def _shares(host: Document) -> bool:
    return _mode(host).split(":")[0] == "container"


_UNDEFINED = "This would result in undefined behavior"

_RULES: tuple[tuple[Condition, str], ...] = (
    (
        lambda _, host: _shares(host) and not _mode(host).partition(":")[2],
        "Invalid network mode: invalid container format container:<name|id>",
    ),
    (
        lambda config, host: _shares(host) and bool(config.text("Hostname")),
        "conflicting options: hostname and the network mode",
    ),
    (
        lambda _, host: _shares(host) and bool(host.texts("Links")),
        "conflicting options: container type network can't be used with links. "
        + _UNDEFINED,
    ),
    (
        lambda _, host: _shares(host) and bool(host.texts("Dns")),
        "conflicting options: dns and the network mode",
    ),
    (
        lambda _, host: _shares(host) and bool(host.texts("ExtraHosts")),
        "conflicting options: custom host-to-IP mapping and the network mode",
    ),
    (
        lambda config, host: (
            (_shares(host) or _mode(host) == "host") and bool(config.text("MacAddress"))
        ),
        "conflicting options: mac-address and the network mode",
    ),
    (
        lambda _, host: (
            _shares(host)
            and (bool(host.document("PortBindings")) or host.flag("PublishAllPorts"))
        ),
        "conflicting options: port publishing and the container type network mode",
    ),
    (
        lambda config, host: _shares(host) and bool(config.document("ExposedPorts")),
        "conflicting options: port exposing and the container type network mode",
    ),
    (
        lambda config, host: (
            host.text("UTSMode") == "host" and bool(config.text("Hostname"))
        ),
        "conflicting options: hostname and the UTS mode",
    ),
    (
        lambda _, host: _mode(host) == "host" and bool(host.texts("Links")),
        "conflicting options: host type networking can't be used with links. "
        + _UNDEFINED,
    ),
)


def check_modes(config: Document, host: Document) -> None:
    """Refuse options that contradict the network mode.

    >>> check_modes(
    ...     Document({"Hostname": "h"}), Document({"NetworkMode": "container:db"})
    ... )
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: conflicting options: hostname and the network mode
    """
    for holds, text in _RULES:
        if holds(config, host):
            raise InvalidParameter(
                text,
                asked=f"create a container with network mode {_mode(host)}",
                rule="a shared network namespace is set up by the container it "
                "belongs to"
                if _shares(host)
                else "the host's namespace is set up by the host",
                remedy="leave the conflicting option out, or use --network bridge",
            )


def check_networking(world: World, endpoints: Mapping[str, EndpointSettings]) -> None:
    """Refuse several networks at create (before 25.0), and addresses that are none.

    Raises:
        InvalidParameter: with the text of the engine.
    """
    if len(endpoints) > 1 and not world.era.several_endpoints_at_create:
        raise InvalidParameter(
            "Container cannot be connected to network endpoints: "
            + ", ".join(endpoints),
            asked="create a container on several networks",
            rule="before Docker 25.0 a container is created on one network",
            remedy="docker network connect after docker create",
        )
    for settings in endpoints.values():
        asked = ((settings.ipv4, V4, "IPv4"), (settings.ipv6, V6, "IPv6"))
        for text, version, family in asked:
            if text and not _is_address(text, version):
                raise InvalidParameter(
                    f"invalid {family} address: {text}",
                    asked=f"--ip {text}",
                    rule=f"it is no {family} address",
                    remedy="an address such as 10.9.0.5, or fd00:9::5 for --ip6",
                )


def _is_address(text: str, family: int) -> bool:
    try:
        return Address.parse(text).family == family
    except NotationError:
        return False


def check_extra_hosts(host: Document) -> None:
    """Refuse an ``--add-host`` that is not a name and an address.

    >>> check_extra_hosts(Document({"ExtraHosts": ("db:10.0.0.5", "up:host-gateway")}))
    >>> check_extra_hosts(Document({"ExtraHosts": ("db",)}))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: bad format for add-host: "db"
    """
    for entry in host.texts("ExtraHosts"):
        separator = ":" if ":" in entry else "="
        name, given, text = entry.partition(separator)
        refusal = ""
        if not given or not name:
            refusal = f'bad format for add-host: "{entry}"'
        elif text != "host-gateway" and not _is_any_address(text.strip("[]")):
            refusal = f'invalid IP address in add-host: "{text}"'
        if refusal:
            raise InvalidParameter(
                refusal,
                asked=f"--add-host {entry}",
                rule="a name, a colon and an address (or host-gateway)",
                remedy="--add-host db:10.0.0.5",
            )


def _is_any_address(text: str) -> bool:
    return _is_address(text, V4) or _is_address(text, V6)


def _merged_env(asked: tuple[str, ...], image: tuple[str, ...]) -> tuple[str, ...]:
    named = {entry.partition("=")[0] for entry in asked}
    inherited = tuple(e for e in image if e.partition("=")[0] not in named)
    return asked + inherited


def _merged_objects(asked: Document, image: Document) -> Document:
    return Document({**dict(image), **dict(asked)})


def merged_config(asked: Document, image: Image) -> Document:
    """A container's Config: what was asked, filled up from the image.

    An entrypoint given without a command drops the image's command too (moby,
    ``daemon/commit.go``, ``merge``).
    """
    base = image.config
    merged: dict[str, Frozen] = dict(asked)
    merged["Env"] = _merged_env(asked.texts("Env"), base.texts("Env"))
    for key in ("ExposedPorts", "Volumes", "Labels"):
        merged[key] = _merged_objects(asked.document(key), base.document(key))
    if not asked.texts("Entrypoint"):
        if not asked.texts("Cmd"):
            merged["Cmd"] = base.get("Cmd")
        if asked.get("Entrypoint") is None:
            merged["Entrypoint"] = base.get("Entrypoint")
    for key in ("User", "WorkingDir", "StopSignal"):
        if not asked.text(key) and base.text(key):
            merged[key] = base.text(key)
    if not asked.document("Healthcheck") and base.document("Healthcheck"):
        merged["Healthcheck"] = base.document("Healthcheck")
    return Document(merged)

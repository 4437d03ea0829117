"""From a parsed `docker run` or `docker create` to what the engine is sent.

```
Parsed ──▶ container_request ──▶ ContainerRequest
                                  name, platform         the query
                                  body                   POST /containers/create
                                  detach, remove, ...    what the client does around it
```

The body is the real program's, key by key: 28 and 20.10 were pointed at a socket that
wrote down what they send. Docker's name: ``parse`` of the containers' options
(``cli/command/container``).

Invariant: the order of the checks is docker's, so a line with several faults is refused
for the same one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from minidock.commandline.attachments import (
    Attachment,
    check_mac,
    endpoint_body,
    endpoints,
    network_mode,
    read_network,
)
from minidock.commandline.environment import (
    Reader,
    label_map,
    last_of_each,
    no_files,
    variables,
)
from minidock.commandline.grammar import Parsed
from minidock.commandline.hostconfig import HostParts, devices_of, host_config
from minidock.commandline.isolation import (
    check_modes,
    health_body,
    log_config,
    restart_policy,
    security_opts,
    storage_opts,
)
from minidock.commandline.mounts import split_volumes
from minidock.commandline.platform import read_platform
from minidock.commandline.reference import check_reference
from minidock.commandline.refusal import Cli, CommandRefusal, misuse
from minidock.commandline.support import (
    check_supported,
    requires_version,
    version_number,
)
from minidock.errors import NotationError
from minidock.model.document import Json
from minidock.net.address import Address
from minidock.ports.spec import publish_options
from minidock.ports.texts import CliTexts

__all__ = ["ContainerRequest", "container_request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRequest:
    """What `run` and `create` ask of the engine, and what the client does itself.

    >>> ContainerRequest(image="nginx", body={}).pull
    'missing'
    """

    image: str
    body: Mapping[str, Json]
    name: str = ""
    platform: str = ""
    pull: str = "missing"
    """When to pull first: ``always``, ``missing`` or ``never``."""
    detach: bool = False
    remove: bool = False
    interactive: bool = False
    tty: bool = False
    attach: tuple[str, ...] = ()
    """The streams that a foreground `run` shows: stdin, stdout, stderr."""
    sig_proxy: bool = True
    detach_keys: str = ""
    quiet: bool = False
    cidfile: str = ""
    warnings: tuple[str, ...] = ()
    """Lines for stderr that the client prints by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Client:
    """The side that types: its files, its variables, where it stands."""

    cli: Cli
    api_version: str
    reader: Reader
    environment: Mapping[str, str]
    folder: str


def container_request(
    parsed: Parsed,
    *,
    cli: Cli,
    api_version: str = "1.51",
    env_files: Reader | None = None,
    environment: Mapping[str, str] | None = None,
    folder: str = "/",
) -> ContainerRequest:
    """What a parsed `run` or `create` sends; O(what was given).

    Args:
        parsed: the command line.
        cli: whose body and texts.
        api_version: what the engine speaks.
        env_files: gives the client's files (env, labels, seccomp) by path.
        environment: the client's variables, for ``-e NAME``.
        folder: where the client stands, for paths that start with a dot.

    Raises:
        CommandRefusal: where the program stops before it asks the engine.

    >>> from minidock.commandline.grammar import parse
    >>> parsed = parse("run -d --name web -p 8080:80 nginx".split(), Cli.V28)
    >>> request = container_request(parsed, cli=Cli.V28)
    >>> request.name, request.detach, request.body["ExposedPorts"]
    ('web', True, {'80/tcp': {}})
    >>> parsed = parse(["run", "-p", "99999:80", "nginx"], Cli.V28)
    >>> try:
    ...     container_request(parsed, cli=Cli.V28)
    ... except CommandRefusal as refusal:
    ...     print(refusal.code, refusal.stderr.splitlines()[0])
    125 docker: invalid hostPort: 99999
    """
    check_supported(parsed, cli, api_version)
    client = _Client(
        cli=cli,
        api_version=api_version,
        reader=env_files or no_files,
        environment=environment or {},
        folder=folder,
    )
    try:
        body = _body(parsed, client)
    except (ValueError, NotationError) as error:
        page = misuse(str(error), parsed.spelling, cli)
        raise CommandRefusal(page, 125, asked=f"docker {parsed.spelling}") from None
    platform = _checked_after(parsed, client, body)
    options = parsed
    return ContainerRequest(
        image=parsed.arguments[0],
        body=body,
        name=options.text("name"),
        platform=platform,
        pull=options.text("pull"),
        detach=options.flag("detach"),
        remove=options.flag("rm"),
        interactive=options.flag("interactive"),
        tty=options.flag("tty"),
        attach=tuple(s for s, on in _streams(parsed).items() if on),
        sig_proxy=options.flag("sig-proxy"),
        detach_keys=options.text("detach-keys"),
        quiet=options.flag("quiet"),
        cidfile=options.text("cidfile"),
        warnings=_warnings(parsed, cli),
    )


def _checked_after(parsed: Parsed, client: _Client, body: Mapping[str, Json]) -> str:
    """The platform; refuses what `run` dresses up and `create` prints bare."""
    cli = client.cli
    try:
        fault = check_reference(parsed.arguments[0], cli, ids=True)
        if fault:
            raise ValueError(fault)  # noqa: TRY301  # one way out for three faults
        platform = read_platform(parsed.text("platform"))
        _check_macs(body, client.api_version)
    except ValueError as error:
        if parsed.command == "create":
            raise CommandRefusal(f"{error}\n") from None
        page = misuse(str(error), parsed.spelling, cli)
        raise CommandRefusal(page, 125, asked=f"docker {parsed.spelling}") from None
    return platform


def _check_macs(body: Mapping[str, Json], api_version: str) -> None:
    if version_number(api_version) >= (1, 44):
        return
    networking = body["NetworkingConfig"]
    found = networking.get("EndpointsConfig") if isinstance(networking, dict) else None
    for endpoint in found.values() if isinstance(found, dict) else ():
        if isinstance(endpoint, dict) and endpoint["MacAddress"]:
            what = "specify mac-address per network"
            raise ValueError(requires_version(what, "1.44", api_version))


def _body(parsed: Parsed, client: _Client) -> dict[str, Json]:
    """The body; each step refuses in docker's order."""
    cli = client.cli
    _check_first(parsed, cli)
    binds, paths = split_volumes(parsed.texts("volume"), cli, client.folder)
    texts = CliTexts(cli.value)
    exposed, bindings = publish_options(
        parsed.texts("publish"), parsed.texts("expose"), texts
    )
    parts: HostParts = {
        "Binds": [*binds] or None,
        "PortBindings": {
            key: [{**binding} for binding in each] for key, each in bindings.items()
        },
        **devices_of(parsed, cli),
    }
    env = variables(
        parsed.texts("env-file"),
        last_of_each(parsed.texts("env")),
        client.environment,
        client.reader,
        cli,
    )
    labels = label_map(
        parsed.texts("label-file"), parsed.texts("label"), client.reader, cli
    )
    check_modes(parsed, cli)
    parts |= _policies(parsed, client)
    health = health_body(parsed)
    asked = _networks(parsed, cli)
    parts["NetworkMode"] = network_mode(
        tuple(read_network(text, cli) for text in parsed.texts("network"))
    )
    return {
        **_config(parsed, exposed=[*exposed], env=env, health=health, paths=paths),
        "Labels": {**labels},
        **_stop(parsed, cli),
        "HostConfig": host_config(
            parsed, parts, cli, client.api_version, client.folder
        ),
        "NetworkingConfig": {
            "EndpointsConfig": {
                name: endpoint_body(asked[name], cli) for name in sorted(asked)
            }
        },
    }


def _check_first(parsed: Parsed, cli: Cli) -> None:
    pull = parsed.text("pull")
    if cli is Cli.V28 and pull not in ("always", "missing", "never", ""):
        raise ValueError(
            f"invalid pull option: '{pull}': must be one of "
            '"always", "missing" or "never"'
        )
    if parsed.text("mac-address"):
        check_mac(parsed.text("mac-address"))
    swappiness = parsed.number("memory-swappiness")
    if not -1 <= swappiness <= 100:
        raise ValueError(
            f"invalid value: {swappiness}. Valid memory swappiness range is 0-100"
        )


def _policies(parsed: Parsed, client: _Client) -> HostParts:
    cli = client.cli
    policy = restart_policy(parsed.text("restart"), cli)
    logs = log_config(parsed)
    security = security_opts(parsed.texts("security-opt"), client.reader, cli)
    storage = storage_opts(parsed.texts("storage-opt"))
    if parsed.flag("rm") and policy["Name"] not in ("no", ""):
        if cli is Cli.V20:
            raise ValueError("Conflicting options: --restart and --rm")
        raise ValueError("conflicting options: cannot specify both --restart and --rm")
    open_paths = "systempaths=unconfined" in security
    kept: list[Json] = [o for o in security if o != "systempaths=unconfined"]
    shown: Json = [] if open_paths else None
    return {
        "RestartPolicy": policy,
        "LogConfig": logs,
        "SecurityOpt": kept if kept or open_paths else None,
        "StorageOpt": storage,
        "MaskedPaths": shown,
        "ReadonlyPaths": shown,
    }


def _networks(parsed: Parsed, cli: Cli) -> dict[str, Attachment]:
    flags = Attachment(
        network="",
        aliases=parsed.texts("network-alias"),
        links=parsed.texts("link"),
        ip=parsed.text("ip"),
        ip6=parsed.text("ip6"),
        link_local_ips=parsed.texts("link-local-ip"),
        mac_address=parsed.text("mac-address"),
    )
    attachments = tuple(read_network(text, cli) for text in parsed.texts("network"))
    return endpoints(attachments, flags, cli)


def _streams(parsed: Parsed) -> dict[str, bool]:
    if parsed.flag("detach"):
        return dict.fromkeys(("stdin", "stdout", "stderr"), False)
    asked = parsed.texts("attach")
    return {
        "stdin": "stdin" in asked or parsed.flag("interactive"),
        "stdout": "stdout" in asked or not asked,
        "stderr": "stderr" in asked or not asked,
    }


def _config(
    parsed: Parsed,
    *,
    exposed: list[str],
    env: list[str],
    health: dict[str, Json],
    paths: list[str],
) -> dict[str, Json]:
    """``container.Config`` up to its labels, in the order it is sent."""
    streams = _streams(parsed)
    image, *command = parsed.arguments
    entrypoint: Json = [parsed.text("entrypoint")]
    return {
        "Hostname": parsed.text("hostname"),
        "Domainname": parsed.text("domainname"),
        "User": parsed.text("user"),
        "AttachStdin": streams["stdin"],
        "AttachStdout": streams["stdout"],
        "AttachStderr": streams["stderr"],
        **({"ExposedPorts": {key: {} for key in exposed}} if exposed else {}),
        "Tty": parsed.flag("tty"),
        "OpenStdin": parsed.flag("interactive"),
        "StdinOnce": parsed.flag("interactive") and streams["stdin"],
        "Env": [*env] or None,
        "Cmd": [*command] or None,
        **({"Healthcheck": health} if health else {}),
        "Image": image,
        "Volumes": {path: {} for path in sorted(paths)},
        "WorkingDir": parsed.text("workdir"),
        "Entrypoint": entrypoint if "entrypoint" in parsed.given else None,
        "OnBuild": None,
    }


def _stop(parsed: Parsed, cli: Cli) -> dict[str, Json]:
    body: dict[str, Json] = {}
    if cli is Cli.V20 and parsed.text("mac-address"):
        body["MacAddress"] = parsed.text("mac-address")
    if "stop-signal" in parsed.given and parsed.text("stop-signal"):
        body["StopSignal"] = parsed.text("stop-signal")
    if "stop-timeout" in parsed.given:
        body["StopTimeout"] = parsed.number("stop-timeout")
    return body


def _warnings(parsed: Parsed, cli: Cli) -> tuple[str, ...]:
    """What the client warns about by itself."""
    lines: list[str] = []
    unlimited = not parsed.number("memory")
    if cli is Cli.V20 and parsed.flag("oom-kill-disable") and unlimited:
        lines.append(
            "WARNING: Disabling the OOM killer on containers without setting a "
            "'-m/--memory' limit may be dangerous."
        )
    for server in parsed.texts("dns"):
        # 20.10 takes every IPv6 address that ends in ::1 for the local host.
        local = Address.parse(server).is_loopback
        if local or (cli is Cli.V20 and server.endswith("::1")):
            named = f"setting (--dns={server})" if cli is Cli.V20 else f"({server})"
            lines.append(f"WARNING: Localhost DNS {named} may fail in containers.")
            break
    return tuple(lines)

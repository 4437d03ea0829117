"""How dockerd was started: the flags that decide about networking.

Docker's name: the daemon configuration (``dockerd --help``, ``daemon.json``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from minidock.eras import Era, era_named
from minidock.errors import InvalidParameter, NotationError

__all__ = ["DaemonOptions", "chosen_era", "daemon_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonOptions:
    """The networking flags of dockerd, with dockerd's defaults."""

    icc: bool = True
    iptables: bool = True
    ip6tables: bool | None = None
    ip_forward: bool = True
    ip_masq: bool = True
    userland_proxy: bool = True
    allow_direct_routing: bool = False
    """28: containers of nat networks may be reached by their own addresses."""
    ipv6: bool = False
    experimental: bool = False
    live_restore: bool = False
    ip: str = ""
    bip: str = ""
    fixed_cidr: str = ""
    fixed_cidr_v6: str = ""
    default_gateway: str = ""
    default_gateway_v6: str = ""
    bridge: str = ""
    mtu: str = ""
    host_gateway_ip: str = ""
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_opt: tuple[str, ...] = ()
    default_address_pool: tuple[str, ...] = ()
    default_network_opt: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    add_runtime: tuple[str, ...] = ()
    """NAME=PATH of runtimes beside runc."""
    insecure_registry: tuple[str, ...] = ()
    registry_mirror: tuple[str, ...] = ()
    storage_opt: tuple[str, ...] = ()
    log_opt: tuple[str, ...] = ()
    exec_opt: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    log_level: str = ""
    log_driver: str = ""
    storage_driver: str = ""
    data_root: str = ""
    cluster_store: str = ""
    """The registry that hosts share, such as ``etcd://127.0.0.1:2379`` (to 22.06)."""
    cluster_advertise: str = ""
    """``host:port`` or ``interface:port`` at which other hosts reach this one."""
    cluster_store_opt: tuple[str, ...] = ()
    debug: bool = False


_SHORT = {"-H": "host", "-b": "bridge", "-D": "debug", "-l": "log_level"}


def daemon_options(arguments: Sequence[str]) -> DaemonOptions:
    """Read dockerd's command line; ``--flag=value`` and ``--flag value`` both work.

    >>> daemon_options(["--icc=false", "--bip", "10.200.0.1/24"]).bip
    '10.200.0.1/24'
    >>> daemon_options(["--iccc"])
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: unknown flag: --iccc
    """
    options = DaemonOptions()
    words = list(arguments)
    while words:
        name, equals, value = words.pop(0).partition("=")
        field = _SHORT.get(name, name.removeprefix("--").replace("-", "_"))
        if field not in DaemonOptions.__dataclass_fields__ or not name.startswith("-"):
            raise InvalidParameter(
                f"unknown flag: {name}",
                asked=f"start dockerd with {name}",
                rule="only dockerd's networking flags are known here",
                remedy=_meant(name),
            )
        options = _with(options, field, value if equals else None, words)
    return options


def _meant(name: str) -> str:
    """What would work instead of a flag that nobody knows."""
    if name == "-":  # a text was taken apart into its letters
        return 'a list of words: daemon_args=["--icc=false"]'
    known = [field.replace("_", "-") for field in DaemonOptions.__dataclass_fields__]
    near = get_close_matches(name.lstrip("-"), known, 1)
    return f"--{near[0]}" if near else f"one of --{', --'.join(known)}"


def chosen_era(era: object) -> str:
    """The name of an era that somebody chose: a text, a number, or the era itself.

    Raises:
        NotationError: there is no such era.

    >>> chosen_era("20.10"), chosen_era(28)
    ('20.10', '28')
    >>> chosen_era(20.10)  # which is the number 20.1
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: there is no era '20.1'; the eras are 17.12, 20.10, 28
    """
    try:
        return era.name if isinstance(era, Era) else era_named(str(era)).name
    except ValueError as error:
        raise NotationError(
            str(error),
            value=str(era),
            rule="an era is the name of a Docker version, a text in quotes",
            remedy='Engine("28"), Engine("20.10") or Engine("17.12")',
        ) from error


def _with(
    options: DaemonOptions, field: str, value: str | None, words: list[str]
) -> DaemonOptions:
    old = getattr(options, field)
    changed: dict[str, object] = {}
    if isinstance(old, bool) or field == "ip6tables":
        changed[field] = value not in {"false", "0", "f", "False"}
        return _replaced(options, changed)
    if value is None:
        if not words:
            raise InvalidParameter(f"flag needs an argument: --{field}")
        value = words.pop(0)
    changed[field] = (*old, value) if isinstance(old, tuple) else value
    return _replaced(options, changed)


def _replaced(options: DaemonOptions, changed: dict[str, object]) -> DaemonOptions:
    # The field's own default has just said which type its value has.
    return replace(options, **changed)  # type: ignore[arg-type]

"""The modes and policies of a container: namespaces, restarts, security, health.

```
--pid host               ──▶ PidMode "host"
--restart on-failure:5   ──▶ RestartPolicy {"Name": "on-failure", ...}
--security-opt seccomp=f ──▶ SecurityOpt ["seccomp={...}"]      the file itself is sent
--health-cmd "curl x"    ──▶ Healthcheck {"Test": ["CMD-SHELL", "curl x"]}
```

Docker's names: ``container.PidMode`` and its like, ``opts.ParseRestartPolicy``,
``parseSecurityOpts``. Policies' names are the engine's business: the program only
checks their shape.

Invariant: what is refused here is refused before any engine is asked.
"""

import json
import re

from minidock.commandline.environment import Reader
from minidock.commandline.gotext import quote, whole
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli
from minidock.model.document import Json

__all__ = [
    "capabilities",
    "check_modes",
    "health_body",
    "log_config",
    "restart_policy",
    "security_opts",
    "storage_opts",
]


def check_modes(parsed: Parsed, cli: Cli) -> None:
    """Refuses namespace modes that cannot be meant.

    >>> from minidock.commandline.grammar import parse
    >>> check_modes(parse(["run", "--pid=foo", "nginx"], Cli.V28), Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: --pid: invalid PID mode
    """
    pid = parsed.text("pid")
    joined = pid.removeprefix("container:")
    joins = joined != pid and bool(joined) and not (cli is Cli.V20 and ":" in joined)
    if pid not in ("", "host") and not joins:
        raise ValueError("--pid: invalid PID mode")
    if parsed.text("uts") not in ("", "host"):
        raise ValueError("--uts: invalid UTS mode")
    if parsed.text("userns") not in ("", "host"):
        raise ValueError("--userns: invalid USER mode")
    if parsed.text("cgroupns") not in ("", "host", "private"):
        raise ValueError("--cgroupns: invalid CGROUP mode")


def restart_policy(text: str, cli: Cli) -> dict[str, Json]:
    """``--restart``, a name and perhaps how often.

    >>> restart_policy("on-failure:5", Cli.V28)
    {'Name': 'on-failure', 'MaximumRetryCount': 5}
    >>> restart_policy("on-failure:x", Cli.V20)
    Traceback (most recent call last):
    ...
    ValueError: maximum retry count must be an integer
    """
    name, mark, count = text.partition(":")
    shape = "invalid restart policy format"
    if cli is Cli.V28 and mark and not name:
        raise ValueError(f"{shape}: no policy provided before colon")
    if cli is Cli.V20 and ":" in count:
        raise ValueError(shape)
    retries = 0
    if count or (cli is Cli.V20 and mark):
        try:
            retries = whole(count, base=10)
        except ValueError:
            words = "maximum retry count must be an integer"
            full = words if cli is Cli.V20 else f"{shape}: {words}"
            raise ValueError(full) from None
    return {"Name": name, "MaximumRetryCount": retries}


def log_config(parsed: Parsed) -> dict[str, Json]:
    """``--log-driver`` and ``--log-opt``.

    >>> from minidock.commandline.grammar import parse
    >>> log_config(parse("run --log-opt max-size=1m nginx".split(), Cli.V28))
    {'Type': '', 'Config': {'max-size': '1m'}}
    """
    driver, options = parsed.text("log-driver"), parsed.texts("log-opt")
    if driver == "none" and options:
        raise ValueError(f"invalid logging opts for driver {driver}")
    return {"Type": driver, "Config": _pairs(options)}


def _pairs(texts: tuple[str, ...]) -> dict[str, Json]:
    cut = (text.partition("=") for text in texts)
    return dict(sorted((key, value) for key, _, value in cut))


def storage_opts(texts: tuple[str, ...]) -> dict[str, Json]:
    """``--storage-opt`` values, each ``key=value``.

    >>> storage_opts(("size=1g",))
    {'size': '1g'}
    >>> storage_opts(("size",))
    Traceback (most recent call last):
    ...
    ValueError: invalid storage option
    """
    if any("=" not in text for text in texts):
        raise ValueError("invalid storage option")
    return _pairs(texts)


def security_opts(texts: tuple[str, ...], reader: Reader, cli: Cli) -> list[str]:
    """``--security-opt`` values; a seccomp profile is read and sent itself.

    >>> security_opts(("seccomp=f",), lambda _: '{"a" : 1}', Cli.V28)
    ['seccomp={"a":1}']
    >>> security_opts(("foo",), lambda _: "", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: Invalid --security-opt: "foo"
    """
    options: list[str] = []
    for text in texts:
        key, mark, value = text.partition("=")
        if not mark and ":" not in text and key != "no-new-privileges":
            raise ValueError(f"Invalid --security-opt: {quote(text)}")
        if not mark:
            key, _, value = text.partition(":")
        known = ("unconfined",) if cli is Cli.V20 else ("unconfined", "builtin")
        if key == "seccomp" and value not in known:
            options.append(f"seccomp={_profile(value, reader)}")
        else:
            options.append(text)
    return options


def _profile(path: str, reader: Reader) -> str:
    try:
        text = reader(path)
    except OSError:
        raise ValueError(
            f"opening seccomp profile ({path}) failed: "
            f"open {path}: no such file or directory"
        ) from None
    try:
        json.loads(text)
    except ValueError:
        raise ValueError(
            f"compacting json for seccomp profile ({path}) failed: "
            "unexpected end of JSON input"
        ) from None
    strings = r'"(?:[^"\\]|\\.)*"'
    return re.sub(rf"({strings})|\s+", lambda match: match[1] or "", text)


def capabilities(texts: tuple[str, ...], cli: Cli) -> list[str]:
    """``--cap-add`` or ``--cap-drop`` values; 28 spells them out and sorts them.

    >>> capabilities(("net_raw", "CAP_CHOWN"), Cli.V28)
    ['CAP_CHOWN', 'CAP_NET_RAW']
    >>> capabilities(("net_raw",), Cli.V20)
    ['net_raw']
    """
    if cli is Cli.V20:
        return [*texts]
    names = (text.upper() for text in texts)
    return sorted(
        {
            name if name == "ALL" or name.startswith("CAP_") else f"CAP_{name}"
            for name in names
        }
    )


_HEALTH = {  # flag: the name in the body, in the order they are sent and checked
    "health-interval": "Interval",
    "health-timeout": "Timeout",
    "health-retries": "Retries",
    "health-start-period": "StartPeriod",
    "health-start-interval": "StartInterval",
}


def health_body(parsed: Parsed) -> dict[str, Json]:
    """``Healthcheck``, ``{}`` where nothing is said about health.

    >>> from minidock.commandline.grammar import parse
    >>> health_body(parse(["run", "--health-retries=3", "nginx"], Cli.V28))
    {'Retries': 3}
    >>> health_body(parse(["run", "--health-retries=-1", "nginx"], Cli.V28))
    Traceback (most recent call last):
    ...
    ValueError: --health-retries cannot be negative
    """
    body: dict[str, Json] = {}
    if parsed.text("health-cmd"):
        body["Test"] = ["CMD-SHELL", parsed.text("health-cmd")]
    for flag, name in _HEALTH.items():
        if parsed.number(flag):
            body[name] = parsed.number(flag)
    if parsed.flag("no-healthcheck"):
        if body:
            raise ValueError("--no-healthcheck conflicts with --health-* options")
        return {"Test": ["NONE"]}
    for flag in _HEALTH:
        if parsed.number(flag) < 0:
            raise ValueError(f"--{flag} cannot be negative")
    return body

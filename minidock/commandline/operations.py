"""Bodies and queries of the smaller commands: exec, update, volume create, filters.

```
docker exec -e A=1 web ls      ──▶ POST /containers/web/exec     exec_request
docker update -m 1g web        ──▶ POST /containers/web/update   update_request
docker volume create -d x v    ──▶ POST /volumes/create          volume_create_request
docker ps -f name=web          ──▶ ?filters={"name":...}         filters_query
```

Docker's names: ``parseExec``, ``runUpdate``, ``volume.CreateOptions`` and
``filters.ToJSON``.

Invariant: keys and empty values are those that the program sends.
"""

import json
from collections.abc import Iterable, Mapping

from minidock.commandline.environment import Reader, no_files, variables
from minidock.commandline.grammar import Parsed
from minidock.commandline.hostconfig import resources
from minidock.commandline.isolation import restart_policy
from minidock.commandline.refusal import Cli, CommandRefusal
from minidock.commandline.support import version_number
from minidock.model.document import Json

__all__ = [
    "exec_request",
    "filters_query",
    "update_request",
    "volume_create_request",
]


def exec_request(
    parsed: Parsed,
    cli: Cli,
    *,
    api_version: str = "1.51",
    env_files: Reader | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[str, dict[str, Json]]:
    """The container, and the body of POST /containers/{id}/exec.

    >>> from minidock.commandline.grammar import parse
    >>> container, body = exec_request(parse(["exec", "web", "ls"], Cli.V28), Cli.V28)
    >>> container, body["Cmd"], body["AttachStdout"]
    ('web', ['ls'], True)
    """
    container, *command = parsed.arguments
    reader = env_files or no_files
    files, flags = parsed.texts("env-file"), parsed.texts("env")
    try:
        env = variables(files, flags, environment or {}, reader, cli)
    except ValueError as error:
        raise CommandRefusal(f"{error}\n", asked="docker exec") from None
    attached = not parsed.flag("detach")
    sized = cli is Cli.V28 and parsed.flag("tty")
    console: dict[str, Json] = {"ConsoleSize": [0, 0]}
    return container, {
        "User": parsed.text("user"),
        "Privileged": parsed.flag("privileged"),
        "Tty": parsed.flag("tty"),
        **(console if sized and version_number(api_version) >= (1, 42) else {}),
        "AttachStdin": attached and parsed.flag("interactive"),
        "AttachStderr": attached,
        "AttachStdout": attached,
        "Detach": parsed.flag("detach"),
        "DetachKeys": parsed.text("detach-keys"),
        "Env": [*env] or None,
        "WorkingDir": parsed.text("workdir"),
        "Cmd": [*command],
    }


def update_request(parsed: Parsed, cli: Cli) -> dict[str, Json]:
    """The body of POST /containers/{id}/update; what is not given is sent empty.

    >>> from minidock.commandline.grammar import parse
    >>> body = update_request(parse("update -m 1g web".split(), Cli.V28), Cli.V28)
    >>> body["Memory"], body["Devices"], body["RestartPolicy"]["Name"]
    (1073741824, None, '')
    """
    try:
        policy = restart_policy(parsed.text("restart"), cli)
    except ValueError as error:
        raise CommandRefusal(f"{error}\n", asked="docker update") from None
    nothing: dict[str, Json] = {"Devices": None, "DeviceRequests": None}
    body = resources(parsed, nothing, cli, "1.41")  # update still sends KernelMemory
    unset: dict[str, Json] = {
        key: None
        for key, value in body.items()
        if value == [] or key in ("MemorySwappiness", "OomKillDisable")
    }
    if "pids-limit" not in parsed.given:
        unset["PidsLimit"] = None
    return {**body, **unset, "RestartPolicy": policy}


def volume_create_request(parsed: Parsed, cli: Cli) -> dict[str, Json]:
    """The body of POST /volumes/create; 28 leaves out what is empty.

    >>> from minidock.commandline.grammar import parse
    >>> volume_create_request(parse(["volume", "create", "data"], Cli.V28), Cli.V28)
    {'Driver': 'local', 'Name': 'data'}
    """
    body: dict[str, Json] = {
        "Driver": parsed.text("driver"),
        "DriverOpts": _pairs(parsed.texts("opt")),
        "Labels": _pairs(parsed.texts("label")),
        "Name": parsed.arguments[0] if parsed.arguments else parsed.text("name"),
    }
    if cli is Cli.V20:
        return body
    return {key: value for key, value in body.items() if value}


def _pairs(texts: Iterable[str]) -> dict[str, Json]:
    cut = (text.partition("=") for text in texts)
    return dict(sorted((key, value) for key, _, value in cut))


def filters_query(terms: Iterable[str]) -> str:
    """The ``filters`` of a query, "" where nothing is filtered.

    >>> filters_query(("name=web", "status=running", "name=db"))
    '{"name":{"db":true,"web":true},"status":{"running":true}}'
    >>> filters_query(("",))
    ''
    """
    wanted: dict[str, dict[str, bool]] = {}
    for term in terms:
        name, mark, value = term.partition("=")
        if mark:
            wanted.setdefault(name, {})[value] = True
    if not wanted:
        return ""
    return json.dumps(wanted, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

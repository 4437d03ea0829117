"""What becomes of each key and each flag: every one is tried, and the report is read.

```
 SERVICE["mem_limit"] ─▶ a project that says only this ─▶ translate ─▶ entries ─▶ Row
 --memory=64m         ─▶ docker run --memory=64m nginx ─▶ translate ─▶ entries ─▶ Row
```

Invariant: nothing here knows what becomes of a key; it is what the translation says.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from k8s_bridge.application import Application
from k8s_bridge.compose.reader import InMemory
from k8s_bridge.fieldtable import compose_samples as compose
from k8s_bridge.fieldtable.run_samples import ROWS, WINDOWS, words_of
from k8s_bridge.report import Entry, Outcome
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.sources.run import Client, application_from_lines
from k8s_bridge.translate import translate
from minidock.errors import Refusal

__all__ = ["Row", "compose_rows", "run_rows"]


class Row(NamedTuple):
    """A key or a flag, and what became of it; ``told`` has each outcome with its how.

    Without any, it decides nothing about a container.
    """

    key: str
    told: tuple[tuple[Outcome, str], ...]


@dataclass(frozen=True)
class _Project:
    model: Mapping[str, object]
    places: Mapping[tuple[str | int, ...], str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/srv"


_FILES = InMemory({"/srv/pw": b"x", "/srv/conf": b"x"})
_VARIABLES = {"HOME": "x"}


def _service(**keys: object) -> dict[str, object]:
    apart = "network_mode" in keys or "networks" in keys
    usual: dict[str, object] = {"command": None, "entrypoint": None, "image": "nginx"}
    if not apart:
        usual["networks"] = {"default": None}
    return usual | keys


def _model(web: Mapping[str, object], **top: object) -> dict[str, object]:
    """A project with what the samples mention."""
    return {
        "name": "shop",
        "services": {"db": _service(image="redis"), "web": web},
        "networks": {
            "default": {"name": "shop_default", "ipam": {}},
            "front": {"name": "shop_front", "ipam": {}},
        },
        "volumes": {"data": {"name": "shop_data"}},
        "configs": {"conf": {"name": "shop_conf", "content": "x"}},
        "secrets": {"pw": {"name": "shop_pw", "file": "/srv/pw"}},
        **top,
    }


def _row(key: str, path: str, model: Mapping[str, object]) -> Row:
    project = _Project(model, environment=_VARIABLES)
    application = application_from_compose(project, _FILES)
    return Row(key, _told(_entries(application), path))


def _entries(application: Application) -> tuple[Entry, ...]:
    return translate(application).report.entries


def _told(entries: Iterable[Entry], path: str) -> tuple[tuple[Outcome, str], ...]:
    """What is said about a path and all that is below it, each once."""
    found = (
        (entry.outcome, entry.how)
        for entry in entries
        if entry.path == path or entry.path.startswith((f"{path}.", f"{path}["))
    )
    return tuple(dict.fromkeys(found))


def compose_rows() -> Iterator[tuple[str, tuple[Row, ...]]]:
    """The tables of Compose's keys, each with what its keys belong to; 0.5 s."""
    yield "A service", tuple(_service_rows())
    yield "A service: deploy", tuple(_deploy_rows())
    yield "A service: networks", tuple(_endpoint_rows())
    yield "A network", tuple(_top_rows("networks", compose.NETWORK))
    yield "A volume", tuple(_top_rows("volumes", compose.VOLUME))
    yield "A config", tuple(_top_rows("configs", compose.CONFIG))
    yield "A secret", tuple(_top_rows("secrets", compose.SECRET))
    yield "A job", tuple(_trigger_rows())
    yield "The top", tuple(_file_rows())


def _service_rows() -> Iterator[Row]:
    for key, value in compose.SERVICE.items():
        yield _row(key, f"services.web.{key}", _model(_service(**{key: value})))


def _deploy_rows() -> Iterator[Row]:
    model = _model(_service(deploy=compose.DEPLOY))
    for path in _leaves(compose.DEPLOY):
        yield _row(path, f"services.web.deploy.{path}", model)


def _leaves(node: Mapping[str, object], before: str = "") -> Iterator[str]:
    for key, value in node.items():
        if isinstance(value, dict) and key not in ("labels", "rollback_config"):
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"


def _endpoint_rows() -> Iterator[Row]:
    for key, value in compose.ENDPOINT.items():
        model = _model(_service(networks={"front": {key: value}}))
        yield _row(key, f"services.web.networks.front.{key}", model)


def _top_rows(kind: str, samples: Mapping[str, object]) -> Iterator[Row]:
    for key, value in samples.items():
        node = {"name": "shop_x", key: value}
        web = _service(**_uses(kind))
        yield _row(key, f"{kind}.x.{key}", _with(_model(web), kind, node))


def _uses(kind: str) -> dict[str, object]:
    """A use of what is called x: nobody would see what becomes of it without one."""
    if kind == "networks":
        return {"networks": {"x": None}}
    if kind == "volumes":
        mount = {"type": "volume", "source": "x", "target": "/x", "volume": {}}
        return {"volumes": [mount]}
    return {kind: [{"source": "x", "target": "/x"}]}


def _with(
    model: dict[str, object], kind: str, node: Mapping[str, object]
) -> dict[str, object]:
    known = model[kind]
    return {**model, kind: {**(known if isinstance(known, dict) else {}), "x": node}}


def _trigger_rows() -> Iterator[Row]:
    job = _service(triggers=compose.TRIGGERS)
    model = _model(_service(), jobs={"nightly": job})
    keys = ["manual", *(f"schedule[0].{key}" for key in _schedule())]
    for key in keys:
        shown = f"triggers.{key.replace('[0]', '')}"
        yield _row(shown, f"jobs.nightly.triggers.{key}", model)


def _schedule() -> Iterator[str]:
    schedule = compose.TRIGGERS["schedule"]
    for entry in schedule if isinstance(schedule, list) else ():
        yield from entry


def _file_rows() -> Iterator[Row]:
    for key, value in compose.FILE.items():
        yield _row(key, key, _model(_service(), **{key: value}))


# --- docker run -----------------------------------------------------------------------

_BEFORE = (
    "docker network create --ipv6 --subnet 10.0.0.0/24 --subnet fd00::/64 front",
    "docker run -d --name db redis",
)
_CLIENT = Client(read_file={"vars": "A=1\n"}.__getitem__)


def run_rows() -> Iterator[Row]:
    """A row for each flag of docker run, by name; it takes some seconds."""
    uses = {flag: words_of(use) for flag, use, _ in ROWS}
    uses |= {flag: [f"--{flag}=1"] for flag in WINDOWS} | {"detach": ["--detach"]}
    for flag in sorted(uses):
        # A flag that only stands beside another one does not get its entries.
        others = [word for word in uses[flag] if not _is(flag, word)]
        before = {_said(entry) for entry in _run(others)}
        try:
            entries = _run(uses[flag])
        except Refusal as refusal:
            text = f"docker itself refuses it: {refusal.text.splitlines()[0]}"
            yield Row(f"--{flag}", ((Outcome.LOST, text),))
            continue
        told = [(e.outcome, e.how) for e in entries if _said(e) not in before]
        yield Row(f"--{flag}", tuple(dict.fromkeys(told)))


def _is(flag: str, word: str) -> bool:
    return word.partition("=")[0] == f"--{flag}"


def _said(entry: Entry) -> tuple[str, str, str]:
    return entry.path, entry.value, entry.how


def _run(words: list[str]) -> tuple[Entry, ...]:
    attached = any(_is("attach", word) for word in words)
    detach = [] if attached or "--detach" in words else ["--detach"]
    line = shlex.join(["docker", "run", *detach, *words, "nginx"])
    application = application_from_lines([*_BEFORE, line], _CLIENT)
    name = application.services[-1].name
    return tuple(e for e in _entries(application) if e.subject == name)

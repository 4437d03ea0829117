"""What a translation loses: ``python -m tests.golden.losses DIR``.

```
 each Compose file of DIR ─▶ normal form ──┐
                        └──▶ manifests ────┼─▶ what Docker gives and these do not
                        └──▶ report ───────┘      told (a line of the report) or silent
```

Each row is a question to the objects themselves, asked for every place in the files
where Docker gives the answer; nothing is taken from the translator's own word but where
a service went. Beside it stands what Kompose 1.38 lost in silence on its 226 files of
this kind.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import yaml

from k8s_bridge.compose.load import Project, load
from k8s_bridge.report import Outcome
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.sources.disk import Disk
from k8s_bridge.translate import Translation, translate
from minidock.errors import Refusal
from tests.golden.cluster import Cluster, Place, Port


class Loss(NamedTuple):
    """A place in a file whose meaning is not in the objects; ``path`` tells of it."""

    subject: str
    path: str


@dataclass(frozen=True)
class Case:
    """A project and what was made of it."""

    project: Project
    result: Translation
    cluster: Cluster

    @classmethod
    def of(cls, project: Project, disk: Disk) -> "Case":
        result = translate(application_from_compose(project, disk))
        return cls(project, result, Cluster(result.manifests))

    @property
    def services(self) -> dict[str, Mapping]:
        found = self.project.model.get("services", {})
        return {name: n for name, n in found.items() if "provider" not in n}

    def place(self, service: str) -> Place:
        pod = self.result.placement[service]
        found = self.cluster.container(service, pod)
        assert found is not None, f"no container stands for {service}"
        return found

    def told(self, loss: Loss) -> bool:
        """Whether the report has a line about it that says more than "kept"."""
        return any(
            entry.outcome is not Outcome.KEPT
            for entry in self.result.report.entries
            if entry.subject == loss.subject
            and f"{entry.path}.".startswith((f"{loss.path}.", f"{loss.path}["))
        )

    def on_networks(self, service: str) -> bool:
        mode = self.services[service].get("network_mode", "")
        return not mode or mode in ("bridge", "default")

    def only_internal(self, service: str) -> bool:
        declared = self.project.model.get("networks", {})
        own = self.services[service].get("networks", {})
        return bool(own) and all(declared[n].get("internal") for n in own)


Check = Callable[[Case], Iterator[Loss | None]]


def _at(service: str, *keys: str | int) -> str:
    parts = (f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys)
    return f"services.{service}{''.join(parts)}"


def names(case: Case) -> Iterator[Loss | None]:
    """A peer asks for the service by its name."""
    for name in case.services:
        if case.on_networks(name):
            found = case.cluster.answers(name.lower())
            held = case.place(name).pod in found
            yield None if held else Loss(name, f"services.{name}")


def container_names(case: Case) -> Iterator[Loss | None]:
    """A peer asks for the container by the name that was chosen for it."""
    for name, node in case.services.items():
        chosen = node.get("container_name")
        if chosen and case.on_networks(name):
            held = case.place(name).pod in case.cluster.answers(chosen.lower())
            yield None if held else Loss(name, _at(name, "container_name"))


def aliases(case: Case) -> Iterator[Loss | None]:
    """A peer asks for the service by another name that it has on a network."""
    for name, node in case.services.items():
        for network, endpoint in (node.get("networks") or {}).items():
            for alias in (endpoint or {}).get("aliases", ()):
                held = case.place(name).pod in case.cluster.answers(alias.lower())
                path = _at(name, "networks", network, "aliases")
                yield None if held else Loss(name, path)


def links(case: Case) -> Iterator[Loss | None]:
    """The service asks for another one by a name of its own."""
    for name, node in case.services.items():
        for index, line in enumerate(node.get("links", ())):
            target, _, alias = line.partition(":")
            found = case.cluster.answers((alias or target).lower())
            held = case.place(target).pod in found
            yield None if held else Loss(name, _at(name, "links", index))


def published(case: Case) -> Iterator[Loss | None]:
    """Somebody outside connects to the published port."""
    for name, node in case.services.items():
        if node.get("network_mode") == "host" or case.only_internal(name):
            continue  # Docker publishes nothing there
        doors = case.cluster.doors(case.place(name).pod)
        for index, port in enumerate(node.get("ports", ())):
            inner = Port(int(port["target"]), port.get("protocol", "tcp").upper())
            numbers = {outer for outer, behind in doors if behind == inner}
            first, _, last = str(port.get("published", "")).partition("-")
            wanted = range(int(first or 0), int(last or first or 0) + 1)
            held = bool(numbers & set(wanted)) if first else bool(numbers)
            yield None if held else Loss(name, _at(name, "ports", index))


def peer_ports(case: Case) -> Iterator[Loss | None]:
    """A peer connects to the port that the program listens on."""
    for name, node in case.services.items():
        numbers = case.cluster.peer_ports(name.lower())
        for index, port in enumerate(node.get("ports", ())):
            if str(port.get("published", "")) in ("", str(port["target"])):
                continue
            if case.on_networks(name) and case.cluster.answers(name.lower()):
                inner = Port(int(port["target"]), port.get("protocol", "tcp").upper())
                held = numbers is None or inner in numbers
                yield None if held else Loss(name, _at(name, "ports", index))


def restart_unset(case: Case) -> Iterator[Loss | None]:
    """A program that ends stays ended where nobody asked for more."""
    for name, node in case.services.items():
        policy = node.get("deploy", {}).get("restart_policy")
        if not node.get("restart") and not policy:
            spec = case.place(name).pod.spec
            held = spec.get("restartPolicy") == "Never"
            yield None if held else Loss(name, _at(name, "restart"))


def depends_on(case: Case) -> Iterator[Loss | None]:
    """The service starts after what it depends on."""
    for name, node in case.services.items():
        for peer in node.get("depends_on", {}):
            if peer not in case.services:
                continue
            pod = case.place(name).pod
            other = case.place(peer).pod
            waits = [
                word
                for step in pod.before
                for word in (*step.get("command", ()), *step.get("args", ()))
            ]
            held = any(other.name in word for word in waits)
            yield None if held else Loss(name, _at(name, "depends_on", peer))


def binds(case: Case) -> Iterator[Loss | None]:
    """The program reads the host's file where it was mounted."""
    for name, index, mount, files in _bound(case):
        found = case.cluster.mount(case.place(name), mount["target"])
        empty = found is not None and not {"hostPath", "configMap", "secret"} & set(
            found[1]
        )
        lost = found is None or (empty and "projected" not in found[1] and files)
        yield Loss(name, _at(name, "volumes", index)) if lost else None


def folders(case: Case) -> Iterator[Loss | None]:
    """Each file of a mounted folder lies where it was, below it too."""
    for name, index, mount, files in _bound(case):
        for path, data in files.items():
            target = f"{mount['target']}/{path}".rstrip("/")
            found = case.cluster.file(case.place(name), target)
            source = f"{mount['source']}/{path}".rstrip("/")
            held = found in (data, source)
            if not held:
                yield Loss(name, _at(name, "volumes", index))
                break
        else:
            yield None


def _bound(case: Case) -> Iterator[tuple[str, int, Mapping, dict[str, bytes]]]:
    for name, node in case.services.items():
        for index, mount in enumerate(node.get("volumes", ())):
            if mount["type"] == "bind":
                yield name, index, mount, _files(Path(mount["source"]))


def _files(path: Path, limit: int = 200) -> dict[str, bytes]:
    """The plain files at a path; an independent look, without the project's reader."""
    if path.is_file():
        return {"": path.read_bytes()}
    if not path.is_dir():
        return {}
    found = (Path(at) / name for at, _, names in os.walk(path) for name in names)
    plain = (p for p in islice(found, limit) if p.is_file() and not p.is_symlink())
    return {str(p.relative_to(path)): p.read_bytes() for p in plain}


def init(case: Case) -> Iterator[Loss | None]:
    """Somebody reaps what the program leaves behind."""
    for name, node in case.services.items():
        if node.get("init"):
            spec = case.place(name).pod.spec
            held = spec.get("shareProcessNamespace") or spec.get("hostPID")
            yield None if held else Loss(name, _at(name, "init"))


def secrets(case: Case) -> Iterator[Loss | None]:
    """The program reads its secret where Docker puts it."""
    for name, index, grant, data in _granted(case, "secrets"):
        target = grant.get("target") or grant["source"]
        path = target if target.startswith("/") else f"/run/secrets/{target}"
        found = case.cluster.file(case.place(name), path)
        held = found == data if data is not None else found is not None
        yield None if held else Loss(name, _at(name, "secrets", index))


def configs(case: Case) -> Iterator[Loss | None]:
    """The program reads its config where Docker puts it."""
    for name, index, grant, data in _granted(case, "configs"):
        target = grant.get("target") or grant["source"]
        path = target if target.startswith("/") else f"/{target}"
        found = case.cluster.file(case.place(name), path)
        held = found == data if data is not None else found is not None
        yield None if held else Loss(name, _at(name, "configs", index))


def _granted(case: Case, kind: str) -> Iterator[tuple[str, int, Mapping, bytes | None]]:
    declared = case.project.model.get(kind, {})
    for name, node in case.services.items():
        for index, grant in enumerate(node.get(kind, ())):
            stored = declared.get(grant["source"], {})
            data = None
            if "content" in stored:
                data = stored["content"].encode()
            elif "file" in stored and Path(stored["file"]).is_file():
                data = Path(stored["file"]).read_bytes()
            yield name, index, grant, data


def probes(case: Case) -> Iterator[Loss | None]:
    """The health check runs in a shell where it is a shell's line."""
    for name, node in case.services.items():
        check = node.get("healthcheck", {})
        test = check.get("test") or ()
        if check.get("disable") or test[:1] not in (["CMD"], ["CMD-SHELL"]):
            continue
        container = case.place(name).container
        wanted = ["/bin/sh", "-c", *test[1:]] if test[0] == "CMD-SHELL" else test[1:]
        probes = [container.get(f"{k}Probe") for k in ("readiness", "liveness")]
        found = [[_expanded(w) for w in p["exec"]["command"]] for p in probes if p]
        yield None if wanted in found else Loss(name, _at(name, "healthcheck"))


def stop_signals(case: Case) -> Iterator[Loss | None]:
    """The program gets the signal that it knows."""
    for name, node in case.services.items():
        if node.get("stop_signal", "SIGTERM") not in ("SIGTERM", "TERM", "15"):
            lifecycle = case.place(name).container.get("lifecycle", {})
            word = node["stop_signal"].removeprefix("SIG")
            held = word in str(lifecycle)
            yield None if held else Loss(name, _at(name, "stop_signal"))


def volumes_from(case: Case) -> Iterator[Loss | None]:
    """The program sees what the other one has mounted."""
    for name, node in case.services.items():
        for index, line in enumerate(node.get("volumes_from", ())):
            other = line.split(":")[0]
            if other not in case.services:
                yield Loss(name, _at(name, "volumes_from", index))
                continue
            mounts = case.services[other].get("volumes", ())
            held = all(
                _same(case, case.place(name), case.place(other), m["target"])
                for m in mounts
            )
            yield None if held else Loss(name, _at(name, "volumes_from", index))


def _same(case: Case, mine: Place, its: Place, target: str) -> bool:
    """Whether both containers see one and the same thing at a path."""
    here, there = (case.cluster.mount(place, target) for place in (mine, its))
    if here is None or there is None:
        return False
    return mine.pod is its.pod or _content(here[1]) == _content(there[1])


def _content(volume: Mapping) -> object:
    if "emptyDir" in volume:
        return object()  # each pod has another one
    return {key: value for key, value in volume.items() if key != "name"}


def shared_volumes(case: Case) -> Iterator[Loss | None]:
    """Two services with one named volume see one and the same content."""
    users: dict[str, list[tuple[str, int, str]]] = {}
    for name, node in case.services.items():
        for index, mount in enumerate(node.get("volumes", ())):
            if mount["type"] == "volume" and mount.get("source"):
                entry = (name, index, mount["target"])
                users.setdefault(mount["source"], []).append(entry)
    for first, *others in users.values():
        for name, index, target in others:
            here = case.cluster.mount(case.place(name), target)
            there = case.cluster.mount(case.place(first[0]), first[2])
            held = bool(here and there) and _content(here[1]) == _content(there[1])
            yield None if held else Loss(name, _at(name, "volumes", index))


def platforms(case: Case) -> Iterator[Loss | None]:
    """The pod runs on a node of the processor that was asked for."""
    for name, node in case.services.items():
        if node.get("platform"):
            spec = case.place(name).pod.spec
            arch = node["platform"].split("/")[1:2]
            held = not arch or arch[0] in str(spec.get("nodeSelector", ""))
            yield None if held else Loss(name, _at(name, "platform"))


def environments(case: Case) -> Iterator[Loss | None]:
    """The program sees each variable with its value."""
    for name, node in case.services.items():
        wanted = node.get("environment", {})
        found = dict(_variables(case, case.place(name)))
        for key, value in wanted.items():
            held = key not in found if value is None else found.get(key) == str(value)
            if not held:
                yield Loss(name, _at(name, "environment"))
                break
        else:
            yield None


def _variables(case: Case, place: Place) -> Iterator[tuple[str, str]]:
    """The environment as the kubelet makes it: $$ before ( is one dollar sign."""
    for variable in place.container.get("env", ()):
        yield variable["name"], _expanded(variable.get("value", ""))


def _expanded(text: str) -> str:
    """What is left of a text when no variable is known: $$ is $, $(A) stays."""
    found, index = [], 0
    while index < len(text):
        if text.startswith("$$", index):
            index += 1
        found.append(text[index])
        index += 1
    return "".join(found)


def commands(case: Case) -> Iterator[Loss | None]:
    """The program is started with the words that were given."""
    for name, node in case.services.items():
        container = case.place(name).container
        for key, field in (("entrypoint", "command"), ("command", "args")):
            if node.get(key):
                words = [_expanded(word) for word in container.get(field, ())]
                if key == "command" and node.get("entrypoint") == []:
                    words = [_expanded(word) for word in container.get("command", ())]
                held = words == list(map(str, node[key]))
                yield None if held else Loss(name, _at(name, key))


def replicas(case: Case) -> Iterator[Loss | None]:
    """As many run as were asked for, none too."""
    for name, node in case.services.items():
        deploy = node.get("deploy", {})
        wanted = node.get("scale", deploy.get("replicas"))
        if wanted is None or deploy.get("mode") == "global":
            continue
        pod = case.place(name).pod
        spec = case.cluster.kind(pod.kind)[pod.name].get("spec", {})
        found = spec.get("replicas", spec.get("parallelism", 1))
        key = "scale" if "scale" in node else "deploy"
        yield None if found == wanted else Loss(name, _at(name, key))


def networks(case: Case) -> Iterator[Loss | None]:
    """Services without a common network do not reach each other; others do."""
    several = len(
        {net for n in case.services.values() for net in n.get("networks", {})}
    )
    if several > 1:
        held = case.result.same_reachability
        yield None if held else Loss("application", "isolation")


# Question, what Kompose lost in silence on its 226 files (None: not counted then).
CHECKS: tuple[tuple[str, Check, str], ...] = (
    ("a service's name resolves to nothing", names, "161"),
    ("a published port is unreachable from outside", published, "155"),
    ("restart unset is turned into Always", restart_unset, "285"),
    ("depends_on is lost", depends_on, "51"),
    ("a bind mount is replaced by an empty claim", binds, "43"),
    ("peers must use the published port", peer_ports, "27"),
    ("init is lost", init, "25"),
    ("a secret lies at the wrong path", secrets, "18"),
    ("a mounted folder is flattened", folders, "14"),
    ("several networks are flattened (files)", networks, "11"),
    ("a health check always fails", probes, "10"),
    ("stop_signal is lost", stop_signals, "8"),
    ("volumes_from is lost", volumes_from, "5"),
    ("a link's name resolves to nothing", links, "4"),
    ("platform is lost", platforms, "3"),
    ("a container's name resolves to nothing", container_names, "-"),
    ("an alias resolves to nothing", aliases, "-"),
    ("a config lies at the wrong path", configs, "-"),
    ("a shared volume is not shared", shared_volumes, "-"),
    ("a variable has another value", environments, "-"),
    ("a command has other words", commands, "-"),
    ("the number of replicas is another", replicas, "-"),
)


@dataclass
class Tally:
    """Of all places: how many are lost in silence, how many with a line about it."""

    places: int = 0
    silent: int = 0
    told: int = 0


def count(case: Case, tallies: dict[str, Tally]) -> list[tuple[str, Loss]]:
    """Asks every question of a case; gives the silent losses."""
    silent = []
    for title, check, _ in CHECKS:
        tally = tallies.setdefault(title, Tally())
        for loss in check(case):
            tally.places += 1
            if loss is not None and case.told(loss):
                tally.told += 1
            elif loss is not None:
                tally.silent += 1
                silent.append((title, loss))
    return silent


def projects(folder: Path, disk: Disk) -> Iterator[tuple[Path, Project | None]]:
    """Each Compose file below a folder, loaded; None where it is refused."""
    for path in sorted(p for end in ("yml", "yaml") for p in folder.rglob(f"*.{end}")):
        if _is_compose(path):
            try:
                yield (
                    path,
                    load(
                        [str(path)],
                        reader=disk,
                        environment={},
                        folder=str(path.parent),
                        profiles=["*"],
                    ),
                )
            except Refusal:
                yield path, None


def _is_compose(path: Path) -> bool:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return "services:" in path.read_text(encoding="utf-8", errors="replace")
    return isinstance(found, dict) and bool({"services", "include"} & found.keys())


def main(folder: str) -> int:
    """Prints the table; 1 if anything is lost in silence."""
    disk = Disk()
    tallies: dict[str, Tally] = {}
    seen: Counter[str] = Counter()
    silent = []
    for path, project in projects(Path(folder).resolve(), disk):
        seen["refused" if project is None else "files"] += 1
        if project is not None:
            case = Case.of(project, disk)
            seen["services"] += len(case.services)
            found = count(case, tallies)
            silent += [(path, title, loss) for title, loss in found]
    for path, title, loss in silent:
        print(f"silent: {path}: {loss.subject}: {loss.path}: {title}")
    print(_table(tallies))
    print(
        f"{seen['files']} files with {seen['services']} services, "
        f"{seen['refused']} files refused; Kompose 1.38: 226 files with 351 services"
    )
    told = sum(t.told for t in tallies.values())
    print(f"lost in silence: {len(silent)}, lost with a line in the report: {told}")
    return 1 if silent else 0


def _table(tallies: Mapping[str, Tally]) -> str:
    head = ("what Docker gives", "Kompose: silent", "places", "silent", "reported")
    rows = [
        (title, kompose, str(t.places), str(t.silent), str(t.told))
        for title, _, kompose in CHECKS
        for t in (tallies.get(title, Tally()),)
    ]
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, *rows)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

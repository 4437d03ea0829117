"""All files of a bundle, from what stands on a host.

```
 README.md                what to run where, in which order, and how to go back
 images/                  plan.json  save.sh  load.sh
 volumes/                 plan.json  save.sh
 APP/  compose.yaml       the same as a Compose project
       docker.sh          the same as docker lines
       restore.sh         what lay in its volumes
       manifests/         the same for Kubernetes, restore/ and restore.sh for claims
       secrets/           what looks secret, for its owner only
       report.txt .json   what is kept, changed, lost
```

Invariants: the same host gives the same bytes; no secret value is outside of a folder
``secrets``. Docker has no word for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from k8s_bridge.application import Application
from k8s_bridge.bundle.asked import Asked, asked_of
from k8s_bridge.bundle.composing import compose_model
from k8s_bridge.bundle.files import File, as_json, safe_names, script, secret, text
from k8s_bridge.bundle.images import Carried, carried_images, load_script
from k8s_bridge.bundle.images import save_script as save_images
from k8s_bridge.bundle.readme import readme
from k8s_bridge.bundle.script import docker_script
from k8s_bridge.bundle.vault import env_file, shell_file
from k8s_bridge.bundle.volumes import (
    Held,
    cluster_script,
    held_volumes,
    restore_jobs,
    restore_script,
)
from k8s_bridge.bundle.volumes import save_script as save_volumes
from k8s_bridge.grouping import Group, application_of, groups_of
from k8s_bridge.mapping.store import store_of
from k8s_bridge.options import Options
from k8s_bridge.outputs import to_files, to_yaml
from k8s_bridge.sources.surroundings import Look, Surroundings
from k8s_bridge.translate import Translation, translate
from minidock.moving.host import HostState, name_of
from minidock.moving.order import in_order
from minidock.moving.wish import Names

__all__ = ["Bundle", "Part", "bundle_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An application of the bundle: its folder, and its containers in their order."""

    folder: str
    group: Group
    application: Application
    asked: tuple[Asked, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The files by their names, and what may be carried beside them."""

    files: Mapping[str, File]
    parts: tuple[Part, ...]
    images: tuple[Carried, ...]
    held: tuple[Held, ...]


def bundle_of(
    state: HostState, options: Options | None = None, look: Look | None = None
) -> Bundle:
    """The bundle for a host; O(all of it).

    >>> sorted(bundle_of(HostState()).files)[0]
    'README.md'
    """
    chosen = options or Options(env_secrets=True)
    groups = groups_of(state)
    folders = safe_names(("images", "volumes", *(group.name for group in groups)))
    names = Names(state)
    held = held_volumes(in_order(state.containers, names), state.volumes)
    parts = tuple(
        _part(group, folders[group.name], names, held, look) for group in groups
    )
    used = {c.text("Image") for c in state.containers}
    used |= {c.document("Config").text("Image") for c in state.containers}
    images = carried_images(state.images, used)
    files: dict[str, File] = {}
    for part in parts:
        found = _files(part, chosen)
        files |= {f"{part.folder}/{name}": file for name, file in found.items()}
    files["images/plan.json"] = as_json([image.as_json() for image in images])
    files["images/save.sh"] = script(save_images(images))
    files["images/load.sh"] = script(load_script(images))
    files["volumes/plan.json"] = as_json([item.as_json() for item in held])
    files["volumes/save.sh"] = script(save_volumes(held))
    contents = [(part.folder, [a.name for a in part.asked]) for part in parts]
    files["README.md"] = text(readme(contents, images, held))
    return Bundle(files=files, parts=parts, images=images, held=held)


def _part(
    group: Group,
    folder: str,
    names: Names,
    held: Iterable[Held],
    look: Look | None,
) -> Part:
    ordered = in_order(group.state.containers, names)
    members = {name_of(container) for container in ordered}
    return Part(
        folder=folder,
        group=group,
        application=application_of(group, look),
        asked=tuple(asked_of(container, names) for container in ordered),
        held=tuple(item for item in held if item.container in members),
    )


def _files(part: Part, options: Options) -> dict[str, File]:
    stems = safe_names(item.name for item in part.asked)
    hiding = [item for item in part.asked if any(item.secret())]
    files: dict[str, File] = {}
    for item in hiding:
        pairs = tuple(item.secret())
        files[f"secrets/{stems[item.name]}.env"] = secret(env_file(pairs))
        files[f"secrets/{stems[item.name]}.sh"] = secret(shell_file(pairs))
    for_compose = {i.name: f"secrets/{stems[i.name]}.env" for i in hiding}
    for_shell = {i.name: f"secrets/{stems[i.name]}.sh" for i in hiding}
    model = compose_model(part.application, part.group.state, part.asked, for_compose)
    files["compose.yaml"] = text(to_yaml([model]))
    files["docker.sh"] = script(
        docker_script(part.folder, part.group.state, part.asked, for_shell)
    )
    files["restore.sh"] = script(restore_script(part.held))
    translation = translate(part.application, options)
    files |= dict(_manifests(part, translation, options))
    files["report.txt"] = text(f"{translation.report}\n\n{translation.proof}\n")
    files["report.json"] = as_json(
        {
            "same_reachability": translation.same_reachability,
            "entries": translation.report.as_json(),
        }
    )
    return files


def _manifests(
    part: Part, translation: Translation, options: Options
) -> Iterator[tuple[str, File]]:
    hidden = [m for m in translation.objects if m.get("kind") == "Secret"]
    plain = [m for m in translation.objects if m.get("kind") != "Secret"]
    for name, content in to_files(plain).items():
        yield f"manifests/{name}", text(content)
    for name, content in to_files(hidden).items():
        yield f"secrets/{name}", secret(content)
    made = {_name(m) for m in plain if m.get("kind") == "PersistentVolumeClaim"}
    claims = store_of(part.application, options).claims
    real = {v.docker_name or v.name: claims[v.name] for v in part.application.volumes}
    around = Surroundings(part.group.state.containers)
    for item in part.held:  # a nameless one that is shared got its name here
        owner = around.container(item.container)
        name = (
            "-".join((around.service(owner), *item.path.strip("/").split("/")))
            if owner
            else ""
        )
        if name in claims:
            real[item.volume] = claims[name]
    there = {volume: claim for volume, claim in real.items() if claim in made}
    jobs = tuple(restore_jobs(part.held, there, options.namespace))
    for _, job in jobs:
        yield f"restore/{_name(job)}-job.yaml", text(to_yaml([job]))
    yield "restore-kubernetes.sh", script(cluster_script(jobs))


def _name(manifest: Mapping[str, object]) -> str:
    metadata = manifest.get("metadata")
    return str(metadata["name"]) if isinstance(metadata, Mapping) else ""

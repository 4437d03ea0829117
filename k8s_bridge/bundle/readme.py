"""The page that tells what a bundle is for, and what to run where in which order.

Invariant: it is made from the same values as the scripts that it names.
"""

from collections.abc import Iterable, Sequence

from k8s_bridge.bundle.images import Carried
from k8s_bridge.bundle.volumes import Held

__all__ = ["readme"]

_HEAD = """\
# What ran on a Docker host, to be run elsewhere

Nothing here was taken away from the old host. Folders named `secrets` hold what looks
secret: keep them for yourself.

## 1. On the old host

```sh
sh images/save.sh      # only what no registry is known for
sh volumes/save.sh     # stop what writes first
```

Archives that lie in `images` and `volumes` already are kept.

## 2. On the new host

```sh
sh images/load.sh
```

Then, for each application, one of:

```sh
sh APP/docker.sh                                  # docker's own lines

cd APP                                            # or Compose
docker compose up --no-start && sh restore.sh && docker compose up -d

kubectl apply -f APP/secrets -f APP/manifests     # or Kubernetes: nothing is ready
sh APP/restore-kubernetes.sh                      # before its claims are filled
```

With Kubernetes, apply the claims alone first if pods must not start on empty volumes:
`kubectl apply -f` the files `*-persistentvolumeclaim.yaml`, then
`restore-kubernetes.sh`, then the rest.
"""

_BACK = """\
## Going back

The old host is as it was: its containers were only read. Stop the new ones and start
the old ones. What was written on the new host meanwhile lies in its volumes;
`volumes/save.sh` run there, in a copy of this folder without archives, brings it back
the same way.

To take away what was made on the new host, and nothing else:

```sh
{removal}
```

Volumes stay: they hold data. `docker volume rm` removes them one by one.
"""


def readme(
    parts: Sequence[tuple[str, Sequence[str]]],
    images: Iterable[Carried],
    held: Iterable[Held],
) -> str:
    """The page; ``parts`` are folders and their containers in the order of starting."""
    sections = [_HEAD, _applications(parts), _images(images), _volumes(held)]
    removal = "\n".join(
        f"docker rm -f {' '.join(reversed(names))}" for _, names in parts if names
    )
    sections.append(_BACK.format(removal=removal or "# there is nothing"))
    return "\n".join(section for section in sections if section)


def _applications(parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    rows = [f"| `{folder}` | {', '.join(names)} |" for folder, names in parts]
    head = ["## Applications", "", "| folder | starts, in this order |", "|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _images(images: Iterable[Carried]) -> str:
    rows = [
        f"| {', '.join(i.names) or i.id} | {i.digest or f'`images/{i.file}`'} |"
        for i in images
    ]
    head = ["## Images", "", "| image | comes from |", "|---|---|"]
    return "\n".join([*head, *rows]) + "\n" if rows else ""


def _volumes(held: Iterable[Held]) -> str:
    rows = [
        f"| {h.volume} | `volumes/{h.file}` | {h.container}:{h.path} |" for h in held
    ]
    head = ["## Volumes", "", "| volume | archive | reached through |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n" if rows else ""

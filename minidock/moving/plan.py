"""What is to be done so that one engine holds what another one holds.

```
 source state ─┐        ┌─ steps      networks, images, volumes, containers, in turn
               ├─ plan ─┼─ refusals   what stands against it: then nothing is done
 target state ─┘        └─ notes      what stays behind, or comes out different
```

Invariants: the plan for a target that holds all of it has no steps; after any part of
the steps, the plan that is then made leads to the same end. So there is no journal:
what stands on the target tells how far it came.
"""

from dataclasses import dataclass

from minidock.errors import Refusal
from minidock.moving.containers import container_part
from minidock.moving.host import CARRIER_IMAGE, HostState
from minidock.moving.images import image_part
from minidock.moving.networks import network_part
from minidock.moving.steps import CarryFiles, Helper, Step, ask
from minidock.moving.volumes import questions, tidy_steps, volume_part

__all__ = ["Choices", "Plan", "plan", "questions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person may allow: other subnets, other ports, files written over."""

    other_subnets: bool = False
    other_ports: bool = False
    replace_data: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps in their order, and what is to be said before them."""

    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


def plan(
    source: HostState,
    target: HostState,
    choices: Choices | None = None,
    same: frozenset[str] = frozenset(),
) -> Plan:
    """The plan; O(things here times things there).

    ``same`` are the volumes among :func:`questions` that hold the same files.

    >>> plan(HostState(), HostState()).steps
    ()
    """
    chosen = choices or Choices()
    parts = (
        network_part(source, target, other_subnets=chosen.other_subnets),
        image_part(source, target),
        volume_part(source, target, same=same, replace_data=chosen.replace_data),
        container_part(source, target, other_ports=chosen.other_ports),
    )
    steps = tuple(step for part in parts for step in part.steps)
    return Plan(
        steps=(*_helped(steps), *_tidying(steps, target)),
        refusals=tuple(refusal for part in parts for refusal in part.refusals),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _helped(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps; the helpers' image is made once."""
    first = next((i for i, step in enumerate(steps) if isinstance(step, Helper)), -1)
    return tuple(
        step
        for i, step in enumerate(steps)
        if not isinstance(step, Helper) or i == first
    )


def _tidying(steps: tuple[Step, ...], target: HostState) -> tuple[Step, ...]:
    """The helpers go, then their image."""
    carried = (s.target.volume for s in steps if isinstance(s, CarryFiles))
    volumes = sorted({*target.carriers, *carried} - {""})
    image = any(CARRIER_IMAGE in i.texts("RepoTags") for i in target.images)
    if not (volumes or image):
        return ()
    goes = ask(
        "the empty image of helpers goes",
        "DELETE",
        f"/images/{CARRIER_IMAGE}",
        fine=(404, 409),
    )
    return (*tidy_steps(tuple(volumes)), goes)

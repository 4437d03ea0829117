"""Why a packet did not get through, in one sentence, and what would work.

```
 ending: dropped, at docker-host, -A DOCKER-ISOLATION-STAGE-2 -o br-1 -j DROP
    └──▶ why:     Docker keeps the networks back and front apart.
    └──▶ remedy:  docker network connect back web, or publish the port
```

Invariants: every ending that is not "delivered" has a sentence and a remedy; both are
plain text without line breaks, made from the World and the ending alone.
"""

from collections.abc import Callable, Mapping

from minidock.model.world import World
from minidock.packet.case import Case, Reason, publish
from minidock.packet.conversation import Ending, Remark
from minidock.packet.fabric import Fabric
from minidock.packet.loss import Cause, Loss
from minidock.packet.trace import OUTSIDE, Outcome
from minidock.packet.walls import WALLS
from minidock.packet.ways import WAYS
from minidock.topology.namespace import Socket

__all__ = ["Reason", "explain"]


def explain(
    world: World,
    fabric: Fabric,
    ending: Ending,
    *,
    source: str,
    target: str,
    protocol: str,
    port: int,
) -> Reason:
    """Why a conversation ended as it did, and what would work; O(networks)."""
    case = Case(
        world=world,
        fabric=fabric,
        ending=ending,
        source=source,
        target=target,
        protocol=protocol,
        port=port,
    )
    if ending.outcome is Outcome.DELIVERED:
        return Reason(_delivered(case))
    if ending.remark is not Remark.NONE and not (
        ending.remark is Remark.PROXY_FAILED and ending.inner and ending.inner.loss
    ):
        return _REMARKS[ending.remark](case)
    loss = ending.loss
    if loss is None:
        return Reason(f"{source} gets no answer from {target}", "try another address")
    reason = _CAUSES[loss.cause](case, loss)
    if loss.carried is not None and loss.cause not in _AT_THE_END:
        outer = loss.packet
        reason = Reason(
            f"it goes to {outer.target} within UDP {outer.target_port} (VXLAN), and "
            f"that packet is lost at {loss.stack.place}: {reason.why}",
            reason.remedy,
        )
    if ending.answer_lost and loss.cause is not Cause.NO_WAY_BACK:
        return Reason(f"the request arrived, but its answer is lost: {reason.why}",
                      reason.remedy)  # fmt: skip
    return reason


def _delivered(case: Case) -> str:
    ending = case.ending
    server = ending.server.place if ending.server else case.target
    if server == OUTSIDE:
        server = OUTSIDE if case.target == OUTSIDE else f"{case.target} outside"
    # The port of the program, which a rule or docker-proxy may have translated to.
    port = (ending.inner or ending).final.target_port
    what = f"answers on {port}/{case.protocol}" if port else "answers"
    seen = f" and sees {ending.seen}" if ending.seen is not None else ""
    return f"{server} {what}{seen}"


# --- it arrived, but ------------------------------------------------------------------


def _nobody_listens(case: Case) -> Reason:
    stack = case.ending.server
    place = stack.place if stack else case.target
    final = case.ending.final
    listening = [
        f"{item.port}/{item.protocol}"
        for item in (stack.space.sockets if stack else ())
        if item.owner != "dockerd"
    ]
    here = [
        item
        for item in (stack.space.sockets if stack else ())
        if (item.protocol, item.port) == (final.protocol, final.target_port)
    ]
    wanted = f"{final.target_port}/{final.protocol}"
    if here:
        return _elsewhere(case, place, here)
    known = ", ".join(dict.fromkeys(listening))
    why = f"{place} is reached, but nobody listens on {wanted} there"
    if stack is not None and not stack.space.name:
        return Reason(
            why + (f" (published or listening: {known})" if known else ""),
            f"publish it: {publish(final)}",
        )
    if known:
        return Reason(why, f"ask what it does listen on: {known}")
    return Reason(why, f"start a program in {place} that listens on {wanted}")


def _elsewhere(case: Case, place: str, here: list[Socket]) -> Reason:
    """The port is open, but on other addresses than the one that was asked."""
    final = case.ending.final
    wanted = f"{final.target_port}/{final.protocol}"
    only = ", ".join(str(item.address) for item in here)
    if any(item.leads_to for item in here):
        return Reason(
            f"{place} publishes {wanted} on {only} only, not on {final.target}",
            f"ask {only} on {place} itself, or publish it on every address: "
            f"{publish(final)}",
        )
    return Reason(
        f"in {place} {wanted} is open on {only} only, not on {final.target}",
        f"let the program listen on 0.0.0.0: nobody but {place} itself can ask {only}"
        if any(item.address and item.address.is_loopback for item in here)
        else f"ask {only}, or let the program listen on 0.0.0.0",
    )


def _paused(case: Case) -> Reason:
    place = case.ending.server.place if case.ending.server else case.target
    return Reason(
        f"{place} is paused: its kernel takes the connection, its program is frozen",
        f"docker unpause {place}",
    )


def _held(case: Case) -> Reason:
    return Reason(
        f"port {case.ending.final.target_port} of the host is only kept by dockerd, "
        "which answers nobody: the rules that lead it on do not apply here",
        "an address of the host that its nat rules lead to the container",
    )


def _proxy_failed(case: Case) -> Reason:
    inner = case.ending.inner
    if inner is None:
        return Reason(
            "docker-proxy took the connection, but has no way to the container",
            "connect the container to its network again",
        )
    found = explain(
        case.world,
        case.fabric,
        inner,
        source="docker-proxy",
        target=case.target,
        protocol=inner.final.protocol,
        port=inner.final.target_port,
    )
    return Reason(f"docker-proxy took it, but {found.why}", found.remedy)


def _other_address(case: Case) -> Reason:
    return Reason(
        f"the answer comes from another address than the one that {case.source} asked, "
        "so its socket does not take it",
        "ask the container by its own address, or by the gateway of one's own network",
    )


_REMARKS: dict[Remark, Callable[[Case], Reason]] = {
    Remark.NOBODY_LISTENS: _nobody_listens,
    Remark.PAUSED: _paused,
    Remark.HELD: _held,
    Remark.PROXY_FAILED: _proxy_failed,
    Remark.OTHER_ADDRESS: _other_address,
}


_AT_THE_END = {Cause.NO_VNI}
"""Losses within a tunnel whose sentence speaks of the tunnel itself."""

_CAUSES: Mapping[Cause, Callable[[Case, Loss], Reason]] = {**WALLS, **WAYS}

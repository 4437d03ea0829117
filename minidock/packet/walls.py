"""Why a rule, or a chain's policy, stopped a packet.

```
 -A DOCKER-USER ... -j DROP                   somebody's own rule
 -A DOCKER-FORWARD -i br-1 -o br-1 -j DROP    icc is off
 -t raw -A PREROUTING -d 172.18.0.2/32 ...    not from outside, not from another network
```

Invariant: only chains that Docker and ufw make have sentences of their own; any other
rule is named as it is.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from minidock.firewall.rule import InInterface, OutInterface, Rule
from minidock.model.network import Network
from minidock.net.address import V4
from minidock.packet.case import (
    MASQUERADE,
    Case,
    Reason,
    either,
    join,
    net_name,
    publish,
    routed,
)
from minidock.packet.loss import Cause, Loss

__all__ = ["WALLS"]


def _by_rule(case: Case, loss: Loss) -> Reason:
    rule = loss.rule
    chain = rule.chain if rule else loss.chain.rpartition(" ")[2]
    if chain == "DOCKER-USER":
        return Reason(
            "a rule of your own in DOCKER-USER drops it",
            f"{_without(loss)}, or a rule above it that accepts",
        )
    if chain.startswith("ufw"):
        port = case.port or "PORT"
        return Reason(
            f"ufw drops what comes to the host itself ({chain})",
            f"ufw allow {_tunnel(loss) or f'{port}/{case.protocol}'}",
        )
    if loss.chain.startswith("raw"):
        return _direct(case, loss)
    came, goes = _device(rule, InInterface), _device(rule, OutInterface)
    if came and came == goes:
        return _icc(case, came, loss)
    if chain == "DOCKER":
        return _closed(case, loss, case.network(goes))
    if chain.startswith("DOCKER-ISOLATION-STAGE"):
        return _isolated(case, loss, case.network(came), case.network(goes))
    return Reason(
        f"a rule in {chain} drops it",
        f"look at it with iptables -S {chain}, and delete or precede it",
    )


def _by_policy(case: Case, loss: Loss) -> Reason:
    chain = loss.chain.rpartition(" ")[2]
    if chain != "FORWARD":
        return Reason(
            f"no rule of {chain} lets it pass, and its policy is DROP",
            f"a rule that accepts it (iptables -I {chain} ... -j ACCEPT, or with ufw: "
            f"ufw allow {_tunnel(loss) or case.port or 'PORT'}), or "
            f"iptables -P {chain} ACCEPT",
        )
    network = case.network_of(loss.packet.target)
    if network is not None:
        return _closed(case, loss, network)
    return Reason(
        "no rule of FORWARD lets it pass, and Docker made DROP its policy",
        "a rule in DOCKER-USER that accepts it",
    )


def _tunnel(loss: Loss) -> str:
    """The port of the packet outside, where what was lost is within another one."""
    packet = loss.packet
    return f"{packet.target_port}/{packet.protocol}" if packet.vni else ""


def _rejected(case: Case, loss: Loss) -> Reason:
    found = _by_rule(case, loss)
    return Reason(found.why.replace("drops", "refuses"), found.remedy)


def _solicitation(case: Case, loss: Loss) -> Reason:
    found = _by_rule(case, loss) if loss.rule is not None else _by_policy(case, loss)
    return Reason(
        f"even the question who has {loss.detail} (neighbour discovery) is dropped: "
        f"{found.why}",
        found.remedy,
    )


def _device(rule: Rule | None, kind: type) -> str:
    for match in rule.matches if rule else ():
        if isinstance(match, kind) and not getattr(match, "negated", False):
            return str(getattr(match, "name", ""))
    return ""


def _without(loss: Loss) -> str:
    """The command that deletes the rule which decided."""
    program = "iptables" if loss.packet.family == V4 else "ip6tables"
    if loss.rule is None:
        return f"{program} -D ..."
    return f"{program} {loss.stack.text_of(loss.rule).replace('-A', '-D', 1)}"


def _direct(case: Case, loss: Loss) -> Reason:
    packet = loss.packet
    if packet.target.is_loopback:
        return Reason(
            f"port {packet.target_port} is published on 127.0.0.1 only",
            f"ask on the host itself, or publish it on every address: "
            f"{publish(packet)}",
        )
    name = case.name(packet.target)
    here, there = case.network_of(packet.source), case.network_of(packet.target)
    if case.ending.answer_lost:
        return Reason(
            f"it is for {packet.target}, {name}'s own address, and Docker drops what "
            "comes for that from anywhere but its own network",
            f"{MASQUERADE}, or {routed(case, packet.target)}",
        )
    if here is not None and here is not there:
        return _isolated(case, loss, here, there)
    return Reason(
        f"{packet.target} is {name}'s own address, and Docker drops what comes for it "
        "from anywhere but its own network",
        either("publish the port and use the host's address", join(case, there)),
    )


def _icc(case: Case, device: str, loss: Loss) -> Reason:
    network = case.network(device)
    name = net_name(network)
    link = (
        f"--link {case.name(loss.packet.target)} opens its exposed ports; "
        if network is not None and network.is_default_bridge
        else ""
    )
    return Reason(
        f"containers of {name} may not talk to each other (icc is off)",
        f"{link}publish the port and use an address of the host, or put both on a "
        "network with icc",
    )


def _closed(case: Case, loss: Loss, network: Network | None) -> Reason:
    packet = loss.packet
    name = case.name(packet.target)
    what = f"{packet.target_port}/{packet.protocol}" if packet.target_port else "ping"
    return Reason(
        f"{what} of {name} is not published: from outside its network "
        f"{net_name(network)} only published ports are open",
        either(
            f"docker run -p HOSTPORT:{packet.target_port or 80} ...",
            join(case, network),
        ),
    )


def _isolated(
    case: Case, loss: Loss, came: Network | None, goes: Network | None
) -> Reason:
    packet = loss.packet
    for network in (came, goes, case.network_of(packet.target)):
        if network is not None and network.internal:
            return Reason(
                f"the network {network.name} is internal: nothing passes between it "
                "and the world",
                join(case, network) or "ask from a container of that network"
                if network is not came
                else f"docker network connect NETWORK {case.source}, with a network "
                "that is not internal",
            )
    there = net_name(goes or case.network_of(packet.target))
    here = net_name(came or case.network_of(packet.source))
    way_in = join(case, goes or case.network_of(packet.target))
    if case.asked_host:
        # A rule led it on before docker-proxy could take it: without masquerading
        # Docker does not exempt the bridge's own containers from DNAT.
        return Reason(
            f"the host's port leads to {packet.target} in {there}, and Docker keeps "
            f"networks apart: nothing goes from {here} to {there}",
            way_in or "ask from outside, or from the host",
        )
    return Reason(
        f"Docker keeps networks apart: nothing goes from {here} to {there}",
        either(way_in, "publish the port and use an address of the host"),
    )


WALLS: Mapping[Cause, Callable[[Case, Loss], Reason]] = MappingProxyType(
    {
        Cause.RULE: _by_rule,
        Cause.REJECTED: _rejected,
        Cause.POLICY: _by_policy,
        Cause.SOLICITATION: _solicitation,
    }
)
"""Who explains which loss at a firewall."""

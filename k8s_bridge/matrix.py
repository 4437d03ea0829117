"""Who may reach whom under NetworkPolicies, for all pairs at once.

```
              ends    web db job outside          one number per target and port:
 target db on 5432     1   -   0    0      ─▶     bit i: may end i reach it?
```

Every end has a bit, so that a selector's pods, a rule's peers and a column of the
matrix are numbers, and "or" and "and" answer for all pairs in one step.

Invariant: a bit is what :func:`k8s_bridge.reachability.allows` says for the pair.

Cost: O(policies times (requirements + pods that their rules are about)) to build;
a column costs the rules about its target, a pair one bit.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from k8s_bridge.application import Port
from k8s_bridge.netpol import EGRESS, INGRESS, Block, Pods, Policy, Rule
from k8s_bridge.reachability import End, Pod, Policies
from k8s_bridge.selectors import Index

__all__ = ["Matrix", "bits"]


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, the lowest first; O(bits set).

    >>> list(bits(0b1010))
    [1, 3]
    """
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class _Applied(NamedTuple):
    """Whom a rule lets through to one target, on which ports."""

    sources: int
    rule: Rule


class Matrix:
    """All pairs of ends; an end's number is its place in the sequence.

    >>> web, db = Pod(name="web"), Pod(name="db", labels={"app": "db"})
    >>> selector = {"matchLabels": {"app": "db"}}
    >>> spec = {"podSelector": selector}
    >>> deny = Policies.of([{"kind": "NetworkPolicy", "spec": spec}])
    >>> matrix = Matrix([web, db], deny)
    >>> matrix.allows(0, 1, Port(80)), matrix.allows(1, 0, Port(80))
    (False, True)
    """

    def __init__(self, ends: Sequence[End], policies: Policies) -> None:
        self.ends = tuple(ends)
        self._policies = policies
        pods = [end if isinstance(end, Pod) else None for end in self.ends]
        self._everybody = (1 << len(self.ends)) - 1
        self._labels = Index(dict(pod.labels) if pod else {} for pod in pods)
        self._ruled = _mask(pod is not None and not pod.on_host for pod in pods)
        self._spaces = _by_namespace(pods)
        self._space_labels = Index(map(policies.namespace_labels, self._spaces))
        addresses = enumerate(map(policies.addresses, self.ends))
        self._addressed = [(number, some) for number, some in addresses if some]
        self._isolated = {EGRESS: 0, INGRESS: 0}
        self._leaving: list[list[_Applied]] = [[] for _ in self.ends]
        self._entering: list[list[_Applied]] = [[] for _ in self.ends]
        for policy in policies.policies:
            self._apply(policy)

    def allows(self, source: int, target: int, port: Port) -> bool:
        """Whether one end may reach another one."""
        return bool(self.sources(target, port) >> source & 1)

    def sources(self, target: int, port: Port) -> int:
        """The ends that may reach a target on a port, as bits; O(rules about it)."""
        end = self.ends[target]
        name = end.called(port) if isinstance(end, Pod) else ""
        leaving = self._everybody & ~self._isolated[EGRESS]
        leaving |= _through(self._leaving[target], port, name)
        entering = self._everybody
        if self._isolated[INGRESS] >> target & 1:
            entering = _through(self._entering[target], port, name)
        return leaving & entering | 1 << target

    def _apply(self, policy: Policy) -> None:
        subjects = self._labels.selected(policy.selector) & self._ruled
        subjects &= self._spaces.get(policy.namespace, 0)
        for direction in policy.directions:
            self._isolated[direction] |= subjects
        for rule in policy.egress if EGRESS in policy.directions else ():
            for target in bits(self._others(rule, policy)):
                self._leaving[target].append(_Applied(subjects, rule))
        for rule in policy.ingress if INGRESS in policy.directions else ():
            others = self._others(rule, policy)
            for target in bits(subjects):
                self._entering[target].append(_Applied(others, rule))

    def _others(self, rule: Rule, policy: Policy) -> int:
        if not rule.peers:
            return self._everybody
        found = 0
        for peer in rule.peers:
            found |= self._peers(peer, policy)
        return found

    def _peers(self, peer: Pods | Block, policy: Policy) -> int:
        if isinstance(peer, Block):
            return self._in_block(peer)
        if peer.namespaces is None:
            spaces = self._spaces.get(policy.namespace, 0)
        else:
            chosen = self._space_labels.selected(peer.namespaces)
            members = tuple(self._spaces.values())
            spaces = 0
            for number in bits(chosen):
                spaces |= members[number]
        return self._labels.selected(peer.labels) & spaces & self._ruled

    def _in_block(self, block: Block) -> int:
        found = 0
        for number, addresses in self._addressed:
            if any(address in block for address in addresses):
                found |= 1 << number
        return found


def _through(applied: Sequence[_Applied], port: Port, name: str) -> int:
    """The sources that some rule lets through on a port of this name."""
    found = 0
    for sources, rule in applied:
        if not rule.ports or any(ports.holds(port, name) for ports in rule.ports):
            found |= sources
    return found


def _mask(flags: Iterator[bool] | Sequence[bool]) -> int:
    mask = 0
    for number, flag in enumerate(flags):
        mask |= flag << number
    return mask


def _by_namespace(pods: Sequence[Pod | None]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, pod in enumerate(pods):
        if pod is not None:
            found[pod.namespace] = found.get(pod.namespace, 0) | 1 << number
    return found

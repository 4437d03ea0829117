"""What can be refused, and in which of Docker's categories.

Every refusal is a :class:`Refusal` in exactly one category. The category decides
what a program may do about it (and, in ``api/`` alone, the HTTP status); the text
is Docker's own wherever Docker has one.

```
Refusal
├── InvalidParameter   the request makes no sense as written          (HTTP 400)
├── NotFound           it names something that is not there           (HTTP 404)
├── Conflict           it clashes with the state something is in      (HTTP 409)
├── Forbidden          a rule of the network forbids it               (HTTP 403)
├── Exhausted          nothing is left to hand out                    (HTTP 503)
├── Unclassified       Docker never gave the error a category         (HTTP 500)
└── NotModified        it is already so: not an error for the caller  (HTTP 304)
```

Docker's name for this idea is ``errdefs`` (moby, ``errdefs`` package); moby calls our
``Exhausted`` *Unavailable* and our ``Unclassified`` *System* or *Unknown*.

Invariant: a refusal carries three parts, what was asked, which rule refused and
what would work, and :meth:`Refusal.explain` prints them.
"""

__all__ = [
    "AddressOutOfRange",
    "AddressTaken",
    "AddressesExhausted",
    "Conflict",
    "Exhausted",
    "Forbidden",
    "InvalidParameter",
    "NotFound",
    "NotModified",
    "NotationError",
    "PoolOverlap",
    "PoolsExhausted",
    "PortTaken",
    "PortsExhausted",
    "ProgramRefusal",
    "Refusal",
    "Unclassified",
]


class Refusal(Exception):
    """Something was asked that cannot be done; nothing has changed.

    Args:
        text: what Docker prints, word for word where Docker has a text.
        asked: the request in the caller's words.
        rule: the rule that refused, in one sentence.
        remedy: what would work instead.

    >>> error = Conflict(
    ...     "Bind for 0.0.0.0:80 failed: port is already allocated",
    ...     asked="publish host port 80/tcp on 0.0.0.0",
    ...     rule="one address and port can be bound once",
    ...     remedy="-p 8080:80, or stop the container that holds port 80",
    ... )
    >>> str(error)
    'Bind for 0.0.0.0:80 failed: port is already allocated'
    >>> print(error.explain())
    asked:  publish host port 80/tcp on 0.0.0.0
    rule:   one address and port can be bound once
    try:    -p 8080:80, or stop the container that holds port 80
    """

    def __init__(
        self, text: str, *, asked: str = "", rule: str = "", remedy: str = ""
    ) -> None:
        super().__init__(text)
        self.text = text
        self.asked = asked
        self.rule = rule
        self.remedy = remedy

    def explain(self) -> str:
        """The three parts, a line each; a part that nobody filled in is left out.

        >>> NotFound("network nosuch not found").explain()
        'rule:   network nosuch not found'
        """
        parts = [
            ("asked:  ", self.asked),
            ("rule:   ", self.rule or self.text),
            ("try:    ", self.remedy),
        ]
        return "\n".join(label + words for label, words in parts if words)


class InvalidParameter(Refusal):
    """The request makes no sense as written: a bad number, name or combination."""


class NotFound(Refusal):
    """The request names a network, container, image or plugin that is not there."""


class Conflict(Refusal):
    """The request clashes with the state that something is in."""


class Forbidden(Refusal):
    """A rule of the network forbids it: overlap, a taken address, a built-in name."""


class Exhausted(Refusal):
    """Nothing is left to hand out: no address, no port, no subnet, no VNI."""


class Unclassified(Refusal):
    """An error that Docker never put into a category; clients see status 500."""


class NotModified(Refusal):
    """It is already so (starting what runs): nothing to do, HTTP 304."""


class NotationError(InvalidParameter, ValueError):
    """A text that is no address, prefix, MAC or port specification.

    Also a ``ValueError``, so that code written for the standard library's parsers
    catches it.
    """

    def __init__(
        self, text: str, *, value: str, rule: str = "", remedy: str = ""
    ) -> None:
        super().__init__(text, asked=f"read {value!r}", rule=rule, remedy=remedy)
        self.value = value


class ProgramRefusal(InvalidParameter):
    """A program on the host refused its words: what it prints, and its exit status.

    >>> refused = ProgramRefusal("iptables: Chain already exists.", code=1)
    >>> refused.code, refused.text
    (1, 'iptables: Chain already exists.')
    """

    def __init__(
        self,
        text: str,
        *,
        code: int = 1,
        asked: str = "",
        rule: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(text, asked=asked, rule=rule, remedy=remedy)
        self.code = code


class PoolOverlap(Forbidden):
    """A subnet shares addresses with one that is taken in the same address space."""


class AddressTaken(Forbidden):
    """An address that somebody holds, or that the subnet keeps for itself."""


class AddressOutOfRange(InvalidParameter):
    """An address that does not lie in the subnet it was asked from."""


class AddressesExhausted(Exhausted):
    """A subnet, or the range of it that may be handed out, has no free address."""


class PoolsExhausted(Exhausted):
    """No default pool is left that overlaps neither a network nor a host route."""


class PortTaken(Conflict):
    """A host port that a container or a process on the host already holds."""


class PortsExhausted(Exhausted):
    """No port of the asked range is free on the asked addresses."""

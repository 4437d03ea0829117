"""A seeded source of identifiers: the same seed gives the same digits.

Docker draws ids at random. A lesson that prints them must print the same ones each
time,
so a World carries a source: a seed and a count. The n-th draw is SHA-256 of both; a
server passes a truly random seed.

Invariant: a source never gives the same digits twice (SHA-256 does not collide).
"""

from dataclasses import dataclass
from hashlib import sha256

from minidock.net.mac import MAC

__all__ = ["IdSource", "base36"]

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: int, length: int = 25) -> str:
    """The last digits of a number to base 36.

    >>> base36(37)[-3:], base36(37, 2)
    ('011', '11')
    """
    digits = []
    for _ in range(length):
        number, last = divmod(number, 36)
        digits.append(_DIGITS[last])
    return "".join(reversed(digits))


@dataclass(frozen=True, slots=True)
class IdSource:
    """The next identifiers to be handed out.

    >>> source, first = IdSource("lesson").hex_id()
    >>> len(first), first == IdSource("lesson").hex_id()[1]
    (64, True)
    """

    seed: str
    count: int = 0

    def anew(self, why: str) -> "IdSource":
        """A source of other identifiers, where the next ones may be in use already.

        Whoever goes back to an earlier source would give the same digits again.

        >>> source = IdSource("lesson")
        >>> source.anew("again").hex_id()[1] == source.hex_id()[1]
        False
        """
        return IdSource(sha256(f"{self.seed}:{self.count}:{why}".encode()).hexdigest())

    def _draw(self) -> tuple["IdSource", str]:
        digest = sha256(f"{self.seed}:{self.count}".encode()).hexdigest()
        return IdSource(self.seed, self.count + 1), digest

    def hex_id(self) -> tuple["IdSource", str]:
        """A container, network or endpoint id: 64 hexadecimal digits.

        One whose first twelve digits are all decimal is drawn again, since the short
        form would read as a number (moby, ``stringid``).
        """
        source, digest = self._draw()
        while digest[:12].isdecimal():
            source, digest = source._draw()  # noqa: SLF001 - its own kind
        return source, digest

    def swarm_id(self) -> tuple["IdSource", str]:
        """A swarm's id of a network: 25 digits to base 36 (swarmkit, ``identity``).

        >>> source, first = IdSource("lesson").swarm_id()
        >>> len(first), first.isalnum() and first == first.lower()
        (25, True)
        """
        source, digest = self._draw()
        return source, base36(int(digest, 16))

    def swarm_digest(self) -> tuple["IdSource", str]:
        """The digest of a swarm's root: 256 bits as 50 digits to base 36."""
        source, digest = self._draw()
        return source, base36(int(digest, 16), 50)

    def number(self, below: int) -> tuple["IdSource", int]:
        """A whole number from 0 up to, not including, ``below``."""
        source, digest = self._draw()
        return source, int(digest, 16) % below

    def veth(self) -> tuple["IdSource", str]:
        """The name of one end of a veth pair: veth and seven hexadecimal digits."""
        source, digest = self._draw()
        return source, f"veth{digest[:7]}"

    def mac(self) -> tuple["IdSource", MAC]:
        """A random locally administered unicast MAC (IEEE 802, second-lowest bit)."""
        source, digest = self._draw()
        return source, MAC.local(int(digest[:12], 16))

    def docker_mac(self) -> tuple["IdSource", MAC]:
        """A bridge's MAC: 02:42 and four random octets."""
        source, digest = self._draw()
        return source, MAC(0x0242_0000_0000 | int(digest[:8], 16))

"""A pool as a bitmap of letters, for a terminal.

```
app: 172.28.0.0/29
3 of 6 addresses are held; next: 172.28.0.4

172.28.0.0  x G # # . . . x

x reserved  G gateway  # taken  . free
172.28.0.1  docker0
172.28.0.2  web
```

Up to 256 addresses have a letter each; of a larger pool 256 blocks have one.

Invariants: no line is wider than asked, as far as an address fits; every letter that
occurs is explained.
"""

from collections.abc import Iterator
from itertools import islice
from types import MappingProxyType

from minidock.ipam.pool import Pool
from minidock.views.measure import clip
from minidock.views.pool_map import PoolMap, Use, blocks

__all__ = ["pool_text"]

_LETTERS = MappingProxyType(
    {
        Use.RESERVED: "x",
        Use.GATEWAY: "G",
        Use.KEPT: "k",
        Use.TAKEN: "#",
        Use.FREE: ".",
        Use.ON_REQUEST: ",",
    }
)
_BLOCKS = MappingProxyType({"#": "full", "+": "some held", ".": "free"})
_MOST = 256
_LISTED = 32


def pool_text(pool: Pool | PoolMap, width: int = 80) -> str:
    """The bitmap as text, so many columns wide; O(what is held).

    >>> from minidock.net.prefix import Prefix
    >>> small = Pool.open(Prefix.parse("10.5.0.0/29")).allocate_many(2)[0]
    >>> print(pool_text(small))
    10.5.0.0/29
    2 of 6 addresses are held; next: 10.5.0.3
    <BLANKLINE>
    10.5.0.0  x # # . . . . x
    <BLANKLINE>
    x reserved   # taken   . free
    10.5.0.1
    10.5.0.2
    """
    shown = pool if isinstance(pool, PoolMap) else PoolMap(pool)
    lines = [shown.title, shown.summary, "", *_map(shown, width), *_owners(shown)]
    return "\n".join(clip(line.rstrip(), width) for line in lines)


def _map(shown: PoolMap, width: int) -> Iterator[str]:
    subnet = shown.pool.subnet
    firsts: list[str]
    if subnet.size <= _MOST:
        letters = [_LETTERS[shown.use(address)] for address in subnet.addresses()]
        firsts = [str(address) for address in subnet.addresses()]
        known = {letter: use.value for use, letter in _LETTERS.items()}
    else:
        found = blocks(shown, _MOST)
        letters = [_letter(block.held, block.size) for block in found]
        firsts = [str(block.first) for block in found]
        known = dict(_BLOCKS)
        yield f"a letter is a block of {found[0].size:,} addresses"
    wide = max(map(len, firsts)) + 2
    columns = next((n for n in (32, 16, 8) if wide + 2 * n <= width), 4)
    for start in range(0, len(letters), columns):
        yield f"{firsts[start]:{wide}}{' '.join(letters[start : start + columns])}"
    yield ""
    there = [f"{sign} {said}" for sign, said in known.items() if sign in letters]
    line = there[0]
    for said in there[1:]:
        if len(line) + 3 + len(said) > width:
            yield line
            line = said
        else:
            line = f"{line}   {said}"
    yield line


def _letter(held: int, size: int) -> str:
    return "." if not held else "#" if held == size else "+"


def _owners(shown: PoolMap) -> Iterator[str]:
    held = list(islice(shown.held(), _LISTED))
    wide = max((len(str(address)) for address, _ in held), default=0) + 2
    for address, (use, who) in held:
        kind = f"({use})" if use is not Use.TAKEN else ""
        yield f"{address!s:{wide}}{who} {kind}"
    rest = shown.pool.taken - len(held)
    if rest > 0:
        yield f"and {rest:,} more"

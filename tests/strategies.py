"""What every law is stated over: addresses, prefixes and MACs, and texts that are wrong.

Numbers are not drawn evenly. Half of them lie at a power of two or beside one, or
consist of few groups, as that is where arithmetic on bits goes wrong.
"""

from hypothesis import strategies as st

from minidock.net.address import BITS, V4, V6, Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix

__all__ = [
    "addresses",
    "families",
    "hostile_address_texts",
    "macs",
    "numbers",
    "prefixes",
    "prefixes_within",
    "spellings",
]

families = st.sampled_from([V4, V6])


def numbers(bits: int) -> st.SearchStrategy[int]:
    """Numbers below ``2**bits``: even, at powers of two, and with long runs of zeros."""
    limit = (1 << bits) - 1
    beside = st.builds(
        lambda power, step: min(max((1 << power) + step, 0), limit),
        st.integers(0, bits),
        st.integers(-2, 2),
    )
    sparse = st.builds(
        lambda groups: sum(group << 16 * place for place, group in enumerate(groups)),
        st.lists(
            st.sampled_from([0, 0, 0, 1, 10, 0xFFFF]),
            min_size=bits // 16,
            max_size=bits // 16,
        ),
    )
    return st.integers(0, limit) | beside | sparse


def addresses(family: int | None = None) -> st.SearchStrategy[Address]:
    """Addresses of one family, or of both."""
    if family is None:
        return families.flatmap(addresses)
    return numbers(BITS[family]).map(lambda value: Address(value, family))


def prefixes(
    family: int | None = None, min_length: int = 0, max_length: int = 128
) -> st.SearchStrategy[Prefix]:
    """Prefixes of one family, or of both, with a length in between."""
    if family is None:
        return families.flatmap(lambda one: prefixes(one, min_length, max_length))
    lengths = st.integers(min_length, min(max_length, BITS[family]))
    return st.builds(Prefix.of, addresses(family), lengths)


def prefixes_within(parent: Prefix) -> st.SearchStrategy[Prefix]:
    """Prefixes that a parent covers."""
    inside = st.integers(0, parent.size - 1).map(parent.address)
    lengths = st.integers(parent.length, parent.bits)
    return st.builds(Prefix.of, inside, lengths)


def macs() -> st.SearchStrategy[MAC]:
    """MACs of all kinds: local or burnt in, of one machine or of a group."""
    return numbers(48).map(MAC)


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """An IPv6 text that is right, though hardly ever the canonical one."""
    value = draw(addresses(V6)).value
    groups = [f"{value >> 16 * place & 0xFFFF:x}" for place in reversed(range(8))]
    groups = [group.zfill(draw(st.integers(1, 4))) for group in groups]
    if draw(st.booleans()):
        groups[6:] = [str(Address(value & 0xFFFFFFFF))]
    empty = [place for place, group in enumerate(groups) if not group.strip("0")]
    text = ":".join(groups)
    if empty and draw(st.booleans()):
        start = end = draw(st.sampled_from(empty))
        while end + 1 in empty and draw(st.booleans()):
            end += 1
        text = ":".join(groups[:start]) + "::" + ":".join(groups[end + 1 :])
    return draw(st.sampled_from([text, text.upper()]))


_ALPHABET = "0123456789abcdefABCDEFgx.:%/+-_ \t\n١"  # with one digit that is not ASCII


@st.composite
def _mutilated(draw: st.DrawFn) -> str:
    """A text that was right until somebody changed a letter or two."""
    text = str(draw(addresses())) if draw(st.booleans()) else draw(spellings())
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(text)))
        removed = draw(st.integers(0, 1))
        added = draw(st.sampled_from(["", "0", ":", "::", ".", *_ALPHABET]))
        text = text[:place] + added + text[place + removed :]
    return text


def hostile_address_texts() -> st.SearchStrategy[str]:
    """Texts near the border of what is an address, on both sides of it, and far away."""
    shaped = st.lists(
        st.sampled_from(["0", "1", "ff", "255", "256", "10.0.0.1", ":", ":", "::", "."])
    ).map("".join)
    return _mutilated() | shaped | st.text(_ALPHABET, max_size=45) | st.text(max_size=8)

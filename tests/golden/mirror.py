"""Another world that says the same: what the comparison must not mind.

:func:`mirrored` turns a recorded text into what a second engine would have said: other
ids, other random MACs and veth names (always the same one for the same one), other times.
"""

import hashlib
import re

from tests.golden.pieces import mac_of, pieces

__all__ = ["mirrored", "mirrored_json"]

_TIMES = ("1 second", "About an hour", "3 weeks")


def _digits(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _mac(text: str, said: str) -> str:
    """Another MAC; one that is derived from an address in ``said``, or shared, stays."""
    octets = text.split(":")
    numbers = [int(octet, 16) for octet in octets]
    derived = numbers[:2] == [2, 0x42] and ".".join(map(str, numbers[2:])) in said
    chosen = f"mac-address {text}" in said or f'"MacAddress": "{text}"' in said
    if derived or chosen or not any(numbers):
        return text
    if text.startswith("33:33:ff"):
        return text[:9] + ":".join(re.findall("..", _digits(text, 6)))
    if numbers[0] & 1:
        return text
    return ":".join(octets[:2] + re.findall("..", _digits(text, 8)))


def _hidden_mac(kind: str, text: str, said: str) -> str:
    """The same for a MAC inside a bridge's id or a link-local address."""
    mac = mac_of(kind, text)
    if mac is None:
        return text
    octets = _mac(mac, said).split(":")
    if kind == "bridge-id":
        short = [f"{int(octet, 16):x}" for octet in octets]
        return "8000." + (":".join(short) if ":" in text else "".join(octets))
    first = f"{int(octets[0], 16) ^ 2:02x}"
    groups = [
        first + octets[1],
        octets[2] + "ff",
        "fe" + octets[3],
        octets[4] + octets[5],
    ]
    return "fe80::" + ":".join(f"{int(group, 16):x}" for group in groups)


def mirrored(text: str, said: str = "") -> str:
    """The same text in the other world; ``said`` is everything the recording says."""
    result = []
    for number, (kind, part) in enumerate(pieces(text)):
        other = part
        if kind == "id":
            other = _digits(part[:12], 12) + _digits("rest" + part, len(part) - 12)
        elif kind == "veth":
            other = "veth" + _digits(part, 7)
        elif kind == "mac":
            other = _mac(part, said)
        elif kind in {"link-local", "bridge-id"}:
            other = _hidden_mac(kind, part, said)
        elif kind == "free-duration":
            other = _TIMES[number % len(_TIMES)]
        elif kind == "free-time":
            other = part.replace("2026", "2027")
        elif kind == "free-counter":
            other = "[12:3456]"
        elif kind.startswith("free"):
            other = re.sub(r"\d", "7", part)
        result.append(other)
    return "".join(result)


def mirrored_json(value: object, said: str = "") -> object:
    """The same JSON in the other world, object keys included."""
    if isinstance(value, str):
        return mirrored(value, said)
    if isinstance(value, dict):
        return {mirrored(k, said): mirrored_json(v, said) for k, v in value.items()}
    if isinstance(value, list):
        return [mirrored_json(item, said) for item in value]
    return value

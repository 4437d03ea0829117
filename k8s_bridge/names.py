"""Names that Kubernetes accepts, one for each name that Docker has.

```
 "web"             ─▶ web                valid as it is: nothing changes
 "db_data"         ─▶ db-data            what may not be is a hyphen
 "a_b" and "a.b"   ─▶ a-b-cb3b5f2d ...   two want one name: a hash keeps them apart
 "a" * 80          ─▶ aaaa...-e9b7a5c1   cut at 63, with the hash
```

Invariants: a name that is valid stays; equal texts get equal names; different texts
get different names (:func:`assign` sees to it even if two hashes were equal); the order
of the texts decides nothing.
Kubernetes calls a lower-case name of at most 63 characters a *DNS-1123 label*.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable

__all__ = [
    "assign",
    "dns_label",
    "is_dns_label",
    "is_dns_subdomain",
    "is_label_name",
    "is_label_value",
    "is_qualified_name",
    "is_sysctl",
]

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_SYSCTL = r"[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*"
_HASH = 8


def is_dns_label(text: str) -> bool:
    """Whether Kubernetes takes it as the name of an object.

    >>> is_dns_label("web-1"), is_dns_label("My_App"), is_dns_label("a" * 64)
    (True, False, False)
    """
    return len(text) <= 63 and _DNS_LABEL.fullmatch(text) is not None


def is_dns_subdomain(text: str) -> bool:
    """Whether it is DNS labels with dots between them, at most 253 characters.

    >>> is_dns_subdomain("a.example"), is_dns_subdomain("a..b")
    (True, False)
    """
    parts = text.split(".")
    return len(text) <= 253 and all(_DNS_LABEL.fullmatch(part) for part in parts)


def is_label_name(text: str) -> bool:
    """Whether it may stand after the slash of a label's key.

    >>> is_label_name("front_net"), is_label_name("front-")
    (True, False)
    """
    return len(text) <= 63 and _LABEL_NAME.fullmatch(text) is not None


def is_label_value(text: str) -> bool:
    """Whether it may be a label's value.

    >>> is_label_value(""), is_label_value("two words")
    (True, False)
    """
    return not text or is_label_name(text)


def is_qualified_name(text: str) -> bool:
    """Whether it may be the key of a label or an annotation.

    >>> is_qualified_name("com.example/team"), is_qualified_name("a/b/c")
    (True, False)
    """
    prefix, slash, name = text.rpartition("/")
    return is_label_name(name) and (not slash or is_dns_subdomain(prefix))


def dns_label(text: str, salt: str = "", longest: int = 63) -> str:
    """A DNS label for any text; one that was changed ends in a hash of the original.

    ``longest`` is how many letters it may have, from 10 to 63.

    >>> dns_label("web")
    'web'
    >>> dns_label("My_App")[:7]
    'my-app-'
    """
    if is_dns_label(text) and len(text) <= longest and not salt:
        return text
    from hashlib import sha256  # noqa: PLC0415  # slow to load, seldom needed

    digest = sha256(f"{text}{salt}".encode()).hexdigest()[:_HASH]
    return f"{_slug(text)[: longest - 1 - _HASH].rstrip('-')}-{digest}".lstrip("-")


def assign(
    texts: Iterable[str],
    *,
    taken: Collection[str] = (),
    valid: Callable[[str], bool] = is_dns_label,
    longest: int = 63,
    hashed: bool = False,
) -> dict[str, str]:
    """A different valid name for each text; none of those that are taken.

    No name has more than ``longest`` letters, from 10 to 63. ``hashed`` asks for the
    same name whatever the other texts are: then each that changes has its hash.

    >>> assign(["db_data", "a_b", "a.b"])["db_data"]
    'db-data'

    >>> assign(["web", "published"], taken={"web"})["published"]
    'published'
    >>> assign(["web"], taken={"web"})["web"] == "web"
    False
    """
    wanted = dict.fromkeys(texts)
    names = {
        text: text
        for text in wanted
        if valid(text) and len(text) <= longest and text not in taken
    }
    used = {*taken, *names}
    rest = [text for text in wanted if text not in names]
    if not rest:
        return names
    wishes = Counter(_slug(text) for text in rest)
    for text in rest:
        wish = _slug(text)
        plain = wishes[wish] == 1 and wish not in used and len(wish) <= longest
        if hashed or not plain or not is_dns_label(wish):
            wish = _free(text, used, longest)
        names[text] = wish
        used.add(wish)
    return {text: names[text] for text in wanted}


def _slug(text: str) -> str:
    """The letters and digits of a text, with a hyphen for all else between them."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _free(text: str, used: Collection[str], longest: int) -> str:
    candidate, turn = dns_label(text, longest=longest), 0
    while candidate in used:
        turn += 1
        candidate = dns_label(text, salt=f"#{turn}", longest=longest)
    return candidate


def is_sysctl(text: str) -> bool:
    """Whether it may be the name of a kernel parameter.

    >>> is_sysctl("net.ipv4.ip_forward"), is_sysctl("Net")
    (True, False)
    """
    return len(text) <= 253 and re.fullmatch(_SYSCTL, text) is not None

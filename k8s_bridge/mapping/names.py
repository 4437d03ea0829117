"""Names that Kubernetes accepts, one for each name that Docker has.

```
 "web"      ─▶ web                 valid as it is: nothing changes
 "My_App"   ─▶ my-app-cb3b5f2d     changed, so a hash of the original keeps it apart
 "a" * 80   ─▶ aaaa...-e9b7a5c1    cut at 63, with the hash
```

Invariants: a name that is valid stays; equal texts get equal names; different texts
get different names (:func:`assign` sees to it even if two hashes were equal).
Kubernetes calls a lower-case name of at most 63 characters a *DNS-1123 label*.
"""

import re
from collections.abc import Callable, Collection, Iterable
from hashlib import sha256

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
_SYSCTL = re.compile(
    r"[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*"
)
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


def dns_label(text: str, salt: str = "") -> str:
    """A DNS label for any text; one that was changed ends in a hash of the original.

    >>> dns_label("web")
    'web'
    >>> dns_label("My_App")[:7]
    'my-app-'
    """
    if is_dns_label(text) and not salt:
        return text
    digest = sha256(f"{text}{salt}".encode()).hexdigest()[:_HASH]
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return f"{slug[: 62 - _HASH].rstrip('-')}-{digest}".lstrip("-")


def assign(
    texts: Iterable[str],
    *,
    taken: Collection[str] = (),
    valid: Callable[[str], bool] = is_dns_label,
) -> dict[str, str]:
    """A different valid name for each text; none of those that are taken.

    >>> assign(["web", "published"], taken={"web"})["published"]
    'published'
    >>> assign(["web"], taken={"web"})["web"] == "web"
    False
    """
    wanted = dict.fromkeys(texts)
    names = {text: text for text in wanted if valid(text) and text not in taken}
    used = {*taken, *names}
    for text in wanted:
        if text not in names:
            names[text] = _free(text, used)
            used.add(names[text])
    return {text: names[text] for text in wanted}


def _free(text: str, used: Collection[str]) -> str:
    candidate, turn = dns_label(text), 0
    while candidate in used:
        turn += 1
        candidate = dns_label(text, salt=f"#{turn}")
    return candidate


def is_sysctl(text: str) -> bool:
    """Whether it may be the name of a kernel parameter.

    >>> is_sysctl("net.ipv4.ip_forward"), is_sysctl("Net")
    (True, False)
    """
    return len(text) <= 253 and _SYSCTL.fullmatch(text) is not None

"""An image's name as it is typed, and the full name that it stands for.

```
nginx                        docker.io / library/nginx    (tag latest is implied)
bob/app:1.2                  docker.io / bob/app        : 1.2
reg.test:5000/app@sha256:... reg.test:5000 / app        @ sha256:...
└────┬──────┘ └┬┘
  domain      path           what stands before the first "/" is a domain if it has a
                             dot or a colon, or is "localhost"
```

Docker's name: ``distribution/reference``, ``ParseNormalizedNamed``.

Invariant: a path is in lower case; a tag has at most 128 characters.
"""

import re
from dataclasses import dataclass

from minidock.commandline.refusal import Cli

__all__ = ["Reference", "check_reference", "read_reference"]

_HOST = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOSTS = rf"{_HOST}(?:\.{_HOST})*"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_TAIL = re.compile(
    rf"(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*"
    r":[0-9A-Fa-f]{32,}))?",
    re.ASCII,
)
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An image's full name.

    >>> Reference(domain="docker.io", path="library/nginx").familiar
    'nginx'
    """

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Domain and path, as 28 sends them."""
        return f"{self.domain}/{self.path}"

    @property
    def familiar(self) -> str:
        """The short name that people type, as 20.10 sends it."""
        if self.domain != "docker.io":
            return self.name
        return self.path.removeprefix("library/")


def read_reference(text: str, cli: Cli = Cli.V28, *, ids: bool = False) -> Reference:
    """The full name that a typed one stands for.

    Args:
        text: as typed.
        cli: whose rules; 20.10 never takes ``Bob/app`` for a domain and a path.
        ids: whether 64 hexadecimal digits are an image's id, not a mistake.

    >>> read_reference("bob/app:1.2").name
    'docker.io/bob/app'
    >>> read_reference("a:b:c")
    Traceback (most recent call last):
    ...
    ValueError: invalid reference format
    """
    if re.fullmatch("[a-f0-9]{64}", text):
        if ids:
            return Reference(domain="", path="", digest=f"sha256:{text}")
        rule = "cannot specify 64-byte hexadecimal strings"
        raise ValueError(f"invalid repository name ({text}), {rule}")
    domain, rest = _cut(text, cli)
    path = rest.partition(":")[0]
    if path.lower() != path:
        shown = "" if cli is Cli.V20 else f" ({path})"
        raise ValueError(
            f"invalid reference format: repository name{shown} must be lowercase"
        )
    match = _TAIL.fullmatch(rest)
    if match is None or not _is_domain(domain, cli):
        raise ValueError("invalid reference format")
    if len(match["path"]) + (len(domain) + 1 if cli is Cli.V20 else 0) > 255:
        raise ValueError("repository name must not be more than 255 characters")
    _check_digest(match["digest"] or "")
    return Reference(
        domain=domain,
        path=match["path"],
        tag=match["tag"] or "",
        digest=match["digest"] or "",
    )


def check_reference(text: str, cli: Cli, *, ids: bool = False) -> str:
    """Why a text names no image, "" if it does.

    >>> check_reference("a:b:c", Cli.V28)
    'invalid reference format'
    """
    try:
        read_reference(text, cli, ids=ids)
    except ValueError as error:
        return str(error)
    return ""


def _cut(text: str, cli: Cli) -> tuple[str, str]:
    domain, mark, rest = text.partition("/")
    special = domain == "localhost" or "." in domain or ":" in domain
    shouted = cli is Cli.V28 and domain.lower() != domain
    if not mark or not (special or shouted):
        domain, rest = "docker.io", text
    if domain == "index.docker.io":
        domain = "docker.io"
    if domain == "docker.io" and "/" not in rest:
        rest = f"library/{rest}"
    return domain, rest


def _is_domain(text: str, cli: Cli) -> bool:
    host = _HOSTS if cli is Cli.V20 else rf"(?:{_HOSTS}|\[[a-fA-F0-9:]+\])"
    return re.fullmatch(rf"{host}(?::[0-9]+)?", text, re.ASCII) is not None


def _check_digest(digest: str) -> None:
    algorithm, _, digits = digest.partition(":")
    if not digest:
        return
    if algorithm not in _DIGEST_LENGTHS:
        raise ValueError("unsupported digest algorithm")
    if len(digits) != _DIGEST_LENGTHS[algorithm]:
        raise ValueError("invalid checksum digest length")
    if digits.lower() != digits:
        raise ValueError("invalid checksum digest format")

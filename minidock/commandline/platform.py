"""A platform as docker reads it: an operating system, an architecture, a variant.

```
arm64 ──▶ linux/arm64      linux ──▶ linux/amd64      LINUX/AMD64 ──▶ linux/amd64
```

Docker's name: containerd's ``platforms.Parse``.

Invariant: what is given back names both the system and the architecture.
"""

import re

__all__ = ["read_platform"]

_SYSTEMS = (
    *(
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "illumos",
        "ios",
        "js",
    ),
    *("linux", "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos"),
)
_ARCHITECTURES = (
    *("386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64"),
    *("mips", "mipsle", "mips64", "mips64le", "ppc", "ppc64", "ppc64le", "riscv"),
    *("riscv64", "s390", "s390x", "sparc", "sparc64", "wasm"),
)
_OTHER_NAMES = {
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm/v6",
}


def read_platform(text: str) -> str:
    """A platform in full, "" for none.

    >>> read_platform("arm64"), read_platform("linux/arm/v7"), read_platform("")
    ('linux/arm64', 'linux/arm/v7', '')
    >>> read_platform("foo")
    Traceback (most recent call last):
    ...
    ValueError: error parsing specified platform: "foo": unknown operating system or architecture: invalid argument
    """  # noqa: E501  # one line of output
    if not text:
        return ""
    parts = text.split("/")
    if len(parts) > 3 or not all(re.fullmatch(r"[\w.-]+", p, re.ASCII) for p in parts):
        raise _bad(text, "cannot parse platform specifier")
    names = [part.lower() for part in parts]
    if len(names) > 1:
        system, architecture, *variant = names
        name = _OTHER_NAMES.get(architecture, architecture)
        return "/".join((system, name, *variant))
    name = _OTHER_NAMES.get(names[0], names[0])
    if name in _SYSTEMS:
        return f"{name}/amd64"
    if name.partition("/")[0] in _ARCHITECTURES:
        return f"linux/{name}"
    raise _bad(text, "unknown operating system or architecture")


def _bad(text: str, why: str) -> ValueError:
    return ValueError(
        f'error parsing specified platform: "{text}": {why}: invalid argument'
    )

"""Profiles: services that are only there when somebody asks for them.

```
 web:   (no profiles)            always
 debug: {profiles: [dev, test]}  with --profile dev, --profile test, --profile "*",
                                 or COMPOSE_PROFILES=dev
```

Invariant: what was asked for in words wins over what the environment says.
"""

from collections.abc import Collection, Mapping

__all__ = ["active", "is_on"]


def active(asked: Collection[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The profiles that are on.

    >>> active((), {"COMPOSE_PROFILES": "dev, test"}), active(("a",), {})
    (('dev', 'test'), ('a',))
    """
    if asked:
        return tuple(asked)
    said = environment.get("COMPOSE_PROFILES", "")
    return tuple(name.strip() for name in said.split(",") if name.strip())


def is_on(profiles: Collection[str], on: Collection[str]) -> bool:
    """Whether a service with these profiles is there.

    >>> is_on((), ()), is_on(["dev"], ["test"]), is_on(["dev"], ["*"])
    (True, False, True)
    """
    return not profiles or "*" in on or any(name in on for name in profiles)

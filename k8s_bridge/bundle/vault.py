"""Values that look secret, in the two notations that read them back.

```
 DB_PASSWORD='hunter2'           compose: env_file, no interpolation within '...'
 export DB_PASSWORD='hunter2'    sh: . secrets/db.sh
```

Invariant: each reader gives back exactly the value.
"""

import re
import shlex
from collections.abc import Iterable

__all__ = ["env_file", "shell_file"]

_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def env_file(pairs: Iterable[tuple[str, str]]) -> str:
    r"""The values for Compose's ``env_file``.

    >>> env_file([("A", "x y"), ("B", "it's $5")])
    'A=\'x y\'\nB="it\'s \\$5"\n'
    """
    return "".join(f"{name}={_dotenv(value)}\n" for name, value in pairs)


def _dotenv(value: str) -> str:
    """In single quotes all is as it is; double ones know escapes and variables."""
    if "'" not in value and not value.endswith("\\"):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


def shell_file(pairs: Iterable[tuple[str, str]]) -> str:
    r"""The values for a shell; a name that no shell takes is left to the environment.

    >>> shell_file([("A", "x y"), ("b.c", "1")])
    "export A='x y'\n"
    """
    return "".join(
        f"export {name}={shlex.quote(value)}\n"
        for name, value in pairs
        if _SHELL_NAME.fullmatch(name)
    )

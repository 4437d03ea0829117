"""Variables and labels: from flags and from files of the client.

```
--env-file app.env ──┐  A=1, HOME (from the client), C=3
-e A=2 ──────────────┴──▶ Env ["A=1", "HOME=/root", "C=3", "A=2"]     files first

--label-file l.txt ──┐
--label a=b ─────────┴──▶ Labels {"a": "b", ...}                      later wins
```

Docker's names: ``opts.ReadKVEnvStrings`` and ``opts.ReadKVStrings``.

Invariant: a variable named without a value has the client's value or is left as its
bare name (``-e``) or out (a file).
"""

from collections.abc import Callable, Iterable, Mapping

from minidock.commandline.refusal import Cli

__all__ = ["Reader", "label_map", "last_of_each", "no_files", "read_pairs", "variables"]

Reader = Callable[[str], str]
"""Gives a client's file by its path; OSError if there is none."""


def no_files(path: str) -> str:
    """A reader for a client that has no files.

    >>> no_files("app.env")
    Traceback (most recent call last):
    ...
    FileNotFoundError: app.env
    """
    raise FileNotFoundError(path)


def variables(
    files: Iterable[str],
    flags: Iterable[str],
    environment: Mapping[str, str],
    reader: Reader,
    cli: Cli,
) -> list[str]:
    r"""``Env`` of an exec body: files first, then flags, nothing replaced.

    >>> env = {"HOME": "/root"}
    >>> variables(["f"], ["A=2", "B"], env, lambda _: "A=1\nHOME\nNO\n", Cli.V28)
    ['A=1', 'HOME=/root', 'A=2', 'B']
    """
    pairs: list[str] = []
    for path in files:
        for name, value in read_pairs(path, reader, cli):
            found = environment.get(name) if value is None else value
            if found is not None:
                pairs.append(f"{name}={found}")
    return [*pairs, *(_from_client(flag, environment) for flag in flags)]


def _from_client(flag: str, environment: Mapping[str, str]) -> str:
    known = "=" not in flag and flag in environment
    return f"{flag}={environment[flag]}" if known else flag


def last_of_each(flags: Iterable[str]) -> list[str]:
    """Variables with a repeated name said once, in its first place, as said last.

    Docker is odd here: create does this to ``-e``, but neither to files nor at exec.

    >>> last_of_each(["A=1", "B=2", "A=3"])
    ['A=3', 'B=2']
    """
    return [*{flag.partition("=")[0]: flag for flag in flags}.values()]


def label_map(
    files: Iterable[str], flags: Iterable[str], reader: Reader, cli: Cli
) -> dict[str, str]:
    """``Labels`` of a create body, sorted by key as Go writes a map.

    >>> label_map([], ["b=1", "a", "b=2"], no_files, Cli.V28)
    {'a': '', 'b': '2'}
    """
    labels: dict[str, str] = {}
    for path in files:
        pairs = read_pairs(path, reader, cli)
        labels |= {name: value for name, value in pairs if value is not None}
    for flag in flags:
        key, _, value = flag.partition("=")
        labels[key] = value
    return dict(sorted(labels.items()))


def read_pairs(path: str, reader: Reader, cli: Cli) -> list[tuple[str, str | None]]:
    r"""The lines of a file as names and values; None where a line has no ``=``.

    >>> read_pairs("f", lambda _: "# a comment\n A=1 \nB", Cli.V28)
    [('A', '1 '), ('B', None)]
    >>> read_pairs("f", lambda _: "=1", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: invalid env file (f): no variable name on line '=1'
    """
    try:
        text = reader(path)
    except OSError:
        raise ValueError(f"open {path}: no such file or directory") from None
    pairs: list[tuple[str, str | None]] = []
    for raw in text.removeprefix("\ufeff").split("\n"):
        line = raw.removesuffix("\r").lstrip()
        if not line or line.startswith("#"):
            continue
        name, mark, value = line.partition("=")
        if not name:
            raise _bad_file(path, f"no variable name on line '{line}'", cli)
        if " " in name or "\t" in name:
            raise _bad_file(path, f"variable '{name}' contains whitespaces", cli)
        pairs.append((name, value if mark else None))
    return pairs


def _bad_file(path: str, fault: str, cli: Cli) -> ValueError:
    if cli is Cli.V20:
        return ValueError(f"poorly formatted environment: {fault}")
    return ValueError(f"invalid env file ({path}): {fault}")

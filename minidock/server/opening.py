"""An engine as ``minidock serve`` wants it: in memory or in a file, on a real clock."""

import secrets
import time
from collections.abc import Sequence

from minidock.engine import Engine
from minidock.eras import DEFAULT_ERA
from minidock.errors import Conflict
from minidock.registry.store import BatchStore, find
from minidock.rounds import Resolver
from minidock.server.live import Live

__all__ = ["open_live"]

_KEEP = 8
"""Worlds to go back to: nobody asks a server to, and each holds what it alone has."""

_LIVES = "engine/lives"


def open_live(
    *,
    era: str = "",
    daemon_args: Sequence[str] = (),
    state: str = "",
    seed: str = "",
    plugins: Sequence[str] = (),
) -> Live:
    """Start an engine, or go on with the one that a file holds.

    Args:
        era: whose rules; the default era for "".
        daemon_args: dockerd's options.
        state: the file; "" keeps nothing.
        seed: where identifiers come from; "" for digits that nobody had before.
        plugins: the folders in which plugins are sought; none are asked without any.

    >>> live = open_live(era="20.10", daemon_args=["--icc=false"])
    >>> live.world.era.name
    '20.10'
    >>> live.close()
    """
    now = time.time_ns()
    store = _store(state) if state else None
    engine = Engine(
        era or DEFAULT_ERA,
        daemon_args=daemon_args,
        seed=seed or secrets.token_hex(16),
        now=now,
        store=store,
        alone=True,
        keep=_KEEP,
        plugins=_asking(plugins),
    )
    if store is None:
        return Live(engine)
    _check_era(store, engine, era, state)
    _begin_life(store, engine, now)
    return Live(engine, at_end=store.close)


def _asking(folders: Sequence[str]) -> Resolver | None:
    if not folders:
        return None
    from minidock.plugin.transport import Plugins  # noqa: PLC0415 - rarely asked

    return Plugins(folders)


def _store(path: str) -> BatchStore:
    from minidock.registry.sqlite import SqliteStore  # noqa: PLC0415 - rarely asked

    return SqliteStore(path, alone=True)


def _check_era(store: BatchStore, engine: Engine, era: str, state: str) -> None:
    there = engine.world.era.name
    if era and era != there:
        store.close()
        raise Conflict(
            f"the state file {state} holds an engine of era {there}",
            asked=f"serve it with the rules of era {era}",
            rule="an engine keeps the era it was made with",
            remedy=f"--era {there}, or another file with --state",
        )


def _begin_life(store: BatchStore, engine: Engine, now: int) -> None:
    """Who was served before sees a daemon that starts again, with all that follows.

    A file that only command lines have used is gone on with: no daemon has ended.
    """
    lives = find(store, _LIVES)
    if lives is not None:
        engine.start_daemon(now)
    store.put(_LIVES, str(int(lives.value) + 1 if lives else 1))

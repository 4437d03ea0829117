"""Which store a URL names: the one place that knows them all.

```
etcd://h1:2379,h2:2379/prefix     etcd v3, each host tried in turn
consul://h:8500/prefix            Consul's KV
zk://h1:2181,h2:2181/prefix       ZooKeeper
sqlite:///var/lib/minidock/kv     a file that several processes on one host share
memory://name                     this process only; one name is one store
```

What else a URL says is in :mod:`minidock.registry.address`. After a ``?`` come the
options: ``timeout`` (how long one verb may take, seconds, 5 without it); ``tls=true``,
or ``ca``, ``cert`` and ``key`` (files in PEM form), for a connection that is encrypted;
and those of the store's own.
"""

import importlib
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from minidock.errors import InvalidParameter
from minidock.registry.address import StoreAddress
from minidock.registry.memory import MemoryStore
from minidock.registry.store import Store

__all__ = ["SCHEMES", "Kind", "open_store"]

_FILES = ("ca", "cert", "key")
_TLS = frozenset({"tls", *_FILES})


class Kind(NamedTuple):
    """A store that is a server: the module for it, and the client that this needs."""

    module: str
    extra: str
    client: str
    options: frozenset[str] = _TLS


SCHEMES: Mapping[str, Kind] = {
    "etcd": Kind("minidock.registry.etcd", "etcd", "etcd3gw"),
    "consul": Kind(
        "minidock.registry.consul", "consul", "consul", _TLS | {"token", "dc"}
    ),
    "zk": Kind("minidock.registry.zookeeper", "zookeeper", "kazoo"),
}
_HERE = frozenset({"sqlite", "memory"})

_named: dict[str, MemoryStore] = {}
_naming = Lock()


def open_store(url: str) -> Store:
    """The store that a URL names.

    A server is not asked yet: the first verb does, and raises ``Unavailable`` if it
    gives no answer.

    Raises:
        InvalidParameter: the URL makes no sense, or its client is not installed.
        Conflict: a ``minidock serve`` holds the file.

    >>> open_store("memory://lesson").put("a", "1")
    1
    >>> open_store("memory://lesson").get("a").value
    '1'
    >>> open_store("redis://h1")
    Traceback (most recent call last):
    minidock.errors.InvalidParameter: no store is called redis
    """
    address = StoreAddress.parse(url)
    if address.scheme not in {*SCHEMES, *_HERE}:
        raise InvalidParameter(
            f"no store is called {address.scheme}",
            asked=f"open the store {address}",
            rule=f"a store is one of {', '.join([*SCHEMES, *sorted(_HERE)])}",
            remedy="etcd://127.0.0.1:2379, or sqlite:///tmp/registry",
        )
    if address.scheme == "memory":
        _check_options(address, frozenset())
        with _naming:
            return _named.setdefault(address.path, MemoryStore(time.monotonic))
    if address.scheme == "sqlite":
        _check_options(address, frozenset())
        # loaded when asked for, like the clients
        from minidock.registry.sqlite import SqliteStore  # noqa: PLC0415

        return SqliteStore(address.path, wait=address.timeout)
    return _server(address, SCHEMES[address.scheme])


def _server(address: StoreAddress, kind: Kind) -> Store:
    _check_options(address, kind.options)
    if find_spec(kind.client) is None:
        raise InvalidParameter(
            f"{address.scheme}:// needs the Python package {kind.client}",
            asked=f"open the store {address}",
            rule="the clients of the stores are extras: minidock itself needs nothing",
            remedy=f"pip install 'minidock[{kind.extra}]'",
        )
    opened: Store = importlib.import_module(kind.module).open_url(address)
    return opened


def _check_options(address: StoreAddress, known: frozenset[str]) -> None:
    for name, value in address.options.items():
        if name not in known:
            raise InvalidParameter(
                f"{address.scheme}:// has no option {name}",
                asked=f"open the store {address}",
                rule=f"its options are {', '.join(sorted({'timeout', *known}))}",
                remedy=f"leave {name} out",
            )
        if name in _FILES and not Path(value).is_file():
            raise InvalidParameter(
                f"there is no file {value}",
                asked=f"open the store {address} with {name}={value}",
                rule="ca, cert and key name files in PEM form",
                remedy="the full path of a file that can be read",
            )

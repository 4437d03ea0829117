"""A connection to ZooKeeper by kazoo: one client, and an end to every wait.

```
client() ─▶ connected ─▶ send ─▶ answer() ─▶ a reply, or kazoo's error for it
    │                               ├─▶ Lost          the connection broke: made or not?
    └─▶ Unavailable                 └─▶ Unavailable   no answer in time
```

Kazoo connects again by itself, to the next host in turn. Nothing is sent while there is
no connection: it would wait in kazoo's queue, and be done long after its caller was
told that it was not. Kazoo's own retry of commands is not used, because it cannot tell
what was done already.

Source: ZooKeeper's Programmer's Guide ("ZooKeeper Sessions"); kazoo's documentation.
"""

import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from minidock.registry.address import StoreAddress
from minidock.registry.errors import Unavailable, unavailable

if TYPE_CHECKING:
    from kazoo.client import KazooClient

__all__ = ["Keeper", "Lost"]

_PORT = 2181
_ENDED = {"CLOSED", "AUTH_FAILED"}
_QUIET = logging.Logger("kazoo", level=logging.CRITICAL + 1)  # noqa: LOG001 - below none
"""Says nothing, and is no part of the program's loggers."""


class Lost(Exception):
    """The connection broke before the reply came: what was asked may be done."""


class Keeper:
    """The way to one ZooKeeper, or to an ensemble of several.

    Args:
        address: with the options ``tls``, ``ca``, ``cert`` and ``key``; the user and
            the password are ZooKeeper's digest, and own all nodes that are made.
    """

    def __init__(self, address: StoreAddress) -> None:
        self.name = str(address)
        self.timeout = address.timeout
        self.login = (address.user, address.password) if address.user else None
        self.hosts = tuple((name, port or _PORT) for name, port in address.hosts)
        self.tls: Mapping[str, Any] = {
            "use_ssl": address.tls,
            "ca": address.options.get("ca"),
            "certfile": address.options.get("cert"),
            "keyfile": address.options.get("key"),
            "check_hostname": address.tls,
        }
        self._lock = threading.Lock()
        self._client: KazooClient | None = None
        self._news = threading.Condition()

    def client(self, deadline: float) -> "KazooClient":
        """The client, connected.

        Raises:
            Unavailable: it is not by then.
        """
        client = self._client
        if client is None or not client.connected:
            with self._lock:
                client = self._client = self._client or self._start()
            if not self._waits_for(client, deadline):
                if client.client_state in _ENDED:
                    self.close()  # and the next one asks anew
                raise self.unavailable("no host of it answers")
        return client

    def _waits_for(self, client: "KazooClient", deadline: float) -> bool:
        left = max(deadline - monotonic(), 0)
        with self._news:
            return bool(self._news.wait_for(lambda: client.connected, left))

    def _tell(self, _state: object) -> None:
        with self._news:
            self._news.notify_all()

    def answer(self, reply: Any, deadline: float) -> Any:  # noqa: ANN401 - kazoo's
        """What kazoo's asynchronous result comes to.

        Raises:
            Lost: the connection broke.
            Unavailable: there is no answer by then, or the server refuses to give one.
            ZookeeperError: the server's other answers, such as ``NoNodeError``.
        """
        from kazoo import exceptions as no  # noqa: PLC0415 - an extra
        from kazoo.handlers.threading import (  # noqa: PLC0415 - an extra
            KazooTimeoutError,
        )

        try:
            return reply.get(timeout=max(deadline - monotonic(), 0.001))
        except KazooTimeoutError as error:
            raise self.unavailable("no answer in time") from error
        except (
            no.ConnectionLoss,
            no.ConnectionClosedError,
            no.SessionExpiredError,
            no.OperationTimeoutError,
        ) as error:
            raise Lost("the connection broke") from error
        except (no.NoAuthError, no.AuthFailedError) as error:
            raise self.forbidden() from error

    def forbidden(self) -> Unavailable:
        """The refusal of a server that does not let this user at the node."""
        who = f"to {self.login[0]} with this password" if self.login else "to everybody"
        return self.unavailable(f"what was asked is not permitted {who}")

    def unavailable(self, why: object) -> Unavailable:
        """The refusal for who asked."""
        return unavailable(self.name, str(why))

    def close(self) -> None:
        """End the connection, and the threads behind it."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            with suppress(OSError):
                client.stop()
            client.close()

    def _start(self) -> "KazooClient":
        from kazoo.client import KazooClient  # noqa: PLC0415 - an extra
        from kazoo.retry import KazooRetry  # noqa: PLC0415 - an extra
        from kazoo.security import make_digest_acl  # noqa: PLC0415 - an extra

        words: dict[str, Any] = {}
        if self.login:
            words["auth_data"] = [("digest", ":".join(self.login))]
            words["default_acl"] = [make_digest_acl(*self.login, all=True)]
        client = KazooClient(
            hosts=",".join(
                f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
                for name, port in self.hosts
            ),
            # of one attempt, too: a server that begins may take it and never answer
            timeout=max(self.timeout / len(self.hosts) / 3, 0.3),
            connection_retry=KazooRetry(
                max_tries=-1, delay=0.02, backoff=2, max_delay=0.1
            ),
            logger=_QUIET,
            **self.tls,
            **words,
        )
        client.add_listener(self._tell)
        client.start_async()
        return client

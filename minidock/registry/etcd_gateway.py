"""Requests to etcd's JSON gateway, by etcd3gw: each host in turn, each with an end.

```
ask ─▶ h1: refused ─▶ h2: answers                      the next request asks h2 first
ask ─▶ h1: sent ... the connection breaks ─▶ Lost      made or not? the caller looks
ask ─▶ "invalid auth token" ─▶ log in ─▶ ask again     tokens end with the server
```

etcd3gw's clients hold the addresses, certificates and connections (a ``requests``
session each). Their sessions are asked directly, because each request has its own
time-out here, and an error keeps its status.

Source: etcd's "gRPC gateway" page, and ``api/etcdserverpb/rpc.proto`` for the fields.
"""

import json
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn

from minidock.registry.address import StoreAddress
from minidock.registry.errors import Unavailable, unavailable

if TYPE_CHECKING:
    import requests
    from etcd3gw.client import Etcd3Client

__all__ = ["Answer", "EtcdRefusal", "Gateway", "Lost"]

Answer = dict[str, Any]
"""What etcd says, as ``rpc.proto`` has it; integers are texts."""
_PORT = 2379
_UNKNOWN = {1, 2, 4, 13, 14, 15}
"""gRPC codes after which nobody knows whether a change was made (14: no leader)."""
_UNAUTHENTICATED = 16
_CONNECTIONS = 64
"""How many stay open to one host: one for each thread that asks at the same time."""


class Lost(Exception):
    """No answer came.

    Args:
        why: in a few words.
        unsent: no host took the request, so nothing can have been made.
    """

    def __init__(self, why: str, *, unsent: bool) -> None:
        super().__init__(why)
        self.unsent = unsent


class EtcdRefusal(Exception):
    """etcd answered, and it said no: nothing was made."""


class Gateway:
    """One etcd, of one or several hosts; threads may share it."""

    def __init__(self, address: StoreAddress) -> None:
        from etcd3gw.client import Etcd3Client  # noqa: PLC0415 - an extra
        from requests.adapters import HTTPAdapter  # noqa: PLC0415 - comes with it

        self.name = str(address)
        self.timeout = address.timeout
        self._login = (address.user, address.password)
        self._token = ""
        options = address.options
        self._clients = [
            Etcd3Client(
                host=host,
                port=port or _PORT,
                protocol="https" if address.tls else "http",
                ca_cert=options.get("ca"),
                cert_cert=options.get("cert"),
                cert_key=options.get("key"),
                timeout=address.timeout,
                api_path="/v3/",
            )
            for host, port in address.hosts
        ]
        for client in self._clients:
            # a proxy for the web is none for the store; and reading the environment
            # costs a tenth of a request
            client.session.trust_env = False
            for scheme in ("http://", "https://"):
                client.session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS))
        self._first = 0

    def ask(self, path: str, body: Mapping[str, object], deadline: float) -> Answer:
        """One request, to the first host that takes it.

        Raises:
            Lost: no answer came until the deadline (of ``time.monotonic``).
            EtcdRefusal: etcd said no.
        """
        response = self._reach(path, body, deadline)
        try:
            reply: Answer | None = response.json()
        except ValueError:
            reply = None
        if not isinstance(reply, dict):
            raise Lost("the answer is cut off, or none of etcd's", unsent=False)
        if response.status_code != 200 or "error" in reply:
            self.refuse(reply)
        return reply

    def follow(
        self, path: str, body: Mapping[str, object], silence: float
    ) -> "requests.Response":
        """A request whose answer goes on; it ends when nothing came for ``silence``."""
        return self._reach(path, body, monotonic() + self.timeout, silence)

    def unavailable(self, why: object) -> Unavailable:
        """The refusal for who asked."""
        return unavailable(self.name, str(why))

    def close(self) -> None:
        """Close all connections that nobody uses."""
        for client in self._clients:
            client.session.close()

    def _reach(
        self,
        path: str,
        body: Mapping[str, object],
        deadline: float,
        silence: float | None = None,
    ) -> "requests.Response":
        text = json.dumps(body)
        why: Lost | None = None
        for _ in self._clients:
            client = self._clients[self._first]
            try:
                response = self._send(client, path, text, deadline, silence)
                if response.status_code == 401 and self._login[0]:
                    response.close()
                    self._log_in(client, deadline)
                    response = self._send(client, path, text, deadline, silence)
            except Lost as lost:
                self._first = (self._first + 1) % len(self._clients)
                why = lost
                if not lost.unsent:
                    break
            else:
                return response
        raise why or Lost("it has no host", unsent=True)

    def _send(
        self,
        client: "Etcd3Client",
        path: str,
        text: str,
        deadline: float,
        silence: float | None,
    ) -> "requests.Response":
        import requests  # noqa: PLC0415 - comes with etcd3gw

        left = max(deadline - monotonic(), 0.001)
        if len(self._clients) > 1:
            left /= 2  # a host that hangs leaves time for the next one
        if self._login[0] and not self._token:
            self._log_in(client, deadline)
        try:
            response: requests.Response = client.session.post(
                client.get_url(path),
                data=text,
                headers={"Authorization": self._token} if self._token else None,
                timeout=(left, silence or left),
                stream=silence is not None,
            )
        except requests.exceptions.RequestException as error:
            raise Lost(_why(error), unsent=_is_unsent(error)) from error
        return response

    def _log_in(self, client: "Etcd3Client", deadline: float) -> None:
        """Get a token for the name and the password."""
        import requests  # noqa: PLC0415 - comes with etcd3gw

        name, password = self._login
        try:
            response = client.session.post(
                client.get_url("/auth/authenticate"),
                json={"name": name, "password": password},
                timeout=max(deadline - monotonic(), 0.001),
            )
            reply = response.json()
        except (requests.exceptions.RequestException, ValueError) as error:
            raise Lost(_why(error), unsent=True) from error
        if response.status_code != 200:
            self.refuse(reply)
        self._token = reply["token"]

    def refuse(self, reply: Answer) -> NoReturn:
        """Raise what a reply says that is no answer, or a part of a stream.

        Raises:
            Lost: nobody knows whether it was done.
            EtcdRefusal: it was not.
        """
        inner = reply.get("error")  # in a stream, the error is an object
        told = inner if isinstance(inner, dict) else reply
        text = str(told.get("message") or inner or "it gives no reason")
        code = told.get("code", told.get("grpc_code"))
        if code == _UNAUTHENTICATED:
            self._token = ""
        elif code in _UNKNOWN:
            raise Lost(text, unsent=False)
        raise EtcdRefusal(text)


def _chain(error: BaseException | None) -> list[BaseException]:
    """An error and those that it comes from, down to the system's own."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = [getattr(error, "reason", None), *error.args, error.__cause__]
        error = next((e for e in inner if isinstance(e, BaseException)), None)
    return found


_BEFORE_SENDING = {
    "ConnectTimeout",
    "NameResolutionError",
    "NewConnectionError",
    "SSLCertVerificationError",
}
"""Errors of a connection that did not even come about; any other may come later."""


def _is_unsent(error: BaseException) -> bool:
    return any(type(item).__name__ in _BEFORE_SENDING for item in _chain(error))


def _why(error: BaseException) -> str:
    """An error in a few words."""
    last = _chain(error)[-1]
    words = getattr(last, "strerror", None) or str(last) or type(last).__name__
    return "no answer in time" if "timed out" in str(words).lower() else str(words)

"""Requests to Consul's agents, by py-consul: each in turn, each with an end.

```
ask ─▶ h1: refused ─▶ h2: answers                      the next request asks h2 first
ask ─▶ h1: sent ... the connection breaks ─▶ Lost      made or not? the caller looks
ask ─▶ 500 "No cluster leader" ─▶ Lost                 the same
ask ─▶ 403 "Permission denied" ─▶ Unavailable          nothing was made
```

py-consul's clients hold the addresses, the token, the certificates and the connections
(a ``requests`` session each). Their sessions are asked directly: each request has its
own time-out here, py-consul's transactions carry neither token nor data centre, and its
errors lose what a transaction says about its failure.

Source: Consul's HTTP API documentation.
"""

import json
from collections.abc import Callable, Mapping
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from minidock.registry.address import StoreAddress
from minidock.registry.errors import Unavailable, unavailable

if TYPE_CHECKING:
    import consul
    import requests

__all__ = ["Agents", "Lost", "Reply"]

_PORT = 8500
_PAUSE = 0.05
"""Before a request is sent again, seconds."""
_DENIED = "Permission denied"


class Lost(Exception):
    """No answer came, or one that does not tell whether a change was made.

    Args:
        why: in a few words.
        unsent: no agent took the request, so nothing can have been made.
    """

    def __init__(self, why: str, *, unsent: bool) -> None:
        super().__init__(why)
        self.unsent = unsent


class Reply:
    """What an agent answered: 200, 404, or 409 of a transaction.

    Args:
        response: of ``requests``.
        status: what it means.
        again: an earlier reply to the same request was lost.
    """

    __slots__ = ("again", "body", "headers", "status")

    def __init__(
        self, response: "requests.Response", status: int, *, again: bool
    ) -> None:
        self.status = status
        self.headers: Mapping[str, str] = response.headers
        self.again = again
        self.body: Any = None
        if self.status != 404:
            try:
                self.body = json.loads(response.content)
            except ValueError as error:
                raise Lost("the answer is cut off", unsent=False) from error

    @property
    def index(self) -> int:
        """Consul's index for a blocking query; 0 if it makes no sense."""
        text = self.headers.get("X-Consul-Index", "")
        return int(text) if text.isdecimal() else 0


class Agents:
    """One Consul, by one or several of its agents; threads may share it."""

    def __init__(self, address: StoreAddress) -> None:
        self.name = str(address)
        self.timeout = address.timeout
        self.address = address
        self._clients = [_client(address, host, port) for host, port in address.hosts]
        dc = address.options.get("dc")
        self._query = (("dc", dc),) if dc else ()
        self._first = 0

    def ask(
        self,
        method: str,
        path: str,
        query: tuple[tuple[str, str | int], ...] = (),
        body: bytes | None = None,
    ) -> Reply:
        """A request that may be sent again, until an answer comes.

        Raises:
            Unavailable: none comes in time, or it is a refusal.
        """
        deadline = monotonic() + self.timeout
        again = False
        while True:
            try:
                return self._reach(method, path, query, body, deadline, again=again)
            except Lost as lost:
                if (lost.unsent and not again) or monotonic() + _PAUSE > deadline:
                    raise self.unavailable(lost) from lost
            again = True
            sleep(_PAUSE)

    def ask_once(
        self,
        method: str,
        path: str,
        query: tuple[tuple[str, str | int], ...] = (),
        body: bytes | None = None,
    ) -> Reply:
        """A request that is not sent twice.

        Raises:
            Lost: it may have been made.
            Unavailable: it was not.
        """
        deadline = monotonic() + self.timeout
        try:
            return self._reach(method, path, query, body, deadline, again=False)
        except Lost as lost:
            if lost.unsent:
                raise self.unavailable(lost) from lost
            raise

    def unavailable(self, why: object) -> Unavailable:
        """The refusal for who asked."""
        return unavailable(self.name, str(why))

    def separate(self, connected: Callable[[Any], None]) -> "Agents":
        """The same agents, with connections of their own.

        Args:
            connected: is given each connection (of ``urllib3``) as soon as it stands.
        """
        other = Agents(self.address)
        for client in other._clients:
            _tell(client.http.session, connected)
        other._first = self._first
        return other

    def close(self) -> None:
        """Close all connections that nobody uses."""
        for client in self._clients:
            client.http.session.close()

    def wait(
        self, path: str, query: tuple[tuple[str, str | int], ...], seconds: float
    ) -> Reply:
        """A blocking query, which the agent answers after some seconds at the latest.

        Raises:
            Lost: no answer came.
            Unavailable: it was refused.
        """
        longest = seconds + seconds / 16  # the agent spreads its answers
        query = (*query, ("wait", f"{max(round(seconds * 1000), 1)}ms"))
        deadline = monotonic() + self.timeout
        return self._reach(
            "GET", path, query, None, deadline, again=False, extra=longest
        )

    def _reach(
        self,
        method: str,
        path: str,
        query: tuple[tuple[str, str | int], ...],
        body: bytes | None,
        deadline: float,
        *,
        again: bool,
        extra: float = 0.0,
    ) -> Reply:
        why: Lost | None = None
        query = self._query + query
        target = f"{path}?{urlencode(query)}" if query else path
        for _ in self._clients:
            client = self._clients[self._first]
            try:
                left = max(deadline - monotonic(), 0.001)
                if len(self._clients) > 1:
                    left /= 2  # a host that hangs leaves time for the next one
                times = (left, left + extra)
                response = _send(client, method, target, body, times)
                status = _status(response)
                if status in {200, 404, 409}:
                    reply = Reply(response, status, again=again)
                    self._check(reply)
                    return reply
                self._refuse(response)
            except Lost as lost:
                self._first = (self._first + 1) % len(self._clients)
                why = lost
                if not lost.unsent:
                    break
        raise why or Lost("it has no host", unsent=True)

    def _refuse(self, response: "requests.Response") -> None:
        """An answer that is neither a success nor a question of keys."""
        status = response.status_code
        text = response.text.strip()[:200] or str(response.reason or status)
        if status == 403:
            raise self._denied(text)
        if status == 429:
            raise Lost(f"too many requests: {text}", unsent=False)
        if status >= 500 and _DENIED in text:
            raise self._denied(text)
        if status >= 500:
            raise Lost(f"{status} {text}", unsent=False)
        if status == 413:
            raise self.unavailable(f"a value is larger than Consul takes: {text}")
        raise self.unavailable(f"{status} {text}")

    def _check(self, reply: Reply) -> None:
        """What no caller can go on with."""
        if reply.status == 409:
            for error in reply.body.get("Errors") or ():
                if _DENIED in error["What"]:
                    raise self._denied(error["What"])
        if reply.headers.get("X-Consul-Results-Filtered-By-ACLs") == "true":
            raise self._denied("the token may not read (key:read) all keys asked for")

    def _denied(self, text: str) -> Unavailable:
        hint = "its token is wrong or lacks a permission"
        return self.unavailable(f"{hint}: {text}")


def _send(
    client: "consul.Consul",
    method: str,
    target: str,
    body: bytes | None,
    times: tuple[float, float],
) -> "requests.Response":
    """One request to one agent; with times to connect and to answer, seconds."""
    import requests  # noqa: PLC0415 - comes with py-consul

    http = client.http
    try:
        response: requests.Response = http.session.request(
            method,
            f"{http.base_uri}{target}",
            data=body,
            headers=client.prepare_headers(),
            timeout=times,
            allow_redirects=False,
        )
    except requests.exceptions.RequestException as error:
        raise Lost(_why(error), unsent=_is_unsent(error)) from error
    return response


def _status(response: "requests.Response") -> int:
    """The status, or what some versions of Consul mean by it."""
    status: int = response.status_code
    if status == 500 and "nknown session" in response.text:
        return 404
    return status


def _client(address: StoreAddress, host: str, port: int) -> "consul.Consul":
    import consul  # noqa: PLC0415 - an extra

    options = address.options
    pair = (options["cert"], options["key"]) if "cert" in options else None
    client = consul.Consul(
        host=f"[{host}]" if ":" in host else host,
        port=port or _PORT,
        token=options.get("token"),
        scheme="https" if address.tls else "http",
        verify=options.get("ca", True),
        cert=pair,
    )
    if token := options.get("token"):
        client.token = token  # py-consul prefers the environment's
    session = client.http.session
    # a proxy for the web is none for the store; and reading the environment costs a
    # tenth of a request
    session.trust_env = False
    session.verify = options.get("ca", True)
    session.cert = pair
    if address.user:  # a proxy before Consul asks for them; Consul itself has tokens
        session.auth = (address.user, address.password)
    return client


def _tell(session: "requests.Session", connected: Callable[[Any], None]) -> None:
    """Let somebody know of each connection that a session makes."""

    def telling(pool: Any) -> Any:  # noqa: ANN401 - a class of urllib3's
        """The same class of pools, with connections that tell."""
        usual = pool.ConnectionCls

        def connect(connection: Any) -> None:  # noqa: ANN401 - urllib3's
            usual.connect(connection)
            connected(connection)

        kind = type(usual.__name__, (usual,), {"connect": connect})
        return type(pool.__name__, (pool,), {"ConnectionCls": kind})

    for adapter in session.adapters.values():
        manager = adapter.poolmanager  # type: ignore[attr-defined]
        manager.pool_classes_by_scheme = {
            scheme: telling(pool)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }


def _chain(error: BaseException | None) -> list[BaseException]:
    """An error and those that it comes from, down to the system's own."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = [getattr(error, "reason", None), *error.args, error.__cause__]
        error = next((e for e in inner if isinstance(e, BaseException)), None)
    return found


def _is_unsent(error: BaseException) -> bool:
    """Whether the connection did not even come about."""
    chain = _chain(error)
    names = {type(item).__name__ for item in chain}
    if names & {"NewConnectionError", "NameResolutionError", "ConnectTimeout"}:
        return True
    reasons = {getattr(item, "reason", None) for item in chain}
    return bool(reasons & {"CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER"})


def _why(error: BaseException) -> str:
    """An error in a few words."""
    last = _chain(error)[-1]
    words = getattr(last, "strerror", None) or str(last) or type(last).__name__
    return "no answer in time" if "timed out" in str(words).lower() else str(words)

"""A double of Consul: its HTTP API for keys and sessions, in this process.

```
ConsulDouble ── HTTP server, one thread a connection
   ├── State      keys, tombstones, sessions, one index that only grows
   ├── clock      sessions run out by it; a test may turn it
   └── faults     the next request is lost, answered late, or refused
```

What it does is what Consul 1.22 does, by its HTTP API documentation and the behaviour
of its state store:

* Every change takes the next number of one index, also one that changes nothing. A put
  of what is there already leaves the key's ModifyIndex as it was.
* A put without ``acquire`` leaves the key's session as it is.
* A recursive read answers with the highest index below the prefix, that of deleted keys
  included (tombstones); with nothing there, with the highest index of all keys.
* ``DELETE ?cas=`` of a key that is not there is ``true``.
* A transaction does all its operations and reports every one that failed; then nothing
  has been changed.
* A session ends when it was not renewed for twice its TTL: Consul promises between
  once and twice, and its leader waits twice. ``ttl_factor`` says otherwise.
* Sizes over 512 kB, and keys that could climb out of their path, are refused.

Left out: several servers and data centres, health checks, namespaces, reaping of
tombstones, and all that is neither key nor session.
"""

import base64
import contextlib
import json
import re
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.registry.consul_state import (
    EVERYTHING,
    UUID,
    Answer,
    Pair,
    Policy,
    Session,
    State,
)

__all__ = ["ConsulDouble", "Policy"]

_LIMIT = 512 * 1024
_MOST_OPERATIONS = 64
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass
class Fault:
    """What happens to the next requests that match."""

    kind: str
    times: int
    matches: Callable[[str, str], bool]
    seconds: float = 0.0
    then: Callable[[], object] | None = None


class ConsulDouble:
    """A Consul agent and its only server.

    Args:
        clock: what time it is, seconds.
        tokens: what each token may; None: no access control.
        ttl_factor: after how many times its TTL a session ends.
        tls: an ``ssl.SSLContext`` for https.
        basic: the Authorization header that a proxy before it would want.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        tokens: Mapping[str, Policy] | None = None,
        ttl_factor: float = 2.0,
        tls: Any = None,
        basic: str = "",
    ) -> None:
        self.clock = clock
        self.tokens = tokens
        self.ttl_factor = ttl_factor
        self.basic = basic
        self.state = State()
        self.changed = threading.Condition(threading.RLock())
        self.port = 0
        self.requests: list[str] = []
        self.running = False
        self._skipped = 0.0
        self._tls = tls
        self._faults: list[Fault] = []
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer from now on, on the port of the last time."""
        self._server = _Server(self, self.port, self._tls)
        self.port = self._server.server_address[1]
        self.running = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Be gone: no port, no connection; what is stored stays."""
        if self._server is None or self._thread is None:
            return
        with self.changed:
            self.running = False
            self.changed.notify_all()
        self._server.shutdown()
        self._server.cut()
        self._server.server_close()
        self._thread.join()
        self._server = None

    def forget(self) -> None:
        """Lose everything, the index included; as a new data folder would."""
        with self.changed:
            self.state = State()
            self.changed.notify_all()

    def reap(self) -> None:
        """Forget which keys were deleted, as Consul does after 15 minutes."""
        with self.changed:
            self.state.tombstones.clear()

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        with self.changed:
            self._skipped += seconds
            self.changed.notify_all()

    def fail(
        self,
        kind: str,
        *,
        times: int = 1,
        matching: Callable[[str, str], bool] = lambda *_: True,
        seconds: float = 0.0,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Let the next requests fail.

        Args:
            kind: ``drop`` (not done, no answer), ``lose`` (done, no answer), ``delay``
                (answered after some seconds), ``cut`` (done, half an answer), or a
                status such as ``500`` (not done).
            times: how many requests.
            matching: which ones, by method and path.
            seconds: for ``delay``.
            then: called before the connection is closed.
        """
        with self.changed:
            self._faults.append(Fault(kind, times, matching, seconds, then))

    def now(self) -> float:
        return self.clock() + self._skipped

    def end_sessions(self) -> None:
        """End the sessions whose time is over. The caller holds the lock."""
        now = self.now()
        over = [s for s in self.state.sessions.values() if s.ends and s.ends <= now]
        for session in over:
            self.state.end_session(session, now)
        if over:
            self.changed.notify_all()

    def fault(self, method: str, path: str) -> Fault | None:
        with self.changed:
            for fault in self._faults:
                if fault.times > 0 and fault.matches(method, path):
                    fault.times -= 1
                    return fault
        return None

    @contextlib.contextmanager
    def change(self) -> Iterator[tuple[State, int]]:
        """The state and the next index; who waits is woken."""
        with self.changed:
            self.end_sessions()
            yield self.state, self.state.next()
            self.changed.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, double: ConsulDouble, port: int, tls: Any) -> None:
        self.double = double
        self.tls = tls
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.tls is not None:
            with contextlib.suppress(OSError):
                wrapped = self.tls.wrap_socket(request, server_side=True)
                with wrapped:
                    self._serve(wrapped, client_address)
            return
        self._serve(request, client_address)

    def _serve(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        try:
            if self.double.running:
                super().finish_request(request, client_address)
        finally:
            self._open.discard(request)

    def cut(self) -> None:
        for open_socket in list(self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError | ValueError):
            super().handle_error(request, client_address)


def _seconds(text: str) -> float:
    """A Go duration.

    >>> _seconds("1m30s"), _seconds("250ms")
    (90.0, 0.25)
    """
    parts = re.findall(r"([0-9.]+)(ms|s|m|h)", text)
    if not parts or "".join(n + u for n, u in parts) != text:
        raise Answer(400, f"invalid duration {text!r}")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _delay(value: object) -> float:
    """A lock delay: a duration, or a number that is seconds if it is small."""
    if isinstance(value, str):
        return min(_seconds(value), 60.0)
    number = float(str(value))
    return min(number if number < 1000 else number / 1e9, 60.0)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        self._answer("GET")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        double = self.server.double
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        self.query = {
            name: values[-1]
            for name, values in parse_qs(query, keep_blank_values=True).items()
        }
        self.headers_out: dict[str, str] = {}
        double.requests.append(f"{method} {self.path}")
        fault = double.fault(method, path)
        kind = fault.kind if fault else ""
        if fault and kind == "delay":
            with double.changed:
                double.changed.wait_for(lambda: not double.running, fault.seconds)
        if kind != "drop":
            status, text = self._done(method, path, kind)
        if fault and fault.then:
            fault.then()
        if kind in {"drop", "lose"} or not double.running:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response_only(status)
        for name, value in self.headers_out.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if kind == "cut":
            self.wfile.write(text[: len(text) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(text)

    def _done(self, method: str, path: str, kind: str) -> tuple[int, bytes]:
        if kind.isdecimal():
            return int(kind), b"No cluster leader"
        try:
            found = self._route(method, path)
        except Answer as answer:
            return answer.status, answer.text.encode()
        if isinstance(found, bytes):
            return 200, found
        self.headers_out.setdefault("Content-Type", "application/json")
        return 200, json.dumps(found).encode()

    def _route(self, method: str, path: str) -> object:
        double = self.server.double
        if double.basic and self.headers.get("Authorization") != double.basic:
            raise Answer(401, "Unauthorized")
        if self.query.get("dc", "dc1") != "dc1":
            raise Answer(500, "No path to datacenter")
        self.policy = self._policy()
        path = unquote(urlsplit(path).path)
        if path.startswith("/v1/kv/"):
            return self._kv(method, path.removeprefix("/v1/kv/"))
        if path == "/v1/txn" and method == "PUT":
            return self._txn()
        if path.startswith("/v1/session/"):
            verb, _, rest = path.removeprefix("/v1/session/").partition("/")
            return self._session(method, verb, rest)
        if path == "/v1/status/leader":
            return "127.0.0.1:8300"
        if path == "/v1/agent/self":
            return {"Config": {"Datacenter": "dc1", "NodeName": "double"}}
        raise Answer(404, f"Invalid URL path: {path}")

    def _policy(self) -> Policy:
        tokens = self.server.double.tokens
        if tokens is None:
            return EVERYTHING
        token = self.headers.get("X-Consul-Token", "")
        if token and token not in tokens:
            raise Answer(403, "ACL not found")
        return tokens.get(token, Policy())

    # keys

    def _kv(self, method: str, key: str) -> object:
        if key and (key.startswith("/") or re.search(r"(^|/)\.\.?(/|$)|^\s|\s$", key)):
            raise Answer(400, f"invalid key name {key!r}")
        if not key and "recurse" not in self.query and "keys" not in self.query:
            raise Answer(400, "Missing key name")
        verb = {"GET": self._read, "PUT": self._write, "DELETE": self._remove}
        return verb[method](key)

    def _read(self, key: str) -> object:
        many = "recurse" in self.query or "keys" in self.query
        if not many and not self.policy.may_read(key):
            raise self._denied("key:read", key)

        def look(state: State) -> tuple[int, list[Pair]]:
            if many:
                pairs = state.below(key)
                return state.index_of(key, pairs), pairs
            pair = state.keys.get(key)
            return (pair.modify_index, [pair]) if pair else (state.keys_index or 1, [])

        pairs = self._blocking(look)
        seen = [pair for pair in pairs if self.policy.may_read(pair.key)]
        if len(seen) != len(pairs):
            self.headers_out["X-Consul-Results-Filtered-By-ACLs"] = "true"
        if "keys" in self.query:
            if not seen and key:
                raise Answer(404)
            return self._names(key, [pair.key for pair in seen])
        if not seen:
            raise Answer(404)
        if "raw" in self.query and not many:
            self.headers_out["Content-Type"] = "text/plain"
            return seen[0].value
        return [pair.shown() for pair in seen]

    def _names(self, prefix: str, keys: list[str]) -> list[str]:
        separator = self.query.get("separator", "")
        if not separator:
            return keys
        short = {}
        for key in keys:
            at = key.find(separator, len(prefix))
            short[key[: at + len(separator)] if at >= 0 else key] = True
        return list(short)

    def _blocking(self, look: Callable[[State], tuple[int, Any]]) -> Any:
        """What is there, once its index is higher than the one that is asked for."""
        double = self.server.double
        wanted = int(self.query.get("index") or 0)
        wait = min(_seconds(self.query.get("wait", "5m")), 600.0)
        end = time.monotonic() + wait + wait / 16
        with double.changed:
            while True:
                double.end_sessions()
                index, found = look(double.state)
                left = end - time.monotonic()
                if not wanted or index > wanted or left <= 0 or not double.running:
                    self.headers_out["X-Consul-Index"] = str(index)
                    self.headers_out["X-Consul-KnownLeader"] = "true"
                    self.headers_out["X-Consul-LastContact"] = "0"
                    return found
                double.changed.wait(min(left, self._next_end()))

    def _next_end(self) -> float:
        """How long until a session may run out, seconds."""
        double = self.server.double
        ends = [s.ends for s in double.state.sessions.values() if s.ends]
        return max(min(ends, default=double.now() + 60) - double.now(), 0.001)

    def _write(self, key: str) -> object:
        self._conflicting("cas", "acquire", "release")
        self._may_write(key)
        if len(self.body) > _LIMIT:
            raise Answer(
                413, f"Request body({len(self.body)} bytes) too large, max: {_LIMIT}"
            )
        flags = int(self.query.get("flags") or 0)
        session = self.query.get("acquire") or self.query.get("release") or ""
        pair = Pair(key, self.body, flags, session)
        with self.server.double.change() as (state, index):
            if "cas" in self.query:
                return state.cas(pair, int(self.query["cas"]), index) is not None
            if "acquire" in self.query:
                if self._is_delayed(key):
                    return False
                return state.lock(pair, index) is not None
            if "release" in self.query:
                return state.unlock(pair, index) is not None
            state.put(pair, index)
            return True

    def _remove(self, key: str) -> object:
        self._conflicting("recurse", "cas")
        self._may_write(key)
        with self.server.double.change() as (state, index):
            if "cas" in self.query:
                return state.delete_cas(key, int(self.query["cas"]), index)
            if "recurse" in self.query:
                for pair in state.below(key):
                    state.delete(pair.key, index)
            else:
                state.delete(key, index)
            return True

    def _conflicting(self, *names: str) -> None:
        if sum(name in self.query for name in names) > 1:
            raise Answer(400, f"Conflicting flags: {self.path.partition('?')[2]}")

    def _is_delayed(self, key: str) -> bool:
        double = self.server.double
        return double.state.delays.get(key, 0.0) > double.now()

    def _may_write(self, key: str) -> None:
        if not self.policy.may_write(key):
            raise self._denied("key:write", key)

    def _denied(self, what: str, key: str) -> Answer:
        return Answer(
            403, f"Permission denied: token lacks permission '{what}' on \"{key}\""
        )

    # transactions

    def _txn(self) -> object:
        if len(self.body) > _LIMIT:
            raise Answer(413, f"Request body too large, max size: {_LIMIT} bytes")
        try:
            operations = [item["KV"] for item in json.loads(self.body)]
        except (ValueError, TypeError, KeyError) as error:
            raise Answer(400, f"Failed to parse body: {error}") from error
        if len(operations) > _MOST_OPERATIONS:
            raise Answer(413, "Transaction contains too many operations")
        errors: list[dict[str, Any]] = []
        results: list[dict[str, Any]] = []

        def attempt(work: Callable[[int, dict[str, Any]], list[Any]]) -> bool:
            for number, operation in enumerate(operations):
                try:
                    results.extend({"KV": shown} for shown in work(number, operation))
                except Answer as answer:
                    errors.append({"OpIndex": number, "What": answer.text})
            return not errors

        if attempt(lambda _, operation: self._checked(operation)):
            with self.server.double.change() as (state, index):
                kept = state.copy()
                if not attempt(lambda _, op: self._operation(state, op, index)):
                    self.server.double.state = replace(kept, index=index)
        if errors:
            self.headers_out["Content-Type"] = "application/json"
            raise Answer(409, json.dumps({"Results": None, "Errors": errors}))
        return {"Results": results, "Errors": None}

    def _checked(self, operation: dict[str, Any]) -> list[Any]:
        verb, key = operation["Verb"], operation.get("Key", "")
        if not key and verb != "delete-tree":
            raise Answer(409, "Must provide key")
        if verb in {"check-index", "check-session"}:
            if not self.policy.may_read(key):
                raise self._denied("key:read", key)
        elif verb not in {"get", "get-tree"}:
            self._may_write(key)
        if verb == "lock" and self._is_delayed(key):
            raise Answer(409, f'failed to lock key "{key}" due to lock delay')
        return []

    def _operation(self, state: State, op: dict[str, Any], index: int) -> list[Any]:
        """Do one operation; what it shows."""
        verb, key, wanted = op["Verb"], op["Key"], int(op.get("Index") or 0)
        pair = Pair(
            key,
            base64.b64decode(op.get("Value") or ""),
            int(op.get("Flags") or 0),
            op.get("Session") or "",
        )
        old = state.keys.get(key)
        done: Pair | None
        match verb:
            case "set":
                done = state.put(pair, index)
            case "cas":
                done = state.cas(pair, wanted, index)
                why = f'failed to set key "{key}", index is stale'
            case "lock":
                done = state.lock(pair, index)
                why = f'failed to lock key "{key}", lock is already held'
            case "unlock":
                done = state.unlock(pair, index)
                why = f'failed to unlock key "{key}", lock isn\'t held'
            case "get":
                if old is None:
                    raise Answer(409, f'key "{key}" doesn\'t exist')
                return [old.shown()] if self.policy.may_read(key) else []
            case "get-or-empty":
                return [(old or Pair(key, b"")).shown()]
            case "get-tree":
                return [p.shown() for p in state.below(key)]
            case "delete":
                state.delete(key, index)
                return []
            case "delete-cas":
                if not state.delete_cas(key, wanted, index):
                    raise Answer(409, f'failed to delete key "{key}", index is stale')
                return []
            case "delete-tree":
                for below in state.below(key):
                    state.delete(below.key, index)
                return []
            case "check-index":
                if old is None:
                    raise Answer(
                        409, f'failed to check index, key "{key}" doesn\'t exist'
                    )
                done = old if old.modify_index == wanted else None
                why = f'failed index check for key "{key}"'
            case "check-session":
                if old is None:
                    raise Answer(
                        409, f'failed to check session, key "{key}" doesn\'t exist'
                    )
                done = old if old.session == pair.session else None
                why = f'failed session check for key "{key}"'
            case "check-not-exists":
                if old is not None:
                    raise Answer(409, f'key "{key}" exists')
                return []
            case _:
                raise Answer(409, f'unknown KV verb "{verb}"')
        if done is None:
            raise Answer(409, why)
        return [done.shown(value=False)]

    # sessions

    def _session(self, method: str, verb: str, session_id: str) -> object:
        double = self.server.double
        if verb == "list":
            return self._blocking(self._sessions(lambda _: True))
        if verb == "info":
            return self._blocking(self._sessions(lambda s: s.id == session_id))
        if method != "PUT":
            raise Answer(405, "method not allowed")
        if not self.policy.session:
            raise self._denied("session:write", "double")
        if verb == "create":
            return {"ID": self._create()}
        if not session_id:
            raise Answer(400, "Missing session")
        if not UUID.fullmatch(session_id):
            raise Answer(500, "failed session lookup: index error: invalid UUID")
        with double.changed:
            double.end_sessions()
            session = double.state.sessions.get(session_id)
            if verb == "renew":
                if session is None:
                    raise Answer(404, f"Session id '{session_id}' not found")
                session.ends = self._end(session.ttl)
                return [session.shown()]
            if verb == "destroy":
                if session is not None:
                    double.state.end_session(session, double.now())
                    double.changed.notify_all()
                return True
        raise Answer(404)

    def _sessions(
        self, wanted: Callable[[Session], bool]
    ) -> Callable[[State], tuple[int, list[Any]]]:
        return lambda state: (
            state.sessions_index or 1,
            [s.shown() for s in state.sessions.values() if wanted(s)],
        )

    def _end(self, ttl: str) -> float | None:
        double = self.server.double
        return double.now() + _seconds(ttl) * double.ttl_factor if ttl else None

    def _create(self) -> str:
        try:
            body = json.loads(self.body or b"{}")
        except ValueError as error:
            raise Answer(400, f"Request decode failed: {error}") from error
        given = {name.lower(): value for name, value in body.items()}
        ttl = given.get("ttl", "")
        if ttl and not 10 <= _seconds(ttl) <= 86400:
            raise Answer(
                400, f"Invalid Session TTL '{ttl}', must be between [10s=24h0m0s]"
            )
        behavior = given.get("behavior") or "release"
        if behavior not in {"release", "delete"}:
            raise Answer(400, f"Invalid Behavior setting '{behavior}'")
        with self.server.double.change() as (state, index):
            session = Session(
                id=str(uuid.uuid4()),
                name=given.get("name", ""),
                node=given.get("node", "double"),
                checks=given.get("nodechecks", given.get("checks", ["serfHealth"])),
                behavior=behavior,
                ttl=ttl,
                lock_delay=_delay(given.get("lockdelay", "15s")),
                index=index,
                ends=self._end(ttl),
            )
            state.sessions[session.id] = session
            state.sessions_index = index
        return session.id


def main() -> None:
    """Serve until the standard input ends; the port is the first line printed."""
    double = ConsulDouble()
    double.start()
    print(double.port, flush=True)
    sys.stdin.read()
    double.stop()


if __name__ == "__main__":
    main()

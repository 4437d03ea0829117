"""What Consul answers: its double, and a real one wherever there is one, say the same."""

import base64
import contextlib
import http.client
import json
import os
import threading
import time
import uuid
from urllib.parse import quote

import pytest

from tests.registry.consul_double import ConsulDouble
from tests.registry.consul_server import real_consul
from tests.registry.consul_state import Policy


@pytest.fixture
def double():
    double = ConsulDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture(scope="module")
def module_double():
    double = ConsulDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    yield from real_consul(tmp_path_factory)


@pytest.fixture(params=["double", "real"])
def ask(request):
    """A function that asks a Consul, and keys of one's own below ``ask.root``."""
    name = {"double": "module_double", "real": "real"}[request.param]
    consul = request.getfixturevalue(name)
    if getattr(consul, "tls", None) is True:
        pytest.skip("asks in plain HTTP")
    asking = Asking(consul.address)
    yield asking
    asking("DELETE", asking.key("", recurse=""))


class Asking:
    """Requests to one Consul."""

    def __init__(self, address: str, token: str = "") -> None:
        self._address = address
        self._token = token or os.environ.get("CONSUL_HTTP_TOKEN", "")
        self.root = f"{uuid.uuid4().hex}/"
        self.headers: dict[str, str] = {}

    def key(self, key: str, **query: object) -> str:
        text = "&".join(f"{k}={quote(str(v))}" for k, v in query.items())
        return f"/v1/kv/{self.root}{key}" + (f"?{text}" if text else "")

    def __call__(self, method: str, path: str, body: object = None):
        """The status and what the answer says, as JSON if it is that."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {"X-Consul-Token": self._token} if self._token else {}
        asked = http.client.HTTPConnection(self._address, timeout=30)
        with contextlib.closing(asked):
            asked.request(method, path, body=data, headers=headers)
            answer = asked.getresponse()
            text = answer.read().decode()
        self.headers = dict(answer.getheaders())
        with contextlib.suppress(ValueError):
            return answer.status, json.loads(text)
        return answer.status, text

    @property
    def index(self) -> int:
        return int(self.headers["X-Consul-Index"])

    def txn(self, *operations: dict[str, object]):
        own = [{"KV": {**op, "Key": self.root + str(op["Key"])}} for op in operations]
        return self("PUT", "/v1/txn", own)

    def read(self, key: str):
        """The pair under a key, or None."""
        status, found = self("GET", self.key(key))
        return found[0] if status == 200 else None


def value(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_key_is_put_read_and_deleted(ask):
    assert ask("PUT", ask.key("a", flags=7), b"one") == (200, True)
    pair = ask.read("a")
    assert pair["Value"] == value("one")
    assert (pair["Flags"], pair["LockIndex"]) == (7, 0)
    assert (pair["CreateIndex"], "Session" in pair) == (pair["ModifyIndex"], False)
    assert ask.index == pair["ModifyIndex"]
    assert ask("GET", ask.key("a", raw="")) == (200, "one")
    assert ask("DELETE", ask.key("a")) == (200, True)
    assert ask("DELETE", ask.key("a")) == (200, True)
    assert ask("GET", ask.key("a")) == (404, "")
    assert ask.index > pair["ModifyIndex"]


def test_an_empty_value_is_null(ask):
    ask("PUT", ask.key("a"), b"")
    assert ask.read("a")["Value"] in {None, ""}


def test_a_put_of_what_is_there_changes_no_index(ask):
    ask("PUT", ask.key("a"), b"one")
    first = ask.read("a")
    ask("PUT", ask.key("a"), b"one")
    assert ask.read("a") == first
    ask("PUT", ask.key("a", flags=1), b"one")
    assert ask.read("a")["ModifyIndex"] > first["ModifyIndex"]
    assert ask.read("a")["CreateIndex"] == first["CreateIndex"]


def test_check_and_set_wants_the_index(ask):
    assert ask("PUT", ask.key("a", cas=5), b"x") == (200, False)
    assert ask("PUT", ask.key("a", cas=0), b"one") == (200, True)
    assert ask("PUT", ask.key("a", cas=0), b"two") == (200, False)
    index = ask.read("a")["ModifyIndex"]
    assert ask("PUT", ask.key("a", cas=index + 1), b"two") == (200, False)
    assert ask("PUT", ask.key("a", cas=index), b"two") == (200, True)
    assert ask("DELETE", ask.key("a", cas=index)) == (200, False)
    index = ask.read("a")["ModifyIndex"]
    assert ask("DELETE", ask.key("a", cas=index)) == (200, True)
    assert ask("DELETE", ask.key("a", cas=index)) == (200, True)


def test_flags_that_exclude_each_other_are_refused(ask):
    assert ask("PUT", ask.key("a", cas=0, acquire="x"), b"")[0] == 400
    assert ask("DELETE", ask.key("a", cas=1, recurse=""))[0] == 400
    assert ask("GET", "/v1/kv/")[0] == 400


def test_a_large_value_is_refused(ask):
    assert ask("PUT", ask.key("a"), b"x" * (512 * 1024))[0] == 200
    assert ask("PUT", ask.key("a"), b"x" * (512 * 1024 + 1))[0] == 413
    large = {"Verb": "set", "Key": "a", "Value": value("x" * 512 * 1024)}
    assert ask.txn(large)[0] == 413
    assert ask.txn(*[{"Verb": "delete", "Key": "a"}] * 65)[0] == 413


def test_keys_are_listed_below_a_prefix(ask):
    for key in ("b/2", "b/1/x", "b", "bc", "b/1/y"):
        ask("PUT", ask.key(key), b"1")
    found = ask("GET", ask.key("b/", recurse=""))[1]
    keys = [pair["Key"].removeprefix(ask.root) for pair in found]
    assert keys == ["b/1/x", "b/1/y", "b/2"]
    assert ask.index == max(pair["ModifyIndex"] for pair in found)
    names = [ask.root + key for key in ("b/1/", "b/2")]
    assert ask("GET", ask.key("b/", keys="", separator="/")) == (200, names)
    assert ask("GET", ask.key("x", keys=""))[0] == 404
    assert ask("GET", ask.key("x", recurse="")) == (404, "")
    assert ask.index > 0
    assert ask("DELETE", ask.key("b/", recurse="")) == (200, True)
    assert [ask.read(key) is None for key in ("b", "b/2")] == [False, True]


def test_a_deletion_raises_the_index_of_its_prefix(ask):
    ask("PUT", ask.key("b/1"), b"1")
    ask("PUT", ask.key("b/2"), b"1")
    ask("GET", ask.key("b/", recurse=""))
    before = ask.index
    ask("DELETE", ask.key("b/2"))
    ask("PUT", ask.key("c"), b"1")
    other = ask.read("c")["ModifyIndex"]
    ask("GET", ask.key("b/", recurse=""))
    assert before < ask.index < other


@pytest.mark.parametrize("change", ["put", "delete", "end of a session"])
def test_a_blocking_query_is_answered_by_a_change(ask, change):
    ask("PUT", ask.key("b/1"), b"1")
    session = new_session(ask, Behavior="delete", LockDelay="0s")
    ask("PUT", ask.key("b/2", acquire=session), b"1")
    ask("GET", ask.key("b/", recurse=""))
    index, other, told = ask.index, Asking(ask._address), []

    def block() -> None:
        path = ask.key("b/", recurse="", index=index, wait="20s")
        told.append((other("GET", path), other.index))

    thread = threading.Thread(target=block)
    thread.start()
    ask("PUT", ask.key("elsewhere"), b"1")
    assert told == []
    method, path = {
        "put": ("PUT", ask.key("b/3")),
        "delete": ("DELETE", ask.key("b/1")),
        "end of a session": ("PUT", f"/v1/session/destroy/{session}"),
    }[change]
    ask(method, path)
    thread.join(15)
    ((status, found), later) = told[0]
    assert (status, later > index) == (200, True)
    names = [pair["Key"].removeprefix(ask.root + "b/") for pair in found]
    wanted = {"put": ["1", "2", "3"], "delete": ["2"], "end of a session": ["1"]}
    assert names == wanted[change]
    ask("PUT", f"/v1/session/destroy/{session}")


def test_a_blocking_query_ends_without_a_change(ask):
    ask("PUT", ask.key("b/1"), b"1")
    ask("GET", ask.key("b/", recurse=""))
    path = ask.key("b/", recurse="", index=ask.index, wait="100ms")
    began, index = time.monotonic(), ask.index
    assert ask("GET", path)[0] == 200
    assert (ask.index, time.monotonic() - began >= 0.09) == (index, True)


# transactions


def test_a_transaction_is_done_as_a_whole(ask):
    status, reply = ask.txn(
        {"Verb": "cas", "Key": "a", "Index": 0, "Value": value("1"), "Flags": 3},
        {"Verb": "set", "Key": "b", "Value": value("2")},
        {"Verb": "get", "Key": "b"},
    )
    assert (status, reply["Errors"]) == (200, None)
    first, second, third = (result["KV"] for result in reply["Results"])
    assert first["ModifyIndex"] == second["ModifyIndex"] == ask.read("a")["ModifyIndex"]
    assert (first["Value"], third["Value"]) == (None, value("2"))
    assert first["Flags"] == 3


def test_a_transaction_that_fails_leaves_nothing_and_says_everything(ask):
    ask("PUT", ask.key("a"), b"1")
    before = ask.read("a")
    status, reply = ask.txn(
        {"Verb": "set", "Key": "new", "Value": value("1")},
        {"Verb": "check-index", "Key": "a", "Index": 1},
        {"Verb": "delete", "Key": "a"},
        {"Verb": "get", "Key": "nosuch"},
        {"Verb": "check-not-exists", "Key": "nosuch"},
    )
    assert status == 409
    assert [error["OpIndex"] for error in reply["Errors"]] == [1, 3]
    assert all(error["What"] for error in reply["Errors"])
    assert (ask.read("a"), ask.read("new")) == (before, None)


@pytest.mark.parametrize(
    ("operation", "fails"),
    [
        ({"Verb": "check-not-exists", "Key": "a"}, True),
        ({"Verb": "check-index", "Key": "nosuch", "Index": 0}, True),
        ({"Verb": "check-session", "Key": "a", "Session": ""}, False),
        ({"Verb": "delete-cas", "Key": "a", "Index": 1}, True),
        ({"Verb": "delete-cas", "Key": "nosuch", "Index": 1}, False),
        ({"Verb": "delete", "Key": "nosuch"}, False),
        ({"Verb": "delete-tree", "Key": ""}, False),
        ({"Verb": "cas", "Key": "nosuch", "Index": 7}, True),
        ({"Verb": "cas", "Key": "a", "Index": 0}, True),
        ({"Verb": "unlock", "Key": "a", "Session": str(uuid.uuid4())}, True),
        ({"Verb": "lock", "Key": "a", "Session": str(uuid.uuid4())}, True),
        ({"Verb": "frobnicate", "Key": "a"}, True),
    ],
    ids=lambda item: item["Verb"] + " " + item["Key"] if isinstance(item, dict) else "",
)
def test_which_operations_fail(ask, operation, fails):
    ask("PUT", ask.key("a"), b"1")
    # the second operation makes it a change, whatever the first one is
    status, _ = ask.txn(operation, {"Verb": "set", "Key": "b", "Value": value("1")})
    assert status == (409 if fails else 200)


def test_what_is_deleted_and_set_in_one_transaction_is_made_anew(ask):
    session = new_session(ask, Behavior="delete", LockDelay="0s")
    ask("PUT", ask.key("a", acquire=session), b"1")
    held = ask.read("a")
    assert (held["Session"], held["LockIndex"]) == (session, 1)
    ask("PUT", ask.key("a"), b"2")
    assert ask.read("a")["Session"] == session
    ask.txn(
        {"Verb": "check-index", "Key": "a", "Index": ask.read("a")["ModifyIndex"]},
        {"Verb": "delete", "Key": "a"},
        {"Verb": "set", "Key": "a", "Value": value("3")},
    )
    free = ask.read("a")
    assert "Session" not in free
    assert free["CreateIndex"] == free["ModifyIndex"] > held["ModifyIndex"]
    ask.txn(
        {"Verb": "delete", "Key": "a"},
        {"Verb": "lock", "Key": "a", "Value": value("4"), "Session": session},
    )
    assert ask.read("a")["Session"] == session
    ask("PUT", f"/v1/session/destroy/{session}")
    assert ask.read("a") is None


# sessions


def new_session(ask, **wanted: object) -> str:
    status, made = ask("PUT", "/v1/session/create", wanted)
    assert status == 200, made
    return str(made["ID"])


def test_a_session_is_made_shown_renewed_and_ended(ask):
    session = new_session(ask, TTL="15s", Behavior="delete", LockDelay="0s", Checks=[])
    shown = ask("GET", f"/v1/session/info/{session}")[1][0]
    assert (shown["TTL"], shown["Behavior"], shown["LockDelay"]) == ("15s", "delete", 0)
    assert session in [item["ID"] for item in ask("GET", "/v1/session/list")[1]]
    status, renewed = ask("PUT", f"/v1/session/renew/{session}")
    assert (status, renewed[0]["TTL"]) == (200, "15s")
    assert ask("PUT", f"/v1/session/destroy/{session}") == (200, True)
    assert ask("PUT", f"/v1/session/renew/{session}")[0] == 404
    assert ask("GET", f"/v1/session/info/{session}") == (200, [])


@pytest.mark.parametrize("ttl", ["9s", "86401s", "soon"])
def test_a_session_of_a_strange_length_is_refused(ask, ttl):
    assert ask("PUT", "/v1/session/create", {"TTL": ttl})[0] in {400, 500}


def test_a_key_is_held_by_one_session(ask):
    mine, theirs = (new_session(ask, LockDelay="0s") for _ in range(2))
    assert ask("PUT", ask.key("a", acquire=mine), b"1") == (200, True)
    assert ask("PUT", ask.key("a", acquire=theirs), b"2") == (200, False)
    assert ask("PUT", ask.key("a", acquire=mine), b"2") == (200, True)
    assert ask("PUT", ask.key("a", release=theirs), b"3") == (200, False)
    assert ask("PUT", ask.key("a", release=mine), b"3") == (200, True)
    assert ask("PUT", ask.key("a", acquire=theirs), b"4") == (200, True)
    assert ask.read("a")["LockIndex"] == 2
    ask("PUT", f"/v1/session/destroy/{theirs}")
    assert (ask.read("a")["Value"], "Session" in ask.read("a")) == (value("4"), False)
    ask("PUT", f"/v1/session/destroy/{mine}")
    assert ask("PUT", ask.key("a", acquire=mine), b"5")[0] >= 400


def test_a_key_rests_after_its_session_if_that_asked_for_it(ask):
    mine, theirs = (new_session(ask, LockDelay="60s") for _ in range(2))
    ask("PUT", ask.key("a", acquire=mine), b"1")
    ask("PUT", f"/v1/session/destroy/{mine}")
    assert ask("PUT", ask.key("a", acquire=theirs), b"2") == (200, False)
    lock = {"Verb": "lock", "Key": "a", "Session": theirs, "Value": value("2")}
    assert ask.txn(lock)[0] == 409
    ask("PUT", f"/v1/session/destroy/{theirs}")


def test_it_says_who_leads_and_who_answers(ask):
    assert ":" in ask("GET", "/v1/status/leader")[1]
    status, shown = ask("GET", "/v1/agent/self")
    assert (status, "Datacenter" in shown["Config"]) == (200, True)


# what only the double can show at once


def test_a_session_lives_twice_its_ttl_and_not_longer(double):
    ask = Asking(double.address)
    session = new_session(ask, TTL="10s", Behavior="delete", LockDelay="0s")
    ask("PUT", ask.key("a", acquire=session), b"1")
    double.turn(15)
    ask("PUT", f"/v1/session/renew/{session}")
    double.turn(19)
    assert ask.read("a") is not None
    double.turn(2)
    assert ask.read("a") is None
    assert ask("PUT", f"/v1/session/renew/{session}")[0] == 404


def test_it_comes_back_with_what_it_had_or_without(double):
    ask = Asking(double.address)
    ask("PUT", ask.key("a"), b"1")
    port, index = double.port, ask.read("a")["ModifyIndex"]
    double.stop()
    with pytest.raises(OSError):
        ask("GET", ask.key("a"))
    double.start()
    assert (double.port, ask.read("a")["ModifyIndex"]) == (port, index)
    double.stop()
    double.forget()
    double.start()
    assert ask.read("a") is None
    ask("PUT", ask.key("a"), b"1")
    assert ask.read("a")["ModifyIndex"] <= index


def test_a_stop_lets_go_of_who_waits(double):
    ask = Asking(double.address)
    ask("PUT", ask.key("a"), b"1")
    failed = threading.Event()

    def block() -> None:
        try:
            Asking(double.address)("GET", ask.key("a", index=1_000_000, wait="60s"))
        except (OSError, http.client.HTTPException):
            failed.set()

    thread = threading.Thread(target=block)
    thread.start()
    while len(double.requests) < 2:
        time.sleep(0.001)
    double.stop()
    thread.join(10)
    assert failed.is_set()


@pytest.mark.parametrize(
    ("kind", "made"), [("drop", False), ("lose", True), ("cut", True), ("500", False)]
)
def test_faults_come_when_they_are_asked_for(double, kind, made):
    ask = Asking(double.address)
    double.fail(kind, matching=lambda method, _: method == "PUT")
    try:
        assert ask("PUT", ask.key("a"), b"1")[0] == 500
    except (OSError, http.client.HTTPException):
        assert kind in {"drop", "lose", "cut"}
    else:
        assert kind == "500"
    assert (ask.read("a") is not None) == made
    assert ask("PUT", ask.key("a"), b"1") == (200, True)


def test_a_token_may_what_its_policy_says(double):
    double.tokens = {"ann": Policy(read=("",), write=("site/",), session=True)}
    for token, key, verb, status in (
        ("ann", "site/a", "PUT", 200),
        ("ann", "else/a", "PUT", 403),
        ("ann", "else/a", "GET", 404),
        ("", "site/a", "GET", 403),
        ("bob", "site/a", "GET", 403),
    ):
        found, text = Asking(double.address, token)(verb, f"/v1/kv/{key}", b"1")
        assert found == status
        if status == 403:
            assert "Permission denied" in text or text == "ACL not found"
    operation = {"KV": {"Verb": "set", "Key": "else/a", "Value": ""}}
    found, reply = Asking(double.address, "ann")("PUT", "/v1/txn", [operation])
    assert (found, "Permission denied" in reply["Errors"][0]["What"]) == (409, True)
    asking = Asking(double.address)
    assert asking("GET", "/v1/kv/?recurse") == (404, "")
    assert asking.headers["X-Consul-Results-Filtered-By-ACLs"] == "true"

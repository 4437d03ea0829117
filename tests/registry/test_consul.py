"""The store in Consul: the contract, and what it does when things break."""

import base64
import http.client
import ssl
import subprocess
import uuid
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.registry import consul_past
from minidock.registry.consul_keys import key_of, stored
from minidock.registry.consul_past import Past
from minidock.registry.errors import Modified, NotFound, Unavailable
from minidock.registry.store import Change, Entry, find
from minidock.registry.urls import open_store
from tests.contracts.store import ODD_KEYS, StoreContract, eventually, replay
from tests.registry.consul_double import ConsulDouble
from tests.registry.consul_server import ElsewhereConsul, real_consul, url_of
from tests.registry.consul_state import Policy
from tests.registry.servers import free_port

pytest.importorskip("consul")


@pytest.fixture(scope="module")
def module_double():
    double = ConsulDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    yield from real_consul(tmp_path_factory)


@pytest.fixture
def double():
    double = ConsulDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture
def store(double):
    with closing(open_store(url_of(double, "site"))) as opened:
        yield opened


class TestConsulDouble(StoreContract):
    name = "Consul (double)"
    ttl = 10.0

    @pytest.fixture
    def server(self, module_double):
        return module_double

    @pytest.fixture
    def open_another(self, module_double):
        url = url_of(module_double, uuid.uuid4().hex)
        return lambda: open_store(url)

    @pytest.fixture(autouse=True)
    def _double(self, module_double):
        self.double = module_double

    def wait(self, store, seconds):
        """Let its time pass: a session lives up to twice its TTL."""
        assert store
        self.double.turn(seconds * 2)


class TestRealConsul(StoreContract):
    name = "Consul"
    ttl = 10.0
    patience = 45.0
    examples, steps = 5, 15

    @pytest.fixture
    def server(self, real):
        if isinstance(real, ElsewhereConsul):
            pytest.skip("somebody else's Consul is not stopped")
        return real

    @pytest.fixture
    def open_another(self, real):
        url = url_of(real, uuid.uuid4().hex)
        yield lambda: open_store(url)
        with closing(open_store(url)) as store:
            for key, _ in store.list("").entries:
                with suppress(NotFound):
                    store.delete(key)


# keys and values

PARTS = st.text(min_size=1).filter(lambda t: "/" not in t and t.isprintable())


@given(
    st.lists(PARTS | st.sampled_from([".", "..", "a.", ",2E", "v1.0"]), min_size=1).map(
        "/".join
    )
)
def test_every_key_in_consul_is_read_back_from_what_is_stored(key):
    text = stored(key)
    assert key_of(text) == key
    assert ".." not in text
    assert "./" not in text
    assert text.isascii()
    assert not set(text) - set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,-_./"
    )


@given(PARTS, PARTS)
def test_a_key_below_another_is_stored_below_it(path, name):
    assert stored(f"{path}/{name}").startswith(stored(path))


def test_keys_are_stored_as_libnetwork_stored_them(double, store):
    store.put("docker/network/v1.0/ipam/default/data/GlobalDefault/10.0.0.0/24", "{}")
    assert list(double.state.keys) == [
        "site/docker/network/v1.0/ipam/default/data/GlobalDefault/10.0.0.0/24/"
    ]


def test_a_path_of_odd_characters_is_a_path_too(double):
    for key in ODD_KEYS:
        with closing(open_store(f"consul://{double.address}/{'a%20..'}")) as store:
            store.put(key, "1")
            assert [k for k, _ in store.list("").entries] == [key]
            store.delete(key)


def call(double, method, path, body=None):
    """What another program asks Consul."""
    asked = http.client.HTTPConnection(double.address, timeout=10)
    with closing(asked):
        asked.request(method, path, body)
        answer = asked.getresponse()
        return answer.status, answer.read().decode()


def test_a_value_that_is_no_text_is_a_clear_error_and_harms_no_other(double, store):
    watch = store.watch("", store.list("").revision)
    call(double, "PUT", "/v1/kv/site/a/x/", b"\xff\xfe")
    store.put("a/y", "1")
    for verb in (lambda: store.get("a/x"), lambda: store.list("a")):
        with pytest.raises(Unavailable, match="the value of a/x is no text") as refused:
            verb()
        assert refused.value.explain().count("\n") == 2
    assert store.get("a/y").value == "1"
    told = []
    with pytest.raises(Unavailable, match="the value of a/x is no text"):
        eventually(lambda: told.extend(watch.changes(0.2)), 10)
    eventually(lambda: told or told.extend(watch.changes(0.2)), 10)
    assert [change.key for change in told] == ["a/y"]
    watch.close()
    store.put("a/x", "now a text")
    assert len(store.list("a").entries) == 2


def test_keys_of_other_programs_are_left_out(double, store):
    for key in ("site/no-slash", "site/a%20b/", "site//", "site/,ZZ/", "site/,FF/"):
        assert call(double, "PUT", f"/v1/kv/{key}", b"1")[0] == 200
    store.put("a", "1")
    assert [key for key, _ in store.list("").entries] == ["a"]


def test_a_value_that_is_too_large_is_refused_and_says_so(store):
    version = store.put("a", "x" * 380_000)
    with pytest.raises(Unavailable, match="larger than Consul takes"):
        store.put("a", "x" * 600_000)
    assert store.get("a").version == version


# lost replies


def is_txn(method, path):
    return path == "/v1/txn"


@pytest.mark.parametrize("kind", ["lose", "drop", "cut", "500"])
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("leased", [False, True])
def test_a_change_under_a_condition_is_made_once_though_replies_are_lost(
    double, store, kind, times, leased
):
    lease = store.lease(60) if leased else None
    double.fail(kind, times=times, matching=is_txn)
    version = store.create("a", "same", lease)
    assert store.get("a") == Entry("same", version)
    double.fail(kind, times=times, matching=is_txn)
    again = store.compare_and_swap("a", "same", version, lease)
    assert store.get("a") == Entry("same", again)
    assert again > version
    double.fail(kind, times=times, matching=is_txn)
    store.compare_and_delete("a", again)
    assert find(store, "a") is None


def test_who_was_slower_hears_it_though_its_reply_was_lost(double, store):
    """Also if both write the same value: the number in the flags tells them apart."""
    with closing(open_store(url_of(double, "site"))) as other:

        def lose_after(what):
            double.fail("drop", matching=is_txn, then=what)

        lose_after(lambda: other.create("a", "same"))
        with pytest.raises(Modified):
            store.create("a", "same")
        version = other.get("a").version
        lose_after(lambda: other.put("a", "same"))
        with pytest.raises(Modified):
            store.compare_and_swap("a", "same", version)
        version = other.get("a").version
        lose_after(lambda: other.put("a", "same"))
        with pytest.raises(Modified):
            store.compare_and_delete("a", version)
        version = other.get("a").version
        lose_after(lambda: other.delete("a"))
        with pytest.raises(NotFound):
            store.compare_and_swap("a", "same", version)


def test_a_put_or_a_delete_whose_reply_is_lost_is_looked_for(double, store):
    double.fail("lose", matching=is_txn)
    version = store.put("a", "1")
    assert store.get("a") == Entry("1", version)
    for kind in ("drop", "500"):
        double.fail(kind, matching=is_txn)
        with pytest.raises(Unavailable):
            store.put("a", "1")
        double.fail(kind, matching=is_txn)
        with pytest.raises(Unavailable):
            store.delete("a")
    assert store.get("a") == Entry("1", version)
    double.fail("lose", matching=is_txn)
    store.delete("a")
    assert find(store, "a") is None


def test_a_lease_whose_reply_is_lost_leaves_a_session_that_ends(double, store):
    double.fail("lose")
    lease = store.lease(10)
    assert len(double.state.sessions) == 2
    double.turn(15)
    lease.keep_alive()
    double.turn(10)
    lease.keep_alive()
    assert list(double.state.sessions) == [lease.id]
    double.fail("lose")
    lease.keep_alive()
    double.fail("lose")
    lease.revoke()
    assert double.state.sessions == {}


def test_reads_are_asked_again(double, store):
    version = store.put("a", "1")
    for kind in ("lose", "cut", "500", "429"):
        double.fail(kind, times=2)
        assert store.get("a") == Entry("1", version)
        double.fail(kind, times=2)
        assert store.list("").entries == (("a", Entry("1", version)),)


# leases


def test_a_lease_has_a_length_that_consul_grants(double, store):
    for wanted, granted in ((1, 10), (10.2, 11), (100_000, 86_400)):
        lease = store.lease(wanted)
        assert lease.ttl == granted
        assert store.resume_lease(lease.id).ttl == granted
        session = double.state.sessions[lease.id]
        assert (session.behavior, session.lock_delay) == ("delete", 0)
        assert session.checks == []


def test_a_change_under_a_lease_that_ended_changes_nothing(store):
    version = store.put("a", "1")
    lease = store.lease(10)
    lease.revoke()
    for verb in (
        lambda: store.put("a", "2", lease),
        lambda: store.put("b", "2", lease),
        lambda: store.create("b", "2", lease),
        lambda: store.compare_and_swap("a", "2", version, lease),
    ):
        with pytest.raises(NotFound, match=f"no lease {lease.id}"):
            verb()
    assert store.list("").entries == (("a", Entry("1", version)),)


# watches


def test_a_server_that_comes_back_with_an_older_memory_is_read_again(double, store):
    for number in range(20):
        store.put(f"a/{number}", "1")
    known = dict(store.list("a").entries)
    watch = store.watch("a", store.list("a").revision)
    double.stop()
    double.forget()
    double.start()
    store.put("a/new", "1")

    def is_known() -> bool:
        with suppress(Unavailable):
            replay(known, list(watch.changes(0.1)))
        return known == dict(store.list("a").entries)

    assert eventually(is_known, 10)
    assert list(known) == ["a/new"]
    watch.close()


def test_an_index_that_falls_since_deletions_are_forgotten_harms_nothing(double, store):
    store.put("a/1", "1")
    store.put("a/2", "1")
    store.delete("a/2")
    listing = store.list("a")
    double.reap()
    assert store.list("a").revision < listing.revision
    with closing(store.watch("a", listing.revision)) as watch:
        store.put("a/3", "1")
        assert [change.key for change in watch.changes(10)] == ["a/3"]
        store.delete("a/1")
        assert list(watch.changes(10)) == [Change("a/1", None)]


def test_a_watch_from_another_stores_listing_begins_or_says_that_it_cannot(
    double, store
):
    store.put("a/1", "1")
    with closing(open_store(url_of(double, "site"))) as other:
        revision = other.list("a").revision
        store.put("b", "1")
        with closing(store.watch("a", revision)) as watch:
            store.put("a/2", "1")
            assert [change.key for change in watch.changes(10)] == ["a/2"]
        with pytest.raises(Modified, match="has forgotten"):
            store.watch("a", revision)
        with closing(other.watch("a", revision)) as watch:
            assert [change.key for change in watch.changes(10)] == ["a/2"]


def test_a_watch_that_loses_a_reply_goes_on_and_says_nothing(double, store):
    with closing(store.watch("a", store.list("a").revision)) as watch:
        for kind in ("lose", "cut", "500"):
            double.fail(kind, times=1, matching=lambda method, _: method == "GET")
            store.put(f"a/{kind}", "1")
            assert [change.key for change in watch.changes(10)] == [f"a/{kind}"]


def test_a_closed_watch_leaves_no_thread(store):
    watches = [store.watch("a", store.list("a").revision) for _ in range(3)]
    for watch in watches:
        watch.close()
        assert not watch._thread.is_alive()


def test_of_old_listings_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(consul_past, "_KEYS", 5)
    past = Past()
    past.remember("a", 1, {"a/1": 1, "a/2": 1})
    past.remember("a", 2, {"a/1": 1, "a/2": 2})
    past.remember("a", 3, {"a/1": 3, "a/2": 2})
    assert past.at("a", 1) is None
    assert past.at("a", 2) == {"a/1": 1, "a/2": 2}
    past.remember("a", 4, dict.fromkeys(map(str, range(9)), 1))
    assert (past.at("a", 3), len(past.at("a", 4))) == (None, 9)
    past.remember("a", 4, {})
    with pytest.raises(Modified, match="has forgotten"):
        past.at("a", 4)


# hosts


def test_the_hosts_are_tried_in_turn(double):
    text = f"consul://127.0.0.1:{free_port()},{double.address}/site"
    with closing(open_store(text)) as store:
        version = store.create("a", "1")
        assert store.get("a") == Entry("1", version)
        with closing(store.watch("", version)) as watch:
            store.put("b", "1")
            assert [change.key for change in watch.changes(10)] == ["b"]


def test_a_host_that_hangs_leaves_time_for_the_next_one(double):
    hangs = ConsulDouble()
    hangs.start()
    hangs.fail("delay", times=100, seconds=60)
    try:
        text = f"consul://{hangs.address},{double.address}/site?timeout=1"
        with closing(open_store(text)) as store:
            version = store.create("a", "1")
            assert store.get("a") == Entry("1", version)
    finally:
        hangs.stop()


def test_a_server_that_hangs_is_unavailable_in_time(double):
    with closing(open_store(url_of(double, timeout=0.3))) as store:
        version = store.put("a", "1")
        double.fail("delay", times=1000, seconds=60)
        for verb in (
            lambda: store.get("a"),
            lambda: store.put("a", "2"),
            lambda: store.compare_and_swap("a", "2", version),
        ):
            with pytest.raises(Unavailable, match="no answer in time"):
                verb()


def test_a_host_that_is_not_there_is_unavailable():
    with closing(open_store("consul://nosuch.invalid?timeout=2")) as store:
        with pytest.raises(Unavailable) as refused:
            store.get("a")
        assert refused.value.explain().count("\n") == 2


# who may


def test_a_token_that_is_wrong_or_lacks_a_permission_is_named(double):
    double.tokens = {
        "t-ann": Policy(write=("site/",), session=True),
        "t-read": Policy(read=("site/",)),
    }
    with closing(open_store(url_of(double, "site", token="t-ann"))) as store:
        version = store.create("a", "1", store.lease(10))
        assert store.list("").entries == (("a", Entry("1", version)),)
        with closing(store.watch("", store.list("").revision)) as watch:
            store.put("b", "1")
            assert [change.key for change in watch.changes(10)] == ["b"]
    for root, token, text in (
        ("site", "", "key:(read|write)"),
        ("site", "t-bob", "ACL not found"),
        ("other", "t-ann", "key:(read|write)"),
        ("", "t-ann", "key:(read|write)"),
    ):
        url = url_of(double, root, **({"token": token} if token else {}))
        with closing(open_store(url)) as store:
            for verb in (
                lambda s=store: s.get("a"),
                lambda s=store: s.put("a", "1"),
                lambda s=store: s.create("x", "1"),
                lambda s=store: s.compare_and_delete("a", 1),
            ):
                with pytest.raises(Unavailable, match=text) as refused:
                    verb()
                assert "its token is wrong or lacks a permission" in str(refused.value)
                assert refused.value.explain().count("\n") == 2
                assert "t-bob" not in refused.value.explain()
    with closing(open_store(url_of(double, "site", token="t-read"))) as store:
        assert store.get("a").value == "1"
        with pytest.raises(Unavailable, match="session:write"):
            store.lease(10)
    with (
        closing(open_store(url_of(double))) as store,
        pytest.raises(Unavailable, match="key:read"),  # and not: nothing is there
    ):
        store.list("")


def test_the_tokens_of_the_url_come_before_that_of_the_environment(double, monkeypatch):
    double.tokens = {"t-ann": Policy(write=("",), session=True)}
    monkeypatch.setenv("CONSUL_HTTP_TOKEN", "t-bob")
    with closing(open_store(url_of(double, token="t-ann"))) as store:
        store.put("a", "1")
    monkeypatch.setenv("CONSUL_HTTP_TOKEN", "t-ann")
    with closing(open_store(url_of(double))) as store:
        assert store.get("a").value == "1"


def test_a_data_centre_and_a_password_are_passed_on(double):
    with closing(open_store(url_of(double, dc="dc1"))) as store:
        store.put("a", "1")
        store.lease(10).revoke()
    assert all("dc=dc1" in line for line in double.requests)
    with (
        closing(open_store(url_of(double, dc="dc2", timeout=0.3))) as store,
        pytest.raises(Unavailable, match="No path to datacenter"),
    ):
        store.get("a")
    double.basic = "Basic " + base64.b64encode(b"ann:s@cret").decode()
    url = url_of(double).replace("//", "//ann:s%40cret@", 1)
    with closing(open_store(url)) as store:
        assert store.get("a").value == "1"
    with (
        closing(open_store(url_of(double))) as store,
        pytest.raises(Unavailable, match="401 Unauthorized"),
    ):
        store.get("a")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Two certificates for 127.0.0.1 that vouch for themselves, made by openssl."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ours", "theirs"):
        words = f"req -x509 -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"
        curve = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        more = "-addext subjectAltName=IP:127.0.0.1"
        command = ["openssl", *words.split(), *curve.split(), *more.split()]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
        except FileNotFoundError:
            pytest.skip("needs openssl")
    return folder


def test_certificates_are_shown_and_checked(certificates):
    tls = ssl.create_default_context(
        ssl.Purpose.CLIENT_AUTH, cafile=certificates / "ours.pem"
    )
    tls.load_cert_chain(certificates / "ours.pem", certificates / "ours.key")
    tls.verify_mode = ssl.CERT_REQUIRED
    double = ConsulDouble(tls=tls)
    double.start()

    def options(ca, own):
        files = {"ca": f"{ca}.pem", "cert": f"{own}.pem", "key": f"{own}.key"}
        return {name: certificates / file for name, file in files.items()}

    try:
        with closing(open_store(url_of(double, **options("ours", "ours")))) as store:
            store.put("a", "1")
            with closing(store.watch("", store.list("").revision)) as watch:
                store.put("b", "1")
                assert [change.key for change in watch.changes(10)] == ["b"]
        for wrong, text in (
            (options("theirs", "ours"), "certificate verify failed"),
            (options("ours", "theirs"), "cannot use the store"),
            ({"ca": certificates / "ours.pem"}, "cannot use the store"),
            ({"tls": "true"}, "certificate verify failed"),
            ({"tls": "false"}, "cannot use the store"),
        ):
            with closing(open_store(url_of(double, timeout=0.5, **wrong))) as store:
                with pytest.raises(Unavailable, match=text):
                    store.get("a")
                with pytest.raises(Unavailable, match=text):
                    store.create("c", "1")
    finally:
        double.stop()

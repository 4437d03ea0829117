"""The store in a real etcd: the contract, and what it does when things break."""

import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import threading
import urllib.request
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from minidock.registry import etcd, etcd_gateway
from minidock.registry.address import StoreAddress
from minidock.registry.errors import Modified, NotFound, Unavailable
from minidock.registry.store import Change, Entry, find
from minidock.registry.urls import open_store
from tests.contracts.store import StoreContract, eventually, replay
from tests.registry.servers import EtcdServer, etcd_cluster, free_port, needs_etcd

pytest.importorskip("etcd3gw")
pytestmark = needs_etcd


@pytest.fixture(scope="module")
def etcd_server(tmp_path_factory):
    server = EtcdServer(tmp_path_factory.mktemp("etcd"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def url(etcd_server):
    return f"{etcd_server.url}/{uuid.uuid4().hex}/v1.0"


@pytest.fixture
def store(url):
    with closing(open_store(url)) as opened:
        yield opened


class TestEtcdStore(StoreContract):
    name = "etcd"
    ttl = 2.0
    examples, steps = 5, 15

    @pytest.fixture
    def open_another(self, url):
        return lambda: open_store(url)

    @pytest.fixture
    def server(self, etcd_server):
        return etcd_server


def root_of(url):
    """What is put before every key."""
    return StoreAddress.parse(url).path


def call(server, path, body):
    """What another program asks etcd."""
    encoded = {
        key: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for key, value in body.items()
    }
    asked = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/v3/{path}", json.dumps(encoded).encode()
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def test_keys_are_stored_as_libnetwork_stored_them(etcd_server):
    with closing(open_store(f"{etcd_server.url}/site")) as store:
        store.put("docker/network/v1.0/network/4f5e", "{}")
        stored = call(etcd_server, "kv/range", {"key": b"site/", "range_end": b"site0"})
        keys = [base64.b64decode(item["key"]) for item in stored["kvs"]]
        assert keys == [b"site/docker/network/v1.0/network/4f5e/"]
        store.delete("docker/network/v1.0/network/4f5e")


def test_a_value_that_is_no_text_is_a_clear_error_and_harms_no_other(
    etcd_server, url, store
):
    root = root_of(url).encode()
    watch = store.watch("", store.list("").revision)
    call(etcd_server, "kv/put", {"key": root + b"/a/x/", "value": b"\xff\xfe"})
    store.put("a/y", "1")
    for verb in (lambda: store.get("a/x"), lambda: store.list("a")):
        with pytest.raises(Unavailable, match="the value of a/x is no text") as refused:
            verb()
        assert refused.value.explain().count("\n") == 2
    assert store.get("a/y").value == "1"
    with pytest.raises(Unavailable, match="the value of a/x is no text"):
        watch.changes(10)
    assert [change.key for change in watch.changes(10)] == ["a/y"]
    watch.close()
    store.put("a/x", "now a text")
    assert len(store.list("a").entries) == 2


def test_keys_of_other_programs_are_left_out(etcd_server, url, store):
    root = root_of(url).encode()
    listing = store.list("")
    call(etcd_server, "kv/put", {"key": root + b"/no-slash", "value": b"1"})
    call(etcd_server, "kv/put", {"key": root + b"/\xff/", "value": b"1"})
    store.put("a", "1")
    assert [key for key, _ in store.list("").entries] == ["a"]
    with closing(store.watch("", listing.revision)) as watch:
        assert [change.key for change in watch.changes(10)] == ["a"]


def test_a_long_listing_is_read_in_pages_of_one_moment(store, monkeypatch):
    monkeypatch.setattr(etcd, "_PAGE", 7)
    versions = {f"a/{n:03d}": store.put(f"a/{n:03d}", str(n)) for n in range(50)}
    listing = store.list("a")
    assert {key: entry.version for key, entry in listing.entries} == versions
    assert [key for key, _ in store.list("a", "a/040").entries] == [
        f"a/{n:03d}" for n in range(41, 50)
    ]


def test_a_listing_that_is_compacted_between_two_pages_begins_anew(
    etcd_server, store, monkeypatch
):
    monkeypatch.setattr(etcd, "_PAGE", 7)
    for number in range(20):
        store.put(f"a/{number:03d}", "1")
    ask, compactions = store._ask, iter(range(5))

    def compact_before(path, body):
        if body.get("revision") and next(compactions, None) in compacting:
            latest = store.put("other", "1")
            call(etcd_server, "kv/compaction", {"revision": latest})
        return ask(path, body)

    monkeypatch.setattr(store, "_ask", compact_before)
    compacting = {0, 1}
    assert len(store.list("a").entries) == 20
    compactions, compacting = iter(range(5)), {0, 1, 2}
    with pytest.raises(Unavailable, match="compacted"):
        store.list("a")


def test_a_watch_that_slept_through_a_compaction_tells_the_difference(
    etcd_server, store
):
    kept, gone, changed = (store.put(f"a/{name}", "1") for name in ("k", "g", "c"))
    listing = store.list("a")
    known = dict(listing.entries)
    watch = store.watch("a", listing.revision)
    etcd_server.freeze()
    watch._cut()
    etcd_server.thaw()
    watch._closed = True  # the thread ends, as if it had not been there meanwhile
    watch._thread.join(10)
    store.delete("a/g")
    store.put("a/c", "2")
    store.put("a/n", "1")
    store.put("a/came", "1")
    store.delete("a/came")
    call(etcd_server, "kv/compaction", {"revision": store.list("a").revision})
    watch._closed = False
    watch._thread = threading.Thread(target=watch._run, daemon=True)
    watch._thread.start()
    told = []
    assert eventually(lambda: told.extend(watch.changes(0.1)) or len(told) >= 3, 10)
    assert Change("a/g", None) in told
    replay(known, told)
    assert known == dict(store.list("a").entries)
    assert (known["a/k"].version, gone < changed) == (kept, True)
    store.put("a/later", "1")
    assert [change.key for change in watch.changes(10)] == ["a/later"]
    watch.close()
    with pytest.raises(Modified, match="has forgotten"):
        store.watch("a", listing.revision)


def test_a_server_that_comes_back_with_an_older_memory_is_read_again(tmp_path):
    server = EtcdServer(tmp_path)
    server.start()
    try:
        with closing(open_store(server.url)) as store:
            store.put("a/old", "1")
            watch = store.watch("a", store.list("a").revision)
            for number in range(20):
                store.put(f"a/{number}", "1")
            told = []
            eventually(lambda: told.extend(watch.changes(0.1)) or len(told) >= 20, 10)
            server.kill()
            shutil.rmtree(tmp_path / "data")
            server.start()
            store.put("a/new", "1")
            known = {change.key: change.entry for change in told}
            known["a/old"] = Entry("1", 2)

            def is_known() -> bool:
                try:
                    replay(known, list(watch.changes(0.1)))
                except Unavailable:
                    return False
                return known == dict(store.list("a").entries)

            assert eventually(is_known, 10)
            assert list(known) == ["a/new"]
            watch.close()
    finally:
        server.kill()


# lost replies


class Breaking:
    """A session that does what is asked, or not, and then loses the reply."""

    def __init__(self, session, *, sent: bool, times: int = 1, before=None) -> None:
        self._session = session
        self._sent = sent
        self._times = times
        self._before = before

    def __getattr__(self, name):
        return getattr(self._session, name)

    def post(self, url, **words):
        import requests

        if self._times and "/kv/range" not in url:
            self._times -= 1
            if self._sent:
                self._session.post(url, **words)
            if self._before:
                self._before()
            raise requests.exceptions.ConnectionError("Connection reset by peer")
        return self._session.post(url, **words)


def breaking(store, *, sent, times=1, before=None):
    client = store._gateway._clients[0]
    client.session = Breaking(client.session, sent=sent, times=times, before=before)


@pytest.mark.parametrize("sent", [True, False], ids=["made", "not made"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_change_under_a_condition_is_made_once_though_replies_are_lost(
    store, sent, times
):
    breaking(store, sent=sent, times=times)
    version = store.create("a", "token-1")
    assert store.get("a") == Entry("token-1", version)
    breaking(store, sent=sent, times=times)
    version = store.compare_and_swap("a", "token-2", version)
    assert store.get("a") == Entry("token-2", version)
    breaking(store, sent=sent, times=times)
    store.compare_and_delete("a", version)
    assert find(store, "a") is None


def test_who_was_slower_hears_it_though_its_reply_was_lost(url, store):
    with closing(open_store(url)) as other:
        breaking(store, sent=False, before=lambda: other.create("a", "theirs"))
        with pytest.raises(Modified):
            store.create("a", "mine")
        version = other.get("a").version
        breaking(store, sent=False, before=lambda: other.put("a", "theirs again"))
        with pytest.raises(Modified):
            store.compare_and_swap("a", "mine", version)
        assert store.get("a").value == "theirs again"
        version = other.get("a").version
        breaking(store, sent=False, before=lambda: other.put("a", "and again"))
        with pytest.raises(Modified):
            store.compare_and_delete("a", version)


def test_a_put_or_a_delete_whose_reply_is_lost_is_looked_for(store):
    breaking(store, sent=True)
    version = store.put("a", "token-1")
    assert store.get("a") == Entry("token-1", version)
    breaking(store, sent=False)
    with pytest.raises(Unavailable, match="Connection reset"):
        store.put("a", "token-2")
    breaking(store, sent=False)
    with pytest.raises(Unavailable, match="Connection reset"):
        store.delete("a")
    assert store.get("a") == Entry("token-1", version)
    breaking(store, sent=True)
    store.delete("a")
    assert find(store, "a") is None


def test_a_lease_whose_reply_is_lost_is_granted_once(store):
    breaking(store, sent=True)
    lease = store.lease(60)
    assert lease.ttl == 60
    lease.keep_alive()
    breaking(store, sent=True)
    lease.revoke()
    with pytest.raises(NotFound):
        store.resume_lease(lease.id)


# hosts


def test_the_hosts_are_tried_in_turn(etcd_server, url):
    root = root_of(url)
    dead = free_port()
    text = f"etcd://127.0.0.1:{dead},127.0.0.1:{etcd_server.port}/{root}"
    with closing(open_store(text)) as store:
        version = store.create("a", "1")
        assert store.get("a") == Entry("1", version)


def test_a_host_that_hangs_leaves_time_for_the_next_one(etcd_server, url, tmp_path):
    hangs = EtcdServer(tmp_path)
    hangs.start()
    hangs.freeze()
    try:
        root = root_of(url)
        text = f"etcd://127.0.0.1:{hangs.port},127.0.0.1:{etcd_server.port}"
        with closing(open_store(f"{text}/{root}?timeout=1")) as store:
            version = store.create("a", "1")
            assert store.get("a") == Entry("1", version)
    finally:
        hangs.kill()


def test_a_server_that_hangs_is_unavailable_in_time(etcd_server, url):
    with closing(open_store(f"{url}?timeout=0.3")) as store:
        version = store.put("a", "1")
        etcd_server.freeze()
        try:
            for verb in (
                lambda: store.get("a"),
                lambda: store.put("a", "2"),
                lambda: store.compare_and_swap("a", "2", version),
            ):
                with pytest.raises(Unavailable, match="no answer in time"):
                    verb()
        finally:
            etcd_server.thaw()
        assert eventually(lambda: store.get("a").value in {"1", "2"}, 10)


def test_a_host_that_is_not_there_is_unavailable():
    with closing(open_store("etcd://nosuch.invalid?timeout=2")) as store:
        with pytest.raises(Unavailable) as refused:
            store.get("a")
        assert refused.value.explain().count("\n") == 2


class Load:
    """Threads that create keys of their own, and what became of each."""

    def __init__(self, url: str, threads: int) -> None:
        self.acknowledged: list[str] = []
        self._unknown: list[str] = []
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(threads)
        self._works = [self._pool.submit(self._work, url, n) for n in range(threads)]

    def _work(self, url: str, number: int) -> None:
        with closing(open_store(url)) as store:
            for count in itertools.count():
                key = f"{number}/{count:05d}"
                if self._ended.is_set():
                    return
                try:
                    store.create(key, f"token-{key}")
                except Unavailable:
                    self._unknown.append(key)
                else:
                    self.acknowledged.append(key)

    def goes_on(self) -> bool:
        """Wait until more is acknowledged; whether it was."""
        had = len(self.acknowledged)
        return eventually(lambda: len(self.acknowledged) > had + 30, 30)

    def end(self, kept: Callable[[], set[str]]) -> None:
        """End it; all that was acknowledged is kept, and nothing that was not tried."""
        self._ended.set()
        for work in self._works:
            work.result(30)  # nobody was told that a key of theirs exists already
        found = kept()
        assert set(self.acknowledged) <= found
        assert found - set(self.acknowledged) <= set(self._unknown)

    def stop(self) -> None:
        self._ended.set()
        self._pool.shutdown()


def keys_in(url: str) -> set[str]:
    with closing(open_store(url)) as store:
        return {key for key, _ in store.list("").entries}


def test_a_server_that_is_killed_in_the_middle_loses_and_doubles_nothing(tmp_path):
    server = EtcdServer(tmp_path)
    server.start()
    load = Load(server.url, 3)
    try:
        for _ in range(3):
            assert load.goes_on()
            server.kill()
            server.start()
        load.end(lambda: keys_in(server.url))
    finally:
        load.stop()
        server.kill()


def test_a_cluster_whose_members_are_killed_in_turn_loses_and_doubles_nothing(tmp_path):
    servers = etcd_cluster(tmp_path, 3)
    url = "etcd://" + ",".join(f"127.0.0.1:{server.port}" for server in servers)
    for server in servers:
        server.launch()
    load = Load(url, 2)
    try:
        for server in servers:
            server.await_answer()
        with closing(open_store(url)) as store:
            listing = store.list("")
            watch = store.watch("", listing.revision)
            known = dict(listing.entries)
            for server in servers:
                server.kill()
                assert load.goes_on()
                server.start()
            load.end(lambda: keys_in(url))

            def is_known() -> bool:
                with contextlib.suppress(Unavailable):
                    replay(known, list(watch.changes(0.1)))
                return known == dict(store.list("").entries)

            assert eventually(is_known, 10)
            watch.close()
    finally:
        load.stop()
        for server in servers:
            server.kill()


# who may


def test_a_password_is_asked_for_and_a_wrong_one_refused(tmp_path):
    server = EtcdServer(tmp_path)
    server.start()
    ann = server.url.replace("//", "//ann:s%40cret@")
    try:
        for path, body in (
            ("auth/user/add", {"name": "root", "password": "r"}),
            ("auth/user/grant", {"user": "root", "role": "root"}),
            ("auth/role/add", {"name": "site"}),
            ("auth/user/add", {"name": "ann", "password": "s@cret"}),
            ("auth/user/grant", {"user": "ann", "role": "site"}),
        ):
            call(server, path, body)
        span = {"permType": "READWRITE", "key": "c2l0ZS8=", "range_end": "c2l0ZTA="}
        call(server, "auth/role/grant", {"name": "site", "perm": span})
        call(server, "auth/enable", {})
        with closing(open_store(f"{ann}/site")) as store:
            version = store.create("a", "1")
            watch = store.watch("", store.list("").revision)
            server.kill()  # and with it the token
            server.start()
            assert store.get("a") == Entry("1", version)
            store.put("b", "1")
            told = []

            def has_told() -> bool:
                try:
                    told.extend(watch.changes(0.1))
                except Unavailable:
                    return False
                return bool(told)

            assert eventually(has_told, 10)
            assert [change.key for change in told] == ["b"]
            watch.close()
        for url, text in (
            (server.url + "/site", "user name is empty"),
            (ann.replace("s%40cret", "wrong") + "/site", "authentication failed"),
            (ann + "/elsewhere", "permission denied"),
        ):
            with closing(open_store(url)) as store:
                for verb in (
                    lambda s=store: s.get("a"),
                    lambda s=store: s.create("x", "1"),
                    lambda s=store: s.watch("", 1),
                ):
                    with pytest.raises(Unavailable, match=text) as refused:
                        verb()
                    assert refused.value.explain().count("\n") == 2
                    assert "wrong" not in refused.value.explain()
    finally:
        server.kill()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Two authorities, each with a certificate for 127.0.0.1, made by openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ours", "theirs"):
        for words in (
            f"req -x509 -days 2 -subj /CN={name}-ca -keyout {name}-ca.key -out {name}-ca.pem",
            f"req -subj /CN={name} -keyout {name}.key -out {name}.csr",
        ):
            first, *rest = words.split()
            run(folder, first, *curve, *rest)
        run(
            folder,
            *(
                "x509",
                "-req",
                "-days",
                "2",
                "-in",
                f"{name}.csr",
                "-out",
                f"{name}.pem",
            ),
            *("-CA", f"{name}-ca.pem", "-CAkey", f"{name}-ca.key", "-CAcreateserial"),
            *("-extfile", "san"),
        )
    return folder


def run(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def test_certificates_are_shown_and_checked(tmp_path, certificates):
    def files(ca, own):
        return f"ca={certificates}/{ca}-ca.pem&cert={certificates}/{own}.pem&key={certificates}/{own}.key"

    server = EtcdServer(
        tmp_path,
        (
            certificates / "ours.pem",
            certificates / "ours.key",
            certificates / "ours-ca.pem",
        ),
    )
    server.start()
    try:
        with closing(open_store(f"{server.url}?{files('ours', 'ours')}")) as store:
            version = store.create("a", "1")
            watch = store.watch("", version)
            store.put("b", "1")
            assert [change.key for change in watch.changes(10)] == ["b"]
            watch.close()
        for options, text in (
            (files("theirs", "ours"), "certificate verify failed"),
            (files("ours", "theirs"), "cannot use the store"),
            (f"ca={certificates}/ours-ca.pem", "cannot use the store"),
            ("tls=true", "certificate verify failed"),
            ("tls=false", "cannot use the store"),
        ):
            # a server that breaks off may have been asked: that is tried until the end
            timeout = 5 if "verify" in text else 0.5
            with closing(
                open_store(f"{server.url}?{options}&timeout={timeout}")
            ) as store:
                with pytest.raises(Unavailable, match=text):
                    store.get("a")
                with pytest.raises(Unavailable, match=text):
                    store.create("c", "1")
    finally:
        server.kill()


class Reply:
    """An answer that some server gives."""

    status_code = 200

    def __init__(self, text):
        self._text = text

    def json(self):
        return json.loads(self._text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"kvs": [{"ke', "cut off"),
        ("<html>", "none of etcd's"),
        ("[1]", "none of etcd's"),
        ('{"error": {"grpc_code": 14, "message": "no leader"}}', "no leader"),
        ('{"error": {"grpc_code": 7, "message": "denied"}}', "denied"),
    ],
)
def test_what_is_no_answer_is_unavailable_and_no_lease_is_given_up_for_it(
    store, monkeypatch, text, why
):
    lease = store.lease(60)
    monkeypatch.setattr(etcd_gateway.Gateway, "_send", lambda *_: Reply(text))
    monkeypatch.setattr(store._gateway, "timeout", 0.2)
    for verb in (
        lambda: store.get("a"),
        lambda: store.create("a", ""),
        lease.keep_alive,
    ):
        with pytest.raises(Unavailable, match=why):
            verb()


def test_a_lost_reply_of_one_host_is_looked_for_at_the_next_one(etcd_server, url):
    text = f"etcd://127.0.0.1:{etcd_server.port},127.0.0.1:{etcd_server.port}"
    with closing(open_store(f"{text}/{root_of(url)}")) as store:
        breaking(store, sent=True)
        version = store.create("a", "token-1")
        assert store.get("a") == Entry("token-1", version)


def test_a_token_that_a_stream_refuses_is_asked_for_again(store):
    store._gateway._token = "old"
    with pytest.raises(etcd_gateway.EtcdRefusal, match="invalid auth token"):
        store._gateway.refuse(
            {"error": {"grpc_code": 16, "message": "invalid auth token"}}
        )
    assert store._gateway._token == ""

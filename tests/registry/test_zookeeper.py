"""The store in a real ZooKeeper: the contract, and what it does when things break."""

import gc
import shutil
import subprocess
import threading
import time
import uuid
from contextlib import closing

import pytest

from minidock.registry.address import StoreAddress
from minidock.registry.errors import Modified, NotFound, Unavailable
from minidock.registry.store import Entry, find
from minidock.registry.urls import open_store
from minidock.registry.zookeeper_paths import decode, encode
from tests.contracts.store import ODD_KEYS, StoreContract, eventually
from tests.registry.servers import free_port
from tests.registry.zookeeper_server import ZooKeeperServer, needs_zookeeper

pytest.importorskip("kazoo")
pytestmark = needs_zookeeper


@pytest.fixture(scope="module")
def zookeeper_server(tmp_path_factory):
    server = ZooKeeperServer(tmp_path_factory.mktemp("zookeeper"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def url(zookeeper_server):
    return f"{zookeeper_server.url}/{uuid.uuid4().hex}/v1.0"


@pytest.fixture
def store(url):
    with closing(open_store(url)) as opened:
        yield opened


class TestZooKeeperStore(StoreContract):
    name = "ZooKeeper"
    examples, steps = 5, 15

    @pytest.fixture
    def open_another(self, url, request):
        # who finds the server down waits for as long as it may
        patient = "is_down" not in request.node.name
        return lambda: open_store(url if patient else f"{url}?timeout=1")

    @pytest.fixture
    def server(self, zookeeper_server):
        return zookeeper_server


def client_of(store):
    """Kazoo's client behind a store: another program, to the server."""
    return store._keeper.client(time.monotonic() + 5)


def node_of(url, key):
    return f"/{StoreAddress.parse(url).path}/{key}="


@pytest.mark.parametrize("key", [*ODD_KEYS, ".", "..", "zookeeper", "=guards", "a="])
def test_a_part_of_a_key_is_read_back_from_its_node(key):
    for part in key.split("/"):
        assert decode(encode(part)) == part


def test_keys_are_nodes_and_what_is_empty_goes(url, store):
    store.put("docker/network/v1.0/network/4f5e", "{}")
    client = client_of(store)
    root = f"/{StoreAddress.parse(url).path}"
    data, _ = client.get(f"{root}/docker/network/v1.0/network/4f5e=")
    assert data == b"{}"
    store.delete("docker/network/v1.0/network/4f5e")
    assert eventually(lambda: client.get_children(root) == ["=guards"], 10)


def test_a_value_that_is_no_text_is_a_clear_error_and_harms_no_other(url, store):
    store.put("a/y", "1")
    watch = store.watch("", store.list("").revision)
    client = client_of(store)
    client.create(node_of(url, "a/x"), b"\xff\xfe")
    client.create(node_of(url, "a/no-value")[:-1], b"of another program")
    for verb in (lambda: store.get("a/x"), lambda: store.list("a")):
        with pytest.raises(Unavailable, match="the value of a/x is no text") as refused:
            verb()
        assert refused.value.explain().count("\n") == 2
    assert store.get("a/y").value == "1"
    with pytest.raises(Unavailable, match="the value of a/x is no text"):
        watch.changes(10)
    store.put("a/x", "now a text")
    assert [change.key for change in watch.changes(10)] == ["a/x"]
    watch.close()
    assert [key for key, _ in store.list("a").entries] == ["a/x", "a/y"]


def test_a_value_may_have_a_million_bytes_and_no_more(store):
    version = store.put("a", "x" * 1_000_000)
    with pytest.raises(Unavailable, match="has 1,000,001 bytes"):
        store.put("a", "x" * 1_000_001)
    assert store.get("a").version == version


def test_a_node_that_was_made_again_and_looks_the_same_is_not_swapped(url, store):
    version = store.create("a", "mine")
    with closing(open_store(url)) as other:
        other.delete("a")
        other.create("a", "theirs")  # at count 0, as the one before
        for verb in (
            lambda: store.compare_and_swap("a", "mine again", version),
            lambda: store.compare_and_delete("a", version),
        ):
            with pytest.raises(Modified):
                verb()
        assert other.get("a").value == "theirs"


def test_a_watch_begins_only_at_a_listing_that_is_known(store):
    revision = store.list("a").revision
    store.watch("a/b", revision).close()
    with pytest.raises(Modified, match="has forgotten"):
        store.watch("b", revision)
    with pytest.raises(Modified, match="has forgotten"):
        store.watch("a", revision - 1)


# lost replies


def breaking(store, monkeypatch, *, made, before=lambda: None):
    """Lose the reply to the next transaction, which is made or not."""
    from kazoo.exceptions import ConnectionLoss

    client = client_of(store)
    whole = client.transaction

    def transaction():
        opened = whole()

        def commit_async():
            before()
            if made:
                type(opened).commit_async(opened).get(5)
            reply = client.handler.async_result()
            reply.set_exception(ConnectionLoss())
            return reply

        opened.commit_async = commit_async
        monkeypatch.setattr(client, "transaction", whole)
        return opened

    monkeypatch.setattr(client, "transaction", transaction)


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_a_change_is_made_once_though_its_reply_is_lost(store, monkeypatch, made):
    store.create("before", "1")  # there is a guard, and a directory
    breaking(store, monkeypatch, made=made)
    version = store.create("a", "token-1")
    assert store.get("a") == Entry("token-1", version)
    breaking(store, monkeypatch, made=made)
    version = store.compare_and_swap("a", "token-2", version)
    breaking(store, monkeypatch, made=made)
    version = store.put("a", "token-3")
    assert store.get("a") == Entry("token-3", version)
    breaking(store, monkeypatch, made=made)
    store.compare_and_delete("a", version)
    assert find(store, "a") is None


def test_who_was_slower_hears_it_though_its_reply_was_lost(url, store, monkeypatch):
    with closing(open_store(url)) as other:
        lost = {"made": False, "before": lambda: other.put("a", uuid.uuid4().hex)}
        breaking(store, monkeypatch, **lost)
        with pytest.raises(Modified):
            store.create("a", "mine")
        version = other.get("a").version
        breaking(store, monkeypatch, **lost)
        with pytest.raises(Modified):
            store.compare_and_swap("a", "mine", version)
        version = other.get("a").version
        breaking(store, monkeypatch, **lost)
        with pytest.raises(Modified):
            store.compare_and_delete("a", version)


def test_what_cannot_be_told_is_unavailable(url, store, monkeypatch):
    version = store.create("a", "1")
    with closing(open_store(url)) as other:

        def change_twice():
            other.put("a", "2")
            other.put("a", "3")

        breaking(store, monkeypatch, made=False, before=change_twice)
        with pytest.raises(Unavailable, match="the connection broke"):
            store.compare_and_swap("a", "mine", version)


# the server and its sessions


def test_a_host_that_is_not_there_is_unavailable_and_may_come(tmp_path):
    server = ZooKeeperServer(tmp_path)
    with closing(open_store(f"{server.url}?timeout=0.3")) as store:
        with pytest.raises(Unavailable, match="no host of it answers"):
            store.put("a", "1")
        server.start()
        try:

            def is_put() -> bool:
                try:
                    return bool(store.put("a", "1"))
                except Unavailable:
                    return False

            assert eventually(is_put, 10)
        finally:
            server.kill()


def test_the_hosts_are_tried_in_turn(zookeeper_server, url):
    text = url.replace("//", f"//127.0.0.1:{free_port()},")
    with closing(open_store(text)) as store:
        lease = store.lease(60)
        version = store.create("a", "1", lease)
        assert store.get("a") == Entry("1", version)
        lease.revoke()


def test_a_connection_whose_session_ran_out_goes_on_and_so_does_its_watch(
    zookeeper_server, store
):
    lease = store.lease(60)
    version = store.put("a", "1", lease)
    watch = store.watch("", store.list("").revision)
    assert list(watch.changes(0)) == []
    old = client_of(store).client_id
    client_of(store)._call(*session_end(client_of(store)))
    assert eventually(lambda: client_of(store).client_id != old, 10)
    assert store.get("a") == Entry("1", version)
    store.put("b", "1")
    assert eventually(lambda: [c.key for c in watch.changes(1)] == ["b"], 10)
    watch.close()
    lease.revoke()


def session_end(client):
    """What kazoo's own tests send to let a session run out."""
    from kazoo.protocol.connection import _SESSION_EXPIRED

    return _SESSION_EXPIRED, client.handler.async_result()


def test_a_wrong_password_is_refused_with_a_reason(zookeeper_server, url):
    with closing(open_store(url.replace("//", "//ann:s%3Acret@"))) as store:
        lease = store.lease(60)
        version = store.create("a/b", "1", lease)
        for login in ("ann:other@", ""):
            with closing(open_store(url.replace("//", f"//{login}"))) as other:
                for verb in (
                    lambda o=other: o.get("a/b"),
                    lambda o=other: o.put("a/b", "2"),
                    lambda o=other: o.create("a/c", "2"),
                    lambda o=other: o.list("a"),
                ):
                    with pytest.raises(Unavailable, match="is not permitted") as no:
                        verb()
                    assert "cret" not in no.value.explain()
        assert store.get("a/b") == Entry("1", version)
        lease.revoke()
        with pytest.raises(NotFound):
            store.get("a/b")


@pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("keytool")),
    reason="needs openssl and keytool to make a certificate",
)
# kazoo leaves the socket of a handshake that failed to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_connection_is_encrypted_and_both_ends_show_who_they_are(tmp_path):
    cert, key, kept = (tmp_path / name for name in ("cert.pem", "key.pem", "keys.p12"))
    make = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {cert} -days 2"
        " -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    )
    pack = (
        f"openssl pkcs12 -export -in {cert} -inkey {key} -out {kept}"
        " -passout pass:secret -name server"
    )
    trust = (
        f"keytool -importcert -noprompt -alias ca -file {cert} -keystore {kept}"
        " -storetype PKCS12 -storepass secret"
    )
    for words in (make, pack, trust):
        subprocess.run(words.split(), check=True, capture_output=True)
    server = ZooKeeperServer(tmp_path, tls=(kept, "secret"))
    server.start()
    try:
        with closing(
            open_store(f"{server.url}/x?ca={cert}&cert={cert}&key={key}")
        ) as store:
            lease = store.lease(60)
            version = store.create("a", "1", lease)
            assert store.get("a") == Entry("1", version)
            lease.revoke()
            assert find(store, "a") is None
        with closing(open_store(f"{server.url}/x?tls=true&timeout=0.6")) as other:
            for verb in (lambda: other.get("a"), lambda: other.lease(60)):
                with pytest.raises(Unavailable):
                    verb()
    finally:
        server.kill()
        gc.collect()  # here, where the warning is expected


def test_a_server_that_hangs_is_unavailable_in_time(zookeeper_server, url):
    with closing(open_store(f"{url}?timeout=0.5")) as store:
        store.put("a", "1")
        zookeeper_server.freeze()
        try:
            for verb in (lambda: store.get("a"), lambda: store.put("a", "2")):
                with pytest.raises(Unavailable):
                    verb()
        finally:
            zookeeper_server.thaw()

        def goes_on() -> bool:
            try:
                return store.get("a").value in {"1", "2"}
            except Unavailable:
                return False

        assert eventually(goes_on, 20)


def test_a_server_that_is_killed_in_the_middle_loses_and_doubles_nothing(tmp_path):
    server = ZooKeeperServer(tmp_path)
    server.start()
    acknowledged, unknown, counted = [], [], [0, 0]
    ended = threading.Event()

    def work(number: int) -> None:
        with closing(open_store(server.url)) as store:
            count = 0
            while not ended.is_set():
                count += 1
                key = f"{number}/{count:05d}"
                try:
                    store.create(key, f"token-{number}-{count}")
                    acknowledged.append(key)
                except Unavailable:
                    unknown.append(key)
                try:
                    value, version = store.get("count")
                    total = int(value.split()[0]) + 1
                    store.compare_and_swap("count", f"{total} {key}", version)
                    counted[0] += 1
                except Modified:
                    continue
                except Unavailable:
                    counted[1] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    try:
        with closing(open_store(server.url)) as store:
            store.put("count", "0 nobody")
            for thread in threads:
                thread.start()
            for _ in range(2):
                had = len(acknowledged)
                assert eventually(lambda had=had: len(acknowledged) > had + 30, 30)
                server.kill()
                server.start()
            ended.set()
            for thread in threads:
                thread.join(30)
            kept = [key for key, _ in store.list("").entries if key != "count"]
            total = int(store.get("count").value.split()[0])
        assert set(acknowledged) <= set(kept)
        assert set(kept) - set(acknowledged) <= set(unknown)
        assert counted[0] <= total <= sum(counted)
    finally:
        ended.set()
        server.kill()

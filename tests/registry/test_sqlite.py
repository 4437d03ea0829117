"""The store in a file keeps the contract, old files, and what it has acknowledged."""

import gc
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.errors import InvalidParameter
from minidock.registry import sqlite
from minidock.registry.errors import Modified, NotFound, Unavailable
from minidock.registry.sqlite import SqliteStore
from minidock.registry.store import Change, Entry
from tests.contracts.store import StoreContract, replay


class TestSqliteStore(StoreContract):
    name = "SQLite"
    examples = 15

    @pytest.fixture
    def open_another(self, tmp_path):
        return lambda: SqliteStore(tmp_path / "state")


class TestSqliteStoreInMemory(StoreContract):
    name = "SQLite in memory"

    @pytest.fixture
    def open_another(self):
        store = SqliteStore(":memory:")
        return lambda: store


class TestSqliteStoreAlone(StoreContract):
    name = "SQLite alone"
    examples = 15

    @pytest.fixture
    def open_another(self, tmp_path):
        store = SqliteStore(tmp_path / "state", alone=True)
        return lambda: store


def test_what_one_process_wrote_another_one_reads(tmp_path):
    SqliteStore(tmp_path / "state").put("a", "1")
    assert SqliteStore(tmp_path / "state").get("a").value == "1"


def test_of_two_writers_of_one_key_exactly_one_creates_it(tmp_path):
    first, second = (SqliteStore(tmp_path / "state") for _ in range(2))
    first.create("a", "1")
    with pytest.raises(Modified):
        second.create("a", "2")
    assert second.get("a").value == "1"


def test_a_killed_process_loses_nothing_that_it_had_acknowledged(tmp_path):
    program = textwrap.dedent("""
        import sys
        from minidock.registry.sqlite import SqliteStore
        store = SqliteStore(sys.argv[1])
        number = 0
        while True:
            number += 1
            store.create(f"k/{number:06d}", "v")
            print(number, flush=True)
    """)
    state = tmp_path / "state"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(state)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    acknowledged = [int(next(process.stdout)) for _ in range(20)]
    process.kill()
    rest, _ = process.communicate()
    acknowledged += [int(line) for line in rest.splitlines() if line.strip()]
    kept = [int(key[2:]) for key, _ in SqliteStore(state).list("k").entries]
    assert set(acknowledged) <= set(kept)


def test_a_file_that_is_no_database_is_refused_with_a_reason(tmp_path):
    state = tmp_path / "state"
    state.write_text("this is a text, and long enough to be read as a header" * 20)
    with pytest.raises(
        InvalidParameter, match=r"cannot use .* as a state file"
    ) as error:
        SqliteStore(state)
    assert "try:" in error.value.explain()


def test_a_folder_that_is_not_there_is_refused_with_a_reason(tmp_path):
    with pytest.raises(InvalidParameter, match="unable to open database file"):
        SqliteStore(tmp_path / "nowhere" / "state")


def test_a_store_that_nobody_holds_any_more_gives_its_file_back(tmp_path):
    store = SqliteStore(tmp_path / "state")
    database = store._file.database
    del store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        database.execute("SELECT 1")


OLD_LAYOUT = """
CREATE TABLE entries (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO entries VALUES ('engine/head', 'one', 7), ('engine/clock', 'two', 2);
"""


@pytest.mark.parametrize("alone", [False, True])
def test_a_file_of_before_there_were_leases_is_gone_on_with(tmp_path, alone):
    with closing(sqlite3.connect(tmp_path / "state")) as database:
        database.executescript(OLD_LAYOUT)
    with closing(SqliteStore(tmp_path / "state", alone=alone)) as store:
        assert store.get("engine/head") == Entry("one", 7)
        assert store.compare_and_swap("engine/clock", "three", 2) > 7
        store.put("a", "1", store.lease(60))
    with closing(SqliteStore(tmp_path / "state")) as store:
        assert store.get("engine/clock").value == "three"


def test_who_was_alone_leaves_revisions_that_go_on(tmp_path):
    versions = []
    for alone in (False, True, True, False, True):
        with closing(SqliteStore(tmp_path / "state", alone=alone)) as store:
            versions += [store.put("a", "1"), store.put("b", "1"), store.put("a", "2")]
            store.delete("a")
            assert versions[-1] < store.list("").revision
    assert versions == sorted(set(versions))


def test_a_refused_write_takes_no_revision_and_reserves_none(tmp_path):
    with closing(SqliteStore(tmp_path / "state", alone=True)) as store:
        store._file.database.execute("PRAGMA max_page_count = 12")
        with pytest.raises(Unavailable, match="full"):
            store.write({"key": "x" * 100_000})
        store.put("key", "short")
        assert store.get("key").version == store.list("").revision
    with closing(SqliteStore(tmp_path / "state")) as store:
        assert store.put("later", "1") > store.get("key").version


def test_a_state_file_that_nobody_watches_pays_for_no_index(tmp_path):
    names = "SELECT count(*) FROM sqlite_schema WHERE name = 'entries_by_version'"
    with closing(SqliteStore(tmp_path / "state")) as store:
        store.put("a", "1")
        assert store._file.database.execute(names).fetchone() == (0,)
        store.watch("", store.list("").revision).close()
        assert store._file.database.execute(names).fetchone() == (1,)


def test_a_watch_hears_of_another_process_and_of_its_end(tmp_path):
    store = SqliteStore(tmp_path / "state")
    watch = store.watch("k", store.list("k").revision)
    program = textwrap.dedent("""
        import sys
        from minidock.registry.sqlite import SqliteStore
        store = SqliteStore(sys.argv[1])
        store.put("k/mine", "1", store.lease(1))
        store.put("k/end", "1")
    """)
    subprocess.run([sys.executable, "-c", program, tmp_path / "state"], check=True)
    told = []
    while not told or told[-1] != Change("k/mine", None):
        found = watch.changes(10)
        assert found
        told += found
    assert [change.key for change in told] == ["k/mine", "k/end", "k/mine"]
    assert [key for key, _ in store.list("k").entries] == ["k/end"]
    store.close()


@given(
    steps=st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=40),
    reads=st.sets(st.integers(0, 40)),
)
@settings(max_examples=30, deadline=None)
def test_a_watch_tells_the_truth_even_where_removals_are_forgotten(steps, reads):
    known = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "_REMEMBERED", 1)
        patch.setattr(sqlite, "_FORGET_EVERY", 1)
        with closing(SqliteStore(":memory:")) as store:
            store.write(dict.fromkeys("ab", "0"))
            listing = store.list("")
            known.update(listing.entries)
            watch = store.watch("", listing.revision)
            for number, (key, there) in enumerate(steps):
                if there:
                    store.put(key, "1")
                else:
                    store.write({key: None})
                if number in reads:
                    replay(known, list(watch.changes(0)))
                    assert known == dict(store.list("").entries)
            replay(known, list(watch.changes(0)))
            assert known == dict(store.list("").entries)


def test_a_moment_that_is_forgotten_cannot_be_watched_from(monkeypatch):
    monkeypatch.setattr(sqlite, "_REMEMBERED", 10)
    monkeypatch.setattr(sqlite, "_FORGET_EVERY", 5)
    with closing(SqliteStore(":memory:")) as store:
        listing = store.list("")
        for _ in range(30):
            store.put("a", "1")
            store.delete("a")
        with pytest.raises(Modified, match="has forgotten"):
            store.watch("", listing.revision)
        with pytest.raises(Modified, match="has forgotten"):
            store.watch("", 10_000)
        store.watch("", store.list("").revision).close()


def test_what_is_asked_of_a_closed_store_is_unavailable(tmp_path):
    store = SqliteStore(tmp_path / "state")
    store.close()
    with pytest.raises(Unavailable, match="cannot read"):
        store.get("a")
    with pytest.raises(Unavailable, match="cannot save"):
        store.put("a", "1")


def test_many_processes_open_a_new_file_and_count_without_a_loss(tmp_path):
    program = textwrap.dedent("""
        import sys
        from minidock.registry.errors import Modified
        from minidock.registry.sqlite import SqliteStore
        store = SqliteStore(sys.argv[1], wait=30)
        for _ in range(20):
            while True:
                try:
                    store.create("count", "0")
                except Modified:
                    value, version = store.get("count")
                    try:
                        store.compare_and_swap("count", str(int(value) + 1), version)
                    except Modified:
                        continue
                break
    """)
    words = [sys.executable, "-c", program, tmp_path / "state"]
    processes = [subprocess.Popen(words) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    with closing(SqliteStore(tmp_path / "state")) as store:
        assert store.get("count").value == "79"  # one of 80 made it


def test_a_clock_that_jumps_ahead_ends_leases_and_their_owners_hear_it(
    tmp_path, monkeypatch
):
    with closing(SqliteStore(tmp_path / "state")) as store:
        now = [1_000_000.0]
        monkeypatch.setattr(sqlite, "time", lambda: now[0])
        lease = store.lease(60)
        store.put("l/mine", "1", lease)
        now[0] -= 3600  # back: it lasts longer, and nothing breaks
        assert store.get("l/mine").value == "1"
        lease.keep_alive()
        now[0] += 7200
        with pytest.raises(NotFound):
            lease.keep_alive()
        assert store.list("l").entries == ()
        store.put("l/mine", "2", store.lease(60))
        assert store.get("l/mine").value == "2"


def test_a_full_disk_leaves_nothing_half_done_and_the_next_verb_works(tmp_path):
    with closing(SqliteStore(tmp_path / "state")) as store:
        lease = store.lease(60)
        version = store.put("a", "1", lease)
        before = store.list("")
        store._file.database.execute("PRAGMA max_page_count = 12")
        big = "x" * 100_000
        for verb in (
            lambda: store.put("a", big),
            lambda: store.create("b", big),
            lambda: store.compare_and_swap("a", big, version),
            lambda: store.write({"c": "small", "b": big, "a": None}),
        ):
            with pytest.raises(Unavailable, match="full") as refused:
                verb()
            assert refused.value.explain().count("\n") == 2
            assert store.list("") == before
        store.compare_and_swap("a", "2", version, lease)
        lease.revoke()
        assert store.list("").entries == ()


def test_a_file_that_another_one_writes_to_for_long_is_unavailable_in_time(tmp_path):
    with (
        closing(SqliteStore(tmp_path / "state")) as busy,
        closing(SqliteStore(tmp_path / "state", wait=0.05)) as store,
    ):
        store.put("a", "1")
        with busy._file.changing():
            with pytest.raises(Unavailable, match="is held by another program"):
                store.put("a", "2")
            assert store.get("a").value == "1"  # who only reads waits for nobody
        store.put("a", "2")

import gc
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from minidock.errors import InvalidParameter
from minidock.registry.memory import MemoryStore
from minidock.registry.sqlite import SqliteStore
from tests.contracts.store import check_store


def test_the_memory_store_keeps_the_contract():
    check_store(MemoryStore)


def test_the_sqlite_store_keeps_the_contract():
    check_store(lambda: SqliteStore(":memory:"))


def test_what_one_process_wrote_another_one_reads(tmp_path):
    SqliteStore(tmp_path / "state").put("a", "1")
    assert SqliteStore(tmp_path / "state").get("a").value == "1"


def test_of_two_writers_of_one_key_exactly_one_creates_it(tmp_path):
    first, second = (SqliteStore(tmp_path / "state") for _ in range(2))
    assert [first.create("a", "1"), second.create("a", "2")] == [True, False]


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
    kept = [int(key[2:]) for key, _ in SqliteStore(state).list("k")]
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
    database = store._database
    del store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        database.execute("SELECT 1")

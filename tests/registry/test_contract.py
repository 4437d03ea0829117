"""The contract is used as its page says, and notices each kind of broken store."""

import os
import shutil
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BROKEN = """
import pytest
from store_contract import StoreContract

from minidock.registry.memory import MemoryStore
from minidock.registry.store import Entry, Listing


class Forgetful(MemoryStore):
    '''Counts the versions of a key from 1 whenever it is made.'''

    def _set(self, key, value, term=None):
        old = self._entries.get(key)
        super()._set(key, value, term)
        if value is None:
            return 0
        version = old.version + 1 if old else 1
        self._entries[key] = Entry(value, version)
        return version


class Hasty(MemoryStore):
    '''Looks first, and changes afterwards.'''

    def _later(self):
        import time
        time.sleep(0.001)

    def create(self, key, value, lease=None):
        if key not in self._entries:
            self._later()
            return self.put(key, value, lease)
        return super().create(key, value, lease)

    def compare_and_swap(self, key, value, version, lease=None):
        if self.get(key).version == version:
            self._later()
            return self.put(key, value, lease)
        return super().compare_and_swap(key, value, version, lease)


class Shortsighted(MemoryStore):
    '''Takes a path for the beginning of a text.'''

    def list(self, prefix, after=""):
        every = super().list("")
        found = [e for e in every.entries if e[0].startswith(prefix) and e[0] > after]
        return Listing(tuple(found), every.revision)


class Deaf(MemoryStore):
    '''Begins to watch when it is asked to, not where.'''

    def watch(self, prefix, revision):
        return super().watch(prefix, self._revision)


class Clinging(MemoryStore):
    '''Keeps a key in the lease that it was put under first.'''

    def _set(self, key, value, term=None):
        if value is not None:
            term = term or self._term_of.get(key)
        return super()._set(key, value, term)


class Undying(MemoryStore):
    '''Lets leases be used that have run out.'''

    def _term(self, lease):
        return self._terms.get(lease.id) if lease else None


def of(store):
    class Certified(StoreContract):
        examples, patience = 10, 2.0

        @pytest.fixture
        def open_another(self):
            one = store()
            return lambda: one

        def wait(self, store, seconds):
            store.advance(seconds)

    return Certified


TestSound = of(MemoryStore)
TestForgetful = of(Forgetful)
TestHasty = of(Hasty)
TestShortsighted = of(Shortsighted)
TestDeaf = of(Deaf)
TestClinging = of(Clinging)
TestUndying = of(Undying)
"""

NOTICED = {
    "TestForgetful": "test_what_is_deleted_and_made_again_has_no_earlier_version",
    "TestHasty": "test_counting_by_compare_and_swap_loses_nothing",
    "TestShortsighted": "test_a_listing_has_what_is_below_a_path_and_nothing_beside_it",
    "TestDeaf": "test_a_watch_misses_nothing_since_the_listing",
    "TestClinging": "test_a_key_leaves_its_lease_with_a_change_without_it",
    "TestUndying": "test_a_lease_that_runs_out_takes_its_keys_with_it",
}
WANTED = " or ".join(["TestSound", *NOTICED.values()])
"""A law that waits for what a broken store never does would take its time."""


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """The laws that each store breaks; the suite is a copy, without this project."""
    folder = tmp_path_factory.mktemp("somebody")
    shutil.copy(ROOT / "tests/contracts/store.py", folder / "store_contract.py")
    text = textwrap.dedent(BROKEN)
    (folder / "test_mine.py").write_text(text)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run(
        [*words, "--junitxml=report.xml", "--rootdir=.", "-k", WANTED],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
    )
    laws: dict[str, set[str]] = {}
    for case in ET.parse(folder / "report.xml").iter("testcase"):
        broken = laws.setdefault(case.get("classname").rpartition(".")[2], set())
        if case.find("failure") is not None or case.find("error") is not None:
            broken.add(case.get("name"))
    return laws


def test_a_sound_store_is_certified_by_a_copy_of_the_suite(failed):
    assert failed["TestSound"] == set()


@pytest.mark.parametrize("store", sorted(NOTICED))
def test_a_broken_store_is_noticed(failed, store):
    assert NOTICED[store] in failed[store]

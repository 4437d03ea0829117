"""A server's memory: full disks, restarts, and what happened by itself."""

import sqlite3
from contextlib import closing

import pytest

from minidock.api.http import Request
from minidock.engine import Engine
from minidock.errors import Conflict, Unclassified
from minidock.registry.memory import MemoryStore
from minidock.registry.sqlite import SqliteStore
from minidock.server.live import Live
from minidock.server.opening import open_live


def create(name: str) -> Request:
    return Request(method="POST", path="/networks/create", body={"Name": name})


def names(live: Live) -> set[str]:
    return {n.name for n in live.world.networks.values()} - {"bridge", "host", "none"}


class Disk(MemoryStore):
    """A store that may be full."""

    full = False

    def write(self, entries):
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        super().write(entries)


def test_a_full_disk_is_a_500_and_what_it_refused_is_forgotten():
    disk = Disk()
    with closing(Live(Engine(store=disk, alone=True, keep=2))) as live:
        assert live.send(create("kept")).status == 201
        disk.full = True
        for name in ("lost", "lost"):  # the second meets no trace of the first
            refused = live.send(create(name))
            assert refused.status == 500
            assert "disk is full" in refused.body["message"]
            assert names(live) == {"kept"}  # nor does who only looks
        assert live.send(Request(method="GET", path="/networks")).status == 200
        disk.full = False
        assert live.send(create("later")).status == 201
        assert names(live) == {"kept", "later"}
        assert Engine(store=disk).world == live.world


def test_a_real_file_that_cannot_grow_is_refused_in_three_parts(tmp_path):
    store = SqliteStore(tmp_path / "state", alone=True)
    store._file.database.execute("PRAGMA max_page_count = 8")
    with pytest.raises(Unclassified, match=r"cannot save to .*full") as refused:
        store.write({"key": "x" * 100_000})
    assert refused.value.explain().count("\n") == 2
    store.write({"key": "short"})
    assert store.get("key").value == "short"


def test_a_server_that_comes_again_is_a_daemon_that_restarts(tmp_path):
    state = str(tmp_path / "state")
    with closing(open_live(era="20.10", state=state)) as live:
        live.engine("run -d --name web --restart always -p 80 nginx")
        live.engine("run -d --name job nginx")
        bridge = live.engine.networks.get("bridge").id
        live.stop_daemon()
    with closing(open_live(state=state)) as live:
        shown = live.engine("ps -a --format '{{.Names}} {{.State}}'").stdout
        assert sorted(shown.splitlines()) == ["job exited", "web running"]
        assert live.engine.networks.get("bridge").id != bridge
        told = [e.action for e in live.moment().events if e.type == "container"]
        assert told == ["start"]


def test_a_file_that_only_command_lines_used_is_gone_on_with(tmp_path):
    store = SqliteStore(tmp_path / "state")
    Engine(store=store)("run -d --name web nginx")
    store.close()
    with closing(open_live(state=str(tmp_path / "state"))) as live:
        assert live.engine.containers.get("web").status == "running"


def test_another_era_than_the_file_has_is_refused_and_the_file_given_back(tmp_path):
    state = str(tmp_path / "state")
    open_live(era="20.10", state=state).close()
    with pytest.raises(Conflict, match=r"holds an engine of era 20\.10"):
        open_live(era="28", state=state)
    open_live(state=state).close()


def test_what_ended_by_itself_before_a_kill_has_ended(tmp_path):
    time = [1_800_000_000_000_000_000]
    store = MemoryStore()
    engine = Engine("20.10", store=store, alone=True, now=time[0], keep=2)
    live = Live(engine, clock=lambda: time[0])
    live.engine("run -d --name job busybox sh -c 'sleep 2; exit 3'")
    time[0] += 3_000_000_000
    live.turn()
    live.engine.save()
    live.close()  # and nobody told the daemon to end
    again = Engine(store=store, alone=True, keep=2)
    again.start_daemon(time[0] + 3_600_000_000_000)
    state = again.api("GET", "/containers/job/json").body["State"]
    assert (state["Status"], state["ExitCode"]) == ("exited", 3)
    assert state["FinishedAt"] < "2027-01-15T09"

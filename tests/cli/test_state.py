"""The state file: what one command does, the next one finds."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from minidock.api.http import Request
from minidock.cli.options import default_state
from minidock.cli.workbench import Workbench, open_workbench
from minidock.errors import Conflict
from minidock.registry.memory import MemoryStore
from minidock.server.opening import open_live
from tests.cli.cli import Cli

ROOT = Path(__file__).resolve().parents[2]


def names(cli: Cli) -> list[str]:
    return cli("ps", "-a", "--format", "{{.Names}}").stdout.split()


# --- examples -------------------------------------------------------------------------


def test_the_next_command_finds_what_the_last_one_made(minidock: Cli) -> None:
    made = minidock("network", "create", "mynet").stdout.strip()
    assert (
        minidock("network", "inspect", "-f", "{{.Id}}", "mynet").stdout.strip() == made
    )


def test_the_same_commands_give_the_same_digits(tmp_path: Path) -> None:
    first, second = Cli(tmp_path / "a.db"), Cli(tmp_path / "b.db")
    assert first("run", "-d", "nginx") == second("run", "-d", "nginx")


def test_the_state_option_wins_over_the_environment(
    minidock: Cli, tmp_path: Path
) -> None:
    other = str(tmp_path / "other.db")
    minidock("--state", other, "run", "-d", "--name", "web", "nginx")
    assert names(minidock) == []
    assert minidock(f"--state={other}", "ps", "-q").stdout != ""


def test_an_empty_state_keeps_nothing(minidock: Cli) -> None:
    minidock("--state", "", "run", "-d", "nginx")
    assert names(minidock) == []


def test_the_folder_of_the_state_is_made(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "deep" / "er" / "state.db")
    assert cli("network", "create", "mynet").code == 0
    assert cli.state.exists()


def test_without_a_word_the_state_lies_in_the_xdg_folder(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    assert default_state(environment) == f"{tmp_path}/minidock/state.db"
    assert default_state({"XDG_STATE_HOME": "relative", "HOME": "/h"}).startswith("/h/")


def test_an_engine_keeps_its_era(minidock: Cli) -> None:
    minidock("--era", "17.12", "network", "create", "mynet")
    assert "17.12" in minidock("version").stdout
    ran = minidock("--era", "28", "ps")
    assert ran.code == 1
    assert "holds an engine of era 17.12" in ran.stderr


def test_another_era_is_refused_by_the_workbench_too(tmp_path: Path) -> None:
    open_workbench(str(tmp_path / "s.db"), "20.10").close()
    with pytest.raises(Conflict, match=r"era 20\.10"):
        open_workbench(str(tmp_path / "s.db"), "28")


def test_a_file_that_is_no_state_is_refused_and_left_alone(minidock: Cli) -> None:
    minidock.state.write_text("my thesis, the only copy", encoding="utf-8")
    assert minidock("ps").code == 2
    assert minidock("reset").code == 2
    assert minidock.state.read_text(encoding="utf-8") == "my thesis, the only copy"


def test_a_damaged_state_is_refused_in_three_parts(minidock: Cli) -> None:
    minidock("run", "-d", "nginx")
    with sqlite3.connect(minidock.state) as database:
        database.execute("UPDATE entries SET value = 'garbage'")
    database.close()
    ran = minidock("ps")
    assert ran.code == 2
    assert "\n  rule:   a state file is written by minidock" in ran.stderr


def test_reset_starts_over_and_may_change_the_era(minidock: Cli) -> None:
    minidock("run", "-d", "nginx")
    assert minidock("reset").code == 0
    assert not minidock.state.exists()
    assert minidock("--era", "20.10", "ps", "-q").stdout == ""


def test_back_undoes_a_whole_command_of_an_earlier_process(minidock: Cli) -> None:
    minidock("run", "-d", "--name", "web", "nginx")
    minidock("run", "-d", "--name", "db", "redis")
    assert minidock("back").stdout == "undone: docker run -d --name db redis\n"
    assert names(minidock) == ["web"]
    assert minidock("history").stdout == "  1  docker run -d --name web nginx\n"


def test_an_exec_is_nothing_to_go_back_to(minidock: Cli) -> None:
    minidock("run", "-d", "--name", "web", "nginx")
    minidock("exec", "web", "env")
    assert minidock("back").stdout == "undone: docker run -d --name web nginx\n"
    assert names(minidock) == []


def test_diff_tells_what_the_last_command_changed(minidock: Cli) -> None:
    assert minidock("diff").stdout == ""
    minidock("run", "-d", "--name", "web", "-p", "80:80", "nginx")
    lines = minidock("diff").stdout.splitlines()
    assert "+ web (nginx): running" in lines
    assert any("DNAT" in line for line in lines)


def test_a_change_of_the_host_is_kept_and_undone(minidock: Cli) -> None:
    minidock("host", "ip", "addr", "add", "10.9.9.9/24", "dev", "eth0")
    assert "10.9.9.9/24" in minidock("host", "ip", "-br", "addr").stdout
    assert minidock("back").stdout == "undone: host ip addr add 10.9.9.9/24 dev eth0\n"
    assert "10.9.9.9/24" not in minidock("host", "ip", "-br", "addr").stdout


def test_time_passes_for_later_commands_too(minidock: Cli) -> None:
    minidock("run", "-d", "--name", "web", "nginx")
    minidock("advance", "180")
    assert "Up 3 minutes" in minidock("ps").stdout
    minidock("network", "create", "mynet")
    assert "Up 3 minutes" in minidock("ps").stdout


def test_going_back_past_a_change_that_was_not_remembered() -> None:
    """A process that died between the change and the note of it loses only the note."""
    store = MemoryStore()
    bench = Workbench(store, "28")
    bench.docker(["network", "create", "one"], {})
    bench.engine("network create two")
    assert bench.back() == "a change that another program made"
    assert bench.back() == "docker network create one"


# --- a process that dies --------------------------------------------------------------


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    code = (
        "from minidock.cli.workbench import open_workbench\n"
        f"bench = open_workbench({str(state)!r}, '')\n"
        "for n in range(10_000):\n"
        "    print(bench.docker(['create', '--name', f'c{n}', 'nginx'], {}).stdout.strip(), "
        "flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(5)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += process.stdout.read().split()
    process.wait()
    process.stdout.close()
    found = Cli(state)("ps", "-aq", "--no-trunc").stdout.split()
    assert set(acknowledged) <= set(found)


def test_two_processes_share_a_file(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    Cli(state)("ps")
    command = [sys.executable, "-m", "minidock", "--state", str(state), "create"]
    processes = [
        subprocess.Popen([*command, "--name", f"c{n}", "nginx"], cwd=ROOT, stdout=-3)
        for n in range(4)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    assert sorted(names(Cli(state))) == ["c0", "c1", "c2", "c3"]


def test_a_restart_of_the_daemon_is_a_command_that_can_be_undone(minidock: Cli) -> None:
    minidock("run", "-d", "--name", "web", "--restart", "always", "nginx")
    minidock("run", "-d", "--name", "job", "nginx")
    assert minidock("reboot", "--kill").code == 0
    assert minidock("ps", "--format", "{{.Names}}").stdout == "web\n"
    assert minidock("history").stdout.endswith("reboot --kill\n")
    minidock("back")
    assert sorted(minidock("ps", "--format", "{{.Names}}").stdout.split()) == [
        "job",
        "web",
    ]


def test_a_file_that_a_server_holds_is_refused_with_what_would_work(
    minidock: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minidock.registry.sqlite._WAIT_SECONDS", 0.05)
    live = open_live(era="20.10", state=str(minidock.state))
    with closing(live):
        refused = minidock("--why", "ps")
        assert refused.code == 1
        assert "is held by another program" in refused.stderr
        assert "DOCKER_HOST" in refused.stderr
        with pytest.raises(Conflict, match="held by another program"):
            open_live(state=str(minidock.state))


def test_what_a_server_made_the_command_line_finds(minidock: Cli) -> None:
    live = open_live(era="20.10", state=str(minidock.state))
    body = {"Name": "mynet"}
    live.send(Request(method="POST", path="/networks/create", body=body))
    live.stop_daemon()
    live.close()
    assert "20.10" in minidock("version").stdout
    assert "mynet" in minidock("network", "ls").stdout
    refused = minidock("--era", "28", "ps")
    assert "holds an engine of era 20.10" in refused.stderr

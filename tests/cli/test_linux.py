"""`minidock linux`: what is refused, and that a computer is left as it was found.

The second half builds on the kernel of this computer, as root, under names of its own.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from minidock.cli import standing
from minidock.cli.netns import NETNS
from minidock.cli.records import Record, RecordedProcess, recorded
from minidock.cli.standing import removed
from minidock.engine import Engine
from minidock.errors import Conflict, Refusal, Unclassified
from minidock.host.machine import machine
from minidock.views.linux_plan import plan
from tests.cli.cli import Cli
from tests.oracle.kernel.compare import missing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    return f"mdt{os.getpid()}x{abs(hash(request.node.name)) % 10000}"


# -- what is refused -------------------------------------------------------------------


def test_building_needs_root(minidock: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for words in (["--apply"], ["--apply", "--probe"], ["--apply", "--remove"]):
        ran = minidock("linux", *words)
        assert ran.code == 1
        assert ran.stderr.splitlines() == [
            "minidock: cannot build on this computer: you are not root",
            "  asked:  minidock linux " + " ".join(words),
            "  rule:   network namespaces, bridges and rules are made by root, with ip, sysctl and iptables-restore",
            "  try:    sudo, or minidock linux to only see the commands",
        ]


@pytest.mark.parametrize("missing", ["ip", "iptables-restore", "ip6tables-restore"])
def test_a_missing_program_is_named(
    minidock: Cli, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        standing, "which", lambda name: None if name == missing else f"/sbin/{name}"
    )
    ran = minidock("linux", "--apply")
    assert ran.code == 1
    assert f"there is no {missing}\n" in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--detach"],
        ["--probe"],
        ["--apply", "--detach", "--probe"],
        ["--apply", "--remove", "--detach"],
        ["--apply", "--remove", "--probe"],
        ["--apply", "--steps", "web"],
    ],
)
def test_options_that_do_not_go_together_are_refused(
    minidock: Cli, words: list[str]
) -> None:
    ran = minidock("linux", *words)
    assert ran.code == 2
    assert "these options do not go together" in ran.stderr


@pytest.mark.parametrize("name", ["", "a b", "../x", "a;b", "$(x)", "-x", "a/b", "ä"])
def test_a_prefix_is_a_word_that_means_nothing_to_a_shell(
    minidock: Cli, name: str
) -> None:
    for words in ([], ["--apply"], ["--remove"]):
        ran = minidock("linux", *words, f"--prefix={name}")
        assert ran.code == 2
        assert f"invalid prefix {name!r}" in ran.stderr


def test_the_shell_of_minidock_builds_nothing(minidock: Cli) -> None:
    ran = minidock("shell", stdin="linux --apply\n")
    assert "building needs a terminal of its own" in ran.stdout + ran.stderr


# -- a kernel --------------------------------------------------------------------------

kernel = pytest.mark.skipif(bool(missing()), reason=missing() or "a kernel is there")


def ours(prefix: str) -> list[str]:
    return sorted(p.name for p in NETNS.glob(f"{prefix}*")) if NETNS.exists() else []


def is_clean(prefix: str) -> bool:
    """No namespace, no record, no process is left of what stood under a prefix."""
    return not ours(prefix) and recorded(prefix) is None and not children()


def children() -> list[int]:
    """Processes that this one has started and that still run."""
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    servers = []
    for pid in map(int, text.split()):
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"minidock.cli.listeners" in words and RecordedProcess.of(pid).runs:
            servers.append(pid)
    return servers


def lab() -> Engine:
    engine = Engine("28")
    engine("network create --ipv6 app")
    engine("run -d --name db --network app redis")
    engine("run -d --name web.1_a -p 8080:80 nginx")
    engine("network connect app web.1_a")
    return engine


@pytest.fixture
def made(prefix: str):
    world = lab().world
    return plan(world, machine(world), prefix)


@kernel
def test_what_is_built_stands_for_the_time_of_the_block(made, prefix: str) -> None:
    with standing.standing(made) as notes:
        assert notes == []
        assert ours(prefix) == sorted(made.names)
        assert len(children()) == 1
    assert is_clean(prefix)


@kernel
def test_an_error_inside_the_block_leaves_nothing(made, prefix: str) -> None:
    with pytest.raises(ZeroDivisionError), standing.standing(made):
        print(1 / 0)
    assert is_clean(prefix)


@kernel
@pytest.mark.parametrize("seed", range(12))
def test_a_command_that_fails_half_way_leaves_nothing(
    made, prefix: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whichever command it is; the last ones of the seeds are the first commands."""
    count = 1 + sum(len(chain) for wave in made.waves for chain in wave)
    fails = random.Random(seed).randrange(count) if seed < 9 else seed - 9
    run, calls = standing._ran, iter(range(10_000))

    def failing(command):
        if "netns delete" not in command.text and next(calls) == fails:
            return subprocess.CompletedProcess([], 1, "", "the kernel said no")
        return run(command)

    monkeypatch.setattr(standing, "_ran", failing)
    with pytest.raises(Unclassified, match="the kernel said no"):
        standing.standing(made).__enter__()
    assert is_clean(prefix)


@kernel
def test_servers_that_do_not_start_leave_nothing(
    made, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "_SERVE", "raise SystemExit(3)")
    with pytest.raises(Unclassified, match="the servers did not start"):
        standing.standing(made).__enter__()
    assert is_clean(prefix)


@kernel
def test_a_namespace_that_somebody_else_made_is_left_alone(made, prefix: str) -> None:
    name = made.names[1]
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        number = (NETNS / name).stat().st_ino
        with pytest.raises(Conflict, match=f"a network namespace {name} already"):
            standing.standing(made).__enter__()
        assert ours(prefix) == [name]
        assert (NETNS / name).stat().st_ino == number
        assert recorded(prefix) is None
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


@kernel
def test_a_namespace_that_appears_meanwhile_is_left_alone(
    made, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look and our making somebody was faster."""
    name = made.names[2]
    write = Record.write

    def slowly(record):
        if not (NETNS / name).exists():
            subprocess.run(["ip", "netns", "add", name], check=True)
        return write(record)

    monkeypatch.setattr(Record, "write", slowly)
    with pytest.raises(Unclassified, match="File exists"):
        standing.standing(made).__enter__()
    assert ours(prefix) == [name]
    subprocess.run(["ip", "netns", "delete", name], check=True)
    assert is_clean(prefix)


@kernel
def test_a_name_that_leads_elsewhere_now_is_left_alone(made, prefix: str) -> None:
    name = made.names[0]
    with standing.standing(made):
        subprocess.run(["ip", "netns", "delete", name], check=True)
        subprocess.run(["ip", "netns", "add", name], check=True)
    assert ours(prefix) == [name]
    subprocess.run(["ip", "netns", "delete", name], check=True)
    assert is_clean(prefix)


@kernel
def test_a_prefix_is_used_once_at_a_time(made, prefix: str) -> None:
    with standing.standing(made):
        with pytest.raises(Conflict, match="stands under the prefix"):
            standing.standing(made).__enter__()
        assert ours(prefix) == sorted(made.names)
    assert is_clean(prefix)


@kernel
def test_a_process_with_the_number_of_the_server_is_left_alone(
    made, prefix: str
) -> None:
    """Numbers of processes come back; the time of the start does not."""
    other = subprocess.Popen(["sleep", "60"])
    try:
        with standing.standing(made, stay=True):
            pass
        record = recorded(prefix)
        assert record is not None
        assert record.server is not None
        removed(record)
        fake = RecordedProcess(pid=other.pid, started=record.server.started - 500)
        assert not fake.runs
        removed(replace(record, server=fake))
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
    assert is_clean(prefix)


def run_minidock(state: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "minidock", "linux", *words],
        cwd=ROOT,
        env={**os.environ, "MINIDOCK_STATE": str(state), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def web(minidock: Cli) -> Cli:
    minidock("run", "-d", "--name", "web", "-p", "8080:80", "nginx")
    return minidock


@kernel
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_leaves_nothing(
    web: Cli, prefix: str, number: signal.Signals
) -> None:
    process = run_minidock(web.state, "--apply", "--prefix", prefix)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "remove: Ctrl-C\n")
    assert next(lines) == f"{prefix}\n"
    assert f"try:    ip netns exec {prefix} ip addr\n" in list(lines)
    record = recorded(prefix)
    assert record is not None
    assert record.server is not None
    assert record.server.runs
    process.send_signal(number)
    process.communicate(timeout=10)
    assert process.returncode == 0
    assert not record.server.runs
    assert is_clean(prefix)


@kernel
@pytest.mark.parametrize("seed", range(6))
def test_a_signal_at_any_moment_leaves_nothing(
    web: Cli, prefix: str, seed: int
) -> None:
    dice = random.Random(seed)
    process = run_minidock(web.state, "--apply", "--prefix", prefix)
    while recorded(prefix) is None and process.poll() is None:
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.25))
    for _ in range(dice.choice([1, 1, 2])):
        process.send_signal(dice.choice([signal.SIGINT, signal.SIGTERM]))
    out, err = process.communicate(timeout=20)
    assert process.returncode in {0, 130}, (out, err)
    assert is_clean(prefix)


@kernel
def test_what_is_left_standing_is_removed_by_a_later_command(
    web: Cli, prefix: str
) -> None:
    ran = web("linux", "--apply", "--detach", "--prefix", prefix)
    assert ran.code == 0
    command = f"minidock linux --remove --apply --prefix {prefix}"
    assert ran.stdout.endswith(f"remove: {command}\n")
    record = recorded(prefix)
    assert record is not None
    assert record.server is not None
    assert record.server.runs
    there = ours(prefix)
    assert len(there) == 3
    again = web("linux", "--apply", "--detach", "--prefix", prefix)
    assert again.code == 1
    assert command in again.stderr
    assert ours(prefix) == there
    gone = web("linux", "--apply", "--remove", "--prefix", prefix)
    assert sorted(gone.stdout.splitlines()) == [f"removed {name}" for name in there]
    assert not record.server.runs
    assert is_clean(prefix)
    nothing = web("linux", "--apply", "--remove", "--prefix", prefix)
    assert nothing.code == 1
    assert f"nothing stands under the prefix {prefix}" in nothing.stderr


@kernel
def test_the_kernel_answers_and_the_model_says_the_same(web: Cli, prefix: str) -> None:
    ran = web("linux", "--apply", "--probe", "--json", "--prefix", prefix)
    rows = {(row["source"], row["target"]): row for row in json.loads(ran.stdout)}
    for source, target, server, seen in (
        ("docker-host", "127.0.0.1:8080/tcp", "web", "172.17.0.1"),
        ("outside", "192.0.2.2:8080/tcp", "web", "192.0.2.1"),
        ("web", "198.51.100.7:53/udp", "outside", "192.0.2.2"),
        ("web", "127.0.0.1:80/tcp", "web", "127.0.0.1"),
    ):
        row = rows[source, target]
        assert (row["outcome"], row["server"], row["seen"]) == (
            "delivered",
            server,
            seen,
        )
    assert rows["outside", "172.17.0.2:80/tcp"]["outcome"] == "unreachable"
    assert rows["web", "192.0.2.2:9/tcp"]["outcome"] == "refused"
    assert all(row["agrees"] for row in rows.values())
    assert ran.code == 0
    assert is_clean(prefix)


@kernel
def test_the_table_counts_questions_and_disagreements(web: Cli, prefix: str) -> None:
    ran = web("linux", "--apply", "--probe", "--prefix", prefix)
    head, *_, last = ran.stdout.splitlines()
    assert head.split("  ")[0] == "FROM"
    assert last.endswith(" questions, 0 disagreements")
    assert is_clean(prefix)


def test_refusals_have_three_parts() -> None:
    refusal: Refusal = standing.nothing_recorded("x")
    assert refusal.asked
    assert refusal.rule
    assert refusal.remedy

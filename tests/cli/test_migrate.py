"""``minidock migrate``: one engine's state to another one, over their sockets."""

import json

import pytest

from minidock import Engine
from minidock.server.live import Live
from minidock.server.serving import serve
from tests.cli.cli import Cli


class Host:
    """An engine behind a socket."""

    def __init__(self, path, *lines):
        self.live = Live(Engine())
        for line in lines:
            assert self.live.engine(line).ok
        self.server = serve(self.live, [f"unix://{path}"])
        self.url = self.server.addresses[0]

    def names(self):
        containers = self.live.engine.containers.list(all=True)
        return sorted(c.name for c in containers)

    def close(self):
        self.server.close()
        self.live.close()


@pytest.fixture
def hosts(tmp_path):
    here = Host(
        tmp_path / "a.sock",
        "network create --subnet 10.1.0.0/24 front",
        "run -d --name db --network front -v data:/data redis",
        "run -d --name web --network front -p 8080:80 nginx",
    )
    there = Host(tmp_path / "b.sock")
    yield here, there
    here.close()
    there.close()


@pytest.fixture
def migrate(hosts, tmp_path):
    def run(*words, options=()):
        ends = ("--from", hosts[0].url, "--to", hosts[1].url)
        return Cli(tmp_path / "state.db")(*options, "migrate", *ends, *words)

    return run


def test_all_comes_and_each_step_is_said(hosts, migrate):
    done = migrate()
    assert (done.code, done.stderr) == (0, "")
    assert "volume data: its files\n" in done.stdout
    assert done.stdout.endswith(" steps done: all is there\n")
    assert hosts[1].names() == hosts[0].names()
    assert migrate().stdout == "nothing to do: all is there\n"


def test_a_plan_changes_nothing(hosts, migrate):
    planned = migrate("--plan")
    assert planned.stdout.splitlines()[0] == "network front"
    assert planned.stdout.endswith(" steps to do\n")
    assert hosts[1].names() == []
    steps = json.loads(migrate("--plan", options=["--json"]).stdout)["steps"]
    assert steps == planned.stdout.splitlines()[:-1]


def test_what_stands_against_it_is_said_in_three_parts(hosts, migrate):
    hosts[1].live.engine("network create --subnet 10.1.0.0/16 lan")
    refused = migrate()
    assert (refused.code, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[0].startswith(
        "minidock: network front: 10.1.0.0"
    )
    assert "try:    --other-subnets" in refused.stderr
    assert hosts[1].names() == []
    as_data = json.loads(migrate(options=["--json"]).stdout)
    assert as_data["refusals"][0]["try"].startswith("--other-subnets")
    assert migrate("--other-subnets").code == 0
    assert hosts[1].names() == ["db", "web"]


def test_an_engine_that_does_not_answer_is_refused(hosts, tmp_path):
    cli = Cli(tmp_path / "state.db")
    refused = cli("migrate", "--from", hosts[0].url, "--to", f"unix://{tmp_path}/no")
    assert refused.code == 1
    assert f"no engine answers at unix://{tmp_path}/no" in refused.stderr


def test_to_itself_is_refused(hosts, tmp_path):
    url = hosts[0].url
    refused = Cli(tmp_path / "state.db")("migrate", "--from", url, "--to", url)
    assert (refused.code, "two engines are needed" in refused.stderr) == (2, True)


def test_help_says_what_it_takes(tmp_path):
    page = Cli(tmp_path / "state.db")("migrate", "--help").stdout
    assert "--other-subnets" in page

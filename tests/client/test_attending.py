"""docker logs, attach, top, stats and update, as a person types them."""

import pytest

from minidock.engine import Engine


def job(era="28", script="echo one; echo two >&2; echo three"):
    docker = Engine(era)
    docker(f"run -d --name job busybox sh -c '{script}'")
    docker.advance(30)
    return docker


def test_logs_go_to_the_output_they_came_from_in_the_order_of_writing():
    output = job()("logs job")
    assert (output.stdout, output.stderr) == ("one\nthree\n", "two\n")
    assert output.transcript == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("--tail 1", "three"),
        ("-n 2", "two\nthree"),
        ("--since 1h", "one\ntwo\nthree"),
        ("--since 1s", ""),
        ("--until 10s", "one\ntwo\nthree"),
        ("--until 1h", ""),
        ("--follow", "one\ntwo\nthree"),
    ],
)
def test_logs_are_chosen_by_number_and_by_time(options, text):
    assert str(job()(f"logs {options} job")) == text


def test_logs_can_say_when():
    stamp, _, line = str(job()("logs -t --tail 1 job")).partition(" ")
    assert line == "three"
    assert stamp.startswith("2023-11-14T22:13:20.")


@pytest.mark.parametrize(("era", "start"), [("28", "cannot"), ("20.10", "You cannot")])
def test_attaching_to_what_does_not_run_is_refused_by_the_program(era, start):
    output = job(era)("attach job")
    text = f"{start} attach to a stopped container, start it first\n"
    assert (output.code, output.stderr) == (1, text)
    docker = Engine(era)
    docker("run -d --name web nginx")
    assert docker("attach web").ok
    docker("pause web")
    text = f"{start} attach to a paused container, unpause it first\n"
    assert docker("attach web").stderr == text


def test_top_takes_the_options_of_ps():
    docker = Engine()
    docker("run -d --name web nginx")
    head, row = str(docker("top web -o pid,comm")).splitlines()
    assert head.split() == ["PID", "COMMAND"]
    assert row.split()[1] == "nginx"


def test_stats_are_a_row_for_each_running_container():
    docker = job()
    docker("run -d --name web nginx")
    head, row = str(docker("stats --no-stream")).splitlines()
    assert head.startswith("CONTAINER ID   NAME      CPU %")
    assert row.split()[1] == "web"
    assert len(str(docker("stats --all")).splitlines()) == 3
    form = "--format '{{.Name}} {{.PIDs}}'"
    assert str(docker(f"stats --no-stream {form} job")) == "job 0"
    assert docker("stats nosuch").code == 1


def test_update_prints_the_names_of_those_it_changed():
    docker = Engine()
    docker("run -d --name web nginx")
    output = docker("update -m 100m --memory-swap 200m web nosuch")
    assert output.stdout == "web\n"
    assert "No such container: nosuch" in output.stderr
    form = "{{.HostConfig.Memory}}"
    assert str(docker(f"inspect -f '{form}' web")) == "104857600"

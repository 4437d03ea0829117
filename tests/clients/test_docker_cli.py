"""The real docker program, against `minidock serve`."""

import re
import shutil
import subprocess
import time

import pytest

from tests.clients.conftest import Served
from tests.golden.notes.test_notes import parts
from tests.golden.serving import program

PLACES = {
    "<id>": r"[0-9a-f]{12}(?:[0-9a-f]{52})?",
    "<time>": r"\d{4}-\d\d-\d\dT[0-9:.]+Z",
    "<name>": r"[a-z]+_[a-z]+\d*",
}


def shape(lines):
    """What a real docker may print: columns are as wide as its version makes them."""
    pieces = []
    for line in lines:
        if line == "...":
            pieces.append(r"(?:.*\n)*?")
            continue
        words = re.split("(<id>|<time>|<name>)", line.rstrip())
        text = "".join(PLACES.get(w, re.escape(w)) for w in words)
        pieces.append(re.sub(r"(?<=\S)(?:\\ ){2,}", " +", text) + r" *\n")
    return re.compile("".join(pieces))


def test_the_notes_story_is_what_the_real_program_prints():
    where = program("28")
    if where is None:
        pytest.skip("docker 28 is not installed")
    server = Served("17.12")
    try:
        for command, expected in parts():
            if not command.startswith("docker "):
                continue
            # a terminal would go on for ever: what runs in one runs behind it
            line = command.replace("docker", where, 1).replace(" -it ", " -dit ")
            ran = server.run("sh", "-c", line)
            assert ran.code == 0, (command, ran)
            if expected != [""]:
                printed = re.sub(r"[ \t]+\n", "\n", ran.out)
                assert shape(expected).fullmatch(printed), (command, ran.out)
    finally:
        server.close()


def test_run_prints_what_the_program_says_and_leaves_nothing(docker):
    ran = docker("run --rm alpine echo hello")
    assert (ran.out, ran.code) == ("hello\n", 0)
    assert docker("ps -aq").out == ""


def test_run_ends_as_its_program_ends(docker):
    assert docker("run --rm alpine sh -c false").code == 1
    assert docker("run --rm busybox nosuch").code == 127


def test_what_is_typed_reaches_the_program(docker):
    ran = docker("run -i --rm alpine cat", stdin="one\ntwo\n")
    assert (ran.out, ran.code) == ("one\ntwo\n", 0)
    ran = docker("run -i --rm alpine sh", stdin="x=5; echo $((x + 1))\nexit 3\n")
    assert (ran.out, ran.code) == ("6\n", 3)


def test_bytes_that_are_no_text_go_through_a_program_unchanged(served):
    where = program("28") or program("20.10")
    if where is None:
        pytest.skip("docker is not installed")
    sent = bytes(range(256)) * 40
    done = subprocess.run(
        [where, "-H", served.url, "run", "-i", "--rm", "alpine", "cat"],
        input=sent,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == sent


def test_a_terminal_shows_a_prompt_and_what_is_typed(docker, served):
    script = shutil.which("script")
    if script is None:
        pytest.skip("the program script, which makes a terminal, is not installed")
    docker("pull -q alpine")
    where = program("28") or program("20.10")
    ran = served.run(
        script,
        "-qec",
        f"{where} run -it --rm alpine sh",
        "/dev/null",
        stdin="echo hi there\nexit\n",
    )
    assert "/ # echo hi there\nhi there\n/ # exit\n" in ran.out


def test_the_keys_for_it_leave_a_terminal_and_the_program_goes_on(served):
    where, script = program("28") or program("20.10"), shutil.which("script")
    if where is None or script is None:
        pytest.skip("docker or script is not installed")
    served.run(where, "pull", "-q", "nginx")
    line = f"{where} -H {served.url} run -it --name web nginx"
    typed = subprocess.Popen(
        [script, "-qec", line, "/dev/null"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        # the program sets its terminal up before it has the container started
        while served.run(where, "ps", "-q").out == "":
            time.sleep(0.05)
        time.sleep(0.3)
        typed.stdin.write(b"\x10\x11")
        typed.stdin.flush()
        assert typed.wait(20) == 0
    finally:
        typed.kill()
        typed.stdin.close()
        typed.wait()
    assert served.run(where, "ps", "--format", "{{.Names}}").out == "web\n"


def test_exec_pings_a_neighbour_by_its_name(docker):
    docker("network create app")
    docker("run -d --name db --network app redis")
    docker("run -d --name web --network app nginx")
    ran = docker("exec web ping -c 1 db")
    assert "1 packets transmitted, 1 packets received, 0% packet loss" in ran.out
    assert ran.code == 0
    assert docker("exec web ping -c 1 nobody").code == 1


def test_the_version_is_negotiated(docker):
    ran = docker("version --format {{.Client.APIVersion}},{{.Server.APIVersion}}")
    client, server = ran.out.strip().split(",")
    assert server == "1.51"
    assert client in {"1.41", "1.50", "1.51"}


def test_volumes_keep_files_between_containers(docker):
    docker("volume create data")
    docker("run --rm -v data:/d alpine cp /etc/hostname /d/f")
    ran = docker("run --rm -v data:/d alpine ls /d")
    assert ran.out == "f\n"
    assert "data" in docker("volume ls -q").out
    assert docker("volume rm data").code == 0


def test_files_are_copied_in_and_out(docker, served):
    docker("run -d --name box alpine sleep 1000")
    (served.folder / "in.txt").write_text("hello\n")
    assert docker("cp in.txt box:/tmp/in.txt").code == 0
    assert docker("exec box cat /tmp/in.txt").out == "hello\n"
    assert docker("cp box:/tmp/in.txt out.txt").code == 0
    assert (served.folder / "out.txt").read_text() == "hello\n"
    assert "A /tmp/in.txt" in docker("diff box").out


DAY = """
info; version; system df; system df -v; ps -as; images -a; network inspect bridge
volume ls; stats --no-stream; top box; port box; inspect box; history alpine
image inspect alpine; container ls --format json; update --memory 64m --memory-swap -1 box
pause box; unpause box; search nginx; logs -t box; container prune -f; image prune -af
volume prune -f; network prune -f; system prune -f; events --since 1m --until 0s; diff box
restart -t 0 box; kill box; start box; stop box; start box; exec box env
save alpine -o a.tar; load -i a.tar; export box -o b.tar; import b.tar imported:1
commit box shop:1; tag alpine a:b; rmi a:b; create alpine; wait box --help
rename box crate; rename crate box; network connect bridge box --help; rm -f box
"""


def test_every_command_of_a_day_goes_through(docker):
    docker("run -d --name box -p 80:80 alpine sleep 1000")
    failed = [
        (line, ran)
        for line in re.split(r"; |\n", DAY.strip())
        if (ran := docker(line)).code
    ]
    assert failed == []


REFUSED = {
    "run -d --name box nginx": 'name "/box" is already in use',
    "run -d -p 80:80 nginx": "port is already allocated",
    "network rm bridge": "pre-defined network",
    "inspect nobody": "No such object: nobody",
    "pull nosuch/nosuch": "pull access denied for nosuch/nosuch",
    "exec nobody true": "No such container: nobody",
    "build -": "",
    "swarm join-token worker": "not a swarm manager",
    "rm box": "container is running",
    "rmi alpine": "conflict",
}


def test_what_docker_refuses_is_refused(docker):
    docker("run -d --name box -p 80:80 alpine sleep 1000")
    answers = {line: docker(line) for line in REFUSED}
    assert all(ran.code for ran in answers.values()), answers
    unsaid = {
        line: ran.err for line, ran in answers.items() if REFUSED[line] not in ran.err
    }
    assert unsaid == {}


def test_events_are_told_as_they_happen(served):
    where = program("28") or program("20.10")
    if where is None:
        pytest.skip("docker is not installed")
    told = subprocess.Popen(
        [
            where,
            "-H",
            served.url,
            "events",
            "--since",
            "1h",
            "--format",
            "{{.Type}} {{.Action}}",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        time.sleep(0.5)
        served.run(where, "network", "create", "app")
        assert told.stdout.readline() == "network create\n"
        served.run(where, "run", "--rm", "--network", "app", "-q", "alpine", "true")
        lines = [told.stdout.readline().strip() for _ in range(8)]
    finally:
        told.terminate()
        told.wait(10)
        told.stdout.close()
    assert lines == [
        "image pull", "container create", "container attach", "network connect",
        "container start", "container die", "network disconnect", "container destroy",
    ]  # fmt: skip


def test_followed_logs_end_with_their_container(served):
    where = program("28") or program("20.10")
    if where is None:
        pytest.skip("docker is not installed")
    script = "for i in 1 2 3; do echo line $i; sleep 0.3; done"
    served.run(
        where, "run", "-d", "-q", "--name", "talker", "alpine", "sh", "-c", script
    )
    followed = served.run(where, "logs", "-f", "talker")
    assert followed.out == "line 1\nline 2\nline 3\n"
    state = served.run(where, "inspect", "-f", "{{.State.Status}}", "talker")
    assert state.out == "exited\n"

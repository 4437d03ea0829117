"""``minidock serve`` as a process: what it prints, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
from http.client import HTTPConnection

import pytest

from minidock.cli.serve import read_serve
from tests.cli.cli import Cli


def _started(*words, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "minidock", "serve", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def _port(process):
    return int(re.search(r"tcp://127\.0\.0\.1:(\d+)$", process.stdout.readline())[1])


def _ask(port, path):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return json.loads(body)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_when_told_to(tmp_path, number):
    path, pidfile = tmp_path / "d.sock", tmp_path / "pid"
    process = _started(
        "-H", "tcp://127.0.0.1:0", "-H", f"unix://{path}", "--pidfile", str(pidfile),
        "--era=20.10", "--bip", "10.200.0.1/24", "--icc=false",
    )  # fmt: skip
    try:
        port = _port(process)
        assert process.stdout.readline() == f"Listening on unix://{path}\n"
        assert process.stdout.readline().startswith("export DOCKER_HOST=tcp://127.0.")
        assert int(pidfile.read_text()) == process.pid
        assert _ask(port, "/version")["ApiVersion"] == "1.41"
        bridge = _ask(port, "/networks/bridge")
        assert bridge["Options"]["com.docker.network.bridge.enable_icc"] == "false"
        assert bridge["IPAM"]["Config"][0]["Subnet"] == "10.200.0.0/24"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, err) == (0, "")
    assert not path.exists()
    assert not pidfile.exists()
    assert "Traceback" not in out


def test_it_ends_whichever_of_its_threads_the_signal_meets(tmp_path):
    path = tmp_path / "d.sock"
    script = (
        "import os, signal, sys, threading, time\n"
        "from minidock.cli.main import main\n"
        "def later():\n"
        "    while not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
        "    time.sleep(1)  # the main thread waits in the kernel by then\n"
        "    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)\n"
        "threading.Thread(target=later, daemon=True).start()\n"
        "sys.exit(main(['serve', '-H', 'unix://' + sys.argv[1]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not path.exists()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-H", "tcp://0.0.0.0:0"], "can be reached from other machines"),
        (["-H", "fd://"], "no socket was handed over"),
        (["-H", "carrier://pigeon"], 'invalid bind address "carrier://pigeon"'),
        (["-H", "tcp://127.0.0.1:99999"], "invalid bind address"),
        (["--iccc=false"], "unknown flag: --iccc"),
        (["--era", "1.0"], "there is no era '1.0'"),
        (["-H"], "flag needs an argument: -H"),
        (["--tlsverify", "--tlscacert", "/nosuch"], "there is no such file"),
    ],
)
def test_what_cannot_be_served_is_refused_in_three_parts(tmp_path, words, text):
    output = Cli(tmp_path / "state.db")("serve", *words)
    assert output.code in {1, 2}
    assert text in output.stderr
    assert output.stdout == ""


def test_help_says_how_to_use_it(tmp_path):
    page = Cli(tmp_path / "state.db")("serve", "--help").stdout
    assert "export DOCKER_HOST=" in page


def test_options_are_read_as_dockerd_reads_them():
    options = read_serve(
        ["-Htcp://:1", "--host=unix:///x", "--tls=false", "--mtu", "9"]
    )
    assert options.hosts == ("tcp://:1", "unix:///x")
    assert not options.tls
    assert options.daemon == ("--mtu", "9")


def test_folders_with_plugins_may_be_several():
    options = read_serve(["--plugins", "/a", "--plugins=/b", "--icc=false"])
    assert options.plugins == ("/a", "/b")
    assert options.daemon == ("--icc=false",)
    assert read_serve([]).plugins == ()

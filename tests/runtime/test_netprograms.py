"""What ping, curl, wget, nc and telnet print, by how a packet's journey ended."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.packet.journey import journey
from minidock.packet.trace import Layer, Outcome
from tests.runtime.pretended import host, pretended, run, sh

DOCKER = host(
    "pull -q busybox",
    "pull -q nginx",
    "pull -q redis",
    "pull -q traefik/whoami",
    "run -d --name box busybox sleep 100000",
    "run -d --name web nginx",
    "run -d --name db redis",
    "run -d --name who traefik/whoami",
    "run -d --name ear busybox nc -lk -p 80",
    "run -d --name own busybox httpd -f -p 8080 -h /www",
)
SILENT = pretended(Outcome.DROPPED)
NO_ROUTE = pretended(Outcome.UNREACHABLE, Layer.ROUTE)


def ran(line: str, **options) -> tuple[str, str, int]:
    finished = run(DOCKER, "box", *line.split(), **options).finished
    return finished.stdout, finished.stderr, finished.code


# --- ping -----------------------------------------------------------------------------


def test_ping_counts_what_comes_back():
    stdout, stderr, code = ran("ping -c 2 db")
    lines = stdout.splitlines()
    assert lines[0] == "PING db (172.17.0.4): 56 data bytes"
    reply = r"64 bytes from 172\.17\.0\.4: seq=1 ttl=64 time=0\.\d{3} ms"
    assert re.fullmatch(reply, lines[2])
    assert lines[3:6] == [
        "",
        "--- db ping statistics ---",
        "2 packets transmitted, 2 packets received, 0% packet loss",
    ]
    assert re.fullmatch(r"round-trip min/avg/max = [\d./]+ ms", lines[6])
    assert (stderr, code) == ("", 0)


@pytest.mark.parametrize("target", ["172.17.0.4", "172.17.0.1", "example.com"])
def test_the_first_ping_takes_longest_since_it_waits_for_an_answer_to_arp(target):
    stdout, _, _ = ran(f"ping -c 5 {target}", journey=journey)
    first, *others = [float(text) for text in re.findall(r"time=(\S+) ms", stdout)]
    assert first > max(others)


@pytest.mark.parametrize("target", ["127.0.0.1", "172.17.0.2"])
def test_nobody_has_to_ask_for_the_way_to_oneself(target):
    stdout, _, _ = ran(f"ping -c 5 {target}", journey=journey)
    times = [float(text) for text in re.findall(r"time=(\S+) ms", stdout)]
    assert max(times) < 0.15


def test_ping_is_the_same_each_time():
    assert ran("ping -c 3 db") == ran("ping -c 3 db")


def test_a_name_that_does_not_resolve_is_a_bad_address():
    assert ran("ping -c 1 nosuch") == ("", "ping: bad address 'nosuch'\n", 1)


def test_silence_is_a_loss_of_all_packets():
    stdout, _, code = ran("ping -c 2 -W 1 db", journey=SILENT)
    assert "2 packets transmitted, 0 packets received, 100% packet loss" in stdout
    assert "round-trip" not in stdout
    assert code == 1


def test_without_a_route_nothing_can_be_sent():
    _, stderr, code = ran("ping -c 1 8.8.8.8", journey=NO_ROUTE)
    assert (stderr, code) == ("ping: sendto: Network is unreachable\n", 1)


def test_a_ping_without_an_end_is_stopped_and_says_so():
    stdout, stderr, code = ran("ping db")
    assert "4 packets transmitted" in stdout
    assert (
        stderr
        == "minidock: stopped after 4 packets, as with Ctrl-C; -c says how many\n"
    )
    assert code == 0


@given(st.integers(1, 1000), st.integers(0, 65507))
def test_a_ping_prints_a_line_for_each_packet(count, size):
    stdout, _, code = ran(f"ping -c {count} -s {size} db")
    assert stdout.count(f"{size + 8} bytes from 172.17.0.4: seq=") == count
    assert code == 0


@pytest.mark.parametrize("line", ["ping", "ping -c x db", "ping -Z db", "ping a b"])
def test_a_ping_that_was_called_in_a_wrong_way_says_how(line):
    stdout, stderr, code = ran(line)
    assert not stdout
    assert stderr
    assert code == 1


# --- curl and wget --------------------------------------------------------------------


def test_curl_shows_the_page_of_the_container_that_answered():
    stdout, stderr, code = ran("curl http://web/")
    assert "You reached the container web." in stdout
    assert (stderr, code) == ("", 0)


def test_curl_shows_the_page_that_somebody_wrote():
    docker = host("pull -q nginx", "run -d --name web nginx")
    line = ["exec", "web", "sh", "-c", "echo hi > /usr/share/nginx/html/index.html"]
    assert docker.command_line(line).code == 0
    assert sh(docker, "web", "curl -s web; wget -qO- web") == ("hi\nhi\n", "", 0)


def test_whoami_tells_who_asked():
    stdout, _, _ = ran("curl who/path")
    assert "RemoteAddr: 172.17.0.2:40000\nGET /path HTTP/1.1\nHost: who\n" in stdout


@pytest.mark.parametrize(
    ("line", "says", "code"),
    [
        ("curl nosuch", "curl: (6) Could not resolve host: nosuch", 6),
        (
            "curl db",
            (
                "curl: (7) Failed to connect to db port 80 after 0 ms: "
                "Couldn't connect to server"
            ),
            7,
        ),
        ("curl -sS db:6379", "curl: (52) Empty reply from server", 52),
        ("curl -f web/nosuch", "curl: (22) The requested URL returned error: 404", 22),
        (
            "curl -m 2 ear",
            "curl: (28) Operation timed out after 2000 milliseconds with 0 bytes received",
            28,
        ),
        ("wget nosuch", "wget: bad address 'nosuch'", 1),
        (
            "wget -q db",
            "wget: can't connect to remote host (172.17.0.4): Connection refused",
            1,
        ),
        (
            "wget -q web/nosuch",
            "wget: server returned error: HTTP/1.1 404 Not Found",
            1,
        ),
        ("wget -q -T 2 ear", "wget: download timed out", 1),
    ],
)
def test_a_client_says_why_there_is_no_page(line, says, code):
    assert ran(line) == ("", f"{says}\n", code)


def test_a_silent_host_is_waited_for_as_long_as_was_asked():
    assert ran("curl -sS -m 3 web", journey=SILENT) == (
        "",
        "curl: (28) Connection timed out after 3001 milliseconds\n",
        28,
    )
    assert ran("wget -q -T 3 web", journey=SILENT)[1] == "wget: download timed out\n"


def test_curl_s_is_silent_and_w_shows_the_status():
    assert ran("curl -s -o /dev/null -w %{http_code} web") == ("200", "", 0)
    assert ran("curl -s -o /dev/null -w %{http_code} db") == ("000", "", 7)


def test_curl_i_and_v_show_the_headers():
    assert ran("curl -sI web")[0].startswith("HTTP/1.1 200 OK\r\nServer: nginx/")
    stderr = ran("curl -v web")[1]
    assert "> GET / HTTP/1.1\n> Host: web\n" in stderr
    assert "< HTTP/1.1 200 OK\n" in stderr


def test_wget_saves_what_it_gets():
    stdout, stderr, code = sh(DOCKER, "box", "cd /tmp; wget web; wc -l index.html")
    assert "Connecting to web (172.17.0.3:80)\nsaving to 'index.html'\n" in stderr
    assert stdout == "        2 index.html\n"
    assert code == 0


def test_a_file_server_shows_its_own_folder():
    docker = host(
        "pull -q busybox",
        "run -d --name own busybox sh -c 'mkdir /www; echo hi > /www/f; httpd -f -p 80 -h /www'",
    )
    assert sh(docker, "own", "curl -s own/f") == ("hi\n", "", 0)
    assert "404" in sh(docker, "own", "curl -s own/../etc/passwd")[0]


# --- nc and telnet --------------------------------------------------------------------


def test_redis_answers_a_ping():
    assert sh(DOCKER, "box", "echo PING | nc db 6379") == ("+PONG\r\n", "", 0)


def test_nc_z_only_looks_whether_somebody_listens():
    assert ran("nc -zv db 6379") == ("", "db (172.17.0.4:6379) open\n", 0)
    refused = ("", "nc: db (172.17.0.4:99): Connection refused\n", 1)
    assert ran("nc -zv db 99") == refused


def test_http_by_hand():
    script = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc web 80 | head -n 1"
    assert sh(DOCKER, "box", script)[0] == "HTTP/1.1 200 OK\r\n"


def test_a_server_in_front_is_ended_as_with_ctrl_c():
    stdout, stderr, code = ran("nc -l -p 99")
    assert not stdout
    assert "Ctrl-C" in stderr
    assert code == 130


def test_telnet_says_what_busybox_says():
    assert ran("telnet nosuch")[1] == "telnet: bad address 'nosuch'\n"
    says = "telnet: can't connect to remote host (172.17.0.4): Connection refused\n"
    assert ran("telnet db 99") == ("", says, 1)


# --- laws -----------------------------------------------------------------------------

PROGRAMS = st.sampled_from("ping ping6 curl wget nc telnet traceroute".split())
ARGUMENTS = st.one_of(
    st.sampled_from(
        """db web ear nosuch 8.8.8.8 -c 1 -z -v -q -O - -o f -m 2 -w x http://web/ http://
        https://web -sS -I --max-time --nosuch -T 80 6379 99999 0 -1 -4 -6 -l -p -e -X
        [::1] ::1 http://[::1]:80/ db:6379 -n -s 10""".split()
    ),
    st.text(max_size=8),
)


@given(
    PROGRAMS,
    st.lists(ARGUMENTS, max_size=5),
    st.sampled_from([pretended(), SILENT, NO_ROUTE, pretended(Outcome.TOO_BIG)]),
)
def test_any_call_of_a_network_program_gets_an_answer(program, arguments, journey):
    finished = run(DOCKER, "box", program, *arguments, journey=journey).finished
    assert 0 <= finished.code <= 255
    assert (
        finished.code == 0
        or finished.stderr
        or finished.stdout
        or "-" in str(arguments)
    )


@given(st.sampled_from(["db 6379", "db 80", "web 80", "nosuch 80", "ear 80"]))
def test_nc_succeeds_exactly_where_the_journey_does(where):
    name, port = where.split()
    trace = pretended()(DOCKER.world, "box", f"{name}:{port}/tcp")
    assert (ran(f"nc -z {where}")[2] == 0) == trace.delivered

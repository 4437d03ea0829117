"""Connections as clients really make them: quick, slow, broken, many, taken over."""

import json
import socket
import stat
import threading
import time
from pathlib import Path

import pytest

from minidock.engine import Engine
from minidock.errors import Forbidden, InvalidParameter
from minidock.releases import RELEASES
from minidock.server import connection
from minidock.server.frontdesk import FrontDesk
from minidock.server.live import Live
from minidock.server.server import Server
from minidock.server.serving import serve
from tests.server.wires import OPENED, Client, serving

ALPINE = "/images/create?fromImage=alpine&tag=latest"


@pytest.fixture(autouse=True)
def _no_client_is_left():
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def client(server):
    made = Client(server.addresses[0])
    yield made
    made.close()


def _run(client, *command, tty=False, stdin=False, name="box"):
    client.ask("POST", ALPINE)
    config = {
        "Image": "alpine",
        "Cmd": list(command),
        "Tty": tty,
        "OpenStdin": stdin,
        "StdinOnce": stdin,
        "AttachStdin": stdin,
    }
    body = json.dumps(config).encode()
    made = client.ask("POST", f"/containers/create?name={name}", body)
    assert made.status == 201, made.body
    return json.loads(made.body)["Id"]


def test_one_connection_answers_one_request_after_the_other(client):
    first = client.ask("GET", "/networks")
    again = client.ask("GET", "/networks")
    assert first.status == 200
    assert json.loads(first.body) == json.loads(again.body)


def test_requests_that_come_at_once_are_answered_in_their_order(client):
    ask = "GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    paths = ["/_ping", "/networks/nosuch", "/version", "/networks"] * 5
    client.send("".join(map(ask.format, paths)).encode())
    assert [client.answer().status for _ in paths] == [200, 404, 200, 200] * 5


def test_a_kept_answer_is_new_after_a_change(client):
    def names():
        return {n["Name"] for n in json.loads(client.ask("GET", "/networks").body)}

    assert names() == names() == {"bridge", "host", "none"}
    client.ask("POST", "/networks/create", b'{"Name": "mynet"}')
    assert "mynet" in names()


def test_a_kept_list_of_containers_still_tells_the_time(server, client):
    now = [time.time_ns()]
    live = Live(Engine("20.10"), clock=lambda: now[0])
    other = serve(live)
    client = Client(other.addresses[0])
    try:
        box = _run(client, "sleep", "1000")
        client.ask("POST", f"/containers/{box}/start")
        now[0] = live.now() + 5_000_000_000
        first = json.loads(client.ask("GET", "/containers/json").body)
        now[0] += 300_000_000_000
        later = json.loads(client.ask("GET", "/containers/json").body)
        assert [row["Status"] for row in first + later] == [
            "Up 5 seconds",
            "Up 5 minutes",
        ]
        assert [dict(first[0], Status="")] == [dict(later[0], Status="")]
    finally:
        client.close()
        other.close()
        live.close()


def test_a_body_in_chunks_is_put_together(client):
    client.send(
        b"POST /networks/create HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'9\r\n{"Name":"\r\n7\r\nmynet"}\r\n0\r\n\r\n'
    )
    assert client.answer().status == 201


def test_who_asks_first_is_told_to_go_on(client):
    client.send(
        b"POST /networks/create HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: 16\r\n"
        b"Expect: 100-continue\r\n\r\n"
    )
    assert client._until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue"
    client.send(b'{"Name":"mynet"}')
    assert client.answer().status == 201


def test_a_request_that_comes_byte_by_byte_is_answered(client):
    for byte in b"GET /_ping HTTP/1.1\r\nHost: localhost\r\n\r\n":
        client.send(bytes([byte]))
    assert client.answer().body == b"OK"


def test_ten_megabytes_are_a_body(client):
    body = json.dumps({"Name": "mynet", "Labels": {"x": "y" * 10_000_000}}).encode()
    assert client.ask("POST", "/networks/create", body).status == 201
    assert client.ask("GET", "/_ping").status == 200


def test_a_body_that_is_too_long_is_refused_before_it_comes(client):
    client.send(
        b"POST /networks/create HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Length: 99999999999\r\n\r\n"
    )
    assert client.rest().startswith(b"HTTP/1.1 413 Request Entity Too Large\r\n")


@pytest.mark.parametrize("body", [b"[" * 100_000, b"1" * 5000, b'{"a":' * 3000])
def test_json_that_is_too_deep_or_too_long_is_the_clients_fault(client, body):
    for path in ("/networks/create", "/containers/create", "/volumes/create"):
        answer = client.ask("POST", path, body)
        assert answer.status in {400, 500}
        assert b"fault in minidock" not in answer.body


def test_what_is_no_http_gets_gos_words(client):
    client.send(b"GARBAGE\r\n\r\n")
    assert client.rest() == (
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Connection: close\r\n\r\n400 Bad Request"
    )


def test_headers_without_end_are_refused(client):
    client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20_000)
    assert client.rest().startswith(b"HTTP/1.1 431 Request Header Fields Too Large")


def test_http_1_0_is_answered_and_closed(client):
    client.send(b"GET /_ping HTTP/1.0\r\n\r\n")
    answer = client.rest()
    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    assert answer.endswith(b"OK")


def test_head_has_no_body_and_the_connection_goes_on(client):
    assert client.ask("HEAD", "/_ping").status == 200
    assert client.ask("GET", "/_ping").body == b"OK"


def test_what_is_typed_is_no_method_from_outside(client):
    assert client.ask("INPUT", "/containers/x").status == 404


def test_a_fault_inside_is_a_message_and_no_traceback(
    client, server, monkeypatch, capfd
):
    def broken(*_):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(Live, "send", broken)
    answer = client.ask("POST", "/networks/create", b"{}")
    assert answer.status == 500
    assert json.loads(answer.body) == {
        "message": "fault in minidock: ZeroDivisionError: oh"
    }
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:2375", 200),
        ("[::1]:2375", 200),
        ("docker", 200),
        ("api.moby.localhost", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example:2375", 403),
    ],
)
def test_a_name_that_somebody_else_owns_leads_nowhere(client, host, status):
    client.send(f"GET /_ping HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert client.answer().status == status


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Origin: http://localhost", 201),
        ("Sec-Fetch-Site: same-origin", 201),
    ],
)
def test_a_page_of_another_site_changes_nothing(client, header, status):
    answer = client.ask("POST", "/networks/create", b'{"Name": "mynet"}', header)
    assert answer.status == status


def test_a_page_may_not_take_a_connection_over(client):
    more = ("Origin: http://evil.example", "Connection: Upgrade", "Upgrade: websocket")
    assert client.ask("GET", "/containers/x/attach/ws", b"", *more).status == 403


def test_a_unix_socket_is_let_in_by_any_name(server):
    client = Client(server.addresses[1])
    client.send(b"GET /_ping HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert client.answer().status == 200
    client.close()


def test_a_name_that_would_end_a_header_stays_in_one(client):
    answer = client.ask("GET", "/a%0d%0aSet-Cookie:%20x//b")
    assert answer.status == 301
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/ui/../../x", "/ui/%2e%2e/x"])
def test_a_path_leads_nowhere_outside(client, path):
    assert client.ask("GET", path).status in {301, 404}


def test_logs_that_are_followed_end_with_the_program(client):
    box = _run(client, "sh", "-c", "echo one; sleep 0.2; echo two")
    client.ask("POST", f"/containers/{box}/start")
    logs = client.ask("GET", f"/containers/{box}/logs?stdout=1&follow=1")
    assert logs.body == b"\1\0\0\0\0\0\0\4one\n\1\0\0\0\0\0\0\4two\n"
    assert client.ask("GET", "/_ping").status == 200


def test_a_wait_answers_its_head_before_it_has_waited(server, client):
    box = _run(client, "true")
    waiting = Client(server.addresses[0])
    waiting.send(
        f"POST /containers/{box}/wait?condition=next-exit HTTP/1.1\r\n"
        "Host: localhost\r\n\r\n".encode()
    )
    assert waiting._until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK")
    client.ask("POST", f"/containers/{box}/start")
    assert b'"StatusCode":0' in waiting._until(b"0\r\n\r\n")
    waiting.close()


def _attached(server, box, address=0):
    attached = Client(server.addresses[address])
    attached.send(
        f"POST /containers/{box}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
        "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n".encode()
    )
    head = attached._until(b"\r\n\r\n").split(b"\r\n")
    assert head[0] == b"HTTP/1.1 101 UPGRADED"
    assert {b"Connection: Upgrade", b"Upgrade: tcp"} <= set(head)
    return attached


def test_what_is_typed_before_the_start_is_read_after_it(server, client):
    box = _run(client, "cat", stdin=True)
    attached = _attached(server, box)
    attached.send(b"hello\n")
    attached.half_close()
    time.sleep(0.1)
    client.ask("POST", f"/containers/{box}/start")
    assert attached.rest() == b"\1\0\0\0\0\0\0\6hello\n"
    attached.close()


def test_what_follows_a_taken_over_head_never_comes_in_one_piece_with_it(
    server, client
):
    # docker-py loses what it has read together with the head.
    box = _run(client, "sh", "-c", "echo hi; sleep 100")
    client.ask("POST", f"/containers/{box}/start")
    attached = Client(server.addresses[0])
    attached.send(
        f"POST /containers/{box}/attach?logs=1&stdout=1 HTTP/1.1\r\n"
        "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n".encode()
    )
    assert attached.more().endswith(b"\r\n\r\n")
    assert attached.rest() == b"\1\0\0\0\0\0\0\3hi\n"
    attached.close()


def test_who_closes_his_input_still_gets_the_output(server, client):
    box = _run(client, "sh", "-c", "cat; sleep 0.2; echo late", stdin=True)
    attached = _attached(server, box)
    client.ask("POST", f"/containers/{box}/start")
    attached.half_close()
    assert attached.rest() == b"\1\0\0\0\0\0\0\5late\n"
    attached.close()


def test_a_client_that_goes_away_ends_its_threads(server, client):
    box = _run(client, "sleep", "1000", stdin=True)
    client.ask("POST", f"/containers/{box}/start")
    attached = _attached(server, box)
    events = Client(server.addresses[0])
    events.send(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    events._until(b"\r\n\r\n")
    assert server.connections == 3
    events.close()
    _until(lambda: server.connections == 2)
    attached.close()
    client.ask("POST", f"/containers/{box}/kill")
    _until(lambda: server.connections == 1)


def test_who_leaves_a_silent_program_over_a_unix_socket_is_missed(server, client):
    box = _run(client, "sleep", "1000", stdin=True)
    client.ask("POST", f"/containers/{box}/start")
    attached = _attached(server, box, address=1)
    assert server.connections == 2
    attached.close()
    _until(lambda: server.connections == 1)


def _until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_client_that_says_nothing_is_let_go(server, monkeypatch):
    monkeypatch.setattr(connection, "IDLE", 0.1)
    client = Client(server.addresses[0])
    assert client.rest() == b""


def test_a_head_that_never_ends_is_let_go_however_it_drips(server, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_TIME", 0.3)
    client = Client(server.addresses[0])
    started = time.monotonic()
    client.socket.settimeout(0.02)
    end = b"?"
    while end and time.monotonic() - started < 10:
        try:
            client.send(b"G")
            end = client.more()
        except TimeoutError:
            continue
        except OSError:
            break
    assert time.monotonic() - started < 5


def test_a_body_that_stops_coming_is_let_go(server, monkeypatch):
    monkeypatch.setattr(connection, "BODY_PAUSE", 0.1)
    client = Client(server.addresses[0])
    client.send(b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab")
    assert client.rest() == b""


def test_a_thousand_clients_are_answered(server):
    clients = [
        Client(server.addresses[i % 2]) for i in range(1000 if _files() else 200)
    ]
    for client in clients:
        client.send(b"GET /_ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert {client.answer().status for client in clients} == {200}
    for client in clients:
        client.close()
    _until(lambda: server.connections == 0)


def _files():
    """Whether this process may hold both ends of a thousand connections."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096 <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
    return soft >= 4096 or hard >= 4096


def test_one_too_many_is_told_so():
    with serving(most=2) as server:
        clients = [Client(server.addresses[0]) for _ in range(2)]
        assert [c.ask("GET", "/_ping").status for c in clients] == [200, 200]
        third = Client(server.addresses[0])
        assert third.rest().startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        clients[0].close()
        _until(lambda: server.connections == 1)
        assert Client(server.addresses[0]).ask("GET", "/_ping").status == 200


def test_a_server_starts_and_stops_in_an_instant_and_leaves_nothing():
    live = Live(Engine())
    before, files = threading.active_count(), _open_files()
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        server = serve(live)
        client = Client(server.addresses[0])
        assert client.ask("GET", "/_ping").body == b"OK"
        server.close()
        spent.append(time.perf_counter() - started)
        assert client.rest() == b""
        client.close()
    live.close()
    assert threading.active_count() == before - 1
    assert _open_files() == files
    assert min(spent) < 0.02


def _open_files():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_closing_ends_streams_too():
    with serving() as server:
        client = Client(server.addresses[0])
        client.send(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client._until(b"\r\n\r\n")
        started = time.monotonic()
        server.close()
        assert time.monotonic() - started < 2
        client.rest()


def test_a_unix_sockets_file_is_for_its_group_and_goes_with_it(tmp_path):
    path = tmp_path / "d.sock"
    with serving(tmp_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert not path.exists()


def test_a_file_that_nobody_answers_behind_is_replaced(tmp_path):
    path = tmp_path / "d.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with serving(tmp_path) as server:
        assert Client(server.addresses[1]).ask("GET", "/_ping").status == 200


def test_a_socket_that_somebody_answers_on_is_his(tmp_path):
    other = Live(Engine())
    with serving(tmp_path), pytest.raises(InvalidParameter, match="somebody answers"):
        serve(other, [f"unix://{tmp_path}/d.sock"])
    other.close()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path):
    (tmp_path / "d.sock").write_text("mine")
    live = Live(Engine())
    with pytest.raises(InvalidParameter, match="is no socket"):
        serve(live, [f"unix://{tmp_path}/d.sock"])
    live.close()
    assert (tmp_path / "d.sock").read_text() == "mine"


@pytest.mark.parametrize("host", ["tcp://0.0.0.0:0", "tcp://[::]:0"])
def test_an_address_that_others_can_reach_is_refused_unless_somebody_insists(host):
    desk = FrontDesk()
    try:
        socket.getaddrinfo(host[6:-2].strip("[]"), 0)
        with pytest.raises(Forbidden, match="can be reached from other machines"):
            Server(desk, [host])
    except OSError:
        pytest.skip("no such family here")
    Server(desk, [host], remote=True).close()


@pytest.mark.parametrize("era", ["17.12", "20.10", "28"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_first_ping_is_the_one_that_the_engine_would_answer(era, method):
    live = Live(Engine(era))
    early = FrontDesk(early=RELEASES[era])
    servers = [serve(live), Server(early, ["tcp://127.0.0.1:0"])]
    answers = [Client(s.addresses[0]).ask(method, "/_ping") for s in servers]
    for server in servers:
        server.close()
    live.close()
    first, second = answers
    assert first.body == second.body
    assert list(first.headers) == list(second.headers)
    assert dict(first.headers, Date="") == dict(second.headers, Date="")


def test_who_comes_before_the_engine_waits_for_it():
    from minidock.server.answers import Answers

    desk = FrontDesk()
    server = Server(desk, ["tcp://127.0.0.1:0"])
    client = Client(server.addresses[0])
    client.send(b"GET /networks HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert desk.asked.wait(5)
    live = Live(Engine())
    desk.open(Answers(live, desk.date))
    assert client.answer().status == 200
    server.close()
    live.close()


def test_bytes_that_are_no_text_pass_through_a_program_as_they_are(server, client):
    name = _run(client, "cat", stdin=True)
    data = bytes(range(256)) * 300 + "\n€".encode()[:-1]  # ends within a character
    path = f"/containers/{name}/attach?stream=1&stdin=1&stdout=1"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp"
    client.send(f"{head}\r\n\r\n".encode())
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += client.more()
    other = Client(server.addresses[0])
    assert other.ask("POST", f"/containers/{name}/start").status == 204
    client.send(data)
    client.half_close()
    framed = seen.partition(b"\r\n\r\n")[2]
    while more := client.more():
        framed += more
    plain = b""
    while framed:
        size = int.from_bytes(framed[4:8], "big")
        plain, framed = plain + framed[8 : 8 + size], framed[8 + size :]
    assert plain == data

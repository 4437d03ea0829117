"""Calling an engine over its socket."""

import io
import socket
import tarfile
import threading

import pytest

from minidock import Engine
from minidock.api.http import Request
from minidock.client.dialing import Dialed, Parts
from minidock.errors import InvalidParameter, Refusal
from minidock.server.live import Live
from minidock.server.serving import serve


@pytest.fixture
def live():
    live = Live(Engine())
    yield live
    live.close()


@pytest.fixture(params=["unix", "tcp"])
def engine(live, request, tmp_path):
    where = f"unix://{tmp_path}/d.sock"
    hosts = [where if request.param == "unix" else "tcp://127.0.0.1:0"]
    server = serve(live, hosts)
    yield Dialed(server.addresses[0])
    server.close()


def test_it_answers_as_the_engine_in_this_process_does(engine, live):
    live.engine("network create front")
    for path in ("/networks/front", "/containers/json", "/images/json", "/nowhere"):
        here = live.send(Request(method="GET", path=path))
        there = engine(Request(method="GET", path=path))
        assert (there.status, there.body) == (here.status, here.body)


def test_queries_bodies_and_progress_go_through(engine):
    body = {"Image": "redis", "Env": ["A=ä"]}
    pulled = engine(
        Request(method="POST", path="/images/create", query={"fromImage": "redis:7"})
    )
    assert len(pulled.lines) > 1
    assert engine(Request(method="GET", path="/_ping")).text == "OK"
    body["Image"] = "redis:7"
    made = engine(
        Request(
            method="POST", path="/containers/create", query={"name": "db"}, body=body
        )
    )
    assert made.status == 201
    seen = engine(Request(method="GET", path="/containers/db/json")).body
    assert "A=ä" in seen["Config"]["Env"]


def test_tars_go_up_and_come_down_part_by_part(engine, live):
    live.engine("run -d --name web nginx")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo("note")
        member.size = 200_000
        tar.addfile(member, io.BytesIO(b"x" * member.size))
    data = packed.getvalue()
    parts = (data[i : i + 1000] for i in range(0, len(data), 1000))
    sent = engine.upload("PUT", "/containers/web/archive", parts, {"path": "/tmp"})
    assert sent.status == 200
    coming = engine.download("/containers/web/archive", {"path": "/tmp/note"})
    file = io.BufferedReader(Parts(coming))
    with tarfile.open(fileobj=file, mode="r|") as tar:
        assert [(m.name, m.size) for m in tar] == [("note", 200_000)]


def test_a_refused_download_says_why(engine):
    with pytest.raises(Refusal, match="No such container: nosuch"):
        list(engine.download("/containers/nosuch/archive", {"path": "/"}))


def test_an_upload_that_is_refused_half_way_has_its_answer(engine):
    parts = (b"x" * 65536 for _ in range(64))
    sent = engine.upload("PUT", "/containers/nosuch/archive", parts, {"path": "/"})
    assert (sent.status, "nosuch" in sent.message) == (404, True)


@pytest.mark.parametrize(
    "url", ["", "tcp://10.0.0.1:2375", "ssh://host", "unix://", "tcp://127.0.0.1:x"]
)
def test_only_this_machine_is_dialled(url):
    with pytest.raises(InvalidParameter) as said:
        Dialed(url)
    assert "ssh -NL" in said.value.remedy


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    ],
)
def test_an_engine_that_talks_nonsense_is_refused(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=talk)
        thread.start()
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Refusal, match="no engine answers at"):
            Dialed(url, timeout=10)(Request(method="GET", path="/info"))
        thread.join(10)


def test_an_engine_that_falls_silent_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Refusal, match="timed out"):
            Dialed(url, timeout=0.2)(Request(method="GET", path="/info"))

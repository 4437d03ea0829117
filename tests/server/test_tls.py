"""TLS with client certificates: who has none of the authority's gets nothing."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from minidock.engine import Engine
from minidock.errors import InvalidParameter
from minidock.server.live import Live
from minidock.server.serving import serve
from minidock.server.tls import secured

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="certificates are made by openssl"
)


class Papers(NamedTuple):
    cert: str
    key: str


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def _authority(folder: Path, name: str) -> Papers:
    papers = Papers(str(folder / f"{name}.pem"), str(folder / f"{name}-key.pem"))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    made = ("-keyout", papers.key, "-out", papers.cert)
    _openssl("req", "-x509", *curve, *made, "-days", "2", "-subj", f"/CN={name}")
    return papers


def _signed(folder: Path, name: str, authority: Papers) -> Papers:
    papers = Papers(str(folder / f"{name}.pem"), str(folder / f"{name}-key.pem"))
    asked, extra = str(folder / f"{name}.csr"), folder / f"{name}.ext"
    extra.write_text("subjectAltName=IP:127.0.0.1\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    _openssl(
        "req", *curve, "-keyout", papers.key, "-out", asked, "-subj", f"/CN={name}"
    )
    by = ("-CA", authority.cert, "-CAkey", authority.key, "-CAcreateserial")
    made = ("-out", papers.cert, "-days", "2", "-extfile", str(extra))
    _openssl("x509", "-req", "-in", asked, *by, *made)
    return papers


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = _authority(folder, "ca")
    other = _authority(folder, "other")
    return {
        "ca": authority,
        "server": _signed(folder, "server", authority),
        "client": _signed(folder, "client", authority),
        "stranger": _signed(folder, "stranger", other),
    }


@pytest.fixture
def address(papers):
    secure = secured(*papers["server"], papers["ca"].cert)
    live = Live(Engine())
    # whoever must show a certificate may come from anywhere
    server = serve(live, ["tcp://127.0.0.1:0"], secure=secure)
    yield "127.0.0.1", int(server.addresses[0].rpartition(":")[2])
    server.close()
    live.close()


def _asked(address, papers, who, request):
    context = ssl.create_default_context(cafile=papers["ca"].cert)
    if who:
        context.load_cert_chain(*papers[who])
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as client,
    ):
        client.sendall(request)
        data = b""
        while more := client.recv(65536):
            data += more
        return data


_PING = b"GET /_ping HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n\r\n"


def test_who_has_a_certificate_of_the_authority_is_answered(address, papers):
    assert _asked(address, papers, "client", _PING).endswith(b"\r\n\r\nOK")


@pytest.mark.parametrize("who", ["", "stranger"])
def test_who_has_none_of_the_authoritys_gets_nothing(address, papers, who):
    try:
        data = _asked(address, papers, who, _PING)
    except OSError:  # the alert that says why
        data = b""
    assert data == b""


def test_who_speaks_no_tls_gets_nothing(address):
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(_PING)
        assert not client.recv(65536).startswith(b"HTTP")


def test_a_long_answer_comes_whole(address, papers):
    ask = "GET /v1.44/networks HTTP/1.1\r\nHost: x\r\n{}\r\n"
    many = ask.format("") * 200 + ask.format("Connection: close\r\n")
    answer = _asked(address, papers, "client", many.encode())
    assert answer.count(b"HTTP/1.1 200 OK") == 201


def test_a_connection_that_is_taken_over_carries_both_ways_at_once(address, papers):
    def ask(request):
        return _asked(address, papers, "client", request)

    def post(path, body=b""):
        return (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    ask(post("/images/create?fromImage=alpine&tag=latest"))
    config = b'{"Image":"alpine","Cmd":["cat"],"OpenStdin":true,"StdinOnce":true}'
    assert b" 201 " in ask(post("/containers/create?name=box", config))
    assert b" 204 " in ask(post("/containers/box/start"))
    attach = (
        b"POST /containers/box/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\n"
        b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    )
    context = ssl.create_default_context(cafile=papers["ca"].cert)
    context.load_cert_chain(*papers["client"])
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as client,
    ):
        client.sendall(attach)
        data = b""
        for number in range(20):
            line = f"line {number}\n".encode()
            client.sendall(line)
            while line not in data:
                more = client.recv(65536)
                assert more
                data += more
    assert data.startswith(b"HTTP/1.1 101 UPGRADED\r\n")


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_file_that_is_not_there_is_named(papers, tmp_path, missing):
    files = [*papers["server"], papers["ca"].cert]
    files[missing] = str(tmp_path / "nosuch.pem")
    with pytest.raises(InvalidParameter, match=r"nosuch\.pem: there is no such file"):
        secured(*files)


def test_a_file_that_is_no_certificate_is_refused(papers, tmp_path):
    (tmp_path / "cert.pem").write_text("nothing")
    with pytest.raises(InvalidParameter, match="cannot speak TLS"):
        secured(str(tmp_path / "cert.pem"), papers["server"].key, papers["ca"].cert)

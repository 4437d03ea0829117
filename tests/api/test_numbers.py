"""Numbers of a query are read as Go reads them, however long and in whatever script."""

import pytest

from minidock.api.http import Request
from minidock.engine import Engine

LONG = "9" * 6000
HOST = Engine()
HOST("pull -q busybox")
HOST("run -d --name web busybox sleep 1000")


def ask(method, path, **query):
    return HOST.send(Request(method=method, path=path, query=query))


@pytest.mark.parametrize("text", [LONG, "9" * 19, "١", "1_000", " 1", "1.0", "0x10"])
def test_what_is_no_number_of_64_bits_is_refused(text):
    for answer in (
        ask("GET", "/containers/json", limit=text),
        ask("POST", "/containers/web/stop", t=text),
        ask("GET", "/containers/json", filters=f'{{"exited": ["{text}"]}}'),
    ):
        assert answer.status == 500
        why = "value out of range" if text.isascii() and text.isdigit() else "syntax"
        assert answer.message.startswith("strconv.Atoi: parsing ")
        assert why in answer.message


@pytest.mark.parametrize("text", [LONG, "65536", "x", "١"])
def test_what_is_no_port_is_refused(text):
    answer = ask("GET", "/containers/json", filters=f'{{"publish": ["{text}"]}}')
    assert answer.status == 500
    assert "strconv.ParseUint: parsing " in answer.message


def test_other_numbers_fall_back_as_the_engines_do():
    assert ask("GET", "/images/search", term="nginx", limit=LONG).status == 400
    stars = f'{{"stars": ["{LONG}"]}}'
    assert ask("GET", "/images/search", term="nginx", filters=stars).status == 200
    logs = ask("GET", "/containers/web/logs", stdout="1", tail=LONG)
    assert logs.status == 200
    until = f'{{"until": ["{LONG}"]}}'
    assert ask("POST", "/networks/prune", filters=until).message.startswith(
        "failed to parse value as time or duration"
    )
    assert ask("GET", "/images/json", filters=until).status == 400

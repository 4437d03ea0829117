"""What stands in an answer's head, and which page and version a path means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.api.routes import _cleaned
from minidock.engine import Engine

OLD, NEW = Engine("20.10"), Engine("28")
ENGINE = {"Api-Version", "Docker-Experimental", "Ostype", "Server"}


def test_every_answer_of_a_handler_says_who_answers():
    head = NEW.api("GET", "/networks").headers
    assert head == {
        "Api-Version": "1.51",
        "Docker-Experimental": "false",
        "Ostype": "linux",
        "Server": "Docker/28.5.2 (linux)",
        "Content-Type": "application/json",
    }


def test_a_ping_is_not_kept_and_newer_engines_name_their_builder():
    old, new = (engine.api("GET", "/_ping").headers for engine in (OLD, NEW))
    assert old["Cache-Control"] == "no-cache, no-store, must-revalidate"
    assert old["Pragma"] == "no-cache"
    assert set(new) - set(old) == {"Builder-Version", "Swarm"}


def test_a_page_that_is_not_there_is_answered_by_nobody():
    answer = OLD.api("GET", "/v1.41/nosuch")
    assert (answer.status, answer.message) == (404, "page not found")
    assert not ENGINE & set(answer.headers)


def test_a_version_that_is_not_served_is_answered_before_experiments_matter():
    answer = OLD.api("GET", "/v1.99/info")
    assert answer.status == 400
    assert ENGINE - set(answer.headers) == {"Docker-Experimental"}


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("1.42", "client version 1.42 is too new. Maximum supported API version is 1.41"),
        ("1.41.1",
         "client version 1.41.1 is too new. Maximum supported API version is 1.41"),
        ("1.11", ("client version 1.11 is too old. Minimum supported API version is 1.12, "
         "please upgrade your client to a newer version")),
        ("1", ("client version 1 is too old. Minimum supported API version is 1.12, "
         "please upgrade your client to a newer version")),
    ],
)  # fmt: skip
def test_a_version_out_of_range_is_refused(version, told):
    answer = OLD.api("GET", f"/v{version}/version")
    assert (answer.status, answer.message) == (400, told)


@pytest.mark.parametrize("version", ["1.041", "1.41.0", "1.41."])
def test_versions_are_compared_as_numbers(version):
    assert OLD.api("GET", f"/v{version}/version").status == 200


def test_clients_from_before_1_24_read_refusals_as_plain_text():
    answer = OLD.api("GET", "/v1.23/networks/nosuch")
    assert (answer.status, answer.text) == (404, "network nosuch not found\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert OLD.api("GET", "/v1.24/networks/nosuch").body == {
        "message": "network nosuch not found"
    }
    # An engine that does not serve such clients has forgotten how.
    assert NEW.api("GET", "/v1.23/networks").body is not None


def test_the_head_alone_is_asked_of_a_ping_only_and_options_of_everything():
    assert OLD.api("HEAD", "/_ping").text is None
    answer = OLD.api("HEAD", "/networks")
    assert (answer.status, answer.body, answer.text) == (404, None, None)
    answer = OLD.api("OPTIONS", "/any/thing")
    assert (answer.status, answer.body) == (200, None)
    assert set(answer.headers) >= ENGINE


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("//networks", "/networks"),
        ("/containers//json?all=1&size=0", "/containers/json?all=1&size=0"),
        ("/containers/../networks/", "/networks/"),
        ("/images/./a%20b/json", "/images/a%20b/json"),
        ("/../../etc/passwd", "/etc/passwd"),
    ],
)
def test_a_path_that_is_not_clean_has_moved(path, place):
    answer = OLD.api("GET", path)
    assert (answer.status, answer.headers) == (301, {"Location": place})


@given(st.lists(st.sampled_from(["", ".", "..", "a", "b.c", ".d"]), max_size=8))
def test_a_path_of_a_request_that_was_cleaned_once_is_clean(parts):
    clean = _cleaned("/" + "/".join(parts))
    assert _cleaned(clean) == clean
    assert clean.startswith("/")
    assert not {"", ".", ".."} & set(clean.strip("/").split("/")) or clean == "/"

"""What `minidock draw` and `minidock trace` draw: whole hosts, parts, journeys."""

import pytest

from tests.cli.cli import Cli
from tests.views.svgs import SVG, read


@pytest.fixture
def web(minidock: Cli) -> Cli:
    assert minidock("run", "-d", "--name", "web", "-p", "8080:80", "nginx").code == 0
    return minidock


@pytest.mark.parametrize(
    ("words", "first", "kind"),
    [
        (["--pool", "bridge"], "bridge: 172.17.0.0/16", "minidock pool"),
        (["--rules"], "*raw", "minidock rules"),
        (["--rules", "-6"], "*filter", "minidock rules"),
        (
            ["--bits", "10.0.0.0/8", "10.0.0.5"],
            "10.0.0.0/8: 8 bits of the network, 24 of the host",
            "minidock bits",
        ),
    ],
    ids=" ".join,
)
def test_a_part_of_the_host_is_text_and_with_svg_a_picture(
    web: Cli, words: list[str], first: str, kind: str
) -> None:
    assert web("draw", *words).stdout.splitlines()[0] == first
    root = read(web("draw", *words, "--svg").stdout)
    assert root.get("class") == kind


def test_a_table_cannot_be_drawn_as_mermaid_and_the_refusal_says_what_would_work(
    web: Cli,
) -> None:
    output = web("draw", "--pool", "bridge", "--mermaid")
    assert output.code != 0
    assert "--svg" in output.stderr
    assert "Traceback" not in output.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--bits", "10.0.0.0/99"],
        ["--bits", "10.0.0.1/8"],
        ["--bits", "10.0.0.0/8", "::1"],
        ["--bits", "10.0.0.0/8", "<b>"],
        ["--pool", "nosuch"],
        ["--pool", "none"],
        ["--pool", "bridge", "-6"],
        ["--pool", "bridge", "--rules"],
    ],
    ids=" ".join,
)
def test_a_wrong_drawing_is_refused_in_words(web: Cli, words: list[str]) -> None:
    output = web("draw", *words)
    assert output.code != 0
    assert output.stderr
    assert "Traceback" not in output.stderr


def test_a_trace_is_a_picture_that_moves_or_the_rules_that_it_met(web: Cli) -> None:
    ends = ("outside", "host:8080")
    still = web("trace", *ends, "--svg")
    assert still.code == 0
    assert read(still.stdout).get("class") == "minidock trace"
    moving = web("trace", *ends, "--animated").stdout
    assert moving == web("trace", *ends, "--svg", "--animated").stdout
    assert "<style>" in moving
    assert "<script" not in moving
    rules = read(web("trace", *ends, "--rules").stdout)
    met = [g for g in rules.iter(f"{SVG}g") if g.get("class") == "rule met"]
    assert met


def test_a_trace_is_a_page_with_a_slider_and_its_code_is_still_that_of_the_journey(
    web: Cli,
) -> None:
    page = web("trace", "outside", "host:8080", "--html")
    assert page.stdout.startswith("<!doctype html>")
    assert '<input type="range"' in page.stdout
    assert page.code == 0
    lost = web("trace", "web", "host:99", "--html")
    assert lost.code == 1
    assert lost.stdout.startswith("<!doctype html>")


@pytest.mark.parametrize("words", [["--html", "--rules"], ["--rules", "--animated"]])
def test_two_forms_at_once_are_refused(web: Cli, words: list[str]) -> None:
    output = web("trace", "outside", "host:8080", *words)
    assert output.code != 0
    assert "not allowed with" in output.stderr

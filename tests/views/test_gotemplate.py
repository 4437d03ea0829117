"""Templates as `docker --format` evaluates them."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.views.gotemplate import Record, Template, TemplateError, render

RECORDINGS = Path(__file__).resolve().parents[2] / "../shared/golden/docker-20.10"
WEB = {
    "Id": "8185491abcf75b6e7a12",
    "Name": "/web",
    "State": {"Running": True, "ExitCode": 0},
    "Config": {"Labels": {"org.test": "web"}, "Env": ["A=1", "B=2"], "Cmd": None},
    "Networks": {"b": {"IP": "10.0.0.2"}, "a": {"IP": "10.0.0.1"}},
    "Ports": {"80/tcp": [{"HostPort": "80"}], "53/udp": None},
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain }} text", "plain }} text"),
        ("{{.Name}}", "/web"),
        ("{{.State.Running}} {{.State.ExitCode}}", "true 0"),
        ("{{.Nope}} {{.Nope.Deeper}}", "<no value> <no value>"),
        ("{{.Config.Cmd}}", "<no value>"),
        ("{{.Config.Env}} {{.Config.Labels}}", "[A=1 B=2] map[org.test:web]"),
        ("{{$.Name}} {{with .State}}{{.ExitCode}} {{$.Name}}{{end}}", "/web 0 /web"),
        ("{{with .Nope}}yes{{else}}no{{end}}", "no"),
        ("{{range $n, $v := .Networks}}{{$n}}={{$v.IP}} {{end}}", "a=10.0.0.1 b=10.0.0.2 "),
        ("{{range .Config.Env}}[{{.}}]{{end}}", "[A=1][B=2]"),
        ("{{range $i, $e := .Config.Env}}{{$i}}{{$e}} {{end}}", "0A=1 1B=2 "),
        ("{{range $e := .Config.Env}}{{$e}} {{end}}", "A=1 B=2 "),
        ("{{range .Config.Cmd}}x{{else}}none{{end}}", "none"),
        ("{{range .Config.Env}}{{if eq . `A=1`}}{{continue}}{{end}}{{.}}{{end}}", "B=2"),
        ("{{range .Config.Env}}{{.}}{{break}}{{end}}", "A=1"),
        ("{{if .State.Running}}up{{else}}down{{end}}", "up"),
        ("{{if eq .State.ExitCode 1}}a{{else if eq .State.ExitCode 0}}b{{else}}c{{end}}", "b"),
        ("{{(index .Config.Env 1)}} {{index .Config.Labels `org.test`}}", "B=2 web"),
        ("{{(index (index .Ports `80/tcp`) 0).HostPort}}", "80"),
        ("{{index .Config.Labels `nope`}}|{{index .Networks `nope`}}", "|<no value>"),
        ("{{slice .Id 0 12}} {{slice .Config.Env 1}}", "8185491abcf7 [B=2]"),
        ("{{len .Config.Env}} {{len .Name}} {{len .Networks}}", "2 4 2"),
        ("{{json .Ports}}", '{"80/tcp":[{"HostPort":"80"}],"53/udp":null}'),
        ("{{json .Nope}} {{json .Name}}", 'null "/web"'),
        ("{{.Name | upper | printf `%s!`}}", "/WEB!"),
        ("{{join .Config.Env `, `}}", "A=1, B=2"),
        ("{{split `a:b` `:`}} {{index (split `a:b` `:`) 1}}", "[a b] b"),
        ("{{title `two words`}} {{lower `ABC`}}", "Two Words abc"),
        ("{{pad `x` 1 2}}|{{pad `` 1 2}}|", " x  ||"),
        ("{{truncate .Id 4}} {{truncate `ab` 4}}", "8185 ab"),
        ("{{print 1 2 `a` `b` 3}}", "1 2ab3"),
        ("{{println `a` 1}}", "a 1\n"),
        ('{{printf `%5d|%-5s|%05d|%q|%v|%t|%x|%%` 42 `ab` 7 `q"` .Config.Env true 255}}', '   42|ab   |00007|"q\\""|[A=1 B=2]|true|ff|%'),
        ("{{printf `%d` `a`}} {{printf `%s`}} {{printf `x` 1}}", "%!d(string=a) %!s(MISSING) x%!(EXTRA int=1)"),
        ("{{eq 1 1}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt `b` `a`}} {{ge 1 2}} {{eq 1 2 1}}", "true true true true true false true"),
        ("{{and 1 0}} {{and 1 2}} {{or 0 `x`}} {{or 0 ``}}| {{not 0}}", "0 2 x | true"),
        ("{{or true (index .Config.Env 99)}}", "true"),
        ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"),
        ("{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"),
        ("a  {{- .Name -}}  b", "a/webb"),
        ("a {{/* a comment */}}b {{- /* another */ -}} c", "a bc"),
        ("{{true}} {{-3}} {{2.5}} {{0x10}} {{'a'}}", "true -3 2.5 16 97"),
        (r'{{"a\tb\"cA"}}', 'a\tb"cA'),
        ("{{`}}`}}", "}}"),
        ("{{range 3}}{{.}}{{end}}", "012"),
    ],
)  # fmt: skip
def test_templates_print_what_go_prints(template, text):
    assert render(template, WEB) == text


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{.Name", ":1: unclosed action"),
        ("a\n{{.Name", ":2: unclosed action"),
        ("{{.Name}", ":1: bad character U+007D '}'"),
        ("{{}}", ":1: missing value for command"),
        ("{{if}}x{{end}}", ":1: missing value for if"),
        ("{{if .A}}x", ":1: unexpected EOF"),
        ("{{end}}", ":1: unexpected {{end}}"),
        ("{{else}}", ":1: unexpected {{else}}"),
        ("{{nosuch .A}}", ':1: function "nosuch" not defined'),
        ("{{$x}}", ':1: undefined variable "$x"'),
        ('{{"abc}}', ":1: unterminated quoted string"),
        ("{{`abc}}", ":1: unterminated raw quoted string"),
        ("{{(.A}}", ":1: unclosed left paren"),
        ("{{.A)}}", ':1: unexpected ")" in operand'),
        ("{{.A | 3}}", ":1: non executable command in pipeline stage 2"),
        ("{{break}}", ":1: {{break}} outside {{range}}"),
        ("{{#}}", ":1: unrecognized character in action: U+0023 '#'"),
    ],
)
def test_a_template_that_cannot_be_read_is_refused_in_go_s_words(template, fault):
    with pytest.raises(TemplateError) as refusal:
        Template(template)
    assert refusal.value.detail == f"template: {fault}"
    assert str(refusal.value) == f"template parsing error: template: {fault}"


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{.Nope}}", ':1:2: executing "" at <.Nope>: map has no entry for key "Nope"'),
        ("{{.State.Nope}}", ':1:8: executing "" at <.State.Nope>: map has no entry for key "Nope"'),
        ("x\n {{.Nope}}", ':2:3: executing "" at <.Nope>: map has no entry for key "Nope"'),
        ("{{.Name.X}}", ":1:7: executing \"\" at <.Name.X>: can't evaluate field X in type interface {}"),
        ("{{.Config.Cmd.X}}", ':1:9: executing "" at <.Config.Cmd.X>: nil pointer evaluating interface {}.X'),
        ("{{index .Config.Env 9}}", ':1:2: executing "" at <index .Config.Env 9>: error calling index: index out of range: 9'),
        ("{{len 3}}", ':1:2: executing "" at <len 3>: error calling len: len of type int'),
        ("{{upper 3}}", ':1:8: executing "" at <3>: wrong type for value; expected string; got int'),
        ("{{json}}", ':1:2: executing "" at <json>: wrong number of args for json: want 1 got 0'),
        ("{{.Name 1}}", ":1:2: executing \"\" at <.Name>: can't give argument to non-function .Name"),
        ("{{range .Name}}{{end}}", ":1:8: executing \"\" at <.Name>: range can't iterate over /web"),
        ("{{lt 1 `a`}}", ':1:2: executing "" at <lt 1 `a`>: error calling lt: incompatible types for comparison'),
    ],
)  # fmt: skip
def test_a_template_that_asks_for_what_is_not_there_is_refused(template, fault):
    with pytest.raises(TemplateError) as refusal:
        render(template, WEB, strict=True)
    assert refusal.value.detail == f"template: {fault}"


def test_a_struct_s_missing_field_is_an_error_even_when_maps_are_lenient():
    record = Record({"A": 1}, kind="types.NetworkResource")
    with pytest.raises(
        TemplateError, match=r"can't evaluate field B in type types\.NetworkResource"
    ):
        render("{{.B}}", record)


def test_a_struct_is_printed_without_its_field_names_and_is_always_true():
    assert render("{{.}}{{if .}}!{{end}}", Record({"b": 1, "a": "x"})) == "{1 x}!"
    assert render("{{if .R}}!{{end}}", {"R": Record({})}) == "!"


def test_a_template_can_be_rendered_again():
    template = Template("{{$x := .}}{{range .}}{{$x}}{{end}}")
    assert template.render([1]) == "[1]"
    assert template.render([2, 3]) == "[2 3][2 3]"


@given(st.text().filter(lambda text: "{{" not in text))
def test_a_text_without_actions_is_printed_as_it_stands(text):
    assert render(text, {}) == text


@given(st.text(alphabet='{}.-| $()`"ab:=1,\n/*'))
def test_any_text_is_rendered_or_refused_as_a_template(text):
    with contextlib.suppress(TemplateError):
        assert isinstance(render("{{" + text, {"a": {"b": 1}}), str)


READS = {"inspect", "port", "ps", "exec", "images", "logs", "top", "version", "info"}


def _reads(step):
    """Whether the step leaves the containers as they are."""
    if step["kind"] == "api":
        return step["method"] == "GET"
    words = step.get("cmd", "").split()
    return words[:1] != ["docker"] or words[1] in READS


def _pairs():
    """(template, JSON, output) of recorded `inspect -f` steps with the API's answer."""
    pairs = []
    for path in sorted(RECORDINGS.glob("*.json")):
        answers, formats = {}, []
        for step in [*json.loads(path.read_text(encoding="utf-8"))["steps"], None]:
            if step is None or not _reads(step):
                found = [(t, answers[n], out) for t, n, out in formats if n in answers]
                pairs += found
                answers, formats = {}, []
            elif step["kind"] == "api" and isinstance(step.get("json"), dict):
                name = step["path"].removesuffix("/json").rpartition("/")[2]
                answers[name] = step["json"]
            elif step.get("cmd", "").startswith("docker inspect -f '"):
                _, template, name = step["cmd"].split("'")
                # Whole endpoints are left out: the client's structs have more fields.
                if "Settings}}" not in template and ".Networks}} " not in template:
                    formats.append((template, name.strip(), step["stdout"]))
    return pairs


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
def test_recorded_formats_print_what_was_recorded():
    pairs = _pairs()
    for template, value, printed in pairs:
        assert render(template, value, strict=True) + "\n" == printed
    assert len(pairs) > 1

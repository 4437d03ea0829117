"""The small shell: what POSIX says of one, and no text that it stumbles over."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.runtime.shell_lexer import ShellSyntaxError
from minidock.runtime.shell_parser import parse
from tests.runtime.pretended import host, sh

DOCKER = host(
    "pull -q busybox",
    "run -d --name box busybox sleep 100000",
    "pull -q traefik/whoami",
    "run -d --name who traefik/whoami",
)


def out(script: str) -> str:
    stdout, stderr, _ = sh(DOCKER, "box", script)
    assert not stderr
    return stdout


def code(script: str) -> int:
    return sh(DOCKER, "box", script)[2]


# --- examples -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("echo a; echo b", "a\nb\n"),
        ("false || echo a && echo b", "a\nb\n"),
        ("! false && echo a", "a\n"),
        ("echo one two | wc -w", "2\n"),
        ("x='a  b'; echo $x \"$x\"", "a b a  b\n"),
        ("echo ${none:-d} ${#HOME} $?", "d 5 0\n"),
        ('a=1 env | grep ^a=; echo "<$a>"', "a=1\n<>\n"),
        ("for i in 1 2 3; do echo $i; done", "1\n2\n3\n"),
        ("i=0; while [ $i -lt 2 ]; do i=$((i+1)); echo $i; done", "1\n2\n"),
        ("if false; then echo a; elif true; then echo b; fi", "b\n"),
        ("case web1 in db*) echo no;; web?) echo yes;; esac", "yes\n"),
        ('echo "$(echo a; echo b)" `echo c`', "a\nb c\n"),
        ("f() { echo $1 $#; }; f x y", "x 2\n"),
        ("cat <<END\n$((1+2))\nEND", "3\n"),
        ("(cd /tmp; pwd); pwd", "/tmp\n/\n"),
        ("echo a > /tmp/f; echo b >> /tmp/f; cat < /tmp/f", "a\nb\n"),
        ("{ echo a; echo b >&2; } 2>&1 | sort -r", "b\na\n"),
        ("echo hidden >/dev/null 2>&1; echo a", "a\n"),
        ("nosuch &>/dev/null; echo $?", "127\n"),
        ("printf 'a\\nb\\n' | while read x; do echo \"<$x>\"; done", "<a>\n<b>\n"),
        ("set -- a 'b c'; for x in \"$@\"; do echo $x; done", "a\nb c\n"),
        ("echo * [a-z] # no files are matched", "* [a-z]\n"),
        ("type nosuch; echo $?", "nosuch: not found\n127\n"),
    ],
)
def test_a_line_prints_what_a_shell_prints(script, printed):
    assert out(script) == printed


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'a", "unterminated quoted string"),
        ("echo )", 'unexpected ")"'),
        ("if true; then echo a", 'unexpected end of file (expecting "fi")'),
        ("a | | b", 'unexpected "|"'),
        ("echo ${a", "missing '}'"),
        ("echo ${a!}", "bad substitution"),
        ("echo `a", "EOF in backquote substitution"),
    ],
)
def test_a_text_that_is_no_script_is_refused_in_busyboxs_words(script, says):
    assert sh(DOCKER, "box", script) == ("", f"sh: syntax error: {says}\n", 2)


def test_exit_ends_the_script_with_its_code():
    assert sh(DOCKER, "box", "echo a; exit 3; echo b") == ("a\n", "", 3)


def test_set_e_ends_at_the_first_failure_that_nobody_asks_about():
    assert code("set -e; false || true; if false; then :; fi; ! true; exit 4") == 4
    assert code("set -e; false; exit 4") == 1


def test_an_unknown_program_is_not_found_and_has_code_127():
    assert sh(DOCKER, "box", "foo") == ("", "sh: foo: not found\n", 127)


def test_what_a_file_cannot_be_is_said_and_the_command_does_not_run():
    said = "sh: can't create /no/f: nonexistent directory\n"
    assert sh(DOCKER, "box", "echo a > /no/f") == ("", said, 1)


def test_docker_keeps_the_hosts_file_itself():
    assert "kept by the engine" in sh(DOCKER, "box", "echo 1.2.3.4 x >> /etc/hosts")[1]


def test_a_loop_without_an_end_is_stopped_with_a_reason():
    _, stderr, status = sh(DOCKER, "box", "while true; do :; done; echo never")
    assert "stopped after 1000 commands" in stderr
    assert status == 130


@pytest.mark.parametrize(
    "script",
    [
        "x=aaaaaaaa; while :; do x=$x$x; done",
        "f() { f; }; f",
        'e=\'eval "$e"\'; eval "$e"',
        'x=\'sh -c "$x"\'; export x; sh -c "$x"',
        "echo a > f; while :; do cat f f > g; cat g g > f; done",
        "seq 1000 | xargs -n1 sh -c 'seq 1000 | xargs -n1 echo'",
        "echo " + "(" * 500,
        "echo " + "$(" * 500,
        'echo "${a:-' * 300,
        "printf '%99999999d' 1 | wc -c",
        "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | grep -E '(a*)*b'",
        "yes | tr y '\\n' | wc -l; seq 999999999",
        "echo $((((((((((((((((((((1))))))))))))))))))))",
        "echo $((2 ** 999999999999 << 99999))",
    ],
)
def test_nothing_that_grows_without_end_takes_for_ever(script):
    assert 0 <= code(script) <= 255


def test_an_image_of_a_single_program_has_no_shell():
    stdout, _, status = sh(DOCKER, "who", "echo a")
    assert 'exec: "sh": executable file not found' in stdout
    assert status == 126


# --- laws -----------------------------------------------------------------------------

WORDS = st.text(
    alphabet=st.characters(min_codepoint=32, max_codepoint=382), max_size=12
)
STATUSES = st.sampled_from(["true", "false", "(exit 3)", "nosuch 2>/dev/null", ":"])


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


@given(STATUSES)
def test_a_second_command_runs_after_and_exactly_if_the_first_succeeds(first):
    ran = "ran" in out(f"{first} && echo ran")
    assert ran == (code(first) == 0)
    assert ran != ("ran" in out(f"{first} || echo ran"))


@given(st.lists(STATUSES, min_size=1, max_size=4))
def test_the_code_of_a_pipe_is_that_of_its_last_command(commands):
    assert code(" | ".join(commands)) == code(commands[-1])


@given(st.lists(STATUSES, min_size=1, max_size=4))
def test_the_code_of_a_list_is_that_of_its_last_command(commands):
    assert code("; ".join(commands)) == code(commands[-1])


@given(STATUSES)
def test_an_exclamation_mark_turns_success_into_failure(command):
    assert code(f"! {command}") == int(code(command) == 0)


@given(st.lists(WORDS, max_size=4))
def test_quotes_keep_words_together(words):
    line = " ".join(map(quoted, words))
    assert out(f"set -- {line}; echo $#") == f"{len(words)}\n"
    shown = out(f"printf '%s\\n' {line or quoted('')}")
    assert shown == "".join(f"{word}\n" for word in words or [""])


@given(WORDS)
def test_a_variable_gives_back_what_was_put_in(text):
    assert out(f'x={quoted(text)}; printf %s "$x"') == text


@given(WORDS)
def test_a_file_gives_back_what_was_written(text):
    assert out(f"printf %s {quoted(text)} > /tmp/f; cat /tmp/f") == text


@given(st.integers(-(2**31), 2**31), st.integers(-(2**31), 2**31))
def test_the_arithmetic_of_a_shell_is_that_of_whole_numbers(left, right):
    shown = out(f"echo $(({left} + {right})) $(({left} * {right}))")
    wrapped = (left * right + 2**63) % 2**64 - 2**63
    assert shown == f"{left + right} {wrapped}\n"


@given(st.lists(st.sampled_from(["x=1", "export x=1", "cd /tmp"]), max_size=3))
def test_what_happens_in_a_subshell_stays_there(changes):
    inner = "; ".join([*changes, ":"])
    before = out('echo "$x" $PWD')
    assert out(f'({inner}); echo "$x" $PWD') == before


@settings(max_examples=300)
@given(st.text(max_size=80))
def test_any_text_is_a_script_or_a_syntax_error(text):
    with contextlib.suppress(ShellSyntaxError):
        assert parse(text) == parse(text)


PIECES = st.sampled_from(
    """echo cat true false if then else fi while do done for x in { } ( ) ; & && || | ! >
    >> < 2>&1 <<E E $x ${x:-a} $( ) ` ' " \\ # * ~ a=1 $((1+1)) case esac ;; exit set -e
    sleep 1 /tmp/f wc -l grep sed s/a/b/ nc -lk -p 80 ping box wget curl read shift eval
    seq 3 xargs test [ ] -f printf %s %d env timeout function f() break continue return
    wait exec kill head -n tail -f /dev/null awk {print$1} tr sort uniq cut tee""".split()
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map(" ".join)))
def test_any_script_gets_an_answer_within_bounds(text):
    stdout, stderr, status = sh(DOCKER, "box", text)
    assert 0 <= status <= 255
    assert len(stdout) + len(stderr) < 1_000_000

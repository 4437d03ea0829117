"""The same scripts in busybox's shell and in ours print the same."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.pretended import host, sh

BUSYBOX = shutil.which("busybox")
pytestmark = pytest.mark.skipif(BUSYBOX is None, reason="there is no busybox here")
DOCKER = host("pull -q busybox", "run -d --name box busybox sleep 100000")


@cache
def applets() -> str:
    """A folder of busybox's own programs: some builds of its shell start others."""
    folder = tempfile.mkdtemp(prefix="applets-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(["busybox", "--install", "-s", folder], check=True, timeout=20)
    return folder


def busybox(script: str, folder) -> tuple[str, str, int]:
    done = subprocess.run(
        # -f: file names are not matched, as in ours.
        [BUSYBOX, "sh", "-f", "-c", script],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"HOME": "/root", "PATH": applets()},
        cwd=folder,
        timeout=20,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


WORD = st.sampled_from(
    ["a", "b c", "10", "9", "x-y", "", "it's", '"', "a.b", "B", "\\", "$x", "*"]
)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


LINES = st.lists(WORD, max_size=5).map(
    lambda words: "printf '%s\\n' " + " ".join(map(quoted, words or ["z"]))
)
ECHO = st.lists(WORD, max_size=4).map(lambda ws: " ".join(["echo", *map(quoted, ws)]))
SOURCES = st.one_of(LINES, ECHO, st.sampled_from(["seq 12", "true", "echo a b c"]))
FILTERS = st.sampled_from(
    [
        "cat",
        "wc -l",
        "wc -w",
        "wc -c",
        "wc",
        "sort",
        "sort -r",
        "sort -n",
        "sort -u",
        "sort -k2",
        "uniq",
        "uniq -c",
        "sort | uniq -d",
        "grep a",
        "grep -v a",
        "grep -c b",
        "grep -i B",
        "grep -n .",
        "grep -o '[a-z]'",
        "grep -E 'a|1'",
        "grep -F a.b",
        "grep -w a",
        "grep -x a",
        "cut -c1-2",
        "cut -d' ' -f2",
        "cut -d. -f1",
        "tr a-z A-Z",
        "tr -d a",
        "tr -s 'a\\n'",
        "head -n 2",
        "tail -n 2",
        "tail -n +2",
        "head -c 3",
        "sed s/a/x/g",
        "sed -n '2,3p'",
        "sed '/a/d'",
        "sed 's/\\(.\\)\\(.\\)/\\2\\1/'",
        "awk '{print $2}'",
        "awk '/a/ {print NR, $1}'",
        "rev",
        "tac",
        "nl",
        "xargs echo",
        "tee g",
    ]
)
PIPELINE = st.builds(
    lambda source, filters: " | ".join([source, *filters]),
    SOURCES,
    st.lists(FILTERS, max_size=3),
)
# Two writers of one file share its end on Linux, which is not modelled.
WRITING = st.builds(lambda a: f"{{ {a}; }} > f; cat f; cat < f | wc -l", PIPELINE)
SIMPLE = st.one_of(
    PIPELINE, WRITING, st.sampled_from(["true", "false", "(exit 3)", "nosuch"])
)
SCRIPT = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(
            lambda a, sign, b: f"{a} {sign} {b}",
            inner,
            st.sampled_from(["&&", "||", ";"]),
            inner,
        ),
        st.builds(lambda a: f"( {a} )", inner),
        st.builds(lambda a: f"{{ {a}; }} 2>&1", inner),
        st.builds(lambda a: f"! {{ {a}; }}", inner),
        st.builds(lambda a: f'echo "$({a})" $?', inner),
        st.builds(lambda a: f"for i in 1 2; do {a}; done", inner),
        st.builds(lambda a, b: f"if {a}; then {b}; fi", inner, inner),
        st.builds(lambda a: f'x=$({a}); echo $? $x "$x"', inner),
    ),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(script=SCRIPT, ends=st.sampled_from(["", "; echo $?", "; false", " | cat"]))
def test_a_script_prints_and_ends_as_in_busybox(script, ends, tmp_path_factory):
    folder = tmp_path_factory.mktemp("box")
    whole = script + ends
    assert sh(DOCKER, "box", whole) == busybox(whole, folder)


@pytest.mark.parametrize(
    "script",
    [
        "echo 'a",
        "echo )",
        "if true; then echo a",
        "; echo",
        "a | | b",
        "echo a >",
        "echo ${a",
        "echo $(",
        "done",
        "echo a;; echo b",
        "nosuch; ./nosuch",
        "cat < nofile",
        "exit abc",
        "echo $((1/0))",
        "echo $((a b))",
        "echo ${Y:?gone}; echo z",
        "set -u; echo $NOPE",
        "cd /nosuch",
        "[ 1 -eq x ]",
        "[ a",
        "rm nofile; ls nofile; cp nofile x; cat nofile",
        "p=/a/b/c.txt; echo ${p##*/} ${p%/*} ${p%.txt} ${p#/a}",
        'echo "${A:-x y}" ${A:-"q  r"} ${A:+no} ${#A}',
        "for i in 1 2; do for j in a b; do [ $j = a ] && continue 2; echo $j; done; done",
        "set -e; (false; echo no); echo x",
        "env -i A=1 env; env B=2 sh -c 'echo $B'",
        "export B=1 HOME=/ FOO=2; env | grep -v -E 'PATH|PWD|SHLVL|HOSTNAME'",
        "mkdir d; mkdir d; touch d/x; ls d; cat d; rm d; rm -r d; rmdir d",
        "test -d / && test ! -e nof && test -n a -a -z '' && test a != b && echo ok",
        "printf '%5s|%-5s|%05d|%x|%c|%b\\n' a b 42 255 xyz 'a\\tb'",
        "echo -e 'a\\tb'; echo -n x; echo -ne 'y\\n'; echo -x",
        "basename /a/b.c .c; dirname /a/b; expr 1 + 2; expr 0; echo $?",
    ],
)
def test_a_line_says_what_busybox_says(script, tmp_path):
    assert sh(DOCKER, "box", script) == busybox(script, tmp_path)

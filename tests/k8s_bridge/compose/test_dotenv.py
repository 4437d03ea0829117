r"""Files of variables, line by line and beside docker compose."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge.compose.dotenv import LIMIT, parsed, parsed_raw
from minidock.errors import Exhausted, InvalidParameter, NotFound
from tests.k8s_bridge.compose.oracle import HOME, asked, needs_compose, written

CASES = {
    b"FOO": {"": "FOO"},
    b"FOO\n": {},
    b"HOME\n": {"HOME": "/home/nobody"},
    b"A=1 # c": {"A": "1"},
    b"A=#b": {"A": "#b"},
    b"A=a#b": {"A": "a#b"},
    b"export A=1\nexport\tB=2": {"A": "1", "B": "2"},
    b"exportA=1": {"exportA": "1"},
    b"A: b\nB:c": {"A": "b", "B": "c"},
    b'A="a\nb"\nC=1': {"A": "a\nb", "C": "1"},
    b"A='a\\'b'\nB=2": {"A": "a'b", "B": "2"},
    b'A="a\\"b\\\\n\\n\\t\\x"': {"A": 'a"b\\n\n\t\\x'},
    b'A="\\0101\\012\\0777\\0"': {"A": "A\\12\\777\\"},
    b"A=$B\nB=2\nC=$B$A": {"A": "", "B": "2", "C": "2"},
    b"A=\"${B:-x}\"\nC='$B'": {"A": "x", "C": "$B"},
    b"A=1\nA=2\n1A=2": {"A": "2", "1A": "2"},
    b"A-B.C[0]=1": {"A-B.C[0]": "1"},
    b"=x": {"": "x"},
    b"A\xc3\xa9=1": {"A\u00e9": "1"},
    b"A=\nB=\r\nC = 1 ": {"A": "", "B": "", "C": "1"},
    b"\xef\xbb\xbfA=1": {"A": "1"},
    b"A='a''b'\nC=1": None,
    b"export ": None,
    b"export \n": {},
    b"A B=1": None,
    b"A!=1": None,
    b'A="x': None,
    b"A=${B": None,
    b'A="${B?}"': None,
}


@pytest.mark.parametrize("data", CASES)
def test_a_file_has_these_variables(data):
    wanted = CASES[data]
    if wanted is None:
        with pytest.raises((InvalidParameter, NotFound), match=r"^a\.env:1: "):
            parsed(data, "a.env", HOME.get)
    else:
        assert parsed(data, "a.env", HOME.get) == wanted


def test_the_caller_wins_and_then_the_lines_above():
    data = b"A=$HOME\nHOME=x\nB=$HOME $A"
    found = parsed(data, "a.env", {"HOME": "/root"}.get, {"A": "before"})
    assert found == {"A": "/root", "HOME": "x", "B": "/root /root"}


def test_a_refusal_names_the_line_and_hides_the_value():
    with pytest.raises(InvalidParameter) as refused:
        parsed(b"A=1\n\nSECRET='hush\n", "a.env", HOME.get)
    assert str(refused.value) == "a.env:3: unterminated quoted value"
    assert "hush" not in refused.value.explain()


def test_raw_files_have_neither_quotes_nor_variables():
    data = b"A='$B' # c\n#no\n\nHOME\nNONE\n B=\r\n"
    assert parsed_raw(data, "a.env", HOME.get) == {
        "A": "'$B' # c",
        "HOME": "/home/nobody",
        "B": "",
    }
    with pytest.raises(InvalidParameter, match="2: variable contains whitespaces"):
        parsed_raw(b"A=1\nA B=1", "a.env", HOME.get)
    with pytest.raises(InvalidParameter, match="no variable name"):
        parsed_raw(b"=1", "a.env", HOME.get)


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(Exhausted, match=r"^a\.env: "):
        parsed(b"A=1\n" * (LIMIT // 4 + 1), "a.env", HOME.get)
    with pytest.raises(Exhausted):
        parsed_raw(b"#" * (LIMIT + 1), "a.env", HOME.get)


PIECES = "A B = : \" ' $ $A ${B} ${ \\ \\n # x 1 . export A= =\" =' =$A".split()
LINES = st.lists(
    st.sampled_from([*PIECES, " ", " #", "\n", "\nB=", "\r\n"]), max_size=12
).map(lambda pieces: "".join(pieces).encode())


@needs_compose
@settings(max_examples=6, deadline=None)
@given(
    files=st.lists(
        st.one_of(LINES, st.sampled_from(list(CASES))), min_size=15, max_size=25
    )
)
def test_every_env_file_is_read_as_docker_compose_reads_it(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("env")
    services, ours = {}, {}
    for number, data in enumerate(files):
        name = f"s{number}"
        written(folder, {f"{name}.env": data})
        try:
            environment = {**HOME, "PWD": str(folder), "COMPOSE_PROJECT_NAME": "o"}
            ours[name] = parsed(data, "a.env", environment.get)
        except (InvalidParameter, NotFound):
            ours[name] = None
        services[name] = {"image": "x", "env_file": f"{name}.env"}
    for name in [name for name, found in ours.items() if found is None][:3]:
        model = {"name": "o", "services": {name: services[name]}}
        written(folder, {"one.yaml": json.dumps(model)})
        assert asked(folder, "-f", "one.yaml")[0] is None, name
    good = {name: services[name] for name, found in ours.items() if found is not None}
    written(folder, {"all.yaml": json.dumps({"name": "o", "services": good})})
    model, errors = asked(folder, "-f", "all.yaml")
    assert not good or model is not None, errors
    for name in good:
        theirs = model["services"][name].get("environment", {})
        assert ours[name] == theirs, files[int(name[1:])]

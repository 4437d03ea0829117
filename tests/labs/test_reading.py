"""Lab files that are right, and above all those that are wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.labs.lab import Kind, Ran, Traced
from minidock.labs.reading import LabFault, read_lab

TEXT = (Path(__file__).parent / "files" / "web-and-db.toml").read_text(encoding="utf-8")
LINES = TEXT.splitlines(keepends=True)
KEYS = [
    (number, line.partition(" =")[0])
    for number, line in enumerate(LINES, 1)
    if re.match(r"[a-z_]+ =", line)
]


def fault(text: str) -> LabFault:
    with pytest.raises(LabFault) as caught:
        read_lab(text, "x.toml")
    return caught.value


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1
    return TEXT.replace(old, new, 1)


def test_a_lab_file_is_read_whole() -> None:
    lab = read_lab(TEXT, "x.toml")
    assert (lab.name, lab.kind, lab.lesson) == ("web-and-db", Kind.COMMANDS, 0)
    assert len(lab.hints) == 3
    assert len(lab.setup.commands) == 4
    assert lab.expectations[0].question == Traced("web db:5432")
    assert isinstance(lab.expectations[2].question, Ran)
    assert TEXT.splitlines()[lab.expectations[1].line - 1] == "[[expect]]"


@pytest.mark.parametrize(("number", "key"), KEYS)
def test_a_misspelt_key_is_named_with_its_line(number: int, key: str) -> None:
    lines = [*LINES]
    lines[number - 1] = lines[number - 1].replace(key, f"{key}z", 1)
    found = fault("".join(lines))
    assert (found.line, found.key) == (number, f"{key}z")
    assert found.text.startswith(f"x.toml, line {number}, key {key}z: nobody reads it")
    assert found.remedy == f"{key} = ..."


@pytest.mark.parametrize(("number", "key"), KEYS)
def test_a_value_of_the_wrong_kind_is_named_with_its_line(
    number: int, key: str
) -> None:
    lines = [*LINES]
    lines[number - 1] = f"{key} = 1979-05-27\n"
    end = number
    while end < len(LINES) and not re.match(r"[a-z_]+ =|\[\[?[a-z]", LINES[end]):
        end += 1
    found = fault("".join([*lines[:number], "\n" * (end - number), *lines[end:]]))
    assert (found.line, found.key) == (number, key)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ('name = "web-and-db"', 'name = "Web and db"', "name", "is no name"),
        ('kind = "commands"', 'kind = "comands"', "kind", "none of its words"),
        ('title = "One network for two"', 'title = " "', "title", "it is empty"),
        ("docker network connect ____ web", "docker network connect back web", "skeleton", "is the solution"),
        ('trace = "web db:5432"', 'trace = "web \'db:5432"', "trace", "no closing '"),
        ('trace = "web db:5432"', 'trace = "web db:5432"\nis = "delivred"', "is", "none of its words"),
        ('trace = "web db:5432"', 'trace = "web db:5432"\nprints = "x"', "prints", "says nothing about trace"),
        ('trace = "web db:5432"', 'trace = "web db:5432"\nrun = "docker ps"', "run", "2 questions"),
        ('trace = "web db:5432"', 'trace = "web db:5432"\non = "two"', "on", "no host two"),
        ('trace = "web db:5432"', 'python = "1"', "python", "asks nothing of"),
        ('prints = "back"', 'prints = "back"\nfails = true', "fails", "prints and fails"),
        ('prints = "back"', "matches = '('", "matches", "no regular expression"),
        ('prints = "back"', 'fails = "yes"', "fails", "is no true or false"),
        ('"docker network create front",', '"docker ps | cat",', "commands", "for a shell"),
        ('"docker network create front",', "7,", "commands", "no list of texts"),
        ("[setup]", "[setup]\nhosts = ['one', 'one']", "hosts", "no hosts of a cluster"),
        ("[setup]", "[setup]\nhosts = ['one', 'two']", "commands", "on which host?"),
        ("[setup]", "[setup]\nera = '1.0'", "era", "no era"),
        ("[setup]", "[setup]\npython = 'x = 1'", "python", "no answer of kind commands"),
        ('kind = "commands"', 'kind = "python"', "commands", "no answer of kind python"),
    ],
)  # fmt: skip
def test_a_broken_lab_file_says_file_line_and_key(
    old: str, new: str, key: str, says: str
) -> None:
    text = changed(old, new)
    found = fault(text)
    line = text.splitlines()[found.line - 1]
    assert found.key == key
    assert line.startswith((key, "[[expect]]", "[setup]"))
    assert found.text.startswith(f"x.toml, line {found.line}, key {key}: ")
    assert says in found.text
    assert found.rule
    assert found.remedy
    assert found.asked == "read the lab in x.toml"


def test_two_hints_are_no_ladder() -> None:
    found = fault(re.sub(r'    "A container may.*\n', "", TEXT))
    assert found.key == "hints"
    assert "a ladder of 2 hints" in found.text


def test_one_expectation_is_not_enough() -> None:
    found = fault(TEXT[: TEXT.index("[[expect]]", TEXT.index("[[expect]]") + 1)])
    assert found.key == "expect"
    assert TEXT.splitlines()[found.line - 1] == "[[expect]]"


@pytest.mark.parametrize("key", ["name", "title", "question", "skeleton", "solution"])
def test_what_is_missing_is_named(key: str) -> None:
    text = (
        TEXT.replace(f"{key} = ", "lesson = 1\n#", 1)
        if key in {"name", "title"}
        else (re.sub(rf'(?ms)^{key} = """.*?"""$', "", TEXT, count=1))
    )
    assert f"key {key}: it is missing in the file" in fault(text).text


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("a = 1\na = 2\n", 2), ("[setup\n", 1), ('a = """\n\n', 3), ("\x00", 1)],
)  # fmt: skip
def test_what_is_no_toml_says_the_line(text: str, line: int) -> None:
    found = fault(text)
    assert (found.line, found.key) == (line, "")
    assert found.text.startswith(f"x.toml, line {line}: ")


def test_a_huge_or_deep_file_is_refused_at_once() -> None:
    assert "too many" in fault("#" * 1_000_001).text
    assert fault("a = " + "[" * 5000).text


MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, len(TEXT) - 1),
        st.sampled_from(["drop", "swap", "double", "insert", "line"]),
        st.sampled_from(list("[]{}\"'=#\\\n,.x0 é\x00")),
    ),
    min_size=1,
    max_size=4,
)


def mutated(text: str, changes: list[tuple[int, str, str]]) -> str:
    for at, kind, char in changes:
        match kind:
            case "drop":
                text = text[:at] + text[at + 1 :]
            case "swap":
                text = (
                    text[:at]
                    + text[at + 1 : at + 2]
                    + text[at : at + 1]
                    + text[at + 2 :]
                )
            case "double":
                text = text[:at] + text[at : at + 1] + text[at:]
            case "insert":
                text = text[:at] + char + text[at:]
            case "line":
                start = text.rfind("\n", 0, at) + 1
                text = text[:start] + text[text.find("\n", at) + 1 :]
    return text


def read_or_fault(text: str) -> LabFault | None:
    try:
        read_lab(text, "x.toml")
    except LabFault as found:
        return found
    return None


@settings(max_examples=400)
@given(MUTATIONS)
def test_a_lab_file_with_typing_errors_is_read_or_says_where(changes):
    text = mutated(TEXT, changes)
    found = read_or_fault(text)
    if found is None:
        return
    assert 1 <= found.line <= text.count("\n") + 1
    assert found.text.startswith(f"x.toml, line {found.line}")
    assert found.rule
    assert found.remedy

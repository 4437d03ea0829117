"""Which context is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.kubeconfig import chosen_context
from minidock.errors import InvalidParameter, NotFound, Refusal

_NAMES = st.sampled_from(["a", "b", "c"])
_CONTEXTS = st.lists(
    st.builds(
        lambda n, s: {"name": n, "context": {"namespace": s}},
        _NAMES,
        st.sampled_from(["", "x", "y"]),
    ),
    max_size=3,
)
_FILES = st.lists(
    st.none()
    | st.fixed_dictionaries(
        {}, optional={"contexts": _CONTEXTS, "current-context": _NAMES | st.just("")}
    ),
    max_size=4,
)


def _file(current="", **contexts):
    named = [{"name": n, "context": {"namespace": s}} for n, s in contexts.items()]
    return {"current-context": current, "contexts": named}


def test_the_first_file_to_say_something_is_right():
    files = [
        ("one", _file(a="first")),
        ("two", _file("a", a="second")),
        ("three", _file("b", b="x")),
    ]
    assert chosen_context(files) == (("one", "two", "three"), "a", "first")
    assert chosen_context(files, "b") == (("one", "two", "three"), "b", "x")


def test_empty_files_count_for_nothing():
    assert chosen_context([("empty", None), ("one", _file("a", a=""))]) == (
        ("one",),
        "a",
        "",
    )


def test_without_a_context_it_says_which_there_are():
    with pytest.raises(InvalidParameter, match="no context is chosen") as caught:
        chosen_context([("one", _file(a="", b=""))])
    assert caught.value.remedy == "--context NAME; there are: a, b"
    with pytest.raises(NotFound, match="there is no context gone"):
        chosen_context([("one", _file("gone", a=""))])


@given(_FILES, _NAMES | st.just(""))
def test_the_context_of_a_kubeconfig_is_the_first_of_its_name(files, wanted):
    documents = [(str(number), file) for number, file in enumerate(files)]
    said = [file for file in files if file]
    current = [f.get("current-context") for f in said if f.get("current-context")]
    name = wanted or (current[0] if current else "")
    spaces = [
        c["context"]["namespace"]
        for f in said
        for c in f.get("contexts", [])
        if c["name"] == name
    ]
    try:
        chosen = chosen_context(documents, wanted)
    except Refusal:
        assert not spaces
    else:
        assert chosen.context == name
        assert chosen.namespace == spaces[0]
        assert len(chosen.files) == len(said)

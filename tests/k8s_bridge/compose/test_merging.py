"""Several files: what each attribute does with two values, and what is dropped."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge.compose.document import Tree, documents
from k8s_bridge.compose.merging import dropped, merged
from k8s_bridge.compose.unicity import unique
from minidock.errors import Exhausted, InvalidParameter
from tests.k8s_bridge.compose.oracle import answered, asked, needs_compose, written


def service(attribute, base, override):
    """What a service's attribute becomes."""
    trees = [
        Tree({"services": {"web": {attribute: value}}}) for value in (base, override)
    ]
    return merged(*trees).value["services"]["web"][attribute]


@pytest.mark.parametrize(
    ("attribute", "base", "override", "result"),
    [
        ("image", "a", "b", "b"),
        ("image", "a", None, "a"),
        ("command", ["a"], ["b"], ["b"]),
        ("command", ["a"], None, None),
        ("environment", {"B": 1, "A": None}, ["B=2", "C"], ["A", "B=2", "C"]),
        ("environment", {"A": "1"}, None, ["A=1"]),
        ("labels", ["a=1", "a=2"], {"b": True}, ["a=2", "b=true"]),
        ("dns", "1.1.1.1", ["1.1.1.1", "9.9.9.9"], ["1.1.1.1", "9.9.9.9"]),
        ("networks", ["a"], {"b": {"priority": 1}}, {"a": None, "b": {"priority": 1}}),
        (
            "depends_on",
            {"db": {"condition": "service_healthy"}},
            ["db"],
            {"db": {"condition": "service_started", "required": True}},
        ),
        (
            "build",
            ".",
            {"target": "t"},
            {"context": ".", "target": "t"},
        ),
        (
            "logging",
            {"driver": "x", "options": {"a": "1"}},
            {"driver": "y"},
            {"driver": "y"},
        ),
        (
            "logging",
            {"driver": "x", "options": {"a": "1"}},
            {"options": {"b": "2"}},
            {"driver": "x", "options": {"a": "1", "b": "2"}},
        ),
        ("ulimits", {"n": 1}, {"n": {"soft": 1}}, {"n": {"soft": 1}}),
        ("ports", ["80"], ["80", "81"], ["80", "81"]),
        ("x-mine", {"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ("devices", [True], [1], [True, 1]),
    ],
)
def test_an_attribute_merges_in_its_own_way(attribute, base, override, result):
    assert service(attribute, base, override) == result


@pytest.mark.parametrize(
    ("attribute", "base", "override"),
    [
        ("deploy", {"replicas": 1}, "no"),
        ("ports", ["80"], {"80": "80"}),
        ("logging", {"driver": "x"}, None),
        ("labels", ["a=1"], [5]),
        ("networks", ["a"], [5]),
    ],
)
def test_a_mapping_does_not_merge_with_something_else(attribute, base, override):
    with pytest.raises(InvalidParameter):
        service(attribute, base, override)


def test_address_pools_are_merged_by_their_subnet():
    def pools(*subnets):
        config = [{"subnet": name, "gateway": gate} for name, gate in subnets]
        return Tree({"networks": {"n": {"ipam": {"config": config}}}})

    both = merged(pools(("a", "1"), ("b", "2")), pools(("a", "3"))).value
    assert both["networks"]["n"]["ipam"]["config"] == [
        {"subnet": "a", "gateway": "3"},
    ]


def test_too_many_address_pools_are_refused():
    config = [{"subnet": f"10.{number}.0.0/16"} for number in range(101)]
    pools = Tree({"networks": {"n": {"ipam": {"config": config}}}})
    with pytest.raises(Exhausted, match=r"networks\.n\.ipam\.config"):
        merged(pools, pools)


def test_what_was_written_as_a_list_is_not_reset_by_name():
    text = b"services: {a: {labels: [A=1, B=2], environment: {A: 1, B: 2}}}"
    (document,) = documents(text, "c")
    paths = [("services", "a", part, "A") for part in ("labels", "environment")]
    service = dropped(document.tree, paths).value["services"]["a"]
    assert service == {"labels": ["A=1", "B=2"], "environment": {"B": 2}}


def test_the_parts_of_a_merge_keep_their_places():
    base = documents(b"services:\n  web:\n    dns: [a]\n    ports: ['1']\n", "a")
    over = documents(b"services:\n  web:\n    dns:\n      - a\n      - b\n", "b")
    tree = merged(base[0].tree, over[0].tree)
    assert tree.places["services", "web", "dns", 0] == "a:3"
    assert tree.places["services", "web", "dns", 1] == "b:5"
    assert tree.places["services", "web", "ports", 0] == "a:4"


def test_neither_side_of_a_merge_changes():
    base = {"services": {"web": {"labels": ["a=1"], "build": "."}}}
    before = json.dumps(base)
    merged(Tree(base), Tree({"services": {"web": {"labels": {"b": 1}, "build": {}}}}))
    dropped(Tree(base), [("services", "web", "labels")])
    unique(Tree(base))
    assert json.dumps(base) == before


def test_what_is_reset_is_dropped_and_a_path_that_is_not_there_does_no_harm():
    tree = Tree({"services": {"web": {"image": "a", "ports": ["1"]}}})
    paths = [("services", "web", "ports"), ("services", "db", "x"), ("a", 0, "b")]
    assert dropped(tree, paths).value == {"services": {"web": {"image": "a"}}}


@pytest.mark.parametrize(
    ("attribute", "entries", "left"),
    [
        ("environment", ["A=1", "B", "A=2"], ["A=2", "B"]),
        ("volumes", ["aa:/x", "/y", "bb:/x:ro"], ["bb:/x:ro", "/y"]),
        ("volumes", ["c:\\a:/x", {"target": "/x"}], [{"target": "/x"}]),
        ("ports", ["80", 80, "81"], [80, "81"]),
        ("ports", [{"target": 80}, {"target": 80, "protocol": "udp"}], None),
        (
            "secrets",
            ["s", {"source": "s"}, {"target": "/x"}],
            [{"source": "s"}, {"target": "/x"}],
        ),
        ("devices", ["/a:/b", "/c:/b", "/b"], ["/b"]),
        ("expose", ["80", 80], [80]),
        ("command", ["a", "a"], None),
    ],
)
def test_of_entries_about_the_same_thing_the_last_one_counts(attribute, entries, left):
    tree = Tree({"services": {"web": {attribute: entries}}})
    found = unique(tree).value["services"]["web"][attribute]
    assert found == (entries if left is None else left)


def test_an_entry_about_nothing_is_refused_with_its_line():
    text = b"services:\n  web:\n    volumes:\n      - /a\n      - {source: b}\n"
    with pytest.raises(InvalidParameter, match=r"^c:5: .*missing a mount target"):
        unique(documents(text, "c")[0].tree)


# Whole projects beside docker compose.

NAMES = st.sampled_from("abc")
WORDS = st.sampled_from("xyz")
SCALARS = st.one_of(WORDS, st.just(""), st.just(1), st.just(True), st.just(1.5))


def pairs(*, nulls):
    values = st.one_of(SCALARS, st.none()) if nulls else SCALARS
    texts = st.builds("{}={}".format, NAMES, WORDS)
    listed = st.lists(
        st.one_of(texts, NAMES) if nulls else texts, max_size=3, unique=True
    )
    return st.one_of(st.dictionaries(NAMES, values, max_size=3), listed)


def some(*values):
    return st.lists(st.sampled_from(values), max_size=3, unique_by=json.dumps)


def one_or_some(*values):
    return st.one_of(st.sampled_from(values), some(*values))


def one(*values):
    return st.sampled_from(values)


ATTRIBUTES = {
    "environment": pairs(nulls=True),
    "labels": pairs(nulls=False),
    "annotations": pairs(nulls=False),
    "sysctls": pairs(nulls=False),
    "command": one("a b", ["c"], None, []),
    "entrypoint": one("a b", ["c"], None, [], ""),
    "dns": one_or_some("1.1.1.1", "2.2.2.2"),
    "dns_search": one_or_some("a.b", "c.d"),
    "tmpfs": one_or_some("/a", "/b:size=1"),
    "extra_hosts": one(["h=1.1.1.1"], {"g": "2.2.2.2"}, ["k:3.3.3.3"]),
    "ports": some("80", "8080:80", "127.0.0.1:8080:80/udp", 80, "9000-9001:90-91"),
    "volumes": some(
        "/d", "v:/d", "./h:/d:ro", "v:/e", {"type": "tmpfs", "target": "/t"}
    ),
    "expose": one(["80"], [80, 90], ["90/udp"]),
    "secrets": some("s", {"source": "s", "target": "/x"}, {"source": "s"}),
    "configs": some("k", {"source": "k", "target": "/x"}),
    "networks": one(
        ["n", "m"], ["n"], {"n": {"aliases": ["q"]}}, {"m": {"priority": 3}}
    ),
    "depends_on": one(
        ["z"], {"z": {"condition": "service_healthy", "required": False}}
    ),
    "build": one(
        ".", "./d", {"target": "t"}, {"args": ["a=1", "b"]}, {"args": {"a": 2}}
    ),
    "logging": one(
        {"driver": "x", "options": {"a": "1"}}, {"driver": "y"}, {"options": {"b": "2"}}
    ),
    "healthcheck": one(
        {"test": ["CMD", "a"]}, {"test": "b", "interval": "1s"}, {"retries": 3}
    ),
    "ulimits": one({"nofile": 5}, {"nofile": {"soft": 1, "hard": 2}}, {"nproc": 3}),
    "cap_add": some("A", "B"),
    "devices": some("/dev/a:/dev/b", "/dev/c:/dev/b:r", "/dev/d"),
    "deploy": one({"replicas": 2}, {"labels": {"a": "b"}}, {"labels": ["a=c", "d=e"]}),
    "x-mine": one({"a": [1]}, {"a": [2], "b": 1}),
    "env_file": one_or_some("one.env", "two.env"),
    "tty": one(True, False, "true"),
}
SERVICES = st.lists(one(*ATTRIBUTES), min_size=1, max_size=7, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: ATTRIBUTES[name] for name in names})
)
TAGS = one("", "", "", "", "!override ", "!reset ")
SHARED = {
    "networks": {"n": None, "m": None},
    "volumes": {"v": None},
    "secrets": {"s": {"file": "./s"}},
    "configs": {"k": {"content": "k"}},
}


@st.composite
def stacks(draw):
    """Two or three files, each with the same three services."""
    files = {}
    for number in range(draw(st.integers(2, 3))):
        lines = ["services:"]
        for name in "abc":
            attributes = draw(SERVICES)
            lines.append(f"  {name}:")
            lines += ["    image: i"] if number == 0 else []
            for key, value in attributes.items():
                tag = draw(TAGS) if number else ""
                lines.append(f"    {key}: {tag}{json.dumps(value)}")
        if number == 0:
            lines.append("  z: {image: z}")
            lines += [f"{key}: {json.dumps(value)}" for key, value in SHARED.items()]
        files[f"f{number}.yaml"] = "\n".join(lines) + "\n"
    return files


@needs_compose
@settings(max_examples=20, deadline=None)
@given(files=stacks())
def test_files_are_merged_as_docker_compose_merges_them(files, tmp_path_factory):
    folder = written(tmp_path_factory.mktemp("stack"), files)
    written(folder, {"one.env": "E=1\nb=one\n", "two.env": "E=2\n"})
    options = [word for name in files for word in ("-f", name)]
    theirs, errors = asked(folder, *options)
    ours, said = answered(folder, *files)
    assert (ours is None) == (theirs is None), (files, errors, said)
    assert ours == theirs, files

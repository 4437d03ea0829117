"""Which store a URL names, and what is wrong with those that name none."""

import importlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import InvalidParameter
from minidock.registry.address import StoreAddress
from minidock.registry.memory import MemoryStore
from minidock.registry.sqlite import SqliteStore
from minidock.registry.urls import SCHEMES, open_store

NAMES = st.text("abc012.-", min_size=1, max_size=8).filter(lambda n: n.strip(".-"))
HOSTS = st.lists(
    st.tuples(NAMES | st.just("fd00::1"), st.integers(0, 65535)), min_size=1, max_size=3
).map(tuple)
PATHS = st.text("abc/ %é:@?#", max_size=8).map(
    lambda p: "/".join(part for part in p.split("/") if part)
)


@given(
    scheme=st.sampled_from(sorted(SCHEMES)),
    hosts=HOSTS,
    path=PATHS,
    user=st.text("ab@:/ ", max_size=4),
)
def test_the_address_of_a_registry_is_read_back_from_its_text(
    scheme, hosts, path, user
):
    address = StoreAddress(scheme=scheme, hosts=hosts, path=path, user=user)
    assert StoreAddress.parse(str(address)) == address


def test_a_url_says_everything():
    address = StoreAddress.parse(
        "etcd://a%40b:p%3Aw@h1:2379,[fd00::1]:2380,h3/a/b/?timeout=0.5&tls=true&token=x"
    )
    assert address.hosts == (("h1", 2379), ("fd00::1", 2380), ("h3", 0))
    assert (address.user, address.password) == ("a@b", "p:w")
    assert (address.path, address.timeout, address.tls) == ("a/b", 0.5, True)
    assert address.options["token"] == "x"


def test_a_password_is_shown_nowhere():
    address = StoreAddress.parse("etcd://ann:secret@h1?token=secret")
    assert "secret" not in f"{address} {address!r}"
    with pytest.raises(InvalidParameter) as refused:
        open_store("redis://ann:secret@h1")
    assert "secret" not in refused.value.explain()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("", "an empty text is no URL of a store"),
        ("h1:2379", "h1:2379 is no URL of a store"),
        ("redis://h1", "no store is called redis"),
        ("etcd://", "nothing is no host"),
        ("etcd://h1,,h2", "nothing is no host"),
        ("etcd://:2379", ":2379 is no host"),
        ("etcd://fd00::1:2379", "fd00::1:2379 is no host"),
        ("etcd://h1:0", "0 is no port"),
        ("etcd://h1:65536", "65536 is no port"),
        ("etcd://h1:²", "² is no port"),
        ("etcd://h1:", "an empty text is no port"),
        ("etcd://h1:http", "http is no port"),
        ("etcd://h1?timeout=0", "0 is no time-out"),
        ("etcd://h1?timeout=nan", "nan is no time-out"),
        ("etcd://h1?timeout=soon", "soon is no time-out"),
        ("etcd://h1?tls=maybe", "tls cannot be maybe"),
        ("etcd://h1?cert=/c", "a certificate and its key come together"),
        ("etcd://h1?ca=/c&tls=false", "contradict each other"),
        ("etcd://h1?color=red", "etcd:// has no option color"),
        ("etcd://h1?ca=/nowhere", "there is no file /nowhere"),
        ("sqlite://file", "wants the full path"),
        ("sqlite:///", "wants the full path"),
        ("memory://a?tls=true", "memory:// has no option tls"),
    ],
)
def test_a_url_that_names_no_store_is_refused_in_three_parts(url, text):
    with pytest.raises(InvalidParameter, match=text.replace("?", r"\?")) as refused:
        open_store(url)
    assert refused.value.explain().count("\n") == 2


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_a_store_whose_client_is_missing_names_the_extra(scheme, monkeypatch):
    monkeypatch.setattr("minidock.registry.urls.find_spec", lambda _: None)
    with pytest.raises(InvalidParameter, match="needs the Python package") as refused:
        open_store(f"{scheme}://h1")
    assert refused.value.remedy == f"pip install 'minidock[{SCHEMES[scheme].extra}]'"


def test_a_file_and_a_name_are_stores(tmp_path):
    with_file = open_store(f"sqlite://{tmp_path}/a%20store?timeout=0.5")
    assert isinstance(with_file, SqliteStore)
    assert (tmp_path / "a store").exists()
    with_file.close()
    one, same, other = (open_store(f"memory://{n}") for n in ("x", "x", "y"))
    assert isinstance(one, MemoryStore)
    assert one is same is not other


def test_no_client_is_loaded_before_its_store_is_opened():
    code = (
        "import sys, minidock.registry.urls, minidock.registry.etcd\n"
        "print({'etcd3gw', 'consul', 'kazoo', 'requests', 'sqlite3'} & set(sys.modules))"
    )
    words = [sys.executable, "-c", code]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


@pytest.mark.parametrize("kind", SCHEMES.values(), ids=list(SCHEMES))
def test_each_scheme_has_its_module(kind):
    assert callable(importlib.import_module(kind.module).open_url)

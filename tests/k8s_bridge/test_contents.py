"""Bytes as data of ConfigMaps and Secrets: every byte, valid keys, no two alike."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.application import HostFile
from k8s_bridge.mapping.contents import (
    LARGEST,
    Item,
    data_of,
    fits,
    is_key,
    is_secret,
    items_of,
)

_paths = st.lists(
    st.sampled_from(["a", "a/b", "a_b", "a b", "..x", ".", "x" * 260, "ä", "ö"])
    | st.text(min_size=1),
    unique=True,
)


@pytest.mark.parametrize("key", ["", ".", "..", "..data", "a/b", "a b", "x" * 254])
def test_what_the_api_server_refuses_is_no_key(key):
    assert not is_key(key)


@pytest.mark.parametrize(
    "name",
    """server.key tls.pem keystore.jks id_rsa id_ed25519 .htpasswd db_password.txt
    MYSQL_ROOT_PASSWORD .pgpass client_secret.json token .env credentials""".split(),
)
def test_a_name_tells_a_secret(name):
    assert is_secret(f"conf/{name}", b"")


@pytest.mark.parametrize(
    "name", "nginx.conf index.html keys.md default.conf id_rsa.pub init.sql".split()
)
def test_other_names_are_no_secret(name):
    assert not is_secret(name, b"")


def test_a_private_key_is_a_secret_under_any_name():
    assert is_secret("x", b"-----BEGIN RSA PRIVATE KEY-----\nMIIE")
    assert not is_secret("x", b"-----BEGIN CERTIFICATE-----\nMIIE")


@given(_paths)
def test_each_file_of_a_config_has_a_key_of_its_own(paths):
    items = items_of(HostFile(path, b"") for path in paths)
    assert [item.path for item in items] == paths
    assert len({item.key for item in items}) == len(paths)
    assert all(is_key(item.key) for item in items)
    assert all(item.plain for item in items if is_key(item.path))


@given(st.dictionaries(st.sampled_from("abcd"), st.binary()), st.booleans())
def test_every_byte_of_a_config_comes_out_as_it_went_in(files, secret):
    items = items_of(HostFile(name, data) for name, data in files.items())
    found = data_of(items, secret=secret)
    text = {} if secret else found.get("data", {})
    encoded = found.get("data" if secret else "binaryData", {})
    out = {key: value.encode() for key, value in text.items()}
    assert {**out, **{k: b64decode(v) for k, v in encoded.items()}} == files
    assert not text.keys() & (encoded.keys() if not secret else set())


def test_text_stays_readable_and_the_rest_is_encoded():
    lines = items_of([HostFile("a", b"one\n\ttwo\r\n"), HostFile("b", b"\x00")])
    assert data_of(lines) == {
        "data": {"a": "one\n\ttwo\r\n"},
        "binaryData": {"b": "AA=="},
    }


def test_the_size_of_all_keys_and_values_is_limited():
    assert fits([Item("k", "k", b"x" * (LARGEST - 1), 0)])
    assert not fits([Item("k", "k", b"x" * LARGEST, 0)])


@pytest.mark.parametrize(
    ("mode", "kept"),
    [(0o644, 0o644), (0o664, 0o644), (0o600, 0o600), (0o400, 0o400), (0o775, 0o755)],
)
def test_of_a_mode_only_what_a_program_can_tell_is_kept(mode, kept):
    assert items_of([HostFile("a", b"", mode)])[0].mode == kept

"""Names: always valid, never the same for two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.names import (
    assign,
    dns_label,
    is_dns_label,
    is_dns_subdomain,
    is_label_name,
    is_label_value,
    is_qualified_name,
)
from tests.k8s_bridge.strategies_k8s_bridge import docker_names


@pytest.mark.parametrize(
    "text", ["Web", "my_app", "a.b", "-a", "a-", "", "a" * 64, "ä"]
)
def test_what_the_api_server_refuses_is_no_dns_label(text):
    assert not is_dns_label(text)


@pytest.mark.parametrize("text", ["a/b/c", "/a", "A.b/c", "a b", "a/", "a" * 64])
def test_what_the_api_server_refuses_is_no_qualified_name(text):
    assert not is_qualified_name(text)


@pytest.mark.parametrize("text", ["a" * 64, "two words", "a:b", "-a", "a\n"])
def test_what_the_api_server_refuses_is_no_label_value(text):
    assert not is_label_value(text)


def test_a_subdomain_may_be_longer_than_a_label():
    assert is_dns_subdomain(".".join(["a" * 60] * 4))
    assert not is_dns_subdomain(".".join(["a" * 60] * 5))


def test_a_name_that_two_want_goes_to_the_one_that_has_it_already():
    odd = dns_label("My_App")
    names = assign(["My_App", odd])
    assert names[odd] == odd
    assert names["My_App"] not in (odd, "")


@given(st.text())
def test_any_text_becomes_a_valid_name(text):
    assert is_dns_label(dns_label(text))


@given(docker_names)
def test_a_name_that_is_valid_stays_as_it_is(name):
    assert (dns_label(name) == name) == is_dns_label(name)


@given(st.lists(st.text() | docker_names, unique=True), st.lists(docker_names))
def test_two_names_never_become_one(texts, taken):
    names = assign(texts, taken=taken)
    assert list(names) == texts
    assert len(set(names.values())) == len(texts)
    assert not set(names.values()) & set(taken)
    assert all(map(is_dns_label, names.values()))


@given(st.lists(docker_names, unique=True))
def test_the_key_of_a_label_keeps_what_only_labels_allow(texts):
    names = assign(texts, valid=is_label_name)
    assert all(map(is_label_name, names.values()))
    assert all(names[text] == text for text in texts if is_label_name(text))

"""What may be chosen, what is refused, and what the command line makes of it."""

import argparse

import pytest

from k8s_bridge import Options
from k8s_bridge.cli.terminal import add_translation_arguments, options_of
from minidock.errors import InvalidParameter


@pytest.mark.parametrize(
    "chosen",
    [
        {"publish": "door"},
        {"binds": "magic"},
        {"policies": "sometimes"},
        {"namespace": "My Shop"},
        {"ingress_namespace": "a.b"},
        {"storage_class": "Fast"},
        {"ingress_class": "a b"},
        {"host": "shop_1.example"},
        {"host": "a..b"},
        {"volume_size": "512MB"},
        {"volume_size": "0Gi"},
        {"volume_size": "large"},
    ],
)
def test_what_no_cluster_takes_is_refused_with_what_would_work(chosen):
    with pytest.raises(InvalidParameter) as refused:
        Options(**chosen)
    assert refused.value.rule
    assert refused.value.remedy


@pytest.mark.parametrize("host", ["shop.example", "*.shop.example", "localhost"])
def test_a_host_is_a_name_or_all_names_below_one(host):
    assert Options(host=host).host == host


def test_the_command_line_says_what_the_options_say():
    parser = argparse.ArgumentParser()
    add_translation_arguments(parser)
    assert options_of(parser.parse_args([])) == Options()
    words = (
        "--namespace prod --publish ingress --policies never --pod-range 10.0.0.0/8 "
        "--binds claim --storage-class fast --volume-size 2Gi --env-secrets --origins "
        "--host a.example --ingress-class nginx --ingress-namespace gate"
    )
    assert options_of(parser.parse_args(words.split())) == Options(
        namespace="prod",
        publish="ingress",
        policies="never",
        outside_except=("10.0.0.0/8",),
        binds="claim",
        storage_class="fast",
        volume_size="2Gi",
        env_secrets=True,
        origins=True,
        host="a.example",
        ingress_class="nginx",
        ingress_namespace="gate",
    )

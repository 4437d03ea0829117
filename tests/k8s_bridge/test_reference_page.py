"""The page about the command has every command and every option."""

import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest

from k8s_bridge.cli.main import _COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "k8s-bridge.md").read_text()


@pytest.mark.parametrize("command", _COMMANDS)
def test_a_command_and_its_options_are_on_the_page(command):
    parser = argparse.ArgumentParser(add_help=False)
    module = import_module(f"k8s_bridge.cli.{command.replace('-', '_')}")
    module.add_arguments(parser)
    options = [o for action in parser._actions for o in action.option_strings]
    said = re.findall(r"`([^`]+)`", re.sub(r"(?s)```.*?```", "", PAGE))
    words = {word for text in said for word in text.split()}
    assert command in words
    assert not [option for option in options if option not in words]

"""The page about clusters, run against the double."""

import re
import shlex
from pathlib import Path

import pytest

from k8s_bridge.cli.main import main

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "apply-to-a-cluster.md"
_FENCES = re.compile(r"^```(sh|text|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_what_the_page_shows_is_what_happens(config, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shown = said = ""
    compared = 0
    for language, text in _FENCES.findall(PAGE.read_text(encoding="utf-8")):
        if language == "yaml":
            Path("compose.yaml").write_text(text, encoding="utf-8")
        elif language == "sh":
            for line in text.splitlines():
                words = shlex.split(line, comments=True)
                if words[0] == "k8s-bridge":
                    assert main(words[1:]) in (0, 1)
                    said = capsys.readouterr().out
        elif not text.startswith(("k8s-bridge:", "rule:")):
            shown = text
            assert said == shown
            compared += 1
    assert compared == 3


@pytest.mark.parametrize("command", ["apply", "diff", "status", "delete"])
def test_the_words_of_the_page_are_those_of_the_commands(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    text = PAGE.read_text(encoding="utf-8")
    for line in re.findall(rf"k8s-bridge {command} ([^\n`|]*)", text):
        assert set(re.findall(r"--[a-z-]+", line)) <= known

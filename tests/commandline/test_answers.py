"""Every line of answers.jsonl was typed into the real programs 28.2 and 20.10.

A stub on a socket wrote down what they sent; what they printed is beside it. A row holds
the words and, for each program, either the difference of the create body to that of
`docker create nginx`, or the whole body of a network request, or the refusal. Left out
are lines whose answer depends on a clock, a terminal or a plugin.
"""

import json
from pathlib import Path

import pytest

from minidock.commandline.grammar import Cli, CommandRefusal, parse
from minidock.commandline.networks import (
    network_connect_request,
    network_create_request,
    network_disconnect_request,
)
from minidock.commandline.requests import container_request

LINES = (
    Path(__file__).with_name("answers.jsonl").read_text(encoding="utf-8").splitlines()
)
BASE = json.loads(LINES[0])["base"]
ROWS = [json.loads(line) for line in LINES[1:]]
FOLDER = "/home/me/app"
ENVIRONMENT = {"HOME": "/home/me", "PATH": "/usr/bin:/bin"}
FILES = {
    "envf": '# c\nA=1\nB\nHOME\n  C=3 \n\nD="x y"\n',
    "ef": "A=1\r\nB \nC\t=2\nD=\n  \nE = x\n",
    "ef2": "A=1\r\nD=\n#x\n\tF=g\n",
    "bad1": "A B=1\n",
    "bad2": "=1\n",
    "labf": "a=b\nc\n# x\n",
    "seccomp.json": '{"a" : 1}\n',
    "badsec.json": '{"a"',
}
PROGRAMS = {
    "28": (Cli.V28, "1.51"),
    "28@1.41": (Cli.V28, "1.41"),
    "20.10": (Cli.V20, "1.41"),
}


def read_file(path):
    try:
        return FILES[path]
    except KeyError:
        raise FileNotFoundError(path) from None


def difference(base, body, path=""):
    found = []
    for key in [*base, *(key for key in body if key not in base)]:
        place = f"{path}.{key}" if path else key
        if key not in body:
            found.append([place, "-"])
        elif key not in base:
            found.append([place, body[key]])
        elif isinstance(base[key], dict) and isinstance(body[key], dict):
            found += difference(base[key], body[key], place)
        elif base[key] != body[key]:
            found.append([place, body[key]])
    return sorted(found, key=lambda pair: pair[0])


def answer(words, cli, api_version):
    try:
        parsed = parse(words, cli)
        if parsed.command in ("run", "create"):
            request = container_request(
                parsed,
                cli=cli,
                api_version=api_version,
                env_files=read_file,
                environment=ENVIRONMENT,
                folder=FOLDER,
            )
            query = {"name": request.name, "platform": request.platform}
            query = {key: value for key, value in query.items() if value}
            warnings = "".join(f"{line}\n" for line in request.warnings)
            base = BASE["20.10" if cli is Cli.V20 else "28"]
            found = {"body": difference(base, request.body)}
            found |= {"query": query} if query else {}
            return found | ({"warns": warnings} if warnings else {})
        if parsed.command == "network create":
            return {"network": network_create_request(parsed, cli, api_version)}
        network, body = {
            "network connect": network_connect_request,
            "network disconnect": network_disconnect_request,
        }[parsed.command](parsed, cli)
    except CommandRefusal as refusal:
        return {"code": refusal.code, "stderr": refusal.stderr}
    return {"on": network, "network": body}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_line_is_answered_as_the_real_program_does(program):
    cli, api_version = PROGRAMS[program]
    wrong = []
    for row in ROWS:
        expected = row.get(program, row.get(program.partition("@")[0]))
        if expected is None or (program not in row and program == "28@1.41"):
            continue
        if "body" in expected:
            expected = {**expected, "body": sorted(expected["body"])}
        found = answer(row["words"], cli, api_version)
        if json.loads(json.dumps(found)) != expected:
            wrong.append((row["words"], expected, found))
    assert wrong == []


def test_the_rows_cover_every_flag_of_create():
    given = {
        word for row in ROWS if row["words"][:1] == ["create"] for word in row["words"]
    }
    flags = {word.partition("=")[0] for word in given}
    parsed = parse(["create", "nginx"], Cli.V28)
    letters = {
        "attach",
        "cpu-shares",
        "env",
        "interactive",
        "label",
        "memory",
        "hostname",
    }
    letters |= {"publish", "publish-all", "quiet", "tty", "user", "volume", "workdir"}
    windows = {"cpu-count", "cpu-percent", "io-maxbandwidth"}
    # the socket is another one there; the notary was asked over the network
    elsewhere = {"use-api-socket", "disable-content-trust"}
    missing = {
        name
        for name in parsed.options
        if f"--{name}" not in flags and name not in letters | windows | elsewhere
    }
    assert missing == set()

"""What the program says about itself: its commands by intent, its help, its version.

```
minidock [OPTIONS] COMMAND ...
                   ├─ one of ours   GROUPS below; commands.py runs them
                   └─ any other     goes to docker's own grammar, word for word
```

Nothing is imported here, so that ``minidock --help`` is there at once.

Invariant: every command of ours stands in exactly one group.
"""

from minidock import __version__

__all__ = ["GROUPS", "help_page", "own_names", "version_line"]

GROUPS: dict[str, dict[str, str]] = {
    "Look beneath": {
        "machine": "namespaces, interfaces, addresses and routes",
        "rules": "what iptables-save shows on the host",
        "draw": "a picture: text, SVG or Mermaid",
        "events": "what happened, in Docker's order",
        "linux": "the commands that build it for real, or build it",
        "host": "a command on the host: host ip addr, host iptables -I ...",
        "outside": "routes of the machines behind the host's card",
    },
    "Follow a packet": {
        "trace": "a packet's journey: each hop, the rule that decided, why",
        "reach": "who reaches whom, as a table",
    },
    "Move in time": {
        "back": "undo the last command",
        "diff": "what the last command changed",
        "history": "the commands so far (history IMAGE is Docker's)",
        "advance": "let some seconds pass",
        "reboot": "end dockerd and start it again",
        "reset": "start over with a fresh host",
    },
    "Run many": {
        "play": "run a file of docker command lines",
        "shell": "type commands with completion, why, back and diff",
        "demo": "the whole story in one go",
        "cluster": "several hosts on one registry that fails on purpose: cluster demo",
    },
    "Learn": {
        "lab": "exercises that answer back: lab list, lab start 3, lab check 3",
        "laws": "what the tests try to break, each law a sentence: laws pool",
    },
    "Answer real clients": {
        "serve": "the Engine API on a socket, for docker, docker-py, curl ...",
        "plugin": "plugin serve: minidock's addresses for a real Docker Engine",
        "migrate": "move all that stands on one engine to another: --from URL --to URL",
    },
}
"""Our own commands by what a person wants, each with one line about it."""

_HEAD = """\
Usage:  minidock [OPTIONS] COMMAND [ARG...]

A Docker host's networking as plain data: no daemon, no root, no kernel.

Start with:
  minidock demo
  minidock run -d --name web -p 8080:80 nginx
  minidock rules
"""

_DOCKER = """\
Docker's own words, with Docker's output:
  run create start stop restart kill pause unpause rename rm wait ps port top logs exec
  network create|ls|inspect|connect|disconnect|rm|prune
  images pull tag rmi history search inspect version info
  volume create|ls|inspect|rm
"""

_OPTIONS = """\
Options (before the command):
  --state FILE   where the host is kept (or MINIDOCK_STATE); "" keeps nothing
  --era NAME     whose rules: 17.12, 20.10 or 28 (the default)
  --json         print JSON; also after ps, images, inspect, rules, machine ...
  --why          after a refusal say what was asked, which rule refused, what would work
  --version      print the version
  -h, --help     print this page; minidock COMMAND --help says more about one command
"""


def own_names() -> tuple[str, ...]:
    """The names of our own commands.

    >>> "rules" in own_names(), "run" in own_names()
    (True, False)
    """
    return tuple(name for group in GROUPS.values() for name in group)


def help_page() -> str:
    """What ``minidock --help`` prints.

    >>> help_page().splitlines()[0]
    'Usage:  minidock [OPTIONS] COMMAND [ARG...]'
    """
    groups = [_group(title, names) for title, names in GROUPS.items()]
    return "\n".join([_HEAD, _DOCKER, *groups, _OPTIONS])


def _group(title: str, names: dict[str, str]) -> str:
    return f"{title}:\n" + "".join(f"  {n:<10} {text}\n" for n, text in names.items())


def version_line() -> str:
    r"""What ``minidock --version`` prints.

    >>> version_line()
    'minidock 0.1.0\n'
    """
    return f"minidock {__version__}\n"

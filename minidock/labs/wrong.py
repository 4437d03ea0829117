"""Wrong answers to a lab, made from its solution: what an expectation should notice.

```
nothing at all, the skeleton
the solution without a line, without a word, with another word or digit
the solution and a line that opens, closes or removes something
a module with a statement dropped, a number or an operator changed
```

Who changes a program a little to see whether its tests notice calls that mutation
testing; here the lab's expectations are the tests.

Invariant: none of these is the solution, though some may be right by chance.
"""

import ast
import copy
import re
from collections.abc import Iterator

from minidock.labs.answers import lines_of
from minidock.labs.lab import Kind, Lab

__all__ = ["wrong_answers"]

_NAMED = re.compile(r"--name[= ](\S+)")
_NETWORK = re.compile(r"network create (?:.* )?(\S+)$")


def wrong_answers(lab: Lab) -> Iterator[str]:
    """Answers that are not the solution, the plainest first."""
    yield lab.skeleton
    yield ""
    yield from _modules(lab.solution) if lab.kind is Kind.PYTHON else _lines(lab)


def _lines(lab: Lab) -> Iterator[str]:
    lines = [
        f"{'! ' if line.refused else ''}{line.text}" for line in lines_of(lab.solution)
    ]
    for at in range(len(lines)):
        yield "\n".join([*lines[:at], *lines[at + 1 :]])
    for extra in _meddling(lab):
        yield "\n".join([*lines, extra])
        yield "\n".join([extra, *lines])
    for at, line in enumerate(lines):
        for changed in _changed_line(line):
            yield "\n".join([*lines[:at], changed, *lines[at + 1 :]])


def _changed_line(line: str) -> Iterator[str]:
    words = line.split(" ")
    for place, word in enumerate(words):
        digit = re.sub(
            r"\d", lambda found: str((int(found[0]) + 1) % 10), word, count=1
        )
        for instead in ([], [f"{word}x"], [digit]):
            yield " ".join([*words[:place], *instead, *words[place + 1 :]])


def _meddling(lab: Lab) -> Iterator[str]:
    """Lines that undo, open or close something."""
    solved = [line.text for line in lines_of(lab.solution)]
    lines = [*lab.setup.commands, *solved]
    containers = sorted(set(_NAMED.findall("\n".join(lines))))
    made = [_NETWORK.search(line) for line in lines]
    networks = sorted({found[1] for found in made if found})
    for prompt in [f"{host}$ " for host in lab.setup.hosts] or [""]:
        for name in containers:
            for network in [*networks, "bridge"]:
                yield f"{prompt}docker network connect {network} {name}"
                yield f"{prompt}docker network disconnect {network} {name}"
            yield f"{prompt}docker rm -f {name}"
        yield f"{prompt}docker run -d --name another -P nginx"
        yield f"{prompt}minidock host iptables -I DOCKER-USER -j DROP"
        for network in networks:
            yield f"{prompt}docker run -d --name another --network {network} nginx"


def _modules(source: str) -> Iterator[str]:
    """One change each: a statement dropped, a number, an operator, a result."""
    tree = ast.parse(source)
    for number in range(sum(1 for _ in ast.walk(tree))):
        for change in (_dropped, _changed):
            copied = copy.deepcopy(tree)
            node = list(ast.walk(copied))[number]
            if change(copied, node):
                yield ast.unparse(ast.fix_missing_locations(copied))


def _dropped(tree: ast.AST, node: ast.AST) -> bool:
    for parent in ast.walk(tree):
        for field in ("body", "orelse"):
            statements = getattr(parent, field, None)
            if isinstance(statements, list) and node in statements:
                statements[statements.index(node)] = ast.Pass()
                return True
    return False


def _changed(_: ast.AST, node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value = node.value + 1
    elif isinstance(node, ast.Return):
        node.value = ast.Constant(None)
    elif isinstance(node, ast.Compare):
        node.ops = [ast.Is() for _ in node.ops]
    elif isinstance(node, ast.BinOp):
        node.left, node.right = node.right, node.left
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    else:
        return False
    return True

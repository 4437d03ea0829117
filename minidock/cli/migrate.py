"""``minidock migrate``: all that stands on one engine, moved to another one.

```
 --from unix:///var/run/docker.sock ──▶ plan ──▶ steps ──▶ --to tcp://127.0.0.1:2375
                                          └─ --plan: only shows them
```

The source is left as it is. Interrupted and run again, it goes on where it stopped.
"""

import json
from collections.abc import Sequence

from minidock.cli.arguments import Arguments, Parser
from minidock.cli.terminal import Terminal
from minidock.client.dialing import Dialed
from minidock.errors import InvalidParameter, Refusal
from minidock.moving.execute import make_plan, move
from minidock.moving.plan import Choices, Plan

__all__ = ["migrate"]


def _parser() -> Parser:
    parser = Parser("migrate", "move all that stands on one engine to another one")
    parser.add_argument("--from", dest="source", metavar="URL", required=True)
    parser.add_argument("--to", dest="target", metavar="URL", required=True)
    parser.add_argument(
        "--plan", action="store_true", help="only show what would be done"
    )
    parser.add_argument(
        "--other-subnets",
        action="store_true",
        help="networks whose subnets are taken get others",
    )
    parser.add_argument(
        "--other-ports",
        action="store_true",
        help="host ports that are taken become others",
    )
    parser.add_argument(
        "--replace-data",
        action="store_true",
        help="write into volumes that are there and hold other files",
    )
    return parser


def migrate(words: Sequence[str], terminal: Terminal, *, as_data: bool = False) -> int:
    """Run the command; 0 if all has come, 1 if something stands against it.

    Raises:
        Refusal: an engine does not answer, or a step failed.
    """
    parser = _parser()
    chosen = parser.read(words)
    if chosen is None:
        terminal.write(parser.format_help())
        return 0
    if chosen.source == chosen.target:
        raise InvalidParameter(
            "source and target are one engine",
            asked=f"move {chosen.source} to itself",
            rule="two engines are needed",
            remedy="minidock serve -H unix:///tmp/other.sock starts another one",
        )
    source, target = Dialed(chosen.source), Dialed(chosen.target)
    if chosen.plan:
        return _show(make_plan(source, target, _choices(chosen)), terminal, as_data)

    def say(title: str) -> None:
        terminal.write("" if as_data else f"{title}\n")

    done = move(source, target, _choices(chosen), say)
    return _show(done, terminal, as_data, done=True)


def _choices(chosen: Arguments) -> Choices:
    return Choices(
        other_subnets=chosen.other_subnets,
        other_ports=chosen.other_ports,
        replace_data=chosen.replace_data,
    )


def _show(plan: Plan, terminal: Terminal, as_data: bool, *, done: bool = False) -> int:
    if as_data:
        terminal.write(json.dumps(_as_json(plan), indent=2, ensure_ascii=False) + "\n")
        return 1 if plan.refusals else 0
    for refusal in plan.refusals:
        text = f"minidock: {refusal.text}\n" + "".join(
            f"  {line}\n" for line in refusal.explain().splitlines()
        )
        terminal.write("", text, text)
    if plan.refusals:
        return 1
    lines = [] if done else [step.title for step in plan.steps]
    lines += [f"note: {note}" for note in plan.notes]
    lines.append(_summary(plan, done=done))
    terminal.write("".join(f"{line}\n" for line in lines))
    return 0


def _summary(plan: Plan, *, done: bool) -> str:
    count = len(plan.steps)
    if not count:
        return "nothing to do: all is there"
    steps = "1 step" if count == 1 else f"{count} steps"
    return f"{steps} done: all is there" if done else f"{steps} to do"


def _as_json(plan: Plan) -> dict[str, object]:
    return {
        "steps": [step.title for step in plan.steps],
        "notes": list(plan.notes),
        "refusals": [_refusal(refusal) for refusal in plan.refusals],
    }


def _refusal(refusal: Refusal) -> dict[str, str]:
    return {
        "text": refusal.text,
        "asked": refusal.asked,
        "rule": refusal.rule,
        "try": refusal.remedy,
    }

"""What ``ufw status`` and ``ufw show added`` print.

```
To                         Action      From
--                         ------      ----
22/tcp                     ALLOW       Anywhere
22/tcp (v6)                ALLOW       Anywhere (v6)
```

Invariant: rules are listed by way (in, out, routed) and in each IPv4 before IPv6; the
numbers of ``status numbered`` count all of IPv4 first.

Source: texts of ufw 0.36.2.
"""

from collections.abc import Iterator, Sequence

from minidock.commands.ufw_words import spoken
from minidock.model.host import UfwFacts, UfwRule

__all__ = ["ufw_text"]

_WAYS = ("in", "out", "fwd")


def ufw_text(facts: UfwFacts, words: Sequence[str]) -> str | None:
    r"""What a reading command prints; None where the words are no such command.

    >>> ufw_text(UfwFacts(), ["status"])
    'Status: inactive\n'
    >>> ufw_text(UfwFacts(), ["enable"]) is None
    True
    """
    match words:
        case ["status"]:
            return _status(facts)
        case ["status", "numbered"]:
            return _numbered(facts)
        case ["status", "verbose"]:
            return _status(facts, verbose=True)
        case ["show", "added"]:
            lines = dict.fromkeys(f"ufw {spoken(rule)}" for rule in facts.rules)
            head = "Added user rules (see 'ufw status' for running firewall):"
            return "".join(f"{line}\n" for line in (head, *(lines or ["(None)"])))
        case ["version" | "--version"]:
            return "ufw 0.36.2\nCopyright 2008-2023 Canonical Ltd.\n"
        case _:
            return None


def _status(facts: UfwFacts, *, verbose: bool = False) -> str:
    if not facts.enabled:
        return "Status: inactive\n"
    lines = ["Status: active"]
    if verbose:
        policies = (
            f"{facts.incoming} (incoming)",
            f"{facts.outgoing} (outgoing)",
            f"{facts.routed} (routed)",
        )
        lines += [
            f"Logging: {'on (low)' if facts.logging else 'off'}",
            f"Default: {', '.join(policies)}",
            "New profiles: skip",
        ]
    groups = [
        [
            _line(rule, named=verbose)
            for rule in sorted(facts.rules, key=lambda rule: rule.six)
            if rule.direction == way
        ]
        for way in _WAYS
    ]
    if facts.rules:
        lines += ["", *_heading("")]
    for group in filter(None, groups):
        lines += [*group, ""]
    return "".join(f"{line}\n" for line in lines)


def _numbered(facts: UfwFacts) -> str:
    if not facts.enabled:
        return "Status: inactive\n"
    lines = ["Status: active"]
    if facts.rules:
        lines += ["", *_heading("     ")]
        listed = sorted(facts.rules, key=lambda rule: rule.six)
        for number, rule in enumerate(listed, 1):
            out = " (out)" if rule.direction == "out" else ""
            lines.append(f"[{number:2}] {_line(rule, named=True, note=out)}")
        lines.append("")
    return "".join(f"{line}\n" for line in lines)


def _heading(indent: str) -> Iterator[str]:
    for to, action, source in (("To", "Action", "From"), ("--", "------", "----")):
        yield f"{indent}{to:26} {action:11} {source}"


def _line(rule: UfwRule, *, named: bool, note: str = "") -> str:
    way = rule.direction.upper() if named or rule.direction != "in" else ""
    action = f"{rule.action.upper()} {way}".rstrip()
    to = _place(rule, rule.destination, rule.port)
    source = _place(rule, rule.source, rule.source_port)
    if rule.direction == "out":
        source += _on(rule.interface_out)
    else:
        to += _on(rule.interface_out if rule.direction == "fwd" else rule.interface_in)
        source += _on(rule.interface_in if rule.direction == "fwd" else "")
    comment = f" # {rule.comment}" if rule.comment else ""
    return f"{to:26} {action:11} {source:26}{note}{comment}"


def _place(rule: UfwRule, address: str, port: str) -> str:
    with_protocol = f"/{rule.protocol}" if rule.protocol else ""
    text = " ".join(filter(None, (address, port))) or "Anywhere"
    if port or (rule.protocol and not (rule.port or rule.source_port)):
        text += with_protocol
    twin = rule.six and not (rule.source or rule.destination)
    return f"{text} (v6)" if twin else text


def _on(card: str) -> str:
    return f" on {card}" if card else ""

"""What a kubelet executes in a container after its start and before its stop.

```
 post_start: [{command: [warm-up]}]  ─▶ lifecycle.postStart.exec [warm-up]
 pre_stop, with working_dir or env   ─▶ lifecycle.preStop.exec
                                          [/bin/sh, -c, "cd /srv && A=1 save"]
 stop_signal: INT                    ─▶ lifecycle.preStop.exec: sends INT to process 1
                                          and waits until it is gone
```

A container has one handler for each moment, so several hooks become one line of a
shell. A runtime honours the signal that an image names; one that a container names
has a field (``lifecycle.stopSignal``) that is switched off in clusters as they come.

Invariant: words reach a command as they are: what a shell would read is quoted.
"""

import re
import shlex
from collections.abc import Iterator

from k8s_bridge.application import Hook, Service
from k8s_bridge.mapping.part import Fields, Part, fields
from k8s_bridge.report import Note, changed, lost

__all__ = ["hooks"]

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_SIGNAL = r"(?i)(?:SIG)?([A-Z][A-Z0-9+]*|[0-9]+)"
_USUAL = ("TERM", "15")
_DEADLY = ("KILL", "9", "STOP", "19")


def hooks(service: Service, *, first: bool) -> Part:
    """The ``lifecycle`` of a container.

    ``first`` says whether its program is process 1 of its own process namespace.
    """
    lifecycle = service.lifecycle
    signal = _signal(lifecycle.stop_signal)
    sends = _sends(signal, first=first) if not lifecycle.pre_stop else ""
    stop = _command(lifecycle.pre_stop) or (["/bin/sh", "-c", sends] if sends else [])
    found = fields(
        postStart=_handler(_command(lifecycle.post_start)), preStop=_handler(stop)
    )
    notes = (
        *_notes("post_start", lifecycle.post_start),
        *_notes("pre_stop", lifecycle.pre_stop),
        _signal_note(lifecycle.stop_signal, signal, sends, first=first),
    )
    return Part(fields(lifecycle=found), notes)


def _handler(command: list[str]) -> Fields:
    return {"exec": {"command": command}} if command else {}


def _command(wanted: tuple[Hook, ...]) -> list[str]:
    """The words of one hook, or a shell's line for what only a shell can do."""
    good = [hook for hook in wanted if hook.command]
    if not good:
        return []
    if len(good) == 1 and not good[0].working_dir and not _variables(good[0]):
        return list(good[0].command)
    several = len(good) > 1
    lines = [f"({_line(h)})" if several and h.working_dir else _line(h) for h in good]
    return ["/bin/sh", "-c", " && ".join(lines)]


def _line(hook: Hook) -> str:
    line = shlex.join([*_variables(hook), *hook.command])
    if _variables(hook):
        line = f"env {line}"
    return f"cd {shlex.quote(hook.working_dir)} && {line}" if hook.working_dir else line


def _variables(hook: Hook) -> list[str]:
    return [f"{v.name}={v.value}" for v in hook.env if re.fullmatch(_NAME, v.name)]


def _notes(attribute: str, wanted: tuple[Hook, ...]) -> Iterator[Note]:
    where = "lifecycle.postStart" if attribute == "post_start" else "lifecycle.preStop"
    if any(hook.command for hook in wanted):
        how = "a container whose hook fails is started again"
        if attribute == "pre_stop":
            how = "its time counts as time to stop"
        yield changed(attribute, f"{where}: {how}")
    if sum(bool(hook.command) for hook in wanted) > 1:
        yield changed(attribute, "one line of a shell, which the image must have")
    for hook in wanted:
        if hook.user:
            why = "a hook runs as the container's user"
            yield lost(attribute, f"user {hook.user}: {why}")
        if hook.privileged:
            why = "a hook has the privileges of its container"
            yield lost(attribute, f"privileged: {why}")
        if hook.working_dir or _variables(hook):
            how = "working_dir and environment: in a shell, which the image must have"
            yield changed(attribute, how)
        bad = [v.name for v in hook.env if not re.fullmatch(_NAME, v.name)]
        if bad:
            yield lost(attribute, f"no shell knows such a variable: {', '.join(bad)}")
        if not hook.command:
            yield lost(attribute, "it has no command")


def _signal(text: str) -> str:
    """The name or the number of a signal, as a shell's kill takes it; "" for none."""
    match = re.fullmatch(_SIGNAL, text)
    return match.group(1).upper() if match and text.isascii() else ""


def _sends(signal: str, *, first: bool) -> str:
    if not first or not signal or signal in (*_USUAL, *_DEADLY):
        return ""
    return f"kill -{signal} 1; while kill -0 1 2>/dev/null; do sleep 1; done"


def _signal_note(text: str, signal: str, sends: str, *, first: bool) -> Note:
    if signal in _USUAL:
        return changed("stop_signal", "what a kubelet sends unless the image differs")
    if sends:
        how = "in lifecycle.preStop, by a shell that the image must have"
        return changed(
            "stop_signal", f"{signal}, {how}; or set STOPSIGNAL in the image"
        )
    if signal in _DEADLY:
        why = "process 1 cannot be killed from inside; the grace period ends so anyway"
    elif not signal:
        why = f"{text!r} is no signal"
    elif not first:
        why = "the program is not process 1 of its pod: set STOPSIGNAL in the image"
    else:
        why = "the pre_stop hook has its place: set STOPSIGNAL in the image"
    return lost("stop_signal", why)

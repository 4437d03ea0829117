"""What a container executes: image, command, environment, terminal, health.

```
 Docker ENTRYPOINT ─▶ command      "$" before "$" or "(" is doubled, because
 Docker CMD        ─▶ args         Kubernetes would read "$(NAME)" as a reference
 Docker -e A=1     ─▶ env          and "$$" as one dollar
 HEALTHCHECK       ─▶ readinessProbe
```

Invariant: the program sees the same words and variables as under Docker.
"""

from collections.abc import Iterator

from k8s_bridge.application import Healthcheck, Service
from k8s_bridge.mapping.part import Fields, Part, fields, merged
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["escape", "health", "program"]

_SECOND = 1_000_000_000


def escape(text: str) -> str:
    """A text that Kubernetes expands to exactly this one.

    >>> escape("$(HOME) costs $5"), escape("a$$b")
    ('$$(HOME) costs $5', 'a$$$b')
    """
    following = (*text[1:], "")
    return "".join(
        "$$" if letter == "$" and after in ("$", "(") else letter
        for letter, after in zip(text, following, strict=False)
    )


def program(service: Service) -> Part:
    """The fields of a container that say what is executed."""
    wanted = service.program
    return merged(
        [
            _image(service),
            _command(service),
            _environment(service),
            Part(
                fields(workingDir=wanted.working_dir),
                (_working_dir_note(wanted.working_dir),),
            ),
            Part(
                fields(stdin=wanted.stdin, stdinOnce=wanted.stdin_once, tty=wanted.tty),
                (
                    kept("stdin", "stdin"),
                    kept("stdin_once", "stdinOnce"),
                    kept("tty", "tty"),
                ),
            ),
        ]
    )


_PULL = {"always": "Always", "never": "Never", "missing": "IfNotPresent"}


def _image(service: Service) -> Part:
    wanted = service.program
    policy = _PULL.get(wanted.pull, "")
    how = kept("pull", f"imagePullPolicy: {policy}")
    return Part(
        fields(image=wanted.image, imagePullPolicy=policy),
        (*_image_notes(service), how),
    )


def _image_notes(service: Service) -> Iterator[Note]:
    image = service.program.image
    if image.startswith("sha256:"):
        yield lost("image", "an image id names nothing in a registry: tag and push it")
    else:
        yield kept("image", "image; the node pulls it, so it must be in a registry")
    if not service.program.image_known:
        how = "the image's own settings are not known: they cannot be told from these"
        yield changed("image", how)


def _working_dir_note(path: str) -> Note:
    if path.startswith("/"):
        return kept("working_dir", "workingDir")
    return changed("working_dir", "workingDir; a relative path is left to the runtime")


def _command(service: Service) -> Part:
    wanted = service.program
    command = [escape(word) for word in wanted.command or ()]
    args = [escape(word) for word in wanted.args or ()]
    notes = [kept("args", "args" if args else "part of command")]
    if wanted.command is None:
        notes.append(kept("command", "as the image has it"))
    else:
        notes.append(
            kept("command", "command, which also switches off the image's CMD")
        )
    return Part(fields(command=command, args=args), tuple(notes))


def _environment(service: Service) -> Part:
    wanted = service.program
    good = [variable for variable in wanted.env if _is_variable_name(variable.name)]
    bad = [variable for variable in wanted.env if not _is_variable_name(variable.name)]
    env: list[Fields] = [
        {"name": variable.name, "value": escape(variable.value)} for variable in good
    ]
    notes = [
        *(lost("env", f"no variable can be called {v.name!r}") for v in bad),
        *(
            lost("env", f"{n}: an image's variable cannot be unset")
            for n in wanted.unset
        ),
    ]
    if good:
        notes.insert(0, kept("env", "env, in order; $( is written $$("))
    return Part(fields(env=env), tuple(notes))


def _is_variable_name(name: str) -> bool:
    printable = all(" " <= letter <= "~" and letter != "=" for letter in name)
    return bool(name) and printable


def health(service: Service) -> Part:
    """The readiness probe of a container with a health check."""
    check = service.lifecycle.healthcheck
    if check is None or not check.command:
        return Part(
            {}, (kept("healthcheck", "no probe: Kubernetes ignores the image's"),)
        )
    probe: Fields = {
        "exec": {"command": list(check.command)},
        "periodSeconds": _seconds(check.interval, 30),
        "timeoutSeconds": _seconds(check.timeout, 30),
        "failureThreshold": check.retries if check.retries > 0 else 3,
    }
    return Part({"readinessProbe": probe}, tuple(_health_notes(check)))


def _health_notes(check: Healthcheck) -> Iterator[Note]:
    yield changed(
        "healthcheck",
        "readinessProbe; a container that is not ready gets no traffic from outside",
    )
    if any(t % _SECOND for t in (check.interval, check.timeout)):
        yield changed("healthcheck", "times are rounded up to whole seconds")
    if check.start_period:
        yield changed(
            "healthcheck",
            "StartPeriod: not ready until the first success, failures cost nothing",
        )
    if check.start_interval:
        yield lost("healthcheck", "StartInterval: a probe has one period")


def _seconds(nanoseconds: int, default: int) -> int:
    if nanoseconds <= 0:
        return default
    return max(1, -(-nanoseconds // _SECOND))

"""What a container executes: image, command, environment, terminal.

```
 Docker ENTRYPOINT ─▶ command      "$" before "$" or "(" is doubled, because
 Docker CMD        ─▶ args         Kubernetes would read "$(NAME)" as a reference
 Docker -e A=1     ─▶ env          and "$$" as one dollar
 --pull missing    ─▶ imagePullPolicy: IfNotPresent
```

Invariant: the program sees the same words and variables as under Docker.
"""

from collections.abc import Iterator, Mapping

from k8s_bridge.application import Service
from k8s_bridge.mapping.escaping import escape
from k8s_bridge.mapping.part import Fields, Part, fields, merged
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["program"]


def program(service: Service, apart: Mapping[str, Fields] | None = None) -> Part:
    """The fields of a container that say what is executed.

    ``apart`` has, for each variable whose value lies elsewhere, where that is.
    """
    wanted = service.program
    return merged(
        [
            _image(service),
            _command(service),
            _environment(service, apart or {}),
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


_PULL = {
    "always": "Always",
    "never": "Never",
    "missing": "IfNotPresent",
    "if_not_present": "IfNotPresent",
}


def _image(service: Service) -> Part:
    wanted = service.program
    policy = _PULL.get(wanted.pull, "")
    return Part(
        fields(image=wanted.image, imagePullPolicy=policy),
        (*_image_notes(service), _pull_note(wanted.pull, policy)),
    )


def _pull_note(wanted: str, policy: str) -> Note:
    if policy:
        return kept("pull", f"imagePullPolicy: {policy}")
    if wanted == "build":
        return changed("pull", "a cluster builds nothing: build it and push it first")
    why = "imagePullPolicy knows no times: give the image a tag that changes"
    return lost("pull", f"{wanted}: {why}")


def _image_notes(service: Service) -> Iterator[Note]:
    image = service.program.image
    if image.startswith("sha256:"):
        yield lost("image", "an image id names nothing in a registry: tag and push it")
    else:
        yield kept("image", "image; the node pulls it, so it must be in a registry")
    if service.program.built:
        how = f"a cluster builds nothing: build it and push it as {image}"
        yield changed("image", how)
        yield changed("build", how)
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


def _environment(service: Service, apart: Mapping[str, Fields]) -> Part:
    wanted = service.program
    last = {variable.name: variable for variable in wanted.env}
    good = [variable for variable in last.values() if _is_variable_name(variable.name)]
    bad = [variable for variable in wanted.env if not _is_variable_name(variable.name)]
    env: list[Fields] = [
        {"name": v.name, "valueFrom": apart[v.name]}
        if v.name in apart
        else {"name": v.name, "value": escape(v.value)}
        for v in good
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
    if apart:
        notes.append(kept("env", f"in a Secret: {', '.join(apart)}"))
    return Part(fields(env=env), tuple(notes))


def _is_variable_name(name: str) -> bool:
    printable = all(" " <= letter <= "~" and letter != "=" for letter in name)
    return bool(name) and printable

"""Changes to an image's config, in the words of a Dockerfile: ``CMD``, ``ENV`` ...

```
docker import -c 'CMD ["sh"]'     docker commit -c 'EXPOSE 80' -c 'ENV A=b'
                    │                              │
config ──────────▶ changed(config, ["CMD [...]", "EXPOSE 80", ...]) ──────▶ config
```

Only instructions that change no file can be given so. Docker's source: moby,
``builder/dockerfile/builder.go`` (``BuildFromConfig``).
"""

import json
import posixpath
import re
import shlex
from collections.abc import Callable, Mapping, Sequence

from minidock.errors import InvalidParameter, NotationError
from minidock.model.document import Document, Frozen, freeze

__all__ = ["changed"]

_SHELL = ("/bin/sh", "-c")
_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?", re.ASCII)


def changed(
    config: Document, changes: Sequence[str], *, fold_words: bool = False
) -> Document:
    """The config after these changes, one instruction each or several by line.

    ``fold_words`` has an unknown word in small letters in the refusal, as 20.10 has.

    >>> found = changed(Document(), ['CMD ["sh"]', "ENV A=b C=d", "EXPOSE 80"])
    >>> found.texts("Cmd"), found.texts("Env"), list(found.document("ExposedPorts"))
    (('sh',), ('A=b', 'C=d'), ['80/tcp'])
    >>> changed(Document(), ["RUN rm -rf /"])
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: RUN is not a valid change command
    """
    for line in "\n".join(changes).splitlines():
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        step = _STEPS.get(word.upper())
        if step is None:
            raise InvalidParameter(
                f"{word.lower() if fold_words else word} is not a valid change command",
                asked=f"change an image by {line.strip()!r}",
                rule="a change is an instruction of a Dockerfile that writes no file",
                remedy="one of " + ", ".join(_STEPS),
            )
        if not rest.strip():
            raise _refused(word, f"{word.upper()} requires at least one argument")
        config = step(config, rest.strip())
    return config


def _refused(word: str, text: str) -> InvalidParameter:
    return InvalidParameter(
        text,
        asked=f"change an image by {word}",
        rule="each instruction has its own form",
        remedy='CMD ["sh"], ENV A=b, EXPOSE 80/tcp, LABEL a=b, USER me, VOLUME /data',
    )


def _words(text: str) -> tuple[str, ...] | None:
    """The words of a JSON list; None where the text is none."""
    if not text.startswith("["):
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def _split(word: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise _refused(word, f"unexpected end of statement: {text}") from error


def _program(key: str) -> Callable[[Document, str], Document]:
    def step(config: Document, text: str) -> Document:
        given = _words(text)
        words = (*_SHELL, text) if given is None else given
        return config.with_entry(key, words)

    return step


def _environment(config: Document, text: str) -> Document:
    pairs = dict(entry.partition("=")[::2] for entry in config.texts("Env"))
    pairs |= _pairs("ENV", text)
    entries: Frozen = tuple(f"{name}={value}" for name, value in pairs.items())
    return config.with_entry("Env", entries)


def _pairs(word: str, text: str) -> dict[str, str]:
    """``A=b "C=d e"``, or in the old form ``A b c``."""
    if "=" not in text.split(maxsplit=1)[0]:
        name, _, value = text.partition(" ")
        if not value:
            raise _refused(word, f"{word} must have two arguments")
        return {name: value.strip()}
    found = {}
    for item in _split(word, text):
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise _refused(
                word,
                f"Syntax error - can't find = in {json.dumps(item)}. Must be of the "
                "form: name=value",
            )
        found[name] = value
    return found


def _labels(config: Document, text: str) -> Document:
    labels = dict(config.document("Labels")) | _pairs("LABEL", text)
    return config.with_entry("Labels", Document(labels))


def _ports(config: Document, text: str) -> Document:
    ports = dict(config.document("ExposedPorts"))
    for item in _split("EXPOSE", text):
        match = _PORT.fullmatch(item)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if match is None or last > 65535 or first > last:
            raise NotationError(
                f"invalid containerPort: {item}",
                value=item,
                rule="a port is a number up to 65535, perhaps with its protocol",
                remedy="EXPOSE 80/tcp",
            )
        for port in range(first, last + 1):
            ports[f"{port}/{match[3] or 'tcp'}"] = Document()
    return config.with_entry("ExposedPorts", Document(ports))


def _volumes(config: Document, text: str) -> Document:
    volumes = dict(config.document("Volumes"))
    names = _words(text)
    for name in _split("VOLUME", text) if names is None else names:
        volumes[name] = Document()
    return config.with_entry("Volumes", Document(volumes))


def _folder(config: Document, text: str) -> Document:
    old = config.text("WorkingDir") or "/"
    return config.with_entry(
        "WorkingDir", posixpath.normpath(posixpath.join(old, text))
    )


def _text(key: str) -> Callable[[Document, str], Document]:
    return lambda config, text: config.with_entry(key, text)


def _later(config: Document, text: str) -> Document:
    return config.with_entry("OnBuild", (*config.texts("OnBuild"), text))


def _health(config: Document, text: str) -> Document:
    if text.upper() == "NONE":
        return config.with_entry("Healthcheck", freeze({"Test": ["NONE"]}))
    options, word, command = text.partition("CMD ")
    if not word or options.strip():
        raise _refused(
            "HEALTHCHECK",
            f"Unknown type {json.dumps(text.split(maxsplit=1)[0])} in HEALTHCHECK",
        )
    words = _words(command.strip())
    test = ["CMD-SHELL", command.strip()] if words is None else ["CMD", *words]
    return config.with_entry("Healthcheck", freeze({"Test": test}))


_STEPS: Mapping[str, Callable[[Document, str], Document]] = {
    "CMD": _program("Cmd"),
    "ENTRYPOINT": _program("Entrypoint"),
    "ENV": _environment,
    "EXPOSE": _ports,
    "HEALTHCHECK": _health,
    "LABEL": _labels,
    "ONBUILD": _later,
    "STOPSIGNAL": _text("StopSignal"),
    "USER": _text("User"),
    "VOLUME": _volumes,
    "WORKDIR": _folder,
}

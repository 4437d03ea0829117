"""`curl` and `wget`: a page from a server, or the words that say why there is none.

```
 URL ──▶ ask(host, port/tcp) ──▶ failure: curl: (7) Failed to connect to db port 80 ...
                              ──▶ page:    its body, its status, its headers
```

There is no TLS: an ``https`` URL connects, and that is all that is shown. curl's
progress meter is left out. Texts: curl 8 and busybox's wget.
"""

import re
from dataclasses import dataclass, replace

from minidock.runtime.asking import Asked, Failure, ask
from minidock.runtime.files import FileRefused
from minidock.runtime.finished import Finished
from minidock.runtime.options import Options, options
from minidock.runtime.process import FOREVER, Process, Result, refused, usage
from minidock.runtime.servers import Page, Request, page_of

__all__ = ["curl", "wget"]

_URL = re.compile(
    r"(?:(https?)://)?(\[[0-9A-Fa-f:.]+\]|[^/:@?#\s\[\]]+)(?::(\d{1,5}))?([/?#]\S*)?\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Url:
    scheme: str
    host: str
    port: int
    path: str
    shown: str
    """The host as it was written, with its port if that was written."""


def _url(text: str) -> _Url | None:
    match = _URL.match(text)
    if match is None:
        return None
    scheme = match[1] or "http"
    port = int(match[3] or (443 if scheme == "https" else 80))
    if not 0 < port < 65536:
        return None
    path = match[4] or "/"
    return _Url(
        scheme=scheme,
        host=match[2].strip("[]"),
        port=port,
        path=path if path.startswith("/") else f"/{path}",
        shown=match[2] + (f":{match[3]}" if match[3] else ""),
    )


def _seconds(text: str | None) -> float | None:
    good = re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text or "", re.ASCII)
    return float(text or 0) if good else None


# --- curl -----------------------------------------------------------------------------

_CURL_LONG = """silent show-error include head verbose fail location insecure http0.9
    ipv4 ipv6 no-buffer compressed output= write-out= max-time= connect-timeout= header=
    request= data= user-agent= retry= user=""".split()
_SHORT = {
    "silent": "s",
    "show-error": "S",
    "include": "i",
    "head": "I",
    "verbose": "v",
    "fail": "f",
    "ipv4": "4",
    "ipv6": "6",
}
_SHORT_VALUES = {
    "output": "o",
    "write-out": "w",
    "max-time": "m",
    "request": "X",
    "data": "d",
    "user-agent": "A",
}


def _curl_options(process: Process) -> Options:
    given = options(process.arguments, "sSiIvfLkgN46O0", "owmHXdAub", _CURL_LONG)
    flags = frozenset(_SHORT.get(name, name) for name in given.flags)
    values = tuple((_SHORT_VALUES.get(k, k), value) for k, value in given.values)
    return replace(given, flags=flags, values=values)


def curl(process: Process) -> Finished:
    """`curl [-sSiIvf] [-o FILE] [-w FORMAT] [-m SECONDS] URL...`."""
    given = _curl_options(process)
    help_line = "curl: try 'curl --help' for more information\n"
    if given.unknown or given.incomplete or not given.rest:
        said = "no URL specified"
        if given.unknown:
            dash = "--" if len(given.unknown) > 1 else "-"
            said = f"option {dash}{given.unknown}: is unknown"
        elif given.incomplete:
            said = f"option -{given.incomplete}: requires parameter"
        return Finished(stderr=f"curl: {said}\n{help_line}", code=2)
    return _each(process, given)


def _each(process: Process, given: Options) -> Finished:
    stdout = stderr = ""
    code, seconds = 0, 0.0
    for text in given.rest[:20]:
        one = _curl_one(process, given, text)
        stdout, stderr, code = stdout + one.stdout, stderr + one.stderr, one.code
        process = replace(process, files=one.files or process.files)
        seconds += one.seconds
    return Result(
        stdout=stdout, stderr=stderr, code=code, files=process.files, seconds=seconds
    )


def _failed(given: Options, code: int, text: str, seconds: float = 0) -> Result:
    loud = "s" not in given.flags or "S" in given.flags
    written = given.value("w")
    return Result(
        stdout="" if written is None else _written_out(written, None, given),
        stderr=f"curl: ({code}) {text}\n" if loud else "",
        code=code,
        seconds=seconds,
    )


def _curl_one(process: Process, given: Options, text: str) -> Result:
    if re.match(r"(?!https?:)[a-zA-Z]+://", text):
        scheme = text.partition(":")[0]
        said = f'Protocol "{scheme}" not supported or disabled in libcurl'
        return _failed(given, 1, said)
    url = _url(text)
    if url is None:
        return _failed(given, 3, "URL using bad/illegal format or missing URL")
    family = 6 if "6" in given.flags else 4 if "4" in given.flags else 0
    asked = ask(process, url.host, f"{url.port}/tcp", family=family)
    limit = _seconds(given.value("m"))
    if asked.failure is not Failure.NONE:
        return _no_connection(given, url, asked, limit)
    if url.scheme == "https":
        return _failed(given, 35, "connected, but there is no TLS in this model")
    page = page_of(process.world, asked.trace, _request(given, url))
    if page is None:
        return _failed(given, 52, "Empty reply from server")
    if not page.status:
        waits = FOREVER if limit is None else limit
        milliseconds = 0 if limit is None else int(limit * 1000)
        said = f"Operation timed out after {milliseconds} milliseconds with 0 bytes"
        return _failed(given, 28, f"{said} received", waits)
    return _shown(process, given, url, asked, page)


def _no_connection(
    given: Options, url: _Url, asked: Asked, limit: float | None
) -> Result:
    if asked.failure is Failure.NAME:
        return _failed(given, 6, f"Could not resolve host: {url.host}")
    connect = _seconds(given.value("connect-timeout"))
    shortest = min((n for n in (limit, connect) if n is not None), default=FOREVER)
    if asked.seconds > shortest:
        late = int(shortest * 1000) + 1
        return _failed(
            given, 28, f"Connection timed out after {late} milliseconds", shortest
        )
    after = int(asked.seconds * 1000)
    code = 28 if asked.failure is Failure.SILENCE else 7
    text = (
        f"Failed to connect to {url.host} port {url.port} after {after} ms: "
        "Couldn't connect to server"
    )
    return _failed(given, code, text, asked.seconds)


def _request(given: Options, url: _Url) -> Request:
    method = "HEAD" if "I" in given.flags else "GET"
    if given.value("d") is not None:
        method = "POST"
    return Request(
        host=url.shown,
        path=url.path,
        method=given.value("X") or method,
        agent=given.value("A") or "curl/8.5.0",
    )


def _shown(
    process: Process, given: Options, url: _Url, asked: Asked, page: Page
) -> Result:
    flags = given.flags
    head = f"HTTP/1.1 {page.status} {page.reason}\r\n" + "".join(
        f"{key}: {value}\r\n" for key, value in page.headers()
    )
    body = page.body if "I" not in flags else ""
    said = _conversation(given, url, asked, head) if "v" in flags else ""
    if "f" in flags and page.status >= 400:
        failed = _failed(given, 22, f"The requested URL returned error: {page.status}")
        return replace(failed, stderr=said + failed.stderr)
    text = (f"{head}\r\n" if flags & {"i", "I"} else "") + body
    files, target = process.files, given.value("o")
    if "O" in flags:
        target = url.path.rpartition("/")[2] or "curl_response"
    if target is not None and target != "-":
        try:
            files = files.write(target, text)
        except FileRefused:
            return _failed(given, 23, f"Failure writing output to {target}")
        text = ""
    written = given.value("w")
    if written is not None:
        text += _written_out(written, (asked, page), given)
    return Result(stdout=text, stderr=said, files=files)


def _conversation(given: Options, url: _Url, asked: Asked, head: str) -> str:
    request = _request(given, url)
    lines = [
        f"*   Trying {asked.address}:{url.port}...",
        f"* Connected to {url.host} ({asked.address}) port {url.port}",
        f"> {request.method} {request.path} HTTP/1.1",
        f"> Host: {request.host}",
        f"> User-Agent: {request.agent}",
        "> Accept: */*",
        "> ",
        *(f"< {line}" for line in head.splitlines()),
        "< ",
        f"* Connection #0 to host {url.host} left intact",
    ]
    return "".join(f"{line}\n" for line in lines)


def _written_out(form: str, done: tuple[Asked, Page] | None, given: Options) -> str:
    facts = {
        "http_code": f"{done[1].status:03}" if done else "000",
        "response_code": f"{done[1].status:03}" if done else "000",
        "remote_ip": str(done[0].address) if done else "",
        "size_download": str(len(done[1].body.encode())) if done else "0",
        "url_effective": given.rest[-1],
        "method": given.value("X") or "GET",
        "time_total": "0.001000",
        "time_connect": "0.000500",
    }
    text = re.sub(r"%\{(\w+)\}", lambda match: facts.get(match[1], ""), form)
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")


# --- wget -----------------------------------------------------------------------------

_WGET_LONG = """spider quiet no-check-certificate no-verbose output-document= timeout=
    header= user-agent= post-data= tries=""".split()


def wget(process: Process) -> Finished:
    """`wget [-qS] [--spider] [-O FILE] [-T SECONDS] URL`."""
    given = options(process.arguments, "qScY", "OTUPot", _WGET_LONG)
    if given.unknown or given.incomplete or not given.rest:
        return usage(process, "[-qS] [--spider] [-O FILE] [-T SEC] URL...")
    url = _url(given.rest[0])
    if url is None:
        return refused(process, f"bad address '{given.rest[0]}'")
    quiet = bool(given.flags & {"q", "quiet"})
    asked = ask(process, url.host, f"{url.port}/tcp")
    said = "" if quiet else _connecting(url, asked)
    limit = _seconds(given.value("T", "timeout"))
    if asked.failure is not Failure.NONE:
        return _no_page(process, url, asked, said, limit)
    if url.scheme == "https":
        return replace(
            refused(process, "connected, but there is no TLS in this model"),
            stderr=f"{said}wget: connected, but there is no TLS in this model\n",
        )
    request = Request(host=url.shown, path=url.path, agent="Wget")
    page = page_of(process.world, asked.trace, request)
    if page is None or not page.status:
        if page is None:
            return Finished(stderr=f"{said}wget: error getting response\n", code=1)
        waits = 900.0 if limit is None else limit
        return Result(stderr=f"{said}wget: download timed out\n", code=1, seconds=waits)
    return _fetched(process, given, url, page, said)


def _connecting(url: _Url, asked: Asked) -> str:
    if asked.address is None:
        return ""
    where = f"[{asked.address}]" if asked.address.family == 6 else str(asked.address)
    return f"Connecting to {url.shown} ({where}:{url.port})\n"


def _no_page(
    process: Process, url: _Url, asked: Asked, said: str, limit: float | None
) -> Finished:
    if asked.failure is Failure.NAME:
        return refused(process, f"bad address '{url.shown}'")
    if limit is not None and asked.seconds > limit:
        text = f"{said}wget: download timed out\n"
        return Result(stderr=text, code=1, seconds=limit)
    text = f"can't connect to remote host ({asked.address}): {asked.failure}"
    if asked.failure is Failure.HOST:
        text = text.replace(asked.failure, "Host is unreachable")
    return Result(stderr=f"{said}wget: {text}\n", code=1, seconds=asked.seconds)


def _fetched(
    process: Process, given: Options, url: _Url, page: Page, said: str
) -> Finished:
    quiet = not said
    if "S" in given.flags:
        said += f"  HTTP/1.1 {page.status} {page.reason}\n"
        lines = (f"  {key}: {value}\n" for key, value in page.headers())
        said += "".join(lines) + "  \n" if page.status < 400 else ""
    if page.status >= 400:
        text = f"server returned error: HTTP/1.1 {page.status} {page.reason}"
        return Finished(stderr=f"{said}wget: {text}\n", code=1)
    if "spider" in given.flags:
        return Finished(stderr=said + ("" if quiet else "remote file exists\n"))
    target = given.value("O", "output-document")
    name = target or url.path.partition("?")[0].rpartition("/")[2] or "index.html"
    size = len(page.body.encode())
    stars = "*" * 32
    bar = f"{name[:20]:<20} 100% |{stars}| {size:5}  0:00:00 ETA\n"
    if name == "-":
        more = "" if quiet else f"writing to stdout\n{bar}written to stdout\n"
        return Finished(stdout=page.body, stderr=said + more)
    if target is None and process.files.exists(name):
        text = f"can't open '{name}': File exists"
        return Finished(stderr=f"{said}wget: {text}\n", code=1)
    try:
        files = process.files.write(name, page.body)
    except FileRefused as refusal:
        text = f"{said}wget: can't open '{name}': {refusal}\n"
        return Finished(stderr=text, code=1)
    more = "" if quiet else f"saving to '{name}'\n{bar}'{name}' saved\n"
    return Result(stderr=said + more, files=files)

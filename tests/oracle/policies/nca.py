"""An independent judge: IBM's network-config-analyzer, from a Python of its own.

Found as ``nca`` on the PATH or by ``MINIDOCK_NCA``; it needs a virtual environment of
its own, as it pins what it needs. Its answer is a line for each pair:

```
 default/web => default/db : {protocols:TCP,dst_ports:80,443-450}
 0.0.0.0-255.255.255.255 => default/web : All connections
```
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from k8s_bridge.application import Port
from k8s_bridge.manifests import Manifest
from minidock.net.address import Address

__all__ = ["Judged", "judge", "nca"]

# Runs inside of the judge's own Python: one start for many cases.
_PROGRAM = """
import sys
from nca.nca_cli import nca_main
for folder in sys.argv[1:]:
    nca_main(['--connectivity', '-r', folder, '--output_endpoints', 'pods',
              '-o', 'txt_no_fw_rules', '--print_ipv6', '-f', folder + '/answer'])
"""
_CUBE = re.compile(r"\{([^}]*)\}")
_FIELD = re.compile(r"(\w+):((?:(?!,\w+:).)*)")


def nca() -> str | None:
    """Where the judge's Python is, None without one."""
    found = os.environ.get("MINIDOCK_NCA") or shutil.which("nca")
    if not found:
        return None
    python = Path(found).resolve().parent / "python"
    return str(python) if python.exists() else None


class Judged:
    """What the judge says about one set of manifests."""

    def __init__(self, text: str) -> None:
        self._connections: list[tuple[str, str, str]] = []
        for line in text.splitlines():
            ends, colon, connections = line.partition(" : ")
            source, arrow, target = ends.partition(" => ")
            if colon and arrow:
                self._connections.append((source, target, connections))

    def allows(self, source: str, target: str, port: Port) -> bool:
        """Whether an end may reach another; a pod is ``namespace/name``."""
        return any(
            _is(source, one) and _is(target, two) and _holds(connections, port)
            for one, two, connections in self._connections
        )


def _is(end: str, text: str) -> bool:
    if "/" in end:  # the first of the pods that a Deployment keeps has a number
        return text in (end, f"{end}-1")
    if "/" in text and "-" not in text:
        return False
    wanted = Address.parse(end)
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        low = _address(first)
        high = _address(last) if dash else low
        if low and high and low.family == wanted.family and low <= wanted <= high:
            return True
    return False


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text.partition("/")[0])
    except ValueError:
        return None


def _holds(text: str, port: Port) -> bool:
    if text.startswith("All connections"):
        return True
    if text.startswith("No connections"):
        return False
    but = text.startswith("All but")
    return any(_in_cube(cube, port) for cube in _CUBE.findall(text)) is not but


def _in_cube(cube: str, port: Port) -> bool:
    fields = dict(_FIELD.findall(cube))
    protocols = fields.get("protocols", "")
    if protocols and port.protocol.upper() not in protocols.split(","):
        return False
    ports = fields.get("dst_ports", "")
    return not ports or any(_in_range(r, port.number) for r in ports.split(","))


def _in_range(text: str, number: int) -> bool:
    first, dash, last = text.strip().partition("-")
    return int(first) <= number <= int(last if dash else first)


def judge(
    python: str, cases: Sequence[Sequence[Manifest]], folder: Path
) -> list[Judged]:
    """What the judge says about each case; one process for all of them."""
    folders = []
    for number, manifests in enumerate(cases):
        case = folder / f"case-{number}"
        case.mkdir()
        for index, manifest in enumerate(manifests):
            (case / f"{index:03}.yaml").write_text(json.dumps(manifest))
        folders.append(str(case))
    done = subprocess.run(
        [python, "-c", _PROGRAM, *folders], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [Judged((Path(case) / "answer").read_text()) for case in folders]

"""What a whole process of k8s_bridge costs, beside docker compose and bare Python.

Run ``python -m benchmarks.bridge``. Everything is started in turn on the same files, so
a ratio says the same on any machine. The cost is the processor's seconds of the
process, user and system. Kompose's column is wall time as once measured, without and
with its calls of itself; it is not started here. Bytecode is kept, as it is for who has
installed the package.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

__all__ = ["main", "project"]

SIZES = (3, 200, 1_000, 5_000)
KOMPOSE = {3: "31 / 149 ms", 200: "0.31 / 7.3-10.9 s", 1_000: "1.77 s / minutes"}
PYTHON = (sys.executable, "-c", "pass")
IMPORT = (sys.executable, "-c", "import k8s_bridge")
ROOT = Path(__file__).resolve().parents[1]


def project(services: int) -> str:
    """A Compose file of ordinary services on two networks."""
    lines = ["name: big", "services:"]
    for number in range(services):
        lines += [
            f"  s{number:05d}:",
            f"    image: example/app:{number % 7}",
            f'    ports: ["{10_000 + number}:80"]',
            f"    environment: {{LEVEL: info, NUMBER: {number}}}",
            f'    volumes: ["data{number:05d}:/var/lib/data"]',
            f"    networks: [{('back', 'front')[number % 2]}]",
        ]
        if number % 10:
            lines.append(f"    depends_on: [s{number - 1:05d}]")
    lines += ["networks: {front: {}, back: {}}", "volumes:"]
    lines += [f"  data{number:05d}: {{}}" for number in range(services)]
    return "\n".join(lines) + "\n"


def commands(file: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """What is compared, by name."""
    convert = (sys.executable, "-m", "k8s_bridge", "convert", "-f", str(file))
    yield "convert, no report", (*convert, "--report", "none")
    yield "convert, report and proof", convert
    beside = Path(sys.executable).with_name("docker-compose")
    compose = str(beside) if beside.exists() else shutil.which("docker-compose")
    if compose:
        yield "docker compose config", (compose, "-f", str(file), "config")


def seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """The processor's seconds of one process that ends well."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def medians(
    asked: dict[str, Sequence[str]], rounds: int, environment: dict[str, str]
) -> dict[str, float]:
    """Of each command, all of them in turn; the first round only warms up."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(rounds + 1):
        for name, command in asked.items():
            spent = seconds(command, environment)
            if turn:
                times[name].append(spent)
    return {name: median(spent) for name, spent in times.items()}


def main() -> None:
    """Print a table for each size, and how the cost grows."""
    with tempfile.TemporaryDirectory(prefix="bench-bridge-") as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        print(f"{'':28}{'ms':>9}{'bare Python = 1':>17}{'compose = 1':>13}")
        once = medians({"python -c pass": PYTHON, "import": IMPORT}, 9, environment)
        _row("import k8s_bridge", once["import"], once["python -c pass"], None)
        each = {}
        for size in SIZES:
            file = Path(folder) / f"{size}.yaml"
            file.write_text(project(size), encoding="utf-8")
            asked = {"python -c pass": PYTHON, **dict(commands(file))}
            found = medians(asked, 1 + 8 // max(1, size // 100), environment)
            bare = found.pop("python -c pass")
            compose = found.get("docker compose config")
            print(f"{size:,} services; Kompose {KOMPOSE.get(size, 'not measured')}")
            for name, spent in found.items():
                _row(f"  {name}", spent, bare, compose)
            each[size] = found
    small, large = SIZES[-2:]
    for name in each[large]:
        growth = each[large][name] / each[small][name]
        print(f"{large // small} times the services: {growth:.1f} times {name}")


def _row(name: str, spent: float, bare: float, compose: float | None) -> None:
    beside = f"{spent / compose:13.2f}" if compose else ""
    print(f"{name:28}{spent * 1e3:9.0f}{spent / bare:17.1f}{beside}")


if __name__ == "__main__":
    main()

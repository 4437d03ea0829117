"""The notebook of the tour: run, and compared with what is stored in it.

`python -m tests.docs.notebook` says which cells show what does not happen;
`python -m tests.docs.notebook --update` stores what does. Jupyter is asked only for that,
in a process of its own, because it leaves sockets behind.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["NOTEBOOK", "differences", "executed", "read"]

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "notebooks" / "tour.ipynb"


def read(file=NOTEBOOK):
    """A notebook as it is stored."""
    return json.loads(file.read_text("utf-8"))


def executed(file=NOTEBOOK):
    """A notebook as it is after it was run from top to bottom."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.ipynb"
        words = [sys.executable, "-m", "tests.docs.notebook", "--to", str(fresh)]
        subprocess.run([*words, str(file)], check=True, cwd=ROOT, timeout=200)
        return read(fresh)


def differences(stored, fresh):
    """The cells that show something else than what happens, each with both."""
    return [
        f"{''.join(old['source'])}\n  shows {_shown(old)}\n  what happens: {_shown(new)}"
        for old, new in zip(stored["cells"], fresh["cells"], strict=True)
        if _shown(old) != _shown(new)
    ]


def _shown(cell):
    """What a reader sees below a cell: texts and pictures, in order."""
    outputs = cell.get("outputs", [])
    return [output.get("data", output.get("text")) for output in outputs]


def _run(file, to):
    import nbformat
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

    notebook = nbformat.read(file, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    with tempfile.TemporaryDirectory() as home:
        # files for sockets: nobody else can hear, and no port is taken
        kernel = AsyncKernelManager(
            kernel_name="python3", transport="ipc", ip=f"{home}/kernel"
        )
        client = NotebookClient(
            notebook,
            km=kernel,
            timeout=120,
            resources={"metadata": {"path": str(ROOT)}},
            extra_arguments=["--HistoryManager.enabled=False"],
        )
        client.execute(env={**os.environ, "IPYTHONDIR": home, "PYTHONPATH": str(ROOT)})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the time at which it ran
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    nbformat.write(notebook, to)


def _joined(outputs):
    """What was printed, in one piece: it arrives in as many as it likes."""
    joined = []
    for output in outputs:
        if joined and "text" in output and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--to", to, file]:
            _run(file, to)
        case ["--update"]:
            _run(NOTEBOOK, NOTEBOOK)
        case _:
            found = differences(read(), executed())
            print(*found, f"{len(found)} cells differ", sep="\n")
            sys.exit(bool(found))

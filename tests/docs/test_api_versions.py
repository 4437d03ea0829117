import re
from pathlib import Path

from minidock.views import api_versions
from minidock.views.api_versions import GATES, Gate, gates_page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "api-versions.md"


def named() -> dict[str, Gate]:
    return {
        name: value
        for name, value in vars(api_versions).items()
        if isinstance(value, Gate)
    }


def test_the_page_of_api_versions_is_the_table_of_gates():
    assert PAGE.read_text() == gates_page(), (
        "write minidock.views.api_versions.gates_page() into the page"
    )


def test_the_table_holds_every_gate_oldest_first():
    assert sorted(map(id, GATES)) == sorted(map(id, named().values()))
    assert list(GATES) == sorted(GATES, key=lambda gate: gate.version)


def test_every_gate_is_read_somewhere():
    code = "\n".join(
        path.read_text()
        for path in (ROOT / "minidock").rglob("*.py")
        if path.name != "api_versions.py"
    )
    unread = {name for name in named() if not re.search(rf"\b{name}\b", code)}
    assert unread == set()

"""The shape of the house: faces, imports, lengths. The floors are lint-imports' work."""

import ast
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

import k8s_bridge
import minidock
from minidock.cli.commands import OWN
from minidock.cli.dispatch import _PROGRAMS
from minidock.cli.pages import help_page, own_names

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(
    [*(ROOT / "minidock").rglob("*.py"), *(ROOT / "k8s_bridge").rglob("*.py")]
)
STORES = {"consul", "etcd3gw", "kazoo", "requests"}  # the clients, and what they raise
OPTIONAL = {"kubernetes", "kubernetes_validate", "yaml"}

FACE = ["Engine", "__version__"]
BRIDGE_FACE = [
    "Application",
    "Entry",
    "Options",
    "Outcome",
    "Policies",
    "Publish",
    "Report",
    "Translation",
    "application_from_compose",
    "application_from_engine",
    "application_from_inspect",
    "load_compose",
    "translate",
]

_LINT = "from importlinter.cli import lint_imports_command as c; c()"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def _name(module: Path) -> str:
    return str(module.relative_to(ROOT))


def _docstring_lines(tree: ast.AST) -> int:
    """Lines of docstrings, and of texts that describe a field or constant."""
    return sum(
        node.end_lineno - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and node.end_lineno
    )


def _functions(module: Path) -> list[tuple[str, int]]:
    """Each function and how many lines it has without its docstring."""
    return [
        (
            f"{_name(module)}:{node.name}",
            node.end_lineno - node.lineno + 1 - _docstring_lines(node),
        )
        for node in ast.walk(_tree(module))
        if isinstance(node, Function) and node.end_lineno
    ]


def _imports(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(module)} has a relative import"
            found.add((node.module or "").partition(".")[0])
    return found


INNER = [m for m in MODULES if m.parent != ROOT and m.name != "__init__.py"]


@pytest.mark.parametrize("module", INNER, ids=_name)
def test_no_module_of_a_package_imports_through_its_own_face(module: Path) -> None:
    """A face imports the modules, so that would be a circle."""
    package = _name(module).partition("/")[0]
    asked = {
        alias.name
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.ImportFrom) and node.module == package
        for alias in node.names
    }
    # "from minidock import eras" names a module below, which its face does not import
    allowed = {"__version__"} if package == "k8s_bridge" else {"__version__", "eras"}
    assert asked <= allowed


def test_the_faces_show_what_is_documented() -> None:
    assert sorted(minidock.__all__) == sorted(FACE)
    assert sorted(k8s_bridge.__all__) == sorted(BRIDGE_FACE)


@pytest.mark.parametrize("face", [minidock, k8s_bridge], ids=["minidock", "k8s_bridge"])
def test_everything_that_a_face_names_is_there(face: object) -> None:
    assert all(getattr(face, name) is not None for name in face.__all__)


def test_the_version_is_the_one_of_the_package() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{minidock.__version__}"\n' in text


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_is_short_enough_to_read_at_once(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) - _docstring_lines(ast.parse(text)) <= 380


def test_no_function_is_longer_than_a_screen() -> None:
    long = [(name, n) for module in MODULES for name, n in _functions(module) if n > 60]
    assert long == []


def test_most_functions_are_a_few_lines() -> None:
    lengths = [n for module in MODULES for _, n in _functions(module)]
    assert median(lengths) <= 10


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_only_what_comes_with_python_is_imported(module: Path) -> None:
    allowed = {*sys.stdlib_module_names, "minidock"} - {"ipaddress"}
    if module.is_relative_to(ROOT / "minidock" / "registry"):
        allowed |= STORES
    if module.name == "pytest_plugin.py":
        allowed |= {"pytest"}  # which loads it
    if module.is_relative_to(ROOT / "k8s_bridge"):
        allowed |= OPTIONAL | {"k8s_bridge"}
    assert _imports(module) - allowed == set()


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_says_what_it_is_about(module: Path) -> None:
    assert ast.get_docstring(_tree(module))


def test_every_command_of_ours_is_on_the_page_of_help() -> None:
    assert sorted(own_names()) == sorted({*OWN, *_PROGRAMS, "plugin", "serve"})
    assert all(f"\n  {name} " in help_page() for name in own_names())


def test_the_floors_hold() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LINT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named" in ran.stderr:
        pytest.skip("import-linter is not installed")
    assert ran.returncode == 0, ran.stdout


def test_importing_the_face_loads_no_engine() -> None:
    code = "import sys, minidock; print([m for m in sys.modules if m.startswith('minidock.')])"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "[]\n"


def test_the_page_of_help_loads_no_engine() -> None:
    code = (
        "import sys\nfrom minidock.cli.main import main\nmain(['--help'])\n"
        "print('minidock.engine' in sys.modules, 'argparse' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.endswith("False False\n")

"""The package as people get it: a wheel in a fresh environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def _run(words, **options):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=environment,
        **options,
    )


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Python in an environment of its own with the wheel; nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = ["-m", "pip", "--quiet"]
    here = ["--no-index", "--no-deps"]
    build = ["wheel", *here, "--no-build-isolation", "--wheel-dir", folder, ROOT]
    built = _run([sys.executable, *pip, *build])
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("minidock-*.whl")
    _run([sys.executable, "-m", "venv", folder / "venv"])
    found = folder / "venv" / "bin" / "python"
    installed = _run([found, *pip, "install", *here, wheel])
    assert installed.returncode == 0, installed.stderr
    # pytest and docker-py come from where these tests found them
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    ours = Path(pytest.__file__).parents[1]
    (packages / "others.pth").write_text(f"{ours}\n", encoding="utf-8")
    return found


def test_the_plugin_comes_with_the_wheel_and_its_example_passes(python):
    example = ROOT / "examples" / "rolling"
    done = _run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=example)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_the_wheel_carries_the_page_and_no_tests(python):
    script = (
        "import minidock, pathlib; r = pathlib.Path(minidock.__file__).parent;"
        "print(any(r.glob('server/page/*.html')), (r.parent / 'tests').exists())"
    )
    done = _run([python, "-c", script], cwd="/")
    assert done.stdout.split() == ["True", "False"], done.stderr


def test_the_wheel_tells_the_laws_without_the_tests(python):
    words = ["-m", "minidock", "--state", "", "laws", "held", "twice"]
    done = _run([python, *words], cwd="/")
    assert "No address of a network is held twice." in done.stdout, done.stderr

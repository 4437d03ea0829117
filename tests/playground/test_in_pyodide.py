"""The core in the Python of a browser: its doctests, from the archive that is shipped."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import tools.playground
from minidock.labs.catalogue import packaged
from tools.playground import Missing, build, main

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CORE = ("minidock.net", "minidock.ipam", "minidock.topology", "minidock.ports",
        "minidock.firewall", "minidock.naming", "minidock.packet", "minidock.labs",
        "minidock.playground")  # fmt: skip


@pytest.mark.timeout(600)
def test_the_laws_of_the_core_hold_in_a_browsers_python(site):
    node = shutil.which("node")
    done = subprocess.run(
        [node, HERE / "doctests.mjs", site.folder, *CORE],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    failed = {name: counts for name, counts in found.items() if counts[0]}
    assert failed == {}, done.stdout[-3000:]
    for package in CORE:
        attempted = sum(n for name, (_, n) in found.items() if name.startswith(package))
        assert attempted > 10, package


@pytest.mark.timeout(600)
def test_every_exercise_is_solved_in_a_browsers_python(site):
    """Where no process can be started, an answer is run beside its check."""
    done = subprocess.run(
        [shutil.which("node"), HERE / "exercises.mjs", site.folder],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = json.loads(done.stdout.splitlines()[-1])
    assert outcomes == {lab.name: ["nothing", "passed"] for lab in packaged().values()}


def test_what_a_browser_cannot_use_is_left_out(site):
    with zipfile.ZipFile(site.folder / "minidock.zip") as archive:
        names = archive.namelist()
    assert "minidock/engine.pyc" in names
    assert not [name for name in names if name.startswith("minidock/server")]
    assert not [name for name in names if name.endswith(".py")]


def test_every_file_is_listed_with_its_size(site):
    text = (site.folder / "files.js").read_text(encoding="utf-8")
    listed = json.loads(text.partition("self.FILES = ")[2].rstrip(";\n"))
    there = {
        file.relative_to(site.folder).as_posix(): file.stat().st_size
        for file in site.folder.rglob("*")
        if file.is_file() and file.name not in {"files.js", "sw.js"}
    }
    assert {**there, "files.js": 0} == listed


def test_no_page_names_a_place_elsewhere(site):
    for file in site.folder.iterdir():
        if file.suffix in {".html", ".js", ".css"}:
            text = file.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
            assert "https://" not in text, file.name
            assert "http://" not in text, file.name
            assert "innerHTML" not in text, file.name


def test_building_twice_gives_the_same_octets(site, tmp_path):
    again = build(tmp_path / "again", ROOT / "build" / "cache")
    one, two = (
        (folder / "files.js").read_text(encoding="utf-8")
        for folder in (site.folder, again)
    )
    assert one == two


def test_without_npm_it_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tools.playground.shutil, "which", lambda _: None)
    assert main(["--out", str(tmp_path / "o"), "--cache", str(tmp_path / "c")]) == 2
    said = capsys.readouterr().err
    assert "npm is not installed" in said
    assert not (tmp_path / "o").exists()


def test_an_archive_with_another_sum_is_not_used(tmp_path, monkeypatch):
    """An npm that brings something else."""
    archive = f"pyodide-{tools.playground.PYODIDE}.tgz"
    fake = tmp_path / "npm"
    fake.write_text(f"#!{sys.executable}\nopen({archive!r}, 'w').write('no')\n")
    fake.chmod(0o755)
    monkeypatch.setattr(tools.playground.shutil, "which", lambda _: str(fake))
    cache = tmp_path / "cache"
    with pytest.raises(Missing, match="its sum differs"):
        build(tmp_path / "out", cache)
    assert not (cache / archive).exists()

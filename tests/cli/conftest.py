from pathlib import Path

import pytest

from tests.cli.cli import Cli


@pytest.fixture
def minidock(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "state.db")

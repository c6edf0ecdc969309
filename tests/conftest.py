from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

TOOLS = Path(__file__).parent / "tools" / "node_modules" / ".bin"

# The same examples for everybody: `--hypothesis-profile=explore` looks for new ones.
settings.register_profile("dev", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def find_tool() -> Callable[[str], str]:
    """The path of a program that isn't Python's; where it is missing the test is skipped, under CI it fails."""

    def find(name: str) -> str:
        path = shutil.which(name, path=os.pathsep.join([str(TOOLS), os.environ.get("PATH", "")]))
        if path is not None:
            return path
        message = f"{name} is not installed: run `make system`"
        if os.environ.get("CI"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)

    return find

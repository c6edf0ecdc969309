"""Test the built wheel away from the sources: is everything in it that the program needs?

Usage: python tests/wheel.py DIRECTORY_WITH_ONE_WHEEL
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = ("specs", "mockserver")
"""The folders of tests that are run against the wheel; the others need the repository around them."""


def main(directory: Path) -> int:
    """Install the wheel beside nothing of ours, and run its tests and its command there."""
    (wheel,) = directory.glob("*.whl")
    with tempfile.TemporaryDirectory() as scratch:
        site, copy = Path(scratch, "site"), Path(scratch, "copy")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--target", site, wheel], check=True)
        shutil.copytree(
            Path(__file__).parent, copy / "tests", ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
        tools = Path(__file__).parent / "tools" / "node_modules"
        if tools.exists():
            (copy / "tests" / "tools" / "node_modules").symlink_to(tools)
        shutil.copy(Path(__file__).parents[1] / "pyproject.toml", copy)
        environment = {**os.environ, "PYTHONPATH": str(site)}
        where = subprocess.run(
            [sys.executable, "-c", "import understudy.specs as s; print(s.__file__)"],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        if not Path(where).is_relative_to(site):
            print(f"the sources were tested, not the wheel: {where}", file=sys.stderr)
            return 1
        commands = (
            [
                sys.executable,
                "-m",
                "understudy.contracts.cli",
                "specs",
                "lint",
                "quantcdn-ai",
                "quantum-nexus",
                "aivax",
            ],
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-n",
                "2",
                "-p",
                "no:cacheprovider",
                *(f"tests/{name}" for name in TESTS),
            ],
        )
        for command in commands:
            code = subprocess.run(command, cwd=copy, env=environment, check=False).returncode
            if code:
                return code
    print(f"{wheel.name} passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

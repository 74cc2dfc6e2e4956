"""Folders and processes for tests of the file system: real users, real signals, real limits."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
NOBODY = 65534

_PRELUDE = f"""
import os, resource, signal, stat, subprocess, sys
sys.path.insert(0, {str(ROOT)!r})
from sopspy.errors import SopsError
from sopspy.files import atomic, inplace, temporary
if os.geteuid() == 0:  # root may do everything, so what must be forbidden is tried as somebody else
    os.setgroups([])
    os.setresgid({NOBODY}, {NOBODY}, {NOBODY})
    os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
def attempt(action, *arguments):
    try:
        action(*arguments)
    except SopsError as err:
        print(type(err).__name__, err.exit_code, err.message, *err.hints, sep="|")
    else:
        print("done")
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder of the user that `as_user` runs as; its parents can be entered by anybody."""
    folder = Path(tempfile.mkdtemp(prefix="sopspy-test-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder, whatever modes a test gave to what is in it."""
    folder.chmod(0o700)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            remove(path)
        else:
            path.unlink()
    folder.rmdir()


@pytest.fixture
def as_user(shared: Path) -> Callable[[str], str]:
    """Run a script in `shared` as a user without special rights, and return what it printed."""

    def run(script: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", _PRELUDE + script],
            cwd=shared,
            env={"PATH": os.environ["PATH"], "HOME": str(shared / "home")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def memory() -> Iterator[Path]:
    """A private folder of this test, in memory where the system offers that."""
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = Path(tempfile.mkdtemp(prefix="sopspy-test-", dir=base))
    yield folder
    remove(folder)

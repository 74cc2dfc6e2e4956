"""A disk that is full in the middle of a write: a clear error, the old file, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The limit on a file's size fails a write after its first bytes, like a disk that is full.
_WRITER = f"""
import os, resource, sys
sys.path.insert(0, {str(ROOT)!r})
from sopspy.errors import SopsError
from sopspy.files import atomic, inplace
if sys.argv[3] == "named":
    vars(os).pop('O_TMPFILE', 0)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
try:
    getattr(atomic, sys.argv[1])(sys.argv[2], b"secret" * 10_000)
except SopsError as err:
    print(type(err).__name__, err.exit_code, err, *err.hints, sep="|")
"""


def write(function: str, target: Path, kind: str = "unnamed", limit: int = 5000) -> str:
    words = [sys.executable, "-c", _WRITER, function, str(target), kind, str(limit)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.mark.parametrize("function", ["write_encrypted", "write_plaintext"])
@pytest.mark.parametrize("kind", ["unnamed", "named"])
@pytest.mark.parametrize("links", [0, 1, 2])
def test_target_is_untouched(tmp_path: Path, function: str, kind: str, links: int) -> None:
    target = tmp_path / "f"
    if links:
        target.write_bytes(b"old" * 1000)
    if links == 2:
        os.link(target, tmp_path / "g")
    before = sorted(os.listdir(tmp_path))
    out = write(function, target, kind)
    assert out == f"OutputError|3|{target}: cannot be written: file too large|free some space and run the command again"
    assert sorted(os.listdir(tmp_path)) == before
    assert not links or target.read_bytes() == b"old" * 1000


def test_without_the_limit_the_same_write_works(tmp_path: Path) -> None:
    assert write("write_plaintext", tmp_path / "f", limit=60_000) == ""
    assert (tmp_path / "f").read_bytes() == b"secret" * 10_000


def test_pipe_without_a_reader(tmp_path: Path) -> None:
    script = _WRITER.replace("resource.setrlimit", "(lambda *_: None)")
    read, end = os.pipe()
    os.close(read)
    words = [sys.executable, "-c", script, "write_plaintext", f"/dev/fd/{end}", "unnamed", "0"]
    done = subprocess.run(words, capture_output=True, text=True, pass_fds=[end])
    os.close(end)
    assert done.stdout.startswith("OutputError|3|")
    assert done.stderr == ""

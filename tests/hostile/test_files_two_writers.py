"""Several processes that change one file at the same time: no change is ever lost silently."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_WRITERS, _TURNS = 4, 40

_ADDER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from sopspy.errors import OutputError
from sopspy.files import atomic, inplace
done = 0
while done < {_TURNS}:
    before = atomic.read(sys.argv[1])
    try:
        atomic.write_encrypted(sys.argv[1], b"%d" % (int(before) + 1), before)
    except OutputError as err:
        assert "by another process" in err.message, err
    else:
        done += 1
"""


def test_every_change_counts(tmp_path: Path) -> None:
    (tmp_path / "counter").write_bytes(b"0")
    words = [sys.executable, "-c", _ADDER, str(tmp_path / "counter")]
    writers = [subprocess.Popen(words, stderr=subprocess.PIPE) for _ in range(_WRITERS)]
    assert [writer.communicate()[1] for writer in writers] == [b""] * _WRITERS
    assert (tmp_path / "counter").read_bytes() == b"%d" % (_WRITERS * _TURNS)
    assert os.listdir(tmp_path) == ["counter"]


def test_sweeps_never_take_a_file_that_is_being_written(tmp_path: Path) -> None:
    """Named temporary files, and each writer's first act is to sweep the folder in which the others write."""
    script = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); vars(os).pop('O_TMPFILE', 0)\n"
        "from sopspy.files import atomic, temporary\n"
        f"for turn in range({_TURNS * 4}):\n"
        "    temporary._swept.clear()\n"
        "    atomic.write_plaintext(sys.argv[1], b'x' * 10_000)\n"
    )
    words = [[sys.executable, "-c", script, str(tmp_path / str(number))] for number in range(_WRITERS)]
    writers = [subprocess.Popen(word, stderr=subprocess.PIPE) for word in words]
    assert [writer.communicate()[1] for writer in writers] == [b""] * _WRITERS
    assert sorted(os.listdir(tmp_path)) == [str(number) for number in range(_WRITERS)]

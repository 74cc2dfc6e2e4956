"""Every line of the table through us, beside what real sops does with it."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sopspy.cli import main as program
from tests.lines.table import EDITOR, Line, contents, differs, lines, outcome, prepare, recorded
from tests.support import env

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Perform = Callable[[list[str], dict[str, str]], dict[str, Any]]

LINES = lines()
RECORD = recorded()


@pytest.fixture
def perform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Perform:
    """Runs us in this process, on a stage of its own."""
    folder, home = tmp_path / "folder", tmp_path / "home"
    folder.mkdir()
    prepare(folder, home)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))

    def run(words: list[str], environ: dict[str, str]) -> dict[str, Any]:
        before = contents(folder)
        whole = {**env.scrubbed(home), "EDITOR": EDITOR.replace("$HOME", str(home)), "PWD": str(folder), **environ}
        code = program.main(words, whole)
        out = capfdbinary.readouterr().out
        return outcome(code, b"" if out.startswith(b"Usage:") else out, folder, before)

    return run


def test_the_record_is_of_these_lines() -> None:
    assert list(RECORD) == [line.id for line in LINES]


@pytest.mark.parametrize("line", LINES, ids=[line.id for line in LINES])
def test_a_line(line: Line, perform: Perform) -> None:
    check(line, perform(line.words, line.environ))


MOVED = [line for line in LINES if line.moved]


@pytest.mark.parametrize("line", MOVED, ids=[line.id for line in MOVED])
def test_flags_behind_the_file_do_the_same(line: Line, perform: Perform) -> None:
    assert line.moved
    check(line, perform(line.moved, line.environ))


def check(line: Line, ours: dict[str, Any]) -> None:
    """Both do the same. Where a line has two mistakes, either may be the one that is found first."""
    theirs = differs(line, RECORD[line.id])
    if line.mixed and theirs["exit"] and ours["exit"]:
        theirs = {**theirs, "exit": ours["exit"]}
    assert ours == theirs

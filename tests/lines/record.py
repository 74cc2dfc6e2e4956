"""Writes what real sops 3.13.2 does with every line: `python -m tests.lines.record PROGRAM`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.lines.table import EDITOR, RECORD, REFERENCE, Line, contents, lines, outcome, prepare
from tests.support import env
from tests.support.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Sequence


def perform(program: Sequence[str], words: list[str], environ: dict[str, str]) -> dict[str, Any]:
    """Run a program on a stage of its own; what came of it."""
    with tempfile.TemporaryDirectory() as where:
        folder, home = Path(where, "folder"), Path(where, "home")
        folder.mkdir()
        prepare(folder, home)
        before = contents(folder)
        whole = {**env.scrubbed(home), "EDITOR": EDITOR.replace("$HOME", str(home)), "PWD": str(folder), **environ}
        try:
            done = subprocess.run(
                [*program, *words], cwd=folder, env=whole, capture_output=True, stdin=subprocess.DEVNULL, timeout=3
            )
        except subprocess.TimeoutExpired:  # an edit that asks the closed standard input for ever
            return {"exit": None}
        usage = b"USAGE:" in done.stdout
        return outcome(done.returncode, b"" if usage else done.stdout, folder, before)


def row(program: str, line: Line) -> str:
    """One row of the record."""
    return json.dumps({"line": line.id, "sops": perform([program], line.words, line.environ)})


def main(program: str) -> None:
    """Record every line, those in which the editor's question is never answered as ending in no exit code."""
    with tempfile.TemporaryDirectory() as folder:
        version = Peer(program, Path(folder)).version()
    if version != REFERENCE:
        raise SystemExit(f"the record is of sops {REFERENCE}, not {version}")
    RECORD.write_text("".join(f"{row(program, line)}\n" for line in lines()))


if __name__ == "__main__":
    main(sys.argv[1])

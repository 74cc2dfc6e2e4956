"""A place for edits: the library's `edit` on a real terminal, a home, and a folder in memory for the private folder."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SECRET = "correct-horse-battery"

EDIT = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from sopspy.errors import ParseError, SopsError
from sopspy.files import editor
def check(text):
    if b"broken" in text:
        raise ParseError("not a mapping", line=2)
    return text
print("pid", os.getpid(), flush=True)
try:
    result = editor.edit("db.yaml", b"password: {SECRET}\\nb: 2\\n", check, os.environ)
except SopsError as err:
    print(type(err).__name__, err.exit_code, err.message, sep="|")
else:
    print("result", result)
"""


class Desk:
    """A home, a place for the private folder, and the terminal on which the edit runs."""

    def __init__(self, memory: Path, home: Path) -> None:
        self.memory = memory
        self.home = home
        home.mkdir()

    def environ(self, editor: str) -> dict[str, str]:
        places = {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.memory), "TMPDIR": str(self.memory)}
        return {"PATH": os.environ["PATH"], "TERM": "xterm", "EDITOR": editor, **places}

    def script(self, body: str) -> str:
        path = self.home / "editor"
        path.write_text(f'#!/bin/sh\nf="$1"\n{body}\n')
        path.chmod(0o755)
        return str(path)

    def terminal(self, editor: str, **more: str) -> pexpect.spawn:
        environ = {**self.environ(editor), **more}
        spawn = pexpect.spawn(sys.executable, ["-c", EDIT], env=environ, encoding="utf-8", timeout=20)
        spawn.expect(r"pid (\d+)")
        return spawn

    def left(self) -> list[Path]:
        """Every file at home or in the private folder's place that holds the secret."""
        files = [path for base in (self.memory, self.home) for path in base.rglob("*") if path.is_file()]
        return [path for path in files if SECRET.encode() in path.read_bytes()]


@contextmanager
def desk_at(tmp_path: Path) -> Iterator[Desk]:
    """A desk with its folder in memory, if the system has one."""
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    memory = Path(tempfile.mkdtemp(prefix="sopspy-test-", dir=base))
    try:
        yield Desk(memory, tmp_path / "home")
    finally:
        shutil.rmtree(memory)

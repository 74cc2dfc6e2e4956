"""sopspy as a program, and the peer beside it, in one folder and one environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import env
from tests.support.peer import program

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
OURS = (sys.executable, "-m", "sopspy")


class Programs:
    """Both programs. `extra` are variables of the service; no age identity is at hand unless they name one."""

    def __init__(self, folder: Path, extra: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = env.scrubbed(folder)
        del self.environ["SOPS_AGE_KEY"]
        self.environ |= {"PYTHONPATH": str(ROOT), **extra}

    def ours(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run sopspy."""
        return self._run(OURS, words)

    def theirs(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the real sops."""
        return self._run((program(),), words)

    def put(self, name: str, text: str) -> None:
        """Write a file."""
        (self.folder / name).write_text(text)

    def read(self, name: str) -> str:
        """Read a file."""
        return (self.folder / name).read_text()

    def _run(self, command: tuple[str, ...], words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *words], cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=120
        )

"""The programs that call the plugins, as `make test` installs them under `.tools`, and how to call them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import env

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools" / "bin"
PLUGIN = Path(sys.executable).with_name("sopspy-krm")
SOPSPY = Path(sys.executable).with_name("sopspy")


def tool(name: str) -> str:
    """The path of a program; `make tools` says how it comes there."""
    path = TOOLS / name
    assert path.exists(), f"{name} is missing: make tools"
    return str(path)


def environ(home: Path, *folders: Path, **more: str) -> dict[str, str]:
    """An environment with the key age1, and `folders` first on PATH."""
    made = env.scrubbed(home)
    made["PATH"] = os.pathsep.join([*map(str, folders), made["PATH"]])
    return {**made, **more}


def run(words: list[str], environ: dict[str, str], folder: Path, input: str = "") -> subprocess.CompletedProcess[str]:
    """A program's outcome; it gets 60 seconds."""
    return subprocess.run(
        words, env=environ, cwd=folder, input=input, capture_output=True, text=True, timeout=60, check=False
    )

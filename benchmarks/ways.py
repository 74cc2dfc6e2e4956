"""Installations of this project, each made as a user would: by pip, by uv, and into images that compile nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PIP = ("-m", "pip", "install", "-q", "--disable-pip-version-check")


def all_of(folder: Path) -> list[tuple[str, list[str], dict[str, str]]]:
    """Title, program and variables on top of each way. The packages come from the index."""
    by_pip, by_uv, image, bare = (folder / name for name in ("pip", "uv", "image", "bare"))
    subprocess.run([sys.executable, "-m", "venv", by_pip], check=True)
    python = str(by_pip / "bin" / "python")
    subprocess.run([python, *PIP, "pip==26.3"], check=True)
    subprocess.run([python, *PIP, "uv", PROJECT], check=True)
    uv = str(by_pip / "bin" / "uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, by_uv], check=True)
    subprocess.run(
        [uv, "pip", "install", "-q", "--compile-bytecode", "--python", by_uv / "bin" / "python", PROJECT], check=True
    )
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, image], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", image / "bin" / "python", PROJECT], check=True)
    shutil.copytree(by_uv, bare, symlinks=True)
    for cache in list(bare.rglob("__pycache__")):
        shutil.rmtree(cache)
    no_bytecode = {"PYTHONDONTWRITEBYTECODE": "1"}
    alone = str(by_uv / "bin" / "python")
    return [
        ("script by pip", [str(by_pip / "bin" / "sopspy")], {}),
        ("script by uv", [str(by_uv / "bin" / "sopspy")], {}),
        ("python -m sopspy", [alone, "-m", "sopspy"], {}),
        ("python -I -m sopspy", [alone, "-I", "-m", "sopspy"], {}),
        ("read-only image", [str(image / "bin" / "sopspy")], no_bytecode),
        ("bytecode deleted", [str(bare / "bin" / "python"), str(bare / "bin" / "sopspy")], no_bytecode),
    ]

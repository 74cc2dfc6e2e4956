"""Puts compiled bytecode into the wheel, for read-only images whose installer compiles nothing.

Must not change what runs: each file carries the hash of its source, which the interpreter compares, so that a source
changed after installing is compiled anew. It serves the version of Python that builds the wheel; the others find no
file of their tag and compile as ever.
"""

from __future__ import annotations

import py_compile
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "sopspy"


class BytecodeHook(BuildHookInterface):
    """Compiles every module into a scratch folder and has the wheel take the results."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before the files are gathered. An editable wheel has no sources, and so no bytecode."""
        tag = sys.implementation.cache_tag
        if version == "editable" or tag is None:
            return
        self.scratch = tempfile.TemporaryDirectory()
        root = Path(self.root)
        for source in sorted((root / PACKAGE).rglob("*.py")):
            name = source.relative_to(root)
            target = name.parent / "__pycache__" / f"{name.stem}.{tag}.pyc"
            build_data["force_include"][self._compile(source, name, target)] = target.as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Runs when the wheel is written."""
        scratch = getattr(self, "scratch", None)
        if scratch is not None:
            scratch.cleanup()

    def _compile(self, source: Path, name: Path, target: Path) -> str:
        """Compile one module; the path of the result, which names the module but no folder of this machine."""
        made = Path(self.scratch.name) / target
        made.parent.mkdir(parents=True, exist_ok=True)
        py_compile.compile(
            str(source),
            cfile=str(made),
            dfile=name.as_posix(),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
        )
        return str(made)

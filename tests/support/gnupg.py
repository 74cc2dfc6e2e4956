"""A throw-away GnuPG home with the two key pairs of `vectors/keys`."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

from tests.support import env

if TYPE_CHECKING:
    from types import TracebackType


class Home:
    """Its path is short, because the agent's socket in it has to fit into 108 bytes. Ends its agent on leaving.

    Attributes:
        fingerprints: of the two keys.
    """

    def __init__(self, *, secret: bool = True) -> None:
        self.path = tempfile.mkdtemp(prefix="g", dir="/tmp")
        self._gpg("--import", str(env.KEYS / ("pgp-private.asc" if secret else "pgp-public.asc")))
        listed = self._gpg("--with-colons", "--list-keys").decode().splitlines()
        firsts = [after for before, after in itertools.pairwise(listed) if before.startswith("pub:")]
        self.fingerprints = [line.split(":")[9] for line in firsts]
        self.subkeys = [
            after.split(":")[9] for before, after in itertools.pairwise(listed) if before.startswith("sub:")
        ]

    def environ(self, **more: str) -> dict[str, str]:
        """An environment that has this home and no other key."""
        return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GNUPGHOME": self.path, **more}

    def _gpg(self, *words: str) -> bytes:
        return subprocess.run(
            ["gpg", "--batch", "--quiet", *words], env=self.environ(), check=True, capture_output=True
        ).stdout

    def __enter__(self) -> Home:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        subprocess.run(["gpgconf", "--kill", "all"], env=self.environ(), check=False, capture_output=True)
        shutil.rmtree(self.path, ignore_errors=True)

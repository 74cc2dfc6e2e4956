"""Where the test material stands, and an environment without anything of the person who runs the tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TESTS = Path(__file__).resolve().parents[1]
VECTORS = TESTS / "vectors"
KEYS = VECTORS / "keys"
CORPUS = TESTS / "corpus"
GRAMMAR = TESTS / "grammar"

_FOREIGN = ("SOPS_", "AWS_", "AZURE_", "GOOGLE_", "VAULT_", "HUAWEICLOUD_", "GNUPG", "XDG_", "GIT_")


def recipient(name: str = "age1") -> str:
    """The public half of a throw-away age key of `vectors/keys`."""
    marker = "# public key: "
    for line in (KEYS / f"{name}.txt").read_text().splitlines():
        if line.startswith(marker):
            return line[len(marker) :]
    raise LookupError(name)


def identity(name: str = "age1") -> str:
    """The secret half of a throw-away age key of `vectors/keys`."""
    for line in (KEYS / f"{name}.txt").read_text().splitlines():
        if line.startswith("AGE-SECRET-KEY-"):
            return line
    raise LookupError(name)


def scrubbed(home: str | Path, *keys: str) -> dict[str, str]:
    """An environment whose HOME is `home` and that holds the identities of `keys` (by default `age1`) only."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    kept.pop("EDITOR", None)
    kept.pop("VISUAL", None)
    kept["HOME"] = str(home)
    kept["SOPS_AGE_KEY"] = "\n".join(identity(key) for key in keys or ("age1",))
    kept["SOPS_DISABLE_VERSION_CHECK"] = "1"
    return kept


def foreign(environ: Mapping[str, str]) -> list[str]:
    """The names of variables that could let a test depend on who runs it."""
    return [name for name in environ if name.startswith(_FOREIGN)]
